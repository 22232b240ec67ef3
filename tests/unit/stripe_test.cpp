// The Stripe gateway against a scripted server: the requests it sends, and what it makes of the
// responses, also of missing ones.

#include "tests/support/stripe_script.hpp"

using namespace stoa;
using namespace stoa::gateways;
using namespace stoa::payment;
using namespace stoa::test::stripe_script;
using stoa::test::step;

BOOST_FIXTURE_TEST_SUITE(stripe_gateway, stripe_fixture)

BOOST_AUTO_TEST_CASE(an_authorisation_creates_and_confirms_an_intent) {
  api.then(intent("requires_payment_method"));
  api.then(intent("succeeded"));
  const auto a = authorize();
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.transaction_id == "pi_1");
  const auto sent = api.requests();
  BOOST_REQUIRE(sent.size() == 2);
  BOOST_TEST(holds(sent[0], "POST /v1/payment_intents HTTP/1.1\r\n"), sent[0]);
  for (const auto* part :
       {"Authorization: Bearer sk_test_secret\r\n", "Stripe-Version: 2024-06-20\r\n",
        "Idempotency-Key: pay-1\r\n", "Content-Type: application/x-www-form-urlencoded\r\n",
        "amount=1299&currency=eur&capture_method=automatic&payment_method_types%5B%5D=card&"
        "metadata%5Bpayment_id%5D=pay-1&metadata%5Border_id%5D=order-1"}) {
    BOOST_TEST(holds(sent[0], part), sent[0]);
  }
  BOOST_TEST(holds(sent[1], "POST /v1/payment_intents/pi_1/confirm HTTP/1.1\r\n"), sent[1]);
  BOOST_TEST(holds(sent[1], "Idempotency-Key: pay-1:confirm\r\n"), sent[1]);
  BOOST_TEST(holds(sent[1], "payment_method=pm_card_visa&return_url=https%3A%2F%2Fshop.example"),
             sent[1]);
}

BOOST_AUTO_TEST_CASE(a_currency_with_another_unit_at_stripe_is_not_charged) {
  for (const auto* currency : {"ISK", "UGX", "MGA"}) {
    const auto a = ask([&](auto done) {
      bank.authorize({"pay-1", "order-1", {1299, currency}, "pm_card_visa", true}, done);
    });
    check_answer(a, gateway_status::declined, "currency_not_supported");
  }
  BOOST_TEST(api.requests().empty());
}

BOOST_AUTO_TEST_CASE(a_manual_capture_only_reserves) {
  api.then(intent("requires_payment_method"));
  api.then(intent("requires_capture"));
  check_answer(authorize("pm_card_visa", false), gateway_status::approved);
  BOOST_TEST(holds(api.requests()[0], "capture_method=manual"));
}

BOOST_AUTO_TEST_CASE(declines_have_stable_codes_and_the_intent_is_cancelled_first) {
  const std::vector<std::pair<step, std::string>> cases{
      {error(402, "card_error", "card_declined", "generic_decline"), "card_declined"},
      {error(402, "card_error", "card_declined", "insufficient_funds"), "insufficient_funds"},
      {error(402, "card_error", "card_declined", "stolen_card"), "card_declined"},
      {error(402, "card_error", "card_declined", "fraudulent"), "fraudulent"},
      {error(402, "card_error", "expired_card"), "expired_card"},
      {error(402, "card_error", "incorrect_cvc", "incorrect_cvc"), "incorrect_cvc"},
      {error(402, "card_error", "processing_error"), "processing_error"},
      {error(402, "card_error", "new_code"), "card_declined"},
      {error(400, "invalid_request_error", "resource_missing", "", "payment_method"),
       "invalid_token"},
      {error(400, "invalid_request_error", "parameter_unknown"), "invalid_request"}};
  for (const auto& [response, code] : cases) {
    api.then(intent("requires_payment_method"));
    api.then(response);
    api.then(intent("canceled"));
    check_answer(authorize(), gateway_status::declined, code);
    BOOST_TEST(api.lines().back() == "POST /v1/payment_intents/pi_1/cancel");
  }
  // Without a response to the cancellation the intent could still be paid.
  api.then(intent("requires_payment_method"));
  api.then(cases[0].first);
  api.then({0, ""});
  check_answer(authorize(), gateway_status::unknown);
}

