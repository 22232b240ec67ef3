// With auth.verify_email on: accounts created by mail, over HTTP.

#include "net/mail/mbox.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one(
      {.products = 1,
       .stock = 1,
       .settings = {{"STOA_AUTH_VERIFY_EMAIL", "true"},
                    {"STOA_AUTH_VERIFICATION_URL", "https://shop.example/v?t="}}});
  return one;
}

struct newcomer : visitor {
  newcomer() : visitor(shop().port()) {}

  http_answer ask(const std::string& name, const std::string& email) {
    return client.post("/store/v1/users",
                       R"({"username":")" + name + R"(","email":")" + email +
                           R"(","password":"correct horse","first_name":"A","last_name":"B"})");
  }
  http_answer verify(const std::string& token) {
    return client.post("/store/v1/users/verify", R"({"token":")" + token + "\"}");
  }
  /// The text of the last mail to the address, once there are `count` mails.
  static std::string mail_to(const std::string& address, std::size_t count = 1) {
    std::vector<mail::mail> found;
    BOOST_TEST_REQUIRE(eventually([&] {
      found.clear();
      for (const auto& m : mail::read_mbox(shop().data() / "mail")) {
        if (m.content.to.find(address) != std::string::npos) found.push_back(m.content);
      }
      return found.size() >= count;
    }));
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    return found.back().text;
  }
  static std::string token_in(const std::string& text) {
    const std::string link = "https://shop.example/v?t=";
    const auto at = text.find(link);
    BOOST_TEST_REQUIRE(at != std::string::npos, text);
    return text.substr(at + link.size(), text.find_first_of("\r\n", at) - at - link.size());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verified_addresses, newcomer)

BOOST_AUTO_TEST_CASE(an_account_is_created_by_mail_and_no_answer_reveals_which_exist) {
  const auto asked = ask("ada", "ada@example.com");
  BOOST_TEST(asked.status == 202);
  BOOST_TEST(asked.body == "");
  const std::string login = R"({"login":"ada","password":"correct horse"})";
  BOOST_TEST(client.post("/store/v1/auth/login", login).status == 401);
  const auto token = token_in(mail_to("ada@example.com"));
  BOOST_TEST(verify(token + "x").code() == "validation_failed");
  const auto made = verify(token);
  BOOST_TEST(made.status == 200, made.body);
  BOOST_TEST(text_at(made.json(), "/email") == "ada@example.com");
  BOOST_TEST(verify(token).status == 422);
  BOOST_TEST(client.post("/store/v1/auth/login", login).status == 200);

  const auto known = ask("other", "ADA@example.com");
  const auto unknown = ask("other", "free@example.com");
  BOOST_TEST(known.status == 202);
  BOOST_TEST(known.body == unknown.body);
  BOOST_TEST(known.headers.size() == unknown.headers.size());
  BOOST_TEST(mail_to("ADA@example.com").find("already have ") != std::string::npos);
  BOOST_TEST(ask("ADA", "free@example.com").code() == "username_taken");
}

BOOST_AUTO_TEST_CASE(a_new_address_is_confirmed_by_mail) {
  for (const char* name : {"eve", "bea"}) {
    ask(name, std::string(name) + "@example.com");
    BOOST_TEST(verify(token_in(mail_to(std::string(name) + "@example.com"))).status == 200);
  }
  const auto me = log_in("eve");
  const auto change = [&](const std::string& email) {
    return client.patch("/store/v1/users/me",
                        R"({"email":")" + email + R"(","current_password":"correct horse"})", me);
  };
  const auto taken = change("bea@example.com");
  const auto free = change("eva@example.com");
  BOOST_TEST(taken.status == 200);
  BOOST_TEST(text_at(taken.json(), "/email") == "eve@example.com");
  BOOST_TEST(text_at(free.json(), "/email") == "eve@example.com");
  BOOST_TEST(taken.body.size() == free.body.size());
  const auto notice = mail_to("bea@example.com", 2);
  BOOST_TEST(notice.find("another account") != std::string::npos, notice);
  const auto token = token_in(mail_to("eva@example.com"));
  // The session without the mailbox does not show the token.
  BOOST_TEST(client.get("/store/v1/users/me/notifications", me).body.find("token") ==
             std::string::npos);
  const auto changed = verify(token);
  BOOST_TEST(text_at(changed.json(), "/email") == "eva@example.com");
  BOOST_TEST(mail_to("eve@example.com", 2).find("no longer used") != std::string::npos);
}

// Staff see that mails were sent, without their tokens.
BOOST_AUTO_TEST_CASE(staff_do_not_see_tokens) {
  ask("ivy", "ivy@example.com");
  const auto token = token_in(mail_to("ivy@example.com"));
  const auto root = log_in("root");
  const auto all = client.get("/admin/v1/notifications?limit=100", root).body;
  BOOST_TEST(all.find("ivy@example.com") != std::string::npos);
  BOOST_TEST(all.find(token) == std::string::npos);
  BOOST_TEST(shop().log().find(token) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
