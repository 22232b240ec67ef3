// Imports: a file's product is created once, changed values are updated, and units held by orders
// are kept.

#include "net/front/failure.hpp"
#include "tests/support/imported_products.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::status_of;

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
  (*p.variants)[0].price->amount = 1500;
  (*p.variants)[0].on_hand = 100;
  (*p.images)[0].alt_text = "back";
  BOOST_TEST((import(p) == import_outcome::updated));
  auto view = detail(shirt_id);
  BOOST_TEST(view.price.amount == 1500);
  BOOST_TEST(view.images[0].alt_text == "back");
  // The stock is set when the product is created, later only on request.
  BOOST_TEST(view.variants[0].inventory_count == 3);
  p.set_stock = true;
  BOOST_TEST((import(p) == import_outcome::updated));
  BOOST_TEST(detail(m_id).inventory_count == 100);
  BOOST_TEST((import(p) == import_outcome::unchanged));
  p.images->clear();
  p.variants->pop_back();
  BOOST_TEST((import(p) == import_outcome::updated));
  BOOST_TEST(detail(shirt_id).images.empty());
  BOOST_TEST(detail(shirt_id).variants.size() == 1u);
  BOOST_TEST(status_of(read(get_product{l_id, true}, staff)) == 404);
  // And back again.
  BOOST_TEST((import(shirt()) == import_outcome::updated));
  BOOST_TEST(detail(shirt_id).variants.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_orders_hold_stays) {
  import(shirt());
  BOOST_REQUIRE(!apply(order::order_placed{order_of({{l_id, 3}}), {system_ids().next_v7()}}));
  auto p = shirt();
  (*p.variants)[1].on_hand = 1;
  p.set_stock = true;
  import(p);
  BOOST_TEST(*detail(l_id).on_hand == 3);
}

BOOST_AUTO_TEST_CASE(a_taken_sku_is_left_out_and_told) {
  import(cup());
  import(shirt());
  auto p = shirt();
  (*p.variants)[0].sku = "CUP";
  auto answer = run(p, staff).value();
  BOOST_REQUIRE(answer.skus_left_out.size() == 1u);
  BOOST_TEST(answer.skus_left_out[0].sku == "CUP");
  BOOST_TEST((answer.skus_left_out[0].product_id == m_id));
  BOOST_TEST((answer.skus_left_out[0].held_by == cup().product_id));
  // It keeps its SKU.
  BOOST_TEST((answer.outcome == import_outcome::unchanged));
  BOOST_TEST(*detail(m_id).sku == "S-M");
  BOOST_TEST(detail(m_id).attributes->text == "{}");
  auto twice = shirt();
  (*twice.variants)[0].sku = (*twice.variants)[1].sku = "TWICE";
  BOOST_TEST(run(twice, staff).value().skus_left_out.size() == 1u);
  // At the end of the import the SKU is retried, replacing the other.
  BOOST_TEST(code_of(run(import_sku{l_id, "CUP"}, staff)) == "sku_taken");
  BOOST_TEST(*detail(l_id).sku == "S-L");
  BOOST_REQUIRE(run(import_sku{cup().product_id, "CUP", true}, staff));
  BOOST_TEST(!detail(cup().product_id).sku.has_value());
  BOOST_REQUIRE(run(import_sku{l_id, "CUP"}, staff));
  BOOST_TEST(*detail(l_id).sku == "CUP");
  BOOST_TEST(status_of(run(import_sku{{system_ids().next_v7()}, "NEW"}, staff)) == 404);
}

