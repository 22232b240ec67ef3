#pragma once
// The id of a stored payment instrument. Only the Payment service knows what it stands for, so
// orders and events may carry it.

#include "storage/base/uuid.hpp"

namespace stoa {

using instrument_id = id<struct instrument_tag>;

}  // namespace stoa
