#pragma once
// One service on a fresh database (tests/support/test_database.hpp), driven batch by batch without
// actors, with a simulated clock.

#include "actors/kernel/gathered.hpp"
#include "actors/kernel/service_definition.hpp"
#include "net/front/failure.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stoa::test {

inline kernel::caller as_user(stoa::user_id id, kernel::role r = kernel::role::customer) {
  return {kernel::caller_kind::user, id, r};
}
inline kernel::caller as_system() {
  return {kernel::caller_kind::system, {}, kernel::role::customer};
}

template <class S>
class service_fixture {
 public:
  explicit service_fixture(S s, backend kind = chosen_backend())
      : service(std::move(s)), database(fresh_database(S::name, kind)) {
    kernel::writer_environment settings;
    settings.time = &time;
    write_with(settings);
  }

  /// Replaces the writer by one with these settings.
  void write_with(kernel::writer_environment settings) {
    writer = definition_of(service).make_writer(*database, std::move(settings));
  }

  /// Runs the command in a separate batch.
  template <class C>
  result<typename C::reply> run(C command, kernel::call_context context = {}) {
    auto answers = run_batch(std::vector<C>{std::move(command)}, std::move(context));
    return std::move(answers.front());
  }
  template <class C>
  result<typename C::reply> run(C command, kernel::caller who) {
    return run(std::move(command), context_of(who));
  }

  /// Runs all commands in one batch.
  template <class C>
  std::vector<result<typename C::reply>> run_batch(std::vector<C> commands,
                                                   kernel::call_context context = {}) {
    std::vector<kernel::answer> answers(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      kernel::job j;
      j.context = context;
      j.message = kernel::any_message::of(std::move(commands[i]));
      j.done = [&answers, i](kernel::answer a) { answers[i] = std::move(a); };
      writer->add(std::move(j));
    }
    flush();
    std::vector<result<typename C::reply>> replies;
    for (auto& a : answers) {
      last_replayed = a.replayed;
      replies.push_back(kernel::typed<typename C::reply>(std::move(a)).value);
    }
    return replies;
  }

  /// An event of another service; the same id makes it the same event.
  template <class E>
  kernel::applied apply(const E& body, stoa::event_id id = {system_ids().next_v7()}) {
    auto e = std::make_shared<kernel::event>();
    e->seq = ++event_seq;
    e->event_id = id;
    e->source = "test";
    e->type = E::name;
    e->payload = json::write(body);
    kernel::job j;
    j.kind = kernel::job_kind::event;
    j.event = e;
    kernel::applied outcome;
    j.done = [&outcome](kernel::answer a) { outcome = std::move(a.error); };
    writer->add(std::move(j));
    flush();
    return outcome;
  }

  template <class Q>
  result<typename Q::reply> read(const Q& query, kernel::caller who = {}) {
    return kernel::read_one(service, query, context_of(who), *database);
  }

  /// Runs the commands that the sweep returns; returns their number.
  std::size_t sweep(bool starting = false) {
    auto work = service.due(*database, time.now(), starting);
    for (auto& m : work.commands) {
      kernel::job j;
      j.context.who = as_system();
      j.message = std::move(m);
      writer->add(std::move(j));
    }
    flush();
    return work.commands.size();
  }

  /// Deletes expired rows; returns their number.
  std::size_t clean_up() {
    std::size_t rows = 0;
    writer->start_cleanup();
    while (auto slice = writer->clean_up(false)) rows += slice->rows;
    return rows;
  }

  /// The first column of the first row, as a number.
  std::int64_t number(const std::string& text) {
    std::int64_t found = -1;
    // The connection caches the prepared statement by address, so it must not move.
    statements_.push_back(std::make_unique<db::sql>(db::sql{"test", text}));
    database->query({statements_.back().get(), {}},
                    [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
    return found;
  }

  static kernel::call_context context_of(kernel::caller who) {
    kernel::call_context context;
    context.who = who;
    return context;
  }

  void flush() {
    while (writer->waiting() > 0) {
      auto report = writer->flush(256);
      for (auto& e : report.events) events.push_back(std::move(e));
      for (auto& e : report.effects) effects.push_back(std::move(e));
    }
  }

  S service;
  manual_clock time{{1'700'000'000'000'000}};
  std::unique_ptr<db::connection> database;
  std::unique_ptr<kernel::writer_core> writer;
  std::vector<kernel::event_ptr> events;     ///< all that were emitted
  std::vector<kernel::any_message> effects;  ///< all that were requested
  bool last_replayed = false;
  std::int64_t event_seq = 0;

 private:
  std::vector<std::unique_ptr<db::sql>> statements_;
};

/// The code of a rejection, "" on success.
template <class T>
std::string code_of(const result<T>& r) {
  return r ? std::string() : r.error().code;
}
template <class T>
int status_of(const result<T>& r) {
  return r ? 200 : front::status_of(r.error().kind);
}

}  // namespace stoa::test
