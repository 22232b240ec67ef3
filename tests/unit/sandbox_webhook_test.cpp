// Signatures of the sandbox's webhooks: forged, changed, stale and malformed ones are rejected.

#include "net/gateway/sandbox_webhook.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::gateways;

BOOST_AUTO_TEST_SUITE(sandbox_webhook)

namespace {

const std::string key = sandbox_webhook_key("0123456789abcdef0123456789abcdef");
const sandbox_webhooks verifier{key};
const timestamp now{1'700'000'000'000'000};
const std::string body =
    R"({"id":"evt_1","type":"payment.changed","data":{"payment_id":"p","order_id":"o"},"more":1})";

std::string code(std::string_view text, std::string_view signature, timestamp at = now) {
  const auto event = verifier.verify(text, signature, at);
  return event ? "" : event.error().code;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_signed_event_is_read) {
  const auto event = verifier.verify(body, sign_sandbox_webhook(key, body, now), now).value();
  BOOST_TEST(event.event_id == "evt_1");
  BOOST_TEST(event.type == "payment.changed");
  BOOST_TEST(event.payment_id == "p");
  BOOST_TEST(event.order_id == "o");
  const std::string other = R"({"id":"evt_2","type":"payout","data":{}})";
  BOOST_TEST(verifier.verify(other, sign_sandbox_webhook(key, other, now), now)->order_id.empty());
}

BOOST_AUTO_TEST_CASE(forged_and_stale_ones_are_rejected) {
  const auto good = sign_sandbox_webhook(key, body, now);
  const std::string invalid = "webhook_signature_invalid";
  BOOST_TEST(code(body + " ", good) == invalid);
  BOOST_TEST(code(body, sign_sandbox_webhook(std::string(32, 'x'), body, now)) == invalid);
  for (const auto* bad : {"", "t=", "t=1,v1=", "v1=00,t=1", "t=-5,v1=00",
                          "t=99999999999999999999,v1=00", "t=1x,v1=00"}) {
    BOOST_TEST(code(body, bad) == invalid);
  }
  BOOST_TEST(code(body, good.substr(0, good.size() - 1)) == invalid);
  BOOST_TEST(code(body, good, now + seconds{300}).empty());
  BOOST_TEST(code(body, good, now + seconds{302}) == "webhook_expired");
  BOOST_TEST(code(body, good, now + -seconds{302}) == "webhook_expired");
  const auto detail = [&](seconds later) {
    return verifier.verify(body, good, now + later).error().detail;
  };
  BOOST_TEST(detail(seconds{302}) ==
             "The signature's timestamp is 302 s old, which is outside the tolerance of 300 s.");
  BOOST_TEST(detail(-seconds{302}) ==
             "The signature's timestamp is 302 s in the future, which is outside the tolerance of "
             "300 s.");
}

BOOST_AUTO_TEST_CASE(a_signed_body_that_is_no_event_is_rejected) {
  for (const std::string text :
       {"", "{}", "[", R"({"id":"","type":"t","data":{}})", R"({"id":"e","type":"t"})"}) {
    BOOST_TEST(code(text, sign_sandbox_webhook(key, text, now)) == "webhook_invalid");
  }
  const auto deep = std::string(60'000, '[');
  BOOST_TEST(code(deep, sign_sandbox_webhook(key, deep, now)) == "webhook_invalid");
}

BOOST_AUTO_TEST_CASE(an_event_id_is_printable_ascii_in_the_gateways_own_form) {
  const auto event_of = [](const std::string& id, const std::string& type = "payment.changed") {
    return R"({"id":")" + id + R"(","type":")" + type + R"(","data":{}})";
  };
  const std::string usual = "evt_1NG8Du2eZvKYlo2CUI79vXWy";
  for (const auto& id : {usual, std::string("1"), std::string("8ac7a4a1-1 /~"),
                         std::string(payment::webhook_event::event_id_bytes_max, 'e')}) {
    const auto text = event_of(id);
    const auto event = verifier.verify(text, sign_sandbox_webhook(key, text, now), now);
    BOOST_TEST_REQUIRE(event.has_value(), id);
    BOOST_TEST(event->event_id == id);
  }
  for (const auto& id :
       {std::string(), std::string(payment::webhook_event::event_id_bytes_max + 1, 'e'),
        std::string("evt_\xC3\xA9"), std::string("evt\\n1"), std::string("evt\x7F"),
        std::string("evt\\u0000")}) {
    const auto text = event_of(id);
    BOOST_TEST(code(text, sign_sandbox_webhook(key, text, now)) == "webhook_invalid", id);
  }
  const auto long_type =
      event_of(usual, std::string(payment::webhook_event::type_bytes_max + 1, 't'));
  BOOST_TEST(code(long_type, sign_sandbox_webhook(key, long_type, now)) == "webhook_invalid");
}

BOOST_AUTO_TEST_SUITE_END()
