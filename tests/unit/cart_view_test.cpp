// What a cart shows when its total cannot be computed: the lines that are the cause.

#include "net/routes/cart_view.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;

namespace {

struct fixture {
  cart::cart_content cart;
  checkout::cart_context context;

  fixture() {
    context.rules = std::make_shared<const pricing::rule_book>();
    context.basket.currency = "EUR";
  }
  stoa::cart_item_id add(const std::string& name, money price, std::int64_t quantity = 1) {
    cart::cart_item_content item;
    item.cart_item_id = {system_ids().next_v7()};
    item.product_id = {system_ids().next_v7()};
    item.name = name;
    item.quantity = quantity;
    item.price_when_added = price;
    cart.items.push_back(item);
    catalog::price_item now;
    now.product_id = item.product_id;
    now.name = name;
    now.price = std::move(price);
    now.inventory_count = 100;
    now.sellable = true;
    context.prices.data.push_back(std::move(now));
    return item.cart_item_id;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cart_views, fixture)

BOOST_AUTO_TEST_CASE(a_line_without_a_valid_price_is_named) {
  add("Cup", {1200, "EUR"});
  const auto dollar = add("Mug", {900, "USD"});
  const auto pound = add("Pot", {800, "GBP"});
  const auto view = front::join(cart, context);
  BOOST_TEST(!view.total_amount.value);
  BOOST_TEST_REQUIRE(view.notices.size() == 2U);
  for (const auto& n : view.notices) BOOST_TEST(n.code == "invalid_quote");
  BOOST_TEST((view.notices[0].cart_item_id == dollar));
  BOOST_TEST(view.notices[0].detail == "Mug: The price is in USD, not in EUR.");
  BOOST_TEST((view.notices[1].cart_item_id == pound));

  const auto quote = checkout::quote_of(cart, context);
  BOOST_TEST_REQUIRE(!quote);
  BOOST_TEST(quote.error().code == "invalid_quote");
  BOOST_TEST_REQUIRE(quote.error().errors.size() == 2U);
  BOOST_TEST(quote.error().errors[0].pointer == "/items/" + dollar.str());
  BOOST_TEST(quote.error().errors[1].pointer == "/items/" + pound.str());
}

BOOST_AUTO_TEST_CASE(a_line_above_the_maximum_total_is_named) {
  add("Cup", {1200, "EUR"});
  const auto dear = add("Ring", {money_amount_max, "EUR"}, 2);
  const auto view = front::join(cart, context);
  BOOST_TEST_REQUIRE(view.notices.size() == 1U);
  BOOST_TEST(view.notices[0].code == "total_too_large");
  BOOST_TEST((view.notices[0].cart_item_id == dear));
}

BOOST_AUTO_TEST_CASE(a_total_that_no_single_line_exceeds_names_none) {
  add("Ring", {money_amount_max, "EUR"});
  add("Cup", {1, "EUR"});
  const auto view = front::join(cart, context);
  BOOST_TEST_REQUIRE(view.notices.size() == 1U);
  BOOST_TEST(view.notices[0].code == "total_too_large");
  BOOST_TEST(!view.notices[0].cart_item_id);
}

BOOST_AUTO_TEST_SUITE_END()
