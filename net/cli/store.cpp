#include "net/cli/store.hpp"

#include "actors/kernel/cluster_secrets.hpp"
#include "actors/kernel/kernel_commands.hpp"
#include "actors/notification/notification_effects.hpp"
#include "actors/notification/unsubscribe_token.hpp"
#include "actors/notification/webhook_effects.hpp"
#include "actors/payment/payment_effects.hpp"
#include "actors/user/verification_token.hpp"
#include "config/log.hpp"
#include "config/services.hpp"
#include "net/cli/allocation_metrics.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/have.hpp"
#include "net/mail/mbox.hpp"
#include "net/mail/smtp.hpp"
#include "net/media/media_effects.hpp"
#include "net/media/open_media.hpp"
#include "net/nats/nats_bus.hpp"
#include "net/search/engine_runner.hpp"
#include "net/shopify/export_metrics.hpp"
#include "net/shopify/export_runner.hpp"
#include "net/shopify/import_metrics.hpp"
#include "net/shopify/import_runner.hpp"
#include "net/shopify/price_check_runner.hpp"
#include "net/token/secret_lines.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace stoa::cli {

namespace {

gateways::paypal_credentials paypal_credentials_of(const payment_settings& s) {
  return {s.paypal_base_url, s.paypal_client_id,
          have(token::read_secret(s.paypal_secret_file), "payment.paypal_secret_file"),
          std::chrono::milliseconds{s.paypal_timeout_ms}};
}

kernel::cluster_options cluster_options_of(const settings& s) {
  kernel::cluster_options o;
  o.name = s.cluster.name;
  o.listen = s.cluster.listen;
  o.peers = s.cluster.peers;
  o.tls_certificate = s.cluster.tls_certificate;
  o.tls_key = s.cluster.tls_key;
  o.tls_ca = s.cluster.tls_ca;
  if (!o.listen.empty() && !s.cluster.secret_file.empty()) {
    o.secrets = std::make_shared<kernel::cluster_secrets>(
        have(token::load_or_create_cluster_secret(s.cluster.secret_file), "cluster.secret_file"));
  }
  o.handshake_timeout = milliseconds{s.cluster.handshake_timeout_ms};
  o.handshakes_max = static_cast<std::size_t>(s.cluster.handshakes_max);
  o.connections_max = static_cast<std::size_t>(s.cluster.connections_max);
  o.heartbeat = milliseconds{s.cluster.heartbeat_ms};
  o.dead_after = milliseconds{s.cluster.dead_after_ms};
  o.resolve = milliseconds{s.cluster.resolve_ms};
  o.clock_skew_max = milliseconds{s.cluster.clock_skew_max_ms};
  return o;
}

kernel::node_options node_options_of(const settings& s) {
  kernel::node_options o;
  o.data_dir = s.data.dir;
  o.actor_threads = static_cast<std::size_t>(s.actors.threads);
  o.batch_max = static_cast<std::size_t>(s.actors.batch_max);
  o.in_flight_max = static_cast<std::size_t>(s.actors.requests_in_flight_max);
  o.expensive_readers = static_cast<std::size_t>(s.queries.expensive_readers);
  o.expensive_in_flight_max = static_cast<std::size_t>(s.queries.expensive_in_flight_max);
  o.time_service = "order";
  o.settings = common_settings_of(s);
  o.sweep_interval = milliseconds{s.sweep.interval_ms};
  o.idempotency_ttl = seconds{s.idempotency.ttl_s};
  o.replica_lag_max = milliseconds{s.postgres.replica_lag_ms_max};
  if (s.cart.accept_loss) o.accept_loss = {"cart"};
  o.name = s.node.name;
  o.services.emplace();
  for (const auto& service : config::service_names()) {
    if (runs_here(s, service)) o.services->insert(service);
  }
  o.database = [s](const std::string& service) { return database_of(s, service); };
  o.lease = milliseconds{s.cluster.lease_ms};
  o.move_wait = milliseconds{s.cluster.move_wait_ms};
  if (s.data.store == "postgres") {
    o.writers = static_cast<std::size_t>(s.postgres.writers);
    o.batch_interval = milliseconds{s.postgres.batch_interval_ms};
    o.readers = static_cast<std::size_t>(s.postgres.readers);
  }
  o.cluster = cluster_options_of(s);
  add_codecs(o.codecs);
  kernel::add_kernel_commands(o.codecs);
  o.relay.in_flight_max = static_cast<std::size_t>(s.relay.in_flight_max);
  o.relay.attempts_max = static_cast<int>(s.relay.attempts_max);
  o.relay.retry_min = milliseconds{s.relay.retry_ms_min};
  o.relay.retry_max = milliseconds{s.relay.retry_ms_max};
  o.relay.applied_wait = milliseconds{s.relay.applied_wait_ms};
  return o;
}

}  // namespace

