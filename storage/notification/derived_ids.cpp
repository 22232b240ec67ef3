#include "storage/base/describe.hpp"
#include "storage/base/text.hpp"
#include "storage/notification/delivery_report.hpp"
#include "storage/notification/push_subscription.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

uuid uuid_of(const std::string& text) {
  const auto hash = text::hash(text);
  uuid made;
  std::transform(hash.begin(), hash.begin() + 16, made.bytes.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0F) | 0x80);
  made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3F) | 0x80);
  return made;
}

}  // namespace

subscription_id subscription_of(std::string_view endpoint) {
  return {uuid_of("push subscription\n" + std::string(endpoint))};
}

report_id report_of(std::string_view provider, std::string_view message_id, delivery_state state) {
  std::string text = "delivery report\n";
  text.append(provider).append("\n").append(message_id).append("\n").append(enum_name(state));
  return {uuid_of(text)};
}

}  // namespace stoa::notification
