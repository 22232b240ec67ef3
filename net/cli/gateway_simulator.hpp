#pragma once
// `stoa gateway-simulator`.

#include "config/load.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stoa::cli {

struct gateway_simulator_options {
  std::string webhook_url;          ///< empty: no webhooks
  std::string webhook_secret_file;  ///< as payment.stripe_webhook_secrets_file; the first is used
  std::string paypal_webhook_url;   ///< empty: no webhooks of PayPal
  std::string paypal_webhook_id;
  bool webhook_disorder = false;    ///< webhooks are late, reordered and partly sent twice
  std::vector<std::string> faults;  ///< KIND or KIND:PROBABILITY
  std::uint32_t seed = 1;           ///< of the disorder and of the faults
};
/// An empty text if it is a fault of --fault, otherwise why it is not.
std::string check_fault(const std::string& text);
/// The simulator's http.listen and data.dir unless flags give them: those of the environment and of
/// the settings file are the store's.
std::vector<config::given_flag> gateway_simulator_values();
/// Serves Stripe's and PayPal's APIs at http.listen, with its ledger in data.dir, until a signal
/// stops it. exit_failed when it cannot listen, or a file cannot be used, or another process uses
/// the directory.
int run_gateway_simulator(const settings& s, const gateway_simulator_options& o);

}  // namespace stoa::cli
