#pragma once
// The addresses of a host in a URL that a caller wants to store.

#include "net/front/exchange.hpp"
#include "net/outbound/name_resolver.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace stoa::front {

/// Without blocking the thread; empty when the name cannot be resolved in time.
inline task<std::vector<ip_address>> addresses_of(exchange& x, std::string host) {
  using addresses = std::vector<ip_address>;
  std::function<bool(std::function<void(addresses)>)> resolve =
      [resolver = x.shared->resolver, host = std::move(host)](auto done) {
        return resolver->resolve(host, std::move(done));
      };
  co_return co_await x.run_elsewhere<addresses>(std::move(resolve));
}

}  // namespace stoa::front
