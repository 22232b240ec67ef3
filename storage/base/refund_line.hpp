#pragma once
// A line of an order in a refund.

#include "storage/base/describe.hpp"
#include "storage/base/line_properties.hpp"
#include "storage/base/money.hpp"
#include "storage/base/uuid.hpp"

#include <optional>
#include <string>

namespace stoa {

using refund_id = id<struct refund_tag>;

/// Units of an order's line that are refunded. `paid_amount` is the share of the order's total that
/// was paid for the whole line (actors/pricing/refund_shares.hpp): the refunds of a line never
/// exceed it.
struct refund_line {
  static constexpr std::string_view schema_name = "refund_line";
  stoa::order_item_id order_item_id;
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;  ///< 0: only the price is reduced
  money amount;
  std::int64_t ordered_quantity = 0;
  money paid_amount;
  std::optional<line_properties> properties = std::nullopt;  ///< of the line; absent: none

  bool operator==(const refund_line&) const = default;
};
BOOST_DESCRIBE_STRUCT(refund_line, (),
                      (order_item_id, product_id, name, quantity, amount, ordered_quantity,
                       paid_amount, properties))

}  // namespace stoa
