// The clock shared by the owners of a partition, and log lines about clocks that differ.

#include "actors/kernel/clock_watch.hpp"

#include "config/log.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <mutex>
#include <vector>

using namespace stoa;
using kernel::clock_watch;

namespace {

constexpr std::chrono::hours an_hour{1};

/// Captures the log during its lifetime.
class logged {
 public:
  logged() {
    log::options o;
    o.repeat_interval_ms = 0;
    o.output = [this](std::string_view line) {
      std::scoped_lock lock(mutex_);
      lines_.emplace_back(line);
    };
    log::start(std::move(o));
  }
  ~logged() { log::stop(); }
  logged(const logged&) = delete;
  logged& operator=(const logged&) = delete;
  std::size_t count(std::string_view words) {
    log::flush();
    std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines_, [&](const auto& line) { return line.find(words) != std::string::npos; }));
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct watched {
  kernel::kernel_metrics metrics{nullptr};
  clock_watch clocks{seconds{60}, metrics};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(clock_watch_tests)

BOOST_AUTO_TEST_CASE(a_shown_time_sets_the_clock_as_far_as_it_is_certain) {
  service_clock c;
  const auto now = process_time().now();
  // Without a delay the offset is exact.
  const auto first = c.observe(now + an_hour, now, now);
  BOOST_TEST((first >= an_hour - seconds{1}));
  BOOST_TEST((c.now() - process_time().now() >= an_hour - seconds{1}));
  // An answer after 100 ms that agrees within them corrects nothing.
  const auto asked = now - milliseconds{100};
  for (const auto late : {0, 30, 99}) {
    BOOST_TEST(c.observe(now + an_hour - milliseconds{late}, asked, now).count() == 0);
  }
  // Otherwise it corrects the certain part.
  BOOST_TEST((c.observe(now + an_hour + milliseconds{30}, asked, now) == milliseconds{30}));
  BOOST_TEST((c.observe(now, now, now) == -an_hour - milliseconds{30}));
}

BOOST_AUTO_TEST_CASE(the_time_of_the_process_is_monotonic) {
  const auto before = process_time().now();
  BOOST_TEST((process_time().now() >= before));
  const auto difference = system_time().now() - before;
  BOOST_TEST((std::max(difference, -difference) < seconds{5}));
}

BOOST_AUTO_TEST_CASE(only_a_difference_above_the_limit_is_beyond_it) {
  watched w;
  w.clocks.database("order", seconds{59});
  BOOST_TEST(!w.clocks.beyond());
  w.clocks.database("cart", -seconds{61});
  BOOST_TEST(w.clocks.beyond());
  BOOST_TEST((w.clocks.ahead() == -seconds{61}));
  // Hysteresis: at the limit itself a node would switch back and forth.
  w.clocks.database("cart", -seconds{55});
  BOOST_TEST(w.clocks.beyond());
  w.clocks.database("order", seconds{1});
  w.clocks.database("cart", -seconds{40});
  BOOST_TEST(!w.clocks.beyond());
}

BOOST_AUTO_TEST_CASE(each_change_is_logged_once) {
  watched w;
  logged lines;
  for (int i = 0; i < 5; ++i) w.clocks.database("order", milliseconds{900});
  BOOST_TEST(lines.count("clock") == 0u);
  for (int i = 0; i < 5; ++i) w.clocks.database("order", seconds{2});
  BOOST_TEST(lines.count("this node's clock differs from its database's") == 1u);
  for (int i = 0; i < 5; ++i) w.clocks.database("order", an_hour);
  BOOST_TEST(lines.count("by more than cluster.clock_skew_max_ms") == 1u);
  for (int i = 0; i < 5; ++i) w.clocks.database("order", milliseconds{1});
  BOOST_TEST(lines.count("agrees with its database's again") == 1u);
}

BOOST_AUTO_TEST_CASE(a_state_that_comes_late_is_no_clock_that_is_behind) {
  watched w;
  logged lines;
  for (int i = 0; i < 30; ++i) {
    w.clocks.peer("b", i % 10 == 9 ? -milliseconds{3} : -seconds{20});  // frozen in between
  }
  BOOST_TEST(lines.count("clocks of two nodes") == 0u);
  for (int i = 0; i < 30; ++i) w.clocks.peer("c", -seconds{20});
  BOOST_TEST(lines.count("the clocks of two nodes differ") == 1u);
  w.clocks.gone("c");
  for (int i = 0; i < 30; ++i) w.clocks.peer("c", milliseconds{2});
  BOOST_TEST(lines.count("the clocks of two nodes agree again") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
