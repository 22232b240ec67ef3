#include "actors/notification/notification_service.hpp"

#include "actors/notification/account_mails.hpp"
#include "actors/notification/marketing_parts.hpp"
#include "actors/notification/notification_parts.hpp"
#include "actors/notification/notification_rules.hpp"
#include "actors/notification/recipients.hpp"
#include "actors/notification/template_variables.hpp"
#include "actors/notification/webhook_notice.hpp"
#include "actors/payment/public_failure.hpp"
#include "storage/base/backoff.hpp"
#include "storage/notification/notification_store.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace stoa::notification {

namespace {

using kernel::applied;
using kernel::call_context;

constexpr std::size_t sweep_max = 256;
constexpr std::size_t restart_max = 4096;

/// Reduces the delay by up to a quarter, so that messages that failed together are not retried
/// together. The id makes the decision repeatable.
microseconds spread(microseconds delay, const notification_row& n) {
  const auto share = (n.notification_id.value.bytes.back() + 37 * n.attempts) % 256;
  return delay - delay * share / 1024;
}

notification_view view_of(notification_row n) {
  return {n.notification_id,
          n.user_id,
          n.order_id,
          n.type,
          std::move(n.recipient),
          std::move(n.subject),
          std::move(n.message),
          n.status,
          n.created_at,
          n.sent_at};
}

/// NAME of the variable cause_NAME for a declined payment.
std::string cause_of(std::string_view failure_code) {
  std::string cause(payment::public_code(failure_code));
  if (cause == "authorization_expired" || cause == "canceled") cause = "not_completed";
  if (cause == "invalid_token") cause = "instrument_unknown";
  return find_variable("cancelled", {}, "cause_" + cause) ? cause : "declined";
}

/// Why the order was cancelled. The texts of the services are in English, and that of a declined
/// payment has the gateway's code, which is for staff: the templates have sentences instead.
void explain(const order::order_cancelled& e, order_mail& content) {
  if (e.code == "payment_failed") {
    content.cause = cause_of(e.failure_code.value_or(""));
  } else if (e.code == "stock_rejected") {
    content.cause = "sold_out";
  } else if (e.code == "redemption_rejected") {
    content.cause = "promotion";
  } else if (e.code == "timeout") {
    content.cause = "not_paid";
  } else if (e.reason == order::no_reason_of_customer) {
    content.cause = "customer";
  } else if (e.reason == order::no_reason_of_store) {
    content.cause = "store";
  } else {
    content.reason = e.reason;
  }
}

notification_detail_view detail_of(const notification_row& n) {
  notification_detail_view v{n.notification_id, n.user_id,     n.order_id, n.type,
                             n.recipient,       n.subject,     n.message,  n.html,
                             n.template_name,   n.status,      n.attempts, std::nullopt,
                             n.created_at,      n.sent_at,     {},         {},
                             n.resend_of,       n.requested_by};
  if (n.status == notification_status::Pending) v.next_attempt_at = n.next_attempt_at;
  return v;
}

std::optional<std::string> text_of(const std::optional<line_properties>& properties) {
  if (!properties) return std::nullopt;
  std::string text;
  for (const auto& [name, value] : *properties) {
    text += (text.empty() ? "" : ", ") + name + ": " + value;
  }
  return text;
}

}  // namespace

order_mail content_of(const notification_options& options, const order::order_summary& about) {
  order_mail content{
      options.store_name, about.order_number, about.customer_name, {}, about.total, {}};
  for (const auto& l : about.lines) {
    content.lines.push_back({l.name, l.quantity, l.line_total, text_of(l.properties), l.note});
  }
  for (const auto& p : about.price_parts) {
    if (p.amount.amount == 0) continue;
    content.parts.push_back({p.reason, p.amount, p.kind == price_part_kind::included_tax});
  }
  content.amount_due = about.amount_due;
  content.note = about.note;
  return content;
}

