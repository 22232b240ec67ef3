// Notes and properties of cart lines, and the quantities in which products are sold, over HTTP.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one(
      {.products = 12, .stock = 50, .settings = {{"STOA_LIMITS_CHECKOUT_BURST", "100"}}});
  return one;
}

struct customer : visitor {
  customer() : visitor(shop().port()) {}

  http_answer put_in(const std::string& cart, const std::string& product, int quantity,
                     const std::string& more, const header_list& who = {}) {
    return client.post(
        cart + "/items",
        R"({"product_id":")" + product + R"(","quantity":)" + std::to_string(quantity) + more + "}",
        who);
  }
  /// A new product with these further members.
  std::string made(const std::string& more, const header_list& root) {
    const auto answer =
        client.post("/admin/v1/products",
                    R"({"name":")" + unique("Ring ") +
                        R"(","price":{"amount":1000,"currency":"EUR"},"on_hand":50)" + more + "}",
                    root);
    BOOST_REQUIRE_EQUAL(answer.status, 201);
    return text_at(answer.json(), "/product_id");
  }
  http_answer with_limits(const std::string& product, const std::string& change,
                          const header_list& root) {
    return client.patch("/admin/v1/products/" + product, change, root);
  }
};

const std::string for_ada = R"(,"properties":{"Engraving":"For Ada"})";
const std::string for_bob = R"(,"properties":{"Engraving":"For Bob"})";

std::string line_of(const http_answer& cart, int i) {
  return text_at(cart.json(), "/items/" + std::to_string(i) + "/cart_item_id");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cart_lines, customer)

BOOST_AUTO_TEST_CASE(properties_distinguish_lines) {
  const auto product = goods().front().id;
  const auto cart = new_cart();
  BOOST_TEST(put_in(cart, product, 1, for_ada + R"(,"note":"soon")").status == 201);
  BOOST_TEST(put_in(cart, product, 2, for_bob).status == 201);
  const auto shown = put_in(cart, product, 3, for_ada).json();
  BOOST_REQUIRE_EQUAL(size_at(shown, "/items"), 2u);
  BOOST_TEST(number_at(shown, "/items/0/quantity") == 4);
  BOOST_TEST(text_at(shown, "/items/0/properties/Engraving") == "For Ada");
  BOOST_TEST(text_at(shown, "/items/0/note") == "soon");
  BOOST_TEST(number_at(shown, "/items/1/quantity") == 2);
  BOOST_TEST(!has(shown, "/items/1/note"));
  const auto plain = add(cart, product, 1).json();
  BOOST_TEST(size_at(plain, "/items") == 3u);
  BOOST_TEST(!has(plain, "/items/2/properties/Engraving"));
}

BOOST_AUTO_TEST_CASE(the_stock_is_compared_with_all_lines_of_the_product) {
  const auto one = goods()[1];
  const auto cart = new_cart();
  const int half = static_cast<int>(one.stock / 2) + 1;
  put_in(cart, one.id, half, for_ada);
  const auto full = put_in(cart, one.id, half, for_bob);
  BOOST_TEST(text_at(full.json(), "/notices/0/code") == "sold_out");
  const auto refused = checkout(cart);
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(text_at(refused.json(), "/code") == "sold_out");
}

BOOST_AUTO_TEST_CASE(what_is_not_sold_any_more_is_not_called_sold_out) {
  const auto root = log_in("root");
  const auto made = client.post(
      "/admin/v1/products",
      R"({"name":"Cap","price":{"amount":999,"currency":"EUR"},"on_hand":5,"status":"Active"})",
      root);
  BOOST_REQUIRE_EQUAL(made.status, 201);
  const auto cap = text_at(made.json(), "/product_id");
  const auto cart = cart_with(cap, 1);
  BOOST_REQUIRE_EQUAL(
      client.patch("/admin/v1/products/" + cap, R"({"status":"Archived"})", root).status, 200);
  BOOST_TEST(text_at(client.get(cart).json(), "/notices/0/code") == "not_sold");
  auto refused = checkout(cart);
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(refused.code() == "cart_not_sold");
  BOOST_TEST(text_at(refused.json(), "/errors/0/code") == "not_sold");
  // With another reason beside it, the codes are those of the lines.
  const auto scarce = goods()[2];
  add(cart, scarce.id, static_cast<int>(scarce.stock) + 1);
  refused = checkout(cart);
  BOOST_TEST(refused.code() == "sold_out");
  BOOST_TEST(size_at(refused.json(), "/errors") == 2u);
}

