#pragma once
// Mails as text: RFC 5322 (message), RFC 2045-2047 (MIME, encoded words), RFC 6532 (UTF-8
// addresses).

#include "actors/notification/channel.hpp"
#include "storage/base/result.hpp"

#include <string>
#include <string_view>

namespace stoa::mail {

/// The message with CRLF line endings: multipart/alternative of text and HTML, or only text when
/// there is no HTML. Errors (422, pointer to the member of `outgoing`): an invalid address, a
/// control character in a header, invalid UTF-8.
result<std::string> compose(const notification::outgoing& message);

/// The text of compose()'s error.
std::string reason_of(const problem& composing);

/// The address of "Name <address>" or of "address"; empty for any other form.
std::string_view address_in(std::string_view mailbox);

/// A parsed mail.
struct mail {
  std::string key;  ///< of the notification (header X-Stoa-Key)
  std::string to, from, subject, message_id, date;
  std::string unsubscribe;  ///< List-Unsubscribe; may be empty
  std::string resend_of;    ///< X-Stoa-Resend-Of; may be empty
  std::string text, html;
};

/// Parses the output of compose(), with either line ending; not for other mail. Error (400): any
/// other form.
result<mail> parse(std::string_view message);

/// The delivery name of a key: safe in file names and Message-IDs, and unique per key.
std::string name_of_key(std::string_view key);

}  // namespace stoa::mail
