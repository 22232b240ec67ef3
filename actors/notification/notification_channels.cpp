// Text messages and push messages, and the subscriptions to the latter.

#include "actors/notification/notification_parts.hpp"
#include "actors/notification/recipients.hpp"
#include "storage/base/phone.hpp"
#include "storage/notification/notification_store.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

using kernel::applied;
using kernel::call_context;

/// Reports that are recorded for one notification; a provider sends a few.
constexpr std::size_t reports_max = 64;

bool is_owner(const call_context& context, stoa::user_id user) {
  return context.who.is_user() && context.who.user == user;
}

push_subscription_view view_of(const push_subscription_row& s) {
  return {s.subscription_id, s.endpoint, s.created_at};
}

bool is_final_failure(delivery_state s) {
  return s == delivery_state::Undelivered || s == delivery_state::Failed;
}

std::string failure_text(const delivery_report_row& r) {
  std::string text = "The SMS provider could not deliver the message";
  if (r.error_code) text += ": error " + *r.error_code;
  return text + ".";
}

bool has_report(const std::vector<const delivery_report_row*>& reports, delivery_state state) {
  return std::ranges::any_of(reports, [&](const auto* r) { return r->state == state; });
}

/// The report that makes the message Failed; null if there is none, or a copy was delivered.
const delivery_report_row* failure_in(const std::vector<const delivery_report_row*>& reports) {
  if (has_report(reports, delivery_state::Delivered)) return nullptr;
  const auto found =
      std::ranges::find_if(reports, [](const auto* r) { return is_final_failure(r->state); });
  return found == reports.end() ? nullptr : *found;
}

}  // namespace

// --- creation and sending
// ------------------------------------------------------------------------

void notification_service::need_subscriptions(const order::order_summary& about,
                                              need_list& list) const {
  if (options_.push.kinds.empty() || !about.user_id) return;
  list.add<&push_subscription_row::user_id>(*about.user_id);
}

void notification_service::announce(decision& d, short_kind kind, const order::order_summary& about,
                                    const order_mail& content) const {
  if (!options_.sms.kinds.contains(kind) && !options_.push.kinds.contains(kind)) return;
  const auto text = short_text(kind, content, style_of(options_, about.locale, d.now));
  const auto is_wanted = [&](notification_type channel) {
    return !has_switched_off(d, about, enum_name(kind), channel);
  };
  if (options_.sms.kinds.contains(kind) && is_wanted(notification_type::SMS)) {
    if (auto number = e164_of(about.phone.value_or(""))) {
      add_short(d, notification_type::SMS, std::move(*number), kind, about,
                text_message(options_.store_name, text));
    }
  }
  if (!options_.push.kinds.contains(kind) || !about.user_id) return;
  if (!is_wanted(notification_type::Push)) return;
  for (const auto* s :
       d.of<push_subscription_row>().where<&push_subscription_row::user_id>(*about.user_id)) {
    add_short(d, notification_type::Push, s->subscription_id.str(), kind, about, text);
  }
}

void notification_service::add_short(decision& d, notification_type type, std::string recipient,
                                     short_kind kind, const order::order_summary& about,
                                     const std::string& text) const {
  notification_row made;
  made.notification_id = d.new_id<stoa::notification_id>();
  made.user_id = about.user_id;
  made.order_id = about.order_id;
  made.type = type;
  made.recipient = std::move(recipient);
  made.subject = one_line(options_.store_name);
  made.message = text;
  made.template_name = std::string(enum_name(kind));
  made.created_at = d.now;
  auto& n = d.of<notification_row>().insert(std::move(made));
  add_log(d, n, std::nullopt);
  send(d, n);
}

