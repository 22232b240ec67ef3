// The texts of account mails, and the tokens in them.

#include "actors/notification/account_mails.hpp"

#include "actors/user/verification_token.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace stoa;
using namespace stoa::notification;
using user::mail_purpose;
using user::verification_id;

namespace {

const std::string key(32, 'k');
const verification_id some_id{*uuid::parse("0b6c3ff4-6a0e-4d6a-9b1c-2f6f0a7d1e55")};

std::string shout(verification_id of) {
  return "<" + of.str() + ">";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(account_mails)

BOOST_AUTO_TEST_CASE(each_purpose_has_a_separate_text) {
  std::set<std::string> subjects;
  for (const auto purpose :
       {mail_purpose::registration, mail_purpose::email_change, mail_purpose::registration_known,
        mail_purpose::email_change_known, mail_purpose::email_changed}) {
    const auto mail = render(purpose, {"Shop & <Co>", "Ann\r\nBcc: x", "", std::nullopt});
    subjects.insert(mail.subject);
    BOOST_TEST(mail.subject.ends_with("Shop & <Co>"));
    BOOST_TEST(mail.text.starts_with("Hello Ann  Bcc: x,\n"));
    BOOST_TEST(mail.html.find("Shop &amp; &lt;Co&gt;") != std::string::npos);
    BOOST_TEST(mail.html.find("<Co>") == std::string::npos);
    BOOST_TEST(mail.text.find("[token") == std::string::npos);
  }
  BOOST_TEST(subjects.size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_mail_shows_a_link_or_the_token_by_itself) {
  auto mail = render(mail_purpose::registration, {"Shop", "", "", some_id});
  BOOST_TEST(with_tokens(mail.text, shout).find("\n\n<" + some_id.str() + ">\n\n") !=
             std::string::npos);
  BOOST_TEST(mail.html.find("href") == std::string::npos);
  mail =
      render(mail_purpose::registration, {"Shop", "", "https://shop.example/?a=1&token=", some_id});
  BOOST_TEST(
      with_tokens(mail.text, shout).find("https://shop.example/?a=1&token=<" + some_id.str()) !=
      std::string::npos);
  BOOST_TEST(mail.html.find("href=\"https://shop.example/?a=1&amp;token=[token ") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_whole_marks_are_replaced) {
  const auto mark = "[token " + some_id.str() + "]";
  BOOST_TEST(with_tokens(mark + mark, shout) == shout(some_id) + shout(some_id));
  for (const std::string other : {"", "[token ", "[token x]", "[token 0b6c3ff4-6a0e]", "]",
                                  "[token 0b6c3ff4-6a0e-4d6a-9b1c-2f6f0a7d1e55", "[[token "}) {
    BOOST_TEST(with_tokens(other, shout) == other);
    BOOST_TEST(with_tokens(other + mark, shout).ends_with(shout(some_id)));
  }
}

BOOST_AUTO_TEST_CASE(a_token_is_made_with_the_servers_key_alone) {
  const auto token = user::make_verification_token(key, some_id);
  BOOST_TEST((user::check_verification_token(key, token) == some_id));
  BOOST_TEST(token.size() <= user::verification_token_bytes_max);
  BOOST_TEST(!user::check_verification_token(std::string(32, 'x'), token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(!user::check_verification_token(key, changed), "changed at " << i);
  }
  for (const std::string& none : {std::string(), std::string("."), std::string("a.b"), token + "x",
                                  token.substr(1), std::string(5000, 'a')}) {
    BOOST_TEST(!user::check_verification_token(key, none));
  }
}

BOOST_AUTO_TEST_SUITE_END()
