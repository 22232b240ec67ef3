// The text of an email, in which hostile values stay data.

#include "net/mail/mime.hpp"

#include "tests/support/sample_mail.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <sstream>

using namespace std::string_literals;
using namespace stoa;
using mail::compose;
using notification::outgoing;
using stoa::test::hard_mail_text;
using stoa::test::sample_mail;

namespace {

std::string composed(const outgoing& message) {
  const auto text = compose(message);
  BOOST_REQUIRE(text.has_value());
  return *text;
}
std::string refused_member(const outgoing& message) {
  const auto text = compose(message);
  return text ? "" : text.error().errors.at(0).pointer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mime)

BOOST_AUTO_TEST_CASE(a_mail_has_the_form_of_rfc_5322) {
  const auto text = composed(sample_mail());
  BOOST_TEST(
      text.starts_with("Date: Sun, 22 Nov 2026 19:57:59 +0000\r\n"
                       "From: =?UTF-8?B?VGVhICYgQ28=?=\r\n <shop@example.com>\r\n"
                       "To: ada@example.org\r\n"
                       "Subject: Your order is confirmed\r\n"
                       "Message-ID: <k.019368a0-0000-7000-8000-000000000001@example.com>\r\n"));
  BOOST_TEST(text.find("MIME-Version: 1.0\r\n") != std::string::npos);
  BOOST_TEST(text.find("multipart/alternative") != std::string::npos);
  BOOST_TEST(text.find("\r\n\r\nHello,\r\n\r\nthank you.\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lines_stay_short_and_ascii_whatever_the_text) {
  auto message = sample_mail();
  message.text = hard_mail_text();
  message.html = "<p>" + std::string(5000, 'y') + "ß</p>";
  message.subject = std::string(100, 'S') + " Größe 你好" + std::string(200, 'Z');
  message.from = "Größter \"Laden\" <shop@example.com>";
  std::istringstream lines(composed(message));
  for (std::string line; std::getline(lines, line);) {
    BOOST_REQUIRE(!line.empty());
    BOOST_TEST(line.back() == '\r');
    BOOST_TEST(line.size() <= 79u);
    BOOST_TEST(std::all_of(line.begin(), line.end(), [](char c) { return c > 0; }));
    BOOST_TEST((line.size() < 2 || line[line.size() - 2] != ' '));
  }
}

BOOST_AUTO_TEST_CASE(a_mail_can_be_unsubscribed_from_and_name_the_first_one) {
  auto message = sample_mail();
  BOOST_TEST(composed(message).find("List-Unsubscribe") == std::string::npos);
  message.unsubscribe_url = "https://shop.example/unsubscribe?token=" + std::string(120, 'x');
  message.resend_of = "first";
  const auto text = composed(message);
  BOOST_TEST(text.find("\r\nList-Unsubscribe: <" + message.unsubscribe_url +
                       ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n") !=
             std::string::npos);
  BOOST_TEST(mail::parse(text)->unsubscribe == "<" + message.unsubscribe_url + ">");
  BOOST_TEST(mail::parse(text)->resend_of == "first");
  for (const auto& bad : {"https://a/ b"s, "https://a/\r\nBcc: x"s, "https://a/>, <x"s,
                          "https://ä/"s, std::string(901, 'x')}) {
    message.unsubscribe_url = bad;
    BOOST_TEST(refused_member(message) == "/unsubscribe_url");
  }
}

BOOST_AUTO_TEST_CASE(headers_can_t_be_smuggled_in) {
  auto message = sample_mail();
  for (const auto& bad :
       {"a\r\nBcc: x@example.org"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x7f"s, "\xff"s}) {
    for (auto member : {&outgoing::to, &outgoing::from, &outgoing::subject, &outgoing::key}) {
      auto hostile = message;
      hostile.*member = bad;
      BOOST_TEST(refused_member(hostile) != "");
    }
  }
  message.subject = "\xff";
  BOOST_TEST(refused_member(message) == "/subject");
  message = sample_mail();
  message.text = "\xc3";
  BOOST_TEST(refused_member(message) == "/text");
  message = sample_mail();
  message.html = "\xed\xa0\x80";
  BOOST_TEST(refused_member(message) == "/html");
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused) {
  for (const auto& bad :
       {""s, "ada"s, "@example.org"s, "ada@"s, "a@b@c"s, "a@example.org, b@example.org"s,
        "Ada <ada@example.org>"s, "ada @example.org"s, "ada@.org"s, "ada@example.org."s,
        ".ada@example.org"s, "a..b@example.org"s, std::string(65, 'a') + "@example.org",
        "a@" + std::string(300, 'b')}) {
    auto message = sample_mail();
    message.to = bad;
    BOOST_TEST(refused_member(message) == "/to", bad);
  }
  for (const auto& good : {"a@b"s, "jörg@münchen.example"s, "a+b.c=d@example.org"s}) {
    auto message = sample_mail();
    message.to = good;
    BOOST_TEST(refused_member(message) == "", good);
  }
  auto message = sample_mail();
  message.from = "Shop <shop@example.org> x";
  BOOST_TEST(refused_member(message) == "/from");
  message.from = "shop@example.org";
  BOOST_TEST(composed(message).find("From: shop@example.org\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
