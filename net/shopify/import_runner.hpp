#pragma once
// Runs the catalogue's imports, one at a time, on the node that owns the catalogue's partition.

#include "actors/kernel/node.hpp"
#include "actors/kernel/service_definition.hpp"

#include <functional>
#include <memory>
#include <string>

namespace stoa::shopify {

class import_metrics;

struct import_runner_options {
  /// Returns a port to the services, or null while the node starts. Called from any thread.
  std::function<std::shared_ptr<kernel::port>()> port;
  std::string currency;
  std::shared_ptr<import_metrics> metrics{};  ///< may be null
};

/// For service_definition::make_effects of the catalogue.
std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> import_runner(
    import_runner_options options);

}  // namespace stoa::shopify
