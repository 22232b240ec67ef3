// Repeats of guests under an Idempotency-Key: the first answer is returned only to a client with
// the secret of the first request. All come from one address, as behind a load balancer.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one({.products = 5, .settings = {{"STOA_LOG_FORMAT", "json"}}});
  return one;
}

struct guest : visitor {
  guest() : visitor(shop().port()) {}
};

const header_list wait_long{{"Prefer", "wait=20"}};

bool replayed(const http_answer& a) {
  return a.header("Idempotent-Replayed") == "true";
}
header_list keyed(header_list headers, const std::string& key) {
  return with(std::move(headers), "Idempotency-Key", key);
}
std::string cart_of(const http_answer& a) {
  return text_at(a.json(), "/cart_id");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(guest_repeats, guest)

BOOST_AUTO_TEST_CASE(the_same_key_of_another_guest_makes_another_cart) {
  const auto first = client.post("/store/v1/carts", "", keyed({}, "1"));
  const auto other = client.post("/store/v1/carts", "", keyed({}, "1"));
  BOOST_TEST(first.status == 201);
  BOOST_TEST(other.status == 201);
  BOOST_TEST(cart_of(first) != cart_of(other));
  BOOST_TEST(!replayed(other));
}

BOOST_AUTO_TEST_CASE(a_client_secret_opens_the_first_answer_to_its_owner_alone) {
  const auto secret = client_secret();
  const auto first = client.post("/store/v1/carts", "", keyed(secret, "2"));
  BOOST_REQUIRE_EQUAL(first.status, 201);
  const auto again = client.post("/store/v1/carts", "", keyed(secret, "2"));
  BOOST_TEST(again.status == 201);
  BOOST_TEST(replayed(again));
  BOOST_TEST(cart_of(again) == cart_of(first));
  for (const auto& other_client : {client_secret(), header_list{}}) {
    const auto made = client.post("/store/v1/carts", "", keyed(other_client, "2"));
    BOOST_TEST(made.status == 201);
    BOOST_TEST(!replayed(made));
    BOOST_TEST(cart_of(made) != cart_of(first));
  }
}

BOOST_AUTO_TEST_CASE(a_weak_client_secret_is_refused) {
  for (const auto& weak : {std::string("hunter2"), std::string(21, 'x'), std::string(256, 'x'),
                           std::string("0123456789 0123456789 012"),
                           std::string("0123456789\xC3\xA4"
                                       "0123456789012")}) {
    const auto a = client.post("/store/v1/carts", "", keyed({{"Client-Secret", weak}}, "3"));
    BOOST_TEST(a.status == 400, weak);
    BOOST_TEST(a.code() == "invalid_request", weak);
    BOOST_TEST(pointers_of(a) == "#Client-Secret", weak);
  }
}

BOOST_AUTO_TEST_CASE(two_client_secrets_are_refused) {
  const auto twice = with(client_secret(), "Client-Secret", client_secret()[0].second);
  BOOST_TEST(client.post("/store/v1/carts", "", keyed(twice, "8")).status == 400);
}

BOOST_AUTO_TEST_CASE(the_cart_in_the_path_is_the_secret_of_its_requests) {
  const auto product = goods().front().id;
  const auto cart = new_cart();
  const auto body = R"({"product_id":")" + product + R"(","quantity":1})";
  const auto first = client.post(cart + "/items", body, keyed({}, "4"));
  const auto again = client.post(cart + "/items", body, keyed({}, "4"));
  BOOST_TEST(first.status == 201);
  BOOST_TEST(replayed(again));
  BOOST_TEST(again.body == first.body);
  const auto others = client.post(new_cart() + "/items", body, keyed({}, "4"));
  BOOST_TEST(others.status == 201);
  BOOST_TEST(!replayed(others));
  const auto bought = checkout(cart, {}, wait_long, "4");
  BOOST_REQUIRE_EQUAL(bought.status, 201);
  const auto repeat = checkout(cart, {}, wait_long, "4");
  BOOST_TEST(replayed(repeat));
  BOOST_TEST(repeat.body == bought.body);
}

BOOST_AUTO_TEST_CASE(a_cancellation_is_repeated_with_the_orders_token_only) {
  const auto product = goods().front().id;
  const auto order = bought(product);
  const auto token = bearer(text_at(order.json(), "/access_token"));
  const auto other = bearer(text_at(bought(product).json(), "/access_token"));
  const auto path = order.header("Location") + "/cancel";
  const std::string body = R"({"reason":"too late"})";
  const auto first = client.post(path, body, keyed(token, "5"));
  BOOST_REQUIRE_EQUAL(first.status, 200);
  BOOST_TEST(first.body.find("Main") != std::string::npos);  // It contains the guest's address.
  const auto missing = client.post(path, body);
  for (const auto& other_client :
       {keyed({}, "5"), keyed(other, "5"), keyed(bearer("ot_x"), "5"), keyed(client_secret(), "5"),
        keyed(sign_up(unique("nosy")), "5")}) {
    const auto a = client.post(path, body, other_client);
    BOOST_TEST(a.status == 404);
    BOOST_TEST(!replayed(a));
    BOOST_TEST(same_for_all(a) == same_for_all(missing));
  }
  const auto again = client.post(path, body, keyed(token, "5"));
  BOOST_TEST(again.status == 200);
  BOOST_TEST(replayed(again));
  BOOST_TEST(again.body == first.body);
}

BOOST_AUTO_TEST_CASE(a_users_key_is_the_users_own) {
  const auto ann = sign_up(unique("ann"));
  const auto first = client.post("/store/v1/carts", "", keyed(ann, "6"));
  const auto again = client.post("/store/v1/carts", "", keyed(ann, "6"));
  BOOST_TEST(replayed(again));
  BOOST_TEST(cart_of(again) == cart_of(first));
  const auto bobs = client.post("/store/v1/carts", "", keyed(sign_up(unique("bob")), "6"));
  BOOST_TEST(!replayed(bobs));
  BOOST_TEST(cart_of(bobs) != cart_of(first));
}

BOOST_AUTO_TEST_CASE(secrets_are_not_logged) {
  const auto secret = client_secret();
  BOOST_REQUIRE_EQUAL(client.post("/store/v1/carts", "", keyed(secret, "7")).status, 201);
  BOOST_TEST(shop().log().find(secret[0].second) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_repeat_shows_the_first_answer_whatever_has_happened_since) {
  const auto root = log_in("root");
  const auto cart = cart_with(goods().at(3).id, 2);
  const auto first = checkout(cart, {}, wait_long, "once");
  BOOST_REQUIRE_EQUAL(first.status, 201);
  const auto order = "/admin/v1/orders/" + text_at(first.json(), "/order_id");
  const auto paid = client.get(order + "?expand=payments", root).json();
  const auto refund =
      client.post("/admin/v1/payments/" + text_at(paid, "/payments/0/payment_id") + "/refunds",
                  R"({"line_items":[{"order_item_id":")" + text_at(paid, "/items/0/order_item_id") +
                      R"(","quantity":1}],"reason":"damaged"})",
                  keyed(root, "refund"));
  BOOST_REQUIRE_MESSAGE(refund.status == 201, refund.body);
  BOOST_TEST(client.patch(order, R"({"metadata":{"crm":"7"}})", root).status == 200);
  BOOST_TEST(client.post(order + "/ship", "{}", root).status == 200);
  BOOST_TEST(eventually([&] {
    return number_at(client.get(order, root).json(), "/items/0/refunded_quantity") == 1;
  }));
  const auto again = checkout(cart, {}, wait_long, "once");
  BOOST_TEST(replayed(again));
  BOOST_TEST(again.body == first.body);
  BOOST_TEST(again.header("ETag") == first.header("ETag"));
}

BOOST_AUTO_TEST_SUITE_END()
