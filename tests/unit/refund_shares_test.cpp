// What was paid for the parts of an order: exact, never below zero.

#include "actors/pricing/refund_shares.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>
#include <random>

using namespace stoa::pricing;
using amounts = std::vector<std::int64_t>;

BOOST_AUTO_TEST_CASE(without_other_parts_a_line_was_paid_in_full) {
  BOOST_TEST((shares_of({{1299, 500}, 0, 0, 1799}) == paid_shares{{1299, 500}, 0}));
  BOOST_TEST((shares_of({{1299, 500}, 0, 450, 2249}) == paid_shares{{1299, 500}, 450}));
}

BOOST_AUTO_TEST_CASE(discounts_and_taxes_are_divided_exactly) {
  // A discount of 100 over three equal lines.
  BOOST_TEST((shares_of({{100, 100, 100}, -100, 0, 200}) == paid_shares{{66, 67, 67}, 0}));
  // 20 % tax on lines and shipping.
  BOOST_TEST((shares_of({{1000, 500}, 0, 500, 2400}) == paid_shares{{1200, 600}, 600}));
  // A discount that exceeds the lines reduces shipping.
  BOOST_TEST((shares_of({{100, 100}, -250, 400, 150}) == paid_shares{{0, 0}, 150}));
  // Only a fee was paid: it is divided equally.
  const auto free = shares_of({{0, 0}, 0, 0, 3});
  BOOST_TEST(free.lines[0] + free.lines[1] + free.shipping == 3);
}

BOOST_AUTO_TEST_CASE(large_amounts_do_not_overflow) {
  constexpr std::int64_t most = 100'000'000'000'000;
  BOOST_TEST((shares_of({{most}, 0, 0, most}) == paid_shares{{most}, 0}));
  BOOST_TEST(share_of_units(most, 1'000'000, 999'999, 1) == most / 1'000'000);
}

BOOST_AUTO_TEST_CASE(units_add_up_to_their_line_however_they_are_refunded) {
  BOOST_TEST(share_of_units(100, 3, 0, 1) == 33);
  BOOST_TEST(share_of_units(100, 3, 1, 1) == 33);
  BOOST_TEST(share_of_units(100, 3, 2, 1) == 34);
  BOOST_TEST(share_of_units(100, 3, 0, 3) == 100);
  BOOST_TEST(share_of_units(100, 3, 1, 0) == 0);
}

BOOST_AUTO_TEST_CASE(random_orders_add_up) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same orders each time
  const auto pick = [&](std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random);
  };
  for (int round = 0; round < 2000; ++round) {
    order_amounts o;
    for (auto n = 1 + pick(6); n > 0; --n) o.line_totals.push_back(pick(5000));
    const auto subtotal =
        std::accumulate(o.line_totals.begin(), o.line_totals.end(), std::int64_t{0});
    o.shipping_total = pick(1000);
    o.adjustment_total = -pick(subtotal + o.shipping_total);
    o.total_amount = subtotal + o.adjustment_total + o.shipping_total + pick(2000);
    const auto shares = shares_of(o);
    BOOST_REQUIRE(shares.lines.size() == o.line_totals.size());
    auto sum = shares.shipping;
    BOOST_REQUIRE(shares.shipping >= 0);
    for (const auto share : shares.lines) {
      BOOST_REQUIRE(share >= 0);
      sum += share;
      const auto units = 1 + pick(9);
      std::int64_t refunded = 0;
      for (std::int64_t done = 0; done < units;) {
        const auto more = 1 + pick(units - done - 1);
        refunded += share_of_units(share, units, done, more);
        done += more;
      }
      BOOST_REQUIRE(refunded == share);
    }
    BOOST_REQUIRE(sum == o.total_amount);
  }
}
