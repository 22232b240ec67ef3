#include "net/front/openapi_operation.hpp"

#include "net/front/header_fields.hpp"
#include "net/front/openapi_examples.hpp"
#include "net/front/problem_catalogue.hpp"
#include "net/http/field_list.hpp"
#include "net/http/problem_response.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>

namespace stoa::front::openapi {

json::value text(std::string_view t) {
  return json::value(std::string(t));
}

json::value object(std::initializer_list<std::pair<std::string_view, json::value>> members) {
  json::object list;
  list.reserve(members.size());
  for (const auto& [name, v] : members) list.push_back({std::string(name), v});
  return json::value(std::move(list));
}

json::value reference(std::string_view section, std::string_view name) {
  return object({{"$ref", text("#/components/" + std::string(section) + "/" + std::string(name))}});
}

json::value parsed(std::string_view json_text) {
  auto v = json::parse(json_text, json::stored_limits);
  if (!v) throw std::logic_error("not JSON: " + std::string(json_text));
  return std::move(*v);
}

// json::value is read-only; the tree built here is not const, so its members may be changed.
json::object& members(json::value& object) {
  return *const_cast<json::object*>(object.if_object());
}

json::value* find(json::value& object, std::string_view name) {
  return object.if_object() ? const_cast<json::value*>(object.find(name)) : nullptr;
}

namespace {

/// Removes the member from the object and returns it.
std::optional<json::value> take(json::value& v, std::string_view name) {
  auto& list = members(v);
  auto found = std::ranges::find(list, name, &json::member::name);
  if (found == list.end()) return std::nullopt;
  auto value = std::move(found->value);
  list.erase(found);
  return value;
}

/// Description and schema of a path parameter, by its name.
json::value path_parameter(const std::string& name) {
  if (name == "locale") {
    return object({{"name", text(name)},
                   {"in", text("path")},
                   {"required", json::value(true)},
                   {"description", text("The language (BCP 47).")},
                   {"schema", parsed(R"({"type":"string","minLength":2,"examples":["de-AT"]})")}});
  }
  const bool is_id = name.ends_with("_id");
  std::string what = name.substr(0, name.size() - (is_id ? 3 : 0));
  std::ranges::replace(what, '_', ' ');
  return object(
      {{"name", text(name)},
       {"in", text("path")},
       {"required", json::value(true)},
       {"description", text((is_id ? "The id of the " : "The name of the ") + what + ".")},
       {"schema", parsed(is_id ? R"({"type":"string","format":"uuid"})"
                               : R"({"type":"string","minLength":1})")}});
}

json::value query_parameter(const parameter_info& q) {
  auto schema = parsed(q.schema);
  auto description = take(schema, "description");
  // List values are separated by commas.
  const bool is_list = q.schema.starts_with(R"({"type":"array")");
  auto p = object({{"name", text(q.name)},
                   {"in", text("query")},
                   {"required", json::value(q.required)},
                   {"schema", std::move(schema)}});
  if (is_list) {
    add(p, "style", text("form"));
    add(p, "explode", json::value(false));
  }
  if (description) add(p, "description", std::move(*description));
  return p;
}

json::value parameters_of(const route& r, json::schema_set& schemas) {
  json::array list;
  for (const auto& name : r.parameters) list.push_back(path_parameter(name));
  if (r.query) {
    for (const auto& q : r.query(schemas)) list.push_back(query_parameter(q));
  }
  for (const auto& [name, schema] : shape_parameters(r.shape)) {
    list.push_back(query_parameter({name, schema, false}));
  }
  for (const auto name : request_fields_of(r)) {
    const bool required = name == "Idempotency-Key" && r.info.key_required;
    list.push_back(reference("parameters", std::string(name) + (required ? "-required" : "")));
  }
  return json::value(std::move(list));
}

json::value security_of(const route& r) {
  const json::value no_scopes{json::array{}};
  json::array list;
  if (r.info.who == access::anyone) list.push_back(object({}));
  if (r.info.order_token) list.push_back(object({{"order_token", no_scopes}}));
  if (r.info.is_signed) return json::value(std::move(list));
  list.push_back(object({{"access_token", no_scopes}}));
  return json::value(std::move(list));
}

json::value headers_of(const route& r, int status) {
  auto list = object({});
  for (const auto name : answer_fields_of(r, status)) {
    add(list, name, reference("headers", name));
  }
  return list;
}

json::value success_of(const route& r, int status, json::schema_set& schemas) {
  auto answer = object(
      {{"description", text(http::reason_phrase(status))}, {"headers", headers_of(r, status)}});
  const bool bodiless = status == 204 || status == 304 ||
                        std::ranges::find(r.info.bodiless, status) != r.info.bodiless.end();
  if (bodiless) return answer;
  // Without a reply type the response is a document of the program.
  auto content = object({});
  for (const auto type : http::split_list(r.info.reply_type)) {
    const bool is_json = type.ends_with("/json") || type.ends_with("+json");
    auto schema = r.reply ? parsed(r.reply(schemas))
                          : parsed(is_json ? R"({"type":"object"})" : R"({"type":"string"})");
    add(content, std::string(type), object({{"schema", std::move(schema)}}));
  }
  add(answer, "content", std::move(content));
  return answer;
}

json::value failure_of(const route& r, int status) {
  std::string codes;
  auto examples = object({});
  for (const auto& kind : problem_entries()) {
    if (kind.status != status || !occurs(kind, r)) continue;
    codes += (codes.empty() ? "" : ", ") + std::string(kind.code);
    add(examples, kind.code, reference("examples", kind.code));
  }
  auto content = object({{"schema", reference("schemas", "problem")}});
  if (!codes.empty()) add(content, "examples", std::move(examples));
  return object({{"description", text(std::string(http::reason_phrase(status)) +
                                      (codes.empty() ? "" : ": " + codes))},
                 {"headers", headers_of(r, status)},
                 {"content", object({{"application/problem+json", std::move(content)}})}});
}

json::value responses_of(const route& r, json::schema_set& schemas, shared_answers& shared) {
  std::map<int, json::value> all;
  for (int status : r.info.success) all[status] = success_of(r, status, schemas);
  for (int status : error_statuses(r)) {
    all.try_emplace(status, shared.add("error_" + std::to_string(status), failure_of(r, status)));
  }
  auto list = object({});
  for (auto& [status, answer] : all) add(list, std::to_string(status), std::move(answer));
  return list;
}

/// The properties of the route as sentences.
std::string description_of(const route& r) {
  std::string t = r.info.description;
  const auto say = [&](const std::string& sentence) { t += (t.empty() ? "" : " ") + sentence; };
  switch (r.info.who) {
    case access::anyone:
      if (r.info.is_signed) break;
      say(r.info.order_token ? "For the order's owner: a logged-in user, or a guest who sends the "
                               "order's token in place of an access token."
                             : "For guests and logged-in users.");
      break;
    case access::user:
      say("For logged-in users.");
      break;
    case access::staff:
      say("For staff and administrators.");
      break;
    case access::admin:
      say("For administrators.");
      break;
  }
  if (r.info.limit != limit_class::none) {
    say("Rate limits: " + std::string(to_string(r.info.limit)) + ".");
  }
  if (r.body) {
    const bool any_values = !r.reads_json || r.info.json_values_max == json_values_any;
    say("The body may have at most " + std::to_string(r.body_bytes_max()) + " bytes" +
        (any_values ? "." : " and " + std::to_string(r.info.json_values_max) + " JSON values."));
  }
  if (r.info.grants_access)
    say("An Idempotency-Key has no effect: the response is never replayed.");
  return t;
}

/// True when the schema has no required members, so that the body is optional.
bool may_be_empty(const route& r) {
  json::schema_set own;
  const auto schema = parsed(r.body(own));
  const auto all = parsed(own.components());
  const auto* name = schema.find("$ref");
  if (!name || !name->if_string()) return false;
  const auto* found = all.find(name->if_string()->substr(name->if_string()->rfind('/') + 1));
  return found && !found->find("required");
}

}  // namespace

void add(json::value& object, std::string_view name, json::value v) {
  members(object).push_back({std::string(name), std::move(v)});
}

json::value shared_answers::add(const std::string& wanted, json::value answer) {
  auto& name = names_[json::write(answer)];
  if (name.empty()) {
    name = wanted;
    for (int i = 2; find(all_, name) != nullptr; ++i) name = wanted + "_" + std::to_string(i);
    openapi::add(all_, name, std::move(answer));
  }
  return reference("responses", name);
}

json::value operation_of(const route& r, json::schema_set& schemas, shared_answers& shared) {
  json::array tags;
  tags.push_back(text(r.info.tag));
  auto o = object({{"operationId", text(r.info.id)},
                   {"tags", json::value(std::move(tags))},
                   {"summary", text(r.info.summary)},
                   {"description", text(description_of(r))},
                   {"security", security_of(r)},
                   {"parameters", parameters_of(r, schemas)}});
  if (r.body) {
    const auto media = object({{"schema", parsed(r.body(schemas))}});
    auto content = object({});
    for (const auto type : http::split_list(r.info.body_type)) {
      add(content, std::string(type), media);
    }
    add(o, "requestBody",
        object({{"required", json::value(!may_be_empty(r))},
                {"content", std::move(content)},
                {"x-body-bytes-max", json::value(static_cast<std::int64_t>(r.body_bytes_max()))}}));
  }
  if (r.info.who == access::staff) add(o, "x-role", text("staff"));
  if (r.info.who == access::admin) add(o, "x-role", text("admin"));
  add(o, "responses", responses_of(r, schemas, shared));
  return o;
}

namespace {

/// A short product file with a price, which makes the product active.
constexpr std::string_view product_file_example =
    "Handle,Title,Variant SKU,Variant Price\nwooden-radio,Wooden radio,RADIO-1,49.90\n";

/// A status of a text message, as Twilio reports it.
constexpr std::string_view form_example =
    "MessageSid=SM0123456789abcdef0123456789abcdef&MessageStatus=delivered";

void add_content_examples(json::value* holder, const json::value& schemas, bool required_only) {
  auto* content = holder ? find(*holder, "content") : nullptr;
  if (auto* file = content ? find(*content, "text/csv") : nullptr) {
    add(*file, "example", text(product_file_example));
  }
  if (auto* form = content ? find(*content, "application/x-www-form-urlencoded") : nullptr) {
    add(*form, "example", text(form_example));
  }
  auto* media = content ? find(*content, "application/json") : nullptr;
  const auto* schema = media ? find(*media, "schema") : nullptr;
  // The body of a webhook: its form is the gateway's.
  if (required_only && schema && schema->find("type")) {
    return add(*media, "example", object({{"id", text("evt_1")}}));
  }
  // Documents of the program have no example: it would be as long as the document.
  if (!schema || (!schema->find("$ref") && !schema->find("items"))) return;
  add(*media, "example", example_of(*schema, schemas, required_only));
}

}  // namespace

void add_examples(json::value& operation, const json::value& schemas) {
  json::array parameters;
  for (auto p : *find(operation, "parameters")->if_array()) {
    if (const auto* name = find(p, "name")) {  // otherwise a reference
      add(p, "example", example_of(*name->if_string(), *find(p, "schema"), schemas));
    }
    parameters.push_back(std::move(p));
  }
  *find(operation, "parameters") = json::value(std::move(parameters));
  add_content_examples(find(operation, "requestBody"), schemas, true);
  for (auto& [status, answer] : members(*find(operation, "responses"))) {
    add_content_examples(&answer, schemas, false);
  }
}

}  // namespace stoa::front::openapi
