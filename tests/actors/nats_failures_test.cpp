// The event bus while the broker fails: unavailable, killed, frozen, emptied, changed by another
// client.
#include "tests/support/bus_node.hpp"
#include "tests/support/nats_server.hpp"
#include "tests/support/server.hpp"
#include "tests/support/skip.hpp"

#include <cstdlib>
#include <fstream>

using namespace stoa;
using namespace stoa::test;

namespace {

bool missing() {
  if (!nats_server::available()) skip("nats-server is not installed");
  return !nats_server::available();
}

double seconds_for(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

/// A minimal relay: publishes its events and repeats those without a verdict.
class small_relay {
 public:
  small_relay(bus_node& node, std::size_t subscribers) : node_(node), subscribers_(subscribers) {}

  void add(kernel::published e) {
    node_.bus().publish(e);
    const auto seq = e.what->seq;
    events_.emplace(seq, std::move(e));
  }
  std::size_t publish_again() {
    std::map<std::int64_t, std::set<std::string>> reported;
    for (const auto& v : node_.verdicts()) reported[v.seq].insert(v.subscriber);
    std::size_t open = 0;
    for (const auto& [seq, e] : events_) {
      if (reported[seq].size() == subscribers_) continue;
      ++open;
      node_.bus().publish(e);
    }
    return open;
  }
  /// Waits until every subscriber has confirmed every event.
  bool settle(milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (publish_again() > 0) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(milliseconds{700});
    }
    return true;
  }

 private:
  bus_node& node_;
  const std::size_t subscribers_;
  std::map<std::int64_t, kernel::published> events_;
};

/// With a short timeout for unresponsive consumers.
nats::nats_options impatient_options(const std::string& url) {
  auto o = quick_options(url);
  o.consumer_silence_max = milliseconds{1200};
  return o;
}

/// Publishes in the background, as a store under load, during the disturbance.
void under_load(const nats::nats_options& o, const std::function<void()>& disturb) {
  bus_node producer(o, {{"order", {"stock.reserved"}}});
  bus_node catalog(o, {{"catalog", {"order.placed"}}});
  bus_node cart(o, {{"cart", {"order.placed"}}});
  BOOST_REQUIRE(producer.await_connected());
  BOOST_REQUIRE(catalog.await_connected());
  BOOST_REQUIRE(cart.await_connected());
  small_relay relay(producer, 2);
  constexpr std::int64_t count = 3000;
  // The main thread starts servers, which end with the thread that started them.
  std::jthread load([&] {
    for (std::int64_t i = 1; i <= count; ++i) {
      relay.add(an_event(i));
      if (i % 4 == 0) std::this_thread::sleep_for(milliseconds{2});
    }
  });
  std::this_thread::sleep_for(milliseconds{400});
  disturb();
  load.join();
  BOOST_TEST(relay.settle(seconds{60}));
  BOOST_TEST(catalog.seqs().size() == static_cast<std::size_t>(count));
  BOOST_TEST(cart.seqs().size() == static_cast<std::size_t>(count));
  // It may still be in transit from a stopped server to another one.
  BOOST_TEST(producer.await_connected());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nats_failures)

BOOST_AUTO_TEST_CASE(the_broker_loses_all_it_had) {
  if (missing()) return;
  nats_server broker;
  under_load(quick_options(broker.url()), [&] {
    broker.wipe();
    broker.start();
  });
}

BOOST_AUTO_TEST_CASE(the_broker_is_killed_and_started_again) {
  if (missing()) return;
  nats_server broker;
  under_load(quick_options(broker.url()), [&] {
    for (int i = 0; i < 3; ++i) {
      broker.kill();
      std::this_thread::sleep_for(milliseconds{200});
      broker.start();
      std::this_thread::sleep_for(milliseconds{300});
    }
  });
}

BOOST_AUTO_TEST_CASE(the_return_of_the_broker_is_notified) {
  if (missing()) return;
  nats_server broker;
  third_party meddler(broker.url());
  bus_node node(quick_options(broker.url()), {{"catalog", {"order.placed"}}});
  BOOST_TEST(eventually([&] { return node.times_back() == 1; }));
  js_DeleteStream(meddler.jetstream(), "stoa", nullptr, nullptr);
  BOOST_TEST(eventually([&] { return node.times_back() > 1; }));
  const auto before = node.times_back();
  broker.kill();
  BOOST_TEST(eventually([&] { return !node.bus().connected(); }));
  broker.start();
  BOOST_TEST(eventually([&] { return node.times_back() > before; }));
  BOOST_TEST(node.bus().connected());
}

BOOST_AUTO_TEST_CASE(the_broker_is_frozen_for_a_while) {
  if (missing()) return;
  nats_server broker;
  under_load(quick_options(broker.url()), [&] {
    broker.freeze();
    std::this_thread::sleep_for(seconds{3});
    broker.thaw();
  });
}

BOOST_AUTO_TEST_CASE(another_client_deletes_stream_and_consumers) {
  if (missing()) return;
  nats_server broker;
  third_party meddler(broker.url());
  const std::string consumer = "catalog_order_placed";
  under_load(quick_options(broker.url()), [&] {
    const auto born = meddler.born("stoa", consumer);
    BOOST_TEST(born > 0);
    // A busy server may report that it could not delete all files; the consumer is deleted
    // nevertheless.
    js_DeleteConsumer(meddler.jetstream(), "stoa", consumer.c_str(), nullptr, nullptr);
    std::int64_t second = 0;
    BOOST_TEST(eventually([&] { return (second = meddler.born("stoa", consumer)) > born; }));
    js_DeleteStream(meddler.jetstream(), "stoa", nullptr, nullptr);
    BOOST_TEST(eventually([&] { return meddler.born("stoa", consumer) > second; }));
  });
}

// Debian's broker has consumers that never answer, when one node creates the stream and another the
// consumer at the same moment. That race cannot be forced; an unusable consumer can.
BOOST_AUTO_TEST_CASE(an_unresponsive_consumer_is_recreated) {
  if (missing()) return;
  nats_server broker;
  third_party meddler(broker.url());
  const auto o = impatient_options(broker.url());
  { BOOST_TEST(bus_node(o, {{"order", {}}}).await_connected()); }  // The stream exists.
  jsConsumerConfig pushing;
  jsConsumerConfig_Init(&pushing);
  pushing.Durable = "catalog_order_placed";
  pushing.DeliverSubject = "elsewhere";
  pushing.FilterSubject = "stoa.order.placed";
  pushing.AckPolicy = js_AckExplicit;
  pushing.AckWait = o.ack_wait.count() * 1000;
  pushing.MaxAckPending = o.ack_pending_max;
  third_party::check(
      js_AddConsumer(nullptr, meddler.jetstream(), "stoa", &pushing, nullptr, nullptr));
  const auto born = meddler.born("stoa", pushing.Durable);
  bus_node node(o, {{"catalog", {"order.placed"}}});
  BOOST_TEST(node.await_connected());
  node.bus().publish(an_event(1));
  BOOST_TEST(eventually([&] { return node.count() == 1; }));
  BOOST_TEST(meddler.born("stoa", pushing.Durable) > born);
  BOOST_TEST(node.metric("stoa_bus_consumers_replaced_total") == 1);
  BOOST_TEST(node.times_back() == 2);  // The relays repeat what may have been lost.
}

BOOST_AUTO_TEST_CASE(recreating_an_unresponsive_consumer_backs_off) {
  if (missing()) return;
  const temp_dir folder;
  const auto file = folder / "nats.conf";
  std::ofstream(file) << R"(authorization { users = [
    {user: deaf, password: x, permissions: {
      publish: {deny: "$JS.API.CONSUMER.MSG.NEXT.stoa.catalog_order_placed"}}}
    {user: good, password: x}]})";
  nats_server broker(
      {.tls = false, .user = {}, .password = {}, .further_arguments = {"-c", file.string()}});
  const auto at = "@127.0.0.1:" + std::to_string(broker.port());
  bus_node deaf(impatient_options("nats://deaf:x" + at), {{"catalog", {"order.placed"}}});
  const auto replaced = [&] { return deaf.metric("stoa_bus_consumers_replaced_total"); };
  BOOST_TEST(eventually([&] { return replaced() == 2; }));
  // The wait doubles each time.
  std::this_thread::sleep_for(2 * impatient_options("").consumer_silence_max);
  BOOST_TEST(replaced() == 2);
  deaf.bus().publish(an_event(1));
  bus_node good(impatient_options("nats://good:x" + at), {{"catalog", {"order.placed"}}});
  BOOST_TEST(eventually([&] { return good.count() == 1; }));
}

