#pragma once
// Compile-time properties of C++ types for the JSON reader, writer and schema.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/money.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stoa::json {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_nullable = false;
template <class T>
inline constexpr bool is_nullable<nullable<T>> = true;
template <class T>
inline constexpr bool is_patch = false;
template <class T>
inline constexpr bool is_patch<patch<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
/// For static_assert in a branch for unsupported types.
template <class T>
inline constexpr bool unsupported = false;

/// An integer type that is a number in JSON; excludes bool and the character types.
template <class T>
concept json_integer =
    std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>;

inline constexpr rule money_rules[] = {
    {.field = "amount",
     .value_min = -money_amount_max,
     .value_max = money_amount_max,
     .description = "Minor units of the currency (cents)."},
    {.field = "currency", .form = format::currency, .description = "ISO 4217 code."}};

/// The rules declared by the struct; empty if there are none.
template <class T>
constexpr std::span<const rule> rules_of() {
  if constexpr (std::is_same_v<T, money>) {
    return money_rules;
  } else if constexpr (requires { T::rules; }) {
    return T::rules;
  } else {
    return {};
  }
}

inline constexpr std::size_t no_rule = static_cast<std::size_t>(-1);

/// The index of the field's rule in rules_of<T>(), or no_rule. An index, because GCC does not treat
/// the address of a rule as a constant with -fsanitize=undefined.
template <class T>
constexpr std::size_t rule_index_of(std::string_view field) {
  auto rules = rules_of<T>();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].field == field) return i;
  }
  return no_rule;
}

/// True if each name in the struct's rules and defaults is a member: otherwise a misspelt rule
/// would silently check nothing.
template <described_struct T>
constexpr bool names_are_members() {
  auto is_member = [](std::string_view name) {
    for (std::string_view own : member_names<T>) {
      if (own == name) return true;
    }
    return false;
  };
  for (const rule& r : rules_of<T>()) {
    if (!is_member(r.field)) return false;
  }
  if constexpr (requires { T::defaults; }) {
    for (std::string_view name : T::defaults) {
      if (!is_member(name)) return false;
    }
  }
  return true;
}

/// True if a member of type M must be present in the input.
template <class T, class M>
constexpr bool is_required(std::string_view field) {
  if constexpr (is_optional<M> || is_patch<M>) return false;
  if constexpr (requires { T::defaults; }) {
    for (std::string_view name : T::defaults) {
      if (name == field) return false;
    }
  }
  return true;
}

}  // namespace stoa::json
