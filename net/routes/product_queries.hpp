#pragma once
// The query parameters of the lists of products.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/catalog/facet_filter.hpp"
#include "net/routes/language.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/product_prices.hpp"
#include "net/routes/rule_lists.hpp"

namespace stoa::front {

constexpr json::rule price_rule(std::string_view field) {
  return {.field = field,
          .value_min = 0,
          .value_max = money_amount_max,
          .description = field.starts_with("min")
                             ? "Products with at least this price, in minor units."
                             : "Products with at most this price, in minor units."};
}
inline constexpr json::rule search_rule{
    .field = "q",
    .length_max = 1000,
    .description =
        "The words to search for, at most 1000 bytes of UTF-8. A product must have all of them; "
        "the last may be a prefix, of at least one letter after other words and of two "
        "alone. Misspelled words match similar ones. Of more than 1000 matches, relevance "
        "ranks the newest 1000; the others follow."};
inline constexpr json::rule category_rule{
    .field = "category_id", .description = "Products of this category and its descendants."};
inline constexpr json::rule stock_rule{
    .field = "in_stock",
    .description = "Only products that are available, or with false only the others."};
inline constexpr json::rule sort_rule{.field = "sort",
                                      .description =
                                          "Default: relevance with q, else newest; -price "
                                          "sorts by descending price.",
                                      .one_of = "relevance newest price -price name"};

inline constexpr json::rule staff_sort_rule{.field = "sort",
                                            .description = sort_rule.description,
                                            .one_of = "relevance newest price -price name updated"};
inline constexpr json::rule ids_rule{
    .field = "ids",
    .length_min = 1,
    .length_max = catalog::lookup_ids_max,
    .description = "The products with these ids, in this order, instead of a list."};
inline constexpr json::rule handle_rule{.field = "handle",
                                        .length_min = 1,
                                        .length_max = 255,
                                        .description =
                                            "The product with this handle or, if none has it, the "
                                            "product that had it; its handle is then another."};
inline constexpr json::rule sku_rule{
    .field = "sku",
    .length_min = 1,
    .length_max = 255,
    .description = "The product with this SKU, or with a variant with this SKU."};
inline constexpr json::rule updated_rule{
    .field = "updated_since",
    .description =
        "Products changed since this time, in the order of their changes; a product that "
        "changes again is listed again. Use status=Deleted for deleted ones."};

inline constexpr json::rule filter_rule{
    .field = "filter",
    .length_max = catalog::filter_bytes_max,
    .description =
        "Products with one of the values of each facet: facet:value|value;facet:value. A facet is "
        "vendor, tag, option. with the name of an option of variants, or attribute. with the key "
        "of "
        "an attribute; case does not count. A "
        "backslash makes one of \\\\ ; : | a part of a value.",
    .example = R"("vendor:Acme|Foo, Inc.;option.size:M")"};
inline constexpr json::rule facets_rule{
    .field = "facets",
    .length_min = 1,
    .length_max = 7,
    .description =
        "Also count the products for each value of these facets. Values of a facet that "
        "is filtered are counted without that filter.",
    .one_of = catalog::asked_facets};

inline constexpr json::rule in_collection_rule{
    .field = "collection_id",
    .description = "Products of this collection, by default in its order."};
inline constexpr json::rule highlight_rule{
    .field = "highlight",
    .description = "Also return the parts of each product that match q.",
    .default_value = "false"};
inline constexpr json::rule names_rule = locale_rule(
    "The language of what is shown, where there is a translation into it or into the language of "
    "which it is a variety. Filters and orders use the originals.");

inline constexpr std::array product_list_rules{search_rule,
                                               category_rule,
                                               stock_rule,
                                               price_rule("min_price"),
                                               price_rule("max_price"),
                                               limit_rule,
                                               cursor_rule,
                                               ids_rule,
                                               handle_rule,
                                               sku_rule,
                                               filter_rule,
                                               facets_rule,
                                               in_collection_rule,
                                               highlight_rule,
                                               names_rule};

struct product_list_query {
  std::optional<std::string> q;
  std::optional<stoa::category_id> category_id;
  std::optional<std::int64_t> min_price;
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::optional<std::string> sort;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  std::optional<std::vector<stoa::product_id>> ids;
  std::optional<std::string> handle;
  std::optional<std::string> sku;
  std::optional<std::string> filter;
  std::optional<std::vector<std::string>> facets;
  std::optional<stoa::collection_id> collection_id;
  std::optional<bool> highlight;
  std::optional<std::string> locale;
  void check(std::vector<field_error>& errors) const { check_locale(locale, errors); }
  static constexpr auto rules = with_rules(product_list_rules, {sort_rule});
};
BOOST_DESCRIBE_STRUCT(product_list_query, (),
                      (q, category_id, min_price, max_price, in_stock, sort, limit, cursor, ids,
                       handle, sku, filter, facets, collection_id, highlight, locale))

/// Reads with names in a language.
struct locale_query {
  std::optional<std::string> locale;
  static constexpr json::rule rules[] = {names_rule};
  void check(std::vector<field_error>& errors) const { check_locale(locale, errors); }
};
BOOST_DESCRIBE_STRUCT(locale_query, (), (locale))

inline constexpr json::rule category_handle_rule{
    .field = "handle",
    .length_min = 1,
    .length_max = 255,
    .description =
        "Only the category with this handle or, if none has it, the one that had it; its "
        "handle is then another."};

struct category_query : locale_query {
  std::optional<std::string> handle;
  static constexpr json::rule rules[] = {names_rule, category_handle_rule};
};
BOOST_DESCRIBE_STRUCT(category_query, (locale_query), (handle))

struct staff_category_query {
  std::optional<std::string> handle;
  static constexpr json::rule rules[] = {category_handle_rule};
};
BOOST_DESCRIBE_STRUCT(staff_category_query, (), (handle))

struct product_query : locale_query {
  std::optional<std::string> currency;
  static constexpr json::rule rules[] = {names_rule, product_currency_rule};
};
BOOST_DESCRIBE_STRUCT(product_query, (locale_query), (currency))

struct store_product_query : product_list_query {
  std::optional<std::string> currency;
  static constexpr auto rules = with_rules(product_list_rules, {sort_rule, product_currency_rule});
};
BOOST_DESCRIBE_STRUCT(store_product_query, (product_list_query), (currency))

struct staff_product_query : product_list_query {
  std::optional<catalog::product_status> status;
  std::optional<timestamp> updated_since;
  static constexpr auto rules =
      with_rules(product_list_rules,
                 {{.field = "status",
                   .description = "Products with this status; by default all except deleted ones."},
                  staff_sort_rule,
                  updated_rule});
};
BOOST_DESCRIBE_STRUCT(staff_product_query, (product_list_query), (status, updated_since))

}  // namespace stoa::front
