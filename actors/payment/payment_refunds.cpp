// Refunds: partial ones by staff, and the full refund of a cancelled order. Their sum never exceeds
// the captured amount, even under concurrency: one writer decides everything of a payment. What the
// order has paid with gift cards and store credit is refunded after the payment; the Pricing
// service returns it, and never more than it has taken.

#include "actors/payment/payment_parts.hpp"
#include "actors/pricing/refund_shares.hpp"
#include "storage/base/order_number.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::payment {

namespace {

/// How the keys of refunds begin.
constexpr std::string_view refund_key = "refund:";

/// The amount that can still be refunded: all refunds that are not declined count.
std::int64_t refundable(payment_service::decision& d, const payment_row& p) {
  std::int64_t left = p.captured_amount().amount;
  for (const auto* r : d.of<refund_row>().where<&refund_row::payment_id>(p.payment_id)) {
    if (r->status != refund_status::Declined) left -= r->payment_amount().amount;
  }
  return left;
}

/// What refunds have left of the order's gift cards and store credit. A cancellation returns all of
/// it.
std::vector<redeemed_credit> credits_left(payment_service::decision& d, const payment_row& p,
                                          std::optional<std::vector<redeemed_credit>> paid) {
  auto left = std::move(paid).value_or(std::vector<redeemed_credit>{});
  if (p.order_cancelled) left.clear();
  for (const auto* r : d.of<refund_row>().where<&refund_row::payment_id>(p.payment_id)) {
    const bool counts = r->status != refund_status::Declined || r->credits_returned;
    if (!counts) continue;
    for (const auto& c : r->credits) {
      const auto found =
          std::ranges::find(left, c.credit_account_id, &redeemed_credit::credit_account_id);
      if (found != left.end()) found->amount.amount -= c.amount.amount;
    }
  }
  return left;
}

std::int64_t sum_of(const std::vector<redeemed_credit>& credits) {
  std::int64_t sum = 0;
  for (const auto& c : credits) sum += std::max<std::int64_t>(0, c.amount.amount);
  return sum;
}

/// Whether each of the credits is left.
bool fit(const std::vector<redeemed_credit>& credits, const std::vector<redeemed_credit>& left) {
  return std::ranges::all_of(credits, [&](const redeemed_credit& c) {
    const auto found =
        std::ranges::find(left, c.credit_account_id, &redeemed_credit::credit_account_id);
    return found != left.end() && c.amount.amount <= found->amount.amount;
  });
}

/// Returns the amount to the credits, each as far as it is left.
void return_to(std::vector<redeemed_credit> left, std::int64_t amount, refund_row& r) {
  r.credit_total = amount;
  for (auto& c : left) {
    c.amount.amount = std::min(c.amount.amount, amount);
    if (c.amount.amount <= 0) continue;
    amount -= c.amount.amount;
    r.credits.push_back(std::move(c));
  }
}

void settle(payment_service::decision& d, refund_row& r, refund_status to,
            const gateway_answer& a) {
  if (!may_become(r.status, to)) throw std::logic_error("payment: refund settled twice");
  r.status = to;
  r.transaction_id = some(a.transaction_id);
  r.failure_code = some(a.code);
  r.updated_at = d.now;
}

refund_row& open_refund(payment_service::decision& d, const payment_row& p) {
  return d.of<refund_row>().edit(attempt_of(d, p).refund_id.value());
}

/// Adds to the refunded amount; the status follows it.
void set_refunded(payment_service::decision& d, payment_row& p, std::int64_t change) {
  if (change == 0) return;
  const auto refunded = (p.refunded_amount ? p.refunded_amount->amount : 0) + change;
  p.refunded_amount.reset();
  if (refunded != 0) p.refunded_amount = money{refunded, p.amount.currency};
  p.updated_at = d.now;
  auto to = payment_status::PartiallyRefunded;
  if (refunded == 0) to = payment_status::Completed;
  if (refunded == p.captured_amount().amount) to = payment_status::Refunded;
  if (p.status != to) move_to(d, p, to);
}

/// The payment shows the code of a declined refund while its amount can still be refunded.
void show_declined(payment_service::decision& d, payment_row& p) {
  p.failure_code.reset();
  if (refundable(d, p) == 0) return;
  for (const auto* r : d.of<refund_row>().where<&refund_row::payment_id>(p.payment_id)) {
    if (r->status != refund_status::Declined) continue;
    p.failure_code = failure_of("refund_", r->failure_code.value_or(""));
  }
}

problem exceeds() {
  return conflict("refund_exceeds_captured", "The refund exceeds the remaining captured amount.");
}

problem exceeds_line(const std::string& pointer, std::string detail) {
  auto p = conflict("refund_exceeds_line",
                    "The refund exceeds what is left of a line or of the costs of shipping.");
  p.errors.push_back({pointer, "range", std::move(detail)});
  return p;
}

/// What the refunds of a line that are not declined have refunded.
struct refunded_units {
  std::int64_t quantity = 0;
  std::int64_t amount = 0;
};

refunded_units refunded_of(payment_service::decision& d, stoa::payment_id payment,
                           stoa::order_item_id item) {
  refunded_units sum;
  for (const auto* r : d.of<refund_row>().where<&refund_row::payment_id>(payment)) {
    if (r->status == refund_status::Declined) continue;
    for (const auto& line : r->lines) {
      if (line.order_item_id != item) continue;
      sum.quantity += line.quantity;
      sum.amount += line.amount.amount;
    }
  }
  return sum;
}

std::int64_t refunded_shipping(payment_service::decision& d, stoa::payment_id payment) {
  std::int64_t sum = 0;
  for (const auto* r : d.of<refund_row>().where<&refund_row::payment_id>(payment)) {
    if (r->status != refund_status::Declined) sum += r->shipping_amount;
  }
  return sum;
}

/// The line in the refund, or why it cannot be refunded. An amount by staff may be any part of what
/// is left of the line; otherwise it is the share of the units, as far as it is left.
result<refund_line> line_of(const refund_item& item, const refunded_units& before,
                            const std::string& pointer) {
  const auto& paid = item.paid_amount;
  if (before.quantity + item.quantity > item.ordered_quantity) {
    return exceeds_line(pointer + "/quantity",
                        std::to_string(item.ordered_quantity - before.quantity) +
                            " of the line's units are not refunded yet.");
  }
  const money left{paid.amount - before.amount, paid.currency};
  if (item.amount && item.amount->amount > left.amount) {
    return exceeds_line(pointer + "/amount",
                        to_display(left) + " of the line are not refunded yet.");
  }
  const auto share =
      pricing::share_of_units(paid.amount, item.ordered_quantity, before.quantity, item.quantity);
  const money amount = item.amount.value_or(money{std::min(share, left.amount), paid.currency});
  return refund_line{item.order_item_id,
                     item.product_id,
                     item.name,
                     item.quantity,
                     amount,
                     item.ordered_quantity,
                     paid,
                     item.properties};
}

/// The parts of the order that the refund consists of; checks them.
std::optional<problem> take_parts(const request_refund& m, payment_service::decision& d,
                                  refund_row& r) {
  std::int64_t sum = 0;
  for (const auto& item : *m.line_items) {
    const auto pointer = "/line_items/" + std::to_string(r.lines.size());
    auto line = line_of(item, refunded_of(d, m.payment_id, item.order_item_id), pointer);
    if (!line) return std::move(line.error());
    sum += line->amount.amount;
    r.lines.push_back(std::move(*line));
  }
  if (m.shipping_amount) {
    r.shipping_amount = m.shipping_amount->amount;
    r.shipping_paid = m.shipping_paid ? m.shipping_paid->amount : 0;
    const money left{r.shipping_paid - refunded_shipping(d, m.payment_id), r.amount.currency};
    if (r.shipping_amount > left.amount) {
      return exceeds_line("/shipping_amount",
                          to_display(left) + " of the costs of shipping are not refunded yet.");
    }
    sum += r.shipping_amount;
  }
  r.restock = m.restock.value_or(false);
  r.amount.amount = sum;
  if (sum == 0) {
    return invalid_field("/line_items", "range", "Nothing was paid for these units.");
  }
  return std::nullopt;
}

/// Whether another refund has taken units or amounts of a declined one.
bool is_taken(payment_service::decision& d, const refund_row& r) {
  for (const auto& line : r.lines) {
    const auto before = refunded_of(d, r.payment_id, line.order_item_id);
    if (before.quantity + line.quantity > line.ordered_quantity) return true;
    if (before.amount + line.amount.amount > line.paid_amount.amount) return true;
  }
  return r.shipping_amount > 0 &&
         refunded_shipping(d, r.payment_id) + r.shipping_amount > r.shipping_paid;
}

/// Records who has requested the refund, and why.
void log_initiated(payment_service::decision& d, payment_row& p, const refund_row& r,
                   std::string requested_by) {
  log_details details{{}, r.amount, {}, {}, {}, {}, std::move(requested_by), r.reason, r.refund_id};
  if (!r.lines.empty()) {
    details.lines = r.lines;
    details.restock = r.restock;
  }
  log(d, p, "refund_initiated", std::move(details));
}

/// The event of a refund that has succeeded.
payment_refunded event_of(const payment_row& p, const refund_row& r) {
  payment_refunded e{p.payment_id, p.order_id, r.amount, r.refund_id};
  if (r.credits_returned) {
    e.amount = r.payment_amount();  // Of a retry after a reversal.
  } else if (!r.credits.empty()) {
    e.credits = r.credits;
  }
  if (!r.lines.empty()) {
    e.lines = r.lines;
    e.restock = r.restock;
  }
  if (r.shipping_amount > 0) e.shipping_amount = money{r.shipping_amount, r.amount.currency};
  return e;
}

}  // namespace

