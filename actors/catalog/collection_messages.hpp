#pragma once
// Collections, related products and synonyms: messages of the Catalog service and their answers.

#include "actors/catalog/catalog_views.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/catalog/collection.hpp"

namespace stoa::catalog {

inline constexpr std::size_t collections_max = 1000;          ///< of the store
inline constexpr std::size_t collection_products_max = 1000;  ///< of one made by hand
inline constexpr std::size_t related_products_max = 50;       ///< of a product
inline constexpr std::size_t synonym_groups_max = 500;
inline constexpr std::size_t synonym_words_max = 4;  ///< of a phrase
inline constexpr std::size_t synonyms_max = 20;      ///< of a group
inline constexpr std::string_view collection_sorts = "newest price -price name";

// --- collections ---------------------------------------------------------------------------------

struct collection_view {
  static constexpr std::string_view schema_name = "collection";
  stoa::collection_id collection_id;
  std::optional<std::string> handle;
  std::string name;
  std::string description;
  std::optional<std::string> sort;
  timestamp created_at;
  timestamp updated_at;
  std::optional<bool> published;  ///< for staff, like the members below
  std::optional<collection_rule> rule;
  std::optional<std::vector<stoa::product_id>> product_ids;  ///< of one made by hand, in order
};
BOOST_DESCRIBE_STRUCT(collection_view, (),
                      (collection_id, handle, name, description, sort, created_at, updated_at,
                       published, rule, product_ids))

struct collection_page {
  static constexpr std::string_view schema_name = "collection_list";
  std::vector<collection_view> data;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(collection_page, (), (data, total))

/// All terms of a collection: a rule or, without one, its products.
struct collection_terms {
  static constexpr std::string_view schema_name = "collection_terms";
  std::string name;
  std::optional<std::string> handle;
  std::string description;
  bool published = true;
  std::optional<std::string> sort;
  std::optional<collection_rule> rule;
  std::optional<std::vector<stoa::product_id>> product_ids;

