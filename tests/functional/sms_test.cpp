// The program with notification.sms = twilio and a fake Twilio, over HTTP.

#include "net/gateway/webhook_signature.hpp"
#include "net/messaging/twilio.hpp"
#include "tests/support/answering_server.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <future>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string account = "AC0123456789abcdef0123456789abcdef";
const std::string public_url = "https://shop.example/api";

/// A file that only its owner can read.
std::string secret_file(const temp_dir& dir, const std::string& name, const std::string& content) {
  std::ofstream(dir / name) << content << "\n";
  std::filesystem::permissions(dir / name, std::filesystem::perms{0600});
  return (dir / name).string();
}

environment twilio_settings(const temp_dir& dir, const std::string& url) {
  return {{"STOA_STORE_PUBLIC_URL", public_url},
          {"STOA_NOTIFICATION_SMS", "twilio"},
          {"STOA_NOTIFICATION_SMS_FROM", "+15005550006"},
          {"STOA_NOTIFICATION_SMS_ALLOWED_NETWORKS", "127.0.0.1"},
          {"STOA_NOTIFICATION_TWILIO_BASE_URL", url},
          {"STOA_NOTIFICATION_TWILIO_ACCOUNT_SID", account},
          {"STOA_NOTIFICATION_TWILIO_TOKEN_FILE", secret_file(dir, "token", "auth-token")},
          {"STOA_NOTIFICATION_RETRY_MS_MIN", "100"}};
}

/// Buys as a guest with that phone number, and ships the order.
void ship_order(storefront& shop, const std::string& phone) {
  visitor guest(shop.port());
  const auto goods = guest.goods();
  const auto order =
      guest.bought(goods.at(0).id, {}, {.more = R"(,"phone":")" + phone + R"(","locale":"de-DE")"});
  const auto path = "/admin/v1/orders/" + text_at(order.json(), "/order_id") + "/ship";
  BOOST_TEST_REQUIRE(guest.client.post(path, "{}", guest.log_in("root")).status == 200);
}

/// The only text message, once it has that status.
http_answer only_message(visitor& v, const std::string& status) {
  const auto root = v.log_in("root");
  std::string id;
  BOOST_TEST_REQUIRE(eventually([&] {
    const auto all = v.client.get("/admin/v1/notifications?status=" + status, root).json();
    for (std::size_t i = 0; i < size_at(all, "/data"); ++i) {
      const auto row = "/data/" + std::to_string(i);
      if (text_at(all, row + "/type") == "SMS") id = text_at(all, row + "/notification_id");
    }
    return !id.empty();
  }));
  return v.client.get("/admin/v1/notifications/" + id, root);
}

