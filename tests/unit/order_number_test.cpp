#include "storage/base/order_number.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace stoa;

namespace {

const order_id some_order{*uuid::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")};

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

BOOST_AUTO_TEST_SUITE(order_numbers)

BOOST_AUTO_TEST_CASE(numbers_are_read_as_people_write_them) {
  const auto number = order_number_of(some_order);
  // 0x1C0C0C07398F mod 2^45, computed by hand in base 32.
  BOOST_TEST(number.substr(0, 9) == "W1G60EECF");
  const auto shown = to_display_number(number);
  BOOST_TEST(shown == number.substr(0, 5) + "-" + number.substr(5));
  BOOST_TEST(parse_order_number(shown).value_or("none") == number);
  std::string typed = " w1g6O-";
  for (const char c : number.substr(5))
    typed += std::string(1, static_cast<char>(std::tolower(c))) + " ";
  BOOST_TEST(parse_order_number(typed).value_or("none") == number);
  BOOST_TEST(parse_order_number("w-L-g6oeecf" + number.substr(9)).value_or("none") == number);
  for (const auto& text : {std::string(), number.substr(1), number + "0", "U" + number.substr(1),
                           number.substr(0, 9) + ".", "\xC3\xA9" + number.substr(2)}) {
    BOOST_TEST(!parse_order_number(text), text);
  }
}

BOOST_AUTO_TEST_CASE(dashes_and_full_width_forms_of_other_programs_are_read) {
  const auto number = order_number_of(some_order);
  for (const std::string dash :
       {"\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\uFE58", "\uFE63",
        "\uFF0D", "\u00A0", "\u202F", "\u3000"}) {
    const auto typed = number.substr(0, 5) + dash + number.substr(5);
    BOOST_TEST(parse_order_number(typed).value_or("none") == number, typed);
  }
  std::string wide;
  std::string wide_lower;
  for (const char c : number) {
    const auto form = [](char ascii) {
      const auto code = 0xFF01 + (ascii - '!');
      return std::string{static_cast<char>(0xEF), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
                         static_cast<char>(0x80 | (code & 0x3F))};
    };
    wide += form(c);
    wide_lower += form(static_cast<char>(std::tolower(c)));
  }
  BOOST_TEST(parse_order_number(wide).value_or("none") == number);
  BOOST_TEST(parse_order_number(wide_lower).value_or("none") == number);
  for (const std::string bad : {"\u00AD", "\u200B", "\u00D7", "\u2080", "\xFF", "\xE2\x80"}) {
    BOOST_TEST(!parse_order_number(number.substr(0, 5) + bad + number.substr(5)), bad);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_digit_and_exchanged_digits_are_noticed) {
  const auto number = order_number_of(some_order);
  for (std::size_t i = 0; i < number.size(); ++i) {
    for (const char c : alphabet) {
      auto other = number;
      other[i] = c;
      BOOST_TEST(parse_order_number(other).has_value() == (c == number[i]));
    }
    if (i + 1 == number.size() || number[i] == number[i + 1]) continue;
    auto other = number;
    std::swap(other[i], other[i + 1]);
    BOOST_TEST(!parse_order_number(other), other);
  }
}

BOOST_AUTO_TEST_CASE(each_id_has_a_different_number) {
  std::set<std::string> numbers;
  constexpr std::size_t count = 20'000;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = order_number_of({system_ids().next_v7()});
    BOOST_TEST(parse_order_number(number).value_or("none") == number);
    numbers.insert(number);
  }
  BOOST_TEST(numbers.size() == count);
}

BOOST_AUTO_TEST_SUITE_END()
