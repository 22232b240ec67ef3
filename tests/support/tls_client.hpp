#pragma once
// A TLS client whose state a test can inspect, and generated certificates.

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace stoa::test {

struct certificate_options {
  std::string name = "localhost";  ///< the subject's common name
  long from_s = -3600;             ///< seconds from now
  long until_s = 3600;             ///< seconds from now
  std::string password{};          ///< of the key; empty: none
};

/// Writes a self-signed certificate on P-256 and its key, replacing the files' content.
inline void make_certificate(const std::filesystem::path& certificate,
                             const std::filesystem::path& key, const certificate_options& o = {}) {
  const auto check = [](bool ok) {
    if (!ok) throw std::runtime_error("cannot create a certificate");
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"),
                                                                 &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> x(X509_new(), &X509_free);
  check(pair && x);
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), o.from_s);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), o.until_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(o.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x.get(), X509_get_subject_name(x.get()));
  X509_set_pubkey(x.get(), pair.get());
  check(X509_sign(x.get(), pair.get(), EVP_sha256()) > 0);

  using file = std::unique_ptr<FILE, int (*)(FILE*)>;
  const file certificate_file(std::fopen(certificate.c_str(), "w"), &std::fclose);
  const file key_file(std::fopen(key.c_str(), "w"), &std::fclose);
  check(certificate_file && key_file);
  check(PEM_write_X509(certificate_file.get(), x.get()) == 1);
  check(PEM_write_PrivateKey(key_file.get(), pair.get(),
                             o.password.empty() ? nullptr : EVP_aes_128_cbc(),
                             reinterpret_cast<const unsigned char*>(o.password.data()),
                             static_cast<int>(o.password.size()), nullptr, nullptr) == 1);
}

struct tls_options {
  int version_min = TLS1_2_VERSION;
  int version_max = TLS1_3_VERSION;
  std::string ciphers{};  ///< of TLS 1.2; empty: OpenSSL's default
  std::string server_name = "localhost";
  std::string alpn{};  ///< as on the wire: each name after its length
};

/// Does not verify certificates: the tests inspect them. Every wait has a limit.
class tls_client {
 public:
  using milliseconds = std::chrono::milliseconds;
  static constexpr milliseconds limit{10'000};

  /// Connects; the handshake begins with step() or shake_hands().
  explicit tls_client(std::uint16_t port, const tls_options& o = {}) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's writes can't use MSG_NOSIGNAL.
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ::close(socket_);
      throw std::runtime_error("connection refused");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(socket_, F_SETFL, O_NONBLOCK);
    SSL_CTX_set_security_level(context_.get(), 0);  // otherwise it would not offer old versions
    SSL_CTX_set_min_proto_version(context_.get(), o.version_min);
    SSL_CTX_set_max_proto_version(context_.get(), o.version_max);
    if (!o.ciphers.empty()) SSL_CTX_set_cipher_list(context_.get(), o.ciphers.c_str());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_tlsext_host_name(ssl_.get(), o.server_name.c_str());
    if (!o.alpn.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(o.alpn.data()),
                          static_cast<unsigned>(o.alpn.size()));
    }
    SSL_set_fd(ssl_.get(), socket_);
  }
  ~tls_client() { close(); }
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  /// Continues the handshake without waiting; true when it is over, successful or not: see error().
  bool step() {
    if (SSL_is_init_finished(ssl_.get()) == 1 || !error_.empty()) return true;
    ERR_clear_error();
    const int returned = SSL_connect(ssl_.get());
    if (returned == 1) return true;
    const int why = SSL_get_error(ssl_.get(), returned);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return false;
    const char* text = ERR_reason_error_string(ERR_peek_error());
    error_ = text != nullptr ? text : "the connection ended";
    return true;
  }
  /// The whole handshake; true on success.
  bool shake_hands() {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!step()) {
      if (!wait(POLLIN, until)) error_ = "handshake timed out";
    }
    return error_.empty();
  }
  const std::string& error() const { return error_; }

  void send(std::string_view bytes) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!bytes.empty()) {
      std::size_t sent = 0;
      ERR_clear_error();
      const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
      bytes.remove_prefix(sent);
      if (returned == 1) continue;
      // The server may have closed: the tests check its answer.
      if (SSL_get_error(ssl_.get(), returned) != SSL_ERROR_WANT_WRITE) return;
      if (!wait(POLLOUT, until)) return;
    }
  }
  /// Sends on the socket, bypassing TLS.
  void send_plain(std::string_view bytes) {
    static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  /// The next response, head and body as received; the received part when the connection ends
  /// first.
  std::string read() {
    const auto until = std::chrono::steady_clock::now() + limit;
    std::size_t head = 0;
    while ((head = received_.find("\r\n\r\n")) == received_.npos) {
      if (!receive(until)) return std::exchange(received_, {});
    }
    const auto field = received_.find("\r\nContent-Length: ");
    const std::size_t body =
        field < head ? std::strtoul(received_.c_str() + field + 18, nullptr, 10) : 0;
    while (received_.size() < head + 4 + body) {
      if (!receive(until)) return std::exchange(received_, {});
    }
    auto answer = received_.substr(0, head + 4 + body);
    received_.erase(0, answer.size());
    return answer;
  }
  std::string ask(std::string_view request) {
    send(request);
    return read();
  }
  /// True when the server ends the connection with a close_notify and sends nothing else.
  bool closed() {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (receive(until)) {
    }
    return received_.empty() && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

  /// The common name of the server's certificate.
  std::string server() const {
    const std::unique_ptr<X509, decltype(&X509_free)> x(SSL_get1_peer_certificate(ssl_.get()),
                                                        &X509_free);
    std::array<char, 100> name{};
    if (x) {
      X509_NAME_get_text_by_NID(X509_get_subject_name(x.get()), NID_commonName, name.data(),
                                static_cast<int>(name.size()));
    }
    return name.data();
  }
  int chain_length() const { return sk_X509_num(SSL_get_peer_cert_chain(ssl_.get())); }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string alpn() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// Offers the other connection's session for resumption; call before the handshake.
  void resume(const tls_client& other) {
    const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session(
        SSL_get1_session(other.ssl_.get()), &SSL_SESSION_free);
    SSL_set_session(ssl_.get(), session.get());
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  /// Closes so that the server gets a reset.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

 private:
  bool wait(short event, std::chrono::steady_clock::time_point until) const {
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    pollfd ready{socket_, event, 0};
    return left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0;
  }
  bool receive(std::chrono::steady_clock::time_point until) {
    std::array<char, 16384> piece{};
    for (;;) {
      ERR_clear_error();
      std::size_t bytes = 0;
      const int returned = SSL_read_ex(ssl_.get(), piece.data(), piece.size(), &bytes);
      if (returned == 1) {
        received_.append(piece.data(), bytes);
        return true;
      }
      if (SSL_get_error(ssl_.get(), returned) != SSL_ERROR_WANT_READ) return false;
      if (!wait(POLLIN, until)) return false;
    }
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()),
                                                             &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  int socket_ = -1;
  std::string received_;
  std::string error_;
};

}  // namespace stoa::test
