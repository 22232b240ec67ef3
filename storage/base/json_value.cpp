#include "storage/base/json_value.hpp"

#include "storage/base/json_rules.hpp"
#include "storage/base/text.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

namespace stoa::json {

namespace {

/// Hard limit for callers: destroying a document recurses.
constexpr int depth_ceiling = 256;
/// Duplicate names are found by linear search in objects up to this size, by sorting in larger
/// ones.
constexpr std::size_t small_object = 16;

problem malformed(std::size_t offset, std::string_view what) {
  return {problem_kind::malformed,
          "malformed_json",
          std::string(what) + " (at byte " + std::to_string(offset) + ").",
          {}};
}

/// A number that no type can hold. The text is JSON, so the error is that of a field's value.
problem out_of_range(std::size_t offset, std::string_view what, std::string pointer) {
  auto p = invalid_field(std::move(pointer), "range", std::string(what) + ".");
  p.detail = std::string(what) + " (at byte " + std::to_string(offset) + ").";
  return p;
}

constexpr std::string_view huge_number = "A number too large for a double";

/// The digits of a number without sign, point and surrounding zeros, and its power of ten.
struct decimal {
  std::string digits;
  std::int64_t exponent = 0;
};

decimal decimal_of(std::string_view text) {
  decimal out;
  std::size_t end = std::min(text.find_first_of("eE"), text.size());
  if (end < text.size()) {
    std::string_view exponent = text.substr(end + 1);
    if (exponent.front() == '+') exponent.remove_prefix(1);
    auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), out.exponent);
    // Larger than any exponent that digits or zeros in a document can compensate.
    if (read.ec != std::errc{}) out.exponent = exponent.front() == '-' ? INT32_MIN : INT32_MAX;
    out.exponent = std::clamp<std::int64_t>(out.exponent, INT32_MIN, INT32_MAX);
  }
  std::string_view mantissa = text.substr(0, end);
  std::size_t point = mantissa.find('.');
  if (point != std::string_view::npos) {
    out.exponent -= static_cast<std::int64_t>(mantissa.size() - point - 1);
  }
  for (char c : mantissa) {
    if (c != '-' && c != '.' && (c != '0' || !out.digits.empty())) out.digits.push_back(c);
  }
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.exponent;
  }
  return out;
}

/// The 64-bit integer that equals a number with fraction or exponent, if any.
std::optional<value> exact_integer(std::string_view text) {
  constexpr std::int64_t digits_max = 20;  // of the largest std::uint64_t
  decimal number = decimal_of(text);
  if (number.digits.empty()) return value(std::int64_t{0});
  if (number.exponent < 0 || number.exponent > digits_max) return std::nullopt;
  number.digits.append(static_cast<std::size_t>(number.exponent), '0');
  if (text.front() == '-') number.digits.insert(0, 1, '-');
  const char* first = number.digits.data();
  const char* last = first + number.digits.size();
  std::int64_t small = 0;
  if (std::from_chars(first, last, small).ec == std::errc{}) return value(small);
  std::uint64_t large = 0;
  if (text.front() != '-' && std::from_chars(first, last, large).ec == std::errc{}) {
    return value(large);
  }
  return std::nullopt;
}

problem too_many_values(std::size_t values_max) {
  return {problem_kind::too_large,
          "json_too_many_values",
          "The JSON has more than " + std::to_string(values_max) +
              " values, counting objects, their members, arrays and their elements. Send fewer.",
          {}};
}

/// Builds the value from RapidJSON's events. Returns false to stop; `failure` is the reason.
class builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, builder> {
 public:
  explicit builder(const limits& bounds)
      : depth_max_(static_cast<std::size_t>(std::clamp(bounds.depth_max, 0, depth_ceiling))),
        values_max_(bounds.values_max) {}

  std::string failure;
  bool too_many = false;   ///< the limit of values was exceeded
  bool too_large = false;  ///< `failure` is about a number outside the range of its type
  value root;

  bool Null() { return add(value{}); }
  bool Bool(bool v) { return add(value(v)); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return number({text, length});
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return good_text({text, length}) && add(value(std::string(text, length)));
  }
  bool StartObject() { return open(true); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    std::string_view name{text, length};
    if (!good_text(name)) return false;
    object& members = frames_.back().members;
    if (members.size() < small_object) {
      for (const member& m : members) {
        if (m.name == name) return duplicate(name);
      }
    }
    members.push_back({std::string(name), value{}});
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    object members = std::move(frames_.back().members);
    frames_.pop_back();
    return no_duplicates(members) && place(value(std::move(members)));
  }
  bool StartArray() { return open(false); }
  bool EndArray(rapidjson::SizeType) {
    array items = std::move(frames_.back().items);
    frames_.pop_back();
    return place(value(std::move(items)));
  }

  /// The JSON pointer of the value being read.
  std::string pointer() const {
    std::vector<detail::path> steps(1);
    steps.reserve(frames_.size() + 1);  // Each step refers to the one before it.
    for (const frame& f : frames_) {
      if (f.is_object) {
        steps.emplace_back(steps.back(), f.members.back().name);
      } else {
        steps.emplace_back(steps.back(), f.items.size());
      }
    }
    return steps.back().pointer();
  }

 private:
  struct frame {
    bool is_object;
    object members;
    array items;
  };

  bool reject(std::string why) {
    failure = std::move(why);
    return false;
  }

  bool reject_number(std::string_view why) {
    too_large = true;
    return reject(std::string(why));
  }

  bool duplicate(std::string_view name) {
    return reject("Duplicate name \"" + std::string(name.substr(0, 64)) + "\" in an object");
  }

