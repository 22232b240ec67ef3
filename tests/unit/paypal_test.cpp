// The PayPal gateway against a scripted server: the requests it sends, and what it makes of the
// responses, also of missing ones.

#include "tests/support/paypal_script.hpp"

using namespace stoa;
using namespace stoa::gateways;
using namespace stoa::payment;
using namespace stoa::test::paypal_script;
using stoa::test::step;

BOOST_AUTO_TEST_SUITE(paypal_amounts)

BOOST_AUTO_TEST_CASE(amounts_are_decimal_numbers_with_the_currencys_decimals) {
  const auto text = [](std::int64_t amount, const char* currency) {
    const auto a = paypal_api::amount_of({amount, currency});
    return a ? a->value + " " + a->currency_code : std::string("none");
  };
  BOOST_TEST(text(1299, "EUR") == "12.99 EUR");
  BOOST_TEST(text(5, "EUR") == "0.05 EUR");
  BOOST_TEST(text(100, "USD") == "1.00 USD");
  BOOST_TEST(text(1299, "JPY") == "1299 JPY");
  BOOST_TEST(text(1299, "KWD") == "1.299 KWD");
  BOOST_TEST(text(129'900, "HUF") == "1299 HUF");
  BOOST_TEST(text(129'950, "HUF") == "none");
  BOOST_TEST(text(100, "TWD") == "1 TWD");
  BOOST_TEST(text(money_amount_max, "EUR") == "1000000000000.00 EUR");
  BOOST_TEST(text(1, "XXX") == "none");
}

BOOST_AUTO_TEST_CASE(amounts_are_read_as_they_are_written) {
  const auto units = [](const char* value, const char* currency) {
    const auto m = paypal_api::money_of({currency, value});
    return m ? std::to_string(m->amount) : std::string("none");
  };
  BOOST_TEST(units("12.99", "EUR") == "1299");
  BOOST_TEST(units("-12.99", "EUR") == "-1299");
  BOOST_TEST(units("-0.05", "EUR") == "-5");
  BOOST_TEST(units("12.9", "EUR") == "1290");
  BOOST_TEST(units("12.999", "EUR") == "none");
  BOOST_TEST(units("1299", "JPY") == "1299");
  BOOST_TEST(units("1299", "HUF") == "129900");
  BOOST_TEST(units("1299.5", "HUF") == "none");
  for (const auto* bad : {"", ".", "x", "1,00", "1.x", "99999999999999999999"}) {
    BOOST_TEST(units(bad, "EUR") == "none", bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(paypal_gateway, paypal_fixture)

BOOST_AUTO_TEST_CASE(an_authorisation_creates_an_order_that_the_customer_approves) {
  api.then(order("PAYER_ACTION_REQUIRED"));
  const auto a = authorize(price);
  check_answer(a, gateway_status::action_required, "action_required", "O1");
  BOOST_TEST(a.action_url == "https://p/approve?token=O1");
  const auto sent = api.requests();
  BOOST_REQUIRE(sent.size() == 2u);
  BOOST_TEST(holds(sent[0], "POST /v1/oauth2/token "));
  BOOST_TEST(holds(sent[0], "Basic Y2xpZW50OnNlY3JldC1vZi10aGUtY2xpZW50"));
  BOOST_TEST(holds(sent[0], "grant_type=client_credentials"));
  BOOST_TEST(holds(sent[1], "POST /v2/checkout/orders "));
  BOOST_TEST(holds(sent[1], "Authorization: Bearer A21\r\n"));
  BOOST_TEST(holds(sent[1], "PayPal-Request-Id: pay-1\r\n"));
  BOOST_TEST(holds(sent[1], R"("intent":"CAPTURE")"));
  BOOST_TEST(holds(sent[1], R"("custom_id":"pay-1","invoice_id":"order-1")"));
  BOOST_TEST(holds(sent[1], R"("amount":{"currency_code":"EUR","value":"12.99"})"));
  BOOST_TEST(holds(sent[1], R"("return_url":"https://shop.example/paid")"));
  BOOST_TEST(holds(sent[1], R"("cancel_url":"https://shop.example/cart")"));
}

BOOST_AUTO_TEST_CASE(a_lookup_captures_an_approved_order_under_the_payments_key) {
  api.then(order("PAYER_ACTION_REQUIRED"));
  api.then(order("APPROVED"));
  api.then(captured());
  check_answer(look_up("O1"), gateway_status::action_required, "action_required", "O1");
  check_answer(look_up("O1"), gateway_status::approved, "", "C1");
  BOOST_TEST(
      (api.lines() == lines{"POST /v1/oauth2/token", "GET /v2/checkout/orders/O1",
                            "GET /v2/checkout/orders/O1", "POST /v2/checkout/orders/O1/capture"}));
  BOOST_TEST(holds(api.requests()[3], "PayPal-Request-Id: pay-1:capture\r\n"));
}

BOOST_AUTO_TEST_CASE(issues_have_stable_codes) {
  for (const auto& [name, code] : {std::pair{"INSTRUMENT_DECLINED", "instrument_declined"},
                                   std::pair{"PAYER_CANNOT_PAY", "payer_cannot_pay"},
                                   std::pair{"SOMETHING_NEW", "instrument_declined"}}) {
    api.then(order("APPROVED"));
    api.then(issue(name));
    check_answer(look_up("O1"), gateway_status::declined, code, "O1");
  }
  api.then(issue("CURRENCY_NOT_SUPPORTED"));
  check_answer(authorize(price), gateway_status::declined, "invalid_amount");
  api.then(issue("DUPLICATE_INVOICE_ID"));
  check_answer(authorize(price), gateway_status::declined, "invalid_request");
  check_answer(authorize({129'950, "HUF"}), gateway_status::declined, "invalid_amount");
}

BOOST_AUTO_TEST_CASE(an_order_that_was_captured_meanwhile_is_approved) {
  api.then(order("APPROVED"));
  api.then(issue("ORDER_ALREADY_CAPTURED"));
  api.then(captured());
  check_answer(look_up("O1"), gateway_status::approved, "", "C1");
  // Also after an error of the server, and after an approval that was withdrawn.
  api.then(order("APPROVED"));
  api.then({500, "{}"});
  api.then(captured());
  check_answer(look_up("O1"), gateway_status::approved, "", "C1");
  api.then(order("APPROVED"));
  api.then(issue("ORDER_NOT_APPROVED"));
  api.then(order("PAYER_ACTION_REQUIRED"));
  check_answer(look_up("O1"), gateway_status::action_required, "action_required", "O1");
}

BOOST_AUTO_TEST_CASE(a_capture_that_paypal_reviews_is_decided_later) {
  api.then(captured("PENDING"));
  check_answer(look_up("O1"), gateway_status::accepted, "", "O1");
  api.then(captured("DECLINED"));
  check_answer(look_up("O1"), gateway_status::declined, "instrument_declined", "O1");
  api.then(captured("PENDING"));
  check_answer(void_it("O1"), gateway_status::unknown, "", "O1");
}

BOOST_AUTO_TEST_CASE(a_missing_response_is_unknown) {
  api.then({0, ""});
  check_answer(authorize(price), gateway_status::unknown);
  for (const int status : {401, 403, 409, 429, 500, 503}) {
    if (status == 401) api.then({401, "{}"});
    if (status == 401) api.then(access_token);
    api.then({status, "{}"});
    check_answer(authorize(price), gateway_status::unknown);
  }
  api.then({200, "no order"});
  check_answer(authorize(price), gateway_status::unknown);
}

BOOST_AUTO_TEST_CASE(a_rejected_token_is_requested_again_once) {
  api.then({401, "{}"});
  api.then({200, R"({"access_token":"B22","expires_in":32400})"});
  api.then(order("PAYER_ACTION_REQUIRED"));
  check_answer(authorize(price), gateway_status::action_required, "action_required", "O1");
  BOOST_TEST(holds(api.requests()[3], "Authorization: Bearer B22\r\n"));
}

BOOST_AUTO_TEST_CASE(concurrent_requests_wait_for_one_token) {
  for (int i = 0; i < 8; ++i) api.then(order("PAYER_ACTION_REQUIRED"));
  std::vector<std::future<gateway_answer>> answers;
  for (int i = 0; i < 8; ++i) {
    auto promise = std::make_shared<std::promise<gateway_answer>>();
    answers.push_back(promise->get_future());
    bank.authorize({"pay-" + std::to_string(i), "order", price, "", true},
                   [promise](gateway_answer a) { promise->set_value(std::move(a)); });
  }
  for (auto& a : answers) BOOST_TEST((a.get().status == gateway_status::action_required));
  std::size_t tokens = 0;
  for (const auto& line : api.lines()) tokens += line == "POST /v1/oauth2/token";
  BOOST_TEST(tokens == 1u);
}

BOOST_AUTO_TEST_CASE(a_void_settles_an_order) {
  // Without an answer to the creation there is no URL at which it could be approved.
  check_answer(void_it(""), gateway_status::declined, "canceled");
  api.then(order("PAYER_ACTION_REQUIRED"));
  check_answer(void_it("O1"), gateway_status::declined, "canceled", "O1");
  api.then(captured());
  check_answer(void_it("O1"), gateway_status::approved, "", "C1");
  // An earlier capture may be in progress: its outcome is that of the same request.
  api.then(order("APPROVED"));
  api.then(captured());
  api.then(captured());
  check_answer(void_it("O1"), gateway_status::approved, "", "C1");
  BOOST_TEST(holds(api.requests()[4], "PayPal-Request-Id: pay-1:capture\r\n"));
  api.then(order("APPROVED"));
  api.then(issue("INSTRUMENT_DECLINED"));
  check_answer(void_it("O1"), gateway_status::declined, "canceled", "O1");
  api.then({500, "{}"});
  check_answer(void_it("O1"), gateway_status::unknown, "", "O1");
}

BOOST_AUTO_TEST_CASE(a_void_releases_an_authorisation) {
  api.then(authorized());
  api.then({204, ""});
  check_answer(void_it("O1", false), gateway_status::declined, "canceled", "O1");
  BOOST_TEST(holds(api.requests()[2], "POST /v2/payments/authorizations/A1/void"));
  api.then(authorized("CAPTURED"));
  check_answer(void_it("O1", false), gateway_status::approved, "", "O1");
  api.then(authorized());
  api.then(issue("PREVIOUSLY_CAPTURED"));
  api.then(authorized("CAPTURED"));
  check_answer(void_it("O1", false), gateway_status::approved, "", "O1");
  // Refunds need the id of the capture.
  const auto* captures = R"(,"captures":[{"id":"C1","status":"COMPLETED",)"
                         R"("amount":{"currency_code":"EUR","value":"1.00"}}])";
  api.then(authorized("PARTIALLY_CAPTURED", captures));
  const auto partial = void_it("O1", false);
  check_answer(partial, gateway_status::approved, "", "C1");
  BOOST_TEST(partial.captured_amount.value().amount == 100);
  // A response that is not a void is settled by the order's state.
  api.then(authorized());
  api.then({200, "<html>"});
  api.then(authorized());
  check_answer(void_it("O1", false), gateway_status::unknown, "", "O1");
}

// A response that cannot be read may be that of a capture: the order's state decides.
BOOST_AUTO_TEST_CASE(a_capture_whose_response_cannot_be_read_is_not_declined) {
  for (const auto& unreadable :
       {step{201, ""}, step{201, R"({"id":"O1","sta)"}, step{200, "<html></html>"}, step{204, ""},
        step{200, "[]"}, step{201, R"({"id":"","status":"COMPLETED"})"},
        step{404, "<html>wrong server</html>"}}) {
    api.then(order("APPROVED"));
    api.then(unreadable);
    api.then(captured());
    check_answer(look_up("O1"), gateway_status::approved, "", "C1");
    // Still approved: the capture is repeated under its key.
    api.then(order("APPROVED"));
    api.then(unreadable);
    api.then(order("APPROVED"));
    check_answer(look_up("O1"), gateway_status::unknown, "", "O1");
    api.then(order("APPROVED", "{}", "AUTHORIZE"));
    api.then(unreadable);
    api.then(authorized());
    check_answer(look_up("O1"), gateway_status::approved, "", "O1");
    // Nor does a void take it for a decline.
    api.then(order("APPROVED"));
    api.then(unreadable);
    api.then(captured());
    api.then(captured());
    check_answer(void_it("O1"), gateway_status::approved, "", "C1");
  }
}

BOOST_AUTO_TEST_CASE(an_answer_about_another_payment_or_amount_is_not_applied) {
  const auto check = [&](const std::string& members, const std::string& capture) {
    const step other{200, R"({"id":"O1","intent":"CAPTURE","status":"COMPLETED",)"
                          R"("purchase_units":[{)" +
                              members +
                              R"("payments":{"captures":[{"id":"C1","status":"COMPLETED")" +
                              capture + "}]}}]}"};
    api.then(other);
    check_answer(look_up("O1"), gateway_status::unknown, "gateway_mismatch", "O1");
    api.then(order("APPROVED"));
    api.then(other);
    api.then(other);
    check_answer(look_up("O1"), gateway_status::unknown, "gateway_mismatch", "O1");
    api.then(other);
    check_answer(void_it("O1"), gateway_status::unknown, "gateway_mismatch", "O1");
  };
  check(R"("custom_id":"pay-2",)", "");
  check(R"("amount":{"currency_code":"EUR","value":"13.00"},)", "");
  check(R"("amount":{"currency_code":"USD","value":"12.99"},)", "");
  check("", R"(,"amount":{"currency_code":"EUR","value":"13.00"})");
  check("", R"(,"amount":{"currency_code":"USD","value":"12.99"})");
  api.then({200, R"({"id":"O2","status":"COMPLETED"})"});
  check_answer(look_up("O1"), gateway_status::unknown, "gateway_mismatch", "O1");
  for (const auto* amount : {"1.00", "13.00"}) {
    api.then({201, R"({"id":"R1","status":"COMPLETED","amount":{"currency_code":"EUR","value":")" +
                       std::string(amount) + "\"}}"});
    check_answer(refund(), gateway_status::unknown, "gateway_mismatch");
  }
  // A part of the amount was captured.
  api.then(authorized());
  api.then({201, R"({"id":"C1","status":"COMPLETED",)"
                 R"("amount":{"currency_code":"EUR","value":"1.00"}})"});
  BOOST_TEST(capture().captured_amount.value().amount == 100);
}

// PayPal deletes orders that are not approved in time.
BOOST_AUTO_TEST_CASE(a_void_of_a_deleted_order_is_settled) {
  api.then(issue("INVALID_RESOURCE_ID", 404));
  check_answer(void_it("O1"), gateway_status::declined, "canceled", "O1");
  api.then({404, "<html>wrong server</html>"});
  const auto a = void_it("O1");
  check_answer(a, gateway_status::unknown, "", "O1");
  BOOST_TEST(a.detail == "PayPal has answered with the status 404.");
}

BOOST_AUTO_TEST_CASE(an_authorisation_is_captured_later) {
  api.then(order("APPROVED", "{}", "AUTHORIZE"));
  api.then(authorized());
  check_answer(look_up("O1"), gateway_status::approved, "", "O1");
  BOOST_TEST(holds(api.requests()[2], "POST /v2/checkout/orders/O1/authorize"));
  api.then(authorized());
  api.then(single("C1", "COMPLETED"));
  check_answer(capture(), gateway_status::approved, "", "C1");
  BOOST_TEST(holds(api.requests()[4], "POST /v2/payments/authorizations/A1/capture"));
  BOOST_TEST(holds(api.requests()[4], "PayPal-Request-Id: capture-1\r\n"));
  api.then(authorized("CAPTURED", R"(,"captures":[{"id":"C1","status":"COMPLETED"}])"));
  check_answer(capture(), gateway_status::approved, "", "C1");
  api.then(authorized());
  api.then(issue("AUTHORIZATION_EXPIRED"));
  check_answer(capture(), gateway_status::declined, "authorization_expired");
  api.then(single("C1", "PENDING"));
  check_answer(look_up("C1", open_effect::Capture), gateway_status::accepted, "", "C1");
}

BOOST_AUTO_TEST_CASE(the_reports_are_listed_by_windows_and_pages) {
  const auto transaction = [](const std::string& id, const std::string& code,
                              const std::string& amount, const std::string& status,
                              const std::string& more = {}) {
    return R"({"transaction_info":{"transaction_id":")" + id + R"(","transaction_event_code":")" +
           code +
           R"(","transaction_initiation_date":"2026-11-02T10:00:00+0000",)"
           R"("transaction_amount":{"currency_code":"EUR","value":")" +
           amount + R"("},"transaction_status":")" + status + R"(","custom_field":"pay-1")" + more +
           "}}";
  };
  const auto page = [](const std::string& transactions, int pages) {
    return step{200, R"({"transaction_details":[)" + transactions + R"(],"total_pages":)" +
                         std::to_string(pages) + "}"};
  };
  // 32 days: two windows.
  list_request wanted{gateway_list::payments,
                      *timestamp::parse("2026-11-01T00:00:00.5Z"),
                      *timestamp::parse("2026-12-03T00:00:00Z"),
                      {}};
  api.then(page(
      transaction("C1", "T0006", "12.99", "S") + "," + transaction("C2", "T0006", "1.00", "V") +
          "," + transaction("C3", "T0006", "1.00", "D") + "," +
          transaction("F1", "T0700", "5.00", "S") + "," + transaction("P1", "T0001", "-5.00", "S"),
      2));
  api.then(page("", 2));
  api.then(page(transaction("C1", "T0006", "12.99", "S"), 1));  // Of the other window.
  api.then(page(transaction("A1", "T1300", "12.99", "P",
                            R"(,"paypal_reference_id":"O1","paypal_reference_id_type":"ODR")") +
                    "," + transaction("A2", "T1300", "1.00", "V"),
                1));
  api.then(page("", 0));
  std::vector<list_page> pages;
  do {
    pages.push_back(listed(wanted));
    BOOST_REQUIRE(pages.back().known);
    wanted.cursor = pages.back().next;
  } while (!wanted.cursor.empty());
  BOOST_REQUIRE(pages.size() == 5u);
  const auto text = [](const list_page& p) {
    std::string all;
    for (const auto& one : p.payments) {
      all += one.transaction_id + " " + std::string(enum_name(one.status)) + " " +
             std::to_string(one.amount.amount) + " " + one.payment_id + "; ";
    }
    return all;
  };
  BOOST_TEST(text(pages[0]) ==
             "C1 captured 1299 pay-1; C2 captured 100 pay-1; C3 none 100 pay-1; ");
  BOOST_TEST(text(pages[1]) + text(pages[2]) + text(pages[4]) == "");
  BOOST_TEST(text(pages[3]) == "O1 authorized 1299 pay-1;  none 100 pay-1; ");
  const auto sent = api.requests();
  const auto first = "GET /v1/reporting/transactions?fields=transaction_info&page_size=100&page=";
  BOOST_TEST(holds(sent[1], std::string(first) + "1&start_date=2026-11-01T00%3A00%3A00.000000Z"
                                                 "&end_date=2026-12-02T00%3A00%3A00.000000Z "),
             sent[1]);
  BOOST_TEST(holds(sent[2], "&page=2&start_date=2026-11-01T"));
  BOOST_TEST(holds(sent[3],
                   "&page=1&start_date=2026-12-02T00%3A00%3A00.000000Z"
                   "&end_date=2026-12-03T00%3A00%3A00.000000Z "));
  BOOST_TEST(holds(sent[4], "&balance_affecting_records_only=N&transaction_type=T1300 "));
  api.then(page(transaction("R1", "T1107", "-3.00", "S",
                            R"(,"paypal_reference_id":"C1","paypal_reference_id_type":"TXN")"),
                1));
  wanted = {gateway_list::refunds,
            *timestamp::parse("2026-11-01T00:00:00Z"),
            *timestamp::parse("2026-11-03T00:00:00Z"),
            {}};
  const auto refunds = listed(wanted);
  BOOST_TEST(refunds.next.empty());
  BOOST_REQUIRE(refunds.refunds.size() == 1u);
  BOOST_TEST(refunds.refunds[0].amount.amount == 300);
  BOOST_TEST(refunds.refunds[0].payment_transaction_id == "C1");
  BOOST_TEST((refunds.refunds[0].status == gateway_refund_status::succeeded));
  BOOST_TEST(holds(api.requests()[6], "&transaction_type=T1107 "));
}

BOOST_AUTO_TEST_CASE(a_list_without_an_answer_has_a_reason) {
  const list_request wanted{gateway_list::refunds, {0}, {1'000'000}, {}};
  const auto code = [&](const step& s) {
    api.then(s);
    const auto page = listed(wanted);
    BOOST_TEST(!page.known);
    return page.code;
  };
  BOOST_TEST(code(issue("RESULTSET_TOO_LARGE", 400)) == "too_large");
  BOOST_TEST(code(issue("INVALID_REQUEST", 400)) == "rejected");
  BOOST_TEST(code(issue("NOT_AUTHORIZED", 403)) == "unavailable");
  BOOST_TEST(code({200, "{}"}) == "unavailable");
}

BOOST_AUTO_TEST_CASE(refunds_are_those_of_the_capture) {
  api.then(single("R1", "COMPLETED"));
  check_answer(refund(), gateway_status::approved, "", "R1");
  BOOST_TEST(holds(api.requests()[1], "POST /v2/payments/captures/C1/refund"));
  BOOST_TEST(holds(api.requests()[1], "PayPal-Request-Id: refund-1\r\n"));
  api.then(single("R1", "PENDING"));
  check_answer(refund({"pay-1", "O1", "C2"}), gateway_status::accepted, "", "R1");
  BOOST_TEST(holds(api.requests()[2], "POST /v2/payments/captures/C2/refund"));
  api.then(single("R1", "FAILED"));
  check_answer(look_up("R1", open_effect::Refund), gateway_status::declined, "refund_declined",
               "R1");
  api.then(issue("REFUND_AMOUNT_EXCEEDED"));
  check_answer(refund(), gateway_status::declined, "exceeds_charge");
}

BOOST_AUTO_TEST_SUITE_END()
