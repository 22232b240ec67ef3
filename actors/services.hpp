#pragma once
// The classes of all services, for code that expands config/services.def.

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "actors/user/user_service.hpp"
#include "config/services.hpp"

// A test builds a program with one more service (tests/new_service).
#ifdef STOA_MORE_SERVICES
#include STOA_MORE_SERVICES
#endif
