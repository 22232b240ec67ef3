// The texts of mails: correct numbers, and hostile names stay data.

#include "actors/notification/templates.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace stoa;
using namespace stoa::notification;

namespace {

order_mail sample() {
  return {.store_name = "Tea & Co",
          .order_number = "7F3A-91C2-04BE",
          .customer_name = "Ada",
          .lines = {{"Green tea", 2, {1998, "EUR"}}, {"Cup", 1, {1200, "EUR"}}},
          .total = {3198, "EUR"},
          .reason = ""};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr mail_kind all_kinds[] = {mail_kind::confirmed, mail_kind::cancelled, mail_kind::shipped,
                                   mail_kind::delivered, mail_kind::refunded};

}  // namespace

BOOST_AUTO_TEST_SUITE(mail_templates)

BOOST_AUTO_TEST_CASE(a_confirmation_reads_as_expected) {
  const auto mail = render(mail_kind::confirmed, sample());
  BOOST_TEST(mail.subject == "Your order at Tea & Co is confirmed");
  BOOST_TEST(mail.text ==
             "Hello Ada,\n"
             "\n"
             "Thank you for your order. It is confirmed.\n"
             "\n"
             "Order 7F3A-91C2-04BE\n"
             "  2 x Green tea: 19.98 EUR\n"
             "  1 x Cup: 12.00 EUR\n"
             "Total: 31.98 EUR\n"
             "\n"
             "We will write to you again when it has shipped.\n"
             "\n"
             "Tea & Co\n");
  BOOST_TEST(has(mail.html, "<title>Your order at Tea &amp; Co is confirmed</title>"));
  BOOST_TEST(has(mail.html, "<td>2 &times; Green tea</td>"));
  BOOST_TEST(has(mail.html, "<strong>31.98 EUR</strong>"));
}

BOOST_AUTO_TEST_CASE(every_kind_is_complete) {
  for (const auto kind : all_kinds) {
    for (const auto& mail : {render(kind, sample()), render(kind, {})}) {
      for (const auto& part : {mail.subject, mail.text, mail.html}) {
        BOOST_TEST(!part.empty());
        BOOST_TEST(!has(part, "{{"));
        BOOST_TEST(!has(part, "@"));
      }
      BOOST_TEST(has(mail.html, "</html>"));
    }
  }
  BOOST_TEST(has(render(mail_kind::refunded, sample()).text, "Refunded: 31.98 EUR"));
  BOOST_TEST(render(mail_kind::shipped, sample()).subject !=
             render(mail_kind::delivered, sample()).subject);
}

BOOST_AUTO_TEST_CASE(a_partial_refund_says_so_and_how_much) {
  auto about = sample();
  about.lines.clear();
  const auto full = render(mail_kind::refunded, about);
  BOOST_TEST(full.subject == "Your refund from Tea & Co");
  BOOST_TEST(has(full.text, "\n\nWe have refunded your order.\n\n"));
  BOOST_TEST(!has(full.text, "part"));
  about.partial_of = money{5000, "EUR"};
  const auto part = render(mail_kind::refunded, about);
  BOOST_TEST(part.subject == "Your partial refund from Tea & Co");
  BOOST_TEST(part.text ==
             "Hello Ada,\n"
             "\n"
             "We have refunded part of your order: 31.98 EUR of 50.00 EUR.\n"
             "\n"
             "Order 7F3A-91C2-04BE\n"
             "Refunded: 31.98 EUR\n"
             "\n"
             "It may take a few days to appear on your bank statement.\n"
             "\n"
             "Tea & Co\n");
  BOOST_TEST(has(part.html, "<title>Your partial refund from Tea &amp; Co</title>"));
  BOOST_TEST(has(part.html, "<p>We have refunded part of your order: 31.98 EUR of 50.00 EUR.</p>"));
}

BOOST_AUTO_TEST_CASE(what_is_empty_leaves_no_trace) {
  auto about = sample();
  about.customer_name = "";
  about.lines.clear();
  auto mail = render(mail_kind::cancelled, about);
  BOOST_TEST(mail.text.starts_with("Hello,\n"));
  BOOST_TEST(!has(mail.text, "Reason"));
  BOOST_TEST(!has(mail.text, " x "));
  BOOST_TEST(has(mail.text, "cancelled.\n\nOrder " + about.order_number + "\nTotal: 31.98 EUR\n"));
  BOOST_TEST(!has(mail.html, "Reason"));
  about.reason = "sold out";
  mail = render(mail_kind::cancelled, about);
  BOOST_TEST(has(mail.text, "cancelled.\n\nReason: sold out\n\nOrder "));
  BOOST_TEST(has(mail.html, "<p>Reason: sold out</p>"));
}

BOOST_AUTO_TEST_CASE(hostile_names_stay_names) {
  auto about = sample();
  about.customer_name = "<script>alert('x')</script>{{total}}{{{reason}}}{{#lines}}";
  about.store_name = "Shop\r\nBcc: everyone@example.org";
  about.lines = {{"\"><img src=x onerror=\"y\">&amp;", 1, {1, "EUR"}},
                 {"line\nTotal: 0.00 EUR", 1, {1, "EUR"}},
                 {"@total@", 1, {1, "EUR"}}};
  about.reason = "</p><style>*{display:none}</style>";
  for (const auto kind : all_kinds) {
    const auto mail = render(kind, about);
    BOOST_TEST(!has(mail.html, "<script"));
    BOOST_TEST(!has(mail.html, "<img"));
    BOOST_TEST(!has(mail.html, "<style>"));
    BOOST_TEST(has(mail.html, "&lt;script&gt;alert(&apos;x&apos;)&lt;/script&gt;{{total}}"));
    BOOST_TEST(has(mail.html, "&amp;amp;"));
    BOOST_TEST(has(mail.html, "@total@"));
    // Plain text is not HTML: nothing is escaped, and a value is never a template.
    BOOST_TEST(has(mail.text, "<script>alert('x')</script>{{total}}{{{reason}}}{{#lines}}"));
    BOOST_TEST(has(mail.text, "\"><img src=x onerror=\"y\">&amp;"));
    BOOST_TEST(has(mail.text, "line Total: 0.00 EUR"));
    for (const char c : mail.subject) BOOST_TEST(static_cast<unsigned char>(c) >= 0x20);
  }
}

BOOST_AUTO_TEST_CASE(many_threads_get_the_same_words) {
  const auto expected = render(mail_kind::confirmed, sample());
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (auto& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const auto mail = render(mail_kind::confirmed, sample());
        count += mail.text != expected.text || mail.html != expected.html;
      }
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
