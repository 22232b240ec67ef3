#include "storage/base/postal.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa {

namespace {

constexpr auto none = code_use::none;
constexpr auto optional = code_use::optional;
constexpr auto required = code_use::required;

// The officially assigned codes of ISO 3166-1 alpha-2, in order, and XK, which carriers use for
// Kosovo. Sources: the Universal Postal Union and the address metadata that Google publishes for
// Chromium and Android. A form has no spaces and dashes: # is a digit, @ a letter, * either, other
// characters are literal; | separates alternatives.
constexpr postal_rule rules[] = {
    {"AD", optional, false, "AD###|###"},
    {"AE", none, false, ""},
    {"AF", optional, false, "####"},
    {"AG", none, false, ""},
    {"AI", optional, false, "AI2640|2640"},
    {"AL", optional, false, "####"},
    {"AM", optional, false, "####|37####"},
    {"AO", none, false, ""},
    {"AQ", none, false, ""},
    {"AR", optional, false, "####|@####|@####@@@"},
    {"AS", required, true, "#####|#########"},
    {"AT", required, false, "####"},
    {"AU", required, true, "####"},
    {"AW", none, false, ""},
    {"AX", required, false, "22###"},
    {"AZ", optional, false, "####"},
    {"BA", optional, false, "#####"},
    {"BB", optional, false, "BB#####|#####"},
    {"BD", optional, false, "####"},
    {"BE", required, false, "####"},
    {"BF", none, false, ""},
    {"BG", optional, false, "####"},
    {"BH", optional, false, "###|####"},
    {"BI", none, false, ""},
    {"BJ", none, false, ""},
    {"BL", required, false, "97###|98###"},
    {"BM", optional, false, "@@##|@@@@"},
    {"BN", optional, false, "@@####"},
    {"BO", none, false, ""},
    {"BQ", none, false, ""},
    {"BR", required, true, "########"},
    {"BS", none, false, ""},
    {"BT", optional, false, "#####"},
    {"BV", none, false, ""},
    {"BW", none, false, ""},
    {"BY", optional, false, "######"},
    {"BZ", none, false, ""},
    {"CA", required, true, "@#@#@#"},
    {"CC", optional, false, "6799"},
    {"CD", none, false, ""},
    {"CF", none, false, ""},
    {"CG", none, false, ""},
    {"CH", required, false, "####"},
    {"CI", none, false, ""},
    {"CK", none, false, ""},
    {"CL", optional, false, "#######"},
    {"CM", none, false, ""},
    {"CN", required, true, "######"},
    {"CO", optional, true, "######"},
    {"CR", optional, true, "####|#####|#######"},
    {"CU", optional, false, "#####"},
    {"CV", optional, false, "####"},
    {"CW", none, false, ""},
    {"CX", optional, false, "6798"},
    {"CY", optional, false, "####"},
    {"CZ", required, false, "#####"},
    {"DE", required, false, "#####"},
    {"DJ", none, false, ""},
    {"DK", required, false, "####"},
    {"DM", none, false, ""},
    {"DO", optional, false, "#####"},
    {"DZ", optional, false, "#####"},
    {"EC", optional, false, "######"},
    {"EE", required, false, "#####"},
    {"EG", optional, false, "#####|#######"},
    {"EH", optional, false, "#####"},
    {"ER", none, false, ""},
    {"ES", required, true, "#####"},
    {"ET", optional, false, "####"},
    {"FI", required, false, "#####"},
    {"FJ", none, false, ""},
    {"FK", required, false, "FIQQ1ZZ"},
    {"FM", required, true, "969##|969######"},
    {"FO", optional, false, "###"},
    {"FR", required, false, "#####"},
    {"GA", none, false, ""},
    {"GB", required, false,
     "@##@@|@###@@|@@##@@|@@###@@|@#@#@@|@@#@#@@|GIR0AA|BFPO#|BFPO##|BFPO###|BFPO####"},
    {"GD", none, false, ""},
    {"GE", optional, false, "####"},
    {"GF", required, false, "97###|98###"},
    {"GG", required, false, "GY##@@|GY###@@"},
    {"GH", none, false, ""},
    {"GI", optional, false, "GX111AA"},
    {"GL", required, false, "39##"},
    {"GM", none, false, ""},
    {"GN", optional, false, "###"},
    {"GP", required, false, "97###|98###"},
    {"GQ", none, false, ""},
    {"GR", required, false, "#####"},
    {"GS", required, false, "SIQQ1ZZ"},
    {"GT", optional, false, "#####"},
    {"GU", required, false, "969##|969######"},
    {"GW", optional, false, "####"},
    {"GY", none, false, ""},
    {"HK", none, false, ""},
    {"HM", optional, false, "####"},
    {"HN", optional, true, "#####"},
    {"HR", optional, false, "#####"},
    {"HT", optional, false, "####"},
    {"HU", required, false, "####"},
    {"ID", optional, true, "#####"},
    {"IE", optional, false, "@#*****"},
    {"IL", optional, false, "#####|#######"},
    {"IM", required, false, "IM##@@|IM###@@"},
    {"IN", required, true, "######"},
    {"IO", required, false, "BBND1ZZ"},
    {"IQ", optional, true, "#####"},
    {"IR", optional, false, "#####|##########"},
    {"IS", optional, false, "###"},
    {"IT", required, true, "#####"},
    {"JE", required, false, "JE##@@|JE###@@"},
    {"JM", none, false, ""},
    {"JO", optional, false, "#####"},
    {"JP", required, true, "#######"},
    {"KE", optional, false, "#####"},
    {"KG", optional, false, "######"},
    {"KH", optional, false, "#####|######"},
    {"KI", none, false, ""},
    {"KM", none, false, ""},
    {"KN", none, false, ""},
    {"KP", optional, false, ""},
    {"KR", required, true, "#####"},
    {"KW", optional, false, "#####"},
    {"KY", optional, true, "KY#####"},
    {"KZ", optional, false, "######|@##@#@#"},
    {"LA", optional, false, "#####"},
    {"LB", optional, false, "####|########"},
    {"LC", none, false, ""},
    {"LI", required, false, "94##"},
    {"LK", optional, false, "#####"},
    {"LR", optional, false, "####"},
    {"LS", optional, false, "###"},
    {"LT", required, false, "#####"},
    {"LU", required, false, "####"},
    {"LV", required, false, "####"},
    {"LY", none, false, ""},
    {"MA", optional, false, "#####"},
    {"MC", optional, false, "980##"},
    {"MD", optional, false, "####"},
    {"ME", optional, false, "8####"},
    {"MF", required, false, "97###|98###"},
    {"MG", optional, false, "###"},
    {"MH", required, true, "969##|969######"},
    {"MK", optional, false, "####"},
    {"ML", none, false, ""},
    {"MM", optional, false, "#####|#######"},
    {"MN", optional, false, "#####|######"},
    {"MO", none, false, ""},
    {"MP", required, true, "9695#|9695#####"},
    {"MQ", required, false, "97###|98###"},
    {"MR", none, false, ""},
    {"MS", none, false, ""},
    {"MT", optional, false, "@@@##|@@@###|@@@####"},
    {"MU", optional, false, "#####|###@@###"},
    {"MV", optional, false, "#####"},
    {"MW", none, false, ""},
    {"MX", required, true, "#####"},
    {"MY", required, false, "#####"},
    {"MZ", optional, false, "####|######"},
    {"NA", optional, false, "#####"},
    {"NC", required, false, "988##"},
    {"NE", optional, false, "####"},
    {"NF", optional, false, "2899"},
    {"NG", optional, false, "######"},
    {"NI", optional, false, "#####"},
    {"NL", required, false, "####@@"},
    {"NO", required, false, "####"},
    {"NP", optional, false, "#####"},
    {"NR", none, false, ""},
    {"NU", none, false, ""},
    {"NZ", required, false, "####"},
    {"OM", optional, false, "###|PC###"},
    {"PA", none, false, ""},
    {"PE", optional, false, "#####|LIMA#|LIMA##|CALLAO#|CALLAO##"},
    {"PF", required, true, "987##"},
    {"PG", optional, true, "###"},
    {"PH", optional, false, "####"},
    {"PK", optional, false, "#####"},
    {"PL", required, false, "#####"},
    {"PM", required, false, "97###|98###"},
    {"PN", required, false, "PCRN1ZZ"},
    {"PR", required, false, "00###|00#######"},
    {"PS", none, false, ""},
    {"PT", required, false, "#######"},
    {"PW", required, true, "969##|969######"},
    {"PY", optional, false, "####|######"},
    {"QA", none, false, ""},
    {"RE", required, false, "97###|98###"},
    {"RO", required, false, "######"},
    {"RS", optional, false, "#####|######"},
    {"RU", required, true, "######"},
    {"RW", none, false, ""},
    {"SA", optional, false, "#####|#########"},
    {"SB", none, false, ""},
    {"SC", none, false, ""},
    {"SD", optional, false, "#####"},
    {"SE", required, false, "#####"},
    {"SG", required, false, "######"},
    {"SH", required, false, "ASCN1ZZ|STHL1ZZ|TDCU1ZZ"},
    {"SI", optional, false, "####"},
    {"SJ", required, false, "####"},
    {"SK", required, false, "#####"},
    {"SL", none, false, ""},
    {"SM", required, false, "4789#"},
    {"SN", optional, false, "#####"},
    {"SO", optional, true, "@@#####"},
    {"SR", none, false, ""},
    {"SS", none, false, ""},
    {"ST", none, false, ""},
    {"SV", optional, true, "####|CP####"},
    {"SX", none, false, ""},
    {"SY", none, false, ""},
    {"SZ", optional, false, "@###"},
    {"TC", required, false, "TKCA1ZZ"},
    {"TD", none, false, ""},
    {"TF", none, false, ""},
    {"TG", none, false, ""},
    {"TH", optional, false, "#####"},
    {"TJ", optional, false, "######"},
    {"TK", none, false, ""},
    {"TL", none, false, ""},
    {"TM", optional, false, "######"},
    {"TN", optional, false, "####"},
    {"TO", none, false, ""},
    {"TR", required, false, "#####"},
    {"TT", none, false, ""},
    {"TV", none, false, ""},
    {"TW", required, true, "###|#####|######"},
    {"TZ", optional, false, "####|#####"},
    {"UA", required, false, "#####"},
    {"UG", none, false, ""},
    {"UM", optional, true, "96898"},
    {"US", required, true, "#####|#########"},
    {"UY", optional, false, "#####"},
    {"UZ", optional, false, "######"},
    {"VA", optional, false, "00120"},
    {"VC", optional, false, "VC####"},
    {"VE", optional, true, "####|####@"},
    {"VG", optional, false, "VG####"},
    {"VI", required, true, "008##|008######"},
    {"VN", optional, false, "#####|######"},
    {"VU", none, false, ""},
    {"WF", required, false, "986##"},
    {"WS", none, false, ""},
    {"XK", optional, false, "#####"},
    {"YE", none, false, ""},
    {"YT", required, false, "97###|98###"},
    {"ZA", required, false, "####"},
    {"ZM", optional, false, "#####"},
    {"ZW", none, false, ""},
};

bool is_code_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'A' && c <= 'Z';
}

