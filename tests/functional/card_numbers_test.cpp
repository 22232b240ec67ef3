// Card numbers sent to the running program: rejected in free text and never written to disk.

#include "tests/support/file_bytes.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one({.products = 10,
                         .stock = 1000,
                         .settings = {{"STOA_LOG_LEVEL", "debug"}, {"STOA_LOG_FORMAT", "json"}}});
  return one;
}

struct customer : visitor {
  customer() : visitor(shop().port()), mine(goods().at(0)) {}
  good mine;
};

std::string order_path(const http_answer& a) {
  return "/store/v1/orders/" + text_at(a.json(), "/order_id");
}

header_list token_of(const http_answer& a) {
  return bearer(text_at(a.json(), "/access_token"));
}

const header_list wait_long{{"Prefer", "wait=20"}};

/// Every file of the data directory, and the log.
std::string everything_written() {
  return bytes_below(shop().data()) + shop().log();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(card_numbers, customer)

BOOST_AUTO_TEST_CASE(card_numbers_are_refused_and_forgotten) {
  const auto cart = cart_with(mine.id, 1);
  const std::string number = "4242424242424242";
  const auto refused = [&](const http_answer& a, const std::string& pointer) {
    BOOST_TEST(a.status == 422);
    BOOST_TEST(a.code() == "card_number_rejected");
    BOOST_TEST(pointers_of(a) == pointer);
    BOOST_TEST(a.body.find("4242") == std::string::npos);
  };
  const std::string token = "/payment_method/token";
  refused(checkout(cart, {.token = number}), token);
  refused(checkout(cart, {.token = "tok_4242 4242 4242 4242"}), token);
  refused(checkout(cart, {.token = "4242.4242.4242.4242"}), token);
  refused(checkout(cart, {.token = R"(\u0664\u0662\uff14\uff12\u200b424242424242)"}), token);
  refused(checkout(cart, {.email = "4242_4242_4242_4242@example.com"}), "/email");
  refused(checkout(cart, {.more = R"(,"note":"4242-4242-4242-4242")"}), "/note");
  refused(checkout(cart, {.more = R"(,"note":"1 4242/4242/4242/4242")"}), "/note");
  refused(checkout(cart, {.more = R"(,"number":4242424242424242)"}), "/number");
  refused(checkout(cart, {.more = R"(,"number":4242424242424242.0)"}), "/number");
  refused(checkout(cart, {.more = R"(,"a/b":{"4242424242424242":true})"}), "/a~1b");
  refused(checkout(cart, {.more = R"(,"deep":[{"down":["4242424242424242"]}])"}), "/deep/0/down/0");
  BOOST_TEST(checkout(cart, {.token = "tok_4242424242424241"}, wait_long).status == 402);
  const auto all = everything_written();
  BOOST_TEST(all.size() > 10'000);
  for (const auto* form : {"4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242",
                           "4242.4242.4242.4242", "4242_4242_4242_4242", "4242/4242/4242/4242"}) {
    BOOST_TEST(all.find(form) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(card_numbers_are_refused_wherever_text_of_people_is_kept) {
  const auto refused = [&](const http_answer& a) {
    BOOST_TEST(a.status == 422);
    BOOST_TEST(a.code() == "card_number_rejected");
  };
  const std::string hidden = R"("5555 5555\u00a05555 4444")";
  const std::string home = R"({"address_line1":)" + hidden +
                           R"(,"city":"London","postal_code":"N1 9GU","country":"GB"})";
  refused(client.post("/store/v1/users",
                      R"({"username":"cora","email":"cora@example.com","password":"correct horse",)"
                      R"("first_name":"Cora","last_name":)" +
                          hidden + "}"));
  const auto me = sign_up("cora");
  refused(client.patch("/store/v1/users/me", R"({"first_name":)" + hidden + "}", me));
  refused(client.post("/store/v1/users/me/addresses", home, me));
  refused(
      client.put("/store/v1/users/me/addresses/01a20519-ac67-76ac-b55c-bb28ae4211e7", home, me));
  const auto bought = this->bought(mine.id);
  const std::string reason = R"({"reason":)" + hidden + "}";
  refused(client.post(order_path(bought) + "/cancel", reason, token_of(bought)));
  const auto staff = this->staff("carl");
  for (const auto* step : {"/ship", "/deliver", "/cancel"}) {
    refused(client.post("/admin/v1" + order_path(bought).substr(9) + step, reason, staff));
  }
  // A rejected field is not stored with the session.
  BOOST_TEST(client
                 .post("/store/v1/auth/login", R"({"login":"cora","password":"correct horse"})",
                       {{"User-Agent", "agent 5105105105105100"}})
                 .status == 200);
  BOOST_TEST(everything_written().find("5105105105105100") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(keys_and_request_ids_may_be_any_digits) {
  // The first passes Luhn's check; the second is what a card number looks like.
  for (const auto* id : {"1764256800004", "4012888888881881"}) {
    const auto cart = cart_with(mine.id, 1);
    const auto a = checkout(cart, {}, {{"X-Request-Id", id}, {"Prefer", "wait=20"}}, id);
    BOOST_TEST(a.status == 201, a.body);
    BOOST_TEST(a.header("X-Request-Id") == id);
  }
  const auto with_uuid = checkout(cart_with(mine.id, 1),
                                  {.email = "42424242-4242-4a42-8242-424242424242@example.com"});
  BOOST_TEST(with_uuid.code() != "card_number_rejected");
  BOOST_TEST(shop().log().find("1764256800004") != std::string::npos);
  BOOST_TEST(everything_written().find("4012888888881881") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
