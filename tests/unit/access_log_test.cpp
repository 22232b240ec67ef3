// The access log: which parts of a path are logged, and a line for each answer of the edge itself.

#include "net/front/access_log.hpp"

#include "storage/base/json.hpp"
#include "tests/support/raw_http.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace stoa;
using namespace stoa::test;
using namespace std::string_literals;

namespace {

const std::string cart = "3f2a9c1e-58d4-4b7a-9c0e-1234567890ab";
const std::string product = "ecc249f0-fb74-893a-9de7-88754ef0a746";
const std::string order = "01935e6a-7f1c-7d2e-8a3b-1234567890ab";

/// A server whose own answers go to an access log.
struct logging_edge {
  explicit logging_edge(http::server_config config = {}) {
    config.on_server_response = [this](const http::server_response& a) { log->answered(a); };
    server.emplace(std::move(config));
  }
  raw_answer ask(const std::string& bytes) { return server->ask(bytes); }

  /// Stops the server.
  std::vector<json::value> lines() {
    server.reset();
    log.reset();
    std::ifstream file(folder / "access.log");
    std::vector<json::value> all;
    for (std::string line; std::getline(file, line);) {
      auto parsed = json::parse(line);
      BOOST_REQUIRE_MESSAGE(parsed.has_value(), line);
      all.push_back(std::move(*parsed));
    }
    return all;
  }

  temp_dir folder;
  std::optional<front::access_log> log{std::in_place, (folder / "access.log").string()};
  std::optional<steered_server> server;
};

std::string text(const json::value& line, const char* name) {
  const auto* found = line.find(name);
  BOOST_REQUIRE_MESSAGE((found != nullptr && found->if_string() != nullptr), name);
  return *found->if_string();
}

std::int64_t number(const json::value& line, const char* name) {
  const auto* found = line.find(name);
  BOOST_REQUIRE_MESSAGE((found != nullptr && found->if_int64() != nullptr), name);
  return *found->if_int64();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_log)

BOOST_AUTO_TEST_CASE(secrets_in_paths_are_masked_by_their_shape) {
  using front::logged_path;
  std::string upper = cart;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const auto& id : {cart, upper, cart.substr(0, 30), cart + "0",
                         "3f2a9c1e58d44b7a9c0e1234567890ab"s, "urn_uuid_" + cart}) {
    BOOST_TEST(logged_path("/store/v1/carts/" + id) == "/store/v1/carts/***");
    BOOST_TEST(logged_path("/store/v1/CARTS/" + id + "/items?x=1") == "/store/v1/CARTS/***/items");
    BOOST_TEST(logged_path("/v1/basket/{" + id + "}") == "/v1/basket/{***}");
    BOOST_TEST(logged_path("//" + id + " /" + id) == "//*** /***");
  }
  BOOST_TEST(logged_path("/a/%33f2a9c1e-58d4-4b7a-9c0e-1234567890ab") == "/a/***");
  BOOST_TEST(logged_path("/orders/ot_kJHgYtRdEsWaQzXcVbNmLkPo") == "/orders/***");
  BOOST_TEST(logged_path("/eyJhbGciOiJFUzI1NiJ9x.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc") ==
             "/***.***.abc");
  // Ids of other resources and words are logged.
  for (const auto& path : {"/store/v1/orders/" + order + "/cancel", "/store/v1/products/" + product,
                           "/admin/v1/events/dead-letters"s, "/.well-known/jwks.json"s,
                           "/some-rather-long-page-name"s, "/"s, ""s}) {
    BOOST_TEST(logged_path(path) == path);
  }
}

BOOST_AUTO_TEST_CASE(long_paths_are_cut_after_masking) {
  const std::string long_word(190, '/');
  BOOST_TEST(front::logged_path(long_word + cart) == long_word + "***");
  BOOST_TEST(front::logged_path(std::string(300, '/')).size() == 200U);
  BOOST_TEST(front::logged_path(std::string(199, '/') + "é") == std::string(199, '/'));
  BOOST_TEST(front::logged_path("/a\xFF\\b") == "/a\\xff\\x5cb");
}

