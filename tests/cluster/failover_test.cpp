// PostgreSQL fails over to a streaming replica under three nodes: to a complete one and to one that
// lagged. The replica's missing changes are lost; everything afterwards works, and the loss is
// reported.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/postgres_standby.hpp"
#include "tests/support/service_sockets.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/store_files.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// max_connections of the ground's server.
constexpr int connections_max = 900;
/// From the moment when the new primary accepts writes until purchases succeed again.
constexpr seconds recovery_max{40};
constexpr std::size_t purchases = 9;

/// The orders in the temporary table `fresh` that are not bought, paid, reserved and notified
/// correctly. Their lost predecessors do not matter.
constexpr const char* wrong_orders = R"(
  SELECT f.oid, o.status, p.status, o.total_amount, p.amount,
         (SELECT group_concat(c.status || ' ' || c.amount) FROM bank.charges c
          WHERE upper(replace(c.order_id,'-','')) = f.oid) AS charges,
         (SELECT group_concat(n.template_name || ' ' || n.status)
          FROM notification_db.notifications n WHERE n.order_id = o.order_id) AS mails,
         (SELECT count(*) FROM order_db.order_items i LEFT JOIN catalog_db.reservations r
            ON r.order_id = i.order_id AND r.product_id = i.product_id
          WHERE i.order_id = o.order_id
            AND (r.status IS NOT 'Sold' OR r.quantity <> i.quantity)) AS not_sold
  FROM fresh f LEFT JOIN order_db.orders o ON hex(o.order_id) = f.oid
       LEFT JOIN payment_db.payments p ON p.order_id = o.order_id
  WHERE o.status IS NOT 'Confirmed' OR p.status IS NOT 'Completed'
     OR p.amount IS NOT o.total_amount OR charges IS NOT 'paid ' || o.total_amount
     OR mails IS NOT 'confirmed Sent' OR not_sold <> 0)";

