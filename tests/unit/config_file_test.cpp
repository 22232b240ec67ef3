// The syntax of the settings file.

#include "config/config_file.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace config = stoa::config;

namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_file)

BOOST_AUTO_TEST_CASE(sections_comments_quotes_and_line_ends) {
  const auto f = config::parse_file(
      "\xEF\xBB\xBF# first\r\n"
      "a = 1 # one\r\n"
      "\r\n"
      "[s]  # a section\n"
      "  b=x#y\n"
      "\tc = \"  # \\\" \\\\ \" # quoted\n"
      "d =\n"
      "[s.t]\n"
      "e = last",
      "f");
  BOOST_TEST(joined(f.errors) == "");
  BOOST_TEST_REQUIRE(f.entries.size() == 5U);
  const std::vector<config::file_entry> want = {{"a", "1", 2},
                                                {"s.b", "x#y", 5},
                                                {"s.c", "  # \" \\ ", 6},
                                                {"s.d", "", 7},
                                                {"s.t.e", "last", 9}};
  for (std::size_t i = 0; i < want.size(); ++i) {
    BOOST_TEST(f.entries[i].key == want[i].key);
    BOOST_TEST(f.entries[i].value == want[i].value);
    BOOST_TEST(f.entries[i].line == want[i].line);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_names_its_line) {
  for (const std::string bad :
       {"nothing", "= 1", "A = 1", "a b = 1", "[s", "[]", "[S]", "[s] x", "a = \"x", "a = \"x\" y",
        "a = \"\\n\"", "a = \"\\", "a = \x01", "a = b\x7F"}) {
    BOOST_TEST_CONTEXT(bad) {
      const auto f = config::parse_file("ok = 1\n" + bad + "\nafter = 2\n", "f.conf");
      BOOST_TEST_REQUIRE(f.errors.size() == 1U);
      BOOST_TEST(f.errors[0].starts_with("f.conf:2: "));
      BOOST_TEST(f.entries.size() == 2U);
    }
  }
  const auto twice = config::parse_file("a.b = 1\n[a]\nb = 2\n", "f");
  BOOST_TEST(joined(twice.errors) == "f:3: a.b is already set on line 1\n");
  BOOST_TEST(config::parse_file(std::string("a = 1\0\n", 7), "f").errors.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