BOOST_AUTO_TEST_CASE(refused_requests_have_their_request_line) {
  struct refused {
    std::string request;
    std::string method;
    std::string path;
    int status;
  };
  const std::string head = "Host: a\r\nUser-Agent: agent/1\r\n";
  const refused all[] = {
      {"POST /a?q=1 HTTP/1.1\r\n" + head + "X: " + std::string(9000, 'x'), "POST", "/a", 431},
      {"PUT /b HTTP/1.1\r\n" + head + "Expect: more\r\n\r\n", "PUT", "/b", 417},
      {"GET /c%20d HTTP/1.1\r\n" + head + "Host: b\r\n\r\n", "GET", "/c d", 400},
      {"GET /%zz/" + cart + " HTTP/1.1\r\n" + head + "\r\n", "GET", "/%zz/***", 400},
      {"GET /%33" + cart.substr(1) + "%00 HTTP/1.1\r\n" + head + "\r\n", "GET", "/***", 400},
      {"GET http://b/d?e HTTP/1.1\r\n" + head + "\r\n", "GET", "/d", 400},
      {"BREW /e HTTP/1.1\r\n" + head + "\r\n", "BREW", "/e", 501},
      {"GET /f HTTP/1.1\r\n" + head + "Transfer-Encoding: gzip\r\n\r\n", "GET", "/f", 501},
      {"GET /g HTTP/9.9\r\n" + head + "\r\n", "GET", "/g", 505},
      {"POST /h HTTP/1.1\r\n" + head + "Content-Length: 99999999\r\n\r\n", "POST", "/h", 413}};
  logging_edge edge;
  for (const auto& r : all) BOOST_TEST(edge.ask(r.request).status == r.status, r.request);
  BOOST_TEST(edge.ask("GET /" + std::string(9000, 'i')).status == 414);
  BOOST_TEST(edge.ask("\x16\x03\x01 \x02\r\n\r\n").status == 400);
  const auto lines = edge.lines();
  BOOST_TEST_REQUIRE(lines.size() == std::size(all) + 2);
  for (std::size_t i = 0; i < std::size(all); ++i) {
    BOOST_TEST(text(lines[i], "http.request.method") == all[i].method, all[i].request);
    BOOST_TEST(text(lines[i], "url.path") == all[i].path, all[i].request);
    BOOST_TEST(text(lines[i], "user_agent.original") == "agent/1", all[i].request);
    BOOST_TEST(number(lines[i], "http.response.status_code") == all[i].status, all[i].request);
    BOOST_TEST(!text(lines[i], "code").empty());
    BOOST_TEST(!text(lines[i], "request_id").empty());
  }
  BOOST_TEST(text(lines[std::size(all)], "url.path") == "/" + std::string(199, 'i'));
  BOOST_TEST(text(lines.back(), "http.request.method") == "none");
  BOOST_TEST(text(lines.back(), "url.path") == "");
}

BOOST_AUTO_TEST_CASE(a_user_agent_cannot_break_its_line) {
  logging_edge edge;
  const std::pair<std::string, std::string> agents[] = {
      {"caf\xE9/1 (x)", "caf\\xe9/1 (x)"},
      {"café/1 ☕", "café/1 ☕"},
      {"a\\\"}{\"b", "a\\x5c\"}{\"b"},
      {"\xC0\xAF\xED\xA0\x80", "\\xc0\\xaf\\xed\\xa0\\x80"},
      {"\xC2\x9B"
       "31m",
       "\xC2\x9B"
       "31m"},
      {std::string(199, 'a') + "é", std::string(199, 'a')},
      {std::string(199, 'a') + "\xE9", std::string(199, 'a') + "\\xe9"}};
  for (const auto& [sent, shown] : agents) {
    edge.ask("GET /x HTTP/1.1\r\nHost: a b\r\nUser-Agent: " + sent + "\r\n\r\n");
  }
  const auto lines = edge.lines();
  BOOST_TEST_REQUIRE(lines.size() == std::size(agents));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    BOOST_TEST(text(lines[i], "user_agent.original") == agents[i].second);
  }
}

BOOST_AUTO_TEST_CASE(connections_beyond_the_limits_have_lines) {
  logging_edge edge({.connections_max = 1, .connections_per_address_max = 3});
  auto& server = *edge.server;
  raw_client first(server.port());
  first.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_REQUIRE(server.wait_until_held(1));
  raw_client second(server.port());
  const auto refused = second.read();
  BOOST_TEST(refused.status == 503);
  const auto lines = edge.lines();
  BOOST_TEST_REQUIRE(lines.size() == 1U);
  BOOST_TEST(text(lines[0], "http.request.method") == "none");
  BOOST_TEST(number(lines[0], "http.response.status_code") == 503);
  BOOST_TEST(text(lines[0], "code") == "too_many_connections");
  BOOST_TEST(text(lines[0], "client.address") == "127.0.0.1");
  BOOST_TEST(refused.has(text(lines[0], "request_id")));
  BOOST_TEST(number(lines[0], "http.response.body.size") ==
             static_cast<std::int64_t>(refused.body.size()));
}

BOOST_AUTO_TEST_CASE(preflights_have_lines) {
  logging_edge edge({.cors_origins = {"*"}});
  BOOST_TEST(edge.ask("OPTIONS /a HTTP/1.1\r\nHost: a\r\nOrigin: https://b\r\n"
                      "Access-Control-Request-Method: PUT\r\n\r\n")
                 .status == 204);
  const auto lines = edge.lines();
  BOOST_TEST_REQUIRE(lines.size() == 1U);
  BOOST_TEST(text(lines[0], "http.request.method") == "OPTIONS");
  BOOST_TEST(text(lines[0], "url.path") == "/a");
  BOOST_TEST(number(lines[0], "http.response.status_code") == 204);
}

BOOST_AUTO_TEST_SUITE_END()
