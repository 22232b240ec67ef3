#pragma once
// The data directory, held by this process alone, closed to other users, and checked: its parts are
// one store's, and none that the store has had is missing.

#include "net/cli/data_lock.hpp"
#include "net/cli/store_parts.hpp"
#include "net/token/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::cli {

class store_folder {
 public:
  /// Takes the lock, looks at the parts before anything of them is opened, and creates the keys and
  /// the record of a new store. From now on the process creates files with mode 0600. Throws
  /// std::runtime_error: another process has the directory; or the store is not whole, with each
  /// file that is missing, damaged or another store's, and nothing was changed then.
  explicit store_folder(const settings& s);

  /// Of the server's secret; goes into every part of the store.
  const std::string& store_id() const { return record_.store_id; }
  /// These are there now, with the store's id in them: from now on the store is not opened without
  /// them. Throws std::runtime_error when that cannot be recorded.
  void add_parts(const std::vector<std::string>& names);
  /// All that belongs to the settings is there now, and shared databases are the store's.
  void complete();

 private:
  data_lock lock_;
  const settings& settings_;
  store_record record_;
  std::vector<std::string> all_;  ///< names of the parts that belong to the settings
};

/// Files that this process creates from now on are its user's alone.
void create_private_files();

/// The text of problems_of() with what to do about them.
std::string store_refusal(const settings& s, const std::vector<std::string>& problems);

}  // namespace stoa::cli
