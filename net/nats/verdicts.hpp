#pragma once
// Verdicts on events as messages: all that have gathered for one partition travel together, as
// JSON.

#include "actors/kernel/bus.hpp"
#include "net/nats/send_queue.hpp"
#include "storage/base/result.hpp"

#include <string_view>
#include <vector>

namespace stoa::nats {

/// The messages that carry the verdicts, each to its partition's relay.
std::vector<plain_message> verdict_messages(std::string_view stream,
                                            const std::vector<kernel::bus_verdict>& verdicts);
/// Error: the text is none of ours.
result<std::vector<kernel::bus_verdict>> read_verdicts(std::string_view text);

}  // namespace stoa::nats
