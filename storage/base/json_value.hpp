#pragma once
// A JSON document parsed by json::parse, before it is bound to a struct.

#include "storage/base/json.hpp"
#include "storage/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stoa::json {

/// In the order of json::value's alternatives.
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
/// Members in document order, without duplicate names.
using object = std::vector<member>;

/// Any JSON value. As in JSON Schema, a number with an integer value is an integer regardless of
/// its notation: 2, 2.0 and 20e-1 (std::int64_t, or std::uint64_t if it is too large). Any other
/// number is a double.
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

  /// The value if it is of that kind, otherwise null.
  const bool* if_bool() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* if_int64() const noexcept { return std::get_if<std::int64_t>(&data_); }
  /// Only for integers above the largest std::int64_t.
  const std::uint64_t* if_uint64() const noexcept { return std::get_if<std::uint64_t>(&data_); }
  const double* if_double() const noexcept { return std::get_if<double>(&data_); }
  const std::string* if_string() const noexcept { return std::get_if<std::string>(&data_); }
  const array* if_array() const noexcept { return std::get_if<array>(&data_); }
  const object* if_object() const noexcept { return std::get_if<object>(&data_); }

  /// The object's member of that name; null if there is none or this is not an object.
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

/// "a string", "an object"...: for type errors.
std::string_view kind_name(kind k) noexcept;

/// Parses strict JSON (RFC 8259) within the limits. Problem `too_large` `json_too_many_values`:
/// more values than the limit. Problem `malformed` `malformed_json`, with the byte offset: another
/// limit is exceeded, invalid UTF-8, a byte order mark, NUL, a lone surrogate, a duplicate name in
/// an object. Problem `validation` `validation_failed` with the pointer: an integer does not fit 64
/// bits, or a number a double. Problem `malformed` `body_required`: the text is empty or white
/// space.
result<value> parse(std::string_view text, const limits& bounds = {});

}  // namespace stoa::json
