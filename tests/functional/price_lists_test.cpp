// Sale prices, prices of groups and prices in other currencies, over HTTP: from staff who set them
// to product pages, carts, orders, refunds and emails.

#include "net/mail/mbox.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;

namespace {

storefront& shop() {
  static storefront one({.products = 30, .stock = 1000});
  return one;
}

std::string rfc3339(std::chrono::system_clock::time_point t) {
  return timestamp{std::chrono::duration_cast<microseconds>(t.time_since_epoch()).count()}.str();
}

struct merchant : visitor {
  merchant() : visitor(shop().port()) {}
  header_list who = staff(unique("staff"));
  std::vector<std::string> lists;

  ~merchant() {
    for (const auto& path : lists) client.del(path, who);
  }
  merchant(const merchant&) = delete;
  merchant& operator=(const merchant&) = delete;

  /// The path of a new list.
  std::string list(const std::string& currency, const std::string& more = "") {
    const auto made =
        client.post("/admin/v1/price-lists",
                    R"({"name":"List","currency":")" + currency + "\"" + more + "}", who);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    lists.push_back(made.header("Location"));
    return lists.back();
  }
  static std::string price(const std::string& product, std::int64_t amount,
                           const std::string& currency, const std::string& more = "") {
    return R"({"product_id":")" + product + R"(","price":{"amount":)" + std::to_string(amount) +
           R"(,"currency":")" + currency + "\"}" + more + "}";
  }
  http_answer set(const std::string& list, const std::string& prices) {
    return client.post(list + "/prices", R"({"set":[)" + prices + "]}", who);
  }
  void must_set(const std::string& list, const std::string& prices) {
    const auto done = set(list, prices);
    BOOST_REQUIRE_MESSAGE(done.status == 200, done.body);
  }
  http_answer look(const std::string& product, const std::string& query = "",
                   const header_list& as = {}) {
    return client.get("/store/v1/products/" + product + query, as);
  }
  std::int64_t shown(const std::string& product, const std::string& query = "",
                     const header_list& as = {}) {
    return number_at(look(product, query, as).json(), "/price/amount");
  }
  std::string cart_in(const std::string& currency) {
    const auto made = client.post("/store/v1/carts", R"({"currency":")" + currency + "\"}",
                                  with(client_secret(), "Idempotency-Key", unique("cart")));
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    return made.header("Location");
  }
  /// A customer in the group.
  header_list member(const std::string& group) {
    const auto customer = sign_up(unique("member"));
    const auto me = text_at(client.get("/store/v1/users/me", customer).json(), "/user_id");
    const auto joined =
        client.patch("/admin/v1/users/" + me, R"({"groups":[")" + group + "\"]}", who);
    BOOST_REQUIRE_MESSAGE(joined.status == 200, joined.body);
    return customer;
  }
};

