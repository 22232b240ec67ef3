#pragma once
// Calls the gateway for the Payment service, and reports the result as payment.gateway_result.

#include "actors/kernel/effect_pool.hpp"
#include "actors/kernel/writer_core.hpp"
#include "actors/payment/gateway.hpp"
#include "storage/payment/payment.hpp"

namespace stoa {
struct payment_settings;
}

namespace stoa::payment {

/// The limits from the settings.
kernel::effect_limits effect_limits_of(const payment_settings& settings);

/// Called on any thread at the end of each call; the operation is an open_effect or "Review", the
/// outcome a gateway_status or "timeout".
using gateway_observer =
    std::function<void(std::string_view operation, std::string_view outcome, microseconds took)>;

/// For service_definition::make_effects. A call that times out is reported as `unknown`; a definite
/// answer that arrives later is reported as well. `seal` decrypts the instruments' tokens. If that
/// fails, the result is `unknown` with the code instrument_unreadable, as an earlier call may have
/// been approved; for a gateway that is not registered it is `unknown` with the code
/// gateway_not_configured. Gateways and sealer must outlive the runner.
std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> payment_effects(
    gateway_registry gateways, kernel::effect_limits limits, const kernel::sealer& seal,
    gateway_observer observe = {});

}  // namespace stoa::payment
