#include "net/outbound/connection_guard.hpp"

#include "net/outbound/address_policy.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <new>
#include <stdexcept>
#include <sys/socket.h>

namespace stoa::outbound {

namespace {

ip_address address_of(const curl_sockaddr& to) {
  std::array<std::uint8_t, 16> bytes{};
  if (to.family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &to.addr, sizeof v4);
    std::memcpy(bytes.data(), &v4.sin_addr, 4);
    return ip_address::v4(bytes.data());
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &to.addr, std::min<std::size_t>(sizeof v6, to.addrlen));
  std::memcpy(bytes.data(), &v6.sin6_addr, 16);
  return ip_address::v6(bytes.data());
}

}  // namespace

bool is_tls_failure(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_USE_SSL_FAILED:
      return true;
    default:
      return false;
  }
}

bool init_curl() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  return ready == CURLE_OK;
}

authorities::authorities(const std::string& file) : store_(X509_STORE_new(), &X509_STORE_free) {
  if (!store_) throw std::bad_alloc();
  if (file.empty()) return;
  if (X509_STORE_load_file(store_.get(), file.c_str()) != 1) {
    throw std::runtime_error("the certificate authorities cannot be read: " + file);
  }
  loaded_ = true;
}

x509_store_st* authorities::store() {
  if (!loaded_) X509_STORE_set_default_paths(store_.get());
  loaded_ = true;
  return store_.get();
}

bool connection_guard::apply(CURL* easy, const std::vector<ip_network>& allowed, bool verify,
                             authorities& trusted) {
  allowed_ = &allowed;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // An aborted transfer does not wait for the resolver thread.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // ignore the environment
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &connection_guard::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // libcurl would read its default files for each connection and ignore SSL_CERT_FILE.
  curl_easy_setopt(easy, CURLOPT_CAINFO, static_cast<char*>(nullptr));
  curl_easy_setopt(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, static_cast<void*>(&trusted));
  if (!verify) return true;
  // Fails with TLS libraries other than OpenSSL, which would verify nothing.
  return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &connection_guard::on_tls_context) ==
         CURLE_OK;
}

curl_socket_t connection_guard::open_socket(void* self, curlsocktype, curl_sockaddr* to) {
  auto& guard = *static_cast<connection_guard*>(self);
  if (to->family != AF_INET && to->family != AF_INET6) return CURL_SOCKET_BAD;
  const auto address = address_of(*to);
  if (!is_public(address) && !contains(*guard.allowed_, address)) {
    guard.rejected_address_ = address.str();
    return CURL_SOCKET_BAD;
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

CURLcode connection_guard::on_tls_context(CURL*, void* context, void* trusted) {
  SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context),
                          static_cast<authorities*>(trusted)->store());
  return CURLE_OK;
}

}  // namespace stoa::outbound
