// Clocks that differ or are changed while customers buy. The program with planted faults has a
// clock that a file adjusts (STOA_TEST_CLOCK_FILE).

#include "storage/base/time.hpp"
#include "tests/support/joined_nodes.hpp"
#include "tests/support/store_files.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <thread>

using namespace stoa::test;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Carts and events depend on the clocks of servers other than PostgreSQL.
constexpr ground_options all_servers{.redis = true, .nats = true};

bool can_run(const ground_options& on) {
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

/// A file that sets a node's clock.
class planted_clock {
 public:
  explicit planted_clock(std::filesystem::path file) : file_(std::move(file)) { set(seconds{0}); }

  std::pair<std::string, std::string> setting() const {
    return {"STOA_TEST_CLOCK_FILE", file_.string()};
  }
  /// Ahead of the correct time by this much.
  void set(seconds ahead) {
    const auto next = file_.string() + ".next";
    std::ofstream(next) << std::chrono::microseconds(ahead).count();
    std::filesystem::rename(next, file_);
  }

 private:
  std::filesystem::path file_;
};

/// Three nodes with separate clocks, and customers whose gateway often times out.
class clocks_store {
 public:
  clocks_store(const ground_options& on, const environment& more)
      : ground_(on),
        clocks_{planted_clock(dir_ / "clock-1"), planted_clock(dir_ / "clock-2"),
                planted_clock(dir_ / "clock-3")},
        nodes_(ground_, options(more)) {
    nodes_.load(10, 5000);
    nodes_.start();
    check_ = {nodes_.data(), true, true, read_stock(nodes_.data()), {}};
  }

  planted_clock& clock(std::size_t node) { return clocks_[node]; }
  cluster& nodes() { return nodes_; }

  /// The violations after customers have bought during `body`. A payment with a late gateway answer
  /// is settled within the retry pauses.
  template <class Body>
  std::vector<std::string> buy_during(Body&& body, seconds patience = seconds{20}) {
    shopper_options o;
    const auto ports = nodes_.ports();
    o.port = ports.front();
    o.other_ports.assign(ports.begin() + 1, ports.end());
    o.shoppers = 9;
    o.pause = milliseconds{20};
    o.silent_paid_percent = 25;
    o.request_limit = request_deadline + checkout_wait + seconds{4};
    for (const auto& [hex, units] : check_.initial) o.products.push_back(uuid_text(hex));
    o.seed = ++rounds_;  // Determines keys and email addresses.
    shoppers customers(o);
    customers.start();
    body();
    customers.finish();
    auto shopping = customers.take();
    for (auto& t : shopping.reported) check_.reported.push_back(std::move(t));
    std::vector<std::string> found;
    for (const auto& c : shopping.complaints) found.push_back("invalid answer to a customer: " + c);
    if (!await_quiet(check_.data, patience)) found.emplace_back("work is still open");
    for (auto& v : check_store(check_).violations) found.push_back(std::move(v));
    check_times(found);
    BOOST_TEST_MESSAGE("orders: " << ask("order", "SELECT count(*) FROM orders"));
    return found;
  }

  std::string ask(const std::string& service, const std::string& sql) {
    return ground_.postgres().run("shop_" + service, sql);
  }
  std::size_t partitions_of(const std::string& node) {
    std::size_t all = 0;
    for (const auto service : service_databases) {
      all += std::stoul(
          ask(std::string(service), "SELECT count(*) FROM partition WHERE owner='" + node + "'"));
    }
    return all;
  }

 private:
  /// No node has stored a wrong time or given up an order, and every history is in order.
  void check_times(std::vector<std::string>& found) {
    const auto now = stoa::system_time().now();
    const auto range = [&](const std::string& column) {
      return "(" + column + "<" + std::to_string((begin_ - seconds{5}).us) + " OR " + column + ">" +
             std::to_string((now + seconds{5}).us) + ")";
    };
    const auto count = [&](const std::string& service, const std::string& what,
                           const std::string& from) {
      const auto n = ask(service, "SELECT count(*) FROM " + from);
      if (n != "0") found.push_back(n + " " + what);
    };
    count("order", "orders with a wrong time", "orders WHERE " + range("created_at"));
    count("order", "changes with a wrong time",
          "order_status_history WHERE " + range("changed_at"));
    count("payment", "payments with a wrong time", "payments WHERE " + range("created_at"));
    count("notification", "mails with a wrong time", "notifications WHERE " + range("created_at"));
    count("order", "orders given up", "orders WHERE cancel_code='timeout'");
    count("order", "histories that do not begin with Pending",
          "order_status_history WHERE (seq=1)<>(status='Pending')");
    count("order", "changes older than their predecessor",
          "order_status_history a JOIN order_status_history b USING(order_id)"
          " WHERE a.seq<b.seq AND a.changed_at>b.changed_at+1000000");
  }

  cluster_options options(const environment& more) {
    cluster_options o;
    o.program = stoa_with_faults();
    o.data = dir_ / "data";
    o.settings = short_cluster_timeouts();
    o.settings.insert(o.settings.end(), more.begin(), more.end());
    for (const auto& c : clocks_) o.own.push_back({c.setting()});
    return o;
  }

  temp_dir dir_;
  cluster_ground ground_;
  std::array<planted_clock, 3> clocks_;
  cluster nodes_;
  check_options check_;
  const stoa::timestamp begin_ = stoa::system_time().now();
  std::uint64_t rounds_ = 0;
};

constexpr milliseconds a_while{1200};

/// Two nodes are ahead and behind for a while, then correct again.
std::vector<std::string> buy_while_clocks_step(clocks_store& store, seconds patience) {
  return store.buy_during(
      [&] {
        for (const auto step : {hours{1}, hours{0}, hours{-1}, hours{0}}) {
          store.clock(1).set(step);
          store.clock(2).set(-2 * step);
          std::this_thread::sleep_for(a_while);
        }
      },
      patience);
}

/// The node keeps its partitions whatever its clock shows.
const std::pair<std::string, std::string> any_skew{"STOA_CLUSTER_CLOCK_SKEW_MAX_MS", "86400000"};

}  // namespace

