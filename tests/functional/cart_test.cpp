// Carts over HTTP, against the running program with a demo catalogue.

#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

constexpr int stock = 7;

std::string member(const http_answer& a, std::string_view name) {
  return std::string(text_member(a.body, name));
}

/// One program for all cases; each makes its own carts.
struct running {
  running() : shop({.program = {}, .data = dir / "data", .settings = {}, .arguments = {}}) {
    load_demo(stoa_binary(), shop.data(), 20, stock);
    shop.start();
  }
  static running& one() {
    static running r;
    return r;
  }
  temp_dir dir;
  server shop;
};

struct shopper {
  http_client client{running::one().shop.port()};
  header_list mine;

  /// Two products sold without variants, with their unit prices.
  struct sold_product {
    std::string id;
    std::string name;
    std::int64_t price = 0;
  };
  std::vector<sold_product> products() {
    std::vector<sold_product> found;
    auto page = client.get("/store/v1/products?limit=50");
    BOOST_REQUIRE_EQUAL(page.status, 200);
    auto list = page.json();
    for (const auto& p : *list.find("data")->if_array()) {
      auto one = client.get("/store/v1/products/" + *p.find("product_id")->if_string());
      auto detail = one.json();
      const auto* variants = detail.find("variants");
      const auto& sold =
          variants && !variants->if_array()->empty() ? variants->if_array()->front() : detail;
      found.push_back({*sold.find("product_id")->if_string(), *p.find("name")->if_string(),
                       *sold.find("price")->find("amount")->if_int64()});
      if (found.size() == 2) return found;
    }
    throw std::runtime_error("the demo store has no two products: " + page.body);
  }
  std::string new_cart(const header_list& headers = {}) {
    auto made = client.post("/store/v1/carts", "", headers);
    BOOST_REQUIRE_EQUAL(made.status, 201);
    return "/store/v1/carts/" + member(made, "cart_id");
  }
  http_answer add(const std::string& cart, const std::string& product, int quantity,
                  header_list headers = {}) {
    return client.post(
        cart + "/items",
        R"({"product_id":")" + product + R"(","quantity":)" + std::to_string(quantity) + "}",
        headers);
  }
  header_list sign_in(const std::string& name) {
    auto body = R"({"username":")" + name + R"(","email":")" + name +
                R"(@example.com","password":"correct horse","first_name":"A","last_name":"B"})";
    BOOST_REQUIRE_EQUAL(client.post("/store/v1/users", body).status, 201);
    auto in = client.post("/store/v1/auth/login",
                          R"({"login":")" + name + R"(","password":"correct horse"})");
    return {{"Authorization", "Bearer " + member(in, "access_token")}};
  }
};

std::int64_t number(const json::value& v, std::string_view name) {
  const auto* found = v.find(name)->if_int64();
  return found ? *found : -1;
}

bool flag(const json::value& v, std::string_view name) {
  const auto* found = v.find(name)->if_bool();
  return found && *found;
}

