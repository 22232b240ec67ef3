#pragma once
// The email of an announcement.

#include "actors/notification/templates.hpp"
#include "storage/notification/marketing.hpp"

namespace stoa::notification {

/// The type of its template.
inline constexpr std::string_view announcement_type = "announcement";

/// The text in the first of the recipient's languages that has one, otherwise the first text.
const announcement_text& text_for(const std::vector<announcement_text>& texts,
                                  const mail_style& style);

/// Thread-safe. `unsubscribe_url` is not empty.
rendered_mail render(const announcement_text& text, std::string_view store_name,
                     std::string_view unsubscribe_url, const mail_style& style);

}  // namespace stoa::notification
