#include "actors/notification/notification_effects.hpp"

#include "actors/notification/notification_messages.hpp"

namespace stoa::notification {

namespace {

using kernel::any_message;
using kernel::effect_pool;

void send(channel& mail, const send_notification& e, const effect_pool::answered& then) {
  if (e.type != notification_type::Email) {
    then(any_message::of(delivery_result{e.notification_id, "There is no channel for this type."}),
         true);
    return;
  }
  mail.send(e.message, [then, id = e.notification_id](std::optional<std::string> error) {
    const bool delivered = !error;
    then(any_message::of(delivery_result{id, std::move(error)}), delivered);
  });
}

class runner final : public kernel::effect_runner {
 public:
  runner(channel& mail, kernel::effect_limits limits, kernel::command_sink report)
      : mail_(mail), pool_(std::make_shared<effect_pool>(limits, std::move(report))) {}
  ~runner() override { pool_->close(); }
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;

  void start(const any_message& effect, timestamp now) override {
    if (effect.kind() != &kernel::kind_of<send_notification>()) return;
    const auto id = effect.as<send_notification>().notification_id;
    pool_->add({id.value,
                [&mail = mail_, effect](const effect_pool::answered& then) {
                  send(mail, effect.as<send_notification>(), then);
                },
                any_message::of(delivery_result{id, "The channel did not answer in time."})},
               now);
  }
  void tick(timestamp now) override { pool_->tick(now); }
  std::size_t under_way() const override { return pool_->under_way(); }

 private:
  channel& mail_;
  std::shared_ptr<effect_pool> pool_;
};

}  // namespace

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> notification_effects(
    channel& mail, kernel::effect_limits limits) {
  return [&mail, limits](kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<runner>(mail, limits, std::move(report));
  };
}

}  // namespace stoa::notification
