#pragma once
// What two spellings of one password or one mail address have in common.

#include <optional>
#include <string>
#include <string_view>

namespace stoa::text {

/// The OpaqueString of RFC 8265, section 4.2, by which passwords are compared: spaces other than
/// ASCII's become U+0020, then NFC. Nothing for control characters, for text that is not UTF-8 and
/// for an empty one. Other characters that the RFC disallows are kept: passwords that were set
/// before is_new_password may have them.
std::optional<std::string> opaque_string(std::string_view password);

/// Whether a new password has only characters of the FreeformClass (RFC 8264, section 4.3): none
/// that shows nothing, none that Unicode has not assigned, no noncharacter, none for private use.
/// Unlike the RFC, the joiners, selectors and tags of emoji are allowed, and so are conjoining
/// Hangul letters and characters that depend on their context. The text is UTF-8.
bool is_new_password(std::string_view password);
/// What it asks for, as a sentence for people.
inline constexpr std::string_view new_password_form =
    "A password must not contain control characters, other characters that show nothing, or ones "
    "that Unicode has not assigned.";

/// Whether IDNA2008 allows the domain (RFC 5891 and 5892, after the mapping of UTS #46), where it
/// has a label that is Punycode or not ASCII; true for other domains. The text is UTF-8.
bool is_idna_domain(std::string_view domain);

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
