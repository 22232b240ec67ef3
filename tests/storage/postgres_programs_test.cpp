// How pg_dump and pg_restore find a database: through environment variables, so that no password is
// in the process list.

#include "storage/db/postgres_programs.hpp"

#include "storage/db/value.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace stoa::db;

namespace {

std::map<std::string, std::string> environment_of(const std::string& url,
                                                  const std::string& password = {}) {
  const auto all = postgres_environment(url, password);
  return {all.begin(), all.end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(postgres_programs)

BOOST_AUTO_TEST_CASE(an_address_becomes_variables) {
  auto found = environment_of("postgresql://ada@db-1:5433/shop_order?sslmode=verify-full");
  BOOST_TEST(found["PGHOST"] == "db-1");
  BOOST_TEST(found["PGPORT"] == "5433");
  BOOST_TEST(found["PGUSER"] == "ada");
  BOOST_TEST(found["PGDATABASE"] == "shop_order");
  BOOST_TEST(found["PGSSLMODE"] == "verify-full");
  BOOST_TEST(!found.contains("PGPASSWORD"));
  BOOST_TEST(!found.contains("PGTARGETSESSIONATTRS"));
  // The other form of an address, and a socket.
  found = environment_of("host=/run/postgresql dbname=shop_user");
  BOOST_TEST(found["PGHOST"] == "/run/postgresql");
  BOOST_TEST(found["PGDATABASE"] == "shop_user");
}

BOOST_AUTO_TEST_CASE(the_password_of_the_address_comes_first) {
  BOOST_TEST(environment_of("postgresql://db/x", "from a file")["PGPASSWORD"] == "from a file");
  BOOST_TEST(environment_of("postgresql://ada:own@db/x", "from a file")["PGPASSWORD"] == "own");
}

BOOST_AUTO_TEST_CASE(of_several_hosts_it_is_the_primary) {
  BOOST_TEST(environment_of("postgresql://db-1,db-2/x")["PGTARGETSESSIONATTRS"] == "primary");
  BOOST_TEST(
      environment_of(
          "postgresql://db-1,db-2/x?target_session_attrs=read-write")["PGTARGETSESSIONATTRS"] ==
      "read-write");
}

BOOST_AUTO_TEST_CASE(an_address_that_is_none_is_refused_without_quoting_it) {
  BOOST_CHECK_EXCEPTION(
      environment_of("postgresql://ada:hunter2@[db/x"), error,
      [](const error& e) { return std::string(e.what()).find("hunter2") == std::string::npos; });
}

BOOST_AUTO_TEST_SUITE_END()