BOOST_AUTO_TEST_CASE(what_is_absent_stays) {
  import(shirt());
  auto hand = shirt();
  hand.set_stock = true;
  BOOST_REQUIRE(run(adjust_stock{m_id, {std::nullopt, 8, std::nullopt}}, staff));
  const auto before = json::write(detail(shirt_id));
  import_product bare;
  bare.product_id = shirt_id;
  bare.handle = "shirt";
  bare.title = "Shirt";
  bare.set_stock = true;
  BOOST_TEST((import(bare) == import_outcome::unchanged));
  // Variants that only have names.
  bare.variants = {variant_of(m_id, {}, "M", {}, {}), variant_of(l_id, {}, "L", {}, {})};
  BOOST_TEST((import(bare) == import_outcome::unchanged));
  BOOST_TEST(json::write(detail(shirt_id)) == before);
  // Kept variants follow the title and the status.
  bare.variants.reset();
  bare.title = "Blouse";
  bare.status = product_status::Draft;
  BOOST_TEST((import(bare) == import_outcome::updated));
  auto view = detail(shirt_id);
  BOOST_TEST(view.variants[0].name == "Blouse - M");
  BOOST_TEST((*view.variants[1].status == product_status::Draft));
  BOOST_TEST(view.variants[1].price.amount == 1900);
  BOOST_TEST(*view.variants[0].on_hand == 8);
  // One changed field each, of the product and of a product without variants.
  import(cup());
  import_product price;
  price.product_id = cup().product_id;
  price.title = "Cup";
  price.price = money{700, "EUR"};
  BOOST_TEST((import(price) == import_outcome::updated));
  auto one = detail(price.product_id);
  BOOST_TEST(one.price.amount == 700);
  BOOST_TEST(*one.sku == "CUP");
  BOOST_TEST(*one.on_hand == 9);
  price.sku = "";
  import(price);
  BOOST_TEST(!detail(price.product_id).sku.has_value());
}

BOOST_AUTO_TEST_CASE(attributes_are_merged) {
  auto p = cup();
  p.attributes = {R"({"vendor":"Ova","columns":{"Fit":"slim","Made":"DE"}})"};
  import(p);
  p.attributes = {R"({"vendor":null,"columns":{"Fit":null,"Cut":"x"},"tags":["a"]})"};
  BOOST_TEST((import(p) == import_outcome::updated));
  BOOST_TEST(detail(p.product_id).attributes->text ==
             R"({"columns":{"Made":"DE","Cut":"x"},"tags":["a"]})");
  BOOST_TEST((import(p) == import_outcome::unchanged));
  p.attributes = {R"({"columns":{"Made":null,"Cut":null}})"};
  import(p);
  BOOST_TEST(detail(p.product_id).attributes->text == R"({"tags":["a"]})");
  // Attributes that do not fit beside the stored ones are left out.
  p.attributes = {R"({"vendor":")" + std::string(40'000, 'v') + R"("})"};
  import(p);
  p.attributes = {R"({"columns":{"Fit":")" + std::string(40'000, 'f') + R"("},"type":"T"})"};
  auto answer = run(p, staff).value();
  BOOST_TEST(answer.notes.size() == 1u);
  BOOST_TEST(detail(p.product_id).attributes->text.find(R"("type":"T")") != std::string::npos);
  BOOST_TEST(detail(p.product_id).attributes->text.size() < attributes_bytes_max);
}

BOOST_AUTO_TEST_CASE(without_a_price_a_new_product_is_a_draft) {
  auto p = shirt();
  for (auto& v : *p.variants) v.price.reset();
  auto answer = run(p, staff).value();
  BOOST_TEST(answer.notes.size() == 1u);
  BOOST_TEST((*detail(shirt_id).status == product_status::Draft));
  // A second import does not publish it either.
  BOOST_TEST((import(p) == import_outcome::unchanged));
  BOOST_TEST((*detail(shirt_id).status == product_status::Draft));
  BOOST_TEST((import(shirt()) == import_outcome::updated));
  BOOST_TEST((*detail(shirt_id).status == product_status::Active));
  // Now it has prices: a file without them keeps them, and a new variant gets the lowest, which is
  // shown as the product's.
  p.variants->push_back(variant_of({system_ids().next_v7()}, {}, "S", {}, 1));
  answer = run(p, staff).value();
  BOOST_TEST(answer.notes.size() == 1u);
  auto view = detail(shirt_id);
  BOOST_TEST((*view.status == product_status::Active));
  BOOST_REQUIRE(view.variants.size() == 3u);
  BOOST_TEST(view.price.amount == 1900);
  BOOST_TEST(view.variants[2].price.amount == 1900);
  auto free = cup(0);
  BOOST_TEST(run(free, staff).value().notes.empty());
  BOOST_TEST((*detail(free.product_id).status == product_status::Active));
  free.price.reset();
  BOOST_TEST(run(free, staff).value().notes.empty());
  BOOST_TEST((*detail(free.product_id).status == product_status::Active));
}

