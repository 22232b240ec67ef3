#pragma once
// The id of a stored payment instrument. Only the Payment service can resolve it, so orders and
// events may contain it.

#include "storage/base/uuid.hpp"

namespace stoa {

using instrument_id = id<struct instrument_tag>;
/// Of a payment method that a user has saved.
using payment_method_id = id<struct payment_method_tag>;

}  // namespace stoa
