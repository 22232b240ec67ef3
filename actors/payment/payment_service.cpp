#include "actors/payment/payment_service.hpp"

#include "actors/payment/payment_rules.hpp"
#include "config/log.hpp"
#include "storage/base/backoff.hpp"
#include "storage/payment/payment_store.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace stoa::payment {

namespace {

using kernel::applied;
using kernel::call_context;

constexpr std::size_t sweep_max = 256;
constexpr std::size_t restart_max = 4096;

void log(payment_service::decision& d, payment_row& p, std::string event, log_details details) {
  d.of<payment_log_row>().insert({d.new_id<stoa::log_id>(), p.payment_id, std::move(event),
                                  std::move(details), d.now, ++p.log_rows});
}

std::string_view verb(open_effect operation) {
  switch (operation) {
    case open_effect::Charge:
      return "charge";
    case open_effect::Cancel:
      return "cancel";
    case open_effect::Refund:
      return "refund";
    case open_effect::None:
      break;
  }
  return "nothing";
}

std::optional<std::string> some(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void move_to(payment_service::decision& d, payment_row& p, payment_status to) {
  if (!may_become(p.status, to)) {
    throw std::logic_error("payment: " + std::string(enum_name(p.status)) + " cannot become " +
                           std::string(enum_name(to)));
  }
  p.status = to;
  p.updated_at = d.now;
}

void close(payment_row& p) {
  p.effect = open_effect::None;
  p.sealed_token.clear();
  p.attempts = 0;
  p.next_attempt_at = {};
}

/// The payment of an order has the same id whenever it is created: the order's as UUIDv8 (RFC
/// 9562). A database that was set back (a restored backup, a fail-over to a replica that lagged)
/// creates the payments again that it has lost, and the gateway finds their charges by the key.
stoa::payment_id payment_of(stoa::order_id order) {
  constexpr std::uint8_t version_8 = 0x80;
  auto made = order.value;
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0FU) | version_8);
  return {made};
}

std::string charge_key(const payment_row& p) {
  return p.payment_id.str();
}

payment_view view_of(payment_row p) {
  return {p.payment_id,
          p.order_id,
          p.user_id,
          std::move(p.payment_method),
          std::move(p.amount),
          p.status,
          std::move(p.refunded_amount),
          std::move(p.transaction_id),
          std::move(p.failure_code),
          p.created_at,
          p.updated_at};
}

bool may_see_all(const call_context& context) {
  return context.who.is_staff() || context.who.kind == kernel::caller_kind::system;
}

}  // namespace

/// Opens an effect and starts it at once.
void payment_service::open(decision& d, payment_row& p, open_effect effect) const {
  p.effect = effect;
  p.attempts = 0;
  start(d, p);
}

/// Asks the gateway for what is open; the sweep asks again when nothing has been heard by then.
void payment_service::start(decision& d, payment_row& p) const {
  // Made by a clock that was ahead: its time begins now.
  if (is_foreign(p.created_at, d.now)) p.created_at = d.now;
  if (p.effect == open_effect::Charge && d.now - p.created_at >= options_.give_up) {
    p.effect = open_effect::Cancel;
  }
  call_gateway call{p.payment_id, p.order_id, p.effect, charge_key(p), charge_key(p), p.amount, {}};
  log_details details{call.key, p.amount, {}, {}, {}, {}};
  if (p.effect == open_effect::Charge) {
    call.sealed_token = p.sealed_token;
    details.token = p.token_hint;
  } else {
    p.sealed_token.clear();  // Needed for a charge only.
  }
  if (p.effect == open_effect::Refund) details.key = call.key = "refund:" + p.payment_id.str();
  p.next_attempt_at = d.now + options_.gateway_timeout + options_.gateway_margin;
  log(d, p, std::string(verb(p.effect)) + "_requested", std::move(details));
  d.effect(std::move(call));
}

/// Nothing is put off until later than that.
timestamp payment_service::latest_attempt(timestamp now) const {
  return latest_due(
      now, std::max(options_.retry_max, options_.gateway_timeout + options_.gateway_margin));
}

/// The open effect is asked for again later.
void payment_service::put_off(decision& d, payment_row& p) const {
  ++p.attempts;
  p.next_attempt_at = d.now + backoff(p.attempts, options_.retry_min, options_.retry_max);
}

// --- events
// ----------------------------------------------------------------------------------------

void payment_service::needs(const catalog::stock_reserved& e, need_list& list,
                            const records&) const {
  list.add<&payment_row::order_id>(e.order_id);
  list.add<&settled_order_row::order_id>(e.order_id);
  list.add<&instrument_row::instrument_id>(e.instrument_id);
}

