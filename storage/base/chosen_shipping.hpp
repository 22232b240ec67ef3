#pragma once
// The shipping method of an order.

#include "storage/base/describe.hpp"
#include "storage/base/location_id.hpp"

#include <optional>
#include <string>

namespace stoa {

using shipping_method_id = id<struct shipping_method_tag>;

enum class shipping_kind { delivery, pickup };
BOOST_DESCRIBE_ENUM(shipping_kind, delivery, pickup)

/// The method as it was chosen.
struct chosen_shipping {
  static constexpr std::string_view schema_name = "chosen_shipping_method";
  stoa::shipping_method_id shipping_method_id;
  std::string name;
  shipping_kind kind = shipping_kind::delivery;
  std::optional<stoa::location_id> location_id = std::nullopt;  ///< of a pick-up
  bool operator==(const chosen_shipping&) const = default;
};
BOOST_DESCRIBE_STRUCT(chosen_shipping, (), (shipping_method_id, name, kind, location_id))

}  // namespace stoa
