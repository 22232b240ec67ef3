#pragma once
// Metrics of the HTTP servers: connections, rejections, bodies, bytes.

#include "net/http/server.hpp"

#include <string>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace stoa::front {

class edge_metrics {
 public:
  /// Adds a server under the value of the label `listener`; call before requests are served. It
  /// must outlive all requests.
  void watch(std::string name, const http::server& edge);
  /// Adds the current counts to `families`.
  void collect(std::vector<prometheus::MetricFamily>& families) const;

 private:
  struct watched {
    std::string name;
    const http::server* edge = nullptr;
  };
  std::vector<watched> edges_;
};

}  // namespace stoa::front
