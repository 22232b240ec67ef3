#include "net/mail/smtp_session.hpp"

#include "storage/base/utf8.hpp"

#include <algorithm>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::mail {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds connect_timeout_max{10'000};
constexpr std::size_t reply_bytes_max = 400;

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  curl_easy_setopt(easy, option, value);
}

std::string url_of(const smtp_options& o) {
  // libcurl uses the path as the name in EHLO.
  return (o.security == smtp_security::tls ? "smtps://" : "smtp://") + o.host + ":" +
         std::to_string(o.port) + "/" + o.hello;
}

/// Replies that reject the client, not the message: a TLS or authentication requirement (RFC 3207,
/// RFC 4954).
bool is_about_client(int code) {
  return code == 530 || code == 534 || code == 535 || code == 538;
}

/// For the log; replies are handled separately.
std::string_view type_of(CURLcode code) {
  if (outbound::is_tls_failure(code)) return "tls_failed";
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "unresolved";
    case CURLE_COULDNT_CONNECT:
      return "unreachable";
    case CURLE_OPERATION_TIMEDOUT:
      return "timed_out";
    case CURLE_LOGIN_DENIED:
      return "authentication_failed";
    case CURLE_ABORTED_BY_CALLBACK:
      return "canceled";
    default:
      return "connection_lost";
  }
}

}  // namespace

smtp_session::smtp_session(const smtp_options& options)
    : options_(options), authorities_(options.ca_file) {}

bool smtp_session::open() {
  easy_.reset(curl_easy_init());
  if (!easy_) return false;
  auto* const easy = easy_.get();
  const auto url = url_of(options_);
  set(easy, CURLOPT_URL, url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(easy, CURLOPT_ERRORBUFFER, error_.data());
  set(easy, CURLOPT_UPLOAD, 1L);
  set(easy, CURLOPT_READFUNCTION, &smtp_session::on_read);
  set(easy, CURLOPT_READDATA, static_cast<void*>(this));
  set(easy, CURLOPT_HEADERFUNCTION, &smtp_session::on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_XFERINFOFUNCTION, &smtp_session::on_progress);
  set(easy, CURLOPT_XFERINFODATA, static_cast<void*>(this));
  set(easy, CURLOPT_SOCKOPTFUNCTION, &smtp_session::on_socket);
  set(easy, CURLOPT_SOCKOPTDATA, static_cast<void*>(this));
  set(easy, CURLOPT_CLOSESOCKETFUNCTION, &smtp_session::on_close_socket);
  set(easy, CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
  set_security();
  return guard_.apply(easy, options_.allowed_networks, true, authorities_);
}

void smtp_session::set_security() {
  auto* const easy = easy_.get();
  long level = CURLUSESSL_ALL;
  if (options_.security == smtp_security::none) level = CURLUSESSL_NONE;
  if (options_.security == smtp_security::starttls_if_offered) level = CURLUSESSL_TRY;
  set(easy, CURLOPT_USE_SSL, level);
  if (options_.user.empty()) return;
  set(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  set(easy, CURLOPT_USERNAME, options_.user.c_str());
  set(easy, CURLOPT_PASSWORD, options_.password.c_str());
}

std::optional<smtp_failure> smtp_session::send(const smtp_message& message) {
  const auto deadline = clock::now() + options_.timeout;
  auto code = perform(message, deadline);
  if (was_closed_when_idle(code)) {
    close();
    code = perform(message, deadline);
  }
  if (code == CURLE_OK) return std::nullopt;
  return failure_of(code);
}

CURLcode smtp_session::perform(const smtp_message& message, clock::time_point deadline) {
  reply_ = {};
  unread_ = message.text;
  data_begun_ = false;
  guard_.forget_rejected_address();
  error_.front() = '\0';
  if (!easy_ && !open()) return CURLE_OUT_OF_MEMORY;
  auto* const easy = easy_.get();
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> to(
      curl_slist_append(nullptr, ("<" + message.to + ">").c_str()), &curl_slist_free_all);
  if (!to) return CURLE_OUT_OF_MEMORY;
  const auto from = "<" + message.from + ">";
  // 0 would mean no limit.
  const auto left =
      std::max(std::chrono::duration_cast<milliseconds>(deadline - clock::now()), milliseconds{1});
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(left, connect_timeout_max).count()));
  set(easy, CURLOPT_MAIL_FROM, from.c_str());
  set(easy, CURLOPT_MAIL_RCPT, to.get());
  set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.text.size()));
  const auto code = curl_easy_perform(easy);
  set(easy, CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
  long opened = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &opened);
  connects_ += opened;
  is_new_ = opened > 0;
  return code;
}