bool runs_here(const settings& s, std::string_view role) {
  return std::ranges::any_of(s.node.services,
                             [&](const auto& r) { return r == "all" || r == role; });
}

store::store(const settings& s, std::function<void(const std::string&)> on_failure) : services_(s) {
  const auto keys = keys_dir_of(s);
  secret_ = have(token::load_or_create_secret(keys), "the server's secret");
  keys_.emplace(
      have(token::token_keys::load_or_create(keys, {s.auth.audience, s.auth.access_token_ttl_s}),
           "the token key"));
  sealer_.emplace(secret_, "answer");
  instruments_.emplace(secret_, "payment instrument");
  webhook_secrets_.emplace(secret_, "webhook secret");
  gift_cards_.emplace(secret_, "gift card");
  webhooks_.emplace(gateways::sandbox_webhook_key(secret_.bytes));
  common_passwords_.emplace(have(user::common_passwords::load(s.auth.common_passwords_file),
                                 "the list of common passwords"));
  if (const auto& file = s.payment.stripe_webhook_secrets_file; !file.empty()) {
    stripe_webhooks_.emplace(
        have(token::read_secret_lines(file), "payment.stripe_webhook_secrets_file"));
  }
  if (const auto& id = s.payment.paypal_webhook_id; !id.empty() && runs_here(s, "front")) {
    paypal_webhooks_ = std::make_unique<gateways::paypal_webhooks>(gateways::paypal_webhook_options{
        s.payment.paypal_base_url, id, milliseconds{s.payment.paypal_timeout_ms}, &registry_});
  }
  if (s.tax.provider == "http" && runs_here(s, "front")) {
    taxes_ = std::make_unique<tax::tax_client>(
        s.tax, have(tax::signing_key_of(s.tax), "tax.secret_file"), &registry_);
  }
  if (runs_here(s, "payment")) open_sandbox(s);
  if (!s.payment.stripe_key_file.empty()) open_stripe(s);
  if (runs_here(s, "notification")) open_mail(s);
  messages_.emplace(s, registry_, runs_here(s, "notification"));
  if (s.events.bus == "nats") {
    auto bus = have(nats::nats_options_of(s, secret_.bytes), "the keys that sign events");
    bus.registry = &registry_;
    signing_ = bus.signing;
    bus_ = nats::make_nats_bus(std::move(bus));
  }
  passwords_ = std::make_unique<user::password_workers>(
      user::password_limits{static_cast<std::size_t>(s.auth.password_workers),
                            static_cast<std::size_t>(s.auth.password_queue_max),
                            static_cast<std::size_t>(s.auth.password_client_queue_max)});
  if (runs_here(s, "front") || runs_here(s, "catalog")) {
    media_ = media::open_media(s, media_dir_of(s), &registry_);
  }
  if (s.limits.store == "redis" && runs_here(s, "front")) {
    limits_ = std::make_unique<front::shared_limits>(redis_options_of(s));
  }

  auto options = node_options_of(s);
  options.seal = &*sealer_;
  cluster_secrets_ = options.cluster.secrets;
  options.store_id = token::store_id_of(secret_);
  options.keys = [this, id = options.store_id] {
    std::map<std::string, std::string> all{{"store_id", id},
                                           {"token_keys", text::join(keys_->key_ids(), " ")}};
    if (!signing_) return all;
    std::vector<std::string> signing;
    for (const auto& key : *signing_->keys()) signing.push_back(key.id);
    all.emplace("signing_keys", text::join(signing, " "));
    return all;
  };
  options.bus = bus_.get();
  options.metrics = &registry_;
  options.on_failure = std::move(on_failure);
  auto definitions = services_.definitions();
  const auto effects_of = [&](std::string_view service) -> auto& {
    return std::ranges::find(definitions, service, &kernel::service_definition::name)->make_effects;
  };
  if (gateway_) effects_of("payment") = payment_effects_of(s);
  if (mail_) {
    effects_of("notification") =
        kernel::both_effects(notification_effects_of(s), webhook_effects_of(s));
  }
  effects_of("catalog") = catalog_effects_of(s);
  effects_of("pricing") = shopify::price_check_runner([this] { return import_port_.load(); });
  node_ = kernel::make_node(std::move(options), std::move(definitions));
}

