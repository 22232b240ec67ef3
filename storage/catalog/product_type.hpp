#pragma once
// Product types, translations and labels: records of the Catalog service.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::catalog {

enum class attribute_type { text, number, boolean, date, choice, url };
BOOST_DESCRIBE_ENUM(attribute_type, text, number, boolean, date, choice, url)

/// An attribute that products of a type may have.
struct attribute_definition {
  static constexpr std::string_view schema_name = "attribute_definition";
  std::string key;  ///< the member of the product's attributes
  std::string name;
  attribute_type type = attribute_type::text;
  bool required = false;
  bool filterable = false;
  std::vector<std::string> choices;  ///< of the type choice
  std::optional<std::string> unit;

  static constexpr json::rule rules[] = {
      {.field = "key",
       .length_min = 1,
       .length_max = 64,
       .form = json::format::line,
       .description = "The member of a product's `attributes`: lower-case letters, digits and _.",
       .pattern = "^[a-z][a-z0-9_]*$"},
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "type",
       .description = "A date is YYYY-MM-DD (RFC 3339), a url an absolute http or https URL."},
      {.field = "required", .description = "An active product must have it."},
      {.field = "filterable",
       .description = "Products are filtered by it, as the facet attribute.<key>."},
      {.field = "choices",
       .length_max = 200,
       .form = json::format::line,
       .description = "The allowed values of the type choice.",
       .each_length_max = 255},
      {.field = "unit", .length_min = 1, .length_max = 32, .form = json::format::line}};
  static constexpr std::string_view defaults[] = {"required", "filterable", "choices"};
  bool operator==(const attribute_definition&) const = default;
};
BOOST_DESCRIBE_STRUCT(attribute_definition, (),
                      (key, name, type, required, filterable, choices, unit))

struct product_type_row {
  static constexpr const char* table = "product_types";
  static constexpr std::size_t key_columns = 1;
  std::string key;
  std::int64_t list = 0;  ///< the same in every row, to load and count all
  std::string name;
  std::vector<attribute_definition> attributes;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  bool operator==(const product_type_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(product_type_row, (),
                      (key, list, name, attributes, created_at, updated_at, version))

/// A database view: whether a product has the type. Read-only.
struct product_type_use_row {
  static constexpr const char* table = "product_type_use";
  static constexpr std::size_t key_columns = 1;
  std::string key;
  bool has_products = false;
};
BOOST_DESCRIBE_STRUCT(product_type_use_row, (), (key, has_products))

/// An attribute of a product that its type declares.
struct specification {
  static constexpr std::string_view schema_name = "specification";
  std::string key;
  std::string name;
  json::raw value;
  std::optional<std::string> unit;
  bool operator==(const specification&) const = default;
};
BOOST_DESCRIBE_STRUCT(specification, (), (key, name, value, unit))

/// The name and description of a product, category or collection in another language.
struct translation_row {
  static constexpr const char* table = "translations";
  static constexpr std::size_t key_columns = 2;
  uuid resource_id;
  std::string locale;  ///< BCP 47, in canonical form
  std::optional<std::string> name;
  std::optional<std::string> description;
  timestamp updated_at;
  bool operator==(const translation_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(translation_row, (), (resource_id, locale, name, description, updated_at))

/// How the name or a value of a facet is shown in another language. The key is the facet, a line
/// feed and, for a value, the folded value.
struct label_row {
  static constexpr const char* table = "label_translations";
  static constexpr std::size_t key_columns = 2;
  std::string locale;  ///< BCP 47, in canonical form
  std::string label_key;
  std::string label;
  std::string words;  ///< the search words of the label
};
BOOST_DESCRIBE_STRUCT(label_row, (), (locale, label_key, label, words))

/// A database view: a language with translated labels, and their number. Read-only.
struct label_locale_row {
  static constexpr const char* table = "label_locales";
  static constexpr std::size_t key_columns = 2;
  std::int64_t list = 0;  ///< the same in every row, to load all
  std::string locale;
  std::int64_t labels = 0;
};
BOOST_DESCRIBE_STRUCT(label_locale_row, (), (list, locale, labels))

}  // namespace stoa::catalog
