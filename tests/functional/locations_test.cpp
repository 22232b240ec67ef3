// Stock in several locations over HTTP: purchases that two locations supply, their cancellation and
// refund, pick-up, and transfers that race with purchases.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string default_id = "01900000-0000-7000-8000-000000000001";

storefront& shop() {
  static storefront one({.products = 20, .stock = 1000});
  return one;
}

struct keeper : visitor {
  keeper() : visitor(shop().port()) {}
  header_list who = staff(unique("staff"));

  std::string location(const std::string& members) {
    const auto a = client.post("/admin/v1/locations", "{" + members + "}", who);
    BOOST_REQUIRE_MESSAGE(a.status == 201, a.body);
    return text_at(a.json(), "/location_id");
  }
  /// A new product with so many units at the default location.
  std::string product_with(int units) {
    const auto a = client.post("/admin/v1/products",
                               R"({"name":"Cup","price":{"amount":500,"currency":"EUR"},)"
                               R"("on_hand":)" +
                                   std::to_string(units) + "}",
                               who);
    BOOST_REQUIRE_MESSAGE(a.status == 201, a.body);
    return text_at(a.json(), "/product_id");
  }
  http_answer move(const std::string& product, const std::string& from, const std::string& to,
                   int units, const std::string& key = unique("move")) {
    return client.post("/admin/v1/products/" + product + "/inventory/transfer",
                       R"({"from_location_id":")" + from + R"(","to_location_id":")" + to +
                           R"(","quantity":)" + std::to_string(units) + "}",
                       with(who, "Idempotency-Key", key));
  }
  /// "on hand/reserved" at the location.
  std::string level(const std::string& product, const std::string& location) {
    const auto stock = client.get("/admin/v1/products/" + product + "/inventory", who).json();
    for (std::size_t i = 0; i < size_at(stock, "/stock/levels"); ++i) {
      const auto at = "/stock/levels/" + std::to_string(i);
      if (text_at(stock, at + "/location_id") != location) continue;
      return std::to_string(number_at(stock, at + "/on_hand")) + "/" +
             std::to_string(number_at(stock, at + "/reserved"));
    }
    return "none";
  }
  std::string allocations_of(const std::string& order) {
    return "/admin/v1/orders/" + order + "/allocations";
  }
  http_answer reallocate(const std::string& order, const std::string& product,
                         const std::string& from, const std::string& to, int units,
                         const std::string& key = unique("reallocate"),
                         const std::string& tag = {}) {
    auto headers = with(who, "Idempotency-Key", key);
    if (!tag.empty()) headers = with(headers, "If-Match", tag);
    return client.post(allocations_of(order) + "/move",
                       R"({"moves":[{"product_id":")" + product + R"(","from_location_id":")" +
                           from + R"(","to_location_id":")" + to + R"(","quantity":)" +
                           std::to_string(units) + R"(}],"reason":"closed"})",
                       headers);
  }
  std::string buy(const std::string& product, int units) {
    const auto bought = checkout(cart_with(product, units));
    BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
    return text_at(bought.json(), "/order_id");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(locations, keeper)

BOOST_AUTO_TEST_CASE(two_locations_supply_an_order_and_get_its_units_back) {
  const auto london = location(R"("name":"London","address":{"country":"GB"},"pickup":true)");
  const auto cup = product_with(5);
  BOOST_TEST(move(cup, default_id, london, 3).status == 200);
  BOOST_TEST(level(cup, london) == "3/0");
  // The customers of the tests live in GB, so that London is nearer than the default location.
  const auto order = buy(cup, 4);
  BOOST_TEST(eventually([&] { return level(cup, london) == "none"; }));
  BOOST_TEST(level(cup, default_id) == "1/0");
  const auto parts = client.get("/admin/v1/orders/" + order + "/allocations", who).json();
  BOOST_TEST(text_at(parts, "/data/0/status") == "Sold");
  BOOST_TEST(text_at(parts, "/data/0/allocations/0/location_id") == london);
  BOOST_TEST(number_at(parts, "/data/0/allocations/0/quantity") == 3);
  BOOST_TEST(text_at(parts, "/data/0/allocations/1/location_id") == default_id);
  BOOST_REQUIRE(client.post("/admin/v1/orders/" + order + "/cancel", "{}", who).status == 200);
  BOOST_TEST(eventually([&] { return level(cup, london) == "3/0"; }));
  BOOST_TEST(level(cup, default_id) == "2/0");
  const auto pickup = client.get("/store/v1/products/" + cup + "/pickup").json();
  BOOST_TEST(size_at(pickup, "/data") == 1U);
  BOOST_TEST(text_at(pickup, "/data/0/name") == "London");
  // A declined payment holds the units where they are; the next order takes them from there.
  const auto cart = cart_with(cup, 2);
  BOOST_TEST(checkout(cart, {.token = "tok_chargeDeclined"}).status == 402);
  BOOST_TEST(eventually([&] { return level(cup, london) == "3/2"; }));
  BOOST_TEST(move(cup, london, default_id, 2).status == 409);
  BOOST_TEST(checkout(cart).status == 201);
  BOOST_TEST(eventually([&] { return level(cup, london) == "1/0"; }));
}

BOOST_AUTO_TEST_CASE(refunded_units_return_to_their_location) {
  const auto leeds = location(R"("name":"Leeds","address":{"country":"GB"})");
  const auto cup = product_with(2);
  BOOST_TEST(move(cup, default_id, leeds, 2).status == 200);
  const auto order = buy(cup, 2);
  BOOST_TEST(eventually([&] { return level(cup, leeds) == "none"; }));
  const auto payments = client.get("/store/v1/orders/" + order + "/payments", who).json();
  const auto item =
      text_at(client.get("/admin/v1/orders/" + order, who).json(), "/items/0/order_item_id");
  const auto refund =
      client.post("/admin/v1/payments/" + text_at(payments, "/data/0/payment_id") + "/refunds",
                  R"({"line_items":[{"order_item_id":")" + item +
                      R"(","quantity":1}],"reason":"damaged","restock":true})",
                  with(who, "Idempotency-Key", unique("refund")));
  BOOST_TEST_REQUIRE(refund.status < 300, refund.body);
  BOOST_TEST(eventually([&] { return level(cup, leeds) == "1/0"; }));
}

