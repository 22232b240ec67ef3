// `stoa restore`: restores a backup into the store of the settings.

#include "net/cli/backup_folder.hpp"
#include "net/cli/backup_media.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/data_lock.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/restore_target.hpp"
#include "net/cli/store_folder.hpp"
#include "net/cli/subcommands.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

/// Checks the keys before anything is changed. Existing keys are kept, because they may have been
/// rotated since the backup.
void check_keys(const settings& s, const backup_manifest& m, bool may_be_moved) {
  const auto v = inspect_keys(s);
  for (const auto& k : {v.secret, v.token_key}) {
    if (!k.error.empty()) throw std::runtime_error(k.error);
  }
  if (v.secret.is_there && v.secret.id != m.store_id && !may_be_moved) {
    throw std::runtime_error(v.secret.path.string() + ": it belongs to the store " + v.secret.id +
                             ", but the backup is of the store " + m.store_id +
                             ". Move it away first");
  }
  if (m.keys.empty() && (!v.secret.is_there || v.secret.id != m.store_id)) {
    throw std::runtime_error("the backup has no keys: put those of the store into " +
                             keys_dir_of(s).string() + " first");
  }
}

void restore_keys(const settings& s, const fs::path& dir, const backup_manifest& m) {
  const auto to = keys_dir_of(s);
  fs::create_directories(to);
  // With an existing token key, restore none of the backup's: they may have been removed since
  // because they had leaked.
  const bool has_token_keys = fs::exists(to / "token-key.json");
  for (const auto& p : m.keys) {
    const auto name = fs::path(p.file).filename();
    if (fs::exists(to / name)) continue;
    if (has_token_keys && name.string().starts_with("token-key")) continue;
    copy_file_synced(dir / p.file, to / name);
    std::printf("restored   %s\n", (to / name).c_str());
  }
  sync_folder(to);
}

/// True when the store has a ledger afterwards.
bool restore_ledger(const settings& s, const fs::path& dir, const backup_manifest& m) {
  const auto to = ledger_of(s);
  if (fs::exists(to)) {
    // The gateway's records are newer than the backup.
    std::printf("kept       %s\n", to.c_str());
    return true;
  }
  if (!m.ledger) return false;
  fs::create_directories(to.parent_path());
  copy_file_synced(dir / m.ledger->file, to);
  sync_folder(to.parent_path());
  std::printf("restored   %s\n", to.c_str());
  return true;
}

/// Written last: a store that has data but no record is not served.
void record_store(const settings& s, const backup_manifest& m, bool has_ledger) {
  store_record record{m.store_id, inspect_keys(s).token_key.id, {}, {}};
  for (const auto& p : m.services) record.parts.push_back(part_of(p.name));
  if (has_ledger) record.parts.emplace_back("ledger");
  sync_folder(s.data.dir);
  write_record(record_of(s), record);
}

}  // namespace

int run_restore(const settings& s, const restore_options& o) {
  const fs::path dir = o.dir;
  const auto m = read_backup(dir);
  std::printf("%s: the store %s as of %s, by stoa %s; all checksums match\n", dir.c_str(),
              m.store_id.c_str(), m.moment.c_str(), m.program.c_str());
  if (o.check_only) return exit_done;
  if (m.store != s.data.store) {
    throw std::runtime_error("the backup was made with data.store = " + m.store +
                             ", but data.store is " + s.data.store);
  }
  const bool in_files = m.store == "sqlite";
  create_private_files();
  const data_lock lock(s.data.dir);
  // Keys outside the data directory are not moved.
  check_keys(s, m, in_files && o.force && s.auth.keys_dir.empty() && !m.keys.empty());
  if (in_files) {
    restore_files(s, dir, m, o.force);
  } else {
    restore_postgres(s, dir, m);
  }
  restore_keys(s, dir, m);
  const bool has_ledger = restore_ledger(s, dir, m);
  if (m.media && s.media.store == "folder") {
    const auto count = restore_media(s, dir);
    std::printf("restored   %lld uploaded files\n", static_cast<long long>(count));
  } else if (m.media) {
    std::puts("uploaded files are not restored, because media.store is not folder");
  }
  if (in_files) record_store(s, m, has_ledger);
  if (m.cart_store == "redis") {
    std::puts(
        "carts were in Redis and are not part of the backup; flush its database "
        "before the store is served (docs/backup.md)");
  }
  return exit_done;
}

}  // namespace stoa::cli