/// A store whose databases move between servers.
class moving_store {
 public:
  explicit moving_store(std::string fault = {})
      : ground_({.nats = false}),
        ways_(dir_ / "pg", "shop"),
        nodes_(ground_, options(std::move(fault))) {
    ways_.lead_all_to(ground_.postgres());
    nodes_.load(12, 100'000);
    ways_.note_place(nodes_.data());
    nodes_.start();
    goods_ = visitor(nodes_.ports().front()).goods();
  }

  cluster& nodes() { return nodes_; }
  postgres_server& server_of_all() { return servers_.empty() ? ground_.postgres() : *servers_[0]; }

  /// Buys at every node in turn and waits up to `patience` for each outcome; returns the number of
  /// placed orders.
  std::size_t buy(std::size_t count = purchases, seconds patience = seconds{20}) {
    std::size_t placed = 0;
    const auto ports = nodes_.ports();
    for (std::size_t i = 0; i < count; ++i) {
      try {
        visitor v(ports[i % ports.size()], seconds{30});
        const auto cart = v.cart_with(goods_[i % goods_.size()].id, 1);
        const auto a =
            v.checkout(cart, {}, {{"Prefer", "wait=" + std::to_string(patience.count())}});
        // While a partition moves, the checkout does not wait for the outcome.
        const bool good = a.status == 201 || a.status == 202;
        placed += good ? 1U : 0U;
        if (good) fresh_.push_back(text_at(a.json(), "/order_id"));
        if (!good) last_ = std::to_string(a.status) + " " + a.body;
      } catch (const std::exception& e) {
        last_ = e.what();
      }
    }
    return placed;
  }
  const std::string& last() const { return last_; }

  std::unique_ptr<postgres_standby> standby_of(postgres_server& s, bool synchronous) {
    return std::make_unique<postgres_standby>(
        s,
        postgres_standby_options{.synchronous = synchronous, .max_connections = connections_max});
  }

  /// Stops the server and moves all databases to the standby.
  void fail_over(postgres_server& from, std::unique_ptr<postgres_standby> to) {
    from.kill();
    to->promote();
    fresh_.clear();
    ways_.lead_all_to(*to);
    servers_.push_back(std::move(to));
  }
  /// Moves only the order service's database; the others stay on the remaining server.
  void fail_over_orders(const postgres_server& from, std::unique_ptr<postgres_standby> to) {
    from.run("postgres", "ALTER DATABASE shop_order ALLOW_CONNECTIONS false");
    from.run("postgres",
             "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
             " WHERE datname='shop_order'");
    to->promote();
    fresh_.clear();
    ways_.lead("order", *to);
    servers_.push_back(std::move(to));
  }

  /// Everything works once the nodes have noticed.
  void expect_to_sell(const char* when) {
    const auto begun = steady_clock::now();
    const bool again = eventually([&] { return buy(3, seconds{2}) == 3; }, recovery_max);
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
    BOOST_TEST_MESSAGE(when << ": sells again after " << took.count() << " ms");
    BOOST_TEST(again, when << ": " << last_);
    expect_none_pending(when);
    const auto before = orders("status='Confirmed'");
    const auto sold = buy();
    BOOST_TEST(sold == purchases, when << ": " << sold << " of " << purchases << ": " << last_);
    nodes_.await_ready();
    expect_none_pending(when);
    BOOST_TEST(orders("status='Confirmed'") - before == std::int64_t{purchases}, when);
    expect_right(when);
  }
  /// All orders placed since the failover, according to the databases, the bank's ledger and the
  /// mails.
  void expect_right(const char* when) const {
    std::vector<store_files::row> wrong;
    const bool right = eventually([&] { return (wrong = look_for_wrong_orders()).empty(); });
    BOOST_TEST(fresh_.size() >= purchases, when);
    if (right) return;
    for (const auto& row : wrong) {
      std::string text;
      for (const auto& value : row) text += value + " | ";
      BOOST_ERROR(std::string(when) + ": " + text);
    }
  }
  std::int64_t orders(const std::string& which) const {
    return store_files(nodes_.data()).number("SELECT count(*) FROM order_db.orders WHERE " + which);
  }
  void expect_none_pending(const char* when) const {
    BOOST_TEST(eventually([&] { return pending_orders() == 0; }),
               when << ": " << pending_orders() << " orders stay Pending");
  }
  std::int64_t pending_orders() const { return orders("status='Pending'"); }
  bool logged(const std::string& text) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_.node(i).log_end(1'000'000).find(text) != std::string::npos) return true;
    }
    return false;
  }
  /// The node with the order service's first partition.
  std::size_t owner_of_orders() const {
    const auto owner =
        servers_.back()->run("shop_order", "SELECT owner FROM partition WHERE partition=0");
    return static_cast<std::size_t>(std::stoi(owner.substr(owner.rfind('-') + 1))) - 1;
  }

 private:
  std::vector<store_files::row> look_for_wrong_orders() const {
    store_files files(nodes_.data());
    files.run("CREATE TEMP TABLE fresh(oid TEXT)");
    for (const auto& id : fresh_) {
      files.run("INSERT INTO fresh VALUES(upper(replace(?,'-','')))", {id});
    }
    return files.rows(wrong_orders);
  }
  cluster_options options(std::string fault) {
    cluster_options o;
    if (!fault.empty()) o.program = stoa_with_faults();
    o.data = dir_ / "data";
    o.settings = short_cluster_timeouts();
    o.settings.emplace_back("STOA_POSTGRES_URL", ways_.url());
    if (!fault.empty()) o.settings.emplace_back("STOA_FAULT", std::move(fault));
    return o;
  }

  temp_dir dir_;
  cluster_ground ground_;
  std::vector<std::unique_ptr<postgres_standby>> servers_;
  service_sockets ways_;
  cluster nodes_;
  std::vector<good> goods_;
  std::vector<std::string> fresh_;  ///< orders placed since the last fail-over
  std::string last_;
};

constexpr const char* gap_found = "the producer's database has lost events";

