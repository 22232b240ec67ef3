#pragma once
// Metrics of exports over HTTP.

#include "actors/catalog/export_job_messages.hpp"

#include <memory>

namespace prometheus {
class Registry;
}

namespace stoa::shopify {

/// Thread-safe.
class export_metrics {
 public:
  explicit export_metrics(prometheus::Registry& registry);
  ~export_metrics();
  export_metrics(const export_metrics&) = delete;
  export_metrics& operator=(const export_metrics&) = delete;

  void ended(const catalog::count_export& one);

  /// An export runs on this node while this exists. The metrics may be null.
  class running_scope {
   public:
    explicit running_scope(export_metrics* of);
    ~running_scope();
    running_scope(const running_scope&) = delete;
    running_scope& operator=(const running_scope&) = delete;

   private:
    export_metrics* of_;
  };

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::shopify
