#include "tests/support/api_document.hpp"

#include "storage/base/json_write.hpp"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <stdexcept>

namespace stoa::test {
namespace {

using rapidjson::Value;

std::string text_of(const Value& v) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  v.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> list;
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    path.remove_prefix(1);
    list.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(list.back().size());
  }
  return list;
}

/// Number of equal segments; -1 when the path does not match the template.
int likeness(std::string_view pattern, std::string_view target) {
  const auto a = segments_of(pattern);
  const auto b = segments_of(target);
  if (a.size() != b.size()) return -1;
  int same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) {
      ++same;
    } else if (!a[i].starts_with('{')) {
      return -1;
    }
  }
  return same;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

const Value* member(const Value* v, const std::string& name) {
  if (!v || !v->IsObject()) return nullptr;
  const auto found = v->FindMember(name.c_str());
  return found == v->MemberEnd() ? nullptr : &found->value;
}

/// Later versions may add members to answers; all members of this version must be documented.
void close(Value& v, rapidjson::Document::AllocatorType& memory) {
  if (v.IsArray()) {
    for (auto& one : v.GetArray()) close(one, memory);
  }
  if (!v.IsObject()) return;
  for (auto& m : v.GetObject()) close(m.value, memory);
  const bool open = !v.HasMember("additionalProperties") && !v.HasMember("$ref");
  if (v.HasMember("properties") && v["properties"].IsObject() && open) {
    v.AddMember("additionalProperties", Value(false), memory);
  }
}

/// True for the fields of every HTTP answer, which operations do not list.
bool is_plain_field(std::string_view name) {
  for (const auto* plain : {"connection", "content-length", "content-type", "date",
                            "transfer-encoding", "x-content-type-options"}) {
    if (name == plain) return true;
  }
  return name.starts_with("access-control-");
}

/// The schema name of the operation's answer with the status; "" when it has none.
std::string schema_of(const Value* operation, const std::string& status) {
  const auto* answer = member(member(operation, "responses"), status);
  const auto* media = member(member(answer, "content"), "application/json");
  const auto* name = member(member(media, "schema"), "$ref");
  return name && name->IsString() ? name->GetString() : "";
}

/// The path with the resource's ids filled in; "" when the resource lacks them.
std::string filled(const std::string& pattern, const Value& resource) {
  std::string path;
  for (const auto segment : segments_of(pattern)) {
    path += '/';
    if (!segment.starts_with('{')) {
      path += segment;
      continue;
    }
    const auto* id = member(&resource, std::string(segment.substr(1, segment.size() - 2)));
    if (!id || !id->IsString()) return "";
    path += id->GetString();
  }
  return path;
}

std::string id_of(const Value& operation) {
  const auto* id = member(&operation, "operationId");
  if (!id || !id->IsString()) throw std::runtime_error("an operation has no operationId");
  return id->GetString();
}

}  // namespace

struct api_document::parts {
  rapidjson::Document document;
  const Value* paths = nullptr;
  std::string components;
  std::string closed_components;
  std::map<std::string, std::unique_ptr<rapidjson::SchemaDocument>> compiled;

  const Value* operation(std::string_view method, std::string_view target) const {
    const Value* found = nullptr;
    int best = -1;
    for (const auto& path : paths->GetObject()) {
      const std::string_view pattern(path.name.GetString(), path.name.GetStringLength());
      const int like = likeness(pattern, target);
      if (like <= best) continue;
      best = like;
      found = member(&path.value, lower(method));
    }
    return found;
  }

  /// The target of a reference; the value itself when it is not a reference.
  const Value* resolve(const Value* v) const {
    const auto* reference = v ? member(v, "$ref") : nullptr;
    if (!reference || !reference->IsString()) return v;
    return rapidjson::Pointer(reference->GetString()).Get(document);
  }

  /// How the JSON text violates the schema.
  std::string judge(const Value& schema, const std::string& text, bool is_answer) {
    rapidjson::Document body;
    if (body.Parse(text.c_str(), text.size()).HasParseError()) return "the body is not JSON";
    const auto key = text_of(schema) + (is_answer ? " " : "");
    auto& ready = compiled[key];
    if (!ready) {
      // References are relative to the OpenAPI document, and a format is given as a pattern,
      // because the validator does not support formats.
      auto whole = R"({"allOf":[)" + key + R"(],"components":)" +
                   (is_answer ? closed_components : components) + "}";
      replace_all(whole, R"("format":"uuid")",
                  R"("pattern":"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")");
      replace_all(whole, R"("format":"date-time")",
                  R"("pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9.]{2,12}Z$")");
      rapidjson::Document parsed;
      parsed.Parse(whole.c_str(), whole.size());
      ready = std::make_unique<rapidjson::SchemaDocument>(parsed);
    }
    rapidjson::SchemaValidator validator(*ready);
    if (body.Accept(validator)) return {};
    rapidjson::StringBuffer where;
    validator.GetInvalidDocumentPointer().StringifyUriFragment(where);
    rapidjson::StringBuffer rule;
    validator.GetInvalidSchemaPointer().StringifyUriFragment(rule);
    return "the text breaks '" + std::string(validator.GetInvalidSchemaKeyword()) + "' of " +
           rule.GetString() + " at " + where.GetString() + ": " + text.substr(0, 2000);
  }
};

