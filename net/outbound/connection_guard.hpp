#pragma once
// What all outbound connections have in common, whatever their protocol: the addresses they may
// lead to, the certificates they accept, and libcurl's initialization.

#include "config/ip_network.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

struct x509_store_st;

namespace stoa::outbound {

/// No TLS connection, or a certificate that is not valid for the server.
bool is_tls_failure(CURLcode code);
/// Initializes libcurl once per process; false when that fails.
bool init_curl();

/// The certificate authorities of a client, read once. One thread.
class authorities {
 public:
  /// Reads the file; throws std::runtime_error on failure. Empty: OpenSSL's defaults, which are
  /// read on first use, because that takes 30 ms of CPU time.
  explicit authorities(const std::string& file);
  x509_store_st* store();

 private:
  std::unique_ptr<x509_store_st, void (*)(x509_store_st*)> store_;
  bool loaded_ = false;
};

/// Restricts the connections of one easy handle. Must outlive the handle.
class connection_guard {
 public:
  /// Public addresses and the networks are allowed; the address is checked when connecting, so that
  /// a later resolution of the name cannot bypass it. Certificates are verified unless `verify` is
  /// false; TLS 1.2 or later. Signals, proxies and libcurl's default files are not used. False when
  /// libcurl uses another TLS library than OpenSSL. The arguments must outlive the handle.
  bool apply(CURL* easy, const std::vector<ip_network>& allowed, bool verify, authorities& trusted);
  /// The address that was rejected; empty when none was.
  const std::string& rejected_address() const { return rejected_address_; }
  void forget_rejected_address() { rejected_address_.clear(); }

 private:
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* to);
  static CURLcode on_tls_context(CURL*, void* context, void* trusted);

  const std::vector<ip_network>* allowed_ = nullptr;
  std::string rejected_address_;
};

}  // namespace stoa::outbound
