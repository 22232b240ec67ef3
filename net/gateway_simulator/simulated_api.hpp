#pragma once
// The endpoints of Stripe's API for payment intents, refunds, customers and payment methods, with
// its states, errors and idempotency keys, and the page of 3-D Secure.

#include "net/gateway_simulator/cards.hpp"
#include "net/gateway_simulator/simulator_ledger.hpp"
#include "net/http/query.hpp"

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::simulator {

struct api_request {
  std::string method;  ///< GET, POST or DELETE
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

/// A fault of requests that are not repeats.
struct planned_fault {
  fault kind = fault::none;
  double probability = 1;
};

struct api_options {
  bool disorder = false;                ///< events are late, reordered and partly sent twice
  std::uint32_t seed = 1;               ///< of the disorder and of the faults
  std::vector<planned_fault> faults{};  ///< the first that happens applies
};

/// The fault of the next request.
fault next_fault(const std::vector<planned_fault>& faults, std::mt19937& random);

/// One thread, between begin() and commit() of the ledger.
class simulated_api {
 public:
  simulated_api(simulator_ledger& books, api_options options)
      : books_(books), options_(std::move(options)), random_(options_.seed) {}

  api_response handle(const api_request& r, timestamp now);
  /// Performs what is due: refunds that are decided later, and disputes.
  void advance(timestamp now);

 private:
  api_response post(const api_request& r);
  api_response get(const api_request& r);
  api_response post_to_intent(const api_request& r, std::string_view id, std::string_view action);
  api_response create(const api_request& r);
  api_response confirm(intent_record& i, const api_request& r);
  api_response capture(intent_record& i, const api_request& r);
  api_response cancel(intent_record& i, const api_request& r);
  api_response refund(const api_request& r);
  refund_object make_refund(intent_record& i, std::int64_t amount, metadata_map metadata);
  api_response page(const api_request& r, const std::string& id);
  api_response execute(const api_request& r);
  void pay(intent_record& i);
  void plan_dispute(const intent_record& i);
  void fail(intent_record& i, error_object why);
  void emit(const std::string& type, std::string object);
  /// The intent, with the payment method as an object if the request asks for it.
  api_response shown_intent(const intent_record& i, const api_request& r);
  // simulated_methods.cpp
  api_response update(intent_record& i, const api_request& r);
  api_response create_customer(const api_request& r);
  api_response find_customer(const api_request& r, const std::string& id);
  api_response remove_customer(const std::string& id);
  api_response post_to_method(const api_request& r, const std::string& rest);
  api_response create_method(const api_request& r);
  api_response attach(method_record m, const std::string& customer);
  api_response detach(method_record m);
  bool is_customer(const std::string& id);
  /// The method with that id; a new one for the name of a test card (pm_card_visa).
  std::optional<method_record> method_of(const std::string& token);
  method_record make_method(std::string card);
  /// Why the method cannot pay for the intent; empty: it can.
  std::optional<api_response> method_refused(const intent_record& i, const method_record& m);
  /// The method was charged for the intent: it is attached to its customer, or consumed.
  void use_method(const intent_record& i, bool paid);
  const card* card_of(const intent_record& i);
  // simulated_records.cpp
  api_response list(const api_request& r);
  api_response find(const api_request& r);
  api_response manual(const api_request& r);
  api_response close_dispute(const std::string& id, const std::string& outcome);
  dispute_object make_dispute(const intent_record& i, std::int64_t amount, std::string reason);
  void settle_refund(refund_object& r, const std::string& status);
  void emit_charge(const intent_record& i);

  simulator_ledger& books_;
  const api_options options_;
  std::mt19937 random_;
  timestamp now_{};
};

}  // namespace stoa::simulator
