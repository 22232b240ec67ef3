#include "actors/order/order_service.hpp"

#include "actors/kernel/entity_tag.hpp"
#include "actors/order/order_parts.hpp"
#include "actors/order/order_rules.hpp"
#include "storage/base/backoff.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/order_number.hpp"
#include "storage/base/text.hpp"
#include "storage/kernel/kernel_store.hpp"
#include "storage/order/order_store.hpp"

#include <algorithm>

namespace stoa::order {

namespace {

using kernel::applied;
using kernel::call_context;

constexpr std::size_t sweep_max = 256;

order_view view_of(const order_row& o, const std::vector<const order_item_row*>& items,
                   std::vector<const status_history_row*> history) {
  order_view v;
  v.order_id = o.order_id;
  v.order_number = to_display_number(o.order_number);
  v.user_id = o.user_id;
  v.status = o.status;
  const auto in_currency = [&](std::int64_t amount) { return money{amount, o.currency}; };
  v.currency = o.currency;
  v.subtotal = in_currency(o.subtotal);
  v.adjustment_total = in_currency(o.adjustment_total);
  v.shipping_total = in_currency(o.shipping_total);
  v.tax_total = in_currency(o.tax_total);
  v.total_amount = in_currency(o.total_amount);
  v.price_parts = o.price_parts;
  v.shipping_address = o.shipping_address;
  v.billing_address = o.billing_address;
  v.email = o.email;
  v.phone = o.phone;
  v.locale = o.locale;
  v.cancel_code = o.cancel_code;
  v.shipment_requested_at = o.shipment_requested_at;
  v.created_at = o.created_at;
  v.updated_at = o.updated_at;
  v.metadata = o.metadata;
  v.shipping_method = o.shipping_method;
  v.included_tax_total = pricing::included_taxes(o.price_parts);
  v.credits = o.credits;
  v.tax = o.tax;
  if (o.credits) v.amount_due = in_currency(o.total_amount - o.credit_total);
  v.note = o.note;
  for (const auto* i : items) {
    v.items.push_back({i->order_item_id, i->product_id, i->product_name, i->sku, i->options,
                       i->quantity, in_currency(i->price_at_purchase), in_currency(i->line_total),
                       i->refunded_quantity, in_currency(i->refunded_amount), i->note,
                       i->properties});
  }
  std::ranges::sort(history, [](const auto* a, const auto* b) { return is_earlier(*a, *b); });
  for (const auto* h : history) {
    v.status_history.push_back({h->status, h->changed_at, h->actor, h->reason});
  }
  return v;
}

template <class T>
std::vector<const T*> pointers(const std::vector<T>& list) {
  std::vector<const T*> out;
  out.reserve(list.size());
  for (const auto& one : list) out.push_back(&one);
  return out;
}

order_view view_of(const order_parts& p) {
  return view_of(p.order, pointers(p.items), pointers(p.history));
}

}  // namespace

void take_outcome(order_view& placed, order_view now) {
  placed.user_id = now.user_id;
  placed.status = now.status;
  placed.status_history = std::move(now.status_history);
  placed.cancel_code = std::move(now.cancel_code);
  placed.next_action = std::move(now.next_action);
  placed.updated_at = now.updated_at;
}

order_view view_of(order_service::decision& d, const order_row& o) {
  return view_of(o, d.of<order_item_row>().where<&order_item_row::order_id>(o.order_id),
                 d.of<status_history_row>().where<&status_history_row::order_id>(o.order_id));
}

order_summary summary_of(order_service::decision& d, const order_row& o) {
  order_summary s{o.order_id,
                  o.user_id,
                  o.cart_id,
                  o.email,
                  o.customer_name,
                  {},
                  {o.total_amount, o.currency},
                  to_display_number(o.order_number),
                  o.price_parts,
                  o.phone,
                  o.locale};
  if (o.credits) s.amount_due = money{o.total_amount - o.credit_total, o.currency};
  s.note = o.note;
  for (const auto* i : d.of<order_item_row>().where<&order_item_row::order_id>(o.order_id)) {
    s.lines.push_back({i->product_id,
                       i->product_name,
                       i->quantity,
                       {i->line_total, o.currency},
                       i->cart_item_id,
                       i->sku,
                       i->options,
                       i->note,
                       i->properties});
  }
  return s;
}

void emit_placed(order_service::decision& d, const order_row& o, stoa::instrument_id instrument) {
  delivery_place to{o.shipping_address.country, o.shipping_address.state};
  if (o.shipping_method) to.location_id = o.shipping_method->location_id;
  d.emit(o.order_id, order_placed{summary_of(d, o), instrument, std::move(to)});
}

void move_to(order_service::decision& d, order_row& o, order_status to,
             std::optional<std::string> reason, std::optional<std::string> actor) {
  o.status = to;
  if (to != order_status::Pending) {
    o.pending_client.reset();
    o.payment_until.reset();
  }
  o.updated_at = d.now;
  const auto before = d.of<status_history_row>().where<&status_history_row::order_id>(o.order_id);
  d.of<status_history_row>().insert({d.new_id<stoa::history_id>(), o.order_id, to, d.now,
                                     std::move(actor).value_or(d.context.who.str()),
                                     std::move(reason),
                                     static_cast<std::int64_t>(before.size()) + 1});
}

void cancel(order_service::decision& d, const order_row& found, const std::string& code,
            const std::string& reason, std::optional<timestamp> held_until,
            std::optional<std::string> failure_code) {
  auto& o = d.of<order_row>().edit(found.order_id);
  const auto client = o.pending_client;
  o.shipment_requested_at.reset();
  move_to(d, o, order_status::Cancelled, reason);
  o.cancel_code = code;
  if (held_until) {
    o.held_until = held_until;
    o.pending_client = client;
  }
  o.waiting_instrument.reset();
  if (code != "redemption_rejected") release_redemptions(d, o);
  d.emit(o.order_id,
         order_cancelled{summary_of(d, o), code, reason, held_until, std::move(failure_code)});
}

bool is_held(const order_row& o, timestamp now) {
  return o.status == order_status::Cancelled && o.cancel_code == "payment_failed" && o.held_until &&
         *o.held_until > now;
}

namespace {

problem illegal(const order_row& o, order_status to) {
  return conflict("illegal_transition", "An order that is " + std::string(enum_name(o.status)) +
                                            " cannot become " + std::string(enum_name(to)) + ".");
}

bool is_staff(const call_context& context) {
  return context.who.kind == kernel::caller_kind::system || context.who.is_staff();
}

bool may_see(const call_context& context, const std::optional<stoa::user_id>& owner,
             bool by_token) {
  if (is_staff(context)) return true;
  if (!owner) return by_token;
  return context.who.is_user() && context.who.user == *owner;
}

/// Ships or delivers; the edge has checked that the caller is staff.
template <class Event, class Command>
result<order_view> advance(order_service::decision& d, const Command& m, order_status to) {
  const auto id = m.order_id;
  const auto* found = d.of<order_row>().find(id);
  if (!found) return not_found("order");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(d, *found); })) {
    return std::move(*bad);
  }
  if (!may_become(found->status, to)) return illegal(*found, to);
  auto& o = d.of<order_row>().edit(id);
  move_to(d, o, to, m.reason);
  d.emit(id, Event{summary_of(d, o)});
  return view_of(d, o);
}

}  // namespace