BOOST_AUTO_TEST_CASE(an_order_to_be_collected_is_supplied_by_its_shop) {
  const auto corner = location(R"("name":"Corner shop","address":{"country":"FR"},"pickup":true)");
  const auto zone = client.post(
      "/admin/v1/shipping-zones",
      R"({"name":"All","areas":[],"methods":[{"name":"Collect","kind":"pickup","location_id":")" +
          corner + R"(","rates":[{"amount":{"amount":0,"currency":"EUR"}}]}]})",
      who);
  BOOST_TEST_REQUIRE(zone.status == 201, zone.body);
  const auto wrong =
      client.post("/admin/v1/shipping-zones",
                  R"({"name":"All","areas":[],"methods":[{"name":"Post","location_id":")" + corner +
                      R"(","rates":[{"amount":{"amount":0,"currency":"EUR"}}]}]})",
                  who);
  BOOST_TEST(wrong.status == 422);
  BOOST_TEST(pointers_of(wrong) == "/methods/0/location_id");
  const auto depot = location(R"("name":"No counter")");
  const auto collect_at = [](const std::string& id) {
    return R"({"name":"C","kind":"pickup","location_id":")" + id +
           R"(","rates":[{"amount":{"amount":0,"currency":"EUR"}}]})";
  };
  const auto unusable = client.put(
      "/admin/v1/shipping-zones/" + text_at(zone.json(), "/shipping_zone_id"),
      R"({"name":"All","areas":[],"methods":[)" + collect_at(corner) + "," +
          collect_at("01a20519-ac67-76ac-b55c-bb28ae4211e7") + "," + collect_at(depot) + "]}",
      with(who, "If-Match", zone.header("ETag")));
  BOOST_TEST(unusable.status == 422);
  BOOST_TEST(pointers_of(unusable) == "/methods/1/location_id /methods/2/location_id");
  const auto method = text_at(zone.json(), "/methods/0/shipping_method_id");
  const auto cup = product_with(9);
  BOOST_TEST(move(cup, default_id, corner, 1).status == 200);
  const auto cart = cart_with(cup, 1);
  const auto body = R"({"email":"ada@example.com","shipping_address":{"first_name":"Ada",)"
                    R"("last_name":"Lovelace","address_line1":"1 Main Street","city":"London",)"
                    R"("postal_code":"N1 9GU","country":"GB"},"shipping_method_id":")" +
                    method + R"(","payment_method":{"type":"card","token":"tok_visa"}})";
  // A process knows the new zone within a second.
  http_answer bought;
  BOOST_REQUIRE(eventually([&] {
    bought = client.post(cart + "/checkout", body, {{"Idempotency-Key", unique("collect")}});
    return bought.status == 201;
  }));
  BOOST_TEST(text_at(bought.json(), "/shipping_method/location_id") == corner);
  BOOST_TEST(eventually([&] { return level(cup, corner) == "none"; }));
  BOOST_TEST(level(cup, default_id) == "8/0");
  // Its units stay at the shop where the customer comes.
  const auto collected = text_at(bought.json(), "/order_id");
  const auto leaving = reallocate(collected, cup, corner, default_id, 1);
  BOOST_TEST(leaving.status == 409);
  BOOST_TEST(leaving.code() == "pickup_location");
  const auto place = "/admin/v1/shipping-zones/" + text_at(zone.json(), "/shipping_zone_id");
  BOOST_TEST(client.del(place, who).status == 204);
}

