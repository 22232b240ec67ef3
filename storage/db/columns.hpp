#pragma once
// Mapping of described records to rows: each member is a column of its name; money has two columns
// (price, price_currency); structs, vectors and maps are JSON text; enums are their names.

#include "storage/base/describe.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/money.hpp"
#include "storage/base/time.hpp"
#include "storage/db/value.hpp"

#include <optional>

namespace stoa::db {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
struct optional_content {
  using type = T;
};
template <class T>
struct optional_content<std::optional<T>> {
  using type = T;
};
template <class T>
inline constexpr bool is_money_column =
    std::is_same_v<typename optional_content<std::remove_cvref_t<T>>::type, money>;

/// The number of columns of a member of type T.
template <class T>
inline constexpr std::size_t column_count = is_money_column<T> ? 2 : 1;

template <class T>
void write_column(const T& v, std::vector<value>& out) {
  if constexpr (is_optional<T>) {
    if (v) {
      write_column(*v, out);
    } else {
      for (std::size_t i = 0; i < column_count<T>; ++i) out.emplace_back();
    }
  } else if constexpr (std::is_same_v<T, money>) {
    out.emplace_back(v.amount);
    out.emplace_back(v.currency);
  } else if constexpr (is_id<T>) {
    out.emplace_back(v.value);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    out.emplace_back(v.us);
  } else if constexpr (std::is_integral_v<T>) {
    out.emplace_back(static_cast<std::int64_t>(v));
  } else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::string> ||
                       std::is_same_v<T, uuid>) {
    out.emplace_back(v);
  } else if constexpr (std::is_enum_v<T>) {
    out.emplace_back(std::string(enum_name(v)));
  } else {
    out.emplace_back(json::write(v));
  }
}

[[noreturn]] inline void wrong_column(std::string_view name) {
  throw error(error_kind::programming, std::string(name),
              "column " + std::string(name) + " has a value of another type");
}

template <class T>
T& column_as(value& v, std::string_view name) {
  if (auto* found = std::get_if<T>(&v)) return *found;
  wrong_column(name);
}

/// Reads one member from the columns at `at` and advances past them.
template <class T>
void read_column(row r, std::size_t& at, std::string_view name, T& out) {
  if (at + column_count < T >> r.size()) wrong_column(name);
  value& v = r[at];
  if constexpr (is_optional<T>) {
    if (std::holds_alternative<std::monostate>(v)) {
      out.reset();
      at += column_count<T>;
    } else {
      read_column(r, at, name, out.emplace());
    }
  } else if constexpr (std::is_same_v<T, money>) {
    out.amount = column_as<std::int64_t>(v, name);
    out.currency = std::move(column_as<std::string>(r[at + 1], name));
    at += 2;
  } else {
    ++at;
    if constexpr (std::is_same_v<T, uuid>) {
      out = column_as<uuid>(v, name);
    } else if constexpr (is_id<T>) {
      out.value = column_as<uuid>(v, name);
    } else if constexpr (std::is_same_v<T, timestamp>) {
      out.us = column_as<std::int64_t>(v, name);
    } else if constexpr (std::is_integral_v<T>) {
      out = static_cast<T>(column_as<std::int64_t>(v, name));
    } else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::string>) {
      out = std::move(column_as<T>(v, name));
    } else if constexpr (std::is_enum_v<T>) {
      auto found = enum_value<T>(column_as<std::string>(v, name));
      if (!found) wrong_column(name);
      out = *found;
    } else {
      auto read = json::read_lenient<T>(column_as<std::string>(v, name));
      if (!read) wrong_column(name);
      out = std::move(*read);
    }
  }
}

/// "order_id,status,total_amount,total_amount_currency,..." of a described record.
template <described_struct R>
std::string column_list(std::string_view prefix = "") {
  std::string list;
  boost::mp11::mp_for_each<members_of<R>>([&](auto d) {
    using member = std::remove_cvref_t<decltype(std::declval<R>().*d.pointer)>;
    if (!list.empty()) list += ',';
    list += prefix;
    list += d.name;
    if constexpr (is_money_column<member>) {
      list += ',';
      list += prefix;
      list += d.name;
      list += "_currency";
    }
  });
  return list;
}

/// Fills a described record from a row with columns in column_list's order, starting at `at`.
template <described_struct R>
R read_record(row r, std::size_t at = 0) {
  R record;
  for_each_member(record, [&](std::string_view name, auto& m) { read_column(r, at, name, m); });
  return record;
}

template <described_struct R>
void write_record(const R& record, std::vector<value>& out) {
  for_each_member(record, [&](std::string_view, const auto& m) { write_column(m, out); });
}

/// A parameter list from C++ values of any column type.
template <class... T>
std::vector<value> params(const T&... v) {
  std::vector<value> list;
  list.reserve(sizeof...(T) + 1);
  (write_column(v, list), ...);
  return list;
}

/// Runs a query whose rows are described records, in column_list's order.
template <described_struct R, class Connection>
std::vector<R> select(Connection& c, const sql& what, std::vector<value> values) {
  std::vector<R> found;
  c.query(statement{&what, std::move(values)}, [&](row r) { found.push_back(read_record<R>(r)); });
  return found;
}

}  // namespace stoa::db
