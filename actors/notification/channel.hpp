#pragma once
// What the notification service asks of a channel that carries messages to people. It owns this
// interface; net/mail implements it.

#include "storage/base/time.hpp"

#include <boost/describe.hpp>

#include <functional>
#include <optional>
#include <string>

namespace stoa::notification {

/// One message on its way out.
struct outgoing {
  std::string key;      ///< the notification's id: a repeat with the same key is delivered once
  std::string to;       ///< address of the channel's kind; for mail: user@example.org
  std::string from;     ///< mail: an address, or a name and an address: Shop <shop@example.org>
  std::string subject;  ///< one line
  std::string text;     ///< UTF-8
  std::string html;     ///< UTF-8; empty for none
  timestamp date;       ///< when the notification came to be
};
BOOST_DESCRIBE_STRUCT(outgoing, (), (key, to, from, subject, text, html, date))

/// A way out. send() does not block. The callback comes on any thread, at most once, with nothing
/// when the message is delivered durably, else with the reason; it must not block or throw.
class channel {
 public:
  using callback = std::function<void(std::optional<std::string> error)>;

  virtual ~channel() = default;
  virtual void send(outgoing message, callback done) = 0;
  /// Finishes what was accepted and refuses what comes later; returns when done.
  virtual void stop() = 0;
};

}  // namespace stoa::notification
