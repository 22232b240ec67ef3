#include "actors/notification/notification_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/paging.hpp"

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

response_task list_page(exchange& x, notification_list_query q, bool all) {
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

}  // namespace

void add_notification_routes(routes& r) {
  r.get<notification_list_query, notification_page>(
      "/store/v1/users/me/notifications",
      {.id = "list_my_notifications",
       .tag = "users",
       .summary = "List my notifications, newest first",
       .who = access::user,
       .cost = list_cost},
      [](exchange& x, notification_list_query q) { return list_page(x, std::move(q), false); });
  r.get<notification_list_query, notification_page>(
      "/admin/v1/notifications",
      {.id = "admin_list_notifications",
       .tag = "admin",
       .summary = "List all notifications, newest first",
       .who = access::staff,
       .cost = list_cost},
      [](exchange& x, notification_list_query q) { return list_page(x, std::move(q), true); });
  r.get<none, notification_detail_view>("/admin/v1/notifications/{notification_id}",
                                        {.id = "admin_get_notification",
                                         .tag = "admin",
                                         .summary = "Get a notification with all its attempts",
                                         .who = access::staff,
                                         .success = {200, 304},
                                         .errors = {404}},
                                        read_notification);
}

}  // namespace stoa::front
