#pragma once
// What the HTTP servers count, as metrics: connections, refusals, bodies, bytes.

#include "net/http/server.hpp"

#include <string>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace stoa::front {

class edge_metrics {
 public:
  /// Adds a server under the value of the label `listener`; before requests are served. It must
  /// live as long as requests come.
  void watch(std::string name, const http::server& edge);
  /// The counts as they are now, added to `families`.
  void collect(std::vector<prometheus::MetricFamily>& families) const;

 private:
  struct watched {
    std::string name;
    const http::server* edge = nullptr;
  };
  std::vector<watched> edges_;
};

}  // namespace stoa::front
