#include "config/options.hpp"

#include "config/option_forms.hpp"

#include <algorithm>

namespace stoa::config {
namespace {

/// at<&settings::http, &http_settings::listen>: the accessor of a member of a group.
template <auto Group, auto Member>
slot at(settings& s) {
  return &((s.*Group).*Member);
}

constexpr std::int64_t ms_max = 86'400'000;          // a day
constexpr std::int64_t s_max = 10LL * 365 * 86'400;  // ten years
using S = settings;

constexpr option table[] = {
    {.key = "http.listen",
     .at = &at<&S::http, &http_settings::listen>,
     .help = "Address and port to serve on; port 0 takes any free one.",
     .form = "address:port, as 127.0.0.1:8080 or [::1]:8080",
     .check = &is_listen_address,
     .alias = "listen"},
    {.key = "http.threads",
     .at = &at<&S::http, &http_settings::threads>,
     .help = "Threads that read and write connections; 0 = one for each core.",
     .min = 0,
     .max = 256},
    {.key = "http.header_bytes_max",
     .at = &at<&S::http, &http_settings::header_bytes_max>,
     .help = "Largest request line and headers; beyond it 431.",
     .min = 1024,
     .max = 1 << 20},
    {.key = "http.body_bytes_max",
     .at = &at<&S::http, &http_settings::body_bytes_max>,
     .help = "Largest request body; beyond it 413.",
     .min = 1024,
     .max = 64 << 20},
    {.key = "http.connections_max",
     .at = &at<&S::http, &http_settings::connections_max>,
     .help = "Connections open at once; beyond it 503.",
     .min = 1,
     .max = 1'000'000},
    {.key = "http.header_timeout_ms",
     .at = &at<&S::http, &http_settings::header_timeout_ms>,
     .help = "Time for a client to send a request's headers.",
     .min = 1,
     .max = ms_max},
    {.key = "http.body_timeout_ms",
     .at = &at<&S::http, &http_settings::body_timeout_ms>,
     .help = "Time for a client to send a request's body.",
     .min = 1,
     .max = ms_max},
    {.key = "http.idle_timeout_ms",
     .at = &at<&S::http, &http_settings::idle_timeout_ms>,
     .help = "Time a connection may wait for its next request.",
     .min = 1,
     .max = ms_max},
    {.key = "http.write_timeout_ms",
     .at = &at<&S::http, &http_settings::write_timeout_ms>,
     .help = "Time for a client to take an answer.",
     .min = 1,
     .max = ms_max},
    {.key = "http.request_timeout_ms",
     .at = &at<&S::http, &http_settings::request_timeout_ms>,
     .help = "Time for a service to answer a request; beyond it 503.",
     .min = 1,
     .max = ms_max},
    {.key = "http.cors_origins",
     .at = &at<&S::http, &http_settings::cors_origins>,
     .help = "Web origins whose scripts may use the API; empty = none.",
     .form = "a list of origins as https://shop.example, or *",
     .check = &is_cors_origin},

    {.key = "json.depth_max",
     .at = &at<&S::json, &json_settings::depth_max>,
     .help = "Deepest nesting of a request's JSON.",
     .min = 4,
     .max = 256},

    {.key = "data.dir",
     .at = &at<&S::data, &data_settings::dir>,
     .help = "Folder of the databases, keys and mails.",
     .form = "a path",
     .check = &is_not_empty,
     .alias = "data"},

    {.key = "store.name",
     .at = &at<&S::store, &store_settings::name>,
     .help = "The store's name, as in its mails.",
     .form = "1 to 200 characters",
     .check = &is_store_name},
    {.key = "store.currency",
     .at = &at<&S::store, &store_settings::currency>,
     .help = "Currency of all prices.",
     .form = "an ISO 4217 code, as EUR",
     .check = &is_currency_code},
    {.key = "store.demo",
     .at = &at<&S::store, &store_settings::demo>,
     .help = "A store for trying out: says so in its answers and logs."},

    {.key = "log.level",
     .at = &at<&S::log, &log_settings::level>,
     .help = "Least level that is logged.",
     .allowed = "trace|debug|info|warn|error|fatal|off"},
    {.key = "log.format",
     .at = &at<&S::log, &log_settings::format>,
     .help = "Form of the log; auto = text on a terminal, else JSON.",
     .allowed = "auto|json|text"},

    {.key = "actors.threads",
     .at = &at<&S::actors, &actors_settings::threads>,
     .help = "Threads that run the services; 0 = one for each core.",
     .min = 0,
     .max = 256},
    {.key = "actors.requests_in_flight_max",
     .at = &at<&S::actors, &actors_settings::requests_in_flight_max>,
     .help = "Requests a service may have at once; beyond it 503.",
     .min = 1,
     .max = 1'000'000},
    {.key = "actors.batch_max",
     .at = &at<&S::actors, &actors_settings::batch_max>,
     .help = "Most messages that a service commits in one transaction.",
     .min = 1,
     .max = 10'000},

    {.key = "auth.access_token_ttl_s",
     .at = &at<&S::auth, &auth_settings::access_token_ttl_s>,
     .help = "Life of an access token.",
     .min = 10,
     .max = 86'400},
    {.key = "auth.refresh_token_ttl_s",
     .at = &at<&S::auth, &auth_settings::refresh_token_ttl_s>,
     .help = "Life of a refresh token.",
     .min = 60,
     .max = s_max},
    {.key = "auth.password_workers",
     .at = &at<&S::auth, &auth_settings::password_workers>,
     .help = "Threads that hash passwords; each takes 19 MiB while it does.",
     .min = 1,
     .max = 64},
    {.key = "auth.password_queue_max",
     .at = &at<&S::auth, &auth_settings::password_queue_max>,
     .help = "Log-ins that may wait for a password thread; beyond it 503.",
     .min = 1,
     .max = 100'000},

    {.key = "cart.guest_ttl_s",
     .at = &at<&S::cart, &cart_settings::guest_ttl_s>,
     .help = "Life of a guest's cart after its last change.",
     .min = 60,
     .max = s_max},

    {.key = "order.checkout_wait_ms",
     .at = &at<&S::order, &order_settings::checkout_wait_ms>,
     .help = "Time a checkout waits for its outcome before it answers 202.",
     .min = 0,
     .max = ms_max},
    {.key = "order.checkout_wait_ms_max",
     .at = &at<&S::order, &order_settings::checkout_wait_ms_max>,
     .help = "Longest wait that a client may ask for (Prefer: wait).",
     .min = 0,
     .max = ms_max},

    {.key = "catalog.reservation_ttl_s",
     .at = &at<&S::catalog, &catalog_settings::reservation_ttl_s>,
     .help = "Time stock stays reserved for an order that does not move on.",
     .min = 1,
     .max = s_max},

    {.key = "payment.gateway_timeout_ms",
     .at = &at<&S::payment, &payment_settings::gateway_timeout_ms>,
     .help = "Time for the card gateway to answer; then it is asked again.",
     .min = 1,
     .max = ms_max},
    {.key = "payment.retry_ms_min",
     .at = &at<&S::payment, &payment_settings::retry_ms_min>,
     .help = "First pause before the gateway is asked again.",
     .min = 1,
     .max = ms_max},
    {.key = "payment.retry_ms_max",
     .at = &at<&S::payment, &payment_settings::retry_ms_max>,
     .help = "Longest pause before the gateway is asked again.",
     .min = 1,
     .max = ms_max},
    {.key = "payment.give_up_s",
     .at = &at<&S::payment, &payment_settings::give_up_s>,
     .help = "Time after which an undecided charge is cancelled.",
     .min = 1,
     .max = s_max},
    {.key = "payment.concurrency",
     .at = &at<&S::payment, &payment_settings::concurrency>,
     .help = "Calls to the gateway at once.",
     .min = 1,
     .max = 10'000},

    {.key = "notification.retry_ms_min",
     .at = &at<&S::notification, &notification_settings::retry_ms_min>,
     .help = "First pause before a message is sent again.",
     .min = 1,
     .max = ms_max},
    {.key = "notification.retry_ms_max",
     .at = &at<&S::notification, &notification_settings::retry_ms_max>,
     .help = "Longest pause before a message is sent again.",
     .min = 1,
     .max = ms_max},
    {.key = "notification.attempts_max",
     .at = &at<&S::notification, &notification_settings::attempts_max>,
     .help = "Tries before a message is Failed.",
     .min = 1,
     .max = 1000},
    {.key = "notification.mail_dir",
     .at = &at<&S::notification, &notification_settings::mail_dir>,
     .help = "Maildir that mails go to; empty = mail in the data folder.",
     .form = "a path or nothing"},
    {.key = "notification.mail_from",
     .at = &at<&S::notification, &notification_settings::mail_from>,
     .help = "Sender of all mails.",
     .form = "an address, as Shop <shop@example.com>",
     .check = &is_mail_sender},

    {.key = "relay.retry_ms_min",
     .at = &at<&S::relay, &relay_settings::retry_ms_min>,
     .help = "First pause before an event is delivered again.",
     .min = 1,
     .max = ms_max},
    {.key = "relay.retry_ms_max",
     .at = &at<&S::relay, &relay_settings::retry_ms_max>,
     .help = "Longest pause before an event is delivered again.",
     .min = 1,
     .max = ms_max},
    {.key = "relay.attempts_max",
     .at = &at<&S::relay, &relay_settings::attempts_max>,
     .help = "Tries before an event becomes a dead letter.",
     .min = 1,
     .max = 1000},
    {.key = "relay.in_flight_max",
     .at = &at<&S::relay, &relay_settings::in_flight_max>,
     .help = "Events on their way at once, for each service.",
     .min = 1,
     .max = 1'000'000},

    {.key = "sweep.interval_ms",
     .at = &at<&S::sweep, &sweep_settings::interval_ms>,
     .help = "Pause between two looks for what is overdue.",
     .min = 10,
     .max = ms_max},

    {.key = "idempotency.ttl_s",
     .at = &at<&S::idempotency, &idempotency_settings::ttl_s>,
     .help = "Time a repeated request gets its first answer.",
     .min = 60,
     .max = s_max},

    {.key = "shutdown.drain_ms",
     .at = &at<&S::shutdown, &shutdown_settings::drain_ms>,
     .help = "Longest time to finish what is in flight after SIGTERM.",
     .min = 0,
     .max = ms_max},
};

constexpr order_rule rules[] = {
    {"order.checkout_wait_ms", "order.checkout_wait_ms_max"},
    {"payment.retry_ms_min", "payment.retry_ms_max"},
    {"notification.retry_ms_min", "notification.retry_ms_max"},
    {"relay.retry_ms_min", "relay.retry_ms_max"},
    {"auth.access_token_ttl_s", "auth.refresh_token_ttl_s"},
};

}  // namespace

std::span<const option> options() {
  return table;
}
std::span<const order_rule> order_rules() {
  return rules;
}

std::string env_name(const option& o) {
  std::string name = "STOA_";
  for (char c : o.key) {
    if (c == '.') c = '_';
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string flag_name(const option& o) {
  std::string name = "--" + std::string(o.key);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '_'; }, '-');
  return name;
}

const option* find_key(std::span<const option> all, std::string_view key) {
  const auto found = std::ranges::find(all, key, &option::key);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace stoa::config
