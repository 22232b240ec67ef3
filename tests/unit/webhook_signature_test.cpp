// Secrets, signatures and requests of outgoing webhooks (Standard Webhooks 1.0).

#include "config/settings.hpp"
#include "net/webhooks/http_sender.hpp"
#include "net/webhooks/webhook_secret.hpp"
#include "tests/support/toy_sealer.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace stoa;

namespace {

std::string field_in(const outbound::request& r, std::string_view name) {
  for (const auto& [n, value] : r.headers) {
    if (n == name) return value;
  }
  return {};
}

notification::webhook_answer answer_with(int status, std::string body,
                                         outbound::header_list headers = {}) {
  outbound::completion c;
  c.how = outbound::outcome::completed;
  c.answer.status = status;
  c.answer.body = std::move(body);
  c.answer.headers = std::move(headers);
  return webhook::answer_of(std::move(c));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_signature)

BOOST_AUTO_TEST_CASE(signatures_are_those_of_the_specification) {
  // The example of the specification's reference libraries.
  const auto key = webhook::key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  BOOST_TEST_REQUIRE(key.has_value());
  BOOST_TEST(
      webhook::sign(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})") ==
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  BOOST_TEST(
      webhook::sign(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265331, R"({"test": 2432232314})") !=
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

BOOST_AUTO_TEST_CASE(secrets_are_random_and_have_32_bytes) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    const auto secret = webhook::make_secret();
    const auto key = webhook::key_of(secret);
    BOOST_TEST_REQUIRE(key.has_value());
    BOOST_TEST(key->size() == 32U);
    all.insert(secret);
  }
  BOOST_TEST(all.size() == 100U);
}

BOOST_AUTO_TEST_CASE(malformed_secrets_are_rejected) {
  for (const char* bad :
       {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_MfKQ9r8GKYqrTwjU",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw "}) {
    BOOST_TEST(!webhook::key_of(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(a_request_has_a_signature_of_each_secret) {
  const test::toy_sealer seal;
  const std::string one = webhook::make_secret();
  const std::string two = webhook::make_secret();
  const notification::webhook_request r{
      "id-1", "https://example.com/", {seal.seal(one), seal.seal(two)}, "{}"};
  const auto made =
      webhook::signed_request(r, seal, {1'700'000'000'500'000}, std::chrono::seconds{2});
  BOOST_TEST_REQUIRE(made.has_value());
  BOOST_TEST(made->method == "POST");
  BOOST_TEST(made->body == "{}");
  BOOST_TEST(made->timeout.count() == 2000);
  BOOST_TEST(field_in(*made, "webhook-id") == "id-1");
  BOOST_TEST(field_in(*made, "webhook-timestamp") == "1700000000");
  BOOST_TEST(field_in(*made, "webhook-signature") ==
             webhook::sign(*webhook::key_of(one), "id-1", 1'700'000'000, "{}") + " " +
                 webhook::sign(*webhook::key_of(two), "id-1", 1'700'000'000, "{}"));
  const notification::webhook_request unreadable{"id-1", "https://example.com/", {"x"}, "{}"};
  BOOST_TEST(!webhook::signed_request(unreadable, seal, {}, std::chrono::seconds{2}).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_kept_of_a_response_is_bounded_and_printable) {
  const auto a = answer_with(500, std::string("a\0b\r\nc\xC3\xA4", 8) + std::string(5000, 'x'));
  BOOST_TEST(a.outcome == "completed");
  BOOST_TEST(a.status.value() == 500);
  BOOST_TEST(a.response.size() == 1024U);
  BOOST_TEST(a.response.starts_with("a b  c\xC3\xA4xxx"));
  // A character that is cut, and bytes that are not UTF-8.
  BOOST_TEST(answer_with(200, std::string(1023, 'x') + "\xC3\xA4").response.size() == 1023U);
  BOOST_TEST(answer_with(200, "ok\xFF rest").response == "ok");
}

BOOST_AUTO_TEST_CASE(retry_after_is_read_in_seconds) {
  const auto after = [](std::string value) {
    return answer_with(429, "", {{"Retry-After", std::move(value)}}).retry_after_s.value_or(-1);
  };
  BOOST_TEST(after("120") == 120);
  BOOST_TEST(after("0") == 0);
  for (const char* bad :
       {"", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"}) {
    BOOST_TEST(after(bad) == -1, bad);
  }
}

BOOST_AUTO_TEST_CASE(a_failure_without_a_response_has_its_cause) {
  outbound::completion c;
  c.how = outbound::outcome::not_allowed;
  c.detail = "the address is not allowed: 127.0.0.1";
  const auto a = webhook::answer_of(std::move(c));
  BOOST_TEST(a.outcome == "not_allowed");
  BOOST_TEST(!a.status.has_value());
  BOOST_TEST(a.error == "the address is not allowed: 127.0.0.1");
}

BOOST_AUTO_TEST_SUITE_END()
