#pragma once
// Settings of clusters under test: shorter pauses and limits than in production.

#include "tests/support/shoppers.hpp"

namespace stoa::test {

/// Maximum duration of a request: its deadline plus a checkout's wait for its outcome.
inline constexpr std::chrono::milliseconds request_deadline{3000};
inline constexpr std::chrono::milliseconds checkout_wait{1500};

inline environment short_cluster_timeouts() {
  auto all = short_timeouts();
  const environment more{
      {"STOA_HTTP_REQUEST_TIMEOUT_MS", std::to_string(request_deadline.count())},
      {"STOA_ORDER_CHECKOUT_WAIT_MS", std::to_string(checkout_wait.count())},
      {"STOA_CLUSTER_HEARTBEAT_MS", "200"},
      {"STOA_CLUSTER_DEAD_AFTER_MS", "1500"},
      {"STOA_CLUSTER_LEASE_MS", "2000"},
      {"STOA_CLUSTER_RESOLVE_MS", "300"},
      {"STOA_POSTGRES_WRITERS", "2"},
      {"STOA_POSTGRES_CONNECT_TIMEOUT_MS", "1000"},
      {"STOA_POSTGRES_STATEMENT_TIMEOUT_MS", "3000"},
      {"STOA_REDIS_TIMEOUT_MS", "1000"},
  };
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace stoa::test
