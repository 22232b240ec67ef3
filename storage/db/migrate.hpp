#pragma once
// Numbered, append-only migrations: storage/<service>/migrations/<dialect>/NNNN_name.sql, compiled
// in.
//
// For who writes one: in a cluster the version before goes on running on the new schema, so that a
// migration may add (a table, an index, a column that is nullable or has a default) but must not
// rename, drop or narrow what that version reads or writes; a column goes in the release after the
// one that stopped using it. On PostgreSQL it must not rewrite a table, as a volatile default, a
// generated column, another type and TRUNCATE do: to a transaction that began before, the table is
// then empty, so that an event for one of its rows is taken for one that needs nothing. Keep the
// time short for which a table is locked: a new CHECK scans the table (add it as NOT VALID and
// validate it in a migration of its own). A migration is one transaction, so that CREATE INDEX
// CONCURRENTLY cannot stand in it; and it must not use COPY.

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

/// Applies what is missing of the modules, in order, one transaction each; returns how many.
/// Several nodes may do so at once: each migration is applied by one of them. Throws
/// error(programming) when an applied migration differs from the file, or is unknown to this
/// program (a newer version has been here); on PostgreSQL those above the newest known one are
/// accepted with a warning.
int migrate(connection& c, std::string_view dialect, std::span<const std::string_view> modules);

/// For who only reads: throws error(programming) when a migration of the module is not applied yet,
/// and as migrate() when one is unknown to this program. Changes nothing.
void check_migrated(connection& c, std::string_view module);

}  // namespace stoa::db
