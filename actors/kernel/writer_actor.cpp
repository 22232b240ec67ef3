#include "actors/kernel/local_requests.hpp"
#include "actors/kernel/service_registry.hpp"
#include "config/log.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

/// The next batch deletes acknowledged events; without one they are deleted after this time.
constexpr milliseconds acknowledge_after{200};
constexpr std::size_t acknowledge_at_once = 512;
/// Expired rows that are overdue by more than this are logged.
constexpr seconds cleanup_behind{600};
/// Batches of one message are not delayed; those with this many more, by the whole interval.
constexpr double messages_to_wait_for = 2;
/// The weight of the last batch in the average.
constexpr double last_batch_weight = 0.25;
/// The writer counts as idle this long after the last batch.
constexpr milliseconds idle_after{100};

class writer {
 public:
  writer(writer_handle::pointer self, service_registry& registry, service_entry& service,
         const partition_grant& grant, keeper_handle keeper)
      : self_(self),
        registry_(registry),
        service_(service),
        partition_(service.partitions[static_cast<std::size_t>(grant.partition)]),
        keeper_(std::move(keeper)) {
    connection_ = service.database->open(db::access::write);
    writer_environment environment;
    environment.time = &service.time;
    environment.deadlines = &process_time();
    environment.owner = registry.options.name;
    environment.grant = grant;
    environment.commits = &service.commits;
    environment.seal = registry.options.seal;
    environment.ids = registry.options.ids;
    environment.idempotency_ttl = registry.options.idempotency_ttl;
    core_ = service.definition.make_writer(*connection_, std::move(environment));
  }

  void request(request_box& r, const promised_ptr<answer_box>& promise) {
    if (drained_) return promise->deliver(answer_box{turned_away()});
    job j;
    j.context = std::move(r.context);
    j.message = std::move(r.message);
    j.done = [this, promise](answer a) { reply(promise, std::move(a)); };
    add(std::move(j));
  }

  void deliver(const delivery_box& box) {
    if (drained_) return refuse_moved(box);
    for (const auto& d : box.content) {
      job j;
      j.kind = d.dead ? job_kind::dead_letter : job_kind::event;
      j.event = d.what;
      j.low_water = d.low_water;
      j.from = d.from;
      j.error = d.error;
      j.attempts = d.attempt - 1;
      j.done = [this, to = box.reply_to, e = d.what, with_ids = d.from != nullptr](answer a) {
        auto& v = verdicts_[{to, e->source, e->partition, with_ids}];
        v.push_back({e->seq, std::move(a.error), e->event_id});
      };
      add(std::move(j));
    }
  }

  void run_job(const job_box& box, const promised_ptr<answer_box>& promise) {
    if (drained_) return promise->deliver(answer_box{turned_away()});
    job j;
    j.kind = box.kind;
    j.event_id = box.event_id;
    j.done = [this, promise](answer a) { reply(promise, std::move(a)); };
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
    flushed_at_ = process_time().now();
    after(core_->flush(registry_.options.batch_max));
  }

  /// The partition's heartbeat, unless a batch has committed since the last one. While commits
  /// fail, it detects that they succeed again.
  void beat() {
    if (std::exchange(committed_, false) && partition_.failing_since_us == 0) return;
    after(core_->beat(registry_.options.batch_max));
  }

  void start_cleanup() {
    if (std::exchange(cleaning_, true)) return;
    core_->start_cleanup();
    jobs_before_ = partition_.messages;
    self_->send(self_, clean_atom::value);
  }

  /// Deletes one slice, and schedules the next one after the pause that it returns.
  void clean_up() {
    const auto jobs = partition_.messages.load(std::memory_order_relaxed);
    const bool busy = core_->waiting() > 0 || jobs != jobs_before_ ||
                      process_time().now() - flushed_at_ < idle_after;
    jobs_before_ = jobs;
    auto slice = lost_ || drained_ ? std::nullopt : core_->clean_up(busy);
    cleaning_ = slice.has_value();
    if (!slice) return;
    registry_.metrics->cleaned_up(core_->name(), *slice);
    if (slice->behind > cleanup_behind) {
      log::warn("clean-up is behind", {{"service", core_->name()},
                                       {"table", slice->table},
                                       {"behind_s", slice->behind.count() / 1'000'000}});
    }
    self_->delayed_send(self_, slice->pause, clean_atom::value);
  }

  /// Processes all queued messages. Later ones are left to the partition's next owner.
  void drain() {
    do {
      flush();
    } while (core_->waiting() > 0 && !lost_);
    drained_ = true;
  }

 private:
  answer turned_away() const { return {nullptr, partition_moved(service_.definition.name), false}; }

  /// A caller whose change was not saved must find the node not ready: these answers are held
  /// until note_commit() has recorded the failure.
  void reply(const promised_ptr<answer_box>& promise, answer a) {
    if (a.error && is_transient(*a.error)) {
      held_.emplace_back(promise, std::move(a));
    } else {
      promise->deliver(answer_box{std::move(a)});
    }
  }
  void send_held() {
    for (auto& [promise, a] : std::exchange(held_, {})) {
      promise->deliver(answer_box{std::move(a)});
    }
  }

