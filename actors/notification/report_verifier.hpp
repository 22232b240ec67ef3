#pragma once
// The Notification service's interface to the reports of SMS providers; implemented in
// net/messaging.

#include "actors/notification/delivery_messages.hpp"
#include "storage/base/result.hpp"

#include <map>

namespace stoa::notification {

/// A request of a provider.
struct signed_report {
  std::string_view body;
  std::string_view signature;        ///< the header field of the provider; empty without one
  std::string_view notification_id;  ///< from the query of the URL; empty without one
  timestamp now;
};

/// Verifies and reads the reports of one provider. Thread-safe.
class report_verifier {
 public:
  virtual ~report_verifier() = default;
  virtual std::string_view signature_field() const = 0;
  /// Nothing for a genuine report without consequence, such as on a message that is queued. Errors
  /// (400): webhook_signature_invalid, webhook_expired, webhook_invalid.
  virtual result<std::optional<receive_delivery_report>> verify(const signed_report& r) const = 0;
};

/// By the providers' names.
using report_registry = std::map<std::string, const report_verifier*, std::less<>>;

}  // namespace stoa::notification
