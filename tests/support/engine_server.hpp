#pragma once
// One node of OpenSearch or Elasticsearch for the test, from Maven Central
// (tests/search_engines/install).

#include "tests/support/system_server.hpp"

#include <optional>
#include <string>

namespace stoa::test {

enum class engine_kind { opensearch, elasticsearch };

/// Runs from the constructor on, with its data in a temporary folder.
class engine_server : public system_server {
 public:
  /// Installs it, once for all tests. The reason if it cannot be had; tests skip then.
  static std::optional<std::string> missing(engine_kind kind);

  /// Throws with the end of the log when it does not start.
  explicit engine_server(engine_kind kind);

  /// Starts it again and waits until it answers.
  void start();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
};

}  // namespace stoa::test
