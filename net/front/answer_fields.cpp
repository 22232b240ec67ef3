#include "net/front/answer_fields.hpp"

#include "net/front/route.hpp"
#include "net/http/field_list.hpp"
#include "storage/base/text.hpp"

namespace stoa::front {

std::string allow_field(const std::vector<http::method>& methods) {
  std::string list;
  for (auto m : methods) {
    list += std::string(http::to_string(m)) + ", ";
    if (m == http::method::get) list += "HEAD, ";  // served by the GET route
  }
  return list + "OPTIONS";
}

std::optional<http::response> options_answer(const exchange& x) {
  using http::method;
  if (x.request->method != method::options) return std::nullopt;
  const bool is_server = x.request->path == "*";
  if (x.allowed.empty() && !is_server) return std::nullopt;
  http::response r;
  r.status = 204;
  r.headers.emplace_back("Allow", is_server ? allow_field({method::get, method::post, method::put,
                                                           method::patch, method::del})
                                            : allow_field(x.allowed));
  return r;
}

void add_cache_control(const exchange& x, http::response& r) {
  if (http::has_field(r, "Cache-Control")) return;
  const bool shared = x.matched && x.matched->info.shared_cache && !x.for_caller_only;
  r.headers.emplace_back("Cache-Control", shared ? "no-cache" : "private, no-store");
}

void reject_unmatched(const exchange& x) {
  if (x.request->method == http::method::get || x.request->method == http::method::head) return;
  if (x.matched->info.if_match) return;
  const auto wanted = http::joined_fields(x.request->headers, "If-Match");
  if (!wanted || text::trim_blanks(*wanted) == "*") return;
  fail({412,
        "precondition_failed",
        "This resource has no ETag; If-Match is not supported.",
        {{"#If-Match", "unsupported", "send the request without If-Match"}}});
}

}  // namespace stoa::front
