// How responses are sent and recorded: compression, CORS on early rejections, the access
// log, metrics; against the running program.

#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <ctime>
#include <fstream>
#include <set>
#include <zlib.h>
#include <zstd.h>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string origin = "https://shop.example";

temp_dir& folder() {
  static temp_dir one;
  return one;
}
std::filesystem::path access_file() {
  return folder() / "access.log";
}

storefront& shop() {
  static storefront one({.products = 60,
                         .stock = 1000,
                         .settings = {{"STOA_HTTP_CORS_ORIGINS", origin},
                                      {"STOA_LOG_ACCESS_FILE", access_file().string()},
                                      {"STOA_HTTP_HEADER_TIMEOUT_MS", "500"}}});
  return one;
}

struct person : visitor {
  person() : visitor(shop().port()) {}

  std::vector<json::value> access_lines() {
    std::ifstream file(access_file());
    std::vector<json::value> lines;
    for (std::string line; std::getline(file, line);) {
      auto parsed = json::parse(line);
      BOOST_REQUIRE_MESSAGE(parsed.has_value(), line);
      lines.push_back(std::move(*parsed));
    }
    return lines;
  }
  /// The line of the request; waits until it is written.
  json::value access_line(const std::string& request_id) {
    json::value found;
    BOOST_REQUIRE(eventually([&] {
      for (auto& line : access_lines()) {
        if (text_at(line, "/request_id") == request_id) found = std::move(line);
      }
      return has(found, "/request_id");
    }));
    return found;
  }
};

std::string decoded(const http_answer& a, std::size_t size) {
  std::string out(size, '\0');
  if (a.header("Content-Encoding") == "zstd") {
    BOOST_TEST(ZSTD_decompress(out.data(), size, a.body.data(), a.body.size()) == size);
    return out;
  }
  z_stream s{};
  BOOST_REQUIRE(inflateInit2(&s, 15 + 16) == Z_OK);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(a.body.data()));
  s.avail_in = static_cast<uInt>(a.body.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(size);
  BOOST_TEST(inflate(&s, Z_FINISH) == Z_STREAM_END);
  inflateEnd(&s);
  return out;
}

