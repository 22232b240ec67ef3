// A consistent cut of several databases: no writer commits between the first and the last snapshot,
// and each is held only briefly.

#include "storage/db/cut.hpp"

#include "storage/db/value.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

using namespace stoa;
using namespace stoa::db;

namespace {

/// Records what happens to it; fails on request.
class recorded_member final : public cut_member {
 public:
  recorded_member(std::string name, std::string& log) : name_(std::move(name)), log_(log) {}
  bool hold(deadline) override {
    note("hold");
    if (broken) throw error(error_kind::unavailable, "", name_ + " is broken");
    return held_ = busy_attempts-- <= 0;
  }
  void keep() override {
    BOOST_TEST(held_);
    note("keep");
  }
  bool is_held() override { return lost_attempts-- <= 0; }
  void release() noexcept override {
    if (std::exchange(held_, false)) note("release");
  }

  int busy_attempts = 0;
  int lost_attempts = 0;
  bool broken = false;

 private:
  void note(const char* what) { log_ += std::string(what) + " " + name_ + "; "; }
  std::string name_;
  std::string& log_;
  bool held_ = false;
};

struct two_members {
  std::string log;
  recorded_member a{"a", log};
  recorded_member b{"b", log};
  std::array<cut_member*, 2> all{&a, &b};
  cut_limits limits{.hold_max = milliseconds{10}, .pause = milliseconds{1}, .attempts_max = 3};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cuts)

BOOST_FIXTURE_TEST_CASE(all_are_held_before_the_first_is_kept, two_members) {
  const auto report = cut(all, limits);
  BOOST_TEST(log == "hold a; hold b; keep a; keep b; release a; release b; ");
  BOOST_TEST(report.attempts == 1);
  BOOST_TEST(report.moment.us > 0);
}

BOOST_FIXTURE_TEST_CASE(writers_work_between_two_attempts, two_members) {
  b.busy_attempts = 1;
  BOOST_TEST(cut(all, limits).attempts == 2);
  BOOST_TEST(log ==
             "hold a; hold b; release a; hold a; hold b; keep a; keep b; release a; release b; ");
}

BOOST_FIXTURE_TEST_CASE(what_was_kept_while_a_hold_was_lost_is_kept_again, two_members) {
  a.lost_attempts = 1;
  BOOST_TEST(cut(all, limits).attempts == 2);
}

BOOST_FIXTURE_TEST_CASE(it_gives_up_in_the_end, two_members) {
  b.busy_attempts = 3;
  BOOST_CHECK_EXCEPTION(cut(all, limits), error,
                        [](const error& e) { return e.kind() == error_kind::busy; });
  BOOST_TEST(log.ends_with("release a; "));
  BOOST_TEST(log.find("keep") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(nothing_stays_held_after_an_error, two_members) {
  b.broken = true;
  BOOST_CHECK_THROW(cut(all, limits), error);
  BOOST_TEST(log == "hold a; hold b; release a; ");
}

BOOST_AUTO_TEST_SUITE_END()
