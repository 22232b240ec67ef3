#include "net/nats/session.hpp"

#include "net/nats/cloud_event.hpp"
#include "net/nats/names.hpp"
#include "net/nats/verdicts.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>

namespace stoa::nats {

namespace {

/// A longer write ends the connection: the broker or the network is stuck.
constexpr std::int64_t write_limit_ms = 2000;
/// Interval of pings to the broker. Unanswered pings end the connection.
constexpr std::int64_t ping_interval_ms = 2000;
constexpr int pings_unanswered_max = 2;
constexpr std::int64_t flush_limit_ms = 1000;
constexpr microseconds send_pause = milliseconds{100};

/// The host in "tls://user@name:4222", to verify the certificate.
std::string host_of(const std::string& url) {
  auto rest = url.substr(url.find("://") + 3);
  if (auto at = rest.rfind('@'); at != std::string::npos) rest = rest.substr(at + 1);
  if (rest.starts_with("[")) return rest.substr(1, rest.find(']') - 1);
  return rest.substr(0, rest.find_first_of(":/"));
}

void log_library_error(natsConnection*, natsSubscription*, natsStatus s, void*) {
  static log_limiter limiter;
  std::int64_t left_out = 0;
  if (limiter.now(left_out)) {
    log::warn("event bus: connection error",
              {{"error", natsStatus_GetText(s)}, {"suppressed", left_out}});
  }
}

/// Applies settings until one fails.
class option_setter {
 public:
  explicit option_setter(natsOptions* o) : options_(o) {}
  template <class Set, class... Values>
  void operator()(Set set, Values... values) {
    if (status_ == NATS_OK) status_ = set(options_, values...);
  }
  natsStatus status() const { return status_; }

