#pragma once
// Audits a store from outside, including the sandbox bank's ledger and the mail folder, and reports
// violations: a store in files, or one in PostgreSQL (store_files.hpp). It reads the tables
// directly and uses none of the services' code, so that a fault there cannot hide here.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace stoa::test {

/// A client's final result of one checkout. `email` is unique per checkout: the checker finds the
/// order by it.
struct reported_checkout {
  std::string email;
  std::string order_id;          ///< "" when none was returned
  bool confirmed = false;        ///< 201, or Confirmed on a later read
  bool refused = false;          ///< a final 4xx: nothing may have been sold
  bool cancel_answered = false;  ///< the cancellation was answered with 200
  bool cancel_asked = false;     ///< a cancellation was requested, whatever its result
};

/// Units on hand of each product that can be sold, by its id's 32 hex digits.
using stock_map = std::map<std::string, std::int64_t>;
stock_map read_stock(const std::filesystem::path& data);

/// Hex digits to the usual form of a UUID.
std::string uuid_text(std::string_view hex);

struct check_options {
  std::filesystem::path data;
  bool read_mails = true;  ///< the mail folder too, each mail once
  bool quiet = true;       ///< no open work is allowed
  stock_map initial;       ///< before the first order; empty: as the stock ledger has it
  std::vector<reported_checkout> reported;
  std::filesystem::path gateway_ledger{};  ///< of the gateway simulator; empty: the sandbox's
};

struct check_report {
  std::vector<std::string> violations;  ///< the first few of each kind; empty: none
  std::map<std::string, std::int64_t> facts;

  bool clean() const { return violations.empty(); }
  std::string text() const;
};

/// Throws std::runtime_error for files that cannot be read.
check_report check_store(const check_options& options);

/// Counts the open work in the store: Pending orders, payments and notifications, events in
/// outboxes, active reservations. By name; empty when there is none.
std::map<std::string, std::int64_t> open_work(const std::filesystem::path& data);

/// Waits until no work is open; false on timeout.
bool await_quiet(const std::filesystem::path& data, std::chrono::milliseconds limit);

/// For a message: what is open, and what remains open after the limit (or when all is quiet), to
/// distinguish slow from stuck.
std::string what_stays_open(const std::filesystem::path& data, std::chrono::milliseconds later);

}  // namespace stoa::test
