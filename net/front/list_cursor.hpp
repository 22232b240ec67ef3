#pragma once
// Cursors of lists as clients see them: the position at which the service continues the list, and a
// signature (BLAKE2b, keyed with the server's secret) over it and the list's identity. A cursor
// that is forged, truncated or from another list or other filters is rejected, so services and
// databases only see positions that they issued.

#include "net/http/problem.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::front {

/// `position` is URL-safe text without a dot; `list` identifies the list, filters included.
std::string sign_cursor(std::string_view secret, std::string_view list, std::string_view position);

/// The position; nothing when the cursor was not signed with this secret for this list.
std::optional<std::string> verify_cursor(std::string_view secret, std::string_view list,
                                         std::string_view cursor);

/// 400 `invalid_cursor`, pointing at ?cursor.
http::problem invalid_cursor();

}  // namespace stoa::front
