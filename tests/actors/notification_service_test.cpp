// The Notification service's decisions: one mail for each step of an order, retried until it is
// delivered or given up.

#include "actors/notification/notification_service.hpp"

#include "tests/support/service_fixture.hpp"

using namespace stoa;
using namespace stoa::notification;
using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::status_of;

namespace {

struct mails : test::service_fixture<notification_service> {
  mails() : service_fixture(notification_service(notification_options{})) {}

  const notification_options options;
  const stoa::user_id alice{system_ids().next_v7()};

  order::order_summary about(std::string email = "alice@example.org") {
    order::order_summary s;
    s.order_id = {system_ids().next_v7()};
    s.user_id = alice;
    s.email = std::move(email);
    s.customer_name = "Alice <b>";
    s.lines = {{{system_ids().next_v7()}, "Mug & cup", 2, {2598, "EUR"}}};
    s.total = {2598, "EUR"};
    return s;
  }
  std::vector<notification_view> all() {
    list_notifications_query q;
    q.all = true;
    return read(q, as_system()).value().data;
  }
  notification_detail_view detail(stoa::notification_id id) {
    return read(get_notification{id}, as_system()).value();
  }
  notification_detail_view only() {
    auto found = all();
    BOOST_REQUIRE(found.size() == 1u);
    return detail(found[0].notification_id);
  }
  void deliver(stoa::notification_id id, std::optional<std::string> error = std::nullopt) {
    const auto done = run(delivery_result{id, std::move(error)}, as_system());
    BOOST_REQUIRE(done);
  }
  send_notification sending() {
    BOOST_REQUIRE(effects.size() == 1u);
    auto e = effects.front().as<send_notification>();
    effects.clear();
    return e;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notification_decisions, mails)

BOOST_AUTO_TEST_CASE(a_confirmed_order_is_notified_by_mail) {
  const auto order = about();
  BOOST_REQUIRE(!apply(order::order_confirmed{order}));
  auto n = only();
  BOOST_TEST(enum_name(n.status) == "Pending");
  BOOST_TEST(enum_name(n.type) == "Email");
  BOOST_TEST(n.recipient == "alice@example.org");
  BOOST_TEST(n.order_id.value().str() == order.order_id.str());
  BOOST_TEST(n.user_id.value().str() == alice.str());
  BOOST_TEST(n.template_name == "confirmed");
  BOOST_TEST(n.message.find("Mug & cup") != std::string::npos);
  BOOST_TEST(n.message.find("€25.98") != std::string::npos);
  BOOST_TEST(n.html.find("Mug &amp; cup") != std::string::npos);
  BOOST_TEST(n.html.find("Alice <b>") == std::string::npos);
  BOOST_TEST(n.next_attempt_at.has_value());
  auto e = sending();
  BOOST_TEST(e.message.key == n.notification_id.str());
  BOOST_TEST(e.message.to == "alice@example.org");
  BOOST_TEST(e.message.from == options.mail_from);
  BOOST_TEST(e.message.subject == n.subject);
  BOOST_TEST(e.message.text == n.message);
  BOOST_TEST(e.message.html == n.html);
  BOOST_TEST(e.message.date.us == n.created_at.us);
  time.advance(seconds{1});
  deliver(n.notification_id);
  n = only();
  BOOST_TEST(enum_name(n.status) == "Sent");
  BOOST_TEST(n.sent_at.value().us == time.now().us);
  BOOST_TEST(!n.next_attempt_at);
  BOOST_REQUIRE(n.logs.size() == 2u);
  BOOST_TEST(enum_name(n.logs[1].status) == "Sent");
}

BOOST_AUTO_TEST_CASE(each_step_of_an_order_has_its_own_mail) {
  const auto order = about();
  BOOST_REQUIRE(!apply(order::order_confirmed{order}));
  BOOST_REQUIRE(!apply(order::order_shipped{order}));
  BOOST_REQUIRE(!apply(order::order_delivered{order}));
  BOOST_REQUIRE(!apply(order::order_cancelled{order, "customer", "Too late for the party."}));
  BOOST_REQUIRE(!apply(order::order_refunded{order, {1111, "EUR"}}));
  auto list = all();
  BOOST_REQUIRE(list.size() == 5u);
  BOOST_TEST(effects.size() == 5u);
  std::vector<std::string> templates;
  for (const auto& v : list) templates.push_back(detail(v.notification_id).template_name);
  BOOST_TEST((templates == std::vector<std::string>{"refunded", "cancelled", "delivered", "shipped",
                                                    "confirmed"}));
  BOOST_TEST(list[0].message.find("11.11") != std::string::npos);
  BOOST_TEST(list[0].message.find("Mug") == std::string::npos);
  BOOST_TEST(list[1].message.find("Too late for the party.") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_mail_about_a_declined_payment_has_a_sentence_and_no_code) {
  const auto reason_for = [&](std::optional<std::string> code) {
    order::order_cancelled e{about(), "payment_failed", code.value_or("x") + ": Gateway's text."};
    e.failure_code = code;
    BOOST_REQUIRE(!apply(e));
    const auto text = all().front().message;
    BOOST_TEST(text.find("Gateway") == std::string::npos);
    BOOST_TEST(text.find('_') == std::string::npos);
    const auto at = text.find("Reason: ") + std::string_view("Reason: ").size();
    return text.substr(at, text.find('\n', at) - at);
  };
  const std::string general = "The payment was declined.";
  BOOST_TEST(reason_for("card_declined") == general);
  BOOST_TEST(reason_for("fraudulent") == general);
  BOOST_TEST(reason_for("a_code_of_a_new_gateway") == general);
  BOOST_TEST(reason_for(std::nullopt) == general);  // From a node of the previous version.
  BOOST_TEST(reason_for("expired_card") == "The card has expired.");
  BOOST_TEST(reason_for("insufficient_funds") ==
             "The card had insufficient funds for the payment.");
  BOOST_TEST(reason_for("authentication_failed") ==
             "The payment was not confirmed with the bank that issued the card.");
}

BOOST_AUTO_TEST_CASE(the_mail_about_a_refund_distinguishes_a_partial_one) {
  const auto order = about();
  BOOST_REQUIRE(!apply(order::order_refunded{order, {1111, "EUR"}}));
  BOOST_TEST(only().subject.starts_with("Your partial refund"));
  BOOST_TEST(only().message.find("part of your order: €11.11 of €25.98.") != std::string::npos);
  order::order_refunded line{order, {1111, "EUR"}};
  line.lines.emplace().push_back({{}, {}, "Blue mug", 2, {1111, "EUR"}, 2, {1111, "EUR"}});
  line.lines->front().properties = line_properties{{"Engraving", "For <Ada>"}};
  BOOST_REQUIRE(!apply(line));
  BOOST_TEST(all().front().message.find("2 x Blue mug: €11.11\n    Engraving: For <Ada>\n") !=
             std::string::npos);
  BOOST_TEST(detail(all().front().notification_id).html.find("<br>Engraving: For &lt;Ada&gt;") !=
             std::string::npos);
  BOOST_REQUIRE(!apply(order::order_refunded{order, order.total}));
  const auto full = detail(all().front().notification_id);
  BOOST_TEST(full.subject.starts_with("Your refund"));
  BOOST_TEST(full.message.find("We have refunded your order.") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_same_event_makes_one_mail) {
  const stoa::event_id id{system_ids().next_v7()};
  const order::order_confirmed e{about()};
  BOOST_REQUIRE(!apply(e, id));
  BOOST_REQUIRE(!apply(e, id));
  BOOST_TEST(all().size() == 1u);
  BOOST_TEST(effects.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_failed_attempt_is_repeated_later_under_the_same_key) {
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  const auto first = sending();
  deliver(first.notification_id, "disk full");
  auto n = only();
  BOOST_TEST(enum_name(n.status) == "Pending");
  BOOST_TEST(n.attempts == 1);
  BOOST_TEST(n.logs.back().error_message.value_or("") == "disk full");
  BOOST_TEST(sweep() == 0u);
  time.advance(options.retry_min);
  BOOST_TEST(sweep() == 1u);
  auto again = sending();
  BOOST_TEST(again.message.key == first.message.key);
  BOOST_TEST(json::write(again.message) == json::write(first.message));
  deliver(first.notification_id, "disk full");
  const auto delay = only().next_attempt_at.value() - time.now();
  BOOST_TEST((delay <= 2 * options.retry_min));
  BOOST_TEST((delay > 2 * options.retry_min * 3 / 4));
  deliver(first.notification_id);
  BOOST_TEST(enum_name(only().status) == "Sent");
}

BOOST_AUTO_TEST_CASE(after_a_permanent_failure_it_is_not_retried) {
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  const auto id = sending().notification_id;
  BOOST_REQUIRE(run(delivery_result{id, "no such mailbox", true}, as_system()));
  const auto n = only();
  BOOST_TEST(enum_name(n.status) == "Failed");
  BOOST_TEST(n.attempts == 1);
  BOOST_TEST(n.logs.back().error_message.value_or("") == "no such mailbox");
  time.advance(options.retry_max);
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(after_the_last_attempt_it_has_failed_with_the_reason) {
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  const auto id = sending().notification_id;
  for (std::int64_t i = 0; i < options.attempts_max; ++i) deliver(id, "no such mailbox");
  auto n = only();
  BOOST_TEST(enum_name(n.status) == "Failed");
  BOOST_TEST(n.logs.back().error_message.value_or("") == "no such mailbox");
  BOOST_TEST(enum_name(n.logs.back().status) == "Failed");
  time.advance(seconds{100'000});
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(sweep(true) == 0u);
  deliver(id, "again");
  BOOST_TEST(only().logs.size() == n.logs.size());
  deliver(id);  // The last attempt was only slow.
  BOOST_TEST(enum_name(only().status) == "Sent");
  deliver(id, "too late");
  BOOST_TEST(enum_name(only().status) == "Sent");
}

BOOST_AUTO_TEST_CASE(what_is_open_is_sent_again_after_a_restart_or_a_loss) {
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  const auto first = sending();
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(sweep(true) == 1u);
  BOOST_TEST(sending().message.key == first.message.key);
  time.advance(options.send_timeout + options.send_margin);
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(sending().message.key == first.message.key);
}

BOOST_AUTO_TEST_CASE(an_order_without_an_address_leaves_a_failed_notification) {
  BOOST_REQUIRE(!apply(order::order_confirmed{about("")}));
  auto n = only();
  BOOST_TEST(enum_name(n.status) == "Failed");
  BOOST_TEST(n.logs.at(0).error_message.has_value());
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(results_for_unknown_notifications_change_nothing) {
  deliver({system_ids().next_v7()});
  BOOST_TEST(run(retry_notification{{system_ids().next_v7()}, true}, as_system()).has_value());
  BOOST_TEST(all().empty());
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(customers_see_their_own_and_staff_see_all) {
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  auto other = about("guest@example.org");
  other.user_id.reset();
  BOOST_REQUIRE(!apply(order::order_confirmed{other}));
  auto mine = read(list_notifications_query{}, as_user(alice)).value();
  BOOST_REQUIRE(mine.data.size() == 1u);
  BOOST_TEST(mine.data[0].recipient == "alice@example.org");
  const stoa::user_id bob{system_ids().next_v7()};
  BOOST_TEST(read(list_notifications_query{}, as_user(bob)).value().data.empty());
  BOOST_TEST(status_of(read(list_notifications_query{})) == 404);
  list_notifications_query q;
  q.all = true;
  q.limit = 1;
  BOOST_TEST(status_of(read(q, as_user(alice))) == 404);
  BOOST_TEST(status_of(read(get_notification{mine.data[0].notification_id}, as_user(alice))) ==
             404);
  auto staff = as_user(bob, kernel::role::staff);
  auto page = read(q, staff).value();
  BOOST_REQUIRE(page.data.size() == 1u);
  q.before = stoa::notification_id::parse(page.next_cursor.value.value());
  auto rest = read(q, staff).value();
  BOOST_REQUIRE(rest.data.size() == 1u);
  BOOST_TEST(rest.data[0].notification_id.str() == mine.data[0].notification_id.str());
  BOOST_TEST(!rest.next_cursor.value.has_value());
  q.before.reset();
  q.status = notification_status::Sent;
  BOOST_TEST(read(q, staff).value().data.empty());
}

BOOST_AUTO_TEST_SUITE_END()
