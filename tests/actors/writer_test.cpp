// The guarantees of the service writer, with a small service: one transaction per batch, rejected
// messages leave nothing, repeats are answered from the record.

#include "storage/kernel/kernel_store.hpp"
#include "tests/support/idempotency.hpp"
#include "tests/support/service_fixture.hpp"
#include "tests/support/toy_sealer.hpp"
#include "tests/support/toy_service.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using kernel::call_context;
using kernel::job;
using kernel::job_kind;

/// Counters that refer to each other by number: the values along the chain from one of them.
struct follow {
  static constexpr std::string_view name = "chain.follow";
  using reply = count_view;
  stoa::product_id id;
};
BOOST_DESCRIBE_STRUCT(follow, (), (id))
struct followed {
  static constexpr std::string_view name = "test.followed";
  stoa::product_id id;
};
BOOST_DESCRIBE_STRUCT(followed, (), (id))

struct chain_service {
  static constexpr std::string_view name = "toy";
  using records = toy_records;
  using commands = boost::mp11::mp_list<follow>;
  using subscriptions = boost::mp11::mp_list<followed>;

  template <class M>
  void needs(const M& m, db::need_list<records>& list, const records& loaded) const {
    list.add<&counter_row::counter_id>(m.id);
    const auto* c = loaded.of<counter_row>().find(m.id);
    if (c && c->n != 0) needs(M{counter(static_cast<std::uint8_t>(c->n))}, list, loaded);
  }
  result<count_view> decide(const follow& m, kernel::decision<records>& d) const {
    count_view length;
    const auto* c = d.of<counter_row>().find(m.id);
    for (; c != nullptr; ++length.n) {
      c = d.of<counter_row>().find(counter(static_cast<std::uint8_t>(c->n)));
    }
    return length;
  }
  kernel::applied decide(const followed&, kernel::decision<records>&) const { return std::nullopt; }
};

struct fixture : service_fixture<toy_service> {
  fixture() : service_fixture(toy_service{}) { database->run_script(toy_tables_of(*database)); }

  std::int64_t n(std::uint8_t id) { return read(get_count{counter(id)}).value().n; }
  std::int64_t rows(const std::string& table) { return number("SELECT count(*) FROM " + table); }
  /// The writer of a process that restarts on the same database.
  void start_again(kernel::writer_environment e = {}) {
    e.time = &time;
    writer = std::make_unique<kernel::service_writer<toy_service>>(service, *database, e);
  }
  kernel::answer finish(job j) {
    kernel::answer got;
    j.done = [&got](kernel::answer a) { got = std::move(a); };
    writer->add(std::move(j));
    flush();
    return got;
  }
  kernel::event_ptr poke(std::uint8_t id, bool refuse = false, std::int64_t seq = 1) {
    return event_of(poked{counter(id), refuse}, seq);
  }
  template <class E>
  kernel::event_ptr event_of(const E& body, std::int64_t seq = 1) {
    return std::make_shared<kernel::event>(kernel::event{seq,
                                                         {system_ids().next_v7()},
                                                         "other",
                                                         std::string(E::name),
                                                         body.id.value,
                                                         json::write(body),
                                                         "",
                                                         time.now()});
  }
  kernel::answer take(const kernel::event_ptr& e, std::int64_t low_water = 0,
                      const kernel::run_ptr& from = nullptr) {
    job j;
    j.kind = job_kind::event;
    j.event = e;
    j.low_water = low_water;
    j.from = from;
    return finish(j);
  }
  static kernel::run_ptr run_after(std::int64_t last_seq, std::int64_t epoch = 1) {
    return std::make_shared<kernel::outbox_run>(
        kernel::outbox_run{system_ids().next_v4(), epoch, last_seq, {}});
  }
  /// Makes the event a dead letter and replays it later.
  kernel::answer replay_dead(const kernel::event_ptr& e) {
    job dead;
    dead.kind = job_kind::dead_letter;
    dead.event = e;
    finish(dead);
    job replay;
    replay.kind = job_kind::replay;
    replay.event_id = e->event_id;
    return finish(replay);
  }
  void keep_house() {
    writer->start_cleanup();
    while (writer->clean_up(false)) {
    }
  }
};

