#pragma once
// The Notification service: messages about orders and accounts, and webhooks (webhooks.hpp). Pure
// functions over its records; notification_effects.hpp passes the messages to the channels.

#include "actors/kernel/decision.hpp"
#include "actors/notification/marketing_messages.hpp"
#include "actors/notification/notification_messages.hpp"
#include "actors/notification/preference_messages.hpp"
#include "actors/notification/short_texts.hpp"
#include "actors/notification/templates.hpp"
#include "actors/notification/webhooks.hpp"
#include "actors/order/order_events.hpp"
#include "actors/user/user_events.hpp"

namespace stoa {
struct settings;
}

namespace stoa::notification {

/// The longest wait that a server can ask for before the next attempt.
inline constexpr microseconds retry_after_max = std::chrono::hours{1};

/// A channel of short messages.
struct short_channel_options {
  short_kinds kinds{};  ///< that are sent; none: the channel is not used
  microseconds timeout = seconds{10};
  std::int64_t attempts_max = 20;  ///< failed attempts before a notification is Failed
};

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
  short_channel_options sms{};
  short_channel_options push{};
  std::string store_locale = "en";  ///< BCP 47; of customers whose language is unknown
  std::string order_url{};        ///< the order's id is appended; empty: push messages open nothing
  std::string currency = "EUR";   ///< of previews
  std::string unsubscribe_url{};  ///< the token is appended; empty: mails have no such link
  std::shared_ptr<template_source> templates = std::make_shared<template_source>();
  webhook_options webhooks{};
};

class notification_service : public webhooks {
 public:
  static constexpr std::string_view name = "notification";
  using records = notification_records;
  using commands = boost::mp11::mp_append<
      boost::mp11::mp_list<delivery_result, retry_notification, receive_delivery_report,
                           put_push_subscription, delete_push_subscription, resend_notification,
                           set_preferences, unsubscribe, create_missing, create_announcement,
                           cancel_announcement, advance_announcement>,
      webhooks::commands>;
  using subscriptions = boost::mp11::mp_list<
      order::order_confirmed, order::order_cancelled, order::order_shipped, order::order_delivered,
      order::order_refunded, user::account_mail, user::user_deleted, user::contact_changed,
      order::order_action_required, order::order_payment_awaited, payment::payment_failed,
      payment::payment_capture_declined, payment::payment_refund_reversed,
      payment::payment_dispute_opened, payment::payment_dispute_closed, catalog::stock_low>;
  using events = boost::mp11::mp_list<>;
  using queries = boost::mp11::mp_append<
      boost::mp11::mp_list<list_notifications_query, get_notification, list_push_subscriptions,
                           get_preferences, list_templates, preview_template,
                           list_announcements_query, get_announcement>,
      webhooks::queries>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit notification_service(const notification_options& options)
      : webhooks(options.webhooks), options_(options) {}

  using webhooks::decide;
  using webhooks::needs;
  using webhooks::read;
  /// The result of an attempt; a mail reports that the endpoint was disabled.
  result<kernel::nothing> decide(const webhook_result&, decision&) const;

  const std::shared_ptr<template_source>& templates() const { return options_.templates; }

  void needs(const delivery_result& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const delivery_result&, decision&) const;
  void needs(const retry_notification& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const retry_notification&, decision&) const;

  void needs(const receive_delivery_report& m, need_list& list, const records&) const;
  result<report_receipt> decide(const receive_delivery_report&, decision&) const;
  void needs(const put_push_subscription& m, need_list& list, const records&) const;
  result<push_subscription_view> decide(const put_push_subscription&, decision&) const;
  void needs(const delete_push_subscription& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const delete_push_subscription&, decision&) const;
  void needs(const resend_notification& m, need_list& list, const records& loaded) const;
  result<notification_detail_view> decide(const resend_notification&, decision&) const;
  void needs(const create_missing& m, need_list& list, const records&) const;
  result<kernel::event_applied> decide(const create_missing&, decision&) const;
  void needs(const set_preferences& m, need_list& list, const records&) const;
  result<preference_list> decide(const set_preferences&, decision&) const;
  void needs(const unsubscribe& m, need_list& list, const records& loaded) const;
  result<kernel::nothing> decide(const unsubscribe&, decision&) const;

