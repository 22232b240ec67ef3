#pragma once
// Events as CloudEvents 1.0, bound to NATS in binary mode: the attributes are headers, the data is
// the message's payload.

#include "actors/kernel/bus.hpp"
#include "storage/base/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::nats {

/// Names of the headers. The bare ones are NATS' and CloudEvents', the others what our own
/// subscribers need besides.
namespace header {
inline constexpr const char* message_id = "Nats-Msg-Id";
inline constexpr const char* content_type = "content-type";
inline constexpr const char* spec_version = "ce-specversion";
inline constexpr const char* id = "ce-id";
inline constexpr const char* source = "ce-source";
inline constexpr const char* type = "ce-type";
inline constexpr const char* time = "ce-time";
inline constexpr const char* subject = "ce-subject";
inline constexpr const char* traceparent = "ce-traceparent";
inline constexpr const char* lane = "stoa-lane";
inline constexpr const char* seq = "stoa-seq";
inline constexpr const char* low_water = "stoa-low-water";
}  // namespace header

using header_list = std::vector<std::pair<const char*, std::string>>;

/// The headers of an event; its payload goes as it is.
header_list headers_of(std::string_view stream, const kernel::published& what);

/// Finds a header; a null pointer when there is none.
using header_lookup = std::function<const char*(const char* name)>;

/// The event of a message from anybody. Error (400) `malformed_event` with what is wrong: a header
/// is missing or unreadable, or the message stands under another event's subject. The payload is
/// not looked at: the subscriber reads it.
result<kernel::published> read_event(std::string_view stream, std::string_view subject,
                                     const header_lookup& find, std::string_view payload);

}  // namespace stoa::nats
