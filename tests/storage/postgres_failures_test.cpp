// The PostgreSQL driver during failures: of the server, of the network, at the moment of a commit.

#include "storage/db/columns.hpp"
#include "storage/db/postgres.hpp"
#include "tests/support/postgres_fixture.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

namespace {

using namespace stoa;
using db::access;
using db::error_kind;
using db::params;
using std::chrono::steady_clock;
using test::comes_back;
using test::kind_of;

const db::sql insert_entry{"insert entry", "INSERT INTO entries(n, text) VALUES($1,$2)"};
const db::sql change_entry{"change entry",
                           "UPDATE entries SET text=$2, version=version+1 WHERE n=$1"};
const db::sql change_if_version{
    "change entry of version",
    "UPDATE entries SET text=$2, version=version+1 WHERE n=$1 AND version=$3"};
const db::sql count_entries{"count entries", "SELECT count(*) FROM entries"};
const db::sql read_entry{"read entry", "SELECT text, version FROM entries WHERE n=$1"};
const db::sql nap{"nap", "SELECT 1 FROM pg_sleep(5)"};

struct fixture : test::postgres_fixture {
  fixture()
      : postgres_fixture(
            "CREATE TABLE entries(n BIGINT PRIMARY KEY, text TEXT NOT NULL,"
            " version BIGINT NOT NULL DEFAULT 0)") {}

