// The load generator: sends only to this machine and verifies what it has bought.

#include "tests/support/http_answer.hpp"
#include "tests/support/server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/system_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

using namespace stoa::test;
using std::chrono::seconds;

namespace {

finished_program bench(const std::vector<std::string>& arguments, seconds limit = seconds{60}) {
  return run_program(stoa_binary().parent_path() / "stoa-bench", arguments, {}, limit);
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The page and the messages of its console; empty without Chromium.
std::optional<std::string> shown_by_chromium(const std::string& file) {
  const auto chromium = system_program("chromium");
  if (!chromium) return std::nullopt;
  const temp_dir profile;
  return run_program(*chromium,
                     {"--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                      "--user-data-dir=" + profile.path().string(), "--dump-dom", "file://" + file},
                     {}, seconds{60})
      .output;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_generator)

BOOST_AUTO_TEST_CASE(other_machines_are_refused) {
  const auto refusal = bench({"run", "browse", "--url", "http://10.0.0.1:8080", "--seconds", "1"});
  BOOST_TEST(refusal.exit_code == 1);
  BOOST_TEST(refusal.output.find("another machine") != std::string::npos, refusal.output);
  for (const std::string url :
       {"http://127.0.0.1", "ftp://127.0.0.1:80", "http://127.0.0.1:80@example.com:80",
        "http://127.0.0.1:0", "http://127.0.0.1:99999", "http://127.0.0.1:80/path", ""}) {
    BOOST_TEST_CONTEXT(url) {
      const auto done = bench({"run", "browse", "--url", url, "--seconds", "1"});
      BOOST_TEST(done.exit_code == 1);
      BOOST_TEST(done.output.find("is not http://HOST:PORT") != std::string::npos, done.output);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_server_is_an_error) {
  const auto done =
      bench({"run", "checkout", "--url", "http://127.0.0.1:" + std::to_string(free_port())});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(done.output.find("the connection was refused") != std::string::npos, done.output);
}

BOOST_AUTO_TEST_CASE(a_temporary_store_is_measured_and_verified) {
  const auto done = bench({"store", "--seconds", "1", "--warmup", "0", "--concurrency", "8",
                           "--products", "10", "--json"});
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  const http_answer result{200, {}, done.output};
  const auto figures = result.json();
  const auto* verified = figures.find("verified");
  BOOST_TEST_REQUIRE(verified);
  BOOST_TEST((verified->if_bool() && *verified->if_bool()));
  for (const char* run : {"purchases", "reads"}) {
    const auto* part = figures.find(run);
    BOOST_TEST_REQUIRE(part);
    const auto* many = part->find("done");
    BOOST_TEST((many && many->if_int64() && *many->if_int64() > 0));
  }
}

BOOST_AUTO_TEST_CASE(a_mixed_load_is_reported) {
  const temp_dir dir;
  const auto json = (dir / "a.json").string();
  const auto html = (dir / "a.html").string();
  const auto hdr = (dir / "a.hdr").string();
  const auto done =
      bench({"run",       "mixed", "--start",        "--rate", "100",         "--poisson",
             "--seconds", "3",     "--warmup",       "1",      "--threads",   "2",
             "--reads",   "5",     "--cart-changes", "5",      "--purchases", "5",
             "--think",   "5",     "--json",         json,     "--html",      html,
             "--hdr",     hdr});
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  BOOST_TEST(done.output.find("audit succeeded") != std::string::npos);
  const auto report = http_answer{200, {}, content_of(json)}.json();
  BOOST_TEST(number_at(report, "/all/count") > 200);
  BOOST_TEST(number_at(report, "/all/failed") == 0);
  BOOST_TEST(number_at(report, "/operations/purchase/count") > 20);
  BOOST_TEST(number_at(report, "/facts/orders confirmed") > 20);
  BOOST_TEST(decimal_at(report, "/series/1/server_memory_mb") > 10.0);
  BOOST_TEST(content_of(hdr).find("#[Mean") != std::string::npos);
  const auto page = content_of(html);
  BOOST_TEST(page.find("<svg ") != std::string::npos);
  for (const char* outside : {"src=", "href=", "url(", "@import", "<script"}) {
    BOOST_TEST(page.find(outside) == std::string::npos, outside);
  }
  const auto both = (dir / "both.html").string();
  const auto compared = bench({"compare", json, json, "--html", both});
  BOOST_TEST_REQUIRE(compared.exit_code == 0, compared.output);
  BOOST_TEST(compared.output.find("1.00") != std::string::npos);
  for (const auto& file : {html, both}) {
    const auto shown = shown_by_chromium(file);
    if (!shown) continue;
    BOOST_TEST(shown->find("Latency by percentile") != std::string::npos);
    BOOST_TEST(shown->find("CONSOLE") == std::string::npos, *shown);
  }
  std::ofstream(dir / "b.json") << R"({"format":1})";
  const auto malformed = bench({"compare", json, (dir / "b.json").string()});
  BOOST_TEST(malformed.exit_code == 1);
  BOOST_TEST(malformed.output.find("is not a report") != std::string::npos, malformed.output);
}

BOOST_AUTO_TEST_CASE(https_and_compression) {
  const temp_dir dir;
  const auto certificate = (dir / "server.crt").string();
  make_certificate(certificate, (dir / "server.key").string(), {.name = "localhost"});
  load_demo(stoa_binary(), dir / "data", 10, 1000);
  server shop({.program = {},
               .data = dir / "data",
               .settings = {{"STOA_HTTP_TLS_CERTIFICATE", certificate},
                            {"STOA_HTTP_TLS_KEY", (dir / "server.key").string()}},
               .arguments = {}});
  shop.launch();
  const auto url = "https://localhost:" + std::to_string(shop.port());
  BOOST_REQUIRE(
      eventually([&] { return !first_bytes(shop.port(), "GET / HTTP/1.0\r\n\r\n", 1).empty(); }));
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all{"run",       "mixed", "--url",    url, "--rate", "100",
                                 "--seconds", "1",     "--warmup", "0", "--json", "-"};
    all.insert(all.end(), more.begin(), more.end());
    return bench(all);
  };
  const auto done = run({"--ca", certificate, "--compress", "--data", (dir / "data").string()});
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  const auto report = http_answer{200, {}, done.output}.json();
  BOOST_TEST(number_at(report, "/all/count") == 100);
  const auto untrusted = run({});
  BOOST_TEST(untrusted.exit_code == 1);
  BOOST_TEST(untrusted.output.find("self-signed certificate") != std::string::npos,
             untrusted.output);
  BOOST_TEST(run({"--insecure"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(agents_run_parts_of_an_order) {
  const temp_dir dir;
  std::ofstream(dir / "token") << "a shared token\n";
  std::ofstream(dir / "wrong") << "another token\n";
  const auto token = (dir / "token").string();
  std::vector<std::string> places;
  std::vector<std::thread> agents;
  for (int i = 0; i < 2; ++i) {
    places.push_back("127.0.0.1:" + std::to_string(free_port()));
    agents.emplace_back([&token, at = places.back()] {
      // An unknown client, the leader with the wrong token, and the leader.
      bench({"agent", "--listen", at, "--token-file", token, "--runs", "3"});
    });
    const auto port = static_cast<std::uint16_t>(std::stoi(places.back().substr(10)));
    BOOST_TEST(eventually(
        [&] { return first_bytes(port, "GET / HTTP/1.1\r\n\r\n", 9) == R"({"error":)"; }));
  }
  const auto run = [&](const std::string& with) {
    return bench({"run", "browse", "--start", "--rate", "200", "--seconds", "2", "--warmup", "0",
                  "--agents", places[0] + "," + places[1], "--token-file", with, "--json", "-"});
  };
  const auto refused = run((dir / "wrong").string());
  BOOST_TEST(refused.exit_code == 1);
  BOOST_TEST(refused.output.find("the token is not this agent's") != std::string::npos,
             refused.output);
  const auto done = run(token);
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  const auto report = http_answer{200, {}, done.output}.json();
  BOOST_TEST(number_at(report, "/all/count") == 400);
  BOOST_TEST(decimal_at(report, "/rate") == 200.0);
  for (auto& a : agents) a.join();
  const auto open = bench({"agent", "--listen", "0.0.0.0:0"});
  BOOST_TEST(open.exit_code == 1);
  BOOST_TEST(open.output.find("needs --token-file") != std::string::npos, open.output);
}

BOOST_AUTO_TEST_CASE(a_flash_sale_is_exact) {
  const auto done = bench({"run", "flash-sale", "--start", "--stock", "10", "--connections", "200",
                           "--seconds", "60", "--json", "-"});
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  const auto report = http_answer{200, {}, done.output}.json();
  BOOST_TEST(number_at(report, "/facts/orders confirmed") == 10);
  BOOST_TEST(number_at(report, "/facts/sold out") == 190);
}

BOOST_AUTO_TEST_CASE(a_ramp_finds_a_rate) {
  const auto done = bench({"run", "browse", "--start", "--ramp", "--rate", "20", "--seconds", "1",
                           "--warmup", "0", "--p99", "0.1", "--json", "-"});
  // No rate has such latencies.
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(done.output.find("too much") != std::string::npos, done.output);
}

BOOST_AUTO_TEST_CASE(a_failed_operation_fails_the_run) {
  const auto done = bench({"run", "checkout", "--start", "--rate", "20", "--seconds", "1",
                           "--warmup", "0", "--products", "2", "--stock", "1"});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(done.output.find("error: checkout: 409 sold_out") != std::string::npos, done.output);
  BOOST_TEST(done.output.find("audit succeeded") != std::string::npos, done.output);
}

/// STOA_TEST_VENDURE, STOA_TEST_MEDUSA: URLs of such servers (docs/compare.md);
/// STOA_TEST_MEDUSA_KEY.
BOOST_AUTO_TEST_CASE(other_shops_are_driven_by_the_same_scenarios) {
  for (const auto& [shop, variable] :
       {std::pair("vendure", "STOA_TEST_VENDURE"), std::pair("medusa", "STOA_TEST_MEDUSA")}) {
    const auto* url = std::getenv(variable);
    if (url == nullptr) {
      BOOST_TEST_MESSAGE(variable << " is not set: " << shop << " is not driven");
      continue;
    }
    const auto* key = std::getenv("STOA_TEST_MEDUSA_KEY");
    for (const std::string scenario : {"browse", "cart", "checkout", "login", "mixed"}) {
      const auto done = bench({"run", scenario, "--shop", shop, "--shop-key", key ? key : "-",
                               "--url", url, "--rate", "1", "--seconds", "4", "--warmup", "1",
                               "--accounts", "2", "--json", "-"});
      BOOST_TEST(done.exit_code == 0, shop << " " << scenario << ": " << done.output);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_server_is_profiled) {
  const temp_dir dir;
  const auto done = bench({"profile", "--seconds", "1", "--output", (dir / "out").string()});
  // Some systems do not permit it (kernel.perf_event_paranoid).
  const bool is_missing = done.output.find("perf") != std::string::npos && done.exit_code == 1;
  if (is_missing) return skip("perf cannot be used: " + done.output.substr(0, 200));
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  for (const char* name : {"purchase.svg", "read.svg"}) {
    std::ifstream in(dir / "out" / name);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    BOOST_TEST(text.starts_with("<svg "));
    BOOST_TEST(text.ends_with("</svg>\n"));
    BOOST_TEST(text.find("stoa::") != std::string::npos);
  }
}

/// The long form takes a minute: STOA_TEST_BENCH_LIMITS=1.
BOOST_AUTO_TEST_CASE(one_node_is_measured_against_its_limits) {
  if (std::getenv("STOA_TEST_BENCH_LIMITS") == nullptr) return;
  const auto done = bench({"limits", "--seconds", "1", "--json"}, seconds{300});
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  const auto figures = http_answer{200, {}, done.output}.json();
  const auto* limits = figures.find("limits");
  BOOST_TEST_REQUIRE((limits != nullptr && limits->if_array() != nullptr));
  std::size_t measured = 0;
  for (const auto& l : *limits->if_array()) {
    const auto* value = l.find("measured");
    measured += value != nullptr && !value->is_null() ? 1U : 0U;
  }
  BOOST_TEST(measured >= 15U);
}

BOOST_AUTO_TEST_CASE(orders_that_cannot_be_had_fail_the_run) {
  // With one unit of each product most purchases are rejected, and all checks hold.
  const auto done = bench({"store", "--seconds", "1", "--warmup", "0", "--concurrency", "4",
                           "--products", "2", "--stock", "1", "--only", "purchase"});
  BOOST_TEST(done.output.find("checkout: 409 sold_out") != std::string::npos, done.output);
}

BOOST_AUTO_TEST_SUITE_END()
