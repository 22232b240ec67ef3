// Postal addresses: the required fields of each country.
#include "storage/base/address.hpp"

#include "storage/base/contact.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_schema.hpp"
#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <regex>

using namespace stoa;

namespace {

address in(std::string_view country, std::string postal_code = "", std::string state = "") {
  address a;
  a.address_line1 = "1 Main Street";
  a.city = "Town";
  a.country = country;
  a.postal_code = std::move(postal_code);
  if (!state.empty()) a.state = std::move(state);
  return a;
}

/// "pointer code" of each error, as in the response.
std::string outcome(const address& a) {
  auto read = json::read<address>(json::write(a));
  std::string out;
  if (read) return out;
  BOOST_TEST((read.error().kind == problem_kind::validation));
  for (const auto& e : read.error().errors) {
    out += (out.empty() ? "" : "; ") + e.pointer + " " + e.code;
  }
  return out;
}

constexpr std::string_view without_codes =
    "AE AG AO AQ AW BF BI BJ BO BQ BS BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY "
    "HK JM KI KM KN LC LY ML MO MR MS MW NR NU PA PS QA RW SB SC SL SR SS ST SX SY TD TF TG TK TL "
    "TO TT TV UG VU WS YE ZW";

}  // namespace

BOOST_AUTO_TEST_SUITE(addresses)

BOOST_AUTO_TEST_CASE(the_table_has_all_countries_in_order) {
  auto all = postal_rules();
  BOOST_TEST(all.size() == 250u);
  BOOST_TEST(std::is_sorted(all.begin(), all.end(),
                            [](auto& a, auto& b) { return a.country < b.country; }));
  for (const auto& rule : all) {
    BOOST_TEST(json::has_form(rule.country, json::format::country), rule.country);
    BOOST_TEST(postal_rule_of(rule.country) == &rule, rule.country);
    bool listed = without_codes.find(rule.country) != std::string_view::npos;
    BOOST_TEST((rule.code == code_use::none) == listed, rule.country);
    if (rule.code == code_use::none) BOOST_TEST(rule.forms.empty(), rule.country);
    if (rule.code == code_use::required) BOOST_TEST(!rule.forms.empty(), rule.country);
  }
  for (const char* text : {"", "D", "XX", "UK", "DEU", "de", "AN"}) {
    BOOST_TEST((postal_rule_of(text) == nullptr), text);
  }
}

BOOST_AUTO_TEST_CASE(no_postal_code_is_needed_where_there_is_none) {
  for (const auto& rule : postal_rules()) {
    const std::string state = rule.state_required ? "Somewhere" : "";
    const std::string wanted = rule.code == code_use::required ? "/postal_code required" : "";
    BOOST_TEST(outcome(in(rule.country, "", state)) == wanted, rule.country);
    // The field may be omitted.
    auto body = R"({"address_line1":"1","city":"A","state":"B","country":")" +
                std::string(rule.country) + "\"}";
    BOOST_TEST(json::read<address>(body).has_value() == wanted.empty(), rule.country);
  }
  BOOST_TEST(outcome(in("HK", "999077")) == "", "a placeholder code is kept");
}

BOOST_AUTO_TEST_CASE(a_state_is_needed_where_addresses_name_one) {
  for (const char* country : {"US", "CA", "AU", "BR", "IN", "MX", "JP", "CN", "IT", "ES"}) {
    const auto& rule = *postal_rule_of(country);
    BOOST_TEST(rule.state_required, country);
    address a = in(country);
    a.state = "";
    std::vector<field_error> errors;
    a.check(errors);
    BOOST_TEST(
        std::any_of(errors.begin(), errors.end(),
                    [](const auto& e) { return e.pointer == "/state" && e.code == "required"; }),
        country);
  }
  BOOST_TEST(outcome(in("US", "94043")) == "/state required");
  BOOST_TEST(outcome(in("US", "94043", "CA")) == "");
  for (const char* country : {"HK", "AE", "PA", "QA", "AO", "JM"}) {
    BOOST_TEST(outcome(in(country)) == "", country);
  }
  for (const auto& [country, code] :
       {std::pair{"DE", "10115"}, {"GB", "N1 9GU"}, {"FR", "75001"}, {"NL", "1012 AB"}}) {
    BOOST_TEST(outcome(in(country, code)) == "", country);
  }
}

