// Payment methods that users save: stored with the checkout that saves them, completed when its
// payment is approved, used by later checkouts.

#include "actors/kernel/entity_tag.hpp"
#include "actors/payment/payment_parts.hpp"
#include "storage/payment/payment_store.hpp"

#include <algorithm>
#include <utility>

namespace stoa::payment {

namespace {

saved_method_view saved_view_of(const saved_method_row& m) {
  return {m.payment_method_id, m.payment_method, m.gateway,   m.token_hint,
          m.is_default,        m.created_at,     m.updated_at};
}

/// The user's saved methods, without those whose payment is undecided.
std::vector<const saved_method_row*> complete_ones(payment_service::decision& d,
                                                   stoa::user_id user) {
  auto all = d.of<saved_method_row>().where<&saved_method_row::user_id>(user);
  std::erase_if(all, [](const auto* m) { return m->expires_at.has_value(); });
  return all;
}

/// The caller's complete method.
const saved_method_row* method_of(payment_service::decision& d, stoa::user_id user,
                                  stoa::payment_method_id id) {
  const auto* found = d.of<saved_method_row>().find(id);
  const bool is_caller = d.context.who.is_user() && d.context.who.user == user;
  if (!found || found->user_id != user || found->expires_at || !is_caller) return nullptr;
  return found;
}

void make_default(payment_service::decision& d, stoa::user_id user, stoa::payment_method_id id) {
  for (const auto* m : complete_ones(d, user)) {
    const bool is_it = m->payment_method_id == id;
    if (m->is_default == is_it) continue;
    auto& changed = d.of<saved_method_row>().edit(m->payment_method_id);
    changed.is_default = is_it;
    changed.updated_at = d.now;
  }
}

}  // namespace

std::optional<problem> begin_saving(payment_service::decision& d, const store_instrument& m,
                                    const std::string& gateway, timestamp expires_at) {
  if (!d.context.who.is_user() || m.user_id != d.context.who.user) {
    return invalid_field("/save_payment_method", "unsupported",
                         "Only users can save a payment method.");
  }
  if (d.of<saved_method_row>().find(*m.save_as)) return std::nullopt;  // A repeat.
  const auto user = *m.user_id;
  auto undecided = d.of<saved_method_row>().where<&saved_method_row::user_id>(user);
  const auto complete = complete_ones(d, user).size();
  if (complete >= saved_methods_max) {
    return conflict("too_many_payment_methods", "A user has at most " +
                                                    std::to_string(saved_methods_max) +
                                                    " saved payment methods. Delete one first.");
  }
  // Those of undecided payments make room: the newest ones stay.
  std::erase_if(undecided, [](const auto* s) { return !s->expires_at; });
  std::ranges::sort(undecided, {}, [](const auto* s) { return s->created_at; });
  while (!undecided.empty() && undecided.size() + complete >= saved_methods_max) {
    d.of<saved_method_row>().erase(undecided.front()->payment_method_id);
    undecided.erase(undecided.begin());
  }
  d.of<saved_method_row>().insert({*m.save_as, user, m.payment_method, gateway, m.sealed_token,
                                   m.token_hint, false, d.now, d.now, expires_at, 0});
  return std::nullopt;
}

const saved_method_row* usable_method(payment_service::decision& d, stoa::payment_method_id id,
                                      const std::string& gateway) {
  if (!d.context.who.is_user()) return nullptr;
  const auto* found = method_of(d, d.context.who.user, id);
  return found && found->gateway == gateway ? found : nullptr;
}

void complete_saving(payment_service::decision& d, payment_row& p) {
  const auto id = *std::exchange(p.saved_as, std::nullopt);
  const auto* found = d.of<saved_method_row>().find(id);
  // The account was deleted, or others have taken its place.
  if (!found || !p.user_id || found->user_id != *p.user_id || !found->expires_at) return;
  const auto others = complete_ones(d, *p.user_id);
  if (others.size() >= saved_methods_max) return;
  auto& saved = d.of<saved_method_row>().edit(id);
  saved.expires_at.reset();
  saved.is_default = std::ranges::none_of(others, [](const auto* m) { return m->is_default; });
  saved.updated_at = d.now;
  log(d, p, "method_saved", {{}, {}, p.token_hint, {}, {}, {}, p.user_id->str()});
}

void payment_service::needs(const remove_saved_method& m, need_list& list, const records&) const {
  list.add<&saved_method_row::payment_method_id>(m.payment_method_id);
  list.add<&saved_method_row::user_id>(m.user_id);
}

result<kernel::nothing> payment_service::decide(const remove_saved_method& m, decision& d) const {
  const auto* found = method_of(d, m.user_id, m.payment_method_id);
  if (!found) return not_found("saved payment method");
  const auto view = [&] { return saved_view_of(*found); };
  if (auto bad = kernel::check_precondition(m.precondition, view)) return std::move(*bad);
  const bool was_default = found->is_default;
  d.of<saved_method_row>().erase(m.payment_method_id);
  const auto left = complete_ones(d, m.user_id);
  if (!was_default || left.empty()) return kernel::nothing{};
  const auto* newest =
      *std::ranges::max_element(left, {}, [](const auto* s) { return s->created_at; });
  make_default(d, m.user_id, newest->payment_method_id);
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

void payment_service::needs(const user::user_deleted& e, need_list& list, const records&) const {
  list.add<&saved_method_row::user_id>(e.user_id);
}

kernel::applied payment_service::decide(const user::user_deleted& e, decision& d) const {
  for (const auto* m : d.of<saved_method_row>().where<&saved_method_row::user_id>(e.user_id)) {
    d.of<saved_method_row>().erase(m->payment_method_id);
  }
  return std::nullopt;
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
  if (!context.who.is_user()) return not_found("saved payment method");
  for (const auto& m : read_saved_methods(c, context.who.user)) {
    if (m.payment_method_id == q.payment_method_id) return saved_view_of(m);
  }
  return not_found("saved payment method");
}

}  // namespace stoa::payment