 private:
  natsOptions* options_;
  natsStatus status_ = NATS_OK;
};

natsStatus configure(natsOptions* options, const nats_options& o, const std::string& url) {
  option_setter set(options);
  const char* servers[] = {url.c_str()};
  set(natsOptions_SetServers, servers, 1);
  set(natsOptions_SetName, o.client_name.c_str());
  set(natsOptions_SetTimeout, std::chrono::duration_cast<milliseconds>(o.connect_timeout).count());
  set(natsOptions_SetAllowReconnect, false);
  set(natsOptions_SetIgnoreDiscoveredServers, true);
  set(natsOptions_SetPingInterval, ping_interval_ms);
  set(natsOptions_SetMaxPingsOut, pings_unanswered_max);
  set(natsOptions_SetWriteDeadline, write_limit_ms);
  set(natsOptions_SetErrorHandler, &log_library_error, nullptr);
  if (url.starts_with("tls://")) {
    set(natsOptions_SetSecure, true);
    set(natsOptions_SetExpectedHostname, host_of(url).c_str());
  }
  if (!o.credentials_file.empty()) {
    set(natsOptions_SetUserCredentialsFromFiles, o.credentials_file.c_str(), nullptr);
  }
  return set.status();
}

/// Context of a subscription's thread, deleted when the library reports its end.
struct subscriber {
  core_ptr core;
  std::function<void(natsMsg*)> handle;
};

void on_library_message(natsConnection*, natsSubscription*, natsMsg* m, void* closure) {
  const message_handle owned(m);
  try {
    static_cast<subscriber*>(closure)->handle(m);
  } catch (const std::exception& e) {
    log::error("event bus: cannot handle a message", {{"error", e.what()}});
  }
}

void on_library_end(void* closure) {
  const std::unique_ptr<subscriber> ended(static_cast<subscriber*>(closure));
  ended->core->poke();  // The connection is probably lost.
}

/// Creates a message; the status reports failure.
natsStatus make_message(message_handle& out, const std::string& subject, const std::string& reply,
                        std::string_view data, const header_list& headers) {
  natsMsg* raw = nullptr;
  auto s = natsMsg_Create(&raw, subject.c_str(), reply.empty() ? nullptr : reply.c_str(),
                          data.data(), static_cast<int>(data.size()));
  out.reset(raw);
  for (const auto& [name, value] : headers) {
    if (s == NATS_OK) s = natsMsgHeader_Set(raw, name, value.c_str());
  }
  return s;
}

/// The error in a publish confirmation; empty: success.
std::string error_in(natsMsg* m, const json::value* answer) {
  const char* status = nullptr;
  if (natsMsgHeader_Get(m, "Status", &status) == NATS_OK) {
    return std::string(status) == "503" ? "no stream for the subject" : status;
  }
  if (answer == nullptr) return "malformed confirmation";
  const auto* error = answer->find("error");
  if (error == nullptr) return {};
  const auto* text = error->find("description");
  const auto* description = text != nullptr ? text->if_string() : nullptr;
  return description != nullptr ? *description : "unspecified error";
}

void take_confirmation(bus_core& core, publish_flow& flow, natsMsg* m) {
  const auto parsed = json::parse(payload_of(m));
  const auto why = error_in(m, parsed ? &*parsed : nullptr);
  std::int64_t left_out = 0;
  if (why.empty()) {
    const auto* again = parsed->find("duplicate");
    const bool duplicate = again != nullptr && again->if_bool() != nullptr && *again->if_bool();
    core.metrics.count(duplicate ? bus_count::duplicate : bus_count::published);
  } else {
    core.metrics.count(bus_count::publish_error);
    core.poke();
    if (flow.limiter.now(left_out)) {
      log::warn("event bus: the broker rejected an event",
                {{"error", why}, {"suppressed", left_out}});
    }
  }
  flow.confirmed_at_us = process_time().now().us;
  const auto before = flow.in_flight.fetch_sub(1);
  if (before >= static_cast<std::int64_t>(core.options.in_flight_max)) core.queue.wake();
}

void take_verdicts(bus_core& core, natsMsg* m) {
  const auto now = store_time().now();
  if (core.inspect.verdicts(m, now) != inspection::good) return;
  auto list = read_verdicts(payload_of(m));
  if (!list) {
    static log_limiter limiter;
    std::int64_t left_out = 0;
    if (limiter.now(left_out)) {
      log::warn("event bus: malformed verdicts", {{"subject", natsMsg_GetSubject(m)},
                                                  {"error", list.error().detail},
                                                  {"suppressed", left_out}});
    }
    return;
  }
  const bool refuses =
      std::any_of(list->begin(), list->end(), [](const auto& v) { return v.refused.has_value(); });
  if (refuses && !core.inspect.is_first(m, now)) return;
  for (auto& v : *list) {
    core.call([&] { core.verdict(std::move(v)); });
  }
}

}  // namespace

std::unique_ptr<session> session::connect(const core_ptr& core, const std::string& url,
                                          std::string& error) {
  const auto failed = [&](natsStatus s) {
    error = failure_text(s);
    return nullptr;
  };
  natsOptions* raw_options = nullptr;
  if (auto s = natsOptions_Create(&raw_options); s != NATS_OK) return failed(s);
  const options_handle options(raw_options);
  if (auto s = configure(options.get(), core->options, url); s != NATS_OK) return failed(s);

  std::unique_ptr<session> made(new session(core));
  natsConnection* connection = nullptr;
  if (auto s = natsConnection_Connect(&connection, options.get()); s != NATS_OK) return failed(s);
  made->connection_.reset(connection);
  jsCtx* js = nullptr;
  if (auto s = natsConnection_JetStream(&js, connection, nullptr); s != NATS_OK) return failed(s);
  made->jetstream_.reset(js);
  natsInbox* inbox = nullptr;
  if (auto s = natsInbox_Create(&inbox); s != NATS_OK) return failed(s);
  made->inbox_ = inbox;
  natsInbox_Destroy(inbox);
  return made;
}

session::~session() {
  ending_ = true;
  for (auto& p : pullers_) p->close();
  if (connection_) natsConnection_Close(connection_.get());
  end_sender();
  const auto lost = flow_->in_flight.load();
  if (lost > 0) core_->metrics.count(bus_count::publish_error, static_cast<std::size_t>(lost));
}

bool session::alive() const {
  return natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED;
}

bool session::ensure() {
  const auto now = ensure_assets(*core_, jetstream_.get(), seen_);
  if (now.renewed) {
    for (auto& p : pullers_) p->reset_requests();
    core_->call(core_->back);
  }
  return now.good;
}

bool session::subscribe(const std::string& subject, on_message handle) {
  auto closure = std::make_unique<subscriber>(subscriber{core_, std::move(handle)});
  natsSubscription* made = nullptr;
  const auto s = natsConnection_Subscribe(&made, connection_.get(), subject.c_str(),
                                          &on_library_message, closure.get());
  if (s != NATS_OK) {
    log::warn("event bus: cannot subscribe", {{"subject", subject}, {"error", failure_text(s)}});
    return false;
  }
  subscriptions_.emplace_back(made);
  natsSubscription_SetOnCompleteCB(made, &on_library_end, closure.get());
  static_cast<void>(closure.release());  // on_library_end() deletes it.
  return true;
}

bool session::subscribe_all() {
  if (!subscribe(inbox_ + ".confirmed", [core = core_, flow = flow_](natsMsg* m) {
        take_confirmation(*core, *flow, m);
      })) {
    return false;
  }
  for (const auto& [service, types] : core_->wanted) {
    if (!subscribe(all_verdicts(core_->options.stream, service),
                   [core = core_](natsMsg* m) { take_verdicts(*core, m); })) {
      return false;
    }
    if (types.empty()) continue;
    auto pulling = std::make_shared<puller>(core_, service, inbox_ + "." + service);
    if (!subscribe(pulling->subject(), [pulling](natsMsg* m) { pulling->take(m); })) return false;
    pulls_.push_back(subscriptions_.back().get());
    pullers_.push_back(std::move(pulling));
  }
  return true;
}

bool session::begin() {
  core_->queue.forget_requests();
  core_->take_suspects();  // Left by the previous connection.
  if (!subscribe_all()) return false;
  flow_->confirmed_at_us = process_time().now().us;
  sender_ = std::thread([this] { send_loop(); });
  tick();
  return true;
}

void session::tick() {
  for (auto& p : pullers_) p->tick(process_time().now());
}

void session::check_for_lost() {
  const auto now = process_time().now();
  if (flow_->in_flight == 0) {
    flow_->confirmed_at_us = now.us;
    return;
  }
  if (now - timestamp{flow_->confirmed_at_us} < core_->options.confirm_wait) return;
  const auto lost = flow_->in_flight.exchange(0);
  if (lost <= 0) return;
  core_->metrics.count(bus_count::publish_error, static_cast<std::size_t>(lost));
  core_->poke();
}

send_queue::load session::wait_for_load(microseconds limit) {
  const auto room = static_cast<std::int64_t>(core_->options.in_flight_max) - flow_->in_flight;
  return core_->queue.take(static_cast<std::size_t>(std::max<std::int64_t>(room, 0)), limit);
}

bool session::send(const send_queue::load& load) {
  bool good = true;
  for (const auto& m : load.plain) good = good && send(m);
  for (auto& m : verdict_messages(core_->options.stream, load.verdicts)) {
    core_->inspect.sign_verdicts(m.subject, m.headers, m.data);
    good = good && send(m);
  }
  std::size_t sent = 0;
  for (const auto& e : load.events) {
    good = good && alive();
    if (good && send(e)) ++sent;
  }
  core_->metrics.count(bus_count::publish_error, load.events.size() - sent);
  return good;
}

void session::send_loop() {
  while (!ending_) {
    const bool good = send(wait_for_load(send_pause));
    check_for_lost();
    if (good) continue;
    // Unusable; the keeper opens another connection.
    natsConnection_Close(connection_.get());
    core_->poke();
    return;
  }
}

bool session::send(const kernel::published& e) {
  const auto& o = core_->options;
  const auto subject = subject_of(o.stream, e.what->source, e.what->type);
  auto headers = headers_of(o.stream, e, store_time().now());
  core_->inspect.sign_event(subject, headers, e.what->payload);
  if (e.from) core_->inspect.sign_outbox(subject, headers, *e.from);
  message_handle m;
  auto s = make_message(m, subject, inbox_ + ".confirmed", e.what->payload, headers);
  if (s != NATS_OK) return false;
  // Count first: the confirmation may arrive before this thread continues.
  flow_->in_flight.fetch_add(1);
  s = natsConnection_PublishMsg(connection_.get(), m.get());
  if (s == NATS_OK) return true;
  flow_->in_flight.fetch_sub(1);
  std::int64_t left_out = 0;
  if (flow_->limiter.now(left_out)) {
    log::warn("event bus: cannot send an event", {{"event_id", e.what->event_id.str()},
                                                  {"error", failure_text(s)},
                                                  {"suppressed", left_out}});
  }
  return false;
}

bool session::send(const plain_message& m) {
  if (!m.headers.empty()) {
    message_handle made;
    return make_message(made, m.subject, m.reply, m.data, m.headers) == NATS_OK &&
           natsConnection_PublishMsg(connection_.get(), made.get()) == NATS_OK;
  }
  const auto size = static_cast<int>(m.data.size());
  const auto s =
      m.reply.empty()
          ? natsConnection_Publish(connection_.get(), m.subject.c_str(), m.data.data(), size)
          : natsConnection_PublishRequest(connection_.get(), m.subject.c_str(), m.reply.c_str(),
                                          m.data.data(), size);
  return s == NATS_OK;
}

void session::drain(microseconds limit) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + limit;
  for (auto& p : pullers_) p->close();
  // The broker keeps undelivered events; events still in transit are returned to it.
  for (auto* s : pulls_) natsSubscription_Drain(s);
  for (auto* s : pulls_) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - clock::now()).count();
    natsSubscription_WaitForDrainCompletion(s, std::max<std::int64_t>(left, 1));
  }
  const auto done = [&] {
    return core_->unsettled_events() == 0 && core_->queue.empty() && flow_->in_flight <= 0;
  };
  while (!done() && alive() && clock::now() < end) std::this_thread::sleep_for(milliseconds{5});
  end_sender();
  send(wait_for_load({}));
  natsConnection_FlushTimeout(connection_.get(), flush_limit_ms);
}

void session::end_sender() {
  ending_ = true;
  core_->queue.wake();
  if (sender_.joinable()) sender_.join();
}

}  // namespace stoa::nats
