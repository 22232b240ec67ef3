#pragma once
// JSON Schema 2020-12 (OpenAPI 3.1) of described structs, from the descriptions and rules that the
// reader checks. A struct may declare an example for the document:
//   static constexpr std::string_view example = R"({"quantity":2})";

#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeindex>
#include <typeinfo>
#include <vector>

namespace stoa::json {

namespace detail {

/// A schema as pairs of keyword and JSON text, in output order.
using keywords = std::vector<std::pair<std::string, std::string>>;

std::string to_text(const keywords& words);
/// Adds the rule's keywords for the schema's `type`.
void add_rule(keywords& words, const rule& limit);
/// {"type": type} with an optional format.
keywords simple(std::string_view type, std::string_view format = {});
/// An integer of `size` bytes. The bounds apply where the rule has none; nothing: unbounded.
keywords integer(std::size_t size, std::optional<std::int64_t> min, std::optional<std::int64_t> max,
                 const rule* limit);
/// Makes the schema accept null.
keywords or_null(keywords words);
std::string string_list(std::span<const std::string_view> names);
/// The schema of a described struct from its parts; `closed`: other members are rejected;
/// `example`: a JSON text, may be empty.
std::string object_schema(const std::vector<std::pair<std::string, std::string>>& properties,
                          const std::vector<std::string_view>& required, bool closed,
                          std::string_view example);
/// Type name without namespaces, restricted to the characters of a component name.
std::string component_name(const std::type_info& type);
std::string reference(std::string_view name);

}  // namespace detail

/// The use of a schema. Requests are read strictly: unlisted members are rejected. Responses are
/// open: later versions may add members.
enum class usage { request, answer };

/// Collects the named schemas that are referenced by the generated schemas.
class schema_set {
 public:
  /// The schema of T as JSON text: {"$ref": "#/components/schemas/X"} for a described struct,
  /// otherwise inline. X is T::schema_name if the struct has one, otherwise the type's name without
  /// namespace. A second type of the same name gets a number appended; the request schema of a type
  /// that already has a response schema gets `_input` appended.
  template <class T>
  std::string ref(usage use = usage::answer) {
    use_ = use;
    return detail::to_text(schema_of<T>(nullptr));
  }
  /// A member of a request struct; `schema` includes its rule.
  struct member_text {
    std::string name;
    std::string schema;
    bool required = false;
  };
  /// The members of a request that is not a body (query parameters).
  template <class T>
  std::vector<member_text> members() {
    use_ = usage::request;
    return members_of_table(struct_schemas<T, members_of<T>>::list, rules_of<T>());
  }

  /// All named schemas so far, as the JSON text of the object for `components/schemas`.
  std::string components() const;

 private:
  /// As in json_read.hpp, the types of members are erased: functions that are not templates make
  /// the schemas of all structs.
  using maker = detail::keywords (schema_set::*)(const rule* limit);
  struct member_maker {
    std::string_view name;
    maker make;
    std::size_t limit;  ///< the index of its rule, or no_rule
    bool required;
    /// The JSON text of its C++ default; only if it may be absent in a request but is always
    /// written.
    std::string (*initial)();
  };
  template <class T, class Members>
  struct struct_schemas;
  template <class T, template <class...> class List, class... D>
  struct struct_schemas<T, List<D...>> {
    template <class Descriptor>
    static constexpr member_maker of() {
      using type = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;
      constexpr bool required = is_required<T, type>(Descriptor::name);
      member_maker m{Descriptor::name, &schema_set::schema_of<type>,
                     rule_index_of<T>(Descriptor::name), required, nullptr};
      if constexpr (!required && !is_optional<type> && !is_patch<type>) {
        m.initial = [] { return write(T{}.*Descriptor::pointer); };
      }
      return m;
    }
    static constexpr std::array<member_maker, sizeof...(D)> list{of<D>()...};
  };

  template <class T>
  detail::keywords schema_of(const rule* limit);
  template <class T>
  detail::keywords plain_schema(const rule* limit);
  template <class T>
  std::string named();
  std::string named_struct(const std::type_info& type, std::string_view wanted,
                           std::span<const member_maker> members, std::span<const rule> rules,
                           std::string_view example);
  std::vector<member_text> members_of_table(std::span<const member_maker> members,
                                            std::span<const rule> rules);
  detail::keywords list_schema(maker element, const rule* limit);
  detail::keywords map_schema(maker content, const rule* limit);
  /// The name of the type; `is_new` if its schema must still be generated.
  std::string name_for(const std::type_info& type, std::string wanted, bool& is_new);

  usage use_ = usage::answer;
  std::map<std::pair<std::type_index, usage>, std::string> names_;
  std::map<std::string, std::string> schemas_;
};

template <class T>
std::string schema_set::named() {
  static_assert(names_are_members<T>(), "a rule or default names an unknown field");
  std::string_view wanted;
  std::string_view example;
  if constexpr (requires { std::string_view(T::schema_name); }) wanted = T::schema_name;
  if constexpr (requires { std::string_view(T::example); }) example = T::example;
  return named_struct(typeid(T), wanted, struct_schemas<T, members_of<T>>::list, rules_of<T>(),
                      example);
}

template <class T>
detail::keywords schema_set::plain_schema(const rule* limit) {
  using numbers = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, bool>) {
    return detail::simple("boolean");
  } else if constexpr (json_integer<T>) {
    if constexpr (sizeof(T) < 8) {
      return detail::integer(sizeof(T), numbers::min(), numbers::max(), limit);
    } else {
      return detail::integer(sizeof(T), std::is_unsigned_v<T> ? std::optional(0) : std::nullopt,
                             std::nullopt, limit);
    }
  } else if constexpr (std::is_floating_point_v<T>) {
    return detail::simple("number", "double");
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return detail::simple("string");
  } else if constexpr (std::is_same_v<T, uuid> || is_id<T>) {
    return detail::simple("string", "uuid");
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return detail::simple("string", "date-time");
  } else if constexpr (std::is_same_v<T, raw> || std::is_same_v<T, value>) {
    return {};
  } else if constexpr (described_enum<T>) {
    auto words = detail::simple("string");
    words.emplace_back("enum", detail::string_list(enumerator_names<T>));
    return words;
  } else if constexpr (is_vector<T>) {
    return list_schema(&schema_set::schema_of<typename T::value_type>, limit);
  } else if constexpr (is_map<T>) {
    return map_schema(&schema_set::schema_of<typename T::mapped_type>, limit);
  } else if constexpr (described_struct<T>) {
    return {{"$ref", detail::reference(named<T>())}};
  } else {
    static_assert(unsupported<T>, "json.hpp does not define this type in JSON");
  }
}

template <class T>
detail::keywords schema_set::schema_of(const rule* limit) {
  if constexpr (is_optional<T>) {
    return schema_of<typename T::value_type>(limit);
  } else if constexpr (is_nullable<T> || is_patch<T>) {
    return detail::or_null(schema_of<typename decltype(T::value)::value_type>(limit));
  } else {
    auto words = plain_schema<T>(limit);
    if (limit != nullptr) detail::add_rule(words, *limit);
    return words;
  }
}

}  // namespace stoa::json
