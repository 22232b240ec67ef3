// The texts of `stoa check`'s findings, and the rules that need no store.

#include "net/cli/check_books.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

using namespace stoa::cli;

namespace {

std::string document() {
  std::ostringstream text;
  text << std::ifstream(STOA_SOURCE_DIR "/docs/check.md").rdbuf();
  return text.str();
}

order_books bought() {
  order_books b;
  b.order_id.bytes[15] = 1;
  stoa::uuid product;
  product.bytes[15] = 2;
  b.order.emplace();
  b.order->status = "Confirmed";
  b.order->total = b.order->subtotal = b.order->items_total = b.order->lines_total = 1200;
  b.order->units[product] = 3;
  b.order->history = {{"Confirmed", 2}, {"Pending", 1}};
  b.payment.emplace();
  b.payment->status = "Completed";
  b.payment->amount = 1200;
  b.payment->effect = "None";
  b.reservations = {{product, 3, "Sold"}};
  b.mails = {"confirmed"};
  return b;
}

std::string codes_of(const order_books& b) {
  finding_list found;
  check_times times;
  times.orders_now = times.payments_now = 1'000'000'000;
  times.pending_max = times.give_up = 600'000'000;
  judge(b, times, found);
  std::string codes;
  for (const auto& [code, count] : found.counts()) codes += code + " ";
  return codes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_document_has_every_code_and_no_other) {
  const auto text = document();
  std::size_t rows = 0;
  for (const auto& kind : finding_kinds()) {
    const auto row =
        "\n| `" + std::string(kind.code) + "` | " + std::string(stoa::enum_name(kind.level)) +
        " | " +
        (kind.repair == repair_action::none ? std::string("-")
                                            : std::string(stoa::enum_name(kind.repair))) +
        " | " + std::string(kind.meaning) + " |";
    BOOST_TEST(text.find(row) != std::string::npos, "docs/check.md lacks" << row);
  }
  for (auto at = text.find("\n| `"); at != text.npos; at = text.find("\n| `", at + 1)) ++rows;
  BOOST_TEST(rows == finding_kinds().size());
}

BOOST_AUTO_TEST_CASE(books_that_agree_have_no_finding) {
  BOOST_TEST(codes_of(bought()) == "");
}

BOOST_AUTO_TEST_CASE(an_order_with_an_event_in_transit_is_not_compared) {
  auto b = bought();
  b.reservations.clear();
  b.mails.clear();
  BOOST_TEST(codes_of(b) == "mail_missing reservation_missing ");
  b.in_flight = true;
  BOOST_TEST(codes_of(b) == "");
  // Invariants within the order service hold at any time.
  b.order->items_total = 1;
  BOOST_TEST(codes_of(b) == "order_wrong_total ");
}

BOOST_AUTO_TEST_CASE(the_parts_of_an_order_are_its_total) {
  auto b = bought();
  b.order->subtotal = b.order->items_total = b.order->lines_total = 1000;
  b.order->parts_total = 200;
  BOOST_TEST(codes_of(b) == "");
  b.order->parts_total = 199;
  BOOST_TEST(codes_of(b) == "order_wrong_total ");
  b.order->parts_total = 200;
  b.order->lines_total = 999;
  BOOST_TEST(codes_of(b) == "order_wrong_total ");
}

BOOST_AUTO_TEST_CASE(a_pending_order_has_time_until_it_is_overdue) {
  auto b = bought();
  b.order->status = "Pending";
  b.order->history = {{"Pending"}};
  b.payment->status = "Pending";
  b.payment->effect = "Authorize";
  b.payment->attempts_open = 1;
  b.payment->created_at = b.order->created_at = 500'000'000;
  b.payment->next_attempt_at = 1'000'000'000;
  b.reservations.front().status = "Active";
  BOOST_TEST(codes_of(b) == "");
  b.order->created_at = 1'000'000'000 - 600'000'000 - 61'000'000;
  BOOST_TEST(codes_of(b) == "order_overdue ");
  b.payment->next_attempt_at = 1'000'000'000 + 3'600'000'000;
  BOOST_TEST(codes_of(b) == "order_overdue payment_overdue ");
}

BOOST_AUTO_TEST_CASE(a_history_is_in_the_order_of_its_numbers) {
  auto b = bought();
  b.order->history = {{"Confirmed", 1}, {"Pending", 2}};
  BOOST_TEST(codes_of(b) == "order_history_wrong ");
  // Rows of earlier versions have no numbers and come first.
  b.order->history = {{"Confirmed", 1}, {"Pending"}};
  BOOST_TEST(codes_of(b) == "");
  b.order->history = {{"Confirmed"}, {"Pending"}};
  BOOST_TEST(codes_of(b) == "");
  b.order->history = {{"Pending", 1}, {"Confirmed", 2}, {"Confirmed", 3}};
  BOOST_TEST(codes_of(b) == "order_history_wrong ");
  b.order->history = {{"Pending", 1}, {"Confirmed", 2}, {"Cancelled", 3}};
  b.mails.insert("cancelled");
  BOOST_TEST(codes_of(b) == "order_history_wrong ");
}

BOOST_AUTO_TEST_CASE(amounts_in_another_currency_differ) {
  auto b = bought();
  b.order->currency = b.payment->currency = "EUR";
  BOOST_TEST(codes_of(b) == "");
  b.payment->currency = "USD";
  BOOST_TEST(codes_of(b) == "payment_wrong_amount ");
}

BOOST_AUTO_TEST_CASE(a_payment_that_waits_for_nothing_is_found) {
  auto b = bought();
  b.payment->order_cancelled = true;
  BOOST_TEST(codes_of(b) == "payment_wrong_state ");
  b = bought();
  b.payment->effect = "Refund";
  b.payment->next_attempt_at = 1'000'000'000;
  BOOST_TEST(codes_of(b) == "payment_wrong_state ");
  for (const auto* status : {"Pending", "Cancelled"}) {
    b = bought();
    b.order->status = status;
    b.order->history = {{"Pending", 1}};
    if (b.order->status == "Cancelled") b.order->history.push_back({"Cancelled", 2});
    b.order->created_at = 900'000'000;
    b.reservations.clear();
    b.mails = {"cancelled"};
    b.payment->status = "Pending";
    b.payment->order_cancelled = true;
    BOOST_TEST(codes_of(b) == "payment_wrong_state ");
  }
}

BOOST_AUTO_TEST_CASE(a_shipped_order_is_captured) {
  auto b = bought();
  b.payment->status = "Authorized";
  BOOST_TEST(codes_of(b) == "");
  for (const auto* status : {"Shipped", "Delivered"}) {
    b = bought();
    b.order->status = status;
    b.order->history.push_back({"Shipped", 3});
    b.mails.insert("shipped");
    if (b.order->status == "Delivered") {
      b.order->history.push_back({"Delivered", 4});
      b.mails.insert("delivered");
    }
    BOOST_TEST(codes_of(b) == "");
    b.payment->status = "Authorized";
    BOOST_TEST(codes_of(b) == "shipped_not_captured ");
    // Staff capture it.
    b.payment->effect = "Capture";
    b.payment->attempts_open = 1;
    b.payment->next_attempt_at = 1'000'000'000;
    BOOST_TEST(codes_of(b) == "");
  }
}

BOOST_AUTO_TEST_CASE(a_shipment_waits_for_a_capture) {
  auto b = bought();
  b.order->shipment_requested = true;
  b.order->history.push_back({"Confirmed", 3, true});
  b.payment->status = "Authorized";
  b.payment->effect = "Capture";
  b.payment->attempts_open = 1;
  b.payment->next_attempt_at = 1'000'000'000;
  BOOST_TEST(codes_of(b) == "");
  b.payment->effect = "None";
  b.payment->attempts_open = 0;
  BOOST_TEST(codes_of(b) == "shipment_not_settled ");
}

BOOST_AUTO_TEST_CASE(goods_that_the_order_does_not_have_are_found) {
  auto b = bought();
  stoa::uuid other;
  other.bytes[15] = 3;
  for (const auto* status : {"Active", "Sold"}) {
    b.reservations.resize(1);
    b.reservations.push_back({other, 1, status});
    BOOST_TEST(codes_of(b) == "reservation_not_of_order ");
  }
  b.reservations.back().status = "Released";
  BOOST_TEST(codes_of(b) == "");
  b.lines_left = 2;
  BOOST_TEST(codes_of(b) == "cart_has_bought_lines ");
}

BOOST_AUTO_TEST_CASE(findings_of_one_code_are_bounded_and_counted) {
  finding_list all;
  for (std::int64_t i = 0; i < finding_list::kept_max + 10; ++i) {
    all.add({"mail_failed", "notification", std::to_string(i), std::nullopt, ""});
  }
  finding_list sum;
  sum.add(std::move(all));
  BOOST_TEST(sum.counts().at("mail_failed") == finding_list::kept_max + 10);
  BOOST_TEST(std::ssize(sum.kept()) == finding_list::kept_max);
  sum.drop({"mail_failed"});
  BOOST_TEST(sum.empty());
}
