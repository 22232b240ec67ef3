#include "net/front/openapi.hpp"

#include "net/front/replay_owner.hpp"
#include "net/http/problem_response.hpp"

#include <algorithm>
#include <map>

namespace stoa::front {

namespace {

/// Problem documents as the edge writes them (net/http/problem_response.cpp).
constexpr std::string_view problem_schema =
    R"({"type":"object","properties":{)"
    R"("type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},)"
    R"("detail":{"type":"string"},"code":{"type":"string","description":"stable, for programs"},)"
    R"("request_id":{"type":"string"},"errors":{"type":"array","items":{"type":"object",)"
    R"("properties":{"pointer":{"type":"string"},"code":{"type":"string"},"detail":{"type":"string"}},)"
    R"("required":["pointer","code","detail"]}}},"required":["type","title","status","detail","code"]})";

std::string in_quotes(std::string_view text) {
  return json::write(std::string(text));
}

std::string lower(std::string_view method) {
  std::string out(method);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

std::string parameter(std::string_view name, std::string_view in, bool required,
                      const std::string& schema, std::string_view description = {}) {
  std::string text = "{\"name\":" + in_quotes(name) + ",\"in\":" + in_quotes(in) +
                     ",\"required\":" + (required ? "true" : "false") + ",\"schema\":" + schema;
  if (schema.starts_with(R"({"type":"array")")) text += R"(,"style":"form","explode":false)";
  if (!description.empty()) text += ",\"description\":" + in_quotes(description);
  return text + "}";
}

std::string parameters_of(const route& r, json::schema_set& schemas) {
  std::vector<std::string> list;
  for (const auto& name : r.parameters) {
    bool is_uuid = name.ends_with("_id");
    list.push_back(
        parameter(name, "path", true,
                  is_uuid ? R"({"type":"string","format":"uuid"})" : R"({"type":"string"})"));
  }
  if (r.query) {
    for (const auto& q : r.query(schemas)) {
      list.push_back(parameter(q.name, "query", q.required, q.schema));
    }
  }
  for (const auto& [name, schema] : shape_parameters(r.shape, r.info.expand)) {
    list.push_back(parameter(name, "query", false, schema));
  }
  if (r.takes_key()) {
    list.push_back(parameter("Idempotency-Key", "header", r.info.key_required,
                             R"({"type":"string","minLength":1,"maxLength":255})",
                             "A repeat with the same key gets the first answer. A guest's does "
                             "only with the same secret: the cart in the path, the order's token, "
                             "or the Client-Secret; without one the key has no effect."));
  }
  if (takes_client_secret(r)) {
    list.push_back(parameter("Client-Secret", "header", false,
                             R"({"type":"string","minLength":22,"maxLength":255})",
                             "At least 128 random bits, known to this client alone. Lets a guest "
                             "repeat the request under its Idempotency-Key."));
  }
  if (r.info.if_match) {
    list.push_back(parameter("If-Match", "header", false, R"({"type":"string"})",
                             "The version in quotes; 412 when it has moved."));
  }
  std::string text = "[";
  for (std::size_t i = 0; i < list.size(); ++i) text += (i > 0 ? "," : "") + list[i];
  return text + "]";
}

std::string security_of(const route& r) {
  std::string text;
  if (r.info.who == access::anyone) text = "{},{\"bearer\":[]}";
  if (r.info.who != access::anyone) text = "{\"bearer\":[]}";
  return "[" + text + "]";
}

std::string responses_of(const route& r, json::schema_set& schemas) {
  std::map<int, std::string> responses;
  for (int status : r.info.success) {
    std::string text = "{\"description\":" + in_quotes(http::reason_phrase(status));
    const bool bodiless = status == 204 || status == 304 ||
                          std::ranges::find(r.info.bodiless, status) != r.info.bodiless.end();
    if (r.reply && !bodiless) {
      text += ",\"content\":{" + in_quotes(r.info.reply_type) + ":{\"schema\":" + r.reply(schemas) +
              "}}";
    }
    responses[status] = text + "}";
  }
  std::vector<int> errors = r.info.errors;
  // A token that is not valid is refused everywhere, also where none is needed.
  errors.insert(errors.end(), {400, 401, 503});
  if (r.info.limit != limit_class::none) errors.push_back(429);
  if (r.info.who == access::staff || r.info.who == access::admin) errors.push_back(403);
  if (r.body) errors.insert(errors.end(), {413, 415, 422});
  // The Idempotency-Key's own: still running, or used for another request.
  if (r.takes_key()) errors.insert(errors.end(), {409, 422});
  for (int status : errors) {
    // Other answers have the fields of rate limits as well, where a limit applies to the client.
    const std::string_view fields =
        status == 429 ? R"(,"headers":{"Retry-After":{"schema":{"type":"integer"}},)"
                        R"("RateLimit":{"schema":{"type":"string"}},)"
                        R"("RateLimit-Policy":{"schema":{"type":"string"}}})"
                      : "";
    responses.try_emplace(status, "{\"description\":" + in_quotes(http::reason_phrase(status)) +
                                      std::string(fields) +
                                      ",\"content\":{\"application/problem+json\":{\"schema\":{"
                                      "\"$ref\":\"#/components/schemas/problem\"}}}}");
  }
  std::string text = "{";
  for (const auto& [status, body] : responses) {
    text += (text.size() > 1 ? "," : "") + in_quotes(std::to_string(status)) + ":" + body;
  }
  return text + "}";
}

std::string operation(const route& r, json::schema_set& schemas) {
  std::string text = "{\"operationId\":" + in_quotes(r.info.id) + ",\"tags\":[" +
                     in_quotes(r.info.tag) + "],\"summary\":" + in_quotes(r.info.summary) +
                     ",\"security\":" + security_of(r) +
                     ",\"parameters\":" + parameters_of(r, schemas);
  if (r.body) {
    text += ",\"requestBody\":{\"required\":true,\"content\":{" + in_quotes(r.info.body_type) +
            ":{\"schema\":" + r.body(schemas) +
            "}},\"x-body-bytes-max\":" + std::to_string(r.body_bytes_max()) + "}";
  }
  return text + ",\"responses\":" + responses_of(r, schemas) + "}";
}

}  // namespace

std::string make_openapi(const routes& table) {
  json::schema_set schemas;
  std::map<std::string, std::string> paths;
  for (const auto& r : table.all()) {
    auto& text = paths[r->path];
    text += (text.empty() ? "" : ",") + in_quotes(lower(http::to_string(r->method))) + ":" +
            operation(*r, schemas);
  }
  std::string document =
      "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Stoa\",\"version\":\"" STOA_VERSION
      "\","
      "\"description\":\"Commerce backend: accounts, catalogue, carts, orders, payments, "
      "notifications. Errors are RFC 9457 problem documents with a stable code.\","
      "\"license\":{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}},\"paths\":{";
  bool first = true;
  for (const auto& [path, text] : paths) {
    document += (first ? "" : ",") + in_quotes(path) + ":{" + text + "}";
    first = false;
  }
  std::string components = schemas.components();
  // The problem's schema joins the generated ones.
  components.insert(components.size() - 1,
                    (components.size() > 2 ? std::string(",") : std::string()) +
                        "\"problem\":" + std::string(problem_schema));
  return document +
         "},\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\","
         "\"scheme\":\"bearer\",\"description\":\"An access token, or a guest order's "
         "token\"}},\"schemas\":" +
         components + "}}";
}

}  // namespace stoa::front
