#pragma once
// Names, phone numbers and addresses as they are stored: without white space at the ends of lines,
// phone numbers in their normal form, and without a phone number or postal code that is blank.

#include "storage/base/address.hpp"

namespace stoa {

std::string stored_line(std::string_view line);
std::optional<std::string> stored_phone(const std::optional<std::string>& phone);
address stored_address(const address& a);

}  // namespace stoa