/// The elements, separated by commas.
std::string series(int count, const std::function<std::string(int)>& element) {
  std::string all;
  for (int i = 0; i < count; ++i) all += (i == 0 ? "" : ",") + element(i);
  return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(price_lists, merchant)

BOOST_AUTO_TEST_CASE(staff_maintain_lists_and_their_prices) {
  const auto a = goods().at(0);
  const auto b = goods().at(1);
  const auto path = list("EUR", R"(,"kind":"sale","priority":3)");
  BOOST_TEST(text_at(client.get(path, who).json(), "/kind") == "sale");
  must_set(path, price(a.id, 1, "EUR") + "," + price(b.id, 2, "EUR"));
  const auto page = client.get(path + "/prices?limit=1", who).json();
  BOOST_TEST(size_at(page, "/data") == 1U);
  const auto next =
      client.get(path + "/prices?limit=1&cursor=" + text_at(page, "/next_cursor"), who).json();
  BOOST_TEST(size_at(next, "/data") == 1U);
  BOOST_TEST(text_at(page, "/data/0/product_id") < text_at(next, "/data/0/product_id"));
  const auto of_product = client.get("/admin/v1/products/" + a.id + "/prices", who).json();
  BOOST_TEST(number_at(of_product, "/data/0/price/amount") == 1);

  const auto unknown = std::string("0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90");
  const auto refused = set(
      path, price(a.id, 1, "EUR") + "," + price(unknown, 1, "EUR") + "," + price(b.id, 1, "JPY"));
  BOOST_TEST(refused.status == 422);
  BOOST_TEST(pointers_of(refused) == "/set/1/product_id");
  const auto foreign = set(path, price(b.id, 1, "JPY"));
  BOOST_TEST(pointers_of(foreign) == "/set/0/price/currency");
  const auto descending =
      set(path, price(a.id, 9, "EUR",
                      R"(,"tiers":[{"min_quantity":5,"price":{"amount":8,"currency":"EUR"}},)"
                      R"({"min_quantity":5,"price":{"amount":7,"currency":"EUR"}}])"));
  BOOST_TEST(pointers_of(descending) == "/set/0/tiers/1/min_quantity");
  const auto removed = client.post(path + "/prices", R"({"remove":[")" + a.id + "\"]}", who).json();
  BOOST_TEST(number_at(removed, "/deleted") == 1);
  BOOST_TEST(number_at(removed, "/entries") == 1);
  BOOST_TEST(shown(a.id) == a.price);
  const auto customer = sign_up(unique("customer"));
  BOOST_TEST(client.get(path, customer).status == 403);
}

BOOST_AUTO_TEST_CASE(a_sale_is_shown_charged_and_over_when_it_is_deleted) {
  const auto item = goods().at(2);
  BOOST_TEST(shown(item.id) == item.price);
  const auto path = list("EUR", R"(,"kind":"sale")");
  must_set(path, price(item.id, item.price - 1, "EUR"));
  const auto page = look(item.id).json();
  BOOST_TEST(number_at(page, "/price/amount") == item.price - 1);
  BOOST_TEST(number_at(page, "/compare_at_price/amount") == item.price);
  const auto found = client.get("/store/v1/products?ids=" + item.id).json();
  BOOST_TEST(number_at(found, "/data/0/price/amount") == item.price - 1);
  // Staff see the product's own price.
  BOOST_TEST(number_at(client.get("/admin/v1/products/" + item.id, who).json(), "/price/amount") ==
             item.price);
  const auto cart = cart_with(item.id, 2);
  const auto shown_cart = client.get(cart).json();
  BOOST_TEST(number_at(shown_cart, "/total_amount/amount") == 2 * (item.price - 1));
  BOOST_TEST(size_at(shown_cart, "/notices") == 0U);
  BOOST_TEST(number_at(client.get(cart + "?expand=items.product").json(),
                       "/items/0/product/price/amount") == item.price - 1);
  const auto bought = checkout(cart);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(number_at(bought.json(), "/total_amount/amount") == 2 * (item.price - 1));

  // The sale ends between cart and checkout: the cart shows it, and nothing else is charged.
  const auto late = cart_with(item.id, 1);
  BOOST_REQUIRE(client.del(path, who).status == 204);
  BOOST_TEST(shown(item.id) == item.price);
  BOOST_TEST(text_at(client.get(late).json(), "/notices/0/code") == "price_changed");
  const auto refused =
      checkout(late, {.more = R"(,"expected_total":{"amount":)" + std::to_string(item.price - 1) +
                              R"(,"currency":"EUR"})"});
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(refused.code() == "total_changed");
}