std::string key_of(const refund_row& r) {
  const auto key = std::string(refund_key) + r.refund_id.str();
  return r.tries == 1 ? key : key + "#" + std::to_string(r.tries);
}

std::optional<stoa::refund_id> refund_of_key(std::string_view key) {
  constexpr std::size_t id_length = 36;
  if (!key.starts_with(refund_key)) return std::nullopt;
  return stoa::refund_id::parse(key.substr(refund_key.size(), id_length));
}

/// Starts the next pending refund, if no operation is open. Those of an offline payment wait for
/// staff; one with a reference was made at the gateway.
void payment_service::next_refund(decision& d, payment_row& p) const {
  if (p.effect != open_effect::None || p.gateway == offline_gateway) return;
  for (const auto* r : d.of<refund_row>().where<&refund_row::payment_id>(p.payment_id)) {
    if (r->status != refund_status::Pending || r->transaction_id) continue;
    return open(d, p, open_effect::Refund, key_of(*r), r->payment_amount(), r->refund_id);
  }
}

/// Refunds the remaining amount of a cancelled order's payment. The refund's id and key are derived
/// from the payment's, so that a restored database requests the same refund.
void payment_service::refund_rest(decision& d, payment_row& p) const {
  const auto left = refundable(d, p);
  if (left > 0) {
    refund_row r;
    r.refund_id = {p.payment_id.value};
    r.payment_id = p.payment_id;
    r.amount = {left, p.amount.currency};
    r.reason = "The order was cancelled.";
    r.requested_by = "system";
    r.created_at = r.updated_at = d.now;
    d.of<refund_row>().insert(std::move(r));
    ++p.refund_rows;
  }
  next_refund(d, p);
}

