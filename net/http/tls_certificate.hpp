#pragma once
// The certificate of HTTPS with its key and the handshake parameters. Internal to net/http.

#include "net/http/problem.hpp"
#include "net/http/server.hpp"

#include <memory>

struct ssl_ctx_st;

namespace stoa::http {

/// Immutable: when the files change, a new object replaces it for new connections.
class tls_certificate {
 public:
  /// Reads both files (PEM). Problem 500 `tls_files_bad`, its detail naming the file, when a file
  /// cannot be read, is not a certificate or key, requires a password, or the key does not match
  /// the certificate. An expired certificate is not an error: see info().
  static result<std::shared_ptr<const tls_certificate>> read(const tls_files& files);

  tls_certificate(std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context,
                  certificate_info info);

  /// TLS 1.2 and 1.3, only ciphers with forward secrecy and authenticated encryption, ALPN
  /// http/1.1, no renegotiation; sessions are resumed by tickets, whose keys live as long as this
  /// object.
  ssl_ctx_st* context() const { return context_.get(); }
  const certificate_info& info() const { return info_; }

 private:
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  certificate_info info_;
};

}  // namespace stoa::http
