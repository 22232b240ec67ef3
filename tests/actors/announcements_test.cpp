// Consents to marketing, and announcements to those who have given one.

#include "actors/notification/notification_service.hpp"
#include "tests/support/service_fixture.hpp"

#include <algorithm>
#include <set>

using namespace stoa;
using namespace stoa::notification;
using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::status_of;

namespace {

notification_options options() {
  notification_options o;
  o.unsubscribe_url = "https://shop.example/unsubscribe?token=";
  return o;
}

const preference_choice marketing{notification_category::marketing, notification_type::Email, true};

struct shop : test::service_fixture<notification_service> {
  explicit shop(const notification_options& o = options())
      : service_fixture(notification_service(o)) {}

  const stoa::user_id clerk{system_ids().next_v7()};
  kernel::caller staff() { return as_user(clerk, kernel::role::staff); }

  result<preference_list> choose(stoa::user_id user, std::vector<preference_choice> choices,
                                 std::optional<marketing_contact> contact = std::nullopt) {
    return run(set_preferences{user, std::move(choices), std::move(contact)}, as_user(user));
  }
  stoa::user_id subscriber(std::optional<std::string> locale = std::nullopt) {
    const stoa::user_id user{system_ids().next_v7()};
    BOOST_TEST_REQUIRE(
        choose(user, {marketing}, marketing_contact{address_of(user), std::move(locale)})
            .has_value());
    return user;
  }
  static std::string address_of(stoa::user_id user) { return user.str() + "@example.com"; }
  bool receives(stoa::user_id user) {
    const auto list = read(get_preferences{user}, as_user(user)).value();
    return std::ranges::any_of(list.data, [](const preference_view& p) {
      return p.category == notification_category::marketing && p.enabled;
    });
  }
  stoa::announcement_id announce() {
    const stoa::announcement_id id{system_ids().next_v7()};
    const auto made = run(create_announcement{id,
                                              {{"en", "New teas", "First.\n\nSecond\nline."},
                                               {"de", "Neue Tees", "Erste Ernte."}}},
                          staff());
    BOOST_TEST_REQUIRE(made.has_value());
    return id;
  }
  announcement_detail_view state(stoa::announcement_id id) {
    return read(get_announcement{id}, staff()).value();
  }
  /// Runs what is due once.
  void sweep() {
    for (auto& c : service.due(*database, time.now(), false).commands) {
      if (const auto* next = c.kind() == &kernel::kind_of<advance_announcement>()
                                 ? &c.as<advance_announcement>()
                                 : nullptr) {
        BOOST_TEST_REQUIRE(run(*next, as_system()).has_value());
      }
    }
  }
  void finish(stoa::announcement_id id) {
    for (int i = 0; i < 20 && state(id).announcement.status == announcement_status::Sending; ++i) {
      sweep();
      deliver();
    }
    BOOST_TEST((state(id).announcement.status == announcement_status::Finished));
  }
  /// Answers all open calls to the mail channel.
  void deliver() {
    for (const auto& e : std::exchange(effects, {})) {
      const auto& mail = e.as<send_notification>();
      sent.push_back(mail.message);
      BOOST_TEST_REQUIRE(
          run(delivery_result{mail.notification_id, std::nullopt}, as_system()).has_value());
    }
  }

  std::vector<outgoing> sent;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(announcements)

BOOST_FIXTURE_TEST_CASE(marketing_is_off_until_a_customer_switches_it_on, shop) {
  const stoa::user_id user{system_ids().next_v7()};
  BOOST_TEST(!receives(user));
  BOOST_TEST_REQUIRE(choose(user, {}, std::nullopt).has_value());
  BOOST_TEST(!receives(user));
  BOOST_TEST_REQUIRE(choose(user, {marketing}, marketing_contact{"a@example.com", {}}).has_value());
  BOOST_TEST(receives(user));
  BOOST_TEST_REQUIRE(choose(user, {}).has_value());
  BOOST_TEST(!receives(user));
  BOOST_TEST(number("SELECT count(*) FROM marketing_consents WHERE withdrawn_by='account'") == 1);
  BOOST_TEST_REQUIRE(choose(user, {marketing}).has_value());
  BOOST_TEST(receives(user));
}

BOOST_FIXTURE_TEST_CASE(it_is_sent_by_email_only, shop) {
  const stoa::user_id user{system_ids().next_v7()};
  auto by_sms = marketing;
  by_sms.channel = notification_type::SMS;
  const auto refused = choose(user, {by_sms});
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().errors.at(0).pointer == "/data/0/channel");
  BOOST_TEST(refused.error().errors.at(0).code == "unavailable");
}

BOOST_FIXTURE_TEST_CASE(an_announcement_reaches_each_subscriber_once_in_their_language, shop) {
  std::set<std::string> expected;
  for (int i = 0; i < 250; ++i) expected.insert(address_of(subscriber()));
  const auto german = subscriber("de-AT");
  expected.insert(address_of(german));
  choose(subscriber(), {});  // withdraws at once
  const auto id = announce();
  finish(id);
  std::set<std::string> reached;
  for (const auto& m : sent) {
    BOOST_TEST(reached.insert(m.to).second, m.to);
    BOOST_TEST(!m.unsubscribe_url.empty());
    BOOST_TEST(m.text.find("[unsubscribe ") != std::string::npos);
    const bool is_german = m.to == address_of(german);
    BOOST_TEST(m.subject == (is_german ? "Neue Tees" : "New teas"));
    if (!is_german) BOOST_TEST(m.text.find("Second line.") != std::string::npos);
    BOOST_TEST((m.html.find("Abmelden") != std::string::npos) == is_german);
  }
  BOOST_TEST((reached == expected));
  const auto s = state(id);
  BOOST_TEST(s.announcement.created == 251);
  BOOST_TEST(s.sent == 251);
  BOOST_TEST(s.pending == 0);
}

BOOST_FIXTURE_TEST_CASE(a_repeated_step_creates_nothing, shop) {
  for (int i = 0; i < 150; ++i) subscriber();
  const auto id = announce();
  const auto work = service.due(*database, time.now(), false);
  const auto steps =
      static_cast<std::size_t>(std::ranges::count_if(work.commands, [](const auto& c) {
        return c.kind() == &kernel::kind_of<advance_announcement>();
      }));
  BOOST_TEST(steps == 1U);
  const auto first = work.commands.back().as<advance_announcement>();
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST_REQUIRE(run(first, as_system()).has_value());
    kernel::writer_environment of_new_owner;
    of_new_owner.time = &time;
    write_with(std::move(of_new_owner));
  }
  BOOST_TEST(state(id).announcement.created == 50);
  finish(id);
  BOOST_TEST(state(id).sent == 150);
}

