#pragma once
// All services with their options, from config/services.def.

#include "actors/kernel/codec.hpp"
#include "actors/kernel/service_definition.hpp"
#include "config/settings.hpp"

#include <memory>
#include <vector>

namespace stoa::cli {

/// One instance of each service.
class service_set {
 public:
  explicit service_set(const settings& s);

  /// Definitions for a node, without effects. They refer to objects of this set.
  const std::vector<kernel::service_definition>& definitions() const { return definitions_; }

 private:
  std::vector<std::shared_ptr<const void>> services_;
  std::vector<kernel::service_definition> definitions_;
};

/// Registers the messages of all services.
void add_codecs(kernel::codec_table& codecs);

}  // namespace stoa::cli
