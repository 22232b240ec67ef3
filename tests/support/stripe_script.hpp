#pragma once
// The Stripe gateway against a scripted server, for its tests.

#include "net/gateway/stripe.hpp"
#include "tests/support/scripted_api.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <string>
#include <vector>

namespace stoa::test::stripe_script {

using namespace stoa::gateways;
using namespace stoa::payment;
using namespace std::chrono_literals;

inline step intent(const std::string& status, const std::string& more = {}) {
  return {200, R"({"id":"pi_1","object":"payment_intent","status":")" + status +
                   R"(","last_payment_error":null)" + more + "}"};
}
inline step error(int status, const std::string& type, const std::string& code = {},
                  const std::string& decline_code = {}, const std::string& param = {}) {
  return {status, R"({"error":{"type":")" + type + R"(","code":")" + code +
                      R"(","decline_code":")" + decline_code + R"(","param":")" + param + "\"}}"};
}
inline const std::string failed_card =
    R"(,"x":1,"last_payment_error":{"type":"card_error","code":"payment_intent_authentication_failure"})";
/// An intent whose last attempt has failed.
inline step failed_intent(const std::string& status) {
  return {200, R"({"id":"pi_1","status":")" + status + "\"" + failed_card + "}"};
}

/// The gateway with a scripted server.
struct stripe_fixture {
  scripted_api api;
  stripe bank{{.base_url = api.url(),
               .api_key = "sk_test_secret",
               .return_url = "https://shop.example/paid",
               .timeout = 2s}};
  const money price{1299, "EUR"};

  template <class Start>
  gateway_answer ask(Start start) {
    auto promise = std::make_shared<std::promise<gateway_answer>>();
    auto future = promise->get_future();
    start([promise](gateway_answer a) { promise->set_value(std::move(a)); });
    BOOST_REQUIRE(future.wait_for(20s) == std::future_status::ready);
    return future.get();
  }
  gateway_answer authorize(const std::string& token = "pm_card_visa", bool capture = true) {
    return ask([&](auto done) {
      bank.authorize({"pay-1", "order-1", price, token, capture}, done);
    });
  }
  gateway_answer void_it(const std::string& id) {
    return ask([&](auto done) {
      bank.void_authorization({{"pay-1", id}, "order-1", price, true}, done);
    });
  }
  gateway_answer capture() {
    return ask([&](auto done) { bank.capture({"capture-1", {"pay-1", "pi_1"}, price}, done); });
  }
  gateway_answer refund() {
    return ask([&](auto done) {
      bank.refund({"refund-1", {"pay-1", "pi_1"}, price, "order-1"}, done);
    });
  }
  gateway_activity activity() {
    std::promise<gateway_activity> answer;
    bank.read_activity({"pay-1", "pi_1"},
                       [&](gateway_activity a) { answer.set_value(std::move(a)); });
    return answer.get_future().get();
  }
  list_page listed(list_request request) {
    std::promise<list_page> answer;
    bank.list(std::move(request), [&](list_page p) { answer.set_value(std::move(p)); });
    return answer.get_future().get();
  }
  gateway_answer look_up(const std::string& id) {
    return ask([&](auto done) {
      bank.look_up({"pay-1", id, open_effect::Authorize, "pay-1", price}, done);
    });
  }
};

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

using lines = std::vector<std::string>;

inline void check_answer(const gateway_answer& a, gateway_status status,
                         const std::string& code = {}) {
  BOOST_TEST(static_cast<int>(a.status) == static_cast<int>(status), "status, code " + a.code);
  BOOST_TEST(a.code == code);
}

}  // namespace stoa::test::stripe_script
