// Saved accounts of the PayPal gateway against a scripted server.

#include "net/gateway/paypal_outcomes.hpp"
#include "tests/support/paypal_script.hpp"

using namespace stoa;
using namespace stoa::gateways;
using namespace stoa::payment;
using namespace stoa::test::paypal_script;
using stoa::test::step;

namespace {

const std::string kept_state =
    R"({"id":"8kk8451t","status":"VAULTED","customer":{"id":"cust_1","merchant_customer_id":"user-1"}})";
const std::string pending_state = R"({"status":"APPROVED","links":[]})";

/// A finished order whose payment has saved an account.
step saved_by(const std::string& vault, const std::string& payments,
              const std::string& intent = "CAPTURE") {
  return {201, R"({"id":"O1","intent":")" + intent +
                   R"(","status":"COMPLETED","payment_source":{"paypal":{)"
                   R"("email_address":"ada@example.com","account_id":"A1","attributes":{"vault":)" +
                   vault + R"(}}},"purchase_units":[{"reference_id":"default","payments":)" +
                   payments + "}]}"};
}
const std::string one_capture = R"({"captures":[{"id":"C1","status":"COMPLETED"}]})";
step paid_and_saved(const std::string& vault = kept_state) {
  return saved_by(vault, one_capture);
}
step held_and_saved(const std::string& status = "CREATED") {
  return saved_by(kept_state, R"({"authorizations":[{"id":"A1","status":")" + status + "\"}]}",
                  "AUTHORIZE");
}
step token_object(const std::string& id = "8kk8451t") {
  return {200, R"({"id":")" + id +
                   R"(","customer":{"id":"cust_1"},"payment_source":{"paypal":{)"
                   R"("email_address":"ada@example.com","payer_id":"P1"}},"links":[]})"};
}
step token_page(const std::string& tokens) {
  return {200, R"({"customer":{"id":"cust_1"},"payment_tokens":[)" + tokens + "]}"};
}

