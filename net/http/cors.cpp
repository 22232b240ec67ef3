#include "net/http/cors.hpp"

#include <algorithm>

namespace stoa::http {

std::optional<std::string> allowed_origin(const request& r,
                                          const std::vector<std::string>& origins) {
  if (origins.empty()) return std::nullopt;
  const auto origin = r.header("Origin");
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
       "If-None-Match, Prefer, traceparent, X-Request-Id"},
      {"Access-Control-Max-Age", "600"},
  };
  return answer;
}

void add_cors_headers(response& answer, const std::optional<std::string>& origin) {
  if (origin) {
    answer.headers.emplace_back("Access-Control-Allow-Origin", *origin);
    answer.headers.emplace_back("Access-Control-Expose-Headers",
                                "Device-Token, ETag, Idempotent-Replayed, Link, Location, "
                                "Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, "
                                "traceparent, X-Request-Id");
    if (*origin == "*") return;
  }
  for (auto& [name, value] : answer.headers) {
    if (!equals_ignoring_case(name, "Vary")) continue;
    value += ", Origin";
    return;
  }
  answer.headers.emplace_back("Vary", "Origin");
}

}  // namespace stoa::http
