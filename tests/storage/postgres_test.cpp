// The PostgreSQL driver against a real server: values, errors, transactions, round trips.

#include "storage/db/postgres.hpp"

#include "storage/db/budget.hpp"
#include "storage/db/columns.hpp"
#include "tests/support/postgres_fixture.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <thread>

namespace {

using namespace stoa;
using db::access;
using db::error_kind;
using db::params;
using test::kind_of;

const db::sql insert_thing{"insert thing",
                           "INSERT INTO things(id,flag,small,big,ratio,name) "
                           "VALUES($1,$2,$3,$4,$5,$6)"};
const db::sql all_things{"all things",
                         "SELECT id,flag,small,big,ratio,name FROM things ORDER BY big"};
const db::sql count_things{"count things", "SELECT count(*), sum(big) FROM things"};
const db::sql move_thing{"move thing", "UPDATE things SET big=$2 WHERE name=$1"};
const db::sql insert_line{"insert line", "INSERT INTO lines(thing,n) VALUES($1,$2)"};
const db::sql one{"one", "SELECT 1"};

struct fixture : test::postgres_fixture {
  fixture()
      : postgres_fixture(
            "CREATE TABLE things(id UUID PRIMARY KEY, flag BOOLEAN NOT NULL, small INT2, big BIGINT"
            " CHECK(big <> 13), ratio FLOAT8, name TEXT UNIQUE);"
            "CREATE TABLE lines(thing UUID REFERENCES things(id), n INT4 NOT NULL,"
            " PRIMARY KEY(thing, n))") {}

