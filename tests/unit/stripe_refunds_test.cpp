// Refunds, disputes and lists of the Stripe gateway against a scripted server.

#include "tests/support/stripe_script.hpp"

using namespace stoa;
using namespace stoa::gateways;
using namespace stoa::payment;
using namespace stoa::test::stripe_script;
using stoa::test::step;

BOOST_FIXTURE_TEST_SUITE(stripe_refunds, stripe_fixture)

BOOST_AUTO_TEST_CASE(refunds_are_found_by_their_key_or_made) {
  const step none{200, R"({"object":"list","data":[{"id":"re_0","status":"succeeded",)"
                       R"("metadata":{"request_key":"refund-0"}}],"has_more":false})"};
  const auto made = [](const std::string& status) {
    return step{200, R"({"id":"re_1","status":")" + status + R"(","metadata":{}})"};
  };
  api.then(none);
  api.then(made("succeeded"));
  const auto a = refund();
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.transaction_id == "re_1");
  BOOST_TEST(holds(api.requests()[1], "Idempotency-Key: refund-1\r\n"));
  BOOST_TEST(holds(api.requests()[1], "payment_intent=pi_1&amount=1299&"));
  api.then({200, R"({"data":[{"id":"re_9","status":"succeeded",)"
                 R"("metadata":{"request_key":"refund-1"}}]})"});
  BOOST_TEST(refund().transaction_id == "re_9");
  BOOST_TEST(api.requests().size() == 3U);
  api.then(none);
  api.then(made("pending"));
  check_answer(refund(), gateway_status::accepted);
  api.then(made("failed"));
  check_answer(look_up("re_1"), gateway_status::declined, "refund_declined");
  api.then(none);
  api.then(error(400, "invalid_request_error", "charge_already_refunded"));
  check_answer(refund(), gateway_status::declined, "exceeds_charge");
  api.then({0, ""});
  check_answer(refund(), gateway_status::unknown);
}

// Captured in part, for example in Stripe's dashboard: the rest is released.
BOOST_AUTO_TEST_CASE(a_refund_continues_when_its_key_repeats_an_error) {
  const step none{200, R"({"data":[],"has_more":false})"};
  const step made{200, R"({"id":"re_1","status":"succeeded"})"};
  auto replayed = error(500, "api_error");
  replayed.fields = "Idempotent-Replayed: true\r\n";
  for (const auto& s : {none, error(500, "api_error")}) api.then(s);
  check_answer(refund(), gateway_status::unknown);
  for (const auto& s : {none, replayed, none, made}) api.then(s);
  check_answer(refund(), gateway_status::approved);
  const auto sent = api.requests();
  BOOST_REQUIRE(sent.size() == 6u);
  BOOST_TEST(holds(sent[3], "Idempotency-Key: refund-1\r\n"));
  BOOST_TEST(holds(sent[4], "GET /v1/refunds?limit=100&payment_intent=pi_1 "), sent[4]);
  // Not "#2", which is the key of a retry by staff.
  BOOST_TEST(holds(sent[5], "Idempotency-Key: refund-1:2\r\n"), sent[5]);
  BOOST_TEST(holds(sent[5], "metadata%5Brequest_key%5D=refund-1"), sent[5]);
}

BOOST_AUTO_TEST_CASE(a_refund_that_was_made_despite_an_error_is_not_made_again) {
  const step none{200, R"({"data":[],"has_more":false})"};
  const step page{200, R"({"data":[{"id":"re_0","status":"succeeded"}],"has_more":true})"};
  const step found{200, R"({"data":[{"id":"re_9","status":"succeeded",)"
                        R"("metadata":{"request_key":"refund-1"}}],"has_more":false})"};
  auto replayed = error(500, "api_error");
  replayed.fields = "Idempotent-Replayed: true\r\n";
  for (const auto& s : {none, replayed, page, found}) api.then(s);
  const auto a = refund();
  check_answer(a, gateway_status::approved);
  BOOST_TEST(a.transaction_id == "re_9");
  BOOST_REQUIRE(api.requests().size() == 4u);
  BOOST_TEST(holds(api.requests()[3], "&payment_intent=pi_1&starting_after=re_0 "));
  // Without the list it is not known whether the refund was made.
  for (const auto& s : {none, replayed, error(503, "api_error")}) api.then(s);
  check_answer(refund(), gateway_status::unknown);
  BOOST_TEST(api.requests().size() == 7u);
  for (int i = 0; i < 5; ++i) {
    for (const auto& s : {none, replayed}) api.then(s);
  }
  check_answer(refund(), gateway_status::unknown);
  BOOST_TEST(api.requests().size() == 17u);
}

