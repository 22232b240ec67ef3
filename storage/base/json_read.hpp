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

/// Each returns the value, or reports an error and returns nothing.
std::optional<bool> read_bool(const value& v, reading& r, const path& at);
std::optional<std::int64_t> read_signed(const value& v, std::int64_t min, std::int64_t max,
                                        reading& r, const path& at);
std::optional<std::uint64_t> read_unsigned(const value& v, std::uint64_t max, reading& r,
                                           const path& at);
std::optional<double> read_double(const value& v, reading& r, const path& at);
const std::string* read_string(const value& v, reading& r, const path& at);
std::optional<uuid> read_uuid(const value& v, reading& r, const path& at);
std::optional<timestamp> read_timestamp(const value& v, reading& r, const path& at);
const array* read_array(const value& v, reading& r, const path& at);
const object* read_object(const value& v, reading& r, const path& at);
/// Reports a null in a field that must be a value or absent.
void reject_null(reading& r, const path& at);
bool report_enum(std::string_view allowed, reading& r, const path& at);
/// Runs T::check and prefixes its errors' pointers with the struct's pointer.
void take_checked(std::vector<field_error> errors, reading& r, const path& at);

template <class T>
bool assign(std::optional<T> from, auto& to) {
  if (from) to = static_cast<std::remove_reference_t<decltype(to)>>(std::move(*from));
  return from.has_value();
}

template <class T>
bool read_into(const value& v, T& out, reading& r, const path& at);

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
    if (r.strict() && v.is_null()) {
      reject_null(r, at);
      return false;
    }
  }
  return read_nullable(v, out, r, at);
}

template <class T>
bool read_items(const value& v, std::vector<T>& out, reading& r, const path& at) {
  const array* items = read_array(v, r, at);
  if (items == nullptr) return false;
  out.clear();
  out.reserve(items->size());
  bool good = true;
  for (std::size_t i = 0; i < items->size() && !r.full(); ++i) {
    good = read_into((*items)[i], out.emplace_back(), r, path(at, i)) && good;
  }
  return good;
}

template <class T>
bool read_map(const value& v, std::map<std::string, T>& out, reading& r, const path& at) {
  const object* members = read_object(v, r, at);
  if (members == nullptr) return false;
  out.clear();
  bool good = true;
  for (const member& m : *members) {
    if (r.full()) return false;
    path here(at, m.name);
    if (r.strict() && !check_control(m.name, false, r, here)) {
      good = false;
    } else {
      good = read_into(m.value, out[m.name], r, here) && good;
    }
  }
  return good;
}

template <class T>
bool read_enum(const value& v, T& out, reading& r, const path& at) {
  const std::string* name = read_string(v, r, at);
  if (name == nullptr) return false;
  if (auto found = enum_value<T>(*name)) {
    out = *found;
    return true;
  }
  std::string allowed;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
      [&](auto d) { allowed.append(allowed.empty() ? "" : ", ").append(d.name); });
  return report_enum(allowed, r, at);
}

/// Binds one member of the object to the member of that name in the struct; false if there is none.
template <class T>
bool read_member(const member& m, T& out, std::span<bool> seen, bool& good, reading& r,
                 const path& at) {
  bool known = false;
  std::size_t index = 0;
  boost::mp11::mp_for_each<members_of<T>>([&](auto d) {
    constexpr std::size_t limit = rule_index_of<T>(decltype(d)::name);
    std::size_t mine = index++;
    if (known || m.name != d.name) return;
    known = seen[mine] = true;
    path here(at, m.name);
    bool read_well = read_into(m.value, out.*d.pointer, r, here);
    if constexpr (limit != no_rule) {
      if (read_well && r.strict())
        read_well = check_rule(out.*d.pointer, rules_of<T>()[limit], r, here);
    }
    good = good && read_well;
  });
  return known;
}

