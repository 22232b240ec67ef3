// Nodes between which packets are lost silently: no connection ends, and no peer is notified.

#include "tests/support/cut_network.hpp"
#include "tests/support/joined_nodes.hpp"
#include "tests/support/outbox_watch.hpp"
#include "tests/support/store_files.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t count = 3;
/// As in short_cluster_timeouts().
constexpr milliseconds dead_after{1500};
/// For a busy machine.
constexpr milliseconds slack{2000};
/// PostgreSQL's own limit for a statement and for an abandoned transaction, at most.
constexpr milliseconds statement_timeout{3000};

bool can_run_apart() {
  const auto missing = cut_network::missing();
  if (!missing.empty()) skip(missing);
  return missing.empty() && can_run();
}

enum class database_by { socket, network };

/// Three nodes in separate networks, and customers who reach each of them over another path.
class scattered_store {
 public:
  explicit scattered_store(std::string name, database_by by = database_by::socket)
      : name_(std::move(name)), net_(count), nodes_(name_, count) {
    std::string peers;
    for (std::size_t i = 0; i < count; ++i) peers += (i > 0 ? "," : "") + listens(i);
    if (by == database_by::network) {
      to_database_ = std::make_unique<tcp_proxy>(ground().postgres().port(),
                                                 tcp_proxy_place{.address = cut_network::hub});
    }
    nodes_.load(20, 1000);
    for (std::size_t i = 0; i < count; ++i) {
      auto& settings = nodes_.options(i).settings;
      change(settings, "STOA_CLUSTER_LISTEN", listens(i));
      change(settings, "STOA_CLUSTER_SECRET_FILE",
             (nodes_.data() / "keys" / "cluster.secret").string());
      change(settings, "STOA_CLUSTER_PEERS", peers);
      if (to_database_) {
        change(settings, "STOA_POSTGRES_URL",
               std::string("postgresql://stoa@") + cut_network::hub + ":" +
                   std::to_string(to_database_->port()) + "/" + name_ + "_{service}");
      }
      beside(i, [&] { nodes_.add().launch(); });
    }
    for (std::size_t i = 0; i < count; ++i) {
      beside(i, [&] { nodes_.node(i).await_ready(); });
      ways_.push_back(std::make_unique<tcp_proxy>(
          nodes_.node(i).port(),
          tcp_proxy_place{.enter = [&space = net_.space(i)] { space.enter(); }}));
    }
    nodes_.note_stock();
    // Now, because a later login could cross the cut.
    root_ = beside(0, [&] { return visitor(nodes_.node(0).port()).log_in("root"); });
    watch_outboxes(ground().postgres(), name_);
  }

  cut_network& net() { return net_; }
  joined_nodes& nodes() { return nodes_; }
  /// The path from customers to the node.
  tcp_proxy& way(std::size_t node) { return *ways_[node]; }

  /// Runs in the node's network.
  template <class Body>
  std::invoke_result_t<Body> beside(std::size_t node, Body body) {
    const visit there(net_.space(node));
    return body();
  }

  shopper_options customers() {
    auto o = nodes_.customers(count);
    o.port = ways_[0]->port();
    o.other_ports = {ways_[1]->port(), ways_[2]->port()};
    o.request_limit = request_deadline + checkout_wait + slack;
    return o;
  }

  /// Waits until the node has exactly these members, and prints how long that took.
  bool await_members(std::size_t node, std::initializer_list<std::size_t> members) {
    std::set<std::string> names;
    for (const auto m : members) names.insert("node-" + std::to_string(m + 1));
    const auto begin = steady_clock::now();
    const bool so =
        beside(node, [&] { return eventually([&] { return members_at(node) == names; }); });
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    BOOST_TEST_MESSAGE("node " << node + 1 << " knows " << names.size() << " nodes after "
                               << took.count() << " ms");
    return so;
  }
  bool can_buy_at(std::size_t node) {
    return beside(node, [&] { return nodes_.can_buy_at(node); });
  }

