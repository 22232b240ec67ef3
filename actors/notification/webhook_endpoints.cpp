// Commands of staff on the endpoints of webhooks.

#include "actors/kernel/entity_tag.hpp"
#include "actors/notification/webhooks.hpp"
#include "storage/kernel/operator_action.hpp"
#include "storage/notification/webhook_store.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

/// Keeps the action of staff in the table operator_action.
void note(webhooks::decision& d, std::string action, const webhook_endpoint_row& e) {
  kernel::operator_action a;
  a.action_id = d.new_id<stoa::log_id>().value;
  a.acted_at = d.now;
  a.actor = d.context.who.str();
  a.action = std::move(action);
  a.event.event_id = {a.action_id};
  a.event.aggregate_id = e.webhook_id.value;
  a.event.payload = json::write(view_of(e));
  a.event.created_at = a.event.failed_at = d.now;
  d.statements.push_back(kernel::note_action(a));
}

/// Sorted, without duplicates; "*" includes all others.
std::vector<std::string> stored_types(std::vector<std::string> types) {
  if (std::ranges::find(types, "*") != types.end()) return {"*"};
  std::ranges::sort(types);
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

}  // namespace

webhook_view view_of(const webhook_endpoint_row& e) {
  return {e.webhook_id,      e.url,
          e.description,     e.event_types,
          e.payload_version, e.status,
          e.disabled_reason, e.disabled_at,
          e.failing_since,   e.previous_secret_until,
          e.created_at,      e.updated_at};
}

void webhooks::needs(const create_webhook&, need_list& list, const records&) const {
  list.add<&webhook_endpoint_row::list>(std::int64_t{0});
}

result<sealed_webhook> webhooks::decide(const create_webhook& m, decision& d) const {
  auto& endpoints = d.of<webhook_endpoint_row>();
  if (endpoints.where<&webhook_endpoint_row::list>(0).size() >= webhook_endpoints_max) {
    return conflict(
        "too_many_webhooks",
        "A store has at most " + std::to_string(webhook_endpoints_max) + " webhook endpoints.");
  }
  webhook_endpoint_row e;
  e.webhook_id = m.webhook_id;
  e.url = m.url;
  e.description = m.description;
  e.event_types = stored_types(m.event_types);
  e.payload_version = webhook_payload_version;
  e.sealed_secret = m.sealed_secret;
  e.created_at = e.updated_at = d.now;
  const auto& made = endpoints.insert(std::move(e));
  note(d, "webhook_created", made);
  return sealed_webhook{view_of(made), made.sealed_secret};
}

void webhooks::needs(const change_webhook& m, need_list& list, const records&) const {
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
}

result<webhook_view> webhooks::decide(const change_webhook& m, decision& d) const {
  const auto* found = d.of<webhook_endpoint_row>().find(m.webhook_id);
  if (!found) return not_found("webhook");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  auto& e = d.of<webhook_endpoint_row>().edit(m.webhook_id);
  if (m.change.url) e.url = *m.change.url;
  if (m.change.description.present) e.description = m.change.description.value;
  if (m.change.event_types) e.event_types = stored_types(*m.change.event_types);
  e.updated_at = d.now;
  note(d, "webhook_changed", e);
  return view_of(e);
}

void webhooks::needs(const set_webhook_status& m, need_list& list, const records&) const {
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
}

result<webhook_view> webhooks::decide(const set_webhook_status& m, decision& d) const {
  const auto* found = d.of<webhook_endpoint_row>().find(m.webhook_id);
  if (!found) return not_found("webhook");
  if (found->status == m.status) return view_of(*found);
  auto& e = d.of<webhook_endpoint_row>().edit(m.webhook_id);
  e.status = m.status;
  e.updated_at = d.now;
  if (m.status == webhook_status::Disabled) {
    e.disabled_reason = webhook_disabled_reason::by_staff;
    e.disabled_at = d.now;
    note(d, "webhook_disabled", e);
    return view_of(e);
  }
  e.disabled_reason.reset();
  e.disabled_at.reset();
  e.failing_since.reset();
  d.execute(wake_webhook_deliveries, db::params(d.now, e.webhook_id));
  note(d, "webhook_enabled", e);
  return view_of(e);
}

void webhooks::needs(const rotate_webhook_secret& m, need_list& list, const records&) const {
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
}

result<sealed_webhook> webhooks::decide(const rotate_webhook_secret& m, decision& d) const {
  if (!d.of<webhook_endpoint_row>().find(m.webhook_id)) return not_found("webhook");
  auto& e = d.of<webhook_endpoint_row>().edit(m.webhook_id);
  e.previous_secret = std::exchange(e.sealed_secret, m.sealed_secret);
  e.previous_secret_until = d.now + webhook_secret_overlap;
  e.updated_at = d.now;
  note(d, "webhook_secret_rotated", e);
  return sealed_webhook{view_of(e), e.sealed_secret};
}

void webhooks::needs(const delete_webhook& m, need_list& list, const records&) const {
  list.add<&webhook_endpoint_row::webhook_id>(m.webhook_id);
}

result<kernel::nothing> webhooks::decide(const delete_webhook& m, decision& d) const {
  const auto* found = d.of<webhook_endpoint_row>().find(m.webhook_id);
  if (!found) return not_found("webhook");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  note(d, "webhook_deleted", *found);
  d.execute(fail_webhook_deliveries, db::params(d.now, m.webhook_id));
  d.of<webhook_endpoint_row>().erase(m.webhook_id);
  return kernel::nothing{};
}

}  // namespace stoa::notification
