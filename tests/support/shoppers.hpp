#pragma once
// Customers of a server that is killed while they buy: each buys repeatedly, retries unanswered
// requests under the same Idempotency-Key until there is an answer, and records the outcomes.

#include "tests/support/http_client.hpp"
#include "tests/support/store_checker.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>
#include <thread>

namespace stoa::test {

/// Tokens of cards; the defaults are the sandbox's.
struct card_tokens {
  std::vector<std::string> paid{"tok_visa"};
  std::vector<std::string> declined{"tok_chargeDeclined", "tok_chargeDeclinedInsufficientFunds"};
  /// The first call is not answered, or with an error.
  std::vector<std::string> silent_paid{"tok_timeoutPaid"};
  std::vector<std::string> silent_declined{"tok_timeoutDeclined"};
};

struct shopper_options {
  std::uint16_t port = 0;
  /// Further fronts of the same store, tried when one does not answer.
  std::vector<std::uint16_t> other_ports{};
  /// Longest wait for an answer to one request.
  std::chrono::milliseconds request_limit{10'000};
  int shoppers = 16;
  std::uint64_t seed = 1;
  std::vector<std::string> products;  ///< ids; the first ones are bought most often
  card_tokens cards{};
  int declined_percent = 12;        ///< cards that are declined
  int silent_paid_percent = 6;      ///< the gateway times out first; paid
  int silent_declined_percent = 4;  ///< the gateway times out first; declined
  int async_percent = 25;           ///< with `Prefer: respond-async`: polls the order
  int repeat_percent = 15;          ///< repeat the answered checkout
  int cancel_percent = 12;
  std::vector<std::string> codes{};       ///< of promotions, which are used up; they may be
  int code_percent = 30;                  ///< with one of the codes
  std::vector<std::string> gift_cards{};  ///< codes, as above
  int gift_card_percent = 20;
  int at_once_percent = 25;                    ///< buy in one request, without a cart
  int properties_percent = 30;                 ///< items with properties
  std::chrono::milliseconds patience{60'000};  ///< longest wait for a final answer
  std::chrono::milliseconds long_wait_min{60'000};
  std::chrono::milliseconds pause{0};  ///< between two purchases of one shopper
};

/// A slow request, answered or not.
struct long_wait {
  std::uint16_t port = 0;
  std::chrono::steady_clock::time_point begin;
  std::chrono::steady_clock::time_point end;
  std::string what;
};

struct shopping_result {
  std::vector<reported_checkout> reported;
  std::vector<long_wait> waits;  ///< of more than shopper_options::long_wait_min
  std::chrono::milliseconds longest_wait{0};
  std::vector<std::string> complaints;  ///< invalid answers; the first few
  std::map<std::string, std::int64_t> counts;
};

class shoppers {
 public:
  explicit shoppers(shopper_options options) : options_(std::move(options)) {}
  ~shoppers() { finish(); }
  shoppers(const shoppers&) = delete;
  shoppers& operator=(const shoppers&) = delete;

  void start();
  /// Purchases that have ended.
  std::size_t ended() {
    const std::lock_guard lock(mutex_);
    return result_.reported.size();
  }
  /// Starts no more purchases and waits for those in progress: the server must be up.
  void finish();
  /// After finish().
  shopping_result take() { return std::move(result_); }

 private:
  friend class shopper;
  const shopper_options options_;
  std::atomic<bool> closing_ = false;
  std::mutex mutex_;
  shopping_result result_;
  std::vector<std::thread> threads_;
};

/// The settings of a server that is killed: shorter pauses and time limits than in production.
std::vector<std::pair<std::string, std::string>> short_timeouts();

}  // namespace stoa::test
