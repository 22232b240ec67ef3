#include "actors/payment/gateway.hpp"

#include "storage/base/fault.hpp"

#include <algorithm>
#include <chrono>

namespace stoa::payment {

namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): overriding functions keep them
void gateway::read_activity(authorization_reference, activity_callback done) {
  done({true, {}, {}, {}});
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): overriding functions keep them
void gateway::list(list_request, list_callback done) {
  done({false, "not_supported", {}, {}, {}});
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): overriding functions keep them
void gateway::save_method(save_method_request, callback done) {
  done({gateway_status::declined, "", "not_supported", "The gateway keeps no payment methods."});
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): overriding functions keep them
void gateway::remove_method(remove_method_request, callback done) {
  done({gateway_status::approved});
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): overriding functions keep them
void gateway::remove_customer(customer_reference, callback done) {
  done({gateway_status::approved});
}

std::optional<problem> check_webhook_time(timestamp signed_at, timestamp now) {
  const auto age = now - signed_at;
  if (fault("stale_webhook")) return std::nullopt;
  if (age <= webhook_tolerance && age >= -webhook_tolerance) return std::nullopt;
  const auto whole_seconds = [](microseconds time) {
    return std::to_string(std::chrono::duration_cast<seconds>(time).count());
  };
  const auto off =
      age.count() > 0 ? whole_seconds(age) + " s old" : whole_seconds(-age) + " s in the future";
  return webhook_rejected("webhook_expired", "The signature's timestamp is " + off +
                                                 ", which is outside the tolerance of " +
                                                 whole_seconds(webhook_tolerance) + " s.");
}

result<webhook_event> webhook_verifier::verify(std::string_view body, std::string_view signature,
                                               timestamp now) const {
  auto event = read(body, signature, now);
  if (!event) return event;
  if (auto wrong = check_event(*event)) return std::move(*wrong);
  return event;
}

std::optional<problem> check_event(const webhook_event& event) {
  const auto& id = event.event_id;
  if (id.empty() || id.size() > webhook_event::event_id_bytes_max || !is_printable(id)) {
    return webhook_rejected("webhook_invalid",
                            "The event's id must be 1 to " +
                                std::to_string(webhook_event::event_id_bytes_max) +
                                " characters of printable ASCII.");
  }
  if (event.type.size() > webhook_event::type_bytes_max) {
    return webhook_rejected("webhook_invalid", "The event's type must be at most " +
                                                   std::to_string(webhook_event::type_bytes_max) +
                                                   " bytes.");
  }
  return std::nullopt;
}

}  // namespace stoa::payment
