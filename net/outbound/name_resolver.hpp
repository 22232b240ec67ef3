#pragma once
// Resolves host names without blocking the caller, to check a URL before it is stored. The check
// when connecting (connection_guard.hpp) remains: a name may lead elsewhere later.

#include "config/ip_network.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stoa::outbound {

class name_resolver {
 public:
  /// All addresses; empty when the name cannot be resolved in time.
  using callback = std::function<void(std::vector<ip_address>)>;

  explicit name_resolver(std::chrono::milliseconds timeout = std::chrono::seconds{3});
  /// Calls the callbacks of open requests, with no addresses.
  ~name_resolver();
  name_resolver(const name_resolver&) = delete;
  name_resolver& operator=(const name_resolver&) = delete;

  /// False when too many requests are open. The callback runs once, on another thread; it must not
  /// block.
  bool resolve(std::string host, callback done);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace stoa::outbound
