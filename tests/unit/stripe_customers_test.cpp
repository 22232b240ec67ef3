// Customers and kept payment methods of the Stripe gateway against a scripted server.

#include "tests/support/stripe_script.hpp"

using namespace stoa;
using namespace stoa::gateways;
using namespace stoa::payment;
using namespace stoa::test::stripe_script;
using stoa::test::step;

namespace {

step customer(const std::string& id = "cus_1", const std::string& user = "user-1") {
  return {200,
          R"({"id":")" + id + R"(","object":"customer","metadata":{"user_id":")" + user + "\"}}"};
}
step method(const std::string& customer = "\"cus_1\"", const std::string& id = "pm_1",
            const std::string& last4 = "4242") {
  return {200, R"({"id":")" + id + R"(","object":"payment_method","customer":)" + customer +
                   R"(,"card":{"brand":"visa","last4":")" + last4 +
                   R"(","exp_month":12,"exp_year":2040}})"};
}
/// A succeeded intent with the payment method as an object.
step paid_with(const step& m, const std::string& customer = "cus_1") {
  return intent("succeeded", R"(,"customer":")" + customer + R"(","payment_method":)" + m.body);
}
const step missing_customer =
    error(400, "invalid_request_error", "resource_missing", "", "customer");

struct vault : stripe_fixture {
  gateway_answer pay(customer_reference of, bool saves, const std::string& token = "pm_1") {
    return ask([&](auto done) {
      bank.authorize({"pay-1", "order-1", price, token, true, of, saves}, done);
    });
  }
  gateway_answer save(const std::string& customer = "cus_1") {
    return ask([&](auto done) {
      bank.save_method({"saved-1", {"user-1", customer}, "pm_1"}, done);
    });
  }
  gateway_answer remove(const std::string& customer = "cus_1") {
    return ask([&](auto done) {
      bank.remove_method({"saved-1", {"user-1", customer}, "pm_1"}, done);
    });
  }
  gateway_answer forget(const std::string& id) {
    return ask([&](auto done) { bank.remove_customer({"user-1", id}, done); });
  }
  std::string sent(std::size_t i) { return api.requests().at(i); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stripe_customers, vault)

BOOST_AUTO_TEST_CASE(a_payment_saves_its_card_for_a_new_customer) {
  for (const auto& s : {intent("requires_payment_method"), customer(),
                        intent("requires_payment_method"), paid_with(method())}) {
    api.then(s);
  }
  const auto a = pay({"user-1", ""}, true);
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.customer_id.value() == "cus_1");
  BOOST_REQUIRE(a.vaulted.has_value());
  BOOST_TEST((*a.vaulted == vaulted_method{"pm_1", "visa", "4242", 12, 2040}));
  // The creation of the intent is that of a payment that saves nothing, so that a void can repeat
  // it.
  BOOST_TEST(!holds(sent(0), "customer"), sent(0));
  BOOST_TEST(holds(sent(1), "POST /v1/customers HTTP/1.1\r\n"));
  BOOST_TEST(holds(sent(1), "Idempotency-Key: customer:user-1\r\n"), sent(1));
  BOOST_TEST(holds(sent(1), "metadata%5Buser_id%5D=user-1"), sent(1));
  BOOST_TEST(holds(sent(2), "POST /v1/payment_intents/pi_1 HTTP/1.1\r\n"), sent(2));
  BOOST_TEST(holds(sent(2), "Idempotency-Key: pay-1:customer:cus_1\r\n"), sent(2));
  BOOST_TEST(holds(sent(2), "customer=cus_1&setup_future_usage=on_session"), sent(2));
  BOOST_TEST(holds(sent(3), "payment_method=pm_1&"), sent(3));
  BOOST_TEST(holds(sent(3), "expand%5B%5D=payment_method"), sent(3));
}

BOOST_AUTO_TEST_CASE(a_payment_with_a_saved_card_names_its_customer) {
  for (const auto& s :
       {intent("requires_payment_method"),
        intent("requires_payment_method", R"(,"customer":"cus_1")"), paid_with(method())}) {
    api.then(s);
  }
  check_answer(pay({"user-1", "cus_1"}, false), gateway_status::approved);
  BOOST_TEST(holds(sent(1), "customer=cus_1"), sent(1));
  BOOST_TEST(!holds(sent(1), "setup_future_usage"), sent(1));
  BOOST_TEST(api.requests().size() == 3U);
  // One that is not the customer's any more: Stripe names no code.
  for (const auto& s : {intent("requires_payment_method"), intent("requires_payment_method"),
                        error(400, "invalid_request_error"), intent("canceled")}) {
    api.then(s);
  }
  check_answer(pay({"user-1", "cus_1"}, false), gateway_status::declined, "invalid_token");
}

