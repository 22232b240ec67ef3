#include "net/nats/inspector.hpp"

#include "net/nats/cloud_event.hpp"
#include "net/nats/nats_bus.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::nats {

namespace {

constexpr std::string_view event_kind = "event";
constexpr std::string_view verdict_kind = "verdicts";
constexpr std::string_view outbox_kind = "outbox";
/// Number of remembered rejections. A message that does not fit is rejected, which costs a repeat.
constexpr std::size_t seen_max = 65'536;

const std::vector<const char*>& verdict_headers() {
  static const std::vector<const char*> names{header::sent};
  return names;
}

const std::vector<const char*>& outbox_headers() {
  static const std::vector<const char*> names{header::outbox};
  return names;
}

const char* name_of(signature_fault f) {
  switch (f) {
    case signature_fault::missing:
      return "unsigned";
    case signature_fault::unknown_key:
      return "unknown_key";
    case signature_fault::wrong:
      return "wrong_signature";
    case signature_fault::none:
      break;
  }
  return "none";
}

}  // namespace

header_lookup headers_in(natsMsg* m) {
  return [m](const char* name) -> const char* {
    const char* value = nullptr;
    return natsMsgHeader_Get(m, name, &value) == NATS_OK ? value : nullptr;
  };
}

std::string_view payload_of(natsMsg* m) {
  return {natsMsg_GetData(m), static_cast<std::size_t>(natsMsg_GetDataLength(m))};
}

inspector::inspector(const nats_options& o, bus_metrics& metrics)
    : signer_(o.signing, o.cluster),
      age_max_(o.copy_age_max),
      metrics_(metrics),
      seen_(seen_max, 2 * o.copy_age_max) {}

void inspector::sign_event(std::string_view subject, header_list& headers,
                           std::string_view payload) const {
  auto signature = signer_.sign(event_kind, subject, headers, payload);
  headers.emplace_back(header::signature, std::move(signature));
}

void inspector::sign_outbox(std::string_view subject, header_list& headers,
                            const kernel::outbox_run& run) const {
  header_list own{{header::outbox, json::write(run)}};
  // Signs the event's signature, which binds the run to the event.
  auto signature = signer_.sign(outbox_kind, subject, own, headers.back().second);
  headers.push_back(std::move(own.front()));
  headers.emplace_back(header::outbox_signature, std::move(signature));
}

void inspector::sign_verdicts(std::string_view subject, header_list& headers,
                              std::string_view payload) const {
  headers.emplace_back(header::sent, store_time().now().str());
  auto signature = signer_.sign(verdict_kind, subject, headers, payload);
  headers.emplace_back(header::signature, std::move(signature));
}

inspection inspector::event(natsMsg* m, timestamp now) {
  if (!genuine(m, true)) return inspection::rejected;
  return recent(m, now) ? inspection::good : inspection::old;
}

inspection inspector::verdicts(natsMsg* m, timestamp now) {
  if (!genuine(m, false)) return inspection::rejected;
  if (recent(m, now)) return inspection::good;
  reject(m, false, "old");
  return inspection::rejected;
}

bool inspector::is_first(natsMsg* m, timestamp now) {
  const char* signature = headers_in(m)(header::signature);
  if (signature != nullptr && seen_.is_first(signature, now)) return true;
  reject(m, false, "repeated");
  return false;
}

bool inspector::genuine(natsMsg* m, bool event) {
  const std::string_view subject = natsMsg_GetSubject(m);
  const auto find = headers_in(m);
  auto fault = signer_.check(event ? event_kind : verdict_kind, subject,
                             event ? signed_headers() : verdict_headers(), find, payload_of(m));
  if (fault == signature_fault::none && event && find(header::outbox) != nullptr) {
    const header_lookup found = [&](const char* name) {
      return find(std::string_view(name) == header::signature ? header::outbox_signature : name);
    };
    fault = signer_.check(outbox_kind, subject, outbox_headers(), found, find(header::signature));
  }
  if (fault != signature_fault::none) reject(m, event, name_of(fault));
  return fault == signature_fault::none;
}

bool inspector::recent(natsMsg* m, timestamp now) const {
  const char* text = headers_in(m)(header::sent);
  const auto sent = timestamp::parse(text != nullptr ? text : "");
  return sent && now - *sent <= age_max_ && *sent - now <= age_max_;
}

void inspector::reject(natsMsg* m, bool event, const char* reason) {
  metrics_.rejected(event, reason);
  std::int64_t left_out = 0;
  if (!limiter_.now(left_out)) return;
  log::warn(event ? "event bus: event rejected" : "event bus: verdicts rejected",
            {{"subject", natsMsg_GetSubject(m)}, {"reason", reason}, {"suppressed", left_out}});
}

}  // namespace stoa::nats
