#pragma once
// Languages (BCP 47), and amounts, dates and plurals in the form of a language, by ICU.

#include "storage/base/money.hpp"
#include "storage/base/time.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::text {

inline constexpr std::size_t language_bytes_max = 35;

/// The canonical form of a language tag ("de-at" is "de-AT"); empty for a malformed tag, and for
/// one of more than language_bytes_max bytes.
std::optional<std::string> canonical_language(std::string_view tag);

/// The tag and its less specific forms: de-Latn-AT, de-Latn, de. Without extensions.
std::vector<std::string> language_chain(std::string_view tag);

/// CLDR's plural categories.
inline constexpr std::array<std::string_view, 6> plural_categories{"zero", "one",  "two",
                                                                   "few",  "many", "other"};

/// Thread-safe.
class locale_format {
 public:
  /// The formats of a language tag, from a bounded cache. A language that ICU does not know has
  /// the formats of CLDR's root.
  static std::shared_ptr<const locale_format> of(std::string_view tag);

  explicit locale_format(const std::string& tag);
  ~locale_format();
  locale_format(const locale_format&) = delete;
  locale_format& operator=(const locale_format&) = delete;

  /// "€12.99", with the digits that ISO 4217 defines.
  std::string amount(const money& m) const;
  std::string number(std::int64_t n) const;
  /// The day in UTC, in words: "November 28, 2026".
  std::string date(timestamp when) const;
  /// One of plural_categories, for a cardinal number.
  std::string plural(std::int64_t n) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::text
