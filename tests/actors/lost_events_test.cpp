// A subscriber detects that its producer's database has lost events which were applied here.

#include "tests/support/service_fixture.hpp"
#include "tests/support/toy_service.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using kernel::job;
using kernel::outbox_run;

struct fixture : service_fixture<toy_service> {
  fixture() : service_fixture(toy_service{}) { database->run_script(toy_tables_of(*database)); }

  void start_again() {
    kernel::writer_environment e;
    e.time = &time;
    write_with(e);
  }
  /// Ids of runs and events, by the producer's clock.
  uuid made(seconds after) const {
    const auto ms = (base + after).us / 1000;
    return make_uuid_v7(static_cast<std::uint64_t>(ms), 1, ++ids << 2);
  }
  outbox_run run(seconds after, std::int64_t epoch, std::int64_t last_seq) const {
    return {made(after), epoch, last_seq, {}};
  }
  /// The gaps reported on arrival of this event.
  std::vector<kernel::outbox_gap> come(seconds made_after, std::int64_t seq,
                                       const outbox_run& from) {
    const poked body{counter(1), false};
    job j;
    j.kind = kernel::job_kind::event;
    j.event = std::make_shared<kernel::event>(kernel::event{seq,
                                                            {made(made_after)},
                                                            "other",
                                                            std::string(poked::name),
                                                            body.id.value,
                                                            json::write(body),
                                                            "",
                                                            time.now()});
    j.from = std::make_shared<outbox_run>(from);
    writer->add(std::move(j));
    return writer->flush(256).gaps;
  }

  timestamp base = system_time().now();
  mutable std::uint64_t ids = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_events, fixture)

BOOST_AUTO_TEST_CASE(they_are_reported_once) {
  come(seconds{1}, 20, run(seconds{0}, 1, 0));
  const auto next = run(seconds{2}, 1, 12);
  const auto found = come(seconds{3}, 13, next);
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].outbox == "other/0");
  BOOST_TEST(found[0].first == 13);
  BOOST_TEST(found[0].last == 20);
  BOOST_TEST(come(seconds{4}, 14, next).empty());
}

/// Events lost by the producer are still in the inbox.
BOOST_AUTO_TEST_CASE(a_subscriber_that_was_restarted_finds_them_too) {
  const auto first = run(seconds{0}, 1, 0);
  for (const std::int64_t seq : {11, 13, 17}) come(seconds{1}, seq, first);
  for (std::int64_t at = 13; at < 40; at += 10) {
    const auto next = run(seconds{at}, 2, 12);
    start_again();
    const auto found = come(seconds{at + 1}, at, next);
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].outbox == "other/0");
    BOOST_TEST(found[0].first == 13);
    BOOST_TEST(found[0].last >= 17);
    BOOST_TEST(come(seconds{at + 2}, at + 1, next).empty());
  }
}

BOOST_AUTO_TEST_CASE(what_a_run_knows_of_or_has_sent_itself_is_not_lost) {
  const auto first = run(seconds{0}, 1, 5);
  BOOST_TEST(come(seconds{1}, 6, first).empty());
  BOOST_TEST(come(seconds{60}, 17, first).empty());
  start_again();
  BOOST_TEST(come(seconds{61}, 18, first).empty());
  start_again();
  BOOST_TEST(come(seconds{71}, 19, run(seconds{70}, 2, 18)).empty());
  // A batch that was in progress when the run began.
  start_again();
  BOOST_TEST(come(seconds{72}, 20, run(seconds{72}, 3, 18)).empty());
}

BOOST_AUTO_TEST_CASE(ids_prove_nothing_when_they_are_random_or_of_a_clock_that_was_set_back) {
  come(seconds{1}, 17, run(seconds{0}, 1, 0));
  start_again();
  BOOST_TEST(come(seconds{20}, 13, {system_ids().next_v4(), 2, 12, {}}).empty());
  start_again();
  BOOST_TEST(come(seconds{20}, 14, run(seconds{3600}, 3, 12)).empty());
}

BOOST_AUTO_TEST_SUITE_END()