header_list accepting(const std::string& codings) {
  return {{"Accept-Encoding", codings}};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(answers, person)

BOOST_AUTO_TEST_CASE(large_answers_are_compressed_for_those_who_accept_it) {
  for (const std::string target : {"/store/v1/products?limit=50", "/openapi.json"}) {
    const auto plain = client.get(target);
    BOOST_TEST(plain.header("Content-Encoding") == "");
    BOOST_TEST(plain.header("Vary").find("Accept-Encoding") != std::string::npos);
    std::set<std::string> tags{plain.header("ETag")};
    for (const std::string coding : {"gzip", "zstd"}) {
      const auto coded = client.get(target, accepting(coding));
      BOOST_TEST(coded.header("Content-Encoding") == coding);
      BOOST_TEST(coded.header("Content-Type") == "application/json");
      BOOST_TEST(coded.header("Vary").find("Accept-Encoding") != std::string::npos);
      BOOST_TEST(coded.header("Vary").find("Origin") != std::string::npos);
      BOOST_TEST(coded.body.size() * 4 < plain.body.size());
      BOOST_TEST(decoded(coded, plain.body.size()) == plain.body);
      tags.insert(coded.header("ETag"));

      // Both representations have the resource's tag.
      for (const auto& tag : tags) {
        const auto same = client.get(target, with(accepting(coding), "If-None-Match", tag));
        BOOST_TEST(same.status == 304);
        BOOST_TEST(same.header("ETag") == tag);
        BOOST_TEST(same.header("Vary").find("Accept-Encoding") != std::string::npos);
      }
      const auto head = exchange_raw(
          shop().port(), "HEAD " + target + " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + coding +
                             "\r\nConnection: close\r\n\r\n");
      BOOST_TEST(head.find("Content-Encoding: " + coding) != std::string::npos);
      BOOST_TEST(head.find("Content-Length: " + std::to_string(coded.body.size()) + "\r\n") !=
                 std::string::npos);
    }
    BOOST_TEST(tags.size() == 3U);
    BOOST_TEST(client.get(target, accepting("gzip;q=0, identity")).body == plain.body);
  }
  BOOST_TEST(client.get("/livez", accepting("gzip")).header("Content-Encoding") == "");
}

BOOST_AUTO_TEST_CASE(a_compressed_representations_tag_names_the_resource) {
  const auto root = log_in("root");
  const auto target = "/admin/v1/products/" + goods().front().id;
  const std::string words(3000, 'w');
  BOOST_TEST(client.patch(target, "{\"description\":\"" + words + "\"}", root).status == 200);
  const auto coded = client.get(target, with(root, "Accept-Encoding", "gzip"));
  BOOST_TEST(coded.header("Content-Encoding") == "gzip");
  const auto tag = coded.header("ETag");
  BOOST_TEST(tag.ends_with("+gzip\""));
  BOOST_TEST(client.patch(target, R"({"description":"x"})", with(root, "If-Match", tag)).status ==
             200);
  BOOST_TEST(client.patch(target, R"({"description":"y"})", with(root, "If-Match", tag)).status ==
             412);
}

BOOST_AUTO_TEST_CASE(answers_that_grant_access_are_not_compressed) {
  sign_up(unique("ann"));
  const auto cart = cart_with(goods().front().id, 1);
  const auto order = checkout(cart, {}, accepting("gzip, zstd"));
  BOOST_REQUIRE(order.status == 201);
  BOOST_TEST(order.body.size() > 1024U);
  BOOST_TEST(has(order.json(), "/access_token"));
  BOOST_TEST(order.header("Content-Encoding") == "");
  BOOST_TEST(order.header("Vary").find("Accept-Encoding") == std::string::npos);
  const auto login = client.post(
      "/store/v1/auth/login",
      R"({"login":"root","password":")" + std::string(shared_password) + "\"}", accepting("gzip"));
  BOOST_TEST(login.status == 200);
  BOOST_TEST(login.header("Content-Encoding") == "");
}

BOOST_AUTO_TEST_CASE(bodies_in_a_coding_are_refused) {
  for (const auto* coding : {"gzip", "zstd", "br", "identity, gzip"}) {
    const auto a =
        client.post("/store/v1/carts", "{\"x\":1}",
                    {{"Content-Encoding", coding}, {"Content-Type", "application/json"}});
    BOOST_TEST(a.status == 415);
    BOOST_TEST(a.code() == "content_coding_not_supported");
    BOOST_TEST(a.header("Accept-Encoding") == "identity");
  }
  BOOST_TEST(client.post("/store/v1/carts", "{}", {{"Content-Encoding", "Identity"}}).status ==
             201);
}

