#pragma once
// Product types and translations: messages of the Catalog service and their answers.

#include "actors/catalog/catalog_views.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/catalog/product_type.hpp"

namespace stoa::catalog {

inline constexpr std::size_t product_types_max = 500;    ///< of the store
inline constexpr std::size_t type_attributes_max = 100;  ///< of a type
inline constexpr std::size_t translations_max = 50;      ///< of a resource

// --- product types -------------------------------------------------------------------------------

struct product_type_terms {
  static constexpr std::string_view schema_name = "product_type_terms";
  std::string name;
  std::vector<attribute_definition> attributes;
  static constexpr json::rule rules[] = {
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "attributes",
       .length_max = type_attributes_max,
       .description = "The attributes that products of the type may have."}};
};
BOOST_DESCRIBE_STRUCT(product_type_terms, (), (name, attributes))

struct product_type_view {
  static constexpr std::string_view schema_name = "product_type";
  std::string key;
  std::string name;
  std::vector<attribute_definition> attributes;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(product_type_view, (), (key, name, attributes, created_at, updated_at))

struct product_type_page {
  static constexpr std::string_view schema_name = "product_type_list";
  std::vector<product_type_view> data;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(product_type_page, (), (data, total))

/// Creates or replaces a type. The specifications of its products follow within seconds. conflict
/// too_many_product_types; validation for definitions that contradict each other.
struct put_product_type {
  static constexpr std::string_view name = "catalog.put_product_type";
  using reply = product_type_view;
  std::string key;
  product_type_terms terms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(put_product_type, (), (key, terms, precondition))

/// conflict product_type_in_use while products have the type.
struct delete_product_type {
  static constexpr std::string_view name = "catalog.delete_product_type";
  using reply = kernel::nothing;
  std::string key;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_product_type, (), (key, precondition))

struct get_product_type {
  static constexpr std::string_view name = "catalog.get_product_type";
  using reply = product_type_view;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(get_product_type, (), (key))

struct list_product_types {
  static constexpr std::string_view name = "catalog.list_product_types";
  using reply = product_type_page;
};
BOOST_DESCRIBE_STRUCT(list_product_types, (), ())

// --- translations --------------------------------------------------------------------------------

enum class translated_kind { product, category, collection };
BOOST_DESCRIBE_ENUM(translated_kind, product, category, collection)

struct translation_terms {
  static constexpr std::string_view schema_name = "translation_terms";
  std::optional<std::string> name;
  std::optional<std::string> description;
  static constexpr json::rule rules[] = {
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "description", .length_max = 65'536, .form = json::format::text}};
};
BOOST_DESCRIBE_STRUCT(translation_terms, (), (name, description))

struct translation_view {
  static constexpr std::string_view schema_name = "translation";
  std::string locale;
  std::optional<std::string> name;
  std::optional<std::string> description;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(translation_view, (), (locale, name, description, updated_at))

struct translation_page {
  static constexpr std::string_view schema_name = "translation_list";
  std::vector<translation_view> data;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(translation_page, (), (data, total))

/// Creates or replaces the translation of a resource. conflict too_many_translations.
struct put_translation {
  static constexpr std::string_view name = "catalog.put_translation";
  using reply = translation_view;
  translated_kind kind = translated_kind::product;
  uuid resource_id;
  std::string locale;
  translation_terms terms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(put_translation, (), (kind, resource_id, locale, terms, precondition))

struct delete_translation {
  static constexpr std::string_view name = "catalog.delete_translation";
  using reply = kernel::nothing;
  translated_kind kind = translated_kind::product;
  uuid resource_id;
  std::string locale;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_translation, (), (kind, resource_id, locale, precondition))

struct list_translations {
  static constexpr std::string_view name = "catalog.list_translations";
  using reply = translation_page;
  translated_kind kind = translated_kind::product;
  uuid resource_id;
};
BOOST_DESCRIBE_STRUCT(list_translations, (), (kind, resource_id))

}  // namespace stoa::catalog
