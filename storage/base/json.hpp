#pragma once
// JSON for described structs (BOOST_DESCRIBE_STRUCT). Reading is strict: limits on depth, size and
// numbers, valid UTF-8, no duplicate keys, no unknown fields; errors point at the field.
//
// The C++ type determines the JSON type:
//   bool, integers (range-checked), double, std::string, described enums (by name), id<Tag> and
//   uuid (canonical text), timestamp (RFC 3339), money, described structs, std::vector<T>,
//   std::map<std::string, T>;
//   std::optional<T>: may be absent but not null when read, omitted if empty when written;
//   nullable<T>: always present, null if empty;
//   patch<T>: absent, null or a value, distinguished (PATCH bodies, RFC 7396);
//   json::raw: any JSON, stored as compact text.
// The struct declares the limits of its fields, for validation and for the OpenAPI schema:
//   static constexpr json::rule rules[] = {{.field = "name", .length_min = 3, .length_max = 64}};
// For money the range applies to the amount; for a list lengths count elements, and the form
// applies to each element. A struct may also have
//   static constexpr std::string_view defaults[] = {"quantity"};
//     fields that may be absent and then keep their C++ default;
//   void check(std::vector<field_error>&) const;
//     rules over several fields, called if there are no other errors; pointers are relative to the
//     struct;
//   static constexpr std::string_view schema_name = "Order";
//     its name in the OpenAPI document.

#include "storage/base/problem.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

/// A field that is always written, null if empty.
template <class T>
struct nullable {
  std::optional<T> value;
  bool operator==(const nullable&) const = default;
};

/// A field of a PATCH body: absent (leave as is), null (remove) or a value (replace).
template <class T>
struct patch {
  bool present = false;
  std::optional<T> value;
  bool operator==(const patch&) const = default;
};

namespace json {

/// A string's form, named like the OpenAPI `format` if there is one. Texts written by users are
/// `line` (names, cities, option values) or `text`, which allows line breaks. Neither may be blank;
/// it may be empty unless length_min forbids it.
enum class format {
  none,
  email,
  uri,
  country,
  currency,
  phone,
  username,
  sku,
  line,      ///< no control characters, line breaks included; at least one visible character
  text,      ///< line breaks and tabs allowed; at least one visible character
  password,  ///< OpaqueString (RFC 8265): lengths count the normalised text
  metadata_key
};

/// Constraints on a field's value beyond its type. Lengths count Unicode code points; for arrays
/// they count elements.
struct rule {
  std::string_view field;
  std::optional<std::size_t> length_min{};
  std::optional<std::size_t> length_max{};
  std::optional<std::int64_t> value_min{};
  std::optional<std::int64_t> value_max{};
  format form = format::none;
  std::string_view description{};  ///< for the OpenAPI document
  /// Allowed values of a text or an enum, separated by spaces.
  std::string_view one_of{};
  /// Only for the OpenAPI document: a regular expression (ECMA 262) of what the route checks; the
  /// default of an absent field and an example, both as JSON text.
  std::string_view pattern{};
  std::string_view default_value{};
  std::string_view example{};
  // For a map of texts:
  format key_form = format::none;
  std::optional<std::size_t> each_length_max{};  ///< of each value or element
  std::optional<std::size_t> each_length_min{};  ///< of each element of a list
};

/// Any JSON value, stored as compact text.
struct raw {
  std::string text = "null";
  bool operator==(const raw&) const = default;
};

/// Limits of parsing. The defaults are those of the HTTP edge.
struct limits {
  int depth_max = 32;
  std::size_t bytes_max = 1 << 20;
  std::size_t values_max = 100'000;
};

}  // namespace json
}  // namespace stoa
