#include "net/front/card_check.hpp"

#include "net/front/exchange.hpp"
#include "storage/base/card_number.hpp"
#include "storage/base/json_value.hpp"

#include <cmath>

namespace stoa::front {

namespace {

constexpr double whole_numbers_max = 18'446'744'073'709'549'568.0;  // below 2^64

bool holds_number(const json::value& v) {
  if (const auto* text = v.if_string()) return card::holds_number(*text);
  if (const auto* n = v.if_uint64()) return card::holds_number(*n);
  if (const auto* n = v.if_int64()) return card::holds_number(*n);
  if (const auto* n = v.if_double()) {
    const double size = std::abs(*n);
    return size <= whole_numbers_max && card::holds_number(static_cast<std::uint64_t>(size));
  }
  return false;
}

/// A name as part of a JSON pointer (RFC 6901, section 3).
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

/// The pointer to the first value that holds a card number. A name that holds one is not repeated:
/// the pointer is that of its object.
std::optional<std::string> find_number(const json::value& v, const std::string& pointer) {
  if (holds_number(v)) return pointer;
  if (const auto* list = v.if_array()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (auto found = find_number((*list)[i], pointer + "/" + std::to_string(i))) return found;
    }
  }
  if (const auto* object = v.if_object()) {
    for (const auto& m : *object) {
      if (card::holds_number(m.name)) return pointer;
      if (auto found = find_number(m.value, pointer + "/" + escaped(m.name))) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

void reject_card_numbers(exchange& x, std::string_view member) {
  if (!card::may_contain_card_number(x.request->body)) return;
  const auto& document = x.parsed_body();
  if (!document) fail(document.error());
  const auto* searched = member.empty() ? &*document : document->find(member);
  if (searched == nullptr) return;
  const auto start = member.empty() ? std::string() : "/" + escaped(member);
  if (auto pointer = find_number(*searched, start)) {
    fail({422,
          "card_number_rejected",
          "The request contains what looks like a card number. Send a payment gateway token "
          "instead.",
          {{std::move(*pointer), "card_number", "Card numbers are not accepted."}}});
  }
}

}  // namespace stoa::front
