#include "actors/payment/payment_effects.hpp"

#include "actors/payment/payment_messages.hpp"
#include "actors/payment/payment_vault_effects.hpp"
#include "actors/payment/saved_method_messages.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "storage/base/card_number.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/fault.hpp"

#include <atomic>
#include <chrono>

namespace stoa::payment {

namespace {

using kernel::any_message;
using kernel::effect_pool;

/// The code of the result that reports a timeout.
constexpr std::string_view timeout_code = "timeout";
/// The operation of a review, for the observer.
constexpr std::string_view review = "Review";

/// Planted fault: treats a timeout as a decline.
gateway_status no_answer() {
  return fault("fail_on_timeout") ? gateway_status::declined : gateway_status::unknown;
}

/// Planted faults charge_new_key, capture_new_key and refund_new_key: each call uses a new key.
std::string key_of(const call_gateway& e, std::string_view planted) {
  static std::atomic<int> calls{0};
  return fault(planted) ? e.key + "#" + std::to_string(++calls) : e.key;
}

void authorize(gateway& bank, const kernel::sealer& seal, const call_gateway& e,
               gateway::callback done) {
  auto token = seal.open(e.sealed_token);
  if (!token) {
    log::error("failed to decrypt the payment instrument; the server secret may have been replaced",
               {{"payment_id", e.payment_id.str()}});
    return done({gateway_status::unknown, "", "instrument_unreadable",
                 "The payment instrument cannot be decrypted."});
  }
  // The edge rejects card numbers; this is a second check.
  if (card::holds_number(*token)) {
    return done(
        {gateway_status::declined, "", "invalid_token", "The token contains a card number."});
  }
  // Planted fault: captures before the order is shipped.
  const bool captures = e.capture || fault("capture_early");
  bank.authorize({key_of(e, "charge_new_key"), e.order_id.str(), e.amount, std::move(*token),
                  captures, e.customer, e.saves},
                 std::move(done));
}

void request(gateway& bank, const kernel::sealer& seal, const call_gateway& e,
             gateway::callback done) {
  if (e.look_up) {
    return bank.look_up({e.key, e.reference, e.operation, e.authorization.key, e.amount,
                         e.customer ? e.customer->customer_id : ""},
                        std::move(done));
  }
  switch (e.operation) {
    case open_effect::Authorize:
      return authorize(bank, seal, e, std::move(done));
    case open_effect::Capture:
      if (fault("capture_unsent")) return done({gateway_status::approved});  // Planted fault.
      return bank.capture({key_of(e, "capture_new_key"), e.authorization, e.amount},
                          std::move(done));
    case open_effect::Void:
      if (fault("void_unsent")) {  // Planted fault.
        return done({gateway_status::declined, "", "canceled"});
      }
      return bank.void_authorization(
          {e.authorization, e.order_id.str(), e.amount, e.capture, e.with_saved}, std::move(done));
    case open_effect::Refund:
      return bank.refund({key_of(e, "refund_new_key"), e.authorization, e.amount, e.order_id.str()},
                         std::move(done));
    case open_effect::None:
      break;
  }
  throw std::logic_error("payment: no operation to call the gateway for");
}

/// Logs declined captures and refunds, which require staff.
void report_declined(const call_gateway& e, const gateway_answer& a) {
  if (a.status != gateway_status::declined) return;
  if (e.operation != open_effect::Refund && e.operation != open_effect::Capture) return;
  log::error(e.operation == open_effect::Refund ? "refund declined" : "capture declined",
             {{"payment_id", e.payment_id.str()}, {"gateway", e.gateway}, {"code", a.code}});
}

/// Logs what requires staff to compare the payment with the gateway's records.
void report_difference(const call_gateway& e, const gateway_answer& a) {
  if (a.captured_amount) {
    log::error("the gateway has captured another amount than requested",
               {{"payment_id", e.payment_id.str()},
                {"gateway", e.gateway},
                {"captured", a.captured_amount->amount},
                {"requested", e.amount.amount}});
  }
  if (e.is_late) {
    log::error("the gateway has authorised a payment after it had failed; the money is returned",
               {{"payment_id", e.payment_id.str()},
                {"gateway", e.gateway},
                {"status", enum_name(a.status)}});
  }
}

void call(const gateway_registry& gateways, const kernel::sealer& seal, const call_gateway& e,
          const effect_pool::answered& then, const gateway_observer& observe) {
  auto done = [then, observe, began = std::chrono::steady_clock::now(), e,
               &seal](gateway_answer a) {
    seal_vaulted(seal, a);
    if (a.status == gateway_status::unknown) a.status = no_answer();
    const bool certain = a.status != gateway_status::unknown;
    if (observe) {
      const auto took = std::chrono::steady_clock::now() - began;
      observe(enum_name(e.operation), enum_name(a.status),
              std::chrono::duration_cast<microseconds>(took));
    }
    report_declined(e, a);
    report_difference(e, a);
    then(
        any_message::of(gateway_result{e.payment_id, e.order_id, e.operation, e.key, std::move(a)}),
        certain);
  };
  const auto bank = gateways.find(e.gateway);
  if (bank == gateways.end()) {
    log::error("gateway not configured",
               {{"payment_id", e.payment_id.str()}, {"gateway", e.gateway}});
    return done({gateway_status::unknown, "", "gateway_not_configured",
                 "The gateway is not configured on this node."});
  }
  request(*bank->second, seal, e, std::move(done));
}

activity_result result_of(const read_gateway_activity& e, gateway_activity found) {
  return {e.payment_id,
          e.order_id,
          e.events,
          found.known,
          std::move(found.code),
          std::move(found.refunds),
          std::move(found.disputes)};
}

void read_activity(const gateway_registry& gateways, const read_gateway_activity& e,
                   const effect_pool::answered& then, const gateway_observer& observe) {
  const auto bank = gateways.find(e.gateway);
  if (bank == gateways.end()) {
    log::error("gateway not configured",
               {{"payment_id", e.payment_id.str()}, {"gateway", e.gateway}});
    return then(any_message::of(result_of(e, {false, "gateway_not_configured", {}, {}})), false);
  }
  bank->second->read_activity(
      e.authorization,
      [then, observe, began = std::chrono::steady_clock::now(), e](gateway_activity found) {
        const bool known = found.known;
        if (observe) {
          const auto took = std::chrono::steady_clock::now() - began;
          observe(review, known ? "approved" : "unknown",
                  std::chrono::duration_cast<microseconds>(took));
        }
        then(any_message::of(result_of(e, std::move(found))), known);
      });
}

/// A command sink that also observes timeouts, which it recognises by their report.
kernel::command_sink observing_timeouts(kernel::command_sink report, gateway_observer observe,
                                        microseconds timeout) {
  if (!observe) return report;
  return [report = std::move(report), observe = std::move(observe), timeout](any_message m) {
    if (m.kind() == &kernel::kind_of<gateway_result>()) {
      const auto& r = m.as<gateway_result>();
      if (r.answer.code == timeout_code) observe(enum_name(r.operation), timeout_code, timeout);
    } else if (m.kind() == &kernel::kind_of<activity_result>()) {
      if (m.as<activity_result>().code == timeout_code) observe(review, timeout_code, timeout);
    } else if (m.kind() == &kernel::kind_of<method_result>()) {
      const auto& r = m.as<method_result>();
      if (r.answer.code == timeout_code) {
        observe(operation_name(r.operation), timeout_code, timeout);
      }
    } else if (m.kind() == &kernel::kind_of<customer_result>()) {
      if (m.as<customer_result>().answer.code == timeout_code) {
        observe(delete_customer_operation, timeout_code, timeout);
      }
    }
    report(std::move(m));
  };
}

class runner final : public kernel::effect_runner {
 public:
  runner(gateway_registry gateways, kernel::effect_limits limits, const kernel::sealer& seal,
         kernel::command_sink report, const gateway_observer& observe)
      : gateways_(std::make_shared<const gateway_registry>(std::move(gateways))),
        seal_(seal),
        observe_(observe),
        pool_(std::make_shared<effect_pool>(
            limits, observing_timeouts(std::move(report), observe, limits.timeout))) {}
  ~runner() override { pool_->close(); }
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;

