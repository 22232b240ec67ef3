#pragma once
// Events as CloudEvents 1.0, bound to NATS in binary mode: the attributes are headers, the data is
// the message's payload.

#include "actors/kernel/bus.hpp"
#include "net/nats/headers.hpp"
#include "storage/base/result.hpp"

#include <string_view>
#include <vector>

namespace stoa::nats {

/// The headers of an event that is sent at that time, but for its signature; its payload goes as it
/// is.
header_list headers_of(std::string_view stream, const kernel::published& what, timestamp sent);
/// Their names, in the same order: all of them are signed.
const std::vector<const char*>& signed_headers();

/// The event of a message from anybody. Error (400) `malformed_event` with what is wrong: a header
/// is missing or unreadable, the low-water mark lies beyond the event itself, or the message stands
/// under another event's subject. The payload is not looked at: the subscriber reads it.
result<kernel::published> read_event(std::string_view stream, std::string_view subject,
                                     const header_lookup& find, std::string_view payload);

}  // namespace stoa::nats
