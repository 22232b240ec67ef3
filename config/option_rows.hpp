#pragma once
// Helpers for the parts of the table of settings. Internal to config.

#include "config/options.hpp"

namespace stoa::config {

/// at<&settings::http, &http_settings::listen>: the accessor of a member of a group.
template <auto Group, auto Member>
slot at(settings& s) {
  return &((s.*Group).*Member);
}

inline constexpr std::int64_t ms_max = 86'400'000;          // a day
inline constexpr std::int64_t s_max = 10LL * 365 * 86'400;  // ten years
using S = settings;

// The parts of the table, each in display order.
std::span<const option> edge_options();
std::span<const option> limits_options();
std::span<const option> stores_options();
std::span<const option> cluster_options();
std::span<const option> services_options();
std::span<const option> search_options();
std::span<const option> message_options();
std::span<const option> kernel_options();
std::span<const option> webhook_options();
std::span<const option> tax_options();
std::span<const option> media_options();

/// Why the settings of the search do not fit together.
std::vector<std::string> search_faults(const search_settings& s);

}  // namespace stoa::config
