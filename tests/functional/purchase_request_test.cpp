// Purchases in one request, without a cart of the customer, over HTTP.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one({.products = 12,
                         .stock = 50,
                         .settings = {{"STOA_PAYMENT_METHODS", "card,bank_transfer"},
                                      {"STOA_PAYMENT_BANK_TRANSFER_INSTRUCTIONS", "IBAN GR16"},
                                      {"STOA_LIMITS_CHECKOUT_BURST", "100"}}});
  return one;
}

struct buyer : visitor {
  buyer() : visitor(shop().port()) {}

  static std::string body_of(const std::string& items, const checkout_wish& wish = {},
                             const std::string& more = {}) {
    auto body = checkout_body(wish);
    body.insert(1, R"("items":[)" + items + "]," + more);
    return body;
  }
  static std::string item(const std::string& product, int quantity, const std::string& more = {}) {
    return R"({"product_id":")" + product + R"(","quantity":)" + std::to_string(quantity) + more +
           "}";
  }
  http_answer buy(const std::string& body, header_list headers, std::string key = {}) {
    if (key.empty()) key = unique("now");
    headers.emplace_back("Idempotency-Key", key);
    headers.emplace_back("Prefer", "wait=20");
    return client.post("/store/v1/checkout", body, headers);
  }
  std::string new_product(int stock, const header_list& root, const std::string& more = {}) {
    const auto made = client.post("/admin/v1/products",
                                  R"({"name":")" + unique("Vase ") +
                                      R"(","price":{"amount":1500,"currency":"EUR"},"on_hand":)" +
                                      std::to_string(stock) + more + "}",
                                  root);
    BOOST_REQUIRE_EQUAL(made.status, 201);
    return text_at(made.json(), "/product_id");
  }
  std::int64_t stock(const std::string& product, const std::string& what, const header_list& root) {
    return number_at(client.get("/admin/v1/products/" + product + "/inventory", root).json(),
                     "/stock/" + what);
  }
};

