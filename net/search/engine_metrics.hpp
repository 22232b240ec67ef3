#pragma once
// Metrics of the search engine.

#include <cstdint>
#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace stoa::search {

/// Which search has answered.
enum class answered_by { engine, builtin };

/// Thread-safe. Does nothing without a registry.
class engine_metrics {
 public:
  explicit engine_metrics(prometheus::Registry* registry);
  ~engine_metrics();
  engine_metrics(const engine_metrics&) = delete;
  engine_metrics& operator=(const engine_metrics&) = delete;

  /// A request to the engine has ended: `search`, `bulk` or `index`, and how.
  void ended(const std::string& operation, const std::string& outcome);
  void answered(answered_by who);
  /// Whether searches are sent to the engine.
  void available(bool yes);
  void queue(std::int64_t length);
  void sent(std::int64_t documents);
  void rejected(std::int64_t documents);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::search
