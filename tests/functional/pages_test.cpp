// The pages for people: what they are served with, and what a browser makes of them.

#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one{storefront_options{}};
  return one;
}

const header_list browser = {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};

/// The program's path, "" when it is not installed.
std::string installed(const std::string& program) {
  for (const auto* folder : {"/usr/bin/", "/usr/local/bin/"}) {
    if (std::filesystem::exists(folder + program)) return folder + program;
  }
  return {};
}

std::set<std::string> texts(const json::value& list) {
  std::set<std::string> all;
  for (const auto& one : *list.if_array()) all.insert(*one.if_string());
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(the_root_answers_browsers_and_programs) {
  http_client client(shop().port());
  const auto html = client.request("GET", "/", "", browser);
  BOOST_TEST(html.status == 200);
  BOOST_TEST(html.header("Content-Type") == "text/html; charset=utf-8");
  BOOST_TEST(html.header("Vary").find("Accept") != std::string::npos);
  const auto plain = client.get("/");
  BOOST_TEST(plain.header("Content-Type") == "application/json");
  BOOST_TEST(text_at(plain.json(), "/name") == "Stoa");
  BOOST_TEST(plain.body.find("/docs/events") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pages_are_closed_to_other_hosts_and_cached) {
  http_client client(shop().port());
  for (const auto* path : {"/docs", "/docs/events", "/docs/assets/docs.js",
                           "/docs/assets/style.css", "/docs/assets/icon.svg"}) {
    const auto a = client.get(path);
    BOOST_TEST(a.status == 200, path);
    const auto policy = a.header("Content-Security-Policy");
    BOOST_TEST(policy.starts_with("default-src 'none'"));
    BOOST_TEST(policy.find("frame-ancestors 'none'") != std::string::npos);
    BOOST_TEST(a.header("X-Content-Type-Options") == "nosniff");
    BOOST_TEST(a.header("Referrer-Policy") == "no-referrer");
    BOOST_TEST(client.request("GET", path, "", {{"If-None-Match", a.header("ETag")}}).status ==
               304);
    BOOST_TEST(client.request("GET", path, "", {{"If-None-Match", "\"other\""}}).status == 200);
  }
  for (const auto* path : {"/docs/assets/none.js", "/docs/assets/docs.html.br", "/docs/"}) {
    BOOST_TEST(client.get(path).status == 404, path);
  }
  for (const auto* path : {"/docs/assets/..%2f..%2fkeys", "/docs/assets/..", "/docs/%2e%2e/keys"}) {
    BOOST_TEST(client.get(path).code() == "malformed_target", path);
  }
}

BOOST_AUTO_TEST_CASE(the_setting_turns_them_off) {
  storefront quiet({.settings = {{"STOA_HTTP_DOCS", "false"}}});
  http_client client(quiet.port());
  BOOST_TEST(client.get("/docs").status == 404);
  BOOST_TEST(client.get("/docs/assets/docs.js").status == 404);
  const auto root = client.request("GET", "/", "", browser);
  BOOST_TEST(root.header("Content-Type") == "application/json");
  BOOST_TEST(root.body.find("/docs") == std::string::npos);
  BOOST_TEST(client.get("/openapi.json").status == 200);
}

BOOST_AUTO_TEST_CASE(a_browser_shows_all_of_the_documents) {
  const auto chromium = installed("chromium");
  const auto node = installed("node");
  if (chromium.empty() || node.empty()) return skip("chromium or node is not installed");
  const temp_dir dir;
  const auto base = "http://127.0.0.1:" + std::to_string(shop().port());
  const auto ran = run_program(node,
                               {std::string(STOA_SOURCE_DIR) + "/tests/functional/pages_check.mjs",
                                chromium, base, dir.path().string()},
                               {}, std::chrono::minutes{2});
  const auto report = json::parse(ran.output.substr(ran.output.find('{')));
  BOOST_REQUIRE_MESSAGE(report.has_value(), ran.output);
  const auto& seen = *report;
  BOOST_REQUIRE_MESSAGE(!seen.find("failure"), ran.output);

  http_client client(shop().port());
  const auto document = client.get("/openapi.json").json();
  std::set<std::string> operations;
  for (const auto& path : *at(document, "/paths").if_object()) {
    for (const auto& o : *path.value.if_object()) {
      operations.insert(text_at(o.value, "/operationId"));
    }
  }
  BOOST_TEST(texts(at(seen, "/operations")) == operations);
  const auto events = client.get("/asyncapi.json").json();
  BOOST_TEST(size_at(seen, "/events") == at(events, "/channels").if_object()->size());
  BOOST_TEST(*at(seen, "/errors").if_int64() ==
             static_cast<std::int64_t>(size_at(document, "/x-problem-codes")));
  BOOST_TEST(*at(seen, "/forms").if_int64() == static_cast<std::int64_t>(operations.size()));
  BOOST_TEST(*at(seen, "/fields").if_int64() > 500);
  // No error, no violation of the policy, nothing from another host.
  BOOST_TEST(size_at(seen, "/complaints") == 0U, ran.output);
  BOOST_TEST(texts(at(seen, "/hosts")) == std::set<std::string>{base});
  // Search, keyboard, deep links, examples, try-it.
  BOOST_TEST(text_at(seen, "/focused") == "search");
  BOOST_TEST(text_at(seen, "/found/0") == "#operation/merge_cart");
  BOOST_TEST(text_at(seen, "/hash") == "#operation/merge_cart");
  BOOST_TEST(text_at(seen, "/nothing") == "0");
  BOOST_TEST(text_at(seen, "/curl").starts_with("curl -i -X POST '" + base + "/store/v1/carts/"));
  BOOST_TEST(text_at(seen, "/tried").starts_with("201 "));
  // Narrow and dark.
  BOOST_TEST(*at(seen, "/overflow").if_int64() == 0);
  BOOST_TEST(text_at(seen, "/dark") == "rgb(20, 24, 27)");
  BOOST_TEST(*at(seen, "/namelessControls").if_int64() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
