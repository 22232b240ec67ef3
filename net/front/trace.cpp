#include "net/front/trace.hpp"

#include "storage/base/text.hpp"
#include "storage/base/uuid.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

constexpr std::size_t request_id_bytes_max = 64;
constexpr std::size_t traceparent_bytes = 55;

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}
bool is_lower_hex(std::string_view t) {
  return std::all_of(t.begin(), t.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "00-<32 hex>-<16 hex>-<2 hex>", neither id all zeros.
bool is_traceparent(std::string_view t) {
  if (t.size() != traceparent_bytes || t[2] != '-' || t[35] != '-' || t[52] != '-') return false;
  auto trace = t.substr(3, 32);
  auto parent = t.substr(36, 16);
  return t.substr(0, 2) == "00" && is_lower_hex(trace) && is_lower_hex(parent) &&
         is_lower_hex(t.substr(53)) && trace.find_first_not_of('0') != std::string_view::npos &&
         parent.find_first_not_of('0') != std::string_view::npos;
}

std::string hex_id(std::size_t bytes) {
  auto id = system_ids().next_v4();
  return text::hex({reinterpret_cast<const char*>(id.bytes.data()), bytes});
}

}  // namespace

std::string request_id_of(const http::request& r) {
  if (auto given = r.header("X-Request-Id");
      given && !given->empty() && given->size() <= request_id_bytes_max &&
      std::all_of(given->begin(), given->end(), is_harmless)) {
    return std::string(*given);
  }
  return system_ids().next_v7().str();
}

std::string traceparent_of(const http::request& r) {
  auto given = r.header("traceparent");
  if (given && is_traceparent(*given)) {
    return std::string(given->substr(0, 36)) + hex_id(8) + std::string(given->substr(52));
  }
  return "00-" + hex_id(16) + "-" + hex_id(8) + "-01";
}

}  // namespace stoa::front