BOOST_AUTO_TEST_CASE(refunds_and_disputes_are_read) {
  api.then({200, R"({"data":[{"id":"re_1","amount":300,"currency":"eur","payment_intent":"pi_1",)"
                 R"("status":"failed","failure_reason":"lost_or_stolen_card","created":12,)"
                 R"("metadata":{"request_key":"refund:1","payment_id":"pay-1"}},)"
                 R"({"id":"re_2","amount":5,"currency":"eur","status":"pending","metadata":{}}],)"
                 R"("has_more":false})"});
  api.then({200,
            R"({"data":[{"id":"dp_1","status":"lost","reason":"fraudulent","amount":1299,)"
            R"("currency":"eur","created":10,"balance_transactions":[{"amount":-1400}],)"
            R"("evidence_details":{"due_by":20}},)"
            R"({"id":"dp_2","status":"won","amount":7,"currency":"eur",)"
            R"("balance_transactions":[{"amount":-7},{"amount":7}]},)"
            R"({"id":"dp_3","status":"warning_needs_response","amount":7,"currency":"eur"}]})"});
  const auto found = activity();
  BOOST_TEST(found.known);
  BOOST_REQUIRE(found.refunds.size() == 2u);
  const auto& failed = found.refunds[0];
  BOOST_TEST(failed.key == "refund:1");
  BOOST_TEST(failed.payment_id == "pay-1");
  BOOST_TEST(failed.amount.amount == 300);
  BOOST_TEST(failed.amount.currency == "EUR");
  BOOST_TEST((failed.status == gateway_refund_status::failed));
  BOOST_TEST(failed.code == "lost_or_stolen_card");
  BOOST_TEST(failed.created_at.us == 12'000'000);
  BOOST_TEST((found.refunds[1].status == gateway_refund_status::pending));
  BOOST_REQUIRE(found.disputes.size() == 3u);
  const auto& lost = found.disputes[0];
  BOOST_TEST((lost.status == dispute_status::Lost));
  BOOST_TEST(lost.funds_withdrawn);
  BOOST_TEST(lost.respond_by.value().us == 20'000'000);
  BOOST_TEST((found.disputes[1].status == dispute_status::Won));
  BOOST_TEST(!found.disputes[1].funds_withdrawn);
  BOOST_TEST((found.disputes[2].status == dispute_status::Open));
  BOOST_TEST((api.lines() == lines{"GET /v1/refunds?limit=100&payment_intent=pi_1",
                                   "GET /v1/disputes?limit=100&payment_intent=pi_1"}));
  api.then({200, R"({"data":[]})"});
  api.then(error(500, "api_error"));
  BOOST_TEST(!activity().known);
}

BOOST_AUTO_TEST_CASE(lists_are_read_by_pages) {
  api.then({200,
            R"({"has_more":true,"data":[{"id":"pi_1","status":"succeeded","amount":9,)"
            R"("amount_received":8,"currency":"eur","created":2,"metadata":{"payment_id":"p"}},)"
            R"({"id":"pi_2","status":"requires_action","amount":7,"currency":"jpy"}]})"});
  const auto page = listed({gateway_list::payments, {1'500'000}, {3'000'001}, ""});
  BOOST_TEST(page.known);
  BOOST_REQUIRE(page.payments.size() == 2u);
  BOOST_TEST(page.payments[0].payment_id == "p");
  BOOST_TEST(page.payments[0].amount.amount == 8);
  BOOST_TEST((page.payments[0].status == gateway_payment_status::captured));
  BOOST_TEST((page.payments[1].status == gateway_payment_status::open));
  BOOST_TEST(page.next == "pi_2");
  api.then({200, R"({"has_more":false,"data":[{"id":"re_1"}]})"});
  const auto last = listed({gateway_list::refunds, {0}, {1'000'000}, "re_0"});
  BOOST_TEST(last.refunds.size() == 1u);
  BOOST_TEST(last.next.empty());
  BOOST_TEST((api.lines() ==
              lines{"GET /v1/payment_intents?limit=100&created%5Bgte%5D=1&created%5Blt%5D=4",
                    "GET /v1/refunds?limit=100&created%5Bgte%5D=0&created%5Blt%5D=1"
                    "&starting_after=re_0"}));
  api.then(error(401, "invalid_request_error"));
  BOOST_TEST(listed({gateway_list::refunds, {0}, {1'000'000}, ""}).code == "unavailable");
}

BOOST_AUTO_TEST_SUITE_END()
