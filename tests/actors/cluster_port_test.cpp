// What arrives at the port for other nodes. Whatever it is, the node stays up and answers those
// that speak its protocol.

#include "actors/kernel/cluster.hpp"
#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/io/all.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace stoa;
using namespace stoa::kernel;

constexpr seconds patience{20};

/// A node without services that listens for others.
struct fixture {
  directory all;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  caf::actor gate;
  caf::actor link;
  std::uint16_t port = 0;

  fixture() {
    all.options.cluster.listen = "127.0.0.1:0";
    all.members.set_self("here", {});
    configure_cluster(config, all);
    system.emplace(config);
    gate = system->spawn([this](caf::event_based_actor* self) { return gate_actor(self, all); });
    link =
        system->spawn([this](caf::event_based_actor* self) { return link_actor(self, all, gate); });
    auto published = publish_link(*system, all, link);
    BOOST_REQUIRE(published);
    port = *published;
  }
  ~fixture() {
    for (const auto& a : {link, gate}) {
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    }
    link = nullptr;
    gate = nullptr;
    system.reset();
  }
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  /// True when the node closes the connection on which it was sent these bytes.
  bool closes_after(const std::string& bytes) const {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{patience.count(), 0};
    ::setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    ::send(s, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    std::array<char, 4096> ignored{};
    ssize_t got = 0;
    do {
      got = ::recv(s, ignored.data(), ignored.size(), 0);
    } while (got > 0);
    const bool closed = got == 0 || errno == ECONNRESET;
    ::close(s);
    return closed;
  }

  /// What the link here says to a hello with those handles; "welcome" when it accepts.
  std::string greeted(const caf::actor& its_link, const caf::actor& its_gate) {
    node_state s;
    s.cluster = all.options.cluster.name;
    s.node = "there";
    s.protocol = wire_protocol;
    std::string told = "no answer";
    caf::scoped_actor waiting{*system};
    waiting->request(link, patience, wire_hello{{json::write(s), its_link, its_gate}})
        .receive([&](const wire_welcome& w) { told = w.refused.empty() ? "welcome" : w.refused; },
                 [&](const caf::error& e) { told = system->render(e); });
    return told;
  }
};

/// A header of CAF's protocol: operation, flags, payload length, operation data, source and
/// destination actor, in network byte order.
std::string header(std::uint8_t operation, std::uint32_t payload_size = 0,
                   std::uint64_t operation_data = 0) {
  std::string bytes{static_cast<char>(operation), 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((payload_size >> shift) & 0xffU);
  }
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((operation_data >> shift) & 0xffU);
  }
  return bytes + std::string(16, '\0');
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cluster_port, fixture)

BOOST_AUTO_TEST_CASE(a_handshake_without_a_payload_is_refused) {
  BOOST_TEST(closes_after(header(1)));
  BOOST_TEST(closes_after(header(0, 0, 4)));
  BOOST_TEST(greeted(gate, gate) == "welcome");
}

BOOST_AUTO_TEST_CASE(a_state_without_handles_is_refused) {
  const std::string refused = "its state lacks the handle of an actor";
  BOOST_TEST(greeted(nullptr, gate) == refused);
  BOOST_TEST(greeted(gate, nullptr) == refused);
  BOOST_TEST(greeted(nullptr, nullptr) == refused);
  BOOST_TEST(greeted(gate, gate) == "welcome");
}

BOOST_AUTO_TEST_SUITE_END()
