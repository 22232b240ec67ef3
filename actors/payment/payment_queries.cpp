#include "actors/payment/payment_parts.hpp"
#include "actors/payment/payment_service.hpp"
#include "storage/payment/payment_store.hpp"

#include <algorithm>

namespace stoa::payment {

using kernel::call_context;

namespace {

constexpr std::size_t sweep_max = 256;
constexpr std::size_t restart_max = 4096;

}  // namespace

result<payment_page> payment_service::read(const get_order_payments& q, const call_context&,
                                           db::connection& c) const {
  payment_page page;
  for (auto& p : payments_of_order(c, q.order_id)) page.data.push_back(view_of(p));
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
      for (auto& p : *rows) page.data.push_back(view_of(p));
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
  for (auto& p : found) page.data.push_back(view_of(p));
  return page;
}

result<payment_detail_view> payment_service::read(const get_payment& q, const call_context& context,
                                                  db::connection& c) const {
  std::optional<payment_row> p;
  if (may_see_all(context)) p = read_payment(c, q.payment_id);
  if (!p) return not_found("payment");
  payment_detail_view v;
  static_cast<payment_view&>(v) = view_of(*p);
  v.gateway = p->gateway;
  v.capture = p->capture;
  v.effect = p->effect;
  v.unanswered_calls = p->attempts;
  if (p->effect != open_effect::None) v.next_attempt_at = p->next_attempt_at;
  for (auto& a : read_attempts(c, q.payment_id)) {
    v.attempts.push_back({a.number, a.operation, std::move(a.gateway), std::move(a.gateway_key),
                          std::move(a.amount), a.state, a.calls, std::move(a.transaction_id),
                          std::move(a.code), a.refund_id, a.created_at, a.updated_at});
  }
  for (const auto& r : read_refunds(c, q.payment_id)) v.refunds.push_back(view_of(r));
  for (auto& row : read_payment_log(c, q.payment_id)) {
    v.logs.push_back({row.log_id, std::move(row.event), std::move(row.details), row.logged_at});
  }
  for (auto& r : read_disputes(c, q.payment_id)) {
    v.disputes.push_back({r.dispute_id, std::move(r.reference), std::move(r.amount),
                          std::move(r.reason), r.status, r.funds_withdrawn, r.respond_by,
                          r.opened_at, r.updated_at});
  }
  v.ledger = ledger_of(read_postings(c, q.payment_id));
  return v;
}

result<transaction_view> payment_service::read(const get_transaction& q, const call_context&,
                                               db::connection& c) const {
  const auto p = payment_of_transaction(c, q.gateway, q.transaction_id);
  if (!p) return not_found("payment");
  return transaction_view{p->payment_id, p->order_id};
}

kernel::due_work payment_service::due(db::connection& c, timestamp now, bool starting) const {
  kernel::due_work work;
  for (auto id : starting ? open_payments(c, restart_max)
                          : due_payments(c, now, latest_attempt(now), sweep_max)) {
    work.commands.push_back(kernel::any_message::of(retry_payment{id, starting}));
  }
  for (auto id : due_reviews(c, now, latest_review(now), sweep_max)) {
    work.commands.push_back(kernel::any_message::of(retry_review{id}));
  }
  if (starting) return work;  // Nothing waits for these.
  const auto latest = latest_vault_attempt(now);
  for (auto id : due_method_operations(c, now, latest, sweep_max)) {
    work.commands.push_back(kernel::any_message::of(retry_method{id}));
  }
  for (auto& key : due_customers(c, now, latest, sweep_max)) {
    work.commands.push_back(kernel::any_message::of(retry_customer{key.user_id, key.gateway}));
  }
  return work;
}

}  // namespace stoa::payment
