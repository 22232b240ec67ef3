#pragma once
// Helpers for structs and enums described with Boost.Describe.

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

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

/// Calls f(name, member) for each described member of the object, in order.
template <described_struct T, class F>
constexpr void for_each_member(T& object, F&& f) {
  boost::mp11::mp_for_each<members_of<std::remove_const_t<T>>>(
      [&](auto d) { f(std::string_view(d.name), object.*d.pointer); });
}

/// The enumerator's name in the source, which is also its name in the API and the database.
template <described_enum E>
constexpr std::string_view enum_name(E value) {
  std::string_view name = "?";
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
    if (d.value == value) name = d.name;
  });
  return name;
}

/// The enumerator of that name, if any.
template <described_enum E>
constexpr std::optional<E> enum_value(std::string_view name) {
  std::optional<E> value;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
    if (name == d.name) value = d.value;
  });
  return value;
}

}  // namespace stoa
