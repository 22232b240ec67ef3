// The command lines of `stoa backup` and `stoa restore`.

#include "net/cli/subcommands.hpp"

#include <CLI/CLI.hpp>

namespace stoa::cli {

namespace {

constexpr std::int64_t mb_per_second_max = 100'000;

}  // namespace

void subcommands::add_backup(CLI::App& app) {
  auto* backup = app.add_subcommand(
      "backup",
      "Copy all databases of the store, as of one point in time, into a new directory.\n"
      "The store may be served meanwhile; writers are paused for a few milliseconds. The copies\n"
      "are verified. The directory gets its name when everything is on disk (docs/backup.md).");
  backup->add_option("DIR", backup_.dir, "Target directory; it must be new or empty")->required();
  backup->add_flag("--without-keys", backup_.without_keys,
                   "Exclude the keys; a restore then needs them from another source");
  backup
      ->add_option("--mb-per-second", backup_.mb_per_second,
                   "Maximum copy rate of SQLite files, to leave disk bandwidth to the server")
      ->check(CLI::Range(std::int64_t{1}, mb_per_second_max))
      ->capture_default_str();
  backup->footer(
      "The mail folder, logs, and carts in Redis are not included. PostgreSQL databases are\n"
      "copied by pg_dump, which must be in PATH.\n\n"
      "Exit code: 0, or 1 when the backup failed.\n\n"
      "The settings, such as --data DIR, select the store. `stoa --help` lists all settings.");
  entries_.push_back({backup, [this](const settings& s) { return run_backup(s, backup_); }});

  auto* restore = app.add_subcommand(
      "restore",
      "Restore a backup into the store of the settings, after verifying its checksums.\n"
      "An existing store is not overwritten, and no server may run on it (docs/backup.md).");
  restore->add_option("DIR", restore_.dir, "Backup directory")->required();
  auto* check = restore->add_flag("--check-only", restore_.check_only,
                                  "Verify the checksums and change nothing");
  restore
      ->add_flag(
          "--force", restore_.force,
          "Move an existing store in the data directory into replaced-TIME beside it first.\n"
          "Data that the backup does not contain is then no longer in the store")
      ->excludes(check);
  restore->footer(
      "PostgreSQL databases must be new or empty; pg_restore must be in PATH.\n\n"
      "Exit code: 0, or 1 when nothing was restored.\n\n"
      "The settings, such as --data DIR, select the store. `stoa --help` lists all settings.");
  entries_.push_back({restore, [this](const settings& s) { return run_restore(s, restore_); }});
}

}  // namespace stoa::cli
