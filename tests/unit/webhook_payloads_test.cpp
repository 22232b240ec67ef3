// The bodies of webhooks, whose versions are fixed, and the schedule of retries.

#include "actors/notification/webhook_payloads.hpp"

#include "actors/notification/webhook_rules.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/order_number.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace stoa;
using namespace stoa::notification;

namespace {

template <class Id>
Id id_with(std::uint8_t last) {
  Id id{};
  id.value.bytes.fill(0);
  id.value.bytes.back() = last;
  return id;
}

order::order_summary an_order() {
  order::order_summary s;
  s.order_id = id_with<stoa::order_id>(1);
  s.user_id = id_with<stoa::user_id>(2);
  s.cart_id = id_with<stoa::cart_id>(3);
  s.email = "ada@example.com";
  s.customer_name = "Ada Lovelace";
  s.lines = {{id_with<stoa::product_id>(4), "Radio", 2, {2598, "EUR"}}};
  s.lines[0].cart_item_id = id_with<stoa::cart_item_id>(5);
  s.lines[0].sku = "R-1";
  s.lines[0].options = {{"Color", "red"}};
  s.total = {3098, "EUR"};
  s.order_number = "2026-1";
  s.price_parts = {{price_part_kind::shipping, "standard", "Shipping", {500, "EUR"}}};
  s.phone = "+1 555";
  s.locale = "en";
  return s;
}

template <class E>
std::string body_of(const E& e) {
  return webhook_body(E::name, {1'700'000'000'000'000}, json::write(webhook_data_of(e)));
}

const std::string order_v1 =
    R"({"order_id":"00000000-0000-0000-0000-000000000001","order_number":"2026-1",)"
    R"("user_id":"00000000-0000-0000-0000-000000000002","email":"ada@example.com",)"
    R"("customer_name":"Ada Lovelace","phone":"+1 555","locale":"en","lines":[)"
    R"({"product_id":"00000000-0000-0000-0000-000000000004","name":"Radio","sku":"R-1",)"
    R"("options":[{"name":"Color","value":"red"}],"quantity":2,)"
    R"("line_total":{"amount":2598,"currency":"EUR"}}],)"
    R"("price_parts":[{"kind":"shipping","code":"standard","reason":"Shipping",)"
    R"("amount":{"amount":500,"currency":"EUR"}}],"total":{"amount":3098,"currency":"EUR"}})";
const std::string begin =
    R"("timestamp":"2023-11-14T22:13:20.000000Z","data":{"order":)" + order_v1;

webhook_delivery_row failed(std::int64_t attempts, std::uint8_t last = 0) {
  webhook_delivery_row d;
  d.delivery_id = id_with<stoa::webhook_delivery_id>(last);
  d.attempts = attempts;
  d.retry_until = timestamp{} + std::chrono::hours{72};
  return d;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_payloads)

BOOST_AUTO_TEST_CASE(payload_version_1_never_changes) {
  const auto o = an_order();
  BOOST_TEST(body_of(order::order_confirmed{o}) == R"({"type":"order.confirmed",)" + begin + "}}");
  BOOST_TEST(body_of(order::order_shipped{o}) == R"({"type":"order.shipped",)" + begin + "}}");
  BOOST_TEST(body_of(order::order_delivered{o}) == R"({"type":"order.delivered",)" + begin + "}}");
  order::order_cancelled cancelled{o, "payment_failed", "The payment failed."};
  cancelled.failure_code = "card_declined";
  BOOST_TEST(body_of(cancelled) == R"({"type":"order.cancelled",)" + begin +
                                       R"(,"code":"payment_failed","reason":"The payment failed.",)"
                                       R"("failure_code":"card_declined"}})");
  BOOST_TEST(body_of(order::order_refunded{o, {100, "EUR"}}) ==
             R"({"type":"order.refunded",)" + begin +
                 R"(,"amount":{"amount":100,"currency":"EUR"}}})");
  BOOST_TEST(body_of(order::order_payment_awaited{o, {1'700'000'000'000'000}, "IBAN 1"}) ==
             R"({"type":"order.payment_awaited",)" + begin +
                 R"(,"pay_until":"2023-11-14T22:13:20.000000Z","instructions":"IBAN 1"}})");
}

BOOST_AUTO_TEST_CASE(a_refund_by_line_has_the_refunded_lines) {
  const auto o = an_order();
  order::order_refunded e{o, {1799, "EUR"}, id_with<stoa::refund_id>(6)};
  e.lines = {{id_with<stoa::order_item_id>(7),
              id_with<stoa::product_id>(4),
              "Radio",
              1,
              {1299, "EUR"},
              2,
              {2598, "EUR"}}};
  e.shipping_amount = money{500, "EUR"};
  e.restock = true;
  BOOST_TEST(body_of(e) ==
             R"({"type":"order.refunded",)" + begin +
                 R"(,"amount":{"amount":1799,"currency":"EUR"},)"
                 R"("refund_id":"00000000-0000-0000-0000-000000000006","lines":[)"
                 R"({"order_item_id":"00000000-0000-0000-0000-000000000007",)"
                 R"("product_id":"00000000-0000-0000-0000-000000000004","name":"Radio",)"
                 R"("sku":"R-1","quantity":1,"amount":{"amount":1299,"currency":"EUR"}}],)"
                 R"("shipping_amount":{"amount":500,"currency":"EUR"},"restock":true}})");
}

BOOST_AUTO_TEST_CASE(events_of_payments_name_their_order) {
  const auto payment = id_with<stoa::payment_id>(8);
  const auto order = id_with<stoa::order_id>(1);
  const auto head = [&](const std::string& type) {
    return R"({"type":")" + type +
           R"(","timestamp":"2023-11-14T22:13:20.000000Z","data":{)"
           R"("payment_id":"00000000-0000-0000-0000-000000000008",)"
           R"("order_id":"00000000-0000-0000-0000-000000000001","order_number":")" +
           to_display_number(order_number_of(order)) + "\",";
  };
  const std::string amount = R"("amount":{"amount":100,"currency":"EUR"})";
  BOOST_TEST(body_of(payment::payment_failed{payment, order, "card_declined", "No."}) ==
             head("payment.failed") + R"("code":"card_declined"}})");
  BOOST_TEST(body_of(payment::payment_capture_declined{payment, order, "canceled", "No."}) ==
             head("payment.capture_declined") + R"("code":"canceled"}})");
  BOOST_TEST(
      body_of(payment::payment_refund_reversed{payment, order, {100, "EUR"}, "card_closed"}) ==
      head("payment.refund_reversed") + amount + R"(,"code":"card_closed"}})");
  BOOST_TEST(body_of(payment::payment_dispute_opened{
                 payment, order, "dp_1", {100, "EUR"}, "fraudulent", std::nullopt}) ==
             head("payment.dispute_opened") + R"("reference":"dp_1",)" + amount +
                 R"(,"reason":"fraudulent"}})");
  BOOST_TEST(body_of(payment::payment_dispute_closed{
                 payment, order, "dp_1", {100, "EUR"}, payment::dispute_status::Lost}) ==
             head("payment.dispute_closed") + R"("reference":"dp_1",)" + amount +
                 R"(,"outcome":"Lost"}})");
}

BOOST_AUTO_TEST_CASE(low_stock_names_the_product) {
  stoa::product_id product;
  product.value.bytes[15] = 9;
  BOOST_TEST(
      body_of(catalog::stock_low{product, 3, 5}) ==
      R"({"type":"stock.low","timestamp":"2023-11-14T22:13:20.000000Z","data":)"
      R"({"product_id":"00000000-0000-0000-0000-000000000009","available":3,"threshold":5}})");
  BOOST_TEST((subject_of_event(catalog::stock_low{product, 3, 5}).value == product.value));
}

BOOST_AUTO_TEST_CASE(only_public_types_can_be_chosen) {
  BOOST_TEST(is_webhook_event_type("order.confirmed"));
  BOOST_TEST(is_webhook_event_type("payment.dispute_opened"));
  BOOST_TEST(!is_webhook_event_type("order.placed"));
  // It is part of each purchase: its delivery would make purchases more expensive.
  BOOST_TEST(!is_webhook_event_type("payment.completed"));
  BOOST_TEST(!is_webhook_event_type("user.account_mail"));
  BOOST_TEST(!is_webhook_event_type("webhook.test"));
  webhook_endpoint_row e;
  e.event_types = {"order.confirmed", "order.refunded"};
  BOOST_TEST(wants(e, "order.refunded"));
  BOOST_TEST(!wants(e, "order.shipped"));
  e.event_types = {"*"};
  BOOST_TEST(wants(e, "order.shipped"));
}

BOOST_AUTO_TEST_CASE(attempts_are_spread_over_three_days) {
  const webhook_options options;
  timestamp now{};
  int attempts = 0;
  auto d = failed(0);
  for (;;) {
    ++attempts;
    d.attempts = attempts;
    const auto next = next_attempt(d, now, std::nullopt, options);
    if (!next) break;
    BOOST_TEST_REQUIRE((*next > now));
    BOOST_TEST_REQUIRE((*next - now <= options.retry_max));
    now = *next;
  }
  BOOST_TEST((now == d.retry_until));  // The last attempt is at the end of the three days.
  BOOST_TEST(attempts >= 17);
  BOOST_TEST(attempts <= 23);
}

BOOST_AUTO_TEST_CASE(the_delay_doubles_and_is_spread) {
  const webhook_options options;
  const auto delay = [&](std::int64_t n, std::uint8_t last) {
    return (*next_attempt(failed(n, last), timestamp{}, std::nullopt, options)).us;
  };
  std::set<std::int64_t> different;
  for (int last = 0; last < 256; ++last) {
    const auto first = delay(1, static_cast<std::uint8_t>(last));
    BOOST_TEST(first <= 5'000'000);
    BOOST_TEST(first >= 3'750'000);
    different.insert(first);
  }
  BOOST_TEST(different.size() == 256U);
  BOOST_TEST(delay(4, 0) <= 40'000'000);
  BOOST_TEST(delay(4, 0) >= 30'000'000);
}

BOOST_AUTO_TEST_CASE(retry_after_delays_within_bounds) {
  const webhook_options options;
  const auto at = [&](std::int64_t s) {
    return (*next_attempt(failed(1), timestamp{}, s, options)).us / 1'000'000;
  };
  BOOST_TEST(at(0) <= 5);
  BOOST_TEST(at(600) == 600);
  BOOST_TEST(at(10'000'000) == 43'200);
  BOOST_TEST(at(-5) <= 5);
}

BOOST_AUTO_TEST_CASE(an_endpoint_is_disabled_after_days_of_failures) {
  const webhook_options options;
  webhook_endpoint_row e;
  BOOST_TEST(!has_failed_too_long(e, {1'000'000'000'000'000}, options));
  e.failing_since = timestamp{};
  BOOST_TEST(!has_failed_too_long(e, timestamp{} + std::chrono::hours{119}, options));
  BOOST_TEST(has_failed_too_long(e, timestamp{} + std::chrono::hours{120}, options));
}

BOOST_AUTO_TEST_SUITE_END()
