// The load generator: sends only to this machine and verifies what it has bought.

#include "tests/support/http_answer.hpp"
#include "tests/support/server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace stoa::test;
using std::chrono::seconds;

namespace {

finished_program bench(const std::vector<std::string>& arguments, seconds limit = seconds{60}) {
  return run_program(stoa_binary().parent_path() / "stoa-bench", arguments, {}, limit);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_generator)

BOOST_AUTO_TEST_CASE(other_machines_are_refused) {
  for (const std::string url : {"http://example.com:80", "http://10.0.0.1:8080", "http://127.0.0.1",
                                "https://127.0.0.1:8080", "http://127.0.0.1:80@example.com:80",
                                "http://127.0.0.1:0", "http://127.0.0.1:99999", ""}) {
    BOOST_TEST_CONTEXT(url) {
      const auto done = bench({"run", "browse", "--url", url, "--seconds", "1"});
      BOOST_TEST(done.exit_code == 1);
      BOOST_TEST(done.output.find("only sent to this machine") != std::string::npos, done.output);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_server_is_an_error) {
  const auto done =
      bench({"run", "checkout", "--url", "http://127.0.0.1:" + std::to_string(free_port())});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(done.output.find("Connection refused") != std::string::npos, done.output);
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
