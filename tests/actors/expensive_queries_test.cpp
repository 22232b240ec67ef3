// Expensive queries have separate readers: cheap queries never wait for them, their queue is
// bounded, and each has a time limit.

#include "actors/kernel/node.hpp"
#include "net/front/failure.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_service.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::kernel;

constexpr seconds patience{20};

/// Counts up to `to` in SQL; waits first while the service is held.
struct count_up {
  static constexpr std::string_view name = "busy.count_up";
  using reply = count_view;
  std::int64_t to = 1;
  bool by_key = false;
};
BOOST_DESCRIBE_STRUCT(count_up, (), (to, by_key))

class busy_service {
 public:
  static constexpr std::string_view name = "busy";
  using records = toy_records;
  using commands = boost::mp11::mp_list<>;
  using subscriptions = boost::mp11::mp_list<>;
  using queries = boost::mp11::mp_list<count_up>;
  using need_list = db::need_list<records>;

  std::atomic<bool> held{false};
  mutable std::atomic<int> holding{0};

  result<count_view> read(const count_up& q, const call_context&, db::connection& c) const {
    if (!q.by_key) {
      ++holding;
      while (held) std::this_thread::sleep_for(milliseconds{1});
      --holding;
    }
    static const db::sql counting{"count up",
                                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n"
                                  " WHERE i<$1) SELECT count(*) FROM n"};
    count_view found;
    c.query({&counting, db::params(q.to)},
            [&](db::row r) { found.n = std::get<std::int64_t>(r[0]); });
    return found;
  }
  due_work due(db::connection&, timestamp, bool) const { return {}; }
};

query_cost cost_of(const count_up& q) {
  return q.by_key ? query_cost::cheap : query_cost::expensive;
}

service_definition definition_of(const busy_service& service) {
  auto d = define_service(service);
  d.set_cost<count_up, cost_of>();
  return d;
}

struct fixture {
  temp_dir folder;
  busy_service busy;
  node_options options;
  std::unique_ptr<kernel::node> running;
  std::shared_ptr<kernel::port> port;

  fixture() {
    options.data_dir = folder.path().string();
    options.actor_threads = 2;
    options.expensive_readers = 2;
    options.expensive_in_flight_max = 6;
    options.query_time_max = milliseconds{100};
    running = make_node(options, {definition_of(busy)});
    running->start();
    port = running->make_port();
  }
  ~fixture() {
    busy.held = false;
    port.reset();
    running->stop(milliseconds{2000});
  }

  std::future<answer> ask(count_up q) {
    auto promise = std::make_shared<std::promise<answer>>();
    port->post([this, q, promise] {
      port->query("busy", any_message::of(q), {},
                  [promise](answer a) { promise->set_value(std::move(a)); });
    });
    return promise->get_future();
  }
  /// The count, or the problem's code.
  static std::string result_of(std::future<answer>& f) {
    if (f.wait_for(patience) != std::future_status::ready) return "no answer";
    const auto a = typed<count_view>(f.get()).value;
    return a ? std::to_string(a->n)
             : std::to_string(front::status_of(a.error().kind)) + " " + a.error().code;
  }
  std::string asked(count_up q) {
    auto f = ask(q);
    return result_of(f);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(expensive_queries, fixture)

BOOST_AUTO_TEST_CASE(cheap_queries_do_not_wait_for_expensive_ones) {
  busy.held = true;
  std::vector<std::future<answer>> slow;
  for (std::size_t i = 0; i < options.expensive_in_flight_max; ++i) slow.push_back(ask({3}));
  const auto until = std::chrono::steady_clock::now() + patience;
  while (busy.holding < 2 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  BOOST_TEST(busy.holding == 2, "as many as there are readers");
  for (int i = 1; i <= 100; ++i) {
    BOOST_REQUIRE(asked({i, true}) == std::to_string(i));
  }
  BOOST_TEST(busy.holding == 2);
  busy.held = false;
  for (auto& f : slow) BOOST_TEST(result_of(f) == "3");
}

BOOST_AUTO_TEST_CASE(more_than_may_wait_are_refused_at_once) {
  busy.held = true;
  std::vector<std::future<answer>> slow;
  for (std::size_t i = 0; i < options.expensive_in_flight_max; ++i) slow.push_back(ask({3}));
  for (int i = 0; i < 10; ++i) BOOST_TEST(asked({3}) == "503 overloaded");
  BOOST_TEST(asked({5, true}) == "5", "cheap queries have a separate bound");
  busy.held = false;
  for (auto& f : slow) BOOST_TEST(result_of(f) == "3");
  BOOST_TEST(asked({3}) == "3", "answered queries no longer count");
}

BOOST_AUTO_TEST_CASE(what_takes_too_long_is_ended) {
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(asked({std::int64_t{1} << 40}) == "503 query_too_expensive");
  BOOST_TEST((std::chrono::steady_clock::now() - began < patience));
  BOOST_TEST(asked({1000}) == "1000", "the reader continues");
  BOOST_TEST(asked({1000}) == "1000");
}

BOOST_AUTO_TEST_SUITE_END()
