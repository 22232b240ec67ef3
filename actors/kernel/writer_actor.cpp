#include "actors/kernel/directory.hpp"
#include "config/log.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

namespace stoa::kernel {

namespace {

/// Acknowledged events ride along with the next batch; without one they are deleted after this
/// time.
constexpr milliseconds acknowledge_after{200};
constexpr std::size_t acknowledge_at_once = 512;

class writer {
 public:
  writer(caf::event_based_actor* self, directory& all, service_entry& service)
      : self_(self), all_(all), service_(service) {
    auto path = database_path(all.options.data_dir, service.definition.name);
    connection_ = db::open_sqlite(path, db::sqlite_mode::write);
    writer_environment environment;
    environment.seal = all.options.seal;
    environment.idempotency_ttl = all.options.idempotency_ttl;
    core_ = service.definition.make_writer(*connection_, std::move(environment));
  }

  void request(request_box& r, caf::response_promise promise) {
    job j;
    j.context = std::move(r.context);
    j.message = std::move(r.message);
    auto shared = std::make_shared<caf::response_promise>(std::move(promise));
    j.done = [shared](answer a) { shared->deliver(answer_box{std::move(a)}); };
    add(std::move(j));
  }

  void deliver(const delivery_box& box, const caf::actor& relay) {
    for (const auto& d : box.content) {
      job j;
      j.kind = d.dead ? job_kind::dead_letter : job_kind::event;
      j.event = d.what;
      j.low_water = d.low_water;
      j.error = d.error;
      j.attempts = d.attempt - 1;
      j.done = [this, relay, seq = d.what->seq](answer a) {
        verdicts_[relay].push_back({seq, std::move(a.error)});
      };
      add(std::move(j));
    }
  }

  void extra(const job_box& box, caf::response_promise promise) {
    job j;
    j.kind = box.kind;
    j.event_id = box.event_id;
    auto shared = std::make_shared<caf::response_promise>(std::move(promise));
    j.done = [shared](answer a) { shared->deliver(answer_box{std::move(a)}); };
    add(std::move(j));
  }

  void finished(const finished_box& box) {
    core_->acknowledge(box.seqs);
    if (core_->acknowledged() >= acknowledge_at_once) {
      schedule();
    } else if (!acknowledging_) {
      acknowledging_ = true;
      self_->delayed_send(self_, acknowledge_after, tick_atom::value);
    }
  }

  void tick() {
    acknowledging_ = false;
    if (core_->acknowledged() > 0) schedule();
  }

  void flush() {
    scheduled_ = false;
    batch_report report = core_->flush(all_.options.batch_max);
    service_.mailbox.store(static_cast<std::int64_t>(core_->waiting()), std::memory_order_relaxed);
    all_.metrics->batch(core_->name(), report);
    for (auto& [relay, verdicts] : verdicts_) {
      self_->send(relay, verdict_box{core_->name(), std::move(verdicts)});
    }
    verdicts_.clear();
    if (!report.events.empty() || !report.deleted.empty()) {
      self_->send(service_.relay(),
                  committed_box{std::move(report.events), std::move(report.deleted)});
    }
    if (!report.effects.empty()) {
      self_->send(service_.timer(), effects_box{std::move(report.effects)});
    }
    if (core_->waiting() > 0) schedule();
  }

 private:
  void add(job j) {
    core_->add(std::move(j));
    schedule();
  }

  /// The flush message queues up behind all that is in the mailbox already: what has gathered
  /// becomes one batch.
  void schedule() {
    if (scheduled_) return;
    scheduled_ = true;
    self_->send(self_, flush_atom::value);
  }

  caf::event_based_actor* self_;
  directory& all_;
  service_entry& service_;
  std::unique_ptr<db::connection> connection_;
  std::unique_ptr<writer_core> core_;
  std::map<caf::actor, std::vector<verdict>> verdicts_;
  bool scheduled_ = false;
  bool acknowledging_ = false;
};

}  // namespace

caf::behavior writer_actor(caf::event_based_actor* self, directory& all, service_entry& service) {
  auto w = std::make_shared<writer>(self, all, service);
  return {
      [=](request_box& r) -> caf::result<answer_box> {
        auto promise = self->make_response_promise();
        w->request(r, promise);
        return caf::delegated<answer_box>{};
      },
      [=](const delivery_box& box) {
        w->deliver(box, caf::actor_cast<caf::actor>(self->current_sender()));
      },
      [=](const job_box& box) -> caf::result<answer_box> {
        auto promise = self->make_response_promise();
        w->extra(box, promise);
        return caf::delegated<answer_box>{};
      },
      [=](const finished_box& box) { w->finished(box); },
      [=](flush_atom) { w->flush(); },
      [=](tick_atom) { w->tick(); },
      [=](sync_atom) -> bool {
        w->flush();
        return true;
      },
  };
}

}  // namespace stoa::kernel