void payment_service::refunded(decision& d, payment_row& p, const gateway_answer& a) const {
  auto& r = open_refund(d, p);
  close(d, p, attempt_state::succeeded, a);
  refund_succeeded(d, p, r, a);
  next_refund(d, p);
}

/// Records a refund that has succeeded.
void payment_service::refund_succeeded(decision& d, payment_row& p, refund_row& r,
                                       const gateway_answer& a) const {
  settle(d, r, refund_status::Succeeded, a);
  post_refund(d, p, r);
  set_refunded(d, p, r.payment_amount().amount);
  show_declined(d, p);
  d.emit(p.order_id, event_of(p, r));
  r.credits_returned = !r.credits.empty();
}

/// The gateway has reversed a refund that had succeeded. Staff can retry it under a new key.
void payment_service::reverse_refund(decision& d, payment_row& p, refund_row& r,
                                     const gateway_answer& a) const {
  settle(d, r, refund_status::Declined, a);
  if (!r.failure_code) r.failure_code = "refund_reversed";
  post_refund_reversal(d, p, r);
  const auto amount = r.payment_amount();
  set_refunded(d, p, -amount.amount);
  show_declined(d, p);
  log(d, p, "refund_reversed", {key_of(r), amount, {}, r.transaction_id, r.failure_code, {}});
  d.emit(p.order_id, payment_refund_reversed{p.payment_id, p.order_id, amount, *r.failure_code});
}

