// The Notification service's decisions about text messages and push messages.

#include "actors/notification/notification_service.hpp"
#include "storage/base/json_read.hpp"
#include "tests/support/service_fixture.hpp"

using namespace stoa;
using namespace stoa::notification;
using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

notification_options all_channels() {
  notification_options o;
  o.store_name = "Tea & Co";
  o.sms.kinds = short_kinds_of({"shipped", "action_required", "no_such_kind"});
  o.push.kinds = short_kinds_of({"confirmed", "shipped"});
  o.push.attempts_max = 3;
  o.order_url = "https://shop.example/orders/";
  return o;
}

struct channels : test::service_fixture<notification_service> {
  explicit channels(notification_options o = all_channels())
      : service_fixture(notification_service(std::move(o))) {}

  const stoa::user_id alice{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};

  order::order_summary about(std::optional<std::string> phone = "+49 30 123456") {
    order::order_summary s;
    s.order_id = {system_ids().next_v7()};
    s.user_id = alice;
    s.email = "alice@example.org";
    s.total = {2598, "EUR"};
    s.order_number = "1001";
    s.phone = std::move(phone);
    return s;
  }
  std::vector<send_notification> sent() {
    std::vector<send_notification> all;
    for (const auto& e : effects) all.push_back(e.as<send_notification>());
    effects.clear();
    return all;
  }
  std::vector<send_notification> sent(notification_type type) {
    auto all = sent();
    std::erase_if(all, [&](const auto& e) { return e.type != type; });
    return all;
  }
  result<push_subscription_view> subscribe(stoa::user_id who, const std::string& endpoint,
                                           const std::string& auth = "auth") {
    return run(put_push_subscription{who, endpoint, "key", auth}, as_user(who));
  }
  std::size_t subscriptions(stoa::user_id who) {
    return read(list_push_subscriptions{who}, as_user(who)).value().data.size();
  }
  notification_detail_view detail(stoa::notification_id id) {
    return read(get_notification{id}, as_system()).value();
  }
  std::string status(stoa::notification_id id) { return std::string(enum_name(detail(id).status)); }
  report_outcome report(stoa::notification_id id, delivery_state state,
                        const std::string& message = "SM1") {
    return run(receive_delivery_report{id, "twilio", message, state,
                                       state == delivery_state::Failed
                                           ? std::optional<std::string>("30003")
                                           : std::nullopt})
        .value()
        .outcome;
  }
  stoa::notification_id text_message() {
    BOOST_REQUIRE(!apply(order::order_shipped{about()}));
    auto all = sent(notification_type::SMS);
    BOOST_REQUIRE(all.size() == 1u);
    return all[0].notification_id;
  }
  stoa::notification_id push_message(const std::string& endpoint) {
    BOOST_REQUIRE(subscribe(alice, endpoint));
    BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
    auto all = sent(notification_type::Push);
    BOOST_REQUIRE(all.size() == 1u);
    return all[0].notification_id;
  }
  void answer(delivery_result r) { BOOST_REQUIRE(run(std::move(r), as_system())); }
};

