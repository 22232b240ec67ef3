// Text messages and push messages of the running program, judged by programs of others: Twilio's
// official Node SDK, and the reference implementation of the encryption. Skipped without npm, or if
// the packages cannot be installed.

#include "storage/base/json_write.hpp"
#include "tests/support/push_server.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string account = "AC0123456789abcdef0123456789abcdef";
const std::string token = "0123456789abcdef0123456789abcdef";
const std::string public_url = "https://shop.example/api";

struct sent_text {
  std::string account;
  std::string token;
  std::string path;
  std::string authorization;
  std::string body;
  std::string public_url;
  std::string store;
};
BOOST_DESCRIBE_STRUCT(sent_text, (), (account, token, path, authorization, body, public_url, store))

struct sent_push {
  std::string body;
  std::string private_key;
  std::string auth;
  std::string authorization;
  std::string origin;
};
BOOST_DESCRIBE_STRUCT(sent_push, (), (body, private_key, auth, authorization, origin))

finished_program shell(const std::string& line) {
  return run_program("/bin/sh", {"-c", line}, {}, seconds{300});
}

bool installs(const temp_dir& dir, const std::string& package) {
  return shell("cd " + dir.path().string() + " && npm install --no-audit --no-fund " + package)
             .exit_code == 0;
}

template <class Given>
void judge(const temp_dir& dir, const std::string& kind, const Given& given) {
  std::ofstream(dir / "given.json") << json::write(given);
  const auto judged = shell("node " STOA_SOURCE_DIR "/tests/functional/message_judges.mjs " +
                            dir.path().string() + " " + kind + " " + (dir / "given.json").string());
  BOOST_TEST(judged.exit_code == 0, judged.output);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_judges)

BOOST_AUTO_TEST_CASE(twilios_sdk_sends_the_same_and_its_signature_is_accepted) {
  const temp_dir dir;
  if (!installs(dir, "twilio@6.3.1")) return skip("npm cannot install twilio");
  answering_server provider([](auto&&...) { return http_reply(201, R"({"sid":"SM1"})"); });
  std::ofstream(dir / "token") << token << "\n";
  std::filesystem::permissions(dir / "token", std::filesystem::perms{0600});
  storefront shop(
      {.products = 1,
       .stock = 5,
       .settings = {{"STOA_STORE_PUBLIC_URL", public_url},
                    {"STOA_NOTIFICATION_SMS", "twilio"},
                    {"STOA_NOTIFICATION_SMS_EVENTS", "confirmed"},
                    {"STOA_NOTIFICATION_SMS_FROM", "+15005550006"},
                    {"STOA_NOTIFICATION_SMS_ALLOWED_NETWORKS", "127.0.0.1"},
                    {"STOA_NOTIFICATION_TWILIO_BASE_URL", provider.url()},
                    {"STOA_NOTIFICATION_TWILIO_ACCOUNT_SID", account},
                    {"STOA_NOTIFICATION_TWILIO_TOKEN_FILE", (dir / "token").string()}}});
  visitor guest(shop.port());
  guest.bought(guest.goods().at(0).id, {}, {.more = R"(,"phone":"+49 30 123456","locale":"de")"});
  const auto requests = provider.wait_for(1);
  BOOST_TEST_REQUIRE(requests.size() == 1U);
  const auto path = requests[0].substr(5, requests[0].find(" HTTP/1.1") - 5);
  judge(
      dir, "twilio",
      sent_text{account, token, path, field_in(requests[0], "Authorization"), body_in(requests[0]),
                public_url, "http://127.0.0.1:" + std::to_string(shop.port())});
}

BOOST_AUTO_TEST_CASE(the_reference_implementation_decrypts_push_messages) {
  const temp_dir dir;
  if (!installs(dir, "http_ece@1.2.1")) return skip("npm cannot install http_ece");
  push_server service(dir);
  storefront shop({.products = 1, .stock = 5, .settings = service.settings()});
  visitor ada(shop.port());
  const auto who = ada.sign_up("ada");
  const push_browser browser;
  const auto made = ada.client.put("/store/v1/users/me/push-subscriptions",
                                   service.subscription(browser, "/send/1"), who);
  BOOST_TEST_REQUIRE(made.status == 200, made.body);
  ada.bought(ada.goods().at(0).id, who);
  const auto requests = service.server().wait_for(1);
  BOOST_TEST_REQUIRE(requests.size() == 1U);
  judge(dir, "push",
        sent_push{text::base64url(body_in(requests[0])), text::base64url(browser.private_bytes()),
                  browser.auth_text(), field_in(requests[0], "Authorization"),
                  service.server().url()});
}

BOOST_AUTO_TEST_SUITE_END()
