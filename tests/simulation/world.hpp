#pragma once
// The whole store in one thread: the kernel's cores and the services' decisions, their
// databases in memory, and a scheduler that picks the next step by a seed. Messages between actors
// wait in a bag and are delivered in any order; a crash discards everything except the databases
// and the outside world.

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/effect_pool.hpp"
#include "actors/kernel/relay_core.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "actors/user/user_service.hpp"
#include "net/gateway/stripe_webhook.hpp"
#include "tests/simulation/bank.hpp"
#include "tests/simulation/checkout_run.hpp"
#include "tests/simulation/outside.hpp"
#include "tests/support/toy_sealer.hpp"

#include <memory>

namespace stoa::simulation {

/// Thrown at a probe within a batch.
struct simulated_crash {
  kernel::step at;
};

/// Limits of the stateful actors, small enough to be reached.
struct world_limits {
  std::size_t batch_max = 8;
  kernel::relay_limits relay{.events_max = 12, .in_flight_max = 4};
  kernel::effect_limits effects{.under_way_max = 3, .waiting_max = 16, .timeout = seconds{3}};
};

/// The services, shared by all worlds: they hold only their options.
struct service_set {
  user::user_service user{{}};
  catalog::catalog_service catalog{{}};
  /// Carts live longer than any run: a buyer may come late.
  cart::cart_service cart{{.guest_empty_ttl = std::chrono::hours{24 * 90}}};
  order::order_service order{{}};
  payment::payment_service payment{{}};
  payment::payment_service payment_at_shipment{{.capture = payment::capture_method::shipment}};
  notification::notification_service notification{{.attempts_max = 1000}};
  pricing::pricing_service pricing{{}};
};

/// Migrated databases to copy, with products without stock, and promotions that are used up soon.
class world_template {
 public:
  static constexpr std::size_t products_max = 4;

  world_template();

