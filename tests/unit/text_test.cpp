// Text and bytes, against vectors from the standards.
#include "storage/base/text.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/utf8.hpp"

#include <boost/test/unit_test.hpp>
#include <unicode/uchar.h>

#include <map>
#include <set>
#include <stdexcept>

using namespace stoa;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(texts)

BOOST_AUTO_TEST_CASE(folding_makes_equal_names_equal) {
  BOOST_TEST(text::fold("Bob@Example.COM") == "bob@example.com");
  BOOST_TEST(text::fold("STRASSE") == text::fold("straße"));
  BOOST_TEST(text::fold("\u00C4") == text::fold("a\u0308"), "composed and decomposed");
  BOOST_TEST(text::fold("ΣΊΣΥΦΟΣ") == text::fold("σίσυφος"), "final sigma");
  BOOST_TEST(text::fold("\u212A") == "k", "Kelvin sign");
  BOOST_TEST(text::fold("e\u0301") == "\u00E9", "NFC");
  BOOST_TEST(text::fold("bob") != text::fold("b0b"));
  BOOST_TEST(text::fold("") == "");
  BOOST_TEST((text::fold("a\0B"s) == "a\0b"s), "NUL does not end the text");
  BOOST_TEST(text::fold("\xFF"
                        "A") ==
             "\xFF"
             "A");
  for (const char* name : {"İstanbul", "ǅ", "ﬃ", "ᾳ", "Åé"}) {
    BOOST_TEST(text::fold(text::fold(name)) == text::fold(name), name);
  }
}

