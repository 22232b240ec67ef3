#pragma once
// The webhooks that one face of the simulator has to deliver: a table in the file of
// simulator_ledger.hpp.

#include "net/gateway/sqlite_file.hpp"
#include "storage/base/time.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace stoa::simulator {

/// One delivery of an event.
struct delivery {
  std::int64_t number = 0;
  std::string body;
};

/// One thread at a time, between begin() and commit() of the simulator_ledger. Each operation may
/// throw gateways::ledger_failure.
class delivery_queue {
 public:
  /// Creates the table if it does not exist.
  delivery_queue(gateways::sqlite_file& file, const std::string& table);

  /// Due at once. With `disorder` it is late, and half of the events are sent twice.
  void add(const std::string& body, timestamp now, std::mt19937* disorder);
  /// Takes deliveries that are due; each is due again at `retry` unless it is confirmed before.
  std::vector<delivery> take_due(timestamp now, timestamp retry);
  void confirm(std::int64_t number);

 private:
  void insert(const std::string& body, timestamp due);

  gateways::sqlite_statement insert_, due_, postpone_, confirm_;
};

}  // namespace stoa::simulator
