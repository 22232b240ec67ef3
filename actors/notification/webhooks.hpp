#pragma once
// Outgoing webhooks: the part of the Notification service that keeps endpoints and their
// deliveries. Its commands and events are decided like all others of the service;
// webhook_effects.hpp passes the requests to the sender.

#include "actors/kernel/decision.hpp"
#include "actors/notification/webhook_messages.hpp"
#include "actors/notification/webhook_payloads.hpp"
#include "actors/notification/webhook_rules.hpp"
#include "storage/notification/notification.hpp"

namespace stoa::kernel {
struct expiry;
}
namespace stoa::notification {

/// An event that endpoints can receive.
template <class E>
concept webhook_event = boost::mp11::mp_contains<webhook_events, E>::value;

class webhooks {
 public:
  using commands = boost::mp11::mp_list<create_webhook, change_webhook, set_webhook_status,
                                        rotate_webhook_secret, delete_webhook, test_webhook,
                                        replay_webhook_delivery, send_due_webhook, webhook_result>;
  using queries = boost::mp11::mp_list<list_webhooks, get_webhook, list_webhook_deliveries_query,
                                       get_webhook_delivery, find_replayable_webhooks>;
  using records = notification_records;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit webhooks(webhook_options options) : options_(std::move(options)) {}

  void needs(const create_webhook& m, need_list& list, const records&) const;
  result<sealed_webhook> decide(const create_webhook&, decision&) const;
  void needs(const change_webhook& m, need_list& list, const records&) const;
  result<webhook_view> decide(const change_webhook&, decision&) const;
  void needs(const set_webhook_status& m, need_list& list, const records&) const;
  result<webhook_view> decide(const set_webhook_status&, decision&) const;
  void needs(const rotate_webhook_secret& m, need_list& list, const records&) const;
  result<sealed_webhook> decide(const rotate_webhook_secret&, decision&) const;
  void needs(const delete_webhook& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const delete_webhook&, decision&) const;
  void needs(const test_webhook& m, need_list& list, const records&) const;
  result<webhook_delivery_view> decide(const test_webhook&, decision&) const;
  void needs(const replay_webhook_delivery& m, need_list& list, const records&) const;
  result<webhook_delivery_view> decide(const replay_webhook_delivery&, decision&) const;
  void needs(const send_due_webhook& m, need_list& list, const records& loaded) const;
  result<kernel::nothing> decide(const send_due_webhook&, decision&) const;
  void needs(const webhook_result& m, need_list& list, const records& loaded) const;

  result<webhook_list> read(const list_webhooks&, const kernel::call_context&,
                            db::connection&) const;
  result<webhook_view> read(const get_webhook&, const kernel::call_context&, db::connection&) const;
  result<webhook_delivery_page> read(const list_webhook_deliveries_query&,
                                     const kernel::call_context&, db::connection&) const;
  result<webhook_delivery_detail> read(const get_webhook_delivery&, const kernel::call_context&,
                                       db::connection&) const;
  result<webhook_delivery_page> read(const find_replayable_webhooks&, const kernel::call_context&,
                                     db::connection&) const;

  static std::vector<const kernel::expiry*> expiring();

 protected:
  /// What an event needs: the endpoints and, if one of them receives it, the deliveries about its
  /// subject.
  template <webhook_event E>
  void need_for(const E& e, need_list& list, const records& loaded) const {
    need_for(E::name, subject_of_event(e), list, loaded);
  }
  /// Creates a delivery of the event for each endpoint that receives it.
  template <webhook_event E>
  void announce_webhooks(const E& e, decision& d) const {
    const auto body = [&](timestamp at) {
      return webhook_body(E::name, at, json::write(webhook_data_of(e)));
    };
    announce_webhooks(E::name, subject_of_event(e), body, d);
  }
  /// Applies the result of an attempt. Returns the endpoint if it was disabled.
  const webhook_endpoint_row* settle(const webhook_result& m, decision& d) const;
  /// Adds the deliveries that are due.
  void add_due(kernel::due_work& work, db::connection& c, timestamp now) const;

  const webhook_options& webhook_settings() const { return options_; }

 private:
  using body_maker = std::function<std::string(timestamp)>;
  void need_for(std::string_view type, stoa::webhook_subject_id subject, need_list& list,
                const records& loaded) const;
  void announce_webhooks(std::string_view type, stoa::webhook_subject_id subject,
                         const body_maker& body, decision& d) const;
  webhook_delivery_row& add_delivery(const webhook_endpoint_row& endpoint,
                                     const webhook_message_row& message,
                                     stoa::webhook_subject_id subject, decision& d) const;
  void send(webhook_delivery_row& delivery, decision& d) const;
  void finish(webhook_delivery_row& delivery, webhook_delivery_status status, decision& d) const;
  void need_next_message(stoa::webhook_id webhook, stoa::webhook_subject_id subject,
                         need_list& list, const records& loaded) const;
  const webhook_endpoint_row* settle_failure(const webhook_result& m,
                                             webhook_delivery_row& delivery, decision& d) const;
  void disable(webhook_endpoint_row& endpoint, webhook_disabled_reason reason, decision& d) const;

  webhook_options options_;
};

/// The endpoint as staff see it.
webhook_view view_of(const webhook_endpoint_row& e);
webhook_delivery_view view_of(const webhook_delivery_row& d);

}  // namespace stoa::notification
