#pragma once
// The lines of a JSON Lines file: each is one object of the catalogue. Its members are those of the
// API's requests, so a further member of these structs is also one of the files. Objects are
// identified by natural keys, so that a file can be imported into any store:
//   a product by its handle, or its id if it has none; a variant by its options;
//   a category by the names from the root; a collection by its handle, or its id; a type by its
//   key; a location by its code, or its id; a label by its language, facet and value.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/catalog/collection_messages.hpp"
#include "actors/catalog/location_messages.hpp"
#include "actors/catalog/product_type_messages.hpp"

#include <array>

namespace stoa::catalog {

/// Of a line, in bytes. Products with the maximum of variants fit.
inline constexpr std::size_t line_bytes_max = std::size_t{8} << 20;
inline constexpr json::limits line_limits{
    .depth_max = 32, .bytes_max = line_bytes_max, .values_max = 500'000};

/// Names from the root.
using category_names = std::vector<std::string>;
/// By language tag; null removes one.
using translation_lines = std::map<std::string, nullable<translation_terms>>;

namespace detail {

/// The rules of a struct with those of its base.
template <std::size_t N, std::size_t M>
constexpr std::array<json::rule, N + M> joined(const json::rule (&base)[N],
                                               const json::rule (&own)[M]) {
  std::array<json::rule, N + M> all{};
  for (std::size_t i = 0; i < N; ++i) all[i] = base[i];
  for (std::size_t i = 0; i < M; ++i) all[N + i] = own[i];
  return all;
}

inline constexpr json::rule on_hand_rules[] = {
    {.field = "on_hand", .value_min = -stock_max, .value_max = stock_max},
    {.field = "levels", .length_max = locations_max}};
inline constexpr json::rule product_line_rules[] = {
    {.field = "on_hand", .value_min = -stock_max, .value_max = stock_max},
    {.field = "levels", .length_max = locations_max},
    {.field = "category",
     .length_max = category_depth_max,
     .form = json::format::line,
     .each_length_max = name_length_max,
     .each_length_min = 1},
    {.field = "images", .length_max = images_max},
    {.field = "variants", .length_max = variants_max},
    {.field = "earlier_handles",
     .length_max = earlier_handles_max,
     .form = json::format::line,
     .each_length_max = name_length_max,
     .each_length_min = 1}};
inline constexpr json::rule category_line_rules[] = {{.field = "path",
                                                      .length_min = 1,
                                                      .length_max = category_depth_max,
                                                      .form = json::format::line,
                                                      .each_length_max = name_length_max,
                                                      .each_length_min = 1},
                                                     {.field = "earlier_handles",
                                                      .length_max = earlier_handles_max,
                                                      .form = json::format::line,
                                                      .each_length_max = name_length_max,
                                                      .each_length_min = 1}};

}  // namespace detail

/// An image is identified by its URL within the product. That of an uploaded image is the one that
/// the API shows.
struct image_line {
  std::string image_url;
  std::optional<std::string> alt_text;
  std::optional<std::int64_t> position;  ///< default: after the one before it

  static constexpr json::rule rules[] = {
      {.field = "image_url", .length_min = 1, .length_max = 2048, .form = json::format::line},
      {.field = "alt_text", .length_max = alt_text_length_max, .form = json::format::text},
      {.field = "position", .value_min = 1, .value_max = image_position_max}};
};
BOOST_DESCRIBE_STRUCT(image_line, (), (image_url, alt_text, position))

/// Units on hand at a location other than the default one, which has the rest.
struct level_line {
  std::string location;  ///< its code, or its id
  std::int64_t on_hand = 0;

  static constexpr json::rule rules[] = {
      {.field = "location", .length_min = 1, .length_max = 64, .form = json::format::line},
      {.field = "on_hand", .value_min = 0, .value_max = stock_max}};
};
BOOST_DESCRIBE_STRUCT(level_line, (), (location, on_hand))

/// A variant; without the members that it has from its product.
struct variant_line : product_change {
  static constexpr std::string_view schema_name = "variant_line";
  std::optional<std::int64_t> on_hand;
  std::optional<std::vector<level_line>> levels;  ///< all of them
  static constexpr auto rules = detail::joined(product_change::rules, detail::on_hand_rules);
};
BOOST_DESCRIBE_STRUCT(variant_line, (product_change), (on_hand, levels))

struct product_line : product_change {
  static constexpr std::string_view schema_name = "product_line";
  std::optional<std::string> type;  ///< of the line
  std::optional<stoa::product_id> product_id;
  patch<category_names> category;  ///< created if it does not exist
  std::optional<std::int64_t> on_hand;
  std::optional<std::vector<level_line>> levels;  ///< all of them
  patch<std::vector<image_line>> images;          ///< all of them
  patch<std::vector<variant_line>> variants;      ///< all of them
  std::optional<translation_lines> translations;
  patch<std::vector<std::string>> earlier_handles;  ///< all of them
  static constexpr auto rules = detail::joined(product_change::rules, detail::product_line_rules);
};
BOOST_DESCRIBE_STRUCT(product_line, (product_change),
                      (type, product_id, category, on_hand, levels, images, variants, translations,
                       earlier_handles))

struct category_line : category_change {
  static constexpr std::string_view schema_name = "category_line";
  std::optional<std::string> type;
  category_names path;
  std::optional<translation_lines> translations;
  patch<std::vector<std::string>> earlier_handles;  ///< all of them
  static constexpr auto rules = detail::joined(category_change::rules, detail::category_line_rules);
};
BOOST_DESCRIBE_STRUCT(category_line, (category_change), (type, path, translations, earlier_handles))

/// `terms`: the members of product_type_terms, a merge patch (RFC 7396).
struct type_line {
  std::string key;
  json::raw terms{"{}"};
};
BOOST_DESCRIBE_STRUCT(type_line, (), (key, terms))

/// `terms`: the members of collection_terms, a merge patch. `rule` may name its category by
/// `category`, the names from the root.
struct collection_line {
  std::optional<stoa::collection_id> collection_id;
  std::optional<std::string> handle;
  json::raw terms{"{}"};
  patch<std::vector<std::string>> products;  ///< handles or ids, in their order
  std::optional<translation_lines> translations;
  patch<std::vector<std::string>> earlier_handles;  ///< all of them
};
BOOST_DESCRIBE_STRUCT(collection_line, (),
                      (collection_id, handle, terms, products, translations, earlier_handles))

/// A location is identified by its code, or its id if it has none.
struct location_line : location_change {
  static constexpr std::string_view schema_name = "location_line";
  std::optional<std::string> type;
  std::optional<stoa::location_id> location_id;
};
BOOST_DESCRIBE_STRUCT(location_line, (location_change), (type, location_id))

struct label_line {
  std::string facet;
  std::optional<std::string> value;
  nullable<std::string> label;  ///< null removes it
  static constexpr auto rules = std::to_array(label_entry::rules);
};
BOOST_DESCRIBE_STRUCT(label_line, (), (facet, value, label))

/// Labels of a language; those that are not listed remain.
struct labels_line {
  std::optional<std::string> type;
  std::string locale;
  std::vector<label_line> labels;
  static constexpr json::rule rules[] = {{.field = "labels", .length_max = labels_max}};
};
BOOST_DESCRIBE_STRUCT(labels_line, (), (type, locale, labels))

struct related_entry {
  std::string product;  ///< a handle or an id
  relation_kind kind = relation_kind::similar;
  static constexpr json::rule rules[] = {{.field = "product", .length_min = 1, .length_max = 255}};
};
BOOST_DESCRIBE_STRUCT(related_entry, (), (product, kind))

/// All products that are shown with a product.
struct related_line {
  std::optional<std::string> type;
  std::string product;
  std::vector<related_entry> related;
  static constexpr json::rule rules[] = {{.field = "product", .length_min = 1, .length_max = 255},
                                         {.field = "related", .length_max = related_products_max}};
};
BOOST_DESCRIBE_STRUCT(related_line, (), (type, product, related))

struct synonyms_line : synonym_list {
  std::optional<std::string> type;
};
BOOST_DESCRIBE_STRUCT(synonyms_line, (synonym_list), (type))

/// Creates or changes the object of a line, or rejects the line as a whole: with the problems of
/// the API's requests, and pointers into the line. One of the members from product_type on is
/// present.
struct import_line {
  static constexpr std::string_view name = "catalog.import_line";
  using reply = import_answer;
  std::string type;                 ///< of line_types.hpp
  bool set_stock = false;           ///< also of existing products and variants
  bool dry_run = false;             ///< changes nothing; the answer lists the changes
  std::optional<import_step> step;  ///< as in import_product
  std::optional<type_line> product_type;
  std::optional<category_line> category;
  std::optional<product_line> product;
  std::optional<collection_line> collection;
  std::optional<related_line> related;
  std::optional<synonyms_line> synonyms;
  std::optional<location_line> location;
  std::optional<labels_line> labels;
};
BOOST_DESCRIBE_STRUCT(import_line, (),
                      (type, set_stock, dry_run, step, product_type, category, product, collection,
                       related, synonyms, location, labels))

struct line_page {
  std::vector<std::string> lines;   ///< JSON, without line breaks
  std::optional<std::string> next;  ///< the next page's `after`; absent on the last page
};
BOOST_DESCRIBE_STRUCT(line_page, (), (lines, next))

/// The objects of a type as lines, a page. `updated_since` and `status` select products.
struct export_lines {
  static constexpr std::string_view name = "catalog.export_lines";
  using reply = line_page;
  std::string type;
  std::optional<std::string> after;
  std::int64_t limit = 50;
  std::optional<timestamp> updated_since;
  std::optional<product_status> status;
};
BOOST_DESCRIBE_STRUCT(export_lines, (), (type, after, limit, updated_since, status))

}  // namespace stoa::catalog
