#include "storage/base/locale_format.hpp"

#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>
#include <unicode/uloc.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>

namespace stoa::text {

namespace {

constexpr std::size_t formats_max = 64;  // cached languages, and currencies of each

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

void require(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) {
    throw std::runtime_error(std::string("ICU: ") + what + ": " + u_errorName(status));
  }
}

}  // namespace

std::optional<std::string> canonical_language(std::string_view tag) {
  const bool has_form =
      !tag.empty() && tag.size() <= language_bytes_max && std::ranges::all_of(tag, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
      });
  if (!has_form) return std::nullopt;
  const std::string input(tag);
  std::array<char, ULOC_FULLNAME_CAPACITY> id{};
  std::int32_t parsed = 0;
  UErrorCode status = U_ZERO_ERROR;
  uloc_forLanguageTag(input.c_str(), id.data(), static_cast<std::int32_t>(id.size()) - 1, &parsed,
                      &status);
  if (U_FAILURE(status) || static_cast<std::size_t>(parsed) != input.size()) return std::nullopt;
  std::array<char, ULOC_FULLNAME_CAPACITY> out{};
  const auto size = uloc_toLanguageTag(id.data(), out.data(),
                                       static_cast<std::int32_t>(out.size()) - 1, true, &status);
  if (U_FAILURE(status) || size <= 0 || static_cast<std::size_t>(size) > language_bytes_max) {
    return std::nullopt;
  }
  return std::string(out.data(), static_cast<std::size_t>(size));
}

std::vector<std::string> language_chain(std::string_view tag) {
  std::vector<std::string> chain;
  const auto canonical = canonical_language(tag);
  if (!canonical) return chain;
  std::string_view rest = *canonical;
  // An extension or private use begins with a subtag of one character.
  for (std::size_t at = rest.find('-'); at != std::string_view::npos; at = rest.find('-', at + 1)) {
    if (at + 2 < rest.size() && rest[at + 2] == '-') {
      rest = rest.substr(0, at);
      break;
    }
  }
  while (true) {
    chain.emplace_back(rest);
    const auto dash = rest.rfind('-');
    if (dash == std::string_view::npos) return chain;
    rest = rest.substr(0, dash);
  }
}

struct locale_format::state {
  icu::Locale locale;
  icu::number::LocalizedNumberFormatter numbers;
  std::unique_ptr<const icu::PluralRules> plurals;
  std::mutex mutex;  // of what follows
  std::unique_ptr<icu::DateFormat> dates;
  std::map<std::string, icu::number::LocalizedNumberFormatter, std::less<>> amounts;
};

locale_format::locale_format(const std::string& tag) : state_(std::make_unique<state>()) {
  UErrorCode status = U_ZERO_ERROR;
  state_->locale = icu::Locale::forLanguageTag(tag, status);
  require(status, "locale");
  state_->numbers = icu::number::NumberFormatter::withLocale(state_->locale);
  state_->plurals.reset(icu::PluralRules::forLocale(state_->locale, status));
  require(status, "plural rules");
  state_->dates.reset(icu::DateFormat::createDateInstance(icu::DateFormat::kLong, state_->locale));
  if (!state_->dates) throw std::runtime_error("ICU: no date format");
  state_->dates->adoptTimeZone(icu::TimeZone::getGMT()->clone());
}

locale_format::~locale_format() = default;

std::shared_ptr<const locale_format> locale_format::of(std::string_view tag) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const locale_format>, std::less<>> cache;
  {
    const std::scoped_lock lock(mutex);
    if (const auto found = cache.find(tag); found != cache.end()) return found->second;
  }
  auto made = std::make_shared<const locale_format>(std::string(tag));
  const std::scoped_lock lock(mutex);
  if (cache.size() >= formats_max) cache.clear();
  cache.emplace(tag, made);
  return made;
}

std::string locale_format::amount(const money& m) const {
  using namespace icu::number;
  const auto digits = currency_exponent(m.currency);
  if (!digits) return to_display(m);
  UErrorCode status = U_ZERO_ERROR;
  const std::scoped_lock lock(state_->mutex);
  auto found = state_->amounts.find(m.currency);
  if (found == state_->amounts.end()) {
    const icu::CurrencyUnit unit(
        icu::StringPiece(m.currency.data(), static_cast<std::int32_t>(m.currency.size())), status);
    require(status, "currency");
    if (state_->amounts.size() >= formats_max) state_->amounts.clear();
    found = state_->amounts
                .emplace(m.currency, NumberFormatter::withLocale(state_->locale)
                                         .unit(unit)
                                         .scale(Scale::powerOfTen(-*digits))
                                         .precision(Precision::fixedFraction(*digits)))
                .first;
  }
  auto text = utf8(found->second.formatInt(m.amount, status).toString(status));
  require(status, "amount");
  return text;
}

std::string locale_format::number(std::int64_t n) const {
  UErrorCode status = U_ZERO_ERROR;
  auto text = utf8(state_->numbers.formatInt(n, status).toString(status));
  require(status, "number");
  return text;
}

std::string locale_format::date(timestamp when) const {
  icu::UnicodeString text;
  const std::scoped_lock lock(state_->mutex);
  state_->dates->format(static_cast<UDate>(when.us / 1000), text);
  return utf8(text);
}

std::string locale_format::plural(std::int64_t n) const {
  return utf8(state_->plurals->select(static_cast<double>(n)));
}

}  // namespace stoa::text
