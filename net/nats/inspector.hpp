#pragma once
// Checks what comes from the broker before anything is done with it, and counts and logs what is
// rejected.

#include "actors/kernel/outbox_run.hpp"
#include "net/nats/bus_metrics.hpp"
#include "net/nats/handles.hpp"
#include "net/nats/signing.hpp"

namespace stoa::nats {

struct nats_options;

/// What is known of a message.
enum class inspection {
  good,
  rejected,  ///< counted and logged; never to be applied
  old        ///< genuine, but sent too long ago (or by a clock that is ahead)
};

/// Thread-safe.
class inspector {
 public:
  inspector(const nats_options& o, bus_metrics& metrics);

  /// Signs a message that is about to be sent, with the time in its headers.
  void sign_event(std::string_view subject, header_list& headers, std::string_view payload) const;
  /// The run that a signed event comes from, with a signature of its own: nodes of versions that do
  /// not know it check the other one without it.
  void sign_outbox(std::string_view subject, header_list& headers,
                   const kernel::outbox_run& run) const;
  void sign_verdicts(std::string_view subject, header_list& headers,
                     std::string_view payload) const;

  inspection event(natsMsg* m, timestamp now);
  /// Verdicts are never `old`: such ones are rejected.
  inspection verdicts(natsMsg* m, timestamp now);
  /// For verdicts that refuse an event, which count each time: false, and rejected, when this
  /// message has been here before.
  bool is_first(natsMsg* m, timestamp now);

 private:
  bool genuine(natsMsg* m, bool event);
  bool recent(natsMsg* m, timestamp now) const;
  void reject(natsMsg* m, bool event, const char* reason);

  const message_signer signer_;
  const microseconds age_max_;
  bus_metrics& metrics_;
  seen_signatures seen_;
  rarely complains_;
};

/// Finds a message's headers.
header_lookup headers_in(natsMsg* m);
std::string_view payload_of(natsMsg* m);

}  // namespace stoa::nats
