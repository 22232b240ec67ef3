#pragma once
// The secrets by which the nodes of a cluster know each other. The first one proves this node, all
// are accepted, so that a secret is changed on one node after the other.

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::kernel {

/// Thread-safe. Holds keys that are derived from the secrets; never log them.
class cluster_secrets {
 public:
  /// `lines`: one secret a line; empty lines are ignored. Throws std::invalid_argument without any.
  explicit cluster_secrets(std::string_view lines) { replace(lines); }

  /// For handshakes from now on; connections that are established stay. As the constructor; true
  /// when the secrets are others than before.
  bool replace(std::string_view lines);
  std::shared_ptr<const std::vector<std::string>> keys() const { return keys_.load(); }
  /// Names of the secrets for logs and metrics, from which they cannot be found.
  std::vector<std::string> ids() const;

 private:
  std::atomic<std::shared_ptr<const std::vector<std::string>>> keys_;
};

}  // namespace stoa::kernel
