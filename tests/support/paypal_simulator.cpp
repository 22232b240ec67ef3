#include "tests/support/paypal_simulator.hpp"

#include "tests/support/http_client.hpp"
#include "tests/support/stripe_simulator.hpp"

#include <stdexcept>
#include <thread>

namespace stoa::test {

namespace {

constexpr std::chrono::seconds paypal_start_limit{30};

}  // namespace

paypal_simulator::paypal_simulator()
    : port_(free_port()), secret_(secret_file(dir_ / "secret", "secret-of-the-client")) {}

environment paypal_simulator::store_settings(environment more) const {
  environment all{
      {"STOA_PAYMENT_METHODS", "card,paypal,bank_transfer,cash_on_delivery"},
      {"STOA_PAYMENT_PAYPAL_BASE_URL", url()},
      {"STOA_PAYMENT_PAYPAL_CLIENT_ID", "client"},
      {"STOA_PAYMENT_PAYPAL_SECRET_FILE", secret_.string()},
      {"STOA_PAYMENT_PAYPAL_WEBHOOK_ID", "WH-OF-THE-STORE"},
      {"STOA_PAYMENT_PAYPAL_RETURN_URL", "https://shop.example/paid"},
      {"STOA_PAYMENT_PAYPAL_CANCEL_URL", "https://shop.example/cart"},
      {"STOA_PAYMENT_BANK_TRANSFER_INSTRUCTIONS", "Example Ltd, DE02 1203 0000 0000 2020 51"},
      {"STOA_PAYMENT_RETRY_MS_MAX", "1000"},
      {"STOA_LOG_LEVEL", "debug"},
      {"STOA_LOG_FORMAT", "json"}};
  for (auto& m : more) all.push_back(std::move(m));
  return all;
}

void paypal_simulator::start(std::uint16_t store, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"gateway-simulator", "--listen",
                                     "127.0.0.1:" + std::to_string(port_), "--data",
                                     (dir_ / "bank").string()};
  if (store != 0) {
    for (const auto& a : {std::string("--paypal-webhook-url"),
                          "http://127.0.0.1:" + std::to_string(store) + "/hooks/paypal",
                          std::string("--paypal-webhook-id"), std::string("WH-OF-THE-STORE"),
                          std::string("--webhook-disorder")}) {
      arguments.push_back(a);
    }
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_.emplace(child_options{stoa_binary(), arguments, dir_ / "bank.log"});
  process_->start();
  const auto until = std::chrono::steady_clock::now() + paypal_start_limit;
  while (!answers()) {
    if (std::chrono::steady_clock::now() > until) {
      throw std::runtime_error("the gateway simulator does not answer: " + process_->log_end());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

simulator::paypal_record paypal_simulator::order(const std::string& payment) const {
  for (const auto& o : ledger()) {
    if (o.shown.purchase_units.front().custom_id == payment) return o;
  }
  throw std::runtime_error("no order of " + payment);
}

std::string paypal_simulator::act(const std::string& url, const std::string& outcome,
                                  const std::string& buyer) const {
  http_client browser(port_);
  const auto token = url.substr(url.find("token="));
  const auto answer =
      browser.post("/paypal/approve", token + "&outcome=" + outcome + "&buyer=" + buyer,
                   {{"Content-Type", "application/x-www-form-urlencoded"}});
  if (answer.status != 303) throw std::runtime_error("the page of approval: " + answer.body);
  return std::string(answer.header("Location"));
}

bool paypal_simulator::answers() const {
  try {
    return http_client(port_).get("/v2/checkout/orders/X").status == 401;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace stoa::test
