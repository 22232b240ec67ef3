#include "net/cli/store_folder.hpp"

#include "config/log.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/have.hpp"
#include "net/token/access_token.hpp"

#include <algorithm>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

/// Removes other users' permissions that earlier versions left on files owned by this user.
bool close_to_others(const fs::path& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0 || about.st_uid != ::geteuid()) return false;
  if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) return false;
  if ((about.st_mode & 077U) == 0) return false;
  return ::chmod(path.c_str(), about.st_mode & 0700U) == 0;
}

/// The store's databases and folders in the data directory. Folders that the settings place
/// elsewhere may be shared on purpose and keep their mode.
void close_parts(const settings& s, const store_view& v) {
  std::size_t closed = 0;
  for (const auto& p : v.parts) {
    if (p.name == "mail") continue;
    for (const char* suffix : {"", "-wal", "-shm"}) {
      closed += close_to_others(p.path.string() + suffix) ? 1U : 0U;
    }
  }
  const fs::path data = s.data.dir;
  for (const char* folder : {"keys", "sandbox", "mail"}) {
    closed += close_to_others(data / folder) ? 1U : 0U;
  }
  if (closed > 0) {
    log::info("removed other users' permissions on files of the store",
              {{"data", s.data.dir}, {"files", closed}});
  }
}

}  // namespace

void create_private_files() {
  ::umask(077);
}

std::string store_error_text(const settings& s, const std::vector<std::string>& problems) {
  std::string text =
      "the store in " + s.data.dir + " is incomplete or inconsistent; nothing was changed:";
  for (const auto& p : problems) text += "\n  " + p;
  return text +
         "\nRestore these files from the same backup as the others, or run "
         "`stoa store adopt --accept-loss` to continue without their data.";
}

store_folder::store_folder(const settings& s) : lock_(s.data.dir), settings_(s) {
  const auto view = inspect_store(s);
  if (const auto problems = problems_of(view); !problems.empty()) {
    throw std::runtime_error(store_error_text(s, problems));
  }
  create_private_files();
  close_parts(s, view);
  for (const auto& p : view.parts) all_.push_back(p.name);
  const auto keys = keys_dir_of(s);
  const auto secret = have(token::load_or_create_secret(keys), "the server's secret");
  const auto key = have(token::token_keys::load_or_create(keys), "the token key");
  if (view.record) record_ = *view.record;
  const bool is_known = view.record && record_.token_key_id == key.key_ids().front();
  record_.store_id = token::store_id_of(secret);
  record_.token_key_id = key.key_ids().front();
  // Shared databases are compared with the secret when they are opened; record nothing before that.
  if (is_known || s.data.store != "sqlite") return;
  for (const auto& p : view.parts) {
    if (!view.record && p.state == part_state::unmarked) record_.unmarked.push_back(p.name);
  }
  write_record(record_of(s), record_);
  if (record_.unmarked.empty()) return;
  log::info("registered a store of an earlier version",
            {{"data", s.data.dir}, {"store_id", record_.store_id}});
}

void store_folder::add_parts(const std::vector<std::string>& names) {
  const auto before = record_.parts.size();
  for (const auto& name : names) {
    if (std::ranges::find(record_.parts, name) == record_.parts.end()) {
      record_.parts.push_back(name);
    }
  }
  const auto marked = std::erase_if(record_.unmarked, [&](const auto& name) {
    return std::ranges::find(names, name) != names.end();
  });
  if (record_.parts.size() != before || marked > 0) write_record(record_of(settings_), record_);
}

void store_folder::complete() {
  if (std::ranges::find(all_, "mail") != all_.end()) mark_mail(settings_, store_id());
  add_parts(all_);
}

}  // namespace stoa::cli
