#include "net/front/header_fields.hpp"

#include "net/front/replay_owner.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

constexpr std::string_view text_schema = R"({"type":"string"})";
// RFC 9110, section 8.8.3; a list of tags, which may have empty elements (section 5.6.1), or * in a
// condition.
constexpr std::string_view condition_schema =
    R"({"type":"string","pattern":"^(\\*|[ \\t,]*(W/)?\"[^\\x00-\\x20\"\\x7F]*\"([ \\t]*,[ \\t,]*(W/)?\"[^\\x00-\\x20\"\\x7F]*\")*[ \\t,]*)$"})";
constexpr std::string_view tag_schema =
    R"({"type":"string","pattern":"^(W/)?\"[\\x21\\x23-\\x7E]*\"$"})";
constexpr std::string_view trace_schema =
    R"({"type":"string","pattern":"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$"})";
constexpr std::string_view example_trace =
    R"("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")";

constexpr header_field taken[] = {
    {"Accept-Encoding", R"({"type":"string","pattern":"^[\\x20-\\x7E]*$"})",
     "Accepted content codings: gzip, zstd (RFC 9110, section 12.5.3).", R"("zstd, gzip")"},
    {"Idempotency-Key",
     R"({"type":"string","minLength":1,"maxLength":255,"pattern":"^[\\x21-\\x7E]+$"})",
     "A repeat with the same key and body is not executed again and gets the first response. For "
     "guests only "
     "with the same secret: the cart in the path, the order's token, or the Client-Secret; without "
     "one the key is ignored.",
     R"("8e03978e-40d5-43e8-bc93-6894a57f9324")"},
    {"Client-Secret",
     R"({"type":"string","minLength":22,"maxLength":255,"pattern":"^[\\x21-\\x7E]+$"})",
     "A secret of at least 128 random bits. Allows a guest to repeat the request with "
     "its Idempotency-Key.",
     R"("fPb0kZ1rXq7mN4sT9vW2yA")"},
    {"If-Match", condition_schema,
     "Execute only if the current ETag is one of these; 412 otherwise (RFC 9110, section 13.1.1).",
     R"("\"3\"")"},
    {"If-None-Match", condition_schema,
     "If the current ETag is one of these, reads return 304 without a body, changes 412 (RFC "
     "9110, section 13.1.2).",
     R"("\"mNPyzUm5EATx-3Gk\"")"},
    {"Prefer", R"({"type":"string","pattern":"^[\\x20-\\x7E]*$","maxLength":1000})",
     "How to wait for the outcome: wait=N: up to N seconds; respond-async: not at all (RFC 7240). "
     "Other preferences are ignored.",
     R"("wait=10")"},
    {"Device-Token", R"({"type":"string","maxLength":512,"pattern":"^[\\x21-\\x7E]*$"})",
     "The Device-Token of an earlier login response. Failed logins of other clients do not delay "
     "this device.",
     R"("dt_p2dP7y")"},
    {"Stoa-Consistency", R"({"type":"string","maxLength":255,"pattern":"^[\\x21-\\x7E]*$"})",
     "The Stoa-Consistency of an earlier response. This read reflects the changes of that request. "
     "Not needed for reads of a signed-in user at the same node.",
     R"("1767225600000.catalog.Zk3vW1c")"},
    {"traceparent", trace_schema,
     "The trace that the request belongs to (W3C Trace Context). A new trace is started without "
     "it.",
     example_trace},
    {"X-Request-Id",
     R"({"type":"string","minLength":1,"maxLength":64,"pattern":"^[A-Za-z0-9._-]+$"})",
     "The id of the request in logs and responses. If it is missing or malformed, the "
     "server generates one.",
     R"("0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90")"}};

