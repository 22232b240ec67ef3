#pragma once
// TLS over a client's socket. Internal to net/http; everything on the IO worker's thread.
//
// OpenSSL works on the socket itself, and Asio only waits for readiness: asio::ssl::stream keeps
// four buffers of 17 KiB per connection, idle or not, which would be 700 MB for 10,000 clients.

#include "net/http/io_worker.hpp"
#include "net/http/tls_certificate.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>

struct ssl_st;

namespace stoa::http {

using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// Result of a handshake. `gone`: the client closed or reset the connection.
enum class handshake_result { done, gone, plain_http, failed };

/// One read and one write at a time; they are independent of each other. Each function calls `then`
/// exactly once, also when the socket is closed meanwhile; `then` must keep the stream and its
/// socket alive. Only handshake() may call it before the function returns.
class tls_stream {
 public:
  using handshake_done = std::function<void(handshake_result, const std::string& why)>;
  using transferred = std::function<void(boost::system::error_code, std::size_t bytes)>;

  tls_stream(tcp_socket& socket, const tls_certificate& certificate);
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;
  ~tls_stream();

  /// On failure, the alert has been sent to the client.
  void handshake(handshake_done then);
  bool established() const { return established_; }

  void read_some(asio::mutable_buffer into, transferred then);
  /// Writes both buffers completely.
  void write(asio::const_buffer head, asio::const_buffer body, transferred then);
  /// True when received bytes have not been returned by a read yet.
  bool has_unread() const;

  /// Sends close_notify; `then` is called even if that fails.
  void end_output(std::function<void()> then);
  /// The same, as far as possible without waiting.
  void end_output_now();

 private:
  enum class step { done, wait_read, wait_write, closed, failed };

  template <class Call>
  step attempt(Call&& call);
  template <class Then>
  void wait(step direction, Then then);
  void try_read(asio::mutable_buffer into, transferred then, bool within_call);
  void try_write(transferred then, bool within_call);
  void finish(transferred then, step last, std::size_t bytes, bool within_call);
  void fail_handshake(const handshake_done& then, step last);

  tcp_socket& socket_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool established_ = false;
  bool writing_ = false;
  bool broken_ = false;  ///< OpenSSL has failed
  std::array<asio::const_buffer, 2> out_;
  std::size_t written_ = 0;
};

}  // namespace stoa::http
