#pragma once
// A server that answers requests with given responses.

#include "tests/support/fault_server.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::test {

/// A response; status 0: the connection is reset instead.
struct step {
  int status = 200;
  std::string body;
  std::string fields{};
};

/// Answers the requests in order with the steps.
class scripted_api {
 public:
  void then(step s) { steps_.push_back(std::move(s)); }
  std::string url() const {
    auto all = server_.url();
    all.pop_back();
    return all;
  }
  std::vector<std::string> requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  /// The request lines without the version.
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    for (const auto& r : requests()) all.push_back(r.substr(0, r.find(" HTTP/1.1")));
    return all;
  }

 private:
  void serve(fault_connection& c) {
    for (auto text = c.read_request(); !text.empty(); text = c.read_request()) {
      step s{500, "{}"};
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(text);
        if (!steps_.empty()) {
          s = steps_.front();
          steps_.pop_front();
        }
      }
      if (s.status == 0) return c.reset();
      c.send("HTTP/1.1 " + std::to_string(s.status) + " X\r\n" + s.fields +
             "Content-Length: " + std::to_string(s.body.size()) + "\r\n\r\n" + s.body);
    }
  }

  std::mutex mutex_;
  std::deque<step> steps_;
  std::vector<std::string> requests_;
  fault_server server_{[this](fault_connection& c) { serve(c); }};
};

}  // namespace stoa::test
