#pragma once
// The form in which terms of staff are stored: lines of text without white space at their ends.

#include "storage/pricing/pricing.hpp"

namespace stoa::pricing {

promotion_terms as_stored(promotion_terms terms);
tax_terms as_stored(tax_terms terms);
shipping_terms as_stored(shipping_terms terms);
price_list_terms as_stored(price_list_terms terms);

}  // namespace stoa::pricing
