#pragma once
// The certificate that HTTPS shows, with its key and the rules of every handshake. Internal to
// net/http.

#include "net/http/problem.hpp"
#include "net/http/server.hpp"

#include <memory>

struct ssl_ctx_st;

namespace stoa::http {

/// Never changes: when the files do, a new one takes its place for the connections to come.
class tls_certificate {
 public:
  /// Reads both files (PEM). Problem 500 `tls_files_bad`, its detail naming the file, when one
  /// can't be read, is no certificate or key, needs a password, or the key is not the
  /// certificate's. A certificate out of its time is no error: see info().
  static result<std::shared_ptr<const tls_certificate>> read(const tls_files& files);

  tls_certificate(std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context,
                  certificate_info info);

  /// TLS 1.2 and 1.3, ciphers with forward secrecy and authentication only, ALPN http/1.1, no
  /// renegotiation; sessions resume by tickets, whose keys live as long as this object.
  ssl_ctx_st* context() const { return context_.get(); }
  const certificate_info& info() const { return info_; }

 private:
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  certificate_info info_;
};

}  // namespace stoa::http
