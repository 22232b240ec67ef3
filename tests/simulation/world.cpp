#include "tests/simulation/world.hpp"

#include "actors/notification/notification_effects.hpp"
#include "actors/payment/payment_effects.hpp"
#include "storage/db/sqlite.hpp"

#include <iostream>

namespace stoa::simulation {

using kernel::any_message;
using kernel::job;
using kernel::job_kind;

namespace {

/// A copy of an event in transit for longer than this is lost: the inbox does not remember
/// indefinitely.
constexpr seconds copy_lives{60};
constexpr seconds housekeeping_interval{60};
constexpr seconds relay_sweep_interval{5};

constexpr unsigned duplicated_percent = 8;
constexpr unsigned verdict_lost_percent = 6;
constexpr unsigned delivery_lost_percent = 4;
constexpr unsigned crash_in_batch_percent = 3;
constexpr unsigned failed_save_percent = 3;
constexpr unsigned captured_at_shipment_percent = 35;
constexpr unsigned capture_changes_percent = 15;

job system_job(any_message m) {
  job j;
  j.context.who.kind = kernel::caller_kind::system;
  j.message = std::move(m);
  return j;
}

kernel::service_definition definition_of(const service_set& s, std::string_view name) {
  if (name == "user") return user::definition_of(s.user);
  if (name == "catalog") return catalog::definition_of(s.catalog);
  if (name == "cart") return cart::definition_of(s.cart);
  if (name == "order") return order::definition_of(s.order);
  if (name == "payment") return payment::definition_of(s.payment);
  if (name == "pricing") return pricing::definition_of(s.pricing);
  return notification::definition_of(s.notification);
}

}  // namespace

void world_counts::add(const world_counts& other) {
  steps += other.steps;
  crashes += other.crashes;
  crashes_in_batch += other.crashes_in_batch;
  failed_batches += other.failed_batches;
  restarts += other.restarts;
  batches += other.batches;
  deliveries += other.deliveries;
  duplicates += other.duplicates;
  lost_verdicts += other.lost_verdicts;
  partitions_lost += other.partitions_lost;
  gaps += other.gaps;
  webhooks += other.webhooks;
  webhooks_repeated += other.webhooks_repeated;
  webhooks_rejected += other.webhooks_rejected;
}

world::world(world_template& from, std::uint64_t seed, bool trace)
    : random(seed), ids(time, seed ^ 0x5EED), trace_(trace), services_(from.services) {
  for (const auto& [name, database] : from.databases) {
    host& h = hosts_[name];
    h.name = name;
    h.definition = definition_of(from.services, name);
    h.database = db::open_sqlite(":memory:", db::sqlite_mode::memory);
    db::copy_sqlite(*database, *h.database);
    for (const auto& type : h.definition.subscriptions) subscriptions_[type].push_back(h.name);
  }
  choose_capture();
  at("notification").definition.make_effects = notification::notification_effects(
      {{notification::notification_type::Email, {&mailbox, limits_.effects}}},
      {[](user::verification_id id) { return id.str(); },
       [](stoa::notification_id id) { return id.str(); }});
  bank.webhook = [this](const webhook_delivery& d) { receive_webhook(d); };
  for (auto& [name, h] : hosts_) boot(h);
}

pricing::rule_book_ptr world::rules(bool current) {
  if (!rules_ || current || random.chance(70)) {
    auto news = ask("pricing", pricing::get_rules{}, system_job({}).context.who).value();
    rules_ = std::make_shared<const pricing::rule_book>(news.revision, std::move(*news.content));
  }
  return rules_;
}

void world::use_payment(const payment::payment_service& service) {
  auto& d = at("payment").definition;
  d = payment::definition_of(service);
  d.make_effects = payment::payment_effects({{"sandbox", &bank}}, limits_.effects, seal);
}

/// The setting payment.capture of this run.
void world::choose_capture() {
  const auto choice = random.below(100);
  capture_changes_ = choice < capture_changes_percent;
  const bool at_shipment = choice < capture_changes_percent + captured_at_shipment_percent;
  use_payment(at_shipment ? services_.payment_at_shipment : services_.payment);
}

host& world::at(std::string_view name) {
  return hosts_.find(name)->second;
}

host& world::random_host() {
  auto it = hosts_.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(random.below(hosts_.size())));
  return it->second;
}

