#include "actors/payment/gateway.hpp"

#include <algorithm>

namespace stoa::payment {

namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

result<webhook_event> webhook_verifier::verify(std::string_view body, std::string_view signature,
                                               timestamp now) const {
  auto event = read(body, signature, now);
  if (!event) return event;
  const auto& id = event->event_id;
  if (id.empty() || id.size() > webhook_event::event_id_bytes_max || !is_printable(id)) {
    return webhook_rejected("webhook_invalid",
                            "The event's id must be 1 to " +
                                std::to_string(webhook_event::event_id_bytes_max) +
                                " characters of printable ASCII.");
  }
  if (event->type.size() > webhook_event::type_bytes_max) {
    return webhook_rejected("webhook_invalid", "The event's type must be at most " +
                                                   std::to_string(webhook_event::type_bytes_max) +
                                                   " bytes.");
  }
  return event;
}

}  // namespace stoa::payment
