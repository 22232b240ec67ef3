#pragma once
// Whether a service's database belongs to the store whose keys this node has. Free of CAF.

#include "storage/db/database.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace stoa::kernel {

/// The store as a node knows it.
struct store_membership {
  std::string store_id;               ///< of the server's secret; empty: nothing is checked
  std::vector<std::string> services;  ///< all of the store
  std::function<std::unique_ptr<db::database>(const std::string& service)> database;
  bool accept_loss = false;  ///< an empty database takes the place of one that was lost
};

/// Checks the service's database, brought up to date, and registers it with its store. A new one is
/// compared with those of the other services: where one of them has seen this service before, the
/// database has been lost and replaced by an empty one. Throws db::error(programming) with what to
/// do when it belongs to another store or has been replaced; where the database may lose its data,
/// unavailable with the constraint `data_lost` for the latter.
/// True when it has taken the place of one that was lost, which the store accepts.
bool check_membership(const store_membership& store, const std::string& service,
                      db::database& database, db::connection& c);

/// Compares the settings that all nodes of the store have in common with those that the service's
/// database knows, and adds those that it does not know. Throws db::error(programming) with the
/// ones that differ.
void check_settings(const std::map<std::string, std::string>& own, const db::database& database,
                    db::connection& c);

}  // namespace stoa::kernel