BOOST_AUTO_TEST_CASE(staff_move_units_of_an_order_until_it_is_shipped) {
  const auto york = location(R"("name":"York","address":{"country":"GB"})");
  const auto hull = location(R"("name":"Hull","address":{"country":"FR"})");
  const auto cup = product_with(6);
  BOOST_TEST(move(cup, default_id, york, 3).status == 200);
  BOOST_TEST(move(cup, default_id, hull, 2).status == 200);
  const auto order = buy(cup, 3);
  BOOST_TEST(eventually([&] { return level(cup, york) == "none"; }));
  const auto seen = client.get(allocations_of(order), who);
  BOOST_TEST(reallocate(order, cup, york, hull, 1, unique("k"), "\"other\"").status == 412);
  const auto key = unique("k");
  const auto moved = reallocate(order, cup, york, hull, 2, key, seen.header("ETag"));
  BOOST_TEST_REQUIRE(moved.status == 200, moved.body);
  BOOST_TEST(moved.header("ETag") == client.get(allocations_of(order), who).header("ETag"));
  BOOST_TEST(text_at(moved.json(), "/data/0/allocations/0/location_id") == york);
  BOOST_TEST(number_at(moved.json(), "/data/0/allocations/0/quantity") == 1);
  BOOST_TEST(text_at(moved.json(), "/data/0/allocations/1/location_id") == hull);
  BOOST_TEST(number_at(moved.json(), "/data/0/allocations/1/quantity") == 2);
  BOOST_TEST(level(cup, york) == "2/0");
  BOOST_TEST(level(cup, hull) == "none");
  const auto changes = client.get("/admin/v1/products/" + cup + "/inventory", who).json();
  BOOST_TEST(text_at(changes, "/data/0/cause") == "sale");
  BOOST_TEST(text_at(changes, "/data/1/cause") == "returned");
  BOOST_TEST(text_at(changes, "/data/0/reference") == order);
  BOOST_TEST(text_at(changes, "/data/0/note") == "closed");
  const auto full = reallocate(order, cup, york, hull, 1);
  BOOST_TEST(full.status == 409);
  BOOST_TEST(full.code() == "insufficient_stock");
  BOOST_TEST(pointers_of(full) == "/moves/0/quantity");
  const auto other = product_with(1);
  BOOST_TEST(pointers_of(reallocate(order, other, york, hull, 1)) == "/moves/0/product_id");
  const std::string unknown = "01a20519-ac67-76ac-b55c-bb28ae4211e7";
  BOOST_TEST(reallocate(unknown, cup, york, hull, 1).status == 404);
  BOOST_REQUIRE(client.post("/admin/v1/orders/" + order + "/ship", "{}", who).status == 200);
  const auto late = reallocate(order, cup, york, default_id, 1);
  BOOST_TEST(late.status == 409);
  BOOST_TEST(late.code() == "order_shipped");
  // The repeat of an earlier request gets its answer nevertheless.
  const auto again = reallocate(order, cup, york, hull, 2, key, seen.header("ETag"));
  BOOST_TEST(again.header("Idempotent-Replayed") == "true");
  BOOST_TEST(again.body == moved.body);
  BOOST_TEST(level(cup, york) == "2/0");
  const auto metrics = client.get("/metrics").body;
  BOOST_TEST(metrics.find("\nstoa_orders_split_total ") != std::string::npos);
  BOOST_TEST(metrics.find("\nstoa_allocation_moves_total 1\n") != std::string::npos, metrics);
  BOOST_TEST(metrics.find("\nstoa_allocation_units_moved_total 2\n") != std::string::npos);
  BOOST_TEST(eventually(
      [&] { return shop().log().find("allocations of an order moved") != std::string::npos; }));
}