BOOST_AUTO_TEST_CASE(what_returns_has_the_stock_of_the_file) {
  auto last = [&](stoa::product_id id) {
    auto ledger = read(list_ledger{id, {}, 1}, staff).value();
    BOOST_TEST((ledger.data[0].cause == stock_cause::import));
    return std::to_string(ledger.stock.on_hand) + " by " +
           std::to_string(ledger.data[0].on_hand_change);
  };
  import(shirt());
  auto p = shirt();
  p.variants->erase(p.variants->begin());
  import(p);
  p = shirt();
  (*p.variants)[0].on_hand = 10;
  BOOST_TEST((import(p) == import_outcome::updated));
  BOOST_TEST(last(m_id) == "10 by 7");
  // The whole product with its variants; without a quantity there is no stock.
  BOOST_REQUIRE(run(delete_product{shirt_id}, staff));
  (*p.variants)[0].on_hand.reset();
  (*p.variants)[1].on_hand = 50;
  BOOST_TEST((import(p) == import_outcome::created));
  BOOST_TEST(last(m_id) == "0 by -10");
  BOOST_TEST(last(l_id) == "50 by 46");
  // Without variants, with variants, without again: former units do not return.
  auto single = cup();
  import(single);
  auto with_variants = single;
  with_variants.sku.reset();
  with_variants.variants = {variant_of({system_ids().next_v7()}, {}, "M", 5, 2)};
  import(with_variants);
  BOOST_TEST(number("SELECT count(*) FROM inventory WHERE sellable=0 AND on_hand>0") == 0);
  single.on_hand = 4;
  import(single);
  BOOST_TEST(last(single.product_id) == "4 by 4");
  BOOST_TEST(detail(single.product_id).inventory_count == 4);
  BOOST_TEST((import(single) == import_outcome::unchanged));
  BOOST_REQUIRE(run(delete_product{single.product_id}, staff));
  single.on_hand = 4;
  import(single);
  BOOST_TEST(detail(single.product_id).inventory_count == 4);
}

BOOST_AUTO_TEST_CASE(what_returns_starts_from_the_defaults) {
  auto p = cup();
  p.description = "old";
  p.compare_at_price = {true, money{900, "EUR"}};
  p.attributes = {R"({"vendor":"Ova"})"};
  p.images = {imported_image{{shirt_id.value}, "https://img.example/1.jpg", "front", 1}};
  import(p);
  BOOST_REQUIRE(run(delete_product{p.product_id}, staff));
  import_product again;
  again.product_id = p.product_id;
  again.title = "Cup";
  again.on_hand = 3;
  auto answer = run(again, staff).value();
  BOOST_TEST((answer.outcome == import_outcome::created));
  BOOST_TEST(answer.notes.size() == 1u);
  auto view = detail(p.product_id);
  BOOST_TEST((*view.status == product_status::Draft));
  BOOST_TEST(view.description == "");
  BOOST_TEST(!view.compare_at_price.has_value());
  BOOST_TEST(view.images.empty());
  BOOST_TEST(view.attributes->text == R"({"draft_reason":"no_price"})");
  BOOST_TEST(*view.on_hand == 3);
}