void order_service::need_order(stoa::order_id id, need_list& list) {
  list.add<&order_row::order_id>(id);
  list.add<&order_item_row::order_id>(id);
  list.add<&status_history_row::order_id>(id);
}

result<order_view> order_service::decide(const cancel_order& m, decision& d) const {
  const auto* found = d.of<order_row>().find(m.order_id);
  if (!found || !may_see(d.context, found->user_id, m.by_token)) return not_found("order");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(d, *found); })) {
    return std::move(*bad);
  }
  if (!may_become(found->status, order_status::Cancelled)) {
    return illegal(*found, order_status::Cancelled);
  }
  bool staff = d.context.who.is_staff();
  cancel(d, *found, staff ? "staff" : "customer",
         m.reason.value_or(std::string(staff ? no_reason_of_store : no_reason_of_customer)));
  return view_of(d, *d.of<order_row>().find(m.order_id));
}

result<order_view> order_service::decide(const ship_order& m, decision& d) const {
  const auto* found = d.of<order_row>().find(m.order_id);
  const bool waits =
      found && found->status == order_status::Confirmed && found->capture_at_shipment;
  if (!waits) return advance<order_shipped>(d, m, order_status::Shipped);
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(d, *found); })) {
    return std::move(*bad);
  }
  auto& o = d.of<order_row>().edit(m.order_id);
  if (!o.shipment_requested_at) {
    o.shipment_requested_at = d.now;
    move_to(d, o, order_status::Confirmed,
            m.reason ? "Shipment requested: " + *m.reason : "Shipment requested.");
  }
  // Again for a repeated request, in case that the Payment service has lost the first event.
  d.emit(m.order_id, shipment_of(d, o));
  return view_of(d, o);
}

