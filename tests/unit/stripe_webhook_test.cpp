// Stripe's webhooks: signatures with one or several secrets, their age, the event, and the files of
// the secrets.

#include "net/gateway/stripe_webhook.hpp"

#include "net/gateway/webhook_signature.hpp"
#include "net/token/secret_lines.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace stoa;
using namespace stoa::gateways;

BOOST_AUTO_TEST_SUITE(stripe_webhook)

namespace {

const std::string secret = "whsec_first";
const std::string next_secret = "whsec_second";
const stripe_webhooks verifier{{secret, next_secret}};
const timestamp now{1'700'000'000'000'000};
const std::string body =
    R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{)"
    R"("id":"pi_1","metadata":{"payment_id":"p","order_id":"o","more":"m"}}}})";

std::string code(std::string_view text, std::string_view signature, timestamp at = now) {
  const auto event = verifier.verify(text, signature, at);
  return event ? "" : event.error().code;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
  std::filesystem::permissions(file, std::filesystem::perms{0600});
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_signed_event_is_read) {
  BOOST_TEST((verifier.signature_field() == "Stripe-Signature"));
  const auto event = verifier.verify(body, sign_webhook(secret, body, now), now).value();
  BOOST_TEST(event.event_id == "evt_1");
  BOOST_TEST(event.type == "payment_intent.succeeded");
  BOOST_TEST(event.payment_id == "p");
  BOOST_TEST(event.order_id == "o");
  const std::string other =
      R"({"id":"evt_2","type":"charge.dispute.created","data":{"object":{"id":"dp_1"}}})";
  BOOST_TEST(
      verifier.verify(other, sign_webhook(secret, other, now), now).value().order_id.empty());
}

/// The hash of "12345.{}" with whsec_test, computed with OpenSSL.
BOOST_AUTO_TEST_CASE(the_signature_is_that_of_stripe) {
  const auto field = sign_webhook("whsec_test", "{}", {12'345'000'000});
  BOOST_TEST(field ==
             "t=12345,v1=f7d0d6f2476273381fa231a8ba13a821a0c87029e7b1bfae51e93d0240fb7c32");
}

BOOST_AUTO_TEST_CASE(each_secret_and_each_signature_is_tried) {
  BOOST_TEST(code(body, sign_webhook(next_secret, body, now)).empty());
  auto both = sign_webhook("whsec_foreign", body, now);
  both += sign_webhook(next_secret, body, now).substr(both.find(','));
  BOOST_TEST(code(body, both).empty());
  BOOST_TEST(code(body, both + ",v0=00").empty());
  BOOST_TEST(code(body, "v0=00," + both).empty());
}

BOOST_AUTO_TEST_CASE(forged_and_stale_ones_are_rejected) {
  const auto good = sign_webhook(secret, body, now);
  const std::string invalid = "webhook_signature_invalid";
  BOOST_TEST(code(body + " ", good) == invalid);
  BOOST_TEST(code(body, sign_webhook("whsec_foreign", body, now)) == invalid);
  BOOST_TEST(code(body, good + ",t=1") == invalid);
  auto as_v0 = good;
  as_v0.replace(as_v0.find("v1="), 3, "v0=");
  std::string many = good.substr(0, good.find(','));
  for (int i = 0; i < 17; ++i) many += ",v1=00";
  for (const std::string& bad : {std::string(), std::string("t="), std::string("t=1"),
                                 std::string("v1=00"), as_v0, many, std::string("t=-5,v1=00")}) {
    BOOST_TEST(code(body, bad) == invalid);
  }
  BOOST_TEST(code(body, good, now + seconds{300}).empty());
  BOOST_TEST(code(body, good, now + seconds{302}) == "webhook_expired");
  BOOST_TEST(code(body, good, now + -seconds{302}) == "webhook_expired");
}

BOOST_AUTO_TEST_CASE(a_signed_body_that_is_no_event_is_rejected) {
  for (const std::string text : {"", "{}", "[", R"({"id":"","type":"t","data":{"object":{}}})",
                                 R"({"id":"e\u0007","type":"t","data":{"object":{}}})",
                                 R"({"id":"e","type":"t","data":1})"}) {
    BOOST_TEST(code(text, sign_webhook(secret, text, now)) == "webhook_invalid");
  }
}

BOOST_AUTO_TEST_CASE(the_files_of_the_secrets) {
  const test::temp_dir dir;
  const auto file = dir / "secrets";
  BOOST_TEST(!token::read_secret(file));
  write(file, "# rotation of May\nwhsec_a\r\n\nwhsec_b\n");
  BOOST_TEST(
      (token::read_secret_lines(file).value() == std::vector<std::string>{"whsec_a", "whsec_b"}));
  BOOST_TEST(!token::read_secret(file));
  write(file, "sk_test_1\n");
  BOOST_TEST(token::read_secret(file).value() == "sk_test_1");
  for (const auto* bad : {"", "\n", "# none\n", "two words\n"}) {
    write(file, bad);
    BOOST_TEST(!token::read_secret_lines(file));
  }
  write(file, "sk_test_1\n");
  std::filesystem::permissions(file, std::filesystem::perms{0644});
  BOOST_TEST(!token::read_secret(file));
}

BOOST_AUTO_TEST_CASE(events_about_refunds_and_disputes_name_the_intent) {
  const auto read = [](const std::string& type, const std::string& object) {
    const auto text = R"({"id":"evt_1","type":")" + type + R"(","data":{"object":)" + object + "}}";
    return verifier.verify(text, sign_webhook(secret, text, now), now).value();
  };
  const std::string of_intent = R"({"object":"x","id":"re_1","payment_intent":"pi_1"})";
  for (const auto* type : {"charge.dispute.created", "charge.dispute.closed", "charge.refunded",
                           "refund.created", "refund.updated", "refund.failed"}) {
    const auto e = read(type, of_intent);
    BOOST_TEST(e.has_activity, type);
    BOOST_TEST(e.transaction_id == "pi_1", type);
  }
  const auto own =
      read("refund.created", R"({"object":"refund","id":"re_1","payment_intent":"pi_1",)"
                             R"("metadata":{"request_key":"refund:1"}})");
  BOOST_TEST(!own.has_activity);
  const auto paid = read("payment_intent.succeeded", R"({"object":"payment_intent","id":"pi_1"})");
  BOOST_TEST(!paid.has_activity);
  BOOST_TEST(paid.transaction_id == "pi_1");
}

BOOST_AUTO_TEST_CASE(secrets_are_replaced) {
  stripe_webhooks changing{{secret}};
  const auto accepts = [&](const std::string& with) {
    return static_cast<bool>(changing.verify(body, sign_webhook(with, body, now), now));
  };
  BOOST_TEST(!changing.replace({secret}));
  const auto id = changing.secret_ids().at(0);
  BOOST_TEST(id.size() == 8u);
  BOOST_TEST(changing.replace({next_secret, secret}));
  BOOST_TEST(changing.secret_ids().at(1) == id);
  BOOST_TEST(accepts(secret));
  BOOST_TEST(accepts(next_secret));
  BOOST_TEST(changing.replace({next_secret}));
  BOOST_TEST(!accepts(secret));
}

BOOST_AUTO_TEST_SUITE_END()
