// What `stoa check` says of its findings, and the rules that need no store.

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
  b.order->total = b.order->items_total = 1200;
  b.order->units[product] = 3;
  b.order->history = {"Confirmed", "Pending"};
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
  times.now = 1'000'000'000;
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

BOOST_AUTO_TEST_CASE(an_order_with_an_event_under_way_is_not_compared) {
  auto b = bought();
  b.reservations.clear();
  b.mails.clear();
  BOOST_TEST(codes_of(b) == "mail_missing reservation_missing ");
  b.in_flight = true;
  BOOST_TEST(codes_of(b) == "");
  // What the order service alone says must agree at any time.
  b.order->items_total = 1;
  BOOST_TEST(codes_of(b) == "order_wrong_total ");
}

BOOST_AUTO_TEST_CASE(a_pending_order_has_time_until_it_is_overdue) {
  auto b = bought();
  b.order->status = "Pending";
  b.order->history = {"Pending"};
  b.payment->status = "Pending";
  b.payment->effect = "Charge";
  b.payment->created_at = b.order->created_at = 500'000'000;
  b.payment->next_attempt_at = 1'000'000'000;
  b.reservations.front().status = "Active";
  BOOST_TEST(codes_of(b) == "");
  b.order->created_at = 1'000'000'000 - 600'000'000 - 61'000'000;
  BOOST_TEST(codes_of(b) == "order_overdue ");
  b.payment->next_attempt_at = 1'000'000'000 + 3'600'000'000;
  BOOST_TEST(codes_of(b) == "order_overdue payment_overdue ");
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
