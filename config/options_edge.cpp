// The rows of the table of settings: http and json.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"

namespace stoa::config {
namespace {

constexpr option rows[] = {
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
    {.key = "http.requests_in_flight_max",
     .at = &at<&S::http, &http_settings::requests_in_flight_max>,
     .help = "Requests that are worked on at once; beyond it 503.",
     .min = 1,
     .max = 1'000'000},
    {.key = "http.latency_target_ms",
     .at = &at<&S::http, &http_settings::latency_target_ms>,
     .help = "While requests take longer on average, fewer are let in at once.",
     .min = 1,
     .max = ms_max},
    {.key = "http.cors_origins",
     .at = &at<&S::http, &http_settings::cors_origins>,
     .help = "Web origins whose scripts may use the API; empty = none.",
     .form = "a list of origins as https://shop.example, or *",
     .check = &is_cors_origin},
    {.key = "http.tls_certificate",
     .at = &at<&S::http, &http_settings::tls_certificate>,
     .help = "PEM file of the certificate and its chain; empty = plain HTTP.",
     .form = "a path or nothing"},
    {.key = "http.tls_key",
     .at = &at<&S::http, &http_settings::tls_key>,
     .help = "PEM file of the certificate's key; both are read again on SIGHUP.",
     .form = "a path or nothing"},

    {.key = "json.depth_max",
     .at = &at<&S::json, &json_settings::depth_max>,
     .help = "Deepest nesting of a request's JSON.",
     .min = 4,
     .max = 256},
};

}  // namespace

std::span<const option> edge_options() {
  return rows;
}

}  // namespace stoa::config
