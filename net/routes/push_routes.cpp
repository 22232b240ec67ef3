// Subscriptions of browsers to push messages.

#include "actors/notification/push_messages.hpp"
#include "config/settings.hpp"
#include "net/messaging/push_encryption.hpp"
#include "net/messaging/web_push.hpp"
#include "net/outbound/address_policy.hpp"
#include "net/outbound/target.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/host_addresses.hpp"
#include "storage/base/text.hpp"

namespace stoa::front {

namespace {

using namespace stoa::notification;
using response_task = task<http::response>;

constexpr std::size_t endpoint_bytes_max = 1000;

struct push_keys_body {
  static constexpr std::string_view schema_name = "push_subscription_keys";
  std::string p256dh;
  std::string auth;
  static constexpr json::rule rules[] = {
      {.field = "p256dh",
       .description = "The browser's public key, an uncompressed point of P-256, in base64url."},
      {.field = "auth", .description = "The shared secret of 16 bytes, in base64url."}};
};
BOOST_DESCRIBE_STRUCT(push_keys_body, (), (p256dh, auth))

/// PushSubscription.toJSON() of the Push API.
struct push_subscription_body {
  static constexpr std::string_view schema_name = "push_subscription_update";
  std::string endpoint;
  // NOLINTNEXTLINE(readability-identifier-naming): the name of the Push API
  std::optional<json::value> expirationTime = std::nullopt;
  push_keys_body keys;
  static constexpr json::rule rules[] = {
      {.field = "endpoint",
       .length_max = endpoint_bytes_max,
       .description = "The https URL at the push service; its host must lead to public addresses."},
      {.field = "expirationTime", .description = "Ignored: the push service reports expiry."},
      {.field = "keys", .description = "The keys with which messages are encrypted."}};
  static constexpr std::string_view example =
      R"({"endpoint":"https://push.example.org/send/1","keys":{"p256dh":)"
      R"("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",)"
      R"("auth":"BTBZMqHH6r4Tts7J_aSIgg"}})";
};
BOOST_DESCRIBE_STRUCT(push_subscription_body, (), (endpoint, expirationTime, keys))

struct push_key_view {
  static constexpr std::string_view schema_name = "push_key";
  std::string public_key;
};
BOOST_DESCRIBE_STRUCT(push_key_view, (), (public_key))

const messaging::vapid_key& push_key(const exchange& x) {
  if (!x.shared->push_key) {
    fail({problem_kind::not_found, "push_not_configured", "The store sends no push messages.", {}});
  }
  return *x.shared->push_key;
}

/// Why the URL may not be stored as an endpoint; empty if it may. The address is checked again when
/// a message is sent, because a name may resolve to another one by then.
task<std::string> fault_of_endpoint(exchange& x, const std::string& url) {
  outbound::request probe;
  probe.url = url;
  auto to = outbound::check_request(probe, {});
  if (to.verdict != outbound::outcome::completed || !to.origin.starts_with("https:")) {
    co_return "This must be an https URL without user information.";
  }
  const auto found = co_await addresses_of(x, std::move(to.host));
  if (found.empty()) co_return "The host name cannot be resolved.";
  const auto& allowed = x.shared->config->notification.push_allowed_networks;
  if (!outbound::are_allowed(found, parse_networks(allowed))) {
    co_return "The host leads to an address that is not public.";
  }
  co_return "";
}

/// Decodes base64url, which some browsers pad.
std::string decoded(std::string_view value) {
  while (value.ends_with('=')) value.remove_suffix(1);
  return text::from_base64url(value).value_or("");
}

response_task put_subscription(exchange& x, push_subscription_body body) {
  push_key(x);
  std::vector<field_error> errors;
  auto fault = co_await fault_of_endpoint(x, body.endpoint);
  if (!fault.empty()) errors.push_back({"/endpoint", "format", std::move(fault)});
  const auto key = decoded(body.keys.p256dh);
  if (!messaging::is_p256_point(key)) {
    errors.push_back({"/keys/p256dh", "format",
                      "This must be an uncompressed point on the curve P-256 in base64url."});
  }
  const auto auth = decoded(body.keys.auth);
  if (auth.size() != messaging::push_auth_bytes) {
    errors.push_back({"/keys/auth", "format", "This must be 16 bytes in base64url."});
  }
  if (!errors.empty()) fail(invalid(std::move(errors)));
  put_push_subscription command{x.context.who.user, std::move(body.endpoint), text::base64url(key),
                                text::base64url(auth)};
  auto stored = co_await x.command(std::move(command));
  co_return x.json(200, stored);
}

response_task list_subscriptions(exchange& x, none) {
  push_key(x);
  list_push_subscriptions query{x.context.who.user};
  auto found = co_await x.ask(std::move(query));
  co_return x.json(200, found);
}

response_task remove_push_subscription(exchange& x, none) {
  push_key(x);
  delete_push_subscription command{x.context.who.user, x.path_id<notification::subscription_id>(
                                                           "subscription_id", "push subscription")};
  co_await x.command(std::move(command));
  co_return x.no_content();
}

response_task read_push_key(exchange& x, none) {
  co_return x.cacheable(push_key_view{push_key(x).public_key()});
}

}  // namespace

void add_push_routes(routes& r) {
  r.get<none, push_key_view>(
      "/store/v1/push/vapid-key",
      {.id = "get_push_key",
       .tag = "users",
       .summary = "Get the key with which browsers subscribe to push messages",
       .description = "The value is the `applicationServerKey` of the Push API. 404 "
                      "`push_not_configured` when the store sends no push messages.",
       .success = {200, 304},
       .errors = {404}},
      read_push_key);
  r.get<none, push_subscription_list>("/store/v1/users/me/push-subscriptions",
                                      {.id = "list_my_push_subscriptions",
                                       .tag = "users",
                                       .summary = "List my push subscriptions, oldest first",
                                       .who = access::user,
                                       .errors = {404}},
                                      list_subscriptions);
  r.put<push_subscription_body, push_subscription_view>(
      "/store/v1/users/me/push-subscriptions",
      {.id = "put_my_push_subscription",
       .tag = "users",
       .summary = "Subscribe a browser to push messages about my orders",
       .description =
           "The body is the browser's `PushSubscription.toJSON()`. A subscription with the same "
           "endpoint is replaced, also that of another user of the browser. A user has at most 10. "
           "A subscription that its push service no longer knows is removed. 404 "
           "`push_not_configured` when the store sends no push messages.",
       .who = access::user,
       .errors = {404, 422}},
      put_subscription);
  r.del<none, none>("/store/v1/users/me/push-subscriptions/{subscription_id}",
                    {.id = "delete_my_push_subscription",
                     .tag = "users",
                     .summary = "Remove a push subscription of mine",
                     .who = access::user,
                     .success = {204},
                     .errors = {404}},
                    remove_push_subscription);
}

}  // namespace stoa::front
