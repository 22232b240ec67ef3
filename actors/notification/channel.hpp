#pragma once
// The Notification service's interface to a message channel; implemented in net/mail and
// net/messaging.

#include "storage/base/time.hpp"

#include <boost/describe.hpp>

#include <functional>
#include <optional>
#include <string>

namespace stoa::notification {

/// One outgoing message.
struct outgoing {
  std::string key;  ///< the notification's id: messages with the same key are delivered once
  /// The channel's kind of address. Mail: user@example.org; SMS: a number in E.164 form; push: a
  /// push_address (push_messages.hpp) as JSON.
  std::string to;
  std::string from;      ///< mail: an address, or a name and an address: Shop <shop@example.org>
  std::string subject;   ///< one line
  std::string text;      ///< UTF-8
  std::string html;      ///< UTF-8; empty for none
  timestamp date;        ///< when the notification was created
  std::string url = {};  ///< push: what the message opens; empty for none
  /// Mail: the link that unsubscribes the recipient with one click (RFC 8058); empty for none.
  std::string unsubscribe_url = {};
  std::string resend_of = {};  ///< mail: the key of the message that staff sent again
};
BOOST_DESCRIBE_STRUCT(outgoing, (),
                      (key, to, from, subject, text, html, date, url, unsubscribe_url, resend_of))

/// Why a message was not delivered.
struct send_failure {
  std::string reason;         ///< for staff; printable
  bool permanent = false;     ///< the same message would fail again
  bool gone = false;          ///< the address does not exist any more; permanent
  bool unauthorized = false;  ///< the server rejects the store's credentials, not the message
  /// When the server accepts a further attempt; 0 if it has not said so.
  microseconds retry_after{0};
};

/// A message channel. send() does not block. The callback runs on any thread, at most once, with an
/// empty failure when the message is delivered durably; it must not block or throw.
class channel {
 public:
  using callback = std::function<void(std::optional<send_failure>)>;

  virtual ~channel() = default;
  virtual void send(outgoing message, callback done) = 0;
  /// Completes or fails accepted messages and rejects later ones; returns when done.
  virtual void stop() = 0;
};

}  // namespace stoa::notification
