// Attackers that hold connections, send heads byte by byte, or reconnect repeatedly.

#include "tests/support/attack.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace stoa::test;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t per_address_max = 64;

/// An attacker's sockets: closed at the end, and reopened when the server closes them.
class hoard {
 public:
  hoard(std::uint16_t port, std::size_t size) : port_(port), sockets_(size, -1) {}
  ~hoard() {
    for (const int s : sockets_) {
      if (s >= 0) ::close(s);
    }
  }
  hoard(const hoard&) = delete;
  hoard& operator=(const hoard&) = delete;

  std::size_t size() const { return sockets_.size(); }
  void open(std::size_t i, std::uint32_t source) {
    if (sockets_[i] >= 0 && !is_closed(sockets_[i])) return;
    if (sockets_[i] >= 0) ::close(sockets_[i]);
    sockets_[i] = attacker_socket(port_, source);
  }
  void send(std::size_t i, std::string_view bytes) const {
    if (sockets_[i] >= 0) {
      static_cast<void>(
          ::send(sockets_[i], bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    }
  }
  /// Connections that the server has left open.
  std::size_t held() const {
    return static_cast<std::size_t>(std::count_if(sockets_.begin(), sockets_.end(),
                                                  [](int s) { return s >= 0 && !is_closed(s); }));
  }

 private:
  std::uint16_t port_;
  std::vector<int> sockets_;
};

attack_ground& ground() {
  static attack_ground one(
      {{"STOA_HTTP_CONNECTIONS_MAX", "2000"},
       {"STOA_LIMITS_CONNECTIONS_PER_ADDRESS_MAX", std::to_string(per_address_max)}});
  return one;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_AUTO_TEST_CASE(one_address_holds_all_it_can_get) {
  auto& g = ground();
  std::size_t held = 0;
  g.withstand("idle connections of one address", [&](const std::atomic<bool>& over) {
    hoard all(g.port(), 1000);
    for (std::size_t i = 0; !over; i = (i + 1) % all.size()) {
      all.open(i, loopback(9, 1));
      if (i % 50 == 0) std::this_thread::sleep_for(milliseconds{10});
    }
    std::this_thread::sleep_for(milliseconds{100});
    held = all.held();
  });
  BOOST_TEST(held <= per_address_max);
  BOOST_TEST(held > 0U);
}

/// Fewer than 90 % of all connections: beyond that the server closes the longest idle ones, which
/// may be those of customers between two requests.
BOOST_AUTO_TEST_CASE(many_addresses_send_heads_byte_by_byte) {
  auto& g = ground();
  static constexpr std::string_view head = "GET /store/v1/products HTTP/1.1\r\nHost: a\r\nX-A: ";
  g.withstand("slow heads of 25 addresses", [&](const std::atomic<bool>& over) {
    hoard all(g.port(), 1800);
    for (std::size_t round = 0; !over; ++round) {
      for (std::size_t i = 0; i < all.size() && !over; ++i) {
        all.open(i, loopback(9, 1 + static_cast<int>(i % 25)));
        all.send(i, head.substr(round % head.size(), 1));
        if (i % 50 == 0) std::this_thread::sleep_for(milliseconds{15});
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(connections_come_and_go) {
  auto& g = ground();
  int made = 0;
  g.withstand("500 new connections a second", [&](const std::atomic<bool>& over) {
    while (!over) {
      const int s = attacker_socket(g.port(), loopback(9, 1 + made % 200));
      if (s >= 0) {
        const linger reset{1, 0};
        ::setsockopt(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        ::close(s);
        ++made;
      }
      std::this_thread::sleep_for(milliseconds{2});
    }
  });
  BOOST_TEST(made > 100);
}

BOOST_AUTO_TEST_SUITE_END()
