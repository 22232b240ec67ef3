#pragma once
// Dates in emails and mbox files, in UTC and English whatever the locale.

#include "storage/base/time.hpp"

#include <string>

namespace stoa::mail {

/// The field Date (RFC 5322, section 3.3): "Sun, 22 Nov 2026 19:57:59 +0000".
std::string header_date(timestamp when);
/// The line before an email in an mbox file (RFC 4155, appendix A): "Sun Nov 22 19:57:59 2026".
std::string entry_date(timestamp when);

}  // namespace stoa::mail