applied payment_service::decide(const catalog::stock_reserved& e, decision& d) const {
  if (d.of<payment_row>().find_by<&payment_row::order_id>(e.order_id)) return std::nullopt;
  // Cancelled before: no charge. The instrument expires.
  if (d.of<settled_order_row>().find(e.order_id)) return std::nullopt;
  payment_row made;
  made.payment_id = payment_of(e.order_id);
  made.order_id = e.order_id;
  made.user_id = e.user_id;
  made.payment_method = "unknown";
  made.amount = e.total;
  made.created_at = made.updated_at = d.now;
  const auto* stored = d.of<instrument_row>().find(e.instrument_id);
  const bool usable = stored && stored->user_id == e.user_id;
  if (usable) {
    made.payment_method = stored->payment_method;
    made.sealed_token = stored->sealed_token;
    made.token_hint = stored->token_hint;
    d.of<instrument_row>().erase(e.instrument_id);
  }
  auto& p = d.of<payment_row>().insert(std::move(made));
  if (p.amount.amount == 0) {
    charged(d, p, {gateway_status::approved, "", "", "Nothing to pay."});
  } else if (!usable) {
    declined(d, p,
             {gateway_status::declined, "", "instrument_unknown",
              "The payment instrument is not known or has expired. Check out again."});
  } else {
    open(d, p, open_effect::Charge);
  }
  return std::nullopt;
}

void payment_service::needs(const order::order_cancelled& e, need_list& list,
                            const records&) const {
  list.add<&payment_row::order_id>(e.order.order_id);
  list.add<&settled_order_row::order_id>(e.order.order_id);
}

applied payment_service::decide(const order::order_cancelled& e, decision& d) const {
  const auto id = e.order.order_id;
  const auto* found = d.of<payment_row>().find_by<&payment_row::order_id>(id);
  if (!found) {
    // After stock.rejected there is no stock.reserved to wait for.
    if (e.code != "stock_rejected" && !d.of<settled_order_row>().find(id)) {
      d.of<settled_order_row>().insert({id, d.now});
    }
    return std::nullopt;
  }
  if (found->order_cancelled) return std::nullopt;
  auto& p = d.of<payment_row>().edit(found->payment_id);
  p.order_cancelled = true;
  p.updated_at = d.now;
  if (p.status == payment_status::Pending) {
    // A charge that is on its way cannot be called back: cancel settles it, and so does its answer.
    if (p.effect == open_effect::Charge) open(d, p, open_effect::Cancel);
  } else if (p.status == payment_status::Completed) {
    if (p.amount.amount > 0) {
      open(d, p, open_effect::Refund);
    } else {
      move_to(d, p, payment_status::Refunded);
    }
  }
  return std::nullopt;
}

// --- commands ------------------------------------------------------------------------------------

void payment_service::needs(const store_instrument& m, need_list& list, const records&) const {
  list.add<&instrument_row::instrument_id>(m.instrument_id);
}

result<kernel::nothing> payment_service::decide(const store_instrument& m, decision& d) const {
  if (d.of<instrument_row>().find(m.instrument_id)) return kernel::nothing{};
  std::optional<stoa::user_id> owner;
  if (d.context.who.is_user()) owner = d.context.who.user;
  d.of<instrument_row>().insert({m.instrument_id, owner, m.payment_method, m.sealed_token,
                                 m.token_hint, d.now, d.now + options_.instrument_ttl});
  return kernel::nothing{};
}

std::vector<const kernel::expiry*> payment_service::expiring() {
  return {&expired_instruments};
}

void payment_service::needs(const gateway_result& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
}

result<kernel::nothing> payment_service::decide(const gateway_result& m, decision& d) const {
  if (!d.of<payment_row>().find(m.payment_id)) return kernel::nothing{};
  auto& p = d.of<payment_row>().edit(m.payment_id);
  gateway_answer a = m.answer;
  log(d, p, std::string(verb(m.operation)) + "_" + std::string(enum_name(a.status)),
      {m.key, {}, {}, some(a.transaction_id), some(a.code), some(a.detail)});
  // An answer to what is not asked any more (a call answered twice, or late) is only logged. The
  // answer to a charge tells as much as that to its cancellation.
  const bool asked = m.operation == p.effect ||
                     (m.operation == open_effect::Charge && p.effect == open_effect::Cancel);
  if (!asked || p.effect == open_effect::None) return kernel::nothing{};
  if (a.status == gateway_status::unknown) {
    unknown(d, p, m.operation);
  } else if (m.operation == open_effect::Refund) {
    refunded(d, p, a);
  } else if (a.status == gateway_status::approved) {
    charged(d, p, a);
  } else {
    declined(d, p, a);
  }
  return kernel::nothing{};
}

/// The gateway has the money: it is kept when the order stands, given back when it does not.
void payment_service::charged(decision& d, payment_row& p, const gateway_answer& a) const {
  close(p);
  p.transaction_id = some(a.transaction_id);
  move_to(d, p, payment_status::Completed);
  if (p.order_cancelled) {
    open(d, p, open_effect::Refund);
  } else {
    d.emit(p.order_id, payment_completed{p.payment_id, p.order_id, p.amount});
  }
}

