#include "tests/simulation/examination.hpp"

namespace stoa::simulation {

namespace {

using order::order_status;

const db::sql all_orders{"check orders",
                         "SELECT " + db::column_list<order::order_row>() + " FROM orders"};
const db::sql all_history{"check history", "SELECT " +
                                               db::column_list<order::status_history_row>() +
                                               " FROM order_status_history ORDER BY history_id"};
const db::sql all_items{"check items",
                        "SELECT " + db::column_list<order::order_item_row>() + " FROM order_items"};
const db::sql all_payments{"check payments",
                           "SELECT " + db::column_list<payment::payment_row>() + " FROM payments"};
const db::sql all_refunds{
    "check refunds", "SELECT " + db::column_list<payment::refund_row>() + " FROM payment_refunds"};
const db::sql webhook_logs{"check webhook logs",
                           "SELECT details FROM payment_logs WHERE event='webhook_received'"};
const db::sql all_notifications{
    "check notifications",
    "SELECT " + db::column_list<notification::notification_row>() + " FROM notifications"};
const db::sql all_cart_items{
    "check cart items",
    "SELECT " + db::column_list<cart::cart_item_row>() + " FROM cart_items WHERE cart_id=$1"};
const db::sql purchase_carts{"check purchase carts", "SELECT " + db::column_list<cart::cart_row>() +
                                                         " FROM carts WHERE for_purchase=1"};
const db::sql count_outbox{"check outbox", "SELECT count(*) FROM outbox"};
const db::sql count_dead{"check dead letters", "SELECT count(*) FROM dead_letter"};
const db::sql count_carts{"check carts",
                          "SELECT count(*) FROM carts WHERE user_id=$1 AND for_purchase=0"};

const db::sql all_postings{
    "check ledger",
    "SELECT " + db::column_list<payment::ledger_posting_row>() + " FROM ledger_postings"};

/// A shipment that is requested or declined changes the history, not the status.
bool is_shipment_news(const order::status_history_row& h) {
  const auto reason = h.reason.value_or("");
  return h.status == order_status::Confirmed &&
         (reason.starts_with("Shipment requested") || reason.starts_with("Not shipped"));
}

}  // namespace

void examination::gather() {
  for (auto& o : rows<order::order_row>("order", all_orders)) orders_[o.order_id].row = o;
  for (auto& h : rows<order::status_history_row>("order", all_history)) {
    orders_[h.order_id].history.push_back(h);
  }
  for (auto& i : rows<order::order_item_row>("order", all_items)) {
    orders_[i.order_id].lines[i.product_id] += i.quantity;
    const line_key key{i.product_id, i.properties.value_or(line_properties{}), i.note.value_or("")};
    orders_[i.order_id].wishes[key] += i.quantity;
    orders_[i.order_id].line_totals += i.line_total;
    orders_[i.order_id].items.push_back(i);
  }
  for (auto& p : rows<payment::payment_row>("payment", all_payments)) {
    if (!orders_.contains(p.order_id)) wrong("a payment of an unknown ", text(p.order_id));
    orders_[p.order_id].payments.push_back(p);
    order_of_[p.payment_id] = p.order_id;
  }
  for (auto& r : rows<payment::refund_row>("payment", all_refunds)) {
    orders_[order_of_[r.payment_id]].refunds.push_back(r);
  }
  std::map<stoa::ledger_entry_id, std::int64_t> entries;
  for (auto& l : rows<payment::ledger_posting_row>("payment", all_postings)) {
    orders_[order_of_[l.payment_id]].accounts[l.account] += l.amount.amount;
    entries[l.entry_id] += l.amount.amount;
  }
  for (const auto& [id, sum] : entries) {
    if (sum != 0) wrong("the ledger's entry ", id.str(), " does not sum to zero");
  }
  for (const auto& [key, charge] : world_.bank.charges()) {
    const bool is_held = charge.state == charge_state::authorized;
    if (!charge.paid() && !is_held) continue;
    auto id = stoa::order_id::parse(charge.order_id);
    if (!id || !orders_.contains(*id)) {
      wrong("the bank has a charge of an unknown order");
    } else if (is_held) {
      ++orders_[*id].authorizations;
    } else {
      orders_[*id].charges.push_back(charge);
    }
  }
  for (const auto& p : people_.purchases()) {
    if (p->order && p->captured_by_staff) captured_by_staff_.insert(*p->order);
  }
  notifications_ = rows<notification::notification_row>("notification", all_notifications);
  for (const auto& n : notifications_) ++orders_[*n.order_id].notifications[n.template_name];
}

void examination::check_order(const order_case& c) {
  const auto& o = c.row;
  if (o.status == order_status::Pending) wrong(text(o.order_id), " is still Pending");
  if (c.history.empty() || c.history.front().status != order_status::Pending ||
      c.history.back().status != o.status) {
    wrong(text(o.order_id), ": the history does not end in its status");
  }
  for (std::size_t i = 1; i < c.history.size(); ++i) {
    const auto before = c.history[i - 1].status;
    const auto after = c.history[i].status;
    if (before == after && is_shipment_news(c.history[i])) continue;
    if (!order::may_become(before, after)) {
      wrong(text(o.order_id), ": illegal step to ", enum_name(after));
    }
  }
}

void examination::check_notifications(const order_case& c) {
  const auto refunds = std::count_if(c.refunds.begin(), c.refunds.end(), succeeded);
  const std::pair<const char*, std::int64_t> kinds[] = {
      {"confirmed", c.was(order_status::Confirmed)},
      {"cancelled", c.was(order_status::Cancelled)},
      {"shipped", c.was(order_status::Shipped)},
      {"delivered", c.was(order_status::Delivered)},
      {"refunded", refunds},
  };
  for (const auto& [kind, expected] : kinds) {
    auto it = c.notifications.find(kind);
    int there = it == c.notifications.end() ? 0 : it->second;
    if (there != expected) {
      wrong(text(c.row.order_id), " has ", text(there), " notifications '", kind, "'");
    }
  }
}

void examination::check_mails() {
  std::map<std::pair<std::string, std::string>, int> expected;
  for (const auto& n : notifications_) {
    ++expected[{n.recipient, n.subject}];
    if (n.status != notification::notification_status::Sent) {
      wrong("notification to ", n.recipient, " is ", enum_name(n.status));
    }
  }
  std::map<std::pair<std::string, std::string>, int> delivered;
  for (const auto& [key, m] : world_.mailbox.mails()) ++delivered[{m.to, m.subject}];
  for (const auto& [what, n] : expected) {
    auto it = delivered.find(what);
    int there = it == delivered.end() ? 0 : it->second;
    if (there != n) wrong(what.first, " got ", text(there), " mails '", what.second, "'");
  }
  if (delivered.size() > expected.size()) wrong("an unexpected mail");
}

/// Each buyer's recorded outcome holds, and every purchase led to one order at most.
void examination::check_purchases() {
  std::map<std::string, std::vector<const order_case*>> by_email;
  for (const auto& [id, c] : orders_) by_email[c.row.email].push_back(&c);
  for (const auto& p : people_.purchases()) {
    const auto& mine = by_email[p->email];
    if (mine.size() > 1) wrong(p->email, " has ", text(std::ssize(mine)), " orders for one key");
    if (p->refused && !mine.empty()) wrong(p->email, " was rejected and has an order");
    for (const auto* c : mine) {
      std::int64_t price = 0;
      for (const auto& [product, quantity] : c->lines) {
        price += quantity * people_.price_of(product);
        if (quantity > people_.quantity_max_of(product).value_or(quantity)) {
          wrong(text(c->row.order_id), " has more units than the product's maximum");
        }
      }
      const bool was_in_cart =
          std::find(p->carts.begin(), p->carts.end(), c->wishes) != p->carts.end();
      if (!was_in_cart || c->row.subtotal != price || c->row.currency != "EUR") {
        wrong(text(c->row.order_id), " is not what was ordered");
      }
    }
    if (!p->order) continue;
    if (mine.size() != 1 || mine[0]->row.order_id != *p->order) {
      wrong(p->email, " received the order ", text(*p->order), ", which does not exist");
      continue;
    }
    const auto& o = *mine[0];
    check_requested(*p, o);
    if (p->cancel_acknowledged && o.stands()) wrong(text(*p->order), " should be cancelled");
    if (p->ship_acknowledged && !o.was(order_status::Shipped)) {
      wrong(text(*p->order), " should be shipped");
    }
    if (p->deliver_acknowledged && o.row.status != order_status::Delivered) {
      wrong(text(*p->order), " should be delivered");
    }
  }
}

void examination::check_carts_ordered_once() {
  std::map<std::pair<stoa::cart_id, std::int64_t>, int> standing;
  for (const auto& [id, c] : orders_) {
    if (c.stands() && ++standing[{c.row.cart_id, c.row.cart_version}] > 1) {
      wrong(text(id), ": this version of the cart was already ordered");
    }
  }
}

/// Bought items have left the cart, once.
void examination::check_cart(const buyers::buyer& b) {
  if (b.account_deleted) {
    if (numbers("cart", count_carts, db::params(b.who.user))[0] != 0) {
      wrong(b.name, " was deleted and has a cart");
    }
    return;
  }
  std::map<stoa::product_id, std::int64_t> bought;
  std::size_t orders = 0;
  for (const auto& [id, c] : orders_) {
    const auto& from = c.row.cart_id;
    const bool mine =
        from == b.cart || std::find(b.merged.begin(), b.merged.end(), from) != b.merged.end();
    if (!mine || !c.was(order_status::Confirmed)) continue;
    ++orders;
    for (const auto& [product, quantity] : c.lines) bought[product] += quantity;
  }
  std::map<stoa::product_id, std::int64_t> in_cart;
  for (const auto& i : rows<cart::cart_item_row>("cart", all_cart_items, db::params(b.cart))) {
    in_cart[i.product_id] += i.quantity;
  }
  for (const auto& [product, added] : b.added) {
    auto left = std::max<std::int64_t>(0, added - bought[product]);
    auto there = in_cart[product];
    // Two orders may contain the same cart item, which leaves the cart only once.
    if (there < left || (orders < 2 && there != left)) {
      wrong(b.name, " has ", text(there), " in the cart, not ", text(left));
    }
  }
}

/// The cart of a purchase in one request is removed when it is bought, and holds its lines until
/// then.
void examination::check_purchase_carts() {
  std::set<stoa::cart_id> left;
  for (const auto& c : rows<cart::cart_row>("cart", purchase_carts)) left.insert(c.cart_id);
  for (const auto& [id, c] : orders_) {
    if (c.was(order_status::Confirmed) && left.contains(c.row.cart_id)) {
      wrong(text(id), ": the cart of the purchase is left");
    }
  }
}

/// Each event of the bank is at most once in the log of its payment.
void examination::check_webhooks() {
  std::map<std::string, int> logged;
  world_.at("payment").database->query({&webhook_logs, {}}, [&](db::row r) {
    const auto details = json::read<payment::log_details>(std::get<std::string>(r[0]));
    ++logged[details ? details->key.value_or("") : ""];
  });
  for (const auto& [event, times] : logged) {
    if (!world_.bank.events().contains(event)) wrong("webhook ", event, " is not the bank's");
    if (times > 1) wrong("webhook ", event, " was applied ", text(times), " times");
  }
}

void examination::check_kernel() {
  for (auto& [name, h] : world_.hosts()) {
    if (auto n = numbers(name, count_outbox)[0]; n != 0) {
      wrong(name, " has ", text(n), " events in its outbox");
    }
    if (auto n = numbers(name, count_dead)[0]; n != 0)
      wrong(name, " has ", text(n), " dead letters");
  }
}

void examination::count(const order_case& c, outcome_counts& counts) {
  ++counts.orders;
  if (c.stands()) ++counts.confirmed;
  if (!c.stands()) ++counts.cancelled;
  if (c.notifications.contains("refunded")) ++counts.refunded;
  if (c.row.cancel_code == "payment_failed") ++counts.declined;
  if (c.row.cancel_code == "stock_rejected") ++counts.sold_out;
  if (c.row.cancel_code == "redemption_rejected") ++counts.redemptions_rejected;
  if (c.stands() && c.row.redemptions) ++counts.redeemed;
  if (c.stands() && c.row.credits) ++counts.paid_with_credit;
  for (const auto& h : c.history) {
    if (h.reason.value_or("").starts_with("Not shipped")) ++counts.shipments_declined;
  }
  for (const auto& p : c.payments) {
    const bool at_shipment = p.capture == payment::capture_method::shipment;
    if (at_shipment && c.was(order_status::Shipped)) ++counts.captured_at_shipment;
    if (p.status == payment::payment_status::Voided) ++counts.voided;
  }
  for (const auto& r : c.refunds) {
    if (!succeeded(r)) continue;
    counts.refunded_lines += r.lines.size();
    if (r.restock) ++counts.restocked;
    if (c.stands() && r.credits_returned) ++counts.credit_refunded;
  }
}

void outcome_counts::add(const outcome_counts& other) {
  orders += other.orders;
  confirmed += other.confirmed;
  cancelled += other.cancelled;
  refunded += other.refunded;
  declined += other.declined;
  sold_out += other.sold_out;
  captured_at_shipment += other.captured_at_shipment;
  shipments_declined += other.shipments_declined;
  voided += other.voided;
  refunded_lines += other.refunded_lines;
  restocked += other.restocked;
  redeemed += other.redeemed;
  paid_with_credit += other.paid_with_credit;
  split += other.split;
  moved += other.moved;
  credit_refunded += other.credit_refunded;
  redemptions_rejected += other.redemptions_rejected;
  mails += other.mails;
}

std::vector<std::string> check(world& w, const buyers& people, outcome_counts& counts) {
  return examination(w, people).run(counts);
}

}  // namespace stoa::simulation
