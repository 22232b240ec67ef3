// The catalogue of problem codes compared with the sources and docs/errors.md, and the examples and
// header fields of the OpenAPI document.

#include "net/front/header_fields.hpp"
#include "net/front/openapi_examples.hpp"
#include "net/front/problem_catalogue.hpp"
#include "net/web/pages.hpp"
#include "storage/base/json_read.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace stoa;
using namespace stoa::front;
namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// Codes that no HTTP client receives: of commands, of start-up, of messages between nodes and of
/// the gateway's protocol.
const std::set<std::string> inner = {"common_passwords",
                                     "dkim_key",
                                     "mail_server_unusable",
                                     "constraint",
                                     "ledger_unavailable",
                                     "listen_failed",
                                     "mail_folder_unavailable",
                                     "malformed_event",
                                     "malformed_mail",
                                     "malformed_message",
                                     "no_password",
                                     "not_exportable",
                                     "partition_moved",
                                     "secret_file",
                                     "signing_keys",
                                     "tls_files_bad",
                                     "tls_handshake_failed",
                                     "unknown_message",
                                     "usage"};

/// The problem codes in a source.
std::set<std::string> codes_in(const std::string& source) {
  static const std::regex forms[] = {
      std::regex(R"re(\{\s*(?:[45][0-9][0-9]|problem_kind::[a-z_]+),\s*"([a-z_]+)")re"),
      std::regex(R"re(\b(?:conflict|unauthenticated)\(\s*"([a-z_]+)")re"),
      std::regex(R"re(\.code = "([a-z_]+)")re")};
  std::set<std::string> found;
  for (const auto& form : forms) {
    for (std::sregex_iterator at(source.begin(), source.end(), form), end; at != end; ++at) {
      found.insert((*at)[1]);
    }
  }
  return found;
}

