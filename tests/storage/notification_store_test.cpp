// The Notification service's statements, on each database.

#include "storage/notification/notification_store.hpp"

#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::notification;

namespace {

struct fixture {
  template <class R>
  void save(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    c->execute(db::statement{&db::statements_of<R>().insert, std::move(values)});
  }
  notification_row mail(notification_status status = notification_status::Pending,
                        timestamp next = {}, std::optional<stoa::user_id> user = std::nullopt) {
    notification_row n;
    n.notification_id = {system_ids().next_v7()};
    n.user_id = user;
    n.recipient = "a@example.org";
    n.subject = "Your order";
    n.message = "line\nline \xC3\xA4";
    n.html = "<p>line</p>";
    n.template_name = "confirmed";
    n.status = status;
    n.next_attempt_at = next;
    n.created_at = {1000};
    return n;
  }

  std::unique_ptr<db::connection> c = test::fresh_database("notification");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notification_store, fixture)

BOOST_AUTO_TEST_CASE(a_notification_comes_back_as_it_was_saved) {
  auto n = mail(notification_status::Sent, {5}, stoa::user_id{system_ids().next_v7()});
  n.order_id = stoa::order_id{system_ids().next_v7()};
  n.sent_at = timestamp{2000};
  n.attempts = 2;
  n.type = notification_type::SMS;
  save(n);
  auto found = read_notification(*c, n.notification_id);
  BOOST_REQUIRE(found);
  BOOST_TEST(json::write(*found) == json::write(n));
  BOOST_TEST(!read_notification(*c, {system_ids().next_v7()}));
}

BOOST_AUTO_TEST_CASE(subscriptions_and_reports_come_back_as_they_were_saved) {
  const stoa::user_id alice{system_ids().next_v7()};
  std::vector<push_subscription_row> mine;
  for (const auto* endpoint : {"https://push.example/a", "https://push.example/b"}) {
    mine.push_back({subscription_of(endpoint),
                    alice,
                    endpoint,
                    "key",
                    "auth",
                    {1000 + static_cast<std::int64_t>(mine.size())}});
    save(mine.back());
  }
  const auto found = read_push_subscriptions(*c, alice);
  BOOST_TEST(json::write(found) == json::write(mine));
  BOOST_TEST(read_push_subscriptions(*c, {system_ids().next_v7()}).empty());

  const auto n = mail();
  save(n);
  std::vector<delivery_report_row> reports;
  for (const auto state : {delivery_state::Sent, delivery_state::Undelivered}) {
    reports.push_back({report_of("twilio", "SM1", state),
                       n.notification_id,
                       "twilio",
                       "SM1",
                       state,
                       "30003",
                       {1000 + static_cast<std::int64_t>(reports.size())}});
    save(reports.back());
  }
  BOOST_TEST(json::write(read_delivery_reports(*c, n.notification_id)) == json::write(reports));
  BOOST_TEST(report_of("twilio", "SM1", delivery_state::Sent).str() !=
             report_of("twilio", "SM2", delivery_state::Sent).str());
  const db::sql change{"test", "UPDATE delivery_reports SET state='Failed'"};
  BOOST_CHECK_THROW(c->execute({&change, {}}), db::error);
}

BOOST_AUTO_TEST_CASE(lists_keep_to_their_user_and_status) {
  const stoa::user_id alice{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};
  std::vector<notification_row> all{mail(notification_status::Sent, {}, alice),
                                    mail(notification_status::Failed, {}, alice),
                                    mail(notification_status::Sent, {}, bob), mail()};
  for (const auto& n : all) save(n);
  notification_filter mine;
  mine.user_id = alice;
  auto found = list_notifications(*c, mine);
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].notification_id.str() == all[1].notification_id.str());
  mine.status = notification_status::Sent;
  BOOST_TEST(list_notifications(*c, mine).size() == 1u);
  mine.status.reset();
  mine.before = all[1].notification_id;
  BOOST_REQUIRE(list_notifications(*c, mine).size() == 1u);
  notification_filter sent;
  sent.status = notification_status::Sent;
  BOOST_TEST(list_notifications(*c, sent).size() == 2u);
  notification_filter some;
  some.limit = 3;
  BOOST_TEST(list_notifications(*c, some).size() == 3u);
}

BOOST_AUTO_TEST_CASE(only_pending_ones_are_due) {
  auto later = mail(notification_status::Pending, {300});
  auto first = mail(notification_status::Pending, {100});
  for (const auto& n : {later, first, mail(notification_status::Sent, {50}),
                        mail(notification_status::Failed, {50})}) {
    save(n);
  }
  auto due = due_notifications(*c, {200}, {1000}, 10);
  BOOST_REQUIRE(due.size() == 1u);
  BOOST_TEST(due[0].str() == first.notification_id.str());
  // Scheduled by a clock that was ahead.
  BOOST_TEST(due_notifications(*c, {99}, {300}, 10).empty());
  BOOST_TEST(due_notifications(*c, {99}, {299}, 10).front().str() == later.notification_id.str());
  BOOST_TEST(open_notifications(*c, 10).size() == 2u);
  BOOST_TEST(open_notifications(*c, 1).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_log_is_only_added_to) {
  auto n = mail();
  save(n);
  save(notification_log_row{
      {system_ids().next_v7()}, n.notification_id, notification_status::Pending, "disk full", {5}});
  save(notification_log_row{
      {system_ids().next_v7()}, n.notification_id, notification_status::Sent, std::nullopt, {6}});
  auto found = read_notification_log(*c, n.notification_id);
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].error_message.value_or("") == "disk full");
  BOOST_TEST(!found[1].error_message);
  BOOST_CHECK_THROW(c->run_script("UPDATE notification_logs SET status='Failed'"), db::error);
  BOOST_CHECK_THROW(c->run_script("DELETE FROM notification_logs"), db::error);
}

BOOST_AUTO_TEST_CASE(what_waits_and_what_failed_lately_is_counted) {
  const auto made_at = [&](std::uint64_t ms, notification_status status) {
    auto n = mail(status);
    n.notification_id = {make_uuid_v7(ms, 7, 7)};
    n.created_at = {static_cast<std::int64_t>(ms) * 1000};
    save(n);
  };
  BOOST_TEST(!oldest_pending(*c));
  made_at(100, notification_status::Sent);
  made_at(400, notification_status::Pending);
  made_at(300, notification_status::Pending);
  made_at(199, notification_status::Failed);
  made_at(200, notification_status::Failed);
  made_at(500, notification_status::Failed);
  BOOST_TEST(oldest_pending(*c).value().us == 300'000);
  BOOST_TEST(failed_since(*c, {200'000}) == 2);
  BOOST_TEST(failed_since(*c, {500'001}) == 1);
  BOOST_TEST(failed_since(*c, {501'000}) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