bool can_run() {
  const auto missing = cluster_ground::missing({});
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

/// Sells, lets the standby fall behind, sells again.
std::unique_ptr<postgres_standby> lagging_standby(moving_store& store, postgres_server& of) {
  auto standby = store.standby_of(of, false);
  BOOST_TEST(store.buy() == purchases);
  standby->await_replay();
  standby->cut_off();
  BOOST_TEST(store.buy(2 * purchases) == 2 * purchases);
  return standby;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failover)

BOOST_AUTO_TEST_CASE(after_each_fail_over_everything_new_works) {
  if (!can_run()) return;
  moving_store store;
  auto& first = store.server_of_all();
  {
    auto standby = store.standby_of(first, true);
    BOOST_TEST(store.buy() == purchases);
    store.fail_over(first, std::move(standby));
    store.expect_to_sell("synchronous");
    BOOST_TEST(await_quiet(store.nodes().data(), seconds{60}));
    BOOST_TEST(!store.logged(gap_found));
    check_options check;
    check.data = store.nodes().data();
    const auto report = check_store(check);
    for (const auto& v : report.violations) BOOST_ERROR("synchronous: " + v);
    // As after a node released a partition under an epoch that was assigned twice.
    const auto& server = store.server_of_all();
    for (const std::string service : {"user", "order"}) {
      const auto database = "shop_" + service;
      server.run(database, "UPDATE partition SET owner=''");
      BOOST_TEST(eventually([&] {
                   return server.run(database, "SELECT count(*) FROM partition WHERE owner=''") ==
                          "0";
                 }),
                 service);
    }
    store.expect_to_sell("released by another");
  }
  auto& second = store.server_of_all();
  {
    auto standby = lagging_standby(store, second);
    store.fail_over_orders(second, std::move(standby));
    store.expect_to_sell("one database");
    BOOST_TEST(store.logged(gap_found));
    BOOST_TEST(store.logged("the database has lost committed changes"));
  }
}

BOOST_AUTO_TEST_CASE(a_fail_over_with_another_owner_loses_nothing_new) {
  if (!can_run()) return;
  moving_store store;
  auto& first = store.server_of_all();
  auto standby = lagging_standby(store, first);
  store.fail_over(first, std::move(standby));
  const auto owner = store.owner_of_orders();
  store.nodes().node(owner).kill();
  std::this_thread::sleep_for(seconds{2});
  store.nodes().node(owner).start();
  store.expect_to_sell("asynchronous, with another owner");
}

BOOST_AUTO_TEST_CASE(a_mark_of_another_history_is_found_out) {
  if (!can_run()) return;
  moving_store store("believe_old_mark");
  auto& first = store.server_of_all();
  auto standby = lagging_standby(store, first);
  store.fail_over_orders(first, std::move(standby));
  std::int64_t stuck = 0;
  for (int round = 0; round < 8 && stuck == 0; ++round) {
    store.buy(purchases, seconds{1});
    std::this_thread::sleep_for(seconds{2});
    stuck = store.pending_orders();
  }
  BOOST_TEST(stuck > 0, "no order stays Pending: " << store.last());
}

/// All databases are dropped and recreated; the broker still has events of the old ones.
BOOST_AUTO_TEST_CASE(databases_created_again_under_a_surviving_stream_sell) {
  const ground_options on{.nats = true};
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) return skip(missing);
  temp_dir dir;
  cluster_ground ground(on);
  cluster nodes(ground,
                {.program = {}, .data = dir / "data", .settings = short_cluster_timeouts()});
  nodes.load(12, 100'000);
  nodes.start();
  const auto ports = nodes.ports();
  std::vector<std::thread> customers;
  for (std::size_t i = 0; i < 6; ++i) {
    customers.emplace_back([&, i] {
      try {
        visitor v(ports[i % ports.size()], seconds{3});
        const auto goods = v.goods();
        for (;;) v.checkout(v.cart_with(goods.at(i).id, 1), {}, {{"Prefer", "respond-async"}});
      } catch (const std::exception&) {  // The nodes are killed.
      }
    });
  }
  std::this_thread::sleep_for(seconds{2});
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes.node(i).kill();
  for (auto& c : customers) c.join();
  for (const auto service : service_databases) {
    ground.postgres().drop_database("shop_" + std::string(service));
  }
  nodes.load(12, 100'000);
  nodes.start();
  std::size_t confirmed = 0;
  std::string last;
  for (std::size_t i = 0; i < 2 * purchases; ++i) {
    visitor v(ports[i % ports.size()], seconds{20});
    const auto a = v.checkout(v.cart_with(v.goods().at(i % 6).id, 1), {}, {{"Prefer", "wait=15"}});
    confirmed += a.status == 201 ? 1U : 0U;
    if (a.status != 201) last = a.body;
  }
  BOOST_TEST(confirmed == 2 * purchases, confirmed << " confirmed, and " << last);
  BOOST_TEST(await_quiet(nodes.data(), seconds{60}));
  // The new databases contain nothing of the former orders.
  store_files files(nodes.data());
  BOOST_TEST(files.number("SELECT count(*) FROM catalog_db.reservations r WHERE NOT EXISTS"
                          " (SELECT 1 FROM order_db.orders o WHERE o.order_id=r.order_id)") == 0);
  BOOST_TEST(files.number("SELECT count(*) FROM payment_db.payments p WHERE NOT EXISTS"
                          " (SELECT 1 FROM order_db.orders o WHERE o.order_id=p.order_id)") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
