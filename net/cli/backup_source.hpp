#pragma once
// What a backup copies: one source per database, all snapshots as of the same point in time.

#include "config/settings.hpp"
#include "net/cli/backup_folder.hpp"
#include "storage/db/cut.hpp"

#include <memory>

namespace stoa::cli {

class backup_source {
 public:
  virtual ~backup_source() = default;
  virtual db::cut_member& member() = 0;
  /// Estimated size of the copy, in bytes; 0: unknown.
  virtual std::uint64_t bytes() const = 0;
  /// Writes the snapshot into the folder, verifies the copy, and fills in the part. Throws
  /// std::runtime_error.
  virtual backup_part write(const std::filesystem::path& folder) = 0;
  virtual const std::string& name() const = 0;
};

struct copy_limits {
  std::uint64_t bytes_per_second = 0;  ///< of SQLite files
};

/// The databases of all services that the settings name, and the sandbox gateway's ledger if it
/// exists. Each service's database must carry `store_id`. Throws std::runtime_error when a database
/// is missing or unreachable.
std::vector<std::unique_ptr<backup_source>> backup_sources(const settings& s,
                                                           const std::string& store_id,
                                                           const copy_limits& limits);

}  // namespace stoa::cli