void notification_service::send_short(decision& d, notification_row& n) const {
  const bool is_sms = n.type == notification_type::SMS;
  outgoing message{
      n.notification_id.str(), n.recipient, "", n.subject, n.message, "", n.created_at};
  if (!is_sms) {
    const auto id = notification::subscription_id::parse(n.recipient);
    const auto* s = id ? d.of<push_subscription_row>().find(*id) : nullptr;
    // It may belong to another user now.
    if (!s || s->user_id != n.user_id) {
      move_to(n, notification_status::Failed);
      return add_log(d, n, "The push subscription does not exist any more.");
    }
    message.to = json::write(push_address{s->endpoint, {s->p256dh, s->auth}});
    if (!options_.order_url.empty() && n.order_id) {
      message.url = options_.order_url + n.order_id->str();
    }
  }
  const auto& channel = is_sms ? options_.sms : options_.push;
  n.next_attempt_at = d.now + channel.timeout + options_.send_margin;
  d.effect(send_notification{n.notification_id, n.type, std::move(message)});
}

std::int64_t notification_service::attempts_max(notification_type type) const {
  if (type == notification_type::SMS) return options_.sms.attempts_max;
  return type == notification_type::Push ? options_.push.attempts_max : options_.attempts_max;
}

void notification_service::need_more(stoa::notification_id id, need_list& list,
                                     const records& loaded) const {
  const auto* n = loaded.of<notification_row>().find(id);
  if (!n || n->type == notification_type::Email) return;
  if (n->type == notification_type::SMS) {
    return list.add<&delivery_report_row::notification_id>(id);
  }
  if (const auto subscription = notification::subscription_id::parse(n->recipient)) {
    list.add<&push_subscription_row::subscription_id>(*subscription);
  }
}

// --- events
// ----------------------------------------------------------------------------------------

void notification_service::needs(const order::order_action_required& e, need_list& list,
                                 const records&) const {
  if (e.order) need_subscriptions(*e.order, list);
}

/// Only by short messages: a checkout that waits shows it, and an email would arrive too late.
applied notification_service::decide(const order::order_action_required& e, decision& d) const {
  if (!e.order) return std::nullopt;
  announce(d, short_kind::action_required, *e.order, content_of(options_, *e.order));
  return std::nullopt;
}

void notification_service::needs(const user::user_deleted& e, need_list& list,
                                 const records&) const {
  list.add<&push_subscription_row::user_id>(e.user_id);
  list.add<&opt_out_row::owner>(owner_of(e.user_id, {}));
  list.add<&consent_row::user_id>(e.user_id);
}

applied notification_service::decide(const user::user_deleted& e, decision& d) const {
  for (const auto* s :
       d.of<push_subscription_row>().where<&push_subscription_row::user_id>(e.user_id)) {
    d.of<push_subscription_row>().erase(s->subscription_id);
  }
  forget_choices(d, e.user_id);
  d.of<consent_row>().erase(e.user_id);
  return std::nullopt;
}

// --- reports of SMS providers
// --------------------------------------------------------------------

void notification_service::needs(const receive_delivery_report& m, need_list& list,
                                 const records&) const {
  list.add<&notification_row::notification_id>(m.notification_id);
  list.add<&delivery_report_row::notification_id>(m.notification_id);
}

result<report_receipt> notification_service::decide(const receive_delivery_report& m,
                                                    decision& d) const {
  const auto* found = d.of<notification_row>().find(m.notification_id);
  if (!found || found->type != notification_type::SMS) return report_receipt{};
  auto& all = d.of<delivery_report_row>();
  const auto id = report_of(m.provider, m.message_id, m.state);
  if (all.find(id)) return report_receipt{report_outcome::repeated};
  if (all.where<&delivery_report_row::notification_id>(m.notification_id).size() >= reports_max) {
    return report_receipt{};
  }
  all.insert({id, m.notification_id, m.provider, m.message_id, m.state, m.error_code, d.now});
  const auto reports = all.where<&delivery_report_row::notification_id>(m.notification_id);
  if (const auto* failure = failure_in(reports)) {
    if (found->status == notification_status::Failed)
      return report_receipt{report_outcome::applied};
    auto& n = d.of<notification_row>().edit(m.notification_id);
    move_to(n, notification_status::Failed);
    add_log(d, n, failure_text(*failure));
  } else if (found->status != notification_status::Sent) {
    auto& n = d.of<notification_row>().edit(m.notification_id);
    move_to(n, notification_status::Sent);
    n.sent_at = d.now;
    add_log(d, n, std::nullopt);
  }
  return report_receipt{report_outcome::applied};
}

