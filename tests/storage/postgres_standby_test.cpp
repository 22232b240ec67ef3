// The tests' own standby does what the tests that use it count on.

#include "tests/support/postgres_standby.hpp"

#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

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

BOOST_AUTO_TEST_SUITE_END()