BOOST_AUTO_TEST_CASE(a_consumer_with_nothing_to_do_is_left_alone) {
  if (missing()) return;
  nats_server broker;
  third_party meddler(broker.url());
  auto o = quick_options(broker.url());
  o.consumer_silence_max = milliseconds{2500};
  bus_node node(o, {{"catalog", {"order.placed", "order.confirmed"}}});
  BOOST_TEST(node.await_connected());
  const auto born = meddler.born("stoa", "catalog_order_placed");
  std::this_thread::sleep_for(3 * o.consumer_silence_max);
  BOOST_TEST(meddler.born("stoa", "catalog_order_placed") == born);
  BOOST_TEST(node.metric("stoa_bus_consumers_replaced_total") == 0);
}

BOOST_AUTO_TEST_CASE(one_of_three_servers_may_fail) {
  if (missing()) return;
  const std::vector<std::uint16_t> ports{free_port(), free_port(), free_port()};
  std::string routes;
  for (auto port : ports) {
    routes += (routes.empty() ? "" : ",") + ("nats://127.0.0.1:" + std::to_string(port));
  }
  std::vector<std::unique_ptr<nats_server>> servers;
  auto o = quick_options("");
  o.urls.clear();
  o.replicas = 3;
  for (auto port : ports) {
    nats_server_options options;
    options.further_arguments = {
        "--name",    "server-" + std::to_string(port),           "--cluster_name", "test",
        "--cluster", "nats://127.0.0.1:" + std::to_string(port), "--routes",       routes};
    servers.push_back(std::make_unique<nats_server>(options));
    o.urls.push_back(servers.back()->url());
  }
  under_load(o, [&] {
    for (auto& server : servers) {
      server->kill();
      std::this_thread::sleep_for(seconds{1});
      server->start();
      std::this_thread::sleep_for(seconds{2});
    }
  });
}