  static db::statement entry(std::int64_t n) {
    return {&insert_entry, params(n, std::string("x"))};
  }
  static std::int64_t count(db::connection& c) {
    std::int64_t found = -1;
    c.query({&count_entries, {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
    return found;
  }
  std::string committed() const { return server().run(database(), "SELECT count(*) FROM entries"); }
  /// Terminates the connections to this case's database, as an administrator does.
  void terminate() const {
    server().run("postgres",
                 "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                 "WHERE datname='" +
                     database() + "'");
  }
  db::postgres_options quick_options(std::uint16_t port) const {
    auto o = options_at(port);
    o.statement_timeout = milliseconds{500};
    o.connect_timeout = milliseconds{500};
    o.reconnect_min = milliseconds{20};
    o.reconnect_max = milliseconds{200};
    return o;
  }
};

template <class Call>
milliseconds time_of(Call call) {
  const auto started = steady_clock::now();
  call();
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - started);
}

BOOST_FIXTURE_TEST_SUITE(lost_connections, fixture)

BOOST_AUTO_TEST_CASE(one_that_died_while_idle_is_reconnected_unnoticed) {
  if (!ready()) return;
  auto c = open();
  c->begin();
  c->execute_and_commit(std::vector{entry(1)}, [] {});
  terminate();
  c->begin();
  BOOST_TEST(count(*c) == 1);
  c->rollback();
  terminate();
  BOOST_TEST(count(*c) == 1);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_lost_its_connection_stays_lost) {
  if (!ready()) return;
  auto c = open();
  c->begin();
  c->execute(entry(1));
  terminate();
  BOOST_TEST((kind_of([&] { c->execute(entry(2)); }) == error_kind::unavailable));
  // Not over a new connection, outside the transaction.
  BOOST_TEST((kind_of([&] { c->execute(entry(3)); }) == error_kind::unavailable));
  BOOST_TEST((kind_of([&] { count(*c); }) == error_kind::unavailable));
  BOOST_TEST((kind_of([&] { c->commit(); }) == error_kind::unavailable));
  c->rollback();
  c->begin();
  c->execute_and_commit(std::vector{entry(4)}, [] {});
  BOOST_TEST(committed() == "1");
}

BOOST_AUTO_TEST_CASE(a_commit_that_could_not_be_sent_is_not_unknown) {
  if (!ready()) return;
  auto c = open();
  c->begin();
  count(*c);
  terminate();
  BOOST_TEST((kind_of([&] { c->execute_and_commit(std::vector{entry(1)}, [] {}); }) ==
              error_kind::unavailable));
  c->rollback();
  BOOST_TEST(committed() == "0");
}

BOOST_AUTO_TEST_CASE(a_server_that_is_killed_comes_back) {
  if (!ready()) return;
  auto c = db::postgres_database(quick_options(server().port()))->open(access::write);
  c->begin();
  c->execute_and_commit(std::vector{entry(1)}, [] {});
  server().kill();
  const auto start_and_read = [&] {
    c->rollback();
    c->begin();
    count(*c);
  };
  BOOST_TEST((kind_of(start_and_read) == error_kind::unavailable));
  // While it waits before the next attempt it fails at once.
  for (int i = 0; i < 4; ++i) kind_of(start_and_read);
  const auto took = time_of([&] {
    for (int i = 0; i < 100; ++i) {
      BOOST_TEST((kind_of(start_and_read) == error_kind::unavailable));
    }
  });
  BOOST_TEST((took < milliseconds{1000}), "100 rejections took " << took.count() << " ms");
  server().start();
  BOOST_TEST(comes_back(start_and_read));
  c->execute_and_commit(std::vector{entry(2)}, [] {});
  BOOST_TEST(committed() == "2");
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_is_left_in_time) {
  if (!ready()) return;
  auto c = db::postgres_database(quick_options(server().port()))->open(access::write);
  c->begin();
  count(*c);
  server().freeze();
  std::optional<error_kind> commit;
  std::optional<error_kind> again;
  const auto first = time_of(
      [&] { commit = kind_of([&] { c->execute_and_commit(std::vector{entry(1)}, [] {}); }); });
  c->rollback();
  const auto second = time_of([&] { again = kind_of([&] { c->begin(); }); });
  server().thaw();
  BOOST_TEST((commit == error_kind::unknown));
  BOOST_TEST((again == error_kind::unavailable));
  BOOST_TEST((first >= milliseconds{450} && first < milliseconds{5000}));
  BOOST_TEST((second >= milliseconds{450} && second < milliseconds{5000}));
  BOOST_TEST(comes_back([&] { c->begin(); }));
  count(*c);
}

BOOST_AUTO_TEST_CASE(a_commit_without_an_answer_is_unknown_and_may_have_happened) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  for (const bool cut : {false, true}) {
    auto c = db::postgres_database(quick_options(gate.port()))->open(access::write);
    gate.hold_answers_after(
        [](std::string_view sent) { return sent.find("COMMIT") != std::string_view::npos; });
    c->begin();
    std::thread cutter([&] {
      const auto wanted = cut ? "2" : "1";
      const auto until = steady_clock::now() + seconds{10};
      while (committed() != wanted && steady_clock::now() < until) {
        std::this_thread::sleep_for(milliseconds{2});
      }
      if (cut) gate.reset();
    });
    const auto kind =
        kind_of([&] { c->execute_and_commit(std::vector{entry(cut ? 2 : 1)}, [] {}); });
    cutter.join();
    BOOST_TEST((kind == error_kind::unknown));
    BOOST_TEST(committed() == (cut ? "2" : "1"));
    gate.resume();
    c->rollback();
    c->begin();
    BOOST_TEST(count(*c) == (cut ? 2 : 1));
    c->rollback();
  }
}

BOOST_AUTO_TEST_CASE(a_commit_that_never_arrived_is_unknown_too) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  auto c = db::postgres_database(quick_options(gate.port()))->open(access::write);
  c->begin();
  count(*c);
  gate.hold();
  BOOST_TEST((kind_of([&] { c->execute_and_commit(std::vector{entry(1)}, [] {}); }) ==
              error_kind::unknown));
  gate.cut();
  gate.resume();
  c->rollback();
  BOOST_TEST(committed() == "0");
  BOOST_TEST(comes_back([&] { c->begin(); }));
}

/// A batch is delayed in the network until its writer has given up, and then arrives. Returns
/// whether it is applied. `fenced`: the row that the batch is conditional on has changed meanwhile.
bool happens_late(const fixture& f, bool fenced, bool idle_limit) {
  test::tcp_proxy gate(fixture::server().port());
  auto options = f.quick_options(gate.port());
  if (!idle_limit) options.url += "?options=-c%20idle_in_transaction_session_timeout%3D0";
  auto judge = f.open();
  judge->execute(fixture::entry(1));
  auto writer = db::postgres_database(options)->open(access::write);
  const std::vector batch{
      db::statement{&change_if_version,
                    params(std::int64_t{1}, std::string("saved"), std::int64_t{0}), true},
      fixture::entry(2)};
  writer->begin();
  fixture::count(*writer);
  gate.hold();
  BOOST_TEST((kind_of([&] { writer->execute_and_commit(batch, [] {}); }) == error_kind::unknown));
  if (fenced) judge->execute({&change_entry, params(std::int64_t{1}, std::string("fence")), true});
  gate.resume();
  const auto until = steady_clock::now() + seconds{5};
  while (gate.open_connections() > 0 && steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds{2});
  }
  return fixture::count(*judge) == 2;
}

