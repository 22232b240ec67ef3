// Searches for words that very many products have, on each database: what is ranked is bounded, and
// what a search finds in any other order, or with filters, is not.

#include "storage/catalog/catalog_store.hpp"
#include "tests/support/catalog_fixture.hpp"

#include <algorithm>
#include <set>

using namespace stoa;
using namespace stoa::catalog;

namespace {

/// So many that SQLite follows an index instead of sorting what it found.
constexpr std::size_t products = 2500;
/// The products made first, and one in so many of all, are in a category of their own.
constexpr std::size_t oldest = 30;

struct large_store : test::catalog_fixture {
  std::vector<stoa::product_id> ids;
  stoa::category_id rare{system_ids().next_v7()};

  large_store() {
    const stoa::category_id common{system_ids().next_v7()};
    for (std::size_t i = 0; i < products; ++i) {
      import_product p;
      p.product_id = {system_ids().next_v7()};
      p.title = (i == 7 ? "Teapot and cup " : "Cup ") + std::to_string(i);
      p.description = i == 9 ? "An heirloom" : "For tea";
      p.price = money{static_cast<std::int64_t>(100 + products - i), "EUR"};
      p.on_hand = 5;
      p.category_path = {category_ref{i < oldest ? rare : common, i < oldest ? "Rare" : "Common"}};
      ids.push_back(p.product_id);
      kernel::job j;
      j.message = kernel::any_message::of(std::move(p));
      writer->add(std::move(j));
    }
    flush();
  }

  /// All that the list has, page by page.
  std::vector<stoa::product_id> walk(list_products q) {
    std::vector<stoa::product_id> all;
    q.limit = 100;
    for (std::size_t pages = 0; pages <= products / 100; ++pages) {
      const auto page = read(q).value();
      for (const auto& p : page.data) all.push_back(p.product_id);
      if (!page.next_cursor.value) return all;
      q.cursor = page.next_cursor.value;
    }
    BOOST_FAIL("the list does not end");
    return all;
  }
};

list_products found_by(const std::string& words, std::optional<std::string> sort = std::nullopt) {
  list_products q;
  q.q = words;
  q.sort = std::move(sort);
  return q;
}

std::set<stoa::product_id> set_of(const std::vector<stoa::product_id>& list) {
  return {list.begin(), list.end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(common_words)

BOOST_FIXTURE_TEST_CASE(searches_for_words_that_most_products_have, large_store) {
  // By relevance: the newest, each once.
  const auto ranked = walk(found_by("cup"));
  BOOST_TEST(ranked.size() == ranked_products_max);
  const std::vector<stoa::product_id> newest(ids.end() - ranked_products_max, ids.end());
  BOOST_TEST((set_of(ranked) == set_of(newest)));

  // Filters choose among all that match, not among the newest.
  auto filtered = found_by("cup");
  filtered.category_id = rare;
  const std::vector<stoa::product_id> first(ids.begin(), ids.begin() + oldest);
  BOOST_TEST((set_of(walk(filtered)) == set_of(first)));
  filtered = found_by("cup");
  filtered.min_price = static_cast<std::int64_t>(100 + products - 4);
  BOOST_TEST(walk(filtered).size() == 5U);

  // Words that few products have are found among all.
  BOOST_TEST((walk(found_by("teapot")) == std::vector{ids[7]}));
  BOOST_TEST((walk(found_by("cup heirloom")) == std::vector{ids[9]}));
  BOOST_TEST((walk(found_by("tea cup")).size() == ranked_products_max));

  // All other orders list all that match.
  auto by_price = ids;
  std::reverse(by_price.begin(), by_price.end());
  BOOST_TEST((walk(found_by("cup", "price")) == by_price));
  BOOST_TEST((walk(found_by("cup", "-price")) == ids));
  BOOST_TEST((set_of(walk(found_by("cup", "name"))) == set_of(ids)));
  BOOST_TEST((set_of(walk(found_by("cup", "newest"))) == set_of(ids)));
  filtered.sort = "price";
  BOOST_TEST(walk(filtered).size() == 5U);
  BOOST_TEST((walk(found_by("teapot", "price")) == std::vector{ids[7]}));
}

BOOST_AUTO_TEST_SUITE_END()
