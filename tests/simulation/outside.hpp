#pragma once
// Systems outside the process, which survive its crashes: a bank and a mailbox, both behind a
// network that delays, loses and repeats messages.

#include "actors/notification/channel.hpp"
#include "actors/payment/gateway.hpp"
#include "tests/simulation/random.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stoa::simulation {

/// A pending action that the scheduler may pick.
struct happening {
  std::string what;  ///< for the trace; empty when it is not recorded
  std::function<void()> happen;
  timestamp forget_at{INT64_MAX};  ///< no longer in transit after this
};
using bag = std::vector<happening>;

/// The course of an external call. `process` performs the action and returns the answer.
template <class Answer>
class unreliable_call {
 public:
  using process_function = std::function<Answer()>;
  using callback = std::function<void(Answer)>;

  unreliable_call(random_source& random, bag& later) : random_(random), later_(later) {}

  /// `unknown` is the answer when the network cannot determine the outcome.
  void make(const process_function& process, const callback& done, const Answer& unknown) {
    switch (random_.below(12)) {
      case 0:
        return;  // The request is lost.
      case 1:
        return done(unknown);  // The request is lost, and the caller is notified.
      case 2:
        process();
        return;  // Processed; the answer is lost.
      case 3:
        process();
        return done(unknown);
      case 4: {  // Processed; the answer is late.
        auto answer = process();
        return put("late answer", [done, answer] { done(answer); });
      }
      case 5:  // The request is delayed.
        return put("late request", [done, process] { done(process()); });
      case 6:  // As before; its caller has received an unknown outcome.
        put("very late request", [process] { process(); });
        return done(unknown);
      case 7: {  // Answered twice.
        auto answer = process();
        put("second answer", [done, answer] { done(answer); });
        return done(answer);
      }
      case 8:  // The request arrives twice.
        put("repeated request", [process] { process(); });
        return done(process());
      default:
        return done(process());
    }
  }

 private:
  void put(const char* what, std::function<void()> happen) {
    later_.push_back({what, std::move(happen)});
  }

  random_source& random_;
  bag& later_;
};

/// A charge in the bank's books under one key.
struct charge_entry {
  std::string order_id;
  std::string token;
  money amount;
  payment::gateway_status status = payment::gateway_status::declined;
  std::string code;
  std::int64_t refunded = 0;
};

/// The payment token of a purchase, by its unique email address.
inline std::string token_of(const std::string& email) {
  return "tok_" + email;
}

/// The card gateway. The first outcome under a key is final.
class simulated_bank final : public payment::gateway {
 public:
  simulated_bank(random_source& random, bag& later) : random_(random), call_(random, later) {}

  void authorize(payment::authorize_request request, callback done) override;
  void capture(payment::capture_request request, callback done) override;
  void void_authorization(payment::void_request request, callback done) override;
  void refund(payment::refund_request request, callback done) override;
  void look_up(payment::lookup_request request, callback done) override;
  void stop() override {}

  /// From now on every call is processed and answered at once.
  void calm() { calm_ = true; }
  const std::map<std::string, charge_entry>& charges() const { return charges_; }

 private:
  void perform(const std::function<payment::gateway_answer()>& process, const callback& done);
  payment::gateway_answer settle_charge(const payment::authorize_request& r);
  payment::gateway_answer settle_cancel(const std::string& key);
  payment::gateway_answer settle_refund(const payment::refund_request& r);

  random_source& random_;
  unreliable_call<payment::gateway_answer> call_;
  bool calm_ = false;
  std::map<std::string, charge_entry> charges_;
  std::map<std::string, payment::gateway_answer> refunds_;
};

/// Delivered mails by key: a repeated key is the same mail.
class simulated_mailbox final : public notification::channel {
 public:
  simulated_mailbox(random_source& random, bag& later) : call_(random, later) {}

  void send(notification::outgoing message, callback done) override;
  void stop() override {}

  void calm() { calm_ = true; }
  const std::map<std::string, notification::outgoing>& mails() const { return mails_; }

 private:
  unreliable_call<std::optional<notification::send_failure>> call_;
  bool calm_ = false;
  std::map<std::string, notification::outgoing> mails_;
};

}  // namespace stoa::simulation
