#include "net/http/tls_certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace stoa::http {

namespace {

/// A chain of many certificates has tens of kilobytes.
constexpr std::size_t file_bytes_max = 1 << 20;

/// For TLS 1.2; all ciphers of TLS 1.3 are secure.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using context_ptr = std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)>;

problem bad(std::string detail) {
  return {500, "tls_files_bad", std::move(detail), {}};
}

/// The description of OpenSSL's last error.
std::string reason() {
  const auto code = ERR_peek_last_error();
  const char* text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text != nullptr ? text : "unknown error";
}

result<std::string> read_file(const std::string& what, const std::string& path) {
  if (path.empty()) return bad("HTTPS requires a certificate and its key. Missing: " + what + ".");
  std::error_code error;
  // Opening a pipe would block until a writer opens it.
  if (!std::filesystem::is_regular_file(path, error)) {
    return bad("The " + what + " " + path +
               " cannot be read: " + (error ? error.message() : "not a regular file") + ".");
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(file_bytes_max + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in && !in.eof()) {
    return bad("The " + what + " " + path + " cannot be read: " + std::strerror(errno) + ".");
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > file_bytes_max) {
    return bad("The " + what + " " + path + " is larger than " + std::to_string(file_bytes_max) +
               " bytes.");
  }
  return text;
}

bio_ptr over(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
}

std::int64_t unix_seconds(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(timegm(&parts)) : 0;
}

certificate_info describe(const X509* certificate) {
  std::array<char, 256> subject{};
  X509_NAME_oneline(X509_get_subject_name(certificate), subject.data(),
                    static_cast<int>(subject.size()));
  return {.subject = subject.data(),
          .not_before_s = unix_seconds(X509_get0_notBefore(certificate)),
          .not_after_s = unix_seconds(X509_get0_notAfter(certificate))};
}

/// Asking for a password would block the server at startup.
int no_password(char* /*into*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

/// The server's own certificate, then those between it and the root.
result<certificate_info> use_certificate(SSL_CTX* context, const std::string& path) {
  const auto text = read_file("certificate", path);
  if (!text) return text.error();
  const auto in = over(*text);
  const x509_ptr own(PEM_read_bio_X509_AUX(in.get(), nullptr, &no_password, nullptr), &X509_free);
  if (!own) return bad("The file " + path + " contains no certificate (PEM): " + reason() + ".");
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    return bad("The certificate " + path + " cannot be used: " + reason() + ".");
  }
  for (;;) {
    x509_ptr next(PEM_read_bio_X509(in.get(), nullptr, &no_password, nullptr), &X509_free);
    if (!next) break;
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) {
      return bad("The chain in " + path + " cannot be used: " + reason() + ".");
    }
    static_cast<void>(next.release());  // owned by the context now
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) return bad("The chain in " + path + " cannot be read: " + reason() + ".");
  ERR_clear_error();
  return describe(own.get());
}

result<void> use_key(SSL_CTX* context, const std::string& path) {
  const auto text = read_file("key", path);
  if (!text) return text.error();
  const key_ptr key(PEM_read_bio_PrivateKey(over(*text).get(), nullptr, &no_password, nullptr),
                    &EVP_PKEY_free);
  if (!key) {
    return bad("The file " + path + " contains no key (PEM, without a password): " + reason() +
               ".");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return bad("The key " + path + " does not match the certificate: " + reason() + ".");
  }
  return {};
}

/// RFC 7301: a client that offers other protocols only is rejected now instead of failing with a
/// parse error later. A client without ALPN gets HTTP/1.1.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*data*/) {
  static constexpr std::string_view ours = "http/1.1";
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1),
                                std::min<unsigned int>(offered[at], offered_size - at - 1));
    if (name != ours) continue;
    *chosen = offered + at + 1;
    *chosen_size = static_cast<unsigned char>(name.size());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

context_ptr new_context() {
  context_ptr context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), ciphers) != 1) {
    return {nullptr, &SSL_CTX_free};
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  // Idle connections release their record buffers. A delayed write may be retried from another
  // address. Reading ahead takes a record in one system call instead of two.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);
  // Tickets store sessions at the client; a session cache would take memory and a lock.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, nullptr);
  return context;
}

}  // namespace

tls_certificate::tls_certificate(context_ptr context, certificate_info info)
    : context_(std::move(context)), info_(std::move(info)) {}

result<std::shared_ptr<const tls_certificate>> tls_certificate::read(const tls_files& files) {
  ERR_clear_error();
  auto context = new_context();
  if (!context) return bad("TLS cannot be initialized: " + reason() + ".");
  auto info = use_certificate(context.get(), files.certificate);
  if (!info) return info.error();
  if (const auto key = use_key(context.get(), files.key); !key) return key.error();
  return std::make_shared<const tls_certificate>(std::move(context), std::move(*info));
}

}  // namespace stoa::http
