#include "actors/notification/webhook_effects.hpp"

#include "actors/notification/webhook_messages.hpp"
#include "config/log.hpp"
#include "storage/base/fault.hpp"

#include <chrono>
#include <map>

namespace stoa::notification {

namespace {

using kernel::any_message;
using kernel::effect_pool;

constexpr std::string_view late = "timed_out";
/// A sender with its own timeout reports the cause before the runner's timeout.
constexpr microseconds webhook_answer_margin = seconds{3};
/// Pools of endpoints without requests are removed when there are more.
constexpr std::size_t pools_max = 64;

std::string_view outcome_of(const webhook_result& r) {
  if (r.is_delivered()) return "delivered";
  return r.status ? std::string_view("rejected") : std::string_view(r.outcome);
}

webhook_result result_of(const post_webhook& e, webhook_answer a, microseconds took) {
  const auto ms = std::chrono::duration_cast<milliseconds>(took).count();
  return {e.subject_id, e.webhook_id,          e.delivery_id,      std::move(a.outcome), a.status,
          ms,           std::move(a.response), std::move(a.error), a.retry_after_s};
}

void post(webhook_sender& sender, const post_webhook& e, const effect_pool::answered& then,
          const webhook_observer& observe) {
  if (fault("webhook_early_result")) {  // Planted fault: reports the delivery before the attempt.
    then(any_message::of(result_of(e, {"completed", 200, "", "", std::nullopt}, {})), true);
  }
  // Planted fault: each attempt has a new message id.
  const auto id = fault("webhook_new_id") ? system_ids().next_v7().str() : e.message_id;
  sender.post({id, e.url, e.sealed_secrets, e.body},
              [then, observe, e, began = std::chrono::steady_clock::now()](webhook_answer a) {
                const auto took = std::chrono::duration_cast<microseconds>(
                    std::chrono::steady_clock::now() - began);
                // Planted fault: any response counts as received.
                if (fault("webhook_any_status") && a.status) a.status = 200;
                auto result = result_of(e, std::move(a), took);
                if (observe) observe(outcome_of(result), took);
                const bool certain = result.is_delivered();
                then(any_message::of(std::move(result)), certain);
              });
}

class webhook_runner final : public kernel::effect_runner {
 public:
  webhook_runner(webhook_sender& sender, webhook_limits limits, kernel::command_sink report,
                 webhook_observer observe)
      : sender_(sender),
        limits_(limits),
        report_(std::move(report)),
        observe_(std::move(observe)) {}
  ~webhook_runner() override {
    for (auto& [id, pool] : pools_) pool->close();
  }
  webhook_runner(const webhook_runner&) = delete;
  webhook_runner& operator=(const webhook_runner&) = delete;

  void start(const any_message& effect, timestamp now) override {
    if (effect.kind() == &kernel::kind_of<report_disabled_webhook>()) {
      return report_disabled(effect.as<report_disabled_webhook>());
    }
    if (effect.kind() != &kernel::kind_of<post_webhook>()) return;
    const auto& e = effect.as<post_webhook>();
    const microseconds limit = limits_.timeout + webhook_answer_margin;
    pool_of(e.webhook_id)
        .add({e.delivery_id.value,
              [&sender = sender_, observe = observe_, effect](const effect_pool::answered& then) {
                post(sender, effect.as<post_webhook>(), then, observe);
              },
              any_message::of(result_of(
                  e, {std::string(late), std::nullopt, "", "No response in time.", std::nullopt},
                  limit))},
             now);
  }

  void tick(timestamp now) override {
    for (auto& [id, pool] : pools_) pool->tick(now);
  }

  std::size_t under_way() const override {
    std::size_t all = 0;
    for (const auto& [id, pool] : pools_) all += pool->under_way();
    return all;
  }

 private:
  effect_pool& pool_of(stoa::webhook_id id) {
    auto& pool = pools_[id];
    if (pool) return *pool;
    pool = std::make_shared<effect_pool>(
        kernel::effect_limits{limits_.under_way_max, limits_.waiting_max,
                              limits_.timeout + webhook_answer_margin},
        report_);
    if (pools_.size() > pools_max) {
      std::erase_if(pools_, [&](const auto& one) {
        return one.first != id && one.second->under_way() == 0 && one.second->waiting() == 0;
      });
    }
    return *pools_[id];
  }

  static void report_disabled(const report_disabled_webhook& e) {
    log::warn("webhook endpoint disabled",
              {{"webhook_id", e.webhook_id.str()}, {"reason", enum_name(e.reason)}});
  }

  webhook_sender& sender_;
  const webhook_limits limits_;
  const kernel::command_sink report_;
  const webhook_observer observe_;
  std::map<stoa::webhook_id, std::shared_ptr<effect_pool>> pools_;
};

}  // namespace

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> webhook_effects(
    webhook_sender& sender, webhook_limits limits, webhook_observer observe) {
  return [&sender, limits, observe = std::move(observe)](
             kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<webhook_runner>(sender, limits, std::move(report), observe);
  };
}

}  // namespace stoa::notification