  bool count() {
    too_many = ++values_ > values_max_;
    return !too_many;
  }

  bool open(bool is_object) {
    if (frames_.size() >= depth_max_) {
      return reject("Nesting exceeds " + std::to_string(depth_max_) + " levels");
    }
    frames_.push_back({is_object, {}, {}});
    return count();
  }

  bool add(value v) { return count() && place(std::move(v)); }

  bool place(value v) {
    if (frames_.empty()) {
      root = std::move(v);
    } else if (frames_.back().is_object) {
      frames_.back().members.back().value = std::move(v);
    } else {
      frames_.back().items.push_back(std::move(v));
    }
    return true;
  }

  /// RapidJSON checks the bytes, but accepts the escapes \u0000 and a lone \udc00.
  bool good_text(std::string_view text) {
    if (std::memchr(text.data(), '\0', text.size()) != nullptr) {
      return reject("A string contains the character NUL");
    }
    if (std::memchr(text.data(), 0xED, text.size()) != nullptr && !text::is_utf8(text)) {
      return reject("A string contains an unpaired surrogate");
    }
    return true;
  }

  bool number(std::string_view text) {
    const char* first = text.data();
    const char* last = first + text.size();
    if (text.find_first_of(".eE") == std::string_view::npos) {
      std::int64_t small = 0;
      if (std::from_chars(first, last, small).ec == std::errc{}) return add(value(small));
      std::uint64_t large = 0;
      if (text.front() != '-' && std::from_chars(first, last, large).ec == std::errc{}) {
        return add(value(large));
      }
      return reject_number("An integer of more than 64 bits");
    }
    if (auto integer = exact_integer(text)) return add(std::move(*integer));
    double real = 0;
    auto [end, error] = std::from_chars(first, last, real);
    // Underflow is also "out of range" and becomes zero. Only overflow is rejected; RapidJSON has
    // detected it already except at the limit.
    if (error == std::errc::result_out_of_range) {
      bool tiny = std::abs(std::strtod(std::string(text).c_str(), nullptr)) < 1;
      return tiny ? add(value(0.0)) : reject_number(huge_number);
    }
    return add(value(real));
  }

  bool no_duplicates(const object& members) {
    if (members.size() <= small_object) return true;
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const member& m : members) names.emplace_back(m.name);
    std::sort(names.begin(), names.end());
    auto twice = std::adjacent_find(names.begin(), names.end());
    return twice == names.end() || duplicate(*twice);
  }

  std::size_t depth_max_;
  std::size_t values_max_;
  std::size_t values_ = 0;
  std::vector<frame> frames_;
};

std::string_view error_text(rapidjson::ParseErrorCode code) {
  switch (code) {
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "Unexpected text after the end of the document";
    case rapidjson::kParseErrorObjectMissName:
      return "Expected a name in double quotes";
    case rapidjson::kParseErrorObjectMissColon:
      return "Expected a colon";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "Expected a comma or a closing brace";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "Expected a comma or a closing bracket";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "\\u must be followed by four hexadecimal digits";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "A string contains an unpaired surrogate";
    case rapidjson::kParseErrorStringEscapeInvalid:
      return "A string contains an invalid escape or an unescaped control character";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return "A string has no closing quote";
    case rapidjson::kParseErrorStringInvalidEncoding:
      return "The text is not valid UTF-8";
    case rapidjson::kParseErrorNumberMissFraction:
      return "Expected digits after the decimal point";
    case rapidjson::kParseErrorNumberMissExponent:
      return "Expected digits in the exponent";
    default:
      return "Invalid JSON value";
  }
}

}  // namespace

const value* value::find(std::string_view name) const noexcept {
  if (const object* members = if_object()) {
    for (const member& m : *members) {
      if (m.name == name) return &m.value;
    }
  }
  return nullptr;
}

std::string_view kind_name(kind k) noexcept {
  switch (k) {
    case kind::null:
      return "null";
    case kind::boolean:
      return "true or false";
    case kind::integer:
    case kind::big_integer:
      return "an integer";
    case kind::number:
      return "a number with a fraction";
    case kind::string:
      return "a string";
    case kind::array:
      return "an array";
    case kind::object:
      return "an object";
  }
  return "a value";
}

result<value> parse(std::string_view text, const limits& bounds) {
  if (text.size() > bounds.bytes_max) {
    return malformed(bounds.bytes_max, "More than " + std::to_string(bounds.bytes_max) + " bytes");
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return problem{problem_kind::malformed, "body_required", "A JSON document is required.", {}};
  }
  if (text.starts_with("\xEF\xBB\xBF")) return malformed(0, "A byte order mark is not allowed");
  // RapidJSON treats a NUL as the end of the input and would ignore the rest.
  if (auto nul = text.find('\0'); nul != std::string_view::npos) {
    return malformed(nul, "The text contains the character NUL");
  }
  constexpr unsigned flags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
      rapidjson::kParseFullPrecisionFlag | rapidjson::kParseNumbersAsStringsFlag;
  builder handler(bounds);
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  auto outcome = reader.Parse<flags>(stream, handler);
  if (handler.too_many) return too_many_values(bounds.values_max);
  if (handler.too_large) return out_of_range(outcome.Offset(), handler.failure, handler.pointer());
  if (outcome.Code() == rapidjson::kParseErrorNumberTooBig) {
    return out_of_range(outcome.Offset(), huge_number, handler.pointer());
  }
  if (outcome.IsError()) {
    return malformed(outcome.Offset(),
                     handler.failure.empty() ? error_text(outcome.Code()) : handler.failure);
  }
  return std::move(handler.root);
}

}  // namespace stoa::json
