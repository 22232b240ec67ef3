#pragma once
// The Cart service's records.

#include "storage/base/line_properties.hpp"
#include "storage/base/metadata.hpp"
#include "storage/db/records.hpp"

namespace stoa::cart {

/// A line of a merged cart, and the line that took over its units.
struct moved_line {
  stoa::cart_item_id from;
  stoa::cart_item_id to;
};
BOOST_DESCRIBE_STRUCT(moved_line, (), (from, to))

/// A cart that was merged into another one, and its state.
struct absorbed_cart {
  stoa::cart_id cart_id;
  std::int64_t version = 0;
  timestamp merged_at;
  std::optional<std::vector<moved_line>> lines =
      std::nullopt;  ///< none if stored by an earlier version
};
BOOST_DESCRIBE_STRUCT(absorbed_cart, (), (cart_id, version, merged_at, lines))

struct cart_row {
  static constexpr const char* table = "carts";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  /// What carts of earlier versions in Redis may not have.
  static constexpr std::string_view defaults[] = {"absorbed", "metadata", "codes", "for_purchase"};
  stoa::cart_id cart_id;
  std::optional<stoa::user_id> user_id;  ///< none for a guest
  /// The cart's version in the API. Differs from `version`, which is incremented once per save; a
  /// save may contain several changes.
  std::int64_t revision = 1;
  timestamp created_at;
  timestamp updated_at;
  timestamp expires_at;  ///< only for a guest's cart
  std::int64_t version = 0;
  /// Goods of a declined checkout stay reserved until then.
  std::optional<timestamp> held_until = std::nullopt;
  /// The cart that this one was merged into. A merged cart is hidden from its owner; the row is
  /// kept for pending orders of the cart.
  std::optional<stoa::cart_id> merged_into = std::nullopt;
  std::vector<absorbed_cart> absorbed = {};  ///< carts recently merged into this one
  stoa::metadata metadata = {};
  std::vector<std::string> codes = {};  ///< of promotions, as the Pricing service stores them
  std::optional<std::string> currency = std::nullopt;  ///< of its prices; none: the store's
  std::optional<std::string> note = std::nullopt;      ///< of the customer, for the order
  /// Made by a purchase in one request: not listed, no target of merges, removed with its last
  /// line.
  bool for_purchase = false;
};
BOOST_DESCRIBE_STRUCT(cart_row, (),
                      (cart_id, user_id, revision, created_at, updated_at, expires_at, version,
                       held_until, merged_into, absorbed, metadata, codes, currency, note,
                       for_purchase))

struct cart_item_row {
  static constexpr const char* table = "cart_items";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  /// What lines of earlier versions in Redis do not have.
  static constexpr std::string_view defaults[] = {"properties"};
  stoa::cart_item_id cart_item_id;
  stoa::cart_id cart_id;
  stoa::product_id product_id;
  std::string name;  ///< at the time it was added
  std::int64_t quantity = 0;
  money price_when_added;
  timestamp added_at;
  std::optional<std::string> note = std::nullopt;  ///< of the customer
  stoa::line_properties properties = {};           ///< with the product: which line it is
  /// price_when_added was the price for so many units of the product in the cart. None: added by an
  /// earlier version.
  std::optional<std::int64_t> priced_units = std::nullopt;
  /// The account for whose groups it was the price; none: for everyone.
  std::optional<stoa::user_id> priced_for = std::nullopt;
  static constexpr std::string_view parent = "carts";
  static constexpr auto parent_key = &cart_item_row::cart_id;
};
BOOST_DESCRIBE_STRUCT(cart_item_row, (),
                      (cart_item_id, cart_id, product_id, name, quantity, price_when_added,
                       added_at, note, properties, priced_units, priced_for))

using cart_records = db::unit_of_work<cart_row, cart_item_row>;

}  // namespace stoa::cart
