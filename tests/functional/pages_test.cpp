// The HTML pages: their headers, and how they work in a browser.

#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
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

/// The report of the script beside this file in Chromium; nothing, with the test skipped, when
/// Chromium or Node is not installed.
std::optional<json::value> seen_by(const char* script, const std::string& base,
                                   const std::vector<std::string>& more = {}) {
  const auto chromium = installed("chromium");
  const auto node = installed("node");
  if (chromium.empty() || node.empty()) {
    skip("chromium or node is not installed");
    return std::nullopt;
  }
  const temp_dir dir;
  std::vector<std::string> words = {std::string(STOA_SOURCE_DIR) + "/tests/functional/" + script,
                                    chromium, base, dir.path().string()};
  words.insert(words.end(), more.begin(), more.end());
  const auto ran = run_program(node, words, {}, std::chrono::minutes{4});
  const auto begin = ran.output.find('{');
  BOOST_REQUIRE_MESSAGE(begin != std::string::npos, ran.output);
  auto report = json::parse(std::string_view(ran.output).substr(begin));
  BOOST_REQUIRE_MESSAGE(report.has_value(), ran.output);
  BOOST_REQUIRE_MESSAGE(!report->find("failure"), ran.output);
  // No error, no policy violation, no request to another host.
  BOOST_TEST(size_at(*report, "/complaints") == 0U, ran.output);
  BOOST_TEST(texts(at(*report, "/hosts")) == std::set<std::string>{base});
  return std::move(*report);
}

