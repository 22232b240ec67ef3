#pragma once
// The notification's state machine: the legal transitions. A Failed message may turn out to be
// delivered: then it becomes Sent. A text message that its provider has accepted, and could not
// deliver, becomes Failed; one that was delivered stays Sent.

#include "storage/notification/notification.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::notification {

inline constexpr std::array legal_transitions{
    std::pair{notification_status::Pending, notification_status::Sent},
    std::pair{notification_status::Pending, notification_status::Failed},
    std::pair{notification_status::Failed, notification_status::Sent},
    std::pair{notification_status::Sent, notification_status::Failed},
};

constexpr bool may_become(notification_status from, notification_status to) {
  return std::any_of(legal_transitions.begin(), legal_transitions.end(),
                     [&](const auto& t) { return t.first == from && t.second == to; });
}

}  // namespace stoa::notification
