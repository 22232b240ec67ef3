#pragma once
// TLS between nodes: both sides show a certificate that the cluster's authority has signed. For
// actors/kernel/*.cpp only.

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

/// The certificate and what it is checked against. TLS 1.2 and 1.3.
class peer_tls {
 public:
  /// Reads the files; throws std::runtime_error that names the one that cannot be used.
  explicit peer_tls(peer_tls_files files);

  /// TLS for a new connection. Files that have changed are read again, so that a renewed
  /// certificate is used without a restart; when they cannot be used, an error is logged and what
  /// was read last stays. From any thread. Null when there is no memory for it.
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
