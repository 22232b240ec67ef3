#include "actors/notification/sms_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>

namespace stoa::notification {

namespace {

constexpr std::u32string_view gsm_basic =
    U"@\u00A3$\u00A5\u00E8\u00E9\u00F9\u00EC\u00F2\u00C7\n\u00D8\u00F8\r\u00C5\u00E5\u0394_\u03A6"
    U"\u0393\u039B\u03A9\u03A0\u03A8\u03A3\u0398\u039E\u00C6\u00E6\u00DF\u00C9 !\"#\u00A4%&'()*+,-."
    U"/0123456789:;<=>?\u00A1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00C4\u00D6\u00D1\u00DC\u00A7\u00BF"
    U"abcdefghijklmnopqrstuvwxyz\u00E4\u00F6\u00F1\u00FC\u00E0";
constexpr std::u32string_view gsm_extension = U"\f^{}\\[~]|\u20AC";

struct capacity {
  std::size_t single;  ///< units of a message of one segment
  std::size_t part;    ///< of each of several segments
};
constexpr capacity gsm_capacity{160, 153};
constexpr capacity utf16_capacity{70, 67};

std::u32string code_points_of(std::string_view text) {
  std::u32string out;
  while (!text.empty()) {
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (length <= 0) break;
    out += static_cast<char32_t>(code);
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return out;
}

std::string utf8_of(std::u32string_view text) {
  std::string out;
  for (const char32_t code : text) {
    utf8proc_uint8_t bytes[4];
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  }
  return out;
}

bool is_gsm(char32_t code) {
  return gsm_basic.find(code) != std::u32string_view::npos ||
         gsm_extension.find(code) != std::u32string_view::npos;
}

std::size_t segments_of(std::u32string_view text) {
  const bool gsm = std::ranges::all_of(text, is_gsm);
  const auto units_of = [gsm](char32_t code) -> std::size_t {
    const bool twice = gsm ? gsm_extension.find(code) != std::u32string_view::npos : code > 0xFFFF;
    return twice ? 2 : 1;
  };
  const auto limits = gsm ? gsm_capacity : utf16_capacity;
  std::size_t total = 0;
  for (const char32_t code : text) total += units_of(code);
  if (total <= limits.single) return 1;
  std::size_t segments = 1;
  std::size_t used = 0;
  for (const char32_t code : text) {  // A character is never split.
    const auto units = units_of(code);
    if (used + units > limits.part) {
      ++segments;
      used = 0;
    }
    used += units;
  }
  return segments;
}

}  // namespace

std::size_t sms_segments(std::string_view text) {
  return segments_of(code_points_of(text));
}

std::string fit_sms(std::string_view text) {
  auto points = code_points_of(text);
  if (segments_of(points) <= sms_segments_max) return utf8_of(points);
  points.resize(std::min(points.size(), sms_segments_max * gsm_capacity.part));
  std::u32string fitting;
  do {
    points.pop_back();
    fitting = points + U"...";
  } while (segments_of(fitting) > sms_segments_max);
  return utf8_of(fitting);
}

}  // namespace stoa::notification
