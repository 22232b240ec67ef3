// Deliveries of events to the endpoints of webhooks. Each changes the deliveries of one subject,
// which are decided by one writer; a subject's deliveries to an endpoint are sent one after
// another.

#include "actors/notification/webhooks.hpp"
#include "storage/notification/webhook_store.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

/// Deliveries to one endpoint that a sweep sends: a slow endpoint does not delay others.
constexpr std::size_t endpoint_sweep_max = 64;

constexpr std::int64_t gone = 410;

const webhook_delivery_row* delivery_of(const webhook_delivery_row* found,
                                        stoa::webhook_id webhook) {
  return found && found->webhook_id == webhook ? found : nullptr;
}

/// The subject's deliveries to an endpoint, by position.
std::vector<const webhook_delivery_row*> sequence_of(webhooks::decision& d,
                                                     stoa::webhook_id webhook,
                                                     stoa::webhook_subject_id subject) {
  auto all = d.of<webhook_delivery_row>().where<&webhook_delivery_row::subject_id>(subject);
  std::erase_if(all, [&](const auto* one) { return one->webhook_id != webhook; });
  std::ranges::sort(all, {}, &webhook_delivery_row::position);
  return all;
}

std::vector<std::string> secrets_of(const webhook_endpoint_row& e, timestamp now) {
  std::vector<std::string> all{e.sealed_secret};
  if (e.previous_secret && *e.previous_secret_until > now) all.push_back(*e.previous_secret);
  return all;
}

problem disabled_problem() {
  return conflict("webhook_disabled", "The endpoint is disabled; enable it first.");
}

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

webhook_delivery_view view_of(const webhook_delivery_row& d) {
  webhook_delivery_view v{d.delivery_id, d.webhook_id, d.event_id,   d.event_type,  d.subject_id,
                          d.replay_of,   d.status,     d.attempts,   d.last_status, d.last_error,
                          std::nullopt,  d.created_at, d.finished_at};
  if (d.status == webhook_delivery_status::Pending) v.next_attempt_at = d.next_attempt_at;
  return v;
}

// --- events --------------------------------------------------------------------------------------

void webhooks::need_for(std::string_view type, stoa::webhook_subject_id subject, need_list& list,
                        const records& loaded) const {
  list.add<&webhook_endpoint_row::list>(std::int64_t{0});
  const auto endpoints = loaded.of<webhook_endpoint_row>().where<&webhook_endpoint_row::list>(0);
  if (std::ranges::any_of(endpoints, [&](const auto* e) { return wants(*e, type); })) {
    list.add<&webhook_delivery_row::subject_id>(subject);
  }
}

void webhooks::announce_webhooks(std::string_view type, stoa::webhook_subject_id subject,
                                 const body_maker& body, decision& d) const {
  for (const auto* e : d.of<webhook_endpoint_row>().where<&webhook_endpoint_row::list>(0)) {
    if (!wants(*e, type)) continue;
    const auto before = sequence_of(d, e->webhook_id, subject);
    // An operator applies an event again under another id: one that occurred before is not
    // sent again, although refunds and disputes may occur several times.
    const bool repeated = d.applied_by_hand() && std::ranges::any_of(before, [&](const auto* one) {
                            return one->event_type == type;
                          });
    if (repeated) continue;
    auto& messages = d.of<webhook_message_row>();
    const auto* message = messages.find(d.cause->event_id, e->payload_version);
    if (!message) {
      message = &messages.insert({d.cause->event_id, e->payload_version, std::string(type),
                                  body(d.cause->created_at), d.now, d.now + options_.retention});
    }
    add_delivery(*e, *message, subject, d);
  }
}

/// Sent immediately unless an earlier one is open. Of a disabled endpoint it waits for the
/// endpoint.
webhook_delivery_row& webhooks::add_delivery(const webhook_endpoint_row& endpoint,
                                             const webhook_message_row& message,
                                             stoa::webhook_subject_id subject, decision& d) const {
  const auto before = sequence_of(d, endpoint.webhook_id, subject);
  const bool waits =
      std::ranges::any_of(before, [](const auto* one) { return is_open(one->status); });
  webhook_delivery_row made;
  made.delivery_id = d.new_id<stoa::webhook_delivery_id>();
  made.webhook_id = endpoint.webhook_id;
  made.subject_id = subject;
  made.position = before.empty() ? 1 : before.back()->position + 1;
  made.event_id = message.event_id;
  made.event_type = message.event_type;
  made.payload_version = message.payload_version;
  made.status = waits ? webhook_delivery_status::Waiting : webhook_delivery_status::Pending;
  made.retry_until = d.now + options_.retry_for;
  made.created_at = d.now;
  made.expires_at = d.now + options_.retention;
  auto& delivery = d.of<webhook_delivery_row>().insert(std::move(made));
  if (!waits) send(delivery, d);
  return delivery;
}