constexpr header_field given[] = {
    {"Accept-Encoding", text_schema, "Content codings accepted in request bodies.",
     R"("identity")"},
    {"Allow", text_schema, "The methods of the resource.", R"("GET, HEAD, POST")"},
    {"Cache-Control", text_schema, "Caching directives (RFC 9111).", R"("no-cache")"},
    {"Content-Disposition", text_schema, "The file name of the response (RFC 6266).",
     R"("attachment; filename=\"products.csv\"")"},
    {"Content-Encoding", text_schema, "The content coding of the body.", R"("gzip")"},
    {"Device-Token", text_schema, "Send it with later logins.", R"("dt_p2dP7y")"},
    {"ETag", tag_schema, "The version of the representation, for If-Match and If-None-Match.",
     R"("\"mNPyzUm5EATx-3Gk\"")"},
    {"Idempotent-Replayed", R"({"type":"string","enum":["true"]})",
     "The response is that of the first request with this Idempotency-Key.", R"("true")"},
    {"Link", text_schema, "The next page (RFC 8288), if there is one.",
     R"("</store/v1/products?limit=20&cursor=AZ>; rel=\"next\"")"},
    {"Location", R"({"type":"string","format":"uri-reference"})", "The path of the resource.",
     R"("/store/v1/carts/3f0c2b0e-7d4c-4a7e-9a55-0d6f4f1b2c3d")"},
    {"Preference-Applied", text_schema, "The applied preferences (RFC 7240).", R"("wait=10")"},
    {"RateLimit", text_schema,
     "Remaining requests and reset time of each limit that applies to the client.",
     R"("\"address\";r=999;t=1")"},
    {"RateLimit-Policy", text_schema, "The limits that apply to the client.",
     R"("\"address\";q=1000;w=10")"},
    {"Retry-After", R"({"type":"integer","minimum":0})", "Seconds to wait before a retry.", "1"},
    {"Stoa-Cart", R"({"type":"string","format":"uuid"})",
     "The cart that the purchase made, while it is not bought: its goods stay reserved after a "
     "declined payment, and it can be checked out.",
     R"("3f0c2b0e-7d4c-4a7e-9a55-0d6f4f1b2c3d")"},
    {"Stoa-Consistency", text_schema,
     "Present when reads may be served by a lagging replica. Send it with reads that must "
     "reflect this change.",
     R"("1767225600000.catalog.Zk3vW1c")"},
    {"Stoa-Objects-Exported", R"({"type":"integer","minimum":0})", "Lines in this page.", "40"},
    {"Stoa-Products-Exported", R"({"type":"integer","minimum":0})", "Products in this page.", "40"},
    {"Stoa-Products-Left-Out", R"({"type":"integer","minimum":0})",
     "Products of this page that the file format cannot represent; they are logged.", "0"},
    {"Stoa-Columns-Left-Out", R"({"type":"integer","minimum":0})",
     "Columns with values in this page that are not in the file's header.", "0"},
    {"traceparent", trace_schema, "The trace of the request.", example_trace},
    {"Vary", text_schema,
     "Request header fields that select the response (RFC 9110, section 12.5.5).",
     R"("Accept-Encoding")"},
    {"WWW-Authenticate", text_schema, "How to authenticate (RFC 6750).",
     R"("Bearer error=\"invalid_token\"")"},
    {"X-Request-Id", text_schema, "The id of the request, in logs and problem documents.",
     R"("0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90")"}};

/// Whether the route queries the services' databases.
bool has_data(const route& r) {
  return r.path.starts_with("/store/") || r.path.starts_with("/admin/");
}

bool has(const std::vector<int>& list, int status) {
  return std::ranges::find(list, status) != list.end();
}

}  // namespace

std::span<const header_field> request_fields() {
  return taken;
}
std::span<const header_field> answer_fields() {
  return given;
}

std::vector<std::string_view> request_fields_of(const route& r) {
  std::vector<std::string_view> list;
  if (r.takes_key()) list.emplace_back("Idempotency-Key");
  if (takes_client_secret(r)) list.emplace_back("Client-Secret");
  if (r.info.if_match) list.emplace_back("If-Match");
  if (r.info.if_match || has(r.info.success, 304)) list.emplace_back("If-None-Match");
  if (r.method == http::method::get && has_data(r)) list.emplace_back("Stoa-Consistency");
  for (const auto name : r.info.request_fields) {
    if (std::ranges::find(list, name) == list.end()) list.push_back(name);
  }
  if (!r.info.grants_access) list.emplace_back("Accept-Encoding");
  list.insert(list.end(), {"traceparent", "X-Request-Id"});
  return list;
}

std::vector<std::string_view> answer_fields_of(const route& r, int status) {
  std::vector<std::string_view> list{"X-Request-Id", "traceparent", "Cache-Control", "Vary"};
  if (status != 204 && status != 304) list.emplace_back("Content-Encoding");
  if (r.info.limit != limit_class::none) {
    list.insert(list.end(), {"RateLimit", "RateLimit-Policy"});
  }
  if (r.takes_key() && status != 400 && status != 401 && status != 429) {
    list.emplace_back("Idempotent-Replayed");
  }
  if (status == 401 || status == 403) list.emplace_back("WWW-Authenticate");
  if (status == 415) list.emplace_back("Accept-Encoding");
  if (status == 429 || status == 503) list.emplace_back("Retry-After");
  // The created resource; for a declined payment (402) the order that it cancelled.
  if (status == 201 || status == 402) list.emplace_back("Location");
  const std::string_view cart = "Stoa-Cart";
  const bool makes_cart =
      std::ranges::find(r.info.answer_fields, cart) != r.info.answer_fields.end();
  if (status == 402 && makes_cart) list.push_back(cart);
  if (status >= 400) return list;
  if (r.method != http::method::get && has_data(r)) list.emplace_back("Stoa-Consistency");
  // In the response to a checkout it is the order's ETag; If-Match refers to the cart's.
  const bool has_tag = status == 201 || r.info.if_match || has(r.info.success, 304);
  if (status != 204 && has_tag) list.emplace_back("ETag");
  if (r.query && std::ranges::find(r.info.success, 200) != r.info.success.end()) {
    list.emplace_back("Link");
  }
  for (const auto name : r.info.answer_fields) {
    if (std::ranges::find(list, name) == list.end()) list.push_back(name);
  }
  return list;
}

}  // namespace stoa::front
