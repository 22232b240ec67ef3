#pragma once
// The PayPal gateway against a scripted server, for its tests.

#include "net/gateway/paypal.hpp"
#include "tests/support/scripted_api.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <string>
#include <vector>

namespace stoa::test::paypal_script {

using namespace stoa::gateways;
using namespace stoa::payment;
using namespace std::chrono_literals;

inline const step access_token{
    200, R"({"access_token":"A21","token_type":"Bearer","expires_in":32400})"};

/// A response with an order.
inline step order(const std::string& status, const std::string& payments = "{}",
                  const std::string& intent = "CAPTURE") {
  return {200, R"({"id":"O1","intent":")" + intent + R"(","status":")" + status +
                   R"(","purchase_units":[{"reference_id":"default","payments":)" + payments +
                   R"(}],"links":[{"href":"https://p/self","rel":"self"},)"
                   R"({"href":"https://p/approve?token=O1","rel":"payer-action"}]})"};
}
inline step captured(const std::string& status = "COMPLETED") {
  return order("COMPLETED", R"({"captures":[{"id":"C1","status":")" + status + "\"}]}");
}
inline step authorized(const std::string& status = "CREATED", const std::string& more = {}) {
  return order("COMPLETED",
               R"({"authorizations":[{"id":"A1","status":")" + status + "\"}]" + more + "}",
               "AUTHORIZE");
}
inline step single(const std::string& id, const std::string& status) {
  return {201, R"({"id":")" + id + R"(","status":")" + status + "\"}"};
}
inline step issue(const std::string& name, int status = 422) {
  return {status, R"({"name":"UNPROCESSABLE_ENTITY","details":[{"issue":")" + name + "\"}]}"};
}

template <class T, class Start>
T wait(Start start) {
  auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  start([promise](T a) { promise->set_value(std::move(a)); });
  BOOST_REQUIRE(future.wait_for(60s) == std::future_status::ready);
  return future.get();
}

/// The gateway with a scripted server.
struct paypal_fixture {
  scripted_api api;
  paypal bank{{.credentials = {api.url(), "client", "secret-of-the-client", 20s},
               .return_url = "https://shop.example/paid",
               .cancel_url = "https://shop.example/cart"}};
  const money price{1299, "EUR"};

  paypal_fixture() { api.then(access_token); }

  gateway_answer authorize(money amount, bool capture = true) {
    return wait<gateway_answer>([&](auto done) {
      bank.authorize({"pay-1", "order-1", std::move(amount), "", capture}, done);
    });
  }
  gateway_answer void_it(const std::string& id, bool capture = true) {
    return wait<gateway_answer>([&](auto done) {
      bank.void_authorization({{"pay-1", id}, "order-1", price, capture}, done);
    });
  }
  gateway_answer capture() {
    return wait<gateway_answer>([&](auto done) {
      bank.capture({"capture-1", {"pay-1", "O1"}, price}, done);
    });
  }
  gateway_answer refund(authorization_reference of = {"pay-1", "C1"}) {
    return wait<gateway_answer>([&](auto done) {
      bank.refund({"refund-1", std::move(of), price, "order-1"}, done);
    });
  }
  list_page listed(list_request request) {
    return wait<list_page>([&](auto done) { bank.list(std::move(request), done); });
  }
  gateway_answer look_up(const std::string& id, open_effect operation = open_effect::Authorize) {
    return wait<gateway_answer>([&](auto done) {
      bank.look_up({"pay-1", id, operation, "pay-1", price}, done);
    });
  }
};

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

using lines = std::vector<std::string>;

inline void check_answer(const gateway_answer& a, gateway_status status,
                         const std::string& code = {}, const std::string& id = {}) {
  BOOST_TEST(static_cast<int>(a.status) == static_cast<int>(status), "status, code " + a.code);
  BOOST_TEST(a.code == code);
  BOOST_TEST(a.transaction_id == id);
}

}  // namespace stoa::test::paypal_script
