#pragma once
// What the checkout and the saving of a payment method have in common.

#include "actors/payment/payment_method.hpp"
#include "config/settings.hpp"
#include "net/front/exchange.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace stoa::front {

/// A hint that identifies a token but cannot be used.
inline std::string hint_of(std::string_view token) {
  constexpr std::size_t shown_from = 12;
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain || token.size() < shown_from) return "***";
  return std::string(token.substr(0, 4)) + "***" + std::string(token.substr(token.size() - 2));
}

/// An id that is derived from the request: a repeat has the same one, and another request under the
/// same key another one. A UUIDv8 (RFC 9562).
template <class Id>
Id id_of_request(const exchange& x, const std::string& what) {
  const auto bytes =
      text::keyed_hash(x.shared->secret->bytes,
                       what + "\n" + x.context.idempotency_scope + "\n" + x.context.fingerprint);
  Id id;
  std::copy_n(bytes.begin(), id.value.bytes.size(), id.value.bytes.begin());
  id.value.bytes[6] = static_cast<std::uint8_t>((id.value.bytes[6] & 0x0F) | 0x80);
  id.value.bytes[8] = static_cast<std::uint8_t>((id.value.bytes[8] & 0x3F) | 0x80);
  return id;
}

/// Whether users can save payment methods of this type, with a payment.
inline bool can_be_saved(const payment_settings& s, payment::payment_method method) {
  if (payment::has_approval(method)) return s.paypal_vault;
  return !payment::is_offline(method) && payment::can_be_saved(s.gateway);
}

/// Fails with payment_method_not_savable if the store cannot save payment methods of this type;
/// `pointer` names the member of the request.
inline void check_can_be_saved(const exchange& x, payment::payment_method method,
                               std::string pointer) {
  if (can_be_saved(x.shared->config->payment, method)) return;
  fail({problem_kind::validation,
        "payment_method_not_savable",
        "The store cannot save payment methods of this type.",
        {{std::move(pointer), "unsupported", "The payment method cannot be saved."}}});
}

}  // namespace stoa::front
