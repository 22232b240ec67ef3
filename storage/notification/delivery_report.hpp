#pragma once
// What a provider of text messages reports after it has accepted a message.

#include "storage/db/records.hpp"

namespace stoa::notification {

enum class delivery_state { Sent, Delivered, Undelivered, Failed };
BOOST_DESCRIBE_ENUM(delivery_state, Sent, Delivered, Undelivered, Failed)

using report_id = stoa::id<struct delivery_report_tag>;

/// One report; append-only. A message has at most one for each state.
struct delivery_report_row {
  static constexpr const char* table = "delivery_reports";
  static constexpr std::size_t key_columns = 1;
  notification::report_id report_id;  ///< report_of(provider, message_id, state)
  stoa::notification_id notification_id;
  std::string provider;
  std::string message_id;  ///< the provider's
  delivery_state state = delivery_state::Sent;
  std::optional<std::string> error_code;  ///< the provider's
  timestamp reported_at;
};
BOOST_DESCRIBE_STRUCT(delivery_report_row, (),
                      (report_id, notification_id, provider, message_id, state, error_code,
                       reported_at))

/// The id of that report: a UUIDv8 (RFC 9562) from a hash of the arguments.
notification::report_id report_of(std::string_view provider, std::string_view message_id,
                                  delivery_state state);

}  // namespace stoa::notification
