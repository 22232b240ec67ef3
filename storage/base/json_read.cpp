#include "storage/base/json_read.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>

namespace stoa::json::detail {

namespace {

void wrong_type(const value& v, std::string_view wanted, reading& r, const path& at) {
  std::string text = "This must be ";
  text.append(wanted).append(", not ").append(kind_name(v.type())).append(".");
  r.structural(at, "type", std::move(text));
}

/// `min` and `max` are those of the C++ type; the member's rule may be stricter.
void out_of_range(std::string min, std::string max, reading& r, const path& at) {
  const rule* limit = r.limit();
  if (limit != nullptr && limit->value_min) min = std::to_string(*limit->value_min);
  if (limit != nullptr && limit->value_max) max = std::to_string(*limit->value_max);
  r.broken_rule(at, "range", "This must be " + between(min, max) + ".");
}

/// An integer beyond 64 bits is parsed as a double; it is out of range, not of a wrong type.
bool is_huge(const value& v) {
  const double* found = v.if_double();
  return found != nullptr && std::abs(*found) >= 0x1p63;
}

/// The member of that name; the search starts at `next`, as the members usually come in order.
std::size_t find_member(std::span<const member_reader> members, std::string_view name,
                        std::size_t next) {
  for (std::size_t n = 0; n < members.size(); ++n) {
    const std::size_t i = next + n < members.size() ? next + n : next + n - members.size();
    if (members[i].name == name) return i;
  }
  return members.size();
}

/// Reads one member and checks its rule.
bool read_member(const member_reader& how, const value& v, std::span<const rule> rules, void* out,
                 reading& r, const path& at) {
  const rule* outer = r.set_limit(how.limit == no_rule ? nullptr : &rules[how.limit]);
  const bool is_read = how.read(v, out, r, at);
  r.set_limit(outer);
  if (!is_read) return false;
  return how.check == nullptr || !r.strict() || how.check(out, rules[how.limit], r, at);
}

const std::string* read_string(const value& v, reading& r, const path& at) {
  const std::string* found = v.if_string();
  if (found == nullptr) wrong_type(v, "a string", r, at);
  return found;
}

const object* read_object(const value& v, reading& r, const path& at) {
  const object* found = v.if_object();
  if (found == nullptr) wrong_type(v, "an object", r, at);
  return found;
}

}  // namespace

bool reject_null(reading& r, const path& at) {
  r.structural(at, "type", "This must not be null. Omit the field instead.");
  return false;
}

std::optional<std::int64_t> read_signed(const value& v, std::int64_t min, std::int64_t max,
                                        reading& r, const path& at) {
  if (const std::int64_t* found = v.if_int64();
      found != nullptr && *found >= min && *found <= max) {
    return *found;
  }
  if (v.if_int64() != nullptr || v.if_uint64() != nullptr || is_huge(v)) {
    out_of_range(std::to_string(min), std::to_string(max), r, at);
  } else {
    wrong_type(v, "an integer", r, at);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> read_unsigned(const value& v, std::uint64_t max, reading& r,
                                           const path& at) {
  const std::int64_t* small = v.if_int64();
  const std::uint64_t* large = v.if_uint64();
  if (small == nullptr && large == nullptr) {
    if (is_huge(v)) {
      out_of_range("0", std::to_string(max), r, at);
    } else {
      wrong_type(v, "an integer", r, at);
    }
    return std::nullopt;
  }
  bool negative = small != nullptr && *small < 0;
  std::uint64_t found = small != nullptr ? static_cast<std::uint64_t>(*small) : *large;
  if (!negative && found <= max) return found;
  out_of_range("0", std::to_string(max), r, at);
  return std::nullopt;
}

std::optional<std::size_t> read_name(const value& v, std::span<const std::string_view> names,
                                     reading& r, const path& at) {
  const std::string* name = read_string(v, r, at);
  if (name == nullptr) return std::nullopt;
  const auto words = r.strict() && r.limit() != nullptr ? r.limit()->one_of : std::string_view();
  const auto is_allowed = [&](std::string_view each) {
    return words.empty() || is_one_of(each, words);
  };
  const auto found = std::find(names.begin(), names.end(), *name);
  if (found != names.end() && is_allowed(*found)) {
    return static_cast<std::size_t>(found - names.begin());
  }
  std::string allowed;
  for (std::string_view each : names) {
    if (is_allowed(each)) allowed.append(allowed.empty() ? "" : ", ").append(each);
  }
  r.broken_rule(at, "value", "This must be one of: " + allowed + ".");
  return std::nullopt;
}

bool read_members(const value& v, std::span<const member_reader> members,
                  std::span<const rule> rules, void* const* out, reading& r, const path& at) {
  const object* found = read_object(v, r, at);
  if (found == nullptr) return false;
  std::bitset<members_max> seen;
  bool good = true;
  std::size_t next = 0;
  for (const member& m : *found) {
    if (r.full()) return false;
    const std::size_t i = find_member(members, m.name, next);
    if (i == members.size()) {
      if (!r.strict()) continue;
      r.structural(path(at, m.name), "unknown", "Unknown field.");
      good = false;
      continue;
    }
    seen.set(i);
    next = i + 1;
    good = read_member(members[i], m.value, rules, out[i], r, path(at, m.name)) && good;
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!members[i].required || seen.test(i)) continue;
    r.structural(path(at, members[i].name), "required", "This field is required.");
    good = false;
  }
  return good;
}

bool run_check(void (*check)(const void* object, std::vector<field_error>& errors),
               const void* object, reading& r, const path& at) {
  if (!r.strict()) return true;
  std::vector<field_error> errors;
  check(object, errors);
  if (errors.empty()) return true;
  const std::string prefix = at.pointer();
  for (field_error& error : errors) {
    error.pointer.insert(0, prefix);
    r.broken_rule(std::move(error));
  }
  return false;
}

bool read_items(const value& v, void* list, void* (*make)(void* list, std::size_t count),
                std::size_t element_size, reader read, reading& r, const path& at) {
  const array* items = v.if_array();
  if (items == nullptr) {
    wrong_type(v, "an array", r, at);
    return false;
  }
  auto* element = static_cast<std::byte*>(make(list, items->size()));
  bool good = true;
  for (std::size_t i = 0; i < items->size() && !r.full(); ++i, element += element_size) {
    good = read((*items)[i], element, r, path(at, i)) && good;
  }
  return good;
}

bool read_entries(const value& v, void* map, void* (*entry)(void* map, const std::string* name),
                  reader read, reading& r, const path& at) {
  const object* members = read_object(v, r, at);
  if (members == nullptr) return false;
  entry(map, nullptr);
  bool good = true;
  for (const member& m : *members) {
    if (r.full()) return false;
    const path here(at, m.name);
    if (r.strict() && !check_control(m.name, false, r, here)) {
      good = false;
    } else {
      good = read(m.value, entry(map, &m.name), r, here) && good;
    }
  }
  return good;
}

template <>
bool read_as<bool>(const value& v, void* out, reading& r, const path& at) {
  const bool* found = v.if_bool();
  if (found == nullptr) {
    wrong_type(v, "true or false", r, at);
    return false;
  }
  *static_cast<bool*>(out) = *found;
  return true;
}

template <>
bool read_as<double>(const value& v, void* out, reading& r, const path& at) {
  double& to = *static_cast<double*>(out);
  if (const double* found = v.if_double()) {
    to = *found;
  } else if (const std::int64_t* small = v.if_int64()) {
    to = static_cast<double>(*small);
  } else if (const std::uint64_t* large = v.if_uint64()) {
    to = static_cast<double>(*large);
  } else {
    wrong_type(v, "a number", r, at);
    return false;
  }
  return true;
}

template <>
bool read_as<std::string>(const value& v, void* out, reading& r, const path& at) {
  const std::string* text = read_string(v, r, at);
  if (text == nullptr || (r.strict() && !check_control(*text, true, r, at))) return false;
  *static_cast<std::string*>(out) = *text;
  return true;
}

template <>
bool read_as<uuid>(const value& v, void* out, reading& r, const path& at) {
  const std::string* text = read_string(v, r, at);
  if (text == nullptr) return false;
  const auto found = uuid::parse(*text);
  if (!found) {
    r.broken_rule(at, "format", "This must be a UUID of 36 characters.");
    return false;
  }
  *static_cast<uuid*>(out) = *found;
  return true;
}

template <>
bool read_as<timestamp>(const value& v, void* out, reading& r, const path& at) {
  const std::string* text = read_string(v, r, at);
  if (text == nullptr) return false;
  const auto found = timestamp::parse(*text);
  if (!found) {
    r.broken_rule(at, "format", "This must be an RFC 3339 time, such as 2026-11-22T19:57:59Z.");
    return false;
  }
  *static_cast<timestamp*>(out) = *found;
  return true;
}

template <>
bool read_as<raw>(const value& v, void* out, reading&, const path&) {
  static_cast<raw*>(out)->text = compact(v);
  return true;
}

template <>
bool read_as<value>(const value& v, void* out, reading&, const path&) {
  *static_cast<value*>(out) = v;
  return true;
}

template bool read_as<std::int64_t>(const value&, void*, reading&, const path&);
template bool read_as<int>(const value&, void*, reading&, const path&);
template bool read_as<std::uint64_t>(const value&, void*, reading&, const path&);
template bool read_as<money>(const value&, void*, reading&, const path&);
template bool read_as<std::optional<std::int64_t>>(const value&, void*, reading&, const path&);
template bool read_as<std::optional<std::string>>(const value&, void*, reading&, const path&);
template bool read_as<std::optional<timestamp>>(const value&, void*, reading&, const path&);
template bool read_as<std::optional<money>>(const value&, void*, reading&, const path&);
template bool read_as<std::optional<bool>>(const value&, void*, reading&, const path&);
template bool read_as<nullable<std::string>>(const value&, void*, reading&, const path&);
template bool read_as<std::vector<std::string>>(const value&, void*, reading&, const path&);
template bool read_as<std::map<std::string, std::string>>(const value&, void*, reading&,
                                                          const path&);
template bool read_as<std::optional<std::map<std::string, std::string>>>(const value&, void*,
                                                                         reading&, const path&);

std::optional<problem> bind(const value& v, bool strict, reader read, void* out) {
  reading r(strict);
  if (read(v, out, r, path{})) return std::nullopt;
  return std::move(r).as_problem();
}

std::optional<problem> read_text(std::string_view text, const limits& bounds, reader read,
                                 void* out) {
  const auto parsed = parse(text, bounds);
  if (!parsed) return parsed.error();
  return bind(*parsed, true, read, out);
}

std::optional<problem> read_stored(std::string_view text, const limits& bounds, reader read,
                                   void* out) {
  const auto parsed = parse(text, bounds);
  auto refused = parsed ? bind(*parsed, false, read, out) : std::optional(parsed.error());
  if (!refused) return std::nullopt;
  return problem{problem_kind::internal, "unreadable_data",
                 "Cannot read stored data: " + refused->detail, std::move(refused->errors)};
}

}  // namespace stoa::json::detail
