#pragma once
// The orders and payment tokens of PayPal's face of the simulator, and its webhooks to deliver; in
// the file of simulator_ledger.hpp, whose transactions they belong to.

#include "net/gateway/sqlite_file.hpp"
#include "net/gateway_simulator/paypal_objects.hpp"
#include "net/gateway_simulator/simulator_ledger.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoa::simulator {

/// One thread at a time, between begin() and commit() of the simulator_ledger. Each operation may
/// throw gateways::ledger_failure.
class paypal_ledger {
 public:
  explicit paypal_ledger(gateways::sqlite_file& file);
  ~paypal_ledger();
  paypal_ledger(const paypal_ledger&) = delete;
  paypal_ledger& operator=(const paypal_ledger&) = delete;

  std::optional<paypal_record> find(const std::string& order);
  /// The order of a capture, an authorisation or a refund.
  std::optional<paypal_record> find_by_payment(const std::string& payment);
  /// In order of creation; created before `end`.
  std::vector<paypal_record> created_before(timestamp end);
  void save(const paypal_record& order);
  void add_payment(const std::string& payment, const std::string& order);

  /// A payment token, also one that does not exist yet or any more.
  std::optional<paypal_token_record> find_token(const std::string& id);
  /// Those of the customer that exist, oldest first.
  std::vector<paypal_token_record> tokens_of(const std::string& customer);
  void save(const paypal_token_record& token);
  /// The token exists from `due` on.
  void plan(const paypal_token_record& token, timestamp due);
  /// Those that are due, which are not planned any more.
  std::vector<paypal_token_record> take_due_tokens(timestamp now);

  /// The events to deliver.
  delivery_queue& deliveries() { return deliveries_; }

 private:
  struct statements;
  delivery_queue deliveries_;
  std::unique_ptr<statements> sql_;
};

/// All payment tokens in order of creation, as below.
std::vector<paypal_token_record> read_paypal_tokens(const std::filesystem::path& file);
/// All orders in order of creation, for checkers; also while a simulator writes the file. Throws
/// gateways::ledger_failure.
std::vector<paypal_record> read_paypal_ledger(const std::filesystem::path& file);

}  // namespace stoa::simulator
