#pragma once
// Looks at a store from outside, the sandbox bank's ledger and the mail folder among it, and tells
// what does not add up: a store in files, or one in PostgreSQL (store_files.hpp). It reads the
// tables themselves and uses none of the services' code, so that a mistake there cannot hide itself
// here.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace stoa::test {

/// What a client was told about one checkout in the end. `email` is its own for each checkout: by
/// it the checker finds what the store made of it.
struct told_checkout {
  std::string email;
  std::string order_id;          ///< "" when none was told
  bool confirmed = false;        ///< 201, or Confirmed when it was looked at
  bool refused = false;          ///< a final 4xx: nothing may have been sold
  bool cancel_answered = false;  ///< the cancellation was answered with 200
  bool cancel_asked = false;     ///< it was asked for, whatever came of it
};

/// Units on hand of each product that can be sold, by its id's 32 hex digits.
using stock_map = std::map<std::string, std::int64_t>;
stock_map read_stock(const std::filesystem::path& data);

/// Hex digits to the usual form of a UUID.
std::string uuid_text(std::string_view hex);

struct check_options {
  std::filesystem::path data;
  bool read_mails = true;  ///< the Maildir too, each mail once
  bool quiet = true;       ///< nothing may be open any more
  stock_map initial;       ///< before the first order; empty: as the stock ledger has it
  std::vector<told_checkout> told;
};

struct check_report {
  std::vector<std::string> violations;  ///< the first few of each kind; empty: all is right
  std::map<std::string, std::int64_t> facts;

  bool clean() const { return violations.empty(); }
  std::string text() const;
};

/// Throws std::runtime_error for files that cannot be read.
check_report check_store(const check_options& options);

/// How much is still open in the store: Pending orders, payments and notifications, events in
/// outboxes, active reservations. By name; empty when it is quiet.
std::map<std::string, std::int64_t> open_work(const std::filesystem::path& data);

/// Waits until nothing is open; false when something still is after the limit.
bool await_quiet(const std::filesystem::path& data, std::chrono::milliseconds limit);

/// For a message: what is open, and what of it still is so much later (or when all is quiet):
/// whether it is late or stuck.
std::string what_stays_open(const std::filesystem::path& data, std::chrono::milliseconds later);

}  // namespace stoa::test