void world::say(const std::string& text) const {
  if (trace_) std::cout << time.now().str() << "  " << text << "\n";
}

// --- start and crash
// -------------------------------------------------------------------------------

void world::boot(host& h) {
  boot_writer(h);
  boot_relay(h);
  boot_timer(h);
}

void world::boot_relay(host& h) {
  h.relay = std::make_unique<kernel::relay_core>(h.name, subscriptions_, limits_.relay,
                                                 kernel::begin_run(*h.database, 0, ids.next_v7()));
}

void world::boot_writer(host& h) {
  kernel::writer_environment environment;
  environment.time = &time;
  environment.ids = &ids;
  environment.probe = [this](kernel::step s) { probe(s); };
  h.writer = h.definition.make_writer(*h.database, std::move(environment));
  if (h.sweep_open) *h.sweep_open = 0;  // A request to a dead actor fails at once.
}

void world::boot_timer(host& h) {
  h.effects.reset();
  if (h.definition.make_effects) {
    h.effects = h.definition.make_effects([this, &h](any_message m) {
      inside.push_back(
          {"result to " + h.name, [&h, m = std::move(m)] { h.writer->add(system_job(m)); }});
    });
  }
  h.starting = true;
  h.sweep_open = std::make_shared<std::size_t>(0);
  h.housekept_at = time.now();
}

void world::crash() {
  say("CRASH");
  ++counts.crashes;
  inside.clear();
  watchers_.clear();
  checkouts_.clear();
  for (auto& [name, h] : hosts_) {
    h.effects.reset();
    h.relay.reset();
    h.writer.reset();
    h.database->rollback();
  }
  if (capture_changes_) {
    use_payment(random.chance(50) ? services_.payment_at_shipment : services_.payment);
  }
  for (auto& [name, h] : hosts_) boot(h);
}

void world::restart_some() {
  host& h = random_host();
  ++counts.restarts;
  switch (random.below(3)) {
    case 0:
      say("restart: writer of " + h.name);
      boot_writer(h);
      break;
    case 1:
      say("restart: relay of " + h.name);
      boot_relay(h);
      break;
    default:
      say("restart: timer of " + h.name);
      boot_timer(h);
  }
}

void world::replicate(host& h) {
  h.replica = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  db::copy_sqlite(*h.database, *h.replica);
}

void world::fail_over(host& h) {
  say("FAIL-OVER of " + h.name);
  db::copy_sqlite(*h.replica, *h.database);
}

void world::plan_trouble(std::size_t jobs) {
  probes_until_crash_ = random.chance(crash_in_batch_percent) ? 1 + random.below(6) : 0;
  next_save_fails_.reset();
  if (!random.chance(failed_save_percent)) return;
  // A full disk fails the whole batch; a rejected record makes it run again message by message.
  bool refused = jobs > 1 && random.chance(50);
  next_save_fails_ = refused ? db::error_kind::unique : db::error_kind::unavailable;
}

void world::probe(kernel::step s) {
  if (s == kernel::step::before_commit && next_save_fails_) {
    auto kind = *std::exchange(next_save_fails_, std::nullopt);
    ++counts.failed_batches;
    throw db::error(kind, "", "simulated");
  }
  if (probes_until_crash_ > 0 && --probes_until_crash_ == 0) throw simulated_crash{s};
}

// --- steps
// -----------------------------------------------------------------------------------------

