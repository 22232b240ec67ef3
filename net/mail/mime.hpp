#pragma once
// Mails as text: RFC 5322 (message), RFC 2045-2047 (MIME, encoded words), RFC 6532 (UTF-8
// addresses).

#include "actors/notification/channel.hpp"
#include "storage/base/result.hpp"

#include <string>
#include <string_view>

namespace stoa::mail {

/// The message in the wire's form (lines end in CRLF): multipart/alternative of text and HTML, or
/// the text alone when there is no HTML. Errors (422, pointer to the member of `outgoing`): an
/// address that is none, CR, LF or another control character in a header, bytes that are not UTF-8.
result<std::string> compose(const notification::outgoing& message);

/// A mail as its reader sees it.
struct mail {
  std::string key;  ///< of the notification (header X-Stoa-Key)
  std::string to, from, subject, message_id, date;
  std::string text, html;
};

/// Reads what compose() writes, with either line ending; not meant for mail of other origin. Error
/// (400): a form that compose() does not write.
result<mail> parse(std::string_view message);

/// The name under which a key is delivered: safe in a file name and a Message-ID, and different for
/// different keys.
std::string name_of_key(std::string_view key);

}  // namespace stoa::mail
