// Promotions, shipping and taxes over HTTP: from staff who set them up to the order, and a hundred
// buyers who race for the last uses of a code.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one({.products = 20, .stock = 1000});
  return one;
}

struct merchant : visitor {
  merchant() : visitor(shop().port()) {}
  header_list who = staff(unique("staff"));

  http_answer make(const std::string& path, const std::string& body) {
    auto a = client.post("/admin/v1" + path, body, who);
    BOOST_REQUIRE_MESSAGE(a.status == 201, a.body);
    return a;
  }
  std::string promotion(const std::string& members) {
    return text_at(make("/promotions", R"({"name":"Sale",)" + members + "}").json(),
                   "/promotion_id");
  }
  void code(const std::string& promotion_id, const std::string& body) {
    make("/promotions/" + promotion_id + "/codes", body);
  }
  std::int64_t uses(const std::string& promotion_id) {
    return number_at(client.get("/admin/v1/promotions/" + promotion_id, who).json(), "/uses");
  }
  void disable(const std::string& promotion_id) {
    BOOST_REQUIRE(
        client.patch("/admin/v1/promotions/" + promotion_id, R"({"status":"Disabled"})", who)
            .status == 200);
  }
  http_answer enter(const std::string& cart, const std::string& code) {
    return client.post(cart + "/codes", R"({"code":")" + code + R"("})");
  }
};

const std::string tenth =
    R"("discount":{"type":"percentage","target":"order","basis_points":1000})";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(promotions, merchant)

BOOST_AUTO_TEST_CASE(a_code_reduces_the_cart_and_the_order) {
  const auto id = promotion(R"("trigger":"code",)" + tenth);
  code(id, R"({"code":"Summer10"})");
  const auto item = goods().at(0);
  const auto cart = cart_with(item.id, 2);
  BOOST_TEST(enter(cart, "nothing").status == 422);
  const auto reduced = enter(cart, "SUMMER10").json();
  const auto off = (2 * item.price * 1000 + 5000) / 10'000;
  BOOST_TEST(text_at(reduced, "/codes/0") == "Summer10");
  BOOST_TEST(number_at(reduced, "/total_amount/amount") == 2 * item.price - off);
  const auto bought = checkout(cart);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  const auto order = bought.json();
  BOOST_TEST(number_at(order, "/adjustment_total/amount") == -off);
  BOOST_TEST(text_at(order, "/price_parts/0/code") == "Summer10");
  BOOST_TEST(text_at(order, "/price_parts/0/promotion_id") == id);
  BOOST_TEST(number_at(order, "/price_parts/0/lines/0/amount") == -off);
  BOOST_TEST(uses(id) == 1);
  // The code has left the cart with the goods.
  BOOST_TEST(size_at(client.get(cart).json(), "/codes") == 0U);
}

BOOST_AUTO_TEST_CASE(a_declined_or_cancelled_order_returns_its_use) {
  const auto id = promotion(R"("trigger":"code","uses_max":1,)" + tenth);
  code(id, R"({"code":"ONLY-ONE"})");
  const auto cart = cart_with(goods().at(1).id, 1);
  enter(cart, "only-one");
  const auto declined = checkout(cart, {.token = "tok_chargeDeclined"});
  BOOST_TEST(declined.status == 402);
  // By an event, as the cancellation below.
  BOOST_TEST(eventually([&] { return uses(id) == 0; }));
  const auto bought = checkout(cart);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(uses(id) == 1);
  // Used up: another cart shows why, and is not sold at another price than displayed.
  const auto other = cart_with(goods().at(1).id, 1);
  const auto late = enter(other, "ONLY-ONE").json();
  BOOST_TEST(text_at(late, "/notices/0/code") == "code_not_applied");
  BOOST_TEST(text_at(late, "/notices/0/reason") == "used_up");
  const auto refused = checkout(other);
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(text_at(refused.json(), "/code") == "code_not_applied");
  BOOST_TEST(pointers_of(refused) == "/codes/0");
  BOOST_TEST(client.del(other + "/codes/ONLY-ONE").status == 200);
  BOOST_TEST(client.del(other + "/codes/ONLY-ONE").status == 404);
  const auto order = text_at(bought.json(), "/order_id");
  BOOST_REQUIRE(client.post("/admin/v1/orders/" + order + "/cancel", "{}", who).status == 200);
  BOOST_TEST(eventually([&] { return uses(id) == 0; }));
}