BOOST_AUTO_TEST_CASE(an_intent_that_cannot_be_created_is_declined) {
  api.then(error(400, "invalid_request_error", "amount_too_small"));
  check_answer(authorize(), gateway_status::declined, "invalid_amount");
  BOOST_TEST(api.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(every_uncertain_response_is_unknown) {
  const std::vector<step> uncertain{
      {0, ""},
      {500, "{}"},
      {503, "no JSON"},
      {200, "no JSON"},
      {404, "<html>wrong server</html>"},
      error(401, "invalid_request_error"),
      error(403, "invalid_request_error"),
      error(409, "idempotency_error", "idempotency_key_in_use"),
      error(400, "idempotency_error"),
      error(429, "rate_limit_error", "rate_limit"),
      {402, error(402, "card_error", "card_declined").body, "Stripe-Should-Retry: true\r\n"}};
  for (const auto& response : uncertain) {
    api.then(response);
    check_answer(authorize(), gateway_status::unknown);
  }
  // After the confirmation was sent, the answer names the intent, so that a void can cancel it.
  api.then(intent("requires_payment_method"));
  api.then({0, ""});
  const auto a = authorize();
  check_answer(a, gateway_status::unknown);
  BOOST_TEST(a.transaction_id == "pi_1");
}

BOOST_AUTO_TEST_CASE(a_server_error_of_the_confirmation_is_settled_by_the_intents_state) {
  const auto confirmed_with = [&](step response, step state) {
    api.then(intent("requires_payment_method"));
    api.then(std::move(response));
    api.then(std::move(state));
    return authorize();
  };
  check_answer(confirmed_with({500, "{}"}, intent("succeeded")), gateway_status::approved);
  BOOST_TEST(api.lines().back() == "GET /v1/payment_intents/pi_1");
  check_answer(confirmed_with({500, "{}"}, intent("requires_confirmation")),
               gateway_status::unknown);
  const auto state = error(400, "invalid_request_error", "payment_intent_unexpected_state");
  check_answer(confirmed_with(state, intent("canceled")), gateway_status::declined, "canceled");
  check_answer(confirmed_with(state, intent("succeeded")), gateway_status::approved);
}

BOOST_AUTO_TEST_CASE(a_replayed_server_error_of_the_confirmation_uses_the_next_key) {
  step replayed{500, "{}"};
  replayed.fields = "Idempotent-Replayed: true\r\n";
  api.then(intent("requires_payment_method"));
  api.then(replayed);
  api.then(intent("succeeded"));
  check_answer(authorize(), gateway_status::approved);
  BOOST_TEST(holds(api.requests().back(), "Idempotency-Key: pay-1:confirm#2\r\n"));
  BOOST_TEST(holds(api.requests().back(), "/confirm HTTP/1.1"));
}

BOOST_AUTO_TEST_CASE(the_customer_confirms_or_not) {
  api.then(intent("requires_payment_method"));
  api.then(intent("requires_action",
                  R"(,"next_action":{"type":"redirect_to_url",)"
                  R"("redirect_to_url":{"url":"https://hooks.stripe.com/3ds/1"}})"));
  const auto a = authorize();
  check_answer(a, gateway_status::action_required, "action_required");
  BOOST_TEST(a.action_url == "https://hooks.stripe.com/3ds/1");
  api.then(intent("succeeded"));
  check_answer(look_up("pi_1"), gateway_status::approved);
  api.then(failed_intent("requires_payment_method"));
  api.then(failed_intent("canceled"));
  check_answer(look_up("pi_1"), gateway_status::declined, "authentication_failed");
  api.then(failed_intent("canceled"));
  check_answer(look_up("pi_1"), gateway_status::declined, "authentication_failed");
  api.then(error(404, "invalid_request_error", "resource_missing", "", "intent"));
  check_answer(look_up("pi_1"), gateway_status::unknown, "charge_not_found");
}

BOOST_AUTO_TEST_CASE(a_void_cancels_the_intent_or_finds_it_captured) {
  api.then(intent("canceled"));
  check_answer(void_it("pi_1"), gateway_status::declined, "canceled");
  const auto state = error(400, "invalid_request_error", "payment_intent_unexpected_state");
  api.then(state);
  api.then(intent("succeeded"));
  check_answer(void_it("pi_1"), gateway_status::approved);
  api.then(state);
  api.then(intent("processing"));
  check_answer(void_it("pi_1"), gateway_status::unknown);
  api.then({0, ""});
  check_answer(void_it("pi_1"), gateway_status::unknown);
}

BOOST_AUTO_TEST_CASE(a_void_without_the_intents_id_repeats_its_creation) {
  api.then(intent("requires_payment_method"));
  api.then(intent("succeeded"));
  authorize();
  api.then(intent("requires_payment_method"));
  api.then(intent("canceled"));
  check_answer(void_it(""), gateway_status::declined, "canceled");
  const auto sent = api.requests();
  BOOST_REQUIRE(sent.size() == 4U);
  BOOST_TEST(sent[2] == sent[0]);
  BOOST_TEST(holds(sent[3], "POST /v1/payment_intents/pi_1/cancel "));
  api.then(error(409, "idempotency_error", "idempotency_key_in_use"));
  check_answer(void_it(""), gateway_status::unknown);
  api.then(error(400, "invalid_request_error", "amount_too_small"));
  check_answer(void_it(""), gateway_status::declined, "canceled");
}

BOOST_AUTO_TEST_CASE(captures) {
  api.then(intent("succeeded"));
  check_answer(capture(), gateway_status::approved);
  BOOST_TEST(holds(api.requests()[0], "Idempotency-Key: capture-1\r\n"));
  BOOST_TEST(holds(api.requests()[0], "amount_to_capture=1299"));
  const auto state = error(400, "invalid_request_error", "payment_intent_unexpected_state");
  for (const auto& [status, expected] : {std::pair{"succeeded", gateway_status::approved},
                                         std::pair{"canceled", gateway_status::declined},
                                         std::pair{"processing", gateway_status::accepted},
                                         std::pair{"requires_capture", gateway_status::declined}}) {
    api.then(state);
    api.then(intent(status));
    BOOST_TEST((capture().status == expected), status);
  }
  api.then({500, "{}"});
  api.then(intent("requires_capture"));
  BOOST_TEST(capture().detail == "The status at Stripe is requires_capture.");
  api.then({0, ""});
  check_answer(capture(), gateway_status::unknown);
}

BOOST_AUTO_TEST_CASE(a_partial_capture_states_its_amount) {
  const auto partial = R"(,"amount":1299,"amount_received":100,"currency":"eur")";
  const auto whole = R"(,"amount":1299,"amount_received":1299,"currency":"eur")";
  const auto state = error(400, "invalid_request_error", "payment_intent_unexpected_state");
  const auto amount = [](const gateway_answer& a) {
    check_answer(a, gateway_status::approved);
    return a.captured_amount
               ? std::to_string(a.captured_amount->amount) + a.captured_amount->currency
               : std::string("whole");
  };
  for (const auto& [members, expected] :
       {std::pair{partial, "100EUR"}, std::pair{whole, "whole"}}) {
    api.then(state);
    api.then(intent("succeeded", members));
    BOOST_TEST(amount(capture()) == expected);
    api.then(intent("succeeded", members));
    BOOST_TEST(amount(look_up("pi_1")) == expected);
    api.then(state);
    api.then(intent("succeeded", members));
    BOOST_TEST(amount(void_it("pi_1")) == expected);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_about_another_payment_or_amount_is_not_applied) {
  for (const auto* members :
       {R"(,"amount":1300)", R"(,"currency":"usd")", R"(,"metadata":{"payment_id":"pay-2"})",
        R"(,"amount_received":1300)", R"(,"amount_received":0)"}) {
    const auto other = intent("succeeded", members);
    api.then(other);
    check_answer(look_up("pi_1"), gateway_status::unknown, "gateway_mismatch");
    for (int i = 0; i < 2; ++i) api.then(other);
    check_answer(capture(), gateway_status::unknown, "gateway_mismatch");
    for (int i = 0; i < 2; ++i) api.then(other);
    check_answer(void_it("pi_1"), gateway_status::unknown, "gateway_mismatch");
    api.then(intent("requires_payment_method"));
    for (int i = 0; i < 2; ++i) api.then(other);
    check_answer(authorize(), gateway_status::unknown, "gateway_mismatch");
  }
  api.then(intent("requires_payment_method", R"(,"amount":1)"));
  check_answer(authorize(), gateway_status::unknown, "gateway_mismatch");
  api.then({200, R"({"id":"pi_2","status":"succeeded"})"});
  check_answer(look_up("pi_1"), gateway_status::unknown, "gateway_mismatch");
  const step none{200, R"({"data":[],"has_more":false})"};
  for (const auto* members :
       {R"(,"amount":1)", R"(,"currency":"usd")", R"(,"payment_intent":"pi_2")",
        R"(,"metadata":{"payment_id":"pay-2"})"}) {
    api.then(none);
    api.then({200, std::string(R"({"id":"re_1","status":"succeeded")") + members + "}"});
    check_answer(refund(), gateway_status::unknown, "gateway_mismatch");
  }
}

BOOST_AUTO_TEST_CASE(a_confirmation_that_cannot_be_read_is_settled_by_the_intents_state) {
  for (const auto* body : {"", "{", "<html>", "[]", R"({"id":"","status":""})"}) {
    api.then(intent("requires_payment_method"));
    api.then({200, body});
    api.then(intent("succeeded"));
    check_answer(authorize(), gateway_status::approved);
    api.then({200, body});
    BOOST_TEST(look_up("pi_1").detail == "Stripe's answer cannot be read.", body);
  }
  api.then({503, "{}"});
  BOOST_TEST(look_up("pi_1").detail == "Stripe has answered with the status 503.");
  api.then({0, ""});
  BOOST_TEST(void_it("pi_1").detail.starts_with("Stripe has not answered: "));
}

BOOST_AUTO_TEST_CASE(a_stopped_gateway_answers_unknown) {
  bank.stop();
  check_answer(authorize(), gateway_status::unknown);
  BOOST_TEST(api.requests().empty());
}

// Stripe repeats an error of its server for the key: the creation continues under the next key,
// which is the same for the authorisation and its void.
BOOST_AUTO_TEST_CASE(a_creation_continues_when_its_key_repeats_an_error) {
  const auto replayed = [&] {
    auto s = error(500, "api_error");
    s.fields = "Idempotent-Replayed: true\r\n";
    return s;
  };
  api.then(error(500, "api_error"));
  check_answer(authorize(), gateway_status::unknown);
  api.then(replayed());
  api.then(intent("requires_payment_method"));
  api.then(intent("succeeded"));
  check_answer(authorize(), gateway_status::approved);
  api.then(replayed());
  api.then(intent("requires_payment_method"));
  api.then(intent("canceled"));
  check_answer(void_it(""), gateway_status::declined, "canceled");
  const auto all = api.requests();
  BOOST_REQUIRE(all.size() == 7u);
  BOOST_TEST(holds(all[0], "Idempotency-Key: pay-1\r\n"));
  BOOST_TEST(holds(all[1], "Idempotency-Key: pay-1\r\n"));
  BOOST_TEST(holds(all[2], "Idempotency-Key: pay-1#2\r\n"));
  BOOST_TEST(holds(all[4], "Idempotency-Key: pay-1\r\n"));
  BOOST_TEST(holds(all[5], "Idempotency-Key: pay-1#2\r\n"));
}

BOOST_AUTO_TEST_CASE(a_creation_tries_a_bounded_number_of_keys) {
  for (int i = 0; i < 6; ++i) {
    auto s = error(500, "api_error");
    s.fields = "Idempotent-Replayed: true\r\n";
    api.then(s);
  }
  check_answer(authorize(), gateway_status::unknown);
  BOOST_TEST(api.requests().size() == 5u);
}

// Stripe repeats an error of its server for the key of a refund, too: the next key is used if the
// refund was not made.

BOOST_AUTO_TEST_SUITE_END()
