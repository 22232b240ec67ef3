#include "actors/kernel/refusal.hpp"
#include "actors/kernel/service_registry.hpp"
#include "config/log.hpp"
#include "config/log_level.hpp"

namespace stoa::kernel {

namespace {

constexpr std::int64_t duration_s_max = 86'400;

std::optional<problem> set_level(const node_operation& what) {
  const auto level = log::level_named(what.level.value_or(""));
  const auto duration_s = what.duration_s.value_or(0);
  if (!level || duration_s < 0 || duration_s > duration_s_max) {
    return problem{
        problem_kind::validation, "invalid_request", "Invalid log level or duration.", {}};
  }
  log::set_level(*level, duration_s * 1000);
  return std::nullopt;
}

std::optional<problem> cordon(service_registry& registry, bool cordoned, bool drained) {
  const auto ignorant = registry.members.ignorant();
  if (cordoned && !ignorant.empty()) {
    return unavailable("The node " + ignorant +
                       " runs an earlier version that does not support cordoned nodes. Upgrade it "
                       "first.");
  }
  registry.drained = drained;
  registry.cordoned = cordoned;
  registry.members.cordon(cordoned);
  registry.announce();
  for (const auto& [name, service] : registry.services) {
    if (auto keeper = service->keeper()) caf::anon_send(keeper, look_atom::value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<problem> operate_here(service_registry& registry, const node_operation& what) {
  log::info("node operation", {{"action", enum_name(what.action)},
                               {"log_level", what.level.value_or("")},
                               {"duration_s", what.duration_s.value_or(0)}});
  switch (what.action) {
    case node_action::cordon:
      return cordon(registry, true, false);
    case node_action::drain:
      return cordon(registry, true, true);
    case node_action::uncordon:
      return cordon(registry, false, false);
    case node_action::log_level:
      return set_level(what);
  }
  return std::nullopt;
}

}  // namespace stoa::kernel