BOOST_AUTO_TEST_CASE(lines_are_changed) {
  const auto product = goods().front().id;
  const auto cart = new_cart();
  put_in(cart, product, 1, for_ada);
  const auto both = put_in(cart, product, 1, for_bob);
  const auto first = cart + "/items/" + line_of(both, 0);
  auto changed = client.patch(first, R"({"note":"in italics","quantity":2})");
  BOOST_TEST(changed.status == 200);
  BOOST_TEST(text_at(changed.json(), "/items/0/note") == "in italics");
  BOOST_TEST(number_at(changed.json(), "/items/0/quantity") == 2);
  changed = client.patch(first, R"({"properties":{"Engraving":"For Eve"}})");
  BOOST_TEST(text_at(changed.json(), "/items/0/properties/Engraving") == "For Eve");
  BOOST_TEST(number_at(changed.json(), "/items/0/quantity") == 2);
  const auto version = number_at(changed.json(), "/version");
  BOOST_TEST(number_at(client.patch(first, "{}").json(), "/version") == version);
  const auto same = client.patch(first, R"({"properties":{"Engraving":"For Bob"}})");
  BOOST_TEST(same.status == 409);
  BOOST_TEST(text_at(same.json(), "/code") == "cart_line_exists");
  changed = client.patch(first, R"({"properties":null,"note":null})");
  BOOST_TEST(!has(changed.json(), "/items/0/note"));
  BOOST_TEST(!has(changed.json(), "/items/0/properties/Engraving"));
  BOOST_TEST(size_at(client.patch(first, R"({"quantity":0})").json(), "/items") == 1u);
}

BOOST_AUTO_TEST_CASE(bad_notes_and_properties_are_refused) {
  const auto product = goods().front().id;
  const auto cart = new_cart();
  const auto refused = [&](const std::string& more, const std::string& pointer) {
    const auto answer = put_in(cart, product, 1, more);
    BOOST_TEST(answer.status == 422, more);
    BOOST_TEST(pointers_of(answer) == pointer);
  };
  refused(R"(,"note":")" + std::string(1001, 'x') + "\"", "/note");
  refused(R"(,"properties":{"":"x"})", "/properties/");
  refused(R"(,"properties":{"a/b":""})", "/properties/a~1b");
  refused(R"(,"properties":{")" + std::string(101, 'n') + R"(":"x"})",
          "/properties/" + std::string(101, 'n'));
  refused(R"(,"properties":{"a":")" + std::string(501, 'x') + "\"}", "/properties/a");
  refused(R"(,"properties":{"a":"one\ntwo"})", "/properties/a");
  std::string many;
  for (int i = 0; i < 21; ++i) many += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":\"x\"";
  refused(R"(,"properties":{)" + many + "}", "/properties");
  std::string large;
  for (int i = 0; i < 20; ++i) {
    large += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":\"" + std::string(450, 'x') + "\"";
  }
  refused(R"(,"properties":{)" + large + "}", "/properties");
  const auto card = put_in(cart, product, 1, R"(,"note":"my card is 4242 4242 4242 4242")");
  BOOST_TEST(text_at(card.json(), "/code") == "card_number_rejected");
}

BOOST_AUTO_TEST_CASE(the_texts_of_a_cart_are_bounded) {
  const auto product = goods().front().id;
  const auto cart = new_cart();
  http_answer last;
  int lines = 0;
  std::string large;
  for (int p = 0; p < 16; ++p) {
    large += (p ? ",\"p" : "\"p") + std::to_string(p) + "\":\"" + std::string(490, 'x') + "\"";
  }
  for (; lines < 20; ++lines) {
    last = put_in(cart, product, 1,
                  R"(,"properties":{"n":")" + std::to_string(lines) + "\"," + large + "}");
    if (last.status != 201) break;
  }
  BOOST_TEST(lines == 2);
  BOOST_TEST(last.status == 422);
  BOOST_TEST(text_at(last.json(), "/code") == "cart_texts_too_long");
  BOOST_TEST(size_at(client.get(cart).json(), "/items") == 2u);
}

