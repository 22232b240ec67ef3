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

/// "<version>-<32 hex>-<16 hex>-<2 hex>", neither id all zeros. Versions above 00 may have more
/// after another '-'; ff is invalid (W3C Trace Context, section 3.2.4).
bool is_traceparent(std::string_view t) {
  if (t.size() < traceparent_bytes || t[2] != '-' || t[35] != '-' || t[52] != '-') return false;
  const auto version = t.substr(0, 2);
  if (!is_lower_hex(version) || version == "ff") return false;
  if (t.size() > traceparent_bytes && (version == "00" || t[traceparent_bytes] != '-'))
    return false;
  auto trace = t.substr(3, 32);
  auto parent = t.substr(36, 16);
  return is_lower_hex(trace) && is_lower_hex(parent) && is_lower_hex(t.substr(53, 2)) &&
         trace.find_first_not_of('0') != std::string_view::npos &&
         parent.find_first_not_of('0') != std::string_view::npos;
}

/// The lowest bit of the flags.
bool is_sampled(std::string_view traceparent) {
  const char c = traceparent[54];
  return (c <= '9' ? c - '0' : c - 'a' + 10) % 2 == 1;
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
    std::string ours = "00" + std::string(given->substr(2, 34)) + hex_id(8) + "-00";
    // Of a later version's flags only "sampled" is defined. Those of version 00 are kept.
    ours.replace(53, 2,
                 given->starts_with("00") ? given->substr(53, 2)
                 : is_sampled(*given)     ? "01"
                                          : "00");
    return ours;
  }
  return "00-" + hex_id(16) + "-" + hex_id(8) + "-01";
}

std::string_view trace_id_of(std::string_view traceparent) {
  // "00-<trace>-<parent>-<flags>"
  constexpr std::size_t begin = 3;
  constexpr std::size_t bytes = 32;
  return traceparent.size() > begin ? traceparent.substr(begin, bytes) : std::string_view{};
}

}  // namespace stoa::front