mail_style style_of(const notification_options& options, const std::optional<std::string>& language,
                    timestamp date) {
  return {options.templates->current(), language.value_or(""), options.store_locale, date};
}

void add_log(notification_service::decision& d, const notification_row& n,
             std::optional<std::string> error) {
  d.of<notification_log_row>().insert(
      {d.new_id<stoa::log_id>(), n.notification_id, n.status, std::move(error), d.now});
}

void move_to(notification_row& n, notification_status to) {
  if (!may_become(n.status, to)) {
    throw std::logic_error("notification: " + std::string(enum_name(n.status)) + " cannot become " +
                           std::string(enum_name(to)));
  }
  n.status = to;
  n.next_attempt_at = {};
}

// --- events
// ----------------------------------------------------------------------------------------

void notification_service::notify(decision& d, mail_kind kind, const order::order_summary& about,
                                  order_mail content) const {
  notification_row made;
  made.notification_id = d.new_id<stoa::notification_id>();
  if (is_optional(*category_of(enum_name(kind)))) {
    content.unsubscribe_url = unsubscribe_link(options_.unsubscribe_url, made.notification_id);
  }
  auto mail = render(kind, content, style_of(options_, about.locale, d.now));
  made.user_id = about.user_id;
  made.order_id = about.order_id;
  made.recipient = about.email;
  made.subject = std::move(mail.subject);
  made.message = std::move(mail.text);
  made.html = std::move(mail.html);
  made.template_name = std::string(enum_name(kind));
  made.created_at = d.now;
  auto& n = d.of<notification_row>().insert(std::move(made));
  if (n.recipient.empty()) {
    move_to(n, notification_status::Failed);
    add_log(d, n, "The order has no email address.");
    return;
  }
  add_log(d, n, std::nullopt);
  send(d, n);
}

/// Unless the recipient has switched the category off.
void notification_service::notify_optional(decision& d, mail_kind kind,
                                           const order::order_summary& about) const {
  const auto type = std::string(enum_name(kind));
  if (!has_switched_off(d, about, type, notification_type::Email)) {
    return notify(d, kind, about, content_of(options_, about));
  }
  if (!d.of<suppressed_row>().find(about.order_id, type)) {
    d.of<suppressed_row>().insert({about.order_id, type, d.now});
  }
}

applied notification_service::decide(const order::order_confirmed& e, decision& d) const {
  const auto content = content_of(options_, e.order);
  notify(d, mail_kind::confirmed, e.order, content);
  announce(d, short_kind::confirmed, e.order, content);
  announce_webhooks(e, d);
  return std::nullopt;
}

applied notification_service::decide(const order::order_cancelled& e, decision& d) const {
  auto content = content_of(options_, e.order);
  explain(e, content);
  notify(d, mail_kind::cancelled, e.order, content);
  announce(d, short_kind::cancelled, e.order, content);
  announce_webhooks(e, d);
  return std::nullopt;
}

void notification_service::needs(const order::order_shipped& e, need_list& list,
                                 const records& loaded) const {
  need_subscriptions(e.order, list);
  need_choice(e.order, list);
  need_for(e, list, loaded);
}

applied notification_service::decide(const order::order_shipped& e, decision& d) const {
  notify_optional(d, mail_kind::shipped, e.order);
  announce(d, short_kind::shipped, e.order, content_of(options_, e.order));
  announce_webhooks(e, d);
  return std::nullopt;
}

void notification_service::needs(const order::order_delivered& e, need_list& list,
                                 const records& loaded) const {
  need_subscriptions(e.order, list);
  need_choice(e.order, list);
  need_for(e, list, loaded);
}

applied notification_service::decide(const order::order_delivered& e, decision& d) const {
  notify_optional(d, mail_kind::delivered, e.order);
  announce(d, short_kind::delivered, e.order, content_of(options_, e.order));
  announce_webhooks(e, d);
  return std::nullopt;
}

