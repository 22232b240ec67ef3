#pragma once
// The channels for text messages and push messages, with what the front needs of them.

#include "actors/kernel/call_times.hpp"
#include "actors/notification/notification_effects.hpp"
#include "actors/notification/report_verifier.hpp"
#include "config/settings.hpp"
#include "net/messaging/vapid.hpp"

#include <prometheus/registry.h>

#include <memory>
#include <optional>

namespace stoa::cli {

class message_channels {
 public:
  /// `sends`: notifications run on this node. Throws std::runtime_error when a file with a secret
  /// is unusable.
  message_channels(const settings& s, prometheus::Registry& registry, bool sends);
  ~message_channels();
  message_channels(const message_channels&) = delete;
  message_channels& operator=(const message_channels&) = delete;

  /// Adds the channels that the settings use.
  void add_to(notification::channel_registry& all);
  notification::report_registry reports() const;
  /// Null: no push messages are sent.
  const messaging::vapid_key* push_key() const { return push_key_ ? &*push_key_ : nullptr; }
  void stop();

 private:
  void open_sms(prometheus::Registry* registry, bool sends);

  const notification_settings settings_;
  const std::string public_url_;
  std::optional<messaging::vapid_key> push_key_;
  std::unique_ptr<notification::channel> sms_;   ///< set where notifications run
  std::unique_ptr<notification::channel> push_;  ///< set where notifications run
  std::unique_ptr<notification::report_verifier> reports_;
  std::optional<kernel::call_times> sms_times_;
  std::optional<kernel::call_times> push_times_;
};

}  // namespace stoa::cli
