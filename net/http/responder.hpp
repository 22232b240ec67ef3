#pragma once
// Sends the response to one request, once, from any thread.

#include "net/http/message.hpp"

#include <memory>
#include <utility>

namespace stoa::http {

/// The receiver of a response: a connection of the server, or a test.
class reply_target {
 public:
  virtual ~reply_target() = default;
  /// Takes the response to the request with that number; a late response is dropped. Called from
  /// any thread.
  virtual void reply(std::uint64_t request_number, response answer) = 0;
};

/// Move-only; call it once with the response. Later calls are ignored. If it is destroyed without a
/// call, it responds 500, so that no client waits in vain.
class responder {
 public:
  responder() = default;
  responder(std::shared_ptr<reply_target> target, std::uint64_t request_number)
      : target_(std::move(target)), request_number_(request_number) {}
  responder(responder&&) noexcept = default;
  responder& operator=(responder&& other) noexcept {
    if (this != &other) {
      abandon();
      target_ = std::move(other.target_);
      request_number_ = other.request_number_;
    }
    return *this;
  }
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;
  ~responder() { abandon(); }

  void operator()(response answer) {
    if (auto target = std::move(target_)) target->reply(request_number_, std::move(answer));
  }
  /// True until it is called or moved from.
  explicit operator bool() const { return target_ != nullptr; }

 private:
  void abandon() noexcept;

  std::shared_ptr<reply_target> target_;
  std::uint64_t request_number_ = 0;
};

}  // namespace stoa::http