applied notification_service::decide(const order::order_refunded& e, decision& d) const {
  auto content = content_of(options_, e.order);
  content.lines.clear();
  content.parts.clear();
  content.amount_due.reset();
  for (const auto& l : e.lines.value_or(std::vector<refund_line>{})) {
    content.lines.push_back({l.name, l.quantity, l.amount, text_of(l.properties)});
  }
  content.total = e.amount;
  if (e.amount != e.order.total) content.partial_of = e.order.total;
  notify(d, mail_kind::refunded, e.order, content);
  announce(d, short_kind::refunded, e.order, content);
  announce_webhooks(e, d);
  return std::nullopt;
}

applied notification_service::decide(const order::order_payment_awaited& e, decision& d) const {
  auto content = content_of(options_, e.order);
  content.pay_until = e.pay_until;
  content.instructions = e.instructions;
  notify(d, mail_kind::payment_awaited, e.order, std::move(content));
  announce_webhooks(e, d);
  return std::nullopt;
}

/// The notification has no user: otherwise a caller could read it without access to the mailbox.
applied notification_service::decide(const user::account_mail& e, decision& d) const {
  auto mail = render(e.purpose,
                     {options_.store_name, e.first_name.value_or(""), options_.verification_url,
                      e.verification_id},
                     style_of(options_, e.locale, d.now));
  notification_row made;
  made.notification_id = d.new_id<stoa::notification_id>();
  made.recipient = e.email;
  made.subject = std::move(mail.subject);
  made.message = std::move(mail.text);
  made.html = std::move(mail.html);
  made.template_name = std::string(enum_name(e.purpose));
  made.created_at = d.now;
  auto& n = d.of<notification_row>().insert(std::move(made));
  add_log(d, n, std::nullopt);
  send(d, n);
  return std::nullopt;
}

/// A notice to the shop's own address.
void notification_service::report_disabled(decision& d, const webhook_endpoint_row& e) const {
  if (webhook_settings().notice_email.empty()) return;
  auto mail = render_disabled(e, options_.store_name);
  notification_row made;
  made.notification_id = d.new_id<stoa::notification_id>();
  made.recipient = webhook_settings().notice_email;
  made.subject = std::move(mail.subject);
  made.message = std::move(mail.text);
  made.template_name = "webhook_disabled";
  made.created_at = d.now;
  auto& n = d.of<notification_row>().insert(std::move(made));
  add_log(d, n, std::nullopt);
  send(d, n);
}

/// The latest time that a retry can be scheduled for.
timestamp notification_service::latest_attempt(timestamp now) const {
  auto longest = std::max(options_.retry_max, options_.send_timeout + options_.send_margin);
  for (const auto* channel : {&options_.sms, &options_.push}) {
    if (channel->kinds.empty()) continue;
    longest = std::max({longest, retry_after_max, channel->timeout + options_.send_margin});
  }
  return latest_due(now, longest);
}

/// Passes the message to its channel; the sweep retries it when there is no answer in time.
void notification_service::send(decision& d, notification_row& n) const {
  if (n.type != notification_type::Email) return send_short(d, n);
  n.next_attempt_at = d.now + options_.send_timeout + options_.send_margin;
  outgoing message{n.notification_id.str(),
                   n.recipient,
                   options_.mail_from,
                   n.subject,
                   n.message,
                   n.html,
                   n.created_at};
  const auto category = category_of(n.template_name);
  const bool can_unsubscribe =
      category && is_optional(*category) && !options_.unsubscribe_url.empty();
  if (can_unsubscribe) {
    message.unsubscribe_url = unsubscribe_link(options_.unsubscribe_url, n.notification_id);
  }
  if (n.resend_of) message.resend_of = n.resend_of->str();
  d.effect(send_notification{n.notification_id, n.type, std::move(message),
                             holds_token(n.template_name), can_unsubscribe});
}

// --- commands
// --------------------------------------------------------------------------------------

