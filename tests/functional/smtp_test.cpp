// The program with notification.email = smtp, over HTTP and SMTP.

#include "net/mail/mime.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>

using namespace stoa;
using namespace stoa::test;

namespace {

environment settings_for(std::uint16_t port) {
  return {{"STOA_AUTH_VERIFY_EMAIL", "true"},
          {"STOA_NOTIFICATION_EMAIL", "smtp"},
          {"STOA_NOTIFICATION_MAIL_FROM", "Tea & Co <shop@example.com>"},
          {"STOA_NOTIFICATION_SMTP_HOST", "127.0.0.1"},
          {"STOA_NOTIFICATION_SMTP_PORT", std::to_string(port)},
          {"STOA_NOTIFICATION_SMTP_SECURITY", "none"},
          {"STOA_NOTIFICATION_SMTP_ALLOWED_NETWORKS", "127.0.0.1"},
          {"STOA_NOTIFICATION_RETRY_MS_MIN", "100"}};
}

/// Creates an account, which sends a mail.
void register_user(visitor& v, const std::string& name) {
  const auto asked =
      v.client.post("/store/v1/users", R"({"username":")" + name + R"(","email":")" + name +
                                           R"(@example.org","password":"correct horse",)"
                                           R"("first_name":"A","last_name":"B"})");
  BOOST_TEST(asked.status == 202, asked.body);
}

