// The texts of account mails, and the tokens in them.

#include "actors/notification/account_mails.hpp"

#include "actors/notification/unsubscribe_token.hpp"
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

rendered_mail render(mail_purpose purpose, const account_mail_content& about,
                     std::string language = "en") {
  static const template_source source;
  return notification::render(purpose, about,
                              {source.current(), std::move(language), "en",
                               timestamp::parse("2026-11-28T22:00:00Z").value()});
}

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

BOOST_AUTO_TEST_CASE(the_language_of_the_user_is_used) {
  const auto mail = render(mail_purpose::registration, {"Laden", "Ann", "", some_id}, "de-CH");
  BOOST_TEST(mail.subject == "Bestätigen Sie Ihr Konto bei Laden");
  BOOST_TEST(mail.text.starts_with("Guten Tag Ann,\n\n"));
  BOOST_TEST(mail.text.find("\n\n[token " + some_id.str() + "]\n\n") != std::string::npos);
}

// A customer could have entered the placeholder of another notification as a name.
BOOST_AUTO_TEST_CASE(only_the_notifications_own_placeholder_becomes_a_token) {
  const stoa::notification_id mine{some_id.value};
  const stoa::notification_id other{*uuid::parse("0b6c3ff4-6a0e-4d6a-9b1c-2f6f0a7d1e56")};
  BOOST_TEST(unsubscribe_link("", mine).empty());
  const auto link = unsubscribe_link("https://shop.example/?token=", mine);
  BOOST_TEST(with_unsubscribe_token(link + " " + unsubscribe_placeholder(other) + link, mine,
                                    "T") == "https://shop.example/?token=T " +
                                                unsubscribe_placeholder(other) +
                                                "https://shop.example/?token=T");
}

BOOST_AUTO_TEST_CASE(a_token_serves_one_purpose) {
  const stoa::notification_id id{some_id.value};
  const auto token = make_unsubscribe_token(key, id);
  BOOST_TEST((check_unsubscribe_token(key, token) == id));
  BOOST_TEST(!user::check_verification_token(key, token));
  BOOST_TEST(!check_unsubscribe_token(key, user::make_verification_token(key, some_id)));
  BOOST_TEST(!check_unsubscribe_token(std::string(32, 'x'), token));
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
