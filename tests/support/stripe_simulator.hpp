#pragma once
// `stoa gateway-simulator` as a process of a test: Stripe's API, with its ledger in a separate
// folder.

#include "net/gateway_simulator/simulator_ledger.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <string>
#include <vector>

namespace stoa::test {

/// Writes a file that only its owner can read.
std::filesystem::path secret_file(const std::filesystem::path& file, const std::string& text);

class stripe_simulator {
 public:
  stripe_simulator();

  /// The settings of a store that uses it.
  environment store_settings(environment more = {}) const;
  /// With the port of a store it sends webhooks there, some of them twice and late. `more`: further
  /// arguments.
  void start(std::uint16_t store = 0, const std::vector<std::string>& more = {});
  void kill() { process_->kill(); }

  std::filesystem::path ledger_file() const { return dir_ / "bank" / "gateway-simulator.db"; }
  std::vector<simulator::intent_record> ledger() const {
    return simulator::read_simulator_ledger(ledger_file());
  }
  std::vector<simulator::customer_record> customers() const {
    return simulator::read_simulator_customers(ledger_file());
  }
  std::vector<simulator::method_record> methods() const {
    return simulator::read_simulator_methods(ledger_file());
  }
  simulator::intent_record intent(const std::string& payment) const;
  /// The customer's answer on the page of 3-D Secure: complete or fail. Returns the status.
  int act(const std::string& url, const std::string& outcome) const;

  /// A request of another program with the store's key.
  http_answer api(const std::string& method, const std::string& path,
                  const std::string& form = {}) const;
  /// What people do at the gateway; docs/gateways.md lists the paths after /simulator/.
  http_answer manual(const std::string& path, const std::string& form) const;
  /// The file with the secrets of the webhooks.
  const std::filesystem::path& secrets_file() const { return secret_; }

 private:
  bool answers() const;

  temp_dir dir_;
  std::uint16_t port_;
  std::filesystem::path key_;
  std::filesystem::path secret_;
  std::optional<child_process> process_;
};

}  // namespace stoa::test