BOOST_AUTO_TEST_CASE(the_last_uses_go_to_as_many_of_a_hundred_buyers) {
  constexpr int uses_max = 7;
  constexpr int buyers = 100;
  const auto id = promotion(R"("trigger":"code","uses_max":7,)" + tenth);
  code(id, R"({"code":"RACE"})");
  const auto item = goods().at(2);
  std::atomic<int> reduced = 0;
  std::atomic<int> unavailable = 0;
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  threads.reserve(buyers);
  std::atomic<int> ready = 0;
  for (int i = 0; i < buyers; ++i) {
    threads.emplace_back([&, i] {
      visitor v(shop().port());
      const auto cart = v.cart_with(item.id, 1);
      v.client.post(cart + "/codes", R"({"code":"race"})");
      ++ready;
      while (ready < buyers) std::this_thread::sleep_for(std::chrono::milliseconds{1});
      const auto a = v.checkout(cart, {.email = "buyer" + std::to_string(i) + "@example.com"});
      if (a.status == 201) {
        ++reduced;
      } else if (a.status == 409) {
        const auto why = text_at(a.json(), "/code");
        ++(why == "promotion_unavailable" || why == "code_not_applied" ? unavailable : others);
      } else {
        ++others;
      }
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(reduced == uses_max);
  BOOST_TEST(unavailable == buyers - uses_max);
  BOOST_TEST(others == 0);
  BOOST_TEST(uses(id) == uses_max);
  const auto left = product(item.id).stock;
  BOOST_TEST(left == item.stock - uses_max);
}

BOOST_AUTO_TEST_CASE(single_use_codes_are_made_in_bulk) {
  const auto id = promotion(R"("trigger":"code",)" + tenth);
  const auto made =
      make("/promotions/" + id + "/codes", R"({"count":250,"prefix":"VIP-","uses_max":1})");
  BOOST_TEST(size_at(made.json(), "/data") == 250U);
  const auto one = text_at(made.json(), "/data/17/code");
  BOOST_TEST(one.starts_with("VIP-"));
  const auto cart = cart_with(goods().at(3).id, 1);
  enter(cart, one);
  BOOST_TEST(checkout(cart).status == 201);
  const auto again = cart_with(goods().at(3).id, 1);
  BOOST_TEST(text_at(enter(again, one).json(), "/notices/0/reason") == "used_up");
  const auto both =
      client.post("/admin/v1/promotions/" + id + "/codes", R"({"count":1,"code":"A"})", who);
  BOOST_TEST(both.status == 422);
}

BOOST_AUTO_TEST_CASE(a_promotion_for_first_orders_and_groups) {
  const auto first = promotion(R"("conditions":{"first_order":true},)" + tenth);
  const auto name = unique("ann");
  const auto ann = sign_up(name);
  const auto item = goods().at(4);
  auto cart = cart_with(item.id, 1, ann);
  BOOST_TEST(number_at(client.get(cart, ann).json(), "/adjustment_total/amount") < 0);
  BOOST_REQUIRE(checkout(cart, {.email = ""}, ann).status == 201);
  cart = cart_with(item.id, 1, ann);
  BOOST_TEST(number_at(client.get(cart, ann).json(), "/adjustment_total/amount") == 0);
  disable(first);
  const auto vip = promotion(R"("conditions":{"customer_groups":["vip"]},)" + tenth);
  BOOST_TEST(number_at(client.get(cart, ann).json(), "/adjustment_total/amount") == 0);
  const auto me = text_at(client.get("/store/v1/users/me", ann).json(), "/user_id");
  const auto grouped = client.patch("/admin/v1/users/" + me, R"({"groups":["vip","press"]})", who);
  BOOST_REQUIRE_MESSAGE(grouped.status == 200, grouped.body);
  BOOST_TEST(text_at(grouped.json(), "/groups/1") == "press");
  BOOST_TEST(!has(client.get("/store/v1/users/me", ann).json(), "/groups"));
  BOOST_TEST(number_at(client.get(cart, ann).json(), "/adjustment_total/amount") < 0);
  disable(vip);
}

BOOST_AUTO_TEST_CASE(shipping_and_taxes_are_part_of_the_order) {
  const auto zone = make("/shipping-zones", R"({"name":"UK","areas":[{"country":"GB"}],"methods":[
      {"name":"Post","rates":[{"amount":{"amount":450,"currency":"EUR"},"free_from":99999999}],
       "days_min":2,"days_max":4},
      {"name":"Shop","kind":"pickup","rates":[{"amount":{"amount":0,"currency":"EUR"}}]}]})");
  const auto rate = make("/tax-rates", R"({"name":"VAT 20 %","area":{"country":"GB"},
      "parts_per_million":200000})");
  const auto item = goods().at(5);
  const auto cart = cart_with(item.id, 1);
  const std::string address =
      R"("shipping_address":{"first_name":"Ada","address_line1":"1 Main Street","city":"London",)"
      R"("postal_code":"N1 9GU","country":"GB"})";
  const auto options = client.post(cart + "/shipping-options", "{" + address + "}");
  BOOST_REQUIRE_MESSAGE(options.status == 200, options.body);
  BOOST_TEST(size_at(options.json(), "/data") == 2U);
  BOOST_TEST(text_at(options.json(), "/data/1/kind") == "pickup");
  const auto post = text_at(options.json(), "/data/0/shipping_method_id");
  const auto chosen = R"(,"shipping_method_id":")" + post + R"(")";
  const auto quote = client.post(cart + "/quote", "{" + address + chosen + "}").json();
  const auto tax = (item.price * 20 + 50) / 100 + 90;
  BOOST_TEST(number_at(quote, "/shipping_total/amount") == 450);
  BOOST_TEST(number_at(quote, "/tax_total/amount") == tax);
  BOOST_TEST(number_at(quote, "/total_amount/amount") == item.price + 450 + tax);
  const auto missing = checkout(cart);
  BOOST_TEST(missing.status == 422);
  BOOST_TEST(text_at(missing.json(), "/code") == "shipping_method_required");
  const auto bought = checkout(cart, {.more = chosen});
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  const auto order = bought.json();
  BOOST_TEST(number_at(order, "/total_amount/amount") == item.price + 450 + tax);
  BOOST_TEST(text_at(order, "/shipping_method/name") == "Post");
  // The rest of the shop sells without zones and taxes.
  const auto zone_id = text_at(zone.json(), "/shipping_zone_id");
  BOOST_TEST(client.del("/admin/v1/shipping-zones/" + zone_id, who).status == 204);
  const auto rate_id = text_at(rate.json(), "/tax_rate_id");
  BOOST_TEST(client.del("/admin/v1/tax-rates/" + rate_id, who).status == 204);
  BOOST_TEST(checkout(cart_with(item.id, 1)).status == 201);
}

