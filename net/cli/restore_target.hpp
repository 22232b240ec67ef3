#pragma once
// Where a backup is restored to: files in the data directory, or PostgreSQL databases.

#include "config/settings.hpp"
#include "net/cli/backup_folder.hpp"

namespace stoa::cli {

/// Copies the services' files into the data directory, which this process has locked. With `force`
/// first moves an existing store aside, with its keys if they are another store's. Throws
/// std::runtime_error: a store exists and `force` is not set; the disk is full.
void restore_files(const settings& s, const std::filesystem::path& dir, const backup_manifest& m,
                   bool force);

/// Fills the services' databases. Creates missing ones; existing ones must be empty, which is
/// checked before the first is filled. Throws std::runtime_error.
void restore_postgres(const settings& s, const std::filesystem::path& dir,
                      const backup_manifest& m);

}  // namespace stoa::cli
