#include "tests/support/stripe_simulator.hpp"

#include "tests/support/http_client.hpp"

#include <fstream>
#include <stdexcept>
#include <thread>

namespace stoa::test {

namespace {

constexpr std::chrono::seconds start_limit{30};

}  // namespace

std::filesystem::path secret_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text << "\n";
  std::filesystem::permissions(file, std::filesystem::perms{0600});
  return file;
}

stripe_simulator::stripe_simulator()
    : port_(free_port()),
      key_(secret_file(dir_ / "key", "sk_test_store")),
      secret_(secret_file(dir_ / "secret", "whsec_of_the_store")) {}

environment stripe_simulator::store_settings(environment more) const {
  environment all{{"STOA_PAYMENT_GATEWAY", "stripe"},
                  {"STOA_PAYMENT_STRIPE_BASE_URL", "http://127.0.0.1:" + std::to_string(port_)},
                  {"STOA_PAYMENT_STRIPE_KEY_FILE", key_.string()},
                  {"STOA_PAYMENT_STRIPE_WEBHOOK_SECRETS_FILE", secret_.string()},
                  {"STOA_PAYMENT_STRIPE_RETURN_URL", "https://shop.example/paid"},
                  {"STOA_PAYMENT_STRIPE_TIMEOUT_MS", "5000"}};
  for (auto& m : more) all.push_back(std::move(m));
  return all;
}

void stripe_simulator::start(std::uint16_t store, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"gateway-simulator", "--listen",
                                     "127.0.0.1:" + std::to_string(port_), "--data",
                                     (dir_ / "bank").string()};
  if (store != 0) {
    for (const auto& a : {std::string("--webhook-url"),
                          "http://127.0.0.1:" + std::to_string(store) + "/hooks/stripe",
                          std::string("--webhook-secret-file"), secret_.string(),
                          std::string("--webhook-disorder")}) {
      arguments.push_back(a);
    }
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_.emplace(child_options{stoa_binary(), arguments, dir_ / "bank.log"});
  process_->start();
  const auto until = std::chrono::steady_clock::now() + start_limit;
  while (!answers()) {
    if (std::chrono::steady_clock::now() > until) {
      throw std::runtime_error("the gateway simulator does not answer: " + process_->log_end());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

simulator::intent_record stripe_simulator::intent(const std::string& payment) const {
  for (auto& i : ledger()) {
    if (i.shown.metadata.at("payment_id") == payment) return i;
  }
  throw std::runtime_error("no intent of " + payment);
}

int stripe_simulator::act(const std::string& url, const std::string& outcome) const {
  http_client browser(port_);
  return browser.post(url.substr(url.find("/simulator")), "outcome=" + outcome).status;
}

http_answer stripe_simulator::api(const std::string& method, const std::string& path,
                                  const std::string& form) const {
  http_client program(port_);
  return program.request(method, path, form, {{"Authorization", "Bearer sk_test_store"}});
}

http_answer stripe_simulator::manual(const std::string& path, const std::string& form) const {
  return api("POST", "/simulator/" + path, form);
}

bool stripe_simulator::answers() const {
  try {
    return http_client(port_).get("/v1/payment_intents").status == 401;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace stoa::test
