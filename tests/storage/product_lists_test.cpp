// Lists of products on each database: name order, look-ups by key, and changes since a given time.

#include "storage/catalog/catalog_store.hpp"
#include "tests/support/catalog_fixture.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

/// More products than SQLite sorts, so that some filters are passed by few of them and others by
/// many (product_list.cpp).
constexpr std::size_t many_products = 1200;

struct known_product {
  stoa::product_id id;
  bool is_below = false;  ///< in the subcategory
  bool is_rare = false;   ///< in a category with few products
  std::int64_t price = 0;
  bool is_in_stock = false;
  bool has_word = false;  ///< "lamp" in its name
  std::string name;
};

struct mixed_store : test::catalog_fixture {
  const stoa::category_id root{system_ids().next_v7()};
  const stoa::category_id below{system_ids().next_v7()};
  const stoa::category_id rare{system_ids().next_v7()};
  std::vector<known_product> all;

  mixed_store() {
    for (std::size_t i = 0; i < many_products; ++i) {
      known_product k{.id = {system_ids().next_v7()},
                      .is_below = i % 3 == 0,
                      .is_rare = i % 40 == 1,
                      .price = static_cast<std::int64_t>(100 + (i * 7919) % 1000),
                      .is_in_stock = i % 50 != 2,
                      .has_word = i % 2 == 0,
                      .name = {}};
      k.name = (k.has_word ? "Lamp " : "Chair ") + std::to_string((i * 31) % many_products);
      import_product p;
      p.product_id = k.id;
      p.title = k.name;
      p.price = money{k.price, "EUR"};
      p.on_hand = k.is_in_stock ? 1 : 0;
      p.category_path.emplace();
      if (k.is_rare) {
        p.category_path->push_back({rare, "Rare"});
      } else {
        p.category_path->push_back({root, "Root"});
        if (k.is_below) p.category_path->push_back({below, "Below"});
      }
      kernel::job j;
      j.message = kernel::any_message::of(std::move(p));
      writer->add(std::move(j));
      all.push_back(std::move(k));
      if (i % 100 == 99) time.advance(seconds{1});
      if (i % 50 == 49) flush();
    }
  }

  std::vector<stoa::product_id> walk(list_products q) {
    std::vector<stoa::product_id> found;
    q.limit = 100;
    for (std::size_t pages = 0; pages <= many_products / 100; ++pages) {
      const auto page = read(q).value();
      for (const auto& p : page.data) found.push_back(p.product_id);
      if (!page.next_cursor.value) break;
      q.cursor = page.next_cursor.value;
    }
    return found;
  }

  /// The products that pass the filters of the query.
  std::set<stoa::product_id> passing(const list_products& q) const {
    std::set<stoa::product_id> found;
    for (const auto& k : all) {
      const bool in_category = !q.category_id || (*q.category_id == rare && k.is_rare) ||
                               (*q.category_id == below && k.is_below && !k.is_rare) ||
                               (*q.category_id == root && !k.is_rare);
      if (in_category && (!q.min_price || k.price >= *q.min_price) &&
          (!q.max_price || k.price <= *q.max_price) &&
          (!q.in_stock || k.is_in_stock == *q.in_stock) && (!q.q || k.has_word)) {
        found.insert(k.id);
      }
    }
    return found;
  }

