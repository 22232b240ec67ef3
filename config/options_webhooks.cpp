// Settings: outgoing webhooks.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"

namespace stoa::config {
namespace {

bool is_address_or_empty(std::string_view text) {
  return text.empty() || (is_mail_sender(text) && !text.ends_with('>'));
}

constexpr option webhook_rows[] = {
    {.key = "webhooks.allow_http",
     .at = &at<&S::webhooks, &webhook_settings::allow_http>,
     .help = "Accept endpoints with http:// URLs, whose events are readable in transit."},
    {.key = "webhooks.allowed_networks",
     .at = &at<&S::webhooks, &webhook_settings::allowed_networks>,
     .help = "Networks of endpoints that are not public, such as a server in the local network.",
     .form = "a list of addresses and networks such as 127.0.0.1, 10.0.0.0/8 or fd00::/8",
     .check = &is_network},
    {.key = "webhooks.timeout_ms",
     .at = &at<&S::webhooks, &webhook_settings::timeout_ms>,
     .help = "Time limit of one request to an endpoint.",
     .min = 100,
     .max = 60'000},
    {.key = "webhooks.concurrency",
     .at = &at<&S::webhooks, &webhook_settings::concurrency>,
     .help = "Maximum simultaneous requests to an endpoint from a partition.",
     .min = 1,
     .max = 32},
    {.key = "webhooks.retry_ms_min",
     .at = &at<&S::webhooks, &webhook_settings::retry_ms_min>,
     .help = "First delay before a delivery is retried; each further one is twice as long.",
     .min = 1,
     .max = ms_max},
    {.key = "webhooks.retry_ms_max",
     .at = &at<&S::webhooks, &webhook_settings::retry_ms_max>,
     .help = "Maximum delay before a delivery is retried.",
     .min = 1,
     .max = ms_max},
    {.key = "webhooks.retry_for_s",
     .at = &at<&S::webhooks, &webhook_settings::retry_for_s>,
     .help = "Time after an event in which its deliveries are retried.",
     .min = 1,
     .max = s_max},
    {.key = "webhooks.disable_after_s",
     .at = &at<&S::webhooks, &webhook_settings::disable_after_s>,
     .help = "An endpoint is disabled when all attempts have failed for this time.",
     .min = 1,
     .max = s_max},
    {.key = "webhooks.retention_s",
     .at = &at<&S::webhooks, &webhook_settings::retention_s>,
     .help = "Time for which deliveries are kept, to be inspected and replayed.",
     .min = 60,
     .max = s_max},
    {.key = "webhooks.notice_email",
     .at = &at<&S::webhooks, &webhook_settings::notice_email>,
     .help = "Recipient of a notice when an endpoint is disabled; empty = none.",
     .form = "an email address, or empty",
     .check = &is_address_or_empty},
};

}  // namespace

std::span<const option> webhook_options() {
  return webhook_rows;
}

}  // namespace stoa::config
