#include "actors/kernel/peer_tls.hpp"

#include "config/log.hpp"

#include <openssl/err.h>

#include <stdexcept>

namespace stoa::kernel {

namespace {

/// For TLS 1.2; all cipher suites of TLS 1.3 are acceptable.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

[[noreturn]] void unusable(const std::string& setting, const std::string& path) {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  const std::string why = reason != nullptr ? reason : "unknown error";
  ERR_clear_error();
  throw std::runtime_error(setting + ": cannot use " + path + ": " + why);
}

/// The server has no terminal to ask for a password.
int no_password(char* /*into*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

}  // namespace

peer_tls::peer_tls(peer_tls_files files)
    : files_(std::move(files)), context_(load()), read_(written_at()) {}

peer_tls::context_ptr peer_tls::load() const {
  ERR_clear_error();
  context_ptr made(SSL_CTX_new(TLS_method()));
  auto* const c = made.get();
  if (c == nullptr) throw std::runtime_error("no memory for TLS");
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(c, ciphers);
  SSL_CTX_set_default_passwd_cb(c, &no_password);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // No session resumption: each connection does a full handshake.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                          SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(c, files_.certificate.c_str()) != 1) {
    unusable("cluster.tls_certificate", files_.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(c, files_.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(c) != 1) {
    unusable("cluster.tls_key", files_.key);
  }
  if (SSL_CTX_load_verify_locations(c, files_.authority.c_str(), nullptr) != 1) {
    unusable("cluster.tls_ca", files_.authority);
  }
  return made;
}

peer_tls::stamps peer_tls::written_at() const {
  std::error_code none;
  return {std::filesystem::last_write_time(files_.certificate, none),
          std::filesystem::last_write_time(files_.key, none),
          std::filesystem::last_write_time(files_.authority, none)};
}

ssl_ptr peer_tls::session(int fd, bool accepts) {
  const std::scoped_lock lock(mutex_);
  if (const auto now = written_at(); now != read_) {
    read_ = now;
    try {
      context_ = load();
      log::info("cluster TLS files reloaded", {{"certificate", files_.certificate}});
    } catch (const std::runtime_error& e) {
      log::error("failed to reload the cluster TLS files; the previous ones stay in use",
                 {{"error", e.what()}});
    }
  }
  ssl_ptr tls(SSL_new(context_.get()));
  if (!tls || SSL_set_fd(tls.get(), fd) != 1) return nullptr;
  if (accepts) {
    SSL_set_accept_state(tls.get());
  } else {
    SSL_set_connect_state(tls.get());
  }
  return tls;
}

}  // namespace stoa::kernel
