#include "storage/base/json_read.hpp"

#include <cmath>

namespace stoa::json::detail {

namespace {

void wrong_type(const value& v, std::string_view wanted, reading& r, const path& at) {
  std::string text = "This must be ";
  text.append(wanted).append(", not ").append(kind_name(v.type())).append(".");
  r.structural(at, "type", std::move(text));
}

void out_of_range(const std::string& min, const std::string& max, reading& r, const path& at) {
  r.broken_rule(at, "range", "This must be from " + min + " to " + max + ".");
}

/// An integer beyond 64 bits is parsed as a double; it is out of range, not of a wrong type.
bool is_huge(const value& v) {
  const double* found = v.if_double();
  return found != nullptr && std::abs(*found) >= 0x1p63;
}

}  // namespace

void reject_null(reading& r, const path& at) {
  r.structural(at, "type", "This must not be null. Omit the field instead.");
}

std::optional<bool> read_bool(const value& v, reading& r, const path& at) {
  if (const bool* found = v.if_bool()) return *found;
  wrong_type(v, "true or false", r, at);
  return std::nullopt;
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

std::optional<double> read_double(const value& v, reading& r, const path& at) {
  if (const double* found = v.if_double()) return *found;
  if (const std::int64_t* found = v.if_int64()) return static_cast<double>(*found);
  if (const std::uint64_t* found = v.if_uint64()) return static_cast<double>(*found);
  wrong_type(v, "a number", r, at);
  return std::nullopt;
}

const std::string* read_string(const value& v, reading& r, const path& at) {
  const std::string* found = v.if_string();
  if (found == nullptr) wrong_type(v, "a string", r, at);
  return found;
}

std::optional<uuid> read_uuid(const value& v, reading& r, const path& at) {
  const std::string* text = read_string(v, r, at);
  if (text == nullptr) return std::nullopt;
  auto found = uuid::parse(*text);
  if (!found) r.broken_rule(at, "format", "This must be a UUID of 36 characters.");
  return found;
}

std::optional<timestamp> read_timestamp(const value& v, reading& r, const path& at) {
  const std::string* text = read_string(v, r, at);
  if (text == nullptr) return std::nullopt;
  auto found = timestamp::parse(*text);
  if (!found) {
    r.broken_rule(at, "format", "This must be an RFC 3339 time, such as 2026-11-22T19:57:59Z.");
  }
  return found;
}

const array* read_array(const value& v, reading& r, const path& at) {
  const array* found = v.if_array();
  if (found == nullptr) wrong_type(v, "an array", r, at);
  return found;
}

const object* read_object(const value& v, reading& r, const path& at) {
  const object* found = v.if_object();
  if (found == nullptr) wrong_type(v, "an object", r, at);
  return found;
}

bool report_enum(std::string_view allowed, reading& r, const path& at) {
  r.broken_rule(at, "value", "This must be one of: " + std::string(allowed) + ".");
  return false;
}

void take_checked(std::vector<field_error> errors, reading& r, const path& at) {
  std::string prefix = at.pointer();
  for (field_error& error : errors) {
    error.pointer.insert(0, prefix);
    r.broken_rule(std::move(error));
  }
}

problem unreadable(problem cause) {
  std::string detail = "Cannot read stored data: " + cause.detail;
  return {problem_kind::internal, "unreadable_data", std::move(detail), std::move(cause.errors)};
}

}  // namespace stoa::json::detail