result<order_view> order_service::decide(const deliver_order& m, decision& d) const {
  return advance<order_delivered>(d, m, order_status::Delivered);
}

result<order_view> order_service::decide(const update_order& m, decision& d) const {
  const auto* found = d.of<order_row>().find(m.order_id);
  if (!found || !is_staff(d.context)) return not_found("order");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(d, *found); })) {
    return std::move(*bad);
  }
  auto changed = changed_metadata(found->metadata, m.change.metadata);
  if (!changed) return std::move(changed.error());
  if (*changed != found->metadata) {
    auto& o = d.of<order_row>().edit(m.order_id);
    o.metadata = std::move(*changed);
    o.updated_at = d.now;
  }
  return view_of(d, *d.of<order_row>().find(m.order_id));
}

result<order_view> order_service::decide(const claim_order& m, decision& d) const {
  const auto* found = d.of<order_row>().find(m.order_id);
  if (!found || !d.context.who.is_user()) return not_found("order");
  if (found->user_id && *found->user_id != d.context.who.user) {
    return conflict("order_claimed", "The order belongs to another account.");
  }
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(d, *found); })) {
    return std::move(*bad);
  }
  if (!found->user_id) {
    auto& o = d.of<order_row>().edit(m.order_id);
    o.user_id = d.context.who.user;
    o.updated_at = d.now;
  }
  return view_of(d, *d.of<order_row>().find(m.order_id));
}

result<kernel::nothing> order_service::decide(const expire_order& m, decision& d) const {
  const auto* found = d.of<order_row>().find(m.order_id);
  if (!found || found->status != order_status::Pending) return kernel::nothing{};
  if (found->payment_until) {
    if (*found->payment_until > d.now) return kernel::nothing{};
    cancel(d, *found, "timeout", "The payment was not received in time.");
    return kernel::nothing{};
  }
  if (is_from_fast_clock(found->created_at, d.now)) {
    // Created while the clock was ahead: its time starts now.
    auto& o = d.of<order_row>().edit(m.order_id);
    o.created_at = o.updated_at = d.now;
    return kernel::nothing{};
  }
  cancel(d, *found, "timeout", "The payment did not complete in time.");
  return kernel::nothing{};
}

applied order_service::decide(const catalog::stock_rejected& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  if (found && found->status == order_status::Pending) {
    cancel(d, *found, "stock_rejected", e.reason);
  }
  return std::nullopt;
}

applied order_service::decide(const catalog::reservation_expired& e, decision& d) const {
  const auto* found = d.of<order_row>().find(e.order_id);
  // The sweep cancels an order whose payment is awaited.
  if (found && found->status == order_status::Pending && !found->payment_until) {
    cancel(d, *found, "timeout", "The reservation of the goods has expired.");
  }
  return std::nullopt;
}

