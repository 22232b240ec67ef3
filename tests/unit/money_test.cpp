// Money: sums and products within the limit, and the currencies of ISO 4217.
#include "storage/base/money.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace stoa;

namespace {
constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t tiny = std::numeric_limits<std::int64_t>::min();
}  // namespace

BOOST_AUTO_TEST_SUITE(moneys)

BOOST_AUTO_TEST_CASE(sums) {
  BOOST_TEST((add({1, "EUR"}, {2, "EUR"}) == money{3, "EUR"}));
  BOOST_TEST((add({-5, "EUR"}, {2, "EUR"}) == money{-3, "EUR"}));
  BOOST_TEST(!add({1, "EUR"}, {2, "USD"}).has_value());
  BOOST_TEST(!add({1, "EUR"}, {2, "eur"}).has_value());
  BOOST_TEST((add({money_amount_max - 1, "EUR"}, {1, "EUR"}) == money{money_amount_max, "EUR"}));
  BOOST_TEST(!add({money_amount_max, "EUR"}, {1, "EUR"}).has_value());
  BOOST_TEST(!add({-money_amount_max, "EUR"}, {-1, "EUR"}).has_value());
  BOOST_TEST(!add({huge, "EUR"}, {1, "EUR"}).has_value());
  BOOST_TEST(!add({tiny, "EUR"}, {0, "EUR"}).has_value());
  BOOST_TEST(!add({tiny, "EUR"}, {-1, "EUR"}).has_value());
}

BOOST_AUTO_TEST_CASE(products) {
  BOOST_TEST((multiply({1999, "EUR"}, 3) == money{5997, "EUR"}));
  BOOST_TEST((multiply({1999, "EUR"}, 0) == money{0, "EUR"}));
  BOOST_TEST(!multiply({money_amount_max, "EUR"}, 2).has_value());
  BOOST_TEST(!multiply({huge, "EUR"}, 2).has_value());
  BOOST_TEST(!multiply({tiny, "EUR"}, -1).has_value());
  BOOST_TEST(!multiply({tiny, "EUR"}, 1).has_value());
}

BOOST_AUTO_TEST_CASE(ten_thousand_of_the_largest_amounts_still_fit) {
  BOOST_TEST(money_amount_max <= huge / 10'000);
}

BOOST_AUTO_TEST_CASE(currencies) {
  BOOST_TEST(currency_exponent("EUR").value() == 2);
  for (const char* code : {"XCG", "ZWG", "VED", "SLE"}) {
    BOOST_TEST(currency_exponent(code).value() == 2, code);
  }
  // Withdrawn, but amounts in them may be stored.
  for (const char* code : {"ANG", "BGN", "ZWL"}) {
    BOOST_TEST(currency_exponent(code).value() == 2, code);
  }
  BOOST_TEST(currency_exponent("AED").value() == 2);
  BOOST_TEST(currency_exponent("JPY").value() == 0);
  BOOST_TEST(currency_exponent("KWD").value() == 3);
  for (const char* code : {"", "E", "EU", "eur", "EUR ", "XXX", "ED ", "D A", " AF", "EURUSD"}) {
    BOOST_TEST(!currency_exponent(code).has_value(), code);
  }
}

BOOST_AUTO_TEST_CASE(for_people) {
  BOOST_TEST(to_display({1299, "EUR"}) == "12.99 EUR");
  BOOST_TEST(to_display({5, "EUR"}) == "0.05 EUR");
  BOOST_TEST(to_display({0, "EUR"}) == "0.00 EUR");
  BOOST_TEST(to_display({-5, "EUR"}) == "-0.05 EUR");
  BOOST_TEST(to_display({-123456, "EUR"}) == "-1234.56 EUR");
  BOOST_TEST(to_display({1299, "JPY"}) == "1299 JPY");
  BOOST_TEST(to_display({1299, "KWD"}) == "1.299 KWD");
  BOOST_TEST(to_display({tiny, "JPY"}) == "-9223372036854775808 JPY");
  BOOST_TEST(to_display({7, "KWD"}) == "0.007 KWD");
}

BOOST_AUTO_TEST_SUITE_END()