BOOST_AUTO_TEST_CASE(the_broker_comes_later) {
  if (missing()) return;
  nats_server broker;
  broker.stop();
  auto o = quick_options(broker.url());
  o.queue_max = 1000;
  o.in_flight_max = 100;
  bus_node node(o, {{"catalog", {"order.placed"}}});
  // Publishing neither waits nor fills the memory.
  const auto took = seconds_for([&] {
    for (int i = 1; i <= 20'000; ++i) node.bus().publish(an_event(i));
  });
  BOOST_TEST(took < 5.0);
  BOOST_TEST(!node.bus().connected());
  BOOST_TEST(node.metric("stoa_bus_events_published_total", "dropped") == 19'000);
  BOOST_TEST(node.metric("stoa_bus_ready") == 0);
  broker.start();
  BOOST_TEST(eventually([&] { return node.count() == 1000; }));
  BOOST_TEST(node.bus().connected());
  BOOST_TEST(node.metric("stoa_bus_connections_total", "failed") > 0);
  BOOST_TEST(node.metric("stoa_bus_connections_total", "made") == 1);
}

BOOST_AUTO_TEST_CASE(publishing_does_not_wait_for_a_frozen_broker) {
  if (missing()) return;
  nats_server broker;
  auto o = quick_options(broker.url());
  o.queue_max = 1000;
  bus_node node(o, {{"catalog", {"order.placed"}}});
  BOOST_REQUIRE(node.await_connected());
  broker.freeze();
  const auto took = seconds_for([&] {
    for (int i = 1; i <= 20'000; ++i) node.bus().publish(an_event(i));
    for (int i = 1; i <= 20'000; ++i) node.bus().tell({"catalog", "order", 0, i, {}});
  });
  BOOST_TEST(took < 2.0);
  BOOST_TEST(seconds_for([&] { node.bus().stop(); }) < 5.0);
  broker.thaw();
}

BOOST_AUTO_TEST_CASE(the_stop_waits_for_open_events_for_a_limited_time) {
  if (missing()) return;
  nats_server broker;
  auto o = quick_options(broker.url());
  o.ack_wait = seconds{30};
  bus_node other(o, {{"order", {}}});
  std::vector<arrival> kept;
  {
    bus_node leaving(o, {{"catalog", {"order.placed"}}}, bus_node::left_open);
    BOOST_REQUIRE(leaving.await_connected());
    BOOST_REQUIRE(other.await_connected());
    for (int i = 1; i <= 10; ++i) other.bus().publish(an_event(i));
    BOOST_REQUIRE(eventually([&] { return leaving.count() == 10; }));
    kept = leaving.arrivals();
    std::jthread slowly([&] {
      std::this_thread::sleep_for(milliseconds{100});
      for (int i = 0; i < 9; ++i) kept[static_cast<std::size_t>(i)].settle(true);
    });
    // One event stays open, so that the drain uses its whole time: 0.5 s.
    const auto took = seconds_for([&] { leaving.bus().stop(); });
    slowly.join();
    BOOST_TEST(took > 0.4);
    BOOST_TEST(took < 10.0);
    BOOST_TEST(!leaving.bus().connected());
  }
  kept.back().settle(true);  // After the end: no receiver is left.
  kept.back().settle(false);
  third_party look(broker.url());
  BOOST_TEST(look.pending_at("stoa", "catalog_order_placed") == 1);
}

BOOST_AUTO_TEST_CASE(a_node_that_leaves_gives_its_events_back) {
  if (missing()) return;
  nats_server broker;
  auto o = quick_options(broker.url());
  o.ack_wait = seconds{30};
  o.window = 16;
  bus_node producer(o, {{"order", {}}});
  bus_node staying(o, {{"catalog", {"order.placed"}}});
  auto leaving =
      std::make_unique<bus_node>(o, bus_node::subscriptions{{"catalog", {"order.placed"}}});
  BOOST_REQUIRE(producer.await_connected());
  BOOST_REQUIRE(staying.await_connected());
  BOOST_REQUIRE(leaving->await_connected());
  std::set<std::int64_t> all;
  std::jthread load([&] {
    for (int i = 1; i <= 2000; ++i) {
      producer.bus().publish(an_event(i));
      if (i % 10 == 0) std::this_thread::sleep_for(milliseconds{1});
    }
  });
  std::this_thread::sleep_for(milliseconds{100});
  leaving->bus().stop();
  all = leaving->seqs();
  load.join();
  // Long before the broker would redeliver them to another node.
  BOOST_TEST(eventually(
      [&] {
        auto both = all;
        both.merge(staying.seqs());
        return both.size() == 2000;
      },
      seconds{10}));
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_tried_again) {
  if (missing()) return;
  nats_server broker({.tls = false, .user = "stoa", .password = "right", .further_arguments = {}});
  auto o = quick_options(broker.url());
  o.urls = {"nats://stoa:wrong@127.0.0.1:" + std::to_string(broker.port())};
  bus_node untrusted(o, {{"order", {}}});
  bus_node friendly(quick_options(broker.url()), {{"order", {}}});
  BOOST_TEST(friendly.await_connected());
  BOOST_TEST(
      eventually([&] { return untrusted.metric("stoa_bus_connections_total", "failed") >= 3; }));
  BOOST_TEST(!untrusted.bus().connected());
}

BOOST_AUTO_TEST_CASE(any_of_the_servers_will_do) {
  if (missing()) return;
  nats_server broker;
  auto o = quick_options(broker.url());
  const auto dead = "nats://127.0.0.1:" + std::to_string(free_port());
  o.urls = {dead, broker.url(), dead};
  bus_node node(o, {{"order", {}}});
  BOOST_TEST(node.await_connected());
}

BOOST_AUTO_TEST_CASE(a_server_must_show_a_certificate_that_is_trusted) {
  if (missing()) return;
  nats_server broker({.tls = true, .user = {}, .password = {}, .further_arguments = {}});
  {
    bus_node wary(quick_options(broker.url()), {{"order", {}}});
    BOOST_TEST(
        eventually([&] { return wary.metric("stoa_bus_connections_total", "failed") >= 2; }));
    BOOST_TEST(!wary.bus().connected());
  }
  ::setenv("SSL_CERT_FILE", broker.certificate().c_str(), 1);
  {
    bus_node node(quick_options(broker.url()), {{"catalog", {"order.placed"}}});
    BOOST_TEST(node.await_connected());
    node.bus().publish(an_event(1));
    BOOST_TEST(eventually([&] { return node.count() == 1; }));
  }
  {
    // The same server under a name that its certificate does not contain.
    auto o = quick_options(broker.url());
    o.urls = {"tls://127.1:" + std::to_string(broker.port())};
    bus_node elsewhere(o, {{"order", {}}});
    BOOST_TEST(
        eventually([&] { return elsewhere.metric("stoa_bus_connections_total", "failed") >= 2; }));
    BOOST_TEST(!elsewhere.bus().connected());
  }
  ::unsetenv("SSL_CERT_FILE");
}

BOOST_AUTO_TEST_SUITE_END()
