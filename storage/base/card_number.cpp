#include "storage/base/card_number.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace stoa::card {
namespace {

constexpr std::size_t digits_min = 13;
constexpr std::size_t digits_max = 19;
constexpr std::size_t prefix_digits = 6;
constexpr std::size_t uuid_size = 36;
constexpr std::size_t digit_values = 10;

constexpr std::uint32_t length(std::size_t digits) {
  return 1U << digits;
}
constexpr std::uint32_t lengths(std::size_t least, std::size_t most) {
  return length(most + 1) - length(least);
}

/// The lengths of numbers whose first six digits are from `first` to `last`.
struct issuer_range {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t lengths;
};

// As published by the schemes and payment gateways. Maestro's wide ranges are limited to the
// prefixes and lengths in use.
constexpr issuer_range issuers[] = {
    {135400, 135499, length(15)},                            // UATP (AirPlus)
    {180000, 180099, length(15)},                            // JCB, old
    {213100, 213199, length(15)},                            // JCB, old
    {220000, 220499, lengths(16, 19)},                       // Mir
    {222100, 272099, length(16)},                            // Mastercard
    {300000, 305999, length(14) | length(16)},               // Diners Club
    {309500, 309599, length(14) | length(16)},               // Diners Club
    {340000, 349999, length(15)},                            // American Express
    {352800, 358999, lengths(16, 19)},                       // JCB
    {360000, 369999, length(14) | length(16)},               // Diners Club
    {370000, 379999, length(15)},                            // American Express
    {380000, 399999, length(14) | length(16)},               // Diners Club
    {400000, 499999, length(13) | length(16) | length(19)},  // Visa, Visa Electron, Switch
    {500000, 509999, length(16) | length(18) | length(19)},  // Maestro, Elo, Verve, Dankort, RuPay
    {501800, 501899, lengths(13, 19)},                       // Maestro
    {502000, 502099, lengths(13, 19)},                       // Maestro
    {503800, 503899, lengths(13, 19)},                       // Maestro
    {510000, 559999, length(16)},                            // Mastercard, Diners Club USA
    {560000, 589999, length(16) | length(18) | length(19)},  // Maestro, Uzcard, Naranja, Cabal
    {600000, 609999, length(16)},                            // RuPay, Cabal, Hipercard
    {601100, 601199, lengths(16, 19)},                       // Discover
    {620000, 629999, lengths(16, 19)},                       // UnionPay
    {630400, 630499, lengths(13, 19)},                       // Maestro, Laser
    {633400, 633499, length(16) | length(18) | length(19)},  // Solo
    {636000, 639999, lengths(16, 19)},                       // InterPayment, InstaPayment, Elo
    {644000, 659999, lengths(16, 19)},                       // Discover, RuPay, Troy, Elo
    {670000, 679999, length(16) | length(18) | length(19)},  // Maestro, Bancontact, Solo
    {675900, 675999, lengths(13, 19)},                       // Maestro
    {676100, 676399, lengths(13, 19)},                       // Maestro
    {810000, 817199, lengths(16, 19)},                       // UnionPay
    {817200, 829999, length(16)},                            // RuPay
    {860000, 860099, length(16)},                            // Uzcard
    {949000, 949099, length(16)},                            // local cards of Korea
    {968200, 968299, length(16)},                            // Mada
    {970400, 970499, length(16) | length(19)},               // Napas
    {979200, 979299, length(16)},                            // Troy
    {986000, 986099, length(16)},                            // Humo
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// True if the text starts with a UUID (RFC 9562) that contains a letter and is not followed by
/// another hexadecimal digit.
bool starts_with_uuid(std::string_view text) {
  if (text.size() < uuid_size || text[8] != '-' || text[13] != '-') return false;
  bool has_letter = false;
  for (std::size_t i = 0; i < uuid_size; ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_hex(text[i])) return false;
    has_letter = has_letter || is_letter(text[i]);
  }
  return has_letter && (text.size() == uuid_size || !is_hex(text[uuid_size]));
}

/// The run of digits being read.
class digit_run {
 public:
  bool found() const { return found_; }

  void digit(unsigned value) {
    if (separated_ && count_ > 0) end_group();
    if (count_ == 0) is_phone_ = after_plus_;
    starts_ = (starts_ << 1U) | (separated_ ? 1U : 0U);
    digits_[count_ % kept] = static_cast<std::uint8_t>(value);
    ++count_;
    ++group_;
    separated_ = false;
  }
  /// `c` is the character, if it is relevant.
  void separator(char c) {
    separated_ = true;
    after_plus_ = c == '+';
  }
  void end() {
    if (count_ > 0) {
      const bool one_group = group_ == count_;
      end_group();
      if (!one_group) check(count_, 0);
      if (!one_group && count_ <= digits_max + 1 && is_in_groups(count_)) check_part(count_);
    }
    count_ = group_ = 0;
    separated_ = true;
    after_plus_ = false;
  }

 private:
  static constexpr std::size_t kept = 32;  // a number and its neighbours, as a ring

  unsigned before_last(std::size_t places) const { return digits_[(count_ - 1 - places) % kept]; }

  void end_group() {
    check_part(group_);
    for (std::size_t n = std::max(digits_min, group_ + 1); n <= digits_max && n <= count_; ++n) {
      if (is_in_groups(n)) check(n, 0);
    }
    group_ = 0;
  }

  /// The last `size` digits, also without the first or the last of them.
  void check_part(std::size_t size) {
    if (size > digits_max + 1) return;
    check(size, 0);
    check(size - 1, 0);
    check(size - 1, 1);
  }