BOOST_AUTO_TEST_CASE(a_postal_code_has_its_countrys_form) {
  const std::pair<const char*, std::vector<const char*>> good[] = {
      {"DE", {"10115", "D-10115", "DE-10115"}},
      {"GB", {"N1 9GU", "n19gu", "EC1Y 8SY", "M2 5BQ", "CR0 2YR", "GIR 0AA", "BFPO 12"}},
      {"US", {"94043", "94043-1351", "94043 1351"}},
      {"CA", {"K1A 0B1", "k1a0b1", "K1A-0B1"}},
      {"NL", {"1012 AB", "1012ab"}},
      {"BR", {"40301-110", "40301110"}},
      {"PL", {"00-950"}},
      {"SE", {"114 55", "SE-114 55"}},
      {"LV", {"LV-1050", "1050"}},
      {"LU", {"L-4750", "4750"}},
      {"JP", {"154-0023", "1540023"}},
      {"IE", {"A65 F4E2", "D6W XY00"}},
      {"AR", {"1425", "C1425ABC"}},
      {"MT", {"VLT 1117"}},
      {"KY", {"KY1-1100"}},
      {"AD", {"AD500", "500"}},
      {"IL", {"9614303", "96143"}},
      {"VN", {"700000", "70000"}},
      {"XK", {"10000", ""}},
      {"KP", {"anything"}}};
  for (const auto& [country, codes] : good) {
    for (const char* code : codes) {
      const auto& rule = *postal_rule_of(country);
      BOOST_TEST(outcome(in(country, code, rule.state_required ? "X" : "")) == "", code);
    }
  }
  const std::pair<const char*, std::vector<const char*>> bad[] = {
      {"DE", {"1011", "101155", "1011A", "X-10115", "10115 Berlin", "."}},
      {"GB", {"12345", "N1", "N1 9G", "N1 9GUU"}},
      {"US", {"9404", "94043-135", "ABCDE"}},
      {"CA", {"1K0 A1B", "K1A 0B", "12345"}},
      {"NL", {"1012", "AB 1012"}},
      {"MC", {"75001"}},
      {"VA", {"00121"}},
      {"XK", {"1000"}},
      {"FK", {"FIQQ 1ZY"}}};
  for (const auto& [country, codes] : bad) {
    for (const char* code : codes) {
      BOOST_TEST(outcome(in(country, code, "X")) == "/postal_code format", code);
    }
  }
}

BOOST_AUTO_TEST_CASE(white_space_at_the_ends_does_not_count) {
  address a = in("DE", "\u00a010115\u3000");
  a.city = std::string(100, 'x') + "\u2003\n";
  a.company = " ACME\u00a0";
  a.phone = " 030 1234567 ";
  BOOST_TEST(outcome(a) == "");
  const auto stored = stored_address(a);
  BOOST_TEST(stored.postal_code == "10115");
  BOOST_TEST(stored.city == std::string(100, 'x'));
  BOOST_TEST(stored.company.value() == "ACME");
  BOOST_TEST(stored.phone.value() == "030 1234567");
  BOOST_TEST(stored.address_line1 == a.address_line1);
  a.phone = " ";
  BOOST_TEST(outcome(a) == "");
  BOOST_TEST(!stored_address(a).phone.has_value());
}