/// Without a provider of text messages and without push.
struct only_mail : channels {
  only_mail() : channels(notification_options{}) {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notification_channels, channels)

BOOST_AUTO_TEST_CASE(a_shipped_order_with_a_phone_number_has_a_text_message) {
  const auto order = about();
  BOOST_REQUIRE(!apply(order::order_shipped{order}));
  const auto all = sent();
  BOOST_TEST_REQUIRE(all.size() == 2u);  // and the email
  const auto& e = all[1];
  BOOST_TEST((e.type == notification_type::SMS));
  BOOST_TEST(e.message.key == e.notification_id.str());
  BOOST_TEST(e.message.to == "+4930123456");
  BOOST_TEST(e.message.text == "Tea & Co: Your order 1001 has shipped.");
  const auto n = detail(e.notification_id);
  BOOST_TEST(enum_name(n.type) == "SMS");
  BOOST_TEST(n.recipient == "+4930123456");
  BOOST_TEST(n.template_name == "shipped");
  BOOST_TEST(n.order_id.value().str() == order.order_id.str());
  BOOST_TEST(n.logs.size() == 1u);
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  BOOST_TEST(sent(notification_type::SMS).empty());
  BOOST_REQUIRE(!apply(order::order_shipped{about("030 123456")}));
  BOOST_REQUIRE(!apply(order::order_shipped{about(std::nullopt)}));
  BOOST_TEST(sent(notification_type::SMS).empty());
}

BOOST_AUTO_TEST_CASE(the_language_is_that_of_the_order) {
  auto order = about();
  order.locale = "de-AT";
  BOOST_REQUIRE(!apply(order::order_shipped{order}));
  BOOST_TEST(sent(notification_type::SMS).at(0).message.text ==
             "Tea & Co: Ihre Bestellung 1001 wurde versandt.");
}

BOOST_AUTO_TEST_CASE(an_action_of_the_customer_is_announced_without_an_email) {
  const auto order = about();
  BOOST_REQUIRE(!apply(order::order_action_required{order.order_id, order}));
  const auto all = sent();
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST((all[0].type == notification_type::SMS));
  // From a node of the previous version.
  BOOST_REQUIRE(!apply(order::order_action_required{order.order_id}));
  BOOST_TEST(sent().empty());
}

BOOST_AUTO_TEST_CASE(each_browser_of_the_user_gets_a_push_message) {
  BOOST_REQUIRE(subscribe(alice, "https://push.example/a"));
  BOOST_REQUIRE(subscribe(alice, "https://push.example/b"));
  BOOST_REQUIRE(subscribe(bob, "https://push.example/c"));
  const auto order = about();
  BOOST_REQUIRE(!apply(order::order_confirmed{order}));
  auto all = sent(notification_type::Push);
  BOOST_TEST_REQUIRE(all.size() == 2u);
  std::set<std::string> endpoints;
  for (const auto& e : all) {
    const auto to = json::read<push_address>(e.message.to).value();
    endpoints.insert(to.endpoint);
    BOOST_TEST(to.keys.p256dh == "key");
    BOOST_TEST(to.keys.auth == "auth");
    BOOST_TEST(e.message.subject == "Tea & Co");
    BOOST_TEST(e.message.text == "Your order 1001 is confirmed: \u20AC25.98.");
    BOOST_TEST(e.message.url == "https://shop.example/orders/" + order.order_id.str());
    // Neither staff nor the user see the endpoint in the list of notifications.
    BOOST_TEST(detail(e.notification_id).recipient.find("push.example") == std::string::npos);
  }
  BOOST_TEST(endpoints.size() == 2u);
  auto guest = about();
  guest.user_id.reset();
  BOOST_REQUIRE(!apply(order::order_confirmed{guest}));
  BOOST_TEST(sent(notification_type::Push).empty());
}

BOOST_AUTO_TEST_CASE(a_subscription_that_has_gone_is_removed) {
  const auto id = push_message("https://push.example/a");
  delivery_result gone{id, "The push service replied 410.", true};
  gone.gone = true;
  answer(gone);
  BOOST_TEST(status(id) == "Failed");
  BOOST_TEST(subscriptions(alice) == 0u);
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  BOOST_TEST(sent(notification_type::Push).empty());
  answer(gone);  // A late repeat.
}

BOOST_AUTO_TEST_CASE(a_retry_has_the_current_keys_or_fails_without_a_subscription) {
  const auto id = push_message("https://push.example/a");
  answer({id, "The push service replied 503."});
  BOOST_REQUIRE(subscribe(alice, "https://push.example/a", "other"));
  BOOST_TEST(subscriptions(alice) == 1u);
  BOOST_REQUIRE(run(retry_notification{id, true}, as_system()));
  const auto again = sent(notification_type::Push);
  BOOST_TEST_REQUIRE(again.size() == 1u);
  BOOST_TEST(json::read<push_address>(again[0].message.to).value().keys.auth == "other");
  answer({id, "The push service replied 503."});
  BOOST_REQUIRE(run(delete_push_subscription{alice, subscription_of("https://push.example/a")},
                    as_user(alice)));
  BOOST_REQUIRE(run(retry_notification{id, true}, as_system()));
  BOOST_TEST(sent().empty());
  BOOST_TEST(status(id) == "Failed");
  BOOST_TEST(detail(id).logs.back().error_message.value() ==
             "The push subscription does not exist any more.");
}

BOOST_AUTO_TEST_CASE(a_message_is_not_sent_to_the_browsers_next_user) {
  const auto id = push_message("https://push.example/a");
  answer({id, "The push service replied 503."});
  BOOST_REQUIRE(subscribe(bob, "https://push.example/a"));
  BOOST_TEST(subscriptions(alice) == 0u);
  BOOST_TEST(subscriptions(bob) == 1u);
  BOOST_REQUIRE(run(retry_notification{id, true}, as_system()));
  BOOST_TEST(sent().empty());
  BOOST_TEST(status(id) == "Failed");
}

BOOST_AUTO_TEST_CASE(retries_wait_as_long_as_the_server_asks) {
  const auto id = push_message("https://push.example/a");
  delivery_result busy{id, "The push service replied 429."};
  busy.retry_after_s = 600;
  answer(busy);
  BOOST_TEST((detail(id).next_attempt_at.value() - time.now() == seconds{600}));
  time.advance(seconds{599});
  sweep();  // The email of the order.
  BOOST_TEST(sent(notification_type::Push).empty());
  time.advance(seconds{2});
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(sent(notification_type::Push).size() == 1u);
  busy.retry_after_s = 1'000'000;
  answer(busy);
  BOOST_TEST((detail(id).next_attempt_at.value() - time.now() == retry_after_max));
  BOOST_TEST(sweep() == 0u);
  answer(busy);  // The third attempt is the last one.
  BOOST_TEST(status(id) == "Failed");
}

BOOST_AUTO_TEST_CASE(a_user_has_at_most_ten_subscriptions) {
  for (std::size_t i = 0; i < push_subscriptions_max; ++i) {
    BOOST_REQUIRE(subscribe(alice, "https://push.example/" + std::to_string(i)));
  }
  BOOST_TEST(code_of(subscribe(alice, "https://push.example/x")) == "too_many_push_subscriptions");
  BOOST_REQUIRE(subscribe(bob, "https://push.example/b"));
  BOOST_TEST(code_of(subscribe(alice, "https://push.example/b")) == "too_many_push_subscriptions");
  BOOST_TEST(subscriptions(bob) == 1u);
  BOOST_REQUIRE(subscribe(alice, "https://push.example/3", "new"));
  BOOST_TEST(subscriptions(alice) == push_subscriptions_max);
}

BOOST_AUTO_TEST_CASE(subscriptions_are_their_users) {
  const auto made = subscribe(alice, "https://push.example/a").value();
  BOOST_TEST(made.subscription_id.str() == subscription_of("https://push.example/a").str());
  BOOST_TEST(subscribe(alice, "https://push.example/a").value().subscription_id.str() ==
             made.subscription_id.str());
  BOOST_TEST(status_of(run(put_push_subscription{alice, "https://push.example/z", "k", "a"},
                           as_user(bob))) == 404);
  BOOST_TEST(status_of(run(delete_push_subscription{alice, made.subscription_id}, as_user(bob))) ==
             404);
  BOOST_TEST(status_of(run(delete_push_subscription{bob, made.subscription_id}, as_user(bob))) ==
             404);
  BOOST_TEST(status_of(read(list_push_subscriptions{alice}, as_user(bob))) == 404);
  BOOST_TEST(subscriptions(alice) == 1u);
  BOOST_REQUIRE(run(delete_push_subscription{alice, made.subscription_id}, as_user(alice)));
  BOOST_TEST(
      status_of(run(delete_push_subscription{alice, made.subscription_id}, as_user(alice))) == 404);
}

BOOST_AUTO_TEST_CASE(a_deleted_user_has_no_subscriptions) {
  BOOST_REQUIRE(subscribe(alice, "https://push.example/a"));
  BOOST_REQUIRE(subscribe(alice, "https://push.example/b"));
  BOOST_REQUIRE(subscribe(bob, "https://push.example/c"));
  BOOST_REQUIRE(!apply(user::user_deleted{alice}));
  BOOST_TEST(number("SELECT count(*) FROM push_subscriptions") == 1);
}

BOOST_AUTO_TEST_CASE(reports_are_recorded_once_each_and_in_any_order) {
  const auto id = text_message();
  answer({id, std::nullopt});
  BOOST_TEST((report(id, delivery_state::Delivered) == report_outcome::applied));
  BOOST_TEST((report(id, delivery_state::Sent) == report_outcome::applied));
  BOOST_TEST((report(id, delivery_state::Sent) == report_outcome::repeated));
  BOOST_TEST((report(id, delivery_state::Failed) == report_outcome::applied));
  BOOST_TEST(status(id) == "Sent");  // Never back from delivered.
  const auto n = detail(id);
  BOOST_TEST_REQUIRE(n.reports.size() == 3u);
  BOOST_TEST(n.logs.size() == 2u);
  BOOST_TEST((report({system_ids().next_v7()}, delivery_state::Sent) == report_outcome::ignored));
}

BOOST_AUTO_TEST_CASE(a_message_that_the_provider_could_not_deliver_is_failed) {
  const auto id = text_message();
  answer({id, std::nullopt});
  BOOST_TEST(status(id) == "Sent");
  report(id, delivery_state::Failed);
  BOOST_TEST(status(id) == "Failed");
  BOOST_TEST(detail(id).logs.back().error_message.value() ==
             "The SMS provider could not deliver the message: error 30003.");
  report(id, delivery_state::Undelivered);
  BOOST_TEST(detail(id).logs.size() == 3u);
  report(id, delivery_state::Delivered);
  BOOST_TEST(status(id) == "Sent");
}

BOOST_AUTO_TEST_CASE(a_report_may_arrive_before_the_answer) {
  const auto failed = text_message();
  report(failed, delivery_state::Failed);
  BOOST_TEST(status(failed) == "Failed");
  answer({failed, std::nullopt});
  BOOST_TEST(status(failed) == "Failed");
  // After a crash between sending and recording, a report prevents a second message.
  const auto sent_once = text_message();
  report(sent_once, delivery_state::Sent);
  BOOST_TEST(status(sent_once) == "Sent");
  sweep(true);  // The emails of the orders.
  BOOST_TEST(sent(notification_type::SMS).empty());
  answer({sent_once, std::nullopt});
  BOOST_TEST(detail(sent_once).logs.size() == 2u);
}

BOOST_AUTO_TEST_CASE(only_text_messages_have_reports) {
  const auto id = push_message("https://push.example/a");
  BOOST_TEST((report(id, delivery_state::Failed) == report_outcome::ignored));
  BOOST_TEST(status(id) == "Pending");
}

BOOST_AUTO_TEST_CASE(the_reports_of_a_message_are_bounded) {
  const auto id = text_message();
  for (int i = 0; i < 100; ++i) report(id, delivery_state::Sent, "SM" + std::to_string(i));
  BOOST_TEST(detail(id).reports.size() == 64u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(without_channels, only_mail)

BOOST_AUTO_TEST_CASE(nothing_is_written_for_a_channel_that_is_not_used) {
  BOOST_REQUIRE(subscribe(alice, "https://push.example/a"));
  BOOST_REQUIRE(!apply(order::order_confirmed{about()}));
  BOOST_REQUIRE(!apply(order::order_shipped{about()}));
  BOOST_TEST(number("SELECT count(*) FROM notifications") == 2);
  BOOST_TEST(number("SELECT count(*) FROM notifications WHERE type<>'Email'") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
