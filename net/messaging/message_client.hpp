#pragma once
// HTTP requests that send messages: what the channels for text messages and push messages share.

#include "actors/notification/channel.hpp"
#include "net/outbound/http_client.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace stoa::messaging {

/// Thread-safe.
class message_client {
 public:
  using then = std::function<void(outbound::completion)>;

  explicit message_client(outbound::client_config config);
  ~message_client();
  message_client(const message_client&) = delete;
  message_client& operator=(const message_client&) = delete;

  /// Calls `next` exactly once; outcome::canceled after stop().
  void post(outbound::request r, then next);
  /// Requests in progress have 5 s to complete; then they are cancelled. Not from a callback.
  void stop();

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t open_ = 0;
  std::shared_ptr<outbound::http_client> client_;  ///< null after stop()
};

/// The configuration of a client for messages.
outbound::client_config client_config_of(const std::string& name,
                                         const std::vector<std::string>& allowed_networks,
                                         prometheus::Registry* metrics);

/// The failure without a usable response. It is temporary.
notification::send_failure no_answer(std::string_view server, const outbound::completion& c);

/// The wait that the response asks for with Retry-After (RFC 9110, section 10.2.3); 0 if none.
microseconds retry_after_of(const outbound::response& r);

/// Whether a request with that status may succeed later.
bool is_temporary_status(int status);

/// Logs a failed attempt, without the address and the content of the message. `status` and `code`
/// are those of the response, 0 and empty without one.
void log_failure(std::string_view message, std::string_view notification_id,
                 const outbound::completion& c, std::string_view code);

}  // namespace stoa::messaging
