// The clean-up: expired rows are deleted in bounded slices, other rows remain.

#include "actors/kernel/cleaner.hpp"

#include "storage/kernel/kernel_records.hpp"
#include "storage/payment/payment_store.hpp"
#include "storage/user/user_store.hpp"
#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::kernel;

namespace {

constexpr microseconds answer_ttl = seconds{100};
constexpr timestamp now{1'700'000'000'000'000};

struct fixture {
  explicit fixture(std::string_view service = "user") : c(test::fresh_database(service)) {}

  template <class R>
  void save(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    c->execute(db::statement{&db::statements_of<R>().insert, std::move(values)});
  }
  void answer(int n, microseconds age) {
    save(idempotency_row{"user:" + std::to_string(n), "f", true, "{}", now - age});
  }
  void applied(const std::string& source, std::int64_t seq, microseconds age) {
    save(inbox_row{{system_ids().next_v7()}, source, seq, now - age});
  }
  std::int64_t number(const std::string& text) {
    std::int64_t found = -1;
    texts.push_back(std::make_unique<db::sql>(db::sql{"test", text}));
    c->query({texts.back().get(), {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
    return found;
  }
  /// A whole pass of a writer at full load; returns its slices.
  std::vector<cleanup_slice> pass(cleaner& of, const std::vector<inbox_mark>& marks = {},
                                  timestamp at = now) {
    std::vector<cleanup_slice> slices;
    of.begin(at, marks);
    while (of.under_way()) {
      of.handled(1000);
      slices.push_back(of.slice(*c, at, true));
    }
    return slices;
  }

  std::vector<std::unique_ptr<db::sql>> texts;
  std::unique_ptr<db::connection> c;
  cleaner all{{&user::expired_sessions, &user::expired_revocations, &user::expired_verifications},
              answer_ttl};
};

struct payment_fixture : fixture {
  payment_fixture() : fixture("payment") {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(clean_up, fixture)

BOOST_AUTO_TEST_CASE(old_answers_go_in_slices_and_young_ones_stay) {
  c->begin();
  for (int i = 0; i < 3000; ++i) answer(i, answer_ttl + seconds{1 + i});
  for (int i = 3000; i < 3010; ++i) answer(i, answer_ttl - seconds{1 + i - 3000});
  c->commit();
  const auto slices = pass(all);
  std::size_t rows = 0;
  for (const auto& s : slices) {
    if (s.table != "idempotency") continue;
    BOOST_TEST(s.rows <= 2000u);
    rows += s.rows;
  }
  BOOST_TEST(rows == 3000u);
  BOOST_TEST(slices.front().rows == 200u);
  // The oldest are deleted first, and the last slice left none.
  BOOST_TEST((slices.front().behind > seconds{2700}));
  BOOST_TEST((slices.front().behind < seconds{3000}));
  BOOST_TEST(slices.back().behind.count() == 0);
  BOOST_TEST((slices.front().pause == slices.front().time * 9));
  BOOST_TEST(number("SELECT count(*) FROM idempotency") == 10);
  BOOST_TEST(pass(all).front().rows == 0u);
  BOOST_TEST(pass(all, {}, now + seconds{5}).front().rows == 4u);
}

BOOST_AUTO_TEST_CASE(a_busy_writer_on_sqlite_deletes_at_most_three_rows_a_message) {
  if (c->dialect() == "postgres") return;
  c->begin();
  for (int i = 0; i < 1000; ++i) answer(i, answer_ttl + seconds{1 + i});
  c->commit();
  all.begin(now, {});
  const auto rows = [&](std::size_t messages) {
    if (messages > 0) all.handled(messages);
    return all.slice(*c, now, true).rows;
  };
  BOOST_TEST(rows(0) == 0u);
  // A transaction needs at least 50 rows to be worth its cost.
  BOOST_TEST(rows(16) == 0u);
  BOOST_TEST(rows(1) == 51u);
  BOOST_TEST(rows(0) == 0u);
  BOOST_TEST(rows(30) == 90u);
  // The rest is still reported while the writer waits for messages.
  const auto waiting = all.slice(*c, now, true);
  BOOST_TEST(waiting.rows == 0u);
  BOOST_TEST((waiting.behind > seconds{800}));
  BOOST_TEST((waiting.pause > microseconds{0}));
  // An idle writer is not limited.
  BOOST_TEST(all.slice(*c, now, false).rows >= 50u);
  BOOST_TEST(number("SELECT count(*) FROM idempotency") <= 809);
}

BOOST_AUTO_TEST_CASE(an_answer_behind_the_position_reached_goes_within_the_hour) {
  answer(1, answer_ttl + seconds{10});
  BOOST_TEST(pass(all).front().rows == 1u);
  answer(2, answer_ttl + seconds{20});
  BOOST_TEST(pass(all).front().rows == 0u);
  BOOST_TEST(pass(all, {}, now + std::chrono::hours{1}).front().rows == 1u);
}

BOOST_AUTO_TEST_CASE(inbox_rows_go_when_the_producer_has_deleted_the_event_and_two_minutes_later) {
  for (std::int64_t seq = 1; seq <= 5; ++seq) applied("order/0", seq, seconds{300 - seq});
  applied("order/0", 6, seconds{60});
  applied("order/1", 1, seconds{300});
  pass(all, {{"order/0", 4}});
  BOOST_TEST(number("SELECT min(seq) FROM inbox WHERE source='order/0'") == 4);
  BOOST_TEST(number("SELECT count(*) FROM inbox") == 4);
  pass(all, {{"order/0", 7}, {"order/1", 1}});
  BOOST_TEST(number("SELECT min(seq) FROM inbox WHERE source='order/0'") == 6);
  BOOST_TEST(number("SELECT count(*) FROM inbox") == 2);
  pass(all, {{"order/0", 7}, {"order/1", 2}}, now + seconds{61});
  BOOST_TEST(number("SELECT count(*) FROM inbox") == 0);
  // The producer numbers from 1 again.
  applied("order/0", 1, seconds{300});
  pass(all, {{"order/0", 2}}, now + seconds{61});
  BOOST_TEST(number("SELECT count(*) FROM inbox") == 0);
}

BOOST_AUTO_TEST_CASE(revocations_and_verifications_go_at_their_time) {
  for (std::int64_t i = 1; i <= 300; ++i) {
    user::revocation_row r;
    r.shard = i % 16;
    r.seq = i;
    r.family = {system_ids().next_v7()};
    r.forget_at = i <= 290 ? now : now + microseconds{1};
    save(r);
  }
  pass(all);
  BOOST_TEST(number("SELECT count(*) FROM revocations") == 10);
  pass(all, {}, now + seconds{1});
  BOOST_TEST(number("SELECT count(*) FROM revocations") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(clean_up_of_payments, payment_fixture)

BOOST_AUTO_TEST_CASE(instruments_go_at_their_time) {
  cleaner instruments{{&payment::expired_instruments}, answer_ttl};
  for (std::int64_t i = 0; i < 300; ++i) {
    payment::instrument_row one;
    one.instrument_id = {system_ids().next_v7()};
    one.payment_method = "card";
    one.sealed_token = "sealed";
    one.token_hint = "tok_***sa";
    one.created_at = {1};
    one.expires_at = now + seconds{i - 290};
    save(one);
  }
  pass(instruments);
  BOOST_TEST(number("SELECT count(*) FROM instruments") == 9);
}

BOOST_AUTO_TEST_SUITE_END()
