#pragma once
// Reads JSON text into described structs and reports all errors. The rules are in json.hpp, the
// functions that are not templates in json_read.cpp.

#include "storage/base/json_rules.hpp"
#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <limits>
#include <string>
#include <string_view>

namespace stoa::json {

/// Limits for data written by Stoa: events and database columns.
inline constexpr limits stored_limits{
    .depth_max = 64, .bytes_max = 64 << 20, .values_max = 5'000'000};

namespace detail {

/// Reads the value into an object of the type that the function is for. Returns false after
/// reporting an error. The types of members are erased here: one loop reads all structs, and a
/// struct adds little more than a table to the program.
using reader = bool (*)(const value& v, void* out, reading& r, const path& at);

/// How a member of a struct is read.
struct member_reader {
  std::string_view name;
  reader read;
  bool required;
  /// The index of its rule in rules_of, or no_rule; `check` is then null.
  std::size_t limit;
  bool (*check)(const void* v, const rule& limit, reading& r, const path& at);
};

/// Maximum members of a struct.
inline constexpr std::size_t members_max = 64;

/// Each returns the value, or reports an error and returns nothing.
std::optional<std::int64_t> read_signed(const value& v, std::int64_t min, std::int64_t max,
                                        reading& r, const path& at);
std::optional<std::uint64_t> read_unsigned(const value& v, std::uint64_t max, reading& r,
                                           const path& at);
/// Reports a null in a field that must be a value or absent.
bool reject_null(reading& r, const path& at);
/// The index of the name that the value holds; reports an error if it is none of them.
std::optional<std::size_t> read_name(const value& v, std::span<const std::string_view> names,
                                     reading& r, const path& at);
/// Reads an object. `out`: the addresses of the struct's members, in the order of `members`.
bool read_members(const value& v, std::span<const member_reader> members,
                  std::span<const rule> rules, void* const* out, reading& r, const path& at);
/// Runs T::check and prefixes its errors' pointers with the struct's pointer.
bool run_check(void (*check)(const void* object, std::vector<field_error>& errors),
               const void* object, reading& r, const path& at);
/// Reads an array into a list. `make` replaces the list with `count` default elements of
/// `element_size` bytes and returns the first.
bool read_items(const value& v, void* list, void* (*make)(void* list, std::size_t count),
                std::size_t element_size, reader read, reading& r, const path& at);
/// Reads an object into a map. `entry` adds an entry and returns its value; name null: clears.
bool read_entries(const value& v, void* map, void* (*entry)(void* map, const std::string* name),
                  reader read, reading& r, const path& at);

template <class T>
bool read_as(const value& v, void* out, reading& r, const path& at);

// Compiled in json_read.cpp.
template <>
bool read_as<bool>(const value& v, void* out, reading& r, const path& at);
template <>
bool read_as<double>(const value& v, void* out, reading& r, const path& at);
template <>
bool read_as<std::string>(const value& v, void* out, reading& r, const path& at);
template <>
bool read_as<uuid>(const value& v, void* out, reading& r, const path& at);
template <>
bool read_as<timestamp>(const value& v, void* out, reading& r, const path& at);
template <>
bool read_as<raw>(const value& v, void* out, reading& r, const path& at);
template <>
bool read_as<value>(const value& v, void* out, reading& r, const path& at);

/// The function that reads a T.
template <class T>
constexpr reader reader_of() {
  if constexpr (is_id<T>) {
    static_assert(std::is_standard_layout_v<T> && sizeof(T) == sizeof(uuid));
    return &read_as<uuid>;
  } else {
    return &read_as<T>;
  }
}

template <class T>
bool read_into(const value& v, T& out, reading& r, const path& at) {
  return reader_of<T>()(v, &out, r, at);
}

/// For nullable and patch: null is the empty state.
template <class T>
bool read_nullable(const value& v, std::optional<T>& out, reading& r, const path& at) {
  out.reset();
  if (v.is_null()) return true;
  return read_into(v, out.emplace(), r, at);
}

/// Strict reading rejects null, except for json::raw and json::value, whose schemas accept it.
template <class T>
bool read_optional(const value& v, std::optional<T>& out, reading& r, const path& at) {
  if constexpr (!std::is_same_v<T, raw> && !std::is_same_v<T, value>) {
    if (r.strict() && v.is_null()) return reject_null(r, at);
  }
  return read_nullable(v, out, r, at);
}

template <class T>
void* make_items(void* list, std::size_t count) {
  auto& items = *static_cast<std::vector<T>*>(list);
  items = std::vector<T>(count);
  return items.data();
}

template <class T>
void* make_entry(void* map, const std::string* name) {
  auto& entries = *static_cast<std::map<std::string, T>*>(map);
  if (name != nullptr) return &entries[*name];
  entries.clear();
  return nullptr;
}

/// How the member of descriptor D in T is read.
template <class T, class D>
constexpr member_reader reader_of_member() {
  using type = std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>;
  constexpr std::size_t limit = rule_index_of<T>(D::name);
  member_reader m{D::name, reader_of<type>(), is_required<T, type>(D::name), limit, nullptr};
  if constexpr (limit != no_rule) m.check = &check_as<type>;
  return m;
}

template <class T, class Members>
struct struct_readers;
template <class T, template <class...> class List, class... D>
struct struct_readers<T, List<D...>> {
  static constexpr std::array<member_reader, sizeof...(D)> list{reader_of_member<T, D>()...};
};

template <class T>
bool read_struct(const value& v, T& out, reading& r, const path& at) {
  static_assert(names_are_members<T>(), "a rule or default names an unknown field");
  static_assert(member_names<T>.size() <= members_max);
  const auto addresses = member_addresses(out);
  const bool good = read_members(v, struct_readers<T, members_of<T>>::list, rules_of<T>(),
                                 addresses.data(), r, at);
  if constexpr (requires(std::vector<field_error> & e) { out.check(e); }) {
    return good && run_check(
                       [](const void* object, std::vector<field_error>& errors) {
                         static_cast<const T*>(object)->check(errors);
                       },
                       &out, r, at);
  } else {
    return good;
  }
}

template <class T>
bool read_as(const value& v, void* to, reading& r, const path& at) {
  T& out = *static_cast<T*>(to);
  using numbers = std::numeric_limits<T>;
  if constexpr (json_integer<T> && std::is_signed_v<T>) {
    const auto found = read_signed(v, numbers::min(), numbers::max(), r, at);
    if (found) out = static_cast<T>(*found);
    return found.has_value();
  } else if constexpr (json_integer<T>) {
    const auto found = read_unsigned(v, numbers::max(), r, at);
    if (found) out = static_cast<T>(*found);
    return found.has_value();
  } else if constexpr (described_enum<T>) {
    const auto found = read_name(v, enumerator_names<T>, r, at);
    if (found) out = enumerator_values<T>[*found];
    return found.has_value();
  } else if constexpr (is_optional<T>) {
    return read_optional(v, out, r, at);
  } else if constexpr (is_nullable<T>) {
    return read_nullable(v, out.value, r, at);
  } else if constexpr (is_patch<T>) {
    out.present = true;
    return read_nullable(v, out.value, r, at);
  } else if constexpr (is_vector<T>) {
    using element = typename T::value_type;
    return read_items(v, &out, &make_items<element>, sizeof(element), reader_of<element>(), r, at);
  } else if constexpr (is_map<T>) {
    using content = typename T::mapped_type;
    return read_entries(v, &out, &make_entry<content>, reader_of<content>(), r, at);
  } else if constexpr (described_struct<T>) {
    return read_struct(v, out, r, at);
  } else {
    static_assert(unsupported<T>, "json.hpp does not define how to read this type");
  }
}

extern template bool read_as<std::int64_t>(const value&, void*, reading&, const path&);
extern template bool read_as<int>(const value&, void*, reading&, const path&);
extern template bool read_as<std::uint64_t>(const value&, void*, reading&, const path&);
extern template bool read_as<money>(const value&, void*, reading&, const path&);
extern template bool read_as<std::optional<std::int64_t>>(const value&, void*, reading&,
                                                          const path&);
extern template bool read_as<std::optional<std::string>>(const value&, void*, reading&,
                                                         const path&);
extern template bool read_as<std::optional<timestamp>>(const value&, void*, reading&, const path&);
extern template bool read_as<std::optional<money>>(const value&, void*, reading&, const path&);
extern template bool read_as<std::optional<bool>>(const value&, void*, reading&, const path&);
extern template bool read_as<nullable<std::string>>(const value&, void*, reading&, const path&);
extern template bool read_as<std::vector<std::string>>(const value&, void*, reading&, const path&);
extern template bool read_as<std::map<std::string, std::string>>(const value&, void*, reading&,
                                                                 const path&);
extern template bool read_as<std::optional<std::map<std::string, std::string>>>(const value&, void*,
                                                                                reading&,
                                                                                const path&);

/// Read the value or text into `out`; they return the problem on failure. The lenient form is that
/// of read_lenient.
std::optional<problem> bind(const value& v, bool strict, reader read, void* out);
std::optional<problem> read_text(std::string_view text, const limits& bounds, reader read,
                                 void* out);
std::optional<problem> read_stored(std::string_view text, const limits& bounds, reader read,
                                   void* out);

}  // namespace detail

/// Binds the value to a T. Reports up to errors_max errors: problem `malformed` `invalid_request`
/// if a field is missing, unknown or of a wrong type, otherwise validation `validation_failed`.
template <class T>
result<T> read_value(const value& v) {
  T out{};
  if (auto refused = detail::bind(v, true, detail::reader_of<T>(), &out))
    return std::move(*refused);
  return out;
}

/// Parses and binds; see parse and read_value for the problems.
template <class T>
result<T> read(std::string_view text, const limits& bounds = {}) {
  T out{};
  if (auto refused = detail::read_text(text, bounds, detail::reader_of<T>(), &out)) {
    return std::move(*refused);
  }
  return out;
}

/// Reads data written by this or another version of Stoa (events, database columns). Unknown fields
/// are ignored and rules are not checked. Other errors are problem `internal` `unreadable_data`.
template <class T>
result<T> read_lenient(std::string_view text, const limits& bounds = stored_limits) {
  T out{};
  if (auto refused = detail::read_stored(text, bounds, detail::reader_of<T>(), &out)) {
    return std::move(*refused);
  }
  return out;
}

}  // namespace stoa::json
