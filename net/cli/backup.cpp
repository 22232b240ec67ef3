// `stoa backup`: copies all databases as of one point in time, while the store may be served.

#include "net/cli/backup_folder.hpp"
#include "net/cli/backup_media.hpp"
#include "net/cli/backup_source.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/progress.hpp"
#include "net/cli/store_folder.hpp"
#include "net/cli/subcommands.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <unistd.h>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* keys_folder = "keys";
constexpr int niceness = 5;
constexpr std::uint64_t bytes_per_mb = 1'000'000;

/// The store's secret and token key, which must be present and valid.
store_view good_keys(const settings& s) {
  auto v = inspect_keys(s);
  if (!v.record_error.empty()) {
    throw std::runtime_error(v.record_path.string() + ": " + v.record_error);
  }
  for (const auto& k : {v.secret, v.token_key}) {
    if (!k.error.empty()) throw std::runtime_error(k.error);
    if (!k.is_there) throw std::runtime_error(k.path.string() + ": it is missing");
  }
  return v;
}

void copy_keys(const settings& s, const fs::path& folder, backup_manifest& m) {
  fs::create_directory(folder / keys_folder);
  for (const auto& entry : fs::directory_iterator(keys_dir_of(s))) {
    // Kubernetes mounts a secret's files as links into a hidden directory.
    const auto name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.find(".part-") != std::string::npos) continue;
    const auto file = std::string(keys_folder) + "/" + name;
    copy_file_synced(entry.path(), folder / file);
    m.keys.push_back({name, file, static_cast<std::int64_t>(fs::file_size(folder / file)), {}});
  }
  std::ranges::sort(m.keys, {}, &backup_part::name);
}

using sources = std::vector<std::unique_ptr<backup_source>>;

void require_space(const sources& all, std::uint64_t media, const fs::path& folder) {
  std::uint64_t needed = media;
  for (const auto& one : all) needed += one->bytes();
  const auto free = fs::space(folder).available;
  if (needed <= free) return;
  throw std::runtime_error(folder.string() + ": only " + megabytes(free) + " free on the disk, " +
                           megabytes(needed) + " required");
}

void write_all(sources& all, const fs::path& folder, backup_manifest& m) {
  for (auto& one : all) {
    const auto part = one->write(folder);
    one.reset();
    std::printf("%-20s %s\n", part.file.c_str(),
                megabytes(static_cast<std::uint64_t>(part.bytes)).c_str());
    std::fflush(stdout);
    if (part.partitions) {
      m.services.push_back(part);
    } else {
      m.ledger = part;
    }
  }
}

void say_done(const settings& s, const fs::path& dir, const backup_manifest& m) {
  std::printf("%s: the store %s as of %s; writers were paused for %.1f ms\n", dir.c_str(),
              m.store_id.c_str(), m.moment.c_str(), static_cast<double>(m.held_us) / 1000);
  if (s.media.store == "s3") {
    std::puts("uploaded images are in a bucket, which is not part of the backup");
  }
  if (m.keys.empty()) {
    std::puts("without keys: restoring requires the server's secret and the token key");
  } else {
    std::puts("with keys: anyone who can read this backup can issue access tokens for the store");
  }
}

}  // namespace

int run_backup(const settings& s, const backup_options& o) {
  create_private_files();
  const auto view = good_keys(s);
  auto all = backup_sources(s, view.secret.id,
                            {static_cast<std::uint64_t>(o.mb_per_second) * bytes_per_mb});
  unfinished_folder folder(o.dir);
  std::vector<db::cut_member*> members;
  members.reserve(all.size());
  for (const auto& one : all) members.push_back(&one->member());
  const auto done = db::cut(members);
  // Writers have resumed: yield CPU time to the server.
  if (::nice(niceness) == -1) errno = 0;
  require_space(all, media_bytes(s), folder.path());
  backup_manifest m;
  m.program = STOA_VERSION;
  m.store = s.data.store;
  m.cart_store = s.cart.store == "redis" ? "redis" : s.data.store;
  m.store_id = view.secret.id;
  m.token_key_id = view.token_key.id;
  m.moment = done.moment.str();
  m.held_us = done.held.count();
  write_all(all, folder.path(), m);
  m.media = copy_media(s, folder.path());
  if (!o.without_keys) copy_keys(s, folder.path(), m);
  folder.finish(m);
  say_done(s, o.dir, m);
  return exit_done;
}

}  // namespace stoa::cli
