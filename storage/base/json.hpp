#pragma once
// JSON in and out of described structs (BOOST_DESCRIBE_STRUCT). Reading is strict: depth, size and
// number limits, UTF-8 checked, no duplicate keys, no unknown fields, errors that point at the
// field.
//
// The C++ type says what a field may be:
//   bool, integers (range-checked), double, std::string, described enums (by name), id<Tag> and
//   uuid (canonical text), timestamp (RFC 3339), money, described structs, std::vector<T>,
//   std::map<std::string, T>;
//   std::optional<T>: may be absent but not null when read, left out when empty when written;
//   nullable<T>: always present, null when empty;
//   patch<T>: absent, null or a value, told apart (PATCH bodies, RFC 7396);
//   json::raw: any JSON, kept as compact text.
// Limits on a field's value stand beside the struct, once, for the checks and for the OpenAPI
// schema:
//   static constexpr json::rule rules[] = {{.field = "username", .length_min = 3, .length_max =
//   64}};
// For money the range is that of the amount; for a list lengths count elements, the form is that of
// each. A struct may also have
//   static constexpr std::string_view defaults[] = {"quantity"};   fields that may be absent and
//   then
//                                                                  keep their C++ default;
//   void check(std::vector<field_error>&) const;                   rules over several fields,
//   pointers
//                                                                  relative to the struct, asked
//                                                                  only when all else is right;
//   static constexpr std::string_view schema_name = "Order";       its name in the OpenAPI
//   document.

#include "storage/base/problem.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

/// A field that is always written, null when empty.
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

/// A string's form, named as in OpenAPI's `format` where it has a name there. Every text that
/// people write has one of them: `line` for names, cities, option values and the like, `text` where
/// line breaks are allowed. Neither is blank unless it is empty, which length_min forbids.
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

/// What a field's value must keep to, beyond its type. Lengths count Unicode code points; for
/// arrays they count elements.
struct rule {
  std::string_view field;
  std::optional<std::size_t> length_min{};
  std::optional<std::size_t> length_max{};
  std::optional<std::int64_t> value_min{};
  std::optional<std::int64_t> value_max{};
  format form = format::none;
  std::string_view description{};  ///< for the OpenAPI document
  std::string_view one_of{};       ///< the values that a text may have, separated by spaces
  /// For the OpenAPI document alone: a regular expression (ECMA 262) of what the route itself
  /// checks; the value of an absent field and an example, both as JSON text.
  std::string_view pattern{};
  std::string_view default_value{};
  std::string_view example{};
  // Of a map of texts:
  format key_form = format::none;
  std::optional<std::size_t> each_length_max{};  ///< of each value
};

/// Any JSON value, kept as compact text.
struct raw {
  std::string text = "null";
  bool operator==(const raw&) const = default;
};

/// Bounds on what is parsed. The defaults are those of the HTTP edge.
struct limits {
  int depth_max = 32;
  std::size_t bytes_max = 1 << 20;
  std::size_t values_max = 100'000;
};

}  // namespace json
}  // namespace stoa
