// Settings: relays, sweeps and the end of the process.

#include "config/option_rows.hpp"

namespace stoa::config {
namespace {

constexpr option kernel_rows[] = {
    {.key = "relay.applied_wait_ms",
     .at = &at<&S::relay, &relay_settings::applied_wait_ms>,
     .help = "Time a final response waits for the other services to apply the event.",
     .min = 0,
     .max = 30'000},
    {.key = "relay.retry_ms_min",
     .at = &at<&S::relay, &relay_settings::retry_ms_min>,
     .help = "First delay before delivery of an event is retried.",
     .min = 1,
     .max = ms_max},
    {.key = "relay.retry_ms_max",
     .at = &at<&S::relay, &relay_settings::retry_ms_max>,
     .help = "Maximum delay before delivery of an event is retried.",
     .min = 1,
     .max = ms_max},
    {.key = "relay.attempts_max",
     .at = &at<&S::relay, &relay_settings::attempts_max>,
     .help = "Attempts before an event becomes a dead letter.",
     .min = 1,
     .max = 1000},
    {.key = "relay.in_flight_max",
     .at = &at<&S::relay, &relay_settings::in_flight_max>,
     .help = "Maximum events in flight per service.",
     .min = 1,
     .max = 1'000'000},

    {.key = "sweep.interval_ms",
     .at = &at<&S::sweep, &sweep_settings::interval_ms>,
     .help = "Interval between sweeps for expired and overdue records.",
     .min = 10,
     .max = ms_max},

    {.key = "idempotency.ttl_s",
     .at = &at<&S::idempotency, &idempotency_settings::ttl_s>,
     .help = "Time idempotency keys are kept; a repeat within it gets the first response.",
     .min = 60,
     .max = s_max},

    {.key = "shutdown.drain_ms",
     .at = &at<&S::shutdown, &shutdown_settings::drain_ms>,
     .help = "Maximum time to finish requests in flight after SIGTERM. A process that cannot end "
             "exits 8 s after it.",
     .min = 0,
     .max = ms_max},
};

}  // namespace

std::span<const option> kernel_options() {
  return kernel_rows;
}

}  // namespace stoa::config
