// A cart that is ordered more than once is charged once.

#include "tests/support/order_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::order;

struct placing : order_fixture {
  /// An order of a cart's lines, each of which has an id.
  place_order order_of_lines() {
    auto m = order_of();
    for (auto& line : m.lines) line.cart_item_id = stoa::cart_item_id{system_ids().next_v7()};
    return m;
  }
  /// The order's cart after a change: another version, another request.
  place_order changed(place_order m) {
    m.order_id = {system_ids().next_v7()};
    m.cart_version += 1;
    return m;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order_placing, placing)

BOOST_AUTO_TEST_CASE(a_changed_cart_waits_for_the_outcome_of_its_order) {
  for (const bool with_lines : {false, true}) {
    const auto first = with_lines ? order_of_lines() : order_of();
    BOOST_REQUIRE(run(first));
    auto next = changed(first);
    next.lines.push_back({{system_ids().next_v7()}, "Sock", 1, {100, "EUR"}});
    const auto refused = run(next);
    BOOST_TEST(code_of(refused) == "cart_already_ordered");
    BOOST_TEST(refused.error().detail.find(first.order_id.str()) != std::string::npos);
    // Other goods in the same cart must wait too.
    auto others = order_of_lines();
    others.cart_id = first.cart_id;
    others.cart_version = first.cart_version + 2;
    BOOST_TEST(code_of(run(others)) == "cart_already_ordered");
    BOOST_TEST(run(order_of_lines()).has_value());  // another cart
    if (with_lines) {
      apply(payment::payment_failed{{}, first.order_id, "card_declined", "no"});
    } else {
      BOOST_REQUIRE(run(cancel_order{first.order_id, true, std::nullopt}));
    }
    BOOST_TEST(run(next).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_bought_is_not_bought_again_before_it_has_left_the_cart) {
  const auto first = order_of_lines();
  BOOST_REQUIRE(run(first));
  paid(first.order_id);
  // The cart has changed since and has not received the outcome.
  auto early = changed(first);
  early.lines.erase(early.lines.begin());
  BOOST_TEST(code_of(run(early)) == "cart_already_ordered");
  // The remaining and the added lines are different ones.
  auto next = order_of_lines();
  next.cart_id = first.cart_id;
  next.cart_version = first.cart_version + 2;
  BOOST_TEST(run(next).has_value());
  // Refunded goods may be bought again.
  BOOST_REQUIRE(run(cancel_order{next.order_id, true, std::nullopt}));
  BOOST_REQUIRE(run(cancel_order{first.order_id, true, std::nullopt}));
  BOOST_TEST(run(early).has_value());
}

BOOST_AUTO_TEST_CASE(a_bought_line_is_known_in_the_cart_that_it_was_merged_into) {
  const auto guests = order_of_lines();
  BOOST_REQUIRE(run(guests));
  paid(guests.order_id);
  auto m = order_of_lines();
  m.merged = std::vector<merged_state>{{guests.cart_id, guests.cart_version + 1}};
  m.merged->back().lines.emplace().push_back(*guests.lines.back().cart_item_id);
  BOOST_TEST(code_of(run(m)) == "cart_already_ordered");
  m.merged->back().lines->front() = {system_ids().next_v7()};
  BOOST_TEST(run(m).has_value());
}

BOOST_AUTO_TEST_CASE(events_name_the_lines_of_the_cart) {
  const auto m = order_of_lines();
  BOOST_REQUIRE(run(m));
  paid(m.order_id);
  BOOST_REQUIRE(events.size() == 2u);
  const auto placed = json::read_lenient<order_placed>(events[0]->payload).value();
  const auto confirmed = json::read_lenient<order_confirmed>(events[1]->payload).value();
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST((placed.order.lines.at(i).cart_item_id == m.lines[i].cart_item_id));
    BOOST_TEST((confirmed.order.lines.at(i).cart_item_id == m.lines[i].cart_item_id));
  }
}

BOOST_AUTO_TEST_CASE(an_order_keeps_its_quote_and_what_was_bought) {
  auto m = order_of();
  m.lines[0].sku = "SH-1";
  m.lines[0].options = {{"Size", "L"}};
  m.phone = "+30 210 1234567";
  m.locale = "el-GR";
  m = quoted(std::move(m), {{price_part_kind::adjustment, "SPRING", "Spring sale", {-98, "EUR"}},
                            {price_part_kind::shipping, "post", "By post", {490, "EUR"}},
                            {price_part_kind::tax, "vat", "VAT", {10, "EUR"}}});
  BOOST_REQUIRE(service_fixture::run(m));
  const auto o = now(m.order_id);
  BOOST_TEST(o.currency == "EUR");
  BOOST_TEST(o.subtotal.amount == 3098);
  BOOST_TEST(o.adjustment_total.amount == -98);
  BOOST_TEST(o.shipping_total.amount == 490);
  BOOST_TEST(o.tax_total.amount == 10);
  BOOST_TEST(o.total_amount.amount == 3500);
  BOOST_TEST((o.price_parts == m.quote.price_parts));
  BOOST_TEST(o.items.at(0).sku.value_or("") == "SH-1");
  BOOST_TEST((o.items.at(0).options == m.lines[0].options));
  BOOST_TEST(o.items.at(0).line_total.amount == 2598);
  BOOST_TEST(o.phone.value_or("") == "+30 210 1234567");
  BOOST_TEST(o.locale.value_or("") == "el-GR");
  const auto placed = json::read_lenient<order_placed>(events.at(0)->payload).value().order;
  BOOST_TEST(placed.total.amount == 3500);
  BOOST_TEST(placed.order_number == o.order_number);
  BOOST_TEST((placed.price_parts == m.quote.price_parts));
  BOOST_TEST(placed.lines.at(0).sku.value_or("") == "SH-1");
}

BOOST_AUTO_TEST_CASE(a_quote_that_does_not_add_up_places_nothing) {
  auto m = order_of();
  m.quote.total_amount.amount -= 1;
  BOOST_TEST(code_of(service_fixture::run(m)) == "invalid_quote");
  m = order_of();
  m.lines[0].price.amount += 1;
  BOOST_TEST(code_of(service_fixture::run(m)) == "invalid_quote");
  m = order_of();
  m.quote.price_parts.push_back({price_part_kind::tax, "vat", "VAT", {1, "EUR"}});
  BOOST_TEST(code_of(service_fixture::run(m)) == "invalid_quote");
  BOOST_TEST(number("SELECT count(*) FROM orders") == 0);
  BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_SUITE_END()