  /// A node with partitions of all services, once they are distributed: stock is in partition 0 as
  /// well.
  std::size_t busiest() {
    std::string owner;
    BOOST_TEST(eventually([&] {
      owner = ask("order", "SELECT owner FROM partition WHERE partition = 0");
      return ask("order", "SELECT count(DISTINCT owner) FROM partition") == "2" &&
             partitions_of(owner) >= std::size(service_databases);
    }));
    return static_cast<std::size_t>(std::stoi(owner.substr(owner.rfind('-') + 1))) - 1;
  }
  std::size_t partitions_of(const std::string& owner) {
    return sum("SELECT count(*) FROM partition WHERE owner = '" + owner + "'");
  }
  /// How often partitions have been taken over.
  std::size_t epochs() { return sum("SELECT sum(epoch) FROM partition"); }

  std::size_t orders_confirmed() {
    return std::stoul(
        ask("order", "SELECT count(*) FROM order_status_history WHERE status = 'Confirmed'"));
  }

  /// Checks the books after everything has settled, and the waiting times.
  void judge(shopping_result shopping) {
    for (const auto& [what, many] : shopping.counts) BOOST_TEST_MESSAGE(what << ": " << many);
    BOOST_TEST_MESSAGE("longest wait: " << shopping.longest_wait.count() << " ms");
    nodes_.judge(std::move(shopping));
    for (const auto& n : numbers_used_twice(ground().postgres(), name_)) BOOST_ERROR(n);
    for (std::size_t i = 0; i < count; ++i) {
      BOOST_TEST(nodes_.node(i).running(), nodes_.node(i).log_end());
    }
  }

 private:
  static std::string listens(std::size_t node) { return cut_network::address(node) + ":4242"; }

  /// Empty while the node cannot check the token's session.
  std::set<std::string> members_at(std::size_t node) {
    http_client front(nodes_.node(node).port());
    const auto answer = front.get("/admin/v1/nodes", root_);
    std::set<std::string> names;
    if (answer.status == 503) return names;
    const auto all = answer.json();
    for (const auto& n : *at(all, "/data").if_array()) names.insert(text_at(n, "/node"));
    return names;
  }
  std::string ask(std::string_view service, const std::string& sql) {
    return ground().postgres().run(name_ + "_" + std::string(service), sql);
  }
  std::size_t sum(const std::string& sql) {
    std::size_t all = 0;
    for (const auto service : service_databases) all += std::stoul(ask(service, sql));
    return all;
  }

  std::string name_;
  cut_network net_;
  std::unique_ptr<tcp_proxy> to_database_;
  joined_nodes nodes_;
  std::vector<std::unique_ptr<tcp_proxy>> ways_;
  header_list root_;  ///< the administrator's headers
};

/// An item to add to a cart; a repeat under the same key is executed once.
struct wish {
  std::string cart;
  header_list key;

  http_answer add(visitor& v, const std::string& product) const {
    return v.add(cart, product, 1, key);
  }
};

/// Enough that some are in the node's own partition, wherever a node creates its carts.
std::vector<wish> wishes(std::uint16_t port) {
  std::vector<wish> all(16);
  visitor v(port);
  for (auto& w : all) w = {v.new_cart(), {{"Idempotency-Key", unique("wish")}}};
  return all;
}

