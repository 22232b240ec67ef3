#pragma once
// Counts the open connections of each client. Internal to net/http.

#include "net/http/client_address.hpp"

#include <mutex>
#include <unordered_map>

namespace stoa::http {

/// One entry per client with a connection, so at most one per connection. Thread-safe; used when a
/// connection opens and closes, not for each request.
class address_table {
 public:
  /// `connections_max`: per client.
  explicit address_table(std::size_t connections_max) : connections_max_(connections_max) {}

  /// Counts one more connection of the client; false, and not counted, at the maximum.
  bool enter(client_key client) {
    const std::lock_guard lock(mutex_);
    auto& open = open_[client];
    if (open >= connections_max_) return false;
    ++open;
    return true;
  }
  void leave(client_key client) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(client);
    if (found != open_.end() && --found->second == 0) open_.erase(found);
  }
  /// Number of clients with a connection.
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return open_.size();
  }

 private:
  const std::size_t connections_max_;
  mutable std::mutex mutex_;
  std::unordered_map<client_key, std::size_t, client_key_hash> open_;
};

}  // namespace stoa::http
