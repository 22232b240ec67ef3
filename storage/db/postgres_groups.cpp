#include "storage/db/postgres_groups.hpp"

#include "storage/db/postgres_link.hpp"
#include "storage/db/postgres_types.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <string_view>

namespace stoa::db {

namespace {

std::string_view type_name(Oid type) {
  switch (type) {
    case oid_int8:
      return "int8";
    case oid_int2:
      return "int2";
    case oid_int4:
      return "int4";
    case oid_text:
      return "text";
    case oid_float8:
      return "float8";
    case oid_uuid:
      return "uuid";
    default:
      return {};
  }
}

/// In network byte order.
template <class Unsigned>
void append_number(std::string& out, Unsigned v) {
  for (int shift = static_cast<int>(sizeof v) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((v >> shift) & 0xFFU));
  }
}

void append_length(std::string& out, std::size_t bytes) {
  append_number(out, static_cast<std::uint32_t>(bytes));
}

template <class Integer>
bool append_integer(std::string& out, std::int64_t v) {
  if (v < std::numeric_limits<Integer>::min() || v > std::numeric_limits<Integer>::max()) {
    return false;
  }
  append_length(out, sizeof(Integer));
  append_number(out, static_cast<std::make_unsigned_t<Integer>>(v));
  return true;
}

/// An array's element: its length and its bytes. False if the value is not of the type.
bool append_element(std::string& out, const value& v, Oid type) {
  if (std::holds_alternative<std::monostate>(v)) {
    append_number(out, std::numeric_limits<std::uint32_t>::max());
    return true;
  }
  if (const auto* n = std::get_if<std::int64_t>(&v)) {
    if (type == oid_int8) return append_integer<std::int64_t>(out, *n);
    if (type == oid_int4) return append_integer<std::int32_t>(out, *n);
    return type == oid_int2 && append_integer<std::int16_t>(out, *n);
  }
  if (const auto* text = std::get_if<std::string>(&v)) {
    if (type != oid_text) return false;
    append_length(out, text->size());
    out += *text;
    return true;
  }
  if (const auto* id = std::get_if<uuid>(&v)) {
    if (type != oid_uuid) return false;
    append_length(out, id->bytes.size());
    out.append(id->bytes.begin(), id->bytes.end());
    return true;
  }
  if (type != oid_float8) return false;
  append_length(out, sizeof(double));
  append_number(out, std::bit_cast<std::uint64_t>(std::get<double>(v)));
  return true;
}

std::string parameter(std::size_t n, const postgres_types& types) {
  return "$" + std::to_string(n + 1) + "::" + std::string(type_name(types[n])) + "[]";
}

/// "unnest($1::uuid[],$2::int8[])"
std::string all_rows(const postgres_types& types) {
  std::string text;
  for (std::size_t n = 0; n < types.size(); ++n) {
    text += (n == 0 ? "unnest(" : ",") + parameter(n, types);
  }
  return text + ")";
}

/// "unnest(...) AS u(p1,p2)"
std::string named_rows(const postgres_types& types) {
  std::string text = all_rows(types) + " AS u";
  for (std::size_t n = 0; n < types.size(); ++n) {
    text += (n == 0 ? "(p" : ",p") + std::to_string(n + 1);
  }
  return text + ")";
}

std::string columns_of(const record_shape& shape) {
  std::string list;
  for (const auto& column : shape.columns) list += (list.empty() ? "" : ",") + column;
  return list;
}

/// "t.order_id=u.p1 AND ..."; `first`: index of the key's first parameter.
std::string same_key(const record_shape& shape, std::size_t first) {
  std::string text;
  for (std::size_t i = 0; i < shape.key_columns; ++i) {
    text += (i == 0 ? "t." : " AND t.") + shape.columns[i] + "=u.p" + std::to_string(first + i + 1);
  }
  return text;
}

/// Fails with a division by zero unless every row was changed, like the single statements.
std::string grouped_update(const record_shape& shape, const postgres_types& types) {
  const std::size_t changed = shape.columns.size() - shape.key_columns;
  std::string sets;
  for (std::size_t i = 0; i < changed; ++i) {
    sets +=
        (i == 0 ? "" : ",") + shape.columns[shape.key_columns + i] + "=u.p" + std::to_string(i + 1);
  }
  std::string where = same_key(shape, changed);
  if (shape.versioned) where += " AND t.version=u.p" + std::to_string(types.size());
  return "WITH changed AS (UPDATE " + shape.table + " t SET " + sets + " FROM " +
         named_rows(types) + " WHERE " + where +
         " RETURNING 1) SELECT 1/(CASE WHEN count(*)=cardinality(" + parameter(0, types) +
         ") THEN 1 ELSE 0 END) FROM changed";
}

std::size_t parameters_of(const record_shape& shape) {
  switch (shape.operation) {
    case record_operation::insert:
      return shape.columns.size();
    case record_operation::update:
      return shape.columns.size() + (shape.versioned ? 1 : 0);
    case record_operation::erase:
      return shape.key_columns;
    case record_operation::select:
      return 1;
  }
  return 0;
}

/// Deletes come first, so that a unique value can move from one record to another.
int turn_of(record_operation operation) {
  if (operation == record_operation::erase) return 0;
  return operation == record_operation::update ? 1 : 2;
}

/// The index of the compared column in a select's rows.
int column_of(const record_shape& shape) {
  const auto found = std::find(shape.columns.begin(), shape.columns.end(), shape.by);
  return static_cast<int>(found - shape.columns.begin());
}

}  // namespace

