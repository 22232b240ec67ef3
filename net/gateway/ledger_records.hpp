#pragma once
// Reads the sandbox's ledger for reviews and for the reconciliation, through a separate connection.

#include "actors/payment/gateway.hpp"
#include "net/gateway/sqlite_file.hpp"

#include <filesystem>
#include <string>

namespace stoa::gateways {

/// One thread at a time. Each call throws ledger_failure.
class ledger_records {
 public:
  /// The ledger must exist.
  explicit ledger_records(const std::filesystem::path& file);

  /// The refunds of a charge. The sandbox has no disputes.
  payment::gateway_activity activity_of(const std::string& key);
  payment::list_page list(const payment::list_request& request);

 private:
  void list_charges(const payment::list_request& request, payment::list_page& page);
  void list_refunds(const payment::list_request& request, payment::list_page& page);

  sqlite_file file_;
  sqlite_statement refunds_of_;
  sqlite_statement charges_;
  sqlite_statement refunds_;
};

}  // namespace stoa::gateways
