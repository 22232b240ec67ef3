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
      "Copy all databases of the store, as they were at one moment, into a new directory.\n"
      "The store may be served meanwhile: writers are held for some milliseconds. The copies are\n"
      "checked; the directory gets its name when all of it is on disk (docs/backup.md).");
  backup->add_option("DIR", backup_.dir, "The directory; it must be new or empty")->required();
  backup->add_flag("--without-keys", backup_.without_keys,
                   "Leave the keys out: restoring then needs them from elsewhere");
  backup
      ->add_option("--mb-per-second", backup_.mb_per_second,
                   "The fastest that SQLite files are copied, so that the server keeps its disk")
      ->check(CLI::Range(std::int64_t{1}, mb_per_second_max))
      ->capture_default_str();
  backup->footer(
      "The mail directory, logs, and carts in Redis are not part of it. PostgreSQL's databases "
      "are\n"
      "copied by pg_dump, which must be in PATH.\n\n"
      "Exit code: 0, or 1 when there is no backup.\n\n"
      "The store is that of the settings, such as --data DIR. `stoa --help` lists all settings.");
  entries_.push_back({backup, [this](const settings& s) { return run_backup(s, backup_); }});

  auto* restore = app.add_subcommand(
      "restore",
      "Make a backup the store of the settings, after its checksums have been compared.\n"
      "A store that is there is not overwritten, and no server may run on it (docs/backup.md).");
  restore->add_option("DIR", restore_.dir, "The backup")->required();
  auto* check = restore->add_flag("--check-only", restore_.check_only,
                                  "Compare the checksums and change nothing");
  restore
      ->add_flag("--force", restore_.force,
                 "Move a store that is in the data directory into replaced-TIME beside it first.\n"
                 "What it holds and the backup does not is no longer in the store")
      ->excludes(check);
  restore->footer(
      "PostgreSQL's databases must be new or empty; pg_restore must be in PATH.\n\n"
      "Exit code: 0, or 1 when nothing was restored.\n\n"
      "The store is that of the settings, such as --data DIR. `stoa --help` lists all settings.");
  entries_.push_back({restore, [this](const settings& s) { return run_restore(s, restore_); }});
}

}  // namespace stoa::cli