struct vault : paypal_fixture {
  gateway_answer pay(customer_reference of, bool saves, const std::string& account = {},
                     bool captures = true) {
    return wait<gateway_answer>([&](auto done) {
      bank.authorize({"pay-1", "order-1", price, account, captures, of, saves}, done);
    });
  }
  gateway_answer pay_with(bool captures = true) {
    return pay({"user-1", "cust_1"}, false, "8kk8451t", captures);
  }
  gateway_answer save(const std::string& account) {
    return wait<gateway_answer>([&](auto done) {
      bank.save_method({"saved-1", {"user-1", "cust_1"}, account}, done);
    });
  }
  gateway_answer remove(const std::string& account) {
    return wait<gateway_answer>([&](auto done) {
      bank.remove_method({"saved-1", {"user-1", "cust_1"}, account}, done);
    });
  }
  gateway_answer forget(const std::string& customer) {
    return wait<gateway_answer>([&](auto done) {
      bank.remove_customer({"user-1", customer}, done);
    });
  }
  gateway_answer void_with_saved(const std::string& id) {
    return wait<gateway_answer>([&](auto done) {
      bank.void_authorization({{"pay-1", id}, "order-1", price, true, true}, done);
    });
  }
  std::string sent(std::size_t i) { return api.requests().at(i); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paypal_vault, vault)

BOOST_AUTO_TEST_CASE(an_order_saves_the_account_that_approves_it) {
  api.then(order("PAYER_ACTION_REQUIRED"));
  check_answer(pay({"user-1", ""}, true), gateway_status::action_required, "action_required", "O1");
  BOOST_TEST(holds(sent(1), R"("attributes":{"customer":{"merchant_customer_id":"user-1"},)"
                            R"("vault":{"store_in_vault":"ON_SUCCESS","usage_type":"MERCHANT",)"
                            R"("customer_type":"CONSUMER","usage_pattern":"IMMEDIATE",)"
                            R"("permit_multiple_payment_tokens":true}})"),
             sent(1));
  api.then(order("PAYER_ACTION_REQUIRED"));
  pay({"user-1", "cust_1"}, true);
  BOOST_TEST(holds(sent(2), R"("customer":{"id":"cust_1","merchant_customer_id":"user-1"})"));
  api.then(order("PAYER_ACTION_REQUIRED"));
  pay({"user-1", "cust_1"}, false);
  BOOST_TEST(!holds(sent(3), "attributes"), sent(3));
  // The capture states the token.
  api.then(order("APPROVED"));
  api.then(paid_and_saved());
  const auto a = look_up("O1");
  check_answer(a, gateway_status::approved, "", "C1");
  BOOST_TEST(a.customer_id.value() == "cust_1");
  BOOST_REQUIRE(a.vaulted);
  BOOST_TEST(a.vaulted->token == "8kk8451t");
  BOOST_TEST(a.vaulted->hint.value() == "a***@example.com");
  BOOST_TEST(!a.vaulted->is_pending);
  // So does the order, after a lost response and for an authorisation.
  api.then(paid_and_saved());
  BOOST_TEST(look_up("O1").vaulted.value().token == "8kk8451t");
  api.then(held_and_saved());
  BOOST_TEST(look_up("O1").vaulted.value().token == "8kk8451t");
}

BOOST_AUTO_TEST_CASE(a_payment_is_not_declined_because_its_account_cannot_be_saved) {
  for (const int status : {422, 403}) {
    api.then(issue("NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE", status));
    api.then(order("PAYER_ACTION_REQUIRED"));
    const auto begin = api.requests().size();
    check_answer(pay({"user-1", ""}, true), gateway_status::action_required, "action_required",
                 "O1");
    const auto first = begin == 0 ? 1 : begin;
    BOOST_TEST(holds(sent(first), "PayPal-Request-Id: pay-1\r\n"));
    BOOST_TEST(holds(sent(first + 1), "PayPal-Request-Id: pay-1:unsaved\r\n"));
    BOOST_TEST(!holds(sent(first + 1), "attributes"));
  }
  api.then(issue("NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE"));
  api.then(issue("CURRENCY_NOT_SUPPORTED"));
  check_answer(pay({"user-1", ""}, true), gateway_status::declined, "invalid_amount");
  api.then(order("APPROVED"));
  api.then(captured());
  BOOST_TEST(!look_up("O1").vaulted);
}

BOOST_AUTO_TEST_CASE(an_account_that_is_saved_later_is_identified_by_its_order) {
  api.then(order("APPROVED"));
  api.then(paid_and_saved(pending_state));
  const auto a = look_up("O1");
  check_answer(a, gateway_status::approved, "", "C1");
  BOOST_REQUIRE(a.vaulted);
  BOOST_TEST(a.vaulted->is_pending);
  const auto reference = a.vaulted->token;
  BOOST_TEST(order_of_pending(reference) == "O1");
  // It is asked for until PayPal has saved it.
  api.then(paid_and_saved(pending_state));
  check_answer(save(reference), gateway_status::unknown);
  api.then({500, "{}"});
  check_answer(save(reference), gateway_status::unknown);
  api.then(paid_and_saved());
  api.then(token_object());
  const auto found = save(reference);
  check_answer(found, gateway_status::approved);
  BOOST_TEST(found.vaulted.value().token == "8kk8451t");
  BOOST_TEST(found.customer_id.value() == "cust_1");
  BOOST_TEST(holds(sent(3), "GET /v2/checkout/orders/O1 "));
  api.then(captured());
  check_answer(save(reference), gateway_status::declined, "invalid_token");
  api.then(issue("INVALID_RESOURCE_ID", 404));
  check_answer(save(reference), gateway_status::declined, "invalid_token");
  // Or it is removed when PayPal has.
  api.then(paid_and_saved(pending_state));
  check_answer(remove(reference), gateway_status::unknown);
  api.then(paid_and_saved());
  api.then({204, ""});
  check_answer(remove(reference), gateway_status::approved);
  BOOST_TEST(holds(api.requests().back(), "DELETE /v3/vault/payment-tokens/8kk8451t "));
  api.then(captured());
  check_answer(remove(reference), gateway_status::approved);
  api.then(issue("INVALID_RESOURCE_ID", 404));
  check_answer(remove(reference), gateway_status::approved);
}

BOOST_AUTO_TEST_CASE(a_saved_account_pays_without_an_approval) {
  api.then(order("CREATED"));
  api.then(captured());
  check_answer(pay_with(), gateway_status::approved, "", "C1");
  BOOST_TEST(holds(sent(1), "POST /v2/checkout/orders "));
  BOOST_TEST(holds(sent(1), "PayPal-Request-Id: pay-1\r\n"));
  // Money moves only by the second request.
  BOOST_TEST(!holds(sent(1), "payment_source"), sent(1));
  BOOST_TEST(holds(sent(2), "POST /v2/checkout/orders/O1/capture "));
  BOOST_TEST(holds(sent(2), "PayPal-Request-Id: pay-1:capture\r\n"));
  BOOST_TEST(
      holds(sent(2), R"({"payment_source":{"paypal":{"vault_id":"8kk8451t","stored_credential":)"
                     R"({"payment_initiator":"CUSTOMER","usage_pattern":"IMMEDIATE",)"
                     R"("usage":"SUBSEQUENT"}}}})"),
      sent(2));
  api.then(order("CREATED", "{}", "AUTHORIZE"));
  api.then(authorized());
  check_answer(pay_with(false), gateway_status::approved, "", "O1");
  BOOST_TEST(holds(sent(4), "POST /v2/checkout/orders/O1/authorize "));
  // A repeat after a lost answer: PayPal returns the first responses, or the order as it is.
  api.then(order("CREATED"));
  api.then({0, ""});
  check_answer(pay_with(), gateway_status::unknown, "", "O1");
  api.then(captured());
  check_answer(pay_with(), gateway_status::approved, "", "C1");
  api.then(order("CREATED"));
  api.then(issue("ORDER_ALREADY_CAPTURED"));
  api.then(captured());
  check_answer(pay_with(), gateway_status::approved, "", "C1");
  api.then(order("CREATED"));
  api.then({500, "{}"});
  api.then(order("CREATED"));
  check_answer(pay_with(), gateway_status::unknown, "", "O1");
  api.then({0, ""});
  check_answer(pay_with(), gateway_status::unknown);
  // PayPal reviews it.
  api.then(order("CREATED"));
  api.then(captured("PENDING"));
  check_answer(pay_with(), gateway_status::accepted, "", "O1");
}

BOOST_AUTO_TEST_CASE(declines_of_a_saved_account_have_stable_codes) {
  for (const auto& [name, code] : {std::pair{"INSTRUMENT_DECLINED", "instrument_declined"},
                                   std::pair{"TOKEN_ID_NOT_FOUND", "invalid_token"},
                                   std::pair{"TOKEN_EXPIRED", "invalid_token"},
                                   std::pair{"PAYER_ACTION_REQUIRED", "approval_required"},
                                   std::pair{"PAYER_CANNOT_PAY", "payer_cannot_pay"}}) {
    api.then(order("CREATED"));
    api.then(issue(name));
    check_answer(pay_with(), gateway_status::declined, code, "O1");
  }
  api.then(order("CREATED"));
  api.then(order("PAYER_ACTION_REQUIRED"));
  check_answer(pay_with(), gateway_status::declined, "approval_required", "O1");
  api.then(issue("CURRENCY_NOT_SUPPORTED"));
  check_answer(pay_with(), gateway_status::declined, "invalid_amount");
  // An answer about another payment is not applied.
  const step other{201, R"({"id":"O1","intent":"CAPTURE","status":"COMPLETED","purchase_units":)"
                        R"([{"custom_id":"pay-2","payments":)" +
                            one_capture + "}]}"};
  api.then(order("CREATED"));
  api.then(other);
  api.then(other);
  check_answer(pay_with(), gateway_status::unknown, "gateway_mismatch", "O1");
}

BOOST_AUTO_TEST_CASE(a_void_finds_a_payment_whose_answer_was_lost) {
  // The payment was made.
  api.then(order("CREATED"));
  api.then(captured());
  check_answer(void_with_saved(""), gateway_status::approved, "", "C1");
  BOOST_TEST(holds(sent(1), "PayPal-Request-Id: pay-1\r\n"));
  BOOST_TEST(!holds(sent(1), "payment_source"));
  BOOST_TEST(holds(sent(2), "GET /v2/checkout/orders/O1 "));
  // It was not.
  api.then(order("CREATED"));
  api.then(order("CREATED"));
  check_answer(void_with_saved(""), gateway_status::declined, "canceled", "O1");
  api.then(issue("CURRENCY_NOT_SUPPORTED"));
  check_answer(void_with_saved(""), gateway_status::declined, "canceled");
  api.then({0, ""});
  check_answer(void_with_saved(""), gateway_status::unknown);
  // Without a token nothing was paid.
  check_answer(void_it(""), gateway_status::declined, "canceled");
}

BOOST_AUTO_TEST_CASE(a_void_states_what_the_payment_has_saved) {
  api.then(held_and_saved());
  api.then({204, ""});
  const auto released = void_it("O1", false);
  check_answer(released, gateway_status::declined, "canceled", "O1");
  BOOST_TEST(released.vaulted.value().token == "8kk8451t");
  BOOST_TEST(released.customer_id.value() == "cust_1");
  api.then(paid_and_saved());
  const auto paid = void_it("O1");
  check_answer(paid, gateway_status::approved, "", "C1");
  BOOST_TEST(paid.vaulted.value().token == "8kk8451t");
}

BOOST_AUTO_TEST_CASE(a_token_that_a_webhook_names_is_looked_up) {
  api.then(token_object());
  const auto a = save("8kk8451t");
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.vaulted.value().token == "8kk8451t");
  BOOST_TEST(a.vaulted->hint.value() == "a***@example.com");
  BOOST_TEST(a.customer_id.value() == "cust_1");
  BOOST_TEST(holds(sent(1), "GET /v3/vault/payment-tokens/8kk8451t "));
  api.then(issue("INVALID_RESOURCE_ID", 404));
  check_answer(save("8kk8451t"), gateway_status::declined, "invalid_token");
  api.then(token_object("another"));
  check_answer(save("8kk8451t"), gateway_status::unknown);
  api.then({503, "{}"});
  check_answer(save("8kk8451t"), gateway_status::unknown);
}

