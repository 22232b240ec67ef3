#include "actors/kernel/define_service.hpp"
#include "actors/notification/notification_effects.hpp"
#include "actors/notification/notification_service.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "storage/notification/notification_store.hpp"
#include "storage/notification/webhook_store.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

/// Period of the count of Failed notifications, which are final.
constexpr microseconds failures_watched = std::chrono::hours{24};

webhook_options webhook_options_of(const webhook_settings& s) {
  webhook_options o;
  o.timeout = milliseconds{s.timeout_ms};
  o.retry_min = milliseconds{s.retry_ms_min};
  o.retry_max = milliseconds{s.retry_ms_max};
  o.retry_for = seconds{s.retry_for_s};
  o.disable_after = seconds{s.disable_after_s};
  o.retention = seconds{s.retention_s};
  o.notice_email = s.notice_email;
  return o;
}

/// The endpoints are few. A disabled one does not count as late: it was reported when it was
/// disabled.
void measure_webhooks(db::connection& c, timestamp now, kernel::service_figures& f) {
  f.webhooks_disabled = 0;
  f.webhook_oldest_pending_s = 0;
  for (const auto& e : list_webhook_endpoints(c)) {
    if (e.status == webhook_status::Disabled) {
      ++*f.webhooks_disabled;
      continue;
    }
    const auto age = kernel::age_s(oldest_pending_webhook_delivery(c, e.webhook_id), now);
    f.webhook_oldest_pending_s = std::max(*f.webhook_oldest_pending_s, age);
  }
}

}  // namespace

notification_options options_of(const settings& all) {
  notification_options o;
  o.store_name = all.store.name;
  o.mail_from = all.notification.mail_from;
  o.verification_url = all.auth.verification_url;
  const auto retries = retry_schedule_of(all.notification);
  o.retry_min = milliseconds{retries.ms_min};
  o.retry_max = milliseconds{retries.ms_max};
  o.attempts_max = retries.attempts_max;
  o.currency = all.store.currency;
  o.unsubscribe_url = all.notification.unsubscribe_url;
  const auto& roles = all.node.services;
  const bool runs_here = std::ranges::any_of(
      roles, [](const auto& r) { return r == "all" || r == notification_service::name; });
  if (runs_here) {
    o.templates = std::make_shared<template_source>(all.notification.templates_dir);
  }
  o.send_timeout = mail_limits_of(all.notification).timeout;
  const auto& n = all.notification;
  if (n.sms != "none") o.sms.kinds = short_kinds_of(n.sms_events);
  o.sms.timeout = short_limits(n.sms_timeout_ms).timeout;
  o.sms.attempts_max = n.sms_attempts_max;
  if (n.push != "none") o.push.kinds = short_kinds_of(n.push_events);
  o.push.timeout = short_limits(n.push_timeout_ms).timeout;
  o.push.attempts_max = n.push_attempts_max;
  o.store_locale = all.store.locale;
  o.order_url = n.order_url;
  o.webhooks = webhook_options_of(all.webhooks);
  return o;
}

kernel::service_definition definition_of(const notification_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_notifications_query, list_webhook_deliveries_query,
                  find_replayable_webhooks>();
  d.set_may_lag<list_notifications_query>();
  d.reload = [templates = service.templates()] {
    const auto errors = templates->reload();
    for (const auto& e : errors) log::error("invalid template", {{"error", e}});
    if (!errors.empty()) log::error("the previous templates stay in use");
  };
  d.measure = [](db::connection& c, timestamp now, kernel::service_figures& f) {
    f.oldest_pending_s = kernel::age_s(oldest_pending(c), now);
    f.overdue_s = kernel::age_s(earliest_attempt(c), now);
    f.failed = failed_since(c, now - failures_watched);
    measure_webhooks(c, now, f);
  };
  return d;
}

}  // namespace stoa::notification
