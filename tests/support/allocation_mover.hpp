#pragma once
// Staff who move units of recent orders to other locations while the server is killed. Each request
// is repeated under its Idempotency-Key until it is answered.

#include "tests/support/storefront.hpp"

#include <atomic>
#include <random>
#include <thread>

namespace stoa::test {

class allocation_mover {
 public:
  allocation_mover(std::uint16_t port, std::uint64_t seed) : client_(port), random_(seed) {
    thread_ = std::thread([this] { work(); });
  }
  ~allocation_mover() { finish(); }
  allocation_mover(const allocation_mover&) = delete;
  allocation_mover& operator=(const allocation_mover&) = delete;

  /// Waits for the request in progress: the server must be up.
  void finish() {
    closing_ = true;
    if (thread_.joinable()) thread_.join();
  }
  /// After finish(): the requests that have moved units.
  int moved() const { return moved_; }
  /// After finish(): invalid answers, a few.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  static constexpr std::size_t complaints_max = 10;

  void work() {
    while (!closing_) {
      try {
        move_some();
      } catch (const std::exception&) {
        // It does not answer: it has been killed.
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }

  std::size_t below(std::size_t n) { return std::size_t{random_() % n}; }

  /// Until there is an answer other than that it is not available.
  http_answer insist(std::string_view method, const std::string& target, const std::string& body,
                     const header_list& headers) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    for (;;) {
      try {
        auto a = client_.request(method, target, body, headers);
        const bool is_busy = a.status >= 500 || a.code() == "idempotency_in_progress";
        if (!is_busy || std::chrono::steady_clock::now() > until) return a;
      } catch (const http_failure&) {
        if (std::chrono::steady_clock::now() > until) throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }

  void log_in() {
    const auto a =
        insist("POST", "/store/v1/auth/login",
               R"({"login":"root","password":")" + std::string(shared_password) + "\"}", {});
    if (a.status == 200) who_ = bearer(text_at(a.json(), "/access_token"));
  }

  std::vector<std::string> listed(const std::string& target, const std::string& member) {
    const auto a = insist("GET", target, "", who_);
    std::vector<std::string> all;
    if (a.status == 401) log_in();
    if (a.status != 200) return all;
    const auto document = a.json();
    for (std::size_t i = 0; i < size_at(document, "/data"); ++i) {
      all.push_back(text_at(document, "/data/" + std::to_string(i) + "/" + member));
    }
    return all;
  }

  void move_some() {
    if (who_.empty()) log_in();
    if (locations_.empty()) locations_ = listed("/admin/v1/locations", "location_id");
    const auto orders = listed("/admin/v1/orders?limit=20", "order_id");
    if (locations_.empty() || orders.empty()) return;
    const auto path = "/admin/v1/orders/" + orders[below(orders.size())] + "/allocations";
    const auto a = insist("GET", path, "", who_);
    if (a.status != 200) return;  // Nothing is reserved yet.
    const auto document = a.json();
    const auto one = "/data/" + std::to_string(below(size_at(document, "/data")));
    const auto from =
        one + "/allocations/" + std::to_string(below(size_at(document, one + "/allocations")));
    const auto body = R"({"moves":[{"product_id":")" + text_at(document, one + "/product_id") +
                      R"(","from_location_id":")" + text_at(document, from + "/location_id") +
                      R"(","to_location_id":")" + locations_[below(locations_.size())] +
                      R"(","quantity":1}]})";
    const auto done =
        insist("POST", path + "/move", body, with(who_, "Idempotency-Key", unique("allocation")));
    if (done.status == 200) ++moved_;
    // To the same location: 422.
    if (done.status == 200 || done.status == 409 || done.status == 422 || done.status == 401)
      return;
    if (complaints_.size() < complaints_max) complaints_.push_back(done.body.substr(0, 300));
  }

  http_client client_;
  std::mt19937_64 random_;
  std::atomic<bool> closing_ = false;
  header_list who_;
  std::vector<std::string> locations_;
  int moved_ = 0;
  std::vector<std::string> complaints_;
  std::thread thread_;
};

}  // namespace stoa::test
