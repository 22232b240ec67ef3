#pragma once
// Events as CloudEvents 1.0, bound to NATS in binary mode: the attributes are headers, the data is
// the message's payload.

#include "actors/kernel/bus.hpp"
#include "net/nats/headers.hpp"
#include "storage/base/result.hpp"

#include <string_view>
#include <vector>

namespace stoa::nats {

/// The headers of an event sent at that time, without its signature. The payload is sent unchanged.
header_list headers_of(std::string_view stream, const kernel::published& what, timestamp sent);
/// Names of the signed headers, in the order of headers_of().
const std::vector<const char*>& signed_headers();

/// Reads an event from an untrusted message. Error (400) `malformed_event` with the reason: a
/// header is missing or malformed, the low-water mark exceeds the event's number, or the subject is
/// that of another event. The subscriber validates the payload.
result<kernel::published> read_event(std::string_view stream, std::string_view subject,
                                     const header_lookup& find, std::string_view payload);

}  // namespace stoa::nats
