// Imports: a file's product comes in once, changes what has changed, and never what orders hold.

#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

struct imports : test::catalog_fixture {
  const stoa::product_id shirt_id{system_ids().next_v7()};
  const stoa::product_id m_id{system_ids().next_v7()};
  const stoa::product_id l_id{system_ids().next_v7()};
  const stoa::category_id home_id{system_ids().next_v7()};
  const stoa::category_id kitchen_id{system_ids().next_v7()};

  import_product shirt() {
    import_product p;
    p.product_id = shirt_id;
    p.handle = "shirt";
    p.title = "Shirt";
    p.description = "<p>Soft</p>";
    p.keywords = "Weaver linen";
    p.category_path = {{home_id, "Home"}, {kitchen_id, "Kitchen"}};
    p.images = {{{}, "https://img.example/1.jpg", "front", 1}};
    p.images[0].image_id = stoa::image_id{shirt_id.value};
    p.attributes = {R"({"vendor":"Weaver"})"};
    p.variants = {{m_id, "S-M", {{"Size", "M"}}, {2000, "EUR"}, std::nullopt, 3, {"{}"}},
                  {l_id, "S-L", {{"Size", "L"}}, {1900, "EUR"}, money{2500, "EUR"}, 4, {"{}"}}};
    return p;
  }
  import_product cup(std::int64_t price = 500) {
    import_product p;
    p.product_id = stoa::product_id{home_id.value};
    p.title = "Cup";
    p.sku = "CUP";
    p.price = {price, "EUR"};
    p.on_hand = 9;
    return p;
  }
  import_outcome import(const import_product& p) { return run(p, staff).value().outcome; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_imports, imports)

BOOST_AUTO_TEST_CASE(an_import_again_changes_nothing) {
  BOOST_TEST((import(shirt()) == import_outcome::created));
  auto first = json::write(detail(shirt_id));
  auto view = detail(shirt_id);
  BOOST_TEST(view.variants.size() == 2u);
  BOOST_TEST(view.price.amount == 1900);
  BOOST_TEST(view.inventory_count == 7);
  BOOST_TEST(view.category->name == "Kitchen");
  BOOST_TEST(view.variants[1].compare_at_price->amount == 2500);
  BOOST_TEST((names(search("linen")) == std::vector<std::string>{"Shirt"}));
  auto ledger = number("SELECT count(*) FROM stock_ledger");
  BOOST_TEST(ledger == 2);
  time.advance(seconds{10});
  auto job = kernel::any_message::of(shirt());
  kernel::job j;
  j.message = job;
  writer->add(std::move(j));
  auto report = writer->flush(256);
  BOOST_TEST(!report.committed);
  BOOST_TEST(json::write(detail(shirt_id)) == first);
  BOOST_TEST(number("SELECT count(*) FROM stock_ledger") == ledger);
  BOOST_TEST(number("SELECT count(*) FROM categories") == 2);
}

BOOST_AUTO_TEST_CASE(what_has_changed_is_changed) {
  import(shirt());
  auto p = shirt();
  p.variants[0].price.amount = 1500;
  p.variants[0].on_hand = 100;
  p.images[0].alt_text = "back";
  BOOST_TEST((import(p) == import_outcome::updated));
  auto view = detail(shirt_id);
  BOOST_TEST(view.price.amount == 1500);
  BOOST_TEST(view.images[0].alt_text == "back");
  // The stock is set when the product is made, then only when asked.
  BOOST_TEST(view.variants[0].inventory_count == 3);
  p.set_stock = true;
  BOOST_TEST((import(p) == import_outcome::updated));
  BOOST_TEST(detail(m_id).inventory_count == 100);
  BOOST_TEST((import(p) == import_outcome::unchanged));
  p.images.clear();
  p.variants.pop_back();
  BOOST_TEST((import(p) == import_outcome::updated));
  BOOST_TEST(detail(shirt_id).images.empty());
  BOOST_TEST(detail(shirt_id).variants.size() == 1u);
  BOOST_TEST(status_of(read(get_product{l_id, true}, staff)) == 404);
  // And back.
  BOOST_TEST((import(shirt()) == import_outcome::updated));
  BOOST_TEST(detail(shirt_id).variants.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_orders_hold_stays) {
  import(shirt());
  BOOST_REQUIRE(!apply(order::order_placed{order_of({{l_id, 3}}), {system_ids().next_v7()}}));
  auto p = shirt();
  p.variants[1].on_hand = 1;
  p.set_stock = true;
  import(p);
  BOOST_TEST(*detail(l_id).on_hand == 3);
  p.variants.pop_back();
  auto answer = run(p, staff).value();
  BOOST_REQUIRE(answer.notes.size() == 1u);
  BOOST_TEST(detail(shirt_id).variants.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_taken_sku_is_left_out_and_told) {
  import(cup());
  auto p = shirt();
  p.variants[0].sku = "CUP";
  p.variants[1].sku = "S-M";
  auto answer = run(p, staff).value();
  BOOST_TEST(answer.notes.size() == 1u);
  BOOST_TEST(!detail(m_id).sku.has_value());
  BOOST_TEST(run(p, staff).value().notes.size() == 1u);
  BOOST_TEST((run(p, staff).value().outcome == import_outcome::unchanged));
  auto twice = shirt();
  twice.variants[0].sku = twice.variants[1].sku = "TWICE";
  BOOST_TEST(run(twice, staff).value().notes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_category_made_by_hand_is_found_by_its_name) {
  auto home = category("Home");
  import(shirt());
  BOOST_TEST(number("SELECT count(*) FROM categories") == 2);
  BOOST_TEST((read(get_category{home}).value().children[0].name == "Kitchen"));
  // Renamed by staff: the import finds it by its id.
  category_change c;
  c.name = "Cuisine";
  BOOST_REQUIRE(run(change_category{kitchen_id, c}, staff));
  BOOST_TEST((import(shirt()) == import_outcome::unchanged));
  BOOST_TEST(detail(shirt_id).category->name == "Cuisine");
}

BOOST_AUTO_TEST_CASE(many_in_one_batch_share_their_categories) {
  std::vector<import_product> all;
  for (int i = 0; i < 600; ++i) {
    auto p = cup(i);
    p.product_id = {system_ids().next_v7()};
    p.sku.reset();
    p.category_path = {{home_id, "Home"}};
    all.push_back(p);
  }
  for (auto& r : run_batch(all, context_of(staff))) BOOST_REQUIRE(r);
  BOOST_TEST(number("SELECT count(*) FROM categories") == 1);
  BOOST_TEST(number("SELECT count(*) FROM products") == 600);
  for (auto& r : run_batch(all, context_of(staff))) {
    BOOST_REQUIRE(r);
    BOOST_TEST((r->outcome == import_outcome::unchanged));
  }
}

BOOST_AUTO_TEST_CASE(a_deleted_product_comes_back_by_its_import) {
  import(cup());
  BOOST_REQUIRE(run(delete_product{cup().product_id}, staff));
  BOOST_TEST((import(cup()) == import_outcome::created));
  BOOST_TEST(detail(cup().product_id).inventory_count == 9);
}

BOOST_AUTO_TEST_CASE(bad_imports_are_refused_whole) {
  auto refused = [&](auto&& spoil) {
    auto p = shirt();
    spoil(p);
    auto r = run(p, staff);
    BOOST_REQUIRE(!r);
    return r.error().status;
  };
  BOOST_TEST(refused([](auto& p) { p.title = ""; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.title = std::string(256, 'x'); }) == 422);
  BOOST_TEST(refused([](auto& p) { p.variants[0].price.currency = "USD"; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.variants[0].price.amount = -1; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.variants[0].on_hand = -1; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.variants[0].options = p.variants[1].options; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.variants[0].options.clear(); }) == 422);
  BOOST_TEST(refused([](auto& p) { p.images[0].image_url = "file:///etc/passwd"; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.attributes = {"[]"}; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.category_path.resize(17, p.category_path[0]); }) == 422);
  BOOST_TEST(refused([](auto& p) { p.variants[0].product_id = p.product_id; }) == 409);
  BOOST_TEST(number("SELECT count(*) FROM products") == 0);
  import(shirt());
  auto thief = cup();
  thief.handle = "shirt";
  BOOST_TEST(code_of(run(thief, staff)) == "handle_taken");
  thief = cup();
  thief.product_id = m_id;
  BOOST_TEST(code_of(run(thief, staff)) == "id_taken");
}

BOOST_AUTO_TEST_SUITE_END()
