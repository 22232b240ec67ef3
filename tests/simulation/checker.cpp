#include "tests/simulation/checker.hpp"

#include "actors/order/order_rules.hpp"
#include "actors/payment/payment_rules.hpp"
#include "storage/payment/payment_store.hpp"

namespace stoa::simulation {

namespace {

using order::order_status;
using payment::payment_status;

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
const db::sql all_stock{"check stock",
                        "SELECT " + db::column_list<catalog::stock_row>() + " FROM inventory"};
const db::sql ledger_sums{"check ledger",
                          "SELECT coalesce(sum(on_hand_change),0), coalesce(sum(reserved_change),0)"
                          " FROM stock_ledger WHERE product_id=$1"};
const db::sql held_units{"check holds",
                         "SELECT coalesce(sum(quantity),0) FROM stock_holds WHERE product_id=$1"};
const db::sql active_reservations{"check reservations",
                                  "SELECT count(*) FROM reservations WHERE status='Active'"};
const db::sql all_notifications{
    "check notifications",
    "SELECT " + db::column_list<notification::notification_row>() + " FROM notifications"};
const db::sql all_cart_items{
    "check cart items",
    "SELECT " + db::column_list<cart::cart_item_row>() + " FROM cart_items WHERE cart_id=$1"};
const db::sql count_outbox{"check outbox", "SELECT count(*) FROM outbox"};
const db::sql count_dead{"check dead letters", "SELECT count(*) FROM dead_letter"};
const db::sql count_carts{"check carts", "SELECT count(*) FROM carts WHERE user_id=$1"};

const db::sql all_postings{
    "check ledger",
    "SELECT " + db::column_list<payment::ledger_posting_row>() + " FROM ledger_postings"};

bool succeeded(const payment::refund_row& r) {
  return r.status == payment::refund_status::Succeeded;
}

/// An order with all its data from three databases and the bank.
struct order_case {
  order::order_row row;
  std::vector<order_status> history;
  std::map<stoa::product_id, std::int64_t> lines;
  std::int64_t line_totals = 0;
  std::vector<payment::payment_row> payments;
  std::vector<payment::refund_row> refunds;
  std::map<std::string, std::int64_t> accounts;  ///< sums of the ledger's postings
  std::vector<charge_entry> charges;
  std::map<std::string, int> notifications;  ///< by template

  bool was(order_status s) const {
    return std::find(history.begin(), history.end(), s) != history.end();
  }
  bool stands() const { return row.status != order_status::Cancelled; }
  std::int64_t refunded() const {
    std::int64_t sum = 0;
    for (const auto& r : refunds) sum += succeeded(r) ? r.amount.amount : 0;
    return sum;
  }
};

class examination {
 public:
  examination(world& w, const buyers& people) : world_(w), people_(people) { gather(); }

  std::vector<std::string> run(outcome_counts& counts) {
    for (const auto& v : people_.violations()) found_.push_back(v);
    for (const auto& [id, c] : orders_) {
      check_order(c);
      check_money(c);
      check_ledger(c);
      check_notifications(c);
      count(c, counts);
    }
    check_purchases();
    check_carts_ordered_once();
    check_stock();
    check_mails();
    for (const auto& b : people_.all()) check_cart(*b);
    check_webhooks();
    check_kernel();
    counts.mails += world_.mailbox.mails().size();
    return std::move(found_);
  }

 private:
  template <class... T>
  void wrong(const T&... part) {
    std::string text;
    ((text += part), ...);
    found_.push_back(std::move(text));
  }
  static std::string text(std::int64_t n) { return std::to_string(n); }
  static std::string text(stoa::order_id id) { return "order " + id.str().substr(24); }

  template <class R>
  std::vector<R> rows(std::string_view service, const db::sql& what,
                      std::vector<db::value> values = {}) {
    return db::select<R>(*world_.at(service).database, what, std::move(values));
  }
  std::vector<std::int64_t> numbers(std::string_view service, const db::sql& what,
                                    std::vector<db::value> values = {}) {
    std::vector<std::int64_t> list;
    world_.at(service).database->query({&what, std::move(values)}, [&](db::row r) {
      for (const auto& v : r) list.push_back(std::get<std::int64_t>(v));
    });
    return list;
  }

