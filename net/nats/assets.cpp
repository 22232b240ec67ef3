#include "net/nats/assets.hpp"

#include "net/nats/names.hpp"

#include <array>

namespace stoa::nats {

namespace {

constexpr std::int64_t answer_wait_ms = 2000;
/// A new consumer begins this long before its making, so that events which were published while the
/// others were still getting ready need not wait for the relay to publish them again. What is older
/// does.
constexpr microseconds look_back = seconds{15};

std::int64_t nanoseconds_of(microseconds t) {
  return t.count() * 1000;
}

class asset_keeper {
 public:
  asset_keeper(const bus_core& core, jsCtx* js) : core_(core), js_(js) {
    jsOptions_Init(&request_);
    request_.Wait = answer_wait_ms;
  }

  bool stream(bool adapt) {
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
      s = js_AddStream(nullptr, js_, &config, &request_, &code);
      if (s == NATS_OK) log::info("stream made at the broker", {{"stream", o.stream}});
      return done(s, "the stream cannot be made", o.stream);
    }
    if (s != NATS_OK || !adapt || same(*info->Config, config)) {
      return done(s, "the stream cannot be looked at", o.stream);
    }
    return done(js_UpdateStream(nullptr, js_, &config, &request_, &code),
                "the stream's settings cannot be changed", o.stream);
  }

  bool consumer(const std::string& service, const std::string& type, bool adapt) {
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
      config.DeliverPolicy = js_DeliverByStartTime;
      config.OptStartTime = (system_time().now() - look_back).us * 1000;
      return add(config);
    }
    if (s != NATS_OK || !adapt || same(*info->Config, config)) {
      return done(s, "the consumer cannot be looked at", name);
    }
    config.DeliverPolicy = info->Config->DeliverPolicy;
    config.OptStartSeq = info->Config->OptStartSeq;
    config.OptStartTime = info->Config->OptStartTime;
    return done(js_UpdateConsumer(nullptr, js_, o.stream.c_str(), &config, &request_, &code),
                "the consumer's settings cannot be changed", name);
  }

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

  bool add(jsConsumerConfig& config) {
    jsErrCode code{};
    const auto s =
        js_AddConsumer(nullptr, js_, core_.options.stream.c_str(), &config, &request_, &code);
    if (s != NATS_OK) {
      // Perhaps another node was faster, with another time to begin at.
      jsConsumerInfo* found = nullptr;
      js_GetConsumerInfo(&found, js_, core_.options.stream.c_str(), config.Durable, &request_,
                         nullptr);
      const consumer_info_handle info(found);
      if (info) return true;
    }
    if (s == NATS_OK) log::info("consumer made at the broker", {{"consumer", config.Durable}});
    return done(s, "the consumer cannot be made", config.Durable);
  }

  static bool done(natsStatus s, std::string_view complaint, std::string_view name) {
    static rarely often;
    std::int64_t left_out = 0;
    if (s != NATS_OK && often.now(left_out)) {
      log::warn("event bus: " + std::string(complaint),
                {{"name", name}, {"error", failure_text(s)}, {"left_out", left_out}});
    }
    return s == NATS_OK;
  }

  const bus_core& core_;
  jsCtx* js_;
  jsOptions request_{};
};

}  // namespace

bool ensure_assets(const core_ptr& core, jsCtx* js, bool adapt) {
  asset_keeper keeper(*core, js);
  if (!keeper.stream(adapt)) return false;
  for (const auto& [service, types] : core->wanted) {
    for (const auto& type : types) {
      if (!keeper.consumer(service, type, adapt)) return false;
    }
  }
  return true;
}

}  // namespace stoa::nats
