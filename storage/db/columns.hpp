#pragma once
// Mapping of described records to rows: each member is a column of its name; money has two columns
// (price, price_currency); structs, vectors and maps are JSON text; enums are their names.

#include "storage/base/describe.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/money.hpp"
#include "storage/base/time.hpp"
#include "storage/db/value.hpp"

#include <array>
#include <optional>
#include <span>

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

/// Appends one column. Compiled in columns.cpp.
void append(std::vector<value>& out, std::monostate none);
void append(std::vector<value>& out, std::int64_t v);
void append(std::vector<value>& out, double v);
void append(std::vector<value>& out, std::string v);
void append(std::vector<value>& out, const uuid& v);

template <class T>
void write_column(const T& v, std::vector<value>& out) {
  if constexpr (is_optional<T>) {
    if (v) {
      write_column(*v, out);
    } else {
      for (std::size_t i = 0; i < column_count<T>; ++i) append(out, std::monostate{});
    }
  } else if constexpr (std::is_same_v<T, money>) {
    append(out, v.amount);
    append(out, v.currency);
  } else if constexpr (is_id<T>) {
    append(out, v.value);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    append(out, v.us);
  } else if constexpr (std::is_integral_v<T>) {
    append(out, static_cast<std::int64_t>(v));
  } else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::string> ||
                       std::is_same_v<T, uuid>) {
    append(out, v);
  } else if constexpr (std::is_enum_v<T>) {
    append(out, std::string(enum_name(v)));
  } else {
    append(out, json::write(v));
  }
}

/// Throws: the column has a value of another type.
[[noreturn]] void wrong_column(std::string_view name);

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
      const auto& text = column_as<std::string>(v, name);
      if constexpr (json::is_vector<T> || json::is_map<T>) {
        // Most lists and maps are empty.
        if (text == (json::is_vector<T> ? "[]" : "{}")) return out.clear();
      }
      auto read = json::read_lenient<T>(text);
      if (!read) wrong_column(name);
      out = std::move(*read);
    }
  }
}

/// A member of a record: a column of its name, and for money a second one, name_currency. The
/// types of members are erased here: functions that are not templates read and write all records.
struct column {
  std::string_view name;
  bool money;
  void (*read)(row r, std::size_t& at, std::string_view name, void* member);
  void (*write)(const void* member, std::vector<value>& out);
};

template <class T>
void read_as(row r, std::size_t& at, std::string_view name, void* member) {
  read_column(r, at, name, *static_cast<T*>(member));
}
template <class T>
void write_as(const void* member, std::vector<value>& out) {
  write_column(*static_cast<const T*>(member), out);
}
// Compiled in columns.cpp.
extern template void read_as<bool>(row, std::size_t&, std::string_view, void*);
extern template void write_as<bool>(const void*, std::vector<value>&);
extern template void read_as<std::int64_t>(row, std::size_t&, std::string_view, void*);
extern template void write_as<std::int64_t>(const void*, std::vector<value>&);
extern template void read_as<double>(row, std::size_t&, std::string_view, void*);
extern template void write_as<double>(const void*, std::vector<value>&);
extern template void read_as<std::string>(row, std::size_t&, std::string_view, void*);
extern template void write_as<std::string>(const void*, std::vector<value>&);
extern template void read_as<uuid>(row, std::size_t&, std::string_view, void*);
extern template void write_as<uuid>(const void*, std::vector<value>&);
extern template void read_as<timestamp>(row, std::size_t&, std::string_view, void*);
extern template void write_as<timestamp>(const void*, std::vector<value>&);
extern template void read_as<money>(row, std::size_t&, std::string_view, void*);
extern template void write_as<money>(const void*, std::vector<value>&);
extern template void read_as<std::optional<std::string>>(row, std::size_t&, std::string_view,
                                                         void*);
extern template void write_as<std::optional<std::string>>(const void*, std::vector<value>&);
extern template void read_as<std::optional<std::int64_t>>(row, std::size_t&, std::string_view,
                                                          void*);
extern template void write_as<std::optional<std::int64_t>>(const void*, std::vector<value>&);
extern template void read_as<std::optional<timestamp>>(row, std::size_t&, std::string_view, void*);
extern template void write_as<std::optional<timestamp>>(const void*, std::vector<value>&);
extern template void read_as<std::optional<money>>(row, std::size_t&, std::string_view, void*);
extern template void write_as<std::optional<money>>(const void*, std::vector<value>&);

template <class R, class Members>
struct column_table;
template <class R, template <class...> class List, class... D>
struct column_table<R, List<D...>> {
  template <class T>
  static constexpr column of(std::string_view name) {
    using stored = std::conditional_t<is_id<T>, uuid, T>;
    return {name, is_money_column<T>, &read_as<stored>, &write_as<stored>};
  }
  static constexpr std::array<column, sizeof...(D)> list{
      of<std::remove_cvref_t<decltype(std::declval<R&>().*D::pointer)>>(D::name)...};
};

/// The columns of a described record, in the order of its members.
template <described_struct R>
constexpr std::span<const column> columns_of() {
  return column_table<R, members_of<R>>::list;
}

/// The functions below without the type of the record.
std::string column_list(std::span<const column> columns, std::string_view prefix);
/// `members`: the addresses of the record's members.
void read_members(std::span<const column> columns, row r, std::size_t at, void* const* members);
void write_members(std::span<const column> columns, const void* const* members,
                   std::vector<value>& out);

/// "order_id,status,total_amount,total_amount_currency,..." of a described record.
template <described_struct R>
std::string column_list(std::string_view prefix = "") {
  return column_list(columns_of<R>(), prefix);
}

/// Fills a described record from a row with columns in column_list's order, starting at `at`.
template <described_struct R>
R read_record(row r, std::size_t at = 0) {
  R record;
  read_members(columns_of<R>(), r, at, member_addresses(record).data());
  return record;
}

template <described_struct R>
void write_record(const R& record, std::vector<value>& out) {
  write_members(columns_of<R>(), member_addresses(record).data(), out);
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
