#include "net/http/cors.hpp"

#include "net/http/field_list.hpp"

#include <algorithm>

namespace stoa::http {

std::optional<std::string> allowed_origin(std::optional<std::string_view> origin,
                                          const std::vector<std::string>& origins) {
  if (!origin) return std::nullopt;
  for (const auto& allowed : origins) {
    if (allowed == "*") return "*";
    if (allowed == *origin) return allowed;
  }
  return std::nullopt;
}

bool is_preflight(const request& r) {
  return r.method == method::options && r.header("Access-Control-Request-Method").has_value();
}

response preflight_response() {
  response answer;
  answer.status = 204;
  answer.headers = {
      {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
      {"Access-Control-Allow-Headers",
       "Authorization, Client-Secret, Content-Type, Device-Token, Idempotency-Key, If-Match, "
       "If-None-Match, Prefer, Stoa-Consistency, traceparent, X-Request-Id"},
      {"Access-Control-Max-Age", "600"},
  };
  return answer;
}

void add_cors_headers(response& answer, const std::optional<std::string>& origin) {
  if (origin) {
    answer.headers.emplace_back("Access-Control-Allow-Origin", *origin);
    answer.headers.emplace_back("Access-Control-Expose-Headers",
                                "Allow, Content-Disposition, Device-Token, ETag, "
                                "Idempotent-Replayed, Link, Location, Preference-Applied, "
                                "RateLimit, RateLimit-Policy, Retry-After, Stoa-Cart, "
                                "Stoa-Columns-Left-Out, Stoa-Consistency, Stoa-Products-Exported, "
                                "Stoa-Products-Left-Out, traceparent, WWW-Authenticate, "
                                "X-Request-Id");
    if (*origin == "*") return;
  }
  add_vary(answer, "Origin");
}

}  // namespace stoa::http