void store::open_sandbox(const settings& s) {
  gateways::sandbox_options bank;
  bank.ledger_file = ledger_of(s);
  bank.store_id = token::store_id_of(secret_);
  std::filesystem::create_directories(bank.ledger_file.parent_path());
  gateway_ = have(gateways::sandbox::open(bank), "the sandbox's ledger");
  if (!s.payment.paypal_client_id.empty()) {
    paypal_ = std::make_unique<gateways::paypal>(gateways::paypal_options{
        paypal_credentials_of(s.payment), s.payment.paypal_return_url, s.payment.paypal_cancel_url,
        static_cast<std::size_t>(s.payment.concurrency), &registry_});
  }
}

void store::open_stripe(const settings& s) {
  gateways::stripe_options remote;
  remote.base_url = s.payment.stripe_base_url;
  remote.api_key = have(token::read_secret(s.payment.stripe_key_file), "payment.stripe_key_file");
  remote.return_url = s.payment.stripe_return_url;
  remote.timeout = std::chrono::milliseconds{s.payment.stripe_timeout_ms};
  remote.in_flight_max = static_cast<std::size_t>(s.payment.concurrency);
  remote.metrics = &registry_;
  stripe_ = std::make_unique<gateways::stripe>(std::move(remote));
}

payment::webhook_registry store::webhooks() const {
  payment::webhook_registry all{{"sandbox", &*webhooks_}};
  if (stripe_webhooks_) all.emplace("stripe", &*stripe_webhooks_);
  if (paypal_webhooks_) all.emplace("paypal", paypal_webhooks_.get());
  return all;
}

payment::gateway_registry store::callable_gateways() const {
  payment::gateway_registry all;
  if (gateway_) all.emplace("sandbox", gateway_.get());
  if (stripe_) all.emplace("stripe", stripe_.get());
  if (paypal_) all.emplace("paypal", paypal_.get());
  return all;
}

store::effects_factory store::payment_effects_of(const settings& s) {
  const auto limits = payment::effect_limits_of(s.payment);
  gateway_times_.emplace(&registry_, "stoa_gateway_request_duration_seconds",
                         "Duration of calls to the payment gateway, by operation and outcome",
                         limits.timeout);
  return payment::payment_effects(
      callable_gateways(), limits, *instruments_,
      [this](std::string_view operation, std::string_view outcome, microseconds took) {
        gateway_times_->observe(std::string(operation), std::string(outcome), took);
      });
}

