// stock.low: emitted once when the available units fall to a product's threshold.

#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::status_of;
using stoa::test::to;

namespace {

struct low_stock_fixture : test::service_fixture<catalog_service> {
  explicit low_stock_fixture(std::int64_t by_default = 0)
      : service_fixture(catalog_service(options(by_default))) {
    sweep();
  }
  static catalog_options options(std::int64_t by_default) {
    catalog_options o;
    o.low_stock_threshold = by_default;
    return o;
  }
  stoa::product_id product(std::int64_t on_hand, std::optional<std::int64_t> threshold) {
    auto p = test::catalog_fixture::product_of("Cup", 100, on_hand);
    p.low_stock_threshold = threshold;
    return run(create_product{p}, staff).value().product_id;
  }
  /// "available/threshold" of the stock.low events since the last call.
  std::string reported() {
    std::string text;
    for (const auto& e : events) {
      if (e->type != "stock.low") continue;
      const auto low = json::read_lenient<stock_low>(e->payload).value();
      text += (text.empty() ? "" : " ") + std::to_string(low.available) + "/" +
              std::to_string(low.threshold);
    }
    events.clear();
    return text;
  }
  order::order_placed order(stoa::product_id id, std::int64_t quantity) {
    order::order_placed placed;
    placed.order = test::catalog_fixture::order_of({{id, quantity}});
    return placed;
  }
  void adjust(stoa::product_id id, std::int64_t change) {
    stock_change c;
    c.change = change;
    BOOST_REQUIRE(run(adjust_stock{id, c}, staff));
  }

  const kernel::caller staff = test::as_user({system_ids().next_v7()}, kernel::role::staff);
};

struct with_default : low_stock_fixture {
  with_default() : low_stock_fixture(10) {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(low_stock, low_stock_fixture)

BOOST_AUTO_TEST_CASE(an_order_that_crosses_the_threshold_reports_it_once) {
  const auto cup = product(10, 5);
  BOOST_TEST(!apply(order(cup, 4)));
  BOOST_TEST(reported() == "");
  const auto crossing = order(cup, 1);
  BOOST_TEST(!apply(crossing));
  BOOST_TEST(reported() == "5/5");
  BOOST_TEST(!apply(order(cup, 2)));
  BOOST_TEST(reported() == "");
  // A sale does not change the available units.
  BOOST_TEST(!apply(order::order_confirmed{crossing.order}));
  BOOST_TEST(reported() == "");
  // It is reported again after the units have risen above.
  adjust(cup, 20);
  BOOST_TEST(reported() == "");
  BOOST_TEST(!apply(order(cup, 19)));
  BOOST_TEST(reported() == "4/5");
}

BOOST_AUTO_TEST_CASE(adjustments_report_it) {
  const auto cup = product(10, 5);
  adjust(cup, -5);
  BOOST_TEST(reported() == "5/5");
  adjust(cup, -1);
  BOOST_TEST(reported() == "");
  adjust(cup, 1);
  adjust(cup, 1);
  BOOST_TEST(reported() == "");
  adjust(cup, -3);
  BOOST_TEST(reported() == "3/5");
}

BOOST_AUTO_TEST_CASE(a_rejected_order_reports_nothing) {
  const auto cup = product(10, 5);
  BOOST_TEST(!apply(order(cup, 11)));
  BOOST_TEST(reported() == "");
}

BOOST_AUTO_TEST_CASE(without_a_threshold_nothing_is_reported) {
  const auto none = product(10, std::nullopt);
  const auto off = product(10, 0);
  for (const auto id : {none, off}) {
    BOOST_TEST(!apply(order(id, 10)));
  }
  BOOST_TEST(reported() == "");
  auto p = test::catalog_fixture::product_of("Download", 100, 0);
  p.low_stock_threshold = 5;
  p.track_inventory = false;
  const auto untracked = run(create_product{p}, staff).value().product_id;
  BOOST_TEST(!apply(order(untracked, 10)));
  BOOST_TEST(reported() == "");
}

BOOST_AUTO_TEST_CASE(staff_set_and_see_the_threshold) {
  const auto cup = product(10, 5);
  BOOST_TEST(read(get_product{cup, true}, staff).value().low_stock_threshold.value() == 5);
  BOOST_TEST(!read(get_product{cup}).value().low_stock_threshold.has_value());
  product_change change;
  change.low_stock_threshold = to<std::int64_t>(8);
  BOOST_TEST(run(change_product{cup, change}, staff).value().low_stock_threshold.value() == 8);
  BOOST_TEST(reported() == "");
  adjust(cup, -2);
  BOOST_TEST(reported() == "8/8");
  change.low_stock_threshold = {true, std::nullopt};
  BOOST_TEST(!run(change_product{cup, change}, staff).value().low_stock_threshold.has_value());
  adjust(cup, -7);
  BOOST_TEST(reported() == "");
  BOOST_TEST(status_of(json::read<product_change>(R"({"low_stock_threshold":-1})")) == 422);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_CASE(the_default_applies_to_products_without_a_threshold, with_default) {
  const auto cup = product(12, std::nullopt);
  const auto mug = product(12, 3);
  const auto off = product(12, 0);
  for (const auto id : {cup, mug, off}) adjust(id, -2);
  BOOST_TEST(reported() == "10/10");
}
