#include "actors/payment/payment_effects.hpp"

#include "actors/payment/payment_messages.hpp"
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

/// Of the answer that stands for one that did not come in time.
constexpr std::string_view timeout_code = "timeout";

/// Of a planted fault: takes the gateway's silence for a decline.
gateway_status no_answer() {
  return fault("fail_on_timeout") ? gateway_status::declined : gateway_status::unknown;
}

/// Of a planted fault: each call has a key of its own.
std::string key_of(const call_gateway& e) {
  static std::atomic<int> calls{0};
  return fault("charge_new_key") ? e.key + "#" + std::to_string(++calls) : e.key;
}

void charge(gateway& bank, const kernel::sealer& seal, const call_gateway& e,
            gateway::callback done) {
  auto token = seal.open(e.sealed_token);
  if (!token) {
    log::error("payment instrument cannot be decrypted; has the server secret been replaced?",
               {{"payment_id", e.payment_id.str()}});
    return done({gateway_status::unknown, "", "instrument_unreadable",
                 "The payment instrument cannot be decrypted."});
  }
  // The edge refuses card numbers; one that passes all the same is not sent.
  if (card::holds_number(*token)) {
    return done(
        {gateway_status::declined, "", "invalid_token", "A card number is not a valid token."});
  }
  bank.charge({key_of(e), e.order_id.str(), e.amount, std::move(*token)}, std::move(done));
}

void call(gateway& bank, const kernel::sealer& seal, const call_gateway& e,
          const effect_pool::answered& then, const gateway_observer& observe) {
  auto done = [then, observe, began = std::chrono::steady_clock::now(), id = e.payment_id,
               order = e.order_id, operation = e.operation, key = e.key](gateway_answer a) {
    if (a.status == gateway_status::unknown) a.status = no_answer();
    if (operation == open_effect::Refund && a.status == gateway_status::declined) {
      log::error("refund declined", {{"payment_id", id.str()}, {"code", a.code}});
    }
    const bool certain = a.status != gateway_status::unknown;
    if (observe) {
      const auto took = std::chrono::steady_clock::now() - began;
      observe(operation, enum_name(a.status), std::chrono::duration_cast<microseconds>(took));
    }
    then(any_message::of(gateway_result{id, order, operation, key, std::move(a)}), certain);
  };
  switch (e.operation) {
    case open_effect::Charge:
      charge(bank, seal, e, std::move(done));
      return;
    case open_effect::Cancel:
      bank.cancel(e.charge_key, std::move(done));
      return;
    case open_effect::Refund:
      bank.refund({e.key, e.charge_key, e.amount}, std::move(done));
      return;
    case open_effect::None:
      break;
  }
  throw std::logic_error("payment: no operation to call the gateway for");
}

/// The command sink that also tells of calls which took too long: their report says so.
kernel::command_sink telling_of_timeouts(kernel::command_sink report, gateway_observer observe,
                                         microseconds timeout) {
  if (!observe) return report;
  return [report = std::move(report), observe = std::move(observe), timeout](any_message m) {
    if (m.kind() == &kernel::kind_of<gateway_result>()) {
      const auto& r = m.as<gateway_result>();
      if (r.answer.code == timeout_code) observe(r.operation, timeout_code, timeout);
    }
    report(std::move(m));
  };
}

class runner final : public kernel::effect_runner {
 public:
  runner(gateway& bank, kernel::effect_limits limits, const kernel::sealer& seal,
         kernel::command_sink report, const gateway_observer& observe)
      : bank_(bank),
        seal_(seal),
        observe_(observe),
        pool_(std::make_shared<effect_pool>(
            limits, telling_of_timeouts(std::move(report), observe, limits.timeout))) {}
  ~runner() override { pool_->close(); }
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;

  void start(const any_message& effect, timestamp now) override {
    if (effect.kind() != &kernel::kind_of<call_gateway>()) return;
    const auto& e = effect.as<call_gateway>();
    gateway_answer late{no_answer(), "", std::string(timeout_code),
                        "The gateway did not answer in time."};
    pool_->add({e.payment_id.value,
                [&bank = bank_, &seal = seal_, observe = observe_,
                 effect](const effect_pool::answered& then) {
                  call(bank, seal, effect.as<call_gateway>(), then, observe);
                },
                any_message::of(
                    gateway_result{e.payment_id, e.order_id, e.operation, e.key, std::move(late)})},
               now);
  }
  void tick(timestamp now) override { pool_->tick(now); }
  std::size_t under_way() const override { return pool_->under_way(); }

 private:
  gateway& bank_;
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
    gateway& bank, kernel::effect_limits limits, const kernel::sealer& seal,
    gateway_observer observe) {
  return [&bank, limits, &seal, observe = std::move(observe)](
             kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<runner>(bank, limits, seal, std::move(report), observe);
  };
}

}  // namespace stoa::payment