http_answer report(visitor& v, const std::string& id, const std::string& status,
                   const std::string& token = "auth-token") {
  const auto signature = messaging::twilio_signature(
      token, messaging::twilio_callback_url(public_url, id),
      {{"MessageSid", "SM1"}, {"MessageStatus", status}, {"ErrorCode", "30003"}});
  return v.client.post(
      "/hooks/sms/twilio?notification_id=" + id,
      "MessageSid=SM1&MessageStatus=" + status + "&ErrorCode=30003",
      {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Twilio-Signature", signature}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sms)

BOOST_AUTO_TEST_CASE(a_shipped_order_is_announced_and_its_reports_are_recorded) {
  const temp_dir dir;
  answering_server provider([](const auto&, std::size_t number) {
    return number == 1 ? http_reply(503) : http_reply(201, R"({"sid":"SM1"})");
  });
  storefront shop({.products = 1, .stock = 5, .settings = twilio_settings(dir, provider.url())});
  ship_order(shop, "+49 30 123456");
  visitor guest(shop.port());
  const auto sent = only_message(guest, "Sent");
  const auto id = text_at(sent.json(), "/notification_id");
  BOOST_TEST(number_at(sent.json(), "/attempts") == 1);
  BOOST_TEST(text_at(sent.json(), "/recipient") == "+4930123456");
  BOOST_TEST(text_at(sent.json(), "/message").find("wurde versandt") != std::string::npos);
  const auto requests = provider.requests();
  BOOST_TEST_REQUIRE(requests.size() == 2U);
  BOOST_TEST(body_in(requests[0]) == body_in(requests[1]));
  BOOST_TEST(body_in(requests[1]).find("notification_id%3D" + id) != std::string::npos);

  BOOST_TEST(report(guest, id, "delivered", "wrong-token").status == 400);
  const auto first = report(guest, id, "delivered");
  BOOST_TEST(first.status == 200, first.body);
  BOOST_TEST(text_at(first.json(), "/outcome") == "applied");
  BOOST_TEST(text_at(report(guest, id, "delivered").json(), "/outcome") == "repeated");
  BOOST_TEST(text_at(report(guest, id, "queued").json(), "/outcome") == "ignored");
  BOOST_TEST(text_at(report(guest, id, "failed").json(), "/outcome") == "applied");
  const auto detail = only_message(guest, "Sent").json();
  BOOST_TEST(size_at(detail, "/reports") == 2U);
  BOOST_TEST(text_at(detail, "/reports/0/state") == "Delivered");
  BOOST_TEST(text_at(detail, "/reports/0/message_id") == "SM1");
  const auto metrics = guest.client.get("/metrics").body;
  for (const auto* line : {R"(stoa_sms_send_duration_seconds_count{outcome="delivered"} 1)",
                           R"(stoa_sms_send_duration_seconds_count{outcome="failed"} 1)",
                           R"(outcome="repeated",provider="twilio"} 1)"}) {
    BOOST_TEST(metrics.find(line) != std::string::npos, line);
  }
  for (const auto* secret : {"auth-token", "30123456"}) {
    BOOST_TEST(shop.log().find(secret) == std::string::npos, secret);
  }
}

BOOST_AUTO_TEST_CASE(a_rejected_number_is_final) {
  const temp_dir dir;
  answering_server provider(
      [](auto&&...) { return http_reply(400, R"({"code":21610,"status":400})"); });
  storefront shop({.products = 1, .stock = 5, .settings = twilio_settings(dir, provider.url())});
  ship_order(shop, "+49 30 123456");
  visitor guest(shop.port());
  const auto failed = only_message(guest, "Failed");
  BOOST_TEST(number_at(failed.json(), "/attempts") == 1);
  BOOST_TEST(failed.body.find("Twilio replied 400, error 21610.") != std::string::npos);
  BOOST_TEST(provider.requests().size() == 1U);
}

// The program does not know whether Twilio has accepted the message. It is sent again, and the URL
// for reports shows that it is the same.
BOOST_AUTO_TEST_CASE(a_crash_between_sending_and_recording_repeats_the_message) {
  const temp_dir dir;
  std::promise<void> arrived;
  std::promise<void> killed;
  answering_server provider([&](const auto&, std::size_t number) -> std::string {
    if (number > 1) return http_reply(201, R"({"sid":"SM2"})");
    arrived.set_value();
    killed.get_future().wait();
    return "";
  });
  storefront shop({.products = 1, .stock = 5, .settings = twilio_settings(dir, provider.url())});
  ship_order(shop, "+49 30 123456");
  const auto outcome = arrived.get_future().wait_for(std::chrono::seconds{60});
  shop.process().kill();
  killed.set_value();
  BOOST_TEST_REQUIRE((outcome == std::future_status::ready));
  shop.process().start();
  const auto requests = provider.wait_for(2);
  BOOST_TEST_REQUIRE(requests.size() == 2U);
  BOOST_TEST(body_in(requests[0]) == body_in(requests[1]));
  visitor guest(shop.port());
  const auto sent = only_message(guest, "Sent").json();
  BOOST_TEST(size_at(sent, "/logs") == 2U);
  BOOST_TEST(provider.requests().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_generic_provider_sends_signed_reports) {
  const temp_dir dir;
  answering_server provider([](auto&&...) { return http_reply(202); });
  storefront shop(
      {.products = 1,
       .stock = 5,
       .settings = {{"STOA_STORE_PUBLIC_URL", public_url},
                    {"STOA_NOTIFICATION_SMS", "http"},
                    {"STOA_NOTIFICATION_SMS_URL", provider.url() + "/send"},
                    {"STOA_NOTIFICATION_SMS_TOKEN_FILE", secret_file(dir, "token", "bearer-1")},
                    {"STOA_NOTIFICATION_SMS_CALLBACK_SECRETS_FILE",
                     secret_file(dir, "secrets", "# old\nold\nnew")},
                    {"STOA_NOTIFICATION_SMS_ALLOWED_NETWORKS", "127.0.0.1"}}});
  ship_order(shop, "+44 20 7946 0018");
  visitor guest(shop.port());
  const auto id = text_at(only_message(guest, "Sent").json(), "/notification_id");
  const auto request = provider.requests().at(0);
  BOOST_TEST(field_in(request, "Authorization") == "Bearer bearer-1");
  BOOST_TEST(field_in(request, "Idempotency-Key") == id);
  const std::string body = R"({"id":")" + id + R"(","message_id":"m-1","status":"undelivered"})";
  const auto send = [&](const std::string& secret) {
    return guest.client.post(
        "/hooks/sms/http", body,
        {{"Stoa-Report-Signature", gateways::sign_webhook(secret, body, system_time().now())}});
  };
  BOOST_TEST(send("other").status == 400);
  BOOST_TEST(send("new").status == 200);
  BOOST_TEST(text_at(only_message(guest, "Failed").json(), "/reports/0/state") == "Undelivered");
  BOOST_TEST(guest.client
                 .post("/hooks/sms/twilio?notification_id=" + id, "a=b",
                       {{"Content-Type", "application/x-www-form-urlencoded"}})
                 .status == 404);
}

BOOST_AUTO_TEST_CASE(incomplete_settings_of_text_messages_are_rejected) {
  const auto check = [](environment settings) {
    return run_program(stoa_binary(), {"config", "check"}, settings).output;
  };
  const auto twilio = check({{"STOA_NOTIFICATION_SMS", "twilio"}});
  for (const auto* key : {"notification.twilio_account_sid", "notification.twilio_token_file",
                          "notification.sms_from"}) {
    BOOST_TEST(twilio.find(key) != std::string::npos, key);
  }
  const auto http = check({{"STOA_NOTIFICATION_SMS", "http"}});
  BOOST_TEST(http.find("notification.sms_url") != std::string::npos);
  BOOST_TEST(http.find("notification.sms_token_file") != std::string::npos);
  BOOST_TEST(check({{"STOA_NOTIFICATION_PUSH", "webpush"}}).find("notification.push_contact") !=
             std::string::npos);
  BOOST_TEST(check({{"STOA_NOTIFICATION_TWILIO_ACCOUNT_SID", "AC1"}})
                 .find("notification.twilio_account_sid") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
