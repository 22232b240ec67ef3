// The rows of the table of settings: data, postgres, redis, nats and events.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"

namespace stoa::config {
namespace {

constexpr option rows[] = {
    {.key = "data.dir",
     .at = &at<&S::data, &data_settings::dir>,
     .help = "Folder of the databases, keys and mails.",
     .form = "a path",
     .check = &is_not_empty,
     .alias = "data"},
    {.key = "data.store",
     .at = &at<&S::data, &data_settings::store>,
     .help = "Where the services' databases are: files in the data folder, or PostgreSQL.",
     .allowed = "sqlite|postgres"},

    {.key = "postgres.url",
     .at = &at<&S::postgres, &postgres_settings::url>,
     .help = "Address of the services' databases, without a password; {service} is the name.",
     .form = "a libpq URL with {service} in it, without a password",
     .check = &is_postgres_url},
    {.key = "postgres.replica_url",
     .at = &at<&S::postgres, &postgres_settings::replica_url>,
     .help = "The same of a replica that queries go to; empty = the primary.",
     .form = "a libpq URL with {service} in it, without a password, or nothing",
     .check = &is_postgres_url_or_empty},
    {.key = "postgres.password_file",
     .at = &at<&S::postgres, &postgres_settings::password_file>,
     .help = "File that holds the password; empty = none, or what libpq finds.",
     .form = "a path or nothing"},
    {.key = "postgres.prepared_statements",
     .at = &at<&S::postgres, &postgres_settings::prepared_statements>,
     .help = "Off for PgBouncer in transaction mode."},
    {.key = "postgres.writers",
     .at = &at<&S::postgres, &postgres_settings::writers>,
     .help = "Writers of a service in the whole cluster; the same on every node.",
     .min = 1,
     .max = 64},
    {.key = "postgres.readers",
     .at = &at<&S::postgres, &postgres_settings::readers>,
     .help = "Connections for queries, for each service on this node.",
     .min = 1,
     .max = 256},
    {.key = "postgres.batch_interval_ms",
     .at = &at<&S::postgres, &postgres_settings::batch_interval_ms>,
     .help = "A busy writer starts a batch no more often; what gathers meanwhile shares it.",
     .min = 0,
     .max = 1000},
    {.key = "postgres.connect_timeout_ms",
     .at = &at<&S::postgres, &postgres_settings::connect_timeout_ms>,
     .help = "Time to connect to a database.",
     .min = 1,
     .max = ms_max},
    {.key = "postgres.statement_timeout_ms",
     .at = &at<&S::postgres, &postgres_settings::statement_timeout_ms>,
     .help = "Time for a database to answer.",
     .min = 1,
     .max = ms_max},

    {.key = "redis.url",
     .at = &at<&S::redis, &redis_settings::url>,
     .help = "Address of Redis 7 or newer, without a password; rediss:// for TLS.",
     .form = "redis://host:port/number, without user and password",
     .check = &is_redis_url},
    {.key = "redis.password_file",
     .at = &at<&S::redis, &redis_settings::password_file>,
     .help = "File that holds Redis' password; empty = none.",
     .form = "a path or nothing"},
    {.key = "redis.timeout_ms",
     .at = &at<&S::redis, &redis_settings::timeout_ms>,
     .help = "Time to connect to Redis, and for its answer.",
     .min = 1,
     .max = ms_max},

    {.key = "nats.urls",
     .at = &at<&S::nats, &nats_settings::urls>,
     .help = "NATS servers, any of which will do; tls:// for TLS.",
     .form = "a list of nats://host:port, without user and password",
     .check = &is_nats_url},
    {.key = "nats.credentials_file",
     .at = &at<&S::nats, &nats_settings::credentials_file>,
     .help = "File of the NATS user's credentials; empty = none.",
     .form = "a path or nothing"},
    {.key = "nats.stream",
     .at = &at<&S::nats, &nats_settings::stream>,
     .help = "JetStream stream of the events, and first word of their subjects.",
     .form = "1 to 32 of a-z, 0-9, _ and -",
     .check = &is_plain_name},
    {.key = "nats.replicas",
     .at = &at<&S::nats, &nats_settings::replicas>,
     .help = "Servers that keep each event.",
     .min = 1,
     .max = 5},
    {.key = "nats.max_age_s",
     .at = &at<&S::nats, &nats_settings::max_age_s>,
     .help = "Time the stream keeps events for third parties.",
     .min = 60,
     .max = s_max},

    {.key = "nats.signing_key_file",
     .at = &at<&S::nats, &nats_settings::signing_key_file>,
     .help = "File of the keys that sign events, one a line; the first signs, all are accepted; "
             "empty = a key derived from the server's secret.",
     .form = "a path or nothing"},

    {.key = "events.bus",
     .at = &at<&S::events, &events_settings::bus>,
     .help = "How events reach other services: from node to node, or over NATS JetStream.",
     .allowed = "nodes|nats"},
};

}  // namespace

std::span<const option> stores_options() {
  return rows;
}

}  // namespace stoa::config
