#pragma once
// Metrics of imports over HTTP.

#include "actors/catalog/import_effects.hpp"

#include <memory>

namespace prometheus {
class Registry;
}

namespace stoa::shopify {

/// Thread-safe.
class import_metrics {
 public:
  explicit import_metrics(prometheus::Registry& registry);
  ~import_metrics();
  import_metrics(const import_metrics&) = delete;
  import_metrics& operator=(const import_metrics&) = delete;

  void begun();
  void left();  ///< finished, or handed over to another node
  void ended(const catalog::count_import& import);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::shopify
