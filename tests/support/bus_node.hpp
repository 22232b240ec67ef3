#pragma once
// A node of the event bus without actors: stores received events and settles them as the test asks.

#include "net/nats/handles.hpp"
#include "net/nats/nats_bus.hpp"
#include "storage/base/text.hpp"

#include <boost/test/unit_test.hpp>
#include <prometheus/registry.h>

#include <mutex>
#include <set>
#include <thread>

namespace stoa::test {

template <class F>
bool eventually(F&& is_so, milliseconds limit = seconds{15}) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds{2});
  }
  return true;
}

struct arrival {
  std::string subscriber;
  kernel::published what;
  std::function<void(bool)> settle;
};

/// A key that signs events, by its id.
inline nats::signing_key test_key(const std::string& id) {
  return {id, text::hash("key " + id)};
}

/// Options for a server at the URL, with short timeouts.
inline nats::nats_options quick_options(const std::string& url) {
  nats::nats_options o;
  o.urls = {url};
  o.client_name = "test";
  o.cluster = "test";
  o.signing = std::make_shared<nats::signing_ring>(nats::signing_keys{test_key("first")});
  o.producers = {{"order.placed", "order"},
                 {"order.confirmed", "order"},
                 {"stock.reserved", "catalog"},
                 {"payment.completed", "payment"}};
  o.duplicate_window = milliseconds{500};
  o.ack_wait = seconds{1};
  o.retry_max = milliseconds{200};
  o.check_interval = milliseconds{500};
  o.drain_max = milliseconds{500};
  return o;
}

class bus_node {
 public:
  using subscriptions = std::map<std::string, std::vector<std::string>>;
  /// Decides whether an event is acknowledged; empty: it stays open and the test settles it.
  using reaction = std::function<std::optional<bool>(const arrival&)>;

  bus_node(nats::nats_options o, subscriptions wanted, reaction react = applied)
      : react_(std::move(react)) {
    o.registry = &registry_;
    bus_ = nats::make_nats_bus(std::move(o));
    bus_->start(
        std::move(wanted),
        [this](const std::string& subscriber, kernel::published what,
               std::function<void(bool)> settle) {
          take({subscriber, std::move(what), std::move(settle)});
        },
        [this](kernel::bus_verdict v) {
          std::lock_guard lock(mutex_);
          verdicts_.push_back(std::move(v));
        },
        [this] { ++times_back_; });
  }
  ~bus_node() { bus_->stop(); }

  kernel::event_bus& bus() { return *bus_; }
  bool await_connected() {
    return eventually([&] { return bus_->connected(); });
  }
  std::vector<arrival> arrivals() const {
    std::lock_guard lock(mutex_);
    return arrivals_;
  }
  std::size_t count() const {
    std::lock_guard lock(mutex_);
    return arrivals_.size();
  }
  /// Sequence numbers of the received events.
  std::set<std::int64_t> seqs() const {
    std::lock_guard lock(mutex_);
    std::set<std::int64_t> all;
    for (const auto& a : arrivals_) all.insert(a.what.what->seq);
    return all;
  }
  std::vector<kernel::bus_verdict> verdicts() const {
    std::lock_guard lock(mutex_);
    return verdicts_;
  }
  /// Sum of the metric's values whose labels hold the value, such as "dropped".
  double metric(const std::string& name, const std::string& label_value = {}) {
    double sum = 0;
    for (const auto& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const auto& m : family.metric) {
        const bool is_it = label_value.empty() ||
                           std::any_of(m.label.begin(), m.label.end(),
                                       [&](const auto& l) { return l.value == label_value; });
        if (is_it) sum += m.counter.value + m.gauge.value;
      }
    }
    return sum;
  }

  int times_back() const { return times_back_; }

  static std::optional<bool> applied(const arrival&) { return true; }
  static std::optional<bool> left_open(const arrival&) { return std::nullopt; }

 private:
  void take(const arrival& a) {
    const auto answer = react_(a);
    {
      std::lock_guard lock(mutex_);
      arrivals_.push_back(a);
    }
    if (!answer) return;
    bus_->tell({a.subscriber, a.what.what->source, a.what.what->partition, a.what.what->seq, {}});
    a.settle(*answer);
  }

  const reaction react_;
  mutable std::mutex mutex_;
  std::vector<arrival> arrivals_;
  std::vector<kernel::bus_verdict> verdicts_;
  std::atomic<int> times_back_ = 0;
  prometheus::Registry registry_;
  std::unique_ptr<kernel::event_bus> bus_;
};

