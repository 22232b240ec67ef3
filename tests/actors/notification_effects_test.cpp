// The runner that sends mails through their channel, with the service and a real mail folder.

#include "actors/notification/notification_effects.hpp"

#include "actors/notification/notification_service.hpp"
#include "net/mail/mbox.hpp"
#include "tests/support/command_inbox.hpp"
#include "tests/support/service_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <set>

using namespace stoa;
using namespace stoa::notification;
using kernel::any_message;

namespace {

/// Delivers at once.
class counting_channel final : public channel {
 public:
  void send(outgoing message, callback done) override {
    keys.push_back(message.key);
    done(std::nullopt);
  }
  void stop() override {}

  std::vector<std::string> keys;
};

channel_registry mail_by(channel& box) {
  return {{notification_type::Email, {&box}}};
}

token_makers no_tokens() {
  return {[](user::verification_id) { return std::string("no token"); },
          [](stoa::notification_id) { return std::string("no token"); }};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(notification_runner)

// A placeholder is stored and shown to staff; only the mail contains the token.
BOOST_AUTO_TEST_CASE(a_token_is_in_the_mail_and_nowhere_else) {
  const test::temp_dir dir;
  auto box = mail::mbox::open({.directory = dir / "mail"});
  BOOST_REQUIRE(box.has_value());
  notification_options options;
  options.verification_url = "https://shop.example/verify?token=";
  test::service_fixture<notification_service> mails{notification_service(options)};
  test::command_inbox answers;
  auto runner = notification_effects(
      mail_by(**box),
      {[](user::verification_id of) { return "secret-" + of.str(); },
       [](stoa::notification_id of) { return "leave-" + of.str(); }})(answers.sink());
  const user::verification_id id{system_ids().next_v4()};
  BOOST_TEST(!mails.apply(
      user::account_mail{user::mail_purpose::registration, "a@example.com", "Ann", id}));
  BOOST_REQUIRE(mails.effects.size() == 1u);
  runner->start(mails.effects[0], mails.time.now());
  BOOST_REQUIRE(answers.take(1).size() == 1u);
  const auto sent = mail::read_mbox(dir / "mail");
  BOOST_REQUIRE(sent.size() == 1u);
  const auto link = "https://shop.example/verify?token=secret-" + id.str();
  BOOST_TEST(sent[0].content.text.find(link) != std::string::npos);
  BOOST_TEST(sent[0].content.html.find("href=\"" + link + "\"") != std::string::npos);
  BOOST_TEST(mails.number("SELECT count(*) FROM notifications WHERE message LIKE '%secret-%'"
                          " OR html LIKE '%secret-%'") == 0);
  BOOST_TEST(mails.number("SELECT count(*) FROM notifications WHERE user_id IS NULL") == 1);
}

// Also in the header fields of RFC 8058. A mail that cannot be switched off has no such link.
BOOST_AUTO_TEST_CASE(an_optional_mail_has_a_link_that_unsubscribes) {
  const test::temp_dir dir;
  auto box = mail::mbox::open({.directory = dir / "mail"});
  BOOST_REQUIRE(box.has_value());
  notification_options options;
  options.unsubscribe_url = "https://shop.example/unsubscribe?token=";
  test::service_fixture<notification_service> mails{notification_service(options)};
  test::command_inbox answers;
  auto runner = notification_effects(
      mail_by(**box),
      {[](user::verification_id of) { return "secret-" + of.str(); },
       [](stoa::notification_id of) { return "leave-" + of.str(); }})(answers.sink());
  order::order_summary order;
  order.order_id = {system_ids().next_v7()};
  order.email = "a@example.org";
  order.total = {500, "EUR"};
  // The placeholders of others are not replaced.
  const std::string foreign = "[unsubscribe 0b6c3ff4-6a0e-4d6a-9b1c-2f6f0a7d1e55]";
  order.customer_name = foreign + "[token 0b6c3ff4-6a0e-4d6a-9b1c-2f6f0a7d1e55]";
  BOOST_REQUIRE(!mails.apply(order::order_confirmed{order}));
  BOOST_REQUIRE(!mails.apply(order::order_shipped{order}));
  for (const auto& e : mails.effects) runner->start(e, mails.time.now());
  for (std::size_t got = 0; got < 2;) {
    const auto some = answers.take(1);
    BOOST_REQUIRE(!some.empty());
    got += some.size();
  }
  const auto sent = mail::read_mbox(dir / "mail");
  BOOST_REQUIRE(sent.size() == 2u);
  for (const auto& m : sent) {
    const auto link = options.unsubscribe_url + "leave-" + m.content.key;
    const bool is_shipped = m.content.subject.find("shipped") != std::string::npos;
    BOOST_TEST(m.content.unsubscribe == (is_shipped ? "<" + link + ">" : ""));
    BOOST_TEST((m.content.text.find(link) != std::string::npos) == is_shipped);
    BOOST_TEST((m.content.html.find("href=\"" + link + "\"") != std::string::npos) == is_shipped);
    BOOST_TEST(m.content.text.find(order.customer_name) != std::string::npos);
  }
  BOOST_TEST(mails.number("SELECT count(*) FROM notifications WHERE message LIKE '%leave-%'") == 0);
}

BOOST_AUTO_TEST_CASE(mails_arrive_once_each_also_when_sent_again) {
  const test::temp_dir dir;
  auto box = mail::mbox::open({.directory = dir / "mail"});
  BOOST_REQUIRE(box.has_value());
  test::service_fixture<notification_service> mails{notification_service(notification_options{})};
  test::command_inbox answers;
  auto runner = notification_effects(mail_by(**box), no_tokens())(answers.sink());
  constexpr std::size_t count = 100;
  for (std::size_t i = 0; i < count; ++i) {
    order::order_confirmed e;
    e.order.order_id = {system_ids().next_v7()};
    e.order.email = "a@example.org";
    e.order.total = {500, "EUR"};
    BOOST_REQUIRE(!mails.apply(e));
  }
  for (const auto& e : mails.effects) runner->start(e, mails.time.now());
  std::size_t reported = 0;
  while (reported < count) {
    auto some = answers.take(1);
    BOOST_REQUIRE(!some.empty());
    reported += some.size();
    if (reported == count) break;  // The last answers get lost, as in a crash.
    for (auto& m : some) BOOST_REQUIRE(mails.run(m.as<delivery_result>()));
  }
  const auto open = mails.number("SELECT count(*) FROM notifications WHERE status='Pending'");
  BOOST_TEST(open > 0);
  mails.effects.clear();
  BOOST_TEST(mails.sweep(true) == static_cast<std::size_t>(open));
  for (const auto& e : mails.effects) runner->start(e, mails.time.now());
  for (std::int64_t left = open; left > 0;) {
    auto some = answers.take(1);
    BOOST_REQUIRE(!some.empty());
    left -= static_cast<std::int64_t>(some.size());
    for (auto& m : some) BOOST_REQUIRE(mails.run(m.as<delivery_result>()));
  }
  BOOST_TEST(mails.number("SELECT count(*) FROM notifications WHERE status='Sent'") == 100);
  BOOST_TEST(mail::read_mbox(dir / "mail").size() == count);
}

BOOST_AUTO_TEST_CASE(a_mail_that_cannot_be_written_is_reported_with_the_reason) {
  const test::temp_dir dir;
  auto box = mail::mbox::open({.directory = dir / "mail"});
  BOOST_REQUIRE(box.has_value());
  test::command_inbox answers;
  auto runner = notification_effects(mail_by(**box), no_tokens())(answers.sink());
  send_notification e;
  e.notification_id = {system_ids().next_v7()};
  e.message = {e.notification_id.str(),
               "a@example.org\r\nBcc: b@example.org",
               "s@example.org",
               "Hi",
               "text",
               "",
               {1}};
  runner->start(any_message::of(e), {1});
  auto got = answers.take(1);
  BOOST_REQUIRE(got.size() == 1u);
  BOOST_TEST(got[0].as<delivery_result>().error.has_value());
  BOOST_TEST(got[0].as<delivery_result>().permanent);
  e.type = notification_type::SMS;
  runner->start(any_message::of(e), {1});
  got = answers.take(1);
  BOOST_REQUIRE(got.size() == 1u);
  BOOST_TEST(got[0].as<delivery_result>().error.has_value());
}

BOOST_AUTO_TEST_CASE(messages_above_the_rate_wait_and_are_not_lost) {
  counting_channel box;
  test::command_inbox answers;
  channel_registry channels{{notification_type::SMS, {&box}}};
  channels[notification_type::SMS].rate = bucket_of(10);
  auto runner = notification_effects(channels, no_tokens())(answers.sink());
  timestamp now{1'000'000'000};
  std::vector<send_notification> all(25);
  for (auto& e : all) {
    e.notification_id = {system_ids().next_v7()};
    e.type = notification_type::SMS;
    e.message.key = e.notification_id.str();
    runner->start(any_message::of(e), now);
  }
  BOOST_TEST(box.keys.size() == 10u);
  runner->start(any_message::of(all.back()), now);  // The sweep repeats it.
  now = now + milliseconds{500};
  runner->tick(now);
  BOOST_TEST(box.keys.size() == 15u);
  now = now + seconds{3600};
  runner->tick(now);  // At most a second's messages at once.
  BOOST_TEST(box.keys.size() == 25u);
  runner->tick(now + seconds{2});
  BOOST_TEST(box.keys.size() == 25u);
  BOOST_TEST(std::set<std::string>(box.keys.begin(), box.keys.end()).size() == 25u);
  BOOST_TEST(answers.take(25).size() == 25u);
}

BOOST_AUTO_TEST_CASE(the_rate_is_that_of_all_runners_of_the_node) {
  counting_channel box;
  test::command_inbox answers;
  const auto make = notification_effects(
      {{notification_type::Push, {&box, mail_limits, {}, bucket_of(5)}}}, no_tokens());
  auto one = make(answers.sink());
  auto two = make(answers.sink());
  for (int i = 0; i < 10; ++i) {
    send_notification e;
    e.notification_id = {system_ids().next_v7()};
    e.type = notification_type::Push;
    (i % 2 == 0 ? one : two)->start(any_message::of(e), {1'000'000'000});
  }
  BOOST_TEST(box.keys.size() == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