std::string code_of(const http_answer& a) {
  return text_at(a.json(), "/code");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(purchase_request, buyer)

BOOST_AUTO_TEST_CASE(a_guest_buys_in_one_request) {
  const auto root = log_in("root");
  const auto product = new_product(10, root);
  const auto secret = client_secret();
  const auto body = body_of(item(product, 2, R"(,"properties":{"Colour":"blue"},"note":"fragile")"),
                            {}, R"("note":"Ring twice.","metadata":{"campaign":"mail"},)");
  const auto order = buy(body, secret, "first");
  BOOST_REQUIRE_EQUAL(order.status, 201);
  const auto v = order.json();
  BOOST_TEST(text_at(v, "/status") == "Confirmed");
  BOOST_TEST(number_at(v, "/total_amount/amount") == 3000);
  BOOST_TEST(text_at(v, "/note") == "Ring twice.");
  BOOST_TEST(text_at(v, "/metadata/campaign") == "mail");
  BOOST_TEST(text_at(v, "/items/0/properties/Colour") == "blue");
  BOOST_TEST(text_at(v, "/items/0/note") == "fragile");
  BOOST_TEST(order.header("Stoa-Cart").empty());
  BOOST_TEST(stock(product, "on_hand", root) == 8);
  // The same request again buys nothing.
  const auto again = buy(body, secret, "first");
  BOOST_TEST(again.status == 201);
  BOOST_TEST(again.header("Idempotent-Replayed") == "true");
  BOOST_TEST(text_at(again.json(), "/order_id") == text_at(v, "/order_id"));
  BOOST_TEST(stock(product, "on_hand", root) == 8);
  // Another request under the same key is refused.
  const auto other = buy(body_of(item(product, 3)), secret, "first");
  BOOST_TEST(other.status == 422);
  BOOST_TEST(code_of(other) == "idempotency_key_reused");
  BOOST_TEST(stock(product, "on_hand", root) == 8);
}

BOOST_AUTO_TEST_CASE(a_user_has_no_cart_of_it) {
  const auto user = sign_up(unique("now"));
  const auto mine = new_cart(user);
  const auto product = goods().front().id;
  const auto order = buy(body_of(item(product, 1)), user);
  BOOST_REQUIRE_EQUAL(order.status, 201);
  BOOST_TEST(client.get(order.header("Location"), user).status == 200);
  BOOST_TEST(size_at(client.get("/store/v1/carts", user).json(), "/data") == 1u);
  // A declined one leaves a cart that is not listed, and that no guest's cart is merged into.
  const auto declined = buy(body_of(item(product, 1), {.token = "tok_chargeDeclined"}), user);
  BOOST_REQUIRE_EQUAL(declined.status, 402);
  BOOST_TEST(size_at(client.get("/store/v1/carts", user).json(), "/data") == 1u);
  const auto guests = cart_with(product, 2);
  const auto merged = client.post(guests + "/merge", "", user);
  BOOST_TEST("/store/v1/carts/" + text_at(merged.json(), "/cart_id") == mine);
  const auto path = "/store/v1/carts/" + declined.header("Stoa-Cart");
  BOOST_TEST(client.get(path, user).status == 200);
  BOOST_TEST(client.get(path).status == 404);
  BOOST_TEST(client.get(path, sign_up(unique("other"))).status == 404);
}

BOOST_AUTO_TEST_CASE(goods_are_held_after_a_decline_for_another_card) {
  const auto root = log_in("root");
  const auto product = new_product(3, root);
  const auto secret = client_secret();
  const auto body = body_of(item(product, 3), {.token = "tok_chargeDeclined"});
  const auto declined = buy(body, secret, "declined");
  BOOST_REQUIRE_EQUAL(declined.status, 402);
  const auto cart = "/store/v1/carts/" + declined.header("Stoa-Cart");
  BOOST_TEST(stock(product, "reserved", root) == 3);
  const auto again = buy(body, secret, "declined");
  BOOST_TEST(again.status == 402);
  BOOST_TEST(again.header("Stoa-Cart") == declined.header("Stoa-Cart"));
  BOOST_TEST(stock(product, "reserved", root) == 3);
  // No other client gets them.
  const auto late = buy(body_of(item(product, 1)), client_secret());
  BOOST_TEST(late.status == 409);
  BOOST_TEST(code_of(late) == "sold_out");
  BOOST_TEST(pointers_of(late) == "/items/0");
  const auto order = checkout(cart, {}, {{"Prefer", "wait=20"}});
  BOOST_REQUIRE_EQUAL(order.status, 201);
  BOOST_TEST(stock(product, "on_hand", root) == 0);
  BOOST_TEST(client.get(cart).status == 404);
  // The declined request still has its own answer.
  BOOST_TEST(buy(body, secret, "declined").status == 402);
}

BOOST_AUTO_TEST_CASE(codes_taxes_and_totals_are_those_of_a_cart) {
  const auto code = create_promotions(shop().port(), 1000, 2);
  const auto root = log_in("root");
  const auto product = new_product(50, root);
  const auto cart = cart_with(product, 2);
  const auto codes = R"("codes":[")" + code[0] + R"("],)";
  const auto quote =
      client.post(cart + "/quote", R"({"email":"ada@example.com","codes":[")" + code[0] + "\"]}")
          .json();
  const auto order = buy(body_of(item(product, 2), {}, codes), client_secret());
  BOOST_REQUIRE_EQUAL(order.status, 201);
  BOOST_TEST(number_at(order.json(), "/total_amount/amount") ==
             number_at(quote, "/total_amount/amount"));
  BOOST_TEST(number_at(order.json(), "/adjustment_total/amount") < 0);
  const auto used = buy(body_of(item(product, 2), {}, codes), client_secret());
  BOOST_TEST(used.status == 409);
  BOOST_TEST(code_of(used) == "code_not_applied");
  BOOST_TEST(pointers_of(used) == "/codes/0");
  const auto changed =
      buy(body_of(item(product, 1), {.more = R"(,"expected_total":{"amount":1,"currency":"EUR"})"}),
          client_secret());
  BOOST_TEST(code_of(changed) == "total_changed");
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused_and_leave_nothing) {
  const auto root = log_in("root");
  const auto product = new_product(20, root, R"(,"quantity_max":4)");
  const auto user = sign_up(unique("bad"));
  const auto refused = [&](int status, const std::string& code, const std::string& pointers,
                           const std::string& body) {
    const auto answer = buy(body, user);
    BOOST_TEST(answer.status == status, answer.body);
    BOOST_TEST(code_of(answer) == code);
    BOOST_TEST(pointers_of(answer) == pointers);
    BOOST_TEST(answer.header("Stoa-Cart").empty());
  };
  refused(422, "validation_failed", "/items", body_of(""));
  refused(422, "validation_failed", "/items/0/quantity", body_of(item(product, 0)));
  refused(422, "validation_failed", "/items/1", body_of(item(product, 1) + "," + item(product, 2)));
  refused(422, "validation_failed", "/items/0/product_id",
          body_of(item("0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90", 1)));
  refused(409, "cart_quantity_not_allowed", "/items/0 /items/1",
          body_of(item(product, 3) + "," + item(product, 2, R"(,"properties":{"a":"b"})")));
  BOOST_TEST(stock(product, "reserved", root) == 0);
  const auto without_secret = buy(body_of(item(product, 1)), {});
  BOOST_TEST(without_secret.status == 400);
  BOOST_TEST(code_of(without_secret) == "client_secret_required");
  const auto without_key = client.post("/store/v1/checkout", body_of(item(product, 1)), user);
  BOOST_TEST(code_of(without_key) == "idempotency_key_required");
  const auto card = buy(body_of(item(product, 1), {.token = "4242424242424242"}), user);
  BOOST_TEST(card.status == 422);
}

BOOST_AUTO_TEST_CASE(an_awaited_payment_and_an_async_one_are_pending) {
  const auto product = goods()[1].id;
  const auto secret = client_secret();
  const auto transfer =
      buy(body_of(item(product, 1), {.method = "bank_transfer"}), secret, "transfer");
  BOOST_TEST(transfer.status == 202);
  BOOST_TEST(text_at(transfer.json(), "/next_action/type") == "bank_transfer");
  auto headers = with(with(client_secret(), "Idempotency-Key", "async"), "Prefer", "respond-async");
  const auto async = client.post("/store/v1/checkout", body_of(item(product, 1)), headers);
  BOOST_TEST(async.status == 202);
  const auto token = bearer(text_at(async.json(), "/access_token"));
  BOOST_TEST(becomes(async.header("Location"), "Confirmed", token));
}

BOOST_AUTO_TEST_SUITE_END()
