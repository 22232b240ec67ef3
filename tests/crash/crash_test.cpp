// The program is killed with SIGKILL at random moments under concurrent checkouts and restarted on
// the same data. Afterwards every answer that a customer received holds, and the books, the stock
// and the mails add up.
//
// STOA_TEST_CRASH_KILLS: how many kills (50). STOA_TEST_SEED: repeats the same moments and
// customers, as far as that is possible with several threads.

#include "tests/support/allocation_mover.hpp"
#include "tests/support/server.hpp"
#include "tests/support/shoppers.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::int64_t number_from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoll(text) : otherwise;
}

std::vector<std::string> ids_of(const stock_map& stock) {
  std::vector<std::string> ids;
  for (const auto& [hex, units] : stock) ids.push_back(uuid_text(hex));
  return ids;
}

/// Lets it run for a while, kills it and restarts it. One time in five it is killed during its
/// start, in the middle of recovery.
void kill_and_start(server& stoa, std::mt19937_64& random) {
  const auto some_ms = [&](int from, int to) {
    return milliseconds{std::uniform_int_distribution(from, to)(random)};
  };
  std::this_thread::sleep_for(some_ms(50, 800));
  stoa.kill();
  if (std::uniform_int_distribution(0, 4)(random) == 0) {
    stoa.launch();
    std::this_thread::sleep_for(some_ms(0, 150));
    stoa.kill();
  }
  stoa.start();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crash)

BOOST_AUTO_TEST_CASE(nothing_is_lost_or_doubled_when_the_process_is_killed) {
  const auto kills = number_from_environment("STOA_TEST_CRASH_KILLS", 50);
  const auto seed = static_cast<std::uint64_t>(
      number_from_environment("STOA_TEST_SEED", static_cast<std::int64_t>(std::random_device{}())));
  BOOST_TEST_MESSAGE("crash: " << kills << " kills, STOA_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);

  temp_dir folder;
  load_demo(stoa_binary(), folder / "data", 20, 1000);
  create_root(stoa_binary(), folder / "data");
  check_options check{folder / "data", true, true, {}, {}};
  server stoa(
      {.program = {}, .data = folder / "data", .settings = short_timeouts(), .arguments = {}});
  stoa.start();
  check.initial = read_stock(check.data);
  BOOST_TEST_REQUIRE(check.initial.size() >= 20U);

  shopper_options options;
  options.port = stoa.port();
  options.seed = seed;
  options.products = ids_of(check.initial);
  // Used up in the course of the run.
  options.codes = create_promotions(stoa.port(), 300, 100);
  options.gift_cards = create_gift_cards(stoa.port(), 10, 1'000'000);
  spread_stock(stoa.port(), options.products);
  shoppers customers(options);
  customers.start();
  allocation_mover staff(stoa.port(), seed);
  for (std::int64_t i = 0; i < kills; ++i) kill_and_start(stoa, random);
  customers.finish();
  staff.finish();

  BOOST_TEST(await_quiet(check.data, seconds{60}), "work is still open after a minute");
  BOOST_TEST(stoa.stop().value_or(-1) == 0, "it did not stop cleanly:\n" << stoa.log_end());
  auto shopping = customers.take();
  check.reported = std::move(shopping.reported);
  const auto report = check_store(check);
  for (const auto& c : shopping.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
  for (const auto& c : staff.complaints()) BOOST_ERROR("invalid answer to staff: " + c);
  for (const auto& v : report.violations) BOOST_ERROR(v);
  BOOST_TEST_MESSAGE(report.text());
  for (const auto& [what, many] : shopping.counts) BOOST_TEST_MESSAGE(what << ": " << many);
  // Without these the test would not have covered its subject.
  BOOST_TEST(report.facts.at("orders bought") > kills);
  BOOST_TEST(report.facts.at("orders cancelled") > 0);
  BOOST_TEST(report.facts.at("promotions redeemed") > kills);
  BOOST_TEST(report.facts.at("credit redeemed, minor units") > 0);
  BOOST_TEST(report.facts.at("units sold elsewhere") > 0);
  BOOST_TEST_MESSAGE("allocations moved: " << staff.moved());
  BOOST_TEST(staff.moved() > kills / 10);
  BOOST_TEST(shopping.counts["retried: no answer"] +
                 shopping.counts["retried: connection refused"] >=
             kills);
}

BOOST_AUTO_TEST_SUITE_END()
