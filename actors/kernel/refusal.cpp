#include "actors/kernel/refusal.hpp"

#include "actors/kernel/service_registry.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/utf8.hpp"

#include <algorithm>
#include <set>

namespace stoa::kernel {

namespace {

constexpr std::size_t services_max = 64;
constexpr std::size_t name_max = 64;
constexpr std::size_t settings_max = 64;
constexpr std::size_t value_max = 1024;
constexpr std::size_t reason_max = 4096;
constexpr std::size_t refused_max = 64;
constexpr std::int64_t port_max = 65'535;
constexpr std::int64_t time_us_max = 253'402'300'799'999'999;

/// The syntax of node.name, cluster.name and service names.
bool is_name(const std::string& s) {
  return !s.empty() && s.size() <= name_max && std::ranges::all_of(s, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool is_text(const std::string& s) {
  return s.size() <= name_max &&
         std::ranges::all_of(s, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

/// A time before the year 10000.
bool is_time(std::int64_t us) {
  return us >= 0 && us <= time_us_max;
}

bool is_valid(const partition_state& l, std::int64_t partitions) {
  return l.partition >= 0 && l.partition < partitions && l.epoch > 0 && l.mailbox >= 0 &&
         l.batches >= 0 && l.messages >= 0 && l.outbox_held >= 0;
}

bool is_valid(const dispute_figure& f) {
  return is_text(f.gateway) && is_text(f.state) && f.disputes >= 0;
}

bool is_valid(const service_figures& f) {
  const auto is_valid_dispute = [](const dispute_figure& d) { return is_valid(d); };
  if (f.disputes && !std::ranges::all_of(*f.disputes, is_valid_dispute)) return false;
  return f.dead_letters >= 0 && f.oldest_pending_s.value_or(0) >= 0 && f.failed.value_or(0) >= 0 &&
         f.overdue_s.value_or(0) >= 0 && f.webhooks_disabled.value_or(0) >= 0 &&
         f.webhook_oldest_pending_s.value_or(0) >= 0;
}

bool is_valid(const replica_state& r) {
  return is_text(r.reason) && r.lag_us >= 0;
}

bool is_valid(const service_state& s) {
  return is_name(s.service) && is_text(s.store) && (!s.figures || is_valid(*s.figures)) &&
         (!s.replica || is_valid(*s.replica)) && s.partitions >= 0 &&
         s.partitions <= std::int64_t{partitions_max} && s.owned.size() <= partitions_max &&
         std::ranges::all_of(s.owned,
                             [&](const partition_state& l) { return is_valid(l, s.partitions); });
}

/// UTF-8 without control characters.
bool is_short_text(const std::string& s, std::size_t most) {
  return s.size() <= most &&
         std::ranges::all_of(s, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

bool is_valid(const std::map<std::string, std::string>& named) {
  return named.size() <= settings_max && std::ranges::all_of(named, [](const auto& n) {
           return is_name(n.first) && is_short_text(n.second, value_max);
         });
}

bool is_valid(const refused_node& r) {
  return is_name(r.node) && is_short_text(r.reason, reason_max);
}

std::set<std::string_view> split_ids(std::string_view text) {
  std::set<std::string_view> all;
  while (!text.empty()) {
    const auto end = std::min(text.size(), text.find(' '));
    if (end > 0) all.insert(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return all;
}

/// Whether the two lists have an id in common.
bool share_one(std::string_view a, std::string_view b) {
  const auto known = split_ids(b);
  return std::ranges::any_of(split_ids(a), [&](auto id) { return known.contains(id); });
}

}  // namespace

std::string cut_short(std::string_view text, std::size_t bytes_max) {
  auto line = printable(text.substr(0, bytes_max));  // A truncated character becomes '?'.
  return text.size() <= bytes_max ? line : line + "...";
}

std::string difference(const node_state& me, const node_state& other) {
  if (fault("skip_fingerprint")) return {};
  std::string all;
  const auto add = [&](const std::string& name, const std::string& here, const std::string& there) {
    all += (all.empty() ? "" : "; ") + other.node + " has " + name + " = " + there + ", " +
           me.node + " has " + here;
  };
  // A name known to one side only belongs to another version.
  for (const auto& [name, here] : me.settings) {
    const auto there = other.settings.find(name);
    if (there != other.settings.end() && there->second != here) add(name, here, there->second);
  }
  for (const auto& [name, here] : me.keys) {
    const auto there = other.keys.find(name);
    if (there != other.keys.end() && !share_one(here, there->second)) {
      add(name, here, there->second);
    }
  }
  return all;
}

bool has_partitions(const node_state& s) {
  return std::ranges::any_of(s.services,
                             [](const service_state& one) { return !one.owned.empty(); });
}

std::string validation_error_of(const node_state& s) {
  if (!is_name(s.node)) return "invalid node name";
  if (!is_name(s.cluster)) return "invalid cluster name";
  if (!is_text(s.version) || !is_text(s.bus)) return "invalid version or bus";
  if (!is_text(s.log_level)) return "invalid log level";
  if (s.port < 0 || s.port > port_max) return "invalid port";
  if (!is_time(s.clock_us) || !is_time(s.time_us) || s.clock_ahead_us < -time_us_max ||
      s.clock_ahead_us > time_us_max) {
    return "invalid times";
  }
  if (s.up_s < 0) return "invalid uptime";
  if (!is_valid(s.settings) || !is_valid(s.keys)) return "invalid settings";
  if (s.refused.size() > refused_max ||
      !std::ranges::all_of(s.refused, [](const refused_node& r) { return is_valid(r); })) {
    return "invalid list of rejected nodes";
  }
  if (s.services.size() > services_max) return "too many services";
  for (const auto& one : s.services) {
    if (!is_valid(one)) return "invalid service state";
  }
  return {};
}

}  // namespace stoa::kernel
