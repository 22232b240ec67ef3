// The actors around the cores: a node with two small services on files, commands, queries, events
// from one to the other, watches, the limit on requests in flight, and a restart on the same data.

#include "actors/kernel/node.hpp"

#include "storage/db/sqlite.hpp"
#include "tests/support/counting_service.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::kernel;

/// Longer than any operation here, shorter than a test run's timeout.
constexpr seconds patience{20};

/// Counts the toy service's events, with faults.
class listener_service : public counting_service {
 public:
  static constexpr std::string_view name = "listener";

  /// While set, events are rejected.
  std::atomic<bool> closed{false};
  /// While set, queries terminate their actor.
  std::atomic<bool> fails{false};
  /// Duration of a query.
  std::atomic<milliseconds> slow{milliseconds{0}};

  applied decide(const counted& e, kernel::decision<records>& d) const {
    if (closed) return conflict("closed", "Not now.");
    return counting_service::decide(e, d);
  }
  result<count_view> read(const get_count& q, const call_context& context,
                          db::connection& c) const {
    std::this_thread::sleep_for(slow.load());
    if (fails) throw 1;
    return counting_service::read(q, context, c);
  }
};

struct fixture {
  temp_dir folder;
  toy_service toy;
  listener_service listener;
  node_options options;
  std::unique_ptr<kernel::node> running;
  std::shared_ptr<kernel::port> port;

  fixture() {
    options.data_dir = folder.path().string();
    options.actor_threads = 2;
    options.sweep_interval = milliseconds{50};
    for (const char* service : {"toy", "listener"}) {
      db::open_sqlite(database_path(options.data_dir, service), db::sqlite_mode::write)
          ->run_script(toy_tables);
    }
    start();
  }
  ~fixture() { stop(); }

  void start() {
    running = make_node(options, {define_service(toy), define_service(listener)});
    running->start();
    port = running->make_port();
  }
  void stop() {
    port.reset();
    if (running) running->stop(milliseconds{2000});
    running.reset();
  }