BOOST_AUTO_TEST_SUITE(clocks)

BOOST_AUTO_TEST_CASE(steps_of_nodes_clocks_delay_nothing) {
  if (!can_run(all_servers)) return;
  clocks_store store(all_servers, {any_skew});
  const auto found = buy_while_clocks_step(store, seconds{20});
  for (const auto& v : found) BOOST_ERROR(v);
  if (!found.empty()) BOOST_TEST_MESSAGE(store.nodes().logs());
}

BOOST_AUTO_TEST_CASE(records_by_the_machines_clock_are_found_out) {
  if (!can_run({})) return;
  clocks_store store({}, {any_skew, {"STOA_FAULT", "machine_clock"}});
  BOOST_TEST(!buy_while_clocks_step(store, seconds{2}).empty());
}

BOOST_AUTO_TEST_CASE(a_node_beyond_the_limit_has_no_partitions) {
  if (!can_run({})) return;
  clocks_store store({}, {});
  BOOST_TEST(eventually([&] { return store.partitions_of("node-2") > 0; }));
  const auto found = store.buy_during([&] {
    store.clock(1).set(hours{1});
    BOOST_TEST(eventually([&] { return store.partitions_of("node-2") == 0; }),
               store.nodes().node(1).log_end());
    std::this_thread::sleep_for(a_while);
    BOOST_TEST(store.partitions_of("node-2") == 0u);
    store.clock(1).set(seconds{0});
    BOOST_TEST(eventually([&] { return store.partitions_of("node-2") > 0; }));
  });
  for (const auto& v : found) BOOST_ERROR(v);
  const auto log = store.nodes().node(1).log_end(1 << 20);
  BOOST_TEST(log.find("differs from its database's by more than") != std::string::npos);
  // When all are beyond the limit, the partitions stay where they are.
  for (std::size_t i = 0; i < 3; ++i) store.clock(i).set(hours{2});
  const auto all_beyond = store.buy_during([&] { std::this_thread::sleep_for(a_while); });
  for (const auto& v : all_beyond) BOOST_ERROR(v);
}

BOOST_AUTO_TEST_CASE(a_front_without_databases_goes_by_what_other_nodes_tell) {
  if (!can_run({})) return;
  joined_nodes nodes("front_ahead", 2, {"all", "front"});
  nodes.load(5, 100);
  nodes.start(1);
  const temp_dir dir;
  planted_clock clock(dir / "clock");
  clock.set(hours{1});
  auto& options = nodes.options(1);
  options.program = stoa_with_faults();
  options.settings.push_back(clock.setting());
  nodes.add().start();
  // Each accepts the other's tokens: they are neither from the future nor expired.
  visitor right(nodes.node(0).port());
  visitor ahead(nodes.node(1).port());
  BOOST_TEST(right.client.get("/admin/v1/nodes", ahead.log_in("root")).status == 200);
  BOOST_TEST(ahead.client.get("/admin/v1/nodes", right.log_in("root")).status == 200);
  nodes.buy_at(1);
}

/// One node on files: effects that it scheduled while its clock was ahead.
bool is_paid_soon(const std::string& fault) {
  const temp_dir dir;
  planted_clock clock(dir / "clock");
  load_demo(stoa_with_faults(), dir / "data", 5, 100);
  server_options o;
  o.program = stoa_with_faults();
  o.data = dir / "data";
  o.alone = true;
  // The program uses the first of two settings with the same name.
  o.settings = {clock.setting(),
                {"STOA_FAULT", fault},
                {"STOA_ORDER_CHECKOUT_WAIT_MS", "100"},
                {"STOA_PAYMENT_RETRY_MS_MIN", "3000"},
                {"STOA_PAYMENT_RETRY_MS_MAX", "3000"}};
  const auto hasty = short_timeouts();
  o.settings.insert(o.settings.end(), hasty.begin(), hasty.end());
  clock.set(hours{1});
  server shop(o);
  shop.start();
  visitor guest(shop.port());
  const auto secret = client_secret();
  const auto cart = guest.cart_with(guest.goods().front().id, 1);
  const auto order = guest.checkout(cart, {.token = "tok_timeoutPaid"}, secret);
  BOOST_TEST(order.status == 202);
  store_files files(o.data);
  BOOST_TEST(eventually([&] {  // The first attempt timed out, and the next one is scheduled.
    return files.number("SELECT count(*) FROM payment_db.payments WHERE attempts=1") == 1;
  }));
  clock.set(seconds{0});
  return eventually(
      [&] {
        const auto again =
            guest.client.get("/store/v1/orders/" + text_at(order.json(), "/order_id"),
                             bearer(text_at(order.json(), "/access_token")));
        return again.status == 200 && text_at(again.json(), "/status") == "Confirmed";
      },
      seconds{4});
}

BOOST_AUTO_TEST_CASE(what_a_clock_that_was_ahead_has_put_off_is_not_late) {
  BOOST_TEST(is_paid_soon(""));
  BOOST_TEST(!is_paid_soon("trust_foreign_due"));
}

BOOST_AUTO_TEST_SUITE_END()
