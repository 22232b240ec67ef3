#include "net/outbound/transfer.hpp"

#include "config/log.hpp"

#include <algorithm>

namespace stoa::outbound {

namespace {

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  curl_easy_setopt(easy, option, value);
}

/// RFC 9110, section 9.2.2.
bool is_idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 6> methods{"GET",    "HEAD",    "PUT",
                                                    "DELETE", "OPTIONS", "TRACE"};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// A description of the outcome.
std::string_view text_of(outcome how) {
  switch (how) {
    case outcome::unresolved:
      return "the host name cannot be resolved";
    case outcome::unreachable:
      return "cannot connect";
    case outcome::tls_failed:
      return "TLS handshake failed";
    case outcome::timed_out:
      return "timed out";
    case outcome::connection_lost:
      return "the connection was closed before the end of the response";
    case outcome::invalid_response:
      return "invalid HTTP response";
    case outcome::too_large:
      return "the response is too large";
    default:
      return "the request failed";
  }
}

}  // namespace

bool transfer::prepare(const client_config& config, authorities& trusted) {
  config_ = &config;
  easy_.reset(curl_easy_init());
  if (!easy_) return false;
  auto* const easy = easy_.get();
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  set(easy, CURLOPT_ERRORBUFFER, error_.data());
  set(easy, CURLOPT_URL, request_.url.c_str());
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_HEADERFUNCTION, &transfer::on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_WRITEFUNCTION, &transfer::on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(easy, CURLOPT_PREREQFUNCTION, &transfer::on_request);
  set(easy, CURLOPT_PREREQDATA, static_cast<void*>(this));
  set_limits();
  set_method_and_body();
  return guard_.apply(easy, config.allowed_networks, config.verify_certificates, trusted) &&
         set_headers();
}

void transfer::set_limits() {
  using std::chrono::milliseconds;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline() - steady::now());
  // 0 would mean no limit.
  const auto whole = std::max(left, milliseconds{1});
  const auto connect = std::clamp(request_.connect_timeout, milliseconds{1}, whole);
  set(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(whole.count()));
  set(easy_.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  set(easy_.get(), CURLOPT_MAXAGE_CONN, static_cast<long>(config_->idle_timeout.count()));
  if (request_.method != "HEAD" && !request_.needs_head_only) {
    // Checks the announced length; on_body() counts the bytes.
    set(easy_.get(), CURLOPT_MAXFILESIZE_LARGE,
        static_cast<curl_off_t>(request_.response_bytes_max));
  }
}

void transfer::set_method_and_body() {
  auto* const easy = easy_.get();
  const auto& method = request_.method;
  if (!request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  } else if (method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  }
  set(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
}

bool transfer::set_headers() {
  bool has_type = false;
  const auto add = [this](const std::string& line) {
    auto* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return false;
    static_cast<void>(headers_.release());
    headers_.reset(longer);
    return true;
  };
  for (const auto& [name, value] : request_.headers) {
    has_type = has_type || curl_strequal(name.c_str(), "content-type") != 0;
    // For libcurl "name:" removes the field and "name;" has an empty value.
    if (!add(trimmed(value).empty() ? name + ";" : name + ": " + value)) return false;
  }
  // No default Content-Type, and no wait for "100 Continue".
  if (!has_type && !add("Content-Type:")) return false;
  if (!add("Expect:")) return false;
  set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
  return true;
}

std::size_t transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& t = *static_cast<transfer*>(self);
  const std::size_t bytes = size * count;
  t.header_bytes_ += bytes;
  if (t.header_bytes_ > t.config_->header_bytes_max) {
    t.too_large_ = true;
    return 0;
  }
  return t.take_header({data, bytes}) ? bytes : 0;
}

