// Products, variants, images and categories: what staff may do, and what is rejected.

#include "actors/kernel/entity_tag.hpp"
#include "net/front/failure.hpp"
#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::status_of;
using stoa::test::to;

namespace {

template <class T>
std::string pointer_of(const result<T>& r) {
  return r || r.error().errors.empty() ? "" : r.error().errors.front().pointer;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_products, test::catalog_fixture)

BOOST_AUTO_TEST_CASE(a_product_is_made_and_shown) {
  auto kitchen = category("Kitchen");
  auto wanted = product_of("Cup", 1299, 7);
  wanted.description = "<p>Blue &amp; round</p>";
  wanted.sku = "CUP-1";
  wanted.handle = "cup";
  wanted.compare_at_price = money{1500, "EUR"};
  wanted.category_id = kitchen;
  wanted.attributes = json::raw{R"({"vendor":"Potter"})"};
  auto made = create(wanted).value();
  BOOST_TEST(made.inventory_count == 7);
  auto staff_sees = read(get_product{made.product_id, true}, staff).value();
  BOOST_TEST(json::write(staff_sees) == json::write(made));
  BOOST_TEST(staff_sees.attributes->text == R"({"vendor":"Potter"})");
  auto guest_sees = read(get_product{made.product_id}).value();
  BOOST_TEST(guest_sees.name == "Cup");
  BOOST_TEST(guest_sees.description == "<p>Blue &amp; round</p>");
  BOOST_TEST((guest_sees.price == money{1299, "EUR"}));
  BOOST_TEST((guest_sees.compare_at_price == money{1500, "EUR"}));
  BOOST_TEST(guest_sees.category->name == "Kitchen");
  BOOST_TEST(guest_sees.inventory_count == 7);
  BOOST_TEST(!guest_sees.attributes.has_value());
  BOOST_TEST(!guest_sees.on_hand.has_value());
  // A guest who requests staff fields gets the guest view.
  BOOST_TEST(!read(get_product{made.product_id, true}).value().on_hand.has_value());
}

BOOST_AUTO_TEST_CASE(a_vendor_and_one_in_the_attributes_are_the_same) {
  auto wanted = product_of("Cup", 100);
  wanted.attributes = json::raw{R"({"vendor":" Potter "})"};
  wanted.vendor = "Weaver";
  BOOST_TEST(pointer_of(create(wanted)) == "/vendor");
  wanted.vendor = "Potter";
  const auto cup = create(wanted).value().product_id;
  product_change both;
  const auto refused = [&](const char* attributes, std::optional<std::string> vendor) {
    both.attributes = {true, json::raw{attributes}};
    both.vendor = {true, std::move(vendor)};
    const auto done = change(cup, both);
    return done ? std::string() : done.error().code + " " + pointer_of(done);
  };
  BOOST_TEST(refused(R"({"vendor":"Weaver"})", "Potter") == "validation_failed /vendor");
  BOOST_TEST(refused(R"({"vendor":"Weaver"})", std::nullopt) == "validation_failed /vendor");
  BOOST_TEST(refused(R"({"vendor":7})", "Potter") == "validation_failed /vendor");
  BOOST_TEST(detail(cup).vendor.value() == "Potter");
  BOOST_TEST(refused(R"({"vendor":"Weaver"})", "Weaver") == "");
  BOOST_TEST(refused(R"({"vendor":null,"fabric":"linen"})", "Smith") == "");
  BOOST_TEST(detail(cup).vendor.value() == "Smith");
  // What was read can be sent back, and one of them alone replaces the other.
  const auto seen = detail(cup);
  BOOST_TEST(refused(seen.attributes->text.c_str(), seen.vendor) == "");
  product_change alone;
  alone.attributes = {true, json::raw{R"({"vendor":"Ova"})"}};
  BOOST_TEST(change(cup, alone).value().vendor.value() == "Ova");
}

BOOST_AUTO_TEST_CASE(no_price_is_below_the_lowest_and_above_the_highest) {
  product("Cup", 500);
  list_products q;
  q.min_price = 500;
  q.max_price = 500;
  BOOST_TEST(read(q).value().data.size() == 1u);
  q.max_price = 499;
  const auto none = read(q);
  BOOST_TEST(status_of(none) == 400);
  BOOST_TEST(pointer_of(none) == "?max_price");
}

BOOST_AUTO_TEST_CASE(bad_products_are_refused_at_the_field) {
  auto refused = [&](auto&& spoil) {
    auto p = product_of("Cup", 100);
    spoil(p);
    auto r = create(p);
    BOOST_REQUIRE(!r);
    return std::to_string(front::status_of(r.error().kind)) + " " + pointer_of(r);
  };
  BOOST_TEST(refused([](auto& p) { p.name.reset(); }) == "400 /name");
  BOOST_TEST(refused([](auto& p) { p.price.reset(); }) == "400 /price");
  BOOST_TEST(refused([](auto& p) { p.price->currency = "USD"; }) == "422 /price/currency");
  BOOST_TEST(refused([](auto& p) {
               p.compare_at_price = money{1, "JPY"};
             }) == "422 /compare_at_price/currency");
  BOOST_TEST(refused([](auto& p) { p.category_id.emplace(); }) == "422 /category_id");
  BOOST_TEST(refused([](auto& p) {
               p.parent_product_id.emplace();
               p.options = {{"a", "b"}};
             }) == "422 /parent_product_id");
  BOOST_TEST(refused([](auto& p) { p.status = product_status::Deleted; }) == "422 /status");
  BOOST_TEST(refused([](auto& p) { p.options = {{"Size", "M"}}; }) == "422 /options");
  BOOST_TEST(refused([](auto& p) { p.attributes = json::raw{"[1]"}; }) == "422 /attributes");
  BOOST_TEST(refused([](auto& p) {
               p.attributes = json::raw{"{\"a\":\"" + std::string(70'000, 'x') + "\"}"};
             }) == "422 /attributes");
  BOOST_TEST(number("SELECT count(*) FROM products") == 0);
}

BOOST_AUTO_TEST_CASE(request_bodies_keep_to_their_rules) {
  auto read_body = [](const std::string& text) { return status_of(json::read<new_product>(text)); };
  BOOST_TEST(read_body(R"({"name":"Cup","price":{"amount":1,"currency":"EUR"}})") == 200);
  BOOST_TEST(read_body(R"({"name":"","price":{"amount":1,"currency":"EUR"}})") == 422);
  BOOST_TEST(read_body(R"({"name":"Cup","price":{"amount":-1,"currency":"EUR"}})") == 422);
  BOOST_TEST(read_body(R"({"name":"Cup","price":{"amount":1.5,"currency":"EUR"}})") == 400);
  BOOST_TEST(read_body(R"({"name":"Cup","colour":"red"})") == 400);
  BOOST_TEST(read_body(R"({"name":"Cup","on_hand":-1000000000})") == 200);
  BOOST_TEST(read_body(R"({"name":"Cup","on_hand":-1000000001})") == 422);
  BOOST_TEST(status_of(json::read<new_image>(R"({"image_url":"ftp://a/b"})")) == 422);
  BOOST_TEST(status_of(json::read<new_image>(R"x({"image_url":"javascript:alert(1)"})x")) == 422);
  BOOST_TEST(status_of(json::read<new_image>(R"({"image_url":"https://a.example/b.png"})")) == 200);
}

BOOST_AUTO_TEST_CASE(sku_and_handle_stand_once_until_the_product_is_deleted) {
  auto first = product_of("Cup", 100);
  first.sku = "A";
  first.handle = "cup";
  auto id = create(first).value().product_id;
  auto second = product_of("Other", 100);
  second.sku = "A";
  auto r = create(second);
  BOOST_TEST(status_of(r) == 409);
  BOOST_TEST(code_of(r) == "sku_taken");
  BOOST_TEST(pointer_of(r) == "/sku");
  second.sku.reset();
  second.handle = "cup";
  BOOST_TEST(code_of(create(second)) == "handle_taken");
  // Two in one batch: the second sees the first.
  auto third = product_of("Third", 100);
  third.sku = "B";
  auto both = run_batch(std::vector<create_product>{{third}, {third}}, context_of(staff));
  BOOST_TEST(code_of(both[0]) == "");
  BOOST_TEST(code_of(both[1]) == "sku_taken");
  BOOST_REQUIRE(run(delete_product{id}, staff));
  BOOST_TEST(code_of(create(first)) == "");
}

BOOST_AUTO_TEST_CASE(a_product_with_variants_is_not_sold_itself) {
  auto shirt = product("Shirt", 2000, 4);
  auto m = create_variant(shirt, "M", std::nullopt, 3).value();
  BOOST_TEST(m.name == "Shirt - M");
  BOOST_TEST((m.price == money{2000, "EUR"}));
  auto l = variant(shirt, "L", 1800, 5);
  auto view = detail(shirt);
  BOOST_REQUIRE(view.variants.size() == 2u);
  BOOST_TEST((view.variants[0].product_id == m.product_id));
  BOOST_TEST(view.variants[1].options[0].value == "L");
  BOOST_TEST(view.inventory_count == 8);
  BOOST_TEST((view.price == money{1800, "EUR"}));
  auto prices = read(price_items{{shirt, l, m.product_id, {system_ids().next_v7()}}}).value().data;
  BOOST_REQUIRE(prices.size() == 3u);
  BOOST_TEST(!prices[0].sellable);
  BOOST_TEST(prices[1].sellable);
  BOOST_TEST(prices[1].name == "Shirt - L");
  BOOST_TEST(prices[1].inventory_count == 5);
  // The parent's own four units were booked out, with a note.
  BOOST_TEST(number("SELECT sum(on_hand_change) FROM stock_ledger WHERE note LIKE '%variants%'") ==
             -4);
  // Without variants it is for sale again.
  BOOST_REQUIRE(run(delete_product{l}, staff));
  BOOST_TEST(!read(price_items{{shirt}}).value().data[0].sellable);
  BOOST_REQUIRE(run(delete_product{m.product_id}, staff));
  BOOST_TEST(read(price_items{{shirt}}).value().data[0].sellable);
  BOOST_TEST((detail(shirt).price == money{2000, "EUR"}));
}

BOOST_AUTO_TEST_CASE(bad_variants_are_refused) {
  auto shirt = product("Shirt", 2000);
  auto m = variant(shirt, "M");
  BOOST_TEST(code_of(create_variant(shirt, "M")) == "variant_exists");
  BOOST_TEST(pointer_of(create_variant(m, "S")) == "/parent_product_id");
  new_product p;
  p.parent_product_id = shirt;
  BOOST_TEST(pointer_of(create(p)) == "/options");
  p.options = {{"Colour", "red"}};
  BOOST_TEST(pointer_of(create(p)) == "/options");
  p.options = {{"Size", "S"}, {"Size", "T"}};
  BOOST_TEST(pointer_of(create(p)) == "/options");
  p.options = {{"Size", "S"}};
  p.handle = "s";
  BOOST_TEST(pointer_of(create(p)) == "/handle");
  auto held = product("Held", 100, 5);
  BOOST_REQUIRE(!apply(order::order_placed{order_of({{held, 1}}), {system_ids().next_v7()}}));
  BOOST_TEST(code_of(create_variant(held, "M")) == "product_reserved");
}

BOOST_AUTO_TEST_CASE(changes_replace_remove_and_leave) {
  auto wanted = product_of("Cup", 100);
  wanted.sku = "A";
  wanted.description = "old";
  auto id = create(wanted).value().product_id;
  time.advance(seconds{5});
  product_change c;
  c.name = "Mug";
  c.sku = {true, std::nullopt};
  c.price = money{250, "EUR"};
  auto v = change(id, c).value();
  BOOST_TEST(v.name == "Mug");
  BOOST_TEST(v.description == "old");
  BOOST_TEST(!v.sku.has_value());
  BOOST_TEST(v.price.amount == 250);
  BOOST_TEST((v.updated_at == time.now()));
  BOOST_TEST((names(search("mug")) == std::vector<std::string>{"Mug"}));
  BOOST_TEST(names(search("cup")).empty());
  // Without a change nothing is written.
  auto version = number("SELECT version FROM products");
  time.advance(seconds{5});
  BOOST_TEST((change(id, c).value().updated_at == v.updated_at));
  BOOST_TEST(number("SELECT version FROM products") == version);
  product_change bad;
  bad.status = product_status::Deleted;
  BOOST_TEST(status_of(change(id, bad)) == 422);
  BOOST_TEST(status_of(change({system_ids().next_v7()}, c)) == 404);
}

BOOST_AUTO_TEST_CASE(variants_follow_their_products_name_and_status) {
  auto shirt = product("Shirt", 2000);
  auto m = variant(shirt, "M", 2000, 1);
  product_change c;
  c.name = "Blouse";
  c.status = product_status::Draft;
  BOOST_REQUIRE(change(shirt, c));
  BOOST_TEST(detail(m).name == "Blouse - M");
  BOOST_TEST(status_of(read(get_product{shirt})) == 404);
  BOOST_TEST(status_of(read(get_product{m})) == 404);
  BOOST_TEST(!read(price_items{{m}}).value().data[0].sellable);
  BOOST_TEST(names({}).empty());
  BOOST_TEST(status_of(change(m, c)) == 422);
  product_change own;
  own.options = to(std::vector<option_value>{{"Size", "XL"}});
  BOOST_TEST(change(m, own).value().name == "Blouse - XL");
}

BOOST_AUTO_TEST_CASE(a_deleted_product_is_gone_but_not_while_orders_hold_it) {
  auto shirt = product("Shirt", 2000);
  auto m = variant(shirt, "M", 2000, 1);
  auto o = order_of({{m, 1}});
  BOOST_REQUIRE(!apply(order::order_placed{o, {system_ids().next_v7()}}));
  BOOST_TEST(code_of(run(delete_product{shirt}, staff)) == "product_reserved");
  BOOST_TEST(code_of(run(delete_product{m}, staff)) == "product_reserved");
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_REQUIRE(run(delete_product{shirt}, staff));
  BOOST_TEST(status_of(run(delete_product{shirt}, staff)) == 404);
  BOOST_TEST(status_of(read(get_product{m, true}, staff)) == 404);
  BOOST_TEST(read(price_items{{shirt, m}}).value().data.empty());
  // Sold units are returned nevertheless.
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "customer", ""}));
  BOOST_TEST(number("SELECT sum(on_hand) FROM inventory") == 1);
}

BOOST_AUTO_TEST_CASE(images_are_kept_in_their_order) {
  auto cup = product("Cup", 100);
  auto other = product("Pot", 100);
  auto add = [&](const std::string& url, std::optional<std::int64_t> position = std::nullopt) {
    return run(add_image{cup, {url, "a cup", position}}, staff).value();
  };
  auto a = add("https://img.example/a.jpg");
  auto b = add("https://img.example/b.jpg");
  BOOST_TEST(b.position == 2);
  BOOST_REQUIRE(run(change_image{cup, a.image_id, {{}, "first", 3}}, staff));
  auto images = detail(cup).images;
  BOOST_REQUIRE(images.size() == 2u);
  BOOST_TEST((images[0].image_id == b.image_id));
  BOOST_TEST(images[1].alt_text == "first");
  BOOST_TEST(status_of(run(change_image{other, a.image_id, {}}, staff)) == 404);
  BOOST_TEST(status_of(run(remove_image{other, a.image_id}, staff)) == 404);
  BOOST_REQUIRE(run(remove_image{cup, a.image_id}, staff));
  BOOST_TEST(status_of(run(remove_image{cup, a.image_id}, staff)) == 404);
  BOOST_TEST(detail(cup).images.size() == 1u);
  BOOST_TEST(status_of(run(add_image{{system_ids().next_v7()}, {"https://a.example/", "", {}}},
                           staff)) == 404);
}

BOOST_AUTO_TEST_CASE(categories_make_a_tree_and_never_a_circle) {
  auto home = category("Home");
  auto kitchen = category("Kitchen", home);
  auto cups = category("Cups", kitchen);
  category("Garden");
  auto tree = read(category_tree{}).value().data;
  BOOST_REQUIRE(tree.size() == 2u);
  BOOST_TEST(tree[0].name == "Garden");
  BOOST_TEST(tree[1].children[0].children[0].name == "Cups");
  auto one = read(get_category{kitchen}).value();
  BOOST_TEST((one.parent_category_id.value == home));
  BOOST_TEST(one.children.size() == 1u);
  BOOST_TEST(status_of(read(get_category{{system_ids().next_v7()}})) == 404);

  auto move = [&](stoa::category_id id, std::optional<stoa::category_id> below) {
    category_change c;
    c.parent_category_id = {true, below};
    return run(change_category{id, c}, staff);
  };
  for (auto below : {home, kitchen, cups}) {
    auto r = move(home, below);
    BOOST_TEST(status_of(r) == 422);
    BOOST_TEST(r.error().errors[0].code == "category_cycle");
  }
  BOOST_TEST(code_of(run(create_category{{"Kitchen", {}, home}}, staff)) == "category_exists");
  BOOST_TEST(status_of(run(create_category{{"X", {}, stoa::category_id{}}}, staff)) == 422);
  // Two moves in one batch that would form a cycle: the second is rejected.
  auto a = category("A");
  auto b = category("B");
  category_change under_b;
  under_b.parent_category_id = to(b);
  category_change under_a;
  under_a.parent_category_id = to(a);
  auto both = run_batch(std::vector<change_category>{{a, under_b}, {b, under_a}});
  BOOST_TEST(status_of(both[0]) == 200);
  BOOST_TEST(status_of(both[1]) == 422);
  BOOST_TEST(status_of(move(cups, std::nullopt)) == 200);
  BOOST_TEST(read(get_category{home}).value().children[0].children.empty());
}

BOOST_AUTO_TEST_CASE(the_tree_has_a_bound) {
  std::optional<stoa::category_id> at;
  for (std::size_t i = 0; i < category_depth_max; ++i) at = category("L" + std::to_string(i), at);
  BOOST_TEST(status_of(run(create_category{{"too deep", {}, at}}, staff)) == 422);
  auto two = category("Two");
  category("levels", two);
  category_change c;
  c.parent_category_id = to(*read(get_category{*at}).value().parent_category_id.value);
  BOOST_TEST(status_of(run(change_category{two, c}, staff)) == 422);
}

BOOST_AUTO_TEST_CASE(a_category_in_use_stays) {
  auto home = category("Home");
  auto kitchen = category("Kitchen", home);
  BOOST_TEST(code_of(run(delete_category{home}, staff)) == "category_in_use");
  auto p = product_of("Cup", 100);
  p.category_id = kitchen;
  auto cup = create(p).value().product_id;
  BOOST_TEST(code_of(run(delete_category{kitchen}, staff)) == "category_in_use");
  BOOST_REQUIRE(run(delete_product{cup}, staff));
  collection_terms terms;
  terms.name = "All of the kitchen";
  terms.rule.emplace().category_id = kitchen;
  const auto collection = run(create_collection{terms}, staff).value().collection_id;
  BOOST_TEST(code_of(run(delete_category{kitchen}, staff)) == "category_in_use");
  BOOST_REQUIRE(run(delete_collection{collection}, staff));
  BOOST_REQUIRE(run(delete_category{kitchen}, staff));
  BOOST_REQUIRE(run(delete_category{home}, staff));
  BOOST_TEST(status_of(run(delete_category{home}, staff)) == 404);
}

BOOST_AUTO_TEST_CASE(a_repeat_under_one_key_gets_the_first_answer) {
  auto context = context_of(staff);
  context.idempotency_scope = "staff POST /products key";
  context.fingerprint = "f";
  create_product c{product_of("Cup", 100, 3)};
  c.product.attributes = json::raw{R"({"a":[1,2]})"};
  auto first = run(c, context).value();
  auto second = run(c, context).value();
  BOOST_TEST(last_replayed);
  BOOST_TEST(json::write(first) == json::write(second));
  BOOST_TEST(number("SELECT count(*) FROM products") == 1);
}

BOOST_AUTO_TEST_CASE(what_was_seen_is_changed_and_nothing_else) {
  const auto top = category("Top");
  for (const auto* name : {"zebra", "Apple", "\xC3\x84pfel", "apple", "10", "9"})
    category(name, top);
  auto wanted = product_of("Shirt", 1999);
  wanted.category_id = top;
  const auto shirt = create(wanted).value().product_id;
  for (const auto* size : {"M", "S", "XL"}) variant(shirt, size);
  time.advance(seconds{1});
  variant(shirt, "L", 2099, 3);
  for (const auto position : {2, 1, 2, 3}) {
    run(add_image{shirt, {"https://a.example/i.png", "", position}}, staff);
  }

  const auto tag_of = [](const auto& view) { return kernel::entity_tag(json::write(view)); };
  const auto seen = [](const std::string& tag) {
    return kernel::precondition{std::vector<std::string>{"another", tag}, {}, false};
  };
  const auto product_tag = tag_of(detail(shirt));
  product_change change;
  change.name = "Tee";
  const auto changed = run(change_product{shirt, change, seen(product_tag)}, staff);
  BOOST_REQUIRE(changed.has_value());
  BOOST_TEST(tag_of(*changed) == tag_of(detail(shirt)));
  BOOST_TEST(code_of(run(change_product{shirt, change, seen(product_tag)}, staff)) ==
             "precondition_failed");
  BOOST_TEST(code_of(run(delete_product{shirt, seen(product_tag)}, staff)) ==
             "precondition_failed");
  // In one batch, too, only the first has the current version.
  const kernel::precondition fresh = seen(tag_of(detail(shirt)));
  change.name = "T";
  BOOST_TEST(run(change_product{shirt, change, fresh}, staff).has_value());
  BOOST_TEST(code_of(run(change_product{shirt, change, fresh}, staff)) == "precondition_failed");
  BOOST_TEST(code_of(run(change_product{{}, change, fresh}, staff)) == "not_found");

  const auto category_tag = tag_of(read(get_category{top}, staff).value());
  category_change renamed;
  renamed.description = to(std::string("all"));
  const auto other = run(change_category{top, renamed, seen(category_tag)}, staff);
  BOOST_REQUIRE(other.has_value());
  BOOST_TEST(tag_of(*other) == tag_of(read(get_category{top}, staff).value()));
  BOOST_TEST(code_of(run(delete_category{top, seen(category_tag)}, staff)) ==
             "precondition_failed");
  BOOST_TEST(code_of(run(delete_category{top, seen(tag_of(*other))}, staff)) == "category_in_use");
}

BOOST_AUTO_TEST_SUITE_END()
