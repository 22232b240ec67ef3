#pragma once
// Prometheus metrics of the media store and of thumbnails.

#include "actors/catalog/media_messages.hpp"

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace stoa::media {

/// Thread-safe. Does nothing without a registry.
class media_metrics {
 public:
  explicit media_metrics(prometheus::Registry* registry);
  ~media_metrics();
  media_metrics(const media_metrics&) = delete;
  media_metrics& operator=(const media_metrics&) = delete;

  /// `operation`: put, get or remove. `outcome`: ok, missing or failed.
  void called(const std::string& operation, const std::string& outcome, std::size_t bytes);
  void thumbnails(catalog::thumbnail_outcome outcome);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::media
