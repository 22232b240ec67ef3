#include "net/http/query.hpp"

#include "net/http/percent.hpp"

namespace stoa::http {

namespace {

problem malformed_query(std::string pointer, std::string code, std::string detail) {
  return {400,
          "malformed_query",
          "The query string cannot be parsed.",
          {{std::move(pointer), std::move(code), std::move(detail)}}};
}

problem undecodable(std::string pointer, decode_error e) {
  const std::string_view code = e == decode_error::bad_escape          ? "escape"
                                : e == decode_error::control_character ? "control_character"
                                                                       : "encoding";
  return malformed_query(std::move(pointer), std::string(code),
                         "The parameter cannot be decoded: " + std::string(describe(e)) + ".");
}

}  // namespace

std::optional<std::string_view> query_parameters::find(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

void query_parameters::add(std::string name, std::string value) {
  pairs_.emplace_back(std::move(name), std::move(value));
}

result<query_parameters> parse_query(std::string_view raw) {
  query_parameters parameters;
  while (!raw.empty()) {
    const auto ampersand = raw.find('&');
    const auto pair = raw.substr(0, ampersand);
    raw = ampersand == raw.npos ? std::string_view{} : raw.substr(ampersand + 1);
    if (pair.empty()) continue;  // "a=1&" is equivalent to "a=1"

    const auto equals = pair.find('=');
    std::string name;
    if (const auto e = percent_decode(pair.substr(0, equals), true, name);
        e != decode_error::none) {
      return undecodable("?", e);
    }
    const std::string pointer = "?" + name;
    if (name.empty()) return malformed_query(pointer, "required", "A parameter has no name.");
    std::string value;
    if (equals != pair.npos) {
      const auto e = percent_decode(pair.substr(equals + 1), true, value);
      if (e != decode_error::none) return undecodable(pointer, e);
    }
    if (parameters.find(name)) {
      return malformed_query(pointer, "repeated", "The parameter is repeated.");
    }
    if (parameters.pairs().size() == query_parameters_max) {
      return malformed_query(
          pointer, "too_many",
          "A query can have at most " + std::to_string(query_parameters_max) + " parameters.");
    }
    parameters.add(std::move(name), std::move(value));
  }
  return parameters;
}

}  // namespace stoa::http
