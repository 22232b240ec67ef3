#pragma once
// One connection to a mail server: a libcurl handle that sends mails one after the other. Internal
// to net/mail.

#include "net/mail/smtp.hpp"
#include "net/outbound/connection_guard.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace stoa::mail {

/// A message for the server: addresses in ASCII, text with CRLF line endings.
struct smtp_message {
  std::string from;
  std::string to;
  std::string text;
};

/// Why a message was not accepted.
struct smtp_failure {
  std::string_view type;   ///< for the log: rejected, deferred, unreachable, ...
  int reply_code = 0;      ///< 0 when the server did not reply
  std::string reason;      ///< for staff; printable, of bounded length
  std::string detail{};    ///< for the log; of libcurl, without addresses of the message
  bool permanent = false;  ///< the server rejects this message
};

/// One thread, except abort().
class smtp_session {
 public:
  /// The options must outlive the session. Throws std::runtime_error when the CA file cannot be
  /// read.
  explicit smtp_session(const smtp_options& options);
  smtp_session(const smtp_session&) = delete;
  smtp_session& operator=(const smtp_session&) = delete;

  /// Sends over the open connection, or over a new one if there is none or the server has closed
  /// it. Empty when the server has accepted the message.
  std::optional<smtp_failure> send(const smtp_message& message);
  bool is_open() const { return easy_ != nullptr; }
  /// Ends the connection with QUIT.
  void close() { easy_.reset(); }
  /// Ends a send() or close() in progress and all later ones. Any thread.
  void abort();
  /// Connections opened since the last call.
  long take_connects() { return std::exchange(connects_, 0); }

 private:
  using clock = std::chrono::steady_clock;

  /// A reply of the server; several lines are joined.
  struct reply {
    int code = 0;
    std::string text;
    bool is_complete = true;
  };

  bool open();
  void set_security();
  CURLcode perform(const smtp_message& message, clock::time_point deadline);
  bool was_closed_when_idle(CURLcode code) const;
  smtp_failure failure_of(CURLcode code) const;
  void take_reply_line(std::string_view line);

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* to, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static int on_socket(void* self, curl_socket_t socket, curlsocktype);
  static int on_close_socket(void* self, curl_socket_t socket);

  const smtp_options& options_;
  outbound::authorities authorities_;
  outbound::connection_guard guard_;
  std::array<char, CURL_ERROR_SIZE> error_{};

  // The message in progress.
  reply reply_;
  std::string_view unread_;
  bool data_begun_ = false;  ///< the server has replied 354 to DATA
  bool is_new_ = false;      ///< it was the first on its connection
  long connects_ = 0;

  std::atomic<bool> aborted_{false};
  std::mutex sockets_mutex_;
  std::set<curl_socket_t> sockets_;

  /// The last member: its destruction uses the others.
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{nullptr, &curl_easy_cleanup};
};

}  // namespace stoa::mail
