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
          .order_number = "7F3A9-1C2BP",
          .customer_name = "Ada",
          .lines = {{"Green tea", 2, {1998, "EUR"}}, {"Cup", 1, {1200, "EUR"}}},
          .total = {3198, "EUR"},
          .reason = ""};
}

mail_style style(std::string language = "en", std::string store_language = "en") {
  static const template_source source;
  return {source.current(), std::move(language), std::move(store_language),
          timestamp::parse("2026-11-28T22:00:00Z").value()};
}

rendered_mail render(mail_kind kind, const order_mail& about) {
  return notification::render(kind, about, style());
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
             "Order 7F3A9-1C2BP (3 items)\n"
             "  2 x Green tea: €19.98\n"
             "  1 x Cup: €12.00\n"
             "Total: €31.98\n"
             "\n"
             "We will write to you again when it has shipped.\n"
             "\n"
             "Tea & Co\n");
  BOOST_TEST(has(mail.html, "<title>Your order at Tea &amp; Co is confirmed</title>"));
  BOOST_TEST(has(mail.html, ">2 &times; Green tea</td>"));
  BOOST_TEST(has(mail.html, "<strong>€31.98</strong>"));
}

BOOST_AUTO_TEST_CASE(every_kind_is_complete) {
  for (const auto kind : all_kinds) {
    for (const auto& mail : {render(kind, sample()), render(kind, {})}) {
      for (const auto& part : {mail.subject, mail.text, mail.html}) {
        BOOST_TEST(!part.empty());
        BOOST_TEST(!has(part, "{{"));
      }
      BOOST_TEST(has(mail.html, "</html>"));
    }
  }
  BOOST_TEST(has(render(mail_kind::refunded, sample()).text, "Refunded: €31.98"));
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
             "We have refunded part of your order: €31.98 of €50.00.\n"
             "\n"
             "Order 7F3A9-1C2BP\n"
             "Refunded: €31.98\n"
             "\n"
             "It may take a few days to appear on your bank statement.\n"
             "\n"
             "Tea & Co\n");
  BOOST_TEST(has(part.html, "<title>Your partial refund from Tea &amp; Co</title>"));
  BOOST_TEST(has(part.html, "<p>We have refunded part of your order: €31.98 of €50.00.</p>"));
}

BOOST_AUTO_TEST_CASE(discounts_taxes_and_what_is_due_are_listed) {
  auto about = sample();
  about.parts = {{"Summer sale", {-100, "EUR"}, false},
                 {"Post", {450, "EUR"}, false},
                 {"VAT 19 %", {511, "EUR"}, true}};
  about.amount_due = money{1000, "EUR"};
  const auto mail = render(mail_kind::confirmed, about);
  BOOST_TEST(has(mail.text,
                 "  Summer sale: -€1.00\n  Post: €4.50\nTotal: €31.98\n  including VAT 19 %: "
                 "€5.11\nTo be paid, after gift cards and store credit: €10.00\n"),
             mail.text);
  BOOST_TEST(has(mail.html, "Summer sale</td>"));
  BOOST_TEST(has(mail.html, "including VAT 19 %</td>"));
  BOOST_TEST(!has(render(mail_kind::confirmed, sample()).html, "including"));
}

BOOST_AUTO_TEST_CASE(what_is_empty_leaves_no_trace) {
  auto about = sample();
  about.customer_name = "";
  about.lines.clear();
  auto mail = render(mail_kind::cancelled, about);
  BOOST_TEST(mail.text.starts_with("Hello,\n"));
  BOOST_TEST(!has(mail.text, "Reason"));
  BOOST_TEST(!has(mail.text, " x "));
  BOOST_TEST(has(mail.text, "cancelled.\n\nOrder " + about.order_number + "\nTotal: €31.98\n"));
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

// The language of the template, and the formats of the customer's region.
BOOST_AUTO_TEST_CASE(the_language_is_the_customers_then_the_stores_then_english) {
  const auto total = [](const std::string& language, const std::string& store) {
    auto about = sample();
    about.total = {123456, "EUR"};
    const auto text = notification::render(mail_kind::shipped, about, style(language, store)).text;
    const auto begin = text.find("(3 ");
    const auto line = text.find(": ", text.rfind("Cup"));
    return text.substr(begin, text.find(')', begin) - begin + 1) + " " +
           text.substr(text.find('\n', line) + 1,
                       text.find('\n', text.find('\n', line) + 1) - text.find('\n', line) - 1);
  };
  BOOST_TEST(total("de", "en") == "(3 Artikel) Summe: 1.234,56\u00a0€");
  BOOST_TEST(total("de-AT", "en") == "(3 Artikel) Summe: €\u00a01.234,56");
  BOOST_TEST(total("de-at-u-nu-latn", "en") == "(3 Artikel) Summe: €\u00a01.234,56");
  BOOST_TEST(total("fr-CH", "de-CH") == total("", "de-CH"));
  BOOST_TEST(total("", "de") == "(3 Artikel) Summe: 1.234,56\u00a0€");
  BOOST_TEST(total("fr", "ja") == "(3 items) Total: €1,234.56");
  BOOST_TEST(total("en-GB", "de") == "(3 items) Total: €1,234.56");
}

BOOST_AUTO_TEST_CASE(a_cancellation_has_a_sentence_in_each_language) {
  auto about = sample();
  about.cause = "expired_card";
  const auto text = [&](const char* language) {
    return notification::render(mail_kind::cancelled, about, style(language)).text;
  };
  BOOST_TEST(has(text("en"), "\n\nReason: The card has expired.\n\nOrder "));
  BOOST_TEST(has(text("de"), "\n\nGrund: Die Karte ist abgelaufen.\n\nBestellung "));
  const auto html = notification::render(mail_kind::cancelled, about, style("de")).html;
  BOOST_TEST(has(html, "<p>Grund: Die Karte ist abgelaufen.</p>"));
  BOOST_TEST(has(html, "<html lang=\"de\">"));
}

BOOST_AUTO_TEST_CASE(only_optional_mails_have_a_link_that_unsubscribes) {
  auto about = sample();
  about.unsubscribe_url = "https://shop.example/unsubscribe?token=a&b";
  BOOST_TEST(has(render(mail_kind::shipped, about).text,
                 "Tea & Co\n\nNo more emails about shipping: " + about.unsubscribe_url + "\n"));
  BOOST_TEST(has(render(mail_kind::shipped, about).html,
                 "href=\"https://shop.example/unsubscribe?token=a&amp;b\""));
  BOOST_TEST(!has(render(mail_kind::confirmed, about).text, "unsubscribe"));
  about.unsubscribe_url = "";
  BOOST_TEST(render(mail_kind::shipped, about).text.ends_with("\n\nTea & Co\n"));
}

BOOST_AUTO_TEST_SUITE_END()