BOOST_AUTO_TEST_CASE(answers_about_another_customer_or_card_are_not_applied) {
  const auto open = intent("requires_payment_method");
  for (const auto& wrong :
       {paid_with(method("\"cus_2\""), "cus_2"), paid_with(method("\"cus_1\"", "pm_2"))}) {
    for (const auto& s : {open, open, wrong, wrong}) api.then(s);
    check_answer(pay({"user-1", "cus_1"}, false), gateway_status::unknown, "gateway_mismatch");
  }
  for (const auto& s : {open, customer("cus_1", "user-2")}) api.then(s);
  check_answer(pay({"user-1", ""}, true), gateway_status::unknown, "gateway_mismatch");
  api.then(method("\"cus_2\""));
  check_answer(save(), gateway_status::unknown, "gateway_mismatch");
  api.then(method("\"cus_1\"", "pm_2"));
  check_answer(remove(), gateway_status::unknown, "gateway_mismatch");
  for (const auto& s : {method(), method()}) api.then(s);
  check_answer(remove(), gateway_status::unknown, "gateway_mismatch");
  api.then({200, R"({"id":"cus_2","object":"customer","deleted":true})"});
  check_answer(forget("cus_1"), gateway_status::unknown, "gateway_mismatch");
}

BOOST_AUTO_TEST_CASE(a_card_that_is_not_attached_is_not_saved) {
  for (const auto& s : {intent("requires_payment_method"), intent("requires_payment_method"),
                        paid_with(method("null"))}) {
    api.then(s);
  }
  const auto a = pay({"user-1", "cus_1"}, true);
  check_answer(a, gateway_status::approved);
  BOOST_TEST(!a.vaulted);
  // A card number in place of its last digits is not taken over.
  for (const auto& s : {intent("requires_payment_method"), intent("requires_payment_method"),
                        paid_with(method("\"cus_1\"", "pm_1", "4242424242424242"))}) {
    api.then(s);
  }
  BOOST_TEST(!pay({"user-1", "cus_1"}, true).vaulted.value().last4);
}

BOOST_AUTO_TEST_CASE(a_payment_is_made_although_its_card_cannot_be_saved) {
  for (const auto& s :
       {intent("requires_payment_method"), error(400, "invalid_request_error", "parameter_unknown"),
        intent("succeeded")}) {
    api.then(s);
  }
  auto a = pay({"user-1", ""}, true);
  check_answer(a, gateway_status::approved);
  BOOST_TEST(!a.vaulted);
  for (const auto& s : {intent("requires_payment_method"), error(403, "invalid_request_error"),
                        intent("succeeded")}) {
    api.then(s);
  }
  check_answer(pay({"user-1", ""}, true), gateway_status::approved);
  // Without an answer it is repeated.
  for (const auto& s : {intent("requires_payment_method"), step{0, ""}}) api.then(s);
  a = pay({"user-1", ""}, true);
  check_answer(a, gateway_status::unknown);
  BOOST_TEST(a.transaction_id == "pi_1");
  for (const auto& s : {intent("requires_payment_method"), customer(), step{503, "{}"}}) {
    api.then(s);
  }
  a = pay({"user-1", ""}, true);
  check_answer(a, gateway_status::unknown);
  BOOST_TEST(a.customer_id.value() == "cus_1");
}

BOOST_AUTO_TEST_CASE(a_customer_that_was_deleted_at_stripe_is_replaced_once) {
  const auto open = intent("requires_payment_method");
  for (const auto& s :
       {open, missing_customer, customer("cus_2"), open, paid_with(method("\"cus_2\""), "cus_2")}) {
    api.then(s);
  }
  const auto a = pay({"user-1", "cus_1"}, true);
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.customer_id.value() == "cus_2");
  BOOST_TEST(a.vaulted.has_value());
  BOOST_TEST(holds(sent(2), "Idempotency-Key: customer:user-1:after:cus_1\r\n"), sent(2));
  // That of an account that was deleted is not replaced: its key returns the deleted one.
  for (const auto& s : {open, customer(), missing_customer, intent("succeeded")}) api.then(s);
  const auto b = pay({"user-1", ""}, true);
  check_answer(b, gateway_status::approved);
  BOOST_TEST(!b.vaulted);
  for (const auto& s : {missing_customer, customer("cus_2"), method("\"cus_2\"")}) api.then(s);
  BOOST_TEST(save().customer_id.value() == "cus_2");
  for (const auto& s : {missing_customer, customer("cus_2"), missing_customer}) api.then(s);
  check_answer(save(), gateway_status::declined, "invalid_token");
}

BOOST_AUTO_TEST_CASE(a_lookup_finds_what_is_kept) {
  api.then(paid_with(method()));
  const auto a = ask([&](auto done) {
    bank.look_up({"pay-1", "pi_1", open_effect::Authorize, "pay-1", price, "cus_1"}, done);
  });
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.vaulted.value().last4.value() == "4242");
  BOOST_TEST(api.lines().back() == "GET /v1/payment_intents/pi_1?expand%5B%5D=payment_method");
  // A void states it, too: the id only, as nothing of it is shown.
  api.then(intent("canceled", R"(,"customer":"cus_1","payment_method":"pm_1")"));
  const auto voided = void_it("pi_1");
  check_answer(voided, gateway_status::declined, "canceled");
  BOOST_TEST((voided.vaulted == vaulted_method{"pm_1"}));
}

