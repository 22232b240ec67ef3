#pragma once
// Mutual TLS between nodes: both sides present a certificate signed by the cluster's certificate
// authority. For actors/kernel/*.cpp only.

#include "actors/kernel/peer_socket.hpp"

#include <array>
#include <filesystem>
#include <mutex>
#include <string>

namespace stoa::kernel {

/// PEM files.
struct peer_tls_files {
  std::string certificate;  ///< with its chain
  std::string key;
  std::string authority;
};

/// The certificate, its key and the certificate authority. TLS 1.2 and 1.3.
class peer_tls {
 public:
  /// Reads the files; throws std::runtime_error that names an unusable file.
  explicit peer_tls(peer_tls_files files);

  /// A TLS session for a new connection. Changed files are reloaded, so that a renewed certificate
  /// needs no restart; if that fails, an error is logged and the previous ones stay in use. From
  /// any thread. Null when out of memory.
  ssl_ptr session(int fd, bool accepts);

 private:
  struct context_deleter {
    void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
  };
  using context_ptr = std::unique_ptr<SSL_CTX, context_deleter>;
  using stamps = std::array<std::filesystem::file_time_type, 3>;

  context_ptr load() const;
  stamps written_at() const;

  const peer_tls_files files_;
  std::mutex mutex_;
  context_ptr context_;
  stamps read_;
};

}  // namespace stoa::kernel
