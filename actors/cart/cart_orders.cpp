// Carts whose order may not be decided yet: what was bought leaves the cart that has the lines by
// then, and what is held after a declined payment follows them.

#include "actors/cart/cart_parts.hpp"

#include <algorithm>

namespace stoa::cart {

namespace {

using kernel::applied;

/// So many states that went into it a cart remembers, and each for longer than an order can be
/// Pending.
constexpr std::ptrdiff_t absorbed_max = 20;
constexpr seconds absorbed_kept{7 * 86'400};

/// The customer's cart that was made last, leaving out `other`.
std::optional<stoa::cart_id> newest_cart(const std::vector<const cart_row*>& carts,
                                         stoa::cart_id other) {
  const cart_row* newest = nullptr;
  for (const auto* c : carts) {
    if (c->cart_id == other) continue;
    if (!newest ||
        std::tie(newest->created_at, newest->cart_id) < std::tie(c->created_at, c->cart_id)) {
      newest = c;
    }
  }
  return newest ? std::optional(newest->cart_id) : std::nullopt;
}

/// Leaves the id of a cart whose lines are in another one now: an order of the cart that is not
/// decided yet still finds what it has bought, and what is reserved for it moves along.
void leave_to(cart_service::decision& d, stoa::cart_id id, stoa::cart_id into) {
  const cart_row left = *d.of<cart_row>().find(id);
  for (const auto* i : items_of(d, id)) d.of<cart_item_row>().erase(i->cart_item_id);
  auto& target = d.of<cart_row>().edit(into);
  std::erase_if(target.absorbed,
                [&](const auto& a) { return a.merged_at + absorbed_kept <= d.now; });
  // The state that the other cart had counts too: it is as much part of what it is now.
  target.absorbed.push_back({into, target.revision, d.now});
  target.absorbed.push_back({id, left.revision, d.now});
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

/// The keys of the other that are new, as far as there is room.
metadata merged_metadata(metadata own, const metadata& other) {
  for (const auto& [key, text] : other) {
    if (own.contains(key)) continue;
    if (auto more = changed_metadata(own, metadata_change{{key, {text}}})) own = std::move(*more);
  }
  return own;
}

/// The cart that has the lines of the cart now: itself, or the one that it was merged into.
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
  // Which is the newest is known only when the commands before this one are decided.
  for (const auto* c : loaded.of<cart_row>().where<&cart_row::user_id>(m.user_id)) {
    list.add<&cart_item_row::cart_id>(c->cart_id);
  }
}

result<cart_content> cart_service::decide(const merge_cart& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  if ((*cart)->user_id) return content(d, m.cart_id);
  auto mine = d.of<cart_row>().where<&cart_row::user_id>(m.user_id);
  auto target = newest_cart(mine, m.cart_id);
  if (!target) {
    // The lines are the same, and so is the version: an order of this state of the cart stays one.
    auto& taken = d.of<cart_row>().edit(m.cart_id);
    taken.user_id = m.user_id;
    taken.updated_at = d.now;
    return content(d, m.cart_id);
  }
  auto lines = items_of(d, *target);
  std::size_t count = lines.size();
  auto guest_lines = items_of(d, m.cart_id);
  for (const auto* i : guest_lines) {
    if (const auto* line = line_of(lines, i->product_id)) {
      auto& changed = d.of<cart_item_row>().edit(line->cart_item_id);
      changed.quantity = std::min(changed.quantity + i->quantity, quantity_max);
      changed.price_when_added = i->price_when_added;
      continue;
    }
    if (++count > lines_max) return cart_full();
    d.of<cart_item_row>().insert({d.new_id<stoa::cart_item_id>(), *target, i->product_id, i->name,
                                  i->quantity, i->price_when_added, d.now});
  }
  const auto& own = d.of<cart_row>().find(*target)->metadata;
  auto merged = merged_metadata(own, (*cart)->metadata);
  const bool changes = !guest_lines.empty() || merged != own;
  if (guest_lines.empty()) {
    erase_cart(d, m.cart_id);
  } else {
    leave_to(d, m.cart_id, *target);
  }
  if (changes) touch(d, *target).metadata = std::move(merged);
  return content(d, *target);
}

applied cart_service::decide(const order::order_confirmed& e, decision& d) const {
  const auto* holder = holder_of(d, e.order.cart_id);
  if (!holder) return std::nullopt;
  const auto id = holder->cart_id;
  std::vector<kept_line> kept;
  for (const auto& bought : e.order.lines) {
    const auto* line = line_of(items_of(d, id), bought.product_id);
    if (!line || bought.quantity <= 0) continue;
    kept.push_back(
        {bought.product_id, std::max<std::int64_t>(0, line->quantity - bought.quantity)});
    if (line->quantity <= bought.quantity) {
      d.of<cart_item_row>().erase(line->cart_item_id);
    } else {
      d.of<cart_item_row>().edit(line->cart_item_id).quantity -= bought.quantity;
    }
  }
  if (!holder->absorbed.empty()) {
    std::erase_if(d.of<cart_row>().edit(id).absorbed,
                  [&](const auto& a) { return a.cart_id == e.order.cart_id; });
  }
  if (!kept.empty()) touch(d, id);
  tell_reduced(d, id, std::move(kept));
  return std::nullopt;
}

applied cart_service::decide(const order::order_cancelled& e, decision& d) const {
  if (!e.held_until || *e.held_until <= d.now) return std::nullopt;
  const auto* holder = holder_of(d, e.order.cart_id);
  const auto id = holder ? holder->cart_id : e.order.cart_id;
  // Lines may have gone while the order was Pending: nothing is held for these.
  std::vector<kept_line> kept;
  for (const auto& ordered : e.order.lines) {
    const auto* line = holder ? line_of(items_of(d, id), ordered.product_id) : nullptr;
    const auto quantity = line ? line->quantity : 0;
    if (quantity < ordered.quantity) kept.push_back({ordered.product_id, quantity});
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
