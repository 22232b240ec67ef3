// Webhooks of PayPal, verified by a scripted server.

#include "net/gateway/paypal_webhook.hpp"

#include "tests/support/scripted_api.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

using namespace stoa;
using namespace stoa::gateways;
using namespace stoa::payment;
using namespace std::chrono_literals;
using stoa::test::scripted_api;

BOOST_AUTO_TEST_SUITE(paypal_webhook_verification)

BOOST_AUTO_TEST_CASE(paypal_verifies_the_webhook_as_received) {
  scripted_api api;
  const paypal_webhooks hooks({api.url(), "client", "secret", 2s}, "WH-OF-THE-STORE", nullptr);
  remote_webhook_verifier::header_fields fields;
  for (const auto& name : hooks.signature_fields()) fields.emplace(name, "value of " + name);
  const auto now = *timestamp::parse("2026-11-28T10:00:00Z");
  fields["PAYPAL-CERT-URL"] = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1";
  fields["PAYPAL-TRANSMISSION-TIME"] = "2026-11-28T09:59:58Z";
  const std::string body =
      R"({"id":"WH-1","event_type":"CHECKOUT.ORDER.APPROVED", "resource":{"id":"O1",)"
      R"("purchase_units":[{"custom_id":"pay-1","invoice_id":"order-1"}]}})";
  const auto verify = [&](const std::string& text, auto with) {
    std::promise<result<webhook_event>> answer;
    hooks.verify(text, with, now, [&](result<webhook_event> e) { answer.set_value(std::move(e)); });
    return answer.get_future().get();
  };
  api.then({200, R"({"access_token":"A21","token_type":"Bearer","expires_in":32400})"});
  api.then({200, R"({"verification_status":"SUCCESS"})"});
  const auto event = verify(body, fields);
  BOOST_REQUIRE(event);
  BOOST_TEST(event->event_id == "WH-1");
  BOOST_TEST(event->payment_id == "pay-1");
  BOOST_TEST(event->order_id == "order-1");
  const auto sent = api.requests()[1];
  BOOST_TEST(sent.find("POST /v1/notifications/verify-webhook-signature") != std::string::npos);
  BOOST_TEST(sent.find(R"("webhook_id":"WH-OF-THE-STORE")") != std::string::npos);
  BOOST_TEST(sent.find(R"("transmission_sig":"value of PAYPAL-TRANSMISSION-SIG")") !=
             std::string::npos);
  BOOST_TEST(sent.find("\"webhook_event\":" + body + "}") != std::string::npos);
  // The resource of a capture has the ids itself.
  api.then({200, R"({"verification_status":"SUCCESS"})"});
  const auto other = verify(
      R"({"id":"WH-2","event_type":"X","resource":{"custom_id":"pay-2","invoice_id":"o-2"}})",
      fields);
  BOOST_TEST(other.value().payment_id == "pay-2");
  api.then({200, R"({"verification_status":"FAILURE"})"});
  BOOST_TEST(verify(body, fields).error().code == "webhook_signature_invalid");
  api.then({503, "{}"});
  BOOST_TEST(verify(body, fields).error().code == "webhook_unverified");
  const auto before = api.requests().size();
  BOOST_TEST(verify("{", fields).error().code == "webhook_invalid");
  BOOST_TEST(verify(body + "}", fields).error().code == "webhook_invalid");
  for (const auto* url :
       {"http://api.paypal.com/c", "https://paypal.com.evil.example/c", "https://evilpaypal.com/c",
        "https://evil.example/?.paypal.com/c", "https://evil.example/.paypal.com", "x"}) {
    auto forged = fields;
    forged["PAYPAL-CERT-URL"] = url;
    BOOST_TEST(verify(body, forged).error().code == "webhook_signature_invalid", url);
  }
  for (const auto& [time, code] : {std::pair{"2026-11-28T10:06:00Z", "webhook_expired"},
                                   std::pair{"2026-11-24T09:00:00Z", "webhook_expired"},
                                   std::pair{"yesterday", "webhook_signature_invalid"}}) {
    auto forged = fields;
    forged["PAYPAL-TRANSMISSION-TIME"] = time;
    BOOST_TEST(verify(body, forged).error().code == code, time);
  }
  fields.erase("PAYPAL-CERT-URL");
  BOOST_TEST(verify(body, fields).error().code == "webhook_signature_invalid");
  BOOST_TEST(api.requests().size() == before);
}

BOOST_AUTO_TEST_SUITE_END()
