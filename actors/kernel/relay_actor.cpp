#include "actors/kernel/directory.hpp"
#include "config/log.hpp"
#include "storage/db/sqlite.hpp"

#include <unordered_map>

namespace stoa::kernel {

namespace {

/// How often an idle relay looks at its timers and its watchers.
constexpr milliseconds tick_interval{100};
/// How often it looks for events in the outbox that it was never told of.
constexpr seconds sweep_interval{5};

struct watcher {
  std::vector<std::string> types;
  timestamp deadline;
  std::shared_ptr<caf::response_promise> promise;
};

class relay {
 public:
  relay(caf::event_based_actor* self, directory& all, service_entry& service)
      : self_(self),
        all_(all),
        service_(service),
        core_(service.definition.name, all.subscriptions, all.options.relay),
        connection_(db::open_sqlite(database_path(all.options.data_dir, service.definition.name),
                                    db::sqlite_mode::read)) {
    self_->delayed_send(self_, milliseconds{0}, tick_atom::value);
  }

  void committed(const committed_box& box) {
    core_.deleted(box.deleted);
    core_.committed(box.events, now());
    for (const auto& e : box.events) tell_watchers(e);
    pump();
  }

  void verdicts(const verdict_box& box) {
    for (const auto& v : box.content) {
      if (!v.refused) {
        core_.acknowledged(box.subscriber, v.seq);
        continue;
      }
      // A service that is only not able now does not make the event a dead letter.
      bool counts = v.refused->status != 503;
      log::warn("event refused", {{"service", box.subscriber},
                                  {"source", core_.source()},
                                  {"seq", v.seq},
                                  {"error", v.refused->detail}});
      all_.metrics->event_refused(box.subscriber, core_.source());
      core_.refused(box.subscriber, v.seq, v.refused->code + ": " + v.refused->detail, counts,
                    now());
    }
    pump();
  }

  void watch(const watch_box& box, caf::response_promise promise) {
    watchers_.emplace(box.aggregate,
                      watcher{box.types, box.deadline,
                              std::make_shared<caf::response_promise>(std::move(promise))});
  }

  void tick() {
    timestamp at = now();
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      if (it->second.deadline > at) {
        ++it;
        continue;
      }
      it->second.promise->deliver(event_box{});
      it = watchers_.erase(it);
    }
    if (at - swept_at_ >= sweep_interval) {
      swept_at_ = at;
      core_.look_again();
    }
    pump();
    auto lag = core_.lag(at);
    service_.outbox_lag_us.store(lag.count(), std::memory_order_relaxed);
    all_.metrics->relay(core_.source(), core_.held(), lag);
    self_->delayed_send(self_, tick_interval, tick_atom::value);
  }

 private:
  static timestamp now() { return system_time().now(); }

  void pump() {
    read_behind();
    std::map<std::string, delivery_box> boxes;
    for (auto& d : core_.due(now())) {
      if (d.dead) all_.metrics->dead_letter(d.subscriber, d.what->type);
      boxes[d.subscriber].content.push_back(std::move(d));
    }
    for (auto& [subscriber, box] : boxes) {
      // A subscriber that is down answers nothing: the answer timeout sends again.
      if (auto* target = all_.find(subscriber)) self_->send(target->writer(), std::move(box));
    }
    auto finished = core_.take_finished(now());
    if (!finished.empty()) self_->send(service_.writer(), finished_box{std::move(finished)});
  }

  void read_behind() {
    while (core_.wants_to_read()) {
      std::size_t asked = core_.read_max();
      try {
        core_.read(read_outbox(*connection_, core_.source(), core_.read_from(), asked), asked,
                   now());
      } catch (const db::error& e) {
        log::error("outbox cannot be read", {{"service", core_.source()}, {"error", e.what()}});
        return;  // The next tick tries again.
      }
    }
  }

  void tell_watchers(const event_ptr& e) {
    auto [first, last] = watchers_.equal_range(e->aggregate_id);
    for (auto it = first; it != last;) {
      const auto& types = it->second.types;
      if (std::find(types.begin(), types.end(), e->type) == types.end()) {
        ++it;
        continue;
      }
      it->second.promise->deliver(event_box{e});
      it = watchers_.erase(it);
    }
  }

  caf::event_based_actor* self_;
  directory& all_;
  service_entry& service_;
  relay_core core_;
  std::unique_ptr<db::connection> connection_;
  std::unordered_multimap<uuid, watcher> watchers_;
  timestamp swept_at_;
};

}  // namespace

caf::behavior relay_actor(caf::event_based_actor* self, directory& all, service_entry& service) {
  auto r = std::make_shared<relay>(self, all, service);
  return {
      [=](const committed_box& box) { r->committed(box); },
      [=](const verdict_box& box) { r->verdicts(box); },
      [=](const watch_box& box) -> caf::result<event_box> {
        auto promise = self->make_response_promise();
        r->watch(box, promise);
        return caf::delegated<event_box>{};
      },
      [=](tick_atom) { r->tick(); },
      [](sync_atom) -> bool { return true; },
  };
}

}  // namespace stoa::kernel