  bool is_ordered(const std::vector<stoa::product_id>& list, const std::string& sort) const {
    std::map<stoa::product_id, std::int64_t> prices;
    for (const auto& k : all) prices[k.id] = k.price;
    return std::ranges::is_sorted(list, [&](const auto& a, const auto& b) {
      return sort == "price" ? prices.at(a) < prices.at(b) : prices.at(a) > prices.at(b);
    });
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(product_lists)

BOOST_FIXTURE_TEST_CASE(names_are_listed_in_the_order_of_the_locale, test::catalog_fixture) {
  const strings wanted{"Ångström", "apfel", "Apfel", "Äpfel", "Żółw", "zebra", "Zebra", "日本"};
  for (const auto i : {7, 2, 5, 0, 6, 1, 4, 3}) product(wanted[static_cast<std::size_t>(i)], 100);
  const strings order{"Ångström", "apfel", "Apfel", "Äpfel", "zebra", "Zebra", "Żółw", "日本"};
  list_products q;
  q.sort = "name";
  q.limit = 3;
  strings seen;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = read(q).value();
    for (const auto& p : page.data) seen.push_back(p.name);
    if (!page.next_cursor.value) break;
    q.cursor = page.next_cursor.value;
  }
  BOOST_TEST(seen == order, boost::test_tools::per_element());
  const auto root = category("Zubehör");
  for (const auto* name : {"zebra", "Äpfel", "Apfel"}) category(name, root);
  category("Äpfel");
  const auto tree = read(category_tree{}).value().data;
  BOOST_REQUIRE(tree.size() == 2U);
  BOOST_TEST(tree[0].name == "Äpfel");
  const strings below{tree[1].children[0].name, tree[1].children[1].name, tree[1].children[2].name};
  BOOST_TEST(below == (strings{"Apfel", "Äpfel", "zebra"}), boost::test_tools::per_element());
  BOOST_TEST(read(get_category{root}).value().children[1].name == "Äpfel");
  // Names whose position depends on the language.
  service = catalog_service({.locale = "sv"});
  write_with({});
  BOOST_TEST(read(get_category{root}).value().children[2].name == "Äpfel");
}

BOOST_FIXTURE_TEST_CASE(products_are_looked_up, test::catalog_fixture) {
  auto p = product_of("Cup", 100);
  p.handle = "cup";
  p.sku = "CUP-1";
  const auto cup = create(p).value().product_id;
  p = product_of("Secret", 100);
  p.handle = "secret";
  p.sku = "SEC-1";
  p.status = product_status::Draft;
  const auto secret = create(p).value().product_id;
  const auto shirt = product("Shirt", 100);
  new_product v;
  v.parent_product_id = shirt;
  v.options = {{"Size", "M"}};
  v.sku = "SH-M";
  BOOST_REQUIRE(create(v));
  const auto gone = product("Gone", 100);
  BOOST_REQUIRE(run(delete_product{gone}, staff));
  const auto look = [&](auto set, bool for_staff = false) {
    list_products q;
    q.for_staff = for_staff;
    set(q);
    strings found;
    for (const auto& one : read(q, for_staff ? staff : kernel::caller{}).value().data) {
      found.push_back(one.name);
    }
    return found;
  };
  const auto ids = [&](list_products& q) {
    q.ids = {shirt, {system_ids().next_v7()}, secret, cup, gone, shirt};
  };
  BOOST_TEST(look(ids) == (strings{"Shirt", "Cup"}), boost::test_tools::per_element());
  BOOST_TEST(look(ids, true) == (strings{"Shirt", "Secret", "Cup"}),
             boost::test_tools::per_element());
  BOOST_TEST(look([](auto& q) { q.handle = "cup"; }) == strings{"Cup"});
  BOOST_TEST(look([](auto& q) { q.handle = "Cup"; }).empty());
  BOOST_TEST(look([](auto& q) { q.handle = "secret"; }).empty());
  BOOST_TEST(look([](auto& q) { q.handle = "secret"; }, true) == strings{"Secret"});
  BOOST_TEST(look([](auto& q) { q.sku = "CUP-1"; }) == strings{"Cup"});
  BOOST_TEST(look([](auto& q) { q.sku = "SH-M"; }) == strings{"Shirt"});
  BOOST_TEST(look([](auto& q) { q.sku = "SEC-1"; }).empty());
  list_products both;
  both.handle = "cup";
  both.sku = "CUP-1";
  BOOST_TEST(test::code_of(read(both)) == "invalid_request");
  both.sku.reset();
  both.sort = "name";
  BOOST_TEST(read(both).error().errors[0].pointer == "?sort");
  both = {};
  both.ids.emplace(lookup_ids_max + 1);
  BOOST_TEST(read(both).error().errors[0].pointer == "?ids");
  BOOST_TEST(read(both).error().errors[0].code == "too_many");
  both = {};
  both.sort = "rank";
  BOOST_TEST(read(both).error().errors[0].code == "value");
  both.sort = "updated";  // for staff only
  BOOST_TEST(read(both).error().errors[0].code == "value");
}

/// A copy of the catalogue receives the last state of each product, whatever changes meanwhile.
BOOST_FIXTURE_TEST_CASE(changes_are_listed_in_their_order, test::catalog_fixture) {
  std::vector<stoa::product_id> made;
  for (int i = 0; i < 8; ++i) made.push_back(product("P" + std::to_string(i), 100));
  const auto shirt = made[2];
  const auto medium = variant(shirt, "M");
  list_products q;
  q.for_staff = true;
  q.updated_since = detail(made[4]).updated_at;
  q.limit = 2;
  strings seen;
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = read(q, staff).value();
    for (const auto& p : page.data) seen.push_back(p.name);
    if (!page.next_cursor.value) break;
    q.cursor = page.next_cursor.value;
    if (pages > 1) continue;
    time.advance(seconds{1});
    product_change c;
    c.price = money{200 + pages, "EUR"};
    BOOST_REQUIRE(change(pages == 0 ? made[4] : medium, c));
  }
  // Products changed again, the second through its variant, are listed again.
  BOOST_TEST(seen == (strings{"P4", "P5", "P6", "P2", "P7", "P4", "P2"}),
             boost::test_tools::per_element());
  q = {};
  q.for_staff = true;
  q.updated_since = time.now();
  time.advance(seconds{1});
  BOOST_TEST(read(q, staff).value().data.size() == 1U);
  BOOST_REQUIRE(run(delete_product{made[0]}, staff));
  BOOST_TEST(read(q, staff).value().data.size() == 1U);
  q.status = product_status::Deleted;
  BOOST_TEST(read(q, staff).value().data.size() == 1U);
  q.status.reset();
  BOOST_REQUIRE(run(delete_product{medium}, staff));
  BOOST_TEST(read(q, staff).value().data[0].name == "P2");
  q.sort = "price";
  BOOST_TEST(read(q, staff).error().errors[0].pointer == "?sort");
  list_products customers;
  customers.sort = "updated";
  BOOST_TEST(read(customers).error().errors[0].pointer == "?sort");
}
/// Each combination of filters lists the products that pass them, each once, in every order.
BOOST_FIXTURE_TEST_CASE(filters_are_combined, mixed_store) {
  const std::array<std::optional<stoa::category_id>, 4> categories{std::nullopt, root, below, rare};
  using range = std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>;
  const std::array<range, 5> prices{range{}, range{1090, {}}, range{{}, 105}, range{200, 900},
                                    range{5000, {}}};
  const std::array<std::optional<bool>, 3> stocks{std::nullopt, true, false};
  const std::array<std::optional<std::string>, 5> sorts{std::nullopt, "newest", "price", "-price",
                                                        "name"};
  std::size_t combination = 0;
  for (const auto& category : categories) {
    for (const auto& [low, high] : prices) {
      for (const auto& stock : stocks) {
        for (const bool word : {false, true}) {
          list_products q;
          q.category_id = category;
          q.min_price = low;
          q.max_price = high;
          q.in_stock = stock;
          if (word) q.q = "lamp";
          q.sort = sorts[combination++ % sorts.size()];
          const auto found = walk(q);
          const auto wanted = passing(q);
          BOOST_TEST_CONTEXT("combination " << combination) {
            BOOST_TEST(found.size() == wanted.size());
            BOOST_TEST((std::set(found.begin(), found.end()) == wanted));
            if (q.sort && q.sort->ends_with("price")) BOOST_TEST(is_ordered(found, *q.sort));
            q.count = true;
            BOOST_TEST(read(q).value().total.value_or(-1) ==
                       static_cast<std::int64_t>(wanted.size()));
          }
        }
      }
    }
  }
}

