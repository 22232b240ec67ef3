// Placing an order: its checks, and what it takes over from its cart's earlier orders.

#include "actors/order/order_parts.hpp"
#include "actors/pricing/credits.hpp"
#include "storage/base/contact.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/order_number.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <set>

namespace stoa::order {

namespace {

/// The cart's next order takes over the units held for the cart, for the remaining time. Orders
/// that no longer hold units no longer count towards their client's limit.
std::optional<timestamp> take_over_holds(const place_order& m, std::optional<std::int64_t> client,
                                         order_service::decision& d) {
  std::optional<timestamp> until;
  std::vector<stoa::order_id> ended;
  for (const auto* o : d.of<order_row>().where<&order_row::cart_id>(m.cart_id)) {
    if (o->held_until && *o->held_until > d.now) until = std::max(until, o->held_until);
    if (o->status == order_status::Cancelled && o->pending_client) ended.push_back(o->order_id);
  }
  if (client) {
    for (const auto* o : d.of<order_row>().where<&order_row::pending_client>(client)) {
      if (o->status == order_status::Cancelled && !is_held(*o, d.now)) ended.push_back(o->order_id);
    }
  }
  for (auto id : ended) d.of<order_row>().edit(id).pending_client.reset();
  return until;
}

/// Identifies the order's client for the limit of Pending orders; empty: no limit.
std::optional<std::int64_t> client_of(const place_order& m) {
  if (!m.user_id) return m.guest;
  std::uint64_t bits = 0;  // The last 8 bytes of a UUIDv7 are random except for two bits.
  for (std::size_t i = 8; i < 16; ++i) bits = bits << 8 | m.user_id->value.bytes[i];
  return static_cast<std::int64_t>(bits >> 1);
}

/// Number of a cart's last orders that are compared by line.
constexpr std::size_t compared_max = 20;

/// The cart states that this command would order.
std::vector<merged_state> states_of(const place_order& m) {
  auto states = m.merged.value_or(std::vector<merged_state>{});
  states.push_back({m.cart_id, m.cart_version});
  return states;
}

/// The ids of the lines that the command buys, including their ids before merges.
std::set<stoa::cart_item_id> lines_of(const place_order& m) {
  std::set<stoa::cart_item_id> lines;
  for (const auto& line : m.lines) {
    if (line.cart_item_id) lines.insert(*line.cart_item_id);
  }
  for (const auto& state : states_of(m)) {
    if (state.lines) lines.insert(state.lines->begin(), state.lines->end());
  }
  return lines;
}

/// The cart's last orders that are not cancelled.
template <class Orders>
std::vector<const order_row*> standing_orders(const Orders& all, stoa::cart_id cart) {
  auto found = all.template where<&order_row::cart_id>(cart);
  std::erase_if(found, [](const auto* o) { return o->status == order_status::Cancelled; });
  const auto extra = found.size() - std::min(found.size(), compared_max);
  found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(extra));
  return found;
}

/// True when the order contains one of the lines. The rest of a line gets a new id when its order
/// is confirmed: a line with the same id has not been removed from the cart yet.
bool buys_any(const order_row& o, const std::set<stoa::cart_item_id>& lines,
              order_service::decision& d) {
  const auto items = d.of<order_item_row>().where<&order_item_row::order_id>(o.order_id);
  return std::any_of(items.begin(), items.end(), [&](const auto* i) {
    return i->cart_item_id && lines.contains(*i->cart_item_id);
  });
}

/// A cart has at most one Pending order, apart from orders whose lines have left it because their
/// payment is awaited, and its lines are bought once: a second click, a retry
/// under another key or a concurrent change of the cart buys nothing twice.
std::optional<problem> ordered_already(const place_order& m, order_service::decision& d) {
  const auto lines = lines_of(m);
  for (const auto& state : states_of(m)) {
    for (const auto* other : d.of<order_row>().where<&order_row::cart_id>(state.cart_id)) {
      if (other->status == order_status::Pending && !other->payment_until) {
        return conflict("cart_already_ordered", "Order " + other->order_id.str() +
                                                    " of this cart is Pending. Wait for its "
                                                    "outcome, or cancel it.");
      }
    }
    for (const auto* other : standing_orders(d.of<order_row>(), state.cart_id)) {
      if (other->cart_version == state.version || buys_any(*other, lines, d)) {
        return conflict("cart_already_ordered",
                        "This cart has been ordered: order " + other->order_id.str() + ".");
      }
    }
  }
  return std::nullopt;
}

std::vector<pricing::priced_line> priced_lines_of(const place_order& m) {
  std::vector<pricing::priced_line> lines;
  lines.reserve(m.lines.size());
  for (const auto& line : m.lines) lines.push_back({line.price, line.quantity});
  return lines;
}

order_row row_of(const place_order& m, timestamp now) {
  order_row o;
  o.order_id = m.order_id;
  o.order_number = order_number_of(m.order_id);
  o.user_id = m.user_id;
  o.currency = m.quote.total_amount.currency;
  o.subtotal = m.quote.subtotal.amount;
  o.adjustment_total = m.quote.adjustment_total.amount;
  o.shipping_total = m.quote.shipping_total.amount;
  o.tax_total = m.quote.tax_total.amount;
  o.total_amount = m.quote.total_amount.amount;
  o.price_parts = m.quote.price_parts;
  o.shipping_address = stored_address(m.shipping_address);
  o.billing_address = stored_address(m.billing_address);
  o.email = m.email;
  o.email_folded = text::mail_key(m.email);
  o.customer_name = m.customer_name;
  o.phone = m.phone;
  o.locale = m.locale;
  o.cart_id = m.cart_id;
  o.cart_version = m.cart_version;
  o.created_at = o.updated_at = now;
  o.metadata = m.metadata.value_or(metadata{});
  o.shipping_method = m.shipping_method;
  o.tax = m.tax;
  o.note = m.note;
  if (m.redemptions && !m.redemptions->empty()) o.redemptions = m.redemptions;
  if (m.credits && !m.credits->empty()) {
    o.credits = m.credits;
    o.credit_total = pricing::sum_of(*m.credits);
  }
  if (o.redemptions || o.credits) o.waiting_instrument = m.instrument_id;
  return o;
}

/// The ids of the items, in the order of the lines: the shares of price_parts name items by their
/// position.
std::vector<stoa::order_item_id> item_ids(std::size_t count, order_service::decision& d) {
  std::vector<stoa::order_item_id> ids(count);
  for (auto& id : ids) id = d.new_id<stoa::order_item_id>();
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

void order_service::needs(const place_order& m, need_list& list, const records& loaded) const {
  list.add<&order_row::order_id>(m.order_id);
  const bool by_line = !lines_of(m).empty();
  for (const auto& state : states_of(m)) {
    list.add<&order_row::cart_id>(state.cart_id);
    if (!by_line) continue;
    for (const auto* o : standing_orders(loaded.of<order_row>(), state.cart_id)) {
      list.add<&order_item_row::order_id>(o->order_id);
    }
  }
  if (const auto client = client_of(m)) list.add<&order_row::pending_client>(*client);
}

/// Bounds the stock that a client can reserve by Pending orders. Two partitions that decide at the
/// same time may each allow one more.
std::optional<problem> order_service::beyond_limits(const place_order& m, decision& d) const {
  const auto client = client_of(m);
  if (!client) return std::nullopt;
  const auto units_max = m.user_id ? options_.user_units_max : options_.guest_units_max;
  std::int64_t units = 0;
  for (const auto& line : m.lines) units += line.quantity;
  if (units > units_max) {
    return problem{problem_kind::validation,
                   "order_too_large",
                   "An order has at most " + std::to_string(units_max) + " units" +
                       (m.user_id ? "." : "; log in to order more.") + " This one has " +
                       std::to_string(units) + ".",
                   {}};
  }
  const auto pending_max = m.user_id ? options_.user_pending_max : options_.guest_pending_max;
  const auto mine = d.of<order_row>().where<&order_row::pending_client>(client);
  const auto pending = std::count_if(
      mine.begin(), mine.end(), [](const auto* o) { return o->status == order_status::Pending; });
  if (pending < pending_max) return std::nullopt;
  return problem{problem_kind::limit_reached,
                 "too_many_pending_orders",
                 std::to_string(pending_max) + " orders of this " +
                     (m.user_id ? "account" : "address") +
                     " are Pending. Retry when one of them has been decided.",
                 {}};
}

result<order_view> order_service::decide(const place_order& m, decision& d) const {
  if (d.of<order_row>().find(m.order_id)) {
    return conflict("order_exists", "An order with this id exists.");
  }
  if (auto wrong = pricing::check_quote(m.quote, priced_lines_of(m))) return std::move(*wrong);
  if (m.credits && !pricing::fit_total(*m.credits, m.quote.total_amount)) {
    return problem{problem_kind::validation,
                   "invalid_quote",
                   "The gift cards and the store credit do not fit the total.",
                   {}};
  }
  if (auto refused = ordered_already(m, d)) return std::move(*refused);
  if (auto refused = beyond_limits(m, d)) return std::move(*refused);
  const auto client = client_of(m);
  const auto held_until = take_over_holds(m, client, d);
  auto made = row_of(m, d.now);
  made.pending_client = client;
  made.held_until = held_until;
  auto& o = d.of<order_row>().insert(std::move(made));
  const auto ids = item_ids(m.lines.size(), d);
  for (std::size_t i = 0; i < m.lines.size(); ++i) {
    const auto& line = m.lines[i];
    auto& item = d.of<order_item_row>().insert(
        {ids[i], m.order_id, line.product_id, line.name, line.sku, line.options, line.quantity,
         line.price.amount, m.quote.line_totals[i].amount, d.now, line.cart_item_id});
    if (fault("lost_properties")) continue;
    item.note = line.note;
    item.properties = line.properties;
  }
  move_to(d, o, order_status::Pending, std::nullopt);
  if (o.waiting_instrument) {
    request_redemptions(d, o);
  } else {
    emit_placed(d, o, m.instrument_id);
  }
  return view_of(d, o);
}

}  // namespace stoa::order
