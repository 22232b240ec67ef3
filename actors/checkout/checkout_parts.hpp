#pragma once
// Parts of the checkout: carts of purchases in one request, and addresses of the user.

#include "actors/checkout/checkout.hpp"

namespace stoa::checkout {

/// The cart as it will be stored; names and prices are missing.
cart::cart_content content_of(const cart::create_for_purchase& purchase, timestamp now);

/// Adds names and prices. 422 when a product does not exist or is sold as variants; that of a
/// product that is not sold any more is order_for()'s.
std::optional<problem> name_lines(cart::cart_content& cart, const cart_context& context);

/// The problem with the positions of lines in the request instead of their ids.
problem by_position(problem why, const cart::cart_content& cart);

/// One of the user's addresses. Fails with 422 at `pointer` if there is none with this id, or if
/// its country has other rules by now.
kernel::task<address> saved_address(kernel::service_calls& calls, stoa::profile_id id,
                                    std::string pointer);

/// Replaces the ids of the user's addresses by the addresses. Fails with 422 for those that do not
/// exist, or whose country has other rules by now.
kernel::task<kernel::nothing> use_saved_addresses(kernel::service_calls& calls,
                                                  checkout_request& r);

}  // namespace stoa::checkout
