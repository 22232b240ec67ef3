#pragma once

#include "storage/base/uuid.hpp"

namespace stoa {

/// A place that has stock: a warehouse or a shop.
using location_id = id<struct location_tag>;

}  // namespace stoa
