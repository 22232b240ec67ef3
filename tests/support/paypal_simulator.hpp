#pragma once
// `stoa gateway-simulator` as a process of a test: PayPal's API, with its ledger in a separate
// folder.

#include "net/gateway_simulator/paypal_ledger.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::test {

class paypal_simulator {
 public:
  paypal_simulator();

  /// The settings of a store that uses it.
  environment store_settings(environment more = {}) const;
  /// With the port of a store, it sends webhooks there, some of them twice and late. `more`:
  /// further arguments.
  void start(std::uint16_t store = 0, const std::vector<std::string>& more = {});
  void kill() { process_->kill(); }
  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::filesystem::path ledger_file() const { return dir_ / "bank" / "gateway-simulator.db"; }
  std::vector<simulator::paypal_record> ledger() const {
    return simulator::read_paypal_ledger(ledger_file());
  }
  /// The accounts that were saved, also those that do not exist any more.
  std::vector<simulator::paypal_token_record> tokens() const {
    return simulator::read_paypal_tokens(ledger_file());
  }
  simulator::paypal_record order(const std::string& payment) const;
  /// The customer's choice on the page of approval; returns where it leads.
  std::string act(const std::string& url, const std::string& outcome,
                  const std::string& buyer = "personal") const;

 private:
  bool answers() const;

  temp_dir dir_;
  std::uint16_t port_;
  std::filesystem::path secret_;
  std::optional<child_process> process_;
};

}  // namespace stoa::test