  void gather();
  void check_order(const order_case& c);
  void check_money(const order_case& c);
  void check_ledger(const order_case& c);
  void check_notifications(const order_case& c);
  void check_purchases();
  void check_carts_ordered_once();
  void check_stock();
  void check_mails();
  void check_cart(const buyers::buyer& b);
  void check_webhooks();
  void check_kernel();
  static void count(const order_case& c, outcome_counts& counts);

  world& world_;
  const buyers& people_;
  std::map<stoa::order_id, order_case> orders_;
  std::map<stoa::payment_id, stoa::order_id> order_of_;
  std::vector<notification::notification_row> notifications_;
  std::vector<std::string> found_;
};

void examination::gather() {
  for (auto& o : rows<order::order_row>("order", all_orders)) orders_[o.order_id].row = o;
  for (auto& h : rows<order::status_history_row>("order", all_history)) {
    orders_[h.order_id].history.push_back(h.status);
  }
  for (auto& i : rows<order::order_item_row>("order", all_items)) {
    orders_[i.order_id].lines[i.product_id] += i.quantity;
    orders_[i.order_id].line_totals += i.line_total;
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
    if (!charge.paid()) continue;
    auto id = stoa::order_id::parse(charge.order_id);
    if (!id || !orders_.contains(*id)) {
      wrong("the bank has a charge of an unknown order");
    } else {
      orders_[*id].charges.push_back(charge);
    }
  }
  notifications_ = rows<notification::notification_row>("notification", all_notifications);
  for (const auto& n : notifications_) ++orders_[*n.order_id].notifications[n.template_name];
}

void examination::check_order(const order_case& c) {
  const auto& o = c.row;
  if (o.status == order_status::Pending) wrong(text(o.order_id), " is still Pending");
  if (c.history.empty() || c.history.front() != order_status::Pending ||
      c.history.back() != o.status) {
    wrong(text(o.order_id), ": the history does not end in its status");
  }
  for (std::size_t i = 1; i < c.history.size(); ++i) {
    if (!order::may_become(c.history[i - 1], c.history[i])) {
      wrong(text(o.order_id), ": illegal step to ", enum_name(c.history[i]));
    }
  }
}

void examination::check_money(const order_case& c) {
  const auto& o = c.row;
  if (o.subtotal != c.line_totals ||
      o.total_amount != o.subtotal + o.adjustment_total + o.shipping_total + o.tax_total) {
    wrong(text(o.order_id), ": its parts do not add up to its total");
  }
  std::int64_t kept = 0;
  for (const auto& charge : c.charges) kept += charge.amount.amount - charge.refunded;
  const auto refunded = c.refunded();
  std::int64_t due = c.stands() ? o.total_amount - refunded : 0;
  if (kept != due) {
    wrong(text(o.order_id), " is ", enum_name(o.status), ": the bank has kept ", text(kept),
          " of it, not ", text(due));
  }
  for (const auto& charge : c.charges) {
    if (charge.token != token_of(o.email))
      wrong(text(o.order_id), " was paid with another's token");
  }
  if (c.charges.size() > 1) wrong(text(o.order_id), " was charged more than once");
  if (c.payments.size() > 1) wrong(text(o.order_id), " has more than one payment");
  if (c.stands() && c.payments.empty()) wrong(text(o.order_id), " stands without a payment");
  for (const auto& p : c.payments) {
    if ((p.refunded_amount ? p.refunded_amount->amount : 0) != refunded) {
      wrong(text(o.order_id), ": its refunds do not add up to the payment's refunded amount");
    }
    const auto paid = refunded == 0                ? payment_status::Completed
                      : refunded == o.total_amount ? payment_status::Refunded
                                                   : payment_status::PartiallyRefunded;
    bool fits = c.stands()
                    ? p.status == paid
                    : p.status == payment_status::Failed || p.status == payment_status::Refunded;
    if (!fits) {
      wrong(text(o.order_id), " is ", enum_name(o.status), " and its payment ",
            enum_name(p.status));
    }
    if (p.effect != payment::open_effect::None) wrong(text(o.order_id), ": payment still open");
    if (!p.sealed_token.empty()) wrong(text(o.order_id), ": its settled payment keeps the token");
  }
}

/// What was captured and refunded is posted, once.
void examination::check_ledger(const order_case& c) {
  std::int64_t captured = 0;
  for (const auto& p : c.payments) captured += is_captured(p.status) ? p.amount.amount : 0;
  const auto sum = [&](const char* account) {
    const auto found = c.accounts.find(account);
    return found == c.accounts.end() ? 0 : found->second;
  };
  if (sum("sales") != -captured || sum("refunds") != c.refunded()) {
    wrong(text(c.row.order_id), ": the ledger has captured ", text(-sum("sales")), " and refunded ",
          text(sum("refunds")));
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
      for (const auto& [product, quantity] : c->lines)
        price += quantity * people_.price_of(product);
      const bool was_in_cart =
          std::find(p->carts.begin(), p->carts.end(), c->lines) != p->carts.end();
      if (!was_in_cart || c->row.total_amount != price || c->row.currency != "EUR") {
        wrong(text(c->row.order_id), " is not what was ordered");
      }
    }
    if (!p->order) continue;
    if (mine.size() != 1 || mine[0]->row.order_id != *p->order) {
      wrong(p->email, " received the order ", text(*p->order), ", which does not exist");
      continue;
    }
    const auto& o = *mine[0];
    std::int64_t by_staff = 0;
    for (const auto& r : o.refunds) by_staff += r.reason == "damaged" ? r.amount.amount : 0;
    if (by_staff != p->refunds_requested) {
      wrong(text(*p->order), ": staff requested refunds of ", text(p->refunds_requested), ", not ",
            text(by_staff));
    }
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

void examination::check_stock() {
  std::map<stoa::product_id, std::int64_t> sold;
  for (const auto& [id, c] : orders_) {
    if (!c.stands()) continue;
    for (const auto& [product, quantity] : c.lines) sold[product] += quantity;
  }
  for (const auto& s : rows<catalog::stock_row>("catalog", all_stock)) {
    auto name = "product " + s.product_id.str().substr(24);
    auto it = people_.initial_stock().find(s.product_id);
    auto initial = it == people_.initial_stock().end() ? 0 : it->second;
    if (s.tracked && s.on_hand + sold[s.product_id] != initial) {
      wrong(name, ": ", text(initial), " initially, ", text(sold[s.product_id]), " sold, ",
            text(s.on_hand), " left");
    }
    if (!s.unlimited() && s.on_hand < 0) wrong(name, ": oversold, ", text(s.on_hand), " left");
    // Only what declined orders keep reserved for their carts.
    if (s.reserved != numbers("catalog", held_units, db::params(s.product_id))[0]) {
      wrong(name, ": ", text(s.reserved), " still reserved");
    }
    auto sums = numbers("catalog", ledger_sums, db::params(s.product_id));
    if (sums[0] != s.on_hand || sums[1] != s.reserved) wrong(name, ": the ledger does not add up");
  }
  auto active = numbers("catalog", active_reservations)[0];
  if (active != 0) wrong(text(active), " reservations are still active");
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
    in_cart[i.product_id] = i.quantity;
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
}

}  // namespace

void outcome_counts::add(const outcome_counts& other) {
  orders += other.orders;
  confirmed += other.confirmed;
  cancelled += other.cancelled;
  refunded += other.refunded;
  declined += other.declined;
  sold_out += other.sold_out;
  mails += other.mails;
}

std::vector<std::string> check(world& w, const buyers& people, outcome_counts& counts) {
  return examination(w, people).run(counts);
}

}  // namespace stoa::simulation
