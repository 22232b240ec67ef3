// The short texts of text messages and push messages: their languages, lengths and phone numbers.

#include "actors/notification/short_texts.hpp"

#include "actors/notification/sms_text.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/phone.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::notification;

namespace {

std::string repeated(std::string_view part, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += part;
  return all;
}

order_mail order_with(std::string number, money total) {
  order_mail about;
  about.store_name = "Tea & Co";
  about.order_number = std::move(number);
  about.total = std::move(total);
  return about;
}

mail_style style_of(const std::string& locale, const std::string& store) {
  static const template_source built_in;
  return {built_in.current(), locale, store, timestamp{0}};
}

std::string number_of(std::string_view text) {
  return e164_of(text).value_or("none");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(short_messages)

BOOST_AUTO_TEST_CASE(segments_depend_on_the_alphabet) {
  BOOST_TEST(sms_segments("") == 1u);
  BOOST_TEST(sms_segments(repeated("a", 160)) == 1u);
  BOOST_TEST(sms_segments(repeated("a", 161)) == 2u);
  BOOST_TEST(sms_segments(repeated("a", 306)) == 2u);
  BOOST_TEST(sms_segments(repeated("a", 307)) == 3u);
  const std::string euro = "\xE2\x82\xAC";
  BOOST_TEST(sms_segments(repeated(euro, 80)) == 1u);
  BOOST_TEST(sms_segments(repeated(euro, 81)) == 2u);
  // An escape pair is not split: 76 of them fit into 153 septets.
  BOOST_TEST(sms_segments(repeated(euro, 152)) == 2u);
  BOOST_TEST(sms_segments(repeated(euro, 153)) == 3u);
  BOOST_TEST(sms_segments(repeated("\xC3\xA4", 160)) == 1u);  // a with diaeresis
  const std::string other = "\xC5\x82";                       // l with stroke
  BOOST_TEST(sms_segments(repeated(other, 70)) == 1u);
  BOOST_TEST(sms_segments(repeated(other, 71)) == 2u);
  const std::string emoji = "\xF0\x9F\x93\xA6";
  BOOST_TEST(sms_segments(repeated(emoji, 35)) == 1u);
  BOOST_TEST(sms_segments(repeated(emoji, 36)) == 2u);
  // A surrogate pair is not split: 33 of them fit into 67 units.
  BOOST_TEST(sms_segments(repeated(emoji, 66)) == 2u);
  BOOST_TEST(sms_segments(repeated(emoji, 67)) == 3u);
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut_to_three_segments) {
  BOOST_TEST(fit_sms("short") == "short");
  BOOST_TEST(fit_sms(repeated("a", 459)) == repeated("a", 459));
  BOOST_TEST(fit_sms(repeated("a", 460)) == repeated("a", 456) + "...");
  const auto cut = fit_sms(repeated("\xF0\x9F\x93\xA6", 400));
  BOOST_TEST(sms_segments(cut) == 3u);
  BOOST_TEST(cut.ends_with("\xF0\x9F\x93\xA6..."));
}

BOOST_AUTO_TEST_CASE(the_language_is_that_of_the_order_the_store_or_english) {
  const auto about = order_with("1001", {2598, "EUR"});
  const auto in = [&](const std::string& locale, const std::string& store) {
    return short_text(short_kind::shipped, about, style_of(locale, store));
  };
  BOOST_TEST(in("de-AT", "en") == "Ihre Bestellung 1001 wurde versandt.");
  BOOST_TEST(in("", "de") == "Ihre Bestellung 1001 wurde versandt.");
  BOOST_TEST(in("fr-CA", "de") == "Ihre Bestellung 1001 wurde versandt.");
  BOOST_TEST(in("en-GB", "de") == "Your order 1001 has shipped.");
  BOOST_TEST(in("ja", "ja") == "Your order 1001 has shipped.");
}

BOOST_AUTO_TEST_CASE(each_kind_has_a_text_of_one_segment_in_each_language) {
  const auto about = order_with("20261128-12345678", {12345678, "EUR"});
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<short_kind>>([&](auto kind) {
    for (const auto* language : {"en", "de"}) {
      const auto text = short_text(kind.value, about, style_of(language, "en"));
      BOOST_TEST(text.find("20261128-12345678") != text.npos, text);
      BOOST_TEST(text.find('{') == text.npos, text);
      BOOST_TEST(sms_segments(text_message("Tea & Co", text)) == 1u, text);
    }
  });
  BOOST_TEST(short_text(short_kind::refunded, about, style_of("en", "en")) ==
             "We have refunded \u20AC123,456.78 of your order 20261128-12345678.");
  BOOST_TEST(short_text(short_kind::refunded, about, style_of("de-DE", "en")) ==
             "Wir haben 123.456,78 \u20AC Ihrer Bestellung 20261128-12345678 erstattet.");
}

BOOST_AUTO_TEST_CASE(a_number_cannot_insert_lines_or_variables) {
  BOOST_TEST(short_text(short_kind::refunded, order_with("1\n2{{total}}", {100, "EUR"}),
                        style_of("en", "en")) ==
             "We have refunded \u20AC1.00 of your order 1 2{{total}}.");
}

BOOST_AUTO_TEST_CASE(only_numbers_with_a_country_get_messages) {
  BOOST_TEST(number_of("+44 20 7946 0018") == "+442079460018");
  BOOST_TEST(number_of("+49 (0)30 / 123-456") == "+4930123456");
  BOOST_TEST(number_of("0043 1 234567") == "+431234567");
  BOOST_TEST(number_of("+1 (415) 867.5309") == "+14158675309");
  for (const auto* bad : {"", "030 123456", "+44 20 7946 0018 ext. 5", "+0 123 456 789", "+12345",
                          "+1234567890123456", "not a number", "+"}) {
    BOOST_TEST(number_of(bad) == "none", bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()
