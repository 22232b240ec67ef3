// Lists of products: searches, filters, collections, and lookups.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/facet_filter.hpp"
#include "actors/catalog/highlight.hpp"
#include "actors/catalog/product_cursor.hpp"
#include "actors/catalog/synonyms.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/collection_store.hpp"
#include "storage/catalog/search_text.hpp"

namespace stoa::catalog {

namespace {

constexpr std::size_t search_bytes_max = 1000;
constexpr std::size_t highlight_bytes_max = 200;

problem bad_parameter(const std::string& name, const std::string& code, const std::string& why) {
  return {problem_kind::malformed,
          "invalid_request",
          "The query string is invalid.",
          {{"?" + name, code, why}}};
}

/// The sort order; some are available with `for_staff` only.
result<product_sort> sort_of(const list_products& q, bool for_staff, product_sort usual) {
  if (q.updated_since && for_staff) {
    if (!q.sort || *q.sort == "updated") return product_sort::updated;
    return bad_parameter("sort", "exclusive", "With updated_since only updated is allowed.");
  }
  if (!q.sort) return q.q ? product_sort::relevance : usual;
  // Without a search there is no relevance: newest first.
  if (*q.sort == "relevance") return q.q ? product_sort::relevance : usual;
  if (*q.sort == "newest") return product_sort::newest;
  if (*q.sort == "price") return product_sort::price_up;
  if (*q.sort == "-price") return product_sort::price_down;
  if (*q.sort == "name") return product_sort::name;
  if (*q.sort == "updated" && for_staff) return product_sort::updated;
  return bad_parameter("sort", "value",
                       std::string("This must be one of: relevance, newest, price, -price, name") +
                           (for_staff ? ", updated." : "."));
}

/// Rejects parameters that cannot be combined with a lookup.
std::optional<problem> check_lookup(const list_products& q) {
  const std::array<std::pair<bool, const char*>, 14> given{
      {{q.ids.has_value(), "ids"},
       {q.handle.has_value(), "handle"},
       {q.sku.has_value(), "sku"},
       {q.q.has_value(), "q"},
       {q.category_id.has_value(), "category_id"},
       {q.min_price.has_value(), "min_price"},
       {q.max_price.has_value(), "max_price"},
       {q.in_stock.has_value(), "in_stock"},
       {q.sort.has_value(), "sort"},
       {q.status.has_value(), "status"},
       {q.updated_since.has_value(), "updated_since"},
       {q.filter.has_value(), "filter"},
       {q.facets.has_value(), "facets"},
       {q.collection_id.has_value(), "collection_id"}}};
  const auto first =
      std::find_if(given.begin(), given.end(), [](const auto& g) { return g.first; });
  for (auto other = first + 1; other != given.end(); ++other) {
    if (!other->first) continue;
    return bad_parameter(other->second, "exclusive",
                         std::string("This cannot be combined with ") + first->second + ".");
  }
  if (q.ids && q.ids->size() > lookup_ids_max) {
    return bad_parameter("ids", "too_many",
                         "This must have at most " + std::to_string(lookup_ids_max) + " elements.");
  }
  return std::nullopt;
}

bool is_lookup(const list_products& q) {
  return q.ids || q.handle || q.sku;
}

/// The products of a lookup, without duplicates and those that the caller may not see.
product_page look_up(db::connection& c, const list_products& q, bool staff,
                     const std::string& media_url) {
  std::vector<stoa::product_id> ids;
  for (auto id : q.ids.value_or(std::vector<stoa::product_id>{})) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  if (q.handle || q.sku) {
    auto found = q.handle ? product_id_of_handle(c, *q.handle) : product_id_of_sku(c, *q.sku);
    if (!found && q.handle) found = product_id_of_redirect(c, *q.handle);
    if (found) ids.push_back(*found);
  }
  product_page page;
  for (auto& parts : read_products(c, ids, staff)) {
    const auto status = parts.product.status;
    if (status == product_status::Active || (staff && status != product_status::Deleted)) {
      page.data.push_back(view_of(parts, staff, media_url));
    }
  }
  translate(c, q.locale, page.data);
  return page;
}

/// What a list in a collection has in addition.
struct listed_collection {
  collection_filter filter;
  product_sort sort = product_sort::newest;
};

product_sort sort_by(const std::optional<std::string>& name, product_sort otherwise) {
  if (name == "newest") return product_sort::newest;
  if (name == "price") return product_sort::price_up;
  if (name == "-price") return product_sort::price_down;
  if (name == "name") return product_sort::name;
  return otherwise;
}

/// None for an unknown collection, and one that the caller may not see.
std::optional<listed_collection> collection_of(db::connection& c, stoa::collection_id id,
                                               bool staff) {
  const auto found = read_collection(c, id);
  if (!found || (!staff && !found->published)) return std::nullopt;
  listed_collection listed;
  if (!found->rule) {
    listed.filter.members = id;
    listed.sort = sort_by(found->sort, product_sort::position);
    return listed;
  }
  listed.sort = sort_by(found->sort, product_sort::newest);
  const auto& rule = *found->rule;
  listed.filter.category_id = rule.category_id;
  listed.filter.min_price = rule.min_price;
  listed.filter.max_price = rule.max_price;
  listed.filter.in_stock = rule.in_stock;
  if (rule.filter) {
    if (auto facets = parse_filter(*rule.filter)) listed.filter.facets = std::move(*facets);
  }
  return listed;
}

product_page empty_page(const list_products& q) {
  product_page page;
  if (q.count) page.total = 0;
  if (q.facets) page.facets = empty_facets(*q.facets);
  return page;
}

}  // namespace

void highlight(std::vector<product_view>& products, const std::vector<search_word>& words) {
  for (auto& p : products) {
    product_highlights shown{highlighted(p.name, words, p.name.size()),
                             highlighted(plain_text(p.description), words, highlight_bytes_max)};
    if (shown.name || shown.description) p.highlights = std::move(shown);
  }
}

result<product_page> catalog_service::read(const list_products& asked, const call_context& context,
                                           db::connection& c) const {
  list_products q = asked;
  // An empty search text means no search.
  if (q.q && text::trim(*q.q).empty()) q.q.reset();
  bool staff = q.for_staff && may_see_all(context);
  if (is_lookup(q)) {
    if (auto bad = check_lookup(q)) return std::move(*bad);
    return look_up(c, q, staff, options_.media_url);
  }
  if (is_empty_range(q.min_price, q.max_price)) {
    return bad_parameter("max_price", "range", "The highest price is below the lowest one.");
  }
  product_filter filter;
  auto usual = product_sort::newest;
  if (q.collection_id) {
    auto listed = collection_of(c, *q.collection_id, staff);
    if (!listed) return empty_page(q);
    filter.within = std::move(listed->filter);
    usual = listed->sort;
  }
  auto sort = sort_of(q, staff, usual);
  if (!sort) return sort.error();
  filter.sort = *sort;
  filter.category_id = q.category_id;
  filter.min_price = q.min_price;
  filter.max_price = q.max_price;
  filter.in_stock = q.in_stock;
  if (q.filter) {
    auto facets = parse_filter(*q.filter);
    if (!facets) return facets.error();
    filter.facets = std::move(*facets);
  }
  filter.status = staff ? q.status : product_status::Active;
  auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 100));
  filter.limit = limit + 1;
  if (q.q) {
    if (q.q->size() > search_bytes_max) {
      return bad_parameter(
          "q", "too_long",
          "This must have at most " + std::to_string(search_bytes_max) + " bytes.");
    }
    if (!text::is_utf8(*q.q)) return bad_parameter("q", "encoding", "This must be UTF-8.");
    filter.words = query_words(*q.q);
    if (filter.words.empty()) return empty_page(q);  // No words: no results.
    add_synonyms(filter.words, find_synonyms(c, phrases_in(filter.words)));
  }
  std::vector<correction> corrections;
  if (q.cursor) {
    auto cursor = read_cursor(*sort, *q.cursor);
    if (!cursor) {
      return problem{problem_kind::malformed,
                     "invalid_cursor",
                     "Invalid cursor.",
                     {{"?cursor", "format", "Send next_cursor of the same list, unchanged."}}};
    }
    filter.after = std::move(cursor->position);
    corrections = std::move(cursor->corrections);
    correct(filter.words, corrections);
  }
  if (q.updated_since && staff && !filter.after) {
    // After all earlier changes, and before the lowest id.
    filter.after = list_position{q.updated_since->us, {}};
  }
  auto found = find_products(c, filter);
  if (found.empty() && !filter.words.empty() && !q.cursor) {
    // No product has all these words: some may be misspelled.
    corrections = corrections_of(c, filter.words);
    correct(filter.words, corrections);
    if (!corrections.empty()) found = find_products(c, filter);
  }
  product_page page;
  if (q.facets) page.facets = facet_views(c, filter, *q.facets, q.locale);
  if (q.count) page.total = count_products(c, filter, staff ? q.updated_since : std::nullopt);
  if (found.size() > limit) {
    found.pop_back();
    page.next_cursor.value = make_cursor(*sort, {found.back(), std::move(corrections)});
  }
  std::vector<stoa::product_id> ids;
  ids.reserve(found.size());
  for (const auto& f : found) ids.push_back(f.product_id);
  for (auto& parts : read_products(c, ids, staff))
    page.data.push_back(view_of(parts, staff, options_.media_url));
  translate(c, q.locale, page.data);
  if (q.highlight) highlight(page.data, filter.words);
  return page;
}

}  // namespace stoa::catalog