BOOST_AUTO_TEST_CASE(a_token_is_deleted_once) {
  api.then({204, ""});
  check_answer(remove("8kk8451t"), gateway_status::approved);
  BOOST_TEST(holds(sent(1), "DELETE /v3/vault/payment-tokens/8kk8451t "));
  api.then(issue("INVALID_RESOURCE_ID", 404));
  check_answer(remove("8kk8451t"), gateway_status::approved);
  for (const auto& s : {step{0, ""}, step{500, "{}"}, step{403, "{}"}, step{404, "<html>"}}) {
    api.then(s);
    check_answer(remove("8kk8451t"), gateway_status::unknown);
  }
}

BOOST_AUTO_TEST_CASE(a_customer_is_forgotten_with_all_tokens) {
  check_answer(forget(""), gateway_status::approved);
  BOOST_TEST(api.requests().empty());
  api.then(token_page(R"({"id":"T1"},{"id":"T2"})"));
  api.then({204, ""});
  api.then(issue("INVALID_RESOURCE_ID", 404));
  api.then(token_page(""));
  check_answer(forget("cust_1"), gateway_status::approved);
  BOOST_TEST((api.lines() ==
              lines{"POST /v1/oauth2/token", "GET /v3/vault/payment-tokens?customer_id=cust_1",
                    "DELETE /v3/vault/payment-tokens/T2", "DELETE /v3/vault/payment-tokens/T1",
                    "GET /v3/vault/payment-tokens?customer_id=cust_1"}));
  api.then(issue("INVALID_RESOURCE_ID", 404));
  check_answer(forget("cust_1"), gateway_status::approved);
  api.then(token_page(R"({"id":"T1"})"));
  api.then({500, "{}"});
  check_answer(forget("cust_1"), gateway_status::unknown);
  api.then({200, "<html>"});
  check_answer(forget("cust_1"), gateway_status::unknown);
  // A list that does not become empty ends.
  const auto before = api.requests().size();
  for (int i = 0; i < 20; ++i) {
    api.then(token_page(R"({"id":"T1"})"));
    api.then({204, ""});
  }
  check_answer(forget("cust_1"), gateway_status::unknown);
  BOOST_TEST(api.requests().size() - before == 21U);
}

BOOST_AUTO_TEST_CASE(hints_show_one_character) {
  BOOST_TEST(masked_email("ada@example.com") == "a***@example.com");
  for (const auto* bad : {"", "ada", "@example.com"}) BOOST_TEST(masked_email(bad) == "***", bad);
}

BOOST_AUTO_TEST_SUITE_END()
