// The statements on webhooks, on each database.

#include "storage/notification/webhook_store.hpp"

#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::notification;

namespace {

using status = webhook_delivery_status;

struct fixture {
  template <class R>
  void save(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    c->execute(db::statement{&db::statements_of<R>().insert, std::move(values)});
  }
  webhook_endpoint_row endpoint() {
    webhook_endpoint_row e;
    e.webhook_id = {system_ids().next_v7()};
    e.url = "https://example.com/hooks?a=\xC3\xA4";
    e.event_types = {"order.confirmed", "order.shipped"};
    e.sealed_secret = "sealed";
    e.created_at = {1000};
    e.updated_at = {2000};
    return e;
  }
  webhook_delivery_row delivery(stoa::webhook_id webhook, status s, timestamp at,
                                std::int64_t position = 1) {
    webhook_delivery_row d;
    d.delivery_id = {make_uuid_v7(static_cast<std::uint64_t>(at.us / 1000), ++last_id, last_id)};
    d.webhook_id = webhook;
    d.subject_id = {system_ids().next_v7()};
    d.position = position;
    d.event_id = {system_ids().next_v7()};
    d.event_type = "order.confirmed";
    d.status = s;
    d.next_attempt_at = at;
    d.retry_until = at + std::chrono::hours{72};
    d.created_at = at;
    d.expires_at = at + std::chrono::hours{720};
    return d;
  }
  std::int64_t count(const std::string& where) {
    std::int64_t found = -1;
    statements.push_back(std::make_unique<db::sql>(
        db::sql{"test", "SELECT count(*) FROM webhook_deliveries WHERE " + where}));
    c->query({statements.back().get(), {}},
             [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
    return found;
  }
  std::size_t expire(const kernel::expiry& what, timestamp now) {
    std::size_t rows = 0;
    c->query({&what.in(c->dialect()), db::params(std::int64_t{0}, now.us, std::int64_t{100})},
             [&](db::row) { ++rows; });
    return rows;
  }

  std::uint64_t last_id = 0;
  std::unique_ptr<db::connection> c = test::fresh_database("notification");
  std::vector<std::unique_ptr<db::sql>> statements;
};

const timestamp start{1'700'000'000'000'000};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_store, fixture)

BOOST_AUTO_TEST_CASE(records_come_back_as_they_were_saved) {
  auto e = endpoint();
  e.description = "Our ERP";
  e.status = webhook_status::Disabled;
  e.disabled_reason = webhook_disabled_reason::gone;
  e.disabled_at = timestamp{3000};
  e.failing_since = timestamp{2500};
  e.previous_secret = "old";
  e.previous_secret_until = timestamp{9000};
  save(e);
  BOOST_TEST(json::write(*read_webhook_endpoint(*c, e.webhook_id)) == json::write(e));
  BOOST_TEST(list_webhook_endpoints(*c).size() == 1U);
  auto d = delivery(e.webhook_id, status::Failed, start);
  d.replay_of = stoa::webhook_delivery_id{system_ids().next_v7()};
  d.attempts = 3;
  d.last_status = 500;
  d.last_error = "no";
  d.finished_at = start;
  save(d);
  BOOST_TEST(json::write(*read_webhook_delivery(*c, d.delivery_id)) == json::write(d));
  save(webhook_message_row{d.event_id, 1, d.event_type, R"({"a":"\u0000"})", start, start});
  BOOST_TEST(read_webhook_body(*c, d.event_id, 1) == R"({"a":"\u0000"})");
  BOOST_TEST(read_webhook_body(*c, d.event_id, 2).empty());
  const webhook_attempt_row attempt{{system_ids().next_v7()},
                                    d.delivery_id,
                                    "completed",
                                    500,
                                    12,
                                    "oops",
                                    std::nullopt,
                                    start,
                                    start};
  save(attempt);
  const auto attempts = read_webhook_attempts(*c, d.delivery_id);
  BOOST_TEST_REQUIRE(attempts.size() == 1U);
  BOOST_TEST(json::write(attempts[0]) == json::write(attempt));
}

BOOST_AUTO_TEST_CASE(an_event_has_one_first_delivery_to_an_endpoint) {
  const auto e = endpoint();
  auto d = delivery(e.webhook_id, status::Pending, start);
  save(d);
  auto again = delivery(e.webhook_id, status::Pending, start);
  again.event_id = d.event_id;
  BOOST_CHECK_THROW(save(again), db::error);
  again.replay_of = d.delivery_id;
  save(again);
  auto taken = delivery(e.webhook_id, status::Pending, start);
  taken.subject_id = d.subject_id;
  BOOST_CHECK_THROW(save(taken), db::error);
}

BOOST_AUTO_TEST_CASE(lists_are_by_endpoint_and_status_newest_first) {
  const auto one = endpoint();
  const auto other = endpoint();
  std::vector<webhook_delivery_row> all;
  for (int i = 0; i < 6; ++i) {
    all.push_back(delivery(i % 3 == 2 ? other.webhook_id : one.webhook_id,
                           i % 2 == 0 ? status::Delivered : status::Failed, start + seconds{i}));
    save(all.back());
  }
  const auto ids = [&](webhook_delivery_filter f) {
    std::string found;
    for (const auto& d : list_webhook_deliveries(*c, f)) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].delivery_id == d.delivery_id) found += std::to_string(i);
      }
    }
    return found;
  };
  BOOST_TEST(ids({one.webhook_id, {}, {}, 10}) == "4310");
  BOOST_TEST(ids({one.webhook_id, {}, all[3].delivery_id, 1}) == "1");
  BOOST_TEST(ids({one.webhook_id, status::Failed, {}, 10}) == "31");
  BOOST_TEST(ids({other.webhook_id, {}, {}, 10}) == "52");
}

