#pragma once
// The short texts about an order, for text messages and push messages, in English and German.

#include "storage/base/money.hpp"

#include <boost/describe.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::notification {

/// What a short text is about. The names are those of the settings notification.sms_events and
/// notification.push_events, and the templates of the notifications.
enum class short_kind { confirmed, cancelled, shipped, delivered, refunded, action_required };
BOOST_DESCRIBE_ENUM(short_kind, confirmed, cancelled, shipped, delivered, refunded, action_required)

using short_kinds = std::set<short_kind>;
/// The kinds with these names; others are ignored.
short_kinds short_kinds_of(const std::vector<std::string>& names);

/// The variables of the texts; for short_kind::refunded `amount` is the refunded one.
struct short_content {
  std::string order_number;
  money amount;
};

/// One line without control characters. The language is the first of the two tags (BCP 47) with
/// texts, or English.
std::string short_text(short_kind kind, const short_content& about, std::string_view locale,
                       std::string_view store_locale);

}  // namespace stoa::notification
