#pragma once
// One service twice, on SQLite and on PostgreSQL (or, for carts, Redis), with the same clock, ids
// and messages: all answers and, at the end, all rows must be equal.

#include "net/front/failure.hpp"
#include "tests/simulation/random.hpp"
#include "tests/support/service_fixture.hpp"

namespace stoa::test {

/// A value as text, for comparison.
inline std::string text_of(const db::value& v) {
  struct visitor {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(std::int64_t n) const { return std::to_string(n); }
    std::string operator()(double n) const { return std::to_string(n); }
    std::string operator()(const std::string& s) const { return "'" + s + "'"; }
    std::string operator()(const uuid& u) const { return u.str(); }
  };
  return std::visit(visitor{}, v);
}

/// An answer as text. Of a problem, only the machine-readable parts: some details contain the
/// database's message.
template <class T>
std::string text_of(const result<T>& r) {
  return r ? json::write(*r)
           : std::to_string(front::status_of(r.error().kind)) + " " + r.error().code;
}

template <class S>
class twin_services {
 public:
  twin_services(const S& service, std::uint64_t seed, backend other = backend::postgres)
      : random(seed), sqlite_(service, seed, backend::sqlite), other_(service, seed, other) {}

  /// Adds the command to the next batch of both.
  template <class C>
  void send(const C& command, kernel::caller who = as_system()) {
    both([&](side& s) {
      kernel::job j;
      j.context = service_fixture<S>::context_of(who);
      j.message = kernel::any_message::of(C(command));
      add<typename C::reply>(s, std::move(j));
    });
  }
  /// Adds another service's event to the next batch of both; some are duplicated.
  template <class E>
  void add_event(const E& body) {
    if (last_event_.value.is_nil() || !random.chance(10)) last_event_ = {ids_.next_v7()};
    const auto id = last_event_;
    both([&](side& s) {
      auto e = std::make_shared<kernel::event>();
      e->seq = ++s.event_seq;
      e->event_id = id;
      e->source = "other/0";
      e->type = E::name;
      e->payload = json::write(body);
      kernel::job j;
      j.kind = kernel::job_kind::event;
      j.event = e;
      add<kernel::nothing>(s, std::move(j));
    });
  }
  /// Runs the added messages in one batch and compares the answers.
  void flush() {
    both([](side& s) { s.flush(); });
    compare("answers", sqlite_.answers, other_.answers);
    both([](side& s) { s.answers.clear(); });
    BOOST_REQUIRE(sqlite_.events.size() == other_.events.size());
    BOOST_REQUIRE(sqlite_.effects.size() == other_.effects.size());
  }
  /// Queries both and compares the answers; returns SQLite's.
  template <class Q>
  result<typename Q::reply> ask(const Q& query, kernel::caller who = as_system()) {
    auto answer = sqlite_.read(query, who);
    compare(std::string(Q::name) + " " + json::write(query), text_of(answer),
            text_of(other_.read(query, who)));
    return answer;
  }
  void sweep() { BOOST_REQUIRE(sqlite_.sweep() == other_.sweep()); }
  void advance(microseconds by) {
    both([&](side& s) { s.time.advance(by); });
  }
  timestamp now() const { return sqlite_.time.now(); }

  /// Runs the query on both; the rows and their order must be equal.
  std::vector<std::vector<db::value>> rows(const std::string& query) {
    auto left = rows_of(sqlite_, query);
    compare(query, text_of_rows(left), text_of_rows(rows_of(other_, query)));
    return left;
  }
  /// An id from the first column of the query, or a new one when it returns no rows.
  template <class Id>
  Id pick(const std::string& query) {
    auto found = rows(query);
    if (found.empty() || random.chance(3)) return Id{ids_.next_v7()};
    return Id{std::get<uuid>(found[random.below(found.size())][0])};
  }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[random.below(list.size())];
  }
  template <class Id>
  Id new_id() {
    return Id{ids_.next_v7()};
  }

  /// All rows of the records' tables, and of the kernel's.
  template <class... R>
  void compare_tables(const db::unit_of_work<R...>*) {
    (rows("SELECT " + db::column_list<R>() + " FROM " + R::table + " ORDER BY " + key_columns<R>()),
     ...);
    rows("SELECT seq,event_id,type,aggregate_id,payload,created_at FROM outbox ORDER BY seq");
    rows("SELECT event_id,source,seq,applied_at FROM inbox ORDER BY event_id");
    const auto count = rows("SELECT count(*) FROM outbox");
    BOOST_TEST_MESSAGE(S::name << ": " << text_of(count[0][0]) << " events");
  }
  void compare_tables() { compare_tables(static_cast<const typename S::records*>(nullptr)); }

  simulation::random_source random;

 private:
  struct side : service_fixture<S> {
    side(const S& s, std::uint64_t seed, backend kind)
        : service_fixture<S>(s, kind), ids(this->time, seed) {
      kernel::writer_environment environment;
      environment.time = &this->time;
      environment.ids = &ids;
      this->write_with(std::move(environment));
    }
    simulation::seeded_ids ids;
    std::vector<std::string> answers;
    std::vector<std::unique_ptr<db::sql>> asked;
  };

  template <class F>
  void both(F f) {
    f(sqlite_);
    f(other_);
  }
  template <class Reply>
  static void add(side& s, kernel::job j) {
    const auto at = s.answers.size();
    s.answers.emplace_back("none");
    j.done = [&s, at](kernel::answer a) {
      if (!a.value && !a.error) a.value = std::make_shared<Reply>();
      s.answers[at] = text_of(kernel::typed<Reply>(std::move(a)).value);
    };
    s.writer->add(std::move(j));
  }
  static std::vector<std::vector<db::value>> rows_of(side& s, const std::string& query) {
    // The connection caches the prepared statement by address, so it must not move.
    auto known = std::find_if(s.asked.begin(), s.asked.end(),
                              [&](const auto& one) { return one->text == query; });
    if (known == s.asked.end()) {
      s.asked.push_back(std::make_unique<db::sql>(db::sql{"test", query}));
      known = s.asked.end() - 1;
    }
    std::vector<std::vector<db::value>> found;
    s.database->query({known->get(), {}},
                      [&](db::row r) { found.emplace_back(r.begin(), r.end()); });
    return found;
  }
  static std::vector<std::string> text_of_rows(const std::vector<std::vector<db::value>>& rows) {
    std::vector<std::string> texts;
    for (const auto& row : rows) {
      std::string text;
      for (const auto& v : row) text += text_of(v) + " ";
      texts.push_back(std::move(text));
    }
    return texts;
  }
  template <class R>
  static std::string key_columns() {
    std::string list = "1";
    for (std::size_t i = 2; i <= R::key_columns; ++i) list += "," + std::to_string(i);
    return list;
  }
  static void compare(const std::string& what, const std::vector<std::string>& left,
                      const std::vector<std::string>& right) {
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      compare(what + ", row " + std::to_string(i), left[i], right[i]);
    }
    BOOST_REQUIRE_MESSAGE(left.size() == right.size(), what << ": SQLite has " << left.size()
                                                            << " rows, the other " << right.size());
  }
  static void compare(const std::string& what, const std::string& left, const std::string& right) {
    BOOST_REQUIRE_MESSAGE(left == right,
                          what << "\n  SQLite:     " << left << "\n  the other:  " << right);
  }

  side sqlite_;
  side other_;
  manual_clock fixed_{{1'700'000'000'000'000}};
  simulation::seeded_ids ids_{fixed_, 4711};
  stoa::event_id last_event_;
};

}  // namespace stoa::test
