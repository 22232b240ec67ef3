// Settings: data, postgres, redis, nats and events.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"

namespace stoa::config {
namespace {

constexpr option stores_rows[] = {
    {.key = "data.dir",
     .at = &at<&S::data, &data_settings::dir>,
     .help = "Directory of the databases, keys and emails.",
     .form = "a path",
     .check = &is_not_empty,
     .alias = "data"},
    {.key = "data.store",
     .at = &at<&S::data, &data_settings::store>,
     .help = "Where the services' data is stored: in SQLite files in the data directory, or in "
             "PostgreSQL.",
     .allowed = "sqlite|postgres",
     .common = true},

    {.key = "postgres.url",
     .at = &at<&S::postgres, &postgres_settings::url>,
     .help = "URL of the services' databases, without a password; {service} stands for the "
             "service's name.",
     .form = "a libpq URL with {service} in it, without a password",
     .check = &is_postgres_url},
    {.key = "postgres.replica_url",
     .at = &at<&S::postgres, &postgres_settings::replica_url>,
     .help = "URL of a streaming replica for product pages and lists; the same on every node.",
     .form = "a libpq URL with {service} in it, without a password, or empty",
     .check = &is_postgres_url_or_empty},
    {.key = "postgres.replica_lag_ms_max",
     .at = &at<&S::postgres, &postgres_settings::replica_lag_ms_max>,
     .help = "Maximum lag of a replica that is read; the same on every node.",
     .min = 100,
     .max = 60'000},
    {.key = "postgres.password_file",
     .at = &at<&S::postgres, &postgres_settings::password_file>,
     .help = "File with the password; empty = none, or libpq's default.",
     .form = "a path, or empty"},
    {.key = "postgres.prepared_statements",
     .at = &at<&S::postgres, &postgres_settings::prepared_statements>,
     .help = "Use prepared statements; set to false for PgBouncer in transaction mode."},
    {.key = "postgres.writers",
     .at = &at<&S::postgres, &postgres_settings::writers>,
     .help = "Partitions of each service in the whole cluster; the same on every node.",
     .min = 1,
     .max = 64,
     .common = true},
    {.key = "postgres.readers",
     .at = &at<&S::postgres, &postgres_settings::readers>,
     .help = "Connections for queries per service on this node.",
     .min = 1,
     .max = 256},
    {.key = "postgres.batch_interval_ms",
     .at = &at<&S::postgres, &postgres_settings::batch_interval_ms>,
     .help = "Minimum interval between batches of a busy writer; a longer interval makes larger "
             "batches. Batches of single messages are not delayed.",
     .min = 0,
     .max = 1000},
    {.key = "postgres.connect_timeout_ms",
     .at = &at<&S::postgres, &postgres_settings::connect_timeout_ms>,
     .help = "Timeout for connecting to a database.",
     .min = 1,
     .max = ms_max},
    {.key = "postgres.statement_timeout_ms",
     .at = &at<&S::postgres, &postgres_settings::statement_timeout_ms>,
     .help = "Timeout of a database statement.",
     .min = 1,
     .max = ms_max},

    {.key = "redis.url",
     .at = &at<&S::redis, &redis_settings::url>,
     .help = "URL of Redis 7 or later, without a password; rediss:// for TLS.",
     .form = "redis://host:port/number, without user and password",
     .check = &is_redis_url},
    {.key = "redis.password_file",
     .at = &at<&S::redis, &redis_settings::password_file>,
     .help = "File with the Redis password; empty = none.",
     .form = "a path, or empty"},
    {.key = "redis.timeout_ms",
     .at = &at<&S::redis, &redis_settings::timeout_ms>,
     .help = "Timeout for connecting to Redis and for each reply.",
     .min = 1,
     .max = ms_max},

    {.key = "nats.urls",
     .at = &at<&S::nats, &nats_settings::urls>,
     .help = "NATS servers, tried until one is reachable; tls:// for TLS.",
     .form = "a list of nats://host:port, without user and password",
     .check = &is_nats_url},
    {.key = "nats.credentials_file",
     .at = &at<&S::nats, &nats_settings::credentials_file>,
     .help = "File with the NATS user's credentials; empty = none.",
     .form = "a path, or empty"},
    {.key = "nats.stream",
     .at = &at<&S::nats, &nats_settings::stream>,
     .help = "JetStream stream of the events, and first token of their subjects.",
     .form = "1 to 32 of a-z, 0-9, _ and -",
     .check = &is_plain_name,
     .common = true},
    {.key = "nats.replicas",
     .at = &at<&S::nats, &nats_settings::replicas>,
     .help = "JetStream replicas of each event.",
     .min = 1,
     .max = 5},
    {.key = "nats.max_age_s",
     .at = &at<&S::nats, &nats_settings::max_age_s>,
     .help = "Time the stream keeps events for external consumers.",
     .min = 60,
     .max = s_max},

    {.key = "nats.signing_key_file",
     .at = &at<&S::nats, &nats_settings::signing_key_file>,
     .help = "File of the keys that sign events, one per line; the first key signs, all keys are "
             "accepted; empty = a key derived from the server's secret.",
     .form = "a path, or empty"},

    {.key = "events.bus",
     .at = &at<&S::events, &events_settings::bus>,
     .help = "Transport of events between services: direct connections between nodes, or NATS "
             "JetStream.",
     .allowed = "nodes|nats",
     .common = true},
};

}  // namespace

std::span<const option> stores_options() {
  return stores_rows;
}

}  // namespace stoa::config
