// The text formats: valid and invalid values.
#include "storage/base/blank.hpp"
#include "storage/base/json_rules.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace stoa;

BOOST_AUTO_TEST_SUITE(json_forms)

void judge(json::format form, const std::vector<std::string>& good,
           const std::vector<std::string>& bad) {
  for (const auto& text : good) BOOST_TEST(json::has_form(text, form), text);
  for (const auto& text : bad) BOOST_TEST(!json::has_form(text, form), text);
  BOOST_TEST(!json::form_text(form).empty());
}

BOOST_AUTO_TEST_CASE(email) {
  judge(json::format::email,
        {"a@b.co", "first.last+tag@mail.example.com", "ünï@exämple.de",
         std::string(64, 'a') + "@b.co"},
        {"",
         "a",
         "@b.co",
         "a@",
         "a@b",
         "a@b.",
         "a@.b",
         "a@b..c",
         "a b@c.de",
         "a@b c.de",
         "a@b@c.de",
         std::string(65, 'a') + "@b.co",
         "a@" + std::string(250, 'b') + ".co",
         "a\n@b.co",
         "a@b.co\n",
         "a@-b.co",
         ".a@b.co",
         "a..b@c.de",
         "a@[127.0.0.1]",
         "<a@b.co>",
         "a@b.co\r\nBcc: x@y.zz",
         "a\u200b@b.co",
         "z@xn--a.de",
         "z@\u2603.net",
         "a\u00a0b@c.de",
         "a@" + std::string(64, 'b') + ".co"});
}

BOOST_AUTO_TEST_CASE(uri) {
  judge(json::format::uri,
        {"http://a", "https://cdn.example.com/a/b.png?v=1&w=2#x", "HTTPS://a.b:8080/",
         "http://[::1]:80/x", "https://a/%20"},
        {"",
         "a",
         "/a",
         "//a/b",
         "http:/a",
         "http://",
         "https:///x",
         "ftp://a/b",
         "javascript:alert(1)",
         "http://a b/",
         "http://a/ b",
         "http://a/%2",
         "http://a/%zz",
         "http://user:pw@a/",
         "http://user@a/",
         "http://a:x/",
         "http://a/<b>",
         "http://[::1/",
         "http://[]/",
         "http://é/",
         "data:text/html,x",
         "http://a/#b#c",
         "http://a/" + std::string(2048, 'x'),
         "http://a/\n"});
}

BOOST_AUTO_TEST_CASE(codes_and_numbers) {
  judge(json::format::country, {"DE", "US", "ZW", "AD"},
        {"", "de", "D", "DEU", "XX", "UK", "E ", " D"});
  judge(json::format::currency, {"EUR", "JPY", "KWD"}, {"", "eur", "EU", "XXX", "EURO"});
  judge(json::format::phone,
        {"", "+49 170 1234567", "+1 (555) 010-9999", "+12345", "+123456789012345", "030 1234567",
         "(555) 123-4567", "030/123.45-67", "0049 (0) 30 / 123 45 67", "555-1234 ext. 12",
         "+1 555 0100 EXT 9", "555 01 00x7", "55501#1234567", "12345", std::string(20, '9'), " ",
         " +49 30 12345\u00a0", "555-1234 ext. 12 ", "12345" + std::string(36, ' ')},
        {"+", "()", "1234", "+1234", std::string(21, '9'), "+49 170 x", "+49\n17012",
         "+49+17012345", "49 170+1234", "555 0100 ext", "1234 ext. 12", "55501 x1y2",
         "0800 FLOWERS", "12345 ext 1 ext 2", "\u0661\u0662\u0663\u0664\u0665",
         "12345" + std::string(36, ' ') + "6"});
}

BOOST_AUTO_TEST_CASE(phone_numbers_as_programs_write_them) {
  judge(json::format::phone,
        {"12345\u00a067", "+49\u00a030\u00a01234567", "+49\u202f30\u20091234567\u3000;EXT=7",
         "+1\u2011555\u20130100", "555\u22120100", "+49-30-1234567;ext=5"},
        {"12345\u00a067x", "12345\u2028 67", "12345\u008567", "12345\u200b67", "12345\xa0",
         "12345;ext=", "12345;ext=1;ext=2", "12345;ext=12345678", "12345;foo=1", ";ext=12345",
         "1\u00a0234"});
}

BOOST_AUTO_TEST_CASE(names) {
  judge(json::format::username,
        {"bob", "a.b-c_9", "Jürgen", "王小明", "हिन्दी", std::string(64, 'x')},
        {"", "ab", "a b", "a@b", "a/b", std::string(65, 'x'), "abc\n", "a\u200bbc", "\u0301abc",
         "a😀b"});
  judge(json::format::sku,
        {"A", "TS-RED/XL 2", " A", "A ", "A\u00a0", "\u200bA", std::string(255, 'x') + "\u3000"},
        {"", "A\tB", " ", "\u200b", "A\u2028B", "\vA", std::string(256, 'x')});
}

BOOST_AUTO_TEST_CASE(texts) {
  const std::vector<std::string> blank = {
      " ",      "   ",    "\u00a0", "\u3000", "\u2003 ", "\u200b",       "\u200d\ufeff",
      "\u00ad", "\u3164", "\u2800", "\u2060", "\ufe0f",  "\u115f\u1160", "\U000E0020"};
  judge(json::format::line, {"", "a b", "é", " a ", "\u200ba", "👩\u200d👧", ".", "\u2029a\n", "\ta"},
        {"a\nb", "a\tb", "\x7f", "\u2028", "a\u2029a", "\u0085", "a\u0085", "\va", "a\rb", "\xff"});
  judge(json::format::text, {"", "a\n\tb", " a\n", "a\r\nb"},
        {"\n", "\t \n", "a\vb", "a\u001b[0m"});
  judge(json::format::line, {}, blank);
  judge(json::format::text, {}, blank);
  judge(json::format::password, {"", "   ", "pass wörd 😀"},
        {"a\nb", "\t", "\x7f", "a\u200b", "\ufdd0", "\xff"});
  for (const auto& text : blank) BOOST_TEST(text::is_blank(text), text);
  BOOST_TEST(text::is_blank(""));
  BOOST_TEST(text::is_blank("\r\n"));
}

BOOST_AUTO_TEST_SUITE_END()
