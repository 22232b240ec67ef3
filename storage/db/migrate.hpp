#pragma once
// Numbered, append-only migrations: storage/<service>/migrations/<dialect>/NNNN_name.sql, compiled
// in.

#include "storage/db/connection.hpp"

#include <vector>

namespace stoa::db {

struct migration {
  std::string_view module;   ///< "kernel" or the service's name
  std::string_view dialect;  ///< "sqlite"
  int number;
  std::string_view name;
  std::string_view text;
};

/// All migrations of the program, generated from the .sql files at build time.
std::span<const migration> all_migrations();

/// Applies what is missing of the modules, in order, one transaction each; returns how many.
/// Throws error(programming) when an applied migration is unknown to this program (a newer version
/// has been here) or differs from the file.
int migrate(connection& c, std::string_view dialect, std::span<const std::string_view> modules);

}  // namespace stoa::db
