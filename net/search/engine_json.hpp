#pragma once
// Short names for the construction of request bodies.

#include "storage/base/json_value.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace stoa::search {

inline json::value text_of(std::string_view s) {
  return json::value(std::string(s));
}
inline json::value number_of(std::int64_t n) {
  return json::value(n);
}
inline json::value object_of(std::initializer_list<json::member> members) {
  return json::value(json::object(members));
}
/// An object with one member.
inline json::value one(std::string name, json::value v) {
  json::object o;
  o.push_back({std::move(name), std::move(v)});
  return json::value(std::move(o));
}

}  // namespace stoa::search