  static constexpr json::rule rules[] = {
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "handle",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "The collection's name in URLs. Default: the one that it has, or one made "
                      "from the name."},
      {.field = "description", .length_max = 10'000, .form = json::format::text},
      {.field = "published", .description = "Whether customers see it."},
      {.field = "sort",
       .description = "The order of its products; by default that of product_ids, or with a rule "
                      "the newest first.",
       .one_of = collection_sorts},
      {.field = "rule", .description = "The products that satisfy it; excludes product_ids."},
      {.field = "product_ids",
       .length_max = collection_products_max,
       .description = "The products in their order; excludes a rule."}};
  static constexpr std::string_view defaults[] = {"description", "published"};
};
BOOST_DESCRIBE_STRUCT(collection_terms, (),
                      (name, handle, description, published, sort, rule, product_ids))

/// conflict handle_taken, too_many_collections; validation for terms that contradict each other.
struct create_collection {
  static constexpr std::string_view name = "catalog.create_collection";
  using reply = collection_view;
  collection_terms terms;
  std::optional<stoa::collection_id> collection_id = std::nullopt;  ///< absent: a new one
};
BOOST_DESCRIBE_STRUCT(create_collection, (), (terms, collection_id))

struct replace_collection {
  static constexpr std::string_view name = "catalog.replace_collection";
  using reply = collection_view;
  stoa::collection_id collection_id;
  collection_terms terms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(replace_collection, (), (collection_id, terms, precondition))

struct delete_collection {
  static constexpr std::string_view name = "catalog.delete_collection";
  using reply = kernel::nothing;
  stoa::collection_id collection_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_collection, (), (collection_id, precondition))

struct get_collection {
  static constexpr std::string_view name = "catalog.get_collection";
  using reply = collection_view;
  stoa::collection_id collection_id;
  bool for_staff = false;
  std::optional<std::string> locale = {};
};
BOOST_DESCRIBE_STRUCT(get_collection, (), (collection_id, for_staff, locale))

/// All of them, by name, or the one that has the handle or had it; without their products.
struct list_collections {
  static constexpr std::string_view name = "catalog.list_collections";
  using reply = collection_page;
  bool for_staff = false;
  std::optional<std::string> handle = {};
  std::optional<std::string> locale = {};
};
BOOST_DESCRIBE_STRUCT(list_collections, (), (for_staff, handle, locale))

// --- related products ----------------------------------------------------------------------------

struct related_ref {
  static constexpr std::string_view schema_name = "related_product_ref";
  stoa::product_id product_id;
  relation_kind kind = relation_kind::similar;
};
BOOST_DESCRIBE_STRUCT(related_ref, (), (product_id, kind))

struct related_refs {
  static constexpr std::string_view schema_name = "related_product_refs";
  std::vector<related_ref> data;
  static constexpr json::rule rules[] = {{.field = "data",
                                          .length_max = related_products_max,
                                          .description = "In the order in which they are shown."}};
};
BOOST_DESCRIBE_STRUCT(related_refs, (), (data))

struct related_product {
  static constexpr std::string_view schema_name = "related_product";
  relation_kind kind = relation_kind::similar;
  product_view product;
};
BOOST_DESCRIBE_STRUCT(related_product, (), (kind, product))

struct related_list {
  static constexpr std::string_view schema_name = "related_product_list";
  std::vector<related_product> data;
};
BOOST_DESCRIBE_STRUCT(related_list, (), (data))

/// Replaces all relations of a product.
struct set_related {
  static constexpr std::string_view name = "catalog.set_related";
  using reply = related_refs;
  stoa::product_id product_id;
  related_refs related;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(set_related, (), (product_id, related, precondition))

/// What staff have set.
struct get_related {
  static constexpr std::string_view name = "catalog.get_related";
  using reply = related_refs;
  stoa::product_id product_id;
};
BOOST_DESCRIBE_STRUCT(get_related, (), (product_id))

/// The visible ones of those; if staff have set none, products of its category, newest first.
struct show_related {
  static constexpr std::string_view name = "catalog.show_related";
  using reply = related_list;
  stoa::product_id product_id;
  std::int64_t limit = 10;
  std::optional<std::string> locale = {};
};
BOOST_DESCRIBE_STRUCT(show_related, (), (product_id, limit, locale))

// --- synonyms ------------------------------------------------------------------------------------

/// Groups of words or phrases that mean the same in searches.
struct synonym_list {
  static constexpr std::string_view schema_name = "search_synonyms";
  std::vector<std::vector<std::string>> groups;
  static constexpr json::rule rules[] = {
      {.field = "groups",
       .length_max = synonym_groups_max,
       .description =
           "Each has 2 to 20 phrases of at most 4 words and 100 bytes that mean the same.",
       .example = R"([["t-shirt","tee"],["mobile phone","smartphone"]])"}};
};
BOOST_DESCRIBE_STRUCT(synonym_list, (), (groups))

struct set_synonyms {
  static constexpr std::string_view name = "catalog.set_synonyms";
  using reply = synonym_list;
  synonym_list synonyms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(set_synonyms, (), (synonyms, precondition))

struct get_synonyms {
  static constexpr std::string_view name = "catalog.get_synonyms";
  using reply = synonym_list;
};
BOOST_DESCRIBE_STRUCT(get_synonyms, (), ())

struct synonym_phrases {
  std::map<std::string, std::vector<std::string>> found;
};
BOOST_DESCRIBE_STRUCT(synonym_phrases, (), (found))

/// The phrases that mean the same as phrases of a search, which are search words separated by
/// spaces.
struct look_up_synonyms {
  static constexpr std::string_view name = "catalog.look_up_synonyms";
  using reply = synonym_phrases;
  std::vector<std::string> phrases;
};
BOOST_DESCRIBE_STRUCT(look_up_synonyms, (), (phrases))

// --- suggestions ---------------------------------------------------------------------------------

struct suggested_product {
  static constexpr std::string_view schema_name = "suggested_product";
  stoa::product_id product_id;
  std::optional<std::string> handle;
  std::string name;
  std::optional<std::string> image_url;
};
BOOST_DESCRIBE_STRUCT(suggested_product, (), (product_id, handle, name, image_url))

struct suggestion_list {
  static constexpr std::string_view schema_name = "search_suggestions";
  std::vector<std::string> queries;  ///< the text with its last word completed
  std::vector<suggested_product> products;
  std::vector<category_ref> categories;
};
BOOST_DESCRIBE_STRUCT(suggestion_list, (), (queries, products, categories))

/// For a text that a customer types.
struct suggest {
  static constexpr std::string_view name = "catalog.suggest";
  using reply = suggestion_list;
  std::string q;
  std::int64_t limit = 5;                  ///< of each list
  std::optional<std::string> locale = {};  ///< of the names, BCP 47
};
BOOST_DESCRIBE_STRUCT(suggest, (), (q, limit, locale))

}  // namespace stoa::catalog