void store::open_mail(const settings& s) {
  if (s.notification.email == "smtp") {
    auto server = have(mail::smtp_options_of(s.notification), "the mail server's settings");
    server.metrics = &registry_;
    mail_ = have(mail::smtp::open(std::move(server)), "the mail server");
    return;
  }
  mail::mbox_options folder;
  folder.directory = mail_dir_of(s);
  mail_ = have(mail::mbox::open(folder), "the mail folder");
}

store::effects_factory store::notification_effects_of(const settings& s) {
  const auto limits = notification::mail_limits_of(s.notification);
  mail_times_.emplace(&registry_, "stoa_mail_send_duration_seconds",
                      "Duration of attempts to send an email, by outcome", limits.timeout);
  notification::channel_registry channels;
  channels[notification::notification_type::Email] = {
      mail_.get(), limits,
      [this](std::string_view outcome, microseconds took) {
        mail_times_->observe("", std::string(outcome), took);
      },
      notification::bucket_of(s.notification.email_per_s)};
  messages_->add_to(channels);
  return notification::notification_effects(std::move(channels),
                                            {[key = secret_.bytes](user::verification_id id) {
                                               return user::make_verification_token(key, id);
                                             },
                                             [key = secret_.bytes](stoa::notification_id id) {
                                               return notification::make_unsubscribe_token(key, id);
                                             }});
}

store::effects_factory store::webhook_effects_of(const settings& s) {
  notification::webhook_limits limits;
  limits.under_way_max = static_cast<std::size_t>(s.webhooks.concurrency);
  limits.timeout = milliseconds{s.webhooks.timeout_ms};
  webhook_sender_ =
      std::make_unique<webhook::http_sender>(s.webhooks, *webhook_secrets_, &registry_);
  webhook_times_.emplace(&registry_, "stoa_webhook_request_duration_seconds",
                         "Duration of attempts to deliver a webhook, by outcome", limits.timeout);
  return notification::webhook_effects(*webhook_sender_, limits,
                                       [this](std::string_view outcome, microseconds took) {
                                         webhook_times_->observe("", std::string(outcome), took);
                                       });
}

store::effects_factory store::catalog_effects_of(const settings& s) {
  const auto port = [this] { return import_port_.load(); };
  auto effects = shopify::import_runner(
      {port, s.store.currency, std::make_shared<shopify::import_metrics>(registry_)});
  effects = kernel::both_effects(
      std::move(effects),
      shopify::export_runner(
          {port, s.store.currency, std::make_shared<shopify::export_metrics>(registry_)}));
  effects = kernel::both_effects(std::move(effects), allocation_metrics(registry_));
  if (s.search.engine != "builtin") {
    const auto engine = have(search::engine_options_of(s.search, &registry_), "the search engine");
    auto metrics = std::make_shared<search::engine_metrics>(&registry_);
    if (runs_here(s, "front")) search_ = std::make_unique<search::product_search>(engine, metrics);
    effects =
        kernel::both_effects(std::move(effects), search::engine_runner({engine, port, metrics}));
  }
  if (!media_ || !media_->has_store()) return effects;
  const auto thumbnails = media::thumbnail_options_of(s);
  if (runs_here(s, "catalog") && !thumbnails.widths.empty() &&
      !media::thumbnail_maker(thumbnails).is_there()) {
    log::info("vipsthumbnail is not installed: uploaded images get no thumbnails",
              {{"program", thumbnails.program}});
  }
  return kernel::both_effects(std::move(effects), media::media_effects({media_, thumbnails}));
}

store::~store() = default;

void store::stop(milliseconds limit) {
  passwords_->stop();          // they send to the node's ports
  if (media_) media_->stop();  // as above
  if (taxes_) taxes_->stop();
  if (bus_) bus_->stop();  // while the subscribers of its events can still respond
  node_->stop(limit);
  if (stripe_) stripe_->stop();
  if (paypal_) paypal_->stop();
  if (gateway_) gateway_->stop();
  if (mail_) mail_->stop();
  messages_->stop();
}

}  // namespace stoa::cli
