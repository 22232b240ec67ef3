// Refunds and disputes at the gateway: a webhook starts a review, which reads all refunds and
// disputes of the payment from the gateway and records what has changed. The order of webhooks
// therefore does not matter.

#include "actors/payment/payment_parts.hpp"
#include "storage/base/backoff.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::payment {

namespace {

using decision = payment_service::decision;

/// Between reviews of a payment with a refund that the gateway has not decided, and the longest
/// time between two reviews without a result.
constexpr microseconds review_interval = std::chrono::hours{1};

/// The refund that is recorded for the gateway's one: with its reference, or requested under its
/// key.
refund_row* find_refund(decision& d, const payment_row& p, const gateway_refund& g) {
  auto& all = d.of<refund_row>();
  for (const auto* r : all.where<&refund_row::payment_id>(p.payment_id)) {
    if (r->transaction_id == g.transaction_id) return &all.edit(r->refund_id);
  }
  const auto id = refund_of_key(g.key);
  const auto* found = id ? all.find(*id) : nullptr;
  return found && found->payment_id == p.payment_id ? &all.edit(*id) : nullptr;
}

/// Made at the gateway, which has not decided it yet.
bool is_pending_there(const refund_row& r) {
  return r.status == refund_status::Pending && r.transaction_id.has_value();
}

refund_row& add_refund(decision& d, payment_row& p, const gateway_refund& g) {
  refund_row r;
  r.refund_id = d.new_id<stoa::refund_id>();
  r.payment_id = p.payment_id;
  r.amount = g.amount;
  r.reason = "Made at the gateway.";
  r.requested_by = "gateway";
  r.transaction_id = g.transaction_id;
  r.created_at = r.updated_at = d.now;
  ++p.refund_rows;
  log(d, p, "refund_found", {some(g.key), g.amount, {}, g.transaction_id, {}, {}});
  return d.of<refund_row>().insert(std::move(r));
}

bool fits(const payment_row& p, const gateway_refund& g) {
  const auto refunded = p.refunded_amount ? p.refunded_amount->amount : 0;
  return g.amount.currency == p.amount.currency && g.amount.amount > 0 &&
         g.amount.amount <= p.captured_amount().amount - refunded;
}

/// A refund that the payment's open operation is about is settled by its own answer.
bool is_open_here(decision& d, const payment_row& p, const refund_row& r) {
  if (p.effect != open_effect::Refund) return false;
  const auto* attempt = d.of<attempt_row>().find(p.payment_id, p.attempt_rows);
  return attempt && attempt->refund_id == r.refund_id;
}

dispute_row& find_dispute(decision& d, payment_row& p, const gateway_dispute& g) {
  auto& all = d.of<dispute_row>();
  for (const auto* r : all.where<&dispute_row::payment_id>(p.payment_id)) {
    if (r->reference == g.reference) return all.edit(r->dispute_id);
  }
  dispute_row r;
  r.dispute_id = d.new_id<stoa::dispute_id>();
  r.payment_id = p.payment_id;
  r.gateway = p.gateway;
  r.reference = g.reference;
  r.amount = g.amount;
  r.reason = g.reason;
  r.respond_by = g.respond_by;
  r.opened_at = g.opened_at;
  r.updated_at = d.now;
  log(d, p, "dispute_opened", {{}, g.amount, {}, g.reference, g.reason, {}});
  d.emit(p.order_id, payment_dispute_opened{p.payment_id, p.order_id, g.reference, g.amount,
                                            g.reason, g.respond_by});
  return all.insert(std::move(r));
}

void apply_dispute(decision& d, payment_row& p, const gateway_dispute& g) {
  if (g.amount.currency != p.amount.currency || g.amount.amount <= 0) return;
  auto& r = find_dispute(d, p, g);
  const auto before = r;
  r.status = g.status;
  r.funds_withdrawn = g.funds_withdrawn;
  r.respond_by = g.respond_by;
  const bool has_changed = r.status != before.status ||
                           r.funds_withdrawn != before.funds_withdrawn ||
                           r.respond_by != before.respond_by;
  if (!has_changed) return;
  post_dispute(d, p, before, r);
  r.updated_at = d.now;
  const bool is_closed = r.status != before.status && r.status != dispute_status::Open;
  log(d, p, is_closed ? "dispute_closed" : "dispute_updated",
      {{}, r.amount, {}, r.reference, std::string(enum_name(r.status)), {}});
  if (!is_closed) return;
  d.emit(p.order_id,
         payment_dispute_closed{p.payment_id, p.order_id, r.reference, r.amount, r.status});
}

void start_review(decision& d, payment_row& p, review_row& r, microseconds timeout) {
  r.next_attempt_at = d.now + timeout;
  log(d, p, "review_requested", {});
  d.effect(read_gateway_activity{p.payment_id,
                                 p.order_id,
                                 p.gateway,
                                 {p.payment_id.str(), p.transaction_id.value_or("")},
                                 r.events});
}

}  // namespace

