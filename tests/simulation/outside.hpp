#pragma once
// The network to systems outside the process, which survive its crashes: it delays, loses and
// repeats messages. The mailbox is one of them; the bank is in bank.hpp.

#include "actors/notification/channel.hpp"
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
  timestamp due_at{};              ///< not before this
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
