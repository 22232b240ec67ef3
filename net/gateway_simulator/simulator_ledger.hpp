#pragma once
// The simulator's ledger: an SQLite file with the intents, the refunds, the responses to
// idempotency keys, and the events to deliver.

#include "net/gateway/sqlite_file.hpp"
#include "net/gateway_simulator/delivery_queue.hpp"
#include "net/gateway_simulator/objects.hpp"
#include "storage/base/time.hpp"

#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoa::simulator {

/// The response to the first request with an idempotency key.
struct stored_answer {
  std::string fingerprint;  ///< of the request
  int status = 0;
  std::string body;
};

/// The objects created in [from, to), older than the object `after`.
struct list_range {
  std::int64_t from = 0;  ///< seconds since 1970
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
  std::string after{};   ///< empty: the newest
  std::string intent{};  ///< of refunds and disputes; empty: of any
  std::int64_t limit = 10;
};

/// Something that happens later to an object.
struct planned_change {
  std::string kind;
  std::string id;
};

/// One thread at a time. Operations belong between begin() and commit(). Each may throw
/// gateways::ledger_failure; rollback() then discards the batch.
class simulator_ledger {
 public:
  /// Opens or creates the file and its directory. Throws gateways::ledger_failure.
  explicit simulator_ledger(const std::filesystem::path& file);
  ~simulator_ledger();
  simulator_ledger(const simulator_ledger&) = delete;
  simulator_ledger& operator=(const simulator_ledger&) = delete;

  /// For paypal_ledger.
  gateways::sqlite_file& file() { return file_; }

  void begin();
  void commit();
  void rollback() noexcept;

  std::optional<intent_record> find_intent(const std::string& id);
  void save(const intent_record& intent);
  /// Newest first, at most `limit`; the same for the lists below.
  std::vector<intent_record> intents(const list_range& range);

  std::optional<method_record> find_method(const std::string& id);
  void save(const method_record& method);
  /// The methods that are attached to the customer, oldest first.
  std::vector<method_record> methods_of(const std::string& customer);

  std::optional<customer_record> find_customer(const std::string& id);
  void save(const customer_record& customer);

  std::optional<refund_object> find_refund(const std::string& id);
  void save(const refund_object& refund);
  std::vector<refund_object> refunds(const list_range& range);

  std::optional<dispute_object> find_dispute(const std::string& id);
  void save(const dispute_object& dispute);
  std::vector<dispute_object> disputes(const list_range& range);

  void plan(const planned_change& change, timestamp due);
  /// Removes and returns the changes that are due.
  std::vector<planned_change> take_changes(timestamp now);

  std::optional<stored_answer> find_answer(const std::string& key);
  void save(const std::string& key, const stored_answer& answer);

  /// The events to deliver.
  delivery_queue& deliveries() { return deliveries_; }

 private:
  struct statements;
  gateways::sqlite_file file_;
  delivery_queue deliveries_;
  std::unique_ptr<statements> sql_;
};

/// All customers and all payment methods in order of creation, as read_simulator_ledger().
std::vector<customer_record> read_simulator_customers(const std::filesystem::path& file);
std::vector<method_record> read_simulator_methods(const std::filesystem::path& file);

/// All intents in order of creation, for checkers; also while a simulator writes the file. Throws
/// gateways::ledger_failure.
std::vector<intent_record> read_simulator_ledger(const std::filesystem::path& file);

}  // namespace stoa::simulator
