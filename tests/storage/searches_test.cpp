// Searches on each database: their results; words that very many products contain; pages while
// products are created and deleted; and reindexing.

#include "storage/catalog/catalog_store.hpp"
#include "tests/support/catalog_fixture.hpp"

#include <algorithm>
#include <set>

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

/// Enough for SQLite to use an index instead of sorting the results.
constexpr std::size_t products = 2500;
/// The oldest products, and one in so many of all, are in a separate category.
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

  /// All results, page by page.
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

/// The given products among the results, read in one page.
std::vector<stoa::product_id> lasting_of(test::catalog_fixture& store, list_products q,
                                         const std::vector<stoa::product_id>& lasting) {
  q.limit = 100;
  std::vector<stoa::product_id> found;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = store.read(q).value();
    for (const auto& p : page.data) {
      if (std::find(lasting.begin(), lasting.end(), p.product_id) != lasting.end()) {
        found.push_back(p.product_id);
      }
    }
    if (!page.next_cursor.value) break;
    q.cursor = page.next_cursor.value;
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(searches)

BOOST_FIXTURE_TEST_CASE(searches_for_words_that_most_products_have, large_store) {
  // By relevance: the newest are ranked, the others follow, each once.
  const auto all = walk(found_by("cup"));
  BOOST_TEST(all.size() == products);
  const std::vector<stoa::product_id> newest(ids.end() - ranked_products_max, ids.end());
  const std::vector<stoa::product_id> ranked(all.begin(), all.begin() + ranked_products_max);
  BOOST_TEST((set_of(ranked) == set_of(newest)));
  std::vector<stoa::product_id> rest(ids.begin(), ids.end() - ranked_products_max);
  std::reverse(rest.begin(), rest.end());
  BOOST_TEST((std::vector(all.begin() + ranked_products_max, all.end()) == rest));

  // Filters apply to all matches, not only to the newest.
  auto filtered = found_by("cup");
  filtered.category_id = rare;
  const std::vector<stoa::product_id> first(ids.begin(), ids.begin() + oldest);
  BOOST_TEST((set_of(walk(filtered)) == set_of(first)));
  filtered = found_by("cup");
  filtered.min_price = static_cast<std::int64_t>(100 + products - 4);
  BOOST_TEST(walk(filtered).size() == 5U);

  // Rare words are searched in all products.
  BOOST_TEST((walk(found_by("teapot")) == std::vector{ids[7]}));
  BOOST_TEST((walk(found_by("cup heirloom")) == std::vector{ids[9]}));
  BOOST_TEST(walk(found_by("tea cup")).size() == products - 1);

  // All other sort orders list all matches.
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

/// Some words are in every product, others only in those created between two pages.
BOOST_FIXTURE_TEST_CASE(pages_are_exact_while_products_come_and_go, test::catalog_fixture) {
  const auto shop = category("Shop");
  const auto add = [&](const std::string& name, std::int64_t price,
                       const std::string& description) {
    time.advance(milliseconds{1});
    auto p = product_of(name, price, 1);
    p.description = description;
    p.category_id = shop;
    return create(p).value().product_id;
  };
  const strings kinds{"Shirt", "Red shirt", "Shirt for men", "Hat", "Scarf and shirt", "Socks"};
  std::vector<stoa::product_id> lasting;
  for (std::size_t i = 0; i < 60; ++i) {
    lasting.push_back(add(kinds[i % kinds.size()], 100 + static_cast<std::int64_t>(i * 7 % 13),
                          i % 4 == 0 ? "a shirt of linen" : "goes with every shirt"));
  }
  std::vector<stoa::product_id> passing;
  int changes = 0;
  // Words become rare or common, and products are inserted before and after the cursor.
  const auto change = [&] {
    ++changes;
    passing.push_back(add("Kettle " + std::to_string(changes), 90 + changes, "steel"));
    passing.push_back(add("Shirt shirt", 90 + changes, "shirt " + std::to_string(changes)));
    if (changes % 2 == 0) return;
    BOOST_REQUIRE(run(delete_product{passing.front()}, staff));
    passing.erase(passing.begin());
  };
  for (const auto* sort : {"relevance", "newest", "price", "-price", "name"}) {
    for (const auto* words : {"shirt", "shirtt goess", ""}) {
      BOOST_TEST_CONTEXT(sort << " " << words) {
        list_products q;
        if (*words != '\0') q.q = words;
        q.sort = sort;
        if (changes % 2 == 1) q.category_id = shop;
        const auto before = set_of(lasting_of(*this, q, lasting));
        BOOST_TEST(before.size() >= 40U);
        q.limit = 13;
        std::multiset<stoa::product_id> seen;
        for (int pages = 0; pages < 100; ++pages) {
          const auto page = read(q).value();
          for (const auto& p : page.data) seen.insert(p.product_id);
          if (!page.next_cursor.value) break;
          q.cursor = page.next_cursor.value;
          change();
        }
        for (const auto& id : before) BOOST_TEST(seen.count(id) == 1U);
      }
    }
  }
}

/// A word that no product contains when the listing begins, and one contains when it continues.
BOOST_FIXTURE_TEST_CASE(a_corrected_search_stays_corrected, test::catalog_fixture) {
  for (int i = 0; i < 5; ++i) product("Saucer " + std::to_string(i), 100);
  auto q = found_by("sauser");
  q.limit = 2;
  std::set<stoa::product_id> seen;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = read(q).value();
    for (const auto& p : page.data) BOOST_TEST(seen.insert(p.product_id).second);
    if (!page.next_cursor.value) break;
    q.cursor = page.next_cursor.value;
    product("Sauser", 100);
  }
  BOOST_TEST(seen.size() == 5U);
  // The last page may have lost all of its products: the search is still not corrected.
  auto last = found_by("saucer 4");
  last.limit = 1;
  BOOST_TEST(read(last).value().data.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(products_are_found_by_what_people_type, test::catalog_fixture) {
  const auto add = [&](const std::string& name, const std::string& description = "") {
    auto p = product_of(name, 100, 1);
    p.description = description;
    return create(p).value().product_id;
  };
  add("Straßenkarte", "Łódź &amp; Gda&nacute;sk");
  add("Søren Kierkegaard", "<p>D&aelig;mon, &#339;uvre</p>");
  add("T-Shirt");
  add("Wi-Fi router", "802.11ax");
  add("Diyarbakır Þingvellir Đakovo");
  add("有機紅茶葉", "日本の京都府で作られた緑茶");
  add("กระเป๋าหนังแท้");
  add("가죽가방세트");
  const std::map<std::string, strings> expected{
      {"strassenkarte", {"Straßenkarte"}},
      {"STRASSEN", {"Straßenkarte"}},
      {"straßen", {"Straßenkarte"}},
      {"lodz", {"Straßenkarte"}},
      {"łódź", {"Straßenkarte"}},
      {"gdansk", {"Straßenkarte"}},
      {"nacute", {}},
      {"soren", {"Søren Kierkegaard"}},
      {"søren", {"Søren Kierkegaard"}},
      {"sören", {"Søren Kierkegaard"}},
      {"daemon", {"Søren Kierkegaard"}},
      {"œuvre", {"Søren Kierkegaard"}},
      {"oeuvre", {"Søren Kierkegaard"}},
      {"tshirt", {"T-Shirt"}},
      {"t-shirt", {"T-Shirt"}},
      {"t-shi", {"T-Shirt"}},
      {"t shirt", {"T-Shirt"}},
      {"wifi", {"Wi-Fi router"}},
      {"wi-fi", {"Wi-Fi router"}},
      {"wifi router", {"Wi-Fi router"}},
      {"diyarbakir", {"Diyarbakır Þingvellir Đakovo"}},
      {"DİYARBAKIR", {"Diyarbakır Þingvellir Đakovo"}},
      {"thingvellir dakovo", {"Diyarbakır Þingvellir Đakovo"}},
      {"紅茶", {"有機紅茶葉"}},
      {"茶", {"有機紅茶葉"}},
      {"葉", {"有機紅茶葉"}},
      {"茶紅", {}},
      {"京都 緑茶", {"有機紅茶葉"}},
      {"หนัง", {"กระเป๋าหนังแท้"}},
      {"แท้", {"กระเป๋าหนังแท้"}},
      {"가방", {"가죽가방세트"}}};
  for (const auto& [typed, found] : expected) {
    BOOST_TEST(names(search(typed)) == found, typed);
  }
}

BOOST_FIXTURE_TEST_CASE(variants_are_found_by_their_product, test::catalog_fixture) {
  const auto shirt = product("Shirt", 100);
  product("Plain shirt", 100);
  new_product v;
  v.parent_product_id = shirt;
  v.options = {{"Colour", "Türkis"}, {"Size", "X-Large"}};
  v.sku = "SH-77-TXL";
  const auto id = create(v).value().product_id;
  const strings found{"Shirt"};
  for (const auto* typed :
       {"turkis", "türkis shirt", "xlarge", "x-large", "SH-77-TXL", "sh77txl", "sh-77", "77 txl"}) {
    BOOST_TEST(names(search(typed)) == found, typed);
  }
  // Names of options are not indexed.
  BOOST_TEST(names(search("colour")).empty());
  product_change c;
  c.sku = test::to<std::string>("OTHER-1");
  c.options = test::to<std::vector<option_value>>({{"Colour", "Violet"}, {"Size", "S"}});
  BOOST_REQUIRE(change(id, c));
  BOOST_TEST(names(search("turkis")).empty());
  BOOST_TEST(names(search("sh77txl")).empty());
  BOOST_TEST(names(search("violet other1")) == found);
  BOOST_REQUIRE(run(delete_product{id}, staff));
  BOOST_TEST(names(search("violet")).empty());
  // A product's SKU, and an import's variants.
  c = {};
  c.sku = test::to<std::string>("OWN-9");
  BOOST_REQUIRE(change(shirt, c));
  BOOST_TEST(names(search("own9")) == found);
  import_product p;
  p.product_id = {system_ids().next_v7()};
  p.title = "Trousers";
  std::vector<imported_variant> cuts;
  for (const auto* cut : {"Weit", "Eng"}) {
    imported_variant one;
    one.product_id = {system_ids().next_v7()};
    one.sku = std::string("TR-") + cut;
    one.options = {{"Schnitt", cut}};
    one.price = money{100, "EUR"};
    cuts.push_back(one);
  }
  p.variants = cuts;
  BOOST_REQUIRE(run(p, test::as_system()));
  BOOST_TEST(names(search("weit")) == strings{"Trousers"});
  cuts.pop_back();
  p.variants = cuts;
  BOOST_REQUIRE(run(p, test::as_system()));
  BOOST_TEST(names(search("treng")).empty());
  BOOST_TEST(names(search("tr-weit")) == strings{"Trousers"});
}

/// After a change of the locale or ICU version, or with a database of an earlier version, all
/// products are queued for indexing and can be found meanwhile.
BOOST_FIXTURE_TEST_CASE(the_index_is_rebuilt, test::catalog_fixture) {
  constexpr int count = 300;
  for (int i = 0; i < count; ++i) product(i % 2 == 0 ? "Äpfel" : "Zebra", 100);
  const auto queued = [&] { return number("SELECT count(*) FROM search_queue"); };
  const auto first = [&] {
    list_products q;
    q.sort = "name";
    q.limit = 1;
    return read(q).value().data[0].name;
  };
  BOOST_TEST(queued() == 0);
  BOOST_TEST(sweep() == 0U);
  BOOST_TEST(first() == "Äpfel");
  service = catalog_service({.locale = "sv"});
  write_with({});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST(queued() == count);
  // A few at a time; the queue survives a restart.
  BOOST_TEST(sweep() == 16U);
  const auto left = queued();
  BOOST_TEST(left == count - 256);
  list_products apples = found_by("apfel");
  apples.limit = 100;
  std::size_t found = 0;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = read(apples).value();
    found += page.data.size();
    if (!page.next_cursor.value) break;
    apples.cursor = page.next_cursor.value;
  }
  BOOST_TEST(found == std::size_t{count / 2});
  write_with({});
  BOOST_TEST(sweep() > 0U);
  BOOST_TEST(queued() == 0);
  BOOST_TEST(sweep() == 0U);
  BOOST_TEST(first() == "Zebra");
}

/// During a rolling upgrade on PostgreSQL a node of the previous version may still write.
BOOST_FIXTURE_TEST_CASE(what_the_version_before_writes_is_indexed_again, test::catalog_fixture) {
  if (database->dialect() != "postgres") return;
  const auto id = product("Lamp", 100);
  variant(product("Shirt", 100), "M");
  BOOST_TEST(sweep() == 0U);
  static const db::sql rename{"test",
                              "UPDATE products SET name='Straße', sort_name='straße',"
                              " description='x', search_text='x' WHERE product_id=$1"};
  static const db::sql variants{"test", "UPDATE products SET sku='OLD-1' WHERE name='Shirt - M'"};
  database->begin();
  database->execute({&rename, db::params(id)});
  database->execute({&variants, {}});
  database->commit();
  BOOST_TEST(names(search("stra")) == strings{"Straße"});
  BOOST_TEST(names(search("lamp")).empty());
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST(names(search("strasse")) == strings{"Straße"});
  BOOST_TEST(names(search("old1")) == strings{"Shirt"});
  BOOST_TEST(sweep() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
