#pragma once
// The mbox format (RFC 4155): emails in one file, each after a line that begins with "From ".
// Stoa's emails contain no other such line (coding.hpp), so nothing in them is quoted. A
// Content-Length field (the size of the body, as of mboxcl2) shows whether an email is complete.

#include "net/mail/mime.hpp"
#include "storage/base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::mail {

/// Appends an email, as compose() makes it, as an entry with LF line endings. `from`: the address
/// of the sender.
void append_entry(std::string& out, std::string_view message, std::string_view from,
                  timestamp when);

/// An entry of a file.
struct mbox_entry {
  std::string_view message;  ///< without the line "From "
  std::size_t size = 0;      ///< in the file, with the empty line after it
};

/// The entry at the begin of `text`. Empty if it is not complete, as after a crash during a write:
/// bytes of it are missing or 0. Entries of other programs, without Content-Length, end before the
/// next line "From ", or with the file: `to_end` if that is the end of the text.
std::optional<mbox_entry> first_entry(std::string_view text, bool to_end);

/// What Message-ID has before "@": name_of_key() of Stoa's emails. Empty without such a field.
std::string_view message_name(std::string_view message);

}  // namespace stoa::mail