BOOST_FIXTURE_TEST_CASE(it_waits_for_its_emails, shop) {
  for (int i = 0; i < 120; ++i) subscriber();
  const auto id = announce();
  for (int i = 0; i < 10; ++i) sweep();
  BOOST_TEST(state(id).announcement.created == 50);
  deliver();
  sweep();
  BOOST_TEST(state(id).announcement.created == 100);
}

BOOST_FIXTURE_TEST_CASE(who_unsubscribes_gets_nothing_more, shop) {
  const auto user = subscriber();
  finish(announce());
  BOOST_TEST_REQUIRE(sent.size() == 1U);
  const auto id = stoa::notification_id::parse(sent.front().key).value();
  BOOST_TEST_REQUIRE(run(unsubscribe{id}, as_system()).has_value());
  BOOST_TEST_REQUIRE(run(unsubscribe{id}, as_system()).has_value());
  BOOST_TEST(!receives(user));
  BOOST_TEST(
      number("SELECT count(*) FROM marketing_consents WHERE withdrawn_by='unsubscribe_link'") == 1);
  finish(announce());
  BOOST_TEST(sent.size() == 1U);
  const auto again = run(resend_notification{id}, staff());
  BOOST_TEST_REQUIRE(!again.has_value());
  BOOST_TEST(again.error().code == "unsubscribed");
}

BOOST_FIXTURE_TEST_CASE(an_email_that_waits_is_not_sent_after_the_consent_was_withdrawn, shop) {
  const auto user = subscriber();
  const auto id = announce();
  sweep();
  const auto mail = effects.at(0).as<send_notification>();
  effects.clear();
  BOOST_TEST_REQUIRE(
      run(delivery_result{mail.notification_id, "connection refused"}, as_system()).has_value());
  BOOST_TEST_REQUIRE(choose(user, {}).has_value());
  time.advance(std::chrono::hours{1});
  BOOST_TEST_REQUIRE(run(retry_notification{mail.notification_id}, as_system()).has_value());
  BOOST_TEST(effects.empty());
  BOOST_TEST(state(id).failed == 1);
}

BOOST_FIXTURE_TEST_CASE(the_consent_follows_the_account, shop) {
  const auto user = subscriber();
  const auto gone = subscriber();
  BOOST_TEST_REQUIRE(!apply(user::contact_changed{user, "new@example.com", "de"}));
  BOOST_TEST_REQUIRE(!apply(user::contact_changed{clerk, "clerk@example.com", {}}));
  BOOST_TEST_REQUIRE(!apply(user::user_deleted{gone}));
  finish(announce());
  BOOST_TEST_REQUIRE(sent.size() == 1U);
  BOOST_TEST(sent.front().to == "new@example.com");
  BOOST_TEST(sent.front().subject == "Neue Tees");
  BOOST_TEST(number("SELECT count(*) FROM marketing_consents") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_announcement_creates_nothing_more, shop) {
  for (int i = 0; i < 150; ++i) subscriber();
  const auto id = announce();
  sweep();
  BOOST_TEST_REQUIRE(run(cancel_announcement{id}, staff()).has_value());
  BOOST_TEST_REQUIRE(run(cancel_announcement{id}, staff()).has_value());
  sweep();
  BOOST_TEST(state(id).announcement.created == 50);
  const auto other = announce();
  finish(other);
  const auto late = run(cancel_announcement{other}, staff());
  BOOST_TEST_REQUIRE(!late.has_value());
  BOOST_TEST(late.error().code == "announcement_ended");
}

BOOST_FIXTURE_TEST_CASE(only_staff_announces_and_only_ten_at_a_time, shop) {
  const create_announcement mine{{system_ids().next_v7()}, {{"en", "a", "b"}}};
  BOOST_TEST(!run(mine, as_user(clerk)).has_value());
  BOOST_TEST(!read(list_announcements_query{}, as_user(clerk)).has_value());
  for (int i = 0; i < 10; ++i) announce();
  const auto refused = run(mine, staff());
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == "too_many_announcements");
  list_announcements_query q;
  q.limit = 4;
  const auto page = read(q, staff()).value();
  BOOST_TEST(page.data.size() == 4U);
  BOOST_TEST(page.next_cursor.value.has_value());
}

BOOST_AUTO_TEST_CASE(without_a_link_to_unsubscribe_nothing_is_announced) {
  shop s{notification_options{}};
  const auto refused =
      s.run(create_announcement{{system_ids().next_v7()}, {{"en", "a", "b"}}}, s.staff());
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == "unsubscribe_url_missing");
}

BOOST_AUTO_TEST_SUITE_END()