BOOST_AUTO_TEST_CASE(a_cart_in_another_currency_has_its_prices_from_lists) {
  const auto item = goods().at(3);
  const auto other = goods().at(4);
  BOOST_TEST(client.post("/store/v1/carts", R"({"currency":"KWD"})").code() ==
             "currency_not_offered");
  BOOST_TEST(look(item.id, "?currency=KWD").status == 400);
  const auto path = list("KWD");
  must_set(path, price(item.id, 12'345, "KWD"));  // 12.345 KWD
  BOOST_TEST(shown(item.id, "?currency=KWD") == 12'345);
  BOOST_TEST(text_at(look(other.id, "?currency=KWD").json(), "/price/currency") == "EUR");
  BOOST_TEST(look(other.id, "?currency=KWD").body.find("\"available\":false") != std::string::npos);
  BOOST_TEST(shown(item.id) == item.price);

  const auto cart = cart_in("KWD");
  const auto refused = add(cart, other.id, 1);
  BOOST_TEST(refused.status == 422);
  BOOST_TEST(refused.code() == "product_not_priced");
  BOOST_REQUIRE(add(cart, item.id, 3).status == 201);
  auto shown_cart = client.get(cart).json();
  BOOST_TEST(text_at(shown_cart, "/currency") == "KWD");
  BOOST_TEST(number_at(shown_cart, "/total_amount/amount") == 37'035);

  // A code with amounts in euros says why it is not applied.
  const auto promotion =
      client.post("/admin/v1/promotions",
                  R"({"name":"Off","trigger":"code","discount":{"type":"fixed_amount",)"
                  R"("target":"order","amounts":[{"amount":100,"currency":"EUR"}]}})",
                  who);
  BOOST_REQUIRE_MESSAGE(promotion.status == 201, promotion.body);
  const auto codes = promotion.header("Location") + "/codes";
  BOOST_REQUIRE(client.post(codes, R"({"code":"EUROS"})", who).status == 201);
  BOOST_REQUIRE(client.post(cart + "/codes", R"({"code":"euros"})").status == 200);
  shown_cart = client.get(cart).json();
  BOOST_TEST(text_at(shown_cart, "/notices/0/reason") == "not_in_currency");
  BOOST_REQUIRE(client.del(cart + "/codes/EUROS").status == 200);
  // A gift card pays in its currency only.
  const auto card = create_gift_cards(shop().port(), 1, 5000).at(0);
  const auto unpaid = checkout(cart, {.more = R"(,"gift_cards":[")" + card + "\"]"});
  BOOST_TEST(unpaid.code() == "gift_card_unusable");

  const auto bought = checkout(cart, {.email = "kuwait@example.com"});
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  const auto order = bought.json();
  BOOST_TEST(text_at(order, "/total_amount/currency") == "KWD");
  BOOST_TEST(number_at(order, "/total_amount/amount") == 37'035);
  const auto id = text_at(order, "/order_id");
  const auto admin = "/admin/v1/orders/" + id + "?expand=payments";
  auto payment = client.get(admin, who).json();
  BOOST_TEST(text_at(payment, "/payments/0/amount/currency") == "KWD");
  const auto pay = "/admin/v1/payments/" + text_at(payment, "/payments/0/payment_id");
  const auto refund =
      client.post(pay + "/refunds", R"({"amount":{"amount":345,"currency":"KWD"},"reason":"late"})",
                  with(who, "Idempotency-Key", unique("refund")));
  BOOST_TEST(refund.status / 100 == 2, refund.body);
  BOOST_TEST(eventually([&] {
    payment = client.get(admin, who).json();
    return has(payment, "/payments/0/refunded_amount/amount") &&
           number_at(payment, "/payments/0/refunded_amount/amount") == 345;
  }));
  // Three digits after the decimal point, in the emails too.
  BOOST_TEST(eventually([&] {
    const auto mails = mail::read_mbox(shop().data() / "mail");
    return std::ranges::any_of(mails, [](const auto& m) {
      return m.content.to == "kuwait@example.com" &&
             m.content.text.find("37.035") != std::string::npos;
    });
  }));
}

BOOST_AUTO_TEST_CASE(prices_of_a_group_are_shown_to_no_one_else) {
  const auto item = goods().at(5);
  const auto wholesale = member("wholesale");
  const auto customer = sign_up(unique("customer"));
  must_set(list("EUR", R"(,"customer_groups":["wholesale"])"), price(item.id, 77, "EUR"));
  for (int round = 0; round < 5; ++round) {
    const auto private_answer = look(item.id, "", wholesale);
    BOOST_TEST(number_at(private_answer.json(), "/price/amount") == 77);
    BOOST_TEST(private_answer.header("Cache-Control") == "private, no-store");
    BOOST_TEST(shown(item.id) == item.price);
    BOOST_TEST(shown(item.id, "", customer) == item.price);
    BOOST_TEST(shown(item.id, "", bearer("expired")) == item.price);
    const auto path = "/store/v1/products?ids=" + item.id;
    BOOST_TEST(number_at(client.get(path, wholesale).json(), "/data/0/price/amount") == 77);
    BOOST_TEST(number_at(client.get(path).json(), "/data/0/price/amount") == item.price);
    BOOST_TEST(client.get(path).header("Cache-Control") == "no-cache");
  }
  const auto cart = cart_with(item.id, 1, wholesale);
  BOOST_TEST(number_at(client.get(cart, wholesale).json(), "/total_amount/amount") == 77);
  const auto bought = checkout(cart, {.email = ""}, wholesale);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(number_at(bought.json(), "/total_amount/amount") == 77);
  // What it costs now, for who asks: as on its page. Staff see its own price.
  const auto order = text_at(bought.json(), "/order_id") + "?expand=items.product";
  const std::string price_now = "/items/0/product/price/amount";
  BOOST_TEST(number_at(client.get("/store/v1/orders/" + order, wholesale).json(), price_now) == 77);
  BOOST_TEST(number_at(client.get("/admin/v1/orders/" + order, who).json(), price_now) ==
             item.price);
  const auto guest = cart_with(item.id, 1);
  BOOST_TEST(number_at(client.get(guest).json(), "/total_amount/amount") == item.price);
}

BOOST_AUTO_TEST_CASE(a_scheduled_sale_begins_and_ends_at_its_times) {
  const auto item = goods().at(6);
  const auto now = std::chrono::system_clock::now();
  const auto begin = now + milliseconds{3000};
  const auto end = begin + milliseconds{2000};
  must_set(list("EUR", R"(,"kind":"sale","valid_from":")" + rfc3339(begin) +
                           R"(","valid_until":")" + rfc3339(end) + "\""),
           price(item.id, item.price - 1, "EUR"));
  int during = 0;
  int outdated = 0;
  // Answers that the node keeps must not outlive the price that they show.
  while (std::chrono::system_clock::now() < end + milliseconds{1500}) {
    const auto before = std::chrono::system_clock::now();
    const bool is_sale = shown(item.id) != item.price;
    const auto after = std::chrono::system_clock::now();
    during += is_sale ? 1 : 0;
    outdated += is_sale ? (after < begin || before >= end) : (before >= begin && after < end);
    std::this_thread::sleep_for(milliseconds{5});
  }
  BOOST_TEST(during > 10);
  BOOST_TEST(outdated == 0);
}

BOOST_AUTO_TEST_CASE(more_units_cost_less_by_tiers) {
  const auto item = goods().at(7);
  must_set(list("EUR"), price(item.id, 100, "EUR",
                              R"(,"tiers":[{"min_quantity":10,"price":{"amount":90,)"
                              R"("currency":"EUR"}}])"));
  const auto cart = cart_with(item.id, 9);
  BOOST_TEST(number_at(client.get(cart).json(), "/total_amount/amount") == 900);
  const auto line = text_at(client.get(cart).json(), "/items/0/cart_item_id");
  const auto more = client.patch(cart + "/items/" + line, R"({"quantity":10})").json();
  BOOST_TEST(number_at(more, "/total_amount/amount") == 900);
  BOOST_TEST(size_at(more, "/notices") == 0U);  // A price for another quantity is no news.
  const auto bought = checkout(cart);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(number_at(bought.json(), "/items/0/price_at_purchase/amount") == 90);
}

BOOST_AUTO_TEST_CASE(a_line_reports_changes_of_the_price_that_it_was_added_at) {
  const auto item = goods().at(8);
  const auto tier = [](int from, int amount) {
    return R"(,"tiers":[{"min_quantity":)" + std::to_string(from) + R"(,"price":{"amount":)" +
           std::to_string(amount) + R"(,"currency":"EUR"}}])";
  };
  const auto path = list("EUR");
  must_set(path, price(item.id, 100, "EUR", tier(10, 90)));
  const auto many = cart_with(item.id, 10);
  const auto few = cart_with(item.id, 1);
  const auto few_line = text_at(client.get(few).json(), "/items/0/cart_item_id");
  BOOST_TEST(size_at(client.get(many).json(), "/notices") == 0U);
  // Ten units now cost as much a unit as one did: the cart with ten has become dearer, that with
  // one has not.
  must_set(path, price(item.id, 100, "EUR", tier(20, 90)));
  const auto dearer = client.get(many).json();
  BOOST_TEST(text_at(dearer, "/notices/0/code") == "price_changed");
  BOOST_TEST(text_at(dearer, "/notices/0/detail").find("1.00") != std::string::npos);
  BOOST_TEST(number_at(dearer, "/items/0/price_when_added/amount") == 90);
  BOOST_TEST(size_at(client.get(few).json(), "/notices") == 0U);
  // The price of more units is in another list: for one unit nothing has changed.
  const auto other = list("EUR", R"(,"kind":"sale")");
  must_set(other, price(item.id, 100, "EUR", tier(10, 80)));
  const auto more = client.patch(few + "/items/" + few_line, R"({"quantity":10})").json();
  BOOST_TEST(number_at(more, "/items/0/price/amount") == 80);
  BOOST_TEST(size_at(more, "/notices") == 0U);
  must_set(other, price(item.id, 99, "EUR", tier(10, 80)));
  const auto cheaper = client.get(few).json();
  BOOST_TEST(text_at(cheaper, "/notices/0/code") == "price_changed");
  BOOST_TEST(number_at(cheaper, "/items/0/price/amount") == 80);
}

BOOST_AUTO_TEST_CASE(the_price_of_a_group_is_shown_only_to_who_added_at_it) {
  const auto item = goods().at(9);
  const auto wholesale = member("resellers");
  const auto path = list("EUR", R"(,"customer_groups":["resellers"])");
  must_set(path, price(item.id, 7, "EUR"));
  // A guest's cart, which everyone who has its id can use.
  const auto cart = client.post("/store/v1/carts", "").header("Location");
  BOOST_REQUIRE(add(cart, item.id, 1, wholesale).status == 201);
  const auto added_at = [&](const header_list& as) {
    return number_at(client.get(cart, as).json(), "/items/0/price_when_added/amount");
  };
  BOOST_TEST(added_at(wholesale) == 7);
  BOOST_TEST(added_at({}) == item.price);
  BOOST_TEST(size_at(client.get(cart).json(), "/notices") == 0U);
  BOOST_TEST(added_at(sign_up(unique("customer"))) == item.price);
  must_set(path, price(item.id, 6, "EUR"));
  BOOST_TEST(text_at(client.get(cart, wholesale).json(), "/notices/0/code") == "price_changed");
  BOOST_TEST(size_at(client.get(cart).json(), "/notices") == 0U);
  // Added by a guest: a member pays less, and nothing has changed.
  const auto plain = cart_with(item.id, 1);
  const auto shown_cart = client.get(plain, wholesale).json();
  BOOST_TEST(number_at(shown_cart, "/items/0/price/amount") == 6);
  BOOST_TEST(size_at(shown_cart, "/notices") == 0U);
  BOOST_TEST(client.del(path, who).status == 204);
  lists.pop_back();
  BOOST_TEST(added_at({}) == item.price);
  BOOST_TEST(added_at(wholesale) == 7);
  BOOST_TEST(size_at(client.get(cart).json(), "/notices") == 0U);
}

BOOST_AUTO_TEST_CASE(a_product_with_variants_has_the_price_of_the_cheapest) {
  const auto made = client.post(
      "/admin/v1/products",
      R"({"name":"Shirt","price":{"amount":500,"currency":"EUR"},"status":"Active"})", who);
  const auto parent = text_at(made.json(), "/product_id");
  std::vector<std::string> variants;
  for (const auto* size : {"S", "M"}) {
    const auto v = client.post("/admin/v1/products",
                               R"({"parent_product_id":")" + parent +
                                   R"(","on_hand":5,"options":[{"name":"Size",)"
                                   R"("value":")" +
                                   size + R"("}]})",
                               who);
    BOOST_REQUIRE_MESSAGE(v.status == 201, v.body);
    variants.push_back(text_at(v.json(), "/product_id"));
  }
  const auto path = list("EUR", R"(,"kind":"sale")");
  BOOST_TEST(set(path, price(parent, 1, "EUR")).status == 422);
  must_set(path, price(variants[1], 450, "EUR"));
  const auto page = look(parent).json();
  BOOST_TEST(number_at(page, "/price/amount") == 450);
  BOOST_TEST(number_at(page, "/compare_at_price/amount") == 500);
  const auto foreign = list("JPY");
  must_set(foreign, price(variants[0], 70'000, "JPY"));
  const auto in_yen = look(parent, "?currency=JPY").json();
  BOOST_TEST(number_at(in_yen, "/price/amount") == 70'000);
  BOOST_TEST(look(parent, "?currency=JPY").body.find("\"available\":true") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_longest_lists_of_staff_are_accepted) {
  const auto put = [&](const std::string& path, const std::string& body) {
    auto headers = who;
    if (const auto tag = client.get(path, who).header("ETag"); !tag.empty()) {
      headers.emplace_back("If-Match", tag);
    }
    return client.put(path, body, headers);
  };
  const auto synonyms = series(500, [](int g) {
    return "[" +
           series(20,
                  [g](int p) {
                    return "\"group" + std::to_string(g) + " phrase" + std::to_string(p) + "\"";
                  }) +
           "]";
  });
  const auto groups = put("/admin/v1/search/synonyms", R"({"groups":[)" + synonyms + "]}");
  BOOST_TEST(groups.status == 200, groups.body.substr(0, 500));
  BOOST_TEST(put("/admin/v1/search/synonyms", R"({"groups":[]})").status == 200);
  const auto labels =
      put("/admin/v1/label-translations/de", R"({"labels":[)" + series(5000, [](int i) {
                                               const auto n = std::to_string(i);
                                               return R"({"facet":"tag","value":"v)" + n +
                                                      R"(","label":"l)" + n + "\"}";
                                             }) + "]}");
  BOOST_TEST(labels.status == 200, labels.body.substr(0, 500));
  const auto list = client.post("/admin/v1/price-lists", R"({"name":"L","currency":"EUR"})", who);
  BOOST_TEST_REQUIRE(list.status == 201, list.body);
  const std::string price = R"("price":{"amount":1,"currency":"EUR"}})";
  const auto tiers = series(
      20, [&](int t) { return R"({"min_quantity":)" + std::to_string(t + 2) + "," + price; });
  const auto prices = client.post(list.header("Location") + "/prices",
                                  R"({"set":[)" +
                                      series(500,
                                             [&](int i) {
                                               return R"({"product_id":"01a20519-ac67-76ac-b55c-)" +
                                                      std::to_string(100'000'000'000 + i) +
                                                      R"(","tiers":[)" + tiers + "]," + price;
                                             }) +
                                      "]}",
                                  who);
  BOOST_TEST(prices.code() == "validation_failed");  // There are no such products.
}

BOOST_AUTO_TEST_SUITE_END()
