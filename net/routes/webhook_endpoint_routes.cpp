// Outgoing webhooks, for staff. The URL of an endpoint is checked here, as its host must be
// resolved; the service stores only URLs that were checked. Secrets are created and encrypted here.

#include "actors/notification/webhook_messages.hpp"
#include "actors/notification/webhook_payloads.hpp"
#include "actors/notification/webhook_rules.hpp"
#include "config/settings.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/host_addresses.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"
#include "net/webhooks/target_check.hpp"
#include "net/webhooks/webhook_secret.hpp"

namespace stoa::front {

namespace {

using namespace stoa::notification;
using response_task = task<http::response>;

const std::string endpoints_path = "/admin/v1/webhooks";
const std::string endpoint_path = endpoints_path + "/{webhook_id}";
const std::string deliveries_path = endpoint_path + "/deliveries";
const std::string delivery_path = deliveries_path + "/{delivery_id}";

/// Commands of a range replay that run at a time.
constexpr std::size_t replays_at_once = 50;

constexpr json::rule url_rule{
    .field = "url",
    .length_min = 1,
    .length_max = webhook::url_bytes_max,
    .form = json::format::uri,
    .description =
        "The URL that receives the events: https, and http if webhooks.allow_http is "
        "on. Its host must lead to public addresses only, or to addresses in "
        "webhooks.allowed_networks.",
    .example = R"("https://example.com/hooks")"};
constexpr json::rule description_rule{.field = "description",
                                      .length_max = 500,
                                      .form = json::format::text,
                                      .description = "A note for staff."};
constexpr json::rule types_rule{
    .field = "event_types",
    .length_min = 1,
    .length_max = 50,
    .description =
        "The types of events to receive, such as order.confirmed; * means all, also "
        "types that are added later.",
    .example = R"(["order.confirmed", "order.cancelled"])"};

std::vector<field_error> check_types(const std::vector<std::string>& types) {
  std::vector<field_error> errors;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] == "*" || is_webhook_event_type(types[i])) continue;
    std::string known = "*";
    for (const auto& t : webhook_event_types) known.append(", ").append(t.name);
    errors.push_back({"/event_types/" + std::to_string(i), "webhook_event_unknown",
                      "The types are " + known + "."});
  }
  return errors;
}

struct webhook_body {
  static constexpr std::string_view schema_name = "webhook_create";
  std::string url;
  std::optional<std::string> description;
  std::vector<std::string> event_types;
  static constexpr json::rule rules[] = {url_rule, description_rule, types_rule};
};
BOOST_DESCRIBE_STRUCT(webhook_body, (), (url, description, event_types))

struct webhook_change_body {
  static constexpr std::string_view schema_name = "webhook_update";
  std::optional<std::string> url;
  patch<std::string> description;
  std::optional<std::vector<std::string>> event_types;
  static constexpr json::rule rules[] = {url_rule, description_rule, types_rule};
};
BOOST_DESCRIBE_STRUCT(webhook_change_body, (), (url, description, event_types))

struct webhook_with_secret {
  static constexpr std::string_view schema_name = "webhook_with_secret";
  webhook_view webhook;
  std::string secret;
};
BOOST_DESCRIBE_STRUCT(webhook_with_secret, (), (webhook, secret))

struct delivery_list_query {
  std::optional<webhook_delivery_status> status;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {
      {.field = "status", .description = "Deliveries with this status."}, limit_rule, cursor_rule};
};
BOOST_DESCRIBE_STRUCT(delivery_list_query, (), (status, limit, cursor))

enum class replayed_status { Failed, Delivered };
BOOST_DESCRIBE_ENUM(replayed_status, Failed, Delivered)

struct replay_body {
  static constexpr std::string_view schema_name = "webhook_replay_request";
  static constexpr std::string_view example =
      R"({"from":"2026-03-14T00:00:00.000000Z","to":"2026-03-15T00:00:00.000000Z"})";
  timestamp from;
  timestamp to;
  std::optional<replayed_status> status;
  std::optional<stoa::webhook_delivery_id> after;
  static constexpr json::rule rules[] = {
      {.field = "from", .description = "Deliveries that were created at this time or later."},
      {.field = "to", .description = "Deliveries that were created before this time."},
      {.field = "status",
       .description = "Which deliveries to send again.",
       .default_value = R"("Failed")"},
      {.field = "after",
       .description = "The next_after of the previous response, to continue with the others."}};
};
BOOST_DESCRIBE_STRUCT(replay_body, (), (from, to, status, after))

struct replay_view {
  static constexpr std::string_view schema_name = "webhook_replay";
  std::int64_t replayed = 0;
  std::int64_t skipped = 0;
  std::optional<std::string> next_after;
};
BOOST_DESCRIBE_STRUCT(replay_view, (), (replayed, skipped, next_after))

