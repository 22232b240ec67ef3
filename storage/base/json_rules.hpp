#pragma once
// Positions in a document, error reports, and the checks of rules.

#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::json {

/// Maximum errors reported for one document; reading stops after them.
inline constexpr std::size_t errors_max = 20;

/// True if the text has the form, including the form's length limits.
bool has_form(std::string_view text, format form);
/// The error text for a value that does not have the form.
std::string_view form_text(format form);

namespace detail {

/// A position in the document, as a linked list on the stack; converted to text only for errors.
class path {
 public:
  path() = default;
  path(const path& parent, std::string_view name) : parent_(&parent), name_(name) {}
  path(const path& parent, std::size_t index) : parent_(&parent), index_(index), is_index_(true) {}

  /// The JSON pointer (RFC 6901); empty for the whole document.
  std::string pointer() const;

 private:
  const path* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

/// The state of one read: strict or lenient, and the errors found.
class reading {
 public:
  explicit reading(bool strict) : strict_(strict) {}

  bool strict() const noexcept { return strict_; }
  bool full() const noexcept { return errors_.size() >= errors_max; }
  /// The rule of the member that is being read; null if it has none.
  const rule* limit() const noexcept { return limit_; }
  /// Sets the rule of the member that is being read and returns the previous one.
  const rule* set_limit(const rule* limit) noexcept { return std::exchange(limit_, limit); }
  /// A structural error: missing or unknown field, wrong type.
  void structural(const path& at, std::string code, std::string detail);
  /// The type is correct, but the value violates a rule.
  void broken_rule(const path& at, std::string code, std::string detail);
  void broken_rule(field_error error);
  problem as_problem() &&;

 private:
  bool strict_;
  bool structural_ = false;
  const rule* limit_ = nullptr;
  std::vector<field_error> errors_;
};

/// "between 1 and 99", for errors.
std::string between(const std::string& min, const std::string& max);

/// v as compact text.
std::string compact(const value& v);

/// True when the text is one of the words, which are separated by spaces.
bool is_one_of(std::string_view text, std::string_view words);

/// Each returns whether the value satisfies the rule, and reports an error if not.
bool check_control(std::string_view text, bool lines_allowed, reading& r, const path& at);
bool check_text(std::string_view text, const rule& limit, reading& r, const path& at);
bool check_count(std::size_t count, const rule& limit, reading& r, const path& at);
bool check_integer(std::int64_t v, const rule& limit, reading& r, const path& at);
bool check_unsigned(std::uint64_t v, const rule& limit, reading& r, const path& at);
bool check_number(double v, const rule& limit, reading& r, const path& at);

template <class T>
bool check_rule(const T& v, const rule& limit, reading& r, const path& at);

/// The names of a map's entries, and its values if they are texts.
template <class T>
bool check_entries(const T& map, const rule& limit, reading& r, const path& at) {
  using content = typename T::mapped_type;
  const rule name{.field = limit.field, .form = limit.key_form};
  const rule each{.field = limit.field, .length_max = limit.each_length_max};
  bool good = true;
  for (const auto& [key, item] : map) {
    if (r.full()) return false;
    const path here(at, key);
    good = check_text(key, name, r, here) && good;
    if constexpr (std::is_same_v<content, std::string> ||
                  std::is_same_v<content, nullable<std::string>>) {
      good = check_rule(item, each, r, here) && good;
    }
  }
  return good;
}

/// Checks the value against the rule. For money the range applies to the amount; for a list lengths
/// count elements, and the form and the allowed values apply to each element.
template <class T>
bool check_rule(const T& v, const rule& limit, reading& r, const path& at) {
  if constexpr (is_optional<T>) {
    return !v || check_rule(*v, limit, r, at);
  } else if constexpr (is_nullable<T> || is_patch<T>) {
    return !v.value || check_rule(*v.value, limit, r, at);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return check_text(v, limit, r, at);
  } else if constexpr (json_integer<T> && std::is_signed_v<T>) {
    return check_integer(v, limit, r, at);
  } else if constexpr (json_integer<T>) {
    return check_unsigned(v, limit, r, at);
  } else if constexpr (std::is_floating_point_v<T>) {
    return check_number(v, limit, r, at);
  } else if constexpr (std::is_same_v<T, money>) {
    return check_integer(v.amount, limit, r, path(at, "amount"));
  } else if constexpr (is_vector<T> || is_map<T>) {
    bool good = check_count(v.size(), limit, r, at);
    if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      const rule each{.field = limit.field,
                      .length_min = limit.each_length_min,
                      .length_max = limit.each_length_max,
                      .form = limit.form,
                      .one_of = limit.one_of};
      for (std::size_t i = 0; i < v.size(); ++i) {
        good = check_text(v[i], each, r, path(at, i)) && good;
      }
    }
    if constexpr (is_map<T>) good = check_entries(v, limit, r, at) && good;
    return good;
  } else {
    return true;
  }
}

/// check_rule of a T whose type is not known to the caller.
template <class T>
bool check_as(const void* v, const rule& limit, reading& r, const path& at) {
  return check_rule(*static_cast<const T*>(v), limit, r, at);
}
extern template bool check_as<std::string>(const void*, const rule&, reading&, const path&);
extern template bool check_as<std::optional<std::string>>(const void*, const rule&, reading&,
                                                          const path&);
extern template bool check_as<std::vector<std::string>>(const void*, const rule&, reading&,
                                                        const path&);
extern template bool check_as<std::int64_t>(const void*, const rule&, reading&, const path&);

}  // namespace detail
}  // namespace stoa::json
