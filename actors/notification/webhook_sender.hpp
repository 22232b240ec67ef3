#pragma once
// The Notification service's interface to the receivers of webhooks; implemented in net/webhooks.

#include "storage/base/time.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stoa::notification {

/// One request. The sender signs it (Standard Webhooks 1.0) at the time of the attempt.
struct webhook_request {
  std::string message_id;  ///< the header webhook-id
  std::string url;
  std::vector<std::string> sealed_secrets;  ///< each adds a signature
  std::string body;
};

/// The outcome of a request.
struct webhook_answer {
  std::string outcome;  ///< "completed": there is a response; otherwise why there is none
  std::optional<std::int64_t> status;
  std::string response;  ///< the beginning of the body: printable UTF-8
  std::string error;     ///< why there is no response, for staff
  std::optional<std::int64_t> retry_after_s;
};

class webhook_sender {
 public:
  using callback = std::function<void(webhook_answer)>;

  virtual ~webhook_sender() = default;
  /// Does not block. The callback runs on any thread, once; it must not block or throw.
  virtual void post(webhook_request request, callback done) = 0;
};

}  // namespace stoa::notification
