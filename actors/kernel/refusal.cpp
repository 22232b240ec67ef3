#include "actors/kernel/refusal.hpp"

#include "actors/kernel/directory.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

constexpr std::size_t services_max = 64;
constexpr std::size_t name_max = 64;
constexpr std::int64_t port_max = 65'535;

/// As node.name, cluster.name and the names of services.
bool is_name(const std::string& s) {
  return !s.empty() && s.size() <= name_max && std::ranges::all_of(s, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool is_text(const std::string& s) {
  return s.size() <= name_max &&
         std::ranges::all_of(s, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_sound(const lane_state& l, std::int64_t lanes) {
  return l.lane >= 0 && l.lane < lanes && l.epoch > 0 && l.mailbox >= 0 && l.batches >= 0 &&
         l.messages >= 0 && l.outbox_held >= 0;
}

bool is_sound(const service_figures& f) {
  return f.dead_letters >= 0 && f.oldest_pending_s.value_or(0) >= 0 && f.failed.value_or(0) >= 0;
}

bool is_sound(const replica_state& r) {
  return is_text(r.reason) && r.lag_us >= 0;
}

bool is_sound(const service_state& s) {
  return is_name(s.service) && is_text(s.store) && (!s.figures || is_sound(*s.figures)) &&
         (!s.replica || is_sound(*s.replica)) && s.lanes >= 0 &&
         s.lanes <= std::int64_t{lanes_max} && s.owned.size() <= lanes_max &&
         std::ranges::all_of(s.owned, [&](const lane_state& l) { return is_sound(l, s.lanes); });
}

}  // namespace

std::string flaw_of(const node_state& s) {
  if (!is_name(s.node)) return "its name is not valid";
  if (!is_name(s.cluster)) return "its cluster's name is not valid";
  if (!is_text(s.version) || !is_text(s.bus)) return "its version or bus is not valid";
  if (s.port < 0 || s.port > port_max) return "its port is not valid";
  if (s.up_s < 0) return "the time since its start is not valid";
  if (s.services.size() > services_max) return "it has too many services";
  for (const auto& one : s.services) {
    if (!is_sound(one)) return "the state of one of its services is not valid";
  }
  return {};
}

}  // namespace stoa::kernel