BOOST_AUTO_TEST_CASE(orders_mails_and_staff_have_them) {
  const auto root = log_in("root");
  const auto product = goods().front().id;
  const auto made_cart = client.post("/store/v1/carts", R"({"note":"ring twice"})");
  const auto cart = "/store/v1/carts/" + text_at(made_cart.json(), "/cart_id");
  BOOST_TEST(text_at(made_cart.json(), "/note") == "ring twice");
  BOOST_TEST(client.patch(cart, R"({"note":"ring <b>once</b>"})").status == 200);
  put_in(cart, product, 1, for_ada + R"(,"note":"in italics")");
  put_in(cart, product, 2, for_bob);
  const auto order = checkout(cart, {.email = "wishes@example.com"}, {{"Prefer", "wait=20"}});
  BOOST_REQUIRE_EQUAL(order.status, 201);
  const auto token = bearer(text_at(order.json(), "/access_token"));
  const auto path = order.header("Location");
  for (const auto& shown :
       {order, client.get(path, token), client.get("/admin/v1" + path.substr(9), root)}) {
    const auto v = shown.json();
    BOOST_TEST(text_at(v, "/note") == "ring <b>once</b>");
    BOOST_REQUIRE_EQUAL(size_at(v, "/items"), 2u);
    BOOST_TEST(text_at(v, "/items/0/properties/Engraving") == "For Ada");
    BOOST_TEST(text_at(v, "/items/0/note") == "in italics");
    BOOST_TEST(text_at(v, "/items/1/properties/Engraving") == "For Bob");
    BOOST_TEST(!has(v, "/items/1/note"));
  }
  // Both lines have left the cart, and so has the note.
  const auto left = client.get(cart).json();
  BOOST_TEST(size_at(left, "/items") == 0u);
  BOOST_TEST(!has(left, "/note"));
  std::string mail;
  BOOST_TEST(eventually([&] {
    const auto list = client.get("/admin/v1/notifications?limit=100", root).json();
    for (const auto& n : *at(list, "/data").if_array()) {
      if (text_at(n, "/recipient") != "wishes@example.com") continue;
      mail = client.get("/admin/v1/notifications/" + text_at(n, "/notification_id"), root).body;
      return true;
    }
    return false;
  }));
  BOOST_TEST(mail.find("Engraving: For Ada") != std::string::npos, mail);
  BOOST_TEST(mail.find("Note: in italics") != std::string::npos, mail);
  BOOST_TEST(mail.find("Note: ring &lt;b&gt;once") != std::string::npos, mail);
}

BOOST_AUTO_TEST_CASE(a_merge_keeps_them) {
  const auto product = goods().front().id;
  const auto owner = sign_up(unique("merge"));
  const auto mine = new_cart(owner);
  client.patch(mine, R"({"note":"mine"})", owner);
  put_in(mine, product, 1, for_ada + R"(,"note":"bold")", owner);
  const auto other = client.post("/store/v1/carts", R"({"note":"guest"})").json();
  const auto guests = "/store/v1/carts/" + text_at(other, "/cart_id");
  put_in(guests, product, 2, for_ada + R"(,"note":"italics")");
  put_in(guests, product, 3, for_bob);
  const auto merged = client.post(guests + "/merge", "", owner);
  BOOST_REQUIRE_EQUAL(merged.status, 200);
  const auto v = merged.json();
  BOOST_TEST(text_at(v, "/note") == "mine\nguest");
  BOOST_REQUIRE_EQUAL(size_at(v, "/items"), 2u);
  BOOST_TEST(number_at(v, "/items/0/quantity") == 3);
  BOOST_TEST(text_at(v, "/items/0/note") == "bold\nitalics");
  BOOST_TEST(number_at(v, "/items/1/quantity") == 3);
  BOOST_TEST(text_at(v, "/items/1/properties/Engraving") == "For Bob");
}

BOOST_AUTO_TEST_CASE(after_a_decline_both_lines_are_held) {
  const auto root = log_in("root");
  const auto product = made("", root);
  const auto cart = new_cart();
  put_in(cart, product, 20, for_ada);
  put_in(cart, product, 20, for_bob);
  const auto stock = [&] {
    return number_at(client.get("/admin/v1/products/" + product + "/inventory", root).json(),
                     "/stock/reserved");
  };
  BOOST_TEST(checkout(cart, {.token = "tok_chargeDeclined"}, {{"Prefer", "wait=20"}}).status ==
             402);
  BOOST_TEST(stock() == 40);
  // One line is reduced: the other one's units stay held.
  const auto shown = client.get(cart);
  client.patch(cart + "/items/" + line_of(shown, 0), R"({"quantity":5})");
  BOOST_TEST(eventually([&] { return stock() == 25; }));
  BOOST_TEST(checkout(cart, {}, {{"Prefer", "wait=20"}}).status == 201);
  BOOST_TEST(stock() == 0);
}

BOOST_AUTO_TEST_CASE(limits_are_set_by_staff) {
  const auto root = log_in("root");
  const auto product = made(R"(,"quantity_min":6,"quantity_max":24,"quantity_step":6)", root);
  const auto shown = client.get("/store/v1/products/" + product).json();
  BOOST_TEST(number_at(shown, "/quantity_min") == 6);
  BOOST_TEST(number_at(shown, "/quantity_max") == 24);
  BOOST_TEST(number_at(shown, "/quantity_step") == 6);
  BOOST_TEST(pointers_of(with_limits(product, R"({"quantity_min":30})", root)) == "/quantity_min");
  BOOST_TEST(pointers_of(with_limits(product, R"({"quantity_max":25})", root)) == "/quantity_max");
  BOOST_TEST(pointers_of(with_limits(product, R"({"quantity_step":0})", root)) == "/quantity_step");
  const auto changed = with_limits(product, R"({"quantity_min":null,"quantity_step":null})", root);
  BOOST_TEST(changed.status == 200);
  BOOST_TEST(!has(changed.json(), "/quantity_min"));
  BOOST_TEST(number_at(changed.json(), "/quantity_max") == 24);
}