/// The first one that fails because its node is unreachable. It is rejected once that is detected.
std::optional<wish> refused(std::uint16_t port, const std::vector<wish>& all,
                            const std::string& product) {
  visitor v(port);
  for (const auto& w : all) {
    const auto begin = steady_clock::now();
    const auto a = w.add(v, product);
    if (a.status == 201) continue;
    BOOST_TEST(a.status == 503, a.body);
    BOOST_TEST((steady_clock::now() - begin < request_deadline));
    return w;
  }
  return std::nullopt;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(partition)

/// Both sides reach PostgreSQL, and each considers the others dead.
BOOST_AUTO_TEST_CASE(each_side_of_a_silent_cut_continues_and_they_rejoin_when_it_heals) {
  if (!can_run_apart()) return;
  scattered_store store("parted");
  const auto cut_off = store.busiest();
  const auto next = (cut_off + 1) % count;
  const auto last = (cut_off + 2) % count;
  shoppers customers(store.customers());
  customers.start();
  std::this_thread::sleep_for(seconds{1});
  const auto before = store.epochs();
  const auto product = store.customers().products.front();
  const auto front = store.nodes().node(next).port();
  const auto all =
      store.beside(cut_off, [&] { return wishes(store.nodes().node(cut_off).port()); });

  store.net().cut(cut_off);
  const auto begin = steady_clock::now();
  const auto rejected = store.beside(next, [&] { return refused(front, all, product); });
  BOOST_TEST_REQUIRE(rejected.has_value(), "every node is reachable");
  BOOST_TEST(store.await_members(cut_off, {cut_off}));
  BOOST_TEST(store.await_members(next, {next, last}));
  BOOST_TEST(store.await_members(last, {next, last}));
  const auto noticed = steady_clock::now() - begin;
  BOOST_TEST((noticed < 2 * dead_after + slack));
  const auto confirmed = store.orders_confirmed();
  for (std::size_t i = 0; i < count; ++i) {
    // Reads are served by the node that receives them.
    store.beside(i, [&] {
      http_client reader(store.nodes().node(i).port());
      BOOST_TEST(reader.get("/store/v1/products").status == 200);
    });
  }
  std::this_thread::sleep_for(seconds{4});
  BOOST_TEST(store.orders_confirmed() > confirmed);
  BOOST_TEST_MESSAGE(store.orders_confirmed() - confirmed
                     << " orders were confirmed, partitions taken " << store.epochs() - before
                     << " times");
  store.net().join(cut_off);
  for (std::size_t i = 0; i < count; ++i) BOOST_TEST(store.await_members(i, {0, 1, 2}));
  store.beside(next, [&] {
    visitor v(front);
    const auto a = rejected.value().add(v, product);
    BOOST_TEST(a.status == 201, a.body);
    BOOST_TEST(number_at(a.json(), "/items/0/quantity") == 1);
  });
  std::this_thread::sleep_for(seconds{1});
  customers.finish();
  auto shopping = customers.take();
  // All others were answered in time, too.
  BOOST_TEST(!shopping.counts.contains("retried: no answer"));
  store.judge(std::move(shopping));
}

/// A machine with a disconnected cable: neither the other nodes nor PostgreSQL nor customers
/// receive anything from it, until it is reconnected and packets in transit arrive.
BOOST_AUTO_TEST_CASE(a_node_that_vanished_is_replaced_and_what_it_acknowledged_is_kept) {
  if (!can_run_apart()) return;
  scattered_store store("vanished", database_by::network);
  const auto gone = store.busiest();
  const auto next = (gone + 1) % count;
  const auto last = (gone + 2) % count;
  const auto name = "node-" + std::to_string(gone + 1);
  auto impatient = store.customers();
  impatient.request_limit = request_deadline + milliseconds{500};
  shoppers customers(impatient);
  customers.start();
  std::this_thread::sleep_for(seconds{1});

  store.way(gone).hold();
  store.net().cut(gone);
  const auto begin = steady_clock::now();
  BOOST_TEST(eventually([&] { return store.partitions_of(name) == 0; }));
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  BOOST_TEST_MESSAGE("replaced after " << took.count() << " ms");
  // Its open transactions lock its partitions' rows until PostgreSQL ends them.
  BOOST_TEST((took < dead_after + statement_timeout + slack));
  BOOST_TEST(store.can_buy_at(next));
  BOOST_TEST(store.can_buy_at(last));
  // Longer than every timeout: the connections to PostgreSQL have been closed.
  std::this_thread::sleep_until(begin + statement_timeout + slack);

  store.net().join(gone);
  store.way(gone).resume();
  for (std::size_t i = 0; i < count; ++i) BOOST_TEST(store.await_members(i, {0, 1, 2}));
  BOOST_TEST(store.can_buy_at(gone));
  customers.finish();
  auto shopping = customers.take();
  BOOST_TEST(shopping.counts.contains("retried: no answer"), "no request was left unanswered");
  store.judge(std::move(shopping));
}

BOOST_AUTO_TEST_SUITE_END()
