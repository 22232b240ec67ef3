// The part of the session about messages: webhooks, push and text messages, templates.

#include "net/gateway/webhook_signature.hpp"
#include "tests/functional/openapi_session.hpp"

#include <filesystem>
#include <fstream>

namespace stoa::test {

namespace {

const std::string report_secret = "secret-of-reports";

/// A file that only its owner can read.
std::string secret_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path) << content << "\n";
  std::filesystem::permissions(path, std::filesystem::perms{0600});
  return path.string();
}

environment session_settings() {
  static const temp_dir dir;
  return {
      {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "1000"},
      {"STOA_PAYMENT_METHODS", "card,bank_transfer"},
      {"STOA_PAYMENT_BANK_TRANSFER_INSTRUCTIONS", "Example Ltd, DE02 1203 0000 0000 2020 51"},
      {"STOA_WEBHOOKS_ALLOW_HTTP", "true"},
      {"STOA_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8"},
      {"STOA_NOTIFICATION_UNSUBSCRIBE_URL", "https://shop.example/unsubscribe?token="},
      {"STOA_NOTIFICATION_PUSH", "webpush"},
      {"STOA_NOTIFICATION_PUSH_CONTACT", "mailto:shop@example.org"},
      {"STOA_NOTIFICATION_SMS", "http"},
      {"STOA_NOTIFICATION_SMS_URL", "http://127.0.0.1:9/send"},
      {"STOA_NOTIFICATION_SMS_ALLOWED_NETWORKS", "127.0.0.1"},
      {"STOA_NOTIFICATION_SMS_TOKEN_FILE", secret_file(dir / "token", "bearer-1")},
      {"STOA_NOTIFICATION_SMS_CALLBACK_SECRETS_FILE", secret_file(dir / "secrets", report_secret)}};
}

}  // namespace

storefront& session::one() {
  static storefront shop({.settings = session_settings()});
  return shop;
}

void session::webhooks() {
  const std::string all = "/admin/v1/webhooks";
  const auto wanted = [](const std::string& url, const std::string& type) {
    return R"({"url":")" + url + R"(","event_types":[")" + type + R"("]})";
  };
  const auto endpoint = call(201, "POST", all, wanted(closed_port, "*"), root).header("Location");
  call(422, "POST", all, wanted(closed_port, "order.none"), root);
  call(422, "POST", all, wanted("http://10.0.0.1/", "*"), root);
  call(200, "GET", all, "", root);
  const auto tag = call(200, "GET", endpoint, "", root).header("ETag");
  call(304, "GET", endpoint, "", with(root, "If-None-Match", tag));
  call(404, "GET", all + "/" + unknown_id, "", root);
  call(200, "PATCH", endpoint, R"({"description":"The ERP"})", root);
  call(412, "PATCH", endpoint, R"({"description":null})", with(root, "If-Match", "\"0\""));
  call(200, "POST", endpoint + "/rotate-secret", "", root);
  call(200, "POST", endpoint + "/disable", "", root);
  call(409, "POST", endpoint + "/test", "", root);
  call(200, "POST", endpoint + "/enable", "", root);
  webhook_deliveries(endpoint);
  call(204, "DELETE", endpoint, "", root);
  call(404, "DELETE", endpoint, "", root);
}

void session::webhook_deliveries(const std::string& endpoint) {
  const auto made = call(202, "POST", endpoint + "/test", "", root);
  const auto delivery = endpoint + "/deliveries/" + id(made, "delivery_id");
  BOOST_TEST(eventually([&] {
    const auto now = call(200, "GET", delivery, "", root).json();
    return text_at(now, "/delivery/status") == "Failed";
  }));
  const auto tag = call(200, "GET", delivery, "", root).header("ETag");
  call(304, "GET", delivery, "", with(root, "If-None-Match", tag));
  call(200, "GET", endpoint + "/deliveries?status=Failed&limit=1", "", root);
  call(202, "POST", endpoint + "/replay",
       R"({"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"})", root);
  call(422, "POST", endpoint + "/replay",
       R"({"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"})", root);
  call(202, "POST", delivery + "/replay", "", root);
  call(409, "POST", delivery + "/replay", "", root);
  call(404, "GET", endpoint + "/deliveries/" + unknown_id, "", root);
}

