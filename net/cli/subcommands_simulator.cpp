// The command line of `stoa gateway-simulator`.

#include "net/cli/gateway_simulator.hpp"
#include "net/cli/subcommand_parts.hpp"

#include <memory>

namespace stoa::cli {

command_list add_gateway_simulator(CLI::App& app) {
  auto o = std::make_shared<gateway_simulator_options>();
  auto* command = app.add_subcommand(
      "gateway-simulator",
      "Serve a simulation of Stripe's and PayPal's APIs for payments and refunds, for tests and\n"
      "development, at --listen (default 127.0.0.1:9100). Its ledger is in --data DIR (default\n"
      "./gateway-simulator-data), which one process at a time uses. The environment and the\n"
      "settings file of a store change neither of them. docs/gateways.md lists the cards.");
  auto* url = command->add_option("--webhook-url", o->webhook_url,
                                  "URL that receives the webhooks, such as that of /hooks/stripe");
  auto* secret = command->add_option("--webhook-secret-file", o->webhook_secret_file,
                                     "File whose first line is the secret that signs them");
  command->add_flag("--webhook-disorder", o->webhook_disorder,
                    "Send webhooks late, in another order, and some of them twice");
  auto* paypal_url = command->add_option("--paypal-webhook-url", o->paypal_webhook_url,
                                         "URL that receives PayPal's webhooks: /hooks/paypal");
  auto* paypal_id = command->add_option("--paypal-webhook-id", o->paypal_webhook_id,
                                        "The store's payment.paypal_webhook_id");
  paypal_url->needs(paypal_id);
  paypal_id->needs(paypal_url);
  command
      ->add_option(
          "--fault", o->faults,
          "Fault of new requests: slow (the response comes after 5 s), 500 (not executed),\n"
          "500_after_charging, reset (executed, no response), truncated and unreadable (executed,\n"
          "the response is 2xx with a part of the JSON, or without JSON), each with :PROBABILITY.\n"
          "May be repeated")
      ->check(CLI::Validator(check_fault, "KIND[:PROBABILITY]"));
  command->add_option("--seed", o->seed, "Seed of the faults and of the disorder")
      ->capture_default_str();
  url->needs(secret);
  secret->needs(url);
  command->footer(
      "Exit code: 0, or 1 when it cannot listen, a file cannot be used, or another process uses\n"
      "the directory.");
  return {{command, [o](const settings& s) { return run_gateway_simulator(s, *o); }}};
}

}  // namespace stoa::cli
