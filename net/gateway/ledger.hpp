#pragma once
// The ledger of the sandbox gateway: an SQLite file separate from the services' databases. The
// answer to a key is stored before it is returned, so that a retry gets the same answer.

#include "actors/payment/gateway.hpp"
#include "storage/base/result.hpp"
#include "storage/base/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace stoa::gateways {

/// `pending`: awaits the customer's confirmation; `authorized`: reserved, not captured.
enum class charge_state { paid, declined, canceled, pending, authorized };
BOOST_DESCRIBE_ENUM(charge_state, paid, declined, canceled, pending, authorized)

/// A charge in the ledger.
struct ledger_entry {
  std::string key;
  std::string order_id;
  money amount;
  charge_state status = charge_state::declined;
  std::int64_t refunded = 0;  ///< minor units of the charge's currency, at most its amount
  std::string transaction_id;
  std::string code;  ///< reason why it was not paid
};
BOOST_DESCRIBE_STRUCT(ledger_entry, (),
                      (key, order_id, amount, status, refunded, transaction_id, code))

/// An SQLite error: the current batch was not stored.
class ledger_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The ledger, open for writing; one thread at a time. Operations belong between begin() and
/// commit(). Each may throw ledger_failure; rollback() then discards the batch.
class ledger {
 public:
  /// Opens or creates the file and its directory. `store_id` is recorded in a new ledger. Errors:
  /// not a ledger, another version's, another store's, not writable.
  static result<ledger> open(const std::filesystem::path& file, const std::string& store_id = {});
  /// Assigns the ledger to another store, after an operator has accepted a loss. Errors as above.
  static result<void> assign_to(const std::filesystem::path& file, const std::string& store_id);
  ledger(ledger&&) noexcept;
  ledger& operator=(ledger&&) noexcept;
  ~ledger();

  void begin();
  void commit();
  void rollback() noexcept;

  /// The answer, and whether to withhold it this first time (tok_timeout...).
  struct outcome {
    payment::gateway_answer answer;
    bool silent = false;
  };
  outcome authorize(const payment::authorize_request& request, timestamp now);
  payment::gateway_answer capture(const payment::capture_request& request, timestamp now);
  payment::gateway_answer void_authorization(const std::string& key, timestamp now);
  payment::gateway_answer refund(const payment::refund_request& request, timestamp now);
  payment::gateway_answer look_up(const std::string& key, timestamp now);

 private:
  struct impl;
  explicit ledger(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

/// All charges in order of creation, for checkers. Reads the file independently, even while a
/// gateway writes it. Throws ledger_failure.
std::vector<ledger_entry> read_ledger(const std::filesystem::path& file);

}  // namespace stoa::gateways
