#pragma once
// The right to answer one request, once, from any thread.

#include "net/http/message.hpp"

#include <memory>
#include <utility>

namespace stoa::http {

/// Where an answer goes. The server's connections are such; tests bring their own.
class reply_target {
 public:
  virtual ~reply_target() = default;
  /// Takes the answer to the request of that number; an answer that comes too late is dropped.
  /// Called from any thread.
  virtual void reply(std::uint64_t request_number, response answer) = 0;
};

/// Move-only; call it once with the response. Later calls do nothing: the first answer stands.
/// Destroyed without having been called, it answers 500, so that no client waits for nothing.
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
  /// True until it has been called or moved from.
  explicit operator bool() const { return target_ != nullptr; }

 private:
  void abandon() noexcept;

  std::shared_ptr<reply_target> target_;
  std::uint64_t request_number_ = 0;
};

}  // namespace stoa::http
