#include "storage/base/money.hpp"

#include <algorithm>
#include <array>

namespace stoa {

namespace {

// ISO 4217 (as of January 2026), what people pay with: no funds codes, metals or test codes. First
// those with two decimals. ANG, BGN and ZWL have been withdrawn, but stores may hold amounts in
// them.
constexpr std::string_view two_decimals =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
    "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL";
constexpr std::string_view no_decimals =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
constexpr std::string_view three_decimals = "BHD IQD JOD KWD LYD OMR TND";

bool lists(std::string_view codes, std::string_view code) {
  if (code.size() != 3) return false;
  for (std::size_t at = 0; at + 3 <= codes.size(); at += 4) {
    if (codes.substr(at, 3) == code) return true;
  }
  return false;
}

/// std::abs would be undefined for the smallest integer.
bool too_large(std::int64_t amount) {
  return amount > money_amount_max || amount < -money_amount_max;
}

}  // namespace

std::optional<money> add(const money& a, const money& b) {
  std::int64_t sum = 0;
  if (a.currency != b.currency || __builtin_add_overflow(a.amount, b.amount, &sum) ||
      too_large(sum)) {
    return std::nullopt;
  }
  return money{sum, a.currency};
}

std::optional<money> multiply(const money& price, std::int64_t quantity) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(price.amount, quantity, &product) || too_large(product)) {
    return std::nullopt;
  }
  return money{product, price.currency};
}

std::optional<int> currency_exponent(std::string_view currency) {
  if (lists(two_decimals, currency)) return 2;
  if (lists(no_decimals, currency)) return 0;
  if (lists(three_decimals, currency)) return 3;
  return std::nullopt;
}

std::string to_display(const money& m) {
  int exponent = currency_exponent(m.currency).value_or(2);
  std::string digits = std::to_string(m.amount);
  if (m.amount < 0) digits.erase(0, 1);
  if (exponent > 0) {
    auto width = static_cast<std::size_t>(exponent);
    if (digits.size() <= width) digits.insert(0, width + 1 - digits.size(), '0');
    digits.insert(digits.size() - width, 1, '.');
  }
  return (m.amount < 0 ? "-" : "") + digits + " " + m.currency;
}

}  // namespace stoa
