#pragma once
// Calls the gateway about payment methods that it keeps, for payment_effects.cpp.

#include "actors/kernel/effect_pool.hpp"
#include "actors/payment/payment_effects.hpp"

namespace stoa::payment {

/// The operations of these calls, for the observer.
inline constexpr std::string_view save_method_operation = "SaveMethod";
inline constexpr std::string_view remove_method_operation = "RemoveMethod";
inline constexpr std::string_view delete_customer_operation = "DeleteCustomer";

std::string_view operation_name(method_operation operation);

/// Encrypts the token of what the gateway keeps: it does not leave the effect otherwise.
void seal_vaulted(const kernel::sealer& seal, gateway_answer& a);

/// The call of an effect call_vault or delete_customer. `late` is the answer that reports a
/// timeout; the gateways, the sealer and the observer must outlive the call.
kernel::effect_pool::call vault_call(std::shared_ptr<const gateway_registry> gateways,
                                     const kernel::sealer& seal, gateway_observer observe,
                                     const kernel::any_message& effect, gateway_answer late);

}  // namespace stoa::payment
