#pragma once
// The services and capabilities, from config/services.def.

#include <span>
#include <string>
#include <string_view>
#include <vector>

// A test overrides this to build a program with one more service.
#ifndef STOA_SERVICES_DEF
#define STOA_SERVICES_DEF "config/services.def"
#endif

namespace stoa::config {

/// The names of all services. Each is also a role of nodes and the name of a database.
const std::vector<std::string>& service_names();
/// True for a value of node.services: a service, "front" or "all".
bool is_role(std::string_view text);

/// A function of the store that /readyz reports, and the services it needs.
struct capability {
  std::string_view name;
  std::string_view reads;   ///< services whose queries must be available, separated by blanks
  std::string_view writes;  ///< services whose commands must be available too
};
/// All capabilities: those of several services, and those declared by single services.
std::span<const capability> capabilities();
/// True for a value of http.ready_requires: a capability or "all".
bool is_capability(std::string_view text);

/// Descriptions of the allowed values of the two settings.
std::string_view role_form();
std::string_view capability_form();

}  // namespace stoa::config