/// The gateway returns the same answer for the same key: the refund stays Declined until staff
/// retry it under a new key.
void payment_service::refund_declined(decision& d, payment_row& p, const gateway_answer& a) const {
  auto& r = open_refund(d, p);
  close(d, p, attempt_state::declined, a);
  refund_failed(d, p, r, a);
  next_refund(d, p);
}

void payment_service::refund_failed(decision& d, payment_row& p, refund_row& r,
                                    const gateway_answer& a) const {
  settle(d, r, refund_status::Declined, a);
  if (!r.failure_code) r.failure_code = "declined";
  show_declined(d, p);
  p.updated_at = d.now;
}

void payment_service::needs(const request_refund& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&attempt_row::payment_id>(m.payment_id);
  list.add<&refund_row::payment_id>(m.payment_id);
}

result<refund_view> payment_service::decide(const request_refund& m, decision& d) const {
  const auto* found = may_see_all(d.context) ? d.of<payment_row>().find(m.payment_id) : nullptr;
  if (!found || found->order_id != m.order_id) return not_found("payment");
  if (!is_captured(found->status)) {
    return conflict("payment_not_captured", state_text(*found) + ": it cannot be refunded.");
  }
  if (m.amount && m.amount->currency != found->amount.currency) {
    return invalid_field("/amount/currency", "currency", "The payment is in another currency.");
  }
  if (m.credit_amount && m.credit_amount->currency != found->amount.currency) {
    return invalid_field("/credit_amount/currency", "currency",
                         "The payment is in another currency.");
  }
  const auto left = refundable(d, *found);
  auto credits = credits_left(d, *found, m.credits);
  const auto credit_left = sum_of(credits);
  const auto rest = left + (m.credit_amount ? m.credit_amount->amount : credit_left);
  refund_row r;
  r.amount = {m.amount ? m.amount->amount : rest, found->amount.currency};
  if (m.amount && r.amount.amount <= 0) {
    return invalid_field("/amount/amount", "range", "The amount must be at least 1.");
  }
  if (m.line_items) {
    if (auto bad = take_parts(m, d, r)) return std::move(*bad);
  }
  const auto to_credit =
      m.credit_amount ? m.credit_amount->amount : std::max<std::int64_t>(0, r.amount.amount - left);
  if (to_credit < 0 || to_credit > r.amount.amount) {
    return invalid_field("/credit_amount/amount", "range", "This is a part of the refund.");
  }
  if (to_credit > credit_left || r.amount.amount - to_credit > left || r.amount.amount == 0) {
    return exceeds();
  }
  return_to(std::move(credits), to_credit, r);
  if (found->refund_rows >= static_cast<std::int64_t>(request_refund::refunds_max)) {
    return conflict("too_many_refunds", "The payment has too many refunds.");
  }
  auto& p = d.of<payment_row>().edit(m.payment_id);
  r.refund_id = d.new_id<stoa::refund_id>();
  r.payment_id = p.payment_id;
  r.reason = m.reason;
  r.requested_by = d.context.who.str();
  r.created_at = r.updated_at = d.now;
  log_initiated(d, p, r, r.requested_by);
  auto& made = d.of<refund_row>().insert(std::move(r));
  ++p.refund_rows;
  show_declined(d, p);
  p.updated_at = d.now;
  if (made.payment_amount().amount == 0) {
    // Nothing for the gateway to do.
    refund_succeeded(d, p, made, {gateway_status::approved, "", "", ""});
    return view_of(made);
  }
  const auto view = view_of(made);
  next_refund(d, p);
  return view;
}

