#pragma once
// Runs the catalogue's exports, one at a time, on the node that owns the catalogue's partition.

#include "actors/kernel/service_definition.hpp"
#include "net/shopify/job_thread.hpp"

#include <memory>
#include <string>

namespace stoa::shopify {

class export_metrics;

struct export_runner_options {
  job_thread::port_source port;
  std::string currency;
  std::shared_ptr<export_metrics> metrics{};  ///< may be null
};

/// For service_definition::make_effects of the catalogue.
kernel::effects_factory export_runner(export_runner_options options);

}  // namespace stoa::shopify