bool can_be_grouped(const statement& one) {
  if (one.what->shape == nullptr) return false;
  const auto& shape = *one.what->shape;
  const bool update = shape.operation == record_operation::update;
  if (one.must_change_one != update || one.params.size() != parameters_of(shape)) return false;
  if (update) return shape.columns.size() > shape.key_columns;
  if (shape.operation != record_operation::select) return true;
  // Values of different types may be equal in the database, but not here.
  return !std::holds_alternative<double>(one.params[0]) &&
         static_cast<std::size_t>(column_of(shape)) < shape.columns.size();
}

statement_groups groups_of_reads(std::span<const statement> statements, const is_groupable& ready) {
  statement_groups groups;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto& one = statements[i];
    auto same = groups.end();
    if (one.what->shape != nullptr && one.what->shape->operation == record_operation::select &&
        ready(one)) {
      same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
        const auto& first = statements[group.front()];
        return first.what == one.what && first.must_change_one == one.must_change_one &&
               ready(first);
      });
    }
    if (same == groups.end()) {
      groups.push_back({i});
    } else {
      same->push_back(i);
    }
  }
  return groups;
}

statement_groups groups_of_writes(std::span<const statement> statements,
                                  const is_groupable& ready) {
  statement_groups groups;
  const auto joins = [&](const statement& one, const statement& first) {
    return one.what->shape != nullptr && first.what->shape != nullptr &&
           one.what->shape->table == first.what->shape->table && ready(one);
  };
  for (std::size_t i = 0; i < statements.size();) {
    const auto& first = statements[i];
    statement_groups run{{i++}};
    if (ready(first)) {
      for (; i < statements.size() && joins(statements[i], first); ++i) {
        const auto same = std::find_if(run.begin(), run.end(), [&](const auto& group) {
          return statements[group.front()].what == statements[i].what;
        });
        if (same == run.end()) {
          run.push_back({i});
        } else {
          same->push_back(i);
        }
      }
      std::stable_sort(run.begin(), run.end(), [&](const auto& a, const auto& b) {
        return turn_of(statements[a.front()].what->shape->operation) <
               turn_of(statements[b.front()].what->shape->operation);
      });
    }
    std::move(run.begin(), run.end(), std::back_inserter(groups));
  }
  return groups;
}

std::string grouped_text(const record_shape& shape, const postgres_types& types) {
  if (types.size() != parameters_of(shape)) return {};
  if (std::any_of(types.begin(), types.end(), [](Oid t) { return type_name(t).empty(); })) {
    return {};
  }
  switch (shape.operation) {
    case record_operation::insert:
      return "INSERT INTO " + shape.table + "(" + columns_of(shape) + ") SELECT * FROM " +
             all_rows(types);
    case record_operation::update:
      return grouped_update(shape, types);
    case record_operation::erase:
      return "DELETE FROM " + shape.table + " t USING " + named_rows(types) + " WHERE " +
             same_key(shape, 0);
    case record_operation::select:
      return "SELECT " + columns_of(shape) + " FROM " + shape.table + " WHERE " + shape.by +
             "=ANY(" + parameter(0, types) + ")";
  }
  return {};
}

std::optional<std::vector<std::string>> grouped_values(std::span<const statement> statements,
                                                       const std::vector<std::size_t>& group,
                                                       const postgres_types& types) {
  std::vector<std::string> arrays(types.size());
  for (std::size_t n = 0; n < types.size(); ++n) {
    auto& out = arrays[n];
    append_number(out, std::uint32_t{1});  // dimensions
    append_number(out, std::uint32_t{1});  // there may be NULLs
    append_number(out, static_cast<std::uint32_t>(types[n]));
    append_length(out, group.size());
    append_number(out, std::uint32_t{1});  // the first index
    for (const auto i : group) {
      const auto& values = statements[i].params;
      if (n >= values.size() || !append_element(out, values[n], types[n])) return std::nullopt;
    }
  }
  return arrays;
}

std::vector<std::pair<std::size_t, int>> answered_by(std::span<const statement> statements,
                                                     const std::vector<std::size_t>& group,
                                                     const PGresult& result) {
  const auto value_of = [&](std::size_t i) -> const value& { return statements[i].params[0]; };
  auto asked = group;
  std::sort(asked.begin(), asked.end(),
            [&](auto a, auto b) { return std::tie(value_of(a), a) < std::tie(value_of(b), b); });
  const auto& what = *statements[group.front()].what;
  const int by = column_of(*what.shape);
  std::vector<std::pair<std::size_t, int>> answered;
  for (int n = 0; n < PQntuples(&result); ++n) {
    const auto found = read_postgres_value(result, n, by);
    auto at = std::lower_bound(asked.begin(), asked.end(), found,
                               [&](auto i, const value& v) { return value_of(i) < v; });
    if (at == asked.end() || value_of(*at) != found) {
      throw error(error_kind::programming, "", what.name + ": unexpected row");
    }
    for (; at != asked.end() && value_of(*at) == found; ++at) answered.emplace_back(*at, n);
  }
  return answered;
}

}  // namespace stoa::db
