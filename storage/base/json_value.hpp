#pragma once
// A parsed JSON document: what json::parse makes of a text, before it is bound to a struct.

#include "storage/base/json.hpp"
#include "storage/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stoa::json {

/// In the order of the alternatives of json::value.
enum class kind : std::uint8_t {
  null,
  boolean,
  integer,
  big_integer,
  number,
  string,
  array,
  object
};

struct member;
class value;
using array = std::vector<value>;
/// Members in the order of the text; no name occurs twice.
using object = std::vector<member>;

/// Any JSON value. A number whose value is an integer is one however it is written, as in JSON
/// Schema: 2, 2.0 and 20e-1 (std::int64_t, or std::uint64_t when it is too large for that). Any
/// other number is a double.
class value {
 public:
  // Defined below, where `member` is complete.
  value() noexcept;
  value(const value&);
  value(value&&) noexcept;
  value& operator=(const value&);
  value& operator=(value&&) noexcept;
  ~value();
  explicit value(bool v);
  explicit value(std::int64_t v);
  explicit value(std::uint64_t v);
  explicit value(double v);
  explicit value(std::string v);
  explicit value(array v);
  explicit value(object v);

  kind type() const noexcept { return static_cast<kind>(data_.index()); }
  bool is_null() const noexcept { return type() == kind::null; }

  /// The value when it is of that kind, else a null pointer.
  const bool* if_bool() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* if_int64() const noexcept { return std::get_if<std::int64_t>(&data_); }
  /// Only for integers above the largest std::int64_t.
  const std::uint64_t* if_uint64() const noexcept { return std::get_if<std::uint64_t>(&data_); }
  const double* if_double() const noexcept { return std::get_if<double>(&data_); }
  const std::string* if_string() const noexcept { return std::get_if<std::string>(&data_); }
  const array* if_array() const noexcept { return std::get_if<array>(&data_); }
  const object* if_object() const noexcept { return std::get_if<object>(&data_); }

  /// The object's member of that name; a null pointer when there is none or this is no object.
  const value* find(std::string_view name) const noexcept;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, array,
               object>
      data_;
};

/// One name and value of an object.
struct member {
  std::string name;
  json::value value;
};

inline value::value() noexcept = default;
inline value::value(const value&) = default;
inline value::value(value&&) noexcept = default;
inline value& value::operator=(const value&) = default;
inline value& value::operator=(value&&) noexcept = default;
inline value::~value() = default;
inline value::value(bool v) : data_(v) {}
inline value::value(std::int64_t v) : data_(v) {}
inline value::value(std::uint64_t v) : data_(v) {}
inline value::value(double v) : data_(v) {}
inline value::value(std::string v) : data_(std::move(v)) {}
inline value::value(array v) : data_(std::move(v)) {}
inline value::value(object v) : data_(std::move(v)) {}

/// "a string", "an object"...: for messages about a wrong type.
std::string_view kind_name(kind k) noexcept;

/// Parses strict JSON (RFC 8259) within the limits. Rejected with problem `too_large`
/// `json_too_many_values`: more values than the limit. Rejected with problem `malformed`
/// `malformed_json`, which names the byte offset: anything past another limit, invalid UTF-8, a
/// byte order mark, NUL, a lone surrogate, a name that occurs twice in an object, a number that
/// doesn't fit 64 bits or a double. A text of nothing but white space is problem `malformed`
/// `body_required`.
result<value> parse(std::string_view text, const limits& bounds = {});

}  // namespace stoa::json
