#pragma once
// What can be asked of the Cart service, and what it answers. Prices are those at which the items
// were added; whoever shows a cart joins the catalogue's prices of today.

#include "actors/kernel/message.hpp"
#include "storage/cart/cart.hpp"

namespace stoa::cart {

inline constexpr std::int64_t quantity_max = 10'000;  ///< of one line
inline constexpr std::size_t lines_max = 100;         ///< of one cart
/// A customer keeps this many carts; a further one takes the place of the one changed longest ago.
inline constexpr std::size_t carts_per_user_max = 50;

// --- answers -------------------------------------------------------------------------------------

struct cart_item_content {
  stoa::cart_item_id cart_item_id;
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;
  money price_when_added;
  timestamp added_at;
};
BOOST_DESCRIBE_STRUCT(cart_item_content, (),
                      (cart_item_id, product_id, name, quantity, price_when_added, added_at))

/// A line for which a merge had no room: it has quantity_max units, not those of both carts.
struct cut_line {
  stoa::cart_item_id cart_item_id;
  std::int64_t wanted = 0;
};
BOOST_DESCRIBE_STRUCT(cut_line, (), (cart_item_id, wanted))

/// A cart as it is stored. `version` counts each change.
struct cart_content {
  stoa::cart_id cart_id;
  std::optional<stoa::user_id> user_id;
  std::int64_t version = 0;
  std::vector<cart_item_content> items;
  timestamp created_at;
  timestamp updated_at;
  std::optional<timestamp> expires_at;
  std::optional<timestamp> held_until;  ///< goods of a declined checkout are reserved until then
  std::optional<std::vector<absorbed_cart>> absorbed;  ///< carts that were merged into it lately
  stoa::metadata metadata = {};
  std::optional<std::vector<cut_line>> cut = std::nullopt;      ///< by the merge that is answered
  static constexpr std::string_view defaults[] = {"metadata"};  ///< not in earlier versions
};
BOOST_DESCRIBE_STRUCT(cart_content, (),
                      (cart_id, user_id, version, items, created_at, updated_at, expires_at,
                       held_until, absorbed, metadata, cut))

/// A cart in a list: how many lines it has, and how many pieces are in them.
struct cart_summary {
  stoa::cart_id cart_id;
  std::int64_t version = 0;
  std::int64_t line_count = 0;
  std::int64_t quantity = 0;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(cart_summary, (),
                      (cart_id, version, line_count, quantity, created_at, updated_at))

struct cart_list {
  std::vector<cart_summary> data;
  std::optional<std::int64_t> total;  ///< where it was asked for
};
BOOST_DESCRIBE_STRUCT(cart_list, (), (data, total))

// --- commands ------------------------------------------------------------------------------------
// A cart of somebody else is answered like one that does not exist: 404. `if_match` is the version
// that the caller has seen: 412 precondition_failed when the cart has another one.

/// A new, empty cart.
struct create_cart {
  static constexpr std::string_view name = "cart.create";
  using reply = cart_content;
  std::optional<stoa::user_id> user_id;  ///< none: a guest's
  std::optional<metadata_change> metadata = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(create_cart, (), (user_id, metadata))

/// What may be changed of a cart beside its lines.
struct cart_update {
  patch<metadata_change> metadata;
  static constexpr json::rule rules[] = {metadata_rule};
};
BOOST_DESCRIBE_STRUCT(cart_update, (), (metadata))

struct update_cart {
  static constexpr std::string_view name = "cart.update";
  using reply = cart_content;
  stoa::cart_id cart_id;
  cart_update change;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(update_cart, (), (cart_id, change, if_match))

/// Adds to the line of that product or makes one. `price` and `product_name` are the catalogue's of
/// now. 422: quantity beyond quantity_max, cart_full.
struct add_item {
  static constexpr std::string_view name = "cart.add_item";
  using reply = cart_content;
  stoa::cart_id cart_id;
  stoa::product_id product_id;
  std::string product_name;
  std::int64_t quantity = 0;
  money price;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(add_item, (), (cart_id, product_id, product_name, quantity, price, if_match))

/// Sets a line's quantity; 0 removes the line.
struct change_item {
  static constexpr std::string_view name = "cart.change_item";
  using reply = cart_content;
  stoa::cart_id cart_id;
  stoa::cart_item_id cart_item_id;
  std::int64_t quantity = 0;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(change_item, (), (cart_id, cart_item_id, quantity, if_match))

struct remove_item {
  static constexpr std::string_view name = "cart.remove_item";
  using reply = cart_content;
  stoa::cart_id cart_id;
  stoa::cart_item_id cart_item_id;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(remove_item, (), (cart_id, cart_item_id, if_match))

/// Removes all lines; the cart stays.
struct clear_cart {
  static constexpr std::string_view name = "cart.clear";
  using reply = cart_content;
  stoa::cart_id cart_id;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(clear_cart, (), (cart_id, if_match))

struct delete_cart {
  static constexpr std::string_view name = "cart.delete";
  using reply = kernel::nothing;
  stoa::cart_id cart_id;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(delete_cart, (), (cart_id, if_match))

/// Puts the lines of a guest's cart into the customer's newest cart, and the guest's cart is gone;
/// a customer without a cart takes the guest's over. Quantities add up, to quantity_max at most. A
/// cart that is the customer's own already is answered as it is. Of the metadata, keys that the
/// customer's cart does not have are added, as far as there is room. 422 cart_full.
struct merge_cart {
  static constexpr std::string_view name = "cart.merge";
  using reply = cart_content;
  stoa::cart_id cart_id;
  stoa::user_id user_id;
  std::optional<std::int64_t> if_match;  ///< of the guest's cart
};
BOOST_DESCRIBE_STRUCT(merge_cart, (), (cart_id, user_id, if_match))

/// Removes those of the carts that are past their time (the sweep).
struct expire_carts {
  static constexpr std::string_view name = "cart.expire";
  static constexpr bool one_by_one = true;
  using reply = kernel::nothing;
  std::vector<stoa::cart_id> cart_ids;
};
BOOST_DESCRIBE_STRUCT(expire_carts, (), (cart_ids))

// --- queries -------------------------------------------------------------------------------------

struct get_cart {
  static constexpr std::string_view name = "cart.get";
  using reply = cart_content;
  stoa::cart_id cart_id;
};
BOOST_DESCRIBE_STRUCT(get_cart, (), (cart_id))

/// The caller's own carts, newest first: carts_per_user_max at most.
struct list_carts {
  static constexpr std::string_view name = "cart.list";
  using reply = cart_list;
};
BOOST_DESCRIBE_STRUCT(list_carts, (), ())

}  // namespace stoa::cart
