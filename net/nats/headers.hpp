#pragma once
// Headers of messages at the broker.

#include <functional>
#include <string>
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
inline constexpr const char* partition = "stoa-partition";
inline constexpr const char* seq = "stoa-seq";
inline constexpr const char* low_water = "stoa-low-water";
inline constexpr const char* sent = "stoa-sent";
inline constexpr const char* signature = "stoa-signature";
inline constexpr const char* outbox = "stoa-outbox";
inline constexpr const char* outbox_signature = "stoa-outbox-signature";
}  // namespace header

using header_list = std::vector<std::pair<const char*, std::string>>;

/// Finds a header; a null pointer when there is none.
using header_lookup = std::function<const char*(const char* name)>;

}  // namespace stoa::nats