  void start(const any_message& effect, timestamp now) override {
    if (effect.kind() == &kernel::kind_of<call_gateway>()) return start_call(effect, now);
    if (effect.kind() == &kernel::kind_of<read_gateway_activity>()) {
      return start_review(effect, now);
    }
    pool_->add(vault_call(gateways_, seal_, observe_, effect,
                          {gateway_status::unknown, "", std::string(timeout_code),
                           "The gateway did not answer in time."}),
               now);
  }
  void tick(timestamp now) override { pool_->tick(now); }
  std::size_t under_way() const override { return pool_->under_way(); }

 private:
  void start_call(const any_message& effect, timestamp now) {
    const auto& e = effect.as<call_gateway>();
    gateway_answer late{no_answer(), "", std::string(timeout_code),
                        "The gateway did not answer in time."};
    pool_->add({e.payment_id.value,
                [gateways = gateways_, &seal = seal_, observe = observe_,
                 effect](const effect_pool::answered& then) {
                  call(*gateways, seal, effect.as<call_gateway>(), then, observe);
                },
                any_message::of(
                    gateway_result{e.payment_id, e.order_id, e.operation, e.key, std::move(late)})},
               now);
  }
  /// Under the order's id, so that it does not wait for an operation of the payment.
  void start_review(const any_message& effect, timestamp now) {
    const auto& e = effect.as<read_gateway_activity>();
    pool_->add(
        {e.order_id.value,
         [gateways = gateways_, observe = observe_, effect](const effect_pool::answered& then) {
           read_activity(*gateways, effect.as<read_gateway_activity>(), then, observe);
         },
         any_message::of(result_of(e, {false, std::string(timeout_code), {}, {}}))},
        now);
  }

  const std::shared_ptr<const gateway_registry> gateways_;
  const kernel::sealer& seal_;
  const gateway_observer observe_;
  std::shared_ptr<effect_pool> pool_;
};

}  // namespace

kernel::effect_limits effect_limits_of(const payment_settings& settings) {
  kernel::effect_limits limits;
  limits.under_way_max = static_cast<std::size_t>(settings.concurrency);
  limits.timeout = milliseconds{settings.gateway_timeout_ms};
  return limits;
}

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> payment_effects(
    gateway_registry gateways, kernel::effect_limits limits, const kernel::sealer& seal,
    gateway_observer observe) {
  return [gateways = std::move(gateways), limits, &seal, observe = std::move(observe)](
             kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<runner>(gateways, limits, seal, std::move(report), observe);
  };
}

}  // namespace stoa::payment
