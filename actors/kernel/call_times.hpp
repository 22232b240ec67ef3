#pragma once
// The duration of calls to external systems: a histogram by operation and outcome.

#include "storage/base/time.hpp"

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace stoa::kernel {

/// Thread-safe. Does nothing without a registry.
class call_times {
 public:
  /// `longest` is the timeout of a call: the buckets reach up to it.
  call_times(prometheus::Registry* registry, const std::string& name, const std::string& help,
             microseconds longest);
  ~call_times();
  call_times(const call_times&) = delete;
  call_times& operator=(const call_times&) = delete;

  /// An empty operation adds no label.
  void observe(const std::string& operation, const std::string& outcome, microseconds took);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::kernel
