#pragma once
// The services with their options, as config/services.def lists them.

#include "actors/kernel/codec.hpp"
#include "actors/kernel/service_definition.hpp"
#include "config/settings.hpp"

#include <memory>
#include <vector>

namespace stoa::cli {

/// One object of each service.
class service_set {
 public:
  explicit service_set(const settings& s);

  /// What a node runs, without effects. The definitions refer to the set's objects.
  const std::vector<kernel::service_definition>& definitions() const { return definitions_; }

 private:
  std::vector<std::shared_ptr<const void>> services_;
  std::vector<kernel::service_definition> definitions_;
};

/// Adds the messages of all services.
void add_codecs(kernel::codec_table& codecs);

}  // namespace stoa::cli
