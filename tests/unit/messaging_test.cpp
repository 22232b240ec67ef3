// The channels for text messages and push messages against a scripted server: the requests that
// they send, what they make of the responses, and the reports that they accept.

#include "actors/notification/push_messages.hpp"
#include "net/gateway/webhook_signature.hpp"
#include "net/messaging/http_sms.hpp"
#include "net/messaging/twilio.hpp"
#include "net/messaging/web_push.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/answering_server.hpp"
#include "tests/support/push_browser.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

using namespace stoa;
using namespace stoa::messaging;
using namespace stoa::test;
using notification::delivery_state;
using notification::outgoing;
using notification::send_failure;

namespace {

const std::string key = "018bcfe5-6801-7c15-b0ac-ab8f49f53ad3";
const std::string account = "AC0123456789abcdef0123456789abcdef";
const std::string public_url = "https://shop.example/api";
const std::string callback_url = "https://shop.example/api/hooks/sms/twilio?notification_id=" + key;

std::optional<send_failure> sent(notification::channel& by, outgoing message) {
  auto promise = std::make_shared<std::promise<std::optional<send_failure>>>();
  auto future = promise->get_future();
  by.send(std::move(message),
          [promise](std::optional<send_failure> f) { promise->set_value(std::move(f)); });
  BOOST_REQUIRE(future.wait_for(seconds{20}) == std::future_status::ready);
  return future.get();
}

outgoing text_to(std::string to) {
  return {key, std::move(to), "", "Shop", "Your order \xC3\xA4 & 1", "", {}};
}

twilio_options options_for(const answering_server& server) {
  twilio_options o;
  o.base_url = server.url();
  o.account_sid = account;
  o.auth_token = "token";
  o.from = "+15005550006";
  o.public_url = public_url;
  o.allowed_networks = {"127.0.0.0/8"};
  return o;
}

std::string twilio_error(int code) {
  return R"({"code":)" + std::to_string(code) + R"(,"message":"+15005550001 bad","status":400})";
}

template <class Verifier>
std::string code_of(const Verifier& v, const notification::signed_report& r) {
  const auto report = v.verify(r);
  return report ? "" : report.error().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(messaging_channels)

BOOST_AUTO_TEST_CASE(twilio_gets_a_form_with_the_url_for_reports) {
  answering_server server([](auto&&...) { return http_reply(201, R"({"sid":"SM1"})"); });
  twilio by(options_for(server));
  BOOST_TEST(!sent(by, text_to("+15005550001")));
  const auto request = server.requests().at(0);
  BOOST_TEST(request.starts_with("POST /2010-04-01/Accounts/" + account + "/Messages.json HTTP"));
  BOOST_TEST(field_in(request, "Authorization") ==
             "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjp0b2tlbg==");
  BOOST_TEST(field_in(request, "Content-Type") == "application/x-www-form-urlencoded");
  BOOST_TEST(body_in(request) ==
             "To=%2B15005550001&Body=Your%20order%20%C3%A4%20%26%201&From=%2B15005550006"
             "&StatusCallback=https%3A%2F%2Fshop.example%2Fapi%2Fhooks%2Fsms%2Ftwilio%3F"
             "notification_id%3D" +
                 key);
  auto with_service = options_for(server);
  with_service.messaging_service_sid = "MG1";
  with_service.public_url = "";
  twilio other(with_service);
  BOOST_TEST(!sent(other, text_to("+15005550001")));
  BOOST_TEST(body_in(server.requests().at(1)).ends_with("&MessagingServiceSid=MG1"));
}

BOOST_AUTO_TEST_CASE(twilios_errors_are_permanent_or_temporary) {
  struct expected {
    std::string answer;
    bool permanent;
    std::int64_t wait_s = 0;
  };
  const std::vector<expected> all{
      {http_reply(400, twilio_error(21211)), true},
      {http_reply(400, twilio_error(21610)), true},
      {http_reply(400, "no JSON"), true},
      {http_reply(400, twilio_error(21606)), false},
      {http_reply(401, twilio_error(20003)), false},
      {http_reply(404, twilio_error(20404)), false},
      {http_reply(429, twilio_error(20429), "Retry-After: 17\r\n"), false, 17},
      {http_reply(503, "", "Retry-After: soon\r\n"), false},
      {http_reply(500, ""), false},
      {"", false},
  };
  answering_server server(
      [&](const auto&, std::size_t number) { return all.at(number - 1).answer; });
  twilio by(options_for(server));
  for (const auto& e : all) {
    const auto failure = sent(by, text_to("+15005550001"));
    BOOST_TEST_REQUIRE(failure.has_value());
    BOOST_TEST(failure->permanent == e.permanent, e.answer);
    BOOST_TEST((failure->retry_after == seconds{e.wait_s}), e.answer);
    BOOST_TEST(!failure->gone);
    BOOST_TEST(failure->reason.find("5005550001") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_channel_that_has_stopped_sends_nothing) {
  answering_server server([](auto&&...) { return http_reply(201); });
  twilio by(options_for(server));
  by.stop();
  const auto failure = sent(by, text_to("+15005550001"));
  BOOST_TEST_REQUIRE(failure.has_value());
  BOOST_TEST(!failure->permanent);
  BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_CASE(an_address_in_a_private_network_must_be_allowed) {
  answering_server server([](auto&&...) { return http_reply(201); });
  auto options = options_for(server);
  options.allowed_networks.clear();
  twilio by(options);
  const auto failure = sent(by, text_to("+15005550001"));
  BOOST_TEST_REQUIRE(failure.has_value());
  BOOST_TEST(failure->reason.find("not_allowed") != std::string::npos);
  BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_CASE(the_example_of_twilios_documentation_has_its_signature) {
  BOOST_TEST(twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2",
                              {{"To", "+18005551212"},
                               {"CallSid", "CA1234567890ABCDE"},
                               {"Caller", "+14158675309"},
                               {"From", "+14158675309"},
                               {"Digits", "1234"}}) == "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
}

BOOST_AUTO_TEST_CASE(only_signed_reports_of_twilio_are_accepted) {
  const twilio_reports reports(public_url, {"new-token", "token"});
  const auto signature = [](const std::string& status, const std::string& token) {
    return twilio_signature(token, callback_url,
                            {{"MessageSid", "SM1"}, {"MessageStatus", status}, {"To", "+1 2"}});
  };
  const auto body = [](const std::string& status) {
    return "MessageStatus=" + status + "&To=%2B1+2&MessageSid=SM1";
  };
  for (const auto& token : {"token", "new-token"}) {
    const auto read =
        reports.verify({body("delivered"), signature("delivered", token), key, {}}).value();
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(read->notification_id.str() == key);
    BOOST_TEST(read->message_id == "SM1");
    BOOST_TEST((read->state == delivery_state::Delivered));
  }
  BOOST_TEST(!reports.verify({body("queued"), signature("queued", "token"), key, {}}).value());
  const auto good = signature("failed", "token");
  BOOST_TEST(code_of(reports, {body("failed"), good, key, {}}).empty());
  BOOST_TEST(code_of(reports, {body("sent"), good, key, {}}) == "webhook_signature_invalid");
  BOOST_TEST(code_of(reports, {body("failed"), "", key, {}}) == "webhook_signature_invalid");
  BOOST_TEST(code_of(reports, {body("failed"), signature("failed", "other"), key, {}}) ==
             "webhook_signature_invalid");
  const std::string other_id = "018bcfe5-6801-7c15-b0ac-ab8f49f53ad4";
  BOOST_TEST(code_of(reports, {body("failed"), good, other_id, {}}) == "webhook_signature_invalid");
  BOOST_TEST(code_of(reports, {body("failed") + "&To=1", good, key, {}}) == "webhook_invalid");
  BOOST_TEST(code_of(reports, {"MessageStatus=%zz", good, key, {}}) == "webhook_invalid");
}

BOOST_AUTO_TEST_CASE(the_generic_provider_gets_json_with_an_idempotency_key) {
  std::vector<std::string> answers{http_reply(202), http_reply(422), http_reply(401),
                                   http_reply(500)};
  answering_server server([&](const auto&, std::size_t number) { return answers.at(number - 1); });
  http_sms by({.url = server.url() + "/send",
               .token = "secret",
               .from = "Shop",
               .public_url = public_url,
               .allowed_networks = {"127.0.0.0/8"}});
  BOOST_TEST(!sent(by, text_to("+15005550001")));
  const auto request = server.requests().at(0);
  BOOST_TEST(request.starts_with("POST /send HTTP/1.1"));
  BOOST_TEST(field_in(request, "Authorization") == "Bearer secret");
  BOOST_TEST(field_in(request, "Idempotency-Key") == key);
  BOOST_TEST(body_in(request) ==
             R"({"id":")" + key + R"(","to":"+15005550001","text":"Your order )" + "\xC3\xA4" +
                 R"( & 1","from":"Shop","report_url":"https://shop.example/api/hooks/sms/http"})");
  BOOST_TEST(sent(by, text_to("+15005550001"))->permanent);
  BOOST_TEST(!sent(by, text_to("+15005550001"))->permanent);
  BOOST_TEST(!sent(by, text_to("+15005550001"))->permanent);
}

BOOST_AUTO_TEST_CASE(only_signed_reports_of_the_generic_provider_are_accepted) {
  const http_sms_reports reports({"one", "two"});
  const timestamp now{1'700'000'000'000'000};
  const std::string body =
      R"({"id":")" + key + R"(","message_id":"m-1","status":"undelivered","error":"E7"})";
  const auto read =
      reports.verify({body, gateways::sign_webhook("two", body, now), "", now}).value();
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(read->notification_id.str() == key);
  BOOST_TEST(read->error_code.value() == "E7");
  BOOST_TEST((read->state == delivery_state::Undelivered));
  BOOST_TEST(code_of(reports, {body, gateways::sign_webhook("x", body, now), "", now}) ==
             "webhook_signature_invalid");
  BOOST_TEST(code_of(reports, {body, gateways::sign_webhook("one", body, now), "",
                               now + seconds{600}}) == "webhook_expired");
  const std::string bad = R"({"id":"x","message_id":"m-1","status":"sent"})";
  BOOST_TEST(code_of(reports, {bad, gateways::sign_webhook("one", bad, now), "", now}) ==
             "webhook_invalid");
}

BOOST_AUTO_TEST_CASE(a_push_message_is_encrypted_for_its_browser) {
  const temp_dir dir;
  const auto identity = vapid_key::load_or_create(dir.path()).value();
  const push_browser browser;
  answering_server server([](auto&&...) { return http_reply(201); });
  web_push by({.contact = "mailto:shop@example.org",
               .ttl = std::chrono::seconds{600},
               .allowed_networks = {"127.0.0.0/8"}},
              identity);
  auto message = text_to(json::write(notification::push_address{
      server.url() + "/send/1", {browser.p256dh_text(), browser.auth_text()}}));
  message.url = "https://shop.example/orders/1";
  BOOST_TEST(!sent(by, message));
  const auto request = server.requests().at(0);
  BOOST_TEST(request.starts_with("POST /send/1 HTTP/1.1"));
  BOOST_TEST(field_in(request, "TTL") == "600");
  BOOST_TEST(field_in(request, "Urgency") == "normal");
  BOOST_TEST(field_in(request, "Topic") == "018bcfe568017c15b0acab8f49f53ad3");
  BOOST_TEST(field_in(request, "Content-Encoding") == "aes128gcm");
  BOOST_TEST(field_in(request, "Authorization").ends_with("k=" + identity.public_key()));
  BOOST_TEST(browser.decrypt(body_in(request)) ==
             R"({"id":")" + key + R"(","title":"Shop","body":"Your order )" + "\xC3\xA4" +
                 R"( & 1","url":"https://shop.example/orders/1"})");
  // The longest values fit.
  message.subject = std::string(1000, '"');
  message.text = std::string(10'000, '"');
  message.url = std::string(536, '"');
  BOOST_TEST(!sent(by, message));
}

BOOST_AUTO_TEST_CASE(responses_of_push_services_are_interpreted) {
  struct expected {
    int status;
    bool permanent;
    bool gone = false;
    bool unauthorized = false;
    std::string reason = {};
  };
  const std::vector<expected> all{
      {410, true, true, false, "The push service replied 410: the subscription has ended."},
      {404, true, true, false, "The push service replied 404: the subscription has ended."},
      {413, true, false, false, "The push service replied 413: the message is too long."},
      {400, true, false, false, "The push service replied 400."},
      {401, true, false, true,
       "The push service replied 401: it does not accept the store's key (VAPID)."},
      {403, true, false, true,
       "The push service replied 403: it does not accept the store's key (VAPID)."},
      {302, true},
      {429, false, false, false, "The push service replied 429: too many messages."},
      {503, false},
      {500, false}};
  const temp_dir dir;
  const push_browser browser;
  answering_server server([&](const auto&, std::size_t number) {
    return http_reply(all.at(number - 1).status, "", "Retry-After: 30\r\n");
  });
  web_push by({.contact = "mailto:shop@example.org", .allowed_networks = {"127.0.0.0/8"}},
              vapid_key::load_or_create(dir.path()).value());
  const auto message = text_to(json::write(notification::push_address{
      server.url() + "/1", {browser.p256dh_text(), browser.auth_text()}}));
  for (const auto& e : all) {
    const auto failure = sent(by, message);
    BOOST_TEST_REQUIRE(failure.has_value());
    BOOST_TEST(failure->permanent == e.permanent, e.status);
    BOOST_TEST(failure->gone == e.gone, e.status);
    BOOST_TEST(failure->unauthorized == e.unauthorized, e.status);
    if (!e.reason.empty()) BOOST_TEST(failure->reason == e.reason);
    BOOST_TEST((failure->retry_after == seconds{30}), e.status);
  }
  // Addresses that are not public are rejected when the message is sent.
  web_push strict({.contact = "mailto:shop@example.org"},
                  vapid_key::load_or_create(dir.path()).value());
  BOOST_TEST(sent(strict, message)->permanent);
  BOOST_TEST(server.requests().size() == all.size());
}

BOOST_AUTO_TEST_CASE(a_date_in_retry_after_is_understood) {
  outbound::response r;
  r.headers = {{"Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"}};
  BOOST_TEST((retry_after_of(r) == seconds{0}));
  r.headers = {{"retry-after", "Fri, 31 Dec 2100 23:59:59 GMT"}};
  BOOST_TEST((retry_after_of(r) == seconds{86'400}));
  r.headers = {{"Retry-After", "-5"}};
  BOOST_TEST((retry_after_of(r) == seconds{0}));
}

BOOST_AUTO_TEST_SUITE_END()
