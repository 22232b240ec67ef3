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

/// Takes the rights of others away from what earlier versions left open, if it is this user's.
bool close_to_others(const fs::path& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0 || about.st_uid != ::geteuid()) return false;
  if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) return false;
  if ((about.st_mode & 077U) == 0) return false;
  return ::chmod(path.c_str(), about.st_mode & 0700U) == 0;
}

/// The databases and the folders of the data directory. One that the settings put elsewhere may be
/// shared with other programs on purpose, and keeps its mode.
void close_parts(const settings& s, const store_view& v) {
  std::size_t closed = 0;
  for (const auto& p : v.parts) {
    if (p.name == "mail") continue;
    for (const char* suffix : {"", "-wal", "-shm"}) {
      closed += close_to_others(p.path.string() + suffix) ? 1U : 0U;
    }
  }
  const fs::path data = s.data.dir;
  for (const char* folder : {"keys", "sandbox", "mail", "mail/tmp", "mail/new", "mail/cur"}) {
    closed += close_to_others(data / folder) ? 1U : 0U;
  }
  if (closed > 0) {
    log::info("files of the store closed to other users",
              {{"data", s.data.dir}, {"files", closed}});
  }
}

}  // namespace

void create_private_files() {
  ::umask(077);
}

std::string store_refusal(const settings& s, const std::vector<std::string>& problems) {
  std::string text = "the store in " + s.data.dir + " is not whole; nothing was changed:";
  for (const auto& p : problems) text += "\n  " + p;
  return text +
         "\nRestore these files from the same backup as the others, or run "
         "`stoa store adopt --accept-loss` to go on without what they held.";
}

store_folder::store_folder(const settings& s) : lock_(s.data.dir), settings_(s) {
  const auto view = look_at_store(s);
  if (const auto problems = problems_of(view); !problems.empty()) {
    throw std::runtime_error(store_refusal(s, problems));
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
  // What is in shared databases is compared with the secret only when they are opened: until then
  // nothing is recorded.
  if (is_known || s.data.store != "sqlite") return;
  for (const auto& p : view.parts) {
    if (!view.record && p.state == part_state::unmarked) record_.unmarked.push_back(p.name);
  }
  write_record(record_of(s), record_);
  if (record_.unmarked.empty()) return;
  log::info("store of an earlier version registered",
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
