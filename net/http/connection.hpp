#pragma once
// One client's connection: reads a request, hands it on, writes the answer, and again. Internal to
// net/http. Everything runs on the lane's thread but reply().

#include "net/http/chunked.hpp"
#include "net/http/client_address.hpp"
#include "net/http/head.hpp"
#include "net/http/lane.hpp"
#include "net/http/tls_stream.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoa::http {

/// Requests that a client sends ahead wait in the socket: one at a time is read, handled and
/// answered, so they are served in order and take no memory beyond the read buffer. Under TLS it
/// begins with the handshake (connection_tls.cpp); all else is the same.
class connection final : public reply_target, public std::enable_shared_from_this<connection> {
 public:
  connection(std::shared_ptr<lane> home, tcp_socket socket, std::uint64_t number);
  ~connection() override;

  /// Begins to read.
  void start();
  /// Begins by saying 503: there are too many connections.
  void start_refused();
  void check_deadline(std::chrono::steady_clock::time_point now);
  /// Closes at once when between two requests; otherwise after the present one.
  void drain();
  void close();

  void reply(std::uint64_t request_number, response answer) override;

  std::size_t slot() const { return slot_; }
  void set_slot(std::size_t slot) { slot_ = slot; }

 private:
  enum class phase { handshake, idle, head, body, handling, writing, lingering, closed };

  void enter(phase next, std::chrono::milliseconds limit);
  void shake_hands(void (connection::*then)());
  void on_handshake(handshake_result what, const std::string& why, void (connection::*then)());
  void hurry_handshake();
  void on_handshake_failed(const std::string& why, bool answer_plainly);
  void begin_request();
  void read_more();
  void on_read(boost::system::error_code error, std::size_t bytes);
  void advance();
  bool skip_empty_line();
  void read_head_bytes();
  void on_head(std::size_t head_bytes);
  result<void> find_out_client();
  void read_body_bytes();
  void say_continue();
  void hand_on();
  void refuse(const problem& reason);
  void deliver(std::uint64_t request_number, response answer);
  void send(response answer, bool close_after);
  void on_written(boost::system::error_code error, std::size_t bytes);
  template <class Then>
  void write(std::string_view head, std::string_view body, Then then);
  void end_output();
  void linger();
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  std::shared_ptr<lane> lane_;  // before the socket, which needs the lane's io_context to the end
  tcp_socket socket_;
  std::unique_ptr<tls_stream> tls_;  ///< none: plain HTTP
  bool is_secure_ = false;           ///< reads and writes go through tls_
  std::uint64_t number_;
  ip_address peer_;
  std::string remote_address_;  ///< the peer's, as text
  bool is_trusted_ = false;     ///< the peer is a proxy that reports its clients
  bool is_exempt_ = false;      ///< limits per address do not apply to the peer
  std::size_t slot_ = 0;

  phase phase_ = phase::idle;
  std::chrono::steady_clock::time_point deadline_;
  bool reading_ = false;          ///< an async read is under way
  bool saying_continue_ = false;  ///< the write of "100 Continue" is under way

  std::vector<char> buffer_;  ///< what is received and not yet used is [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;
  bool skipped_empty_line_ = false;

  framing framing_;
  std::shared_ptr<request> request_;  ///< until it is handed on
  std::optional<chunk_reader> chunks_;
  std::uint64_t request_number_ = 0;
  bool head_only_ = false;
  bool in_flight_ = false;
  bool cross_origin_ = false;
  std::optional<std::string> cors_origin_;

  std::string out_head_;
  response out_;
  bool close_after_ = false;
  std::size_t linger_bytes_ = 0;
};

}  // namespace stoa::http
