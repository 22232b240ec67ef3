// The lines of carts: quantities and their limits, notes and properties; and carts made with their
// lines.

#include "actors/cart/cart_parts.hpp"

#include <algorithm>

namespace stoa::cart {

namespace {

problem quantity_out_of_range() {
  return invalid_field(
      "/quantity", "range",
      "The quantity of a line must be between 1 and " + std::to_string(quantity_max) + ".");
}

problem not_priced(const std::string& currency) {
  return {problem_kind::validation,
          "product_not_priced",
          "The product has no price in " + currency + ", the currency of the cart.",
          {{"/product_id", "value", "The product has no price in " + currency + "."}}};
}

/// Why the product cannot have a line with this quantity.
std::optional<problem> check_quantity(const std::optional<quantity_limits>& limits,
                                      const std::string& name, std::int64_t quantity,
                                      std::int64_t units) {
  if (quantity < 1 || quantity > quantity_max) return quantity_out_of_range();
  if (!limits) return std::nullopt;
  auto broken = broken_by(*limits, quantity, units);
  if (!broken) return std::nullopt;
  auto detail = name + ": " + broken->detail;
  return problem{problem_kind::validation,
                 "quantity_not_allowed",
                 detail,
                 {{"/quantity", std::move(broken->code), std::move(broken->detail)}}};
}

}  // namespace

const cart_item_row* line_of(const item_list& items, stoa::product_id product,
                             const line_properties& properties) {
  auto it = std::find_if(items.begin(), items.end(), [&](const auto* i) {
    return i->product_id == product && i->properties == properties;
  });
  return it == items.end() ? nullptr : *it;
}

std::int64_t units_of(const item_list& items, stoa::product_id product) {
  std::int64_t units = 0;
  for (const auto* i : items) units += i->product_id == product ? i->quantity : 0;
  return units;
}

std::optional<problem> check_texts(const item_list& items) {
  std::size_t bytes = 0;
  for (const auto* i : items) bytes += (i->note ? i->note->size() : 0) + bytes_of(i->properties);
  if (bytes <= line_texts_bytes_max) return std::nullopt;
  return problem{problem_kind::validation,
                 "cart_texts_too_long",
                 "The notes and properties of a cart's lines have at most " +
                     std::to_string(line_texts_bytes_max) + " bytes in total.",
                 {}};
}

std::vector<kept_line> kept_units(cart_service::decision& d, stoa::cart_id id,
                                  const std::vector<stoa::product_id>& products) {
  const auto items = items_of(d, id);
  std::vector<kept_line> kept;
  for (const auto product : products) {
    if (std::ranges::find(kept, product, &kept_line::product_id) != kept.end()) continue;
    kept.push_back({product, units_of(items, product)});
  }
  return kept;
}

void cart_service::needs(const create_for_purchase& m, need_list& list,
                         const records& loaded) const {
  need_cart(m.cart_id, list);
  if (m.user_id) need_carts_of(*m.user_id, list, loaded);
}

result<cart_content> cart_service::decide(const create_for_purchase& m, decision& d) const {
  if (const auto* made = d.of<cart_row>().find(m.cart_id)) {
    if (made->merged_into || !may_use(d.context, made->user_id)) return not_found("cart");
    return content(d, m.cart_id);
  }
  if (m.items.size() > lines_max) return cart_full();
  if (m.user_id) replace_oldest(d, *m.user_id, true);
  auto& cart = d.of<cart_row>().insert({m.cart_id, m.user_id, 1, d.now, d.now, d.now, 0});
  cart.for_purchase = true;
  cart.metadata = m.metadata;
  cart.codes = m.codes;
  cart.note = m.note;
  cart.currency = m.currency;
  for (const auto& i : m.items) {
    d.of<cart_item_row>().insert(
        {i.cart_item_id, m.cart_id, i.product_id, i.name, i.quantity, i.price_when_added, d.now,
         i.note, i.properties.value_or(line_properties{}), i.priced_units, i.priced_for});
  }
  if (auto bad = check_texts(items_of(d, m.cart_id))) return std::move(*bad);
  d.of<cart_row>().edit(m.cart_id).expires_at = expiry(d, m.cart_id);
  return content(d, m.cart_id);
}

result<cart_content> cart_service::decide(const add_item& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  const auto& currency = (*cart)->currency;
  if (currency && m.price.currency != *currency) return not_priced(*currency);
  const auto properties = m.properties.value_or(line_properties{});
  auto items = items_of(d, m.cart_id);
  const auto* line = line_of(items, m.product_id, properties);
  const auto quantity = m.quantity + (line ? line->quantity : 0);
  if (m.quantity < 1) return quantity_out_of_range();
  const auto units = units_of(items, m.product_id) + m.quantity;
  if (auto bad = check_quantity(m.limits, m.product_name, quantity, units)) return std::move(*bad);
  const auto priced_units = m.priced_units.value_or(units);
  if (line) {
    auto& changed = d.of<cart_item_row>().edit(line->cart_item_id);
    changed.quantity = quantity;
    changed.price_when_added = m.price;  // The price that the customer has seen last.
    changed.priced_units = priced_units;
    changed.priced_for = m.priced_for;
    changed.name = m.product_name;
    if (m.note) changed.note = m.note;
  } else {
    if (items.size() >= lines_max) return cart_full();
    d.of<cart_item_row>().insert({d.new_id<stoa::cart_item_id>(), m.cart_id, m.product_id,
                                  m.product_name, m.quantity, m.price, d.now, m.note, properties,
                                  priced_units, m.priced_for});
  }
  if (auto bad = check_texts(items_of(d, m.cart_id))) return std::move(*bad);
  touch(d, m.cart_id);
  return content(d, m.cart_id);
}

result<cart_content> cart_service::decide(const change_item& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  const auto quantity = m.quantity;
  if (quantity && (*quantity < 0 || *quantity > quantity_max)) return quantity_out_of_range();
  const auto* found = d.of<cart_item_row>().find(m.cart_item_id);
  if (!found || found->cart_id != m.cart_id) return not_found("cart item");
  const cart_item_row old = *found;
  if (quantity && *quantity == 0) {
    d.of<cart_item_row>().erase(m.cart_item_id);
    emit_reduced(d, m.cart_id, kept_units(d, m.cart_id, {old.product_id}));
    touch(d, m.cart_id);
    return content(d, m.cart_id);
  }
  cart_item_row line = old;
  line.quantity = quantity.value_or(old.quantity);
  if (m.note.present) line.note = m.note.value;
  if (m.properties) line.properties = *m.properties;
  const auto items = items_of(d, m.cart_id);
  if (line.quantity != old.quantity) {
    const auto units = units_of(items, old.product_id) - old.quantity + line.quantity;
    auto limits = m.limits;
    // A cart beyond a maximum that was set later is brought back to it step by step.
    if (limits && line.quantity < old.quantity) limits->max.reset();
    if (auto bad = check_quantity(limits, old.name, line.quantity, units)) {
      return std::move(*bad);
    }
  }
  // The lines are not joined: an order that is Pending may have bought one of them by its id.
  if (line.properties != old.properties && line_of(items, old.product_id, line.properties)) {
    return conflict("cart_line_exists",
                    "The cart has another line of this product with these properties. Change its "
                    "quantity, and remove this one.");
  }
  const bool same =
      line.quantity == old.quantity && line.note == old.note && line.properties == old.properties;
  if (same) return content(d, m.cart_id);  // Nothing changes, so the version stays.
  d.of<cart_item_row>().edit(m.cart_item_id) = line;
  if (auto bad = check_texts(items_of(d, m.cart_id))) return std::move(*bad);
  if (line.quantity < old.quantity) {
    emit_reduced(d, m.cart_id, kept_units(d, m.cart_id, {old.product_id}));
  }
  touch(d, m.cart_id);
  return content(d, m.cart_id);
}

result<cart_content> cart_service::decide(const remove_item& m, decision& d) const {
  change_item command;
  command.cart_id = m.cart_id;
  command.cart_item_id = m.cart_item_id;
  command.quantity = 0;
  command.if_match = m.if_match;
  return decide(command, d);
}

}  // namespace stoa::cart