bool notification_service::is_undeliverable(decision& d, const notification_row& n) const {
  return n.type == notification_type::SMS && n.status == notification_status::Failed &&
         failure_in(d.of<delivery_report_row>().where<&delivery_report_row::notification_id>(
             n.notification_id)) != nullptr;
}

std::vector<delivery_report_view> notification_service::reports_of_message(
    db::connection& c, stoa::notification_id id) {
  std::vector<delivery_report_view> views;
  for (auto& r : read_delivery_reports(c, id)) {
    views.push_back({std::move(r.provider), std::move(r.message_id), r.state,
                     std::move(r.error_code), r.reported_at});
  }
  return views;
}

// --- subscriptions to push messages
// --------------------------------------------------------------

void notification_service::remove_subscription(decision& d, const notification_row& n) const {
  const auto id = notification::subscription_id::parse(n.recipient);
  if (n.type != notification_type::Push || !id) return;
  if (d.of<push_subscription_row>().find(*id)) d.of<push_subscription_row>().erase(*id);
}

void notification_service::needs(const put_push_subscription& m, need_list& list,
                                 const records&) const {
  list.add<&push_subscription_row::subscription_id>(subscription_of(m.endpoint));
  list.add<&push_subscription_row::user_id>(m.user_id);
}

result<push_subscription_view> notification_service::decide(const put_push_subscription& m,
                                                            decision& d) const {
  if (!is_owner(d.context, m.user_id)) return not_found("user");
  auto& all = d.of<push_subscription_row>();
  const auto id = subscription_of(m.endpoint);
  const auto mine = all.where<&push_subscription_row::user_id>(m.user_id);
  const auto* known = all.find(id);
  if ((!known || known->user_id != m.user_id) && mine.size() >= push_subscriptions_max) {
    return problem{
        problem_kind::validation,
        "too_many_push_subscriptions",
        "A user has at most " + std::to_string(push_subscriptions_max) + " push subscriptions.",
        {}};
  }
  if (!known) {
    return view_of(all.insert({id, m.user_id, m.endpoint, m.p256dh, m.auth, d.now}));
  }
  if (known->user_id == m.user_id && known->p256dh == m.p256dh && known->auth == m.auth) {
    return view_of(*known);
  }
  auto& s = all.edit(id);
  if (s.user_id != m.user_id) s.created_at = d.now;
  s.user_id = m.user_id;
  s.p256dh = m.p256dh;
  s.auth = m.auth;
  return view_of(s);
}

void notification_service::needs(const delete_push_subscription& m, need_list& list,
                                 const records&) const {
  list.add<&push_subscription_row::subscription_id>(m.subscription_id);
}

result<kernel::nothing> notification_service::decide(const delete_push_subscription& m,
                                                     decision& d) const {
  const auto* found = d.of<push_subscription_row>().find(m.subscription_id);
  if (!found || found->user_id != m.user_id || !is_owner(d.context, m.user_id)) {
    return not_found("push subscription");
  }
  d.of<push_subscription_row>().erase(m.subscription_id);
  return kernel::nothing{};
}

result<push_subscription_list> notification_service::read(const list_push_subscriptions& q,
                                                          const call_context& context,
                                                          db::connection& c) const {
  if (!is_owner(context, q.user_id)) return not_found("user");
  push_subscription_list list;
  for (const auto& s : read_push_subscriptions(c, q.user_id)) list.data.push_back(view_of(s));
  return list;
}

}  // namespace stoa::notification
