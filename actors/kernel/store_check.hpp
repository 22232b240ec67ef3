#pragma once
// Checks that a service's database belongs to the store whose keys this node has. Free of CAF.

#include "storage/db/database.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace stoa::kernel {

/// The store that a node is configured for.
struct store_membership {
  std::string store_id;               ///< from the server's secret; empty: no checks
  std::vector<std::string> services;  ///< all services of the store
  std::function<std::unique_ptr<db::database>(const std::string& service)> database;
  bool accept_loss = false;  ///< an empty database may replace a lost one
};

/// Checks the service's migrated database and registers it with its store. A new database is
/// compared with those of the other services: if one of them has a record of this service, the
/// database has been lost and replaced by an empty one. Throws db::error(programming) with the
/// remedy when the database belongs to another store or has been replaced; if the database may lose
/// its data, throws unavailable with the constraint `data_lost` for the latter.
/// Returns true when it replaces a lost database, which the store accepts.
bool check_membership(const store_membership& store, const std::string& service,
                      db::database& database, db::connection& c);

/// Compares the settings that must be equal on all nodes of the store with those stored in the
/// service's database, and stores missing ones. Throws db::error(programming) with those that
/// differ.
void check_settings(const std::map<std::string, std::string>& own, const db::database& database,
                    db::connection& c);

}  // namespace stoa::kernel