  void after(batch_report report) {
    partition_.mailbox.store(static_cast<std::int64_t>(core_->waiting()),
                             std::memory_order_relaxed);
    partition_.batches.fetch_add(report.committed ? 1 : 0, std::memory_order_relaxed);
    partition_.messages.fetch_add(static_cast<std::int64_t>(report.jobs),
                                  std::memory_order_relaxed);
    committed_ |= report.committed;
    if (report.jobs > 0) {
      messages_ += last_batch_weight * (static_cast<double>(report.jobs) - messages_);
    }
    // Resolving a commit of unknown outcome has raised the epoch.
    if (partition_.epoch() != 0 && !report.partition_lost) partition_.own(core_->partition().epoch);
    registry_.metrics->batch(core_->name(), report);
    note_commit(report);
    send_held();
    for (auto& [to, verdicts] : verdicts_) {
      const auto& [reply_to, source, partition, with_ids] = to;
      self_->send(reply_to,
                  verdict_box{core_->name(), source, partition, std::move(verdicts), with_ids});
    }
    verdicts_.clear();
    if (!report.events.empty() || !report.deleted.empty()) {
      self_->send(partition_.relay(),
                  committed_box{std::move(report.events), std::move(report.deleted)});
    }
    if (!report.effects.empty()) {
      self_->send(partition_.timer(), effects_box{std::move(report.effects)});
    }
    if (report.partition_lost) return stop();
    if (core_->waiting() > 0) schedule();
  }

  /// The node is not ready from the first failed commit until a commit succeeds.
  void note_commit(const batch_report& report) {
    const auto since = partition_.failing_since_us.load();
    const auto now = process_time().now();
    if (report.database_error) {
      partition_.failure = report.database_error->kind();
      if (since != 0) return;
      partition_.failing_since_us = now.us;
      log::error("commits fail, the service is not ready",
                 {{"service", core_->name()},
                  {"partition", core_->partition().partition},
                  {"error", std::string_view(report.database_error->what())}});
    } else if (report.committed && since != 0) {
      partition_.failing_since_us = 0;
      log::info_limited("commits succeed again", {{"service", core_->name()},
                                                  {"partition", core_->partition().partition},
                                                  {"failed_for_ms", (now.us - since) / 1000}});
    }
  }

  /// Another writer owns the partition. CAF answers the requests left in the mailbox.
  void stop() {
    lost_ = true;
    core_->turn_away();
    send_held();
    self_->send(keeper_, partition_lost_box{core_->partition().partition, partition_.epoch()});
    self_->quit(caf::exit_reason::normal);
  }

  void add(job j) {
    core_->add(std::move(j));
    schedule();
  }

  /// The pause between two batches: long when many messages arrive, as the next batch then saves
  /// the cost of several; none for a single customer, whose next message waits for this one.
  microseconds pause() const {
    const double part = std::clamp((messages_ - 1) / messages_to_wait_for, 0.0, 1.0);
    return microseconds{static_cast<std::int64_t>(
        part * static_cast<double>(registry_.options.batch_interval.count()))};
  }

  /// The flush message is queued behind the messages already in the mailbox, so that these become
  /// one batch.
  void schedule() {
    if (scheduled_) return;
    scheduled_ = true;
    const auto rest = flushed_at_ + pause() - process_time().now();
    if (rest.count() > 0 && core_->waiting() < registry_.options.batch_max) {
      self_->delayed_send(self_, rest, flush_atom::value);
    } else {
      self_->send(self_, flush_atom::value);
    }
  }

  writer_handle::pointer self_;
  service_registry& registry_;
  service_entry& service_;
  partition_entry& partition_;
  keeper_handle keeper_;
  std::unique_ptr<db::connection> connection_;
  std::unique_ptr<writer_core> core_;
  /// By receiver, the events' producer and partition, and whether they include the events' ids.
  std::map<std::tuple<verdict_receiver, std::string, std::int64_t, bool>, std::vector<verdict>>
      verdicts_;
  timestamp flushed_at_;
  double messages_ = 1;  ///< of a batch, a moving average
  std::vector<std::pair<promised_ptr<answer_box>, answer>> held_;
  bool committed_ = false;  ///< since the last heartbeat
  bool lost_ = false;
  bool drained_ = false;
  bool scheduled_ = false;
  bool acknowledging_ = false;
  bool cleaning_ = false;         ///< a message for the next slice is scheduled
  std::int64_t jobs_before_ = 0;  ///< the partition's message count at the last slice
};

using writer_self = writer_handle::stateful_pointer<std::optional<writer>>;

writer_handle::behavior_type behavior_of(writer_self self) {
  return {
      [self](request_box& r) -> caf::result<answer_box> {
        self->state->request(r, promise_of<answer_box>(self));
        return caf::delegated<answer_box>{};
      },
      [self](const delivery_box& box) { self->state->deliver(box); },
      [self](const job_box& box) -> caf::result<answer_box> {
        self->state->run_job(box, promise_of<answer_box>(self));
        return caf::delegated<answer_box>{};
      },
      [self](const finished_box& box) { self->state->finished(box); },
      [self](flush_atom) { self->state->flush(); },
      [self](tick_atom) { self->state->tick(); },
      [self](beat_atom) { self->state->beat(); },
      [self](look_atom) { self->state->start_cleanup(); },
      [self](clean_atom) { self->state->clean_up(); },
      [self](drain_atom) -> bool {
        self->state->drain();
        return true;
      },
  };
}

}  // namespace

writer_handle spawn_writer(caf::actor_system& system, runs where, service_registry& registry,
                           service_entry& service, partition_grant grant, keeper_handle keeper) {
  return spawn_where(system, where,
                     [&registry, &service, grant = std::move(grant),
                      keeper = std::move(keeper)](writer_self self) {
                       log_exceptions(self, "writer");
                       self->state.emplace(self, registry, service, grant, keeper);
                       return behavior_of(self);
                     });
}

}  // namespace stoa::kernel
