#pragma once
// TLS of a client's non-blocking connection, by OpenSSL.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace stoa::test {

/// Settings of all connections to a server.
class load_tls_context {
 public:
  /// `ca_file`: trusted certificates instead of the system's; `insecure`: any certificate is
  /// accepted. Throws std::runtime_error when the file cannot be used.
  explicit load_tls_context(const std::string& ca_file, bool insecure);

 private:
  friend class load_tls;
  std::shared_ptr<ssl_ctx_st> context_;
};

/// One connection.
class load_tls {
 public:
  /// The socket is connecting. `host`: for the certificate and SNI.
  load_tls(const load_tls_context& context, int socket, const std::string& host);
  ~load_tls();
  load_tls(const load_tls&) = delete;
  load_tls& operator=(const load_tls&) = delete;

  static constexpr std::ptrdiff_t again = -1;   ///< when the socket is ready
  static constexpr std::ptrdiff_t failed = -2;  ///< and at the end of the connection
  /// The number of bytes, `again` or `failed`. The handshake is made first.
  std::ptrdiff_t send(std::string_view bytes);
  std::ptrdiff_t receive(char* into, std::size_t size);
  /// Why the server's certificate is rejected; null: it is not.
  const char* rejection() const;

 private:
  std::ptrdiff_t outcome(int code);
  ssl_st* session_;
};

}  // namespace stoa::test