BOOST_AUTO_TEST_CASE(a_dry_run_lists_and_changes_nothing) {
  import(shirt());
  import(cup());
  const auto before = json::write(detail(shirt_id));
  const auto ledger = number("SELECT count(*) FROM stock_ledger");
  auto p = shirt();
  p.title = "Blouse";
  p.dry_run = p.set_stock = true;
  p.attributes = {R"({"vendor":"Other"})"};
  p.category_path = {category_ref{{system_ids().next_v7()}, "Attic"}};
  (*p.variants)[0].price->amount = 2100;
  (*p.variants)[0].on_hand = 5;
  p.variants->pop_back();
  p.images->clear();
  std::vector<std::string> lines;
  auto answer = run(p, staff).value();
  for (const auto& c : answer.changes) {
    lines.push_back(c.variant.value_or("") + "|" + c.field + "|" + c.before + "|" + c.after);
  }
  const std::vector<std::string> expected{
      "Shirt - L|variant|present|removed",    "|new_category||Attic",
      "|category|Home > Kitchen|Attic",       "|name|Shirt|Blouse",
      "|attributes.vendor|Weaver|Other",      "Blouse - M|name|Shirt - M|Blouse - M",
      "Blouse - M|price|20.00 EUR|21.00 EUR", "Blouse - M|on_hand|3|5",
      "|image|https://img.example/1.jpg|"};
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
  BOOST_TEST((answer.outcome == import_outcome::updated));
  auto fresh = cup();
  fresh.product_id = {system_ids().next_v7()};
  fresh.sku = "NEW";
  fresh.dry_run = true;
  BOOST_TEST((import(fresh) == import_outcome::created));
  // In one batch with the intended import.
  auto meant = cup();
  meant.title = "Mug";
  auto tried = meant;
  tried.title = "Jug";
  tried.dry_run = true;
  run_batch(std::vector{meant, tried}, context_of(staff));
  BOOST_TEST(detail(cup().product_id).name == "Mug");
  BOOST_TEST(json::write(detail(shirt_id)) == before);
  BOOST_TEST(number("SELECT count(*) FROM stock_ledger") == ledger);
  BOOST_TEST(number("SELECT count(*) FROM categories") == 2);
  BOOST_TEST(number("SELECT count(*) FROM products") == 4);
  // Bounded for a product of any size.
  auto large = shirt();
  large.dry_run = true;
  large.variants->clear();
  for (int i = 0; i < 300; ++i) {
    large.variants->push_back(variant_of({system_ids().next_v7()}, {}, std::to_string(i), 1, 1));
  }
  answer = run(large, staff).value();
  BOOST_TEST(answer.changes.size() == 100u);
  BOOST_TEST(answer.changes_not_listed > 1000);
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
    p.category_path = {category_ref{home_id, "Home"}};
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
    return front::status_of(r.error().kind);
  };
  BOOST_TEST(refused([](auto& p) { p.title = ""; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.title = std::string(256, 'x'); }) == 422);
  BOOST_TEST(refused([](auto& p) { (*p.variants)[0].price->currency = "USD"; }) == 422);
  BOOST_TEST(refused([](auto& p) { (*p.variants)[0].price->amount = -1; }) == 422);
  BOOST_TEST(refused([](auto& p) { (*p.variants)[0].on_hand = stock_max + 1; }) == 422);
  BOOST_TEST(refused([](auto& p) { (*p.variants)[0].options = (*p.variants)[1].options; }) == 422);
  BOOST_TEST(refused([](auto& p) { (*p.variants)[0].options.clear(); }) == 422);
  BOOST_TEST(refused([](auto& p) { (*p.images)[0].image_url = "file:///etc/passwd"; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.attributes = {"[]"}; }) == 422);
  BOOST_TEST(refused([](auto& p) { p.category_path->resize(17, p.category_path->front()); }) ==
             422);
  BOOST_TEST(refused([](auto& p) { (*p.variants)[0].product_id = p.product_id; }) == 409);
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
