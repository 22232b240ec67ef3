#pragma once
// Normal forms for comparing passwords and email addresses.

#include <optional>
#include <string>
#include <string_view>

namespace stoa::text {

/// The OpaqueString of RFC 8265, section 4.2, used to compare passwords: non-ASCII spaces become
/// U+0020, then NFC. Empty for control characters, invalid UTF-8 and an empty text. Other
/// characters that the RFC disallows are kept, because existing passwords may contain them.
std::optional<std::string> opaque_string(std::string_view password);

/// Whether a new password has only characters of the FreeformClass (RFC 8264, section 4.3): no
/// invisible, unassigned or private-use characters and no noncharacters. Unlike the RFC, it allows
/// the joiners, selectors and tags of emoji, conjoining Hangul letters and characters with
/// contextual rules. The text is UTF-8.
bool is_new_password(std::string_view password);
/// The error text for a password that is rejected.
inline constexpr std::string_view new_password_form =
    "A password must not contain control characters, other invisible characters, or characters "
    "that Unicode has not assigned.";

/// Whether IDNA2008 (RFC 5891 and 5892, after the mapping of UTS #46) allows a domain with a
/// Punycode or non-ASCII label; true for other domains. The text is UTF-8.
bool is_idna_domain(std::string_view domain);

/// The key for comparing email addresses. Local part: simple case folding and NFC; strauß@ and
/// strauss@ are different. Domain: as in the DNS (UTS #46, nontransitional); a name and its
/// Punycode form are equal. A domain that IDNA does not allow is case-folded like the local part;
/// invalid UTF-8 is returned unchanged.
std::string mail_key(std::string_view address);

/// The key for counting logins by name or email address, whether or not the user exists: equal for
/// all spellings that find the same user.
std::string login_key(std::string_view login);

/// Whether the texts are equal except for letter case and composition of characters.
bool same_letters(std::string_view a, std::string_view b);

}  // namespace stoa::text
