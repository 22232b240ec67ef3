// Rules for the schemas of SQLite.

#include "config/services.hpp"
#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

#include <regex>
#include <set>

using namespace stoa;

namespace {

std::vector<std::string> texts(db::connection& c, const db::sql& what) {
  std::vector<std::string> all;
  c.query({&what, {}}, [&](db::row r) { all.push_back(std::get<std::string>(r[0])); });
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_schema)

/// SQLite makes an index for each list of more than two values whenever it checks a row.
BOOST_AUTO_TEST_CASE(conditions_of_tables_do_not_contain_lists) {
  static const db::sql tables{"tables",
                              "SELECT name || ': ' || sql FROM sqlite_schema"
                              " WHERE type='table' AND sql IS NOT NULL"};
  static const db::sql check{"check", "PRAGMA integrity_check"};
  const std::regex list(R"(\bIN\s*\([^(),]*,[^(),]*,)");
  for (const auto& service : config::service_names()) {
    const auto c = test::fresh_database(service, test::backend::sqlite);
    for (const auto& text : texts(*c, tables)) {
      BOOST_TEST(!std::regex_search(text, list), service << " has a list of values in " << text);
    }
    BOOST_TEST(texts(*c, check) == std::vector<std::string>{"ok"},
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()
