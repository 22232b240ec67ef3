#include "actors/notification/notification_effects.hpp"

#include "actors/notification/notification_messages.hpp"

namespace stoa::notification {

namespace {

using kernel::any_message;
using kernel::effect_pool;

void send(channel& mail, const token_maker& tokens, const send_notification& e,
          const effect_pool::answered& then) {
  if (e.type != notification_type::Email) {
    then(any_message::of(delivery_result{e.notification_id, "There is no channel for this type."}),
         true);
    return;
  }
  auto message = e.message;
  if (e.holds_token) {
    message.text = with_tokens(message.text, tokens);
    message.html = with_tokens(message.html, tokens);
  }
  mail.send(std::move(message), [then, id = e.notification_id](std::optional<std::string> error) {
    const bool delivered = !error;
    then(any_message::of(delivery_result{id, std::move(error)}), delivered);
  });
}

class runner final : public kernel::effect_runner {
 public:
  runner(channel& mail, token_maker tokens, kernel::effect_limits limits,
         kernel::command_sink report)
      : mail_(mail),
        tokens_(std::move(tokens)),
        pool_(std::make_shared<effect_pool>(limits, std::move(report))) {}
  ~runner() override { pool_->close(); }
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;

  void start(const any_message& effect, timestamp now) override {
    if (effect.kind() != &kernel::kind_of<send_notification>()) return;
    const auto id = effect.as<send_notification>().notification_id;
    pool_->add({id.value,
                [&mail = mail_, tokens = tokens_, effect](const effect_pool::answered& then) {
                  send(mail, tokens, effect.as<send_notification>(), then);
                },
                any_message::of(delivery_result{id, "The channel did not answer in time."})},
               now);
  }
  void tick(timestamp now) override { pool_->tick(now); }
  std::size_t under_way() const override { return pool_->under_way(); }

 private:
  channel& mail_;
  token_maker tokens_;
  std::shared_ptr<effect_pool> pool_;
};

}  // namespace

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> notification_effects(
    channel& mail, token_maker tokens, kernel::effect_limits limits) {
  return [&mail, tokens = std::move(tokens),
          limits](kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<runner>(mail, tokens, limits, std::move(report));
  };
}

}  // namespace stoa::notification