void notification_service::needs(const delivery_result& m, need_list& list,
                                 const records& loaded) const {
  list.add<&notification_row::notification_id>(m.notification_id);
  need_more(m.notification_id, list, loaded);
}

result<kernel::nothing> notification_service::decide(const delivery_result& m, decision& d) const {
  const auto* found = d.of<notification_row>().find(m.notification_id);
  if (m.gone && found) remove_subscription(d, *found);
  if (!found || found->status == notification_status::Sent) return kernel::nothing{};
  if (!m.error && is_undeliverable(d, *found)) return kernel::nothing{};
  if (!m.error) {
    auto& n = d.of<notification_row>().edit(m.notification_id);
    move_to(n, notification_status::Sent);
    n.sent_at = d.now;
    add_log(d, n, std::nullopt);
    return kernel::nothing{};
  }
  if (found->status == notification_status::Failed) return kernel::nothing{};
  auto& n = d.of<notification_row>().edit(m.notification_id);
  ++n.attempts;
  if (m.permanent || n.attempts >= attempts_max(n.type)) {
    move_to(n, notification_status::Failed);
  } else {
    const auto delay = spread(backoff(n.attempts, options_.retry_min, options_.retry_max), n);
    const microseconds asked = seconds{std::max<std::int64_t>(0, m.retry_after_s)};
    n.next_attempt_at = d.now + std::max(delay, std::min(asked, retry_after_max));
  }
  add_log(d, n, m.error);
  return kernel::nothing{};
}

void notification_service::needs(const retry_notification& m, need_list& list,
                                 const records& loaded) const {
  list.add<&notification_row::notification_id>(m.notification_id);
  need_more(m.notification_id, list, loaded);
  if (const auto* n = loaded.of<notification_row>().find(m.notification_id)) need_consent(*n, list);
}

result<kernel::nothing> notification_service::decide(const retry_notification& m,
                                                     decision& d) const {
  const auto* found = d.of<notification_row>().find(m.notification_id);
  if (!found || found->status != notification_status::Pending) return kernel::nothing{};
  const bool waits =
      found->next_attempt_at > d.now && found->next_attempt_at <= latest_attempt(d.now);
  if (!m.starting && waits) return kernel::nothing{};
  const bool is_wanted = may_be_sent(d, *found);
  auto& n = d.of<notification_row>().edit(m.notification_id);
  if (is_wanted) {
    send(d, n);
  } else {
    move_to(n, notification_status::Failed);
    add_log(d, n, "The recipient has unsubscribed.");
  }
  return kernel::nothing{};
}

void notification_service::needs(const create_missing& m, need_list& list, const records&) const {
  list.add<&notification_row::order_id>(std::optional(m.order_id));
  need_choice(m.order, list);
}

result<kernel::event_applied> notification_service::decide(const create_missing& m,
                                                           decision& d) const {
  if (!may_see_all(d.context)) return not_found("order");
  const auto type = std::string(enum_name(m.kind));
  const auto existing =
      d.of<notification_row>().where<&notification_row::order_id>(std::optional(m.order_id));
  const bool is_known = std::ranges::any_of(
      existing, [&](const notification_row* n) { return n->template_name == type; });
  if (is_known || d.of<suppressed_row>().find(m.order_id, type)) {
    return kernel::event_applied{false};
  }
  if (m.kind == mail_kind::shipped || m.kind == mail_kind::delivered) {
    notify_optional(d, m.kind, m.order);
    return kernel::event_applied{true};
  }
  // The order does not have their content.
  if (m.kind == mail_kind::refunded || m.kind == mail_kind::payment_awaited) {
    return kernel::event_applied{false};
  }
  auto content = content_of(options_, m.order);
  if (m.kind == mail_kind::cancelled) {
    explain({m.order, m.code, m.reason, std::nullopt, m.failure_code}, content);
  }
  notify(d, m.kind, m.order, std::move(content));
  return kernel::event_applied{true};
}

