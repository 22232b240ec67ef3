#pragma once
// The services and what depends on them, from config/services.def.

#include <span>
#include <string>
#include <string_view>
#include <vector>

// What expands the list includes this. A test builds a program with one more service.
#ifndef STOA_SERVICES_DEF
#define STOA_SERVICES_DEF "config/services.def"
#endif

namespace stoa::config {

/// The names of all services. Each is also a role of nodes and the name of a database.
const std::vector<std::string>& service_names();
/// True for a value of node.services: a service, "front" or "all".
bool is_role(std::string_view text);

/// What customers and staff can do with the store, with the services that it needs.
struct capability {
  std::string_view name;
  std::string_view reads;   ///< services whose queries must be answered, with blanks between
  std::string_view writes;  ///< services whose commands must be carried out too
};
/// Those of several services, and one for each service that declares one.
std::span<const capability> capabilities();
/// True for a value of http.ready_requires: a capability or "all".
bool is_capability(std::string_view text);

/// The allowed values of the two settings, for people.
std::string_view role_form();
std::string_view capability_form();

}  // namespace stoa::config