BOOST_AUTO_TEST_CASE(due_deliveries_are_pending_and_of_the_endpoint) {
  const auto one = endpoint();
  const auto late = delivery(one.webhook_id, status::Pending, start + seconds{2});
  const auto early = delivery(one.webhook_id, status::Pending, start + seconds{1});
  save(late);
  save(early);
  save(delivery(one.webhook_id, status::Waiting, start));
  save(delivery(one.webhook_id, status::Delivered, start));
  save(delivery(endpoint().webhook_id, status::Pending, start));
  BOOST_TEST(due_webhook_deliveries(*c, one.webhook_id, start, 10).empty());
  const auto found = due_webhook_deliveries(*c, one.webhook_id, start + seconds{2}, 10);
  BOOST_TEST_REQUIRE(found.size() == 2U);
  BOOST_TEST((found[0].delivery_id == early.delivery_id));
  BOOST_TEST((found[0].subject_id == early.subject_id));
  BOOST_TEST((found[0].event_id == early.event_id));
  BOOST_TEST((found[1].delivery_id == late.delivery_id));
  BOOST_TEST(due_webhook_deliveries(*c, one.webhook_id, start + seconds{2}, 1).size() == 1U);
  BOOST_TEST(oldest_pending_webhook_delivery(*c, one.webhook_id)->us == (start + seconds{1}).us);
}

BOOST_AUTO_TEST_CASE(a_range_is_replayed_in_order_without_earlier_replays) {
  const auto one = endpoint();
  std::vector<webhook_delivery_row> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(delivery(one.webhook_id, status::Failed, start + seconds{i}));
    if (i == 2) all.back().replay_of = all[0].delivery_id;
    if (i == 3) all.back().status = status::Delivered;
    save(all.back());
  }
  const auto range = [&](int from, int to, std::optional<stoa::webhook_delivery_id> after,
                         std::size_t limit = 10) {
    std::string found;
    for (const auto& d :
         replayable_webhook_deliveries(*c, {one.webhook_id, status::Failed, start + seconds{from},
                                            start + seconds{to}, after, limit})) {
      found += std::to_string((d.created_at - start).count() / 1'000'000);
    }
    return found;
  };
  BOOST_TEST(range(0, 10, {}) == "014");
  BOOST_TEST(range(1, 4, {}) == "1");
  BOOST_TEST(range(0, 10, {}, 1) == "0");
  BOOST_TEST(range(0, 10, all[0].delivery_id) == "14");
}

BOOST_AUTO_TEST_CASE(bulk_changes_touch_open_deliveries_of_the_endpoint) {
  const auto one = endpoint();
  for (const auto s : {status::Waiting, status::Pending, status::Delivered, status::Failed}) {
    save(delivery(one.webhook_id, s, start));
  }
  save(delivery(endpoint().webhook_id, status::Pending, start));
  c->execute(
      db::statement{&wake_webhook_deliveries, db::params(start - seconds{5}, one.webhook_id)});
  BOOST_TEST(count("next_attempt_at=" + std::to_string((start - seconds{5}).us)) == 1);
  c->execute(db::statement{&fail_webhook_deliveries, db::params(start, one.webhook_id)});
  BOOST_TEST(count("status='Failed'") == 3);
  BOOST_TEST(count("status='Pending'") == 1);
}

BOOST_AUTO_TEST_CASE(finished_deliveries_expire) {
  const auto one = endpoint();
  save(delivery(one.webhook_id, status::Delivered, start));
  save(delivery(one.webhook_id, status::Failed, start));
  save(delivery(one.webhook_id, status::Pending, start));
  save(delivery(one.webhook_id, status::Delivered, start + std::chrono::hours{1}));
  BOOST_TEST(expire(expired_webhook_deliveries, start + std::chrono::hours{720} + seconds{1}) ==
             2U);
  BOOST_TEST(count("1=1") == 2);
  save(webhook_message_row{{system_ids().next_v7()}, 1, "t", "{}", start, start});
  save(webhook_attempt_row{
      {system_ids().next_v7()}, {system_ids().next_v7()}, "x", {}, 1, {}, {}, start, start});
  BOOST_TEST(expire(expired_webhook_messages, start) == 0U);
  BOOST_TEST(expire(expired_webhook_messages, start + seconds{1}) == 1U);
  BOOST_TEST(expire(expired_webhook_attempts, start + seconds{1}) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