/// Nothing of the message was sent: the server had closed the connection, or announced it.
bool smtp_session::was_closed_when_idle(CURLcode code) const {
  return code != CURLE_OK && code != CURLE_OPERATION_TIMEDOUT && !is_new_ && !data_begun_ &&
         !aborted_ && (reply_.code == 0 || reply_.code == 421);
}

smtp_failure smtp_session::failure_of(CURLcode code) const {
  smtp_failure f;
  if (reply_.code >= 400) {
    // Replies to MAIL, RCPT, DATA and to the message; others are about the session.
    const bool about_message = data_begun_ || code == CURLE_SEND_ERROR;
    const bool is_5xx = reply_.code >= 500 && reply_.code < 600;
    f.permanent = is_5xx && about_message && !is_about_client(reply_.code);
    f.type = f.permanent ? "rejected" : "deferred";
    if (code == CURLE_LOGIN_DENIED) f.type = type_of(code);
    f.reply_code = reply_.code;
    f.reason = "The mail server replied " + std::to_string(reply_.code) + " " + reply_.text;
  } else if (!guard_.rejected_address().empty()) {
    f.type = "address_not_allowed";
    f.reason = "The address of " + options_.host +
               " is not in notification.smtp_allowed_networks: " + guard_.rejected_address();
  } else {
    f.type = type_of(code);
    f.reason = "The mail server has not accepted the message: " + std::string(f.type) + ".";
    f.detail = printable(error_.front() != '\0' ? error_.data() : curl_easy_strerror(code));
  }
  f.reason = printable(f.reason);
  return f;
}

void smtp_session::abort() {
  const std::scoped_lock lock(sockets_mutex_);
  aborted_ = true;
  for (const auto socket : sockets_) ::shutdown(socket, SHUT_RDWR);
}

void smtp_session::take_reply_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return;
  // The reply to QUIT, which libcurl sends after a failure: it must not hide the cause.
  if (line.starts_with("221")) return;
  if (reply_.is_complete) reply_ = {};
  reply_.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  reply_.is_complete = line.size() < 4 || line[3] != '-';
  line.remove_prefix(std::min<std::size_t>(line.size(), 4));
  if (reply_.text.size() >= reply_bytes_max) return;
  if (!reply_.text.empty()) reply_.text += ' ';
  reply_.text += line.substr(0, reply_bytes_max - reply_.text.size());
}

std::size_t smtp_session::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<smtp_session*>(self)->take_reply_line({data, size * count});
  return size * count;
}

std::size_t smtp_session::on_read(char* to, std::size_t size, std::size_t count, void* self) {
  auto& s = *static_cast<smtp_session*>(self);
  s.data_begun_ = true;
  const auto part = s.unread_.substr(0, size * count);
  std::copy(part.begin(), part.end(), to);
  s.unread_.remove_prefix(part.size());
  return part.size();
}

int smtp_session::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<smtp_session*>(self)->aborted_ ? 1 : 0;
}

int smtp_session::on_socket(void* self, curl_socket_t socket, curlsocktype) {
  auto& s = *static_cast<smtp_session*>(self);
  const std::scoped_lock lock(s.sockets_mutex_);
  if (s.aborted_) return CURL_SOCKOPT_ERROR;
  s.sockets_.insert(socket);
  return CURL_SOCKOPT_OK;
}

int smtp_session::on_close_socket(void* self, curl_socket_t socket) {
  auto& s = *static_cast<smtp_session*>(self);
  const std::scoped_lock lock(s.sockets_mutex_);
  s.sockets_.erase(socket);
  return ::close(socket);
}

}  // namespace stoa::mail
