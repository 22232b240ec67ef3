#pragma once
// The certificates that sign PayPal's webhooks, fetched from PayPal and cached. A fetch is what a
// forged webhook can cause: it happens only for an unknown certificate at PayPal's own address, and
// each client address has one at a time. Webhooks with a cached certificate never wait.

#include "net/gateway/paypal_signature.hpp"
#include "net/outbound/http_client.hpp"
#include "storage/base/problem.hpp"
#include "storage/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::gateways {

/// Thread-safe.
class paypal_certificates {
 public:
  using callback = std::function<void(const result<paypal_certificate>&)>;

  /// `base_url`: of PayPal's API, or of the simulator in its place.
  paypal_certificates(std::string base_url, std::chrono::milliseconds timeout,
                      prometheus::Registry* metrics);

  /// Calls back once, on any thread, possibly before it returns. `client`: the address of the
  /// webhook's sender. Errors: webhook_signature_invalid for a URL that is not PayPal's, or that
  /// has no certificate; webhook_unverified if the certificate is not available now.
  void find(const std::string& url, std::uint64_t client, callback done);

 private:
  using instant = std::chrono::steady_clock::time_point;
  struct known {
    std::string url;
    paypal_certificate certificate;
    instant good_until;
  };
  struct fetch {
    std::uint64_t client = 0;
    std::vector<callback> waiting;
  };

  bool is_address(std::string_view url) const;
  known* find_known(const std::string& url);
  bool may_fetch(std::uint64_t client, instant now);
  void start(const std::string& url);
  void finish(const std::string& url, const outbound::completion& c);
  result<paypal_certificate> outcome_of(const std::string& url, const outbound::completion& c);
  void keep(const std::string& url, paypal_certificate certificate);

  const std::string base_url_;
  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::vector<known> known_;                                ///< from the oldest to the newest
  std::map<std::string, fetch> fetches_;                    ///< in progress, by URL
  std::deque<std::pair<instant, std::uint64_t>> failures_;  ///< clients, from the oldest
  outbound::http_client client_;
};

}  // namespace stoa::gateways