call_context keyed(const std::string& scope, const std::string& fingerprint = "f") {
  call_context c;
  c.idempotency_scope = scope;
  c.fingerprint = fingerprint;
  return c;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(writer, fixture)

BOOST_AUTO_TEST_CASE(a_batch_is_one_transaction_in_which_later_messages_see_earlier_ones) {
  std::vector<std::int64_t> seen;
  for (std::int64_t by : {1, 2, 3}) {
    job j;
    j.message = kernel::any_message::of(add_to{counter(1), "a", by});
    j.done = [&seen, this](kernel::answer a) {
      seen.push_back(static_cast<count_view*>(a.value.get())->n);
      BOOST_TEST(n(1) == 6, "answered before the commit");
    };
    writer->add(std::move(j));
  }
  auto report = writer->flush(256);
  BOOST_TEST(report.committed);
  BOOST_TEST(report.jobs == 3U);
  BOOST_TEST(report.events.size() == 3U);
  BOOST_TEST(report.effects.size() == 3U);
  BOOST_TEST((seen == std::vector<std::int64_t>{1, 3, 6}));
  BOOST_TEST(number("SELECT version FROM counters") == 0);  // Inserted once, never updated.
  BOOST_TEST(rows("outbox") == 3);
}

BOOST_AUTO_TEST_CASE(a_batch_takes_no_more_than_its_bound) {
  for (int i = 0; i < 5; ++i) {
    job j;
    j.message = kernel::any_message::of(add_to{counter(1), "a", 1});
    writer->add(std::move(j));
  }
  BOOST_TEST(writer->flush(3).jobs == 3U);
  BOOST_TEST(writer->waiting() == 2U);
  BOOST_TEST(n(1) == 3);
}

BOOST_AUTO_TEST_CASE(a_refused_message_leaves_no_changes) {
  auto answers = run_batch(std::vector<add_to>{
      {counter(1), "a", 2}, {counter(1), "a", -5}, {counter(2), "b", -1}, {counter(1), "a", 3}});
  BOOST_TEST(answers[0].value().n == 2);
  BOOST_TEST(code_of(answers[1]) == "negative");
  BOOST_TEST(code_of(answers[2]) == "negative");
  BOOST_TEST(answers[3].value().n == 5);
  BOOST_TEST(n(1) == 5);
  BOOST_TEST(rows("counters") == 1);
  BOOST_TEST(rows("outbox") == 2);
  BOOST_TEST(effects.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_decision_that_throws_affects_no_other_message) {
  auto answers = run_batch(
      std::vector<add_to>{{counter(1), "a", 2}, {counter(1), "a", 13}, {counter(1), "a", 3}});
  BOOST_TEST(status_of(answers[1]) == 500);
  BOOST_TEST(n(1) == 5);
  BOOST_TEST(rows("outbox") == 2);
}

BOOST_AUTO_TEST_CASE(only_the_guilty_message_of_a_batch_fails) {
  BOOST_REQUIRE(run(add_to{counter(1), "taken", 1}));
  auto answers = run_batch(std::vector<add_to>{{counter(2), "b", 1},
                                               {counter(3), "taken", 1},
                                               {counter(4), "d", 1},
                                               {counter(5), "e", 200},
                                               {counter(2), "b", 1}});
  BOOST_TEST(answers[0].value().n == 1);
  BOOST_TEST(status_of(answers[1]) == 409);  // unique name
  BOOST_TEST(answers[2].value().n == 1);
  BOOST_TEST(status_of(answers[3]) == 500);  // CHECK(n <= 100): a fault in the decision
  BOOST_TEST(answers[4].value().n == 2);
  BOOST_TEST(rows("counters") == 3);
  BOOST_TEST(rows("outbox") == 4);
}

BOOST_AUTO_TEST_CASE(a_commit_that_fails_promises_nothing) {
  kernel::writer_environment e;
  int failures = 1;
  e.probe = [&failures](kernel::step s) {
    if (s == kernel::step::before_commit && failures-- > 0) {
      throw db::error(db::error_kind::unavailable, "", "disk full");
    }
  };
  start_again(e);
  auto answers = run_batch(std::vector<add_to>{{counter(1), "a", 1}, {counter(2), "b", 1}});
  for (const auto& a : answers) BOOST_TEST(status_of(a) == 503);
  BOOST_TEST(rows("counters") == 0);
  BOOST_TEST(rows("outbox") == 0);
  BOOST_TEST(events.empty());
  BOOST_TEST(effects.empty());
  BOOST_TEST(run(add_to{counter(1), "a", 1}).value().n == 1);
}

BOOST_AUTO_TEST_CASE(a_repeated_key_gets_the_first_answer_and_acts_once) {
  BOOST_TEST(run(add_to{counter(1), "a", 5}, keyed("k")).value().n == 5);
  BOOST_TEST(!last_replayed);
  BOOST_REQUIRE(run(add_to{counter(1), "a", 1}));
  start_again();
  BOOST_TEST(run(add_to{counter(1), "a", 5}, keyed("k")).value().n == 5);
  BOOST_TEST(last_replayed);
  BOOST_TEST(n(1) == 6);
  // Also within one batch.
  auto both =
      run_batch(std::vector<add_to>{{counter(2), "b", 2}, {counter(2), "b", 2}}, keyed("l"));
  BOOST_TEST(both[0].value().n == 2);
  BOOST_TEST(both[1].value().n == 2);
  BOOST_TEST(n(2) == 2);
}

BOOST_AUTO_TEST_CASE(a_key_used_for_another_request_is_refused) {
  BOOST_REQUIRE(run(add_to{counter(1), "a", 5}, keyed("k", "one")));
  auto other = run(add_to{counter(1), "a", 6}, keyed("k", "two"));
  BOOST_TEST(status_of(other) == 422);
  BOOST_TEST(code_of(other) == "idempotency_key_reused");
  BOOST_TEST(n(1) == 5);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_repeated_too_but_not_a_failure) {
  BOOST_TEST(code_of(run(add_to{counter(1), "a", -1}, keyed("k"))) == "negative");
  BOOST_TEST(code_of(run(add_to{counter(1), "a", -1}, keyed("k"))) == "negative");
  BOOST_TEST(last_replayed);
  BOOST_TEST(status_of(run(add_to{counter(1), "a", 13}, keyed("l"))) == 500);
  BOOST_TEST(rows("idempotency") == 1);
}

BOOST_AUTO_TEST_CASE(secrets_are_sealed_before_they_are_stored) {
  toy_sealer seal;
  kernel::writer_environment e;
  e.seal = &seal;
  start_again(e);
  auto first = run(make_token{}, keyed("k"));
  auto stored = stoa::test::read_idempotency(*database, "k");
  BOOST_REQUIRE(stored.has_value());
  BOOST_TEST(stored->body.find(first.value().token) == std::string::npos);
  BOOST_TEST(run(make_token{}, keyed("k")).value().token == first.value().token);
}

BOOST_AUTO_TEST_CASE(what_grants_access_is_neither_stored_nor_answered_again) {
  const auto first = run(grant_access{}, keyed("k"));
  BOOST_TEST(rows("idempotency") == 0);
  const auto second = run(grant_access{}, keyed("k", "another request"));
  BOOST_TEST(!last_replayed);
  BOOST_TEST(second.value().token != first.value().token);
  // Nor the record of an earlier version under the key.
  database->run_script("DELETE FROM idempotency");
  run(add_to{counter(1), "a", 1}, keyed("k"));
  BOOST_TEST(rows("idempotency") == 1);
  BOOST_TEST(run(grant_access{}, keyed("k")).value().token.starts_with("grant-"));
  BOOST_TEST(!last_replayed);
}

BOOST_AUTO_TEST_CASE(who_has_waited_too_long_is_refused) {
  call_context late;
  late.deadline = time.now() - seconds{1};
  BOOST_TEST(status_of(run(add_to{counter(1), "a", 1}, late)) == 503);
  BOOST_TEST(rows("counters") == 0);
}

BOOST_AUTO_TEST_CASE(deadlines_go_by_the_clock_by_which_they_were_set) {
  manual_clock process(time.now());
  kernel::writer_environment e;
  e.deadlines = &process;
  start_again(e);
  time.advance(std::chrono::hours{1});  // that of the database
  call_context context;
  context.deadline = process.now() + seconds{1};
  BOOST_TEST(run(add_to{counter(1), "a", 1}, context).has_value());
  process.advance(seconds{2});
  BOOST_TEST(status_of(run(add_to{counter(1), "a", 1}, context)) == 503);
}

BOOST_AUTO_TEST_CASE(the_time_of_batches_goes_back_only_with_the_clock) {
  const auto stored = [&](const char* key) {
    run(add_to{counter(1), "a", 1}, keyed(key));
    return number("SELECT max(created_at) FROM idempotency");
  };
  const auto first = stored("1");
  time.set(time.now() - milliseconds{300});  // A corrected estimate.
  stored("2");
  BOOST_TEST(number("SELECT count(*) FROM idempotency WHERE created_at=" + std::to_string(first)) ==
             2);
  time.set(time.now() - std::chrono::hours{1});
  stored("3");
  BOOST_TEST(number("SELECT count(*) FROM idempotency WHERE created_at<" + std::to_string(first)) ==
             1);
}

BOOST_AUTO_TEST_CASE(an_event_acts_once) {
  auto e = poke(1);
  BOOST_TEST(!take(e).error);
  BOOST_TEST(!take(e).error);
  start_again();
  BOOST_TEST(!take(e).error);
  BOOST_TEST(n(1) == 1);
  BOOST_TEST(rows("inbox") == 1);
}

BOOST_AUTO_TEST_CASE(a_refused_event_may_come_again) {
  auto e = poke(1, true);
  BOOST_TEST(take(e).error->code == "refused");
  BOOST_TEST(rows("inbox") == 0);
  BOOST_TEST(rows("counters") == 0);
  auto broken = std::make_shared<kernel::event>(*poke(1));
  broken->payload = "{";
  BOOST_TEST(take(broken).error->code == "malformed_event");
}

BOOST_AUTO_TEST_CASE(a_low_water_mark_beyond_its_event_is_refused_and_not_applied) {
  BOOST_REQUIRE(run(add_to{counter(1), "a", 1}));
  const auto forged = take(poke(1, false, 1), std::int64_t{1} << 62);
  BOOST_REQUIRE(forged.error.has_value());
  BOOST_TEST(forged.error->code == "malformed_event");
  BOOST_TEST(n(1) == 1);
  BOOST_TEST(!take(poke(1, false, 2)).error);
  BOOST_TEST(n(1) == 2);
  // Nor is the mark of an event that was not applied.
  BOOST_TEST(take(poke(1, true, 9), 9).error->code == "refused");
  BOOST_TEST(!take(poke(1, false, 3)).error);
  BOOST_TEST(n(1) == 3);
}

BOOST_AUTO_TEST_CASE(an_event_that_the_database_refuses_counts_towards_the_dead_letters) {
  BOOST_REQUIRE(run(add_to{counter(1), "a", 100}));
  auto refused = take(poke(1));
  BOOST_REQUIRE(refused.error.has_value());
  BOOST_TEST(
      (refused.error->kind == problem_kind::internal));  // 503 would be retried indefinitely.
}

BOOST_AUTO_TEST_CASE(a_dead_letter_is_kept_and_can_be_replayed) {
  BOOST_REQUIRE(run(add_to{counter(1), "a", 100}));
  auto e = poke(1);
  job j;
  j.kind = job_kind::dead_letter;
  j.event = e;
  j.error = "too much";
  j.attempts = 10;
  BOOST_TEST(!finish(j).error);
  BOOST_TEST(!finish(j).error);
  auto list = kernel::read_dead_letters("toy", {}, *database);
  BOOST_REQUIRE(list.data.size() == 1U);
  BOOST_TEST(list.data[0].error == "too much");
  BOOST_TEST(!take(e).error);  // Given up: the relay may continue.
  BOOST_TEST(n(1) == 100);

  job replay;
  replay.kind = job_kind::replay;
  replay.event_id = e->event_id;
  BOOST_TEST((finish(replay).error->kind == problem_kind::internal));
  BOOST_TEST(rows("dead_letter") == 1);
  database->run_script("UPDATE counters SET n=50");
  BOOST_TEST(!finish(replay).error);
  BOOST_TEST(n(1) == 51);
  BOOST_TEST(rows("dead_letter") == 0);
  BOOST_TEST((finish(replay).error->kind == problem_kind::not_found));
}

BOOST_AUTO_TEST_CASE(a_replay_that_is_refused_says_why) {
  BOOST_TEST(replay_dead(poke(1, true)).error->code == "refused");
  auto list = kernel::read_dead_letters("toy", {}, *database);
  BOOST_REQUIRE(list.data.size() == 1U);
  BOOST_TEST(list.data[0].attempts == 1);
  BOOST_TEST(list.data[0].error == "Not now.");
}

BOOST_AUTO_TEST_CASE(housekeeping_deletes_expired_rows) {
  BOOST_REQUIRE(run(add_to{counter(1), "a", 1}, keyed("old")));
  const auto from = run_after(0);
  take(poke(1, false, 1), 0, from);
  take(poke(1, false, 2), 2, from);
  time.advance(seconds{3600});
  keep_house();
  BOOST_TEST(rows("inbox") == 2);    // Nothing further arrived for the mark.
  take(poke(1, false, 3), 2, from);  // The producer has deleted number 1.
  keep_house();
  BOOST_TEST(rows("inbox") == 3);  // Not at once: a copy may still be in transit.
  time.advance(seconds{130});
  take(poke(1, false, 4), 2, from);
  keep_house();
  BOOST_TEST(rows("inbox") == 3);
  BOOST_TEST(rows("idempotency") == 1);
  time.advance(seconds{86400});
  BOOST_REQUIRE(run(add_to{counter(1), "a", 1}, keyed("new")));
  keep_house();
  BOOST_TEST(rows("idempotency") == 1);
  BOOST_TEST(stoa::test::read_idempotency(*database, "new").has_value());
}

BOOST_AUTO_TEST_CASE(numbers_that_a_producers_database_gives_out_again_are_applied) {
  const auto lost = run_after(0, 5);
  for (std::int64_t seq = 1; seq <= 20; ++seq)
    BOOST_TEST(!take(poke(1, false, seq), seq, lost).error);
  BOOST_TEST(n(1) == 20);
  // A failover to a replica that had only ten of them: its epoch may be equal, or lower when a
  // change of owner was missing as well.
  for (const std::int64_t epoch : {5, 3}) {
    const auto now = run_after(10, epoch);
    const auto before = n(1);
    const auto first = poke(1, false, 11);
    BOOST_TEST(!take(first, 11, now).error);
    BOOST_TEST(!take(first, 11, now).error);
    BOOST_TEST(!take(poke(1, false, 12), 11, now).error);
    BOOST_TEST(!take(poke(1, false, 30), 11, now).error);
    BOOST_TEST(n(1) == before + 3);
    // A late copy from the lost history is applied once and changes nothing else.
    const auto late = poke(1, false, 19);
    BOOST_TEST(!take(late, 19, lost).error);
    BOOST_TEST(!take(late, 19, lost).error);
    BOOST_TEST(!take(poke(1, false, 13), 11, now).error);
    BOOST_TEST(n(1) == before + 5);
  }
}

BOOST_AUTO_TEST_CASE(acknowledged_events_leave_the_outbox_and_numbers_are_never_used_twice) {
  BOOST_REQUIRE(run(add_to{counter(1), "a", 1}));
  BOOST_REQUIRE(run(add_to{counter(1), "a", 1}));
  BOOST_TEST(events.back()->seq == 2);
  const std::int64_t both[] = {1, 2};
  writer->acknowledge(both);
  BOOST_TEST(rows("outbox") == 2);
  auto report = writer->flush(256);
  BOOST_TEST((report.deleted == std::vector<std::int64_t>{1, 2}));
  BOOST_TEST(rows("outbox") == 0);
  start_again();
  BOOST_REQUIRE(run(add_to{counter(1), "a", 1}));
  BOOST_TEST(events.back()->seq == 3);
}

BOOST_AUTO_TEST_CASE(needs_are_loaded_in_bounded_rounds_and_nothing_is_decided_without_them) {
  // 1 -> 2 -> 3 -> 4, and 5 -> 6 -> 7 -> 8 -> 9.
  for (std::uint8_t i = 1; i < 10; ++i) {
    BOOST_REQUIRE(run(add_to{counter(i), std::to_string(i), i == 4 || i == 9 ? 0 : i + 1}));
  }
  chain_service chains;
  kernel::writer_environment e;
  e.time = &time;
  writer = std::make_unique<kernel::service_writer<chain_service>>(chains, *database, e);
  BOOST_TEST(run(follow{counter(1)}).value().n == 4);
  BOOST_TEST(run(follow{counter(6)}).value().n == 4);
  const auto answers = run_batch(std::vector<follow>{{counter(1)}, {counter(5)}, {counter(2)}});
  BOOST_TEST(answers[0].value().n == 4);
  BOOST_TEST(status_of(answers[1]) == 500);
  BOOST_TEST(answers[2].value().n == 3);
  BOOST_TEST((take(event_of(followed{counter(5)})).error->kind == problem_kind::internal));
  BOOST_TEST(!take(event_of(followed{counter(1)}, 2)).error);
  BOOST_TEST(!replay_dead(event_of(followed{counter(1)}, 3)).error);
  BOOST_TEST(rows("dead_letter") == 0);
  BOOST_TEST(
      (replay_dead(event_of(followed{counter(5)}, 4)).error->kind == problem_kind::internal));
  BOOST_TEST(rows("dead_letter") == 1);
}

BOOST_AUTO_TEST_CASE(an_unknown_command_is_an_error_not_a_crash) {
  job j;
  j.message = kernel::any_message::of(get_count{counter(1)});
  BOOST_TEST((finish(j).error->kind == problem_kind::internal));
}

/// Within its process an event carries its value; the payload is parsed only without one.
BOOST_AUTO_TEST_CASE(an_event_with_a_value_is_not_parsed) {
  const poked body{counter(1), false};
  const auto with_value = [&](const kernel::value_type* type) {
    auto e = *poke(1);
    e.body = std::make_shared<const poked>(body);
    e.body_type = type;
    e.payload = "{";
    return std::make_shared<const kernel::event>(std::move(e));
  };
  BOOST_TEST(!take(with_value(&kernel::value_type_of<poked>)).error);
  BOOST_TEST(take(with_value(&kernel::value_type_of<counted>)).error.has_value());
  // What a decision emits has the value of its payload.
  run(add_to{counter(2), "two", 5});
  BOOST_REQUIRE(!events.empty());
  const auto& emitted = *events.back();
  BOOST_REQUIRE(emitted.body_type == &kernel::value_type_of<counted>);
  BOOST_TEST(kernel::json_of(*emitted.body_type, emitted.body.get()) == emitted.payload);
}

BOOST_AUTO_TEST_SUITE_END()
