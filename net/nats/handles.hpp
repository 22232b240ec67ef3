#pragma once
// RAII handles for libnats' objects, its status codes as text, and rate-limited warnings.

#include "config/log.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <nats/nats.h>
#include <string>

namespace stoa::nats {

template <auto Destroy>
struct destroyer {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
template <class T, auto Destroy>
using handle = std::unique_ptr<T, destroyer<Destroy>>;

using connection_handle = handle<natsConnection, &natsConnection_Destroy>;
using options_handle = handle<natsOptions, &natsOptions_Destroy>;
using message_handle = handle<natsMsg, &natsMsg_Destroy>;
using subscription_handle = handle<natsSubscription, &natsSubscription_Destroy>;
using jetstream_handle = handle<jsCtx, &jsCtx_Destroy>;
using stream_info_handle = handle<jsStreamInfo, &jsStreamInfo_Destroy>;
using consumer_info_handle = handle<jsConsumerInfo, &jsConsumerInfo_Destroy>;

/// Describes the last failed call of this thread, with libnats' details if available.
inline std::string failure_text(natsStatus s) {
  std::string text = natsStatus_GetText(s);
  natsStatus last = NATS_OK;
  const char* details = nats_GetLastError(&last);
  if (details != nullptr && last == s && *details != '\0') text += std::string(": ") + details;
  return text;
}

/// Allows one log line per ten seconds and counts the suppressed ones. Thread-safe.
class log_limiter {
 public:
  bool now(std::int64_t& left_out) {
    const auto time = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::seconds{1};
    auto next = next_.load();
    if (time < next || !next_.compare_exchange_strong(next, time + 10)) {
      ++left_out_;
      return false;
    }
    left_out = left_out_.exchange(0);
    return true;
  }

 private:
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<std::int64_t> left_out_ = 0;
};

}  // namespace stoa::nats
