#include "net/front/openapi.hpp"

#include "net/front/header_fields.hpp"
#include "net/front/openapi_operation.hpp"
#include "net/front/openapi_texts.hpp"
#include "net/front/openapi_webhooks.hpp"
#include "net/front/problem_catalogue.hpp"
#include "net/http/problem_response.hpp"
#include "storage/base/json_write.hpp"

#include <map>
#include <set>

namespace stoa::front {

namespace {

using openapi::add;
using openapi::object;
using openapi::parsed;
using openapi::text;

constexpr std::string_view introduction =
    "A commerce backend: accounts, catalogue, carts, orders, payments, notifications.\n\n"
    "Money is an integer of minor units with its currency. Times are RFC 3339 in UTC. Ids are "
    "UUIDs. Lists return `next_cursor`; send it as `cursor` to get the next page.\n\n"
    "**Errors** are problem documents (RFC 9457) with a stable `code`; `x-problem-codes` "
    "lists all codes.\n\n"
    "**Repeats**: a POST with an `Idempotency-Key` is executed once; repeats get the first "
    "response.\n\n"
    "**Compatibility**: within a major version the path, operations, required members of "
    "responses, "
    "and the meaning of codes stay. New operations, optional parameters and members of requests, "
    "members of responses, values of enumerations in responses, and problem codes may be added at "
    "any "
    "time: ignore unknown members, and treat unknown codes by their status. Requests "
    "are strict: unknown members are rejected.";

struct tag_text {
  std::string_view name;
  std::string_view description;
};
constexpr tag_text tags[] = {
    {"auth", "Login, refresh and logout. Access tokens are JWTs that expire after a few minutes."},
    {"users", "The caller's account, addresses and notifications."},
    {"catalog", "Products and categories as customers see them."},
    {"carts", "Carts of guests and users, and the checkout. A guest's cart id is a secret."},
    {"orders", "Orders and their payments, for their owners."},
    {"admin", "For staff: catalogue, stock, orders, payments, users, nodes."},
    {"webhooks", "Signed calls from payment gateways and providers of text messages."},
    {"operation", "Probes, metrics and API documents."}};

/// Problem documents as net/http/problem_response.cpp writes them.
json::value problem_schema() {
  json::array codes;
  std::set<std::string_view> known;
  for (const auto& kind : problem_entries()) {
    if (known.insert(kind.code).second) codes.push_back(text(kind.code));
  }
  auto schema = parsed(
      R"({"type":"object","description":"A problem document (RFC 9457).","properties":{)"
      R"("type":{"type":"string","format":"uri-reference","description":"Always about:blank; see code."},)"
      R"("title":{"type":"string","description":"The reason phrase of the status."},)"
      R"("status":{"type":"integer","minimum":400,"maximum":599},)"
      R"("detail":{"type":"string","description":"A description for display; the text may change."},)"
      R"("code":{"type":"string","description":"A stable code for programs. Later versions may add codes."},)"
      R"("errors":{"type":"array","items":{"$ref":"#/components/schemas/field_error"}},)"
      R"("request_id":{"type":"string","description":"The id of the request, for support."}},)"
      R"("required":["type","title","status","detail","code"]})");
  auto& code = *openapi::find(*openapi::find(schema, "properties"), "code");
  add(code, "x-extensible-enum", json::value(std::move(codes)));
  return schema;
}

constexpr std::string_view field_error_schema =
    R"({"type":"object","properties":{"pointer":{"type":"string","description":)"
    R"("A JSON pointer into the body, or ? and a query parameter, or # and a header field."},)"
    R"("code":{"type":"string","description":"A stable code for programs."},)"
    R"("detail":{"type":"string","description":"A description for display; the text may change."}},)"
    R"("required":["pointer","code","detail"]})";

json::value problem_example(const problem_entry& kind) {
  auto value = object({{"type", text("about:blank")},
                       {"title", text(http::reason_phrase(kind.status))},
                       {"status", json::value(std::int64_t{kind.status})},
                       {"detail", text(kind.meaning)},
                       {"code", text(kind.code)}});
  if (kind.code == "validation_failed" || kind.code == "invalid_request") {
    const bool range = kind.status == 422;
    add(value, "errors",
        parsed(
            range
                ? R"([{"pointer":"/quantity","code":"range","detail":"This must be between 1 and 10000."}])"
                : R"([{"pointer":"/quantity","code":"type","detail":"This must be an integer."}])"));
  }
  add(value, "request_id", text("0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90"));
  return object({{"summary", text(kind.meaning)}, {"value", std::move(value)}});
}

json::value parameter_components(const std::set<std::string>& used) {
  auto all = object({});
  for (const auto& f : request_fields()) {
    for (const bool required : {false, true}) {
      const auto key = std::string(f.name) + (required ? "-required" : "");
      if (!used.contains("#/components/parameters/" + key)) continue;
      add(all, key,
          object({{"name", text(f.name)},
                  {"in", text("header")},
                  {"required", json::value(required)},
                  {"description", text(f.description)},
                  {"schema", parsed(f.schema)},
                  {"example", parsed(f.example)}}));
    }
  }
  return all;
}

json::value header_components(const std::set<std::string>& used) {
  auto all = object({});
  for (const auto& f : answer_fields()) {
    if (!used.contains("#/components/headers/" + std::string(f.name))) continue;
    add(all, f.name,
        object({{"description", text(f.description)},
                {"schema", parsed(f.schema)},
                {"example", parsed(f.example)}}));
  }
  return all;
}

json::value example_components(const std::set<std::string>& used) {
  auto all = object({});
  std::set<std::string_view> known;
  for (const auto& kind : problem_entries()) {
    if (!used.contains("#/components/examples/" + std::string(kind.code))) continue;
    if (known.insert(kind.code).second) add(all, kind.code, problem_example(kind));
  }
  return all;
}

/// All reference targets in the value.
void collect_references(const json::value& v, std::set<std::string>& into) {
  if (const auto* list = v.if_array()) {
    for (const auto& one : *list) collect_references(one, into);
  }
  if (!v.if_object()) return;
  for (const auto& m : *v.if_object()) {
    if (m.name == "$ref" && m.value.if_string()) into.insert(*m.value.if_string());
    collect_references(m.value, into);
  }
}

json::value problem_codes() {
  json::array list;
  for (const auto& kind : problem_entries()) {
    list.push_back(object({{"status", json::value(std::int64_t{kind.status})},
                           {"code", text(kind.code)},
                           {"meaning", text(kind.meaning)},
                           {"remedy", text(kind.remedy)}}));
  }
  return json::value(std::move(list));
}

json::value field_codes() {
  json::array list;
  for (const auto& kind : field_kinds()) {
    list.push_back(object({{"code", text(kind.code)}, {"meaning", text(kind.meaning)}}));
  }
  return json::value(std::move(list));
}

json::value security_schemes() {
  return parsed(
      R"({"access_token":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":)"
      R"("The access_token of a login. The roles staff and admin are those of the user."},)"
      R"("order_token":{"type":"http","scheme":"bearer","description":)"
      R"("The access_token of a guest's order (ot_...), valid for that order only."}})");
}

json::value tag_list(const std::set<std::string>& used) {
  json::array list;
  for (const auto& t : tags) {
    if (!used.contains(std::string(t.name))) continue;
    list.push_back(object({{"name", text(t.name)}, {"description", text(t.description)}}));
  }
  return json::value(std::move(list));
}

json::value info() {
  return object(
      {{"title", text("Stoa")},
       {"version", text(STOA_VERSION)},
       {"summary", text("A commerce backend over HTTP and JSON.")},
       {"description", text(introduction)},
       {"contact", object({{"name", text("The operator of this store")}})},
       {"license", object({{"name", text("Apache-2.0")}, {"identifier", text("Apache-2.0")}})}});
}

}  // namespace

std::string make_openapi(const routes& table) {
  json::schema_set schemas;
  // Response types first: a type that requests also use gets a different schema for them.
  for (const auto& r : table.all()) {
    if (r->info.listed && r->reply) r->reply(schemas);
  }
  openapi::shared_answers shared;
  std::map<std::string, json::object> paths;
  std::set<std::string> used_tags;
  for (const auto& r : table.all()) {
    if (!r->info.listed) continue;
    std::string method(http::to_string(r->method));
    for (char& c : method) c = static_cast<char>(c | 0x20);
    paths[r->path].push_back({std::move(method), openapi::operation_of(*r, schemas, shared)});
    used_tags.insert(r->info.tag);
  }
  auto webhooks = openapi::webhook_items(schemas);
  auto all_schemas = parsed(schemas.components());
  add(all_schemas, "field_error", parsed(field_error_schema));
  add(all_schemas, "problem", problem_schema());
  openapi::describe_members(all_schemas);
  openapi::add_webhook_examples(webhooks, all_schemas);
  auto path_items = object({});
  for (auto& [path, operations] : paths) {
    for (auto& o : operations) openapi::add_examples(o.value, all_schemas);
    add(path_items, path, json::value(std::move(operations)));
  }
  std::set<std::string> used;
  collect_references(path_items, used);
  collect_references(shared.all(), used);
  auto components = object({{"securitySchemes", security_schemes()},
                            {"parameters", parameter_components(used)},
                            {"headers", header_components(used)},
                            {"examples", example_components(used)},
                            {"responses", shared.all()},
                            {"schemas", std::move(all_schemas)}});
  const auto server =
      object({{"url", text("/")}, {"description", text("The server that serves this document.")}});
  return json::write(object({{"openapi", text("3.1.0")},
                             {"info", info()},
                             {"servers", json::value(json::array{server})},
                             {"tags", tag_list(used_tags)},
                             {"paths", std::move(path_items)},
                             {"webhooks", std::move(webhooks)},
                             {"components", std::move(components)},
                             {"x-problem-codes", problem_codes()},
                             {"x-field-codes", field_codes()}}));
}

}  // namespace stoa::front
