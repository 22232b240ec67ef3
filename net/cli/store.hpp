#pragma once
// Assembles the store from the settings: services with their options, gateway, mail folder,
// keys.

#include "actors/kernel/call_times.hpp"
#include "actors/kernel/node.hpp"
#include "actors/notification/channel.hpp"
#include "actors/user/common_passwords.hpp"
#include "actors/user/password_workers.hpp"
#include "config/settings.hpp"
#include "net/cli/message_channels.hpp"
#include "net/cli/service_set.hpp"
#include "net/front/shared_limits.hpp"
#include "net/gateway/paypal.hpp"
#include "net/gateway/paypal_webhook.hpp"
#include "net/gateway/sandbox.hpp"
#include "net/gateway/sandbox_webhook.hpp"
#include "net/gateway/stripe.hpp"
#include "net/gateway/stripe_webhook.hpp"
#include "net/search/product_search.hpp"
#include "net/tax/tax_client.hpp"
#include "net/token/access_token.hpp"
#include "net/token/sealer.hpp"
#include "net/webhooks/http_sender.hpp"

#include <prometheus/registry.h>

#include <atomic>

namespace stoa::kernel {
class cluster_secrets;
}
namespace stoa::media {
class media_service;
}
namespace stoa::nats {
class signing_ring;
}

namespace stoa::cli {

/// Whether a role, a service or "front", runs on this node (setting node.services).
bool runs_here(const settings& s, std::string_view role);

/// Everything that `stoa serve` runs except the HTTP listeners.
class store {
 public:
  /// Throws std::runtime_error when a key file, the mail folder or the ledger is unusable.
  explicit store(const settings& s, std::function<void(const std::string&)> on_failure);
  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  kernel::node& node() { return *node_; }
  const token::token_keys& keys() const { return *keys_; }
  /// Null: the cluster has no secret.
  kernel::cluster_secrets* cluster_secrets() { return cluster_secrets_.get(); }
  /// Null: events are not sent through a broker.
  nats::signing_ring* signing() { return signing_.get(); }
  const token::server_secret& secret() const { return secret_; }
  /// Encrypts payment instruments.
  const token::secret_sealer& instruments() const { return *instruments_; }
  /// Verifiers of the gateways' webhooks.
  payment::webhook_registry webhooks() const;
  const message_channels& messages() const { return *messages_; }
  /// Null: Stripe sends no webhooks.
  gateways::stripe_webhooks* stripe_webhooks() {
    return stripe_webhooks_ ? &*stripe_webhooks_ : nullptr;
  }
  /// The gateways that this node can call; those of its payment service, or Stripe's alone.
  payment::gateway_registry callable_gateways() const;
  /// Encrypts the secrets of outgoing webhooks.
  const token::secret_sealer& webhook_secrets() const { return *webhook_secrets_; }
  const token::secret_sealer& gift_cards() const { return *gift_cards_; }
  /// Null: only the store's tax rates.
  tax::tax_client* taxes() { return taxes_.get(); }
  user::password_workers& passwords() { return *passwords_; }
  const user::common_passwords& common_passwords() const { return *common_passwords_; }
  media::media_service* media() { return media_.get(); }
  prometheus::Registry& registry() { return registry_; }
  /// Null: only the built-in search.
  search::product_search* search() { return search_.get(); }
  /// Null: rate limits are per node.
  front::shared_limits* limits() { return limits_.get(); }

  /// Reads the services' files again.
  void reload() const {
    for (const auto& d : services_.definitions()) {
      if (d.reload) d.reload();
    }
  }
  void start() {
    node_->start();
    import_port_ = node_->make_port();
  }
  /// Stops the users of the services' ports, then the services, then their dependencies.
  void stop(milliseconds limit);

 private:
  using effects_factory = decltype(kernel::service_definition::make_effects);
  void open_sandbox(const settings& s);
  void open_stripe(const settings& s);
  effects_factory payment_effects_of(const settings& s);
  void open_mail(const settings& s);
  effects_factory notification_effects_of(const settings& s);
  effects_factory webhook_effects_of(const settings& s);
  effects_factory catalog_effects_of(const settings& s);

  service_set services_;
  prometheus::Registry registry_;
  token::server_secret secret_;
  std::optional<token::token_keys> keys_;
  std::shared_ptr<kernel::cluster_secrets> cluster_secrets_;
  std::shared_ptr<nats::signing_ring> signing_;
  std::optional<token::secret_sealer> sealer_;           ///< of answers
  std::optional<token::secret_sealer> instruments_;      ///< of payment instruments
  std::optional<token::secret_sealer> webhook_secrets_;  ///< of secrets of outgoing webhooks
  std::optional<token::secret_sealer> gift_cards_;
  std::optional<gateways::sandbox_webhooks> webhooks_;
  std::optional<gateways::stripe_webhooks> stripe_webhooks_;    ///< set if Stripe sends webhooks
  std::unique_ptr<gateways::paypal_webhooks> paypal_webhooks_;  ///< set if PayPal sends webhooks
  std::optional<user::common_passwords> common_passwords_;
  std::unique_ptr<kernel::event_bus> bus_;
  std::optional<kernel::call_times> gateway_times_;
  std::optional<kernel::call_times> mail_times_;
  std::unique_ptr<gateways::sandbox> gateway_;   ///< set where payments run
  std::unique_ptr<gateways::stripe> stripe_;     ///< set with a key
  std::unique_ptr<gateways::paypal> paypal_;     ///< set where payments run, with a client id
  std::unique_ptr<notification::channel> mail_;  ///< set where notifications run
  std::optional<message_channels> messages_;
  std::optional<kernel::call_times> webhook_times_;
  std::unique_ptr<webhook::http_sender> webhook_sender_;  ///< set where notifications run
  std::unique_ptr<tax::tax_client> taxes_;                ///< set with an external provider
  std::unique_ptr<user::password_workers> passwords_;
  std::shared_ptr<media::media_service> media_;
  std::unique_ptr<front::shared_limits> limits_;
  std::unique_ptr<search::product_search> search_;  ///< set with a search engine
  std::unique_ptr<kernel::node> node_;
  std::atomic<std::shared_ptr<kernel::port>> import_port_;  ///< set while the node runs
};

}  // namespace stoa::cli
