// Gift cards and store credit: their accounts, which staff maintain, and what orders redeem of
// them.

#include "actors/kernel/entity_tag.hpp"
#include "actors/pricing/pricing_parts.hpp"
#include "storage/pricing/pricing_store.hpp"

#include <algorithm>

namespace stoa::pricing {

using decision = pricing_service::decision;

namespace {

credit_account_view view_of(const credit_account_row& a) {
  return {a.credit_account_id, a.kind, a.hint,       a.user_id,   {a.balance, a.currency}, a.status,
          a.expires_at,        a.note, a.created_at, a.updated_at};
}

/// What explains a change of a balance.
struct entry_reason {
  credit_cause cause = credit_cause::issued;
  std::optional<stoa::order_id> order_id = std::nullopt;
  std::optional<std::string> note = std::nullopt;
};

/// Changes the balance with its entry in the ledger.
void post(decision& d, stoa::credit_account_id id, std::int64_t amount, entry_reason why) {
  auto& a = d.of<credit_account_row>().edit(id);
  a.balance += amount;
  a.updated_at = d.now;
  d.of<credit_entry_row>().insert({id, d.new_id<stoa::credit_entry_id>(), amount, a.balance,
                                   why.cause, why.order_id, std::move(why.note),
                                   d.context.who.str(), d.now});
}

problem beyond_limit() {
  return conflict("credit_limit", "The balance would exceed the maximum amount.");
}

/// Why the account does not have the amount; empty: it has.
std::optional<std::string> missing(const credit_account_row* a, const redeemed_credit& c,
                                   timestamp now) {
  const std::string name = c.kind == credit_kind::gift_card ? "The gift card" : "The store credit";
  if (a == nullptr || a->currency != c.amount.currency) return name + " does not exist any more.";
  if (a->status != credit_status::Active) return name + " is disabled.";
  if (a->expires_at && *a->expires_at <= now) return name + " has expired.";
  if (a->balance < c.amount.amount) return name + " has less than the amount.";
  return std::nullopt;
}

}  // namespace

// --- staff ---------------------------------------------------------------------------------------

void pricing_service::needs(const issue_gift_card& m, need_list& list, const records&) const {
  list.add<&credit_account_row::code_key>(m.code_key);
}

result<sealed_gift_card> pricing_service::decide(const issue_gift_card& m, decision& d) const {
  auto& all = d.of<credit_account_row>();
  if (all.find_by<&credit_account_row::code_key>(m.code_key)) {
    return conflict("code_exists", "A gift card has this code.");
  }
  credit_account_row a;
  a.credit_account_id = m.credit_account_id;
  a.code_key = m.code_key;
  a.sealed_code = m.sealed_code;
  a.hint = m.hint;
  a.currency = m.amount.currency;
  a.expires_at = m.expires_at;
  a.note = m.note;
  a.created_at = a.updated_at = d.now;
  all.insert(std::move(a));
  post(d, m.credit_account_id, m.amount.amount, {credit_cause::issued});
  return sealed_gift_card{view_of(*all.find(m.credit_account_id)), m.sealed_code};
}

void pricing_service::needs(const grant_store_credit& m, need_list& list, const records&) const {
  list.add<&credit_account_row::user_id>(m.user_id);
}

result<credit_account_view> pricing_service::decide(const grant_store_credit& m,
                                                    decision& d) const {
  auto& all = d.of<credit_account_row>();
  const std::optional<stoa::user_id> owner = m.user_id;
  std::optional<stoa::credit_account_id> id;
  for (const auto* a : all.where<&credit_account_row::user_id>(owner)) {
    if (a->currency != m.amount.currency) continue;
    if (m.amount.amount > money_amount_max - a->balance) return beyond_limit();
    id = a->credit_account_id;
  }
  if (!id) {
    credit_account_row a;
    a.credit_account_id = d.new_id<stoa::credit_account_id>();
    a.kind = credit_kind::store_credit;
    a.user_id = m.user_id;
    a.currency = m.amount.currency;
    a.created_at = a.updated_at = d.now;
    id = all.insert(std::move(a)).credit_account_id;
  }
  post(d, *id, m.amount.amount, {credit_cause::issued, std::nullopt, m.note});
  return view_of(*all.find(*id));
}

void pricing_service::needs(const change_credit& m, need_list& list, const records&) const {
  list.add<&credit_account_row::credit_account_id>(m.credit_account_id);
}

result<credit_account_view> pricing_service::decide(const change_credit& m, decision& d) const {
  const auto* found = d.of<credit_account_row>().find(m.credit_account_id);
  if (!found) return not_found("credit account");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  auto changed = *found;
  changed.status = m.change.status.value_or(changed.status);
  if (m.change.expires_at.present) changed.expires_at = m.change.expires_at.value;
  if (m.change.note.present) changed.note = m.change.note.value;
  if (json::write(view_of(changed)) == json::write(view_of(*found))) return view_of(*found);
  changed.updated_at = d.now;
  d.of<credit_account_row>().edit(m.credit_account_id) = changed;
  auto view = view_of(changed);
  note(d, "credit_account_changed", m.credit_account_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const adjust_credit& m, need_list& list, const records&) const {
  list.add<&credit_account_row::credit_account_id>(m.credit_account_id);
}

result<credit_account_view> pricing_service::decide(const adjust_credit& m, decision& d) const {
  const auto* found = d.of<credit_account_row>().find(m.credit_account_id);
  if (!found) return not_found("credit account");
  if (found->balance + m.change < 0) {
    return conflict("insufficient_credit",
                    "The balance is " + to_display({found->balance, found->currency}) + ".");
  }
  if (found->balance + m.change > money_amount_max) return beyond_limit();
  if (m.change != 0) {
    post(d, m.credit_account_id, m.change, {credit_cause::adjusted, std::nullopt, m.note});
  }
  return view_of(*d.of<credit_account_row>().find(m.credit_account_id));
}

// --- orders --------------------------------------------------------------------------------------

void need_credits(const std::vector<redeemed_credit>& credits, pricing_service::need_list& list) {
  for (const auto& c : credits) {
    list.add<&credit_account_row::credit_account_id>(c.credit_account_id);
  }
}

std::optional<std::pair<redeemed_credit, std::string>> missing_credit(
    const std::vector<redeemed_credit>& credits, decision& d) {
  for (const auto& c : credits) {
    const auto* account = d.of<credit_account_row>().find(c.credit_account_id);
    if (auto why = missing(account, c, d.now)) return std::pair(c, std::move(*why));
  }
  return std::nullopt;
}

void redeem_credits(stoa::order_id order, const std::vector<redeemed_credit>& credits,
                    timestamp deadline, decision& d) {
  for (const auto& c : credits) {
    post(d, c.credit_account_id, -c.amount.amount, {credit_cause::redeemed, order});
    d.of<credit_redemption_row>().insert({order, c.credit_account_id, c.amount.amount,
                                          redemption_status::Reserved, deadline, d.now, d.now});
  }
}

void return_credit(const credit_redemption_row& r, decision& d) {
  const auto left = r.amount - r.returned;
  if (left == 0 || !d.of<credit_account_row>().find(r.credit_account_id)) return;
  post(d, r.credit_account_id, left, {credit_cause::returned, r.order_id});
}

void pricing_service::needs(const payment::payment_refunded& e, need_list& list,
                            const records&) const {
  if (!e.credits) return;
  list.add<&credit_redemption_row::order_id>(e.order_id);
  need_credits(*e.credits, list);
}

/// Never more than the order has redeemed of the account; a cancelled order has returned all of it.
kernel::applied pricing_service::decide(const payment::payment_refunded& e, decision& d) const {
  for (const auto& c : e.credits.value_or(std::vector<redeemed_credit>{})) {
    auto& all = d.of<credit_redemption_row>();
    const auto* found = all.find(e.order_id, c.credit_account_id);
    if (!found || found->status == redemption_status::Released) continue;
    const auto amount = std::min(c.amount.amount, found->amount - found->returned);
    if (amount <= 0 || !d.of<credit_account_row>().find(c.credit_account_id)) continue;
    auto& r = all.edit(e.order_id, c.credit_account_id);
    r.returned += amount;
    r.updated_at = d.now;
    post(d, c.credit_account_id, amount, {credit_cause::returned, e.order_id});
  }
  return std::nullopt;
}

// --- queries -------------------------------------------------------------------------------------

result<credit_account_view> pricing_service::read(const get_credit& q, const kernel::call_context&,
                                                  db::connection& c) const {
  const auto found = read_credit(c, q.credit_account_id);
  if (!found) return not_found("credit account");
  return view_of(*found);
}

result<credit_account_page> pricing_service::read(const list_gift_cards& q,
                                                  const kernel::call_context&,
                                                  db::connection& c) const {
  const auto limit = static_cast<std::size_t>(q.limit);
  auto found = read_gift_cards(c, q.before, limit + 1);
  credit_account_page page;
  if (found.size() > limit) {
    found.pop_back();
    page.next_cursor.value = found.back().credit_account_id.str();
  }
  for (const auto& a : found) page.data.push_back(view_of(a));
  return page;
}

result<credit_entry_page> pricing_service::read(const list_credit_entries& q,
                                                const kernel::call_context&,
                                                db::connection& c) const {
  const auto account = read_credit(c, q.credit_account_id);
  if (!account) return not_found("credit account");
  const auto limit = static_cast<std::size_t>(q.limit);
  auto found = read_credit_entries(c, q.credit_account_id, q.before, limit + 1);
  credit_entry_page page;
  if (found.size() > limit) {
    found.pop_back();
    page.next_cursor.value = found.back().credit_entry_id.str();
  }
  const auto in_currency = [&](std::int64_t amount) { return money{amount, account->currency}; };
  for (const auto& e : found) {
    page.data.push_back({e.credit_entry_id, in_currency(e.amount), in_currency(e.balance), e.cause,
                         e.order_id, e.note, e.actor, e.created_at});
  }
  return page;
}

result<find_credit::answer> pricing_service::read(const find_credit& q, const kernel::call_context&,
                                                  db::connection& c) const {
  if (q.code_keys.size() > gift_cards_per_order) {
    return invalid_field("/code_keys", "too_many", "Too many gift cards.");
  }
  find_credit::answer a;
  for (const auto& key : q.code_keys) {
    if (const auto found = read_gift_card(c, key)) a.data.push_back({key, view_of(*found)});
  }
  if (!q.user_id) return a;
  for (const auto& own : read_store_credit(c, *q.user_id)) {
    a.data.push_back({std::nullopt, view_of(own)});
  }
  return a;
}

}  // namespace stoa::pricing
