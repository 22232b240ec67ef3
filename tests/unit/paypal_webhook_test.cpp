// Webhooks of PayPal: signatures, and the certificates that a scripted server returns.

#include "net/gateway/paypal_webhook.hpp"

#include "net/gateway_simulator/paypal_signer.hpp"
#include "tests/support/scripted_api.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

using namespace stoa;
using namespace stoa::gateways;
using namespace stoa::payment;
using namespace std::chrono_literals;
using stoa::test::scripted_api;

namespace {

const auto hook_time = *timestamp::parse("2026-11-28T10:00:00Z");
constexpr std::uint64_t paypal_address = 1;

/// A store that receives PayPal's webhooks, and the key of PayPal.
struct webhook_desk {
  scripted_api api;
  simulator::paypal_signer signer{hook_time};
  paypal_webhooks hooks{{api.url(), "WH-OF-THE-STORE", 20s}};
  const std::string order =
      R"({"id":"WH-1","event_type":"CHECKOUT.ORDER.APPROVED", "resource":{"id":"O1",)"
      R"("purchase_units":[{"custom_id":"pay-1","invoice_id":"order-1"}]}})";

  std::string address(const std::string& id) const {
    return api.url() + std::string(paypal_certificates_path) + id;
  }
  received_webhook signed_at(timestamp sent, std::string body,
                             const std::string& webhook = "WH-OF-THE-STORE") const {
    const auto s = signer.sign(webhook, body, sent);
    return {std::move(body),
            {{"PAYPAL-AUTH-ALGO", "SHA256withRSA"},
             {"PAYPAL-CERT-URL", address(signer.certificate_id())},
             {"PAYPAL-TRANSMISSION-ID", s.transmission_id},
             {"PAYPAL-TRANSMISSION-SIG", s.transmission_sig},
             {"PAYPAL-TRANSMISSION-TIME", s.transmission_time}},
            paypal_address,
            hook_time};
  }
  received_webhook genuine() const { return signed_at(hook_time - 2s, order); }
  std::future<result<webhook_event>> started(received_webhook r) {
    auto answer = std::make_shared<std::promise<result<webhook_event>>>();
    hooks.verify(std::move(r), [answer](result<webhook_event> e) { answer->set_value(e); });
    return answer->get_future();
  }
  std::string code_of(received_webhook r) {
    const auto outcome = started(std::move(r)).get();
    return outcome ? "" : outcome.error().code;
  }
  /// Forged, with an unknown certificate at PayPal's address.
  received_webhook forged(std::uint64_t client, const std::string& certificate) const {
    auto r = genuine();
    r.client = client;
    r.fields["PAYPAL-CERT-URL"] = address(certificate);
    return r;
  }
  void learn() {
    api.then({200, signer.certificate()});
    BOOST_TEST(code_of(genuine()) == "");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(paypal_webhook_verification)

BOOST_AUTO_TEST_CASE(the_signed_text_is_that_of_paypals_documentation) {
  // The CRC-32 of "123456789" is the check value cbf43926.
  BOOST_TEST(paypal_signed_text("id", "2026-11-28T10:00:00Z", "WH-1", "123456789") ==
             "id|2026-11-28T10:00:00Z|WH-1|3421780262");
}

BOOST_AUTO_TEST_CASE(one_request_for_the_certificate_and_none_for_later_webhooks) {
  webhook_desk desk;
  desk.api.then({200, desk.signer.certificate()});
  const auto event = desk.started(desk.genuine()).get();
  BOOST_REQUIRE(event);
  BOOST_TEST(event->event_id == "WH-1");
  BOOST_TEST(event->payment_id == "pay-1");
  BOOST_TEST(event->order_id == "order-1");
  // The resource of a capture has the ids itself.
  auto other = desk.started(desk.signed_at(
      hook_time,
      R"({"id":"WH-2","event_type":"X","resource":{"custom_id":"pay-2","invoice_id":"o-2"}})"));
  BOOST_TEST(other.get().value().payment_id == "pay-2");
  BOOST_TEST_REQUIRE(desk.api.lines().size() == 1u);
  BOOST_TEST(desk.api.lines()[0] == "GET /v1/notifications/certs/" + desk.signer.certificate_id());
}

BOOST_AUTO_TEST_CASE(events_about_saved_accounts_name_their_token) {
  webhook_desk desk;
  desk.learn();
  const auto event = [&](const std::string& type, const std::string& resource) {
    return desk
        .started(desk.signed_at(hook_time, R"({"id":"WH-3","event_type":"VAULT.PAYMENT-TOKEN.)" +
                                               type + R"(","resource":)" + resource + "}"))
        .get()
        .value()
        .method;
  };
  const auto made = event("CREATED", R"({"id":"T1","customer":{"id":"cust_1",)"
                                     R"("merchant_customer_id":"user-1"},"payment_source":{}})");
  BOOST_REQUIRE(made);
  BOOST_TEST(made->token == "T1");
  BOOST_TEST(made->customer_id == "cust_1");
  BOOST_TEST(made->user_id == "user-1");
  BOOST_TEST(!made->is_removed);
  const auto gone = event("DELETED", R"({"id":"T1"})");
  BOOST_REQUIRE(gone);
  BOOST_TEST(gone->token == "T1");
  BOOST_TEST(gone->user_id == "");
  BOOST_TEST(gone->is_removed);
  BOOST_TEST(!event("DELETION-INITIATED", R"({"id":"T1"})"));
}

BOOST_AUTO_TEST_CASE(forged_webhooks_cause_no_request) {
  webhook_desk desk;
  desk.learn();
  auto changed = desk.genuine();
  changed.body.replace(changed.body.find("order-1"), 7, "order-2");
  BOOST_TEST(desk.code_of(changed) == "webhook_signature_invalid");
  BOOST_TEST(desk.code_of(desk.signed_at(hook_time, desk.order, "WH-OF-ANOTHER")) ==
             "webhook_signature_invalid");
  for (const auto& [name, value] :
       {std::pair{"PAYPAL-AUTH-ALGO", "SHA1withRSA"}, std::pair{"PAYPAL-TRANSMISSION-ID", "x"},
        std::pair{"PAYPAL-TRANSMISSION-SIG", "eHh4"}, std::pair{"PAYPAL-TRANSMISSION-SIG", "===="},
        std::pair{"PAYPAL-TRANSMISSION-SIG", "x"}, std::pair{"PAYPAL-TRANSMISSION-SIG", ""},
        std::pair{"PAYPAL-TRANSMISSION-TIME", "2026-11-28T09:00:00Z"}}) {
    auto forged = desk.genuine();
    forged.fields[name] = value;
    BOOST_TEST(desk.code_of(forged) == "webhook_signature_invalid", name << " " << value);
  }
  const std::string path(paypal_certificates_path);
  for (const auto& url :
       {"http://api.paypal.com" + path + "C", "https://evil.example" + path + "C",
        "https://api.paypal.com" + path + "C", desk.api.url() + "/other/C", desk.api.url() + path,
        desk.api.url() + path + "../C", desk.api.url() + path + "C?x", std::string("x")}) {
    auto forged = desk.genuine();
    forged.fields["PAYPAL-CERT-URL"] = url;
    BOOST_TEST(desk.code_of(forged) == "webhook_signature_invalid", url);
  }
  for (const auto& [time, code] : {std::pair{"2026-11-28T10:06:00Z", "webhook_expired"},
                                   std::pair{"2026-11-24T09:00:00Z", "webhook_expired"},
                                   std::pair{"yesterday", "webhook_signature_invalid"}}) {
    auto forged = desk.genuine();
    forged.fields["PAYPAL-TRANSMISSION-TIME"] = time;
    BOOST_TEST(desk.code_of(forged) == code, time);
  }
  auto incomplete = desk.genuine();
  incomplete.fields.erase("PAYPAL-CERT-URL");
  BOOST_TEST(desk.code_of(incomplete) == "webhook_signature_invalid");
  BOOST_TEST(desk.code_of(desk.signed_at(hook_time, "{")) == "webhook_invalid");
  BOOST_TEST(desk.code_of(desk.signed_at(hook_time, desk.order + "}")) == "webhook_invalid");
  BOOST_TEST(desk.api.lines().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_certificate_is_used_within_its_validity_only) {
  webhook_desk desk;
  desk.learn();
  for (const auto days : {-2, 400}) {
    const auto now = hook_time + std::chrono::hours{24 * days};
    auto r = desk.signed_at(now, desk.order);
    r.now = now;
    BOOST_TEST(desk.code_of(r) == "webhook_signature_invalid", days);
  }
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_available_is_requested_again) {
  webhook_desk desk;
  std::uint64_t client = 10;
  for (const auto& answer : {test::step{503, "{}"}, test::step{0, ""}, test::step{200, "<html>"},
                             test::step{200, std::string(100'000, 'x')}}) {
    desk.api.then(answer);
    auto r = desk.genuine();
    r.client = ++client;
    BOOST_TEST(desk.code_of(r) == "webhook_unverified", answer.status);
  }
  desk.api.then({404, "{}"});
  BOOST_TEST(desk.code_of(desk.genuine()) == "webhook_signature_invalid");
}

BOOST_AUTO_TEST_CASE(forged_webhooks_of_one_address_do_not_hold_up_others) {
  webhook_desk desk;
  constexpr std::uint64_t forger = 2;
  desk.api.then({404, "{}"});
  BOOST_TEST(desk.code_of(desk.forged(forger, "C1")) == "webhook_signature_invalid");
  // Its next ones cause no request for a while, whatever the certificate.
  BOOST_TEST(desk.code_of(desk.forged(forger, "C2")) == "webhook_unverified");
  BOOST_TEST(desk.code_of(desk.forged(forger, "C1")) == "webhook_unverified");
  BOOST_TEST(desk.api.lines().size() == 1u);
  desk.learn();
  BOOST_TEST(desk.code_of(desk.genuine()) == "");
  BOOST_TEST(desk.api.lines().size() == 2u);
}

BOOST_AUTO_TEST_CASE(many_addresses_cannot_displace_a_known_certificate) {
  webhook_desk desk;
  desk.learn();
  std::vector<std::future<result<webhook_event>>> forged;
  constexpr std::uint64_t forgers = 500;
  for (std::uint64_t i = 0; i < forgers; ++i) {
    desk.api.then({404, "{}"});
    forged.push_back(desk.started(desk.forged(100 + i, "C" + std::to_string(i))));
    BOOST_TEST((desk.started(desk.genuine()).wait_for(0s) == std::future_status::ready));
  }
  for (auto& f : forged) BOOST_TEST(!f.get());
  BOOST_TEST(desk.code_of(desk.genuine()) == "");
}

BOOST_AUTO_TEST_SUITE_END()
