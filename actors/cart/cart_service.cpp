#include "actors/cart/cart_parts.hpp"
#include "storage/cart/cart_store.hpp"

#include <algorithm>

namespace stoa::cart {

namespace {

using kernel::applied;
using kernel::call_context;

/// Expired carts per command, and commands per sweep.
constexpr std::size_t expire_at_once = 64;
constexpr std::size_t expire_commands_max = 64;

timestamp end_of(const cart_row& cart, microseconds customer_ttl) {
  return cart.user_id ? cart.updated_at + customer_ttl : cart.expires_at;
}

cart_content content_of(const cart_row& cart, const item_list& items, microseconds customer_ttl) {
  cart_content v{cart.cart_id,
                 cart.user_id,
                 cart.revision,
                 {},
                 cart.created_at,
                 cart.updated_at,
                 end_of(cart, customer_ttl),
                 cart.held_until,
                 std::nullopt,
                 cart.metadata,
                 std::nullopt,
                 cart.codes,
                 cart.currency,
                 cart.note};
  if (!cart.absorbed.empty()) v.absorbed = cart.absorbed;
  for (const auto* i : items) {
    auto& item =
        v.items.emplace_back(cart_item_content{i->cart_item_id, i->product_id, i->name, i->quantity,
                                               i->price_when_added, i->added_at, i->note});
    if (!i->properties.empty()) item.properties = i->properties;
    item.priced_units = i->priced_units;
    item.priced_for = i->priced_for;
  }
  return v;
}

/// The customer's least recently changed cart of the kind, if the customer has carts_per_user_max
/// of it: a purchase in one request never replaces a cart that the customer has made.
std::optional<stoa::cart_id> cart_to_replace(std::vector<const cart_row*> carts,
                                             bool for_purchase) {
  std::erase_if(carts, [&](const auto* c) { return c->for_purchase != for_purchase; });
  if (carts.size() < carts_per_user_max) return std::nullopt;
  auto it = std::min_element(carts.begin(), carts.end(), [](const auto* a, const auto* b) {
    return std::tie(a->updated_at, a->cart_id) < std::tie(b->updated_at, b->cart_id);
  });
  return (*it)->cart_id;
}

}  // namespace

item_list items_of(cart_service::decision& d, stoa::cart_id id) {
  return d.of<cart_item_row>().where<&cart_item_row::cart_id>(id);
}

bool may_use(const call_context& context, const std::optional<stoa::user_id>& owner) {
  if (!owner || context.who.kind == kernel::caller_kind::system) return true;
  return context.who.is_user() && context.who.user == *owner;
}

result<const cart_row*> usable(cart_service::decision& d, stoa::cart_id id,
                               std::optional<std::int64_t> if_match) {
  const auto* found = d.of<cart_row>().find(id);
  if (!found || found->merged_into || !may_use(d.context, found->user_id)) {
    return not_found("cart");
  }
  if (if_match && *if_match != found->revision) {
    return problem{problem_kind::precondition_failed,
                   "precondition_failed",
                   "The cart's version is " + std::to_string(found->revision) + ", not " +
                       std::to_string(*if_match) + ".",
                   {}};
  }
  return found;
}

problem cart_full() {
  return {problem_kind::validation,
          "cart_full",
          "A cart has at most " + std::to_string(lines_max) + " lines.",
          {}};
}

void emit_reduced(cart_service::decision& d, stoa::cart_id id, std::vector<kept_line> kept) {
  const auto* cart = d.of<cart_row>().find(id);
  if (!kept.empty() && cart->held_until && *cart->held_until > d.now) {
    d.emit(id, lines_reduced{id, std::move(kept)});
  }
}

void erase_lines(cart_service::decision& d, stoa::cart_id id) {
  std::vector<stoa::product_id> products;
  for (const auto* i : items_of(d, id)) {
    products.push_back(i->product_id);
    d.of<cart_item_row>().erase(i->cart_item_id);
  }
  emit_reduced(d, id, kept_units(d, id, products));
}

void erase_cart(cart_service::decision& d, stoa::cart_id id) {
  erase_lines(d, id);
  d.of<cart_row>().erase(id);
}

void cart_service::need_cart(stoa::cart_id id, need_list& list) {
  list.add<&cart_row::cart_id>(id);
  list.add<&cart_item_row::cart_id>(id);
}

cart_content cart_service::content(decision& d, stoa::cart_id id) const {
  return content_of(*d.of<cart_row>().find(id), items_of(d, id), options_.customer_ttl);
}

/// When a guest's cart expires. An empty one expires early: carts are created at no cost to the
/// client, and abandoned ones must not fill the disk for the whole lifetime of a cart.
timestamp cart_service::expiry(decision& d, stoa::cart_id id) const {
  const bool empty = items_of(d, id).empty();
  return d.now +
         (empty ? std::min(options_.guest_empty_ttl, options_.guest_ttl) : options_.guest_ttl);
}

/// Counts the change and renews the expiry of a guest's cart.
cart_row& cart_service::touch(decision& d, stoa::cart_id id) const {
  auto& cart = d.of<cart_row>().edit(id);
  cart.revision += 1;
  cart.updated_at = d.now;
  cart.expires_at = expiry(d, id);
  return cart;
}

void cart_service::need_carts_of(stoa::user_id user, need_list& list, const records& loaded) const {
  list.add<&cart_row::user_id>(user);
  auto carts = loaded.of<cart_row>().where<&cart_row::user_id>(std::optional(user));
  // The cart to remove depends on earlier commands of the batch, which may also have created carts.
  if (carts.size() < carts_per_user_max / 2) return;
  for (const auto* c : carts) list.add<&cart_item_row::cart_id>(c->cart_id);
}

void cart_service::needs(const create_cart& m, need_list& list, const records& loaded) const {
  if (m.user_id) need_carts_of(*m.user_id, list, loaded);
}

void replace_oldest(cart_service::decision& d, stoa::user_id user, bool for_purchase) {
  auto carts = d.of<cart_row>().where<&cart_row::user_id>(std::optional(user));
  if (auto old = cart_to_replace(std::move(carts), for_purchase)) erase_cart(d, *old);
}

result<cart_content> cart_service::decide(const create_cart& m, decision& d) const {
  auto metadata = changed_metadata({}, m.metadata.value_or(metadata_change{}));
  if (!metadata) return std::move(metadata.error());
  if (m.user_id) replace_oldest(d, *m.user_id, false);
  auto id = d.new_secret_id<stoa::cart_id>();
  auto& cart = d.of<cart_row>().insert({id, m.user_id, 1, d.now, d.now, expiry(d, id), 0});
  cart.metadata = std::move(*metadata);
  cart.currency = m.currency;
  cart.note = m.note;
  return content(d, id);
}

result<cart_content> cart_service::decide(const update_cart& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  auto metadata = changed_metadata((*cart)->metadata, m.change.metadata);
  if (!metadata) return std::move(metadata.error());
  const auto note = m.change.note.present ? m.change.note.value : (*cart)->note;
  if (*metadata == (*cart)->metadata && note == (*cart)->note) return content(d, m.cart_id);
  auto& changed = touch(d, m.cart_id);
  changed.metadata = std::move(*metadata);
  changed.note = note;
  return content(d, m.cart_id);
}

result<cart_content> cart_service::decide(const clear_cart& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  if (items_of(d, m.cart_id).empty()) return content(d, m.cart_id);
  erase_lines(d, m.cart_id);
  touch(d, m.cart_id);
  return content(d, m.cart_id);
}

result<kernel::nothing> cart_service::decide(const delete_cart& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  erase_cart(d, m.cart_id);
  return kernel::nothing{};
}

void cart_service::needs(const expire_carts& m, need_list& list, const records&) const {
  for (auto id : m.cart_ids) need_cart(id, list);
}

result<kernel::nothing> cart_service::decide(const expire_carts& m, decision& d) const {
  for (auto id : m.cart_ids) {
    // It may have been changed, merged or removed since the sweep read it.
    const auto* found = d.of<cart_row>().find(id);
    if (found && end_of(*found, options_.customer_ttl) <= d.now) erase_cart(d, id);
  }
  return kernel::nothing{};
}

void cart_service::needs(const user::user_deleted& e, need_list& list,
                         const records& loaded) const {
  list.add<&cart_row::user_id>(e.user_id);
  for (const auto* c : loaded.of<cart_row>().where<&cart_row::user_id>(e.user_id)) {
    list.add<&cart_item_row::cart_id>(c->cart_id);
  }
}

applied cart_service::decide(const user::user_deleted& e, decision& d) const {
  for (const auto* c : d.of<cart_row>().where<&cart_row::user_id>(e.user_id)) {
    erase_cart(d, c->cart_id);
  }
  return std::nullopt;
}

kernel::gathered<cart_content> cart_service::gather(const get_cart& q, const call_context& context,
                                                    db::gathering& all) const {
  return [parts = ask_cart(all, q.cart_id), ttl = options_.customer_ttl,
          &context](db::connection&) -> result<cart_content> {
    auto found = parts();
    if (!found || found->cart.merged_into || !may_use(context, found->cart.user_id)) {
      return not_found("cart");
    }
    item_list items;
    for (const auto& i : found->items) items.push_back(&i);
    return content_of(found->cart, items, ttl);
  };
}

result<cart_list> cart_service::read(const list_carts&, const call_context& context,
                                     db::connection& c) const {
  cart_list list;
  for (const auto& [cart, items] : carts_of_user(c, context.who.user)) {
    if (cart.for_purchase) continue;
    std::int64_t quantity = 0;
    for (const auto& i : items) quantity += i.quantity;
    list.data.push_back({cart.cart_id, cart.revision, static_cast<std::int64_t>(items.size()),
                         quantity, cart.created_at, cart.updated_at});
  }
  return list;
}

kernel::due_work cart_service::due(db::connection& c, timestamp now, bool) const {
  kernel::due_work work;
  auto ids =
      expired_carts(c, now, now - options_.customer_ttl, expire_at_once * expire_commands_max);
  for (std::size_t at = 0; at < ids.size(); at += expire_at_once) {
    auto end = std::min(at + expire_at_once, ids.size());
    using offset = std::vector<stoa::cart_id>::difference_type;
    work.commands.push_back(kernel::any_message::of(expire_carts{
        {ids.begin() + static_cast<offset>(at), ids.begin() + static_cast<offset>(end)}}));
  }
  return work;
}

}  // namespace stoa::cart
