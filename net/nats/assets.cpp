#include "net/nats/assets.hpp"

#include "net/nats/names.hpp"
#include "storage/base/service_clock.hpp"

#include <array>
#include <thread>

namespace stoa::nats {

namespace {

constexpr std::int64_t answer_wait_ms = 2000;
/// A new consumer starts this far in the past, so that it receives events published while other
/// nodes were still starting. The relay publishes older events again.
constexpr microseconds start_offset = seconds{15};

/// Wait after an asset was deleted. The server may still be removing its files, and would remove
/// those of a new asset of the same name (seen with 2.9.10: the stream then stores nothing until
/// the server restarts).
constexpr microseconds deletion_wait = seconds{1};

std::int64_t nanoseconds_of(microseconds t) {
  return t.count() * 1000;
}

class asset_keeper {
 public:
  asset_keeper(bus_core& core, jsCtx* js, seen_assets& seen)
      : core_(core), js_(js), seen_(seen), first_(seen.empty()), suspects_(core.take_suspects()) {
    jsOptions_Init(&request_);
    request_.Wait = answer_wait_ms;
  }

  bool stream() {
    const auto& o = core_.options;
    const auto subjects = all_subjects(o.stream);
    std::array<const char*, 1> list{subjects.c_str()};
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = o.stream.c_str();
    config.Description = "Events of the store";
    config.Subjects = list.data();
    config.SubjectsLen = static_cast<int>(list.size());
    config.Storage = js_FileStorage;
    config.Discard = js_DiscardOld;
    config.Retention = js_LimitsPolicy;
    config.Replicas = o.replicas;
    config.MaxAge = nanoseconds_of(o.max_age);
    config.Duplicates = nanoseconds_of(o.duplicate_window);

    jsStreamInfo* found = nullptr;
    jsErrCode code{};
    auto s = js_GetStreamInfo(&found, js_, config.Name, &request_, &code);
    const stream_info_handle info(found);
    if (s == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
      if (!first_) wait_for_deletion();
      s = js_AddStream(nullptr, js_, &config, &request_, &code);
      if (s == NATS_OK) log::info("created stream", {{"stream", o.stream}});
      return done(s, "cannot create the stream", o.stream);
    }
    if (s != NATS_OK) return done(s, "cannot inspect the stream", o.stream);
    remember(subjects, info->Created);
    if (!first_ || same(*info->Config, config)) return true;
    return done(js_UpdateStream(nullptr, js_, &config, &request_, &code),
                "cannot update the stream", o.stream);
  }

  bool consumer(const std::string& service, const std::string& type) {
    const auto& o = core_.options;
    const auto name = consumer_name(service, type);
    const auto filter = subject_of(o.stream, o.producers.at(type), type);
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.Durable = name.c_str();
    config.FilterSubject = filter.c_str();
    config.AckPolicy = js_AckExplicit;
    config.AckWait = nanoseconds_of(o.ack_wait);
    config.MaxAckPending = o.ack_pending_max;
    config.MaxDeliver = -1;

    jsConsumerInfo* found = nullptr;
    jsErrCode code{};
    auto s = js_GetConsumerInfo(&found, js_, o.stream.c_str(), name.c_str(), &request_, &code);
    const consumer_info_handle info(found);
    if (s == NATS_NOT_FOUND || code == JSConsumerNotFoundErr) {
      if (!first_) wait_for_deletion();
      return add(config);
    }
    if (s != NATS_OK) return done(s, "cannot inspect the consumer", name);
    if (suspects_.contains(name) && is_unchanged(name, info->Created)) return replace(config);
    remember(name, info->Created);
    if (!first_ || same(*info->Config, config)) return true;
    config.DeliverPolicy = info->Config->DeliverPolicy;
    config.OptStartSeq = info->Config->OptStartSeq;
    config.OptStartTime = info->Config->OptStartTime;
    return done(js_UpdateConsumer(nullptr, js_, o.stream.c_str(), &config, &request_, &code),
                "cannot update the consumer", name);
  }

  bool renewed() const { return recreated_; }

 private:
  static bool same(const jsStreamConfig& is, const jsStreamConfig& wanted) {
    return is.SubjectsLen == 1 && std::string_view(is.Subjects[0]) == wanted.Subjects[0] &&
           is.MaxAge == wanted.MaxAge && is.Duplicates == wanted.Duplicates &&
           is.Replicas == wanted.Replicas;
  }
  static bool same(const jsConsumerConfig& is, const jsConsumerConfig& wanted) {
    return is.FilterSubject != nullptr &&
           std::string_view(is.FilterSubject) == wanted.FilterSubject &&
           is.AckWait == wanted.AckWait && is.MaxAckPending == wanted.MaxAckPending;
  }

  /// Relays publish events without a verdict again, so none is lost.
  bool replace(jsConsumerConfig& config) {
    log::warn("event bus: recreating unresponsive consumer", {{"consumer", config.Durable}});
    core_.metrics.count(bus_count::consumer_replaced);
    const auto s =
        js_DeleteConsumer(js_, core_.options.stream.c_str(), config.Durable, &request_, nullptr);
    if (s != NATS_OK && s != NATS_NOT_FOUND) {
      return done(s, "cannot delete the consumer", config.Durable);
    }
    wait_for_deletion();
    return add(config);
  }

  bool add(jsConsumerConfig& config) {
    config.DeliverPolicy = js_DeliverByStartTime;
    config.OptStartTime = (store_time().now() - start_offset).us * 1000;
    jsErrCode code{};
    const char* stream = core_.options.stream.c_str();
    jsConsumerInfo* found = nullptr;
    const auto s = js_AddConsumer(&found, js_, stream, &config, &request_, &code);
    if (s == NATS_OK) {
      log::info("created consumer", {{"consumer", config.Durable}});
    } else {
      // Another node may have created it with another start time.
      js_GetConsumerInfo(&found, js_, stream, config.Durable, &request_, nullptr);
    }
    const consumer_info_handle info(found);
    if (!info) return done(s, "cannot create the consumer", config.Durable);
    remember(config.Durable, info->Created);
    return true;
  }

  bool is_unchanged(const std::string& name, std::int64_t created_at) const {
    const auto known = seen_.find(name);
    return known != seen_.end() && known->second == created_at;
  }

  void remember(const std::string& name, std::int64_t created_at) {
    auto [known, fresh] = seen_.emplace(name, created_at);
    if (fresh || known->second == created_at) return;
    known->second = created_at;
    recreated_ = true;
  }

  void wait_for_deletion() {
    if (!waited_) std::this_thread::sleep_for(deletion_wait);
    waited_ = true;
  }

  static bool done(natsStatus s, std::string_view message, std::string_view name) {
    static log_limiter limiter;
    std::int64_t left_out = 0;
    if (s != NATS_OK && limiter.now(left_out)) {
      log::warn("event bus: " + std::string(message),
                {{"name", name}, {"error", failure_text(s)}, {"suppressed", left_out}});
    }
    return s == NATS_OK;
  }

  bus_core& core_;
  jsCtx* js_;
  seen_assets& seen_;
  const bool first_;
  const std::set<std::string> suspects_;
  bool recreated_ = false;
  jsOptions request_{};
  bool waited_ = false;
};

}  // namespace

assets_state ensure_assets(bus_core& core, jsCtx* js, seen_assets& seen) {
  asset_keeper keeper(core, js, seen);
  bool good = keeper.stream();
  for (const auto& [service, types] : core.wanted) {
    for (const auto& type : types) good = good && keeper.consumer(service, type);
  }
  return {good, keeper.renewed()};
}

}  // namespace stoa::nats
