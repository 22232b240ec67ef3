#pragma once
// What is priced: the lines of a cart with what rules need to know about them, and their customer.

#include "actors/pricing/area_match.hpp"
#include "storage/base/money.hpp"
#include "storage/base/price_part.hpp"
#include "storage/base/redemption.hpp"
#include "storage/base/time.hpp"
#include "storage/pricing/shipping.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::pricing {

struct basket_line {
  stoa::product_id product_id;
  std::optional<stoa::product_id> parent_product_id = std::nullopt;  ///< of a variant
  std::vector<stoa::category_id> categories = {};  ///< the product's, and those that contain it
  money unit_price;
  std::int64_t quantity = 0;
  std::string tax_class = std::string(standard_tax_class);
  std::int64_t weight = 0;  ///< of a unit, in grams
};

/// A code of the cart, and what the Pricing service knows about it.
struct basket_code {
  std::string code;                                               ///< as stored
  std::optional<stoa::promotion_id> promotion_id = std::nullopt;  ///< absent: unknown
  bool used_up = false;                                           ///< its uses are exhausted
  bool operator==(const basket_code&) const = default;
};

struct basket {
  std::string currency;  ///< ISO 4217
  std::vector<basket_line> lines;
  std::vector<basket_code> codes;
  std::optional<destination> to;  ///< the shipping address, if it is known
  std::optional<stoa::shipping_method_id> shipping_method_id;  ///< the chosen one
  bool tax_exempt = false;
  std::vector<std::string> customer_groups;
  std::optional<bool> first_order;  ///< absent: the customer is not known
  /// Promotions that the customer has used as often as allowed.
  std::vector<stoa::promotion_id> used_up;
  timestamp now;
  /// The taxes by an external provider, instead of those by the tax rates.
  std::optional<std::vector<price_part>> taxes = std::nullopt;
};

}  // namespace stoa::pricing
