#pragma once
// The AsyncAPI 3.0 document, generated from the event types: what third parties receive from the
// broker when the store's events are published over NATS (setting events.bus).

#include <string>
#include <string_view>

namespace stoa::front {

/// `stream`: the setting nats.stream, the first word of all subjects.
std::string make_asyncapi(std::string_view stream);

}  // namespace stoa::front
