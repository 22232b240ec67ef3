#include "storage/base/contact.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/phone.hpp"

namespace stoa {

std::string stored_line(std::string_view line) {
  return std::string(text::without_white_ends(line));
}

std::optional<std::string> stored_phone(const std::optional<std::string>& phone) {
  auto number = normal_phone(phone.value_or(""));
  if (number.empty()) return std::nullopt;
  return number;
}

address stored_address(const address& a) {
  address out = a;
  for (auto* line : {&out.address_line1, &out.city, &out.postal_code}) *line = stored_line(*line);
  if (text::is_blank(out.postal_code)) out.postal_code.clear();
  for (auto* line :
       {&out.first_name, &out.last_name, &out.address_line2, &out.state, &out.company}) {
    if (*line) *line = stored_line(**line);
  }
  out.phone = stored_phone(a.phone);
  return out;
}

}  // namespace stoa
