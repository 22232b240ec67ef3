#pragma once
// One operation of the OpenAPI document.

#include "net/front/route.hpp"
#include "storage/base/json_value.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace stoa::front::openapi {

json::value text(std::string_view t);
json::value object(std::initializer_list<std::pair<std::string_view, json::value>> members);
/// {"$ref": "#/components/<section>/<name>"}
json::value reference(std::string_view section, std::string_view name);
/// Parses generated text; throws when it is not JSON.
json::value parsed(std::string_view json_text);
void add(json::value& object, std::string_view name, json::value v);
/// The members of an object, mutable.
json::object& members(json::value& object);
/// The member of that name, mutable; null when there is none.
json::value* find(json::value& object, std::string_view name);

/// Responses that several operations share, stored once in components/responses.
class shared_answers {
 public:
  /// Stores the response under that name or a similar one and returns a reference to it.
  json::value add(const std::string& wanted, json::value answer);
  const json::value& all() const { return all_; }

 private:
  std::map<std::string, std::string> names_;  ///< by the text of the response
  json::value all_{json::object{}};
};

/// The operation of a route; its schemas join `schemas`, its errors `shared`.
json::value operation_of(const route& r, json::schema_set& schemas, shared_answers& shared);
/// Adds the examples of bodies and parameters, which need all schemas.
void add_examples(json::value& operation, const json::value& schemas);

}  // namespace stoa::front::openapi