BOOST_AUTO_TEST_CASE(utf8) {
  for (const auto& good : {""s, "a"s, "é€😀"s, "\u07FF\u0800\uFFFF\U00010000\U0010FFFF"s, "a\0b"s,
                           "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "12345678é12345678"s}) {
    BOOST_TEST(text::is_utf8(good));
  }
  for (const auto& bad :
       {"\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x80\x80"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
        "\xED\xBF\xBF"s, "\xF0\x80\x80\x80"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s,
        "\xF5\x80\x80\x80"s, "\xFE"s, "\xC3"s, "\xE2\x82"s, "\xF0\x9F\x98"s, "12345678\x80"s,
        "\xC3("s, "a\xE2(\xA1"s}) {
    BOOST_TEST(!text::is_utf8(bad), text::hex(bad));
  }
  BOOST_TEST(text::utf8_prefix("abé\xFFxyz") == 4);
  BOOST_TEST(text::code_points("aé€😀") == 4);
  BOOST_TEST(text::code_points("") == 0);
}

BOOST_AUTO_TEST_CASE(control_characters_have_their_size) {
  for (const auto& [begins, size] : std::map<std::string, std::size_t>{
           {"a"s, 0},
           {" "s, 0},
           {"\x1F"s, 1},
           {"\0x"s, 1},
           {"\x7F"s, 1},
           {"\xC2\x80"s, 2},
           {"\xC2\x9Fx"s, 2},
           {"\xC2\xA0"s, 0},
           {"\xC2\x20"s, 0},
           {"\xC2"s, 0},
           {"\x9F"s, 0},
       }) {
    BOOST_TEST(control_size(begins) == size, text::hex(begins));
  }
  BOOST_TEST(printable("a\tb\xC2\x85\xFF\xE2\x82\xAC") == "a?b??\xE2\x82\xAC");
}

BOOST_AUTO_TEST_CASE(codes_are_compared_without_case_spaces_and_hyphens) {
  BOOST_TEST(text::plain_code("ab-1 2z") == "AB12Z");
  BOOST_TEST(text::plain_code("") == "");
  BOOST_TEST(text::plain_code("\xc3\xa4") == "\xc3\xa4");
}

BOOST_AUTO_TEST_CASE(trimming) {
  BOOST_TEST(text::trim(" \t a b\r\n") == "a b");
  BOOST_TEST(text::trim(" \n ") == "");
  BOOST_TEST(text::trim("") == "");
}

BOOST_AUTO_TEST_CASE(encodings) {
  // RFC 4648, section 10, without padding; and the two characters in which base64url differs.
  const std::pair<std::string, std::string> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xFE", "-__-"}};
  for (const auto& [bytes, encoded] : vectors) {
    BOOST_TEST(text::base64url(bytes) == encoded);
    BOOST_TEST(text::from_base64url(encoded).value() == bytes);
  }
  for (const char* bad : {"Zg==", "Z", "Zh", "Zm9", "+//+", "Zg ", "Zg\n", "Zm9v!", "Zm9vY"}) {
    BOOST_TEST(!text::from_base64url(bad).has_value(), bad);
  }
  BOOST_TEST(text::hex("\x00\x0f\xf0\xff"s) == "000ff0ff");
}

BOOST_AUTO_TEST_CASE(hashes) {
  // `printf abc | b2sum -l 256`; and the keyed value from Python: blake2b(b"abc", key=b"k"*32,
  // digest_size=32).
  BOOST_TEST(text::hex(text::hash("abc")) ==
             "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  BOOST_TEST(text::hex(text::keyed_hash(std::string(32, 'k'), "abc")) ==
             "0a9b1f4f633832a535f3e4539d906998c3814fbcd4cc136e57e8ea742ac36b61");
  BOOST_TEST(text::keyed_hash(std::string(32, 'k'), "abc") !=
             text::keyed_hash(std::string(32, 'l'), "abc"));
  BOOST_CHECK_THROW(text::keyed_hash("", "abc"), std::logic_error);
  BOOST_CHECK_THROW(text::keyed_hash(std::string(15, 'k'), "abc"), std::logic_error);
  BOOST_CHECK_THROW(text::keyed_hash(std::string(65, 'k'), "abc"), std::logic_error);
}

BOOST_AUTO_TEST_CASE(secrets) {
  BOOST_TEST(text::equal_secret("abc", "abc"));
  BOOST_TEST(text::equal_secret("", ""));
  BOOST_TEST(!text::equal_secret("abc", "abd"));
  BOOST_TEST(!text::equal_secret("abc", "ab"));
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(text::random_bytes(16));
  BOOST_TEST(seen.size() == 100);
  BOOST_TEST(text::random_bytes(33).size() == 33);
  BOOST_TEST(text::random_bytes(0).empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(blank_characters_are_those_of_unicode) {
  for (UChar32 c = 0; c <= 0x10FFFF; ++c) {
    const bool blank = u_isUWhiteSpace(c) ||
                       u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || c == 0x2800;
    if (text::is_blank(static_cast<char32_t>(c)) != blank) BOOST_ERROR("U+" << std::hex << c);
  }
}

BOOST_AUTO_TEST_SUITE(identity)

BOOST_AUTO_TEST_CASE(passwords_are_opaque_strings) {
  using text::opaque_string;
  BOOST_TEST(opaque_string("p\u00e4ssw\u00f6rd").value() == "p\u00e4ssw\u00f6rd");
  BOOST_TEST(opaque_string("pa\u0308sswo\u0308rd").value() == "p\u00e4ssw\u00f6rd", "NFC");
  BOOST_TEST(opaque_string("a\u00a0b\u3000c\u2003d e").value() == "a b c d e");
  BOOST_TEST(opaque_string("Correct Horse ").value() == "Correct Horse ", "nothing else changes");
  BOOST_TEST(opaque_string("\u212b").value() == "\u00c5", "Angstrom sign");
  BOOST_TEST(opaque_string("\ufb01\uff21").value() == "\ufb01\uff21", "no compatibility mapping");
  BOOST_TEST(opaque_string("\U0001F469\u200d\U0001F467").value() == "\U0001F469\u200d\U0001F467");
  for (const char* bad : {"", "a\nb", "\t", "a\u0085", "\x7f", "\xff", "a\xc3"}) {
    BOOST_TEST(!opaque_string(bad).has_value(), bad);
  }
}

/// RFC 8264's FreeformClass, except the parts of emoji.
BOOST_AUTO_TEST_CASE(new_passwords_hold_nothing_that_is_hidden_or_unassigned) {
  using text::is_new_password;
  for (const char* good :
       {"", "Correct Horse ", "p\u00e4ssw\u00f6rd", "pa\u0308ss", "a\u00a0b\u3000",
        "\u00df\ufb01\uff21", "\U0001F469\u200d\U0001F467", "\u2764\ufe0f", "\u0e01\u0e33",
        "\u0915\u094d\u200c", "\U0001F3F4\U000E0067\U000E007F", "\u20ac\u00b7\u0640",
        "\u1100\u1161"}) {
    BOOST_TEST(is_new_password(good), good);
  }
  for (const char* bad : {"a\u200bb",   "\ufeffa", "a\u00ad", "\u2060",     "\u200e", "\u202ea",
                          "\u2028",     "\u2029",  "\u034f",  "\u3164",     "\u115f", "\ue000",
                          "\U000F0000", "\ufdd0",  "\uffff",  "\U0010ffff", "\u0378", "\U000E0001",
                          "\ufff9",     "\u0600",  "a\nb",    "\u0085",     "\u180b"}) {
    BOOST_TEST(!is_new_password(bad), bad);
    BOOST_TEST((text::opaque_string(bad).has_value() || bad[0] == 'a' || bad[0] == '\xc2'),
               "a password that is set already can be compared: " << bad);
  }
}

BOOST_AUTO_TEST_CASE(domains_that_idna_allows) {
  for (const char* good :
       {"example.com", "ex\u00e4mple.de", "xn--exmple-cua.de", "XN--EXMPLE-CUA.DE", "fa\u00df.de",
        "xn--fa-hia.de", "\u4f8b\u3048.jp", "xn--r8jz45g.jp", "\u0639\u0631\u0628\u064a.com",
        "\u05d0\u05d1.co.il", "col\u00b7lecci\u00f3.cat", "r3---sn.de", "EX\u00c4MPLE.de",
        "\u30ab\u30fb\u30ab.jp", "\u0915\u094d\u200d\u0937.in", "1.2.3"}) {
    BOOST_TEST(text::is_idna_domain(good), good);
  }
  const std::string long_label = "\u00e4" + std::string(60, 'a') + ".de";
  for (const std::string& bad :
       {std::string("xn--a.de"), std::string("xn--zzzz.de"), std::string("xn--.de"),
        std::string("a.XN--A.de"), std::string("\u2603.net"), std::string("xn--n3h.net"),
        std::string("i\u2764.ws"), std::string("\U0001F600.com"), std::string("a\u0640b\u0631.com"),
        std::string("\u0301a.de"), std::string("\u00b7a.de"), std::string("a\u200d\u00e4.de"),
        std::string("\u00e4-.de"), std::string("-\u00e4.de"), std::string("\u00e4_b.de"),
        std::string("\u05d0a.de"), std::string("\u0378.de"), std::string("xn--\u00e4.de"),
        long_label}) {
    BOOST_TEST(!text::is_idna_domain(bad), bad);
  }
}

BOOST_AUTO_TEST_CASE(mail_addresses_that_are_one) {
  const std::vector<std::vector<const char*>> same = {
      {"bob@example.com", "Bob@EXAMPLE.com", "BOB@Example.Com"},
      {"info@ex\u00e4mple.de", "info@xn--exmple-cua.de", "INFO@EXA\u0308MPLE.DE",
       "info@XN--EXMPLE-CUA.de"},
      {"strau\u00df@a.de", "STRAU\u1e9e@A.DE"},
      {"j\u00fcrgen@a.de", "ju\u0308rgen@a.de", "J\u00dcRGEN@a.de"},
      {"a@fa\u00df.de", "a@xn--fa-hia.de"},
      {"a@\u4f8b\u3048.jp", "a@xn--r8jz45g.jp"},
      {"a@a_b.de", "A@A_B.de"}};
  for (const auto& group : same) {
    for (const char* address : group) {
      BOOST_TEST(text::mail_key(address) == text::mail_key(group.front()), address);
      BOOST_TEST(text::mail_key(text::mail_key(address)) == text::mail_key(address), address);
    }
  }
}

BOOST_AUTO_TEST_CASE(mail_addresses_that_are_two) {
  const std::pair<const char*, const char*> two[] = {{"strau\u00df@a.de", "strauss@a.de"},
                                                     {"a@fa\u00df.de", "a@fass.de"},
                                                     {"bob@a.de", "b0b@a.de"},
                                                     {"\ufb01@a.de", "fi@a.de"},
                                                     {"a+b@a.de", "a@a.de"},
                                                     {"a.b@a.de", "ab@a.de"},
                                                     {"a@ex\u00e4mple.de", "a@example.de"}};
  for (const auto& [a, b] : two) BOOST_TEST(text::mail_key(a) != text::mail_key(b), a);
}

/// Stored keys of ASCII addresses stay valid.
BOOST_AUTO_TEST_CASE(ascii_addresses_keep_the_key_of_full_folding) {
  for (const char* address :
       {"a@b.co", "First.Last+tag@Mail.Example.COM", "x@a--b.de", "x@ab--c.de", "x@xn--zzzz.de",
        "x@-a.de", "o'neil@a.de", "x@1.2.3", "x@xn--.de"}) {
    BOOST_TEST(text::mail_key(address) == text::fold(address), address);
  }
  const std::string long_label = "x@" + std::string(64, 'A') + ".de";
  BOOST_TEST(text::mail_key(long_label) == text::fold(long_label));
  BOOST_TEST(text::mail_key("no address") == "no address");
  BOOST_TEST(text::login_key(" Stra\u00dfe ") == "strasse");
  BOOST_TEST(text::login_key(" a@EX\u00c4MPLE.de") == text::login_key("A@xn--exmple-cua.de"));
  BOOST_TEST(text::mail_key("\xff@a.de") == "\xff@a.de");
}

BOOST_AUTO_TEST_SUITE_END()
