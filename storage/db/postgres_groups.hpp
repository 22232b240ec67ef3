#pragma once
// Many statements of one record operation as a single statement over arrays: a batch then costs the
// server and libpq a few statements instead of some for each record. Internal to the driver.
//
// Whatever a grouped statement does, the same statements do one after the other, but for one thing:
// unique values that move between records may clash in between. So what has failed is sent one by
// one and in the order given the next time, and callers run a batch again that has met such a
// value.

#include "storage/db/value.hpp"

#include <libpq-fe.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stoa::db {

/// The types of a statement's parameters, as the server has inferred them.
using postgres_types = std::vector<Oid>;

/// Indices of statements that can go as one, in the order in which they must be sent.
using statement_groups = std::vector<std::vector<std::size_t>>;
using is_groupable = std::function<bool(const statement&)>;

/// Whether a statement is of a kind that can be grouped, once its types are known.
bool can_be_grouped(const statement& one);

/// All groupable statements of one sql together, where the first of them stands.
statement_groups groups_of_reads(std::span<const statement> statements, const is_groupable& ready);
/// Of groupable neighbours on one table first what is erased, then what is inserted, then what is
/// updated. Different tables and other statements keep their order.
statement_groups groups_of_writes(std::span<const statement> statements, const is_groupable& ready);

/// One statement for any number of rows, with an array for each parameter. Empty when a type is
/// none of those that columns of records have.
std::string grouped_text(const record_shape& shape, const postgres_types& types);

/// The arrays in the protocol's binary form. Nothing when a value does not fit its type: the
/// statement by itself meets the server's error.
std::optional<std::vector<std::string>> grouped_values(std::span<const statement> statements,
                                                       const std::vector<std::size_t>& group,
                                                       const postgres_types& types);

/// Which statements of a group of selects the rows of its result answer: pairs of a statement's
/// index and a row's number. Two statements may ask for the same value.
std::vector<std::pair<std::size_t, int>> answered_by(std::span<const statement> statements,
                                                     const std::vector<std::size_t>& group,
                                                     const PGresult& result);

}  // namespace stoa::db
