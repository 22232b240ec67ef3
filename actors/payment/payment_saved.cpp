// Payment methods that users save: stored with the checkout that saves them, completed when its
// payment is approved, or saved without a payment; used by later checkouts. payment_vault.cpp has
// the gateway's part.

#include "actors/kernel/entity_tag.hpp"
#include "actors/payment/payment_parts.hpp"
#include "storage/payment/payment_store.hpp"

#include <algorithm>
#include <utility>

namespace stoa::payment {

namespace {

saved_method_view saved_view_of(const saved_method_row& m) {
  saved_method_view v{m.payment_method_id, m.payment_method, m.gateway,   m.token_hint,
                      m.is_default,        m.created_at,     m.updated_at};
  if (m.expires_at) {
    v.status = m.failure_code ? saved_method_status::declined : saved_method_status::pending;
  }
  v.brand = m.brand;
  v.last4 = m.last4;
  v.exp_month = m.exp_month;
  v.exp_year = m.exp_year;
  v.failure_code = m.failure_code;
  return v;
}

/// The caller's active method.
const saved_method_row* method_of(payment_service::decision& d, stoa::user_id user,
                                  stoa::payment_method_id id) {
  const auto* found = d.of<saved_method_row>().find(id);
  const bool is_caller = d.context.who.is_user() && d.context.who.user == user;
  if (!found || found->user_id != user || found->expires_at || !is_caller) return nullptr;
  return found;
}

void make_default(payment_service::decision& d, stoa::user_id user, stoa::payment_method_id id) {
  for (const auto* m : active_methods(d, user)) {
    const bool is_it = m->payment_method_id == id;
    if (m->is_default == is_it) continue;
    auto& changed = d.of<saved_method_row>().edit(m->payment_method_id);
    changed.is_default = is_it;
    changed.updated_at = d.now;
  }
}

problem too_many_methods() {
  return conflict("too_many_payment_methods", "A user has at most " +
                                                  std::to_string(saved_methods_max) +
                                                  " saved payment methods. Delete one first.");
}

/// Those that are not active make room: the newest ones stay. False: there are too many active
/// ones.
bool make_room(payment_service::decision& d, stoa::user_id user) {
  auto& all = d.of<saved_method_row>();
  auto others = all.where<&saved_method_row::user_id>(user);
  const auto active = active_methods(d, user).size();
  if (active >= saved_methods_max) return false;
  std::erase_if(others, [](const auto* s) { return !s->expires_at; });
  std::ranges::sort(others, {}, [](const auto* s) { return s->created_at; });
  while (!others.empty() && others.size() + active >= saved_methods_max) {
    all.erase(others.front()->payment_method_id);
    others.erase(others.begin());
  }
  return true;
}

/// Of the user, active at once if `expires_at` is not given.
saved_method_row& add_method(payment_service::decision& d, stoa::payment_method_id id,
                             stoa::user_id user, const std::string& gateway,
                             std::optional<timestamp> expires_at) {
  saved_method_row made;
  made.payment_method_id = id;
  made.user_id = user;
  made.gateway = gateway;
  made.created_at = made.updated_at = d.now;
  made.expires_at = expires_at;
  return d.of<saved_method_row>().insert(std::move(made));
}

bool has_default(payment_service::decision& d, stoa::user_id user) {
  return std::ranges::any_of(active_methods(d, user), [](const auto* m) { return m->is_default; });
}

}  // namespace

std::vector<const saved_method_row*> active_methods(payment_service::decision& d,
                                                    stoa::user_id user) {
  auto all = d.of<saved_method_row>().where<&saved_method_row::user_id>(user);
  std::erase_if(all, [](const auto* m) { return m->expires_at.has_value(); });
  return all;
}

std::optional<problem> payment_service::begin_saving(decision& d, const store_instrument& m) const {
  if (!d.context.who.is_user() || m.user_id != d.context.who.user) {
    return invalid_field("/save_payment_method", "unsupported",
                         "Only users can save a payment method.");
  }
  if (d.of<saved_method_row>().find(*m.save_as)) return std::nullopt;  // A repeat.
  if (!make_room(d, *m.user_id)) return too_many_methods();
  auto& made = add_method(d, *m.save_as, *m.user_id, gateway_of(m.payment_method, options_.gateway),
                          d.now + options_.instrument_ttl);
  made.payment_method = m.payment_method;
  made.sealed_token = m.sealed_token;
  made.token_hint = m.token_hint;
  return std::nullopt;
}

const saved_method_row* usable_method(payment_service::decision& d, stoa::payment_method_id id,
                                      const std::string& gateway) {
  if (!d.context.who.is_user()) return nullptr;
  const auto* found = method_of(d, d.context.who.user, id);
  return found && found->gateway == gateway ? found : nullptr;
}

void erase_method(payment_service::decision& d, const saved_method_row& m) {
  const auto user = m.user_id;
  const bool was_default = m.is_default;
  d.of<saved_method_row>().erase(m.payment_method_id);
  const auto left = active_methods(d, user);
  if (!was_default || left.empty()) return;
  const auto* newest =
      *std::ranges::max_element(left, {}, [](const auto* s) { return s->created_at; });
  make_default(d, user, newest->payment_method_id);
}

bool activate_method(payment_service::decision& d, stoa::payment_method_id id, stoa::user_id user,
                     const gateway_answer& a) {
  const auto* found = d.of<saved_method_row>().find(id);
  // The account was deleted, or others have taken its place.
  if (!found || found->user_id != user || !found->expires_at) return false;
  const auto active = active_methods(d, user);
  if (active.size() >= saved_methods_max) return false;
  const auto key = a.vaulted ? a.vaulted->token_key.value_or("") : std::string();
  const bool is_known = !key.empty() && std::ranges::any_of(active, [&](const auto* other) {
    return other->gateway == found->gateway && other->token_key == key;
  });
  if (is_known) {
    d.of<saved_method_row>().erase(id);
    return true;
  }
  auto& saved = d.of<saved_method_row>().edit(id);
  saved.is_default = !has_default(d, user);
  saved.expires_at.reset();
  saved.updated_at = d.now;
  if (!a.vaulted) return true;
  saved.customer_id = a.customer_id;
  saved.sealed_token = a.vaulted->token;
  saved.token_key = key;
  if (a.vaulted->hint) saved.token_hint = *a.vaulted->hint;
  saved.brand = a.vaulted->brand;
  saved.last4 = a.vaulted->last4;
  saved.exp_month = a.vaulted->exp_month;
  saved.exp_year = a.vaulted->exp_year;
  return true;
}

/// The payment is approved.
void payment_service::complete_saving(decision& d, payment_row& p, const gateway_answer& a) const {
  const auto id = *std::exchange(p.saved_as, std::nullopt);
  const log_details details{{}, {}, p.token_hint, {}, {}, {}, p.user_id->str()};
  if (keeps_methods(p.gateway) && !a.vaulted) {
    if (d.of<saved_method_row>().find(id)) d.of<saved_method_row>().erase(id);
    return log(d, p, "method_not_saved", details);
  }
  if (a.vaulted && a.vaulted->is_pending) return await_saving(d, p, id, a);
  if (activate_method(d, id, *p.user_id, a)) return log(d, p, "method_saved", details);
  if (!a.vaulted) return;
  remove_at_gateway(d, id, *p.user_id, p.gateway, a.customer_id, a.vaulted->token);
}

/// The payment is approved, and the gateway keeps its method later: it is asked until it does.
void payment_service::await_saving(decision& d, payment_row& p, stoa::payment_method_id id,
                                   const gateway_answer& a) const {
  const auto* found = d.of<saved_method_row>().find(id);
  const bool is_wanted = found && found->user_id == *p.user_id && found->expires_at;
  if (!is_wanted) {
    return remove_at_gateway(d, id, *p.user_id, p.gateway, a.customer_id, a.vaulted->token);
  }
  auto& saved = d.of<saved_method_row>().edit(id);
  saved.expires_at = d.now + options_.instrument_ttl;
  saved.updated_at = d.now;
  method_operation_row wait;
  wait.payment_method_id = id;
  wait.operation = method_operation::Save;
  wait.user_id = *p.user_id;
  wait.gateway = p.gateway;
  wait.customer_id = a.customer_id;
  wait.sealed_token = a.vaulted->token;
  open_method_operation(d, std::move(wait));
  log(d, p, "method_pending", {{}, {}, {}, {}, {}, {}, p.user_id->str()});
}

/// A method that the gateway keeps although its payment is not approved must not stay there.
void payment_service::settle_saving(decision& d, payment_row& p, const gateway_result& m) const {
  const auto& a = m.answer;
  const bool is_decided =
      a.status == gateway_status::approved || a.status == gateway_status::declined;
  if (!is_decided || m.operation == open_effect::Capture || m.operation == open_effect::Refund) {
    return;
  }
  const bool is_paid = m.operation == open_effect::Authorize &&
                       a.status == gateway_status::approved && !p.order_cancelled;
  if (is_paid) return complete_saving(d, p, a);
  if (!a.vaulted || !keeps_methods(p.gateway)) return;
  const auto id = *std::exchange(p.saved_as, std::nullopt);
  remove_at_gateway(d, id, *p.user_id, p.gateway, a.customer_id, a.vaulted->token);
}

void payment_service::needs(const save_method& m, need_list& list, const records&) const {
  list.add<&saved_method_row::payment_method_id>(m.payment_method_id);
  list.add<&saved_method_row::user_id>(m.user_id);
  list.add<&method_operation_row::payment_method_id>(m.payment_method_id);
  list.add<&method_operation_row::user_id>(m.user_id);
  list.add<&gateway_customer_row::user_id>(m.user_id);
}

result<saved_method_view> payment_service::decide(const save_method& m, decision& d) const {
  if (!d.context.who.is_user() || d.context.who.user != m.user_id) return not_found("user");
  if (const auto* found = d.of<saved_method_row>().find(m.payment_method_id)) {
    if (found->user_id != m.user_id) return not_found("saved payment method");
    return saved_view_of(*found);
  }
  // While the gateway does not answer, operations do not pile up.
  const auto open = d.of<method_operation_row>().where<&method_operation_row::user_id>(m.user_id);
  if (open.size() >= saved_methods_max || !make_room(d, m.user_id)) return too_many_methods();
  const bool is_kept_there = keeps_methods(options_.gateway);
  std::optional<timestamp> expires_at;
  if (is_kept_there) expires_at = d.now + options_.instrument_ttl;
  const bool is_first = !has_default(d, m.user_id);
  auto& made = add_method(d, m.payment_method_id, m.user_id, options_.gateway, expires_at);
  made.payment_method = m.payment_method;
  made.token_hint = m.token_hint;
  if (!is_kept_there) {
    made.sealed_token = m.sealed_token;
    made.is_default = is_first;
    return saved_view_of(made);
  }
  method_operation_row operation;
  operation.payment_method_id = m.payment_method_id;
  operation.operation = method_operation::Save;
  operation.user_id = m.user_id;
  operation.gateway = options_.gateway;
  operation.customer_id = customer_at(d, m.user_id, options_.gateway).customer_id;
  operation.sealed_token = m.sealed_token;
  open_method_operation(d, std::move(operation));
  return saved_view_of(made);
}

void payment_service::needs(const remove_saved_method& m, need_list& list, const records&) const {
  list.add<&saved_method_row::payment_method_id>(m.payment_method_id);
  list.add<&saved_method_row::user_id>(m.user_id);
  list.add<&method_operation_row::payment_method_id>(m.payment_method_id);
}

result<kernel::nothing> payment_service::decide(const remove_saved_method& m, decision& d) const {
  const auto* found = method_of(d, m.user_id, m.payment_method_id);
  if (!found) return not_found("saved payment method");
  const auto view = [&] { return saved_view_of(*found); };
  if (auto bad = kernel::check_precondition(m.precondition, view)) return std::move(*bad);
  if (keeps_methods(found->gateway)) {
    remove_at_gateway(d, m.payment_method_id, m.user_id, found->gateway, found->customer_id,
                      found->sealed_token);
  }
  erase_method(d, *found);
  return kernel::nothing{};
}

void payment_service::needs(const set_default_method& m, need_list& list, const records&) const {
  list.add<&saved_method_row::payment_method_id>(m.payment_method_id);
  list.add<&saved_method_row::user_id>(m.user_id);
}

result<saved_method_view> payment_service::decide(const set_default_method& m, decision& d) const {
  const auto* found = method_of(d, m.user_id, m.payment_method_id);
  if (!found) return not_found("saved payment method");
  const auto view = [&] { return saved_view_of(*found); };
  if (auto bad = kernel::check_precondition(m.precondition, view)) return std::move(*bad);
  make_default(d, m.user_id, m.payment_method_id);
  return saved_view_of(*d.of<saved_method_row>().find(m.payment_method_id));
}

result<saved_method_page> payment_service::read(const list_saved_methods&,
                                                const kernel::call_context& context,
                                                db::connection& c) const {
  if (!context.who.is_user()) return not_found("list");
  saved_method_page page;
  for (const auto& m : read_saved_methods(c, context.who.user)) {
    page.data.push_back(saved_view_of(m));
  }
  return page;
}

result<saved_method_view> payment_service::read(const get_saved_method& q,
                                                const kernel::call_context& context,
                                                db::connection& c) const {
  const auto found = read_saved_method(c, q.payment_method_id);
  const bool is_owner = context.who.is_user() && found && found->user_id == context.who.user;
  if (!is_owner) return not_found("saved payment method");
  return saved_view_of(*found);
}

}  // namespace stoa::payment