void payment_service::needs(const retry_refund& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
  list.add<&attempt_row::payment_id>(m.payment_id);
  list.add<&refund_row::payment_id>(m.payment_id);
}

result<refund_view> payment_service::decide(const retry_refund& m, decision& d) const {
  const auto* found = may_see_all(d.context) ? d.of<payment_row>().find(m.payment_id) : nullptr;
  const auto* declined = found ? d.of<refund_row>().find(m.refund_id) : nullptr;
  if (!declined || declined->payment_id != m.payment_id || found->order_id != m.order_id) {
    return not_found("refund");
  }
  if (declined->status != refund_status::Declined) {
    return conflict("refund_not_declined",
                    "The refund is " + std::string(enum_name(declined->status)) + ".");
  }
  if (declined->payment_amount().amount > refundable(d, *found)) return exceeds();
  if (!declined->credits_returned && !fit(declined->credits, credits_left(d, *found, m.credits))) {
    return exceeds();
  }
  if (is_taken(d, *declined)) {
    return conflict("refund_exceeds_line",
                    "Other refunds have refunded the same units or costs of shipping.");
  }
  auto& p = d.of<payment_row>().edit(m.payment_id);
  auto& r = d.of<refund_row>().edit(m.refund_id);
  settle(d, r, refund_status::Pending, {});
  ++r.tries;
  log_initiated(d, p, r, d.context.who.str());
  show_declined(d, p);
  p.updated_at = d.now;
  next_refund(d, p);
  return view_of(r);
}

stoa::payment_id payment_of(stoa::order_id order) {
  constexpr std::uint8_t version_8 = 0x80;
  auto made = order.value;
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0FU) | version_8);
  return {made};
}

payment_view view_of(const payment_row& p) {
  std::optional<next_action> action;
  if (p.action_url) action = next_action{"redirect", *p.action_url};
  if (p.status == payment_status::Pending && p.pay_until) {
    const auto reference = to_display_number(order_number_of(p.order_id));
    action = next_action{"bank_transfer", std::nullopt, p.instructions, reference, p.pay_until};
  }
  return {p.payment_id, p.order_id,        p.user_id,        p.payment_method, p.amount,
          p.status,     p.refunded_amount, p.transaction_id, p.failure_code,   std::move(action),
          p.created_at, p.updated_at,      p.received_amount};
}

refund_view view_of(const refund_row& r) {
  refund_view v{r.refund_id,    r.payment_id, r.amount,         r.reason,
                r.requested_by, r.status,     r.transaction_id, r.failure_code,
                r.created_at,   r.updated_at, r.lines};
  if (r.shipping_amount > 0) v.shipping_amount = money{r.shipping_amount, r.amount.currency};
  v.restock = r.restock;
  if (!r.credits.empty()) v.credits = r.credits;
  return v;
}

bool may_see_all(const kernel::call_context& context) {
  return context.who.is_staff() || context.who.kind == kernel::caller_kind::system;
}

}  // namespace stoa::payment
