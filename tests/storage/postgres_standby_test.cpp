// Checks the properties of the test standby that other tests rely on; and that connections with
// both servers in the URL use the writable one.

#include "tests/support/postgres_standby.hpp"

#include "storage/db/postgres.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

struct pair {
  explicit pair(const postgres_standby_options& options) : standby(primary, options) {
    primary.run("postgres", "CREATE TABLE entries(n BIGINT PRIMARY KEY)");
  }
  void add(int n) const {
    primary.run("postgres", "INSERT INTO entries VALUES(" + std::to_string(n) + ")");
  }
  static std::string count(const postgres_server& where) {
    return where.run("postgres", "SELECT count(*) FROM entries");
  }

  postgres_server primary{{.fsync = false}};
  postgres_standby standby;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(postgres_standby)

BOOST_AUTO_TEST_CASE(changes_arrive_late_and_none_is_lost_until_it_is_cut_off) {
  if (!postgres_server::available()) return skip("PostgreSQL's server is not installed");
  pair servers({.apply_delay = milliseconds{300}});
  const auto begun = steady_clock::now();
  servers.add(1);
  servers.standby.await_replay();
  BOOST_TEST((steady_clock::now() - begun >= milliseconds{250}));
  BOOST_TEST(pair::count(servers.standby) == "1");

  servers.standby.set_apply_delay(milliseconds{0});
  servers.standby.pause_replay();
  servers.add(2);
  BOOST_TEST(pair::count(servers.standby) == "1");
  servers.standby.resume_replay();
  servers.standby.await_replay();
  BOOST_TEST(pair::count(servers.standby) == "2");

  servers.standby.cut_off();
  servers.add(3);
  servers.standby.connect_again();
  servers.standby.await_replay();
  BOOST_TEST(pair::count(servers.standby) == "3");

  servers.standby.cut_off();
  servers.add(4);
  servers.primary.kill();
  servers.standby.promote();
  BOOST_TEST(pair::count(servers.standby) == "3");
  servers.standby.run("postgres", "INSERT INTO entries VALUES(5)");
  BOOST_TEST(pair::count(servers.standby) == "4");
}

BOOST_AUTO_TEST_CASE(a_synchronous_one_has_what_was_committed) {
  if (!postgres_server::available()) return skip("PostgreSQL's server is not installed");
  pair servers({.synchronous = true});
  for (int n = 0; n < 20; ++n) servers.add(n);
  servers.primary.kill();
  servers.standby.promote();
  BOOST_TEST(pair::count(servers.standby) == "20");
}

/// With both servers in the URL, a connection uses the writable one, whether the other has ended or
/// hangs.
BOOST_AUTO_TEST_CASE(a_connection_follows_the_primary) {
  if (!postgres_server::available()) return skip("PostgreSQL's server is not installed");
  using namespace stoa;
  static const db::sql add{"add entry", "INSERT INTO entries VALUES($1)"};
  static const db::sql read{"count entries", "SELECT count(*) FROM entries"};
  for (const bool hangs : {false, true}) {
    pair servers({.synchronous = true});
    const auto local = [](const postgres_server& s) {
      return "127.0.0.1:" + std::to_string(s.port());
    };
    // The standby is listed first: it is skipped until it is promoted.
    db::postgres_options options;
    options.url = "postgresql://stoa@" + local(servers.standby) + "," + local(servers.primary) +
                  "/postgres?target_session_attrs=read-write";
    options.connect_timeout = milliseconds{500};
    options.statement_timeout = milliseconds{1000};
    options.reconnect_min = milliseconds{20};
    options.reconnect_max = milliseconds{100};
    const auto database = db::postgres_database(options);
    const auto writer = database->open(db::access::write);
    const auto reader = database->open(db::access::read);
    const auto entries = [&] {
      std::int64_t n = -1;
      reader->query({&read, {}}, [&](db::row r) { n = std::get<std::int64_t>(r[0]); });
      return n;
    };
    const auto write = [&](std::int64_t n) {
      writer->begin();
      const db::statement one{&add, db::params(n)};
      writer->execute_and_commit(std::span(&one, 1), [] {});
    };
    write(1);
    BOOST_TEST(entries() == 1);
    hangs ? servers.primary.freeze() : servers.primary.kill();
    servers.standby.promote();
    const auto begun = steady_clock::now();
    const auto within = [&](const auto& body) {
      for (;;) {
        try {
          return body();
        } catch (const db::error&) {
          writer->rollback();
          BOOST_REQUIRE((steady_clock::now() - begun < std::chrono::seconds{8}));
          std::this_thread::sleep_for(milliseconds{20});
        }
      }
    };
    within([&] { write(2); });
    within([&] { BOOST_TEST(entries() == 2); });
    if (hangs) servers.primary.thaw();
  }
}

BOOST_AUTO_TEST_SUITE_END()
