#pragma once
// The sandbox bank's own books: one SQLite file outside the services' databases, as a bank would
// keep it. What a key was answered is stored before it is answered, so that a repeat gets the same
// answer.

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

/// `pending`: waits for the customer's confirmation; `authorized`: reserved, not captured.
enum class charge_state { paid, declined, canceled, pending, authorized };
BOOST_DESCRIBE_ENUM(charge_state, paid, declined, canceled, pending, authorized)

/// One charge as the books have it.
struct ledger_entry {
  std::string key;
  std::string order_id;
  money amount;
  charge_state status = charge_state::declined;
  std::int64_t refunded = 0;  ///< minor units of the charge's currency, at most its amount
  std::string transaction_id;
  std::string code;  ///< why it was not paid
};
BOOST_DESCRIBE_STRUCT(ledger_entry, (),
                      (key, order_id, amount, status, refunded, transaction_id, code))

/// SQLite refused: the batch at hand is not in the books.
class ledger_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The books, open for writing; one thread at a time. The operations belong between begin() and
/// commit(); each may throw ledger_failure, after which rollback() leaves the books as they were.
class ledger {
 public:
  /// Opens or creates the file and its folder. With a store's id, a new ledger gets it. Errors: not
  /// a ledger, another version's, another store's, not writable.
  static result<ledger> open(const std::filesystem::path& file, const std::string& store_id = {});
  /// Gives the ledger to another store: for an operator who has accepted a loss. Errors as above.
  static result<void> give_to(const std::filesystem::path& file, const std::string& store_id);
  ledger(ledger&&) noexcept;
  ledger& operator=(ledger&&) noexcept;
  ~ledger();

  void begin();
  void commit();
  void rollback() noexcept;

  /// What was decided, and whether the bank keeps silent this first time (tok_timeout...).
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

/// All charges in the order in which they came, for checkers: reads the file from outside, also
/// while a bank writes it. Throws ledger_failure.
std::vector<ledger_entry> read_ledger(const std::filesystem::path& file);

}  // namespace stoa::gateways
