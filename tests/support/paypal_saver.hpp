#pragma once
// Users who save their PayPal accounts at a store, with `stoa gateway-simulator` as PayPal.

#include "tests/support/paypal_simulator.hpp"
#include "tests/support/stripe_merchant.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace stoa::test {

inline const std::string saved_methods_path = "/store/v1/users/me/payment-methods";
inline const std::string saver_address =
    R"("shipping_address":{"address_line1":"1 Main St","city":"Berlin",)"
    R"("postal_code":"10115","country":"DE"})";

/// The settings of a store whose users can save their accounts.
inline environment vault_settings(const environment& more = {}) {
  environment all{{"STOA_PAYMENT_PAYPAL_VAULT", "true"},
                  {"STOA_LIMITS_CHECKOUT_BURST", "200"},
                  {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "2000"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// A signed-in user who pays with PayPal, and what PayPal keeps for the user.
struct paypal_saver : merchant {
  paypal_saver(std::uint16_t port, paypal_simulator& at)
      : merchant(port), bank(at), who(sign_up(unique("saver"))) {}

  paypal_simulator& bank;
  header_list who;

  http_answer pay(const std::string& method, const std::string& more = {},
                  const std::string& prefer = "wait=20", header_list by = {}) {
    if (by.empty()) by = who;
    const auto headers = with(with(by, "Idempotency-Key", unique("pay")), "Prefer", prefer);
    return client.post(cart_with(mine.id, 1, by) + "/checkout",
                       R"({"email":"ada@example.com",)" + saver_address + R"(,"payment_method":{)" +
                           method + "}" + more + "}",
                       headers);
  }
  http_answer wish() {
    return pay(R"("type":"paypal")", R"(,"save_payment_method":true)", "respond-async");
  }
  /// A payment that saves the account of the buyer, who has approved it: the payment's id.
  std::string approved(const std::string& buyer = "personal") {
    const auto [id, page] = waiting(wish());
    bank.act(page, "approve", buyer);
    return id;
  }
  http_answer pay_with(const std::string& id, const header_list& by = {}) {
    return pay(R"("type":"paypal","saved_payment_method_id":")" + id + "\"", "", "wait=20", by);
  }
  json::value saved() { return client.get(saved_methods_path, who).json(); }
  std::size_t count() { return size_at(saved(), "/data"); }
  std::string first_id() { return text_at(saved(), "/data/0/payment_method_id"); }
  /// The only account of the user, saved by a payment.
  std::string one_saved(const std::string& buyer = "personal") {
    BOOST_TEST(has_status(approved(buyer), "Completed"));
    BOOST_REQUIRE(eventually([&] { return count() == 1U; }));
    return first_id();
  }
  std::string user_id() {
    return text_at(client.get("/store/v1/users/me", who).json(), "/user_id");
  }
  int delete_account() {
    return client
        .request("DELETE", "/store/v1/users/me",
                 R"({"current_password":")" + std::string(shared_password) + "\"}", who)
        .status;
  }
  std::string failure(const http_answer& declined) {
    BOOST_TEST(declined.status == 402, declined.body);
    return text_at(declined.json(), "/errors/0/code");
  }

  // --- at PayPal ---
  std::vector<std::string> kept() { return kept_of(user_id()); }
  std::size_t kept_count() { return kept().size(); }
  std::vector<std::string> kept_of(const std::string& user) const {
    std::vector<std::string> ids;
    for (const auto& t : bank.tokens()) {
      if (t.exists && t.shown.customer.merchant_customer_id == user) ids.push_back(t.shown.id);
    }
    return ids;
  }
  /// As the buyer does in the PayPal account.
  void delete_at_paypal(const std::string& token) const {
    http_client browser(bank.port());
    const auto gone = browser.request("DELETE", "/v3/vault/payment-tokens/" + token, "",
                                      {{"Authorization", "Bearer A21AA"}});
    BOOST_TEST(gone.status == 204);
  }
};

}  // namespace stoa::test
