// The house rules applied to the repository's own sources, after proving that the checkers can
// fail.

#include "tests/support/tidy.hpp"

#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace tidy = stoa::tidy;
namespace fs = std::filesystem;

namespace {

std::size_t count(const tidy::findings& found) {
  return found.size();
}

std::string include(const std::string& target) {
  return "#include \"" + target + "\"\n";
}
std::string include_angle(const std::string& target) {
  return "#include <" + target + ">\n";
}

/// The repository's files with their text, by path from the root.
std::map<std::string, std::string> sources() {
  static const std::set<std::string> kinds = {".cpp", ".hpp", ".cmake", ".txt", ".sql", ".conf",
                                              ".md",  ".js",  ".mjs",   ".css", ".html"};
  const fs::path root = STOA_SOURCE_DIR;
  std::map<std::string, std::string> files;
  const auto add = [&](const fs::path& path) {
    if (!kinds.contains(path.extension().string())) return;
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    files[fs::relative(path, root).generic_string()] = text.str();
  };
  for (const auto* folder : {"config", "storage", "actors", "net", "tests", "bench", "cmake"}) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.is_regular_file()) add(entry.path());
    }
  }
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file()) add(entry.path());
  }
  return files;
}

/// The output of tests/prose/check; without a file, for the whole repository.
std::string phrases_in(const fs::path& file = {}) {
  const auto command = "'" STOA_SOURCE_DIR "/tests/prose/check' " + file.string() + " 2>&1";
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  BOOST_TEST(status == (output.empty() ? 0 : 1 << 8), "status " << status);
  return output;
}

/// The banned phrases with their better wording.
std::vector<std::pair<std::string, std::string>> phrases() {
  std::vector<std::pair<std::string, std::string>> all;
  std::ifstream in(STOA_SOURCE_DIR "/tests/prose/phrases.tsv", std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const auto tab = line.find('\t');
    all.emplace_back(line.substr(0, tab), line.substr(tab + 1));
  }
  return all;
}

/// The text with `by` in place of each space.
std::string wrapped(const std::string& text, const std::string& by) {
  std::string result;
  for (const char c : text) {
    if (c == ' ') result += by;
    if (c != ' ') result += static_cast<char>(std::toupper(c));
  }
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tidy_checkers)

