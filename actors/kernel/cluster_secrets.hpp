#pragma once
// The secrets that authenticate the nodes of a cluster. A node uses the first and accepts all, so
// that secrets can be rotated one node at a time.

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::kernel {

/// Thread-safe. Holds keys derived from the secrets; never log them.
class cluster_secrets {
 public:
  /// `lines`: one secret per line; empty lines are ignored. Throws std::invalid_argument if none.
  explicit cluster_secrets(std::string_view lines) { replace(lines); }

  /// As the constructor, for new handshakes; established connections stay. True when the secrets
  /// have changed.
  bool replace(std::string_view lines);
  std::shared_ptr<const std::vector<std::string>> keys() const { return keys_.load(); }
  /// Ids of the secrets for logs and metrics, which do not reveal them.
  std::vector<std::string> ids() const;

 private:
  std::atomic<std::shared_ptr<const std::vector<std::string>>> keys_;
};

}  // namespace stoa::kernel