  /// The n digits that end `behind` digits before the end.
  void check(std::size_t n, std::size_t behind) {
    if (found_ || n < digits_min || n > digits_max) return;
    if (is_phone_ && n == digits_min) return;
    found_ = is_issued(n, behind) && passes_luhn(n, behind);
  }

  bool is_issued(std::size_t n, std::size_t behind) const {
    std::uint32_t prefix = 0;
    for (std::size_t i = 1; i <= prefix_digits; ++i) {
      prefix = prefix * 10 + before_last(behind + n - i);
    }
    return std::any_of(std::begin(issuers), std::end(issuers), [&](const issuer_range& r) {
      return prefix >= r.first && prefix <= r.last && (r.lengths & length(n)) != 0;
    });
  }

  /// ISO/IEC 7812-1, annex B.
  bool passes_luhn(std::size_t n, std::size_t behind) const {
    unsigned sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      unsigned d = before_last(behind + i);
      if (i % 2 == 1) d = d > 4 ? d * 2 - 9 : d * 2;
      sum += d;
    }
    return sum % 10 == 0;
  }

  /// True if the last n digits are whole groups as printed on cards.
  bool is_in_groups(std::size_t n) const {
    const auto starts_group = [&](std::size_t places) { return ((starts_ >> places) & 1U) != 0; };
    if (!starts_group(n - 1)) return false;
    std::array<std::size_t, digits_max + 1> sizes{};
    std::size_t groups = 0;
    for (std::size_t place = n; place-- > 0;) {
      if (starts_group(place)) ++groups;
      ++sizes[groups - 1];
    }
    const auto first = sizes[0];
    const auto last = sizes[groups - 1];
    if (groups == 3 && first == 4 && sizes[1] == 6 && last <= 5) return true;
    if (groups == 2 && first == 6 && last == 13) return true;
    const auto but_the_last = [&](auto is_right) {
      return std::all_of(sizes.begin(), sizes.begin() + (groups - 1), is_right);
    };
    return but_the_last([](std::size_t size) { return size % 4 == 0; }) ||
           (last < 2 * first && but_the_last([&](std::size_t size) { return size == first; }));
  }

  std::array<std::uint8_t, kept> digits_{};
  std::uint32_t starts_ = 0;  ///< bit i: the digit i places before the last one begins a group
  std::size_t count_ = 0;
  std::size_t group_ = 0;  ///< digits in the last group
  bool separated_ = true;
  bool after_plus_ = false;
  bool is_phone_ = false;
  bool found_ = false;
};

/// The value of a decimal digit. Unicode encodes the ten digits of a script consecutively from 0
/// (The Unicode Standard, section 4.6).
unsigned decimal_value(utf8proc_int32_t code) {
  unsigned value = 0;
  while (value + 1 < digit_values && utf8proc_category(code - 1) == UTF8PROC_CATEGORY_ND) {
    --code;
    ++value;
  }
  return value;
}

/// Hangul fillers are letters in Unicode, but invisible.
bool is_filler(utf8proc_int32_t code) {
  return code == 0x115F || code == 0x1160;
}

/// One code point in its NFKC form.
void add_code_point(digit_run& run, utf8proc_int32_t code) {
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_ND:
      return run.digit(decimal_value(code));
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
      return;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LO:
      return is_filler(code) ? run.separator(' ') : run.end();
    default:
      return run.separator(code == '+' ? '+' : ' ');
  }
}

/// Reads the first code point in its NFKC form; returns its size in bytes.
std::size_t add_unicode(digit_run& run, std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  utf8proc_int32_t code = 0;
  const auto size = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (size <= 0) {
    run.separator(' ');
    return 1;
  }
  std::array<utf8proc_int32_t, 32> parts{};  // Unicode's longest decomposition has 18
  int boundary = 0;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  const auto count = utf8proc_decompose_char(code, parts.data(), parts.size(), options, &boundary);
  for (std::size_t i = 0; count > 0 && i < std::min<std::size_t>(count, parts.size()); ++i) {
    add_code_point(run, parts[i]);
  }
  return static_cast<std::size_t>(size);
}

}  // namespace

bool may_contain_card_number(std::string_view text) {
  // A non-ASCII decimal digit has at least as many bytes as its NFKC form has digits, and its JSON
  // escape contains a digit.
  std::size_t count = 0;
  for (const char c : text) count += is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ? 1U : 0U;
  return count >= digits_min;
}

bool holds_number(std::string_view text) {
  if (!may_contain_card_number(text)) return false;
  digit_run run;
  for (std::size_t i = 0; i < text.size() && !run.found();) {
    const char c = text[i];
    if (is_hex(c) && (i == 0 || !is_hex(text[i - 1])) && starts_with_uuid(text.substr(i))) {
      run.end();
      i += uuid_size;
      continue;
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      i += add_unicode(run, text.substr(i));
      continue;
    }
    if (is_digit(c)) {
      run.digit(static_cast<unsigned>(c - '0'));
    } else if (is_letter(c)) {
      run.end();
    } else {
      run.separator(c);
    }
    ++i;
  }
  run.end();
  return run.found();
}

bool holds_number(std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return holds_number(std::string_view(digits.data(), end));
}

bool holds_number(std::int64_t number) {
  // The absolute value, also of the smallest integer, which has no positive counterpart.
  const auto bits = static_cast<std::uint64_t>(number);
  return holds_number(number < 0 ? 0 - bits : bits);
}

}  // namespace stoa::card
