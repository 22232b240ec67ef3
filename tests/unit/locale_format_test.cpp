// Languages, and amounts, dates and plurals in their forms.

#include "storage/base/locale_format.hpp"

#include "net/routes/language.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>
#include <vector>

using namespace stoa;
using text::canonical_language;
using text::language_chain;
using text::locale_format;

namespace {

std::string canonical(std::string_view tag) {
  return canonical_language(tag).value_or("none");
}

std::string preferred(std::string_view field) {
  return front::preferred_language(field).value_or("none");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(languages)

BOOST_AUTO_TEST_CASE(tags_have_one_form) {
  BOOST_TEST(canonical("de-at") == "de-AT");
  BOOST_TEST(canonical("ZH-hant-tw") == "zh-Hant-TW");
  BOOST_TEST(canonical("iw") == "he");
  BOOST_TEST(canonical("sr-Latn-RS-u-nu-latn") == "sr-Latn-RS-u-nu-latn");
  for (const char* bad : {"", "d", "de_AT", "-de", "de-", "de--AT", "de-AT ", "123", "de-a", "*",
                          "d\xc3\xa9", "abcdefghi", "de-AT-DE-AT-DE-AT-DE-AT-DE-AT-DE-AT"}) {
    BOOST_TEST(canonical(bad) == "none", bad);
  }
}

BOOST_AUTO_TEST_CASE(less_specific_tags_follow) {
  const auto chain = [](std::string_view tag) {
    std::string all;
    for (const auto& t : language_chain(tag)) all += (all.empty() ? "" : " ") + t;
    return all;
  };
  BOOST_TEST(chain("de-latn-at") == "de-Latn-AT de-Latn de");
  BOOST_TEST(chain("de-AT-u-co-phonebk") == "de-AT de");
  BOOST_TEST(chain("en") == "en");
  BOOST_TEST(chain("") == "");
  BOOST_TEST(chain("not a tag") == "");
}

BOOST_AUTO_TEST_CASE(a_client_prefers_the_language_with_the_highest_weight) {
  BOOST_TEST(preferred("de-at") == "de-AT");
  BOOST_TEST(preferred("en;q=0.5, de;q=0.9, fr;q=0.8") == "de");
  BOOST_TEST(preferred("fr, de") == "fr");
  BOOST_TEST(preferred("*, de;q=0.1") == "de");
  BOOST_TEST(preferred("de;q=0") == "none");
  BOOST_TEST(preferred("de;q=x, ;;, en;q=0.001;a=b") == "none");
  BOOST_TEST(preferred("") == "none");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "x, ";
  BOOST_TEST(preferred(many + "de") == "none");
}

BOOST_AUTO_TEST_CASE(amounts_have_the_form_of_the_language) {
  const auto amount = [](const char* tag, std::int64_t n, const char* currency) {
    return locale_format::of(tag)->amount({n, currency});
  };
  BOOST_TEST(amount("en", 1299, "EUR") == "€12.99");
  BOOST_TEST(amount("en", 123456789, "USD") == "$1,234,567.89");
  BOOST_TEST(amount("de", 123456, "EUR") == "1.234,56\u00a0€");
  BOOST_TEST(amount("de-AT", 123456, "EUR") == "€\u00a01.234,56");
  BOOST_TEST(amount("en", 500, "JPY") == "¥500");
  BOOST_TEST(amount("en", 1500, "KWD") == "KWD\u00a01.500");
  BOOST_TEST(amount("en", -1, "EUR") == "-€0.01");
  // No floating-point number has this value.
  BOOST_TEST(amount("en", 99'999'999'999'999, "EUR") == "€999,999,999,999.99");
  BOOST_TEST(amount("en", 7, "XYZ").find("XYZ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(numbers_dates_and_plurals_too) {
  BOOST_TEST(locale_format::of("de")->number(12345) == "12.345");
  const auto when = timestamp::parse("2026-11-28T23:59:59Z").value();
  BOOST_TEST(locale_format::of("en")->date(when) == "November 28, 2026");
  BOOST_TEST(locale_format::of("de")->date(when) == "28. November 2026");
  BOOST_TEST(locale_format::of("en")->plural(1) == "one");
  BOOST_TEST(locale_format::of("en")->plural(0) == "other");
  BOOST_TEST(locale_format::of("pl")->plural(3) == "few");
  BOOST_TEST(locale_format::of("pl")->plural(5) == "many");
  BOOST_TEST(locale_format::of("ar")->plural(2) == "two");
}

BOOST_AUTO_TEST_CASE(many_threads_and_many_languages) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (auto& count : wrong) {
    threads.emplace_back([&count] {
      for (int i = 0; i < 300; ++i) {
        const std::string tag = "en-x-t" + std::to_string(i % 100);
        count += locale_format::of(tag)->amount({1299, "EUR"}) != "€12.99";
      }
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