template <class T>
bool read_struct(const value& v, T& out, reading& r, const path& at) {
  static_assert(names_are_members<T>(), "a rule or default names an unknown field");
  const object* members = read_object(v, r, at);
  if (members == nullptr) return false;
  std::array<bool, boost::mp11::mp_size<members_of<T>>::value> seen{};
  bool good = true;
  for (const member& m : *members) {
    if (r.full()) return false;
    if (!read_member(m, out, seen, good, r, at) && r.strict()) {
      r.structural(path(at, m.name), "unknown", "Unknown field.");
      good = false;
    }
  }
  std::size_t index = 0;
  boost::mp11::mp_for_each<members_of<T>>([&](auto d) {
    using type = std::remove_cvref_t<decltype(out.*d.pointer)>;
    bool here = seen[index++];
    if constexpr (is_required<T, type>(decltype(d)::name)) {
      if (here) return;
      r.structural(path(at, std::string_view(d.name)), "required", "This field is required.");
      good = false;
    }
  });
  if constexpr (requires(std::vector<field_error> & e) { out.check(e); }) {
    if (good && r.strict()) {
      std::vector<field_error> errors;
      out.check(errors);
      good = errors.empty();
      take_checked(std::move(errors), r, at);
    }
  }
  return good;
}

template <class T>
bool read_text(const value& v, T& out, reading& r, const path& at) {
  const std::string* text = read_string(v, r, at);
  if (text == nullptr || (r.strict() && !check_control(*text, true, r, at))) return false;
  out = *text;
  return true;
}

template <class T>
bool read_into(const value& v, T& out, reading& r, const path& at) {
  using numbers = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, bool>) {
    return assign(read_bool(v, r, at), out);
  } else if constexpr (json_integer<T> && std::is_signed_v<T>) {
    return assign(read_signed(v, numbers::min(), numbers::max(), r, at), out);
  } else if constexpr (json_integer<T>) {
    return assign(read_unsigned(v, numbers::max(), r, at), out);
  } else if constexpr (std::is_same_v<T, double>) {
    return assign(read_double(v, r, at), out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return read_text(v, out, r, at);
  } else if constexpr (described_enum<T>) {
    return read_enum(v, out, r, at);
  } else if constexpr (std::is_same_v<T, uuid>) {
    return assign(read_uuid(v, r, at), out);
  } else if constexpr (is_id<T>) {
    return assign(read_uuid(v, r, at), out.value);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return assign(read_timestamp(v, r, at), out);
  } else if constexpr (std::is_same_v<T, raw>) {
    out.text = compact(v);
    return true;
  } else if constexpr (std::is_same_v<T, value>) {
    out = v;
    return true;
  } else if constexpr (is_optional<T>) {
    return read_optional(v, out, r, at);
  } else if constexpr (is_nullable<T>) {
    return read_nullable(v, out.value, r, at);
  } else if constexpr (is_patch<T>) {
    out.present = true;
    return read_nullable(v, out.value, r, at);
  } else if constexpr (is_vector<T>) {
    return read_items(v, out, r, at);
  } else if constexpr (is_map<T>) {
    return read_map(v, out, r, at);
  } else if constexpr (described_struct<T>) {
    return read_struct(v, out, r, at);
  } else {
    static_assert(unsupported<T>, "json.hpp does not define how to read this type");
  }
}

template <class T>
result<T> bind(const value& v, bool strict) {
  reading r(strict);
  T out{};
  if (!read_into(v, out, r, path{})) return std::move(r).as_problem();
  return out;
}

/// Converts a problem of read_lenient into an internal error.
problem unreadable(problem cause);

}  // namespace detail

/// Binds the value to a T. Reports up to errors_max errors: problem `malformed` `invalid_request`
/// if a field is missing, unknown or of a wrong type, otherwise validation `validation_failed`.
template <class T>
result<T> read_value(const value& v) {
  return detail::bind<T>(v, true);
}

/// Parses and binds; see parse and read_value for the problems.
template <class T>
result<T> read(std::string_view text, const limits& bounds = {}) {
  auto parsed = parse(text, bounds);
  if (!parsed) return std::move(parsed).error();
  return read_value<T>(*parsed);
}

/// Reads data written by this or another version of Stoa (events, database columns). Unknown fields
/// are ignored and rules are not checked. Other errors are problem `internal` `unreadable_data`.
template <class T>
result<T> read_lenient(std::string_view text, const limits& bounds = stored_limits) {
  auto parsed = parse(text, bounds);
  if (!parsed) return detail::unreadable(std::move(parsed).error());
  auto bound = detail::bind<T>(*parsed, false);
  if (!bound) return detail::unreadable(std::move(bound).error());
  return bound;
}

}  // namespace stoa::json
