#pragma once
// The Notification service: mails about orders and accounts. Pure functions over its records;
// notification_effects.hpp passes the messages to the channels.

#include "actors/kernel/decision.hpp"
#include "actors/notification/notification_messages.hpp"
#include "actors/notification/templates.hpp"
#include "actors/order/order_events.hpp"
#include "actors/user/user_events.hpp"

namespace stoa {
struct settings;
}

namespace stoa::notification {

struct notification_options {
  std::string store_name = "Stoa demo store";
  std::string mail_from = "Stoa demo store <store@localhost>";
  std::string verification_url{};  ///< the token is appended; empty: only the token is shown
  microseconds send_timeout = seconds{10};
  /// Added to the timeout before the sweep retries an unanswered message.
  microseconds send_margin = seconds{2};
  microseconds retry_min = milliseconds{500};
  microseconds retry_max = seconds{300};
  std::int64_t attempts_max = 8;  ///< failed attempts before a notification is Failed
};

class notification_service {
 public:
  static constexpr std::string_view name = "notification";
  using records = notification_records;
  using commands = boost::mp11::mp_list<delivery_result, retry_notification>;
  using subscriptions =
      boost::mp11::mp_list<order::order_confirmed, order::order_cancelled, order::order_shipped,
                           order::order_delivered, order::order_refunded, user::account_mail>;
  using events = boost::mp11::mp_list<>;
  using queries = boost::mp11::mp_list<list_notifications_query, get_notification>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit notification_service(notification_options options) : options_(std::move(options)) {}

  void needs(const delivery_result& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const delivery_result&, decision&) const;
  void needs(const retry_notification& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const retry_notification&, decision&) const;

  template <class Event>
  void needs(const Event&, need_list&, const records&) const {}
  kernel::applied decide(const order::order_confirmed&, decision&) const;
  kernel::applied decide(const order::order_cancelled&, decision&) const;
  kernel::applied decide(const order::order_shipped&, decision&) const;
  kernel::applied decide(const order::order_delivered&, decision&) const;
  kernel::applied decide(const order::order_refunded&, decision&) const;
  kernel::applied decide(const user::account_mail&, decision&) const;

  result<notification_page> read(const list_notifications_query&, const kernel::call_context&,
                                 db::connection&) const;
  result<notification_detail_view> read(const get_notification&, const kernel::call_context&,
                                        db::connection&) const;

  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  void notify(decision&, mail_kind, const order::order_summary&, const money& total,
              std::string reason) const;
  timestamp latest_attempt(timestamp now) const;
  void send(decision&, notification_row&) const;

  notification_options options_;
};

/// The options from the settings.
notification_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const notification_service& service);

}  // namespace stoa::notification
