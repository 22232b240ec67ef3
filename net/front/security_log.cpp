#include "net/front/security_log.hpp"

#include "config/log.hpp"
#include "net/front/exchange.hpp"
#include "net/front/route.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/text.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <optional>

namespace stoa::front {

namespace {

constexpr std::size_t hash_bytes = 8;

constexpr std::array<const char*, security_events> event_names = {
    "login_succeeded",      "login_failed",           "login_throttled",
    "session_reused",       "unauthenticated",        "forbidden",
    "card_number_rejected", "role_changed",           "user_created",
    "password_changed",     "account_deleted",        "node_operated",
    "payment_method_saved", "payment_method_pending", "payment_method_removed",
    "codes_throttled"};

std::string_view route_of(const exchange& x) {
  return x.matched ? std::string_view(x.matched->path) : "none";
}

/// Wrong current password of a signed-in user.
bool is_wrong_password(const http::problem& p) {
  return p.errors.size() == 1 && p.errors[0].code == "wrong" &&
         p.errors[0].pointer == "/current_password";
}

/// The security event of a problem; nothing when it is not one.
std::optional<security_event> event_of(const http::problem& p) {
  if (p.code == "invalid_credentials" || is_wrong_password(p)) return security_event::login_failed;
  if (p.code == "refresh_token_reused") return security_event::session_reused;
  if (p.code == "card_number_rejected") return security_event::card_number_rejected;
  if (p.status == 401) return security_event::unauthenticated;
  if (p.status == 403) return security_event::forbidden;
  return std::nullopt;
}

std::string_view message_of(security_event e) {
  switch (e) {
    case security_event::login_failed:
      return "login failed";
    case security_event::session_reused:
      return "session reuse detected";
    case security_event::card_number_rejected:
      return "card number rejected";
    case security_event::forbidden:
      return "request forbidden";
    default:
      return "request unauthenticated";
  }
}

/// Any client can cause these with a request without a token: no reason for a warning.
bool is_common(security_event e) {
  return e == security_event::unauthenticated || e == security_event::card_number_rejected;
}

}  // namespace

security_log::security_log(std::string_view secret, prometheus::Registry* registry)
    : key_(text::keyed_hash(secret, "logins in the log")) {
  if (!registry) return;
  auto& family = prometheus::BuildCounter()
                     .Name("stoa_security_events_total")
                     .Help("Security events: rejected logins and requests, changes of permissions")
                     .Register(*registry);
  for (std::size_t i = 0; i < security_events; ++i)
    counters_[i] = &family.Add({{"event", event_names[i]}});
}

void security_log::count(security_event e) {
  if (auto* counter = counters_[static_cast<std::size_t>(e)]) counter->Increment();
}

void security_log::login_shown(exchange& x, std::string_view login) const {
  const auto hash = text::keyed_hash(key_, text::login_key(login));
  x.login_hash = text::hex(std::string_view(hash).substr(0, hash_bytes));
}

void security_log::refused(const exchange& x, const http::problem& p) {
  const auto event = event_of(p);
  if (!event) return;
  count(*event);
  const auto write = [&](log::fields f) {
    if (is_common(*event)) {
      log::info_limited(message_of(*event), f);
    } else {
      log::warn(message_of(*event), f);
    }
  };
  // Omit the field when the request has no login, instead of logging an empty one.
  if (x.login_hash.empty()) {
    write({{"code", p.code},
           {"http.route", route_of(x)},
           {"client.address", x.request->remote_address},
           {"caller", x.context.who.str()},
           {"request_id", x.context.request_id}});
  } else {
    write({{"code", p.code},
           {"http.route", route_of(x)},
           {"client.address", x.request->remote_address},
           {"login_hash", x.login_hash},
           {"request_id", x.context.request_id}});
  }
}

void security_log::login_succeeded(const exchange& x, stoa::user_id user) {
  count(security_event::login_succeeded);
  log::info("login succeeded", {{"user_id", user.str()},
                                {"http.route", route_of(x)},
                                {"client.address", x.request->remote_address},
                                {"login_hash", x.login_hash},
                                {"request_id", x.context.request_id}});
}

void security_log::login_throttled(const exchange& x, std::string_view scope) {
  count(security_event::login_throttled);
  log::warn("login throttled", {{"code", "too_many_login_attempts"},
                                {"scope", scope},
                                {"http.route", route_of(x)},
                                {"client.address", x.request->remote_address},
                                {"login_hash", x.login_hash},
                                {"caller", x.context.who.str()},
                                {"request_id", x.context.request_id}});
}

void security_log::codes_throttled(const exchange& x, std::string_view scope) {
  count(security_event::codes_throttled);
  log::warn("lookup of codes throttled", {{"scope", scope},
                                          {"caller", x.context.who.str()},
                                          {"http.route", route_of(x)},
                                          {"client.address", x.request->remote_address},
                                          {"request_id", x.context.request_id}});
}

void security_log::role_changed(const exchange& x, stoa::user_id user, std::string_view role) {
  count(security_event::role_changed);
  log::info("role changed", {{"user_id", user.str()},
                             {"role", role},
                             {"caller", x.context.who.str()},
                             {"http.route", route_of(x)},
                             {"client.address", x.request->remote_address},
                             {"request_id", x.context.request_id}});
}

void security_log::user_created(const exchange& x, stoa::user_id user, std::string_view role) {
  count(security_event::user_created);
  log::info("user created", {{"user_id", user.str()},
                             {"role", role},
                             {"caller", x.context.who.str()},
                             {"http.route", route_of(x)},
                             {"client.address", x.request->remote_address},
                             {"request_id", x.context.request_id}});
}

void security_log::password_changed(const exchange& x) {
  count(security_event::password_changed);
  log::info("password changed", {{"caller", x.context.who.str()},
                                 {"http.route", route_of(x)},
                                 {"client.address", x.request->remote_address},
                                 {"request_id", x.context.request_id}});
}

void security_log::account_deleted(const exchange& x) {
  count(security_event::account_deleted);
  log::info("account deleted", {{"caller", x.context.who.str()},
                                {"http.route", route_of(x)},
                                {"client.address", x.request->remote_address},
                                {"request_id", x.context.request_id}});
}

void security_log::payment_method_saved(const exchange& x) {
  count(security_event::payment_method_saved);
  log::info("payment method saved", {{"caller", x.context.who.str()},
                                     {"http.route", route_of(x)},
                                     {"client.address", x.request->remote_address},
                                     {"request_id", x.context.request_id}});
}

void security_log::payment_method_pending(const exchange& x) {
  count(security_event::payment_method_pending);
  log::info("payment method saved if it is approved",
            {{"caller", x.context.who.str()},
             {"http.route", route_of(x)},
             {"client.address", x.request->remote_address},
             {"request_id", x.context.request_id}});
}

void security_log::payment_method_removed(const exchange& x) {
  count(security_event::payment_method_removed);
  log::info("payment method removed", {{"caller", x.context.who.str()},
                                       {"http.route", route_of(x)},
                                       {"client.address", x.request->remote_address},
                                       {"request_id", x.context.request_id}});
}

void security_log::node_operated(const exchange& x, std::string_view node, std::string_view action,
                                 std::string_view level) {
  count(security_event::node_operated);
  log::info("node operated", {{"node", node},
                              {"action", action},
                              {"log_level", level},
                              {"caller", x.context.who.str()},
                              {"http.route", route_of(x)},
                              {"client.address", x.request->remote_address},
                              {"request_id", x.context.request_id}});
}

}  // namespace stoa::front