/// Errors in the answer's header fields: each must be documented and valid.
std::string api_document::wrong_fields(const http_answer& a, const void* described) {
  const auto* headers = member(static_cast<const Value*>(described), "headers");
  std::map<std::string, const Value*> known;
  if (headers) {
    for (const auto& h : headers->GetObject()) known[lower(h.name.GetString())] = &h.value;
  }
  for (const auto& [name, value] : a.headers) {
    const auto key = lower(name);
    if (is_plain_field(key)) continue;
    if (!known.contains(key)) return "the field " + name + " is not described";
    const auto* schema = member(parts_->resolve(known[key]), "schema");
    const bool is_number = member(schema, "type") && *member(schema, "type") == "integer";
    const auto wrong = parts_->judge(*schema, is_number ? value : json::write(value), true);
    if (!wrong.empty()) return "the field " + name + ": " + wrong;
  }
  if (a.status == 201 && a.header("Location").empty()) return "201 without Location";
  return {};
}

/// Errors in a problem document: its codes must be documented.
std::string api_document::wrong_problem(const http_answer& a, const void* described) const {
  rapidjson::Document body;
  body.Parse(a.body.c_str(), a.body.size());
  const auto* code = member(&body, "code");
  if (!code || !code->IsString()) return "a problem without a code";
  if (!member(member(static_cast<const Value*>(described), "examples"), code->GetString())) {
    return std::string("the code ") + code->GetString() + " is not described for the operation";
  }
  const auto* errors = member(&body, "errors");
  if (!errors) return {};
  for (const auto& e : errors->GetArray()) {
    const auto known = [&] {
      for (const auto& k : member(&parts_->document, "x-field-codes")->GetArray()) {
        if (k["code"] == e["code"]) return true;
      }
      return false;
    };
    if (!known()) return std::string("unknown code of a field: ") + e["code"].GetString();
  }
  return {};
}

api_document::api_document(const std::string& text) : parts_(std::make_unique<parts>()) {
  auto& document = parts_->document;
  document.Parse(text.c_str(), text.size());
  const auto* paths = document.HasParseError() ? nullptr : member(&document, "paths");
  parts_->paths = paths;
  const auto* components = paths ? member(&document, "components") : nullptr;
  if (!components) throw std::runtime_error("not an OpenAPI document: " + text.substr(0, 200));
  parts_->components = text_of(*components);
  rapidjson::Document closed;
  closed.CopyFrom(*components, closed.GetAllocator());
  close(closed["schemas"], closed.GetAllocator());
  parts_->closed_components = text_of(closed);
  for (const auto& path : paths->GetObject()) {
    for (const auto& operation : path.value.GetObject()) {
      if (!operations_.insert(id_of(operation.value)).second) {
        throw std::runtime_error("duplicate operationId");
      }
    }
  }
}
api_document::~api_document() = default;

std::string api_document::complaint(std::string_view method, std::string_view target,
                                    const http_answer& a) {
  const auto prefix =
      std::string(method) + " " + std::string(target) + ": " + std::to_string(a.status) + ": ";
  const auto* operation = parts_->operation(method, target);
  if (!operation) return prefix + "no such operation is described";
  const auto* answer =
      parts_->resolve(member(member(operation, "responses"), std::to_string(a.status)));
  if (!answer) return prefix + "this status is not described: " + a.body.substr(0, 500);
  if (a.status < 300) succeeded_.insert(id_of(*operation));
  if (const auto wrong = wrong_fields(a, answer); !wrong.empty()) return prefix + wrong;
  const auto* content = member(answer, "content");
  if (!content) {
    const bool is_empty = a.body.empty() || a.status == 200;  // metrics and the document itself
    return is_empty ? "" : prefix + "a body where none is described";
  }
  const auto type = a.header("Content-Type");
  const auto* described = member(content, type);
  if (!described) return prefix + "the type " + type + " is not described";
  const auto* schema = member(described, "schema");
  if (type == "application/problem+json") {
    if (const auto wrong = wrong_problem(a, described); !wrong.empty()) return prefix + wrong;
  }
  if (!type.ends_with("/json") && !type.ends_with("+json")) return "";
  const auto wrong = schema ? parts_->judge(*schema, a.body, true) : "no schema is described";
  return wrong.empty() ? "" : prefix + wrong;
}

std::vector<std::string> api_document::reads_of(std::string_view method, std::string_view target,
                                                const http_answer& a) const {
  const auto schema = schema_of(parts_->operation(method, target), std::to_string(a.status));
  rapidjson::Document resource;
  resource.Parse(a.body.c_str(), a.body.size());
  if (a.status >= 300 || schema.empty() || resource.HasParseError()) return {};
  std::vector<std::string> list;
  for (const auto& path : parts_->paths->GetObject()) {
    const std::string pattern(path.name.GetString(), path.name.GetStringLength());
    if (segments_of(pattern).front() != segments_of(target).front()) continue;  // store or admin
    const auto* get = member(&path.value, "get");
    const auto shown = schema_of(get, "200");
    // GET may return expansions in addition to the resource.
    if (shown != schema && shown != schema + "_resource") continue;
    if (!member(member(get, "responses"), "304")) continue;
    if (auto found = filled(pattern, resource); !found.empty()) list.push_back(std::move(found));
  }
  return list;
}

std::string api_document::request_complaint(std::string_view method, std::string_view target,
                                            const std::string& body) {
  const auto* operation = parts_->operation(method, target);
  const auto* content = member(member(operation, "requestBody"), "content");
  const auto* schema = member(member(content, "application/json"), "schema");
  if (!schema) return "no request body is described";
  return parts_->judge(*schema, body, false);
}

}  // namespace stoa::test
