#include "storage/base/time.hpp"

#include "storage/base/fault.hpp"

#include <atomic>
#ifdef STOA_FAULTS
#include <cstdlib>
#include <fstream>
#endif

namespace stoa {

namespace {

#ifdef STOA_FAULTS
/// Offset of the planted clock: the microseconds in the file STOA_TEST_CLOCK_FILE, which a test
/// changes at run time.
microseconds planted_offset() {
  using steady = std::chrono::steady_clock;
  static const char* file = std::getenv("STOA_TEST_CLOCK_FILE");
  static std::atomic<std::int64_t> read_at_us{0};
  static std::atomic<std::int64_t> offset_us{0};
  if (!file) return microseconds{0};
  const auto now =
      std::chrono::duration_cast<microseconds>(steady::now().time_since_epoch()).count();
  constexpr std::int64_t kept_us = 20'000;
  if (now - read_at_us.load() > kept_us) {
    read_at_us = now;
    std::int64_t found = 0;
    if (std::ifstream(file) >> found) offset_us = found;
  }
  return microseconds{offset_us.load()};
}
#else
constexpr microseconds planted_offset() {
  return microseconds{0};
}
#endif

std::atomic<const clock*> replaced_system{nullptr};

class system_clock_source final : public clock {
 public:
  timestamp now() const override {
    if (const auto* replaced = replaced_system.load(std::memory_order_relaxed)) {
      return replaced->now();
    }
    return timestamp{std::chrono::duration_cast<microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count()} +
           planted_offset();
  }
};

/// Reads exactly `count` digits at `at` and advances past them; empty if one is not a digit.
std::optional<int> read_digits(std::string_view text, std::size_t& at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i, ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

/// Writes the last `count` decimal digits of the value. Not snprintf, which was a third of the cost
/// of writing a product.
void put(std::string& text, std::size_t at, std::size_t count, std::int64_t value) {
  for (std::size_t i = count; i > 0; --i, value /= 10) {
    text[at + i - 1] = static_cast<char>('0' + value % 10);
  }
}

bool literal(std::string_view text, std::size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

/// "Z" or "+hh:mm" at the end of the text, as minutes east of UTC.
std::optional<int> offset_minutes(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::nullopt;
  char sign = text[at++];
  if (sign == 'Z' || sign == 'z') return at == text.size() ? std::optional(0) : std::nullopt;
  if (sign != '+' && sign != '-') return std::nullopt;
  auto hours = read_digits(text, at, 2);
  if (!hours || !literal(text, at, ':')) return std::nullopt;
  auto minutes = read_digits(text, at, 2);
  if (!minutes || *hours > 23 || *minutes > 59 || at != text.size()) return std::nullopt;
  int total = *hours * 60 + *minutes;
  return sign == '-' ? -total : total;
}

}  // namespace

std::string timestamp::str() const {
  using namespace std::chrono;
  sys_time<microseconds> point{microseconds{us}};
  auto day = floor<days>(point);
  year_month_day date{day};
  hh_mm_ss time{point - day};
  std::string text = "0000-00-00T00:00:00.000000Z";
  put(text, 0, 4, static_cast<int>(date.year()));
  put(text, 5, 2, static_cast<unsigned>(date.month()));
  put(text, 8, 2, static_cast<unsigned>(date.day()));
  put(text, 11, 2, time.hours().count());
  put(text, 14, 2, time.minutes().count());
  put(text, 17, 2, time.seconds().count());
  put(text, 20, 6, time.subseconds().count());
  return text;
}

std::optional<timestamp> timestamp::parse(std::string_view text) {
  using namespace std::chrono;
  std::size_t at = 0;
  auto y = read_digits(text, at, 4);
  if (!y || !literal(text, at, '-')) return std::nullopt;
  auto mo = read_digits(text, at, 2);
  if (!mo || !literal(text, at, '-')) return std::nullopt;
  auto d = read_digits(text, at, 2);
  if (!d || at >= text.size() || (text[at] != 'T' && text[at] != 't')) return std::nullopt;
  ++at;
  auto h = read_digits(text, at, 2);
  if (!h || !literal(text, at, ':')) return std::nullopt;
  auto mi = read_digits(text, at, 2);
  if (!mi || !literal(text, at, ':')) return std::nullopt;
  auto s = read_digits(text, at, 2);
  if (!s || *h > 23 || *mi > 59 || *s > 59) return std::nullopt;
  std::int64_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    int count = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count) {
      if (count < 6) fraction = fraction * 10 + (text[at] - '0');
    }
    if (count == 0) return std::nullopt;
    for (; count < 6; ++count) fraction *= 10;
  }
  auto offset = offset_minutes(text, at);
  year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
  if (!offset || !date.ok()) return std::nullopt;
  auto point = sys_days{date} + hours{*h} + minutes{*mi - *offset} + seconds{*s};
  return timestamp{duration_cast<microseconds>(point.time_since_epoch()).count() + fraction};
}

const clock& system_time() {
  static const system_clock_source source;
  return source;
}

void replace_system_time(const clock* by) {
  replaced_system = by;
}

}  // namespace stoa
