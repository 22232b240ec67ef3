#pragma once
// Where a backup's databases go: files of the data directory, or PostgreSQL.

#include "config/settings.hpp"
#include "net/cli/backup_folder.hpp"

namespace stoa::cli {

/// Copies the services' files into the data directory, which this process holds. With `force` a
/// store that is there is moved aside first, with its keys when they are another store's. Throws
/// std::runtime_error: a store is there and `force` is not set; the disk is full.
void restore_files(const settings& s, const std::filesystem::path& dir, const backup_manifest& m,
                   bool force);

/// Fills the services' databases, which are created or must be empty: all of them are looked at
/// before the first is filled. Throws std::runtime_error.
void restore_postgres(const settings& s, const std::filesystem::path& dir,
                      const backup_manifest& m);

}  // namespace stoa::cli
