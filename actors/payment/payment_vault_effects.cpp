#include "actors/payment/payment_vault_effects.hpp"

#include "actors/payment/payment_messages.hpp"
#include "actors/payment/saved_method_messages.hpp"
#include "config/log.hpp"
#include "storage/base/card_number.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/fault.hpp"

#include <chrono>

namespace stoa::payment {

namespace {

using kernel::any_message;
using kernel::effect_pool;

constexpr auto not_configured = "gateway_not_configured";

/// Reports the answer, and the time that it took.
gateway::callback observed(const gateway_observer& observe, std::string_view operation,
                           std::function<void(gateway_answer)> then) {
  return [observe, operation, began = std::chrono::steady_clock::now(),
          then = std::move(then)](gateway_answer a) {
    if (observe) {
      const auto took = std::chrono::steady_clock::now() - began;
      observe(operation, enum_name(a.status), std::chrono::duration_cast<microseconds>(took));
    }
    then(std::move(a));
  };
}

bool is_certain(const gateway_answer& a) {
  return a.status != gateway_status::unknown;
}

gateway* find_gateway(const gateway_registry& gateways, const std::string& name) {
  const auto found = gateways.find(name);
  if (found != gateways.end()) return found->second;
  log::error("gateway not configured", {{"gateway", name}});
  return nullptr;
}

void request(gateway& bank, const call_vault& e, std::string token, gateway::callback done) {
  const auto key = e.payment_method_id.str();
  if (e.operation == method_operation::Save) {
    return bank.save_method({key, {e.user_id.str(), e.customer_id}, std::move(token)},
                            std::move(done));
  }
  // Planted fault: the method stays at the gateway.
  if (fault("detach_unsent")) return done({gateway_status::approved});
  bank.remove_method({key, {e.user_id.str(), e.customer_id}, std::move(token)}, std::move(done));
}

any_message result_of(const call_vault& e, gateway_answer a) {
  return any_message::of(
      method_result{e.payment_method_id, e.user_id, e.gateway, e.operation, std::move(a)});
}

void call(const gateway_registry& gateways, const kernel::sealer& seal, const call_vault& e,
          const effect_pool::answered& then, const gateway_observer& observe) {
  auto done = observed(observe, operation_name(e.operation), [then, e, &seal](gateway_answer a) {
    const bool certain = is_certain(a);
    seal_vaulted(seal, a);
    if (e.operation == method_operation::Remove && !certain) {
      log::warn("the gateway has not removed a saved payment method; it is asked again",
                {{"payment_method_id", e.payment_method_id.str()}, {"code", a.code}});
    }
    then(result_of(e, std::move(a)), certain);
  });
  auto* bank = find_gateway(gateways, e.gateway);
  if (bank == nullptr) return done({gateway_status::unknown, "", not_configured});
  auto token = seal.open(e.sealed_token);
  if (!token) {
    log::error("failed to decrypt a saved payment method; the server secret may have been replaced",
               {{"payment_method_id", e.payment_method_id.str()}});
    return done({gateway_status::unknown, "", "instrument_unreadable"});
  }
  // The edge rejects card numbers; this is a second check.
  if (card::holds_number(*token)) {
    return done({gateway_status::declined, "", "invalid_token"});
  }
  request(*bank, e, std::move(*token), std::move(done));
}

any_message result_of(const delete_customer& e, gateway_answer a) {
  return any_message::of(customer_result{e.user_id, e.gateway, e.customer_id, std::move(a)});
}

void call(const gateway_registry& gateways, const delete_customer& e,
          const effect_pool::answered& then, const gateway_observer& observe) {
  auto done = observed(observe, delete_customer_operation, [then, e](gateway_answer a) {
    const bool certain = is_certain(a);
    if (!certain) {
      log::warn("the gateway has not deleted a customer; it is asked again",
                {{"gateway", e.gateway}, {"code", a.code}});
    }
    then(result_of(e, std::move(a)), certain);
  });
  auto* bank = find_gateway(gateways, e.gateway);
  if (bank == nullptr) return done({gateway_status::unknown, "", not_configured});
  // Planted fault: the customer stays at the gateway.
  if (fault("customer_undeleted")) return done({gateway_status::approved});
  bank->remove_customer({e.user_id.str(), e.customer_id}, std::move(done));
}

}  // namespace

std::string_view operation_name(method_operation operation) {
  return operation == method_operation::Save ? save_method_operation : remove_method_operation;
}

void seal_vaulted(const kernel::sealer& seal, gateway_answer& a) {
  if (!a.vaulted) return;
  if (!a.vaulted->is_pending) a.vaulted->token_key = seal.fingerprint(a.vaulted->token);
  a.vaulted->token = seal.seal(a.vaulted->token);
}

effect_pool::call vault_call(std::shared_ptr<const gateway_registry> gateways,
                             const kernel::sealer& seal, gateway_observer observe,
                             const any_message& effect, gateway_answer late) {
  if (effect.kind() == &kernel::kind_of<call_vault>()) {
    const auto& e = effect.as<call_vault>();
    return {e.payment_method_id.value,
            [gateways = std::move(gateways), &seal, observe = std::move(observe),
             effect](const effect_pool::answered& then) {
              call(*gateways, seal, effect.as<call_vault>(), then, observe);
            },
            result_of(e, std::move(late))};
  }
  const auto& e = effect.as<delete_customer>();
  return {e.user_id.value,
          [gateways = std::move(gateways), observe = std::move(observe),
           effect](const effect_pool::answered& then) {
            call(*gateways, effect.as<delete_customer>(), then, observe);
          },
          result_of(e, std::move(late))};
}

}  // namespace stoa::payment