const json::array& items_of(const json::value& cart) {
  return *cart.find("items")->if_array();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(carts, shopper)

BOOST_AUTO_TEST_CASE(a_cart_shows_prices_and_stock) {
  auto goods = products();
  auto cart = new_cart();
  BOOST_TEST(add(cart, goods[0].id, 2).status == 201);
  BOOST_TEST(add(cart, goods[1].id, 1).status == 201);
  auto full = add(cart, goods[0].id, 3);
  BOOST_TEST(full.header("ETag").starts_with("\"4."));
  auto shown = client.get(cart);
  BOOST_TEST(shown.body == full.body);
  auto v = shown.json();
  BOOST_TEST(number(v, "version") == 4);
  const auto& items = items_of(v);
  BOOST_REQUIRE(items.size() == 2u);
  BOOST_TEST(number(items[0], "quantity") == 5);
  BOOST_TEST(number(*items[0].find("line_total"), "amount") == 5 * goods[0].price);
  BOOST_TEST(number(items[0], "inventory_count") == stock);
  BOOST_TEST(flag(items[0], "available"));
  BOOST_TEST(!flag(items[0], "price_changed"));
  // The quote has the same field names as in an order.
  for (const auto* amount : {"subtotal", "total_amount"}) {
    BOOST_TEST(number(*v.find(amount), "amount") == 5 * goods[0].price + goods[1].price);
  }
  BOOST_TEST(number(*v.find("tax_total"), "amount") == 0);
  auto too_many = add(cart, goods[1].id, stock).json();
  BOOST_TEST(!flag(items_of(too_many)[1], "available"));
}

BOOST_AUTO_TEST_CASE(lines_change_only_as_last_seen) {
  auto goods = products();
  auto cart = new_cart();
  auto first = add(cart, goods[0].id, 2, {{"If-Match", "\"1\""}});
  BOOST_TEST(first.status == 201);
  auto line = cart + "/items/" + member(first, "cart_item_id");
  auto stale = client.patch(line, R"({"quantity":3})", {{"If-Match", "\"1\""}});
  BOOST_TEST(stale.status == 412);
  BOOST_TEST(stale.code() == "precondition_failed");
  BOOST_TEST(client.patch(line, R"({"quantity":3})", {{"If-Match", "\"2\""}})
                 .header("ETag")
                 .starts_with("\"3."));
  BOOST_TEST(client.patch(line, R"({"quantity":3})", {{"If-Match", "3"}}).status == 400);
  BOOST_TEST(client.patch(line, R"({"quantity":-1})").status == 422);
  BOOST_TEST(client.patch(line, R"({"quantity":10001})").status == 422);
  BOOST_TEST(client.patch(line, R"({"quantity":1.5})").status == 400);
  BOOST_TEST(client.del(cart, {{"If-Match", "\"2\""}}).status == 412);
  auto gone = client.del(line);
  BOOST_TEST(gone.status == 200);
  BOOST_TEST(items_of(gone.json()).empty());
  BOOST_TEST(client.del(line).status == 404);
  add(cart, goods[0].id, 1);
  BOOST_TEST(items_of(client.del(cart + "/items").json()).empty());
  BOOST_TEST(client.del(cart).status == 204);
  BOOST_TEST(client.get(cart).status == 404);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_added_is_refused) {
  auto goods = products();
  auto cart = new_cart();
  auto missing = add(cart, "01a20519-ac67-76ac-b55c-bb28ae4211e7", 1);
  BOOST_TEST(missing.status == 422);
  BOOST_TEST(missing.body.find("/product_id") != std::string::npos);
  BOOST_TEST(add(cart, goods[0].id, 0).status == 422);
  BOOST_TEST(add(cart, goods[0].id, 10'001).status == 422);
  BOOST_TEST(add(cart, "x", 1).status == 422);
  BOOST_TEST(add("/store/v1/carts/01a20519-ac67-46ac-b55c-bb28ae4211e7", goods[0].id, 1).status ==
             404);
  BOOST_TEST(add("/store/v1/carts/x", goods[0].id, 1).status == 404);
  BOOST_TEST(add(cart, goods[0].id, 10'000).status == 201);
  BOOST_TEST(add(cart, goods[0].id, 1).status == 422);
}

BOOST_AUTO_TEST_CASE(a_repeated_add_acts_once) {
  auto goods = products();
  auto cart = new_cart();
  auto first = add(cart, goods[0].id, 2, {{"Idempotency-Key", "k"}});
  auto again = add(cart, goods[0].id, 2, {{"Idempotency-Key", "k"}});
  BOOST_TEST(again.status == 201);
  BOOST_TEST(again.header("Idempotent-Replayed") == "true");
  BOOST_TEST(again.body == first.body);
  BOOST_TEST(number(client.get(cart).json(), "version") == 2);
  BOOST_TEST(add(cart, goods[0].id, 3, {{"Idempotency-Key", "k"}}).status == 422);
}

BOOST_AUTO_TEST_CASE(a_customer_finds_her_carts_again) {
  auto goods = products();
  auto me = sign_in("owner");
  BOOST_TEST(client.get("/store/v1/carts").status == 401);
  auto none = client.get("/store/v1/carts", me);
  BOOST_TEST(none.status == 200);
  BOOST_TEST(none.body == R"({"data":[]})");
  auto cart = new_cart(me);
  add(cart, goods[0].id, 2, me);
  auto list = client.get("/store/v1/carts", me).json();
  const auto& found = *list.find("data")->if_array();
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(cart.ends_with(*found[0].find("cart_id")->if_string()));
  BOOST_TEST(number(found[0], "line_count") == 1);
  BOOST_TEST(number(found[0], "quantity") == 2);
  BOOST_TEST(client.get("/store/v1/carts", sign_in("nobody")).body == R"({"data":[]})");
}

BOOST_AUTO_TEST_CASE(a_guest_cart_goes_along_at_login) {
  auto goods = products();
  auto guest = new_cart();
  add(guest, goods[0].id, 2);
  auto me = sign_in("merger");
  BOOST_TEST(client.post(guest + "/merge", "").status == 401);
  auto adopted = client.post(guest + "/merge", "", me);
  BOOST_TEST(adopted.status == 200);
  BOOST_TEST(guest.ends_with(member(adopted, "cart_id")));
  BOOST_TEST(client.get(guest).status == 404);  // It belongs to a customer now.
  auto second = new_cart();
  add(second, goods[0].id, 1);
  add(second, goods[1].id, 1);
  auto merged = client.post(second + "/merge", "", me);
  BOOST_TEST(merged.status == 200);
  BOOST_TEST(guest.ends_with(member(merged, "cart_id")));
  BOOST_TEST(number(items_of(merged.json())[0], "quantity") == 3);
  BOOST_TEST(client.get(second).status == 404);
  // A line has at most 10,000 units: the answer reports a reduced quantity once.
  auto third = new_cart();
  add(third, goods[0].id, 9'998);
  add(third, goods[1].id, 9'999);
  auto cut = client.post(third + "/merge", "", me);
  BOOST_TEST(cut.status == 200);
  std::vector<std::string> reported;
  const auto cut_cart = cut.json();
  for (const auto& n : *cut_cart.find("notices")->if_array()) {
    if (*n.find("code")->if_string() == "quantity_cut") {
      BOOST_TEST(*n.find("cart_item_id")->if_string() == member(cut, "cart_item_id"));
      reported.push_back(*n.find("detail")->if_string());
    }
  }
  BOOST_REQUIRE(reported.size() == 1u);
  BOOST_TEST(reported[0].ends_with(": 10000 of 10001, the maximum of one line"));
  auto now = client.get(guest, me);
  BOOST_TEST(now.body.find("quantity_cut") == std::string::npos);
  BOOST_TEST(cut.header("ETag") == now.header("ETag"));
  auto other_user = sign_in("another-user");
  BOOST_TEST(client.get(guest, other_user).status == 404);
  BOOST_TEST(client.post(guest + "/merge", "", other_user).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