std::set<std::string> field_codes_in(const std::string& source) {
  static const std::regex forms[] = {
      std::regex(R"re(invalid_field\(\s*[^,;{]+,\s*"([a-z_]+)")re"),
      std::regex(R"re((?:broken_rule|structural)\(\s*[^,;]+,\s*"([a-z_]+)")re"),
      std::regex(R"re(\{\{\s*"[#?/][^"]*",\s*"([a-z_]+)")re"),
      std::regex(R"re(push_back\(\{\s*"[#?/][^"]*",\s*"([a-z_]+)")re")};
  std::set<std::string> found;
  for (const auto& form : forms) {
    for (std::sregex_iterator at(source.begin(), source.end(), form), end; at != end; ++at) {
      found.insert((*at)[1]);
    }
  }
  return found;
}

template <class F>
void for_each_source(F&& f) {
  for (const auto* folder : {"storage", "actors", "net"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(STOA_SOURCE_DIR) / folder)) {
      const auto kind = entry.path().extension();
      if (kind == ".cpp" || kind == ".hpp") f(entry.path(), read(entry.path()));
    }
  }
}

bool has_code(const std::string& code) {
  for (const auto& kind : problem_entries()) {
    if (kind.code == code) return true;
  }
  return false;
}

bool has_field_code(const std::string& code) {
  for (const auto& kind : field_kinds()) {
    if (kind.code == code) return true;
  }
  return false;
}

json::value parsed(std::string_view text) {
  auto v = json::parse(text);
  BOOST_REQUIRE_MESSAGE(v.has_value(), text);
  return *v;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(errors_document_suite)

BOOST_AUTO_TEST_CASE(the_scan_finds_what_it_looks_for) {
  const std::set<std::string> expected{"a_b", "c_d", "e_f"};
  BOOST_TEST(codes_in("fail({409,\n  \"a_b\", x}); return conflict( \"c_d\"); p.code = \"e_f\";") ==
             expected);
  BOOST_TEST(field_codes_in("{{\"/name\", \"odd\", \"text\"}}").contains("odd"));
  BOOST_TEST(!has_code("a_b"));
}

BOOST_AUTO_TEST_CASE(every_code_of_the_sources_is_in_the_table) {
  std::set<std::string> seen;
  for_each_source([&](const fs::path& file, const std::string& source) {
    // Except the tables themselves and the answers of gateways.
    if (file.filename() == "problem_table.cpp" || file.parent_path().filename() == "gateway" ||
        file.parent_path().filename() == "gateway_simulator")
      return;
    for (const auto& code : codes_in(source)) {
      seen.insert(code);
      BOOST_TEST((has_code(code) || inner.contains(code)),
                 file << ": " << code << " is not in net/front/problem_table.cpp");
    }
    for (const auto& code : field_codes_in(source)) {
      BOOST_TEST(has_field_code(code),
                 file << ": " << code << " is not among the field codes of problem_table.cpp");
    }
  });
  BOOST_TEST(seen.size() > 60);
}

BOOST_AUTO_TEST_CASE(the_table_is_sorted_and_says_something_of_each_code) {
  int before = 0;
  std::set<std::string_view> seen;
  for (const auto& kind : problem_entries()) {
    BOOST_TEST(kind.status >= before);
    before = kind.status;
    BOOST_TEST(seen.insert(kind.code).second, kind.code << " is listed twice");
    BOOST_TEST(kind.meaning.ends_with('.'), kind.code);
    BOOST_TEST(kind.remedy.ends_with('.'), kind.code);
  }
}

BOOST_AUTO_TEST_CASE(docs_errors_md_is_that_of_the_table) {
  const auto file = fs::path(STOA_SOURCE_DIR) / "docs" / "errors.md";
  // With STOA_TEST_UPDATE=1 the test writes the file instead.
  if (std::getenv("STOA_TEST_UPDATE") != nullptr) std::ofstream(file) << front::errors_document();
  BOOST_TEST(read(file) == front::errors_document(), "run this test with STOA_TEST_UPDATE=1");
}

BOOST_AUTO_TEST_CASE(header_fields_have_schemas_and_examples_that_fit) {
  for (const auto fields : {request_fields(), answer_fields()}) {
    for (const auto& f : fields) {
      const auto schema = parsed(f.schema);
      const auto example = parsed(f.example);
      BOOST_TEST(f.description.ends_with('.'), f.name);
      const auto* pattern = schema.find("pattern");
      if (!pattern) continue;
      const std::regex rule(*pattern->if_string(), std::regex::ECMAScript);
      BOOST_TEST(std::regex_match(*example.if_string(), rule), f.name << ": " << f.example);
    }
  }
}

BOOST_AUTO_TEST_CASE(conditions_are_lists_of_tags) {
  std::string pattern;
  for (const auto& f : request_fields()) {
    if (f.name == "If-Match") pattern = *parsed(f.schema).find("pattern")->if_string();
  }
  const std::regex rule(pattern, std::regex::ECMAScript);
  for (const auto* good :
       {"*", "\"3\"", "W/\"a\"", "\"a\", W/\"b\" ,\"c\"", "\"a\",,\"b\"", ", \"a\" , ,"}) {
    BOOST_TEST(std::regex_match(good, rule), good);
  }
  for (const auto* bad : {"", "3", "\"3", "a, b", "* , \"a\"", ",", "\"a\" \"b\""}) {
    BOOST_TEST(!std::regex_match(bad, rule), bad);
  }
}

BOOST_AUTO_TEST_CASE(examples_follow_the_schema) {
  const auto schemas = parsed(
      R"({"money":{"type":"object","properties":{"amount":{"type":"integer","minimum":0},)"
      R"("currency":{"type":"string"}},"required":["amount","currency"]},)"
      R"("tree":{"type":"object","properties":{"children":{"type":"array","items":)"
      R"({"$ref":"#/components/schemas/tree"}},"note":{"type":["string","null"],"maxLength":3}},)"
      R"("required":["children"]}})");
  const auto made = [&](const char* schema, bool required_only) {
    return json::write(example_of(parsed(schema), schemas, required_only));
  };
  BOOST_TEST(made(R"({"$ref":"#/components/schemas/money"})", true) ==
             R"({"amount":1299,"currency":"EUR"})");
  BOOST_TEST(made(R"({"anyOf":[{"$ref":"#/components/schemas/money"},{"type":"null"}]})", true) ==
             R"({"amount":1299,"currency":"EUR"})");
  BOOST_TEST(made(R"({"enum":["b","a"],"type":"string"})", true) == "\"b\"");
  BOOST_TEST(made(R"({"type":"integer","minimum":7})", true) == "7");
  BOOST_TEST(made(R"({"type":"object","examples":[{"x":2}]})", true) == R"({"x":2})");
  const auto tree = made(R"({"$ref":"#/components/schemas/tree"})", true);
  BOOST_TEST(tree.starts_with(R"({"children":[{"children":[)"));
  BOOST_TEST(tree.find("note") == std::string::npos);
  BOOST_TEST(made(R"({"$ref":"#/components/schemas/tree"})", false).find(R"("note":"del")") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(browsers_get_html_and_programs_json) {
  BOOST_TEST(prefers_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
  BOOST_TEST(prefers_html("application/json;q=0.5, text/html ; q=0.9"));
  BOOST_TEST(prefers_html("TEXT/HTML;level=1;Q=0.9, application/json; q=0.899"));
  for (const auto* json :
       {"", "*/*", "application/json", "text/html;q=0", "text/html;q=0.1, application/json",
        "text/plain", "text/htm",
        // Invalid weights are ignored.
        "text/html;q=1e300, application/json", "text/html;q=nan, application/json;q=2"}) {
    BOOST_TEST(!prefers_html(json), json);
  }
}

BOOST_AUTO_TEST_CASE(pages_load_nothing_from_elsewhere) {
  const auto* docs = find_page("/docs");
  BOOST_REQUIRE(docs);
  BOOST_TEST(!find_page("../docs.js"));
  BOOST_TEST(!find_page(""));
  const auto first = page_response(*docs);
  BOOST_TEST(first.status == 200);
  BOOST_TEST(first.content_type == "text/html; charset=utf-8");
  const auto field = [&](std::string_view name) {
    for (const auto& [n, v] : first.headers) {
      if (n == name) return v;
    }
    return std::string();
  };
  BOOST_TEST(field("Content-Security-Policy").starts_with("default-src 'none'; script-src 'self'"));
  BOOST_TEST(field("Content-Security-Policy").find("unsafe") == std::string::npos);
  BOOST_TEST(field("Referrer-Policy") == "no-referrer");
  // No file refers to another host, contains inline scripts or styles, or builds markup from text.
  const std::regex forbidden(
      "https?://(?!example\\.com|www\\.w3\\.org)|innerHTML|outerHTML|insertAdjacentHTML|"
      "document\\.write|eval\\(|style=|<script>|<style|onclick=\"");
  for (const auto& entry : fs::directory_iterator(fs::path(STOA_SOURCE_DIR) / "net" / "web")) {
    const auto kind = entry.path().extension();
    if (kind == ".cpp" || kind == ".hpp") continue;
    const auto text = read(entry.path());
    BOOST_TEST(!std::regex_search(text, forbidden), entry.path());
    const auto* page = find_page(entry.path().filename().string());
    if (kind == ".html") {
      BOOST_TEST(!page, entry.path() << " is a part of pages, not a page");
      continue;
    }
    BOOST_REQUIRE(page);
    BOOST_TEST(*page->content == text);
  }
  for (const auto* path : {"/", "/docs", "/docs/events"}) {
    const auto* page = find_page(path);
    BOOST_REQUIRE(page);
    BOOST_TEST(!std::regex_search(*page->content, forbidden), path);
    BOOST_TEST(page->content->find("{{") == std::string::npos, path);
  }
}

BOOST_AUTO_TEST_SUITE_END()