bool transfer::take_header(std::string_view line) {
  const auto text = trimmed(line);
  if (line.starts_with("HTTP/") && !in_head_) {
    answer_.status_line = std::string(text);
    answer_.headers.clear();
    in_head_ = true;
    return true;
  }
  if (!in_head_) return true;  // a trailer
  if (text.empty()) {
    in_head_ = false;
  } else if (line.front() == ' ' || line.front() == '\t') {
    if (answer_.headers.empty()) return false;
    answer_.headers.back().second += " " + std::string(text);  // RFC 9112, section 5.2
  } else {
    const auto colon = text.find(':');
    if (colon == text.npos) return false;
    answer_.headers.emplace_back(text.substr(0, colon), trimmed(text.substr(colon + 1)));
  }
  return true;
}

std::size_t transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& t = *static_cast<transfer*>(self);
  const std::size_t bytes = size * count;
  const std::size_t left = t.request_.response_bytes_max - t.answer_.body.size();
  if (bytes > left) {
    t.too_large_ = true;
    if (t.request_.needs_head_only) t.answer_.body.append(data, left);
    return 0;
  }
  t.answer_.body.append(data, bytes);
  return bytes;
}

int transfer::on_request(void* self, char*, char*, int, int) {
  auto& t = *static_cast<transfer*>(self);
  // libcurl repeats any request that got no response on a pooled connection, even if the server may
  // have processed it.
  if (t.sends_ > 0 && !is_idempotent(t.request_.method)) return CURL_PREREQFUNC_ABORT;
  ++t.sends_;
  return CURL_PREREQFUNC_OK;
}

outcome transfer::outcome_of(CURLcode code) const {
  if (is_tls_failure(code)) return outcome::tls_failed;
  switch (code) {
    case CURLE_OK:
      return outcome::completed;
    case CURLE_COULDNT_RESOLVE_HOST:
      return outcome::unresolved;
    case CURLE_COULDNT_CONNECT:
      return guard_.rejected_address().empty() ? outcome::unreachable : outcome::not_allowed;
    case CURLE_OPERATION_TIMEDOUT:
      return outcome::timed_out;
    case CURLE_FILESIZE_EXCEEDED:
      return outcome::too_large;
    case CURLE_WRITE_ERROR:
      return too_large_ ? outcome::too_large : outcome::invalid_response;
    case CURLE_URL_MALFORMAT:
      return outcome::invalid_request;
    case CURLE_OUT_OF_MEMORY:
      return outcome::overloaded;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_ABORTED_BY_CALLBACK:
      return outcome::connection_lost;
    default:
      return too_large_ ? outcome::too_large : outcome::invalid_response;
  }
}

std::string transfer::detail_of(outcome how, CURLcode code) const {
  if (how == outcome::not_allowed) {
    return "the address of " + to_.host + " is not allowed: " + guard_.rejected_address();
  }
  std::string text(text_of(how));
  if (how == outcome::unresolved) return text + ": " + to_.host;
  if (how == outcome::unreachable) return text + " to " + to_.origin;
  if (code == CURLE_PEER_FAILED_VERIFICATION) text = "invalid server certificate";
  // libcurl's text contains at most the host and a part of the response.
  if (how == outcome::tls_failed || how == outcome::invalid_response ||
      how == outcome::connection_lost) {
    text += ": " + std::string(error_[0] != '\0' ? error_.data() : curl_easy_strerror(code));
  }
  return text;
}

long transfer::connects() const {
  long count = 0;
  if (easy_) curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &count);
  return count;
}

completion transfer::conclude(CURLcode code) {
  // libcurl treats a close of the connection as the end of the head.
  if (code == CURLE_OK && in_head_) code = CURLE_PARTIAL_FILE;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  const bool has_final_head = !in_head_ && status >= 200;
  if (code != CURLE_OK && request_.needs_head_only && has_final_head) code = CURLE_OK;
  const auto how = outcome_of(code);
  if (how != outcome::completed) return conclude(how, detail_of(how, code));
  answer_.status = static_cast<int>(status);
  return {how, {}, true, std::move(answer_)};
}

completion transfer::conclude(outcome how, std::string detail) const {
  return {how, std::move(detail), sends_ > 0, {}};
}

void transfer::finish(completion c) {
  try {
    done_(std::move(c));
  } catch (const std::exception& e) {
    log::error("callback of an outbound request failed", {{"error", e.what()}});
  }
}

}  // namespace stoa::outbound
