#pragma once
// What a store says about its webhooks: the events that its orders have caused, and the log of
// their deliveries. Read from the tables, as store_checker.hpp does.

#include "tests/support/store_files.hpp"
#include "tests/support/webhook_receiver.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::test {

/// The events of all orders, according to their histories and payments.
order_events events_of_orders(const std::filesystem::path& data);

struct webhook_log {
  std::vector<std::string> violations;
  std::int64_t deliveries = 0;
  std::int64_t attempts = 0;
  /// Received requests whose results are not in the log: the node or its commit has failed.
  std::int64_t interrupted = 0;
};

/// Compares the log of the store's only endpoint with all that it has received. Violations: an
/// event is not Delivered, has no successful attempt, or lacks attempts that it counts; a response
/// is logged that the receiver has not sent.
webhook_log read_webhook_log(const std::filesystem::path& data,
                             const std::vector<received_webhook>& received);

/// Creates an endpoint for the events of events_of_orders(), as the administrator `root` of the
/// front at the port; returns its secret. Throws std::runtime_error.
std::string subscribe_webhook(std::uint16_t port, const std::string& url);

}  // namespace stoa::test
