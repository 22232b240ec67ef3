#pragma once
// Payments through Stripe's PaymentIntents (https://docs.stripe.com/api/payment_intents).
//
// An authorisation is two requests: one creates the intent, without the card, and one confirms it.
// The first can therefore be repeated by a void, which no longer has the token: under the same
// idempotency key it returns the intent of a request in progress, or creates one so that the other
// request cannot. The cancelled intent can never be confirmed. A declined intent is cancelled
// before the decline is reported. Money moves at most once in any case, because an intent is
// confirmed, captured and cancelled at most once.
//
// A payment that saves its card, or is made with a saved one, gets the customer between the two
// requests, so that its void does not need to know the customer. Stripe attaches a card that is
// saved when the intent succeeds (setup_future_usage).

#include "actors/payment/gateway.hpp"
#include "net/gateway/open_operations.hpp"
#include "net/gateway/stripe_messages.hpp"
#include "net/outbound/http_client.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::gateways {

struct stripe_options {
  std::string base_url = "https://api.stripe.com";
  std::string api_key;                        ///< secret or restricted
  std::string return_url;                     ///< where the customer returns to after 3-D Secure
  std::chrono::milliseconds timeout{10'000};  ///< of one HTTP request
  std::size_t in_flight_max = 64;
  prometheus::Registry* metrics = nullptr;  ///< may be null
};

/// Thread-safe. Tokens: PaymentMethods (pm_...) and card tokens (tok_...). Neither tokens nor keys
/// are logged.
class stripe final : public payment::gateway {
 public:
  explicit stripe(stripe_options options);
  ~stripe() override;
  stripe(const stripe&) = delete;
  stripe& operator=(const stripe&) = delete;

  void authorize(payment::authorize_request request, callback done) override;
  void capture(payment::capture_request request, callback done) override;
  void void_authorization(payment::void_request request, callback done) override;
  void refund(payment::refund_request request, callback done) override;
  void look_up(payment::lookup_request request, callback done) override;
  void save_method(payment::save_method_request request, callback done) override;
  void remove_method(payment::remove_method_request request, callback done) override;
  void remove_customer(payment::customer_reference customer, callback done) override;
  void read_activity(payment::authorization_reference authorization,
                     activity_callback done) override;
  void list(payment::list_request request, list_callback done) override;
  /// Waits for the requests in progress, at most options.timeout. Not from a callback.
  void stop() override;

 private:
  using reply = stripe_api::reply;
  using intent = stripe_api::payment_intent;
  using then = std::function<void(reply)>;
  using fetched = returned<intent>;
  using then_intent = std::function<void(fetched)>;

  /// The refund of a request, in Stripe's records.
  struct refund_search {
    bool known = false;  ///< false: `found` has the reason
    returned<stripe_api::refund> found{};
  };
  using then_search = std::function<void(refund_search)>;

  callback tracked(callback done);
  void send(std::string method, const std::string& path, const stripe_api::form& fields,
            const std::string& key, then next);
  void post(const std::string& path, const stripe_api::form& fields, const std::string& key,
            then next, int number = 1);
  void create(const payment::void_request& r, then next);
  void confirm(const payment::authorize_request& r, const expected_answer& of,
               const callback& done);
  void fetch(const expected_answer& of, then_intent next);
  /// Cancels it, and reports its state afterwards.
  void cancel(const expected_answer& of, then_intent next);
  void decline(const expected_answer& of, std::string code, const callback& done);
  /// Reports the result of an authorisation.
  void settle(const intent& i, const expected_answer& of, const callback& done);
  void settle_captured(const expected_answer& of, const std::string& code, const callback& done);
  void find_refund(const payment::refund_request& r, then_search next,
                   const std::string& after = {}, int pages = 1);
  void refund_unless_found(const payment::refund_request& r, const callback& done, int number = 1);
  void request_refund(const payment::refund_request& r, const callback& done, int number);

  // stripe_customers.cpp
  using then_customer = std::function<void(returned<stripe_api::customer>, bool rejected)>;
  /// The customer of the user; `instead_of`: of one that Stripe has deleted. `rejected`: there will
  /// be none.
  void create_customer(const std::string& user, const std::string& instead_of, then_customer next);
  void choose_customer(const payment::authorize_request& r, const expected_answer& of,
                       const callback& done);
  void assign_customer(const payment::authorize_request& r, expected_answer of,
                       const callback& done);
  void replace_customer(const payment::authorize_request& r, const expected_answer& of,
                        const callback& done);
  void attach(const payment::save_method_request& r, const callback& done, bool replaced = false);
  void attach_to_new(const payment::save_method_request& r, const callback& done);
  void detach_if_attached(const payment::remove_method_request& r, const callback& done);
  void detach(const payment::remove_method_request& r, const callback& done);
  void delete_customer(const std::string& id, const callback& done);

  void read_disputes(const std::string& id, payment::gateway_activity found,
                     const activity_callback& done);

  const stripe_options options_;
  std::atomic<bool> stopped_{false};
  open_operations open_;
  outbound::http_client client_;
};

}  // namespace stoa::gateways
