#pragma once
// The short texts about an order, for text messages and push messages. Their templates are the
// parts `short` of the types (template_library.hpp).

#include "actors/notification/templates.hpp"

#include <set>

namespace stoa::notification {

/// What a short text is about. The names are those of the settings notification.sms_events and
/// notification.push_events, and the templates of the notifications.
enum class short_kind { confirmed, cancelled, shipped, delivered, refunded, action_required };
BOOST_DESCRIBE_ENUM(short_kind, confirmed, cancelled, shipped, delivered, refunded, action_required)

using short_kinds = std::set<short_kind>;
/// The kinds with these names; others are ignored.
short_kinds short_kinds_of(const std::vector<std::string>& names);

/// The template of the kind for the languages of the style.
const short_template& template_for(short_kind kind, const mail_style& style);

/// The text without a title: one line without control characters.
std::string short_text(short_kind kind, const order_mail& about, const mail_style& style);

/// The text message with a text: it begins with the name of the store, and has at most
/// sms_segments_max segments.
std::string text_message(std::string_view store_name, std::string_view text);

}  // namespace stoa::notification
