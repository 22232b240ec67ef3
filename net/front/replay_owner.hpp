#pragma once
// The owner of a stored response under an Idempotency-Key.

#include "net/front/exchange.hpp"

namespace stoa::front {

/// Identifies who may get the response again: the user, or the secrets that a guest presents with
/// the request (the cart's id in the path, the order's token, the header Client-Secret). Part of
/// the idempotency scope. Nothing for a guest without a secret: no replay is possible, because an
/// address or a guessed key must not give access to another client's result. Fails with 400 for a
/// weak Client-Secret.
std::optional<std::string> replay_owner(const exchange& x);

/// Whether guests can use the header Client-Secret on the route.
bool takes_client_secret(const route& r);

}  // namespace stoa::front
