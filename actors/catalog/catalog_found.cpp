// What the catalogue adds to a search at an engine.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/synonyms.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/collection_store.hpp"
#include "storage/catalog/search_typos.hpp"

namespace stoa::catalog {

namespace {

std::vector<stoa::category_id> ids_below(db::connection& c, stoa::category_id root) {
  std::vector<stoa::category_id> ids;
  for (const auto& row : read_category_tree(c, root)) ids.push_back(row.category_id);
  return ids;
}

collection_scope scope_of(db::connection& c, const collection_row& collection) {
  collection_scope scope;
  if (!collection.rule) {
    scope.members = read_collection_products(c, collection.collection_id);
    return scope;
  }
  const auto& rule = *collection.rule;
  // No product is in a category that does not exist.
  if (rule.category_id) scope.category_ids = ids_below(c, *rule.category_id);
  scope.min_price = rule.min_price;
  scope.max_price = rule.max_price;
  scope.in_stock = rule.in_stock;
  scope.filter = rule.filter;
  return scope;
}

/// The words of the search as the engine has looked them up.
std::vector<search_word> words_of(db::connection& c, const std::string& text, bool similar) {
  auto words = query_words(text);
  add_synonyms(words, find_synonyms(c, phrases_in(words)));
  if (similar) correct(words, corrections_of(c, words));
  return words;
}

}  // namespace

result<found_scope> catalog_service::read(const search_scope& q, const call_context& context,
                                          db::connection& c) const {
  found_scope scope;
  if (q.category_id) scope.category_ids = ids_below(c, *q.category_id);
  if (!q.collection_id) return scope;
  const auto found = read_collection(c, *q.collection_id);
  const bool staff = q.for_staff && may_see_all(context);
  if (found && (staff || found->published)) scope.collection = scope_of(c, *found);
  return scope;
}

result<product_page> catalog_service::read(const show_found& q, const call_context& context,
                                           db::connection& c) const {
  const bool staff = q.for_staff && may_see_all(context);
  product_page page;
  // The index may be older than the products: those that have become hidden are left out.
  for (const auto& parts : read_products(c, q.product_ids, staff)) {
    if (parts.product.status != product_status::Active) continue;
    page.data.push_back(view_of(parts, staff, options_.media_url));
  }
  translate(c, q.locale, page.data);
  if (q.highlighted && !page.data.empty()) {
    highlight(page.data, words_of(c, *q.highlighted, q.similar));
  }
  if (q.facets) page.facets = facet_views(c, *q.facets, q.asked_facets, q.locale);
  return page;
}

}  // namespace stoa::catalog
