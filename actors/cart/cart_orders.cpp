// Merges and orders: bought lines are removed from the cart that contains them when the order is
// confirmed, and units held after a declined payment follow the lines.

#include "actors/cart/cart_parts.hpp"
#include "storage/base/fault.hpp"

#include <algorithm>
#include <map>

namespace stoa::cart {

namespace {

using kernel::applied;

/// Number of merged cart states that a cart stores, and their retention: longer than an order can
/// be Pending.
constexpr std::ptrdiff_t absorbed_max = 20;
constexpr seconds absorbed_kept{7 * 86'400};

/// The customer's newest cart except `other`, in the same currency.
std::optional<stoa::cart_id> newest_cart(const std::vector<const cart_row*>& carts,
                                         const cart_row& other) {
  const cart_row* newest = nullptr;
  for (const auto* c : carts) {
    const bool is_target = c->cart_id != other.cart_id && c->currency == other.currency;
    if (!is_target || c->for_purchase) continue;
    if (!newest ||
        std::tie(newest->created_at, newest->cart_id) < std::tie(c->created_at, c->cart_id)) {
      newest = c;
    }
  }
  return newest ? std::optional(newest->cart_id) : std::nullopt;
}

/// Empties a cart whose lines have moved to another one, and keeps its row as a reference: a
/// Pending order of the cart still finds its lines, and units held for it move along.
void redirect_to(cart_service::decision& d, stoa::cart_id id, stoa::cart_id into,
                 std::vector<moved_line> moved) {
  const cart_row left = *d.of<cart_row>().find(id);
  for (const auto* i : items_of(d, id)) d.of<cart_item_row>().erase(i->cart_item_id);
  auto& target = d.of<cart_row>().edit(into);
  std::erase_if(target.absorbed,
                [&](const auto& a) { return a.merged_at + absorbed_kept <= d.now; });
  // The target's previous state is part of its new state, too.
  target.absorbed.push_back({into, target.revision, d.now});
  target.absorbed.push_back({id, left.revision, d.now, std::move(moved)});
  const auto extra = std::max<std::ptrdiff_t>(0, std::ssize(target.absorbed) - absorbed_max);
  target.absorbed.erase(target.absorbed.begin(), target.absorbed.begin() + extra);
  if (left.held_until && *left.held_until > d.now) {
    target.held_until = std::max(target.held_until.value_or(timestamp{}), *left.held_until);
    d.emit(id, cart_merged{id, into});
  }
  auto& cart = d.of<cart_row>().edit(id);
  cart.merged_into = into;
  cart.held_until.reset();
  cart.revision += 1;
  cart.updated_at = d.now;
  cart.expires_at = d.now + absorbed_kept;
}

/// Adds the new keys of `other` while there is room.
metadata merged_metadata(metadata own, const metadata& other) {
  for (const auto& [key, text] : other) {
    if (own.contains(key)) continue;
    if (auto more = changed_metadata(own, metadata_change{{key, {text}}})) own = std::move(*more);
  }
  return own;
}

/// Adds the units of the guest's line to the customer's cart, up to quantity_max; a limited line is
/// added to `cut`. Returns the customer's line; empty when the cart is full.
std::optional<stoa::cart_item_id> take_line(cart_service::decision& d, stoa::cart_id into,
                                            const cart_item_row& from, std::vector<cut_line>& cut) {
  const auto lines = items_of(d, into);
  if (const auto* line = line_of(lines, from.product_id, from.properties)) {
    auto& changed = d.of<cart_item_row>().edit(line->cart_item_id);
    const auto wanted = changed.quantity + from.quantity;
    changed.quantity = std::min(wanted, quantity_max);
    changed.price_when_added = from.price_when_added;
    changed.priced_units = from.priced_units;
    changed.priced_for = from.priced_for;
    changed.note = joined_notes(changed.note, from.note);
    if (wanted > quantity_max) cut.push_back({changed.cart_item_id, wanted});
    return changed.cart_item_id;
  }
  if (lines.size() >= lines_max) return std::nullopt;
  const auto id = d.new_id<stoa::cart_item_id>();
  d.of<cart_item_row>().insert({id, into, from.product_id, from.name, from.quantity,
                                from.price_when_added, d.now, from.note, from.properties,
                                from.priced_units, from.priced_for});
  return id;
}

/// The line that was bought, or that contains its units since a merge. Orders of earlier versions
/// have only the product.
const cart_item_row* bought_line(cart_service::decision& d, const cart_row& holder,
                                 stoa::cart_id ordered, const order::event_line& bought) {
  const auto items = items_of(d, holder.cart_id);
  const auto by_product = [&] {
    return line_of(items, bought.product_id, bought.properties.value_or(line_properties{}));
  };
  if (!bought.cart_item_id) return by_product();
  auto id = *bought.cart_item_id;
  if (holder.cart_id != ordered) {
    const auto merged = std::find_if(holder.absorbed.begin(), holder.absorbed.end(),
                                     [&](const auto& a) { return a.cart_id == ordered; });
    if (merged == holder.absorbed.end() || !merged->lines) {
      return by_product();  // Merged by an earlier version.
    }
    const auto moved = std::find_if(merged->lines->begin(), merged->lines->end(),
                                    [&](const auto& l) { return l.from == id; });
    if (moved == merged->lines->end()) return nullptr;
    id = moved->to;
  }
  const auto it = std::find_if(items.begin(), items.end(),
                               [&](const auto* i) { return i->cart_item_id == id; });
  return it == items.end() ? nullptr : *it;
}

/// Removes the bought units from the line. The rest of a line that was ordered itself gets a new
/// id, which distinguishes it from the bought line for the Order service.
void remove_bought(cart_service::decision& d, stoa::cart_id cart, const cart_item_row& line,
                   const order::event_line& bought) {
  cart_item_row rest = line;
  rest.quantity -= bought.quantity;
  if (rest.quantity > 0 && bought.cart_item_id != rest.cart_item_id) {
    d.of<cart_item_row>().edit(rest.cart_item_id).quantity = rest.quantity;
    return;
  }
  const auto old = rest.cart_item_id;
  d.of<cart_item_row>().erase(old);
  if (rest.quantity <= 0) return;
  rest.cart_item_id = d.new_id<stoa::cart_item_id>();
  d.of<cart_item_row>().insert(rest);
  for (auto& a : d.of<cart_row>().edit(cart).absorbed) {
    if (!a.lines) continue;
    for (auto& l : *a.lines) {
      if (l.to == old) l.to = rest.cart_item_id;
    }
  }
}

/// The cart that contains the cart's lines now: itself, or the one that it was merged into.
const cart_row* holder_of(cart_service::decision& d, stoa::cart_id id) {
  const auto* cart = d.of<cart_row>().find(id);
  return cart && cart->merged_into ? d.of<cart_row>().find(*cart->merged_into) : cart;
}

}  // namespace

void cart_service::need_holder(stoa::cart_id id, need_list& list, const records& loaded) {
  need_cart(id, list);
  const auto* cart = loaded.of<cart_row>().find(id);
  if (cart && cart->merged_into) need_cart(*cart->merged_into, list);
}

void cart_service::needs(const merge_cart& m, need_list& list, const records& loaded) const {
  need_cart(m.cart_id, list);
  list.add<&cart_row::user_id>(m.user_id);
  // The newest cart depends on earlier commands of the batch: load all.
  for (const auto* c : loaded.of<cart_row>().where<&cart_row::user_id>(m.user_id)) {
    list.add<&cart_item_row::cart_id>(c->cart_id);
  }
}

result<cart_content> cart_service::decide(const merge_cart& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  if ((*cart)->user_id) return content(d, m.cart_id);
  auto mine = d.of<cart_row>().where<&cart_row::user_id>(m.user_id);
  auto target = newest_cart(mine, **cart);
  if (!target) {
    // Lines and version stay: orders of this state of the cart remain valid.
    auto& taken = d.of<cart_row>().edit(m.cart_id);
    taken.user_id = m.user_id;
    taken.updated_at = d.now;
    taken.for_purchase = false;
    return content(d, m.cart_id);
  }
  std::vector<moved_line> moved;
  std::vector<cut_line> cut;
  for (const auto* i : items_of(d, m.cart_id)) {
    const auto to = take_line(d, *target, *i, cut);
    if (!to) return cart_full();
    moved.push_back({i->cart_item_id, *to});
  }
  if (auto bad = check_texts(items_of(d, *target))) return std::move(*bad);
  const auto& own = d.of<cart_row>().find(*target)->metadata;
  auto merged = merged_metadata(own, (*cart)->metadata);
  const auto& before = *d.of<cart_row>().find(*target);
  auto codes = before.codes;
  for (const auto& code : (*cart)->codes) add_to_codes(codes, code);
  const auto note = joined_notes(before.note, (*cart)->note);
  const bool changes =
      !moved.empty() || merged != own || codes != before.codes || note != before.note;
  if (moved.empty()) {
    erase_cart(d, m.cart_id);
  } else {
    redirect_to(d, m.cart_id, *target, std::move(moved));
  }
  if (changes) {
    auto& changed = touch(d, *target);
    changed.metadata = std::move(merged);
    changed.codes = std::move(codes);
    changed.note = note;
  }
  auto answer = content(d, *target);
  if (!cut.empty()) answer.cut = std::move(cut);
  return answer;
}

applied cart_service::remove_ordered(const order::order_summary& order, decision& d) const {
  const auto* holder = holder_of(d, order.cart_id);
  if (!holder) return std::nullopt;
  const auto id = holder->cart_id;
  std::vector<stoa::product_id> removed;
  for (const auto& bought : order.lines) {
    const auto* line = bought_line(d, *holder, order.cart_id, bought);
    if (!line || bought.quantity <= 0) continue;
    removed.push_back(line->product_id);
    remove_bought(d, id, *line, bought);
  }
  if (!holder->absorbed.empty()) {
    std::erase_if(d.of<cart_row>().edit(id).absorbed,
                  [&](const auto& a) { return a.cart_id == order.cart_id; });
  }
  if (removed.empty()) return std::nullopt;
  auto& cart = touch(d, id);
  const bool is_empty = items_of(d, id).empty();
  if (is_empty) {
    // They were for this order.
    cart.codes.clear();
    cart.note.reset();
  }
  const bool is_over = is_empty && cart.for_purchase && !fault("kept_purchase_cart");
  emit_reduced(d, id, kept_units(d, id, removed));
  if (is_over) erase_cart(d, id);
  return std::nullopt;
}

applied cart_service::decide(const order::order_cancelled& e, decision& d) const {
  if (!e.held_until || *e.held_until <= d.now) return std::nullopt;
  const auto* holder = holder_of(d, e.order.cart_id);
  const auto id = holder ? holder->cart_id : e.order.cart_id;
  // Lines may have been removed while the order was Pending: nothing is held for these.
  std::map<stoa::product_id, std::int64_t> ordered;
  for (const auto& line : e.order.lines) ordered[line.product_id] += line.quantity;
  std::vector<kept_line> kept;
  for (const auto& [product, units] : ordered) {
    const auto left = holder ? units_of(items_of(d, id), product) : 0;
    if (left < units) kept.push_back({product, left});
  }
  if (holder) {
    auto& cart = d.of<cart_row>().edit(id);
    cart.held_until = std::max(cart.held_until.value_or(timestamp{}), *e.held_until);
    if (id != e.order.cart_id) d.emit(e.order.cart_id, cart_merged{e.order.cart_id, id});
  }
  if (!kept.empty()) d.emit(e.order.cart_id, lines_reduced{id, std::move(kept)});
  return std::nullopt;
}

}  // namespace stoa::cart
