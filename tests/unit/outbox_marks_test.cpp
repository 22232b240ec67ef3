// A subscriber's marks of producers' outboxes, without a database.

#include "actors/kernel/outbox_marks.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace stoa;
using namespace stoa::kernel;

struct fixture {
  outbox_marks marks;
  timestamp now{1'000'000'000};
  const uuid database = system_ids().next_v4();

  outbox_run run(std::int64_t epoch, std::int64_t last_seq) const {
    return {system_ids().next_v4(), epoch, last_seq, database};
  }
  /// The gap that is detected without the inbox.
  std::optional<outbox_gap> come(const outbox_run& from, std::int64_t seq,
                                 std::int64_t low_water = 0) {
    auto gap = marks.delivered("order/0", &from, seq, low_water, now);
    if (gap && gap->last == 0) gap.reset();
    return gap;
  }
  std::int64_t settled() const { return marks.settled("order/0"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(marks, fixture)

BOOST_AUTO_TEST_CASE(a_mark_holds_when_its_run_still_sends_two_minutes_later) {
  const auto a = run(1, 0);
  come(a, 9, 5);
  come(a, 10, 8);
  BOOST_TEST(settled() == 0);
  now = now + seconds{121};
  BOOST_TEST(settled() == 0);
  come(a, 11, 9);
  BOOST_TEST(settled() == 5);
  now = now + seconds{121};
  come(a, 12, 9);
  BOOST_TEST(settled() == 9);
}

BOOST_AUTO_TEST_CASE(a_mark_holds_within_its_run_only) {
  const auto a = run(1, 0);
  const auto b = run(2, 20);
  come(a, 20, 20);
  now = now + seconds{121};
  come(a, 20, 20);
  BOOST_TEST(settled() == 20);
  come(b, 21, 3);
  BOOST_TEST(settled() == 0);
  // Late copies of the previous run change nothing.
  now = now + seconds{121};
  BOOST_TEST(!come(a, 19, 19));
  BOOST_TEST(settled() == 0);
  come(b, 22, 3);
  BOOST_TEST(settled() == 3);
}

BOOST_AUTO_TEST_CASE(without_a_run_no_mark_holds) {
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(!marks.delivered("order/0", nullptr, 10, 10, now));
    now = now + seconds{121};
  }
  BOOST_TEST(settled() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_node_forwards_without_its_run_is_no_gap) {
  const auto a = run(2, 98);
  for (const std::int64_t seq : {99, 100}) {
    BOOST_TEST(!marks.delivered("order/0", nullptr, seq, 90, now));
  }
  BOOST_TEST(!come(a, 101));
  BOOST_TEST(!marks.delivered("order/0", nullptr, 120, 119, now));
  BOOST_TEST(!come(a, 121));
  // A later loss is detected as before.
  const auto gap = come(run(3, 110), 111);
  BOOST_REQUIRE(gap.has_value());
  BOOST_TEST(gap->first == 111);
  BOOST_TEST(gap->last == 121);
}

BOOST_AUTO_TEST_CASE(a_new_owner_that_knows_all_events_is_no_gap) {
  BOOST_TEST(!come(run(1, 0), 10));
  BOOST_TEST(!come(run(2, 10), 4));  // Sent again from the outbox.
  BOOST_TEST(!come(run(3, 12), 13));
}

BOOST_AUTO_TEST_CASE(of_the_first_run_since_the_start_the_inbox_is_asked_once) {
  const auto a = run(3, 20);
  const auto gap = marks.delivered("order/0", &a, 17, 0, now);
  BOOST_REQUIRE(gap.has_value());
  BOOST_TEST(gap->outbox == "order/0");
  BOOST_TEST(gap->first == 21);
  BOOST_TEST(gap->last == 0);
  BOOST_TEST(!marks.delivered("order/0", &a, 21, 0, now));
  const auto b = run(4, 21);
  BOOST_TEST(!marks.delivered("order/0", &b, 22, 0, now));
}

BOOST_AUTO_TEST_CASE(lost_events_are_a_gap_once) {
  for (const std::int64_t epoch : {9, 8, 3}) {  // Of the run after the failover.
    fixture f;
    BOOST_TEST(!f.come(f.run(8, 10), 30));
    const auto next = f.run(epoch, 20);
    const auto gap = f.come(next, 21);
    BOOST_REQUIRE(gap.has_value());
    BOOST_TEST(gap->outbox == "order/0");
    BOOST_TEST(gap->first == 21);
    BOOST_TEST(gap->last == 30);
    BOOST_TEST(!gap->replaced);
    BOOST_TEST(!f.come(next, 22));
    BOOST_TEST(!f.come(f.run(epoch + 1, 22), 23));
  }
}

BOOST_AUTO_TEST_CASE(a_late_copy_of_an_unknown_run_is_no_gap) {
  BOOST_TEST(!come(run(5, 20), 25));
  BOOST_TEST(!come(run(4, 10), 19));
  const auto gap = come(run(4, 22), 23);  // This one is from another history.
  BOOST_REQUIRE(gap.has_value());
  BOOST_TEST(gap->last == 25);
}

BOOST_AUTO_TEST_CASE(no_mark_holds_for_a_database_restored_from_before_the_run) {
  const auto a = run(9, 100);
  come(a, 110, 105);
  now = now + seconds{121};
  come(a, 111, 110);
  BOOST_TEST(settled() == 105);
  const auto restored = run(4, 50);  // Its numbers 51 to 105 are assigned again.
  come(restored, 51, 51);
  BOOST_TEST(settled() == 0);
  now = now + seconds{121};
  come(restored, 52, 51);
  BOOST_TEST(settled() == 0);
  // If it was a late copy, the run is confirmed again.
  come(a, 112, 111);
  BOOST_TEST(settled() == 0);
  now = now + seconds{121};
  come(a, 113, 112);
  BOOST_TEST(settled() == 0);
  now = now + seconds{121};
  come(a, 114, 113);
  BOOST_TEST(settled() == 112);
}

BOOST_AUTO_TEST_CASE(a_database_in_the_place_of_another_is_said_to_be_one) {
  come(run(5, 0), 25);
  auto other = run(1, 0);
  other.database = system_ids().next_v4();
  const auto gap = come(other, 1);
  BOOST_REQUIRE(gap.has_value());
  BOOST_TEST(gap->first == 1);
  BOOST_TEST(gap->last == 25);
  BOOST_TEST(gap->replaced);
}

BOOST_AUTO_TEST_SUITE_END()
