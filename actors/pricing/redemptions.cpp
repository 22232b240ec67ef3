// The uses of promotions by orders. An order reserves all of its uses or none, before its goods are
// reserved; they are redeemed when it is confirmed, and released when it is cancelled. One writer
// decides all of them, so the limits hold exactly.

#include "actors/pricing/pricing_parts.hpp"
#include "actors/pricing/promotion_rules.hpp"
#include "storage/base/backoff.hpp"

#include <algorithm>
#include <set>

namespace stoa::pricing {

using kernel::applied;
using decision = pricing_service::decision;

namespace {

/// Why the order cannot use the promotion; empty: it can.
std::optional<std::string> obstacle(const redeemed_promotion& r, const std::string& customer,
                                    decision& d) {
  const auto* p = d.of<promotion_row>().find(r.promotion_id);
  if (!p || p->status != promotion_status::Active) return "The promotion is no longer active.";
  const auto& t = p->terms;
  if (t.ends_at && *t.ends_at <= d.now) return "The promotion has ended.";
  const auto* uses = d.of<promotion_use_row>().find(r.promotion_id);
  if (is_used_up(t, uses ? uses->uses : 0)) return "The promotion is used up.";
  if (t.trigger == promotion_trigger::code) {
    const auto* code = r.code ? d.of<code_row>().find(code_key_of(*r.code)) : nullptr;
    if (!code || code->promotion_id != r.promotion_id) return "The code is not valid any more.";
    if (code->uses_max && code->uses >= *code->uses_max) return "The code has been used.";
  }
  if (t.uses_per_customer_max) {
    const auto* mine = d.of<customer_use_row>().find(r.promotion_id, customer);
    if (mine && mine->uses >= *t.uses_per_customer_max) {
      return "The customer has used the promotion as often as allowed.";
    }
  }
  return std::nullopt;
}

/// Adds to the uses of a promotion, and tells the nodes when that makes it usable or used up.
void count_use(decision& d, stoa::promotion_id id, std::int64_t change) {
  if (!d.of<promotion_use_row>().find(id)) return;
  auto& uses = d.of<promotion_use_row>().edit(id);
  const auto* p = d.of<promotion_row>().find(id);
  const bool before = p && is_used_up(p->terms, uses.uses);
  uses.uses += change;
  if (change > 0) uses.orders += change;
  if (p && is_used_up(p->terms, uses.uses) != before) count_change(d);
}

void count_code(decision& d, const std::optional<std::string>& key, std::int64_t change) {
  if (key && d.of<code_row>().find(*key)) d.of<code_row>().edit(*key).uses += change;
}

void count_customer(decision& d, stoa::promotion_id id, const std::string& customer,
                    std::int64_t change) {
  auto& all = d.of<customer_use_row>();
  if (all.find(id, customer)) {
    all.edit(id, customer).uses += change;
  } else if (change > 0) {
    all.insert({id, customer, change, 0});
  }
}

void need_uses(const redeemed_promotion& r, pricing_service::need_list& list) {
  list.add<&promotion_row::promotion_id>(r.promotion_id);
  list.add<&promotion_use_row::promotion_id>(r.promotion_id);
  if (r.code) list.add<&code_row::code_key>(code_key_of(*r.code));
}

/// Changes the state of a redemption and the counts that follow from it.
void move_to(decision& d, const redemption_row& found, redemption_status to) {
  if (!may_become(found.status, to)) return;
  auto& r = d.of<redemption_row>().edit(found.order_id, found.promotion_id);
  r.status = to;
  r.updated_at = d.now;
  if (to != redemption_status::Released) return;
  count_use(d, r.promotion_id, -1);
  count_code(d, r.code_key, -1);
  count_customer(d, r.promotion_id, r.customer, -1);
}

/// The same for credit.
void move_to(decision& d, const credit_redemption_row& found, redemption_status to) {
  if (!may_become(found.status, to)) return;
  auto& r = d.of<credit_redemption_row>().edit(found.order_id, found.credit_account_id);
  r.status = to;
  r.updated_at = d.now;
  if (to == redemption_status::Released) return_credit(found, d);
}

std::vector<credit_redemption_row> credits_of(decision& d, stoa::order_id id) {
  std::vector<credit_redemption_row> all;
  for (const auto* r : d.of<credit_redemption_row>().where<&credit_redemption_row::order_id>(id)) {
    all.push_back(*r);
  }
  return all;
}

std::vector<redemption_row> redemptions_of(decision& d, stoa::order_id id) {
  std::vector<redemption_row> all;
  for (const auto* r : d.of<redemption_row>().where<&redemption_row::order_id>(id)) {
    all.push_back(*r);
  }
  return all;
}

}  // namespace

void pricing_service::needs(const order::redemption_requested& e, need_list& list,
                            const records&) const {
  list.add<&redemption_row::order_id>(e.order_id);
  list.add<&credit_redemption_row::order_id>(e.order_id);
  for (const auto& r : e.promotions) need_uses(r, list);
  need_credits(e.credits, list);
  list.add<&customer_use_row::customer>(e.customer);
  need_revision(list);
}

applied pricing_service::decide(const order::redemption_requested& e, decision& d) const {
  // Rows of the order mean that it was already processed or cancelled: nothing to reserve.
  if (!redemptions_of(d, e.order_id).empty() || !credits_of(d, e.order_id).empty()) {
    return std::nullopt;
  }
  for (const auto& r : e.promotions) {
    if (auto why = obstacle(r, e.customer, d)) {
      d.emit(e.order_id,
             redemption_rejected{e.order_id, r.promotion_id, {}, r.code, std::move(*why)});
      return std::nullopt;
    }
  }
  if (auto bad = missing_credit(e.credits, d)) {
    d.emit(e.order_id,
           redemption_rejected{
               e.order_id, {}, bad->first.credit_account_id, {}, std::move(bad->second)});
    return std::nullopt;
  }
  for (const auto& r : e.promotions) {
    std::optional<std::string> key;
    if (r.code) key = code_key_of(*r.code);
    count_use(d, r.promotion_id, 1);
    count_code(d, key, 1);
    count_customer(d, r.promotion_id, e.customer, 1);
    d.of<redemption_row>().insert({e.order_id, r.promotion_id, std::move(key), e.customer,
                                   redemption_status::Reserved, d.now + options_.reservation_ttl,
                                   d.now, d.now});
  }
  redeem_credits(e.order_id, e.credits, d.now + options_.reservation_ttl, d);
  d.emit(e.order_id, redemption_reserved{e.order_id});
  return std::nullopt;
}

void pricing_service::needs(const order::redemption_confirmed& e, need_list& list,
                            const records&) const {
  list.add<&redemption_row::order_id>(e.order_id);
  list.add<&credit_redemption_row::order_id>(e.order_id);
}

applied pricing_service::decide(const order::redemption_confirmed& e, decision& d) const {
  for (const auto& r : redemptions_of(d, e.order_id)) {
    move_to(d, r, redemption_status::Redeemed);
  }
  for (const auto& r : credits_of(d, e.order_id)) move_to(d, r, redemption_status::Redeemed);
  return std::nullopt;
}

void pricing_service::needs(const order::redemption_released& e, need_list& list,
                            const records& loaded) const {
  list.add<&redemption_row::order_id>(e.order_id);
  list.add<&credit_redemption_row::order_id>(e.order_id);
  for (const auto* r :
       loaded.of<credit_redemption_row>().where<&credit_redemption_row::order_id>(e.order_id)) {
    list.add<&credit_account_row::credit_account_id>(r->credit_account_id);
  }
  for (const auto* r : loaded.of<redemption_row>().where<&redemption_row::order_id>(e.order_id)) {
    need_uses({r->promotion_id, std::nullopt}, list);
    if (r->code_key) list.add<&code_row::code_key>(*r->code_key);
    list.add<&customer_use_row::customer>(r->customer);
  }
  need_revision(list);
}

applied pricing_service::decide(const order::redemption_released& e, decision& d) const {
  for (const auto& r : redemptions_of(d, e.order_id)) {
    move_to(d, r, redemption_status::Released);
  }
  for (const auto& r : credits_of(d, e.order_id)) move_to(d, r, redemption_status::Released);
  for (const auto& c : e.credits) {
    if (d.of<credit_redemption_row>().find(e.order_id, c.credit_account_id)) continue;
    d.of<credit_redemption_row>().insert(
        {e.order_id, c.credit_account_id, 0, redemption_status::Released, d.now, d.now, d.now});
  }
  for (const auto& p : e.promotions) {
    // The request was not applied here (it is a dead letter) or was rejected: if it is replayed
    // later, this row marks it as too late.
    if (d.of<redemption_row>().find(e.order_id, p.promotion_id)) continue;
    d.of<redemption_row>().insert({e.order_id, p.promotion_id, std::nullopt, e.customer,
                                   redemption_status::Released, d.now, d.now, d.now});
  }
  return std::nullopt;
}

void pricing_service::needs(const expire_redemption& m, need_list& list, const records&) const {
  list.add<&redemption_row::order_id>(m.order_id);
  list.add<&credit_redemption_row::order_id>(m.order_id);
}

result<kernel::nothing> pricing_service::decide(const expire_redemption& m, decision& d) const {
  bool overdue = false;
  // Whether the deadline must be renewed: the event is emitted again later if the order is still
  // undecided.
  const auto is_due = [&](const auto& r) {
    if (r.status != redemption_status::Reserved) return false;
    const bool foreign = r.deadline > latest_due(d.now, options_.reservation_ttl);
    if (r.deadline > d.now && !foreign) return false;
    // A foreign deadline was set while the clock was ahead: its time starts now.
    overdue |= !foreign;
    return true;
  };
  const auto renewed = d.now + options_.reservation_ttl;
  for (const auto& r : redemptions_of(d, m.order_id)) {
    if (is_due(r)) d.of<redemption_row>().edit(r.order_id, r.promotion_id).deadline = renewed;
  }
  for (const auto& r : credits_of(d, m.order_id)) {
    if (!is_due(r)) continue;
    d.of<credit_redemption_row>().edit(r.order_id, r.credit_account_id).deadline = renewed;
  }
  if (overdue) d.emit(m.order_id, redemption_expired{m.order_id});
  return kernel::nothing{};
}

}  // namespace stoa::pricing