BOOST_AUTO_TEST_CASE(gift_cards_and_store_credit_pay_orders) {
  const auto item = goods().at(7);
  const auto euros = [](std::int64_t amount) {
    return R"({"amount":)" + std::to_string(amount) + R"(,"currency":"EUR"})";
  };
  const auto keyed = [&] { return with(who, "Idempotency-Key", unique("card")); };
  const auto issue = [&](std::int64_t amount) {
    const auto a =
        client.post("/admin/v1/gift-cards", R"({"amount":)" + euros(amount) + "}", keyed());
    BOOST_REQUIRE_MESSAGE(a.status == 201, a.body);
    return std::pair(text_at(a.json(), "/code"), text_at(a.json(), "/account/credit_account_id"));
  };
  const auto balance_of = [&](const std::string& id) {
    return number_at(client.get("/admin/v1/credit-accounts/" + id, who).json(), "/balance/amount");
  };
  const auto [code, id] = issue(item.price + 100);
  // The repeat of a request issues no second card, and shows the same code.
  const auto again = with(who, "Idempotency-Key", "one-card");
  const auto body = R"({"amount":)" + euros(500) + "}";
  BOOST_TEST(text_at(client.post("/admin/v1/gift-cards", body, again).json(), "/code") ==
             text_at(client.post("/admin/v1/gift-cards", body, again).json(), "/code"));
  const auto wish = R"(,"gift_cards":[")" + code + R"("])";
  const auto cart = cart_with(item.id, 2);
  const auto quote = client.post(cart + "/quote", "{" + wish.substr(1) + "}").json();
  BOOST_TEST(number_at(quote, "/amount_due/amount") == item.price - 100);
  const auto declined = checkout(cart, {.token = "tok_chargeDeclined", .more = wish});
  BOOST_TEST(declined.status == 402);
  BOOST_TEST(balance_of(id) == item.price + 100);
  const auto bought = checkout(cart, {.more = wish});
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(number_at(bought.json(), "/amount_due/amount") == item.price - 100);
  BOOST_TEST(text_at(bought.json(), "/credits/0/hint") == code.substr(code.size() - 4));
  BOOST_TEST(balance_of(id) == 0);
  const auto order = text_at(bought.json(), "/order_id");
  const auto shown = client.get("/store/v1/orders/" + order + "/payments",
                                bearer(text_at(bought.json(), "/access_token")));
  BOOST_TEST(number_at(shown.json(), "/data/0/amount/amount") == item.price - 100);
  const auto empty = checkout(cart_with(item.id, 1), {.more = wish});
  BOOST_TEST(text_at(empty.json(), "/code") == "gift_card_unusable");
  BOOST_TEST(pointers_of(empty) == "/gift_cards/0");
  const auto unknown = checkout(cart_with(item.id, 1), {.more = R"(,"gift_cards":["0000-0000"])"});
  BOOST_TEST(text_at(unknown.json(), "/code") == "gift_card_unknown");
  // A refund goes to the payment first, and what it has not paid returns to the card.
  const auto refund =
      client.post("/admin/v1/payments/" + text_at(shown.json(), "/data/0/payment_id") + "/refunds",
                  R"({"amount":)" + euros(item.price) + R"(,"reason":"damaged"})", keyed());
  BOOST_REQUIRE_MESSAGE(refund.status == 201, refund.body);
  BOOST_TEST(number_at(refund.json(), "/credits/0/amount/amount") == 100);
  BOOST_TEST(eventually([&] { return balance_of(id) == 100; }));
  BOOST_REQUIRE(client.post("/admin/v1/orders/" + order + "/cancel", "{}", who).status == 200);
  BOOST_TEST(eventually([&] { return balance_of(id) == item.price + 100; }));
  const auto asked = client.post("/store/v1/gift-cards/balance", R"({"code":")" + code + R"("})");
  BOOST_TEST(number_at(asked.json(), "/balance/amount") == item.price + 100);

  // Store credit pays the whole order: no payment method.
  const auto name = unique("bob");
  const auto bob = sign_up(name);
  const auto me = text_at(client.get("/store/v1/users/me", bob).json(), "/user_id");
  const auto granted =
      client.post("/admin/v1/users/" + me + "/store-credit",
                  R"({"amount":)" + euros(item.price) + R"(,"note":"sorry"})", keyed());
  BOOST_REQUIRE_MESSAGE(granted.status == 201, granted.body);
  BOOST_TEST(number_at(client.get("/store/v1/users/me/store-credit", bob).json(),
                       "/data/0/balance/amount") == item.price);
  const auto pay = [&](int quantity) {
    return client.post(
        cart_with(item.id, quantity, bob) + "/checkout",
        R"({"shipping_address":{"first_name":"B","address_line1":"1 Main Street","city":"London",)"
        R"("postal_code":"N1 9GU","country":"GB"},"use_store_credit":true})",
        with(bob, "Idempotency-Key", unique("credit")));
  };
  BOOST_TEST(text_at(pay(2).json(), "/code") == "payment_method_required");
  const auto paid = pay(1);
  BOOST_REQUIRE_MESSAGE(paid.status == 201, paid.body);
  BOOST_TEST(number_at(paid.json(), "/amount_due/amount") == 0);
}

