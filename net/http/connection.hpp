#pragma once
// One client's connection: reads a request, dispatches it, writes the response, and repeats.
// Internal to net/http. Everything except reply() runs on the IO worker's thread.

#include "net/http/chunked.hpp"
#include "net/http/client_address.hpp"
#include "net/http/head.hpp"
#include "net/http/io_worker.hpp"
#include "net/http/proxy_header.hpp"
#include "net/http/tls_stream.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

/// Pipelined requests wait in the socket: one at a time is read, handled and answered, so they are
/// served in order and take no memory beyond the read buffer. Steps before the first request (PROXY
/// header, limits, TLS) are in connection_open.cpp, reading in connection_read.cpp, responses in
/// connection_answer.cpp.
class connection final : public reply_target, public std::enable_shared_from_this<connection> {
 public:
  /// Order in which connections are closed to make room: those between two requests before those
  /// that are sending one, the longest waiting first.
  struct idle_since {
    bool is_sending = false;
    std::chrono::steady_clock::time_point since;
  };

  connection(std::shared_ptr<io_worker> home, tcp_socket socket, const ip_address& peer,
             std::uint64_t number);
  ~connection() override;

  /// Determines the client, checks the limits on connections, and begins to read.
  void open();
  void check_deadline(std::chrono::steady_clock::time_point now);
  /// Nothing while a request is being handled or answered, or has just begun to arrive.
  std::optional<idle_since> idleness(std::chrono::steady_clock::time_point now) const;
  /// Closes the connection; false when a request has arrived that has not been read yet.
  bool close_idle();
  /// Closes at once when between two requests; otherwise after the current one.
  void drain();
  void close();

  void reply(std::uint64_t request_number, response answer) override;

  std::size_t slot() const { return slot_; }
  void set_slot(std::size_t slot) { slot_ = slot; }

 private:
  enum class phase {
    opening,
    proxy_header,
    handshake,
    idle,
    head,
    body,
    handling,
    writing,
    lingering,
    closed
  };
  enum class rejection { none, server_full, client_has_too_many };

  void enter(phase next, std::chrono::milliseconds limit);
  /// Calls f; an exception closes only this connection.
  template <class F>
  void guarded(F&& f) {
    try {
      f();
    } catch (const std::exception& e) {
      on_exception(e);
    }
  }
  void on_exception(const std::exception& e);
  void on_deadline();
  void set_client(const ip_address& client);

  void wait_for_proxy_header();
  void read_proxy_header();
  void admit();
  void start();
  void start_rejection();
  void reject_connection(rejection why);
  void begin_tls();
  void shake_hands(void (connection::*then)());
  void on_handshake(handshake_result what, const std::string& why, void (connection::*then)());
  void shorten_opening();
  void on_handshake_failed(const std::string& why, bool answer_plainly);

  void begin_request();
  void read_more();
  void grow_body_buffer();
  void on_read(boost::system::error_code error, std::size_t bytes);
  void advance();
  bool skip_empty_line();
  void read_head_bytes();
  bool may_name_origin() const;
  void on_head(std::size_t head_bytes);
  result<void> set_request_client();
  void begin_body();
  result<std::size_t> body_limit() const;
  bool make_body_room(std::size_t bytes);
  void read_body_bytes();
  void send_continue();

  void dispatch();
  void refuse(const problem& reason);
  void note_answer(const response& answer, std::string_view code, std::string_view request_id);
  void note_origin(std::optional<std::string_view> origin);
  void deliver(std::uint64_t request_number, response answer);
  void send(response answer, bool close_after);
  void on_written(boost::system::error_code error, std::size_t bytes);
  template <class Then>
  void write(std::string_view head, std::string_view body, Then then);
  void end_output();
  void linger();
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  std::shared_ptr<io_worker>
      io_worker_;  // before the socket, which needs the IO worker's io_context to the end
  tcp_socket socket_;
  std::unique_ptr<tls_stream> tls_;  ///< none: plain HTTP
  bool is_secure_ = false;           ///< reads and writes go through tls_
  std::uint64_t number_;
  ip_address peer_;             ///< or the client reported in a PROXY header
  std::string remote_address_;  ///< the same as text
  bool is_trusted_ = false;     ///< the peer is a proxy that reports its clients
  bool is_exempt_ = false;      ///< limits per address do not apply to the peer
  std::unique_ptr<proxy_header_reader> proxy_header_;  ///< while it is being read
  std::optional<client_key> counted_;                  ///< as counted in the table of clients
  rejection rejection_ = rejection::none;
  std::size_t slot_ = 0;

  phase phase_ = phase::opening;
  std::chrono::steady_clock::time_point since_;  ///< start of the phase
  std::chrono::steady_clock::time_point deadline_;
  bool reading_ = false;           ///< an async read is in progress
  bool sending_continue_ = false;  ///< the write of "100 Continue" is in progress

  std::vector<char> buffer_;  ///< received and unused bytes are [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  ///< the last read filled the buffer
  std::size_t scanned_ = 0;
  bool skipped_empty_line_ = false;

  framing framing_;
  std::shared_ptr<request> request_;  ///< until dispatched
  std::optional<chunk_reader> chunks_;
  std::size_t body_bytes_max_ = 0;  ///< maximum size of the body
  std::uint64_t request_number_ = 0;
  bool head_only_ = false;
  bool in_flight_ = false;
  std::optional<problem> long_head_;        ///< why the head is rejected, once its Origin is read
  std::optional<std::string> cors_origin_;  ///< for Access-Control-Allow-Origin

  std::string out_head_;
  response out_;
  bool close_after_ = false;
  std::size_t linger_bytes_ = 0;
};

}  // namespace stoa::http
