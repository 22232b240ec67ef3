#pragma once
// Messages that carry verdicts on events, as JSON; one message carries several verdicts for one
// partition.

#include "actors/kernel/bus.hpp"
#include "net/nats/send_queue.hpp"
#include "storage/base/result.hpp"

#include <string_view>
#include <vector>

namespace stoa::nats {

/// One or more messages per partition, addressed to its relay.
std::vector<plain_message> verdict_messages(std::string_view stream,
                                            const std::vector<kernel::bus_verdict>& verdicts);
/// Error: malformed text.
result<std::vector<kernel::bus_verdict>> read_verdicts(std::string_view text);

}  // namespace stoa::nats