BOOST_AUTO_TEST_CASE(a_gift_card_is_spent_once_by_concurrent_orders) {
  constexpr int buyers = 20;
  const auto item = goods().at(8);
  const auto made = client.post(
      "/admin/v1/gift-cards",
      R"({"amount":{"amount":)" + std::to_string(3 * item.price) + R"(,"currency":"EUR"}})",
      with(who, "Idempotency-Key", unique("race")));
  const auto code = text_at(made.json(), "/code");
  std::atomic<std::int64_t> credit = 0;
  std::atomic<int> bought = 0;
  std::atomic<int> ready = 0;
  std::vector<std::thread> threads;
  threads.reserve(buyers);
  for (int i = 0; i < buyers; ++i) {
    threads.emplace_back([&] {
      visitor v(shop().port());
      const auto cart = v.cart_with(item.id, 1);
      ++ready;
      while (ready < buyers) std::this_thread::sleep_for(std::chrono::milliseconds{1});
      const auto a = v.checkout(cart, {.more = R"(,"gift_cards":[")" + code + R"("])"});
      if (a.status != 201) return;
      ++bought;
      credit += number_at(a.json(), "/credits/0/amount/amount");
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(bought == 3);
  BOOST_TEST(credit == 3 * item.price);
  const auto left = client.post("/store/v1/gift-cards/balance", R"({"code":")" + code + R"("})");
  BOOST_TEST(number_at(left.json(), "/balance/amount") == 0);
}

BOOST_AUTO_TEST_CASE(an_order_of_nothing_needs_no_payment_at_the_gateway) {
  const auto id = promotion(
      R"("trigger":"code","discount":{"type":"percentage","target":"order","basis_points":10000})");
  code(id, R"({"code":"GIFT"})");
  const auto cart = cart_with(goods().at(6).id, 1);
  BOOST_TEST(number_at(enter(cart, "gift").json(), "/total_amount/amount") == 0);
  const auto bought = checkout(cart);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(number_at(bought.json(), "/total_amount/amount") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
