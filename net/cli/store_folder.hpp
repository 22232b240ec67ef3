#pragma once
// The data directory: locked by this process, closed to other users, and checked to be complete and
// of one store.

#include "net/cli/data_lock.hpp"
#include "net/cli/store_parts.hpp"
#include "net/token/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::cli {

class store_folder {
 public:
  /// Takes the lock, checks all parts before opening any, and creates the keys and the record of a
  /// new store. Sets the umask so that new files have mode 0600. Throws std::runtime_error: another
  /// process holds the directory; or the store is not complete, listing each file that is missing,
  /// damaged or another store's. Nothing is changed then.
  explicit store_folder(const settings& s);

  /// From the server's secret; stored in every part.
  const std::string& store_id() const { return record_.store_id; }
  /// Records parts that exist and contain the store's id. The store is no longer opened without
  /// them. Throws std::runtime_error when they cannot be recorded.
  void add_parts(const std::vector<std::string>& names);
  /// Records that all parts of the settings exist and that shared databases belong to the store.
  void complete();

 private:
  data_lock lock_;
  const settings& settings_;
  store_record record_;
  std::vector<std::string> all_;  ///< names of the parts that belong to the settings
};

/// Makes files that this process creates readable by its user only.
void create_private_files();

/// Formats problems_of() with the recommended action.
std::string store_error_text(const settings& s, const std::vector<std::string>& problems);

}  // namespace stoa::cli