BOOST_AUTO_TEST_CASE(a_method_is_attached_and_the_attachment_repeated) {
  for (const auto& s : {customer(), method()}) api.then(s);
  const auto a = save("");
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.customer_id.value() == "cus_1");
  BOOST_TEST(a.vaulted.value().token == "pm_1");
  BOOST_TEST(holds(sent(1), "POST /v1/payment_methods/pm_1/attach HTTP/1.1\r\n"), sent(1));
  BOOST_TEST(holds(sent(1), "Idempotency-Key: attach:saved-1:cus_1\r\n"), sent(1));
  BOOST_TEST(holds(sent(1), "\r\n\r\ncustomer=cus_1"), sent(1));
  auto replayed = error(500, "api_error");
  replayed.fields = "Idempotent-Replayed: true\r\n";
  for (const auto& s : {replayed, method()}) api.then(s);
  check_answer(save(), gateway_status::approved);
  BOOST_TEST(holds(sent(3), "Idempotency-Key: attach:saved-1:cus_1#2\r\n"), sent(3));
  api.then(error(402, "card_error", "card_declined", "insufficient_funds"));
  check_answer(save(), gateway_status::declined, "insufficient_funds");
  for (const auto& uncertain : {step{0, ""}, step{500, "{}"}, step{429, "{}"}, step{200, "?"}}) {
    api.then(uncertain);
    check_answer(save(), gateway_status::unknown);
  }
  const auto without_user = ask([&](auto done) {
    bank.save_method({"saved-1", {"", ""}, "pm_1"}, done);
  });
  check_answer(without_user, gateway_status::declined, "invalid_request");
}

BOOST_AUTO_TEST_CASE(a_method_is_detached_from_its_customer_only) {
  for (const auto& s : {method(), method("null")}) api.then(s);
  check_answer(remove(), gateway_status::approved);
  BOOST_TEST(holds(sent(0), "GET /v1/payment_methods/pm_1 HTTP/1.1\r\n"), sent(0));
  BOOST_TEST(holds(sent(1), "POST /v1/payment_methods/pm_1/detach HTTP/1.1\r\n"), sent(1));
  BOOST_TEST(holds(sent(1), "Idempotency-Key: detach:saved-1\r\n"), sent(1));
  // Not attached any more, of another customer, or unknown: nothing is detached.
  for (const auto& state :
       {method("null"), method("\"cus_2\""),
        error(404, "invalid_request_error", "resource_missing", "", "payment_method")}) {
    api.then(state);
    check_answer(remove(), gateway_status::approved);
  }
  BOOST_TEST(api.requests().size() == 5U);
  // Without an answer it is asked again.
  for (const auto& uncertain : {step{500, "{}"}, step{0, ""}, step{200, "?"}}) {
    api.then(uncertain);
    check_answer(remove(), gateway_status::unknown);
    for (const auto& s : {method(), uncertain}) api.then(s);
    check_answer(remove(), gateway_status::unknown);
  }
  for (const auto& s : {method(), error(400, "invalid_request_error")}) api.then(s);
  check_answer(remove(), gateway_status::unknown);
}

BOOST_AUTO_TEST_CASE(a_method_whose_customer_is_not_known_is_detached_from_the_users) {
  for (const auto& s : {customer(), method(), method("null")}) api.then(s);
  check_answer(remove(""), gateway_status::approved);
  BOOST_TEST(holds(sent(0), "Idempotency-Key: customer:user-1\r\n"), sent(0));
  BOOST_TEST(api.requests().size() == 3U);
  for (const auto& s : {customer("cus_2"), method()}) api.then(s);
  check_answer(remove(""), gateway_status::approved);
  BOOST_TEST(api.requests().size() == 5U);
  api.then({503, "{}"});
  check_answer(remove(""), gateway_status::unknown);
}

BOOST_AUTO_TEST_CASE(a_customer_is_deleted_also_without_its_id) {
  const step gone{200, R"({"id":"cus_1","object":"customer","deleted":true})"};
  api.then(gone);
  check_answer(forget("cus_1"), gateway_status::approved);
  BOOST_TEST(api.lines().back() == "DELETE /v1/customers/cus_1");
  for (const auto& s : {customer(), gone}) api.then(s);
  check_answer(forget(""), gateway_status::approved);
  BOOST_TEST(holds(sent(1), "Idempotency-Key: customer:user-1\r\n"));
  api.then(error(404, "invalid_request_error", "resource_missing", "", "id"));
  check_answer(forget("cus_1"), gateway_status::approved);
  for (const auto& uncertain :
       {step{500, "{}"}, customer(), step{404, "<html>wrong server</html>"}, step{200, "?"}}) {
    api.then(uncertain);
    const auto a = forget("cus_1");
    BOOST_TEST((a.status == gateway_status::unknown));
  }
  api.then({0, ""});
  check_answer(forget(""), gateway_status::unknown);
}

BOOST_AUTO_TEST_SUITE_END()