  template <class T>
  static T wait(std::future<T> f) {
    if (f.wait_for(patience) != std::future_status::ready) throw std::runtime_error("no answer");
    return f.get();
  }
  /// Sends the request through the port and waits for the answer.
  answer ask(const std::function<void(kernel::port&, answer_callback)>& question) {
    auto promise = std::make_shared<std::promise<answer>>();
    port->post([this, question, promise] {
      question(*port, [promise](answer a) { promise->set_value(std::move(a)); });
    });
    return wait(promise->get_future());
  }
  result<count_view> add(std::uint8_t id, std::int64_t by = 1, call_context context = {}) {
    return typed<count_view>(ask([&](kernel::port& p, answer_callback then) {
             p.command("toy", any_message::of(add_to{counter(id), std::to_string(id), by}), context,
                       std::move(then));
           }))
        .value;
  }
  std::int64_t count(std::string_view service, std::uint8_t id) {
    auto r = typed<count_view>(ask([&](kernel::port& p, answer_callback then) {
               p.query(service, any_message::of(get_count{counter(id)}), {}, std::move(then));
             })).value;
    return r ? r->n : -1;
  }
  bool becomes(std::string_view service, std::uint8_t id, std::int64_t n) {
    auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
      if (count(service, id) == n) return true;
      std::this_thread::sleep_for(milliseconds{5});
    }
    return false;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(node, fixture)

BOOST_AUTO_TEST_CASE(commands_queries_and_events_find_their_way) {
  for (std::int64_t i = 1; i <= 20; ++i) {
    BOOST_TEST(add(1).value().n == i);
    BOOST_TEST(count("toy", 1) == i);  // A reader sees acknowledged changes.
  }
  BOOST_TEST(becomes("listener", 1, 20));
  BOOST_TEST(add(2, -1).error().code == "negative");
  BOOST_TEST(count("toy", 2) == -1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_answered_is_answered_so) {
  auto unknown = ask([](kernel::port& p, answer_callback then) {
    p.command("nobody", any_message::of(make_token{}), {}, std::move(then));
  });
  BOOST_TEST((unknown.error.value().kind == problem_kind::unavailable));
  auto not_a_command = ask([](kernel::port& p, answer_callback then) {
    p.command("toy", any_message::of(get_count{}), {}, std::move(then));
  });
  BOOST_TEST((not_a_command.error.value().kind == problem_kind::internal));
  call_context late;
  late.deadline = system_time().now() - seconds{1};
  BOOST_TEST((add(1, 1, late).error().kind == problem_kind::unavailable));
}

BOOST_AUTO_TEST_CASE(a_watcher_receives_the_event_or_a_timeout) {
  auto watch = [this](std::uint8_t id, milliseconds timeout) {
    auto promise = std::make_shared<std::promise<event_ptr>>();
    port->post([=, this] {
      port->watch("toy", {counter(id).value, {std::string(counted::name)}, timeout},
                  [promise](event_ptr e) { promise->set_value(std::move(e)); });
    });
    return promise->get_future();
  };
  auto seen = watch(1, milliseconds{10'000});
  auto timed_out = watch(2, milliseconds{50});
  add(1);
  auto e = wait(std::move(seen));
  BOOST_REQUIRE(e);
  BOOST_TEST(e->type == counted::name);
  e = wait(std::move(timed_out));
  BOOST_TEST(!e);
}

BOOST_AUTO_TEST_CASE(a_watcher_may_wait_until_the_event_is_applied) {
  const auto watch = [this](std::uint8_t id, std::vector<std::string> types) {
    auto promise = std::make_shared<std::promise<event_ptr>>();
    types.push_back(std::string(applied_by) + "listener");
    port->post([=, this] {
      port->watch("toy", {counter(id).value, types, milliseconds{10'000}},
                  [promise](event_ptr e) { promise->set_value(std::move(e)); });
    });
    return promise->get_future();
  };
  // A watch for a future event; each of another aggregate, as the relay may receive an event after
  // it was applied.
  for (std::uint8_t id = 1; id <= 25; ++id) {
    auto seen = watch(id, {std::string(counted::name)});
    BOOST_REQUIRE(add(id));
    BOOST_TEST(wait(std::move(seen)));
    BOOST_TEST(count("listener", id) == 1);
  }
  // A watch for existing events.
  for (std::int64_t i = 1; i <= 25; ++i) {
    BOOST_REQUIRE(add(100));
    BOOST_TEST(!wait(watch(100, {})));
    BOOST_TEST(count("listener", 100) == i);
  }
  // The aggregate has no events: nothing to wait for.
  BOOST_TEST(!wait(watch(99, {})));
}

BOOST_AUTO_TEST_CASE(a_command_is_answered_with_the_event_that_it_causes) {
  struct outcome {
    answer reply;
    event_ptr event;
    std::chrono::steady_clock::duration took;
  };
  auto add_and_watch = [this](std::int64_t by, std::string_view type, milliseconds limit,
                              call_context context = {}) {
    auto promise = std::make_shared<std::promise<outcome>>();
    const auto began = std::chrono::steady_clock::now();
    port->post([=, this] {
      port->command_and_watch("toy", any_message::of(add_to{counter(1), "1", by}), context,
                              {counter(1).value, {std::string(type)}, limit},
                              [=](answer a, event_ptr e) {
                                promise->set_value({std::move(a), std::move(e),
                                                    std::chrono::steady_clock::now() - began});
                              });
    });
    return wait(promise->get_future());
  };
  const milliseconds long_time{8000};
  call_context keyed;
  keyed.idempotency_scope = "k";
  keyed.fingerprint = "f";
  auto done = add_and_watch(1, counted::name, long_time, keyed);
  BOOST_REQUIRE(done.event);
  BOOST_TEST(done.event->type == counted::name);
  BOOST_TEST(typed<count_view>(std::move(done.reply)).value.value().n == 1);
  auto repeated = add_and_watch(1, counted::name, long_time, keyed);
  BOOST_TEST(!repeated.event);
  BOOST_TEST(repeated.reply.replayed);
  BOOST_CHECK(repeated.took < long_time / 2);
  auto refused = add_and_watch(-1, counted::name, long_time);
  BOOST_TEST(!refused.event);
  BOOST_TEST(refused.reply.error.value().code == "negative");
  BOOST_CHECK(refused.took < long_time / 2);
  auto timed_out = add_and_watch(1, "toy.never", milliseconds{200});
  BOOST_TEST(!timed_out.event);
  BOOST_TEST(typed<count_view>(std::move(timed_out.reply)).value.value().n == 2);
  BOOST_CHECK(timed_out.took >= milliseconds{200});
}

BOOST_AUTO_TEST_CASE(a_question_without_an_answer_ends_at_its_deadline) {
  listener.slow = milliseconds{1500};
  call_context context;
  context.deadline = system_time().now() + milliseconds{100};
  const auto began = std::chrono::steady_clock::now();
  auto late = ask([&](kernel::port& p, answer_callback then) {
    p.query("listener", any_message::of(get_count{counter(1)}), context, std::move(then));
  });
  BOOST_TEST((late.error.value().kind == problem_kind::timeout));
  BOOST_CHECK(std::chrono::steady_clock::now() - began < listener.slow.load());
  listener.slow = milliseconds{0};
  add(1);
  BOOST_TEST(becomes("listener", 1, 1));
  for (const auto& h : running->health()) BOOST_TEST(h.in_flight == 0);
}

BOOST_AUTO_TEST_CASE(what_an_actor_had_begun_with_when_it_failed_is_answered_at_once) {
  listener.fails = true;
  auto lost = ask([&](kernel::port& p, answer_callback then) {
    p.query("listener", any_message::of(get_count{counter(1)}), {}, std::move(then));
  });
  BOOST_TEST((lost.error.value().kind == problem_kind::unavailable));
  listener.fails = false;
  add(1);
  BOOST_TEST(becomes("listener", 1, 1));
}

BOOST_AUTO_TEST_CASE(more_requests_than_the_bound_are_refused_at_once) {
  stop();
  options.in_flight_max = 8;
  start();
  constexpr int requests = 200;
  auto promise = std::make_shared<std::promise<int>>();
  auto refused = std::make_shared<int>(0);
  auto answered = std::make_shared<int>(0);
  port->post([=, this] {
    for (int i = 0; i < requests; ++i) {
      port->command("toy", any_message::of(add_to{counter(1), "1", 0}), {}, [=](const answer& a) {
        if (a.error && a.error->kind == problem_kind::unavailable) ++*refused;
        if (++*answered == requests) promise->set_value(*refused);
      });
    }
  });
  // The port sends them all before it receives the first answer.
  BOOST_TEST(wait(promise->get_future()) == requests - 8);
  BOOST_TEST(add(1).value().n == 1);  // It recovers.
  for (const auto& h : running->health()) {
    BOOST_TEST(h.ready);
    BOOST_TEST(h.in_flight == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_node_that_starts_again_finds_everything) {
  call_context keyed;
  keyed.idempotency_scope = "k";
  keyed.fingerprint = "f";
  listener.closed = true;
  BOOST_TEST(add(1, 1, keyed).value().n == 1);
  BOOST_TEST(add(1).value().n == 2);
  stop();
  listener.closed = false;
  start();
  BOOST_TEST(count("toy", 1) == 2);
  BOOST_TEST(add(1, 1, keyed).value().n == 1);  // The first answer again.
  BOOST_TEST(count("toy", 1) == 2);
  BOOST_TEST(becomes("listener", 1, 2));  // The outbox has kept the events.
}

BOOST_AUTO_TEST_CASE(an_event_that_is_refused_for_long_becomes_a_dead_letter_and_is_replayed) {
  stop();
  options.relay.attempts_max = 3;
  options.relay.retry_min = options.relay.retry_max = milliseconds{10};
  start();
  listener.closed = true;
  add(1);
  dead_letter_list letters;
  auto until = std::chrono::steady_clock::now() + patience;
  while (letters.data.empty() && std::chrono::steady_clock::now() < until) {
    letters = typed<dead_letter_list>(ask([](kernel::port& p, answer_callback then) {
                p.query("listener", any_message::of(dead_letters{}), {}, std::move(then));
              })).value.value();
  }
  BOOST_REQUIRE(letters.data.size() == 1U);
  BOOST_TEST(letters.data[0].error == "closed: Not now.");
  BOOST_TEST(letters.data[0].attempts == 3);
  listener.closed = false;
  auto id = letters.data[0].event_id;
  auto replayed = ask(
      [id](kernel::port& p, answer_callback then) { p.replay("listener", id, std::move(then)); });
  BOOST_TEST(!replayed.error.has_value());
  BOOST_TEST(count("listener", 1) == 1);
  add(1);
  BOOST_TEST(becomes("listener", 1, 2));
}

BOOST_AUTO_TEST_CASE(concurrent_commands_share_commits_and_none_is_lost) {
  constexpr int requests = 1000;
  auto promise = std::make_shared<std::promise<int>>();
  auto good = std::make_shared<int>(0);
  auto answered = std::make_shared<int>(0);
  port->post([=, this] {
    for (int i = 0; i < requests; ++i) {
      auto id = static_cast<std::uint8_t>(i % 50);
      port->command("toy", any_message::of(add_to{counter(id), std::to_string(id), 1}), {},
                    [=](const answer& a) {
                      if (!a.error) ++*good;
                      if (++*answered == requests) promise->set_value(*good);
                    });
    }
  });
  BOOST_TEST(wait(promise->get_future()) == requests);
  for (std::uint8_t id = 0; id < 50; ++id) BOOST_TEST(becomes("listener", id, requests / 50));
  // Acknowledged events leave the outbox.
  auto file = db::open_sqlite(database_path(options.data_dir, "toy"), db::sqlite_mode::read);
  static const db::sql left{"left", "SELECT count(*) FROM outbox"};
  std::int64_t rows = -1;
  auto until = std::chrono::steady_clock::now() + patience;
  while (rows != 0 && std::chrono::steady_clock::now() < until) {
    file->query({&left, {}}, [&](db::row r) { rows = std::get<std::int64_t>(r[0]); });
    std::this_thread::sleep_for(milliseconds{10});
  }
  BOOST_TEST(rows == 0);
}

BOOST_AUTO_TEST_CASE(a_port_calls_back_later) {
  auto promise = std::make_shared<std::promise<bool>>();
  port->post([=, this] { port->after(milliseconds{20}, [promise] { promise->set_value(true); }); });
  BOOST_TEST(wait(promise->get_future()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(node_start)

BOOST_AUTO_TEST_CASE(a_data_folder_that_cannot_be_used_stops_the_start) {
  toy_service toy;
  node_options options;
  options.data_dir = "/proc/stoa";
  auto n = make_node(options, {define_service(toy)});
  BOOST_CHECK_THROW(n->start(), std::exception);
}

BOOST_AUTO_TEST_SUITE_END()