bool world::flush_some() {
  std::vector<host*> able;
  for (auto& [name, h] : hosts_) {
    if (h.writer->waiting() + h.writer->acknowledged() > 0) able.push_back(&h);
  }
  if (able.empty()) return false;
  host& h = *able[random.below(able.size())];
  auto batch_max = 1 + random.below(limits_.batch_max);
  plan_trouble(std::min(batch_max, h.writer->waiting()));
  try {
    flush(h, batch_max);
  } catch (const simulated_crash& c) {
    ++counts.crashes_in_batch;
    say("crash in a batch of " + h.name + ", step " + std::to_string(static_cast<int>(c.at)));
    h.database->rollback();
    if (random.chance(50)) {
      crash();
    } else {
      ++counts.restarts;
      boot_writer(h);
    }
  }
  return true;
}

void world::flush(host& h, std::size_t batch_max) {
  flushed(h, h.writer->flush(batch_max));
}

void world::beat() {
  for (auto& [name, h] : hosts_) flushed(h, h.writer->beat(limits_.batch_max));
}

void world::flushed(host& h, kernel::batch_report report) {
  ++counts.batches;
  counts.gaps += report.gaps.size();
  if (report.partition_lost) {
    say("partition lost: " + h.name);
    ++counts.partitions_lost;
    boot_writer(h);
    boot_relay(h);
    return;
  }
  if (trace_) {
    say("batch of " + h.name + ": " + std::to_string(report.jobs) + " jobs, " +
        std::to_string(report.refused) + " refused, " + std::to_string(report.deleted.size()) +
        " deleted");
    for (const auto& e : report.events) {
      say("  " + e->source + "#" + std::to_string(e->seq) + " " + e->type + " " +
          e->aggregate_id.str().substr(24));
    }
  }
  // Messages between two actors keep their order, so these are delivered at once.
  notify_watchers(h.name, report.events);
  h.relay->deleted(report.deleted);
  h.relay->committed(report.events, time.now());
  for (auto& e : report.effects) {
    inside.push_back({"effect of " + h.name, [this, &h, e] {
                        if (h.effects) h.effects->start(e, time.now());
                      }});
  }
}

bool world::pump_some() {
  pump(random_host());
  return true;
}

void world::pump(host& h) {
  auto& relay = *h.relay;
  while (relay.wants_to_read()) {
    auto asked = relay.read_max();
    relay.read(kernel::read_outbox(*h.database, h.name, 0, relay.read_from(), asked), asked,
               time.now());
  }
  for (const auto& d : relay.due(time.now())) send(h, d);
  auto finished = relay.take_finished(time.now());
  if (finished.empty()) return;
  inside.push_back({"acknowledgements to " + h.name,
                    [&h, finished = std::move(finished)] { h.writer->acknowledge(finished); }});
}

void world::send(host& from, const kernel::delivery& d) {
  if (!calm_ && random.chance(delivery_lost_percent)) return;
  auto copies = !calm_ && random.chance(duplicated_percent) ? 2 : 1;
  if (copies == 2) ++counts.duplicates;
  for (int i = 0; i < copies; ++i) {
    std::string what;
    if (trace_) {
      what = d.what->type + " " + from.name + "#" + std::to_string(d.what->seq) + " to " +
             d.subscriber + (d.dead ? " as a dead letter: " + d.error : "");
    }
    inside.push_back({std::move(what), [this, &from, d] { deliver(from, at(d.subscriber), d); },
                      time.now() + copy_lives});
  }
}

void world::deliver(host& from, host& to, const kernel::delivery& d) {
  ++counts.deliveries;
  job j;
  j.kind = d.dead ? job_kind::dead_letter : job_kind::event;
  j.event = d.what;
  j.low_water = d.low_water;
  j.from = d.from;
  j.error = d.error;
  j.attempts = d.attempt - 1;
  j.done = [this, &from, subscriber = to.name, seq = d.what->seq, id = d.what->event_id](
               kernel::answer a) { verdict(from, subscriber, seq, id, std::move(a.error)); };
  to.writer->add(std::move(j));
}

