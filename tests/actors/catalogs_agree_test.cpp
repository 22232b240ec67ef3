// The same seeded messages to the Catalog service on SQLite and on PostgreSQL produce the same
// answers, lists, search results and rows.

#include "actors/catalog/catalog_service.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/twin_services.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::as_user;

namespace {

using catalogs = test::twin_services<catalog_service>;
using strings = std::vector<std::string>;

const strings titles{"Blue cup",
                     "blue CUP",
                     "T-Shirt",
                     "Gr\xC3\xB6\xC3\x9F"
                     "e egal",
                     "Cr\xC3\xA8me br\xC3\xBBl\xC3\xA9"
                     "e 2.0",
                     "Cafe\xCC\x81 No. 5",
                     "\xCE\x9F\xCE\xB4\xCF\x8D\xCF\x83\xCF\x83\xCE\xB5\xCE\xB9\xCE\xB1",
                     "\xD0\x99\xD0\xBE\xD0\xB3\xD1\x83\xD1\x80\xD1\x82",
                     "\xE7\xB4\x85\xE8\x8C\xB6 cup",
                     "x<y & 'z'\" \\ %_",
                     "1/2\xC2\xBD pound",
                     "a.b@example.org http://cup.example/blue-cup.html",
                     "\xF0\x9F\x98\x80 smile",
                     "Stra\xC3\x9F"
                     "e strasse"};
const strings texts{"",
                    "<p>goes with the blue <b>cup</b>, r\xC3\xA9sum\xC3\xA9</p>",
                    "strong steel; 3.5 litres -- and 100% cotton",
                    "\xC3\x9C"
                    "berzug f\xC3\xBCr Stra\xC3\x9F"
                    "en",
                    "under_score can't e-mail 4x4 \xC5\xBB\xC3\xB3\xC5\x82w",
                    "นี่คือกระเป๋าหนังแท้ &eacute;l&egrave;ve USB充電器 가죽가방 コーヒーメーカー"};
const strings asked{"blue",
                    "cup blue",
                    "BLUE c",
                    "shirt",
                    "t-shirt",
                    "gro",
                    "gr\xC3\xB6\xC3\x9F"
                    "e",
                    "creme brulee",
                    "br\xC3\xBBl\xC3\xA9",
                    "2.0",
                    "cafe",
                    "caf\xC3\xA9 5",
                    "\xCE\xBF\xCE\xB4\xCF\x8D",
                    "\xCE\x9F\xCE\x94\xCE\xA5\xCE\xA3\xCE\xA3\xCE\x95\xCE\x99\xCE\x91",
                    "\xD0\xB9\xD0\xBE\xD0\xB3",
                    "\xD0\xB8\xD0\xBE\xD0\xB3",
                    "\xE7\xB4\x85",
                    "\xE8\x8C\xB6",
                    "\xC2\xBD",
                    "12",
                    "example.org",
                    "html",
                    "http",
                    "smile",
                    "\xF0\x9F\x98\x80",
                    "strasse",
                    "stra\xC3\x9F"
                    "e",
                    "resume",
                    "3.5 litres",
                    "cotton 100",
                    "under_score",
                    "can't",
                    "e-mail",
                    "4x4",
                    "zo",
                    "\xC5\xBC\xC3\xB3",
                    "z\xC3\xB3\xC5\x82w",
                    "kettle",
                    "strng stel",
                    "bleue",
                    "exmaple",
                    "stassen",
                    "cottn blu",
                    "rezume goes whit",
                    "a",
                    "tshirt",
                    "zolw",
                    "หนัง",
                    "充電器",
                    "電",
                    "가방",
                    "メーカー",
                    "eleve",
                    "undersc",
                    "a-1",
                    "b2",
                    "x y z",
                    "blue & !cup | (cup:*) <-> 'x'",
                    "strong steel litres and 100 cotton 3 5"};

const strings labels{"Ova",
                     "OVA",
                     "new",
                     "\xC3\x9C"
                     "ber",
                     "Foo, Inc.",
                     "a;b|c:d"};
const strings handles{"cup", "shirt", "tea", "plate"};

money price(catalogs& t) {
  return {t.random.between(0, 9) * 100, t.random.chance(97) ? "EUR" : "USD"};
}
std::optional<std::string> some_sku(catalogs& t) {
  static const strings skus{"A-1", "a-1", "B-2", "C-3", "D-4"};
  if (t.random.chance(60)) return std::nullopt;
  return t.one_of(skus);
}
stoa::category_id some_category(catalogs& t) {
  return t.pick<stoa::category_id>("SELECT category_id FROM categories ORDER BY category_id");
}
stoa::product_id some_product(catalogs& t) {
  return t.pick<stoa::product_id>(
      "SELECT product_id FROM products WHERE status<>'Deleted' ORDER BY product_id");
}

order::order_summary order_of(catalogs& t, stoa::order_id id) {
  order::order_summary o;
  o.order_id = id;
  for (auto n = t.random.between(1, 3); n > 0; --n) {
    o.lines.push_back({some_product(t), "x", t.random.between(1, 4), {100, "EUR"}});
  }
  o.total = {100, "EUR"};
  return o;
}

void change_categories(catalogs& t, kernel::caller staff) {
  const auto id = some_category(t);
  const auto parent = t.random.chance(60) ? std::optional(some_category(t)) : std::nullopt;
  if (t.random.chance(50)) {
    t.send(create_category{{t.one_of(titles), std::nullopt, parent}}, staff);
  } else if (t.random.chance(70)) {
    category_change c;
    if (t.random.chance(50)) c.name = t.one_of(titles);
    if (t.random.chance(50)) c.parent_category_id = {true, parent};
    t.send(change_category{id, c}, staff);
  } else {
    t.send(delete_category{id}, staff);
  }
}

void make_product(catalogs& t, kernel::caller staff) {
  new_product p;
  p.name = t.one_of(titles);
  p.description = t.one_of(texts);
  p.price = price(t);
  p.sku = some_sku(t);
  p.on_hand = t.random.between(0, 5);
  if (t.random.chance(60)) p.category_id = some_category(t);
  if (t.random.chance(20)) p.status = product_status::Draft;
  if (t.random.chance(50)) p.vendor = t.one_of(labels);
  if (t.random.chance(50)) p.tags = {t.one_of(labels), t.one_of(labels)};
  if (t.random.chance(20)) p.handle = t.one_of(handles);
  if (t.random.chance(20)) p.archive_at = t.now() + seconds{t.random.between(1, 300)};
  t.send(create_product{p}, staff);
}

void make_variant(catalogs& t, kernel::caller staff) {
  new_product p;
  p.parent_product_id = some_product(t);
  p.options = {{"Size", t.one_of(titles)}};
  p.sku = some_sku(t);
  p.on_hand = t.random.between(0, 5);
  if (t.random.chance(50)) p.price = price(t);
  t.send(create_product{p}, staff);
}

void change_one(catalogs& t, kernel::caller staff) {
  product_change c;
  if (t.random.chance(40)) c.name = t.one_of(titles);
  if (t.random.chance(30)) c.description = {true, t.one_of(texts)};
  if (t.random.chance(30)) c.price = price(t);
  if (t.random.chance(30)) c.sku = {true, some_sku(t)};
  if (t.random.chance(30)) c.category_id = {true, some_category(t)};
  if (t.random.chance(20)) c.status = product_status::Active;
  if (t.random.chance(10)) c.status = product_status::Archived;
  if (t.random.chance(20)) c.vendor = {true, t.one_of(labels)};
  if (t.random.chance(20)) c.tags = {true, std::vector<std::string>{t.one_of(labels)}};
  if (t.random.chance(20)) c.handle = {true, t.one_of(handles)};
  if (t.random.chance(20)) c.publish_at = {true, t.now() + seconds{t.random.between(1, 300)}};
  t.send(change_product{some_product(t), c}, staff);
}

void import_one(catalogs& t) {
  import_product p;
  p.product_id = some_product(t);
  p.title = t.one_of(titles);
  if (t.random.chance(80)) p.description = t.one_of(texts);
  if (t.random.chance(80)) p.keywords = t.one_of(titles);
  if (t.random.chance(80)) p.price = money{500, "EUR"};
  if (t.random.chance(80)) p.on_hand = t.random.between(0, 9);
  p.set_stock = t.random.chance(50);
  p.dry_run = t.random.chance(10);
  p.sku = some_sku(t);
  if (t.random.chance(20)) p.variants.emplace();
  if (t.random.chance(20)) {
    imported_variant one;
    one.product_id = t.new_id<stoa::product_id>();
    one.sku = some_sku(t);
    one.options = {{"Size", t.one_of(titles)}};
    one.price = money{400, "EUR"};
    one.on_hand = 3;
    p.variants = {one};
  }
  if (t.random.chance(60)) p.category_path = {category_ref{some_category(t), t.one_of(titles)}};
  if (t.random.chance(30)) p.attributes = {R"({"vendor":"Ova","columns":{"Fit":"slim"}})"};
  if (t.random.chance(10)) p.attributes = {R"({"vendor":null,"columns":{"Fit":null}})"};
  if (t.random.chance(40)) {
    p.images = {imported_image{t.new_id<stoa::image_id>(), "https://img.example/a.jpg", "", 1}};
  }
  t.send(p);
  if (p.sku && t.random.chance(50)) t.send(import_sku{some_product(t), *p.sku});
}

void change_images(catalogs& t, kernel::caller staff) {
  const auto product = some_product(t);
  const auto image =
      t.pick<stoa::image_id>("SELECT image_id FROM product_images ORDER BY image_id");
  if (t.random.chance(60)) {
    t.send(add_image{product, {"https://img.example/b.jpg", t.one_of(titles), std::nullopt}},
           staff);
  } else if (t.random.chance(50)) {
    t.send(change_image{product, image, {std::nullopt, std::nullopt, t.random.between(1, 9)}},
           staff);
  } else {
    t.send(remove_image{product, image}, staff);
  }
}

stoa::location_id some_location(catalogs& t) {
  return t.pick<stoa::location_id>("SELECT location_id FROM locations ORDER BY location_id");
}

std::string some_country(catalogs& t) {
  static const strings countries{"DE", "FR", "US"};
  return t.one_of(countries);
}

void change_locations(catalogs& t, kernel::caller staff) {
  const auto id = some_location(t);
  switch (t.random.below(7)) {
    case 0: {
      new_location l;
      l.name = t.one_of(titles);
      if (t.random.chance(30)) l.code = t.one_of(handles);
      l.address = location_address{some_country(t)};
      if (t.random.chance(30)) l.countries = {some_country(t)};
      l.priority = t.random.between(0, 3);
      l.pickup = t.random.chance(50);
      return t.send(create_location{l}, staff);
    }
    case 1: {
      location_change c;
      if (t.random.chance(50)) c.active = t.random.chance(70);
      if (t.random.chance(50)) c.priority = t.random.between(0, 3);
      return t.send(change_location{id, c}, staff);
    }
    case 2:
      if (t.random.chance(30)) return t.send(delete_location{id}, staff);
      [[fallthrough]];
    case 3:
      return t.send(
          adjust_stock{some_product(t), {t.random.between(-2, 6), std::nullopt, std::nullopt, id}},
          staff);
    case 4: {
      const auto order =
          t.pick<stoa::order_id>("SELECT DISTINCT order_id FROM reservations ORDER BY order_id");
      return t.send(
          move_allocations{order,
                           {{{some_product(t), id, some_location(t), t.random.between(1, 2)}}, {}}},
          staff);
    }
    default:
      return t.send(transfer_stock{some_product(t),
                                   {id, some_location(t), t.random.between(1, 3), std::nullopt}},
                    staff);
  }
}

void report_orders(catalogs& t) {
  const auto known =
      t.pick<stoa::order_id>("SELECT DISTINCT order_id FROM reservations ORDER BY order_id");
  const auto o = order_of(t, known);
  switch (t.random.below(4)) {
    case 0:
      return t.add_event(order::order_confirmed{o});
    case 1:
      return t.add_event(order::order_cancelled{o, "customer", ""});
    default:
      return t.add_event(order::order_placed{
          order_of(t, t.new_id<stoa::order_id>()), t.new_id<stoa::instrument_id>(),
          order::delivery_place{some_country(t), std::nullopt, std::nullopt}});
  }
}

void change(catalogs& t) {
  const auto staff = as_user(t.new_id<stoa::user_id>(), kernel::role::staff);
  switch (t.random.below(12)) {
    case 10:
    case 11:
      return change_locations(t, staff);
    case 0:
      return change_categories(t, staff);
    case 1:
    case 2:
      return make_product(t, staff);
    case 3:
      return make_variant(t, staff);
    case 4:
      return change_one(t, staff);
    case 5:
      return import_one(t);
    case 6:
      return change_images(t, staff);
    case 7:
      if (t.random.chance(30)) return t.send(delete_product{some_product(t)}, staff);
      return t.send(
          adjust_stock{some_product(t), {t.random.between(-3, 6), std::nullopt, t.one_of(titles)}},
          staff);
    default:
      return report_orders(t);
  }
}

const strings filters{"vendor:ova",
                      "tag:New|\xC3\xBC"
                      "ber",
                      "vendor:Ova;tag:new", "option.size:M|L", "vendor:other;option.size:s"};

void look(catalogs& t) {
  static const strings sorts{"newest", "price", "-price", "name", "relevance"};
  list_products q;
  q.sort = t.one_of(sorts);
  q.limit = t.random.between(1, 8);
  q.for_staff = t.random.chance(50);
  if (t.random.chance(50)) q.q = t.one_of(asked);
  if (t.random.chance(30)) q.category_id = some_category(t);
  if (t.random.chance(30)) q.min_price = 200;
  if (t.random.chance(30)) q.max_price = 700;
  if (t.random.chance(30)) q.in_stock = t.random.chance(50);
  if (t.random.chance(20)) q.filter = t.one_of(filters);
  if (t.random.chance(30)) {
    q.facets = {"category", "price", "availability", "vendor", "tag", "option"};
  }
  const auto staff = as_user(t.new_id<stoa::user_id>(), kernel::role::staff);
  for (int page = 0; page < 3; ++page) {
    auto found = t.ask(q, staff);
    if (!found || !found->next_cursor.value) break;
    q.cursor = found->next_cursor.value;
  }
  const auto id = some_product(t);
  t.ask(get_product{id, true}, staff);
  list_products by_handle;
  by_handle.handle = t.one_of(handles);
  t.ask(by_handle, staff);
  t.ask(price_items{{id, some_product(t)}});
  t.ask(list_ledger{id, std::nullopt, 5});
  t.ask(list_locations{});
  t.ask(list_pickup{id});
  t.ask(category_tree{});
  t.ask(get_category{some_category(t)});
}

void search_for_all(catalogs& t) {
  std::size_t finds = 0;
  for (const auto& text : asked) {
    list_products q;
    q.q = text;
    q.limit = 100;
    auto found = t.ask(q);
    if (found && !found->data.empty()) ++finds;
  }
  // Without results nothing could differ.
  BOOST_TEST(finds > asked.size() / 2);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(catalogs_agree)

BOOST_AUTO_TEST_CASE(on_products_stock_and_searches) {
  if (!test::postgres_server::available()) {
    return test::skip("the programs of PostgreSQL are not installed");
  }
  for (std::uint64_t seed : {1, 2, 3}) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      catalogs t(catalog_service(catalog_options{}), seed);
      for (int round = 0; round < 60; ++round) {
        for (auto n = t.random.between(1, 6); n > 0; --n) change(t);
        t.flush();
        t.advance(milliseconds{t.random.between(1, 200'000)});
        if (t.random.chance(30)) t.sweep();
        look(t);
      }
      search_for_all(t);
      t.compare_tables();
      t.rows("SELECT product_id,list_price FROM products ORDER BY product_id");
      t.rows(
          "SELECT product_id,facet,value,name,label FROM product_facets"
          " ORDER BY product_id,facet,value");
      t.rows("SELECT product_id,inventory_count FROM inventory ORDER BY product_id");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