BOOST_AUTO_TEST_CASE(early_rejections_can_be_read_by_browsers) {
  const auto reported = [&](const std::string& request) {
    return exchange_raw(shop().port(), request, std::chrono::seconds{5});
  };
  const std::string mine = "Origin: " + origin + "\r\n";
  const std::string post = "POST /store/v1/carts HTTP/1.1\r\nHost: a\r\n" + mine;
  const std::pair<const char*, std::string> cases[] = {
      {"400", "GET /livez HTTP/1.1\r\nHost: a b\r\n" + mine + "\r\n"},
      {"400", "GET /%zz HTTP/1.1\r\nHost: a\r\n" + mine + "\r\n"},
      {"408", "GET /livez HTTP/1.1\r\nHost: a\r\n" + mine + "X: "},
      {"413", post + "Content-Length: 1000000\r\n\r\n"},
      {"415", post + "Content-Length: 2\r\nContent-Encoding: gzip\r\n\r\nxx"},
      {"417", post + "Content-Length: 2\r\nExpect: more\r\n\r\n{}"},
      {"431", "GET /livez HTTP/1.1\r\nHost: a\r\n" + mine + "X: " + std::string(9000, 'x')},
      {"501", "BREW / HTTP/1.1\r\nHost: a\r\n" + mine + "\r\n"},
      {"505", "GET / HTTP/2.0\r\nHost: a\r\n" + mine + "\r\n"},
  };
  for (const auto& [status, request] : cases) {
    const auto a = reported(request);
    BOOST_TEST(a.starts_with(std::string("HTTP/1.1 ") + status), a);
    BOOST_TEST(a.find("Access-Control-Allow-Origin: " + origin + "\r\n") != std::string::npos, a);
    BOOST_TEST(a.find("Vary: Origin\r\n") != std::string::npos);
    BOOST_TEST(a.find("Cache-Control: private, no-store\r\n") != std::string::npos);
  }
  // The origin was not received or is not allowed.
  for (const auto& request :
       {"GET /" + std::string(9000, 'x'),
        std::string("GET /livez HTTP/1.1\r\nHost: a b\r\nOrigin: https://evil.example\r\n\r\n")}) {
    const auto a = reported(request);
    BOOST_TEST(a.find("Access-Control-Allow-Origin") == std::string::npos);
    BOOST_TEST(a.find("Vary: Origin\r\n") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_access_log_has_a_line_for_each_request) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto listed = client.get("/store/v1/products?limit=2&q=secret",
                                 {{"X-Request-Id", "listed"},
                                  {"User-Agent", "agent/1" + std::string(500, 'a')},
                                  {"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}});
  const auto line = access_line("listed");
  BOOST_TEST(text_at(line, "/http.request.method") == "GET");
  BOOST_TEST(text_at(line, "/url.path") == "/store/v1/products");
  BOOST_TEST(text_at(line, "/http.route") == "/store/v1/products");
  BOOST_TEST(number_at(line, "/http.response.status_code") == 200);
  BOOST_TEST(number_at(line, "/http.response.body.size") ==
             static_cast<std::int64_t>(listed.body.size()));
  BOOST_TEST(number_at(line, "/duration_us") > 0);
  BOOST_TEST(text_at(line, "/client.address") == "127.0.0.1");
  BOOST_TEST(text_at(line, "/user_agent.original").size() == 200U);
  BOOST_TEST(text_at(line, "/trace_id") == trace);

  // A guest's cart is protected only by its id.
  const auto cart = new_cart();
  client.get(cart, {{"X-Request-Id", "cart"}});
  BOOST_TEST(text_at(access_line("cart"), "/url.path") == "/store/v1/carts/***");
  client.get(cart + "/nothing?x=1", {{"X-Request-Id", "none"}});
  const auto unmatched = access_line("none");
  BOOST_TEST(text_at(unmatched, "/url.path") == "/store/v1/carts/***/nothing");
  BOOST_TEST(text_at(unmatched, "/http.route") == "none");
  BOOST_TEST(number_at(unmatched, "/http.response.status_code") == 404);

  const auto refused = client.post("/store/v1/carts", std::string(100'000, ' '));
  BOOST_TEST(refused.status == 413);
  const auto early = access_line(text_at(refused.json(), "/request_id"));
  BOOST_TEST(text_at(early, "/http.request.method") == "POST");
  BOOST_TEST(text_at(early, "/url.path") == "/store/v1/carts");
  BOOST_TEST(text_at(early, "/code") == "body_too_large");
  BOOST_TEST(number_at(early, "/http.response.body.size") ==
             static_cast<std::int64_t>(refused.body.size()));
}

BOOST_AUTO_TEST_CASE(the_access_log_is_opened_again_on_a_signal) {
  client.get("/livez", {{"X-Request-Id", "before"}});
  access_line("before");
  std::filesystem::rename(access_file(), folder() / "access.log.1");
  BOOST_REQUIRE(::kill(shop().process().pid(), SIGHUP) == 0);
  int count = 0;
  BOOST_TEST(eventually([&] {
    client.get("/livez", {{"X-Request-Id", "after" + std::to_string(++count)}});
    return std::filesystem::exists(access_file());
  }));
  access_line("after" + std::to_string(count));
}

BOOST_AUTO_TEST_CASE(metrics_name_the_process_the_build_and_early_rejections) {
  bought(goods().front().id);
  exchange_raw(shop().port(), "GET / HTTP/1.1\r\n\r\n");
  client.get("/store/v1/products?limit=50", accepting("zstd"));
  const auto all = client.get("/metrics").body;
  const auto value = [&](const std::string& series) {
    const auto found = all.find("\n" + series + " ");
    BOOST_REQUIRE_MESSAGE(found != std::string::npos, series);
    return std::stod(all.substr(found + series.size() + 2));
  };
  BOOST_TEST(value("process_cpu_seconds_total") > 0);
  BOOST_TEST(value("process_resident_memory_bytes") > 1e6);
  BOOST_TEST(value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"));
  BOOST_TEST(value("process_open_fds") > 5);
  BOOST_TEST(value("process_open_fds") < value("process_max_fds"));
  const auto age = static_cast<double>(std::time(nullptr)) - value("process_start_time_seconds");
  BOOST_TEST(age > -2);
  BOOST_TEST(age < 300);
  BOOST_TEST(all.find("\nstoa_build_info{version=") != std::string::npos);
  BOOST_TEST(value("stoa_http_connections{listener=\"store\"}") >= 1);
  BOOST_TEST(
      value("stoa_http_early_rejections_total{listener=\"store\",reason=\"invalid_host\"}") >= 1);
  BOOST_TEST(value("stoa_http_compressed_responses_total{coding=\"zstd\"}") >= 1);
  BOOST_TEST(value("stoa_access_log_lines_lost_total") == 0);
  const std::string charge = "operation=\"Authorize\",outcome=\"approved\"";
  BOOST_TEST(value("stoa_gateway_request_duration_seconds_count{" + charge + "}") >= 1);
  BOOST_TEST(eventually([&] {
    return client.get("/metrics")
               .body.find("\nstoa_mail_send_duration_seconds_count{outcome=\"delivered\"} ") !=
           std::string::npos;
  }));
  // The buckets cover the longest wait.
  BOOST_TEST(all.find("le=\"60\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(promtool_finds_nothing_to_complain_of) {
  // `./dev test` stores it in build/docker-check.
  const std::string path =
      "PATH=$PATH:" + std::string(STOA_SOURCE_DIR) + "/build/docker-check/tools/bin; ";
  const auto promtool = run_program("/bin/sh", {"-c", path + "command -v promtool"});
  if (promtool.exit_code != 0) return skip("promtool is not installed (docker/check promtool)");
  bought(goods().front().id);
  const auto root = log_in("root");
  const auto imported = client.post("/admin/v1/imports", "Handle,Title,Variant Price\na,A,1.00\n",
                                    with(root, "Content-Type", "text/csv"));
  BOOST_REQUIRE(imported.status == 202);
  const auto has_ended = [&] {
    return client.get("/metrics")
               .body.find("\nstoa_imports_total{format=\"shopify\",outcome=\"completed\"} 1") !=
           std::string::npos;
  };
  BOOST_TEST(eventually(has_ended));
  exchange_raw(shop().port(), "GET / HTTP/1.1\r\n\r\n");
  const auto file = folder() / "metrics";
  const auto all = client.get("/metrics").body;
  for (const std::string family :
       {"stoa_imports_running", "stoa_import_duration_seconds", "stoa_import_rows_total",
        "stoa_import_products_total", "stoa_exports_running", "stoa_export_bytes_total",
        "stoa_http_early_rejections_total", "stoa_gateway_request_duration_seconds"}) {
    BOOST_TEST(all.find("# TYPE " + family + " ") != std::string::npos, family);
  }
  std::ofstream(file) << all;
  const auto checked =
      run_program("/bin/sh", {"-c", path + "promtool check metrics < '" + file.string() + "'"});
  BOOST_TEST(checked.exit_code == 0, checked.output);
  BOOST_TEST(checked.output == "");
}

BOOST_AUTO_TEST_SUITE_END()
