#pragma once
// What two spellings of one password or one mail address have in common.

#include <optional>
#include <string>
#include <string_view>

namespace stoa::text {

/// The OpaqueString of RFC 8265, section 4.2, by which passwords are compared: spaces other than
/// ASCII's become U+0020, then NFC. Nothing for control characters, for text that is not UTF-8 and
/// for an empty one. Unlike the RFC, characters that are ignored in display (joiners and selectors
/// of emoji) are allowed.
std::optional<std::string> opaque_string(std::string_view password);

/// What mail addresses are compared by. The local part by simple case folding and NFC, so that
/// strauß@ and strauss@ are two addresses; the domain as in the DNS (UTS #46, nontransitional), so
/// that a name and its Punycode form are one. A domain that IDNA does not allow is case-folded like
/// the local part; text that is not UTF-8 comes back as it is.
std::string mail_key(std::string_view address);

/// What is counted for a login, by name or mail address, whether or not there is such a user: the
/// same for all spellings that would find the same user.
std::string login_key(std::string_view login);

/// Whether the texts differ at most in the case of their letters and in how characters are
/// composed.
bool same_letters(std::string_view a, std::string_view b);

}  // namespace stoa::text
