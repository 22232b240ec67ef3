#pragma once
// To whom the first answer under an Idempotency-Key belongs.

#include "net/front/exchange.hpp"

namespace stoa::front {

/// Identifies who may get the answer again: the user, or the secrets that a guest presents with the
/// request (the cart's id in the path, the order's token, the header Client-Secret). Part of the
/// idempotency scope. Nothing for a guest without a secret: then there is no replay, because an
/// address or a guessed key must not give access to the result of another client. Fails with 400
/// for a Client-Secret that is too weak.
std::optional<std::string> replay_owner(const exchange& x);

/// Whether the header Client-Secret is of use to guests on the route.
bool takes_client_secret(const route& r);

}  // namespace stoa::front
