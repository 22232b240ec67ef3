// Measures how far a service's replica lags, and says whether it may answer (replica_status.hpp).
// Waits for two servers, so it has a thread of its own.

#include "actors/kernel/service_registry.hpp"
#include "config/log.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

using std::chrono::steady_clock;

/// What is known of the replica is as old as the last look at most, so that there are several looks
/// within the bound.
constexpr int looks_per_bound = 4;
constexpr milliseconds looks_apart_max{500};

/// The server answers, and refuses the question: the role may not EXECUTE pg_control_system().
bool is_refused(const db::error& e) {
  return e.kind() == db::error_kind::programming;
}

class replica_watch {
 public:
  replica_watch(caf::event_based_actor* self, service_registry& registry, service_entry& service)
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
    tell();
    self_->delayed_send(self_, std::min(looks_apart_max, bound_ / looks_per_bound),
                        tick_atom::value);
  }

 private:
  /// Why the replica must not be read, if that is so for another reason than its lag. The
  /// databases' own words stand in the log only: /readyz is public.
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
      if (is_refused(e)) return "the primary does not tell its position; the log has its reason";
      return "the primary cannot be asked how far the replica lags";
    }
    try {
      if (!replica_) replica_ = database.open(db::access::replica);
      const auto here = database.replica_position(*replica_);
      if (here.takes_writes) return "it is no replica: it accepts writes";
      if (here.server != there.server) return "it is the replica of another server";
      lag_.replica_at(here.at);
    } catch (const db::error& e) {
      error_ = e.what();
      if (is_refused(e)) return "it does not tell its position; the log has its reason";
      return "it cannot be reached";
    }
    return {};
  }

  void tell() {
    const auto& status = service_.replica;
    const auto& name = service_.definition.name;
    const bool usable = status.usable();
    registry_.metrics->replica(name, usable, status.lag());
    const auto reason = status.reason();
    if (told_ == reason) return;
    told_ = reason;
    const std::int64_t lag_us = status.lag().count();
    if (usable) {
      log::info("replica is read", {{"service", name}, {"lag_us", lag_us}});
    } else {
      log::warn("replica is not read: the primary answers all queries",
                {{"service", name}, {"reason", reason}, {"lag_us", lag_us}, {"error", error_}});
    }
  }

  caf::event_based_actor* self_;
  service_registry& registry_;
  service_entry& service_;
  const milliseconds bound_;
  replica_lag lag_;
  std::unique_ptr<db::connection> primary_;
  std::unique_ptr<db::connection> replica_;
  std::string error_;
  std::optional<std::string> told_;  ///< the reason that the log has named last
};

}  // namespace

caf::behavior replica_actor(caf::event_based_actor* self, service_registry& registry,
                            service_entry& service) {
  auto w = std::make_shared<replica_watch>(self, registry, service);
  self->send(self, tick_atom::value);
  return {
      [=](tick_atom) { w->look(); },
      [](sync_atom) -> bool { return true; },
  };
}

}  // namespace stoa::kernel