kernel::gathered<order_view> order_service::gather(const get_order& q, const call_context& context,
                                                   db::gathering& all) const {
  return [parts = ask_order(all, q.order_id), by_token = q.by_token,
          &context](db::connection&) -> result<order_view> {
    auto found = parts();
    if (!found || !may_see(context, found->order.user_id, by_token)) return not_found("order");
    return view_of(*found);
  };
}

kernel::gathered<order_page> order_service::gather(const get_orders& q, const call_context& context,
                                                   db::gathering& all) const {
  const bool may = is_staff(context);
  if (!may || q.order_ids.size() > get_orders::orders_max) {
    return [may](db::connection&) -> result<order_page> {
      if (!may) return not_found("list");
      return invalid_field("/order_ids", "too_many", "Too many orders at once.");
    };
  }
  return [orders = ask_orders(all, q.order_ids)](db::connection&) -> result<order_page> {
    order_page page;
    for (const auto& found : orders()) page.data.push_back(view_of(found));
    return page;
  };
}

result<order_page> order_service::read(const list_orders_query& q, const call_context& context,
                                       db::connection& c) const {
  order_page page;
  order_filter filter;
  if (!q.all) filter.user_id = context.who.user;
  if (q.status) filter.statuses.push_back(*q.status);
  if (q.statuses) filter.statuses = *q.statuses;
  if (q.order_number) {
    filter.order_number = parse_order_number(*q.order_number);
    if (!filter.order_number) return page;  // Not a valid order number.
  }
  if (q.email) filter.email_folded = text::mail_key(text::trim(*q.email));
  filter.created_from = q.created_from;
  filter.created_before = q.created_before;
  filter.before = q.before;
  filter.limit = static_cast<std::size_t>(q.limit) + 1;
  auto found = list_orders(c, filter);
  if (q.count) page.total = count_orders(c, filter);
  if (found.size() > static_cast<std::size_t>(q.limit)) {
    found.pop_back();
    page.next_cursor.value = found.back().order.order_id.str();
  }
  for (const auto& p : found) page.data.push_back(view_of(p));
  return page;
}

kernel::gathered<find_checkout::answer> order_service::gather(const find_checkout&,
                                                              const call_context& context,
                                                              db::gathering& all) const {
  return [rows = kernel::ask_idempotency(all, context.idempotency_scope),
          &context](db::connection& c) -> result<find_checkout::answer> {
    find_checkout::answer a;
    if (rows->empty()) return a;
    const auto& row = rows->front();
    a.found = true;
    a.same_request = row.fingerprint == context.fingerprint;
    if (!a.same_request) return a;
    if (!row.ok) {
      a.refused = kernel::stored_problem(row);
      return a;
    }
    auto first = json::read_lenient<order_view>(row.body);
    if (!first) return first.error();
    auto now = read_order(c, first->order_id);
    if (!now || !may_see(context, now->order.user_id, true)) return not_found("order");
    take_outcome(*first, view_of(*now));
    a.placed = std::move(*first);
    return a;
  };
}

result<has_ordered::answer> order_service::read(const has_ordered& q, const call_context&,
                                                db::connection& c) const {
  if (q.user_id) return has_ordered::answer{any_order_of(c, *q.user_id)};
  return has_ordered::answer{q.email && any_order_of(c, text::mail_key(*q.email))};
}

kernel::due_work order_service::due(db::connection& c, timestamp now, bool) const {
  kernel::due_work work;
  for (auto id :
       pending_since(c, now - options_.pending_max, latest_due(now, microseconds{0}), sweep_max)) {
    work.commands.push_back(kernel::any_message::of(expire_order{id}));
  }
  for (auto id : unpaid_since(c, now, sweep_max)) {
    work.commands.push_back(kernel::any_message::of(expire_order{id}));
  }
  return work;
}

}  // namespace stoa::order
