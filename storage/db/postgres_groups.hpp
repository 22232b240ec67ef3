#pragma once
// Combines many statements of one record operation into a single statement over arrays, so that a
// batch takes few statements instead of some per record. Internal to the driver.
//
// A grouped statement has the same effect as the single statements, with one exception: unique
// values that move between records may conflict temporarily. Therefore statements that failed in a
// group are sent singly and in the given order the next time, and callers retry a batch after such
// a conflict.

#include "storage/db/value.hpp"

#include <libpq-fe.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stoa::db {

/// The types of a statement's parameters, inferred by the server.
using postgres_types = std::vector<Oid>;

/// Indices of statements that can be combined, in sending order.
using statement_groups = std::vector<std::vector<std::size_t>>;
using is_groupable = std::function<bool(const statement&)>;

/// Whether a statement is of a kind that can be grouped, once its types are known.
bool can_be_grouped(const statement& one);

/// Groups all groupable statements of one sql at the position of the first.
statement_groups groups_of_reads(std::span<const statement> statements, const is_groupable& ready);
/// Orders adjacent groupable statements on one table: deletes, inserts, updates. Different tables
/// and other statements keep their order.
statement_groups groups_of_writes(std::span<const statement> statements, const is_groupable& ready);

/// One statement for any number of rows, with an array for each parameter. Empty if a type is not
/// a type of record columns.
std::string grouped_text(const record_shape& shape, const postgres_types& types);

/// The arrays in the protocol's binary format. Empty if a value does not match its type; the single
/// statement then returns the server's error.
std::optional<std::vector<std::string>> grouped_values(std::span<const statement> statements,
                                                       const std::vector<std::size_t>& group,
                                                       const postgres_types& types);

/// Assigns the rows of a grouped select to its statements: pairs of a statement's index and a row's
/// number. Two statements may select the same value.
std::vector<std::pair<std::size_t, int>> answered_by(std::span<const statement> statements,
                                                     const std::vector<std::size_t>& group,
                                                     const PGresult& result);

}  // namespace stoa::db
