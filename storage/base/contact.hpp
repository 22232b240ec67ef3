#pragma once
// Normalises names, phone numbers and addresses for storage: lines are trimmed, phone numbers get
// their normal form, blank phone numbers and postal codes are removed.

#include "storage/base/address.hpp"

namespace stoa {

std::string stored_line(std::string_view line);
std::optional<std::string> stored_phone(const std::optional<std::string>& phone);
address stored_address(const address& a);

}  // namespace stoa