BOOST_AUTO_TEST_CASE(a_batch_that_arrives_late_happens_late) {
  if (ready()) BOOST_TEST(happens_late(*this, false, false));
}
BOOST_AUTO_TEST_CASE(a_fence_stops_a_batch_that_arrives_late) {
  if (ready()) BOOST_TEST(!happens_late(*this, true, false));
}
BOOST_AUTO_TEST_CASE(the_server_has_mostly_ended_the_transaction_of_a_late_batch) {
  if (ready()) BOOST_TEST(!happens_late(*this, false, true));
}

BOOST_AUTO_TEST_CASE(a_gate_that_refuses_is_retried_with_pauses) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  auto options = quick_options(gate.port());
  auto c = db::postgres_database(options)->open(access::read);
  gate.refuse(true);
  gate.cut();
  const auto before = gate.accepted();
  const auto until = steady_clock::now() + milliseconds{600};
  while (steady_clock::now() < until) {
    kind_of([&] { count(*c); });
    std::this_thread::sleep_for(milliseconds{1});
  }
  // 20, 40, 80, 160, 200, ... ms minus up to a quarter: about six attempts, not six hundred.
  BOOST_TEST(gate.accepted() - before >= 3U);
  BOOST_TEST(gate.accepted() - before <= 10U);
  gate.resume();
  BOOST_TEST(comes_back([&] { count(*c); }));
  BOOST_TEST((kind_of([&] { db::postgres_database(quick_options(1))->open(access::read); }) ==
              error_kind::unavailable));
}

BOOST_AUTO_TEST_CASE(a_server_that_takes_no_writes_any_more_is_left) {
  if (!ready()) return;
  auto c = db::postgres_database(quick_options(server().port()))->open(access::write);
  // As after a failover: this server is not the primary now.
  server().run("postgres",
               "ALTER DATABASE " + database() + " SET default_transaction_read_only=on");
  terminate();
  c->begin();
  BOOST_TEST((kind_of([&] { c->execute(entry(1)); }) == error_kind::unavailable));
  c->rollback();
  server().run("postgres", "ALTER DATABASE " + database() + " RESET default_transaction_read_only");
  c->begin();
  c->execute_and_commit(std::vector{entry(1)}, [] {});
  BOOST_TEST(committed() == "1");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(limits, fixture)

BOOST_AUTO_TEST_CASE(a_slow_statement_is_ended_by_the_server_and_the_connection_stays) {
  if (!ready()) return;
  for (const bool prepared : {true, false}) {
    auto options = quick_options(server().port());
    options.prepared_statements = prepared;
    auto c = db::postgres_database(options)->open(access::write);
    c->begin();
    const auto took = time_of([&] {
      BOOST_TEST((kind_of([&] { c->query({&nap, {}}, [](db::row) {}); }) == error_kind::busy));
    });
    BOOST_TEST((took < milliseconds{4000}));
    c->rollback();
    terminate();
  }
}

BOOST_AUTO_TEST_CASE(a_row_locked_for_too_long_is_busy) {
  if (!ready()) return;
  auto a = open();
  a->execute(entry(1));
  const db::statement change{&change_entry, params(std::int64_t{1}, std::string("y")), true};
  a->begin();
  a->execute(change);
  auto b = db::postgres_database(quick_options(server().port()))->open(access::write);
  b->begin();
  BOOST_TEST((kind_of([&] { b->execute(change); }) == error_kind::busy));
  b->rollback();
  a->commit();
  b->begin();
  b->execute_and_commit(std::vector{change}, [] {});
}

BOOST_AUTO_TEST_CASE(a_plan_outdated_by_a_migration_is_recreated) {
  if (!ready()) return;
  auto c = open();
  c->execute(entry(1));
  auto read = [&] {
    std::size_t rows = 0;
    c->query({&read_entry, params(std::int64_t{1})}, [&](db::row) { ++rows; });
    return rows;
  };
  BOOST_TEST(read() == 1U);
  server().run(database(), "ALTER TABLE entries ALTER COLUMN version TYPE INT4");
  BOOST_TEST((kind_of([&] { read(); }) == error_kind::conflict));
  BOOST_TEST(read() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