/// axe-core's file, installed once from npm; "" when that is not possible here.
std::string axe() {
  const auto folder = std::filesystem::current_path() / "judges-axe";
  const auto file = folder / "node_modules" / "axe-core" / "axe.min.js";
  if (std::filesystem::exists(file)) return file.string();
  std::filesystem::create_directories(folder);
  run_program("/usr/bin/env",
              {"npm", "install", "--prefix", folder.string(), "--ignore-scripts", "--no-audit",
               "--no-fund", "--fetch-retries=1", "axe-core@4"},
              {}, std::chrono::minutes{2});
  if (std::filesystem::exists(file)) return file.string();
  BOOST_TEST_MESSAGE("left out: axe-core cannot be installed here");
  return {};
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
  for (const auto* path :
       {"/docs", "/docs/events", "/docs?q=cart", "/docs/events?q=a%20b", "/docs/assets/docs.js",
        "/docs/assets/style.css", "/docs/assets/icon.svg"}) {
    const auto a = client.get(path);
    BOOST_TEST(a.status == 200, path);
    const auto policy = a.header("Content-Security-Policy");
    BOOST_TEST(policy.starts_with("default-src 'none'"));
    BOOST_TEST(policy.find("frame-ancestors 'none'") != std::string::npos);
    BOOST_TEST(a.body.find("{{") == std::string::npos);  // a placeholder of frame.html
    BOOST_TEST(policy.find("trusted-types 'none'") != std::string::npos);
    BOOST_TEST(a.header("X-Content-Type-Options") == "nosniff");
    BOOST_TEST(a.header("Referrer-Policy") == "no-referrer");
    BOOST_TEST(client.request("GET", path, "", {{"If-None-Match", a.header("ETag")}}).status ==
               304);
    BOOST_TEST(client.request("GET", path, "", {{"If-None-Match", "\"other\""}}).status == 200);
  }
  for (const auto* path :
       {"/docs/assets/none.js", "/docs/assets/frame.html", "/docs/assets/index.html", "/docs/"}) {
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
  const auto base = "http://127.0.0.1:" + std::to_string(shop().port());
  const auto report = seen_by("pages_check.mjs", base);
  if (!report) return;
  const auto& seen = *report;

  http_client client(shop().port());
  const auto document = client.get("/openapi.json").json();
  std::set<std::string> operations;
  for (const auto& path : *at(document, "/paths").if_object()) {
    for (const auto& o : *path.value.if_object()) {
      operations.insert(text_at(o.value, "/operationId"));
    }
  }
  BOOST_TEST(texts(at(seen, "/operations")) == operations);
  std::set<std::string> webhooks;
  for (const auto& w : *at(document, "/webhooks").if_object()) webhooks.insert(w.name);
  BOOST_TEST(texts(at(seen, "/webhooks")) == webhooks);
  const auto events = client.get("/asyncapi.json").json();
  BOOST_TEST(size_at(seen, "/events") == at(events, "/channels").if_object()->size());
  BOOST_TEST(*at(seen, "/errors").if_int64() ==
             static_cast<std::int64_t>(size_at(document, "/x-problem-codes")));
  BOOST_TEST(*at(seen, "/forms").if_int64() == static_cast<std::int64_t>(operations.size()));
  BOOST_TEST(*at(seen, "/fields").if_int64() > 500);
  // The first page describes the server and links to the others.
  const auto server = text_at(seen, "/server");
  BOOST_TEST(server.find("Ready Version " STOA_VERSION) != std::string::npos, server);
  for (const auto* service : {"cart ready", "catalog ready", "order ready", "payment ready"}) {
    BOOST_TEST(server.find(service) != std::string::npos, server);
  }
  for (const auto* path :
       {"/docs", "/docs/events", "/openapi.json", "/asyncapi.json", "/readyz", "/metrics"}) {
    BOOST_TEST(texts(at(seen, "/home")).contains(path), path);
  }
  // Search, keyboard, deep links, examples, try-it.
  BOOST_TEST(text_at(seen, "/focused") == "search");
  BOOST_TEST(text_at(seen, "/found/0") == "#operation/merge_cart");
  BOOST_TEST(text_at(seen, "/hash") == "#operation/merge_cart");
  BOOST_TEST(text_at(seen, "/nothing").find("Clear the search") != std::string::npos);
  BOOST_TEST(text_at(seen, "/reset") == "search");
  for (const auto* hit : {"#operation/get_cart", "#operation/list_products", "#schema/product"}) {
    BOOST_TEST(texts(at(seen, "/nested")).contains(hit), hit);
  }
  BOOST_TEST(text_at(seen, "/numbers/0") == "3 of 9");
  BOOST_TEST(texts(at(seen, "/byCode")).contains("#operation/add_cart_item"));
  BOOST_TEST(texts(at(seen, "/byCode")).contains("#error/cart_full"));
  // An error code that most operations have is found only among the errors.
  BOOST_TEST(texts(at(seen, "/byCommonCode")) ==
             (std::set<std::string>{"#error/internal_error", "#schema/problem"}));
  // A webhook: header fields, members of the body, responses, an example; found by a header field.
  for (const auto* name :
       {"webhook-id", "webhook-timestamp", "webhook-signature", "type", "data"}) {
    BOOST_TEST(texts(at(seen, "/webhookFields")).contains(name), name);
  }
  BOOST_TEST(text_at(seen, "/webhook").find("Disable the endpoint.") != std::string::npos);
  const auto example = text_at(seen, "/webhookExample");
  BOOST_TEST(example.find("\nwebhook-signature: v1,") != std::string::npos, example);
  BOOST_TEST(example.find("\"type\": \"order.refunded\"") != std::string::npos, example);
  BOOST_TEST(example.find("\"line_total\": {") != std::string::npos, example);
  BOOST_TEST(texts(at(seen, "/byHeader")).contains("#webhook/order.refunded"));
  BOOST_TEST(text_at(seen, "/listed").find("\"Pending\", \"Confirmed\"") != std::string::npos);
  BOOST_TEST(text_at(seen, "/curl").starts_with("curl -i -X POST '" + base + "/store/v1/carts/"));
  BOOST_TEST(text_at(seen, "/tried").starts_with("201 "));
  BOOST_TEST(*at(seen, "/covered").if_int64() == 0);
  // Narrow and dark; the header is one line.
  BOOST_TEST(*at(seen, "/headHeight").if_int64() < 60);
  BOOST_TEST(*at(seen, "/overflow").if_int64() == 0);
  BOOST_TEST(text_at(seen, "/dark") == "rgb(20, 24, 27)");
  BOOST_TEST(*at(seen, "/namelessControls").if_int64() == 0);
}

BOOST_AUTO_TEST_CASE(a_browser_uses_keyboard_addresses_and_forms) {
  const auto base = "http://127.0.0.1:" + std::to_string(shop().port());
  const auto report = seen_by("pages_use_check.mjs", base, {axe()});
  if (!report) return;
  const auto& seen = *report;
  // The focus order, visible at each stop; tabs by the arrow keys.
  const std::vector<std::string> stops = {
      "Skip to the content", "Stoa", "API", "Events", "theme", "search"};
  for (std::size_t i = 0; i < stops.size(); ++i) {
    const auto stop = "/keyboard/stops/" + std::to_string(i);
    BOOST_TEST(text_at(seen, stop + "/what") == stops[i]);
    BOOST_TEST(*at(seen, stop + "/outline").if_bool());
  }
  BOOST_TEST(text_at(seen, "/keyboard/tabs/0") == "JavaScript");
  BOOST_TEST(text_at(seen, "/keyboard/tabs/1") == "Try it");
  BOOST_TEST(*at(seen, "/keyboard/into").if_bool());
  // An opened entry survives a reload; the back button; links out of a search.
  BOOST_TEST(text_at(seen, "/address/kept") == "#operation/checkout");
  BOOST_TEST(texts(at(seen, "/address/printed")) == std::set<std::string>{"operation/checkout"});
  BOOST_TEST(texts(at(seen, "/address/current")) == std::set<std::string>{"#operation/checkout"});
  BOOST_TEST(*at(seen, "/address/shown").if_bool());
  // Problems with their fields, header fields, cancellation, no network.
  const auto problem = text_at(seen, "/form/problem");
  for (const auto* part : {"400 Bad Request in ", "invalid_request", "/first_name\ttype",
                           "/password\trequired", "x-request-id: "}) {
    BOOST_TEST(problem.find(part) != std::string::npos, part << " in " << problem);
  }
  BOOST_TEST(text_at(seen, "/form/cancelled").starts_with("Cancelled."));
  BOOST_TEST(text_at(seen, "/form/offline").starts_with("The server is unreachable"));
  BOOST_TEST(text_at(seen, "/form/csv").starts_with("Handle,Title,"));
  BOOST_TEST(*at(seen, "/form/file").if_int64() == 1);
  // Header fields that a page may not set are not offered; the token is kept in memory only.
  BOOST_TEST(!texts(at(seen, "/form/offered")).contains("Accept-Encoding"));
  BOOST_TEST(texts(at(seen, "/form/offered")).contains("Idempotency-Key"));
  BOOST_TEST(text_at(seen, "/form/stored") ==
             "[{},{},\"\",\"" + base + "/docs#operation/register\"]");
  BOOST_TEST(text_at(seen, "/copied") == "curl -i '" + base + "/store/v1/products'");
  // The theme survives a reload.
  const std::vector<std::string> themes = {"light rgb(251, 250, 248)", "dark rgb(20, 24, 27)",
                                           "auto rgb(251, 250, 248)"};
  for (std::size_t i = 0; i < themes.size(); ++i) {
    BOOST_TEST(text_at(seen, "/themes/" + std::to_string(i)) == "Theme: " + themes[i]);
  }
  if (!has(seen, "/axe")) return;
  BOOST_TEST(texts(at(seen, "/axe/found")) == std::set<std::string>{});
  BOOST_TEST(*at(seen, "/axe/passes").if_int64() > 200);
}

BOOST_AUTO_TEST_SUITE_END()