BOOST_AUTO_TEST_CASE(a_repeated_transfer_moves_once) {
  const auto depot = location(R"("name":"Depot")");
  const auto cup = product_with(6);
  const auto key = unique("once");
  BOOST_TEST(move(cup, default_id, depot, 2, key).status == 200);
  BOOST_TEST(move(cup, default_id, depot, 2, key).header("Idempotent-Replayed") == "true");
  BOOST_TEST(level(cup, depot) == "2/0");
  BOOST_TEST(client.del("/admin/v1/locations/" + depot, who).status == 409);
}

BOOST_AUTO_TEST_CASE(transfers_and_purchases_race_for_the_last_units) {
  constexpr int units = 8;
  constexpr int buyers = 16;
  const auto first = location(R"("name":"First","address":{"country":"GB"})");
  const auto second = location(R"("name":"Second","address":{"country":"GB"})");
  const auto cup = product_with(units);
  BOOST_TEST(move(cup, default_id, first, units).status == 200);
  std::atomic<bool> selling = true;
  std::atomic<int> sold = 0;
  std::atomic<int> others = 0;
  std::thread mover([&] {
    keeper staff_member;
    for (int i = 0; selling; ++i) {
      const auto& from = i % 2 == 0 ? first : second;
      const auto status =
          staff_member.move(cup, from, from == first ? second : first, 1 + i % 3).status;
      if (status != 200 && status != 409) ++others;
    }
  });
  std::vector<std::thread> threads;
  threads.reserve(buyers);
  for (int i = 0; i < buyers; ++i) {
    threads.emplace_back([&, i] {
      visitor v(shop().port());
      const auto cart = v.new_cart();
      const auto added = v.add(cart, cup, 1);
      if (added.status == 409) return;  // sold out
      const auto a = v.checkout(cart, {.email = "racer" + std::to_string(i) + "@example.com"});
      if (a.status == 201) ++sold;
      if (a.status != 201 && a.status != 409) ++others;
    });
  }
  for (auto& t : threads) t.join();
  selling = false;
  mover.join();
  BOOST_TEST(sold == units);
  BOOST_TEST(others == 0);
  BOOST_TEST(eventually([&] {
    return level(cup, first) == "none" && level(cup, second) == "none" &&
           level(cup, default_id) == "0/0";
  }));
}

