#pragma once
// JSON Schema 2020-12 (OpenAPI 3.1) of described structs, from the descriptions and rules that the
// reader checks. A struct may declare an example for the document:
//   static constexpr std::string_view example = R"({"quantity":2})";

#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <map>
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
/// Makes the schema accept null.
keywords or_null(keywords words);
std::string string_list(const std::vector<std::string_view>& names);
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
  /// The schema of one value of a request (a query parameter) under its rule; null: no rule.
  template <class T>
  std::string value_schema(const rule* limit) {
    use_ = usage::request;
    return detail::to_text(schema_of<T>(limit));
  }

  /// All named schemas so far, as the JSON text of the object for `components/schemas`.
  std::string components() const;

 private:
  template <class T>
  detail::keywords schema_of(const rule* limit);
  template <class T>
  detail::keywords plain_schema(const rule* limit);
  template <class T>
  std::string named();
  /// The name of the type; `is_new` if its schema must still be generated.
  std::string name_for(const std::type_info& type, std::string wanted, bool& is_new);

  usage use_ = usage::answer;
  std::map<std::pair<std::type_index, usage>, std::string> names_;
  std::map<std::string, std::string> schemas_;
};

template <class T>
std::string schema_set::named() {
  static_assert(names_are_members<T>(), "a rule or default names an unknown field");
  std::string wanted;
  if constexpr (requires { std::string_view(T::schema_name); }) wanted = T::schema_name;
  bool is_new = false;
  std::string name = name_for(typeid(T), std::move(wanted), is_new);
  if (!is_new) return name;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<std::string_view> required;
  boost::mp11::mp_for_each<members_of<T>>([&](auto d) {
    using type = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
    auto words = schema_of<type>(rule_of<T>(d.name));
    if (is_required<T, type>(d.name)) {
      required.emplace_back(d.name);
    } else if constexpr (!is_optional<type> && !is_patch<type>) {
      // A member that may be absent in a request is always written, and has its C++ default.
      if (use_ == usage::answer) required.emplace_back(d.name);
      if (use_ == usage::request) words.emplace_back("default", write(T{}.*d.pointer));
    }
    properties.emplace_back(d.name, detail::to_text(words));
  });
  std::string_view example;
  if constexpr (requires { std::string_view(T::example); }) example = T::example;
  schemas_[name] = detail::object_schema(properties, required, use_ == usage::request, example);
  return name;
}

template <class T>
detail::keywords schema_set::plain_schema(const rule* limit) {
  using numbers = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, bool>) {
    return detail::simple("boolean");
  } else if constexpr (json_integer<T>) {
    auto words = detail::simple("integer", sizeof(T) == 8   ? "int64"
                                           : sizeof(T) == 4 ? "int32"
                                                            : "");
    bool low = limit != nullptr && limit->value_min;
    bool high = limit != nullptr && limit->value_max;
    if (!low && (std::is_unsigned_v<T> || sizeof(T) < 8)) {
      words.emplace_back("minimum", std::to_string(numbers::min()));
    }
    if (!high && sizeof(T) < 8) words.emplace_back("maximum", std::to_string(numbers::max()));
    return words;
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
    std::vector<std::string_view> names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
        [&](auto d) { names.emplace_back(d.name); });
    auto words = detail::simple("string");
    words.emplace_back("enum", detail::string_list(names));
    return words;
  } else if constexpr (is_vector<T>) {
    auto words = detail::simple("array");
    rule each{.field = {}, .form = limit != nullptr ? limit->form : format::none};
    words.emplace_back("items", detail::to_text(schema_of<typename T::value_type>(&each)));
    return words;
  } else if constexpr (is_map<T>) {
    auto words = detail::simple("object");
    // The reader rejects control characters in every text; a blank value is allowed.
    rule each{.field = {},
              .pattern = R"(^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$)"};
    if (limit != nullptr) each.length_max = limit->each_length_max;
    words.emplace_back("additionalProperties",
                       detail::to_text(schema_of<typename T::mapped_type>(&each)));
    return words;
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
