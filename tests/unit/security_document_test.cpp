// docs/security.md has a test or a reason for each statement: the tests that it names exist, and no
// requirement of the checklist is missing.

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

const std::string& document() {
  static const std::string text = read(fs::path(STOA_SOURCE_DIR) / "docs" / "security.md");
  return text;
}

/// The number of requirements of levels 1 and 2 in each section of ASVS 5.0.0; their numbers come
/// first.
const std::map<std::string, int>& sections() {
  static const std::map<std::string, int> all = {
      {"1.1", 2},  {"1.2", 9},  {"1.3", 11},  {"1.4", 3},  {"1.5", 2},  {"2.1", 3},  {"2.2", 3},
      {"2.3", 4},  {"2.4", 1},  {"3.2", 2},   {"3.3", 4},  {"3.4", 6},  {"3.5", 5},  {"3.7", 2},
      {"4.1", 3},  {"4.2", 1},  {"4.3", 2},   {"4.4", 4},  {"5.1", 1},  {"5.2", 3},  {"5.3", 2},
      {"5.4", 3},  {"6.1", 3},  {"6.2", 12},  {"6.3", 4},  {"6.4", 4},  {"6.5", 5},  {"6.6", 3},
      {"6.8", 4},  {"7.1", 3},  {"7.2", 4},   {"7.3", 2},  {"7.4", 5},  {"7.5", 2},  {"7.6", 2},
      {"8.1", 2},  {"8.2", 3},  {"8.3", 1},   {"8.4", 1},  {"9.1", 3},  {"9.2", 4},  {"10.1", 2},
      {"10.2", 2}, {"10.3", 4}, {"10.4", 11}, {"10.5", 5}, {"10.6", 2}, {"10.7", 3}, {"11.1", 2},
      {"11.2", 3}, {"11.3", 3}, {"11.4", 4},  {"11.5", 1}, {"11.6", 1}, {"12.1", 3}, {"12.2", 2},
      {"12.3", 4}, {"13.1", 1}, {"13.2", 5},  {"13.3", 2}, {"13.4", 5}, {"14.1", 2}, {"14.2", 4},
      {"14.3", 3}, {"15.1", 3}, {"15.2", 3},  {"15.3", 7}, {"16.1", 1}, {"16.2", 5}, {"16.3", 4},
      {"16.4", 3}, {"16.5", 3}, {"17.1", 1},  {"17.2", 4}, {"17.3", 2}};
  return all;
}

struct row {
  std::string state;
  std::string reason;
};

/// The checklist's rows by requirement.
std::multimap<std::string, row> checklist() {
  static const std::regex line(
      R"(\n\| ([0-9., ]+) \| [^|\n]+ \| ([a-z/ ]+) \| ([^|\n]+) \|(?=\n))");
  static const std::regex number(R"([0-9]+\.[0-9]+\.[0-9]+)");
  std::multimap<std::string, row> rows;
  for (std::sregex_iterator at(document().begin(), document().end(), line), end; at != end; ++at) {
    const std::string numbers = (*at)[1];
    for (std::sregex_iterator n(numbers.begin(), numbers.end(), number); n != end; ++n) {
      rows.emplace(n->str(), row{(*at)[2], (*at)[3]});
    }
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(security_document)

BOOST_AUTO_TEST_CASE(tests_that_are_named_exist) {
  static const std::regex named("`([a-z]+)/([a-z0-9_]+_test)(: ([a-z0-9_]+))?`");
  int found = 0;
  for (std::sregex_iterator at(document().begin(), document().end(), named), end; at != end; ++at) {
    ++found;
    const auto file =
        fs::path(STOA_SOURCE_DIR) / "tests" / (*at)[1].str() / ((*at)[2].str() + ".cpp");
    BOOST_TEST_CONTEXT(at->str()) {
      BOOST_TEST(fs::exists(file), "the program does not exist");
      const std::string name = (*at)[4];
      BOOST_TEST((name.empty() || read(file).find("TEST_CASE(" + name) != std::string::npos),
                 "the case does not exist");
    }
  }
  BOOST_TEST(found > 50);
}

BOOST_AUTO_TEST_CASE(every_requirement_of_level_2_is_answered_once) {
  auto rows = checklist();
  std::size_t expected = 0;
  for (const auto& [section, count] : sections()) {
    expected += static_cast<std::size_t>(count);
    for (int i = 1; i <= count; ++i) {
      const auto number = section + "." + std::to_string(i);
      BOOST_TEST(rows.count(number) == 1U, number);
    }
  }
  BOOST_TEST(rows.size() == expected);
  for (const auto& [number, r] : rows) {
    const bool is_known =
        r.state == "met" || r.state == "partly" || r.state == "not met" || r.state == "n/a";
    BOOST_TEST(is_known, number << " " << r.state);
    BOOST_TEST(r.reason.size() > 10U, number);
  }
}

BOOST_AUTO_TEST_CASE(settings_that_are_named_exist) {
  static const std::regex named("`([a-z]+)[.]([a-z0-9_]+)`");
  static const std::regex no_setting("md|cpp|hpp|db|conf");
  const auto example = read(fs::path(STOA_SOURCE_DIR) / "config" / "stoa.example.conf");
  int found = 0;
  for (std::sregex_iterator at(document().begin(), document().end(), named), end; at != end; ++at) {
    if (std::regex_match((*at)[2].str(), no_setting)) continue;
    ++found;
    const auto section = example.find("\n[" + (*at)[1].str() + "]\n");
    const auto key = example.find("\n#" + (*at)[2].str() + " =", section);
    const auto next = example.find("\n[", section + 1);
    BOOST_TEST((section != std::string::npos && key < next), at->str() << " is no setting");
  }
  BOOST_TEST(found > 20);
}

BOOST_AUTO_TEST_SUITE_END()
