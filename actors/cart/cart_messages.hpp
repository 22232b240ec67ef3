#pragma once
// The messages of the Cart service. Prices are those at which the items were added; callers that
// display a cart add the catalogue's current prices.

#include "actors/kernel/message.hpp"
#include "storage/base/quantity_limits.hpp"
#include "storage/cart/cart.hpp"

namespace stoa::cart {

inline constexpr std::int64_t quantity_max = 10'000;  ///< of one line
inline constexpr std::size_t lines_max = 100;         ///< of one cart
inline constexpr std::size_t codes_max = 10;          ///< of one cart
/// Of the notes and properties of one cart's lines: they are part of each event of its order.
inline constexpr std::size_t line_texts_bytes_max = 16'384;
/// Maximum carts per customer; a new one replaces the least recently changed one.
inline constexpr std::size_t carts_per_user_max = 50;

// --- answers -------------------------------------------------------------------------------------

struct cart_item_content {
  stoa::cart_item_id cart_item_id;
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;
  money price_when_added;
  timestamp added_at;
  std::optional<std::string> note = std::nullopt;
  std::optional<line_properties> properties = std::nullopt;  ///< absent: none
  /// Of price_when_added, as in cart_item_row.
  std::optional<std::int64_t> priced_units = std::nullopt;
  std::optional<stoa::user_id> priced_for = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(cart_item_content, (),
                      (cart_item_id, product_id, name, quantity, price_when_added, added_at, note,
                       properties, priced_units, priced_for))

/// A line that a merge has limited to quantity_max units.
struct cut_line {
  stoa::cart_item_id cart_item_id;
  std::int64_t wanted = 0;
};
BOOST_DESCRIBE_STRUCT(cut_line, (), (cart_item_id, wanted))

/// A stored cart. `version` counts its changes.
struct cart_content {
  stoa::cart_id cart_id;
  std::optional<stoa::user_id> user_id;
  std::int64_t version = 0;
  std::vector<cart_item_content> items;
  timestamp created_at;
  timestamp updated_at;
  std::optional<timestamp> expires_at;
  std::optional<timestamp> held_until;  ///< goods of a declined checkout are held until then
  std::optional<std::vector<absorbed_cart>> absorbed;  ///< carts recently merged into it
  stoa::metadata metadata = {};
  std::optional<std::vector<cut_line>> cut = std::nullopt;  ///< in the answer to a merge
  std::vector<std::string> codes = {};                      ///< of promotions
  std::optional<std::string> currency = std::nullopt;       ///< absent: the store's
  std::optional<std::string> note = std::nullopt;
  static constexpr std::string_view defaults[] = {"metadata",
                                                  "codes"};  ///< not in earlier versions
};
BOOST_DESCRIBE_STRUCT(cart_content, (),
                      (cart_id, user_id, version, items, created_at, updated_at, expires_at,
                       held_until, absorbed, metadata, cut, codes, currency, note))

/// A cart in a list, with the number of its lines and units.
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
  std::optional<std::int64_t> total;  ///< if requested
};
BOOST_DESCRIBE_STRUCT(cart_list, (), (data, total))

// --- commands ------------------------------------------------------------------------------------
// Another customer's cart is answered like a missing one: 404. `if_match` is the version that the
// caller expects: 412 precondition_failed when the cart has another one.

/// A new, empty cart.
struct create_cart {
  static constexpr std::string_view name = "cart.create";
  using reply = cart_content;
  std::optional<stoa::user_id> user_id;  ///< absent: a guest's cart
  std::optional<metadata_change> metadata = std::nullopt;
  std::optional<std::string> currency = std::nullopt;  ///< absent: the store's
  std::optional<std::string> note = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(create_cart, (), (user_id, metadata, currency, note))

/// The cart of a purchase in one request, with its lines at current prices. Its ids are derived
/// from the request, so that a repeat makes no second one; a cart that exists is answered
/// unchanged.
struct create_for_purchase {
  static constexpr std::string_view name = "cart.create_for_purchase";
  using reply = cart_content;
  stoa::cart_id cart_id;
  std::optional<stoa::user_id> user_id;  ///< absent: a guest's cart
  std::vector<cart_item_content> items;
  std::vector<std::string> codes;
  std::optional<std::string> note = std::nullopt;
  std::optional<std::string> currency = std::nullopt;  ///< absent: the store's
  stoa::metadata metadata = {};
  static constexpr std::string_view defaults[] = {"metadata"};
};
BOOST_DESCRIBE_STRUCT(create_for_purchase, (),
                      (cart_id, user_id, items, codes, note, currency, metadata))

/// The changeable members of a cart besides its lines.
struct cart_update {
  patch<metadata_change> metadata;
  patch<std::string> note = {};
  static constexpr json::rule rules[] = {metadata_rule, note_rule};
};
BOOST_DESCRIBE_STRUCT(cart_update, (), (metadata, note))

struct update_cart {
  static constexpr std::string_view name = "cart.update";
  using reply = cart_content;
  stoa::cart_id cart_id;
  cart_update change;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(update_cart, (), (cart_id, change, if_match))

/// Adds to the line of the product with these properties, or creates one; a note replaces that of
/// the line. `price`, `product_name` and `limits` are current; `price` is that for `priced_units`
/// units of the product in the cart, by default for those that the cart has then, and if the groups
/// of an account matter, for `priced_for`. 422: quantity beyond quantity_max, quantity_not_allowed,
/// cart_full, cart_texts_too_long, product_not_priced if the cart is in another currency.
struct add_item {
  static constexpr std::string_view name = "cart.add_item";
  using reply = cart_content;
  stoa::cart_id cart_id;
  stoa::product_id product_id;
  std::string product_name;
  std::int64_t quantity = 0;
  money price;
  std::optional<std::int64_t> if_match;
  std::optional<std::string> note = std::nullopt;
  std::optional<stoa::line_properties> properties = std::nullopt;
  std::optional<quantity_limits> limits = std::nullopt;
  std::optional<std::int64_t> priced_units = std::nullopt;
  std::optional<stoa::user_id> priced_for = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(add_item, (),
                      (cart_id, product_id, product_name, quantity, price, if_match, note,
                       properties, limits, priced_units, priced_for))

/// Sets a line's quantity, which removes the line if it is 0, its note and its properties. `limits`
/// are those of its product. 409 cart_line_exists when the cart has another line of the product
/// with these properties; 422 quantity_not_allowed.
struct change_item {
  static constexpr std::string_view name = "cart.change_item";
  using reply = cart_content;
  stoa::cart_id cart_id;
  stoa::cart_item_id cart_item_id;
  std::optional<std::int64_t> quantity;  ///< absent: unchanged
  std::optional<std::int64_t> if_match;
  patch<std::string> note = {};
  std::optional<stoa::line_properties> properties = std::nullopt;
  std::optional<quantity_limits> limits = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_item, (),
                      (cart_id, cart_item_id, quantity, if_match, note, properties, limits))

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

/// Adds the code of a promotion, as the Pricing service stores it; a code that the cart has changes
/// nothing. 422 too_many_codes.
struct add_code {
  static constexpr std::string_view name = "cart.add_code";
  using reply = cart_content;
  stoa::cart_id cart_id;
  std::string code;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(add_code, (), (cart_id, code, if_match))

/// 404 if the cart does not have it.
struct remove_code {
  static constexpr std::string_view name = "cart.remove_code";
  using reply = cart_content;
  stoa::cart_id cart_id;
  std::string code;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(remove_code, (), (cart_id, code, if_match))

struct delete_cart {
  static constexpr std::string_view name = "cart.delete";
  using reply = kernel::nothing;
  stoa::cart_id cart_id;
  std::optional<std::int64_t> if_match;
};
BOOST_DESCRIBE_STRUCT(delete_cart, (), (cart_id, if_match))

/// Moves the lines of a guest's cart to the customer's newest cart in the same currency and removes
/// the guest's cart; a customer without such a cart takes over the guest's. Quantities are added,
/// up to quantity_max. A cart that the customer already owns is returned unchanged. Metadata keys
/// that the customer's cart lacks are added while there is room; notes are joined. 422 cart_full,
/// cart_texts_too_long.
struct merge_cart {
  static constexpr std::string_view name = "cart.merge";
  using reply = cart_content;
  stoa::cart_id cart_id;
  stoa::user_id user_id;
  std::optional<std::int64_t> if_match;  ///< of the guest's cart
};
BOOST_DESCRIBE_STRUCT(merge_cart, (), (cart_id, user_id, if_match))

/// Removes those of the carts that have expired (sent by the sweep).
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
