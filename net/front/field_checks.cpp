#include "net/front/field_checks.hpp"

#include "net/front/exchange.hpp"
#include "net/http/field_list.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace std::string_view_literals;

/// JSON is UTF-8 (RFC 8259, section 8.1). Parameters other than charset have no meaning.
bool has_other_charset(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto semicolon = parameters.find(';');
    const auto one = text::trim(parameters.substr(0, semicolon));
    parameters = semicolon == parameters.npos ? "" : parameters.substr(semicolon + 1);
    const auto equals = one.find('=');
    if (!http::equals_ignoring_case(one.substr(0, equals), "charset")) continue;
    auto value = equals == one.npos ? "" : one.substr(equals + 1);
    if (value.size() > 1 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (!http::equals_ignoring_case(value, "utf-8")) return true;
  }
  return false;
}

/// Whether the type is in a range such as image/*.
bool is_in_range(std::string_view type, std::string_view range) {
  if (!range.ends_with("/*")) return false;
  range.remove_suffix(1);
  return type.size() > range.size() &&
         http::equals_ignoring_case(type.substr(0, range.size()), range);
}

}  // namespace

void reject_repeated_fields(const http::header_list& headers) {
  for (const auto name : {"Authorization"sv, "Client-Secret"sv, "Content-Type"sv, "Device-Token"sv,
                          "Idempotency-Key"sv}) {
    if (headers.count(name) < 2) continue;
    fail({400,
          "invalid_request",
          "A header field is repeated.",
          {{"#" + std::string(name), "repeated", "send it once"}}});
  }
}

void check_content_type(const http::request& r, std::string_view wanted) {
  if (r.body.empty() || wanted == "*/*") return;
  auto type = r.header("Content-Type");
  const bool wants_json = wanted == "application/json";
  // Without Content-Type only JSON is assumed.
  if (!type && wants_json) return;
  const auto semicolon = type ? type->find(';') : std::string_view::npos;
  const std::string essence = type ? text::trim(type->substr(0, semicolon)) : std::string();
  const auto types = http::split_list(wanted);
  const bool is_wanted =
      (wants_json && essence.ends_with("+json")) || std::ranges::any_of(types, [&](auto one) {
        return http::equals_ignoring_case(essence, one) || is_in_range(essence, one);
      });
  const bool is_utf_8 =
      semicolon == std::string_view::npos || !has_other_charset(type->substr(semicolon + 1));
  if (is_wanted && is_utf_8) return;
  fail({415,
        "unsupported_media_type",
        is_wanted ? "The body must be UTF-8." : "The body must be " + std::string(wanted) + ".",
        {{"#Content-Type", "value", std::string(wanted)}}});
}

}  // namespace stoa::front