stoa::webhook_id webhook_of(const exchange& x) {
  return x.path_id<stoa::webhook_id>("webhook_id", "webhook");
}

/// The URL; fails the request unless it may be stored.
task<std::string> checked_target(exchange& x, std::string url) {
  const auto& rules = x.shared->config->webhooks;
  auto checked = webhook::check_url(url, rules);
  if (checked.error) fail(std::move(*checked.error));
  auto found = co_await addresses_of(x, std::move(checked.host));
  if (auto bad = webhook::check_addresses(found, rules)) fail(std::move(*bad));
  co_return url;
}

webhook_with_secret with_secret(const exchange& x, sealed_webhook made) {
  auto secret = x.shared->webhook_secrets->open(made.sealed_secret);
  if (!secret) {
    fail({500, "internal_error", "The secret cannot be decrypted.", {}});
  }
  return {std::move(made.webhook), std::move(*secret)};
}

response_task create(exchange& x, webhook_body b) {
  if (auto bad = check_types(b.event_types); !bad.empty()) fail(invalid(std::move(bad)));
  auto url = co_await checked_target(x, std::move(b.url));
  create_webhook command{{system_ids().next_v7()},
                         std::move(url),
                         std::move(b.description),
                         std::move(b.event_types),
                         x.shared->webhook_secrets->seal(webhook::make_secret())};
  auto made = co_await x.command(std::move(command));
  auto shown = with_secret(x, std::move(made));
  auto r = x.json(201, shown);
  r.headers.emplace_back("Location", endpoints_path + "/" + shown.webhook.webhook_id.str());
  co_return r;
}

response_task list(exchange& x, none) {
  list_webhooks query;
  auto all = co_await x.ask(std::move(query));
  co_return x.json(200, all);
}