void payment_service::review(decision& d, payment_row& p) const {
  auto& all = d.of<review_row>();
  if (all.find(p.payment_id)) {
    auto& r = all.edit(p.payment_id);
    ++r.events;
    r.attempts = 0;
    return start_review(d, p, r, options_.gateway_timeout + options_.gateway_margin);
  }
  auto& r = all.insert({p.payment_id, 1, 0, d.now, 0});
  start_review(d, p, r, options_.gateway_timeout + options_.gateway_margin);
}

timestamp payment_service::latest_review(timestamp now) const {
  return latest_due(now,
                    std::max(review_interval, options_.gateway_timeout + options_.gateway_margin));
}

void payment_service::apply_refund(decision& d, payment_row& p, const gateway_refund& g) const {
  auto* r = find_refund(d, p, g);
  if (r == nullptr) {
    if (g.status == gateway_refund_status::failed) return;
    if (!fits(p, g)) {
      log(d, p, "refund_mismatch", {some(g.key), g.amount, {}, g.transaction_id, {}, {}});
      return;
    }
    r = &add_refund(d, p, g);
  }
  if (is_open_here(d, p, *r)) return;
  const gateway_answer answer{g.status == gateway_refund_status::failed ? gateway_status::declined
                                                                        : gateway_status::approved,
                              g.transaction_id,
                              g.code,
                              {},
                              {}};
  if (is_pending_there(*r) && g.status == gateway_refund_status::succeeded) {
    if (fits(p, g)) refund_succeeded(d, p, *r, answer);
  } else if (is_pending_there(*r) && g.status == gateway_refund_status::failed) {
    refund_failed(d, p, *r, answer);
  } else if (r->status == refund_status::Succeeded && r->transaction_id == g.transaction_id &&
             g.status == gateway_refund_status::failed) {
    reverse_refund(d, p, *r, answer);
  }
}

void payment_service::needs(const activity_result& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&attempt_row::payment_id>(m.payment_id);
  list.add<&refund_row::payment_id>(m.payment_id);
  list.add<&dispute_row::payment_id>(m.payment_id);
  list.add<&review_row::payment_id>(m.payment_id);
}

result<kernel::nothing> payment_service::decide(const activity_result& m, decision& d) const {
  if (!d.of<payment_row>().find(m.payment_id) || !d.of<review_row>().find(m.payment_id)) {
    return kernel::nothing{};
  }
  auto& p = d.of<payment_row>().edit(m.payment_id);
  auto& review = d.of<review_row>().edit(m.payment_id);
  log(d, p, m.known ? "review_read" : "review_unknown", {{}, {}, {}, {}, some(m.code), {}});
  // An undecided authorisation is settled by its own answer before its refunds can be recorded.
  if (!m.known || is_undecided(p.status)) {
    ++review.attempts;
    review.next_attempt_at = d.now + backoff(review.attempts, options_.retry_min, review_interval);
    return kernel::nothing{};
  }
  if (is_captured(p.status)) {
    for (const auto& g : m.refunds) apply_refund(d, p, g);
    for (const auto& g : m.disputes) apply_dispute(d, p, g);
    p.updated_at = d.now;
  }
  bool is_pending = false;
  for (const auto* r : d.of<refund_row>().where<&refund_row::payment_id>(p.payment_id)) {
    is_pending = is_pending || is_pending_there(*r);
  }
  if (m.events != review.events) {
    review.attempts = 0;
    start_review(d, p, review, options_.gateway_timeout + options_.gateway_margin);
  } else if (is_pending) {
    review.attempts = 0;
    review.next_attempt_at = d.now + review_interval;
  } else {
    d.of<review_row>().erase(p.payment_id);
  }
  return kernel::nothing{};
}

void payment_service::needs(const retry_review& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&review_row::payment_id>(m.payment_id);
}

result<kernel::nothing> payment_service::decide(const retry_review& m, decision& d) const {
  const auto* found = d.of<review_row>().find(m.payment_id);
  if (!found || !d.of<payment_row>().find(m.payment_id)) return kernel::nothing{};
  const bool waits =
      found->next_attempt_at > d.now && found->next_attempt_at <= latest_review(d.now);
  if (waits) return kernel::nothing{};
  start_review(d, d.of<payment_row>().edit(m.payment_id), d.of<review_row>().edit(m.payment_id),
               options_.gateway_timeout + options_.gateway_margin);
  return kernel::nothing{};
}

}  // namespace stoa::payment
