#pragma once
// The events of the Catalog service.

#include "actors/order/order_events.hpp"
#include "storage/base/location_id.hpp"

namespace stoa::catalog {

/// Units of a product at a location that are reserved for an order.
struct supply {
  static constexpr std::string_view schema_name = "supply";
  stoa::product_id product_id;
  stoa::location_id location_id;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(supply, (), (product_id, location_id, quantity))

/// All lines of the order are reserved. The Payment service charges `total`.
struct stock_reserved {
  static constexpr std::string_view name = "stock.reserved";
  static constexpr std::string_view summary = "All lines of an order are reserved.";
  stoa::order_id order_id;
  std::optional<stoa::user_id> user_id;
  money total;
  stoa::instrument_id instrument_id;  ///< of order.placed
  /// From where; absent: all from the default location.
  std::optional<std::vector<supply>> allocations = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(stock_reserved, (), (order_id, user_id, total, instrument_id, allocations))

/// Staff have moved units of an order to other locations.
struct stock_reallocated {
  static constexpr std::string_view name = "stock.reallocated";
  static constexpr std::string_view summary =
      "Staff have moved units of an order to other locations.";
  stoa::order_id order_id;
  std::vector<supply> allocations;  ///< of all its products, as they are now
};
BOOST_DESCRIBE_STRUCT(stock_reallocated, (), (order_id, allocations))

/// At least one line is unavailable; nothing is reserved.
struct stock_rejected {
  static constexpr std::string_view name = "stock.rejected";
  static constexpr std::string_view summary =
      "A line of an order is not available; nothing is reserved.";
  stoa::order_id order_id;
  stoa::product_id product_id;  ///< the first unavailable one
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(stock_rejected, (), (order_id, product_id, reason))

/// The available units of a product have fallen to its threshold, or below. Emitted once: again
/// only after they have risen above it.
struct stock_low {
  static constexpr std::string_view name = "stock.low";
  static constexpr std::string_view summary =
      "The available units of a product have fallen to its threshold.";
  stoa::product_id product_id;
  std::int64_t available = 0;
  std::int64_t threshold = 0;
};
BOOST_DESCRIBE_STRUCT(stock_low, (), (product_id, available, threshold))

/// A product or a variant was deleted.
struct product_deleted {
  static constexpr std::string_view name = "product.deleted";
  static constexpr std::string_view summary = "A product or a variant was deleted.";
  stoa::product_id product_id;
};
BOOST_DESCRIBE_STRUCT(product_deleted, (), (product_id))

/// A reservation has passed its deadline. It stays until the order is confirmed or cancelled.
struct reservation_expired {
  static constexpr std::string_view name = "reservation.expired";
  static constexpr std::string_view summary = "A reservation has passed its deadline.";
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(reservation_expired, (), (order_id))

}  // namespace stoa::catalog
