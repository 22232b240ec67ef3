// The log: lines are always valid, contain no secrets, and callers never wait.

#include "config/log_level.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidjson/document.h>

#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

namespace log_ = stoa::log;
using log_::format;
using log_::level;

namespace {

constexpr std::int64_t ts_us = 1'795'378'418'123'456;  // 2026-11-22T20:13:38.123456Z

std::string json(std::string_view message, log_::fields f = {}) {
  return log_::render(format::json, false, level::info, ts_us, message, f);
}
std::string text(std::string_view message, log_::fields f = {}) {
  return log_::render(format::text, false, level::warn, ts_us, message, f);
}

rapidjson::Document parsed(const std::string& line) {
  rapidjson::Document d;
  d.Parse<rapidjson::kParseValidateEncodingFlag>(line.c_str(), line.size());
  BOOST_TEST_CONTEXT(line) {
    BOOST_TEST_REQUIRE(!d.HasParseError());
    BOOST_TEST_REQUIRE(d.IsObject());
  }
  return d;
}

/// Collects the log's output.
class collector {
 public:
  log_::options options(level least, format form = format::json) {
    log_::options o;
    o.least = least;
    o.form = form;
    o.output = [this](std::string_view lines) {
      const std::lock_guard lock(mutex_);
      text_ += lines;
    };
    return o;
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    std::istringstream in(text_);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

/// Stops the log at the end of a test.
struct stopped {
  ~stopped() { log_::stop(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(log_lines)

BOOST_AUTO_TEST_CASE(json_has_time_level_message_and_typed_fields) {
  const std::string id = "0191d7a0-1111-7222-8333-444455556666";
  BOOST_TEST(json("order placed", {{"order_id", id}, {"lines", 3}, {"ok", true}, {"ms", 1.5}}) ==
             R"({"ts":"2026-11-22T20:13:38.123456Z","level":"info","msg":"order placed",)"
             R"("order_id":"0191d7a0-1111-7222-8333-444455556666","lines":3,"ok":true,"ms":1.5})");
}

BOOST_AUTO_TEST_CASE(numbers_at_their_limits_stay_valid_json) {
  const auto d = parsed(json("x", {{"a", std::numeric_limits<std::int64_t>::min()},
                                   {"b", std::numeric_limits<std::uint64_t>::max()},
                                   {"c", std::numeric_limits<double>::infinity()},
                                   {"d", std::numeric_limits<double>::quiet_NaN()},
                                   {"e", 1e300},
                                   {"f", std::uint8_t{7}}}));
  BOOST_TEST(d["a"].GetInt64() == std::numeric_limits<std::int64_t>::min());
  BOOST_TEST(d["b"].GetUint64() == std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(d["c"].GetString() == "inf");
  BOOST_TEST(d["d"].GetString() == "nan");
  BOOST_TEST(d["e"].GetDouble() == 1e300);
  BOOST_TEST(d["f"].GetInt() == 7);
}

BOOST_AUTO_TEST_CASE(every_byte_is_escaped_or_replaced) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one = "a" + std::string(1, static_cast<char>(byte)) + "b";
    BOOST_TEST_CONTEXT("byte " << byte) {
      const auto line = json(one, {{"f", one}, {one, 1}});
      const auto d = parsed(line);
      const std::string back(d["msg"].GetString(), d["msg"].GetStringLength());
      BOOST_TEST(back == (byte < 128 ? one
                                     : "a\xEF\xBF\xBD"
                                       "b"));
      BOOST_TEST(line.find('\n') == std::string::npos);
      const auto plain = text(one, {{"f", one}});
      for (const char c : plain) BOOST_TEST((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
    }
  }
}

BOOST_AUTO_TEST_CASE(malformed_utf8_is_replaced_and_good_utf8_kept) {
  for (const std::string bad :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xE2\x82", "\xF0\x9F\x98"}) {
    const auto d = parsed(json(bad));
    BOOST_TEST(std::string(d["msg"].GetString()).starts_with("\xEF\xBF\xBD"));
  }
  const std::string good = "Käse \xE2\x82\xAC \xF0\x9F\x98\x80";
  BOOST_TEST(parsed(json(good))["msg"].GetString() == good);
  // Some C1 controls move a terminal's cursor; they are escaped.
  BOOST_TEST(text("\xC2\x9B"
                  "2J")
                 .find("\\u009b") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_field_cannot_stand_in_for_the_events_own_members) {
  const auto line = json("real", {{"msg", "false"}, {"level", "fatal"}, {"ts", 1}});
  const auto d = parsed(line);
  std::set<std::string> names;
  for (const auto& m : d.GetObject()) BOOST_TEST(names.insert(m.name.GetString()).second);
  BOOST_TEST(d["msg"].GetString() == "real");
  BOOST_TEST(d["msg_"].GetString() == "false");
}

BOOST_AUTO_TEST_CASE(text_for_people) {
  BOOST_TEST(text("order placed", {{"id", "a1"}, {"why", "no stock"}, {"n", 2}, {"e", ""}}) ==
             R"(20:13:38.123 warn  order placed  id=a1  why="no stock"  n=2  e="")");
  const auto colored = log_::render(format::text, true, level::error, ts_us, "x", {});
  BOOST_TEST(colored.find("\x1B[31merror\x1B[0m") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(long_values_are_cut) {
  const auto line = json("x", {{"f", std::string(100'000, 'a')}});
  BOOST_TEST(line.size() < 9000U);
  BOOST_TEST(std::string(parsed(line)["f"].GetString()).ends_with("a..."));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(log_secrets)

BOOST_AUTO_TEST_CASE(fields_with_telling_names_are_redacted) {
  for (const auto* name :
       {"password", "Password", "new_password", "token", "access_token", "refresh-token",
        "Authorization", "x-authorization", "card", "card_number", "cvc", "client.secret"}) {
    BOOST_TEST_CONTEXT(name) {
      const auto line = json("x", {{name, "hunter2"}});
      BOOST_TEST(line.find("hunter2") == std::string::npos);
      BOOST_TEST(line.find("[redacted]") != std::string::npos);
      BOOST_TEST(json("x", {{name, 4711}}).find("4711") == std::string::npos);
      BOOST_TEST(text("x", {{name, "hunter2"}}).find("hunter2") == std::string::npos);
    }
  }
  for (const auto* name : {"order_id", "discarded", "cardinality", "route", "tokenizer"}) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(json("x", {{name, "v1"}}).find("\"v1\"") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(card_numbers_are_masked_wherever_they_stand) {
  // Test numbers of the card networks, 13 to 19 digits.
  for (const std::string card :
       {"4222222222222", "378282246310005", "4242424242424242", "4242 4242 4242 4242",
        "4242-4242-4242-4242", "5555555555554444", "6304000000000000000", "x4242424242424242y",
        "a=4242424242424242&b", "4242  4242 4242 4242", "4242,4242,4242,4242",
        "14242424242424242"}) {
    BOOST_TEST_CONTEXT(card) {
      for (const auto& line : {json(card), json("x", {{"note", "paid by " + card + "."}}),
                               text(card), text("x", {{"note", card}})}) {
        BOOST_TEST(line.find(card.substr(1, 3)) == std::string::npos);
        BOOST_TEST(line.find("card number removed") != std::string::npos);
      }
    }
  }
  BOOST_TEST(json("x", {{"n", 4242424242424242LL}}).find("4242424242") == std::string::npos);
  BOOST_TEST(json("x", {{"n", 4242424242424242ULL}}).find("4242424242") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_card_number_stays) {
  for (const std::string other :
       {"4242424242424241", "424242424242", "2026-11-22T20:13:38.123456Z", "1764256800004",
        // A UUID and a trace id whose digits pass the check by chance.
        "01234567-89ab-7def-8042-424242424203",
        "00-abcdef00424242424242424200000000-00f067aa0ba902b7-01"}) {
    BOOST_TEST_CONTEXT(other) {
      BOOST_TEST(json("x", {{"note", other}}).find(other) != std::string::npos);
    }
  }
  // A time in microseconds that passes Luhn's check: digits of times begin with 1.
  BOOST_TEST(json("x", {{"us", 1795378418123458LL}}).find("1795378418123458") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(log_running)

BOOST_AUTO_TEST_CASE(levels_below_the_least_are_left_out) {
  const stopped after;
  collector c;
  log_::start(c.options(level::info));
  log_::debug("no");
  log_::info("yes");
  log_::error("also", {{"code", 7}});
  BOOST_TEST(!log_::enabled(level::debug));
  BOOST_TEST(log_::enabled(level::info));
  log_::flush();
  const auto lines = c.lines();
  BOOST_TEST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(parsed(lines[0])["msg"].GetString() == "yes");
  BOOST_TEST(parsed(lines[1])["level"].GetString() == "error");
}

BOOST_AUTO_TEST_CASE(a_level_that_is_set_holds_for_its_time) {
  const stopped after;
  collector c;
  log_::start(c.options(level::info));
  log_::set_level(level::debug, 0);
  log_::debug("as long as it runs");
  BOOST_TEST(log_::level_name() == "debug");
  log_::set_level(level::error, 50);
  log_::warn("no");
  BOOST_TEST(log_::level_name() == "error");
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  log_::debug("not the level that was set before");
  log_::info("that of the start");
  BOOST_TEST(log_::level_name() == "info");
  log_::flush();
  const auto lines = c.lines();
  BOOST_TEST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(parsed(lines[0])["msg"].GetString() == "as long as it runs");
  BOOST_TEST(parsed(lines[1])["msg"].GetString() == "that of the start");
}

BOOST_AUTO_TEST_CASE(off_is_off) {
  const stopped after;
  collector c;
  log_::start(c.options(level::off));
  log_::fatal("no");
  log_::flush();
  BOOST_TEST(c.lines().empty());
}

BOOST_AUTO_TEST_CASE(fatal_is_written_when_it_returns) {
  const stopped after;
  collector c;
  log_::start(c.options(level::info));
  log_::fatal("the end");
  BOOST_TEST(c.lines().size() == 1U);
}

BOOST_AUTO_TEST_CASE(stop_writes_what_waits) {
  collector c;
  auto o = c.options(level::info);
  o.queue_max = 20'000;
  log_::start(o);
  for (int i = 0; i < 10'000; ++i) log_::info("line", {{"i", i}});
  log_::stop();
  const auto lines = c.lines();
  BOOST_TEST_REQUIRE(lines.size() == 10'000U);
  for (int i = 0; i < 10'000; i += 999) {
    BOOST_TEST(parsed(lines[static_cast<std::size_t>(i)])["i"].GetInt() == i);
  }
}

BOOST_AUTO_TEST_CASE(many_threads_make_whole_lines_each_in_order) {
  constexpr int threads = 8;
  constexpr int each = 2000;
  collector c;
  auto o = c.options(level::info);
  o.queue_max = threads * each;
  log_::start(o);
  std::vector<std::thread> writers;
  for (int t = 0; t < threads; ++t) {
    writers.emplace_back([t] {
      for (int i = 0; i < each; ++i) log_::info("line", {{"t", t}, {"i", i}});
    });
  }
  for (auto& w : writers) w.join();
  log_::stop();
  std::vector<int> next(threads, 0);
  for (const auto& line : c.lines()) {
    const auto d = parsed(line);
    const auto t = static_cast<std::size_t>(d["t"].GetInt());
    BOOST_TEST_REQUIRE(d["i"].GetInt() == next[t]++);
  }
  for (const int n : next) BOOST_TEST(n == each);
}

BOOST_AUTO_TEST_CASE(a_stuck_output_blocks_no_caller_and_the_loss_is_logged) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_open = false;
  std::string written;
  log_::options o;
  o.queue_max = 100;
  o.output = [&](std::string_view lines) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_open; });
    written += lines;
  };
  log_::start(o);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5000; ++i) log_::info("line", {{"i", i}});
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(2)));
  {
    const std::lock_guard lock(mutex);
    is_open = true;
  }
  changed.notify_all();
  log_::info("last");
  log_::stop();
  std::istringstream in(written);
  std::size_t kept = 0;
  std::uint64_t lost = 0;
  std::string last;
  for (std::string line; std::getline(in, line);) {
    const auto d = parsed(line);
    if (std::string_view(d["msg"].GetString()) == "log lines lost") {
      lost = d["lines_total"].GetUint64();
    } else {
      ++kept;
    }
    last = line;
  }
  BOOST_TEST(lost > 4000U);
  BOOST_TEST(kept + lost == 5001U);
  BOOST_TEST(last.find("\"last\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(flush_gives_up_in_time_when_the_output_is_stuck) {
  std::mutex mutex;
  mutex.lock();
  log_::options o;
  o.output = [&](std::string_view) { const std::lock_guard lock(mutex); };
  log_::start(o);
  log_::info("x");
  const auto begin = std::chrono::steady_clock::now();
  log_::flush(50);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(1)));
  mutex.unlock();
  log_::stop();
}

BOOST_AUTO_TEST_CASE(names_and_forms) {
  BOOST_TEST((log_::level_named("warn") == level::warn));
  BOOST_TEST(!log_::level_named("WARN"));
  BOOST_TEST((log_::options_for("debug", "json").form == format::json));
  BOOST_TEST((log_::options_for("debug", "text").form == format::text));
  BOOST_TEST((log_::options_for("debug", "json").least == level::debug));
}

BOOST_AUTO_TEST_SUITE_END()
