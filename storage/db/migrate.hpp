#pragma once
// Numbered, append-only migrations: storage/<service>/migrations/<dialect>/NNNN_name.sql, compiled
// in.
//
// Rules for migrations: in a cluster the previous version continues to run on the new schema. A
// migration may add a table, an index, or a column that is nullable or has a default, but must not
// rename, drop or narrow what the previous version reads or writes; drop a column in the release
// after the one that stopped using it. On PostgreSQL it must not rewrite a table (volatile default,
// generated column, change of type, TRUNCATE): a transaction that began earlier then sees the table
// as empty and may ignore an event for one of its rows. Keep table locks short: a new CHECK scans
// the table, so add it as NOT VALID and validate it in a separate migration. A migration is one
// transaction and cannot contain CREATE INDEX CONCURRENTLY; it must not use COPY.

#include "storage/db/connection.hpp"

#include <vector>

namespace stoa::db {

struct migration {
  std::string_view module;   ///< "kernel" or the service's name
  std::string_view dialect;  ///< "sqlite" or "postgres"
  int number;
  std::string_view name;
  std::string_view text;
};

/// All migrations of the program, generated from the .sql files at build time.
std::span<const migration> all_migrations();

/// Applies the missing migrations of the modules, in order, one transaction each; returns how many.
/// Several nodes may do so concurrently: each migration is applied by one of them. Throws
/// error(programming) if an applied migration differs from the file or is unknown to this program;
/// on PostgreSQL those above the newest known one are accepted with a warning.
int migrate(connection& c, std::string_view dialect, std::span<const std::string_view> modules);

/// For programs that only read: throws error(programming) if a migration of the module is not
/// applied, and like migrate() if one is unknown. Changes nothing.
void check_migrated(connection& c, std::string_view module);

}  // namespace stoa::db