BOOST_AUTO_TEST_CASE(a_request_makes_as_many_moves_as_documented) {
  const auto leeds = location(R"("name":"Leeds","address":{"country":"FR"})");
  const auto cup = product_with(2);
  BOOST_TEST(move(cup, default_id, leeds, 1).status == 200);
  const auto order = buy(cup, 1);
  const auto at =
      text_at(client.get(allocations_of(order), who).json(), "/data/0/allocations/0/location_id");
  const auto other = at == leeds ? default_id : leeds;
  const auto moved = [&](int count) {
    std::string moves;
    for (int i = 0; i < count; ++i) {
      const bool there = i % 2 == 0;
      moves += std::string(i > 0 ? ", " : "") + R"({"product_id": ")" + cup +
               R"(", "from_location_id": ")" + (there ? at : other) + R"(", "to_location_id": ")" +
               (there ? other : at) + R"(", "quantity": 1})";
    }
    return client.post(allocations_of(order) + "/move", R"({"moves": [)" + moves + "]}", who);
  };
  const auto done = moved(100);
  BOOST_TEST(done.status == 200, done.body);
  BOOST_TEST(text_at(done.json(), "/data/0/allocations/0/location_id") == at);
  const auto refused = moved(101);
  BOOST_TEST(refused.status == 422, refused.body);
  BOOST_TEST(pointers_of(refused) == "/moves");
}

BOOST_AUTO_TEST_CASE(moves_race_with_purchases_and_cancellations) {
  constexpr int units = 12;
  constexpr int buyers = 6;
  const std::string places[] = {default_id, location(R"("name":"East","address":{"country":"GB"})"),
                                location(R"("name":"West","address":{"country":"GB"})")};
  const auto cup = product_with(3 * units);
  BOOST_TEST(move(cup, default_id, places[1], units).status == 200);
  BOOST_TEST(move(cup, default_id, places[2], units).status == 200);
  std::atomic<int> moved = 0;
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  threads.reserve(buyers);
  for (int i = 0; i < buyers; ++i) {
    threads.emplace_back([&, i] {
      keeper staff_member;
      for (int n = 0; n < 3; ++n) {
        const auto cart = staff_member.cart_with(cup, 2);
        const auto bought = staff_member.checkout(cart, {.email = unique("m") + "@example.com"});
        if (bought.status != 201) return void(++others);
        const auto order = text_at(bought.json(), "/order_id");
        for (int k = 0; k < 6; ++k) {
          const auto& from = places[(i + k) % 3];
          const auto& to = places[(i + k + 1 + k % 2) % 3];
          const auto status = staff_member.reallocate(order, cup, from, to, 1).status;
          moved += status == 200 ? 1 : 0;
          if (status != 200 && status != 409) ++others;
        }
        if (n == 2) continue;
        const auto path = "/admin/v1/orders/" + order + "/cancel";
        if (staff_member.client.post(path, "{}", staff_member.who).status != 200) ++others;
      }
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(moved > buyers);
  BOOST_TEST(others == 0);
  // All but the last orders of the buyers are cancelled.
  const auto left = [&] {
    const auto stock = client.get("/admin/v1/products/" + cup + "/inventory", who).json();
    std::int64_t on_hand = 0;
    for (std::size_t i = 0; i < size_at(stock, "/stock/levels"); ++i) {
      const auto at = "/stock/levels/" + std::to_string(i);
      const auto there = number_at(stock, at + "/on_hand");
      BOOST_TEST(there >= number_at(stock, at + "/reserved"));
      on_hand += there;
    }
    BOOST_TEST(on_hand == number_at(stock, "/stock/on_hand"));
    return on_hand;
  };
  BOOST_TEST(eventually([&] { return left() == 3 * units - 2 * buyers; }));
}

BOOST_AUTO_TEST_SUITE_END()