void session::push_subscriptions() {
  const auto key = call(200, "GET", "/store/v1/push/vapid-key");
  call(304, "GET", "/store/v1/push/vapid-key", "", {{"If-None-Match", key.header("ETag")}});
  const std::string mine = "/store/v1/users/me/push-subscriptions";
  const auto who = sign_up("pushing");
  const auto made =
      call(200, "PUT", mine,
           R"({"endpoint":"https://8.8.8.8/send/1","expirationTime":null,"keys":{)"
           R"("p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZ)"
           R"(GH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}})",
           who);
  call(422, "PUT", mine,
       R"({"endpoint":"https://10.0.0.1/","keys":{"p256dh":"AAAA","auth":"AAAA"}})", who);
  call(401, "GET", mine);
  call(200, "GET", mine, "", who);
  const auto place = mine + "/" + id(made, "subscription_id");
  call(204, "DELETE", place, "", who);
  call(404, "DELETE", place, "", who);
}

void session::text_messages() {
  const std::string reports = "/hooks/sms/http";
  const auto body = R"({"id":")" + unknown_id + R"(","message_id":"m-1","status":"delivered"})";
  const auto signed_with = [&](const std::string& secret) {
    return header_list{
        {"Stoa-Report-Signature", gateways::sign_webhook(secret, body, system_time().now())}};
  };
  call(200, "POST", reports, body, signed_with(report_secret));
  call(400, "POST", reports, body, signed_with("another"));
  call(404, "POST", "/hooks/sms/twilio?notification_id=" + unknown_id, "a=b",
       {{"Content-Type", "application/x-www-form-urlencoded"}});
}

void session::templates_and_preferences() {
  const std::string templates = "/admin/v1/notification-templates";
  const auto all = call(200, "GET", templates, "", root).json();
  const auto preview = templates + "/" + text_at(all, "/data/0/type") + "/preview";
  call(200, "POST", preview, R"({"locale":"de-AT"})", root);
  call(200, "POST", templates + "/shipped/preview", R"({"channel":"SMS"})", root);
  call(404, "POST", templates + "/none/preview", "{}", root);
  const std::string preferences = "/store/v1/users/me/notification-preferences";
  const auto who = sign_up("choosing");
  const auto choice = [](const std::string& category) {
    return R"({"data":[{"category":")" + category + R"(","channel":"Email","enabled":false}]})";
  };
  call(200, "GET", preferences, "", who);
  call(200, "PUT", preferences, choice("shipping_updates"), who);
  call(422, "PUT", preferences, choice("security"), who);
  call(401, "GET", preferences);
  const auto sent = call(200, "GET", "/admin/v1/notifications?status=Sent&limit=1", "", root);
  const auto first = "/admin/v1/notifications/" + text_at(sent.json(), "/data/0/notification_id");
  const auto again = call(201, "POST", first + "/resend", "", root).header("Location");
  call(200, "GET", again, "", root);
  call(404, "POST", "/admin/v1/notifications/" + unknown_id + "/resend", "", root);
}

void session::announcements() {
  const std::string path = "/admin/v1/announcements";
  const std::string body = R"({"texts":[{"locale":"en","subject":"New","text":"Teas."}]})";
  const auto made = call(201, "POST", path, body, root).header("Location");
  call(200, "GET", made, "", root);
  call(200, "GET", path, "", root);
  // Without recipients an announcement is finished by the next sweep.
  int ended = call("POST", made + "/cancel", "", root).status;
  for (int i = 0; i < 5 && ended != 200; ++i) {
    const auto next = call(201, "POST", path, body, root).header("Location");
    ended = call("POST", next + "/cancel", "", root).status;
  }
  BOOST_TEST(ended == 200);
  call(422, "POST", path, R"({"texts":[]})", root);
  call(404, "GET", path + "/" + unknown_id, "", root);
}

}  // namespace stoa::test
