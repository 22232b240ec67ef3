#pragma once
// Single requests to the target of a load, before and beside it.

#include "bench/target.hpp"

#include <stdexcept>

namespace stoa::bench {

/// Blocks until the response is there.
class direct_client {
 public:
  explicit direct_client(const target& to,
                         std::chrono::milliseconds limit = std::chrono::seconds{15})
      : connection_(loop_, to.server, limit), authority_(to.authority) {}

  /// Throws std::runtime_error when there is no response.
  test::http_answer request(std::string_view method, std::string_view path,
                            std::string_view body = {}, const test::header_list& headers = {}) {
    test::http_answer found;
    is_done_ = false;
    send(with_fields(test::request_text(method, path, body, headers), host_field(authority_)),
         found);
    // A connection that is refused at once has already resumed it.
    if (!is_done_) loop_.run();
    if (found.status == 0) throw std::runtime_error(std::string(path) + ": " + found.body);
    return found;
  }
  test::http_answer get(std::string_view path) { return request("GET", path); }

 private:
  test::load_task send(std::string text, test::http_answer& into) {
    auto exchange = connection_.request(std::move(text));
    const auto a = co_await exchange;
    into.status = a.status;
    into.body = a.body;
    is_done_ = true;
    loop_.stop();
  }

  test::load_loop loop_;
  test::load_connection connection_;
  std::string authority_;
  bool is_done_ = false;
};

}  // namespace stoa::bench
