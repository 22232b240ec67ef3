// Measures the lag of a service's replica and decides whether it may answer (replica_status.hpp).
// Blocks on two servers, so it has a dedicated thread.

#include "actors/kernel/service_registry.hpp"
#include "config/log.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

using std::chrono::steady_clock;

/// Measurements per replica_lag_max: the lag is known only as of the last one.
constexpr int looks_per_bound = 4;
constexpr milliseconds looks_apart_max{500};

/// The server rejects the query: the role may not EXECUTE pg_control_system().
bool is_refused(const db::error& e) {
  return e.kind() == db::error_kind::programming;
}

class replica_watch {
 public:
  replica_watch(replica_handle::pointer self, service_registry& registry, service_entry& service)
      : self_(self),
        registry_(registry),
        service_(service),
        bound_(registry.options.replica_lag_max) {}

  void look() {
    const auto why = measure();
    const auto now = steady_clock::now();
    const auto lag = lag_.lag(now);
    const auto usable_until = lag_.proved() ? *lag_.proved() + bound_ : now;
    if (!why.empty()) {
      service_.replica.refuse(why, lag);
    } else if (usable_until > now) {
      service_.replica.allow_until(usable_until, lag);
    } else {
      service_.replica.refuse("it lags by more than postgres.replica_lag_ms_max", lag);
    }
    report();
    self_->delayed_send(self_, std::min(looks_apart_max, bound_ / looks_per_bound),
                        tick_atom::value);
  }

 private:
  /// Why the replica must not be used, for other reasons than its lag; empty: none. The databases'
  /// error texts are only logged: /readyz is public.
  std::string measure() {
    auto& database = *service_.database;
    db::change_position there;
    try {
      if (!primary_) primary_ = database.open(db::access::read);
      const auto asked = steady_clock::now();
      there = database.position(*primary_);
      lag_.primary_at(asked, there.at);
      error_.clear();
    } catch (const db::error& e) {
      error_ = e.what();
      if (is_refused(e)) return "the primary rejects the query for its position; see the log";
      return "the primary is unreachable, so the replica's lag is unknown";
    }
    try {
      if (!replica_) replica_ = database.open(db::access::replica);
      const auto here = database.replica_position(*replica_);
      if (here.takes_writes) return "it is not a replica: it accepts writes";
      if (here.server != there.server) return "it is a replica of another server";
      lag_.replica_at(here.at);
    } catch (const db::error& e) {
      error_ = e.what();
      if (is_refused(e)) return "it rejects the query for its position; see the log";
      return "it is unreachable";
    }
    return {};
  }

  void report() {
    const auto& status = service_.replica;
    const auto& name = service_.definition.name;
    const bool usable = status.usable();
    registry_.metrics->replica(name, usable, status.lag());
    const auto reason = status.reason();
    if (logged_ == reason) return;
    logged_ = reason;
    const std::int64_t lag_us = status.lag().count();
    if (usable) {
      log::info("replica in use", {{"service", name}, {"lag_us", lag_us}});
    } else {
      log::warn("replica not in use: the primary answers all queries",
                {{"service", name}, {"reason", reason}, {"lag_us", lag_us}, {"error", error_}});
    }
  }

  replica_handle::pointer self_;
  service_registry& registry_;
  service_entry& service_;
  const milliseconds bound_;
  replica_lag lag_;
  std::unique_ptr<db::connection> primary_;
  std::unique_ptr<db::connection> replica_;
  std::string error_;
  std::optional<std::string> logged_;  ///< the last logged reason
};

using replica_self = replica_handle::stateful_pointer<std::optional<replica_watch>>;

}  // namespace

replica_handle spawn_replica_watch(caf::actor_system& system, service_registry& registry,
                                   service_entry& service) {
  return system.spawn<caf::detached>(
      [&registry, &service](replica_self self) -> replica_handle::behavior_type {
        log_exceptions(self, "replica watch");
        self->state.emplace(self, registry, service);
        self->send(self, tick_atom::value);
        return {[self](tick_atom) { self->state->look(); }};
      });
}

}  // namespace stoa::kernel
