// docs/operations.md compared with the repository: the tests that it names exist, its links
// resolve, each finding of `stoa status` has a section for its alert, and each table has a bound.
// `docker/check` compares the alerts.

#include <boost/test/unit_test.hpp>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

namespace {

const fs::path root = STOA_SOURCE_DIR;

std::string read(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

const std::string& document() {
  static const std::string text = read(root / "docs" / "operations.md");
  return text;
}

/// The first group of each match.
std::set<std::string> all_of(const std::string& text, const std::string& pattern) {
  const std::regex form(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

/// The anchor that GitHub generates for a heading.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const unsigned char c : heading) {
    if (c == ' ') anchor += '-';
    if (std::isalnum(c) != 0 || c == '-' || c == '_') anchor += static_cast<char>(std::tolower(c));
  }
  return anchor;
}

std::set<std::string> anchors(const std::string& text) {
  std::set<std::string> found;
  for (const auto& h : all_of(text, "\n#+ ([^\n]+)")) found.insert(anchor_of(h));
  return found;
}

/// "orders_stuck" -> StoaOrdersStuck.
std::string alert_of(const std::string& code) {
  std::string name = "Stoa";
  bool begins = true;
  for (const char c : code) {
    if (c != '_') name += begins ? static_cast<char>(std::toupper(c)) : c;
    begins = c == '_';
  }
  return name;
}

/// The tables that exist after all migrations of SQLite.
std::set<std::string> tables() {
  std::set<fs::path> files;
  for (const auto& f : fs::recursive_directory_iterator(root / "storage")) {
    if (f.path().extension() == ".sql" && f.path().parent_path().filename() == "sqlite") {
      files.insert(f.path());
    }
  }
  std::set<std::string> found;
  const std::regex change(
      R"(CREATE (?:VIRTUAL )?TABLE (\w+)|DROP TABLE (\w+)|ALTER TABLE (\w+) RENAME TO (\w+))");
  for (const auto& file : files) {
    const auto text = read(file);
    for (std::sregex_iterator at(text.begin(), text.end(), change), end; at != end; ++at) {
      found.erase((*at)[2]);
      found.erase((*at)[3]);
      for (const int added : {1, 4}) {
        if ((*at)[added].matched) found.insert((*at)[added]);
      }
    }
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(operations_document)

BOOST_AUTO_TEST_CASE(the_tests_that_it_names_exist) {
  const auto files = all_of(document(), "`tests/([a-z_]+/[a-z_]+_test)");
  BOOST_TEST(files.size() > 5U);
  for (const auto& name : files) {
    BOOST_TEST(fs::exists(root / "tests" / (name + ".cpp")), name);
  }
  for (const auto& name : all_of(document(), "`functional_([a-z_]+_test)`")) {
    BOOST_TEST(fs::exists(root / "tests" / "functional" / (name + ".cpp")), name);
  }
}

BOOST_AUTO_TEST_CASE(its_links_lead_to_sections) {
  const std::regex link(R"(\]\(([a-z]*)(?:\.md)?#([^)]+)\))");
  std::size_t links = 0;
  for (std::sregex_iterator at(document().begin(), document().end(), link), end; at != end; ++at) {
    const std::string file = (*at)[1];
    const auto text = file.empty() ? document() : read(root / "docs" / (file + ".md"));
    BOOST_TEST(anchors(text).contains((*at)[2]), "missing link target: " << (*at)[0]);
    ++links;
  }
  BOOST_TEST(links > 20U);
}

BOOST_AUTO_TEST_CASE(each_finding_of_status_has_the_section_of_its_alert) {
  const auto source = read(root / "net" / "cli" / "status_report.cpp");
  auto codes = all_of(source, R"rx(found\.add\(status_[a-z]+,\s+"([a-z_]+)")rx");
  codes.merge(all_of(source, R"rx([?:] "([a-z]+_[a-z]+)")rx"));
  BOOST_TEST(codes.size() > 12U);
  codes.erase("not_ready");  // a code of /readyz
  for (const auto& code : codes) {
    BOOST_TEST(document().find("\n### " + alert_of(code) + "\n") != std::string::npos, code);
  }
}

BOOST_AUTO_TEST_CASE(each_table_has_a_bound) {
  const auto begin = document().find("What bounds each table:");
  const auto growth = document().rfind("| database | tables that grow |", begin);
  BOOST_REQUIRE(growth != std::string::npos);
  const auto part = document().substr(growth, document().find("\n### ", begin) - growth);
  const auto all = tables();
  BOOST_TEST(all.size() > 40U);
  for (const auto& table : all) {
    BOOST_TEST(part.find("`" + table + "`") != std::string::npos, table);
  }
}

BOOST_AUTO_TEST_SUITE_END()
