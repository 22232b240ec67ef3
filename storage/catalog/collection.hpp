#pragma once
// Collections, related products and synonyms: records of the Catalog service.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stoa {

using collection_id = id<struct collection_tag>;

}  // namespace stoa

namespace stoa::catalog {

/// What a product must satisfy to be in a collection; all that are given.
struct collection_rule {
  static constexpr std::string_view schema_name = "collection_rule";
  std::optional<stoa::category_id> category_id;  ///< including its subcategories
  std::optional<std::int64_t> min_price;         ///< minor units
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::optional<std::string> filter;  ///< as in lists of products: facet:value|value;facet:value

  static constexpr json::rule rules[] = {
      {.field = "category_id", .description = "Products of this category and its descendants."},
      {.field = "min_price", .value_min = 0, .description = "In minor units."},
      {.field = "max_price", .value_min = 0, .description = "In minor units."},
      {.field = "filter",
       .length_min = 1,
       .length_max = 4000,
       .description = "As in lists of products.",
       .example = R"("vendor:Acme;tag:new")"}};
  bool operator==(const collection_rule&) const = default;
};
BOOST_DESCRIBE_STRUCT(collection_rule, (), (category_id, min_price, max_price, in_stock, filter))

struct collection_row {
  static constexpr const char* table = "collections";
  static constexpr std::size_t key_columns = 1;
  stoa::collection_id collection_id;
  std::int64_t list = 0;  ///< the same in every row, to load and count all
  std::optional<std::string> handle;
  std::string name;
  std::string description;
  bool published = true;
  std::optional<collection_rule> rule;  ///< none: made by hand
  std::optional<std::string> sort;      ///< of its products; none: their positions, or newest
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  bool operator==(const collection_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(collection_row, (),
                      (collection_id, list, handle, name, description, published, rule, sort,
                       created_at, updated_at, version))

/// A product of a collection that is made by hand.
struct collection_product_row {
  static constexpr const char* table = "collection_products";
  static constexpr std::size_t key_columns = 2;
  stoa::collection_id collection_id;
  stoa::product_id product_id;
  std::int64_t position = 0;
};
BOOST_DESCRIBE_STRUCT(collection_product_row, (), (collection_id, product_id, position))

/// Why a product is shown with another one.
enum class relation_kind { accessory, cross_sell, up_sell, similar };
BOOST_DESCRIBE_ENUM(relation_kind, accessory, cross_sell, up_sell, similar)

struct relation_row {
  static constexpr const char* table = "product_relations";
  static constexpr std::size_t key_columns = 2;
  stoa::product_id product_id;
  std::int64_t position = 0;  ///< from 1
  relation_kind kind = relation_kind::similar;
  stoa::product_id related_product_id;
};
BOOST_DESCRIBE_STRUCT(relation_row, (), (product_id, position, kind, related_product_id))

struct synonyms_row {
  static constexpr const char* table = "search_synonyms";
  static constexpr std::size_t key_columns = 1;
  std::int64_t list = 0;
  std::vector<std::vector<std::string>> synonym_groups;
  /// Of each phrase, as its search words: the phrases that mean the same.
  std::map<std::string, std::vector<std::string>> expansions;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(synonyms_row, (), (list, synonym_groups, expansions, updated_at, version))

}  // namespace stoa::catalog