BOOST_AUTO_TEST_CASE(lines_conform_to_the_limits) {
  const auto root = log_in("root");
  const auto product = made(R"(,"quantity_min":4,"quantity_max":12,"quantity_step":2)", root);
  const auto cart = new_cart();
  const auto refused = [&](const http_answer& a, const std::string& code) {
    BOOST_TEST(a.status == 422, a.body);
    BOOST_TEST(text_at(a.json(), "/code") == "quantity_not_allowed");
    BOOST_TEST(text_at(a.json(), "/errors/0/code") == code);
    BOOST_TEST(text_at(a.json(), "/errors/0/pointer") == "/quantity");
  };
  refused(put_in(cart, product, 2, ""), "quantity_below_min");
  refused(put_in(cart, product, 14, ""), "quantity_above_max");
  refused(put_in(cart, product, 5, ""), "quantity_not_step");
  const auto one = put_in(cart, product, 8, for_ada);
  BOOST_TEST(one.status == 201);
  // The maximum counts all lines of the product.
  refused(put_in(cart, product, 6, for_bob), "quantity_above_max");
  BOOST_TEST(put_in(cart, product, 4, for_bob).status == 201);
  const auto line = cart + "/items/" + line_of(one, 0);
  refused(client.patch(line, R"({"quantity":10})"), "quantity_above_max");
  refused(client.patch(line, R"({"quantity":7})"), "quantity_not_step");
  refused(client.patch(line, R"({"quantity":2})"), "quantity_below_min");
  BOOST_TEST(client.patch(line, R"({"quantity":6})").status == 200);
  BOOST_TEST(checkout(cart, {}, {{"Prefer", "wait=20"}}).status == 201);
}

BOOST_AUTO_TEST_CASE(a_changed_limit_is_a_notice_and_stops_the_checkout) {
  const auto root = log_in("root");
  const auto product = made("", root);
  const auto cart = new_cart();
  const auto full = put_in(cart, product, 9, "");
  with_limits(product, R"({"quantity_max":5})", root);
  const auto shown = client.get(cart).json();
  BOOST_TEST(text_at(shown, "/notices/0/code") == "quantity_above_max");
  BOOST_TEST(number_at(shown, "/notices/0/limit") == 5);
  BOOST_TEST(text_at(shown, "/notices/0/cart_item_id") == line_of(full, 0));
  const auto refused = checkout(cart);
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(text_at(refused.json(), "/code") == "cart_quantity_not_allowed");
  BOOST_TEST(text_at(refused.json(), "/errors/0/code") == "quantity_above_max");
  BOOST_TEST(text_at(refused.json(), "/errors/0/pointer") == "/items/" + line_of(full, 0));
  BOOST_TEST(client.patch(cart + "/items/" + line_of(full, 0), R"({"quantity":5})").status == 200);
  BOOST_TEST(checkout(cart, {}, {{"Prefer", "wait=20"}}).status == 201);
}

BOOST_AUTO_TEST_CASE(a_variant_without_limits_has_those_of_its_product) {
  const auto root = log_in("root");
  const auto parent = made(R"(,"quantity_max":3)", root);
  const auto variant = [&](const std::string& size, const std::string& more) {
    const auto answer = client.post("/admin/v1/products",
                                    R"({"parent_product_id":")" + parent +
                                        R"(","options":[{"name":"Size","value":")" + size +
                                        R"("}],"on_hand":50)" + more + "}",
                                    root);
    BOOST_REQUIRE_EQUAL(answer.status, 201);
    return text_at(answer.json(), "/product_id");
  };
  const auto inherits = variant("S", "");
  const auto own = variant("M", R"(,"quantity_min":2)");
  const auto shown = client.get("/store/v1/products/" + parent).json();
  BOOST_TEST(number_at(shown, "/variants/0/quantity_max") == 3);
  BOOST_TEST(number_at(shown, "/variants/1/quantity_min") == 2);
  BOOST_TEST(!has(shown, "/variants/1/quantity_max"));
  const auto cart = new_cart();
  BOOST_TEST(put_in(cart, inherits, 4, "").status == 422);
  BOOST_TEST(put_in(cart, inherits, 3, "").status == 201);
  BOOST_TEST(put_in(cart, own, 1, "").status == 422);
  BOOST_TEST(put_in(cart, own, 9, "").status == 201);
}

BOOST_AUTO_TEST_SUITE_END()
