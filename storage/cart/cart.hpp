#pragma once
// The Cart service's records.

#include "storage/base/metadata.hpp"
#include "storage/db/records.hpp"

namespace stoa::cart {

/// A line of a merged cart, and the line that has its units now.
struct moved_line {
  stoa::cart_item_id from;
  stoa::cart_item_id to;
};
BOOST_DESCRIBE_STRUCT(moved_line, (), (from, to))

/// A cart that was merged into another one, in the state in which it was.
struct absorbed_cart {
  stoa::cart_id cart_id;
  std::int64_t version = 0;
  timestamp merged_at;
  std::optional<std::vector<moved_line>> lines = std::nullopt;  ///< none of earlier versions
};
BOOST_DESCRIBE_STRUCT(absorbed_cart, (), (cart_id, version, merged_at, lines))

struct cart_row {
  static constexpr const char* table = "carts";
  static constexpr std::size_t key_columns = 1;
  stoa::cart_id cart_id;
  std::optional<stoa::user_id> user_id;  ///< none for a guest
  /// What the API calls the cart's version. Not `version`, for that moves once a save, and one save
  /// may hold several changes.
  std::int64_t revision = 1;
  timestamp created_at;
  timestamp updated_at;
  timestamp expires_at;  ///< means something for a guest's cart only
  std::int64_t version = 0;
  /// Goods of a declined checkout are reserved until then.
  std::optional<timestamp> held_until = std::nullopt;
  /// The cart that has this one's lines now. Such a cart is gone for its owner; the row stays for
  /// orders of the cart that are not decided.
  std::optional<stoa::cart_id> merged_into = std::nullopt;
  std::vector<absorbed_cart> absorbed = {};  ///< carts that were merged into this one lately
  stoa::metadata metadata = {};
};
BOOST_DESCRIBE_STRUCT(cart_row, (),
                      (cart_id, user_id, revision, created_at, updated_at, expires_at, version,
                       held_until, merged_into, absorbed, metadata))

struct cart_item_row {
  static constexpr const char* table = "cart_items";
  static constexpr std::size_t key_columns = 1;
  stoa::cart_item_id cart_item_id;
  stoa::cart_id cart_id;
  stoa::product_id product_id;
  std::string name;  ///< when it was added
  std::int64_t quantity = 0;
  money price_when_added;
  timestamp added_at;
};
BOOST_DESCRIBE_STRUCT(cart_item_row, (),
                      (cart_item_id, cart_id, product_id, name, quantity, price_when_added,
                       added_at))

using cart_records = db::unit_of_work<cart_row, cart_item_row>;

}  // namespace stoa::cart
