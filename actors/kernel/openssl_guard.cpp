// SSL_get_error(3) tells the truth only when the thread's error queue was empty before the call
// that it explains. CAF 0.17's TLS never empties it: after one connection has failed (a node was
// killed, a port scanner called), the next one of that thread that merely has nothing to read looks
// broken and is closed. These stand before OpenSSL's own functions, as the program's symbols come
// first, and empty the queue on the way in.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/interposed.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

using stoa::kernel::next_function;

extern "C" {

int SSL_read(SSL* ssl, void* buffer, int size) {
  static auto* const next = next_function<int(SSL*, void*, int)>("SSL_read");
  ERR_clear_error();
  return next(ssl, buffer, size);
}

int SSL_write(SSL* ssl, const void* buffer, int size) {
  static auto* const next = next_function<int(SSL*, const void*, int)>("SSL_write");
  ERR_clear_error();
  return next(ssl, buffer, size);
}

int SSL_accept(SSL* ssl) {
  static auto* const next = next_function<int(SSL*)>("SSL_accept");
  ERR_clear_error();
  return next(ssl);
}

int SSL_connect(SSL* ssl) {
  static auto* const next = next_function<int(SSL*)>("SSL_connect");
  ERR_clear_error();
  return next(ssl);
}

}  // extern "C"

namespace stoa::kernel {

bool guards_openssl() {
  return ::dlsym(RTLD_DEFAULT, "SSL_read") == reinterpret_cast<void*>(&::SSL_read);
}

}  // namespace stoa::kernel
