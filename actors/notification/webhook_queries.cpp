// What staff can read about webhooks.

#include "actors/notification/webhooks.hpp"
#include "storage/notification/webhook_store.hpp"

namespace stoa::notification {

namespace {

bool may_see(const kernel::call_context& context) {
  return context.who.is_staff() || context.who.kind == kernel::caller_kind::system;
}

webhook_delivery_page page_of(std::vector<webhook_delivery_row> rows, std::int64_t limit) {
  webhook_delivery_page page;
  if (rows.size() > static_cast<std::size_t>(limit)) {
    rows.pop_back();
    page.next_cursor.value = rows.back().delivery_id.str();
  }
  for (const auto& row : rows) page.data.push_back(view_of(row));
  return page;
}

}  // namespace

result<webhook_list> webhooks::read(const list_webhooks&, const kernel::call_context& context,
                                    db::connection& c) const {
  if (!may_see(context)) return not_found("list of webhooks");
  webhook_list list;
  for (const auto& e : list_webhook_endpoints(c)) list.data.push_back(view_of(e));
  return list;
}

result<webhook_view> webhooks::read(const get_webhook& q, const kernel::call_context& context,
                                    db::connection& c) const {
  std::optional<webhook_endpoint_row> found;
  if (may_see(context)) found = read_webhook_endpoint(c, q.webhook_id);
  if (!found) return not_found("webhook");
  return view_of(*found);
}

result<webhook_delivery_page> webhooks::read(const list_webhook_deliveries_query& q,
                                             const kernel::call_context& context,
                                             db::connection& c) const {
  if (!may_see(context) || !read_webhook_endpoint(c, q.webhook_id)) return not_found("webhook");
  const auto limit = static_cast<std::size_t>(q.limit) + 1;
  return page_of(list_webhook_deliveries(c, {q.webhook_id, q.status, q.before, limit}), q.limit);
}

result<webhook_delivery_detail> webhooks::read(const get_webhook_delivery& q,
                                               const kernel::call_context& context,
                                               db::connection& c) const {
  std::optional<webhook_delivery_row> found;
  if (may_see(context)) found = read_webhook_delivery(c, q.delivery_id);
  if (!found || found->webhook_id != q.webhook_id) return not_found("webhook delivery");
  webhook_delivery_detail v{view_of(*found), {}, {}};
  for (auto& a : read_webhook_attempts(c, q.delivery_id)) {
    v.attempts.push_back({a.attempt_id, std::move(a.outcome), a.status, a.duration_ms,
                          std::move(a.response), std::move(a.error), a.attempted_at});
  }
  v.body = read_webhook_body(c, found->event_id, found->payload_version);
  return v;
}

result<webhook_delivery_page> webhooks::read(const find_replayable_webhooks& q,
                                             const kernel::call_context& context,
                                             db::connection& c) const {
  if (!may_see(context)) return not_found("webhook");
  const auto endpoint = read_webhook_endpoint(c, q.webhook_id);
  if (!endpoint) return not_found("webhook");
  return page_of(replayable_webhook_deliveries(c, {q.webhook_id, q.status, q.from, q.to, q.after,
                                                   static_cast<std::size_t>(q.limit) + 1}),
                 q.limit);
}

}  // namespace stoa::notification
