#pragma once
// Helpers for structs and enums described with Boost.Describe.

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>

namespace stoa {

template <class T>
concept described_struct =
    std::is_class_v<T> && boost::describe::has_describe_members<std::remove_cv_t<T>>::value;
template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

/// Members of base classes come first.
template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_any_access |
                                                            boost::describe::mod_inherited>;

namespace detail {

template <class Members>
struct member_list;
template <template <class...> class List, class... D>
struct member_list<List<D...>> {
  static constexpr std::array<std::string_view, sizeof...(D)> names{D::name...};
  template <class T, class Pointer>
  static std::array<Pointer, sizeof...(D)> addresses(T& object) {
    return {static_cast<Pointer>(std::addressof(object.*D::pointer))...};
  }
};

template <class Enumerators>
struct enumerator_list;
template <template <class...> class List, class... D>
struct enumerator_list<List<D...>> {
  static constexpr std::array<std::string_view, sizeof...(D)> names{D::name...};
  template <class E>
  static constexpr std::array<E, sizeof...(D)> values{D::value...};
};

}  // namespace detail

/// The names of the described members, in order.
template <described_struct T>
inline constexpr const auto& member_names =
    detail::member_list<members_of<std::remove_const_t<T>>>::names;

/// The addresses of the described members of the object, in order: std::array of void*, or of const
/// void* for a const object.
template <described_struct T>
auto member_addresses(T& object) {
  using pointer = std::conditional_t<std::is_const_v<T>, const void*, void*>;
  return detail::member_list<members_of<std::remove_const_t<T>>>::template addresses<T, pointer>(
      object);
}

/// Calls f(name, member) for each described member of the object, in order.
template <described_struct T, class F>
constexpr void for_each_member(T& object, F&& f) {
  boost::mp11::mp_for_each<members_of<std::remove_const_t<T>>>(
      [&](auto d) { f(std::string_view(d.name), object.*d.pointer); });
}

/// The names of the enumerators, in order.
template <described_enum E>
inline constexpr const auto& enumerator_names =
    detail::enumerator_list<boost::describe::describe_enumerators<E>>::names;
/// Their values, in the same order.
template <described_enum E>
inline constexpr const auto& enumerator_values =
    detail::enumerator_list<boost::describe::describe_enumerators<E>>::template values<E>;

/// The enumerator's name in the source, which is also its name in the API and the database.
template <described_enum E>
constexpr std::string_view enum_name(E value) {
  for (std::size_t i = 0; i < enumerator_values<E>.size(); ++i) {
    if (enumerator_values<E>[i] == value) return enumerator_names<E>[i];
  }
  return "?";
}

/// The enumerator of that name, if any.
template <described_enum E>
constexpr std::optional<E> enum_value(std::string_view name) {
  for (std::size_t i = 0; i < enumerator_names<E>.size(); ++i) {
    if (enumerator_names<E>[i] == name) return enumerator_values<E>[i];
  }
  return std::nullopt;
}

}  // namespace stoa
