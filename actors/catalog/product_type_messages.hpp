#pragma once
// Product types, translations and labels: messages of the Catalog service and their answers.

#include "actors/catalog/catalog_views.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/catalog/product_type.hpp"

namespace stoa::catalog {

inline constexpr std::size_t product_types_max = 500;    ///< of the store
inline constexpr std::size_t type_attributes_max = 100;  ///< of a type
inline constexpr std::size_t translations_max = 50;      ///< of a resource
inline constexpr std::size_t labels_max = 5000;          ///< of a language
inline constexpr std::size_t label_locales_max = 50;     ///< of the store

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

// --- labels --------------------------------------------------------------------------------------

/// How the name of a facet or one of its values is shown in a language.
struct label_entry {
  static constexpr std::string_view schema_name = "label_translation";
  std::string facet;
  std::optional<std::string> value;
  std::string label;
  static constexpr json::rule rules[] = {
      {.field = "facet",
       .length_min = 1,
       .length_max = 300,
       .form = json::format::line,
       .description =
           "The facet: vendor, tag, option. with the name of an option of variants, or attribute. "
           "with the key of an attribute; case does not count.",
       .example = R"("option.size")"},
      {.field = "value",
       .length_min = 1,
       .length_max = 4096,
       .form = json::format::line,
       .description = "The untranslated value, as in products; case does not count. Absent: the "
                      "label is that of the facet's name.",
       .example = R"("M")"},
      {.field = "label",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "What customers see.",
       .example = R"("mittel")"}};
};
BOOST_DESCRIBE_STRUCT(label_entry, (), (facet, value, label))

struct label_terms {
  static constexpr std::string_view schema_name = "label_translation_terms";
  std::vector<label_entry> labels;
  static constexpr json::rule rules[] = {
      {.field = "labels", .length_max = labels_max, .description = "All labels of the language."}};
};
BOOST_DESCRIBE_STRUCT(label_terms, (), (labels))

struct label_list {
  static constexpr std::string_view schema_name = "label_translations";
  std::string locale;
  std::vector<label_entry> labels;  ///< by facet and value, which are folded
};
BOOST_DESCRIBE_STRUCT(label_list, (), (locale, labels))

struct label_locale_view {
  static constexpr std::string_view schema_name = "label_translation_locale";
  std::string locale;
  std::int64_t labels = 0;  ///< their number
};
BOOST_DESCRIBE_STRUCT(label_locale_view, (), (locale, labels))

struct label_locale_page {
  static constexpr std::string_view schema_name = "label_translation_locale_list";
  std::vector<label_locale_view> data;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(label_locale_page, (), (data, total))

/// Replaces the labels of a language. Searches find the new words within seconds. conflict
/// too_many_translations.
struct put_labels {
  static constexpr std::string_view name = "catalog.put_labels";
  using reply = label_list;
  std::string locale;
  label_terms terms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(put_labels, (), (locale, terms, precondition))

/// A language without labels has an empty list.
struct get_labels {
  static constexpr std::string_view name = "catalog.get_labels";
  using reply = label_list;
  std::string locale;
};
BOOST_DESCRIBE_STRUCT(get_labels, (), (locale))

/// The languages that have labels.
struct list_label_locales {
  static constexpr std::string_view name = "catalog.list_label_locales";
  using reply = label_locale_page;
};
BOOST_DESCRIBE_STRUCT(list_label_locales, (), ())

}  // namespace stoa::catalog
