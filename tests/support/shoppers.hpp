#pragma once
// Customers for a server that dies under them: each buys again and again, repeats what was not
// answered under the same Idempotency-Key until there is an answer, and remembers what it was told.

#include "tests/support/http_client.hpp"
#include "tests/support/store_checker.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>
#include <thread>

namespace stoa::test {

struct shopper_options {
  std::uint16_t port = 0;
  /// Further fronts of the same store: whoever gets no answer from one asks the next.
  std::vector<std::uint16_t> other_ports{};
  /// Longest wait for an answer to one request.
  std::chrono::milliseconds request_limit{10'000};
  int shoppers = 16;
  std::uint64_t seed = 1;
  std::vector<std::string> products;  ///< ids; the first ones are wanted most
  int declined_percent = 12;          ///< cards that are declined
  int silent_paid_percent = 6;        ///< the gateway is silent first, then it turns out paid
  int silent_declined_percent = 4;    ///< the same, declined
  int async_percent = 25;             ///< with `Prefer: respond-async`: told the order, then looks
  int repeat_percent = 15;            ///< repeat the answered checkout
  int cancel_percent = 12;
  std::chrono::milliseconds patience{60'000};  ///< longest wait for an answer in the end
  std::chrono::milliseconds long_wait_min{60'000};
  std::chrono::milliseconds pause{0};  ///< between two purchases of one shopper
};

/// A request that has taken its time, whether it was answered in the end or not.
struct long_wait {
  std::uint16_t port = 0;
  std::chrono::steady_clock::time_point begin;
  std::chrono::steady_clock::time_point end;
  std::string what;
};

struct shopping_result {
  std::vector<told_checkout> told;
  std::vector<long_wait> waits;  ///< of more than shopper_options::long_wait_min
  std::chrono::milliseconds longest_wait{0};
  std::vector<std::string> complaints;  ///< answers that no server may give; the first few
  std::map<std::string, std::int64_t> counts;
};

class shoppers {
 public:
  explicit shoppers(shopper_options options) : options_(std::move(options)) {}
  ~shoppers() { finish(); }
  shoppers(const shoppers&) = delete;
  shoppers& operator=(const shoppers&) = delete;

  void start();
  /// Begins no more purchases and waits for the end of those begun: the server must be up.
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

/// The settings of a server that is killed: pauses and time limits of tests, not of a store.
std::vector<std::pair<std::string, std::string>> hasty_settings();

}  // namespace stoa::test
