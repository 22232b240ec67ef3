#pragma once
// The OpenAPI 3.1 document, generated from the route table and the described types.

#include "net/front/route.hpp"

#include <string>

namespace stoa::front {

std::string make_openapi(const routes& table);

}  // namespace stoa::front
