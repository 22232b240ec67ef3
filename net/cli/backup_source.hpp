#pragma once
// What a backup copies: a database each, kept as of one moment together with the others.

#include "config/settings.hpp"
#include "net/cli/backup_folder.hpp"
#include "storage/db/cut.hpp"

#include <memory>

namespace stoa::cli {

class backup_source {
 public:
  virtual ~backup_source() = default;
  virtual db::cut_member& member() = 0;
  /// Size of what is copied, as far as it is known before; of the state that is kept.
  virtual std::uint64_t bytes() const = 0;
  /// Writes the state that is kept into the folder, checks the copy, and fills in the part. Throws
  /// std::runtime_error.
  virtual backup_part write(const std::filesystem::path& folder) = 0;
  virtual const std::string& name() const = 0;
};

struct copy_limits {
  std::uint64_t bytes_per_second = 0;  ///< of SQLite files
};

/// The databases of all services that the settings name, and the sandbox gateway's ledger, if it is
/// there. `store_id`: what each service's database must carry. Throws std::runtime_error: a
/// database is missing, or cannot be reached.
std::vector<std::unique_ptr<backup_source>> backup_sources(const settings& s,
                                                           const std::string& store_id,
                                                           const copy_limits& limits);

}  // namespace stoa::cli
