#pragma once
// The fields of a resource, derived from the route's reply type through structs, lists, maps and
// optionals.

#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <span>
#include <string_view>

namespace stoa::front {

struct field_type {
  struct member {
    std::string_view name;
    const field_type& (*type)();  ///< a function, because types may contain themselves
  };
  std::span<const member> members{};
  const field_type& (*of_any_name)() =
      nullptr;  ///< of a map or free JSON, which accepts any field name

  bool has_fields() const { return !members.empty() || of_any_name != nullptr; }
  /// The type of the field; null when there is no such field.
  const field_type* find(std::string_view name) const {
    for (const auto& m : members) {
      if (m.name == name) return &m.type();
    }
    return of_any_name ? &of_any_name() : nullptr;
  }
};

template <class T>
const field_type& field_type_of();

template <class Members, class T>
struct field_table;
template <template <class...> class List, class... D, class T>
struct field_table<List<D...>, T> {
  static constexpr std::array<field_type::member, sizeof...(D)> list{field_type::member{
      D::name, &field_type_of<std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>>}...};
};

template <class T>
const field_type& field_type_of() {
  if constexpr (json::is_optional<T> || json::is_vector<T>) {
    return field_type_of<typename T::value_type>();
  } else if constexpr (json::is_nullable<T> || json::is_patch<T>) {
    return field_type_of<typename decltype(T::value)::value_type>();
  } else if constexpr (json::is_map<T>) {
    static const field_type map{{}, field_type_of<typename T::mapped_type>};
    return map;
  } else if constexpr (std::is_same_v<T, json::raw> || std::is_same_v<T, json::value>) {
    static const field_type any{{}, field_type_of<T>};
    return any;
  } else if constexpr (described_struct<T> && !is_id<T>) {
    static const field_type resource{field_table<members_of<T>, T>::list};
    return resource;
  } else {
    static const field_type plain{};
    return plain;
  }
}

}  // namespace stoa::front
