#pragma once
// The content of `stoa top`: tables from the nodes' reports, with rates from two samples.

#include "actors/kernel/node_state.hpp"
#include "net/cli/top_screen.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace stoa::cli {

class top_view {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds a new sample.
  void add(std::vector<kernel::node_state> nodes, time_point when);
  /// The tables; `error`: why there is no newer sample, empty: there is one.
  std::vector<screen_line> lines(const std::string& url, const std::string& error,
                                 time_point now) const;

 private:
  using partition_name =
      std::tuple<std::string, std::string, std::int64_t>;  ///< node, service, partition
  struct counters {
    std::int64_t batches = 0;
    std::int64_t messages = 0;
  };
  struct rate {
    double batches = 0;   ///< per second
    double messages = 0;  ///< per second
  };
  using service_name = std::pair<std::string, std::string>;  ///< node, service

  void add_services(std::vector<screen_line>& to) const;
  std::vector<std::string> service_row(const kernel::node_state& n,
                                       const kernel::service_state& s) const;

  std::vector<kernel::node_state> nodes_;
  std::optional<time_point> seen_;
  std::map<partition_name, counters> counted_;
  std::optional<std::map<service_name, rate>> rates_;  ///< empty before the second sample
};

}  // namespace stoa::cli
