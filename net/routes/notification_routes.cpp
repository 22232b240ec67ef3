#include "actors/notification/notification_messages.hpp"
#include "actors/user/user_messages.hpp"
#include "config/log.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/notification_bodies.hpp"
#include "net/routes/paging.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace stoa::notification;
using response_task = task<http::response>;

struct notification_list_query {
  std::optional<notification_status> status;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {
      {.field = "status", .description = "Notifications with this status."},
      limit_rule,
      cursor_rule};
};
BOOST_DESCRIBE_STRUCT(notification_list_query, (), (status, limit, cursor))

response_task listed_notifications(exchange& x, notification_list_query q, bool all) {
  list_notifications_query query;
  query.all = all;
  query.status = q.status;
  query.before = cursor_id<stoa::notification_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  query.count = x.shape.count;
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_notification(exchange& x, none) {
  get_notification query{x.path_id<stoa::notification_id>("notification_id", "notification")};
  auto notification = co_await x.ask(std::move(query));
  co_return x.cacheable(notification);
}

response_task send_again(exchange& x, none) {
  resend_notification command{x.path_id<stoa::notification_id>("notification_id", "notification")};
  auto made = co_await x.command(std::move(command));
  if (!x.replayed) {
    log::info("notification sent again", {{"notification_id", made.notification_id.str()},
                                          {"resend_of", made.resend_of->str()},
                                          {"caller", x.context.who.str()},
                                          {"request_id", x.context.request_id}});
  }
  auto r = x.with_etag(x.json(201, made));
  r.headers.emplace_back("Location", "/admin/v1/notifications/" + made.notification_id.str());
  co_return r;
}

response_task read_preferences(exchange& x, none) {
  get_preferences query{x.context.who.user};
  auto found = co_await x.ask(std::move(query));
  co_return x.json(200, found);
}

bool wants_marketing(const preferences_body& body) {
  return std::ranges::any_of(body.data, [](const preference_choice& c) {
    return c.category == notification_category::marketing && c.enabled;
  });
}

response_task replace_preferences(exchange& x, preferences_body body) {
  std::optional<marketing_contact> contact;
  if (wants_marketing(body)) {
    user::get_contact query{x.context.who.user};
    auto account = co_await x.ask(std::move(query));
    contact = {std::move(account.email), std::move(account.locale)};
  }
  set_preferences command{x.context.who.user, std::move(body.data), std::move(contact)};
  auto changed = co_await x.command(std::move(command));
  co_return x.json(200, changed);
}

response_task list_all_templates(exchange& x, none) {
  list_templates query;
  auto all = co_await x.ask(std::move(query));
  co_return x.json(200, all);
}

response_task preview(exchange& x, preview_body body) {
  preview_template query{x.path_value("type"), canonical_locale(body.locale),
                         std::move(body.values).value_or(preview_values{}), body.channel};
  auto rendered = co_await x.ask(std::move(query));
  co_return x.json(200, rendered);
}

void add_template_routes(routes& r) {
  r.get<none, template_list>("/admin/v1/notification-templates",
                             {.id = "admin_list_notification_templates",
                              .tag = "admin",
                              .summary = "List the templates of notifications with their variables",
                              .who = access::staff},
                             list_all_templates);
  r.post<preview_body, rendered_view>(
      "/admin/v1/notification-templates/{type}/preview",
      {.id = "admin_preview_notification_template",
       .tag = "admin",
       .summary = "Render a template with sample values; nothing is sent",
       .description = "404 for a type that is not sent over the channel.",
       .who = access::staff,
       .errors = {404},
       .reject_cards = true},
      preview);
}

void add_preference_routes(routes& r) {
  r.get<none, preference_list>("/store/v1/users/me/notification-preferences",
                               {.id = "get_my_notification_preferences",
                                .tag = "users",
                                .summary = "Get which notifications I receive",
                                .who = access::user},
                               read_preferences);
  r.put<preferences_body, preference_list>(
      "/store/v1/users/me/notification-preferences",
      {.id = "set_my_notification_preferences",
       .tag = "users",
       .summary = "Choose which notifications I receive",
       .description =
           "Replaces all choices. Receipts, changes of orders and security notices "
           "cannot be switched off: 422 `required_category`. `marketing` is off unless it "
           "is listed as enabled.",
       .who = access::user},
      replace_preferences);
}

}  // namespace

void add_notification_routes(routes& r) {
  r.get<notification_list_query, notification_page>(
      "/store/v1/users/me/notifications",
      {.id = "list_my_notifications",
       .tag = "users",
       .summary = "List my notifications, newest first",
       .who = access::user,
       .cost = list_cost},
      [](exchange& x, notification_list_query q) {
        return listed_notifications(x, std::move(q), false);
      });
  r.get<notification_list_query, notification_page>(
      "/admin/v1/notifications",
      {.id = "admin_list_notifications",
       .tag = "admin",
       .summary = "List all notifications, newest first",
       .who = access::staff,
       .cost = list_cost},
      [](exchange& x, notification_list_query q) {
        return listed_notifications(x, std::move(q), true);
      });
  r.get<none, notification_detail_view>("/admin/v1/notifications/{notification_id}",
                                        {.id = "admin_get_notification",
                                         .tag = "admin",
                                         .summary = "Get a notification with all its attempts",
                                         .who = access::staff,
                                         .success = {200, 304},
                                         .errors = {404}},
                                        read_notification);
  r.post<none, notification_detail_view>(
      "/admin/v1/notifications/{notification_id}/resend",
      {.id = "admin_resend_notification",
       .tag = "admin",
       .summary = "Send a notification again",
       .description = "Creates a new notification with the same content, which contains the id of "
                      "the first one and the caller. 409 `notification_pending` while the first "
                      "one is still being sent.",
       .who = access::staff,
       .success = {201},
       .errors = {404, 409},
       .answer_fields = {"Location"}},
      send_again);
  add_template_routes(r);
  add_preference_routes(r);
}

}  // namespace stoa::front
