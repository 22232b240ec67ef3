// Lists of products on each database: name order, look-ups by key, and changes since a given time.

#include "storage/catalog/catalog_store.hpp"
#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

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
BOOST_AUTO_TEST_SUITE_END()
