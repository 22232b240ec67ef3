#pragma once
// One request in libcurl: an easy handle with its callbacks. Internal to net/outbound.

#include "net/outbound/connection_guard.hpp"
#include "net/outbound/target.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>

namespace stoa::outbound {

using steady = std::chrono::steady_clock;

class transfer {
 public:
  transfer(http_client::id id, request r, target to, http_client::callback done)
      : id_(id), request_(std::move(r)), to_(std::move(to)), done_(std::move(done)) {}
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;

  http_client::id id() const { return id_; }
  const target& to() const { return to_; }
  const std::string& method() const { return request_.method; }
  std::size_t body_bytes() const { return request_.body.size(); }
  steady::time_point begun() const { return begun_; }
  steady::time_point deadline() const { return begun_ + request_.timeout; }
  /// Null before prepare().
  CURL* handle() const { return easy_.get(); }

  /// Creates the easy handle; false when out of memory. Both arguments must outlive the transfer.
  bool prepare(const client_config& config, authorities& trusted);
  /// Connections that the transfer has opened.
  long connects() const;
  /// The result of the transfer. Moves the response.
  completion conclude(CURLcode code);
  /// The result of a transfer that was ended by the client instead of libcurl.
  completion conclude(outcome how, std::string detail) const;
  /// Calls the callback, once.
  void finish(completion c);

 private:
  void set_limits();
  void set_method_and_body();
  bool set_headers();
  outcome outcome_of(CURLcode code) const;
  std::string detail_of(outcome how, CURLcode code) const;
  bool take_header(std::string_view line);

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_request(void* self, char*, char*, int, int);

  const http_client::id id_;
  request request_;
  const target to_;
  http_client::callback done_;
  const steady::time_point begun_ = steady::now();
  const client_config* config_ = nullptr;
  connection_guard guard_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{nullptr, &curl_easy_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr,
                                                                       &curl_slist_free_all};
  std::array<char, CURL_ERROR_SIZE> error_{};
  response answer_;
  std::size_t header_bytes_ = 0;
  bool in_head_ = false;
  bool too_large_ = false;
  int sends_ = 0;
};

}  // namespace stoa::outbound