inline kernel::published an_event(std::int64_t seq, const std::string& source = "order",
                                  const std::string& type = "order.placed") {
  kernel::event e;
  e.seq = seq;
  e.event_id = stoa::event_id{system_ids().next_v7()};
  e.source = source;
  e.type = type;
  e.aggregate_id = system_ids().next_v7();
  e.payload = R"({"number":)" + std::to_string(seq) + "}";
  e.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  e.created_at = system_time().now();
  e.partition = 1;
  return {std::make_shared<const kernel::event>(std::move(e)), seq > 0 ? seq - 1 : 0};
}

/// Another client's plain connection to the broker.
class third_party {
 public:
  explicit third_party(const std::string& url) {
    natsConnection* c = nullptr;
    check(natsConnection_ConnectTo(&c, url.c_str()));
    connection_.reset(c);
    jsCtx* js = nullptr;
    check(natsConnection_JetStream(&js, c, nullptr));
    jetstream_.reset(js);
  }

  using headers = std::vector<std::pair<std::string, std::string>>;
  void publish(const std::string& subject, const std::string& data, const headers& list = {}) {
    natsMsg* raw = nullptr;
    check(
        natsMsg_Create(&raw, subject.c_str(), nullptr, data.data(), static_cast<int>(data.size())));
    const nats::message_handle m(raw);
    for (const auto& [name, value] : list) {
      check(natsMsgHeader_Set(raw, name.c_str(), value.c_str()));
    }
    check(natsConnection_PublishMsg(connection_.get(), raw));
    check(natsConnection_Flush(connection_.get()));
  }
  nats::subscription_handle subscribe(const std::string& subject) {
    natsSubscription* s = nullptr;
    check(natsConnection_SubscribeSync(&s, connection_.get(), subject.c_str()));
    check(natsConnection_Flush(connection_.get()));
    return nats::subscription_handle(s);
  }
  static nats::message_handle next(natsSubscription* s) {
    natsMsg* m = nullptr;
    check(natsSubscription_NextMsg(&m, s, 5000));
    return nats::message_handle(m);
  }
  jsCtx* jetstream() { return jetstream_.get(); }
  std::uint64_t messages_in(const std::string& stream) {
    jsStreamInfo* raw = nullptr;
    check(js_GetStreamInfo(&raw, jetstream_.get(), stream.c_str(), nullptr, nullptr));
    const nats::stream_info_handle info(raw);
    return info->State.Msgs;
  }
  /// Events that are delivered to the consumer and not settled.
  std::int64_t pending_at(const std::string& stream, const std::string& consumer) {
    jsConsumerInfo* raw = nullptr;
    check(js_GetConsumerInfo(&raw, jetstream_.get(), stream.c_str(), consumer.c_str(), nullptr,
                             nullptr));
    const nats::consumer_info_handle info(raw);
    return info->NumAckPending + static_cast<std::int64_t>(info->NumPending);
  }

  /// When the consumer was created, in nanoseconds; 0: it does not exist.
  std::int64_t born(const std::string& stream, const std::string& consumer) {
    jsConsumerInfo* raw = nullptr;
    js_GetConsumerInfo(&raw, jetstream_.get(), stream.c_str(), consumer.c_str(), nullptr, nullptr);
    const nats::consumer_info_handle info(raw);
    return info ? info->Created : 0;
  }

  static void check(natsStatus s) {
    if (s != NATS_OK) throw std::runtime_error(nats::failure_text(s));
  }

 private:
  nats::connection_handle connection_;
  nats::jetstream_handle jetstream_;
};

}  // namespace stoa::test
