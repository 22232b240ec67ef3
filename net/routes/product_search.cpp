#include "net/routes/product_search.hpp"

#include "actors/catalog/collection_messages.hpp"
#include "actors/catalog/facet_filter.hpp"
#include "actors/catalog/found_messages.hpp"
#include "actors/catalog/synonyms.hpp"
#include "net/search/engine_cursor.hpp"
#include "net/search/product_search.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/search_words.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using catalog::list_products;
using catalog::product_sort;
using catalog::product_status;
using search::engine_search;
using search::search_answer;

constexpr std::size_t engine_query_bytes_max = 1000;

std::optional<product_sort> engine_sort_of(const std::optional<std::string>& sort) {
  if (!sort || *sort == "relevance") return product_sort::relevance;
  if (*sort == "newest") return product_sort::newest;
  if (*sort == "price") return product_sort::price_up;
  if (*sort == "-price") return product_sort::price_down;
  if (*sort == "name") return product_sort::name;
  return std::nullopt;
}

/// Whether the list has filters that the index does not have. A filter that is added to
/// list_products later is one, until it is reset here.
bool has_other_filters(list_products list) {
  const list_products none;
  list.q.reset();
  list.category_id.reset();
  list.min_price.reset();
  list.max_price.reset();
  list.in_stock.reset();
  list.sort.reset();
  list.filter.reset();
  list.facets.reset();
  list.collection_id.reset();
  list.highlight = none.highlight;
  list.cursor.reset();
  list.limit = none.limit;
  list.count = none.count;
  list.locale.reset();  // Only of what is shown.
  // The index has only products that customers see.
  if (list.for_staff) {
    if (list.status != product_status::Active) return true;
    list.status.reset();
    list.for_staff = false;
  }
  return json::write(list) != json::write(none);
}

/// Nothing for a list that the engine does not make.
std::optional<engine_search> engine_search_of(const list_products& list) {
  if (!list.q || list.q->size() > engine_query_bytes_max || !text::is_utf8(*list.q)) return {};
  const auto sort = engine_sort_of(list.sort);
  if (!sort || has_other_filters(list)) return {};
  // The catalogue says what is wrong with it.
  if (catalog::is_empty_range(list.min_price, list.max_price)) return {};
  engine_search s;
  s.words = catalog::query_words(*list.q);
  if (s.words.empty()) return {};
  s.sort = *sort;
  s.min_price = list.min_price;
  s.max_price = list.max_price;
  s.in_stock = list.in_stock;
  if (list.filter) {
    auto facets = catalog::parse_filter(*list.filter);
    if (!facets) return {};  // The catalogue says what is wrong with it.
    s.facets = std::move(*facets);
  }
  if (list.facets) s.counted = *list.facets;
  s.count = list.count;
  s.limit = static_cast<std::size_t>(std::clamp<std::int64_t>(list.limit, 1, 100));
  return s;
}

/// What the filters by category and collection mean. False: the catalogue makes the list.
task<bool> add_scope(exchange& x, const list_products& list, engine_search& to) {
  if (!list.category_id && !list.collection_id) co_return true;
  catalog::search_scope query{list.category_id, list.collection_id, list.for_staff};
  auto scope = co_await x.ask(std::move(query));
  if (list.category_id && scope.category_ids.empty()) co_return false;
  to.category_ids = std::move(scope.category_ids);
  if (!list.collection_id) co_return true;
  if (!scope.collection) co_return false;
  if (scope.collection->filter) {
    auto facets = catalog::parse_filter(*scope.collection->filter);
    if (facets) to.within_facets = std::move(*facets);
  }
  to.within = std::move(scope.collection);
  co_return true;
}

/// What is shown of the answer.
catalog::show_found show_of(const list_products& list, search_answer& found) {
  catalog::show_found show;
  for (const auto& f : found.hits.found) show.product_ids.push_back(f.product_id);
  show.for_staff = list.for_staff;
  show.locale = list.locale;
  if (list.highlight) show.highlighted = list.q;
  show.similar = found.similar;
  if (!list.facets) return show;
  show.asked_facets = *list.facets;
  show.facets = std::move(found.hits.facets);
  return show;
}

/// The catalogue continues the list, if it can.
void hand_over(list_products& list, product_sort sort, const search::engine_cursor& from) {
  list.cursor = search::builtin_cursor(sort, from);
  if (list.cursor) return;
  fail({503,
        "search_engine_unavailable",
        "The search engine that has made this list is not available. Retry later, or start the "
        "list again without the cursor.",
        {}});
}

}  // namespace

task<std::optional<catalog::product_page>> engine_page(exchange& x, list_products& list) {
  auto wanted = engine_search_of(list);
  if (x.shared->search == nullptr || !wanted) co_return std::nullopt;
  std::optional<search::engine_cursor> cursor;
  if (list.cursor) {
    cursor = search::read_engine_cursor(wanted->sort, *list.cursor);
    if (!cursor) co_return std::nullopt;  // The built-in search has made the list.
    wanted->after = cursor->position;
    wanted->similar = cursor->similar;
  }
  const bool is_known = co_await add_scope(x, list, *wanted);
  if (!is_known) {
    if (cursor) hand_over(list, wanted->sort, *cursor);
    co_return std::nullopt;
  }
  catalog::look_up_synonyms asked{catalog::phrases_in(wanted->words)};
  const auto synonyms = co_await x.ask(std::move(asked));
  catalog::add_synonyms(wanted->words, synonyms.found);
  const auto sort = wanted->sort;
  std::function<bool(std::function<void(std::optional<search_answer>)>)> start =
      [engine = x.shared->search, s = std::move(*wanted)](auto done) {
        engine->find(s, std::move(done));
        return true;
      };
  auto found = co_await x.run_elsewhere<std::optional<search_answer>>(std::move(start));
  x.shared->search->answered(found ? search::answered_by::engine : search::answered_by::builtin);
  if (!found) {
    if (cursor) hand_over(list, sort, *cursor);
    co_return std::nullopt;
  }
  // The index follows the catalogue, so its answers do not belong to a version of the data.
  x.data_version.reset();
  catalog::product_page page;
  if (!found->hits.found.empty() || list.facets) {
    auto show = show_of(list, *found);
    auto shown = co_await x.ask(std::move(show));
    page = std::move(shown);
  }
  page.total = found->hits.total;
  if (found->hits.more) {
    page.next_cursor.value =
        search::make_engine_cursor(sort, {found->hits.found.back(), found->similar});
  }
  co_return page;
}

}  // namespace stoa::front
