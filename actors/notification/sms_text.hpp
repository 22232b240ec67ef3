#pragma once
// The length of text messages (3GPP TS 23.038 and 23.040).

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::notification {

inline constexpr std::size_t sms_segments_max = 3;

/// The number of segments in which a UTF-8 text is sent: 160 characters of the GSM 7-bit alphabet
/// fit in one, or 153 in each of several; with any other character 70 or 67 UTF-16 units. Some
/// characters of the 7-bit alphabet, such as the euro sign, count twice.
std::size_t sms_segments(std::string_view text);

/// The text, shortened to sms_segments_max segments with "..." at its end if it is longer.
std::string fit_sms(std::string_view text);

}  // namespace stoa::notification
