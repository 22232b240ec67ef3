#pragma once
// A minimal service: counters that can be incremented. Tests use it to check the kernel's
// guarantees.

#include "actors/kernel/define_service.hpp"

namespace stoa::test {

struct counter_row {
  static constexpr const char* table = "counters";
  static constexpr std::size_t key_columns = 1;
  stoa::product_id counter_id;
  std::string name;  ///< unique
  std::int64_t n = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(counter_row, (), (counter_id, name, n, version))
using toy_records = db::unit_of_work<counter_row>;

inline constexpr const char* toy_tables =
    "CREATE TABLE IF NOT EXISTS counters(counter_id BLOB NOT NULL PRIMARY KEY, name TEXT NOT NULL "
    "UNIQUE,"
    " n INTEGER NOT NULL CHECK(n <= 100), version INTEGER NOT NULL)";

/// toy_tables in the types of the connection's database.
inline std::string toy_tables_of(const db::connection& c) {
  std::string text = toy_tables;
  if (c.dialect() == "postgres") text.replace(text.find("BLOB"), 4, "UUID");
  return text;
}

struct count_view {
  std::int64_t n = 0;
};
BOOST_DESCRIBE_STRUCT(count_view, (), (n))

/// Adds to the counter, creating it if needed. A negative number is rejected after the change was
/// made; 13 throws.
struct add_to {
  static constexpr std::string_view name = "toy.add";
  using reply = count_view;
  stoa::product_id id;
  std::string title;
  std::int64_t by = 0;
};
BOOST_DESCRIBE_STRUCT(add_to, (), (id, title, by))
struct token_view {
  std::string token;
};
BOOST_DESCRIBE_STRUCT(token_view, (), (token))
struct make_token {
  static constexpr std::string_view name = "toy.make_token";
  using reply = token_view;
  static constexpr bool secret_reply = true;
};
BOOST_DESCRIBE_STRUCT(make_token, (), ())
/// Tokens are generated from the answer.
struct grant_access {
  static constexpr std::string_view name = "toy.grant_access";
  using reply = token_view;
  static constexpr bool grants_access = true;
};
BOOST_DESCRIBE_STRUCT(grant_access, (), ())
struct get_count {
  static constexpr std::string_view name = "toy.get";
  using reply = count_view;
  stoa::product_id id;
};
BOOST_DESCRIBE_STRUCT(get_count, (), (id))
struct toy_effect {
  static constexpr std::string_view name = "toy.effect";
};

struct counted {
  static constexpr std::string_view name = "toy.counted";
  stoa::product_id id;
  std::int64_t n = 0;
};
BOOST_DESCRIBE_STRUCT(counted, (), (id, n))
/// Another service's event: adds one. Rejected when `refuse` is set.
struct poked {
  static constexpr std::string_view name = "test.poked";
  stoa::product_id id;
  bool refuse = false;
};
BOOST_DESCRIBE_STRUCT(poked, (), (id, refuse))

class toy_service {
 public:
  static constexpr std::string_view name = "toy";
  using records = toy_records;
  using commands = boost::mp11::mp_list<add_to, make_token, grant_access>;
  using subscriptions = boost::mp11::mp_list<poked>;
  using queries = boost::mp11::mp_list<get_count>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  template <class M>
  void needs(const M& m, need_list& list, const records&) const {
    list.add<&counter_row::counter_id>(m.id);
  }
  void needs(const make_token&, need_list&, const records&) const {}
  void needs(const grant_access&, need_list&, const records&) const {}

  result<count_view> decide(const add_to& m, decision& d) const {
    auto& counter = add(d, m.id, m.title, m.by);
    d.emit(m.id, counted{m.id, counter.n});
    d.effect(toy_effect{});
    if (m.by == 13) throw std::runtime_error("unlucky");
    if (m.by < 0) return conflict("negative", "Counters only grow.");
    return count_view{counter.n};
  }
  result<token_view> decide(const make_token&, decision& d) const {
    return token_view{"secret-" + d.new_secret_id<stoa::session_id>().str()};
  }
  result<token_view> decide(const grant_access&, decision& d) const {
    return token_view{"grant-" + d.new_secret_id<stoa::session_id>().str()};
  }
  kernel::applied decide(const poked& e, decision& d) const {
    add(d, e.id, e.id.str(), 1);
    if (e.refuse) return conflict("refused", "Not now.");
    return std::nullopt;
  }

  result<count_view> read(const get_count& q, const kernel::call_context&,
                          db::connection& c) const {
    static const db::sql by_id{"toy by id", "SELECT n FROM counters WHERE counter_id=$1"};
    std::optional<count_view> found;
    c.query({&by_id, db::params(q.id)},
            [&](db::row r) { found = count_view{std::get<std::int64_t>(r[0])}; });
    if (!found) return not_found("counter");
    return *found;
  }
  kernel::due_work due(db::connection&, timestamp, bool) const { return {}; }

 private:
  static counter_row& add(decision& d, stoa::product_id id, const std::string& title,
                          std::int64_t by) {
    auto& all = d.of<counter_row>();
    auto& counter = all.find(id) ? all.edit(id) : all.insert({id, title, 0, 0});
    counter.n += by;
    return counter;
  }
};

inline kernel::service_definition definition_of(const toy_service& service) {
  return kernel::define_service(service);
}

/// An id that a test can choose.
inline stoa::product_id counter(std::uint8_t n) {
  stoa::product_id id;
  id.value.bytes[15] = n;
  return id;
}

}  // namespace stoa::test
