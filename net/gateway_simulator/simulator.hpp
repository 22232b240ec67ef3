#pragma once
// A process that speaks Stripe's and PayPal's APIs for tests and development: an HTTP server, a
// ledger, and webhooks. Each request is durable before its response.

#include "net/gateway_simulator/paypal_api.hpp"
#include "net/gateway_simulator/simulated_api.hpp"
#include "net/http/server.hpp"
#include "net/outbound/http_client.hpp"
#include "storage/base/batch_worker.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace stoa::simulator {

struct simulator_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port
  std::filesystem::path ledger_file;
  std::string webhook_url{};         ///< empty: no webhooks
  std::string webhook_secret{};      ///< signs them
  std::string paypal_webhook_url{};  ///< empty: no webhooks of PayPal
  std::string paypal_webhook_id{};   ///< part of what is signed
  bool disorder = false;             ///< webhooks are late, reordered and partly sent twice
  std::uint32_t seed = 1;            ///< of the disorder and of the faults
  std::vector<planned_fault> faults{};
};

class gateway_simulator {
 public:
  /// Throws gateways::ledger_failure.
  explicit gateway_simulator(simulator_options options);
  ~gateway_simulator();
  gateway_simulator(const gateway_simulator&) = delete;
  gateway_simulator& operator=(const gateway_simulator&) = delete;

  /// Listens; returns the port. Problem as of http::server::start.
  http::result<std::uint16_t> start();

 private:
  struct call {
    api_request request;
    http::responder respond;
    api_response answer{};
  };
  struct delivered {
    std::int64_t number = 0;
    bool is_paypal = false;
  };
  struct due_deliveries {
    std::vector<delivery> stripe;
    std::vector<delivery> paypal;
  };
  /// Sends due webhooks and late responses.
  struct tick {};
  using job = std::variant<call, delivered, tick>;
  struct late_response {
    timestamp due;
    http::responder respond;
    http::response answer;
  };

  void receive(const http::request& r, http::responder respond);
  void work(std::vector<job>& batch);
  /// False: nothing was stored.
  bool settle(std::vector<job>& batch, due_deliveries& due);
  void take_due(due_deliveries& due, timestamp now);
  void respond(call& c, bool stored);
  void respond_late();
  void send(const delivery& d);
  void send_paypal(const delivery& d);
  void deliver(outbound::request r, delivered what);
  void run_clock();

  const simulator_options options_;
  simulator_ledger books_;
  simulated_api api_;  ///< of the worker, as the next
  const paypal_signer signer_;
  paypal_ledger paypal_books_;
  paypal_api paypal_;
  std::vector<late_response> late_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  batch_worker<job> worker_;
  outbound::http_client client_;
  http::server server_;
  std::thread clock_;
};

}  // namespace stoa::simulator
