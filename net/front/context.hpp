#pragma once
// What all routes share: the node's services, the keys and the settings.

#include "actors/kernel/node.hpp"
#include "actors/kernel/writer_core.hpp"
#include "actors/notification/report_verifier.hpp"
#include "actors/payment/gateway.hpp"
#include "net/token/access_token.hpp"
#include "net/token/secret.hpp"

#include <atomic>

namespace stoa {
struct settings;
}
namespace stoa::media {
class media_service;
}
namespace stoa::messaging {
class vapid_key;
}
namespace stoa::user {
class common_passwords;
class password_workers;
}  // namespace stoa::user
namespace stoa::outbound {
class name_resolver;
}
namespace stoa::tax {
class tax_client;
}
namespace stoa::search {
class product_search;
}
namespace prometheus {
class Registry;
}

namespace stoa::front {

class access_log;
class admission;
class answer_cache;
class capability_watch;
class client_limits;
class compression;
class edge_metrics;
class front_metrics;
class kept_answer;
class own_writes;
class price_rules;
class revocation_follower;
class revocations;
class security_log;
class shared_limits;

/// Everything outlives the front end.
struct front_context {
  kernel::node* node = nullptr;
  const settings* config = nullptr;
  const token::token_keys* keys = nullptr;
  const token::server_secret* secret = nullptr;
  const kernel::sealer* instruments = nullptr;      ///< encrypts payment instruments
  payment::webhook_registry webhooks{};             ///< verifiers by the gateways' names
  notification::report_registry reports{};          ///< verifiers by the SMS providers' names
  const messaging::vapid_key* push_key = nullptr;   ///< null: no push messages are sent
  const kernel::sealer* webhook_secrets = nullptr;  ///< encrypts secrets of outgoing webhooks
  const kernel::sealer* gift_cards = nullptr;       ///< encrypts the codes of gift cards
  outbound::name_resolver* resolver = nullptr;
  tax::tax_client* taxes = nullptr;       ///< null: only the store's tax rates
  media::media_service* media = nullptr;  ///< uploaded files; null: none
  payment::gateway_registry gateways{};   ///< that this node can call, for reconciliation
  user::password_workers* passwords = nullptr;
  const user::common_passwords* common_passwords = nullptr;
  search::product_search* search = nullptr;  ///< null: only the built-in search
  prometheus::Registry* registry = nullptr;
  shared_limits* shared = nullptr;  ///< null: limits are local to this node
  front_metrics* metrics = nullptr;
  client_limits* limits = nullptr;
  security_log* security = nullptr;
  const admission* entrance = nullptr;
  const edge_metrics* edges = nullptr;
  capability_watch* capabilities = nullptr;     ///< null: the node serves no customers
  const std::atomic<bool>* draining = nullptr;  ///< the node is stopping
  const revocations* revoked = nullptr;
  revocation_follower* follower = nullptr;  ///< null: the node serves no customers
  price_rules* rules = nullptr;             ///< null: the node serves no customers
  own_writes* writes = nullptr;             ///< null: no replica answers queries
  access_log* access = nullptr;             ///< null: none
  bool operation_only = false;  ///< health and metrics only: the node serves no customers
};

}  // namespace stoa::front
