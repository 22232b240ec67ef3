#include "net/media/media_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace stoa::media {

struct media_metrics::state {
  explicit state(prometheus::Registry& r)
      : operations(prometheus::BuildCounter()
                       .Name("stoa_media_operations_total")
                       .Help("Operations on the media store, by operation and outcome")
                       .Register(r)),
        bytes(prometheus::BuildCounter()
                  .Name("stoa_media_bytes_total")
                  .Help("Bytes written to and read from the media store, by operation")
                  .Register(r)),
        images(prometheus::BuildCounter()
                   .Name("stoa_media_thumbnails_total")
                   .Help("Images whose thumbnails were made or could not be made, by outcome")
                   .Register(r)) {}

  prometheus::Family<prometheus::Counter>& operations;
  prometheus::Family<prometheus::Counter>& bytes;
  prometheus::Family<prometheus::Counter>& images;
};

media_metrics::media_metrics(prometheus::Registry* registry)
    : state_(registry ? std::make_unique<state>(*registry) : nullptr) {}
media_metrics::~media_metrics() = default;

void media_metrics::called(const std::string& operation, const std::string& outcome,
                           std::size_t bytes) {
  if (!state_) return;
  state_->operations.Add({{"operation", operation}, {"outcome", outcome}}).Increment();
  if (bytes == 0) return;
  state_->bytes.Add({{"operation", operation}}).Increment(static_cast<double>(bytes));
}

void media_metrics::thumbnails(catalog::thumbnail_outcome outcome) {
  if (!state_) return;
  state_->images.Add({{"outcome", std::string(enum_name(outcome))}}).Increment();
}

}  // namespace stoa::media
