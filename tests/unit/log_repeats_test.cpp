// Repeated log lines: counted, summarized in time, and never at the expense of other lines.

#include "config/log_repeats.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidjson/document.h>

#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

namespace log_ = stoa::log;
using log_::level;
using log_::repeat_filter;

namespace {

constexpr std::int64_t interval_us = 10'000'000;

bool admit(repeat_filter& f, std::string_view message, std::int64_t now_us, log_::fields of = {}) {
  return f.admit(level::warn, message, {of.begin(), of.size()}, now_us);
}

/// The parsed lines of the log.
class collector {
 public:
  log_::options options(std::int64_t repeat_interval_ms) {
    log_::options o;
    o.repeat_interval_ms = repeat_interval_ms;
    o.output = [this](std::string_view lines) {
      const std::lock_guard lock(mutex_);
      text_ += lines;
    };
    return o;
  }
  std::vector<rapidjson::Document> lines() {
    const std::lock_guard lock(mutex_);
    std::vector<rapidjson::Document> all;
    std::istringstream in(text_);
    for (std::string line; std::getline(in, line);) {
      all.emplace_back().Parse(line.c_str(), line.size());
      BOOST_TEST_REQUIRE(all.back().IsObject(), line);
    }
    return all;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

/// How many events the lines represent.
std::uint64_t events(const std::vector<rapidjson::Document>& lines) {
  std::uint64_t sum = 0;
  for (const auto& d : lines) sum += d.HasMember("repeated") ? d["repeated"].GetUint64() : 1;
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_repeats)

BOOST_AUTO_TEST_CASE(the_first_lines_are_written_and_the_others_counted) {
  repeat_filter f({});
  int written = 0;
  for (int i = 0; i < 1000; ++i) written += admit(f, "batch not saved", i, {{"i", i}}) ? 1 : 0;
  BOOST_TEST(written == 5);
  BOOST_TEST(f.due(interval_us - 1).empty());
  const auto all = f.due(interval_us);
  BOOST_TEST_REQUIRE(all.size() == 1U);
  BOOST_TEST(all[0].repeated == 995U);
  BOOST_TEST((all[0].severity == level::warn));
  BOOST_TEST(all[0].message == "batch not saved");
  const auto fields = all[0].fields();
  BOOST_TEST_REQUIRE(fields.size() == 2U);
  BOOST_TEST(fields[0].name == "i");  // of the first counted one
  BOOST_TEST(std::get<std::int64_t>(fields[0].held.held()) == 5);
  BOOST_TEST(fields[1].name == "repeated");
}

BOOST_AUTO_TEST_CASE(a_continuing_event_is_one_line_an_interval_and_an_ended_one_starts_afresh) {
  repeat_filter f({});
  for (int i = 0; i < 6; ++i) admit(f, "x", 1);
  BOOST_TEST(f.due(1 + interval_us).size() == 1U);
  BOOST_TEST(!admit(f, "x", 2 + interval_us));  // no new burst while it continues
  BOOST_TEST(f.due(2 + interval_us).empty());
  BOOST_TEST(f.due(1 + 2 * interval_us).at(0).repeated == 1U);
  BOOST_TEST(f.watches());
  BOOST_TEST(f.due(1 + 3 * interval_us).empty());
  BOOST_TEST(!f.watches());
  BOOST_TEST(admit(f, "x", 2 + 3 * interval_us));
}

BOOST_AUTO_TEST_CASE(other_kinds_are_not_touched) {
  repeat_filter f({});
  for (int i = 0; i < 100; ++i) admit(f, "x", 1, {{"service", "order"}, {"partition", i}});
  BOOST_TEST(admit(f, "y", 1, {{"service", "order"}}));
  BOOST_TEST(admit(f, "x", 1, {{"service", "cart"}}));
  BOOST_TEST(admit(f, "x", 1, {{"service", "order"}, {"code", "a"}}));
  BOOST_TEST(!admit(f, "x", 1, {{"service", "order"}, {"partition", 1000}}));
  BOOST_TEST(f.admit(level::error, "x", {}, 1));
}

BOOST_AUTO_TEST_CASE(kinds_are_bounded) {
  repeat_filter f({.kinds_max = 10});
  int written = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto code = "code_" + std::to_string(i);
    written += admit(f, "x", 1, {{"code", code}}) ? 1 : 0;
  }
  // Ten kinds by code, and one for all others.
  BOOST_TEST(written == 15);
  BOOST_TEST(f.drain().at(0).repeated == 985U);
  BOOST_TEST(!f.watches());
}

BOOST_AUTO_TEST_CASE(the_log_writes_summaries_while_nothing_else_is_logged) {
  collector c;
  log_::start(c.options(50));
  for (int i = 0; i < 500; ++i) log_::warn("batch not saved", {{"service", "order"}});
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (events(c.lines()) < 500 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const auto lines = c.lines();
  log_::stop();
  BOOST_TEST(events(lines) == 500U);
  BOOST_TEST(lines.size() < 50U);
  const auto& last = lines.back();
  BOOST_TEST(std::string(last["msg"].GetString()) == "batch not saved");
  BOOST_TEST(std::string(last["level"].GetString()) == "warn");
  BOOST_TEST(std::string(last["service"].GetString()) == "order");
}

BOOST_AUTO_TEST_CASE(stop_and_flush_lose_no_count) {
  collector c;
  log_::start(c.options(60'000));
  for (int i = 0; i < 100; ++i) log_::error("sweep failed");
  log_::flush();
  BOOST_TEST(events(c.lines()) == 100U);
  for (int i = 0; i < 100; ++i) log_::error("sweep failed");
  log_::stop();
  BOOST_TEST(events(c.lines()) == 200U);
}

BOOST_AUTO_TEST_CASE(many_threads_lose_no_count) {
  collector c;
  log_::start(c.options(5));
  std::vector<std::thread> all;
  for (int t = 0; t < 8; ++t) {
    all.emplace_back([] {
      for (int i = 0; i < 2000; ++i) log_::warn("query failed", {{"service", "cart"}});
    });
  }
  for (auto& t : all) t.join();
  log_::stop();
  BOOST_TEST(events(c.lines()) == 16'000U);
}

BOOST_AUTO_TEST_CASE(information_is_collapsed_only_where_it_asks_for_it) {
  collector c;
  log_::start(c.options(60'000));
  for (int i = 0; i < 20; ++i) log_::info("order placed");
  for (int i = 0; i < 20; ++i) log_::info_limited("request rejected at the edge");
  log_::stop();
  BOOST_TEST(events(c.lines()) == 40U);
  BOOST_TEST(c.lines().size() == 26U);
  collector all;
  log_::start(all.options(0));
  for (int i = 0; i < 20; ++i) log_::warn("x");
  log_::stop();
  BOOST_TEST(all.lines().size() == 20U);
}

BOOST_AUTO_TEST_SUITE_END()