response_task one(exchange& x, none) {
  get_webhook query{webhook_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task change(exchange& x, webhook_change_body b) {
  if (b.event_types) {
    if (auto bad = check_types(*b.event_types); !bad.empty()) fail(invalid(std::move(bad)));
  }
  if (b.url) {
    auto url = co_await checked_target(x, std::move(*b.url));
    b.url = std::move(url);
  }
  change_webhook command{webhook_of(x),
                         {std::move(b.url), std::move(b.description), std::move(b.event_types)},
                         x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

response_task remove(exchange& x, none) {
  delete_webhook command{webhook_of(x), x.precondition()};
  co_await x.command(std::move(command));
  co_return x.no_content();
}

response_task set_status(exchange& x, webhook_status to) {
  set_webhook_status command{webhook_of(x), to};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

response_task rotate(exchange& x, empty_body) {
  rotate_webhook_secret command{webhook_of(x),
                                x.shared->webhook_secrets->seal(webhook::make_secret())};
  auto made = co_await x.command(std::move(command));
  co_return x.json(200, with_secret(x, std::move(made)));
}

response_task test(exchange& x, empty_body) {
  test_webhook command{webhook_of(x)};
  auto delivery = co_await x.command(std::move(command));
  co_return x.json(202, delivery);
}

response_task deliveries(exchange& x, delivery_list_query q) {
  list_webhook_deliveries_query query;
  query.webhook_id = webhook_of(x);
  query.status = q.status;
  query.before = cursor_id<stoa::webhook_delivery_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task delivery(exchange& x, none) {
  get_webhook_delivery query{
      webhook_of(x), x.path_id<stoa::webhook_delivery_id>("delivery_id", "webhook delivery")};
  auto found = co_await x.ask(std::move(query));
  co_return x.cacheable(found);
}

replay_webhook_delivery replay_of(const webhook_delivery_view& d) {
  return {d.subject_id, d.webhook_id, d.delivery_id, d.event_id};
}

response_task replay_one(exchange& x, empty_body) {
  get_webhook_delivery query{
      webhook_of(x), x.path_id<stoa::webhook_delivery_id>("delivery_id", "webhook delivery")};
  auto found = co_await x.ask(std::move(query));
  auto replay = replay_of(found.delivery);
  auto made = co_await x.command(std::move(replay));
  co_return x.json(202, made);
}

/// Each delivery is a separate command, because its subject may belong to another partition. Those
/// that are being delivered are skipped: a repeat of the request does not queue them again.
response_task replay_range(exchange& x, replay_body b) {
  if (b.to <= b.from) {
    fail(invalid_field("/to", "range", "This must be later than `from`."));
  }
  const auto status = b.status.value_or(replayed_status::Failed) == replayed_status::Failed
                          ? webhook_delivery_status::Failed
                          : webhook_delivery_status::Delivered;
  find_replayable_webhooks query{webhook_of(x), status, b.from, b.to, b.after, webhook_replays_max};
  auto found = co_await x.ask(std::move(query));
  replay_view done;
  for (std::size_t at = 0; at < found.data.size(); at += replays_at_once) {
    const auto end = std::min(found.data.size(), at + replays_at_once);
    std::vector<pending<kernel::answer>> started;
    for (auto i = at; i < end; ++i) started.push_back(x.start_command(replay_of(found.data[i])));
    for (auto& one : started) {
      auto answer = co_await one;
      if (!answer.error) {
        ++done.replayed;
      } else if (answer.error->kind == problem_kind::conflict &&
                 answer.error->code != "webhook_disabled") {
        ++done.skipped;
      } else {
        fail(std::move(*answer.error));
      }
    }
  }
  done.next_after = std::move(found.next_cursor.value);
  co_return x.json(202, done);
}

void add_endpoints(routes& r) {
  auto creation = for_staff("admin_create_webhook", "Create a webhook endpoint", {201}, {409, 422});
  creation.description =
      "Events are sent to the URL as Standard Webhooks 1.0 defines it. The secret is shown in this "
      "response only. A store has at most 20 endpoints.";
  creation.answer_fields = {"Location"};
  creation.reject_cards = true;
  r.post<webhook_body, webhook_with_secret>(endpoints_path, std::move(creation), create);
  r.get<none, webhook_list>(
      endpoints_path, for_staff("admin_list_webhooks", "List webhook endpoints", {200}, {}), list);
  r.get<none, webhook_view>(
      endpoint_path, for_staff("admin_get_webhook", "Get a webhook endpoint", {200, 304}), one);
  auto update = for_staff_if_match("admin_update_webhook", "Change a webhook endpoint");
  update.reject_cards = true;
  r.patch<webhook_change_body, webhook_view>(endpoint_path, std::move(update), change);
  r.del<none, none>(
      endpoint_path,
      for_staff_if_match("admin_delete_webhook", "Delete a webhook endpoint", {204}, {404, 412}),
      remove);
  auto rotation =
      for_staff("admin_rotate_webhook_secret", "Replace the secret of a webhook endpoint");
  rotation.description =
      "The new secret is shown in this response only. The old one also signs for 24 hours.";
  r.post<empty_body, webhook_with_secret>(endpoint_path + "/rotate-secret", std::move(rotation),
                                          rotate);
  auto enabling = for_staff("admin_enable_webhook", "Enable a webhook endpoint");
  enabling.description = "Deliveries that are not finished are sent immediately.";
  enabling.answer_fields = {"ETag"};
  r.post<empty_body, webhook_view>(
      endpoint_path + "/enable", std::move(enabling),
      [](exchange& x, empty_body) { return set_status(x, webhook_status::Enabled); });
  auto disabling = for_staff("admin_disable_webhook", "Disable a webhook endpoint");
  disabling.description =
      "It receives no requests. Its events are kept, and are sent when it is enabled in time.";
  disabling.answer_fields = {"ETag"};
  r.post<empty_body, webhook_view>(
      endpoint_path + "/disable", std::move(disabling),
      [](exchange& x, empty_body) { return set_status(x, webhook_status::Disabled); });
}

void add_deliveries(routes& r) {
  auto testing =
      for_staff("admin_test_webhook", "Send a test event to a webhook endpoint", {202}, {404, 409});
  testing.description = "The event has the type webhook.test. It is not retried.";
  r.post<empty_body, webhook_delivery_view>(endpoint_path + "/test", std::move(testing), test);
  auto listing = for_staff("admin_list_webhook_deliveries",
                           "List deliveries to a webhook endpoint, newest first");
  listing.cost = list_cost;
  r.get<delivery_list_query, webhook_delivery_page>(deliveries_path, std::move(listing),
                                                    deliveries);
  r.get<none, webhook_delivery_detail>(
      delivery_path,
      for_staff("admin_get_webhook_delivery", "Get a delivery with all its attempts", {200, 304}),
      delivery);
  auto again = for_staff("admin_replay_webhook_delivery", "Send a finished delivery again", {202},
                         {404, 409});
  again.description = "A new delivery of the same event, with the same webhook-id.";
  r.post<empty_body, webhook_delivery_view>(delivery_path + "/replay", std::move(again),
                                            replay_one);
  auto range = for_staff("admin_replay_webhook", "Send finished deliveries of a period again",
                         {202}, {404, 409, 422});
  range.description =
      "At most 500 deliveries, oldest first; `next_after` is the `after` of the request for "
      "the others. Events that are being delivered are skipped.";
  range.cost = 16;
  r.post<replay_body, replay_view>(endpoint_path + "/replay", std::move(range), replay_range);
}

}  // namespace

void add_webhook_endpoint_routes(routes& r) {
  add_endpoints(r);
  add_deliveries(r);
}

}  // namespace stoa::front
