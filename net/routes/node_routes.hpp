#pragma once
// /admin/v1/nodes.

#include "net/front/route.hpp"

namespace stoa::front {

void add_node_routes(routes& r);

}  // namespace stoa::front
