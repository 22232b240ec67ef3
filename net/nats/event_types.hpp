#pragma once
// All events that the store publishes, for the AsyncAPI document and for the bus's consumers.

#include "storage/base/json_schema.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stoa::nats {

struct event_type {
  std::string_view source;  ///< the service that publishes it
  std::string_view type;    ///< "order.placed"
  std::string_view summary;
  /// The schema of its payload.
  std::string (*schema)(json::schema_set& schemas);
};

const std::vector<event_type>& event_types();

}  // namespace stoa::nats
