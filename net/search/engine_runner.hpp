#pragma once
// Keeps the index of the search engine up to date, on the node that owns the catalogue's partition.

#include "actors/kernel/node.hpp"
#include "actors/kernel/service_definition.hpp"
#include "net/search/engine_client.hpp"

#include <functional>
#include <memory>

namespace stoa::search {

struct engine_runner_options {
  engine_options engine;
  /// Returns a port to the services, or null while the node starts. Called from any thread.
  std::function<std::shared_ptr<kernel::port>()> port;
  std::shared_ptr<engine_metrics> metrics;
};

/// For service_definition::make_effects of the catalogue.
std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> engine_runner(
    engine_runner_options options);

}  // namespace stoa::search