/// Sends a Pending delivery; the sweep sends it again when there is no answer in time. Of a
/// disabled endpoint it is only scheduled for its last possible time.
void webhooks::send(webhook_delivery_row& delivery, decision& d) const {
  const auto* endpoint = d.of<webhook_endpoint_row>().find(delivery.webhook_id);
  const auto* message =
      d.of<webhook_message_row>().find(delivery.event_id, delivery.payload_version);
  if (!endpoint || endpoint->status == webhook_status::Disabled || !message) {
    delivery.next_attempt_at = delivery.retry_until;
    return;
  }
  delivery.next_attempt_at = d.now + options_.timeout + options_.margin;
  d.effect(post_webhook{delivery.delivery_id, delivery.webhook_id, delivery.subject_id,
                        delivery.event_id.str(), endpoint->url, secrets_of(*endpoint, d.now),
                        message->body});
}

/// Ends a delivery and sends the next one of its subject.
void webhooks::finish(webhook_delivery_row& delivery, webhook_delivery_status status,
                      decision& d) const {
  delivery.status = status;
  delivery.finished_at = d.now;
  for (const auto* next : sequence_of(d, delivery.webhook_id, delivery.subject_id)) {
    if (next->status != webhook_delivery_status::Waiting) continue;
    auto& row = d.of<webhook_delivery_row>().edit(next->delivery_id);
    row.status = webhook_delivery_status::Pending;
    send(row, d);
    return;
  }
}

// --- sending -------------------------------------------------------------------------------------

void webhooks::needs(const send_due_webhook& m, need_list& list, const records& loaded) const {
  list.add<&webhook_delivery_row::subject_id>(m.subject_id);
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
  list.add<&webhook_message_row::event_id>(m.event_id);
  need_next_message(m.webhook_id, m.subject_id, list, loaded);
}

/// The message of the delivery that finish() sends.
void webhooks::need_next_message(stoa::webhook_id webhook, stoa::webhook_subject_id subject,
                                 need_list& list, const records& loaded) const {
  const auto all =
      loaded.of<webhook_delivery_row>().where<&webhook_delivery_row::subject_id>(subject);
  for (const auto* one : all) {
    if (one->webhook_id == webhook && is_open(one->status)) {
      list.add<&webhook_message_row::event_id>(one->event_id);
    }
  }
}

result<kernel::nothing> webhooks::decide(const send_due_webhook& m, decision& d) const {
  const auto* found = delivery_of(d.of<webhook_delivery_row>().find(m.delivery_id), m.webhook_id);
  if (!found || found->status != webhook_delivery_status::Pending ||
      found->next_attempt_at > d.now) {
    return kernel::nothing{};
  }
  const auto* endpoint = d.of<webhook_endpoint_row>().find(m.webhook_id);
  const bool is_sendable =
      endpoint && endpoint->status == webhook_status::Enabled &&
      d.of<webhook_message_row>().find(found->event_id, found->payload_version);
  auto& delivery = d.of<webhook_delivery_row>().edit(m.delivery_id);
  if (!is_sendable && d.now >= delivery.retry_until) {
    delivery.last_error = "The endpoint was disabled until the last attempt.";
    finish(delivery, webhook_delivery_status::Failed, d);
  } else {
    send(delivery, d);
  }
  return kernel::nothing{};
}

void webhooks::needs(const webhook_result& m, need_list& list, const records& loaded) const {
  list.add<&webhook_delivery_row::subject_id>(m.subject_id);
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
  need_next_message(m.webhook_id, m.subject_id, list, loaded);
}

const webhook_endpoint_row* webhooks::settle(const webhook_result& m, decision& d) const {
  const auto* found = delivery_of(d.of<webhook_delivery_row>().find(m.delivery_id), m.webhook_id);
  if (!found || found->status == webhook_delivery_status::Delivered) return nullptr;
  const bool late = found->status == webhook_delivery_status::Failed;
  if (late && !m.is_delivered()) return nullptr;
  auto& delivery = d.of<webhook_delivery_row>().edit(m.delivery_id);
  ++delivery.attempts;
  delivery.last_status = m.status;
  delivery.last_error = if_any(m.error);
  d.of<webhook_attempt_row>().insert({d.new_id<stoa::webhook_attempt_id>(), m.delivery_id,
                                      m.outcome, m.status, m.duration_ms, if_any(m.response),
                                      if_any(m.error), d.now, delivery.expires_at});
  const auto* endpoint = d.of<webhook_endpoint_row>().find(m.webhook_id);
  if (m.is_delivered()) {
    if (endpoint && endpoint->failing_since) {
      d.of<webhook_endpoint_row>().edit(m.webhook_id).failing_since.reset();
    }
    if (late) {
      delivery.status = webhook_delivery_status::Delivered;
    } else {
      finish(delivery, webhook_delivery_status::Delivered, d);
    }
    return nullptr;
  }
  return settle_failure(m, delivery, d);
}