/// Changes of stock, of variants and of stock policies keep `in_stock`.
BOOST_FIXTURE_TEST_CASE(stock_of_lists_follows_the_inventory, test::catalog_fixture) {
  const auto in_stock = [&](bool wanted) {
    list_products q;
    q.in_stock = wanted;
    q.sort = "name";
    BOOST_TEST(number("SELECT count(*) FROM products p JOIN listed_stock l"
                      " ON l.product_id=p.product_id WHERE p.in_stock<>l.in_stock") == 0);
    return names(q);
  };
  const auto set_stock = [&](stoa::product_id id, std::int64_t on_hand) {
    BOOST_REQUIRE(run(adjust_stock{id, {std::nullopt, on_hand, std::nullopt}}, staff));
  };
  const auto cup = product("Cup", 100, 2);
  const auto shirt = product("Shirt", 100, 1);
  BOOST_TEST(in_stock(true) == (strings{"Cup", "Shirt"}), boost::test_tools::per_element());
  // With a variant, the product's own stock does not count.
  const auto medium = variant(shirt, "M");
  BOOST_TEST(in_stock(true) == strings{"Cup"});
  const auto large = variant(shirt, "L", std::nullopt, 1);
  BOOST_TEST(in_stock(false).empty());
  set_stock(medium, 3);
  set_stock(large, 0);
  BOOST_TEST(in_stock(false).empty());
  set_stock(medium, 0);
  BOOST_TEST(in_stock(false) == strings{"Shirt"});
  // A reservation of the last unit.
  const auto order = order_of({{cup, 2}});
  apply(order::order_placed{order, {}});
  BOOST_TEST(in_stock(true).empty());
  product_change untracked;
  untracked.track_inventory = false;
  BOOST_REQUIRE(change(large, untracked));
  BOOST_TEST(in_stock(true) == strings{"Shirt"});
  BOOST_REQUIRE(run(delete_product{large}, staff));
  BOOST_TEST(in_stock(true).empty());
}

BOOST_AUTO_TEST_SUITE_END()
