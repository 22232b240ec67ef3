// Requests from other nodes and the replies to invalid ones: each request gets exactly one reply,
// and none terminates the endpoint.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/codec_service.hpp"
#include "actors/kernel/peer_answer.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"
#include "storage/kernel/partition_store.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_service.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::kernel;

constexpr seconds patience{20};

/// The toy service behind an endpoint, and a remote caller.
struct fixture {
  temp_dir folder;
  toy_service toy;
  service_registry all;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  std::optional<caf::scoped_actor> port;
  endpoint_handle endpoint;

  fixture() {
    all.options.data_dir = folder.path().string();
    all.options.codecs.add_service<toy_service>();
    all.metrics = std::make_unique<kernel_metrics>(nullptr);
    const auto path = database_path(all.options.data_dir, "toy");
    auto file = db::open_sqlite(path, db::sqlite_mode::write);
    const std::array<std::string_view, 1> modules{"kernel"};
    db::migrate(*file, "sqlite", modules);
    file->run_script(toy_tables);
    const auto grant = force_take_partition(*file, 0, "node");
    auto& entry = *all.services
                       .emplace("toy", std::make_unique<service_entry>(
                                           define_service(toy), db::sqlite_database(path), 1, 0))
                       .first->second;
    entry.partition_count = 1;
    system.emplace(config);
    entry.partitions[0].set_writer(spawn_writer(*system, runs::in_pool, all, entry, grant, {}));
    entry.partitions[0].own(grant.epoch);
    entry.partitions[0].set_relay(spawn_relay(*system, runs::in_pool, all, entry, 0));
    endpoint = spawn_endpoint(*system, all);
    port.emplace(*system);
  }
  ~fixture() {
    auto& entry = toy_entry();
    caf::anon_send_exit(endpoint, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(entry.partitions[0].writer(), caf::exit_reason::user_shutdown);
    caf::anon_send_exit(entry.partitions[0].relay(), caf::exit_reason::user_shutdown);
    entry.close();
    endpoint = nullptr;
    port.reset();
    system.reset();
  }
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  service_entry& toy_entry() { return *all.find("toy"); }
  const message_codec& codec() { return *all.options.codecs.find(add_to::name); }

  /// A command that adds one.
  wire_request sound(std::uint64_t number) {
    const auto m = any_message::of(add_to{counter(1), "one", 1});
    return {number, "toy", std::string(add_to::name), encode_context({}), codec().encode(m), 0, {}};
  }
  std::vector<wire_answer> answers_to(std::vector<wire_request> questions) {
    const auto many = questions.size();
    (*port)->send(endpoint, wire_requests{std::move(questions)});
    std::vector<wire_answer> all_answers;
    while (all_answers.size() < many) {
      bool came = false;
      (*port)->receive(
          [&](wire_answers& a) {
            came = true;
            std::move(a.content.begin(), a.content.end(), std::back_inserter(all_answers));
          },
          caf::after(patience) >> [] {});
      if (!came) break;
    }
    return all_answers;
  }
  /// The code of the rejection, "" for a successful answer.
  std::string code_of(wire_request question) {
    const auto number = question.number;
    const auto found = answers_to({std::move(question)});
    if (found.size() != 1 || found[0].number != number) return "no answer";
    if (found[0].content.empty()) return "nothing";
    const auto read = codec().decode_answer(found[0].content);
    if (!read) return "unreadable";
    return read->error ? read->error->code : "";
  }
  std::string after_change(void (*change)(wire_request&)) {
    auto question = sound(7);
    change(question);
    return code_of(std::move(question));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(endpoints, fixture)

BOOST_AUTO_TEST_CASE(what_it_cannot_make_sense_of_is_refused_by_name) {
  BOOST_TEST(after_change([](wire_request&) {}) == "");
  BOOST_TEST(after_change([](wire_request& r) { r.service = "no such"; }) == "unknown_message");
  BOOST_TEST(after_change([](wire_request& r) { r.name = "toy.newer"; }) == "unknown_message");
  BOOST_TEST(after_change([](wire_request& r) { r.name = toy_effect::name; }) == "unknown_message");
  BOOST_TEST(after_change([](wire_request& r) { r.body = "{"; }) == "malformed_message");
  BOOST_TEST(after_change([](wire_request& r) { r.body = "\xff\0"; }) == "malformed_message");
  BOOST_TEST(after_change([](wire_request& r) { r.body = "{}"; }) == "malformed_message");
  BOOST_TEST(after_change([](wire_request& r) { r.context = "[]"; }) == "malformed_message");
  // Nothing was executed, and the endpoint still works.
  BOOST_TEST(after_change([](wire_request&) {}) == "");
  BOOST_TEST(toy_entry().commands_in_flight == 0);
}

BOOST_AUTO_TEST_CASE(a_client_is_not_at_fault_when_nodes_run_different_versions) {
  const auto seen_by_client = [&](wire_request question) {
    const auto found = answers_to({std::move(question)});
    BOOST_TEST_REQUIRE(found.size() == 1U);
    return answer_of_peer(codec(), found[0].content).error.value_or(problem{});
  };
  auto question = sound(7);
  question.name = "toy.newer";
  const auto later = seen_by_client(question);
  BOOST_TEST((later.kind == problem_kind::unavailable));
  BOOST_TEST(later.code == "unavailable");
  question = sound(8);
  question.body = "{";
  BOOST_TEST(seen_by_client(question).code == "malformed_message");
  BOOST_TEST(seen_by_client(sound(9)).code == "");
  BOOST_TEST(answer_of_peer(codec(), "{").error.value().code == "internal_error");
}

BOOST_AUTO_TEST_CASE(a_watch_over_what_is_no_aggregate_is_refused_and_its_command_with_it) {
  BOOST_TEST(after_change([](wire_request& r) {
               r.watch = {"no id", {"toy.counted"}, 1000};
             }) == "malformed_message");
  // Without a command the only possible answer is an event, and there is none.
  BOOST_TEST(after_change([](wire_request& r) {
               r.name.clear();
               r.watch = {"no id", {"toy.counted"}, 1000};
             }) == "nothing");
  const auto found = answers_to({sound(1)});
  BOOST_REQUIRE(found.size() == 1U);
  auto read = codec().decode_answer(found[0].content);
  BOOST_REQUIRE(read);
  const auto count = typed<count_view>(std::move(*read)).value;
  BOOST_REQUIRE(count);
  BOOST_TEST(count->n == 1);
}

BOOST_AUTO_TEST_CASE(who_watches_gets_the_event_or_none_in_time) {
  auto question = sound(1);
  question.watch = {counter(1).value.str(), {"toy.counted"}, 10'000'000};
  auto found = answers_to({question});
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(!found[0].event.empty());
  question.watch = {counter(1).value.str(), {"toy.never"}, 50'000};
  found = answers_to({question});
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(!found[0].content.empty());
  BOOST_TEST(found[0].event.empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_here_any_more_is_asked_elsewhere) {
  toy_entry().partitions[0].own(0);
  BOOST_TEST(after_change([](wire_request&) {}) == "partition_moved");
  toy_entry().partitions[0].own(1);
}

BOOST_AUTO_TEST_CASE(what_asks_at_once_is_answered_each_by_its_number) {
  std::vector<wire_request> questions;
  for (std::uint64_t n = 1; n <= 100; ++n) questions.push_back(sound(n));
  std::set<std::uint64_t> numbers;
  for (const auto& a : answers_to(std::move(questions))) numbers.insert(a.number);
  BOOST_TEST(numbers.size() == 100U);
}

BOOST_AUTO_TEST_CASE(an_event_that_cannot_be_read_keeps_no_other_from_its_subscriber) {
  const auto text = [](std::int64_t seq, std::string payload) {
    event e;
    e.seq = seq;
    e.event_id = stoa::event_id{system_ids().next_v7()};
    e.source = "test";
    e.type = poked::name;
    e.aggregate_id = counter(1).value;
    e.payload = std::move(payload);
    return encode_event(e);
  };
  const auto sent = [&](std::int64_t seq) {
    return text(seq, R"({"id":")" + counter(1).value.str() + R"(","refuse":false})");
  };
  wire_deliveries box{"toy", {}};
  for (const auto& e : {sent(1), std::string("{"), std::string(), sent(2)}) {
    box.content.push_back({e, 0, 1, false, {}});
  }
  (*port)->send(endpoint, wire_deliveries{"no such", box.content});
  (*port)->send(endpoint, box);
  std::set<std::int64_t> applied;
  while (applied.size() < 2) {
    bool came = false;
    (*port)->receive(
        [&](const wire_verdicts& v) {
          came = true;
          BOOST_TEST(v.subscriber == "toy");
          for (const auto& one : v.content) {
            BOOST_TEST(one.refused == "");
            applied.insert(one.seq);
          }
        },
        caf::after(patience) >> [] {});
    BOOST_REQUIRE(came);
  }
  BOOST_TEST((applied == std::set<std::int64_t>{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_verdict_names_the_event_for_nodes_that_understand_it) {
  event e;
  e.seq = 7;
  e.event_id = stoa::event_id{system_ids().next_v7()};
  e.source = "test";
  e.type = poked::name;
  e.aggregate_id = counter(1).value;
  e.payload = R"({"id":")" + counter(1).value.str() + R"(","refuse":false})";
  const auto from = std::make_shared<outbox_run>(outbox_run{system_ids().next_v4(), 3, 6, {}});
  const auto text = encode_sent({std::make_shared<event>(e), from});
  (*port)->send(endpoint, wire_deliveries{"toy", {{text, 0, 1, false, {}}}});
  bool came = false;
  (*port)->receive(
      [&](const wire_event_verdicts& v) {
        came = true;
        BOOST_TEST(v.subscriber == "toy");
        BOOST_REQUIRE(v.content.size() == 1U);
        BOOST_TEST(v.content[0].seq == 7);
        BOOST_TEST(v.content[0].refused == "");
        BOOST_TEST(v.content[0].event_id == e.event_id.str());
      },
      caf::after(patience) >> [] {});
  BOOST_TEST(came);
}

BOOST_AUTO_TEST_CASE(a_message_without_a_sender_is_dropped) {
  caf::anon_send(endpoint, wire_requests{{sound(1)}});
  caf::anon_send(endpoint, wire_replay{1, "toy", counter(1).value.str()});
  event e;
  e.seq = 1;
  e.event_id = stoa::event_id{system_ids().next_v7()};
  e.source = "test";
  e.type = poked::name;
  e.aggregate_id = counter(1).value;
  e.payload = R"({"id":")" + counter(1).value.str() + R"(","refuse":false})";
  caf::anon_send(endpoint, wire_deliveries{"toy", {{encode_event(e), 0, 1, false, {}}}});
  // Its answer shows that the endpoint has processed all of them.
  BOOST_TEST(code_of(sound(2)).empty());
}

BOOST_AUTO_TEST_SUITE_END()
