// Operators' commands for events: discarding a dead letter, applying an event at one service.

#include "actors/kernel/kernel_commands.hpp"
#include "tests/support/service_fixture.hpp"
#include "tests/support/toy_service.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using kernel::job;
using kernel::job_kind;

struct fixture : service_fixture<toy_service> {
  fixture() : service_fixture(toy_service{}) { database->run_script(toy_tables_of(*database)); }

  std::int64_t n(std::uint8_t id) { return read(get_count{counter(id)}).value().n; }
  std::int64_t rows(const std::string& table) { return number("SELECT count(*) FROM " + table); }
  kernel::answer finish(job j) {
    kernel::answer got;
    j.done = [&got](kernel::answer a) { got = std::move(a); };
    writer->add(std::move(j));
    flush();
    return got;
  }
  template <class Command>
  kernel::answer command(Command c) {
    job j;
    j.message = kernel::any_message::of(std::move(c));
    j.context.who.kind = kernel::caller_kind::system;
    return finish(std::move(j));
  }
  /// A dead letter that the service rejects.
  stoa::event_id dead_letter() {
    auto e = std::make_shared<kernel::event>();
    e->seq = 1;
    e->event_id = {system_ids().next_v7()};
    e->source = "other";
    e->type = poked::name;
    e->aggregate_id = counter(1).value;
    e->payload = json::write(poked{counter(1), true});
    e->created_at = time.now();
    job j;
    j.kind = job_kind::dead_letter;
    j.event = e;
    j.error = "Not now.";
    finish(std::move(j));
    return e->event_id;
  }
  kernel::answer give(bool refuse) {
    return command(kernel::apply_event{{counter(1).value},
                                       "other",
                                       std::string(poked::name),
                                       json::write(poked{counter(1), refuse}),
                                       "lost by a fail-over"});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(operator_commands, fixture)

BOOST_AUTO_TEST_CASE(a_dead_letter_that_is_given_up_is_kept_with_the_reason) {
  const auto letter = dead_letter();
  BOOST_TEST(rows("dead_letter") == 1);
  BOOST_TEST(!command(kernel::discard_dead_letter{letter, "no use"}).error);
  BOOST_TEST(rows("dead_letter") == 0);
  BOOST_TEST(rows("operator_action WHERE action='discarded' AND reason='no use' AND"
                  " actor='system' AND type='test.poked' AND error='Not now.'") == 1);
  BOOST_TEST((command(kernel::discard_dead_letter{letter, "again"}).error->kind ==
              problem_kind::not_found));
  BOOST_TEST(rows("operator_action") == 1);
}

BOOST_AUTO_TEST_CASE(what_was_done_to_an_order_is_kept) {
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(!command(kernel::note_operation{
                            {counter(1).value}, "redriven", R"({"done":[]})", "a customer asked"})
                    .error);
  }
  BOOST_TEST(rows("operator_action") == 2);
  BOOST_TEST(rows("operator_action WHERE action='redriven' AND reason='a customer asked' AND"
                  " actor='system' AND type='' AND payload='{\"done\":[]}'") == 2);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_given_to_one_service_is_applied_or_leaves_nothing) {
  BOOST_TEST(!give(false).error);
  BOOST_TEST(n(1) == 1);
  BOOST_TEST(rows("operator_action WHERE action='applied' AND reason='lost by a fail-over'") == 1);
  BOOST_TEST(give(true).error->code == "refused");
  BOOST_TEST(n(1) == 1);
  BOOST_TEST(rows("operator_action") == 1);
  BOOST_TEST(rows("dead_letter") == 0);
}

BOOST_AUTO_TEST_CASE(the_answer_says_whether_an_event_changed_anything) {
  const auto changed = [](const kernel::answer& a) {
    BOOST_TEST_REQUIRE(!a.error);
    return static_cast<const kernel::event_applied*>(a.value.get())->changed;
  };
  BOOST_TEST(changed(give(false)));
  BOOST_TEST(rows("operator_action") == 1);
  const auto ignored = command(kernel::apply_event{
      {counter(1).value}, "other", "test.not_subscribed", "{}", "lost by a fail-over"});
  BOOST_TEST(!changed(ignored));
  BOOST_TEST(rows("operator_action") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