void notification_service::needs(const resend_notification& m, need_list& list,
                                 const records& loaded) const {
  list.add<&notification_row::notification_id>(m.notification_id);
  need_more(m.notification_id, list, loaded);
  if (const auto* n = loaded.of<notification_row>().find(m.notification_id)) need_consent(*n, list);
}

/// A new notification, with another Message-ID: mail programs and the mail folder would discard the
/// same one as a duplicate. The header X-Stoa-Resend-Of has the first one's id.
result<notification_detail_view> notification_service::decide(const resend_notification& m,
                                                              decision& d) const {
  const auto* found = d.of<notification_row>().find(m.notification_id);
  if (!found || !may_see_all(d.context)) return not_found("notification");
  if (found->status == notification_status::Pending) {
    return conflict("notification_pending", "The notification is still being sent.");
  }
  if (found->recipient.empty()) {
    return conflict("no_recipient", "The notification has no recipient.");
  }
  if (!may_be_sent(d, *found)) {
    return conflict("unsubscribed", "The recipient has unsubscribed.");
  }
  notification_row made = *found;
  made.notification_id = d.new_id<stoa::notification_id>();
  const auto mark = unsubscribe_placeholder(made.notification_id);
  made.message = with_unsubscribe_token(std::move(made.message), m.notification_id, mark);
  made.html = with_unsubscribe_token(std::move(made.html), m.notification_id, mark);
  made.status = notification_status::Pending;
  made.attempts = 0;
  made.created_at = d.now;
  made.sent_at.reset();
  made.version = 0;
  made.resend_of = m.notification_id;
  made.requested_by = d.context.who.str();
  auto& n = d.of<notification_row>().insert(std::move(made));
  add_log(d, n, std::nullopt);
  send(d, n);
  return detail_of(n);
}

result<kernel::nothing> notification_service::decide(const webhook_result& m, decision& d) const {
  if (const auto* disabled = settle(m, d)) report_disabled(d, *disabled);
  return kernel::nothing{};
}

// --- queries
// ---------------------------------------------------------------------------------------

result<notification_page> notification_service::read(const list_notifications_query& q,
                                                     const call_context& context,
                                                     db::connection& c) const {
  if (q.all ? !may_see_all(context) : !context.who.is_user()) {
    return not_found("list of notifications");
  }
  notification_filter filter;
  if (!q.all) filter.user_id = context.who.user;
  filter.status = q.status;
  filter.before = q.before;
  filter.limit = static_cast<std::size_t>(q.limit) + 1;
  auto found = list_notifications(c, filter);
  notification_page page;
  if (q.count) page.total = count_notifications(c, filter);
  if (found.size() > static_cast<std::size_t>(q.limit)) {
    found.pop_back();
    page.next_cursor.value = found.back().notification_id.str();
  }
  for (auto& n : found) page.data.push_back(view_of(std::move(n)));
  return page;
}

result<notification_detail_view> notification_service::read(const get_notification& q,
                                                            const call_context& context,
                                                            db::connection& c) const {
  std::optional<notification_row> n;
  if (may_see_all(context)) n = read_notification(c, q.notification_id);
  if (!n) return not_found("notification");
  auto v = detail_of(*n);
  for (auto& row : read_notification_log(c, q.notification_id)) {
    v.logs.push_back({row.log_id, row.status, std::move(row.error_message), row.logged_at});
  }
  if (n->type == notification_type::SMS) v.reports = reports_of_message(c, q.notification_id);
  return v;
}

kernel::due_work notification_service::due(db::connection& c, timestamp now, bool starting) const {
  kernel::due_work work;
  for (auto id : starting ? open_notifications(c, restart_max)
                          : due_notifications(c, now, latest_attempt(now), sweep_max)) {
    work.commands.push_back(kernel::any_message::of(retry_notification{id, starting}));
  }
  add_due(work, c, now);
  add_due_announcements(work, c);
  return work;
}

}  // namespace stoa::notification
