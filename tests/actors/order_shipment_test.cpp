// Shipping an order whose payment is captured first, and the refunds of an order's lines.

#include "tests/support/order_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::order;

using types = std::vector<std::string>;

struct shipment : order_fixture {
  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);

  /// A confirmed order whose payment is only authorised.
  stoa::order_id authorized(bool at_shipment = true) {
    const auto id = placed();
    std::optional<bool> flag;
    if (at_shipment) flag = true;
    BOOST_REQUIRE(!apply(payment::payment_authorized{{}, id, {3098, "EUR"}, flag}));
    emitted();
    return id;
  }
  void decline(stoa::order_id id, const std::string& code = "fraudulent") {
    BOOST_REQUIRE(!apply(payment::payment_capture_declined{{}, id, code, "No."}));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order_shipment, shipment)

BOOST_AUTO_TEST_CASE(a_shipment_waits_for_the_capture) {
  const auto id = authorized();
  const auto asked = run(ship_order{id, "by van"}, staff).value();
  BOOST_TEST((asked.status == order_status::Confirmed));
  BOOST_TEST(asked.shipment_requested_at.value().us == time.now().us);
  BOOST_TEST((emitted() == types{"order.shipment_requested"}));
  BOOST_REQUIRE(!paid(id));
  BOOST_TEST((emitted() == types{"order.shipped"}));
  const auto shipped = now(id);
  BOOST_TEST((shipped.status == order_status::Shipped));
  BOOST_TEST(!shipped.shipment_requested_at);
  BOOST_REQUIRE(shipped.status_history.size() == 4U);
  BOOST_TEST(shipped.status_history[2].reason.value() == "Shipment requested: by van");
  BOOST_TEST(shipped.status_history[2].actor == staff.user.str());
  BOOST_TEST(shipped.status_history[3].actor == staff.user.str());
  // Later news changes nothing.
  BOOST_REQUIRE(!paid(id));
  decline(id);
  BOOST_TEST(emitted().empty());
  BOOST_TEST((status(id) == order_status::Shipped));
}

BOOST_AUTO_TEST_CASE(a_repeated_request_is_one_shipment) {
  const auto id = authorized();
  BOOST_REQUIRE(run(ship_order{id, {}}, staff).has_value());
  BOOST_REQUIRE(run(ship_order{id, {}}, staff).has_value());
  // Sent again: the Payment service captures once.
  BOOST_TEST((emitted() == types(2, "order.shipment_requested")));
  BOOST_TEST(now(id).status_history.size() == 3U);
  BOOST_REQUIRE(!paid(id));
  BOOST_TEST((emitted() == types{"order.shipped"}));
}

BOOST_AUTO_TEST_CASE(a_declined_capture_ships_nothing_and_hides_the_gateways_code) {
  const auto id = authorized();
  BOOST_REQUIRE(run(ship_order{id, {}}, staff).has_value());
  emitted();
  decline(id);
  BOOST_TEST((emitted() == types{"order.shipment_declined"}));
  auto view = now(id);
  BOOST_TEST((view.status == order_status::Confirmed));
  BOOST_TEST(!view.shipment_requested_at);
  BOOST_TEST(view.status_history.back().reason.value() ==
             "Not shipped: the payment could not be captured (card_declined).");
  BOOST_TEST(status_of(run(deliver_order{id, {}}, staff)) == 409);
  // It can be shipped again, or cancelled.
  BOOST_REQUIRE(run(ship_order{id, {}}, staff).has_value());
  emitted();
  BOOST_REQUIRE(run(cancel_order{id, false, {}}, staff).has_value());
  BOOST_TEST((emitted() == types{"order.cancelled"}));
  BOOST_TEST(!now(id).shipment_requested_at);
  // The capture was too late: the Payment service refunds it.
  BOOST_REQUIRE(!paid(id));
  BOOST_TEST(emitted().empty());
  BOOST_TEST((status(id) == order_status::Cancelled));
}

BOOST_AUTO_TEST_CASE(a_declined_capture_of_an_earlier_shipment_does_not_end_the_present_one) {
  const auto id = authorized();
  const auto requested = [&] {
    BOOST_REQUIRE(run(ship_order{id, {}}, staff).has_value());
    return json::read<order_shipment_requested>(events.back()->payload).value().shipment.value();
  };
  const auto first = requested();
  BOOST_TEST(requested() == first);  // A repeat.
  payment::payment_capture_declined e{{}, id, "capture_declined", "No.", first};
  BOOST_REQUIRE(!apply(e));
  const auto second = requested();
  BOOST_TEST(second > first);
  // The answer to the repeat.
  BOOST_REQUIRE(!apply(e));
  BOOST_TEST(now(id).shipment_requested_at.has_value());
  BOOST_REQUIRE(!paid(id));
  BOOST_TEST((status(id) == order_status::Shipped));
}

BOOST_AUTO_TEST_CASE(a_declined_capture_by_staff_does_not_end_a_shipment) {
  const auto id = authorized();
  BOOST_REQUIRE(run(ship_order{id, {}}, staff).has_value());
  emitted();
  BOOST_REQUIRE(!apply(payment::payment_capture_declined{{}, id, "capture_declined", "No.", 0}));
  BOOST_TEST((emitted() == types{"order.shipment_requested"}));
  BOOST_TEST(now(id).shipment_requested_at.has_value());
}

BOOST_AUTO_TEST_CASE(a_captured_order_ships_at_once) {
  const auto before = authorized();
  BOOST_REQUIRE(!paid(before));  // Captured by staff.
  BOOST_TEST(emitted().empty());
  BOOST_TEST((run(ship_order{before, {}}, staff).value().status == order_status::Shipped));
  // With payment.capture = manual staff decide when to capture.
  const auto manual = authorized(false);
  BOOST_TEST((run(ship_order{manual, {}}, staff).value().status == order_status::Shipped));
}

BOOST_AUTO_TEST_CASE(only_the_current_state_is_shipped) {
  const auto id = authorized();
  ship_order m{id, {}};
  m.precondition.emplace().match = {"\"outdated\""};
  BOOST_TEST(status_of(run(m, staff)) == 412);
  BOOST_TEST(!now(id).shipment_requested_at);
}

BOOST_AUTO_TEST_CASE(a_line_shows_its_refunds) {
  const auto id = confirmed();
  emitted();
  const auto item = now(id).items[0];
  BOOST_TEST(item.refunded_quantity == 0);
  payment::payment_refunded e{{}, id, {1299, "EUR"}, stoa::refund_id{system_ids().next_v7()}};
  e.lines.emplace().push_back({item.order_item_id,
                               item.product_id,
                               item.name,
                               1,
                               {1299, "EUR"},
                               item.quantity,
                               item.line_total});
  e.restock = true;
  const stoa::event_id once{system_ids().next_v7()};
  BOOST_REQUIRE(!apply(e, once));
  BOOST_REQUIRE(!apply(e, once));
  BOOST_REQUIRE(events.size() == 1U);
  const auto published = json::read_lenient<order_refunded>(events[0]->payload).value();
  BOOST_TEST(published.restock.value());
  BOOST_TEST((published.refund_id == e.refund_id));
  BOOST_TEST((published.lines == e.lines));
  const auto refunded = now(id).items[0];
  BOOST_TEST(refunded.refunded_quantity == 1);
  BOOST_TEST(refunded.refunded_amount.amount == 1299);
  BOOST_TEST(now(id).items[1].refunded_quantity == 0);
}

BOOST_AUTO_TEST_SUITE_END()