  static db::statement thing(std::int64_t big, const std::string& name) {
    return {&insert_thing,
            params(system_ids().next_v7(), std::int64_t{1}, std::int64_t{2}, big, 0.5, name)};
  }
  static std::int64_t count(db::connection& c) {
    std::int64_t found = -1;
    c.query({&count_things, {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
    return found;
  }
};

BOOST_FIXTURE_TEST_SUITE(postgres_values, fixture)

BOOST_AUTO_TEST_CASE(values_come_back_as_they_were) {
  if (!ready()) return;
  auto c = open();
  const auto id = system_ids().next_v7();
  const std::string text = "Zürich \"quoted\" \\ 'x' \n\t $1 – 漢字 🐘";
  const auto largest = std::numeric_limits<std::int64_t>::max();
  c->begin();
  c->execute({&insert_thing, params(id, std::int64_t{1}, std::int64_t{-7}, largest, 0.1, text)});
  c->execute({&insert_thing, {system_ids().next_v7(), std::int64_t{0}, {}, {}, {}, {}}});
  c->commit();
  std::vector<std::vector<db::value>> rows;
  c->query({&all_things, {}}, [&](db::row r) { rows.emplace_back(r.begin(), r.end()); });
  BOOST_REQUIRE(rows.size() == 2U);
  BOOST_TEST((rows[0] ==
              std::vector<db::value>{id, std::int64_t{1}, std::int64_t{-7}, largest, 0.1, text}));
  for (std::size_t i = 2; i < 6; ++i) {
    BOOST_TEST(std::holds_alternative<std::monostate>(rows[1][i]));
  }
  // sum() of bigint is numeric; it must be read as an integer, as in SQLite.
  c->query({&count_things, {}}, [&](db::row r) {
    BOOST_TEST((std::vector<db::value>(r.begin(), r.end()) ==
                std::vector<db::value>{std::int64_t{2}, largest}));
  });
}

BOOST_AUTO_TEST_CASE(a_text_with_a_zero_byte_is_refused_and_never_cut) {
  if (!ready()) return;
  auto c = open();
  c->begin();
  BOOST_TEST(
      (kind_of([&] { c->execute(thing(1, std::string("a\0b", 3))); }) == error_kind::constraint));
  c->rollback();
  BOOST_TEST((kind_of([&] { c->execute(thing(1, "\xC3\x28")); }) == error_kind::constraint));
  BOOST_TEST(count(*c) == 0);
}

BOOST_AUTO_TEST_CASE(a_large_batch_does_not_block_both_sides) {
  if (!ready()) return;
  auto c = open();
  // More than the sockets' buffers hold, in both directions.
  std::vector<db::statement> many;
  const std::string big(100'000, 'x');
  many.reserve(100);
  for (int i = 0; i < 100; ++i) many.push_back(thing(100 + i, big + std::to_string(i)));
  c->begin();
  c->execute_and_commit(many, [] {});
  std::vector<db::statement> ask(5, db::statement{&all_things, {}});
  std::size_t bytes = 0;
  c->query(ask, [&](std::size_t, db::row r) { bytes += std::get<std::string>(r[5]).size(); });
  BOOST_TEST(bytes > std::size_t{5} * 100 * 100'000);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(postgres_errors, fixture)

std::string constraint_of(db::connection& c, const db::statement& what, error_kind kind) {
  try {
    c.execute(what);
  } catch (const db::error& e) {
    BOOST_TEST((e.kind() == kind), e.what());
    return e.constraint();
  }
  return "no error";
}

BOOST_AUTO_TEST_CASE(they_are_mapped_by_their_code) {
  if (!ready()) return;
  auto c = open();
  const auto id = system_ids().next_v7();
  c->execute({&insert_thing, params(id, std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, 0.5,
                                    std::string("a, (b)=("))});
  c->execute({&insert_line, params(id, std::int64_t{1})});
  BOOST_TEST(constraint_of(*c, thing(4, "a, (b)=("), error_kind::unique) == "things.name");
  BOOST_TEST(constraint_of(*c, {&insert_line, params(id, std::int64_t{1})}, error_kind::unique) ==
             "lines.thing, lines.n");
  BOOST_TEST(constraint_of(*c, {&insert_line, {id, {}}}, error_kind::constraint) == "lines.n");
  constraint_of(*c, {&insert_line, params(system_ids().next_v7(), std::int64_t{1})},
                error_kind::constraint);
  BOOST_TEST(constraint_of(*c, thing(13, "c"), error_kind::constraint) == "things_big_check");
  constraint_of(*c, {&insert_line, params(id, std::int64_t{1} << 40)}, error_kind::constraint);
  static const db::sql bad{"bad", "SELEC 1"};
  static const db::sql by_zero{"by zero", "SELECT 1/0"};
  constraint_of(*c, {&bad, {}}, error_kind::programming);
  constraint_of(*c, {&by_zero, {}}, error_kind::programming);
  BOOST_TEST(count(*c) == 1);
}

BOOST_AUTO_TEST_CASE(an_error_does_not_contain_the_rows_values) {
  if (!ready()) return;
  auto c = open();
  c->execute(thing(1, "mary@example.org"));
  try {
    c->execute(thing(2, "mary@example.org"));
    BOOST_ERROR("no error");
  } catch (const db::error& e) {
    BOOST_TEST(std::string(e.what()).find("mary") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_change_of_not_exactly_one_row_stops_the_commit) {
  if (!ready()) return;
  auto c = open();
  c->execute(thing(1, "a"));
  for (const auto* name : {"nobody", "a"}) {
    const db::statement move{&move_thing, params(std::string(name), std::int64_t{5}), true};
    const std::vector<db::statement> all{thing(2, std::string("with ") + name), move,
                                         thing(3, std::string("after ") + name)};
    c->begin();
    const bool stale = kind_of([&] { c->execute_and_commit(all, [] {}); }) == error_kind::stale;
    c->rollback();
    BOOST_TEST(stale == (std::string(name) == "nobody"));
  }
  BOOST_TEST(count(*c) == 3);
  static const db::sql move_all{"move all", "UPDATE things SET small=1"};
  BOOST_TEST((kind_of([&] { c->execute({&move_all, {}, true}); }) == error_kind::stale));
}

BOOST_AUTO_TEST_CASE(a_transaction_that_failed_cannot_be_committed) {
  if (!ready()) return;
  auto c = open();
  c->begin();
  c->execute(thing(1, "a"));
  BOOST_TEST((kind_of([&] { c->execute(thing(2, "a")); }) == error_kind::unique));
  BOOST_TEST((kind_of([&] { c->commit(); }) == error_kind::programming));
  c->rollback();
  BOOST_TEST(count(*c) == 0);
}

BOOST_AUTO_TEST_CASE(a_deferred_constraint_fails_the_commit_and_the_connection_stays_usable) {
  if (!ready()) return;
  auto c = open();
  c->run_script(
      "ALTER TABLE lines ADD FOREIGN KEY(thing) REFERENCES things DEFERRABLE INITIALLY DEFERRED;"
      "ALTER TABLE lines DROP CONSTRAINT lines_thing_fkey");
  c->begin();
  c->execute({&insert_line, params(system_ids().next_v7(), std::int64_t{1})});
  BOOST_TEST((kind_of([&] { c->commit(); }) == error_kind::constraint));
  c->rollback();
  c->begin();
  c->execute(thing(1, "a"));
  c->commit();
  BOOST_TEST(count(*c) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(postgres_transactions, fixture)

BOOST_AUTO_TEST_CASE(two_that_change_one_row_conflict) {
  if (!ready()) return;
  auto a = open();
  auto b = open();
  a->execute(thing(1, "a"));
  const db::statement move{&move_thing, params(std::string("a"), std::int64_t{5}), true};
  a->begin();
  b->begin();
  BOOST_TEST(count(*a) == 1);
  BOOST_TEST(count(*b) == 1);
  a->execute_and_commit(std::span(&move, 1), [] {});
  BOOST_TEST((kind_of([&] { b->execute_and_commit(std::span(&move, 1), [] {}); }) ==
              error_kind::conflict));
  b->rollback();
  b->begin();
  b->execute_and_commit(std::span(&move, 1), [] {});
}

BOOST_AUTO_TEST_CASE(a_deadlock_is_a_conflict) {
  if (!ready()) return;
  auto a = open();
  auto b = open();
  a->execute(thing(1, "a"));
  a->execute(thing(2, "b"));
  auto move = [](const char* name) {
    return db::statement{&move_thing, params(std::string(name), std::int64_t{7}), true};
  };
  a->begin();
  b->begin();
  a->execute(move("a"));
  b->execute(move("b"));
  std::optional<error_kind> first;
  std::thread other([&] { first = kind_of([&] { a->execute(move("b")); }); });
  const auto second = kind_of([&] { b->execute(move("a")); });
  if (second) b->rollback();
  other.join();
  BOOST_TEST((first == error_kind::conflict || second == error_kind::conflict));
}

BOOST_AUTO_TEST_CASE(a_read_sees_one_state_and_cannot_write) {
  if (!ready()) return;
  auto writer = open();
  auto reader = open(access::read);
  {
    const db::read_scope scope(*reader);
    BOOST_TEST(count(*reader) == 0);
    writer->execute(thing(1, "a"));
    BOOST_TEST(count(*reader) == 0);
  }
  BOOST_TEST(count(*reader) == 1);
  BOOST_TEST((kind_of([&] { reader->execute(thing(2, "b")); }) == error_kind::programming));
  BOOST_TEST((kind_of([&] { reader->begin(); }) == error_kind::programming));
  // A statement that writes although it is sent as a query.
  BOOST_CHECK_THROW(reader->query(thing(2, "b"), [](db::row) {}), db::error);
  BOOST_TEST(count(*reader) == 1);
}

BOOST_AUTO_TEST_CASE(keys_are_looked_up_in_a_table_that_was_never_analysed) {
  if (!ready()) return;
  // By default the planner prefers a full scan: it estimates few rows of a wide table until it has
  // statistics.
  server().run(database(),
               "CREATE TABLE wide(id UUID PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, "
               "f TEXT, g TEXT, h TEXT)");
  static const db::sql by_keys{"by keys",
                               "EXPLAIN SELECT a FROM wide WHERE id=ANY(array_fill("
                               "'018f0000-0000-7000-8000-000000000000'::uuid, ARRAY[20]))"};
  for (const auto kind : {access::read, access::write, access::bounded}) {
    std::string plan;
    open(kind)->query({&by_keys, {}}, [&](db::row r) { plan += std::get<std::string>(r[0]); });
    BOOST_TEST(plan.find("wide_pkey") != std::string::npos, plan);
    BOOST_TEST(plan.find("Seq Scan") == std::string::npos, plan);
  }
}

BOOST_AUTO_TEST_CASE(a_transaction_ends_on_the_server_without_another_call) {
  if (!ready()) return;
  auto reader = open(access::read);
  {
    const db::read_scope scope(*reader);
    count(*reader);
  }
  const auto until = std::chrono::steady_clock::now() + seconds{5};
  std::string open_ones;
  do {
    open_ones = server().run(database(), "SELECT count(*) FROM pg_stat_activity WHERE datname='" +
                                             database() + "' AND state LIKE 'idle in%'");
  } while (open_ones != "0" && std::chrono::steady_clock::now() < until);
  BOOST_TEST(open_ones == "0");
}

BOOST_AUTO_TEST_CASE(a_bounded_query_that_takes_too_long_is_ended) {
  if (!ready()) return;
  auto options = options_at(server().port());
  options.query_time_max = milliseconds{100};
  const auto database = db::postgres_database(options);
  static const db::sql sleeping{"sleep", "SELECT 1 FROM pg_sleep($1)"};
  const auto sleeps = [&](db::connection& c, double for_seconds) {
    c.query({&sleeping, db::params(for_seconds)}, [](db::row) {});
  };
  const auto bounded = database->open(access::bounded);
  BOOST_CHECK_THROW(sleeps(*bounded, 10), db::budget_exceeded);
  BOOST_CHECK_NO_THROW(sleeps(*bounded, 0));
  {
    const db::read_scope one_state(*bounded);
    BOOST_CHECK_THROW(sleeps(*bounded, 10), db::budget_exceeded);
  }
  BOOST_CHECK_NO_THROW(sleeps(*bounded, 0));
  BOOST_CHECK_NO_THROW(sleeps(*database->open(access::read), 0.3));
}

BOOST_AUTO_TEST_CASE(misuse_is_an_error) {
  if (!ready()) return;
  auto c = open();
  BOOST_TEST((kind_of([&] { c->commit(); }) == error_kind::programming));
  c->begin();
  BOOST_TEST((kind_of([&] { c->begin(); }) == error_kind::programming));
  c->rollback();
  c->rollback();
  db::postgres_options bad;
  bad.url = "postgresql://[bad";
  BOOST_TEST((kind_of([&] { db::postgres_database(bad); }) == error_kind::programming));
}

BOOST_AUTO_TEST_CASE(a_batch_costs_one_round_trip_to_load_and_one_to_save) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  for (const bool prepared : {true, false}) {
    auto options = options_at(gate.port());
    options.prepared_statements = prepared;
    auto c = db::postgres_database(options)->open(access::write);
    std::vector<db::statement> asked(256, db::statement{&count_things, {}});
    std::vector<db::statement> changes;
    changes.reserve(256);
    for (int i = 0; i < 256; ++i) changes.push_back(thing(i + 20, std::to_string(i)));
    for (int batch = 0; batch < 3; ++batch) {
      c->run_script("DELETE FROM things");
      const auto before = gate.round_trips();
      c->begin();
      std::size_t rows = 0;
      c->query(asked, [&](std::size_t, db::row) { ++rows; });
      BOOST_TEST(rows == 256U);
      c->execute_and_commit(changes, [] {});
      // It is sent in several pieces; on a busy machine answers may arrive in between.
      BOOST_TEST(gate.round_trips() - before < 40U);
    }
    // Independent of heuristics: with 50 ms each way, sending statement by statement would take 256
    // times as long.
    gate.delay(milliseconds{50});
    const auto started = std::chrono::steady_clock::now();
    c->begin();
    c->query(asked, [](std::size_t, db::row) {});
    c->execute_and_commit({}, [] {});
    const auto took = std::chrono::steady_clock::now() - started;
    gate.delay(milliseconds{0});
    BOOST_TEST((took >= milliseconds{200}));
    BOOST_TEST((took < milliseconds{4000}));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
