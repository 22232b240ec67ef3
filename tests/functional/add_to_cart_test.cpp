// How long adding a product to a cart takes with 50 active promotions, compared with the same store
// without any. The goal is a p99 below 5 ms. On a slow or busy machine, where the store without
// promotions is slow too, the difference counts instead.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>

using namespace stoa;
using namespace stoa::test;
using clock_type = std::chrono::steady_clock;
using std::chrono::microseconds;

namespace {

constexpr int carts = 40;
constexpr int lines = 15;
constexpr microseconds goal{5000};

/// Durations of requests.
struct durations {
  std::vector<microseconds> all;
  microseconds at(double share) const {
    auto sorted = all;
    std::ranges::sort(sorted);
    return sorted.at(static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1)));
  }
  std::string text() const {
    return "p50 " + std::to_string(at(0.5).count()) + " us, p99 " +
           std::to_string(at(0.99).count()) + " us";
  }
};

durations fill_carts(visitor& v, const std::vector<good>& goods) {
  durations d;
  for (int c = 0; c < carts; ++c) {
    const auto cart = v.new_cart();
    for (int n = 0; n < lines; ++n) {
      const auto& item = goods.at(static_cast<std::size_t>(n));
      const auto start = clock_type::now();
      const auto added = v.add(cart, item.id, 1 + n % 3);
      d.all.push_back(std::chrono::duration_cast<microseconds>(clock_type::now() - start));
      BOOST_REQUIRE_MESSAGE(added.status == 201, added.body);
    }
  }
  return d;
}

/// 50 that are combined: on the order, on some products, and for quantities.
void add_promotions(visitor& v, const header_list& who, const std::vector<good>& goods) {
  for (std::size_t n = 0; n < 50; ++n) {
    const auto product = "[\"" + goods.at(n % goods.size()).id + "\"]";
    std::string discount = R"({"type":"percentage","target":"order","basis_points":10})";
    if (n % 3 == 1) {
      discount =
          R"({"type":"percentage","basis_points":50,"items":{"product_ids":)" + product + "}}";
    } else if (n % 3 == 2) {
      discount = R"({"type":"buy_x_get_y","buy_quantity":2,"basis_points":100})";
    }
    const auto made = v.client.post("/admin/v1/promotions",
                                    R"({"name":"Promotion","discount":)" + discount + "}", who);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(add_to_cart)

BOOST_AUTO_TEST_CASE(fifty_promotions_leave_the_goal_of_5_ms) {
  storefront shop({.products = 40,
                   .stock = 100'000,
                   .settings = {{"STOA_LOG_LEVEL", "warn"},
                                {"STOA_LIMITS_CART_CREATE_PER_MINUTE", "1000000"}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  auto goods = v.goods();
  BOOST_REQUIRE(goods.size() >= static_cast<std::size_t>(lines));
  fill_carts(v, goods);  // So that both measurements find the same caches.
  const auto before = fill_carts(v, goods);
  add_promotions(v, root, goods);
  const auto cart = v.cart_with(goods.front().id, 3);
  BOOST_TEST(size_at(v.client.get(cart).json(), "/price_parts") >= 30U);
  // A disturbance of the machine can hit one measurement: the better of two counts.
  auto with = fill_carts(v, goods);
  const auto is_good = [&] {
    return with.at(0.99) < goal || with.at(0.99) < before.at(0.99) + goal / 2;
  };
  if (!is_good()) with = fill_carts(v, goods);
  BOOST_TEST_MESSAGE("add to cart, no promotion: " << before.text());
  BOOST_TEST_MESSAGE("add to cart, 50 promotions: " << with.text());
  BOOST_TEST(is_good(), with.text());
}

BOOST_AUTO_TEST_SUITE_END()