BOOST_AUTO_TEST_CASE(includes_that_point_right_are_found) {
  for (const auto& [path, target] : std::map<std::string, std::string>{
           {"config/a.cpp", "storage/db/sqlite.hpp"},
           {"storage/base/b.hpp", "config/log.hpp"},
           {"storage/base/b.cpp", "storage/db/records.hpp"},
           {"config/b.hpp", "net/http/server.hpp"},
           {"storage/base/a.hpp", "actors/kernel/message.hpp"},
           {"actors/order/a.cpp", "net/routes/a.hpp"},
           {"storage/a.cpp", "tests/support/tidy.hpp"},
           {"net/a.cpp", "bench/load.hpp"},
           {"net/http/a.cpp", "../server.hpp"},
       }) {
    BOOST_TEST_CONTEXT(path << " includes " << target) {
      BOOST_TEST(count(tidy::check_includes(path, include(target))) == 1U);
      BOOST_TEST(count(tidy::check_includes(
                     path, "int a;\n  #  include \"" + target + "\" // why\n")) == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(includes_that_point_left_are_right) {
  for (const auto& [path, target] : std::map<std::string, std::string>{
           {"config/a.cpp", "storage/base/uuid.hpp"},
           {"storage/db/a.hpp", "config/log.hpp"},
           {"storage/db/b.hpp", "storage/base/uuid.hpp"},
           {"actors/order/a.cpp", "storage/order/order.hpp"},
           {"actors/order/b.cpp", "actors/kernel/message.hpp"},
           {"net/routes/a.cpp", "config/log.hpp"},
           {"main.cpp", "net/cli/run.hpp"},
           {"tests/unit/a_test.cpp", "net/http/server.hpp"},
           {"bench/load.cpp", "bench/client.hpp"},
       }) {
    BOOST_TEST_CONTEXT(path << " includes " << target) {
      BOOST_TEST(count(tidy::check_includes(path, include(target))) == 0U);
    }
  }
  BOOST_TEST(count(tidy::check_includes("config/a.cpp", include_angle("storage/base/uuid.hpp"))) ==
             1U);
  BOOST_TEST(count(tidy::check_includes("net/a.cpp", include_angle("storage/base/uuid.hpp"))) ==
             1U);
}

BOOST_AUTO_TEST_CASE(icu_stays_out_of_headers) {
  const auto icu = include_angle("unicode/coll.h");
  BOOST_TEST(count(tidy::check_includes("storage/base/a.hpp", icu)) == 1U);
  BOOST_TEST(count(tidy::check_includes("storage/base/a.cpp", icu)) == 0U);
}

BOOST_AUTO_TEST_CASE(caf_and_beast_stay_in_their_folders) {
  const auto caf = include_angle("caf/all.hpp");
  const auto beast = include_angle("boost/beast/http.hpp");
  for (const auto* path :
       {"actors/order/a.cpp", "net/http/a.cpp", "config/a.hpp", "actors/kernel2/a.cpp"}) {
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(count(tidy::check_includes(path, caf)) == 1U);
    }
  }
  for (const auto* path :
       {"actors/kernel/a.cpp", "net/routes/a.cpp", "storage/a.hpp", "net/httpx/a.cpp"}) {
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(count(tidy::check_includes(path, beast)) == 1U);
    }
  }
  BOOST_TEST(count(tidy::check_includes("actors/kernel/a.cpp", caf)) == 0U);
  BOOST_TEST(count(tidy::check_includes("net/http/a.cpp", beast)) == 0U);
  for (const auto* path : {"tests/unit/a_test.cpp", "bench/load.cpp", "main.cpp"}) {
    BOOST_TEST(count(tidy::check_includes(path, caf + beast)) == 0U);
  }
}

BOOST_AUTO_TEST_CASE(text_faults_are_found) {
  const auto faults = [](const std::string& text) {
    return count(tidy::check_text("net/a.cpp", text));
  };
  BOOST_TEST(faults("") == 0U);
  BOOST_TEST(faults("int a;\n") == 0U);
  BOOST_TEST(faults("\tint a;\n") == 1U);
  BOOST_TEST(faults("int a; \n") == 1U);
  BOOST_TEST(faults("int a;\r\n") == 1U);
  BOOST_TEST(faults("int a;") == 1U);
  for (const std::string mark : {"TO"
                                 "DO",
                                 "FIX"
                                 "ME",
                                 "XX"
                                 "X",
                                 "HA"
                                 "CK"}) {
    BOOST_TEST_CONTEXT(mark) {
      BOOST_TEST(faults("// " + mark + ": later\n") == 1U);
      BOOST_TEST(faults(mark + "\n") == 1U);
      BOOST_TEST(faults("// " + mark + "(me)\n") == 1U);
      BOOST_TEST(faults("money m{1, \"" + mark + "\"};\n") == 0U);
      BOOST_TEST(faults("mkdtemp(\"/tmp/" + mark + "XYZ\");\n") == 0U);
    }
  }
  std::string lines;
  for (int i = 0; i < 500; ++i) lines += "//\n";
  BOOST_TEST(faults(lines) == 0U);
  BOOST_TEST(faults(lines + "//\n") == 1U);
  BOOST_TEST(count(tidy::check_text("net/web/a.js", lines + "//\n")) == 1U);
  BOOST_TEST(count(tidy::check_text("storage/a.sql", lines + "--\n")) == 0U);
}

BOOST_AUTO_TEST_CASE(headers_without_their_guard_are_found) {
  const auto faults = [](const std::string& text) {
    return count(tidy::check_header("a.hpp", text));
  };
  BOOST_TEST(faults("#pragma once\nint a;\n") == 0U);
  BOOST_TEST(faults("// What this is.\n\n#pragma once\n") == 0U);
  BOOST_TEST(faults("int a;\n#pragma once\n") == 1U);
  BOOST_TEST(faults("#include <a>\n") == 1U);
  BOOST_TEST(faults("// #pragma once\n") == 1U);
  BOOST_TEST(faults("") == 1U);
  BOOST_TEST(count(tidy::check_header("a.cpp", "int a;\n")) == 0U);
}

BOOST_AUTO_TEST_CASE(findings_name_file_and_line) {
  const auto found = tidy::check("config/a.hpp", "#pragma once\n\n" + include("net/a.hpp"));
  BOOST_TEST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0] == "config/a.hpp:3: includes point leftwards only: net/a.hpp");
}

