#include "actors/pricing/refund_shares.hpp"
#include "tests/simulation/examination.hpp"

namespace stoa::simulation {

namespace {

using order::order_status;
using payment::payment_status;

const db::sql all_stock{"check stock",
                        "SELECT " + db::column_list<catalog::stock_row>() + " FROM inventory"};
const db::sql ledger_sums{"check ledger",
                          "SELECT coalesce(sum(on_hand_change),0), coalesce(sum(reserved_change),0)"
                          " FROM stock_ledger WHERE product_id=$1"};
const db::sql held_units{"check holds",
                         "SELECT coalesce(sum(quantity),0) FROM stock_holds WHERE product_id=$1"};
const db::sql active_reservations{"check reservations",
                                  "SELECT count(*) FROM reservations WHERE status='Active'"};
/// What staff move returns to one location and is sold from another.
const db::sql returned_units{"check returns",
                             "SELECT coalesce(sum(on_hand_change),0) FROM stock_ledger"
                             " WHERE product_id=$1 AND reference=$2"
                             " AND (cause='returned' OR note='moved')"};
const db::sql is_tracked{"check tracked", "SELECT tracked FROM inventory WHERE product_id=$1"};

/// When the order's first shipment was requested.
std::optional<timestamp> first_request(const order_case& c) {
  for (const auto& h : c.history) {
    if (h.reason.value_or("").starts_with("Shipment requested")) return h.changed_at;
  }
  return std::nullopt;
}

/// What was paid for each of the order's items.
std::vector<std::int64_t> paid_for_items(const order_case& c) {
  const auto& o = c.row;
  std::vector<std::int64_t> totals;
  for (const auto& i : c.items) totals.push_back(i.line_total);
  return pricing::shares_of(pricing::amounts_of(std::move(totals), o.price_parts, o.total_amount))
      .lines;
}

struct line_sums {
  std::int64_t units = 0;
  std::int64_t amount = 0;
};

/// What the refunds that `counts` selects have of the item.
template <class Counts>
line_sums sums_of(const order_case& c, stoa::order_item_id item, const Counts& counts) {
  line_sums sums;
  for (const auto& r : c.refunds) {
    if (!counts(r)) continue;
    for (const auto& l : r.lines) {
      if (l.order_item_id != item) continue;
      sums.units += l.quantity;
      sums.amount += l.amount.amount;
    }
  }
  return sums;
}

bool is_as_requested(const refund_line& l, const payment::refund_item& asked) {
  return l.order_item_id == asked.order_item_id && l.quantity == asked.quantity &&
         (!asked.amount || l.amount == *asked.amount);
}

}  // namespace

void examination::check_money(const order_case& c) {
  const auto& o = c.row;
  if (o.subtotal != c.line_totals ||
      o.total_amount != o.subtotal + o.adjustment_total + o.shipping_total + o.tax_total) {
    wrong(text(o.order_id), ": its parts do not add up to its total");
  }
  std::int64_t kept = 0;
  for (const auto& charge : c.charges) kept += charge.amount.amount - charge.refunded;
  const auto refunded = c.refunded();
  const auto payable = o.total_amount - o.credit_total;
  const std::int64_t due = c.stands() && c.is_captured() ? payable - refunded : 0;
  if (kept != due) {
    wrong(text(o.order_id), " is ", enum_name(o.status), ": the bank has kept ", text(kept),
          " of it, not ", text(due));
  }
  for (const auto& charge : c.charges) {
    if (charge.token != token_of(o.email))
      wrong(text(o.order_id), " was paid with another's token");
  }
  if (!c.stands() && c.authorizations > 0) {
    wrong(text(o.order_id), " is cancelled, and the bank still holds its authorisation");
  }
  if (c.charges.size() > 1) wrong(text(o.order_id), " was charged more than once");
  if (c.payments.size() > 1) wrong(text(o.order_id), " has more than one payment");
  if (c.stands() && c.payments.empty()) wrong(text(o.order_id), " stands without a payment");
  for (const auto& p : c.payments) {
    if ((p.refunded_amount ? p.refunded_amount->amount : 0) != refunded) {
      wrong(text(o.order_id), ": its refunds do not add up to the payment's refunded amount");
    }
    const auto paid = refunded == 0         ? payment_status::Completed
                      : refunded == payable ? payment_status::Refunded
                                            : payment_status::PartiallyRefunded;
    // An authorisation that has expired is Voided.
    const bool waits =
        p.capture == payment::capture_method::shipment && o.status == order_status::Confirmed &&
        (p.status == payment_status::Authorized || p.status == payment_status::Voided);
    const bool fits = c.stands() ? p.status == paid || waits
                                 : p.status == payment_status::Failed ||
                                       p.status == payment_status::Refunded ||
                                       p.status == payment_status::Voided;
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

/// What is shipped is captured, and with capture at shipment nothing else is, unless by staff.
void examination::check_shipment(const order_case& c) {
  const auto id = c.row.order_id;
  const auto shipped = c.when(order_status::Shipped);
  if (c.row.shipment_requested_at) wrong(text(id), ": its shipment still waits for the capture");
  // Gift cards may have paid all of it.
  const bool is_free = c.row.total_amount == c.row.credit_total;
  if (shipped && !is_free && (c.charges.empty() || c.charges.front().captured_at > *shipped)) {
    wrong(text(id), " was shipped without a capture");
  }
  for (const auto& p : c.payments) {
    if (p.capture != payment::capture_method::shipment || c.charges.empty()) continue;
    if (captured_by_staff_.contains(id)) continue;
    const auto requested = first_request(c);
    if (!requested || c.charges.front().captured_at < *requested) {
      wrong(text(id), " was captured before its shipment was requested");
    }
    if (c.stands() && !shipped) wrong(text(id), " was captured and is not shipped");
  }
}

/// Refunds of a line exceed neither its units nor what was paid for it, and the order shows them.
void examination::check_lines(const order_case& c) {
  const auto paid = paid_for_items(c);
  for (std::size_t n = 0; n < c.items.size(); ++n) {
    const auto& i = c.items[n];
    const auto open = sums_of(c, i.order_item_id, [](const payment::refund_row& r) {
      return r.status != payment::refund_status::Declined;
    });
    if (open.units > i.quantity || open.amount > paid[n]) {
      wrong(text(c.row.order_id), ": ", text(open.units), " units and ", text(open.amount),
            " of a line are refunded, which has ", text(i.quantity), " and ", text(paid[n]));
    }
    const auto done = sums_of(c, i.order_item_id, succeeded);
    if (done.units != i.refunded_quantity || done.amount != i.refunded_amount) {
      wrong(text(c.row.order_id), " shows ", text(i.refunded_quantity), " units and ",
            text(i.refunded_amount), " of a line as refunded, not ", text(done.units), " and ",
            text(done.amount));
    }
  }
}

/// The units of a cancelled sale return to the stock; otherwise those of refunds with restock.
void examination::check_returns(const order_case& c) {
  auto chosen = c.restocked();
  for (const auto& [product, quantity] : c.lines) {
    const bool tracked = numbers("catalog", is_tracked, db::params(product))[0] != 0;
    std::int64_t expected = 0;
    if (tracked && c.stands()) expected = chosen[product];
    if (tracked && !c.stands() && c.was(order_status::Confirmed)) expected = quantity;
    const auto returned =
        numbers("catalog", returned_units, db::params(product, c.row.order_id.str()))[0];
    if (returned != expected) {
      wrong(text(c.row.order_id), ": ", text(returned), " units were restocked, not ",
            text(expected));
    }
  }
}

/// The refunds that staff have requested are stored as requested, and no others.
void examination::check_requested(const purchase& p, const order_case& c) {
  std::size_t by_staff = 0;
  std::map<stoa::order_item_id, std::int64_t> units;
  for (const auto& r : c.refunds) {
    if (r.reason != "damaged") continue;
    ++by_staff;
    const auto found = p.refunds.find(r.refund_id);
    if (found == p.refunds.end()) {
      wrong(text(c.row.order_id), " has a refund that staff did not request");
      continue;
    }
    const auto& [asked, amount] = found->second;
    if (r.status != payment::refund_status::Declined) {
      for (const auto& l : asked.line_items.value_or(std::vector<payment::refund_item>{})) {
        if ((units[l.order_item_id] += l.quantity) > l.ordered_quantity) {
          wrong(text(c.row.order_id), ": of a line ", text(units[l.order_item_id]),
                " units are refunded, more than was bought");
        }
      }
    }
    const auto lines = asked.line_items.value_or(std::vector<payment::refund_item>{});
    if (r.amount != amount || !std::ranges::equal(r.lines, lines, is_as_requested)) {
      wrong(text(c.row.order_id), ": a refund differs from its request");
    }
    if (r.restock != asked.restock.value_or(false)) {
      wrong(text(c.row.order_id), ": the choice to restock differs from the request");
    }
  }
  if (by_staff != p.refunds.size()) {
    wrong(text(c.row.order_id), ": staff requested ", text(std::ssize(p.refunds)), " refunds, not ",
          text(static_cast<std::int64_t>(by_staff)));
  }
}

void examination::check_stock() {
  std::map<stoa::product_id, std::int64_t> sold;
  for (const auto& [id, c] : orders_) {
    if (!c.stands()) continue;
    for (const auto& [product, quantity] : c.lines) sold[product] += quantity;
    for (const auto& [product, units] : c.restocked()) sold[product] -= units;
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

}  // namespace stoa::simulation