  const service_set services;
  std::map<std::string, std::unique_ptr<db::connection>> databases;
  struct product {
    stoa::product_id id;
    std::string name;
    money price;
    std::optional<std::int64_t> quantity_max;
  };
  std::vector<product> products;
  /// The default one and two others.
  std::vector<stoa::location_id> locations{catalog::default_location};
  /// Of one promotion: single-use ones, and one that each customer may use once.
  std::vector<std::string> codes;
  std::vector<std::string> gift_card_keys;
};

/// The amount of each gift card and of each user's store credit.
inline constexpr std::int64_t initial_credit = 700;

/// One service on the simulated node.
struct host {
  std::string name;
  kernel::service_definition definition;
  std::unique_ptr<db::connection> database;  ///< survives crashes
  std::unique_ptr<db::connection> replica;   ///< lags behind `database`
  // State of the process, discarded by a crash:
  std::unique_ptr<kernel::writer_core> writer;
  std::unique_ptr<kernel::relay_core> relay;
  std::unique_ptr<kernel::effect_runner> effects;
  bool starting = true;                     ///< the timer's first sweep is pending
  std::shared_ptr<std::size_t> sweep_open;  ///< unanswered commands of the last sweep
  timestamp housekept_at;
  timestamp relay_swept_at;
};

/// Counts of events, to prove that the run exercised the faults.
struct world_counts {
  std::size_t steps = 0;
  std::size_t crashes = 0;
  std::size_t crashes_in_batch = 0;
  std::size_t failed_batches = 0;  ///< not saved by the database
  std::size_t restarts = 0;
  std::size_t batches = 0;
  std::size_t deliveries = 0;
  std::size_t duplicates = 0;
  std::size_t lost_verdicts = 0;
  std::size_t partitions_lost = 0;  ///< by writers that found their database changed
  std::size_t gaps = 0;             ///< events that a subscriber misses in a producer's database
  std::size_t webhooks = 0;         ///< stored by Payment, repeats included
  std::size_t webhooks_repeated = 0;
  std::size_t webhooks_rejected = 0;
  void add(const world_counts& other);
};

class world {
 public:
  world(world_template& from, std::uint64_t seed, bool trace);
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  random_source random;
  manual_clock time{{1'800'000'000'000'000}};
  seeded_ids ids;
  bag inside;   ///< between actors: lost in a crash
  bag outside;  ///< on the network
  simulated_bank bank{random, time, outside};
  simulated_mailbox mailbox{random, outside};
  world_counts counts;
  const test::toy_sealer seal;          ///< of payment instruments
  std::vector<std::string> violations;  ///< found while the world runs

  host& at(std::string_view name);
  std::map<std::string, host, std::less<>>& hosts() { return hosts_; }
  template <class Q>
  result<typename Q::reply> ask(std::string_view service, Q query, kernel::caller who);
  /// A command that completes before anything else happens: for the start of a run.
  template <class C>
  typename C::reply demand(std::string_view service, C command, kernel::caller who);

  /// The rules of prices as the process knows them: sometimes those of an earlier time.
  pricing::rule_book_ptr rules(bool current = false);

  /// Starts a checkout in the process; a crash ends it without an answer.
  void begin(std::shared_ptr<checkout_run> run);
  /// Calls back once: with the service's next event of the aggregate that has a listed type, or on
  /// timeout.
  void watch(const std::string& service, kernel::awaited_event what, kernel::watch_callback then);

  // One step each; false when there was nothing to do.
  bool flush_some();
  bool pump_some();
  bool happen_some(bag& from);
  void tick_some() { tick(random_host()); }
  void let_time_pass();
  /// The process dies and restarts.
  void crash();
  /// One actor dies and its supervisor restarts it.
  void restart_some();
  /// Copies the database's current state to the replica; later changes are missing.
  void replicate(host& h);
  /// The replica replaces the database. The process does not notice: its connection stays open.
  void fail_over(host& h);

  // The same without faults, for the end of a run.
  void calm();
  /// Executes all pending actions; returns their number.
  std::size_t settle();
  /// Each service's writer commits, which detects a replaced database.
  void beat();
  /// Nothing waits for anything except the clock.
  bool at_rest();
  /// When the next message from outside arrives that is not due yet.
  std::optional<timestamp> next_arrival() const;

  void say(const std::string& text) const;
  bool traced() const { return trace_; }

 private:
  void use_payment(const payment::payment_service& service);
  void choose_capture();
  void boot(host& h);
  void boot_writer(host& h);
  void boot_relay(host& h);
  void boot_timer(host& h);
  host& random_host();
  void flush(host& h, std::size_t batch_max);
  void flushed(host& h, kernel::batch_report report);
  void notify_watchers(const std::string& service, const std::vector<kernel::event_ptr>& events);
  void pump(host& h);
  void tick(host& h);
  void send(host& from, const kernel::delivery& d);
  void deliver(host& from, host& to, const kernel::delivery& d);
  void verdict(host& from, const std::string& subscriber, std::int64_t seq, stoa::event_id id,
               std::optional<problem> refused);
  void receive_webhook(const webhook_delivery& d);
  void plan_trouble(std::size_t jobs);
  void probe(kernel::step s);
  void happen(bag& from, std::size_t which);
  std::vector<std::size_t> due(const bag& from) const;

  bool trace_;
  bool calm_ = false;
  pricing::rule_book_ptr rules_;
  const service_set& services_;
  /// Staff change payment.capture, which takes effect when the process restarts.
  bool capture_changes_ = false;
  world_limits limits_;
  gateways::stripe_webhooks verifier_{{simulated_bank::webhook_secret}};
  /// Deliveries of an event that Payment answered as the first one.
  std::map<std::string, std::size_t> first_deliveries_;
  kernel::subscription_map subscriptions_;
  std::map<std::string, host, std::less<>> hosts_;
  struct watcher {
    std::string service;
    kernel::awaited_event what;
    kernel::watch_callback notify;
  };
  // Also state of the process, lost in a crash.
  std::vector<watcher> watchers_;
  std::vector<std::shared_ptr<checkout_run>> checkouts_;
  std::size_t probes_until_crash_ = 0;  ///< 0 = none
  std::optional<db::error_kind> next_save_fails_;
};

template <class Q>
result<typename Q::reply> world::ask(std::string_view service, Q query, kernel::caller who) {
  kernel::call_context context;
  context.who = who;
  host& h = at(service);
  auto a = h.definition.read(kernel::any_message::of(std::move(query)), context, *h.database);
  return kernel::typed<typename Q::reply>(std::move(a)).value;
}

template <class C>
typename C::reply world::demand(std::string_view service, C command, kernel::caller who) {
  std::optional<typename C::reply> reply;
  kernel::job j;
  j.context.who = who;
  j.message = kernel::any_message::of(std::move(command));
  j.done = [&reply](kernel::answer a) {
    auto r = kernel::typed<typename C::reply>(std::move(a)).value;
    if (!r) throw std::logic_error("refused: " + r.error().code + ": " + r.error().detail);
    reply = std::move(*r);
  };
  at(service).writer->add(std::move(j));
  flush(at(service), 1);
  return std::move(*reply);
}

}  // namespace stoa::simulation