/// Returns the endpoint if it was disabled.
const webhook_endpoint_row* webhooks::settle_failure(const webhook_result& m,
                                                     webhook_delivery_row& delivery,
                                                     decision& d) const {
  const auto* endpoint = d.of<webhook_endpoint_row>().find(m.webhook_id);
  const webhook_endpoint_row* disabled = nullptr;
  if (endpoint && !endpoint->failing_since) {
    d.of<webhook_endpoint_row>().edit(m.webhook_id).failing_since = d.now;
  }
  if (endpoint && endpoint->status == webhook_status::Enabled) {
    if (m.status == gone) {
      disable(d.of<webhook_endpoint_row>().edit(m.webhook_id), webhook_disabled_reason::gone, d);
      disabled = endpoint;
    } else if (has_failed_too_long(*endpoint, d.now, options_)) {
      disable(d.of<webhook_endpoint_row>().edit(m.webhook_id), webhook_disabled_reason::failing, d);
      disabled = endpoint;
    }
  }
  const auto next = next_attempt(delivery, d.now, m.retry_after_s, options_);
  if (next && m.status != gone) {
    delivery.next_attempt_at = *next;
  } else {
    finish(delivery, webhook_delivery_status::Failed, d);
  }
  return disabled;
}

void webhooks::disable(webhook_endpoint_row& endpoint, webhook_disabled_reason reason,
                       decision& d) const {
  endpoint.status = webhook_status::Disabled;
  endpoint.disabled_reason = reason;
  endpoint.disabled_at = d.now;
  endpoint.updated_at = d.now;
  d.effect(report_disabled_webhook{endpoint.webhook_id, reason});
}

// --- tests and replays
// -----------------------------------------------------------------------------

void webhooks::needs(const test_webhook& m, need_list& list, const records&) const {
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
  list.add<&webhook_delivery_row::subject_id>(stoa::webhook_subject_id{m.webhook_id.value});
}

/// One attempt only, so that a failed test does not delay the next one.
result<webhook_delivery_view> webhooks::decide(const test_webhook& m, decision& d) const {
  const auto* endpoint = d.of<webhook_endpoint_row>().find(m.webhook_id);
  if (!endpoint) return not_found("webhook");
  if (endpoint->status == webhook_status::Disabled) return disabled_problem();
  const auto body =
      webhook_body(webhook_test_type, d.now, json::write(webhook_test_data{m.webhook_id.str()}));
  const auto& message = d.of<webhook_message_row>().insert(
      {d.new_id<stoa::event_id>(), endpoint->payload_version, std::string(webhook_test_type), body,
       d.now, d.now + options_.retention});
  auto& delivery = add_delivery(*endpoint, message, {m.webhook_id.value}, d);
  delivery.retry_until = d.now;
  return view_of(delivery);
}

void webhooks::needs(const replay_webhook_delivery& m, need_list& list, const records&) const {
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
  list.add<&webhook_delivery_row::subject_id>(m.subject_id);
  list.add<&webhook_message_row::event_id>(m.event_id);
}

result<webhook_delivery_view> webhooks::decide(const replay_webhook_delivery& m,
                                               decision& d) const {
  const auto* endpoint = d.of<webhook_endpoint_row>().find(m.webhook_id);
  const auto* found = delivery_of(d.of<webhook_delivery_row>().find(m.delivery_id), m.webhook_id);
  if (!endpoint || !found) return not_found("webhook delivery");
  if (endpoint->status == webhook_status::Disabled) return disabled_problem();
  const auto all = sequence_of(d, m.webhook_id, found->subject_id);
  const bool is_under_way = std::ranges::any_of(all, [&](const auto* one) {
    return one->event_id == found->event_id && is_open(one->status);
  });
  if (is_under_way) {
    return conflict("webhook_delivery_open", "The event is being delivered to the endpoint.");
  }
  if (!d.of<webhook_message_row>().find(found->event_id, found->payload_version)) {
    return conflict("webhook_message_expired", "The body of the event is no longer stored.");
  }
  auto& message = d.of<webhook_message_row>().edit(found->event_id, found->payload_version);
  message.expires_at = std::max(message.expires_at, d.now + options_.retention);
  const auto original = found->replay_of.value_or(found->delivery_id);
  auto& delivery = add_delivery(*endpoint, message, found->subject_id, d);
  delivery.replay_of = original;
  return view_of(delivery);
}

// --- sweep ---------------------------------------------------------------------------------------

void webhooks::add_due(kernel::due_work& work, db::connection& c, timestamp now) const {
  for (const auto& e : list_webhook_endpoints(c)) {
    for (const auto& due : due_webhook_deliveries(c, e.webhook_id, now, endpoint_sweep_max)) {
      work.commands.push_back(kernel::any_message::of(
          send_due_webhook{due.subject_id, e.webhook_id, due.delivery_id, due.event_id}));
    }
  }
}

std::vector<const kernel::expiry*> webhooks::expiring() {
  return {&expired_webhook_deliveries, &expired_webhook_attempts, &expired_webhook_messages};
}

}  // namespace stoa::notification