  void needs(const create_announcement& m, need_list& list, const records&) const;
  result<announcement_view> decide(const create_announcement&, decision&) const;
  void needs(const cancel_announcement& m, need_list& list, const records&) const;
  result<announcement_view> decide(const cancel_announcement&, decision&) const;
  void needs(const advance_announcement& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const advance_announcement&, decision&) const;

  void needs(const user::user_deleted& e, need_list& list, const records&) const;
  void needs(const user::contact_changed& e, need_list& list, const records&) const;
  void needs(const order::order_action_required& e, need_list& list, const records&) const;
  void needs(const order::order_shipped& e, need_list& list, const records&) const;
  void needs(const order::order_delivered& e, need_list& list, const records&) const;
  template <class Event>
  void needs(const Event& e, need_list& list, const records& loaded) const {
    if constexpr (requires { e.order.user_id; }) need_subscriptions(e.order, list);
    if constexpr (webhook_event<Event>) need_for(e, list, loaded);
  }
  /// Of events that only endpoints of webhooks receive.
  template <webhook_event E>
  kernel::applied decide(const E& e, decision& d) const {
    announce_webhooks(e, d);
    return std::nullopt;
  }
  kernel::applied decide(const order::order_confirmed&, decision&) const;
  kernel::applied decide(const order::order_cancelled&, decision&) const;
  kernel::applied decide(const order::order_shipped&, decision&) const;
  kernel::applied decide(const order::order_delivered&, decision&) const;
  kernel::applied decide(const order::order_refunded&, decision&) const;
  kernel::applied decide(const order::order_payment_awaited&, decision&) const;
  kernel::applied decide(const user::account_mail&, decision&) const;
  kernel::applied decide(const user::user_deleted&, decision&) const;
  kernel::applied decide(const user::contact_changed&, decision&) const;
  kernel::applied decide(const order::order_action_required&, decision&) const;

  result<notification_page> read(const list_notifications_query&, const kernel::call_context&,
                                 db::connection&) const;
  result<notification_detail_view> read(const get_notification&, const kernel::call_context&,
                                        db::connection&) const;
  result<push_subscription_list> read(const list_push_subscriptions&, const kernel::call_context&,
                                      db::connection&) const;

  result<preference_list> read(const get_preferences&, const kernel::call_context&,
                               db::connection&) const;
  result<template_list> read(const list_templates&, const kernel::call_context&,
                             db::connection&) const;
  result<rendered_view> read(const preview_template&, const kernel::call_context&,
                             db::connection&) const;

  result<announcement_page> read(const list_announcements_query&, const kernel::call_context&,
                                 db::connection&) const;
  result<announcement_detail_view> read(const get_announcement&, const kernel::call_context&,
                                        db::connection&) const;

  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  void notify(decision&, mail_kind, const order::order_summary&, order_mail content) const;
  void notify_optional(decision&, mail_kind, const order::order_summary&) const;
  timestamp latest_attempt(timestamp now) const;
  void send(decision&, notification_row&) const;
  void announce_to(decision&, const announcement_row&, const consent_row& to) const;
  void report_disabled(decision&, const webhook_endpoint_row&) const;

  // Text messages and push messages (notification_channels.cpp).
  void announce(decision&, short_kind, const order::order_summary&,
                const order_mail& content) const;
  void add_short(decision&, notification_type, std::string recipient, short_kind,
                 const order::order_summary&, const std::string& text) const;
  void send_short(decision&, notification_row&) const;
  void need_subscriptions(const order::order_summary&, need_list&) const;
  /// What the answer about a text message or push message needs.
  void need_more(stoa::notification_id, need_list&, const records& loaded) const;
  void remove_subscription(decision&, const notification_row&) const;
  /// Whether the SMS provider has reported that it cannot deliver the message.
  bool is_undeliverable(decision&, const notification_row&) const;
  static std::vector<delivery_report_view> reports_of_message(db::connection&,
                                                              stoa::notification_id);
  std::int64_t attempts_max(notification_type) const;

  notification_options options_;
};

/// The rendered template, with samples for values that are absent. not_found for a type that is not
/// sent over the channel.
result<rendered_view> preview_of(const notification_options& options, const preview_template& what,
                                 timestamp date);
/// The options from the settings.
notification_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const notification_service& service);

}  // namespace stoa::notification