bool matches_one(std::string_view code, std::string_view form) {
  return code.size() == form.size() &&
         std::equal(code.begin(), code.end(), form.begin(), [](char c, char f) {
           if (f == '#') return is_code_digit(c);
           if (f == '@') return is_letter(c);
           if (f == '*') return is_code_digit(c) || is_letter(c);
           return c == f;
         });
}

bool matches(std::string_view code, std::string_view forms) {
  while (true) {
    std::size_t end = forms.find('|');
    if (matches_one(code, forms.substr(0, end))) return true;
    if (end == std::string_view::npos) return false;
    forms.remove_prefix(end + 1);
  }
}

/// The first form with a digit for # and a letter for @ and *.
std::string example_of(std::string_view forms) {
  constexpr std::string_view digits = "1234567890";
  constexpr std::string_view letters = "ABCDEFGH";
  std::string out;
  std::size_t digit = 0;
  std::size_t letter = 0;
  for (char c : forms.substr(0, forms.find('|'))) {
    if (c == '#') {
      out.push_back(digits[digit++ % digits.size()]);
    } else if (c == '@' || c == '*') {
      out.push_back(letters[letter++ % letters.size()]);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

void check_code(const postal_rule& rule, std::string_view code, const std::string& here,
                std::vector<field_error>& errors) {
  constexpr std::size_t length_max = 20;
  const auto reject = [&](std::string error, std::string detail) {
    errors.push_back({"/postal_code", std::move(error), std::move(detail)});
  };
  code = text::without_white_ends(code);
  if (text::is_blank(code)) {
    if (rule.code == code_use::required) reject("required", "A postal code is required" + here);
  } else if (text::code_points(code) > length_max) {
    reject("too_long",
           "A postal code must have at most " + std::to_string(length_max) + " characters.");
  } else if (!json::has_form(code, json::format::line)) {
    reject("format", std::string(json::form_text(json::format::line)));
  } else if (!is_postal_code(rule, code)) {
    reject("format", "A postal code must have the form " + example_of(rule.forms) + here);
  }
}

}  // namespace

std::span<const postal_rule> postal_rules() {
  return rules;
}

const postal_rule* postal_rule_of(std::string_view country) {
  const auto* found = std::lower_bound(
      std::begin(rules), std::end(rules), country,
      [](const postal_rule& r, std::string_view wanted) { return r.country < wanted; });
  return found != std::end(rules) && found->country == country ? found : nullptr;
}

bool is_postal_code(const postal_rule& rule, std::string_view code) {
  if (rule.forms.empty()) return true;
  std::string text = text::plain_code(text::without_white_ends(code));
  if (matches(text, rule.forms)) return true;
  // With a country prefix, as in international mail: LV-1050, SE-111 22, L-1234 in Luxembourg.
  std::string_view rest = text;
  if (rest.starts_with(rule.country)) return matches(rest.substr(2), rule.forms);
  return rest.starts_with(rule.country.front()) && matches(rest.substr(1), rule.forms);
}

void check_postal(std::string_view country, std::string_view postal_code, std::string_view state,
                  std::vector<field_error>& errors) {
  const postal_rule* rule = postal_rule_of(country);
  if (rule == nullptr) return;
  const std::string here = " in the country " + std::string(country) + ".";
  check_code(*rule, postal_code, here, errors);
  if (rule->state_required && state.empty()) {
    errors.push_back({"/state", "required", "A state or province is required" + here});
  }
}

}  // namespace stoa
