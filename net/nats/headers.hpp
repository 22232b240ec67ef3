#pragma once
// Headers of messages sent through the broker.

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace stoa::nats {

/// Header names. Those with the prefix "stoa-" are needed by Stoa's subscribers only; the others
/// are defined by NATS and CloudEvents.
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

/// Looks up a header; null if it is absent.
using header_lookup = std::function<const char*(const char* name)>;

}  // namespace stoa::nats
