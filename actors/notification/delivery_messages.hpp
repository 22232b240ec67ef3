#pragma once
// Reports of SMS providers on the delivery of messages.

#include "actors/kernel/message.hpp"
#include "storage/notification/delivery_report.hpp"

namespace stoa::notification {

struct delivery_report_view {
  static constexpr std::string_view schema_name = "delivery_report";
  std::string provider;
  std::string message_id;
  delivery_state state = delivery_state::Sent;
  std::optional<std::string> error_code;
  timestamp reported_at;
};
BOOST_DESCRIBE_STRUCT(delivery_report_view, (),
                      (provider, message_id, state, error_code, reported_at))

/// What a report changed: it was recorded, it had been recorded before, or no message sent by this
/// store has that id.
enum class report_outcome { applied, repeated, ignored };
BOOST_DESCRIBE_ENUM(report_outcome, applied, repeated, ignored)

struct report_receipt {
  static constexpr std::string_view schema_name = "delivery_report_receipt";
  report_outcome outcome = report_outcome::ignored;
};
BOOST_DESCRIBE_STRUCT(report_receipt, (), (outcome))

/// Records a verified report. Reports may arrive repeatedly and in any order: a delivered message
/// stays Sent.
struct receive_delivery_report {
  static constexpr std::string_view name = "notification.receive_report";
  using reply = report_receipt;
  stoa::notification_id notification_id;
  std::string provider;
  std::string message_id;
  delivery_state state = delivery_state::Sent;
  std::optional<std::string> error_code;
};
BOOST_DESCRIBE_STRUCT(receive_delivery_report, (),
                      (notification_id, provider, message_id, state, error_code))

}  // namespace stoa::notification