BOOST_AUTO_TEST_CASE(banned_phrases_are_found_across_lines) {
  struct form {
    std::string name;
    std::string before;
    std::string between;
    std::string after;
  };
  const stoa::test::temp_dir dir;
  BOOST_TEST(phrases().size() > 40U);
  for (const auto& form : std::vector<struct form>{
           {"comment.cpp", "// A word, ", "\n// ", " here.\n"},
           {"trailing.hpp", "int a;  // ", "\n        // ", "\nint b;\n"},
           {"literals.cpp", "f(\"A word, ", " \"\n  \"", "\");\n"},
           {"raw.cpp", "f(R\"(A \"word\", ", "\n", " here)\");\n"},
           {"text.md", "A word, ", "\n", " here.\n"},
           {"emphasis.md", "- A word, ", " **", "** here.\n"},
           {"comment.yaml", "# A word, ", "\n# ", " here.\n"},
           {"comment.sql", "-- A word, ", "\n-- ", " here.\n"},
       }) {
    std::string text;
    std::vector<std::string> expected;
    for (const auto& [phrase, better] : phrases()) {
      const auto line = std::count(text.begin(), text.end(), '\n') + 1;
      expected.push_back((dir / form.name).string() + ":" + std::to_string(line) + ": \"" + phrase +
                         "\": use \"" + better + "\"\n");
      text += form.before + wrapped(phrase, form.between) + form.after;
    }
    std::ofstream(dir / form.name, std::ios::binary) << text;
    const auto found = phrases_in(dir / form.name);
    for (const auto& line : expected) {
      BOOST_TEST(found.find(line) != found.npos, "not found: " << line);
    }
  }
}

BOOST_AUTO_TEST_CASE(other_texts_have_no_banned_phrase) {
  const stoa::test::temp_dir dir;
  std::string code;
  std::string text;
  for (const auto& [phrase, better] : phrases()) {
    if (phrase.find(' ') == phrase.npos) {
      code += "int " + phrase + " = f(\"" + phrase + "\", '\"');  // A comment.\n";
    } else {
      code += "f(\"" + wrapped(phrase, " \", \" ") + "\");\n";
      text += wrapped(phrase, ". ") + ", `" + wrapped(phrase, "_") + "`\n";
    }
  }
  std::ofstream(dir / "a.cpp", std::ios::binary) << code;
  std::ofstream(dir / "a.md", std::ios::binary) << text;
  BOOST_TEST(phrases_in(dir / "a.cpp") == "");
  BOOST_TEST(phrases_in(dir / "a.md") == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tidy_sources)

BOOST_AUTO_TEST_CASE(awaited_messages_have_a_name) {
  const std::string await = "  auto a = co_await x.ask(";
  BOOST_TEST(tidy::check_awaits("net/a.cpp", await + "get{name, 1});\n").size() == 1U);
  BOOST_TEST(tidy::check_awaits("net/a.cpp", await + "\n      get{name});\n").size() == 1U);
  BOOST_TEST(tidy::check_awaits("net/a.cpp", await + "get{});\n").empty());
  BOOST_TEST(tidy::check_awaits("net/a.cpp", await + "query);\n  get g{name};\n").empty());
  BOOST_TEST(tidy::check_awaits("net/a.cpp", "  co_await wait([&](auto t) { go(t); });\n").empty());
}

BOOST_AUTO_TEST_CASE(the_house_rules_hold) {
  const auto files = sources();
  BOOST_TEST_REQUIRE(files.contains("config/settings.hpp"));
  BOOST_TEST_REQUIRE(files.contains("tests/unit/tidy_test.cpp"));
  BOOST_TEST_REQUIRE(files.contains("main.cpp"));
  for (const auto& [path, text] : files) {
    for (const auto& finding : tidy::check(path, text)) BOOST_ERROR(finding);
  }
}

BOOST_AUTO_TEST_CASE(no_text_has_a_banned_phrase) {
  BOOST_TEST(phrases_in() == "");
}

BOOST_AUTO_TEST_CASE(every_own_include_names_a_file) {
  const auto files = sources();
  for (const auto& [path, text] : files) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("#include \"")) continue;
      const auto target = line.substr(10, line.find('"', 10) - 10);
      BOOST_TEST_CONTEXT(path) {
        BOOST_TEST(files.contains(target), target + " does not exist");
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
