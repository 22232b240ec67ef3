#pragma once
// Verifies messages from the broker before they are processed; counts and logs rejections.

#include "actors/kernel/outbox_run.hpp"
#include "net/nats/bus_metrics.hpp"
#include "net/nats/handles.hpp"
#include "net/nats/signing.hpp"

namespace stoa::nats {

struct nats_options;

/// Result of the verification.
enum class inspection {
  good,
  rejected,  ///< counted and logged; must not be applied
  old        ///< genuine, but sent too long ago (or by a clock that is fast)
};

/// Thread-safe.
class inspector {
 public:
  inspector(const nats_options& o, bus_metrics& metrics);

  /// Adds the sending time and the signature to the headers.
  void sign_event(std::string_view subject, header_list& headers, std::string_view payload) const;
  /// Adds the run of a signed event under a separate signature, so that nodes of earlier versions
  /// can still verify the event.
  void sign_outbox(std::string_view subject, header_list& headers,
                   const kernel::outbox_run& run) const;
  void sign_verdicts(std::string_view subject, header_list& headers,
                     std::string_view payload) const;

  inspection event(natsMsg* m, timestamp now);
  /// Never returns `old`: old verdicts are rejected.
  inspection verdicts(natsMsg* m, timestamp now);
  /// For verdicts that reject an event, each of which counts as an attempt: false, and rejected,
  /// when this message was received before.
  bool is_first(natsMsg* m, timestamp now);

 private:
  bool genuine(natsMsg* m, bool event);
  bool recent(natsMsg* m, timestamp now) const;
  void reject(natsMsg* m, bool event, const char* reason);

  const message_signer signer_;
  const microseconds age_max_;
  bus_metrics& metrics_;
  seen_signatures seen_;
  log_limiter limiter_;
};

/// Looks up a message's headers.
header_lookup headers_in(natsMsg* m);
std::string_view payload_of(natsMsg* m);

}  // namespace stoa::nats
