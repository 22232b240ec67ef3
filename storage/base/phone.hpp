#pragma once
// Normalisation and validation of phone numbers.

#include <optional>
#include <string>
#include <string_view>

namespace stoa {

/// The stored form: trimmed, each Unicode space as ' ', each hyphen, dash or minus as '-', and
/// ";ext=5" (RFC 3966) as " ext. 5".
std::string normal_phone(std::string_view text);
/// Whether a text in normal form is a national or international number, or empty.
bool is_phone(std::string_view text);
/// The number in the form of ITU-T E.164, as +442079460018, to which a message can be sent. Empty
/// for a national number, whose country is not known, and for a number with an extension.
std::optional<std::string> e164_of(std::string_view text);

}  // namespace stoa
