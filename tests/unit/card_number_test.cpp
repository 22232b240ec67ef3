// Both error rates of the card number search: undetected disguised numbers, and harmless text that
// is rejected.
#include "storage/base/card_number.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace std::string_literals;
namespace card = stoa::card;

namespace {

std::uint64_t seed() {
  const char* given = std::getenv("STOA_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

class dice {
 public:
  explicit dice(std::uint64_t s) : engine_(s) {}
  std::uint64_t from(std::uint64_t least, std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(least, most)(engine_);
  }
  std::string digits(std::size_t n) {
    std::string out;
    while (out.size() < n) out += static_cast<char>('0' + from(0, 9));
    return out;
  }
  /// A number of n digits that does not begin with 0.
  std::string number(std::size_t n) { return static_cast<char>('0' + from(1, 9)) + digits(n - 1); }
  std::string hex(std::size_t n) {
    std::string out;
    while (out.size() < n) out += "0123456789abcdef"[from(0, 15)];
    return out;
  }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[from(0, list.size() - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

std::string with_check_digit(std::string digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    auto d = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    if (i % 2 == 0) d = d > 4 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return digits + static_cast<char>('0' + (10 - sum % 10) % 10);
}

/// Based on the schemes' published ranges, independently of the program's.
std::string generated_card(dice& d) {
  struct scheme {
    std::vector<std::string> prefixes;
    std::vector<std::size_t> lengths;
  };
  static const std::vector<scheme> schemes = {
      {{"4"}, {16}},
      {{"4"}, {13, 16, 19}},
      {{"51", "52", "53", "54", "55", "2221", "2299", "2345", "26", "2719", "2720"}, {16}},
      {{"34", "37"}, {15}},
      {{"6011", "644", "649", "65"}, {16, 17, 18, 19}},
      {{"300", "305", "3095", "36", "38", "39"}, {14}},
      {{"3528", "3589", "355"}, {16, 17, 18, 19}},
      {{"62"}, {16, 17, 18, 19}},
      {{"2200", "2204"}, {16}},
      {{"5018", "6304", "6759", "6762"}, {13, 16, 18, 19}},
      {{"9792"}, {16}},
      {{"5019"}, {16}},
      {{"506099", "506198", "650002"}, {16, 19}},
      {{"606282"}, {16}},
      {{"60", "6521", "81", "82", "508"}, {16}},
  };
  const auto& s = d.one_of(schemes);
  const auto prefix = d.one_of(s.prefixes);
  const auto length = d.one_of(s.lengths);
  return with_check_digit(prefix + d.digits(length - 1 - prefix.size()));
}

std::string utf8(char32_t c) {
  std::string out;
  const auto low = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((c >> shift) & 0x3FU));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | (c >> 6U));
    low(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | (c >> 12U));
    low(6);
    low(0);
  } else {
    out += static_cast<char>(0xF0U | (c >> 18U));
    low(12);
    low(6);
    low(0);
  }
  return out;
}

using disguise = std::function<std::string(const std::string&, dice&)>;

disguise every(std::size_t size, std::string separator) {
  return [size, separator = std::move(separator)](const std::string& number, dice&) {
    std::string out;
    for (std::size_t i = 0; i < number.size(); ++i) {
      out += (i > 0 && i % size == 0 ? separator : "") + number[i];
    }
    return out;
  };
}
disguise digits_from(char32_t zero) {
  return [zero](const std::string& number, dice&) {
    std::string out;
    for (const char c : number) out += utf8(zero + static_cast<char32_t>(c - '0'));
    return out;
  };
}
disguise after_each(std::string mark) {
  return [mark = std::move(mark)](const std::string& number, dice&) {
    std::string out;
    for (const char c : number) out += c + mark;
    return out;
  };
}

std::string circled(const std::string& number, dice&) {
  std::string out;
  for (const char c : number) {
    out += c == '0' ? utf8(0x24EA) : utf8(0x2460 + static_cast<char32_t>(c - '1'));
  }
  return out;
}
std::string superscript(const std::string& number, dice&) {
  static constexpr std::array<char32_t, 10> forms = {0x2070, 0xB9,   0xB2,   0xB3,   0x2074,
                                                     0x2075, 0x2076, 0x2077, 0x2078, 0x2079};
  std::string out;
  for (const char c : number) out += utf8(forms[static_cast<std::size_t>(c - '0')]);
  return out;
}
/// Different separators at any positions.
std::string anyhow(const std::string& number, dice& d) {
  static const std::vector<std::string> separators = {
      " ", "-", ".", "/", "_", ",", "  ", "\t", utf8(0xA0), utf8(0x2013), utf8(0x200B), "+", " - "};
  std::string out;
  for (const char c : number) {
    if (!out.empty() && d.from(0, 3) == 0) out += d.one_of(separators);
    out += c;
  }
  return out;
}
std::string mixed_digits(const std::string& number, dice& d) {
  static const std::vector<char32_t> zeros = {'0', 0x660, 0x966, 0xFF10, 0x1D7CE, 0x1D7F6};
  std::string out;
  for (const char c : number) out += utf8(d.one_of(zeros) + static_cast<char32_t>(c - '0'));
  return out;
}
std::string as_printed(const std::string& number, dice&) {
  const std::size_t second = number.size() < 16 ? 10 : 8;
  return number.substr(0, 4) + " " + number.substr(4, second - 4) + " " + number.substr(second);
}

const std::vector<disguise>& disguises() {
  static const std::vector<disguise> all = {
      every(99, ""),
      every(4, " "),
      every(4, "-"),
      every(4, "."),
      every(4, "/"),
      every(4, "_"),
      every(4, ","),
      every(4, "  "),
      every(4, "\t"),
      every(4, "\r\n"),
      every(4, " - "),
      every(4, "+"),
      every(4, ":"),
      every(4, "|"),
      every(4, utf8(0xA0)),     // no-break space
      every(4, utf8(0x202F)),   // narrow no-break space
      every(4, utf8(0x3000)),   // ideographic space
      every(4, utf8(0x2011)),   // non-breaking hyphen
      every(4, utf8(0x2013)),   // en dash
      every(4, utf8(0x2014)),   // em dash
      every(4, utf8(0x2212)),   // minus
      every(4, utf8(0x30FC)),   // prolonged sound mark, typed as a dash
      every(4, utf8(0x200B)),   // zero-width space
      every(4, utf8(0x200D)),   // zero-width joiner
      every(4, utf8(0xAD)),     // soft hyphen
      every(4, utf8(0xFEFF)),   // byte order mark
      every(4, utf8(0x3164)),   // Hangul filler
      every(4, utf8(0x1F4B3)),  // credit card
      every(4, " \xFF "),       // not UTF-8
      every(4, std::string(50, ' ')),
      every(1, " "),
      every(1, utf8(0x200B)),
      every(2, "."),
      every(8, "_"),
      after_each(utf8(0x336)),                  // struck through
      after_each(utf8(0xFE0F) + utf8(0x20E3)),  // keycaps
      digits_from(0x660),                       // Arabic
      digits_from(0x6F0),                       // Persian
      digits_from(0x966),                       // Devanagari
      digits_from(0xFF10),                      // full-width
      digits_from(0x1D7CE),                     // mathematical bold
      digits_from(0x1D7F6),                     // mathematical monospace
      digits_from(0x1FBF0),                     // segmented
      circled,
      superscript,
      anyhow,
      mixed_digits,
      as_printed,
      [](const std::string& n, dice& d) { return d.digits(1) + n; },
      [](const std::string& n, dice& d) { return n + d.digits(1); },
      [](const std::string& n, dice& d) { return every(4, "-")(d.digits(1) + n, d); },
      [](const std::string& n, dice&) { return "x" + n + "y"; },
      [](const std::string& n, dice& d) { return every(4, " ")(n, d) + " 12/34 123"; },
      [](const std::string& n, dice&) { return n + " 12/2034 1234"; },
      [](const std::string& n, dice&) { return "12345, " + n + ", 2026-11-27"; },
      [](const std::string& n, dice&) { return n + "@example.com"; },
      [](const std::string& n, dice& d) { return "+" + every(4, " ")(n, d); },
  };
  return all;
}

/// A '+' makes a phone number of 13 digits.
bool is_phone_like(const std::string& text, const std::string& number) {
  return text.front() == '+' && number.size() == 13;
}

struct family {
  const char* name;
  std::function<std::string(dice&)> make;
};

std::string uuid(dice& d, char version) {
  return d.hex(8) + "-" + d.hex(4) + "-" + version + d.hex(3) + "-" + "89ab"[d.from(0, 3)] +
         d.hex(3) + "-" + d.hex(12);
}
std::string two(std::uint64_t n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}
/// A Unix time in seconds, from 2001 to 2033.
std::string second(dice& d) {
  return std::to_string(d.from(1'000'000'000, 1'999'999'999));
}
std::string date(dice& d, const std::string& mark) {
  return std::to_string(d.from(1990, 2035)) + mark + two(d.from(1, 12)) + mark + two(d.from(1, 28));
}
std::string clock(dice& d) {
  return two(d.from(0, 23)) + ":" + two(d.from(0, 59)) + ":" + two(d.from(0, 59));
}
std::string e164(dice& d) {
  static const std::vector<std::pair<std::string, std::array<std::uint64_t, 2>>> countries = {
      {"1", {10, 10}}, {"49", {9, 11}},  {"44", {10, 10}}, {"33", {9, 9}},   {"34", {9, 9}},
      {"39", {9, 10}}, {"43", {9, 11}},  {"41", {9, 9}},   {"48", {9, 9}},   {"420", {9, 9}},
      {"46", {7, 10}}, {"45", {8, 8}},   {"47", {8, 8}},   {"86", {11, 11}}, {"91", {10, 10}},
      {"62", {9, 12}}, {"55", {10, 11}}, {"52", {10, 10}}, {"81", {10, 10}}, {"36", {8, 9}},
      {"353", {9, 9}}, {"380", {9, 9}},  {"373", {8, 8}},  {"234", {10, 10}}};
  const auto& [code, length] = d.one_of(countries);
  return "+" + code + d.number(d.from(length[0], length[1]));
}
std::string spaced(const std::string& phone, dice& d) {
  std::string out = phone.substr(0, 3);
  for (std::size_t at = 3; at < phone.size();) {
    const auto size = d.from(2, 4);
    out += d.one_of<std::string>({" ", "-", " ", "/"}) + phone.substr(at, size);
    at += size;
  }
  return out;
}

const std::vector<family>& families() {
  static const std::vector<family> all = {
      {"time in seconds", second},
      {"time in ms", [](dice& d) { return second(d) + d.digits(3); }},
      {"time in us", [](dice& d) { return second(d) + d.digits(6); }},
      {"time in ns", [](dice& d) { return second(d) + d.digits(9); }},
      {"ISO 8601", [](dice& d) { return date(d, "-") + "T" + clock(d) + "." + d.digits(6) + "Z"; }},
      {"date and time", [](dice& d) { return date(d, "-") + " " + clock(d) + "." + d.digits(3); }},
      {"date and time, digits",
       [](dice& d) { return date(d, "") + two(d.from(0, 23)) + two(d.from(0, 59)) + d.digits(2); }},
      {"phone", e164},
      {"phone, spaced", [](dice& d) { return spaced(e164(d), d); }},
      {"phone, national", [](dice& d) { return "0" + d.number(d.from(8, 11)); }},
      {"two phones", [](dice& d) { return e164(d) + " / " + spaced(e164(d), d); }},
      {"order number", [](dice& d) { return d.number(d.from(6, 12)); }},
      {"order number, dated", [](dice& d) { return date(d, "") + "-" + d.digits(d.from(4, 6)); }},
      {"order number, named",
       [](dice& d) { return "ORD-" + date(d, "") + "-" + d.digits(d.from(4, 10)); }},
      {"order number, grouped",
       [](dice& d) { return d.digits(3) + "-" + d.digits(7) + "-" + d.digits(7); }},
      {"UUID v4", [](dice& d) { return uuid(d, '4'); }},
      {"UUID v7", [](dice& d) { return "019" + uuid(d, '7').substr(3); }},
      {"UUID in an email address", [](dice& d) { return uuid(d, '4') + "@example.com"; }},
      {"UUID without dashes", [](dice& d) { return d.hex(32); }},
      {"object id", [](dice& d) { return d.hex(24); }},
      {"trace context", [](dice& d) { return "00-" + d.hex(32) + "-" + d.hex(16) + "-01"; }},
      {"SHA-256", [](dice& d) { return d.hex(64); }},
      {"snowflake id", [](dice& d) { return "1" + d.digits(d.from(17, 18)); }},
      {"database id", [](dice& d) { return std::to_string(d.from(1, 1ULL << d.from(8, 42))); }},
      {"long reference", [](dice& d) { return d.number(d.from(20, 27)); }},
      {"parcel number of 20 digits", [](dice& d) { return "0034043" + d.digits(13); }},
      {"parcel number of 22 digits", [](dice& d) { return "94001" + d.digits(17); }},
      {"parcel number of 12 digits", [](dice& d) { return d.number(12); }},
      {"address",
       [](dice& d) {
         return d.number(d.from(1, 3)) + " Main Street, Flat " + d.number(d.from(1, 4)) +
                ", London N" + d.digits(1) + " " + d.digits(1) + "GU, " + e164(d);
       }},
  };
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(card_numbers)

BOOST_AUTO_TEST_CASE(published_test_numbers_are_found) {
  // From the documentation of Adyen, Braintree, Mollie, PayPal, Stripe, Worldpay and the schemes;
  // none is a real card.
  for (const char* number :
       {// Visa
        "4242424242424242", "4000056655665556", "4111111111111111", "4012888888881881",
        "4222222222222", "4005519200000004", "4009348888881881", "4012000033330026",
        "4500600000000061", "4444333322221111", "4917610000000000", "4462030000000000",
        "4917300800000000", "4000000000000002", "4000000000009995", "4000000000000069",
        "4988438843884305", "4166676667666746", "4646464646464644", "4000620000000007",
        "4000020000000000", "4988080000000000", "4400000000000008", "4871049999999910",
        "4911830000000", "4917610000000000003",
        // Mastercard
        "5555555555554444", "2223003122003222", "5200828282828210", "5105105105105100",
        "5454545454545454", "2222400070000005", "2222410740360010", "2222420000001113",
        "2223000048410010", "2720990000000007", "5425233430109903", "5136333333333335",
        // American Express
        "378282246310005", "371449635398431", "378734493671000", "370000000000002",
        "374251018720018", "343434343434343",
        // Discover
        "6011111111111117", "6011000990139424", "6011981111111113", "6445644564456445",
        "6011601160116611", "6011000000000004",
        // Diners Club
        "3056930009020004", "36227206271667", "30569309025904", "38520000023237", "36006666333344",
        "36700102000000", "36148900647913", "36259600000004",
        // JCB
        "3566002020360505", "3530111333300000", "3569990010095841", "3528000700000000",
        // UnionPay
        "6200000000000005", "6200000000000047", "6205500000000000004", "6243030000000001",
        "8171999927660000", "8171999900000000021",
        // Maestro, Bancontact, Laser, Solo
        "6759649826438453", "6304000000000000", "6304000000000000000", "5018000000000009",
        "6771798021000008", "5000550000000029", "6703444444444449", "6799990100000000019",
        "6334580500000000", "633490000000000005",
        // Others: UATP, Dankort, Elo, Hipercard, Cabal, Korea, Mir, Troy
        "135410014004955", "5019555544445555", "5066991111111118", "6062828888666688",
        "6035227716427021", "9490220006611406", "2201382000000013", "9792030000000000"}) {
    BOOST_TEST(card::holds_number(number), number);
  }
}

BOOST_AUTO_TEST_CASE(no_generated_number_passes_in_any_disguise) {
  constexpr int numbers = 10'000;
  BOOST_TEST(disguises().size() >= 40U);
  dice d(seed());
  std::vector<int> passed(disguises().size());
  std::vector<std::string> example(disguises().size());
  for (int i = 0; i < numbers; ++i) {
    const auto number = generated_card(d);
    for (std::size_t k = 0; k < disguises().size(); ++k) {
      const auto text = disguises()[k](number, d);
      if (card::holds_number(text) || is_phone_like(text, number)) continue;
      ++passed[k];
      example[k] = text;
    }
  }
  for (std::size_t k = 0; k < passed.size(); ++k) {
    BOOST_TEST(passed[k] == 0, "disguise " << k << ", such as " << example[k]);
  }
}

BOOST_AUTO_TEST_CASE(harmless_text_is_rarely_rejected) {
  constexpr std::size_t texts = 100'000;
  dice d(seed());
  std::size_t rejected = 0;
  std::size_t made = 0;
  for (const auto& f : families()) {
    std::size_t here = 0;
    std::size_t many = 0;
    for (; many < texts / families().size() + 1; ++many) {
      here += card::holds_number(f.make(d)) ? 1 : 0;
    }
    BOOST_TEST_MESSAGE(f.name << ": " << here << " of " << many << " rejected");
    rejected += here;
    made += many;
  }
  BOOST_TEST_MESSAGE("all: " << rejected << " of " << made << " rejected");
  BOOST_TEST(made >= texts);
  BOOST_TEST(rejected * 200 < made);
}

BOOST_AUTO_TEST_CASE(identifiers_are_harmless) {
  for (const char* harmless :
       {"", "1", "tok_visa", "1764256800004", "1764256800004123", "+4917012345678", "4242-4242",
        "42424242-4242-4a42-8242-424242424242", "42424242-4242-4a42-8242-424242424242@example.com",
        "order42424242-4242-4a42-8242-424242424242", "2026-11-22T19:57:59.123456Z",
        "01234567-89ab-7def-8042-424242424203",
        "00-abcdef00424242424242424200000000-00f067aa0ba902b7-01", "4242424242424241",
        "4242 4242 4242 4241", "424242424242", "7242424242424242", "+49 (0)170 1234567"}) {
    BOOST_TEST(!card::holds_number(harmless), harmless);
  }
  // A text similar to a UUID does not hide a number.
  for (const char* held :
       {"01234567-89ab-7def-8042-4242424242424242", "42424242-4242-4242-0000-000000000000",
        "42424242-4242-4242-8242-424242424242", "4242424242424242-4242-4a42-8242-424242424242"}) {
    BOOST_TEST(card::holds_number(held), held);
  }
}

BOOST_AUTO_TEST_CASE(only_one_check_digit_is_right) {
  int held = 0;
  for (char last = '0'; last <= '9'; ++last) held += card::holds_number("453201511283036"s + last);
  BOOST_TEST(held == 1);
}

BOOST_AUTO_TEST_CASE(letters_end_a_run) {
  BOOST_TEST(!card::holds_number("42424242 and 42424242"));
  BOOST_TEST(!card::holds_number("42424242\u65E542424242"), "an ideograph");
  BOOST_TEST(card::holds_number("12 of 4242424242424242 or 99"));
}

BOOST_AUTO_TEST_CASE(integers) {
  BOOST_TEST(card::holds_number(std::uint64_t{4'242'424'242'424'242}));
  BOOST_TEST(card::holds_number(std::uint64_t{14'242'424'242'424'242}));
  BOOST_TEST(!card::holds_number(std::uint64_t{4'242'424'242'424'241}));
  BOOST_TEST(!card::holds_number(std::uint64_t{1'764'256'800'004}));
  BOOST_TEST(!card::holds_number(std::uint64_t{0}));
  BOOST_TEST(!card::holds_number(~std::uint64_t{0}));
}

BOOST_AUTO_TEST_CASE(text_without_a_number_is_recognised_without_a_search) {
  BOOST_TEST(
      !card::may_contain_card_number(R"({"email":"ada@example.com","postal_code":"N1 9GU"})"));
  dice d(seed());
  for (int i = 0; i < 200; ++i) {
    const auto number = generated_card(d);
    for (const auto& hide : disguises()) BOOST_TEST(card::may_contain_card_number(hide(number, d)));
  }
  // JSON escapes of Arabic, full-width and mathematical digits.
  BOOST_TEST(card::may_contain_card_number(R"(\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667)"));
  BOOST_TEST(card::may_contain_card_number(R"(\uff10\uff11\uff12\uff13\uff14\uff15\uff16)"));
}

BOOST_AUTO_TEST_CASE(a_long_text_takes_linear_time) {
  // A search in quadratic time would exceed the test's time limit.
  std::string digits;
  for (int i = 0; i < 500'000; ++i) digits += i % 2 == 0 ? "1 " : "1-";
  BOOST_TEST(!card::holds_number(digits));
  BOOST_TEST(card::holds_number(digits + "4242 4242 4242 4242"));
  BOOST_TEST(!card::holds_number(std::string(1'000'000, '4')));

  std::string prose;
  while (prose.size() < 1'000'000) prose += "Straße 12, 80331 München, Größe 42; ";
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(!card::holds_number(prose));
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST_MESSAGE("prose: " << took.count() / static_cast<double>(prose.size()) << " ns a byte");
}

BOOST_AUTO_TEST_SUITE_END()
