#pragma once
// The endpoints of Stripe's API for payment intents and refunds, with its states, errors and
// idempotency keys, and the page of 3-D Secure.

#include "net/gateway_simulator/cards.hpp"
#include "net/gateway_simulator/simulator_ledger.hpp"
#include "net/http/query.hpp"

#include <random>
#include <string>
#include <string_view>

namespace stoa::simulator {

struct api_request {
  std::string method;  ///< GET or POST
  std::string path;
  http::query_parameters fields;  ///< of the query, or of the form
  std::string idempotency_key{};
  std::string authorization{};
  std::string host{};  ///< of the simulator, for the URL of its page
  std::string body{};  ///< of a request of PayPal's API, which is JSON
};

struct api_response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string location{};  ///< of a redirect
  bool replayed = false;   ///< the stored response of an idempotency key
  fault with = fault::none;
};

struct api_options {
  bool disorder = false;   ///< events are late, reordered and partly sent twice
  std::uint32_t seed = 1;  ///< of the disorder
};

/// One thread, between begin() and commit() of the ledger.
class simulated_api {
 public:
  simulated_api(simulator_ledger& books, api_options options)
      : books_(books), options_(options), random_(options_.seed) {}

  api_response handle(const api_request& r, timestamp now);

 private:
  api_response post(const api_request& r);
  api_response get(const api_request& r);
  api_response post_to_intent(const api_request& r, std::string_view id, std::string_view action);
  api_response create(const api_request& r);
  api_response confirm(intent_record& i, const api_request& r);
  api_response capture(intent_record& i, const api_request& r);
  api_response cancel(intent_record& i, const api_request& r);
  api_response refund(const api_request& r);
  api_response list_refunds(const api_request& r);
  api_response page(const api_request& r, const std::string& id);
  void pay(intent_record& i);
  void fail(intent_record& i, error_object why);
  void emit(const std::string& type, std::string object);

  simulator_ledger& books_;
  const api_options options_;
  std::mt19937 random_;
  timestamp now_{};
};

}  // namespace stoa::simulator