void payment_service::declined(decision& d, payment_row& p, const gateway_answer& a) const {
  close(p);
  p.failure_code = a.code.empty() ? "declined" : a.code;
  move_to(d, p, payment_status::Failed);
  d.emit(p.order_id, payment_failed{p.payment_id, p.order_id, *p.failure_code, a.detail});
}

void payment_service::refunded(decision& d, payment_row& p, const gateway_answer& a) const {
  close(p);
  if (a.status == gateway_status::declined) {
    // The gateway gives the same answer to the same key: asking again is of no use. The payment
    // stays Completed with the reason, for the staff to see to it.
    p.failure_code = "refund_" + (a.code.empty() ? std::string("declined") : a.code);
    p.updated_at = d.now;
    return;
  }
  p.refunded_amount = p.amount;
  move_to(d, p, payment_status::Refunded);
  d.emit(p.order_id, payment_refunded{p.payment_id, p.order_id, p.amount});
}

void payment_service::unknown(decision& d, payment_row& p, open_effect operation) const {
  if (operation == open_effect::Charge && p.effect == open_effect::Cancel && p.attempts == 0) {
    // The cancellation had to wait for the charge that was under way: now it has its turn.
    ++p.attempts;
    start(d, p);
    return;
  }
  put_off(d, p);
}

void payment_service::needs(const retry_payment& m, need_list& list, const records&) const {
  list.add<&payment_row::payment_id>(m.payment_id);
}

result<kernel::nothing> payment_service::decide(const retry_payment& m, decision& d) const {
  const auto* found = d.of<payment_row>().find(m.payment_id);
  if (!found || found->effect == open_effect::None) return kernel::nothing{};
  const bool waits =
      found->next_attempt_at > d.now && found->next_attempt_at <= latest_attempt(d.now);
  if (!m.starting && waits) return kernel::nothing{};
  start(d, d.of<payment_row>().edit(m.payment_id));
  return kernel::nothing{};
}

// --- queries
// ---------------------------------------------------------------------------------------

result<payment_page> payment_service::read(const get_order_payments& q, const call_context&,
                                           db::connection& c) const {
  payment_page page;
  for (auto& p : payments_of_order(c, q.order_id)) page.data.push_back(view_of(std::move(p)));
  return page;
}

kernel::gathered<payment_page> payment_service::gather(const get_orders_payments& q,
                                                       const call_context&,
                                                       db::gathering& all) const {
  if (q.order_ids.size() > get_orders_payments::orders_max) {
    return [](db::connection&) -> result<payment_page> {
      return invalid_field("/order_ids", "too_many", "Too many orders at once.");
    };
  }
  std::vector<db::gathering::found<payment_row>> found;
  for (auto id : q.order_ids) {
    found.push_back(all.ask<payment_row>(db::select_by<&payment_row::order_id>(), db::params(id)));
  }
  return [found](db::connection&) -> result<payment_page> {
    payment_page page;
    for (const auto& rows : found) {
      std::sort(rows->begin(), rows->end(),
                [](const auto& a, const auto& b) { return a.payment_id < b.payment_id; });
      for (auto& p : *rows) page.data.push_back(view_of(std::move(p)));
    }
    return page;
  };
}

result<payment_page> payment_service::read(const list_payments_query& q,
                                           const call_context& context, db::connection& c) const {
  if (!may_see_all(context)) return not_found("list of payments");
  payment_filter filter{q.status, q.before, static_cast<std::size_t>(q.limit) + 1};
  auto found = list_payments(c, filter);
  payment_page page;
  if (q.count) page.total = count_payments(c, q.status);
  if (found.size() > static_cast<std::size_t>(q.limit)) {
    found.pop_back();
    page.next_cursor.value = found.back().payment_id.str();
  }
  for (auto& p : found) page.data.push_back(view_of(std::move(p)));
  return page;
}

result<payment_detail_view> payment_service::read(const get_payment& q, const call_context& context,
                                                  db::connection& c) const {
  std::optional<payment_row> p;
  if (may_see_all(context)) p = read_payment(c, q.payment_id);
  if (!p) return not_found("payment");
  payment_detail_view v{
      p->payment_id, p->order_id,        p->user_id,        p->payment_method, p->amount,
      p->status,     p->refunded_amount, p->transaction_id, p->failure_code,   p->effect,
      p->attempts,   std::nullopt,       p->created_at,     p->updated_at,     {}};
  if (p->effect != open_effect::None) v.next_attempt_at = p->next_attempt_at;
  for (auto& row : read_payment_log(c, q.payment_id)) {
    v.logs.push_back({row.log_id, std::move(row.event), std::move(row.details), row.logged_at});
  }
  return v;
}

kernel::due_work payment_service::due(db::connection& c, timestamp now, bool starting) const {
  kernel::due_work work;
  for (auto id : starting ? open_payments(c, restart_max)
                          : due_payments(c, now, latest_attempt(now), sweep_max)) {
    work.commands.push_back(kernel::any_message::of(retry_payment{id, starting}));
  }
  return work;
}

}  // namespace stoa::payment
