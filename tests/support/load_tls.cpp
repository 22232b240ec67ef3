#include "tests/support/load_tls.hpp"

#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <stdexcept>

namespace stoa::test {

load_tls_context::load_tls_context(const std::string& ca_file, bool insecure)
    : context_(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free) {
  if (!context_) throw std::runtime_error("no TLS");
  // A write may be repeated with the rest of the bytes at another address.
  ::SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (insecure) return;
  ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  const int ok = ca_file.empty()
                     ? ::SSL_CTX_set_default_verify_paths(context_.get())
                     : ::SSL_CTX_load_verify_locations(context_.get(), ca_file.c_str(), nullptr);
  if (ok != 1) throw std::runtime_error("cannot use the certificates in " + ca_file);
}

load_tls::load_tls(const load_tls_context& context, int socket, const std::string& host)
    : session_(::SSL_new(context.context_.get())) {
  ::SSL_set_fd(session_, socket);
  ::SSL_set_connect_state(session_);
  unsigned char address[sizeof(in6_addr)];
  const bool is_address = ::inet_pton(AF_INET, host.c_str(), address) == 1 ||
                          ::inet_pton(AF_INET6, host.c_str(), address) == 1;
  if (is_address) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session_), host.c_str());
  } else {
    ::SSL_set_tlsext_host_name(session_, host.c_str());
    ::SSL_set1_host(session_, host.c_str());
  }
}

load_tls::~load_tls() {
  ::SSL_free(session_);
}

std::ptrdiff_t load_tls::send(std::string_view bytes) {
  ::ERR_clear_error();
  const auto size = static_cast<int>(bytes.size() < INT_MAX ? bytes.size() : INT_MAX);
  return outcome(::SSL_write(session_, bytes.data(), size));
}

std::ptrdiff_t load_tls::receive(char* into, std::size_t size) {
  ::ERR_clear_error();
  return outcome(::SSL_read(session_, into, static_cast<int>(size)));
}

const char* load_tls::rejection() const {
  const auto code = ::SSL_get_verify_result(session_);
  return code == X509_V_OK ? nullptr : ::X509_verify_cert_error_string(code);
}

std::ptrdiff_t load_tls::outcome(int code) {
  if (code > 0) return code;
  const int why = ::SSL_get_error(session_, code);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? again : failed;
}

}  // namespace stoa::test
