// Payment methods that a gateway keeps: what it still has to do with them. Each operation is stored
// with the decision that needs it, and repeated until the gateway has answered. A repeat is
// harmless: a method is attached or detached once, and a customer deleted once.

#include "actors/payment/payment_parts.hpp"
#include "storage/base/backoff.hpp"

#include <algorithm>
#include <utility>

namespace stoa::payment {

namespace {

/// The longest time between two requests without an answer.
constexpr microseconds vault_interval = std::chrono::hours{1};

}  // namespace

const gateway_customer_row& customer_at(payment_service::decision& d, stoa::user_id user,
                                        const std::string& gateway) {
  if (const auto* found = d.of<gateway_customer_row>().find(user, gateway)) return *found;
  gateway_customer_row made;
  made.user_id = user;
  made.gateway = gateway;
  made.created_at = made.updated_at = d.now;
  return d.of<gateway_customer_row>().insert(std::move(made));
}

timestamp payment_service::latest_vault_attempt(timestamp now) const {
  return latest_due(now,
                    std::max(vault_interval, options_.gateway_timeout + options_.gateway_margin));
}

// --- payment methods -----------------------------------------------------------------------------

void payment_service::start_method_operation(decision& d, method_operation_row& o) const {
  o.next_attempt_at = d.now + options_.gateway_timeout + options_.gateway_margin;
  d.effect(call_vault{o.payment_method_id, o.user_id, o.operation, o.gateway,
                      o.customer_id.value_or(""), o.sealed_token});
}

void payment_service::open_method_operation(decision& d, method_operation_row made) const {
  made.created_at = d.now;
  auto& all = d.of<method_operation_row>();
  if (!all.find(made.payment_method_id)) {
    return start_method_operation(d, all.insert(std::move(made)));
  }
  // A removal replaces the operation that was open.
  auto& row = all.edit(made.payment_method_id);
  made.version = row.version;
  row = std::move(made);
  start_method_operation(d, row);
}

void payment_service::remove_at_gateway(decision& d, stoa::payment_method_id id, stoa::user_id user,
                                        const std::string& gateway,
                                        std::optional<std::string> customer,
                                        std::string sealed_token) const {
  method_operation_row removal;
  removal.payment_method_id = id;
  removal.operation = method_operation::Remove;
  removal.user_id = user;
  removal.gateway = gateway;
  removal.customer_id = std::move(customer);
  removal.sealed_token = std::move(sealed_token);
  open_method_operation(d, std::move(removal));
}

void payment_service::needs(const method_result& m, need_list& list, const records&) const {
  list.add<&method_operation_row::payment_method_id>(m.payment_method_id);
  if (m.operation != method_operation::Save) return;
  list.add<&saved_method_row::payment_method_id>(m.payment_method_id);
  list.add<&saved_method_row::user_id>(m.user_id);
  list.add<&gateway_customer_row::user_id>(m.user_id);
}

/// The gateway has decided whether it keeps the method.
void payment_service::saved_at_gateway(decision& d, const method_result& m) const {
  const auto& a = m.answer;
  const bool is_kept = a.status == gateway_status::approved && a.vaulted && a.customer_id;
  if (is_kept && !activate_method(d, m.payment_method_id, m.user_id, a)) {
    return remove_at_gateway(d, m.payment_method_id, m.user_id, m.gateway, a.customer_id,
                             a.vaulted->token);
  }
  d.of<method_operation_row>().erase(m.payment_method_id);
  const auto* saved = d.of<saved_method_row>().find(m.payment_method_id);
  if (is_kept || !saved || !saved->expires_at) return;
  auto& declined = d.of<saved_method_row>().edit(m.payment_method_id);
  declined.failure_code = a.code.empty() ? "declined" : a.code;
  declined.updated_at = d.now;
}

/// The answer to an operation that is not open any more. What the gateway keeps by then is removed.
void payment_service::saved_too_late(decision& d, const method_result& m) const {
  const auto& a = m.answer;
  const auto* saved = d.of<saved_method_row>().find(m.payment_method_id);
  const bool is_active = saved && !saved->expires_at;
  if (a.status != gateway_status::approved || !a.vaulted || is_active) return;
  remove_at_gateway(d, m.payment_method_id, m.user_id, m.gateway, a.customer_id, a.vaulted->token);
}

result<kernel::nothing> payment_service::decide(const method_result& m, decision& d) const {
  const auto& a = m.answer;
  const bool is_save = m.operation == method_operation::Save;
  if (is_save && a.customer_id) know_customer(d, m.user_id, m.gateway, *a.customer_id);
  const auto* found = d.of<method_operation_row>().find(m.payment_method_id);
  if (!found || found->operation != m.operation) {
    if (is_save) saved_too_late(d, m);
    return kernel::nothing{};
  }
  const bool is_approved = a.status == gateway_status::approved;
  if (is_save && (is_approved || a.status == gateway_status::declined)) {
    saved_at_gateway(d, m);
  } else if (is_approved) {
    d.of<method_operation_row>().erase(m.payment_method_id);
  } else {
    auto& operation = d.of<method_operation_row>().edit(m.payment_method_id);
    if (a.customer_id) operation.customer_id = a.customer_id;
    ++operation.attempts;
    operation.next_attempt_at =
        d.now + backoff(operation.attempts, options_.retry_min, vault_interval);
  }
  return kernel::nothing{};
}

void payment_service::needs(const retry_method& m, need_list& list, const records&) const {
  list.add<&method_operation_row::payment_method_id>(m.payment_method_id);
  list.add<&saved_method_row::payment_method_id>(m.payment_method_id);
}

result<kernel::nothing> payment_service::decide(const retry_method& m, decision& d) const {
  const auto* found = d.of<method_operation_row>().find(m.payment_method_id);
  if (!found) return kernel::nothing{};
  const bool waits =
      found->next_attempt_at > d.now && found->next_attempt_at <= latest_vault_attempt(d.now);
  if (waits) return kernel::nothing{};
  auto& operation = d.of<method_operation_row>().edit(m.payment_method_id);
  // Not saved in time: what the gateway may have kept is removed.
  const auto* saved = d.of<saved_method_row>().find(m.payment_method_id);
  const bool is_wanted = saved && saved->expires_at && *saved->expires_at > d.now;
  if (operation.operation == method_operation::Save && !is_wanted) {
    operation.operation = method_operation::Remove;
  }
  start_method_operation(d, operation);
  return kernel::nothing{};
}

// --- customers -----------------------------------------------------------------------------------

/// The gateway has a customer for the user. It is deleted there if the account was.
void payment_service::know_customer(decision& d, stoa::user_id user, const std::string& gateway,
                                    const std::string& customer) const {
  auto& all = d.of<gateway_customer_row>();
  const auto* found = all.find(user, gateway);
  if (found && found->customer_id == customer) return;
  const bool is_deleted = !found;
  customer_at(d, user, gateway);
  auto& row = all.edit(user, gateway);
  row.customer_id = customer;
  row.updated_at = d.now;
  row.removing = row.removing || is_deleted;
  if (row.removing) start_removal(d, row);
}

void payment_service::start_removal(decision& d, gateway_customer_row& c) const {
  c.next_attempt_at = d.now + options_.gateway_timeout + options_.gateway_margin;
  d.effect(delete_customer{c.user_id, c.gateway, c.customer_id.value_or("")});
}

void payment_service::needs(const user::user_deleted& e, need_list& list, const records&) const {
  list.add<&saved_method_row::user_id>(e.user_id);
  list.add<&gateway_customer_row::user_id>(e.user_id);
  list.add<&method_operation_row::user_id>(e.user_id);
}

kernel::applied payment_service::decide(const user::user_deleted& e, decision& d) const {
  for (const auto* m : d.of<saved_method_row>().where<&saved_method_row::user_id>(e.user_id)) {
    // The deletion of the customer does not remove what belongs to an earlier one.
    const auto* c = d.of<gateway_customer_row>().find(e.user_id, m->gateway);
    const bool is_other = m->customer_id && (!c || c->customer_id != m->customer_id);
    if (is_other && !m->expires_at) {
      remove_at_gateway(d, m->payment_method_id, e.user_id, m->gateway, m->customer_id,
                        m->sealed_token);
    }
    d.of<saved_method_row>().erase(m->payment_method_id);
  }
  for (const auto* c :
       d.of<gateway_customer_row>().where<&gateway_customer_row::user_id>(e.user_id)) {
    if (c->removing) continue;
    auto& row = d.of<gateway_customer_row>().edit(c->user_id, c->gateway);
    row.removing = true;
    row.updated_at = d.now;
    start_removal(d, row);
  }
  return std::nullopt;
}

void payment_service::needs(const customer_result& m, need_list& list, const records&) const {
  list.add<&gateway_customer_row::user_id>(m.user_id);
}

result<kernel::nothing> payment_service::decide(const customer_result& m, decision& d) const {
  const auto* found = d.of<gateway_customer_row>().find(m.user_id, m.gateway);
  // The answer about another customer than the one that is known by now changes nothing.
  const bool is_it = found && found->removing && found->customer_id.value_or("") == m.customer_id;
  if (!is_it) return kernel::nothing{};
  if (m.answer.status == gateway_status::approved) {
    d.of<gateway_customer_row>().erase(m.user_id, m.gateway);
    return kernel::nothing{};
  }
  auto& row = d.of<gateway_customer_row>().edit(m.user_id, m.gateway);
  ++row.attempts;
  row.next_attempt_at = d.now + backoff(row.attempts, options_.retry_min, vault_interval);
  row.updated_at = d.now;
  return kernel::nothing{};
}

void payment_service::needs(const retry_customer& m, need_list& list, const records&) const {
  list.add<&gateway_customer_row::user_id>(m.user_id);
}

result<kernel::nothing> payment_service::decide(const retry_customer& m, decision& d) const {
  const auto* found = d.of<gateway_customer_row>().find(m.user_id, m.gateway);
  if (!found || !found->removing) return kernel::nothing{};
  const bool waits =
      found->next_attempt_at > d.now && found->next_attempt_at <= latest_vault_attempt(d.now);
  if (waits) return kernel::nothing{};
  start_removal(d, d.of<gateway_customer_row>().edit(m.user_id, m.gateway));
  return kernel::nothing{};
}

}  // namespace stoa::payment
