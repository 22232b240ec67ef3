#include "net/http/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <new>
#include <sys/socket.h>

namespace stoa::http {

namespace {

tcp_socket& socket_of(BIO* bio) {
  return *static_cast<tcp_socket*>(BIO_get_data(bio));
}

bool is_transient(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/// OpenSSL's socket BIO writes without MSG_NOSIGNAL: a closed connection would terminate a program
/// that does not ignore SIGPIPE.
int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(socket_of(bio).native_handle(), data, static_cast<std::size_t>(size),
                           MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && is_transient(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto received =
      ::recv(socket_of(bio).native_handle(), data, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (received < 0 && is_transient(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(received);
}

long bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// Created once and never freed: connections may outlive any static object.
const BIO_METHOD* bio_methods() {
  static const BIO_METHOD* const methods = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "io_worker socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(made, &bio_write);
    BIO_meth_set_read(made, &bio_read);
    BIO_meth_set_ctrl(made, &bio_control);
    return made;
  }();
  return methods;
}

}  // namespace

tls_stream::tls_stream(tcp_socket& socket, const tls_certificate& certificate)
    : socket_(socket), ssl_(SSL_new(certificate.context()), &SSL_free) {
  BIO* bio = BIO_new(bio_methods());
  if (!ssl_ || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

tls_stream::~tls_stream() = default;

/// Calls OpenSSL once. A closed socket is not touched: its descriptor may be reused by another
/// client.
template <class Call>
tls_stream::step tls_stream::attempt(Call&& call) {
  if (broken_ || !socket_.is_open()) return step::failed;
  ERR_clear_error();
  const int returned = call(ssl_.get());
  if (returned > 0) return step::done;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return step::wait_read;
    case SSL_ERROR_WANT_WRITE:
      return step::wait_write;
    case SSL_ERROR_ZERO_RETURN:
      return step::closed;
    default:
      broken_ = true;
      return step::failed;
  }
}

template <class Then>
void tls_stream::wait(step direction, Then then) {
  socket_.async_wait(
      direction == step::wait_write ? asio::socket_base::wait_write : asio::socket_base::wait_read,
      std::move(then));
}

void tls_stream::handshake(handshake_done then) {
  const auto last = attempt(&SSL_accept);
  if (last == step::done) {
    established_ = true;
    return then(handshake_result::done, {});
  }
  if (last == step::closed || last == step::failed) return fail_handshake(then, last);
  wait(last, [this, then = std::move(then)](boost::system::error_code error) mutable {
    if (error) return then(handshake_result::gone, {});
    handshake(std::move(then));
  });
}

void tls_stream::fail_handshake(const handshake_done& then, step last) {
  const auto code = ERR_peek_error();
  ERR_clear_error();
  // Not an error of OpenSSL but of the socket.
  if (last == step::closed || code == 0) return then(handshake_result::gone, {});
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
      (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST)) {
    return then(handshake_result::plain_http, "a request without TLS");
  }
  const char* text = ERR_reason_error_string(code);
  then(handshake_result::failed, text != nullptr ? text : "unknown error");
}

void tls_stream::read_some(asio::mutable_buffer into, transferred then) {
  try_read(into, std::move(then), true);
}

void tls_stream::try_read(asio::mutable_buffer into, transferred then, bool within_call) {
  std::size_t bytes = 0;
  const auto last =
      attempt([&](SSL* ssl) { return SSL_read_ex(ssl, into.data(), into.size(), &bytes); });
  if (last != step::wait_read && last != step::wait_write) {
    return finish(std::move(then), last, bytes, within_call);
  }
  wait(last, [this, into, then = std::move(then)](boost::system::error_code error) mutable {
    if (error) return then(error, 0);
    try_read(into, std::move(then), false);
  });
}

void tls_stream::write(asio::const_buffer head, asio::const_buffer body, transferred then) {
  out_ = {head, body};
  written_ = 0;
  writing_ = true;
  try_write(std::move(then), true);
}

void tls_stream::try_write(transferred then, bool within_call) {
  auto last = step::done;
  for (auto& part : out_) {
    if (part.size() == 0) continue;
    std::size_t bytes = 0;
    last = attempt([&](SSL* ssl) { return SSL_write_ex(ssl, part.data(), part.size(), &bytes); });
    if (last == step::wait_read || last == step::wait_write) {
      return wait(last, [this, then = std::move(then)](boost::system::error_code error) mutable {
        if (error) return then(error, written_);
        try_write(std::move(then), false);
      });
    }
    if (last != step::done) break;
    written_ += bytes;
    part = {};
  }
  writing_ = false;
  finish(std::move(then), last, written_, within_call);
}

/// A client that has pipelined a thousand requests must not cause a thousand nested calls: an
/// operation that completes at once is completed through the IO worker's queue.
void tls_stream::finish(transferred then, step last, std::size_t bytes, bool within_call) {
  boost::system::error_code error;
  if (last == step::closed) error = asio::error::eof;
  if (last == step::failed) error = asio::error::connection_reset;
  if (!within_call) return then(error, bytes);
  asio::post(socket_.get_executor(),
             [then = std::move(then), error, bytes] { then(error, bytes); });
}

bool tls_stream::has_unread() const {
  return SSL_has_pending(ssl_.get()) == 1;
}

void tls_stream::end_output(std::function<void()> then) {
  // 0 means that the client has not sent its close_notify yet, which is not awaited.
  const auto last = attempt([](SSL* ssl) {
    const int returned = SSL_shutdown(ssl);
    return returned == 0 ? 1 : returned;
  });
  if (last != step::wait_read && last != step::wait_write) {
    return asio::post(socket_.get_executor(), std::move(then));
  }
  wait(last, [this, then = std::move(then)](boost::system::error_code error) mutable {
    if (error) return then();
    end_output(std::move(then));
  });
}

void tls_stream::end_output_now() {
  if (!established_ || writing_) return;
  if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
  attempt(&SSL_shutdown);
}

}  // namespace stoa::http
