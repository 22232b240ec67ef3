// Captures at shipment.

#include "tests/support/payment_model.hpp"

using namespace stoa;
using namespace stoa::payment;

namespace {

payment_options at_shipment() {
  payment_options o;
  o.capture = capture_method::shipment;
  return o;
}

struct shipment_model : model {
  shipment_model() : model(at_shipment()) {}

  void ship(std::optional<std::int64_t> shipment = std::nullopt) {
    BOOST_REQUIRE(!apply(order::order_shipment_requested{order, staff.user.str(), shipment}));
  }
  std::int64_t declined_shipment() {
    BOOST_TEST(last_event() == "payment.capture_declined");
    const auto e = json::read<payment_capture_declined>(events.back()->payload);
    return e.value().shipment.value();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(capture_at_shipment, shipment_model)

BOOST_AUTO_TEST_CASE(shipping_captures_once) {
  reserve();
  BOOST_TEST(!call().capture);
  answer(open_effect::Authorize, paid);
  BOOST_TEST(
      json::read<payment_authorized>(events.back()->payload).value().capture_at_shipment.value());
  ship();
  ship();
  check(payment_status::Authorized, open_effect::Capture);
  BOOST_TEST(enum_name(call().operation) == "Capture");
  BOOST_TEST(detail().attempts.size() == 2u);
  // Retried under the same key, also after a crash.
  const auto first = key();
  answer(open_effect::Capture, silence);
  sweep(true);
  BOOST_TEST(call().key == first);
  answer(open_effect::Capture, paid);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(last_event() == "payment.completed");
  const auto logs = detail().logs;
  const auto asked = std::ranges::find(logs, "capture_initiated", &payment_log_view::event);
  BOOST_REQUIRE(asked != logs.end());
  BOOST_TEST(asked->details.requested_by.value_or("") == staff.user.str());
  // An order that has lost the event gets it again.
  const auto before = events.size();
  ship();
  BOOST_TEST(events.size() == before + 1);
  BOOST_TEST(last_event() == "payment.completed");
  BOOST_TEST(detail().attempts.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_declined_capture_is_reported_and_can_be_repeated) {
  reserve();
  answer(open_effect::Authorize, paid);
  ship();
  answer(open_effect::Capture, {gateway_status::declined, "", "capture_declined", "No."});
  check(payment_status::Authorized, open_effect::None);
  BOOST_TEST(last_event() == "payment.capture_declined");
  BOOST_TEST(row().failure_code.value_or("") == "capture_declined");
  ship();
  check(payment_status::Authorized, open_effect::Capture);
  answer(open_effect::Capture, paid);
  check(payment_status::Completed, open_effect::None);
}

BOOST_AUTO_TEST_CASE(a_shipment_is_captured_once_although_its_request_is_repeated) {
  const gateway_answer no{gateway_status::declined, "", "capture_declined", "No."};
  reserve();
  answer(open_effect::Authorize, paid);
  effects.clear();
  ship(3);
  BOOST_TEST(call().key.ends_with("#shipment-3"));
  answer(open_effect::Capture, no);
  BOOST_TEST(declined_shipment() == 3);
  // Repeated before the order has received the event: it will not be shipped.
  const auto before = events.size();
  ship(3);
  check(payment_status::Authorized, open_effect::None);
  BOOST_TEST(events.size() == before + 1);
  BOOST_TEST(declined_shipment() == 3);
  BOOST_TEST(detail().attempts.size() == 2u);
  // By staff.
  BOOST_REQUIRE(run(capture_payment{row().payment_id, order}, staff).has_value());
  answer(open_effect::Capture, no);
  BOOST_TEST(declined_shipment() == 0);
  ship(5);
  check(payment_status::Authorized, open_effect::Capture);
  answer(open_effect::Capture, paid);
  check(payment_status::Completed, open_effect::None);
}

BOOST_AUTO_TEST_CASE(an_expired_authorisation_voids_the_payment) {
  reserve();
  answer(open_effect::Authorize, paid);
  ship();
  answer(open_effect::Capture, canceled);
  check(payment_status::Voided, open_effect::None);
  BOOST_TEST(last_event() == "payment.capture_declined");
  BOOST_TEST(row().failure_code.value_or("") == "capture_canceled");
  const auto before = events.size();
  ship();
  BOOST_TEST(events.size() == before + 1);
  BOOST_TEST(last_event() == "payment.capture_declined");
  cancel_order();
  check(payment_status::Voided, open_effect::None);
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_is_not_captured) {
  reserve();
  answer(open_effect::Authorize, paid);
  ship();
  cancel_order();
  answer(open_effect::Capture, canceled);
  check(payment_status::Voided, open_effect::None);
  BOOST_TEST(last_event() == "payment.authorized");
  ship();
  BOOST_TEST(last_event() == "payment.authorized");
}

BOOST_AUTO_TEST_SUITE_END()
