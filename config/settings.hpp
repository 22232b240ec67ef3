#pragma once
// All settings of Stoa with their types and defaults. Keys, ranges and help are in the tables in
// options_*.cpp. A name ends with its unit.

#include <cstdint>
#include <string>
#include <vector>

namespace stoa {

struct http_settings {
  std::string listen = "127.0.0.1:8080";
  std::string admin_listen;  ///< empty: none
  std::string admin_routes = "listen";
  std::int64_t threads = 0;  ///< 0: one for each core
  std::int64_t header_bytes_max = 8192;
  std::int64_t body_bytes_max = 8'388'608;
  std::int64_t unfinished_bodies_bytes_max = 134'217'728;
  std::int64_t connections_max = 20'000;
  std::int64_t header_timeout_ms = 10'000;
  std::int64_t body_timeout_ms = 30'000;
  std::int64_t idle_timeout_ms = 60'000;
  std::int64_t write_timeout_ms = 30'000;
  std::int64_t request_timeout_ms = 10'000;
  std::int64_t requests_in_flight_max = 2048;
  std::int64_t latency_target_ms = 500;
  std::vector<std::string> cors_origins;
  bool docs = true;
  std::vector<std::string> ready_requires{"browse"};  ///< capabilities
  std::string tls_certificate;                        ///< empty: plain HTTP
  std::string tls_key;
  std::vector<std::string> trusted_proxies;
  std::string forwarded_field = "X-Forwarded-For";
  bool proxy_protocol = false;
  bool compression = true;
  std::int64_t compression_bytes_min = 1024;
  std::int64_t compression_bytes_max = 2'097'152;
  std::int64_t compression_gzip_level = 4;
  std::int64_t compression_zstd_level = 3;
  std::int64_t answer_cache_bytes = 16 << 20;
};

/// Limits per client. Limits per address count IPv6 addresses per /64.
struct limits_settings {
  std::int64_t connections_per_address_max = 256;
  std::vector<std::string> exempt_addresses{"127.0.0.0/8", "::1"};  ///< from limits per address
  std::string store = "node";  ///< node: counted on each node; redis: shared by all nodes
  std::int64_t clients_max = 131'072;
  std::int64_t ipv6_site_factor = 32;
  std::int64_t read_per_minute = 6000;
  std::int64_t read_burst = 1000;
  std::int64_t search_per_minute = 600;
  std::int64_t search_burst = 100;
  std::int64_t write_per_minute = 1200;
  std::int64_t write_burst = 300;
  std::int64_t cart_create_per_minute = 60;
  std::int64_t cart_create_burst = 30;
  std::int64_t cart_create_per_day = 2000;
  std::int64_t checkout_per_minute = 60;
  std::int64_t checkout_burst = 20;
  std::int64_t login_per_minute = 60;
  std::int64_t login_burst = 30;
  std::int64_t register_per_minute = 10;
  std::int64_t register_burst = 10;
  std::int64_t register_per_day = 200;
  std::int64_t staff_per_minute = 12'000;
  std::int64_t staff_burst = 3000;
  std::int64_t login_failures_free = 5;
  std::int64_t login_delay_s_min = 1;
  std::int64_t login_delay_s_max = 900;
  std::int64_t login_forget_s = 1800;
  std::int64_t login_address_failures_free = 20;
  std::int64_t login_account_per_hour = 360;
  std::int64_t login_account_burst = 20;
};

struct json_settings {
  std::int64_t depth_max = 32;
  std::int64_t values_max = 100'000;
};

struct data_settings {
  std::string dir = "./stoa-data";
  std::string store = "sqlite";
};

/// The services' databases when data.store is postgres.
struct postgres_settings {
  std::string url = "postgresql://stoa@127.0.0.1:5432/stoa_{service}";
  std::string replica_url;  ///< empty: all queries go to the primary
  std::int64_t replica_lag_ms_max = 1000;
  std::string password_file;
  bool prepared_statements = true;
  std::int64_t writers = 1;  ///< per service, in the whole cluster
  std::int64_t readers = 4;  ///< per service, on each node
  std::int64_t batch_interval_ms = 5;
  std::int64_t connect_timeout_ms = 3000;
  std::int64_t statement_timeout_ms = 10'000;
};

struct redis_settings {
  std::string url = "redis://127.0.0.1:6379/0";
  std::string password_file;
  std::int64_t timeout_ms = 2000;
};

struct nats_settings {
  std::vector<std::string> urls{"nats://127.0.0.1:4222"};
  std::string credentials_file;
  std::string stream = "stoa";
  std::int64_t replicas = 1;
  std::int64_t max_age_s = 86'400;
  std::string signing_key_file;  ///< empty: a key derived from the server's secret
};

struct events_settings {
  std::string bus = "nodes";  ///< nodes: from node to node; nats: over JetStream
};

/// This process in a cluster.
struct node_settings {
  std::string name = "stoa-1";
  std::vector<std::string> services{"all"};
};

struct cluster_settings {
  std::string name = "stoa";
  std::string listen;              ///< empty: no cluster
  std::vector<std::string> peers;  ///< host:port; a host may have several addresses
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_ca;
  std::string secret_file;
  std::int64_t handshake_timeout_ms = 5000;
  std::int64_t handshakes_max = 64;
  std::int64_t connections_max = 1024;
  std::int64_t heartbeat_ms = 500;
  std::int64_t dead_after_ms = 3000;
  std::int64_t lease_ms = 3000;
  std::int64_t move_wait_ms = 2000;
  std::int64_t resolve_ms = 5000;
  std::int64_t clock_skew_max_ms = 60'000;
};

struct store_settings {
  std::string name = "Stoa demo store";
  std::string currency = "EUR";
  std::string locale = "en";  ///< BCP 47
  std::string public_url;     ///< empty: other servers do not call this store
  bool demo = false;
};

struct log_settings {
  std::string level = "info";
  std::string format = "auto";
  std::int64_t repeat_interval_ms = 10'000;  ///< 0: repeated lines are written like all others
  std::string access_file;                   ///< empty: no access log; "-": standard output
};

struct actors_settings {
  std::int64_t threads = 0;  ///< 0: one for each core
  std::int64_t requests_in_flight_max = 2048;
  std::int64_t batch_max = 256;
};

/// Searches, filters and lists.
struct queries_settings {
  std::int64_t time_ms_max = 500;
  std::int64_t expensive_readers = 2;  ///< per service, on each node
  std::int64_t expensive_in_flight_max = 32;
};

struct auth_settings {
  std::string keys_dir;  ///< empty: "keys" in the data folder
  std::int64_t access_token_ttl_s = 600;
  std::int64_t refresh_token_ttl_s = 2'592'000;
  std::string audience = "stoa";
  std::int64_t revocations_max = 100'000;
  std::int64_t password_workers = 2;
  std::int64_t password_queue_max = 512;
  std::int64_t password_client_queue_max = 8;
  bool verify_email = false;
  std::int64_t verification_ttl_s = 3600;
  std::string verification_url;       ///< empty: mails contain the token without a link
  std::string common_passwords_file;  ///< empty: the built-in list
};

struct cart_settings {
  std::string store = "database";
  std::int64_t guest_ttl_s = 604'800;
  std::int64_t guest_empty_ttl_s = 3600;
  std::int64_t customer_ttl_s = 7'776'000;
  bool accept_loss = false;
};

struct order_settings {
  std::int64_t checkout_wait_ms = 2000;
  std::int64_t checkout_wait_ms_max = 30'000;
  std::int64_t guest_units_max = 100;
  std::int64_t guest_pending_max = 5;
  std::int64_t user_units_max = 1000;
  std::int64_t user_pending_max = 20;
  std::int64_t declined_hold_s = 600;
};

struct catalog_settings {
  std::int64_t reservation_ttl_s = 900;
  std::int64_t import_bytes_max = 33'554'432;
  std::int64_t export_bytes_max = 268'435'456;
  std::int64_t low_stock_threshold = 0;  ///< 0: none
  /// Which location supplies an order, the most important rule first.
  std::vector<std::string> allocation{"destination", "fewest_shipments", "priority", "most_stock"};
};

/// Uploaded files.
struct media_settings {
  std::string store = "folder";  ///< "folder" or "s3"
  std::string dir;               ///< empty: "media" in the data folder
  std::string public_url;        ///< empty: /media, at this server
  std::int64_t image_bytes_max = 10'485'760;
  std::int64_t image_pixels_max = 50'000'000;
  std::vector<std::string> thumbnail_widths{"160", "480", "960"};
  std::int64_t thumbnail_timeout_ms = 30'000;
  std::int64_t thumbnail_memory_bytes_max = 1'073'741'824;
  std::int64_t unused_s = 86'400;
  std::string s3_endpoint;
  std::string s3_region = "us-east-1";
  std::string s3_bucket;
  std::string s3_prefix;  ///< of the names in the bucket, with its trailing slash
  std::string s3_access_key;
  std::string s3_secret_file;
  bool s3_path_style = false;
  std::int64_t s3_timeout_ms = 10'000;
};

/// The search of products.
struct search_settings {
  std::string engine = "builtin";  ///< opensearch: OpenSearch or Elasticsearch
  std::string url;
  std::string index = "stoa-products";  ///< the alias; names of indexes begin with it
  std::string user;
  std::string password_file;
  std::string api_key_file;
  std::string ca_file;  ///< empty: the system's certificate authorities
  std::int64_t timeout_ms = 500;
};

struct pricing_settings {
  bool prices_include_tax = false;
  std::string tax_rounding = "line";  ///< or "order"
  std::vector<std::string> tax_exempt_groups;
};

/// Taxes of an external provider.
struct tax_settings {
  std::string provider = "builtin";  ///< or "http"
  std::string url;
  std::string secret_file;
  std::int64_t timeout_ms = 2000;
  std::string on_failure = "refuse";  ///< or "builtin"
  std::vector<std::string> allowed_networks;
};

struct payment_settings {
  std::int64_t gateway_timeout_ms = 3000;
  std::int64_t retry_ms_min = 200;
  std::int64_t retry_ms_max = 60'000;
  std::int64_t give_up_s = 600;
  std::int64_t instrument_ttl_s = 3600;
  std::int64_t concurrency = 64;
  std::string gateway = "sandbox";    ///< registered name, for new payments
  std::string capture = "automatic";  ///< "shipment" or "manual"
  std::string sandbox_ledger;         ///< empty: "sandbox/ledger.db" in the data folder
  std::string stripe_base_url = "https://api.stripe.com";
  std::string stripe_key_file;              ///< empty: Stripe is not used
  std::string stripe_webhook_secrets_file;  ///< empty: no webhooks of Stripe
  std::string stripe_return_url;
  std::int64_t stripe_timeout_ms = 10'000;
  std::vector<std::string> methods{"card"};  ///< names of payment::payment_method
  std::string bank_transfer_instructions;
  std::int64_t bank_transfer_days = 7;
  std::string paypal_base_url = "https://api-m.paypal.com";
  std::string paypal_client_id;    ///< empty: PayPal is not used
  std::string paypal_secret_file;  ///< of the client id
  std::string paypal_webhook_id;   ///< empty: no webhooks of PayPal
  std::string paypal_return_url;
  std::string paypal_cancel_url;  ///< empty: paypal_return_url
  bool paypal_vault = false;      ///< users can save their PayPal accounts
  std::int64_t paypal_timeout_ms = 10'000;
};

struct notification_settings {
  std::int64_t retry_ms_min = 0;  ///< 0: see retry_schedule_of(), for these three
  std::int64_t retry_ms_max = 0;
  std::int64_t attempts_max = 0;
  std::string mail_from = "Stoa demo store <store@localhost>";
  std::string email = "mbox";
  std::string mail_dir;  ///< empty: "mail" in the data folder
  std::string smtp_host;
  std::int64_t smtp_port = 587;
  std::string smtp_security = "starttls";
  std::string smtp_user;
  std::string smtp_password_file;
  std::string smtp_ca_file;  ///< empty: the system's certificate authorities
  std::vector<std::string> smtp_allowed_networks;
  std::int64_t smtp_timeout_ms = 30'000;
  std::int64_t smtp_connections = 4;
  std::string dkim_domain;  ///< empty: the domain of mail_from
  std::string dkim_selector;
  std::string dkim_key_file;     ///< empty: mails are not signed
  std::int64_t email_per_s = 0;  ///< 0: no limit, as for the other channels
  std::string sms = "none";
  std::vector<std::string> sms_events{"cancelled", "shipped", "action_required"};
  std::string sms_from;
  std::string sms_url;
  std::string sms_token_file;
  std::string sms_callback_secrets_file;  ///< empty: no reports from the generic provider
  std::vector<std::string> sms_allowed_networks;
  std::int64_t sms_timeout_ms = 10'000;
  std::int64_t sms_attempts_max = 20;
  std::int64_t sms_per_s = 10;
  std::string twilio_base_url = "https://api.twilio.com";
  std::string twilio_account_sid;
  std::string twilio_token_file;
  std::string twilio_messaging_service_sid;
  std::string push = "none";
  std::vector<std::string> push_events{"confirmed", "cancelled", "shipped",
                                       "delivered", "refunded",  "action_required"};
  std::string push_contact;
  std::vector<std::string> push_allowed_networks;
  std::int64_t push_ttl_s = 86'400;
  std::int64_t push_timeout_ms = 10'000;
  std::int64_t push_attempts_max = 20;
  std::int64_t push_per_s = 100;
  std::string order_url;        ///< the order's id is appended; empty: messages contain no link
  std::string templates_dir;    ///< empty: only the compiled-in templates
  std::string unsubscribe_url;  ///< empty: mails have no link that unsubscribes
};

/// When and how often the sending of a message is retried.
struct retry_schedule {
  std::int64_t ms_min = 0;
  std::int64_t ms_max = 0;
  std::int64_t attempts_max = 0;
};
/// The settings, or the defaults of the channel: about a minute for a folder, whose failures are
/// local; about a day for SMTP, because of greylisting and outages (RFC 5321, section 4.5.4.1).
retry_schedule retry_schedule_of(const notification_settings& s);

/// Outgoing webhooks.
struct webhook_settings {
  bool allow_http = false;
  std::vector<std::string> allowed_networks;
  std::int64_t timeout_ms = 10'000;
  std::int64_t concurrency = 4;  ///< for each endpoint
  std::int64_t retry_ms_min = 5'000;
  std::int64_t retry_ms_max = 43'200'000;
  std::int64_t retry_for_s = 259'200;
  std::int64_t disable_after_s = 432'000;
  std::int64_t retention_s = 2'592'000;
  std::string notice_email;  ///< empty: no notice
};

struct relay_settings {
  std::int64_t applied_wait_ms = 2000;
  std::int64_t retry_ms_min = 100;
  std::int64_t retry_ms_max = 30'000;
  std::int64_t attempts_max = 10;
  std::int64_t in_flight_max = 1024;
};

struct sweep_settings {
  std::int64_t interval_ms = 1000;
};

struct idempotency_settings {
  std::int64_t ttl_s = 86'400;
};

struct shutdown_settings {
  std::int64_t drain_ms = 10'000;
};

struct settings {
  http_settings http;
  limits_settings limits;
  json_settings json;
  data_settings data;
  postgres_settings postgres;
  redis_settings redis;
  nats_settings nats;
  events_settings events;
  node_settings node;
  cluster_settings cluster;
  store_settings store;
  log_settings log;
  actors_settings actors;
  queries_settings queries;
  auth_settings auth;
  cart_settings cart;
  order_settings order;
  catalog_settings catalog;
  media_settings media;
  search_settings search;
  pricing_settings pricing;
  tax_settings tax;
  payment_settings payment;
  notification_settings notification;
  webhook_settings webhooks;
  relay_settings relay;
  sweep_settings sweep;
  idempotency_settings idempotency;
  shutdown_settings shutdown;
};

}  // namespace stoa