void world::verdict(host& from, const std::string& subscriber, std::int64_t seq, stoa::event_id id,
                    std::optional<problem> refused) {
  if (!calm_ && random.chance(verdict_lost_percent)) {
    ++counts.lost_verdicts;
    return;
  }
  std::string what;
  if (trace_) {
    what = "verdict of " + subscriber + " on " + from.name + "#" + std::to_string(seq) +
           (refused ? ": " + refused->code + ": " + refused->detail : "");
  }
  inside.push_back({std::move(what), [this, &from, subscriber, seq, id, refused] {
                      if (!from.relay->may_settle(seq, id)) return;
                      if (!refused) {
                        from.relay->acknowledged(subscriber, seq);
                        return;
                      }
                      from.relay->refused(subscriber, seq, refused->code + ": " + refused->detail,
                                          !is_transient(*refused), time.now());
                    }});
}

/// The positions of the messages that can arrive now.
std::vector<std::size_t> world::due(const bag& from) const {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i].due_at <= time.now()) list.push_back(i);
  }
  return list;
}

bool world::happen_some(bag& from) {
  const auto able = due(from);
  if (able.empty()) return false;
  happen(from, able[random.below(able.size())]);
  return true;
}

std::optional<timestamp> world::next_arrival() const {
  std::optional<timestamp> next;
  for (const auto& h : outside) {
    if (h.due_at > time.now() && (!next || h.due_at < *next)) next = h.due_at;
  }
  return next;
}

/// As the webhook route does it. The answer is the gateway's: a crash does not take it back.
void world::receive_webhook(const webhook_delivery& d) {
  const auto event = verifier_.verify(d.body, d.signature, time.now());
  if (event.has_value() == (d.flaw != webhook_flaw::none)) {
    violations.push_back("webhook " + d.event_id +
                         (event ? " is accepted, although it is " + std::string(enum_name(d.flaw))
                                : " is rejected: " + event.error().code));
  }
  if (!event) return void(++counts.webhooks_rejected);
  kernel::job j;
  j.message = any_message::of(payment::receive_webhook{"sandbox", event->event_id, event->type,
                                                       *stoa::payment_id::parse(event->payment_id),
                                                       *stoa::order_id::parse(event->order_id)});
  j.done = [this, id = event->event_id](const kernel::answer& a) {
    if (a.error) return;
    ++counts.webhooks;
    const auto& reply = *static_cast<const payment::webhook_reply*>(a.value.get());
    if (reply.outcome == payment::webhook_outcome::repeated) {
      ++counts.webhooks_repeated;
    } else if (++first_deliveries_[id] > 1) {
      violations.push_back("webhook " + id + " is applied more than once");
    }
  };
  at("payment").writer->add(std::move(j));
}

void world::happen(bag& from, std::size_t which) {
  auto it = from.begin() + static_cast<std::ptrdiff_t>(which);
  happening one = std::move(*it);
  from.erase(it);
  if (one.forget_at < time.now()) return;
  say(one.what);
  one.happen();
}

void world::tick(host& h) {
  auto now = time.now();
  if (now - h.relay_swept_at >= relay_sweep_interval) {
    h.relay_swept_at = now;
    h.relay->look_again();
  }
  if (h.effects) h.effects->tick(now);
  if (now - h.housekept_at > housekeeping_interval) {
    h.housekept_at = now;
    h.writer->start_cleanup();
    while (h.writer->clean_up(false)) {
    }
  }
  if (*h.sweep_open > 0) return;
  auto work = h.definition.due(*h.database, now, h.starting);
  h.starting = false;
  for (auto& m : work.commands) {
    ++*h.sweep_open;
    auto j = system_job(std::move(m));
    j.done = [open = h.sweep_open](const kernel::answer&) { --*open; };
    h.writer->add(std::move(j));
  }
  if (!h.effects) return;
  for (const auto& e : work.effects) h.effects->start(e, now);
}

void world::let_time_pass() {
  auto kind = random.below(1000);
  microseconds by = milliseconds{random.between(1, 200)};
  if (kind >= 996) {
    by = seconds{random.between(300, 1200)};
  } else if (kind >= 960) {
    by = seconds{random.between(10, 200)};
  } else if (kind >= 700) {
    by = milliseconds{random.between(500, 10'000)};
  }
  time.advance(by);
}

}  // namespace stoa::simulation
