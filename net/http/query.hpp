#pragma once
// The query string as decoded name-value pairs.

#include "net/http/problem.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::http {

/// The parameters of a query, in order; each name once.
class query_parameters {
 public:
  /// The value of that name; nothing when it is absent. "?q" and "?q=" both have the value "".
  std::optional<std::string_view> find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }
  bool empty() const { return pairs_.empty(); }
  void add(std::string name, std::string value);

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// Maximum number of parameters per query.
inline constexpr std::size_t query_parameters_max = 64;

/// Decodes the raw query (without the '?') as HTML forms encode it: %XX, '+' for a space, '&' as
/// separator. Problem 400 `malformed_query` for invalid escapes, control characters, invalid UTF-8,
/// an empty or repeated name, or too many parameters; the error's pointer is "?name".
result<query_parameters> parse_query(std::string_view raw);

}  // namespace stoa::http