/// The only notification, once it has that status.
http_answer only_notification(visitor& v, const std::string& status) {
  const auto root = v.log_in("root");
  BOOST_TEST_REQUIRE(eventually([&] {
    const auto all = v.client.get("/admin/v1/notifications?status=" + status, root);
    return size_at(all.json(), "/data") == 1;
  }));
  const auto all = v.client.get("/admin/v1/notifications", root);
  BOOST_TEST(size_at(all.json(), "/data") == 1U);
  return v.client.get("/admin/v1/notifications/" + text_at(all.json(), "/data/0/notification_id"),
                      root);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(smtp)

BOOST_AUTO_TEST_CASE(a_greylisted_mail_is_sent_later) {
  std::atomic<int> recipients{0};
  smtp_server server({.reply = [&](const std::string& line) -> std::string {
    return line.starts_with("RCPT") && ++recipients <= 2 ? "451 4.7.1 Greylisted" : "";
  }});
  storefront shop({.products = 1, .stock = 1, .settings = settings_for(server.port())});
  visitor guest(shop.port());
  register_user(guest, "ada");
  const auto mails = server.wait_for(1);
  BOOST_TEST_REQUIRE(mails.size() == 1U);
  BOOST_TEST(mails[0].to == "<ada@example.org>");
  const auto detail = only_notification(guest, "Sent");
  BOOST_TEST(number_at(detail.json(), "/attempts") == 2);
  BOOST_TEST(detail.body.find("The mail server replied 451 4.7.1 Greylisted") != std::string::npos);
  BOOST_TEST(mail::parse(mails[0].text)
                 .value()
                 .message_id.find(text_at(detail.json(), "/notification_id")) != std::string::npos);
  BOOST_TEST(shop.log().find("ada@example.org") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_bounce_is_final) {
  smtp_server server({.reply = [](const std::string& line) -> std::string {
    return line.starts_with("RCPT") ? "550 5.1.1 No such user" : "";
  }});
  storefront shop({.products = 1, .stock = 1, .settings = settings_for(server.port())});
  visitor guest(shop.port());
  register_user(guest, "bob");
  const auto detail = only_notification(guest, "Failed");
  BOOST_TEST(number_at(detail.json(), "/attempts") == 1);
  BOOST_TEST(detail.body.find("The mail server replied 550 5.1.1 No such user") !=
             std::string::npos);
  BOOST_TEST(server.mails().empty());
  const auto metrics = guest.client.get("/metrics").body;
  BOOST_TEST(metrics.find("stoa_mail_send_duration_seconds_count{outcome=\"rejected\"} 1") !=
             std::string::npos);
}

// The program does not know whether the server has accepted the mail. It is sent again, and the
// Message-ID shows that it is the same.
BOOST_AUTO_TEST_CASE(a_crash_between_sending_and_recording_repeats_the_mail) {
  std::promise<void> arrived;
  std::promise<void> killed;
  std::atomic<int> ends{0};
  smtp_server server({.reply = [&](const std::string& line) -> std::string {
    if (line != "." || ++ends > 1) return "";
    arrived.set_value();
    killed.get_future().wait();
    return "take";
  }});
  storefront shop({.products = 1, .stock = 1, .settings = settings_for(server.port())});
  {
    visitor guest(shop.port());
    register_user(guest, "eve");
  }
  const auto outcome = arrived.get_future().wait_for(std::chrono::seconds{60});
  shop.process().kill();
  killed.set_value();
  BOOST_TEST_REQUIRE((outcome == std::future_status::ready));
  shop.process().start();
  const auto mails = server.wait_for(2);
  BOOST_TEST_REQUIRE(mails.size() == 2U);
  const auto first = mail::parse(mails[0].text).value();
  const auto second = mail::parse(mails[1].text).value();
  BOOST_TEST(first.message_id == second.message_id);
  BOOST_TEST(first.key == second.key);
  visitor guest(shop.port());
  only_notification(guest, "Sent");
  BOOST_TEST(server.mails().size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_store_is_ready_without_its_mail_server) {
  const auto port = free_port();
  storefront shop({.products = 1, .stock = 1, .settings = settings_for(port)});
  visitor guest(shop.port());
  register_user(guest, "tom");
  BOOST_TEST(guest.client.get("/readyz").status == 200);
  only_notification(guest, "Pending");
  BOOST_TEST(guest.client.get("/readyz").status == 200);
}

BOOST_AUTO_TEST_CASE(incomplete_settings_are_rejected) {
  const auto check = [](environment settings) {
    return run_program(stoa_binary(), {"config", "check"}, settings).output;
  };
  BOOST_TEST(check({{"STOA_NOTIFICATION_EMAIL", "smtp"}}).find("notification.smtp_host") !=
             std::string::npos);
  auto settings = settings_for(25);
  settings.emplace_back("STOA_NOTIFICATION_SMTP_USER", "shop");
  BOOST_TEST(check(settings).find("notification.smtp_password_file") != std::string::npos);
  settings.emplace_back("STOA_NOTIFICATION_SMTP_PASSWORD_FILE", "/run/password");
  BOOST_TEST(check(settings).find("notification.smtp_security = starttls or tls") !=
             std::string::npos);
  settings.emplace_back("STOA_NOTIFICATION_DKIM_KEY_FILE", "/run/key.pem");
  BOOST_TEST(check(settings).find("notification.dkim_selector") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(unusable_files_are_found_without_a_start) {
  const temp_dir dir;
  const auto faults_of = [](environment settings) {
    const auto done = run_program(stoa_binary(), {"config", "check"}, settings);
    BOOST_TEST(done.exit_code == 2, done.output);
    return done.output;
  };
  auto settings = settings_for(25);
  settings.emplace_back("STOA_NOTIFICATION_SMTP_CA_FILE", dir / "missing.crt");
  std::erase_if(settings, [](const auto& s) { return s.first.ends_with("SMTP_SECURITY"); });
  settings.emplace_back("STOA_NOTIFICATION_SMTP_USER", "shop");
  settings.emplace_back("STOA_NOTIFICATION_SMTP_PASSWORD_FILE", dir / "missing");
  const auto faults = faults_of(settings);
  BOOST_TEST(faults.find("notification.smtp_password_file: ") != std::string::npos, faults);
  BOOST_TEST(faults.find("notification.smtp_ca_file: ") != std::string::npos, faults);

  BOOST_TEST_REQUIRE(
      run_program("/usr/bin/openssl", {"genpkey", "-algorithm", "EC", "-pkeyopt",
                                       "ec_paramgen_curve:P-256", "-out", dir / "ec.pem"})
          .exit_code == 0);
  settings = settings_for(25);
  settings.emplace_back("STOA_NOTIFICATION_DKIM_SELECTOR", "s1");
  settings.emplace_back("STOA_NOTIFICATION_DKIM_KEY_FILE", dir / "ec.pem");
  BOOST_TEST(faults_of(settings).find("notification.dkim_key_file: ") != std::string::npos);

  BOOST_TEST(faults_of({{"STOA_NOTIFICATION_SMS", "http"},
                        {"STOA_NOTIFICATION_SMS_URL", "https://sms.example.com/"},
                        {"STOA_NOTIFICATION_SMS_TOKEN_FILE", dir / "missing"}})
                 .find("notification.sms_token_file: ") != std::string::npos);
  BOOST_TEST(faults_of({{"STOA_NOTIFICATION_UNSUBSCRIBE_URL", "https://shop.example/unsubscribe"}})
                 .find("notification.unsubscribe_url") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