BOOST_AUTO_TEST_CASE(a_blank_postal_code_is_none) {
  for (const char* blank : {" ", "  ", "\t\n", "\u00a0", "\u3000 ", "\u200b", "\u2060 \ufeff"}) {
    for (const char* country : {"HK", "AE", "QA", "XK", "KP"}) {
      BOOST_TEST(outcome(in(country, blank)) == "", country);
      BOOST_TEST(stored_address(in(country, blank)).postal_code == "", country);
    }
    for (const char* country : {"DE", "GB", "US"}) {
      BOOST_TEST(outcome(in(country, blank, "X")) == "/postal_code required", country);
    }
  }
  // Without a known format a code is one short line.
  for (const char* country : {"HK", "KP"}) {
    for (const char* code : {"a\nb", "a\tb", "a\u2028", "a\u2029b", "\u0085", "a\u007f"}) {
      const bool is_at_end = std::string_view(code) == "a\u2028";
      BOOST_TEST(outcome(in(country, code)) == (is_at_end ? "" : "/postal_code format"), country);
    }
    BOOST_TEST(outcome(in(country, std::string(20, 'x') + std::string(9, ' '))) == "");
    BOOST_TEST(outcome(in(country, std::string(21, 'x'))) == "/postal_code too_long");
  }
  BOOST_TEST(outcome(in("DE", "1" + std::string(20, ' ') + "0115")) == "/postal_code too_long");
}

BOOST_AUTO_TEST_CASE(phone_numbers_are_stored_in_their_normal_form) {
  std::string phone;
  for (const auto& m : json::schema_set().members<address>()) {
    if (m.name == "phone") phone = m.schema;
  }
  const auto schema = json::parse(phone);
  BOOST_REQUIRE(schema.has_value());
  const std::regex published(*schema->find("pattern")->if_string());
  const std::pair<std::string, std::string> numbers[] = {
      {"+49\u00a030\u00a01234567", "+49 30 1234567"},
      {"\u2003+49\u202f30\u2009123\u300045\u2007", "+49 30 123 45"},
      {"+1\u2010555\u2011010\u20129\u20139\u20149\u20159\u22129", "+1-555-010-9-9-9-9-9"},
      {"+49-30-1234567;ext=5", "+49-30-1234567 ext. 5"},
      {"030\u00a01234567 ;EXT=1234567\u00a0", "030 1234567  ext. 1234567"},
      {"(555) 123-4567 ext. 8", "(555) 123-4567 ext. 8"},
      {"030/123.45-67x9", "030/123.45-67x9"},
      {"12345" + std::string(24, '-') + ";ext=12345",
       "12345" + std::string(24, '-') + " ext. 12345"}};
  for (const auto& [sent, stored] : numbers) {
    address a = in("QA");
    a.phone = sent;
    BOOST_TEST(outcome(a) == "", sent);
    BOOST_TEST(stored_address(a).phone.value_or("none") == stored, sent);
    BOOST_TEST(stored_phone(stored).value_or("none") == stored, "normalized twice");
    BOOST_TEST(std::regex_match(stored, published), stored);
  }
  address a = in("QA");
  a.phone = "12345" + std::string(25, '-') + ";ext=12345";
  BOOST_TEST(outcome(a) == "/phone format", "41 characters in the normal form");
}

BOOST_AUTO_TEST_CASE(company_and_phone) {
  address a = in("QA");
  a.company = "Analytical Engines Ltd";
  a.phone = "+974 4444 1234";
  BOOST_TEST(outcome(a) == "");
  auto read = json::read<address>(json::write(a));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST((*read == a));
  a.company = "\u00a0";
  a.phone = "4444";
  BOOST_TEST(outcome(a) == "/company blank; /phone format");
  a = in("QA");
  a.city = " \t";
  a.address_line1 = "1\nMain Street";
  a.address_line2 = "\u200b";
  a.first_name = "Ada\r\nLovelace";
  BOOST_TEST(outcome(a) ==
             "/first_name format; /address_line1 format; /address_line2 blank; /city blank");
  // Values stored by an earlier version are read unchanged.
  BOOST_TEST(json::read_lenient<address>(
                 R"({"address_line1":"\n","city":" ","postal_code":"?","country":"DE"})")
                 .has_value());
}

BOOST_AUTO_TEST_SUITE_END()
