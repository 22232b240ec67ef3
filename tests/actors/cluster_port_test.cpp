// Input at the cluster port. In all cases the node stays up and answers peers that use its
// protocol.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/cluster_secrets.hpp"
#include "actors/kernel/peer_listener.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"
#include "tests/support/basp_session.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/io/all.hpp>

#include <csignal>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

namespace {

using namespace stoa;
using namespace stoa::kernel;
using stoa::test::basp_session;

constexpr seconds patience{20};
const std::string secret(48, 's');

std::shared_ptr<const cluster_secrets> secrets_of(const std::string& lines) {
  return std::make_shared<cluster_secrets>(lines);
}

/// A node without services that listens when it is opened.
struct fixture {
  service_registry all;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  endpoint_handle endpoint;
  link_handle link;
  peer_credentials credentials;
  std::unique_ptr<peer_listener> listener;
  std::uint16_t port = 0;

  fixture() {
    std::signal(SIGPIPE, SIG_IGN);
    all.metrics = std::make_unique<kernel_metrics>(nullptr);
    all.clocks = std::make_unique<clock_watch>(seconds{60}, *all.metrics);
    all.options.cluster.listen = "127.0.0.1:0";
    all.members.set_self("here", {});
    configure_cluster(config, all);
    system.emplace(config);
    endpoint = spawn_endpoint(*system, all);
    link = spawn_link(*system, all, endpoint);
  }
  ~fixture() {
    listener.reset();
    caf::anon_send_exit(link, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(endpoint, caf::exit_reason::user_shutdown);
    link = nullptr;
    endpoint = nullptr;
    system.reset();
  }
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  /// Listens; the reason of a failure.
  std::string open() {
    listener = std::make_unique<peer_listener>(*system, all, credentials, link);
    const auto opened = listener->open();
    if (!opened) return opened.error().detail;
    port = *opened;
    return {};
  }

  node_state state_of_another() const {
    node_state s;
    s.cluster = all.options.cluster.name;
    s.node = "there";
    s.protocol = wire_protocol;
    return s;
  }
  /// The handle of any actor, as in the messages of another node.
  caf::actor any() const { return caf::actor_cast<caf::actor>(endpoint); }
  /// The link's reply to a hello with those handles; "welcome" when it accepts.
  std::string greeted(const caf::actor& its_link, const caf::actor& its_endpoint) {
    return greeted(its_link, its_endpoint, state_of_another());
  }
  std::string greeted(const caf::actor& its_link, const caf::actor& its_endpoint,
                      const node_state& s) {
    std::string result = "no answer";
    caf::scoped_actor waiting{*system};
    waiting->request(link, patience, wire_hello{{json::write(s), its_link, its_endpoint}})
        .receive([&](const wire_welcome& w) { result = w.refused.empty() ? "welcome" : w.refused; },
                 [&](const caf::error& e) { result = system->render(e); });
    return result;
  }
};

/// A connection to the port.
class test_peer {
 public:
  explicit test_peer(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{patience.count(), 0};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const address = reinterpret_cast<const sockaddr*>(&to);
    BOOST_REQUIRE(::connect(socket_.fd(), address, sizeof to) == 0);
  }
  void send(const std::string& bytes) const {
    ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  std::string read(std::size_t size) const {
    std::string bytes(size, '\0');
    const auto got = ::recv(socket_.fd(), bytes.data(), size, MSG_WAITALL);
    return bytes.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  /// Waits until the node has closed it; false on timeout.
  bool is_closed() const {
    std::array<char, 4096> ignored{};
    ssize_t got = 0;
    do {
      got = ::recv(socket_.fd(), ignored.data(), ignored.size(), 0);
    } while (got > 0);
    return got == 0 || errno == ECONNRESET;
  }
  bool is_open() const {
    pollfd p{socket_.fd(), POLLRDHUP, 0};
    return ::poll(&p, 1, 0) == 0;
  }
  /// Completes the authentication before CAF's handshake; returns the reason of a failure.
  std::string prove(const peer_credentials& with) {
    peer_handshake h(std::move(socket_), with, peer_handshake::side::calls);
    // The socket has a read timeout.
    while (true) {
      const auto step = h.advance();
      if (step == peer_io::closed) return h.failure();
      if (step == peer_io::done) break;
    }
    socket_ = h.take();
    return {};
  }

 private:
  peer_socket socket_;
};

/// Another node's id of the same kind as this one's.
std::string other_id(caf::actor_system& system) {
  std::vector<char> bytes;
  caf::binary_serializer out(system, bytes);
  BOOST_REQUIRE(!out(system.node()));
  std::string id(bytes.begin(), bytes.end());
  id.back() = static_cast<char>(id.back() ^ 0x55);
  return id;
}

std::int64_t memory_kb() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  return 0;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cluster_port, fixture)

BOOST_AUTO_TEST_CASE(a_handshake_without_a_payload_is_refused) {
  BOOST_REQUIRE(open().empty());
  for (const auto& bytes : {basp_session::header(1, 0), basp_session::header(0, 0, 3)}) {
    const test_peer c(port);
    c.send(bytes);
    BOOST_TEST(c.is_closed());
  }
  BOOST_TEST(greeted(any(), any()) == "welcome");
}

BOOST_AUTO_TEST_CASE(a_state_without_handles_is_refused) {
  const std::string refused = "missing actor handle in the node state";
  BOOST_TEST(greeted(nullptr, any()) == refused);
  BOOST_TEST(greeted(any(), nullptr) == refused);
  BOOST_TEST(greeted(nullptr, nullptr) == refused);
  BOOST_TEST(greeted(any(), any()) == "welcome");
}

BOOST_AUTO_TEST_CASE(a_state_out_of_range_is_refused) {
  const auto refused = [&](void (*change)(node_state&)) {
    auto s = state_of_another();
    change(s);
    return greeted(any(), any(), s);
  };
  BOOST_TEST(refused([](node_state& s) { s.node = "a\nb"; }) == "invalid node name");
  BOOST_TEST(refused([](node_state& s) { s.node = std::string(65, 'n'); }) == "invalid node name");
  BOOST_TEST(refused([](node_state& s) { s.port = -1; }) == "invalid port");
  BOOST_TEST(refused([](node_state& s) { s.port = 65'536; }) == "invalid port");
  BOOST_TEST(refused([](node_state& s) { s.services.resize(65); }) == "too many services");
  const auto service_refused = [&](void (*change)(service_state&)) {
    auto s = state_of_another();
    service_state one;
    one.service = "cart";
    one.partitions = 1;
    change(one);
    s.services = {one};
    return greeted(any(), any(), s) == "invalid service state";
  };
  BOOST_TEST(service_refused([](service_state& s) { s.partitions = -1; }));
  BOOST_TEST(service_refused([](service_state& s) { s.partitions = 65; }));
  BOOST_TEST(service_refused([](service_state& s) { s.owned = {{1, 1}}; }));
  BOOST_TEST(service_refused([](service_state& s) { s.owned = {{0, -1}}; }));
  BOOST_TEST(service_refused([](service_state& s) { s.store = "\x1b"; }));
  BOOST_TEST(service_refused([](service_state& s) { s.figures = {-1, {}, {}, {}, {}}; }));
  BOOST_TEST(service_refused([](service_state& s) { s.figures = {0, -1, {}, {}, {}}; }));
  BOOST_TEST(service_refused([](service_state& s) { s.figures = {0, 0, 0, -1, 0}; }));
  BOOST_TEST(service_refused([](service_state& s) { s.figures = {0, 0, 0, 0, -1}; }));
  BOOST_TEST(greeted(any(), any()) == "welcome");
  // One link per node.
  auto twin = state_of_another();
  twin.node = "twin";
  BOOST_TEST(greeted(any(), any(), twin) == "its link already represents node there");
}

BOOST_AUTO_TEST_CASE(an_error_or_an_unknown_message_ends_no_actor) {
  for (const auto& a : {caf::actor_cast<caf::actor>(link), any()}) {
    caf::scoped_actor peer{*system};
    peer->send(a, caf::make_error(caf::sec::runtime_error));
    peer->send(a, std::string("not a message of nodes"));
    // It is not answered either, which would terminate an actor of the other node.
    bool answered = false;
    peer->receive([&](const caf::error&) { answered = true; },
                  caf::after(milliseconds{100}) >> [] {});
    BOOST_TEST(!answered);
  }
  BOOST_TEST(greeted(any(), any()) == "welcome");
}

BOOST_AUTO_TEST_CASE(a_peer_that_proves_nothing_is_closed_in_time) {
  all.options.cluster.handshake_timeout = milliseconds{300};
  BOOST_REQUIRE(open().empty());
  const auto begin = std::chrono::steady_clock::now();
  const test_peer silent(port);
  const test_peer slow(port);
  slow.send(basp_session::header(1, 32).substr(0, 20));
  // CAF's handshake alone proves nothing, and neither do heartbeats.
  const test_peer alive(port);
  alive.send(basp_session::handshake(other_id(*system)) + basp_session::header(6, 0));
  for (const auto* c : {&silent, &slow, &alive}) BOOST_TEST(c->is_closed());
  const auto took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST((took >= milliseconds{300}));
  BOOST_TEST((took < seconds{5}));
}

BOOST_AUTO_TEST_CASE(the_oldest_half_open_connection_is_evicted) {
  all.options.cluster.handshakes_max = 8;  // From one address: two.
  for (const bool has_secret : {false, true}) {
    credentials = credentials_of(has_secret ? secrets_of(secret) : nullptr, {});
    BOOST_REQUIRE(open().empty());
    const test_peer first(port);
    const test_peer second(port);
    BOOST_TEST(!second.read(1).empty());
    const test_peer third(port);
    BOOST_TEST(first.is_closed());
    BOOST_TEST(second.is_open());
    BOOST_TEST(!third.read(1).empty());
    listener.reset();
  }
}

BOOST_AUTO_TEST_CASE(who_does_not_know_the_secret_is_not_heard) {
  credentials = credentials_of(secrets_of(secret), {});
  BOOST_REQUIRE(open().empty());
  for (const auto& bytes : {std::string("GET / HTTP/1.1\r\n\r\n"), basp_session::header(1, 0),
                            "STOA/1\r\n" + std::string(64, 'x'), std::string(72, '\0')}) {
    const test_peer c(port);
    // Only the challenge is sent.
    BOOST_TEST(c.read(40).starts_with("STOA/1\r\n"));
    c.send(bytes);
    BOOST_TEST(c.read(1).empty());
    BOOST_TEST(c.is_closed());
  }
  const auto other = credentials_of(secrets_of(std::string(48, 'o')), {});
  BOOST_TEST(test_peer(port).prove(other) ==
             "the peer closed the connection; its secret may differ");
  BOOST_TEST(test_peer(port).prove({}) ==
             "the peer requires the cluster's secret: set cluster.secret_file");
  test_peer known(port);
  BOOST_TEST(known.prove(credentials) == "");
  BOOST_TEST(known.read(1) == std::string(1, '\0'));  // CAF's server handshake.
}

BOOST_AUTO_TEST_CASE(a_secret_is_changed_on_one_node_after_the_other) {
  const std::string next(48, 'n');
  const auto changing = std::make_shared<cluster_secrets>(secret);
  credentials = credentials_of(changing, {});
  BOOST_REQUIRE(open().empty());
  const auto reason = [&](const std::string& lines) {
    return test_peer(port).prove(credentials_of(secrets_of(lines), {}));
  };
  const std::string refused = "the peer closed the connection; its secret may differ";
  BOOST_TEST(reason(secret) == "");
  BOOST_TEST(reason(secret + "\n" + next) == "");
  // Too early: this node does not accept it yet.
  BOOST_TEST(reason(next + "\n" + secret) == refused);
  BOOST_TEST(reason(next) == refused);
  for (const auto& both : {secret + "\n" + next + "\n", next + "\r\n\n" + secret}) {
    BOOST_TEST(changing->replace(both));
    BOOST_TEST(!changing->replace(both));
    for (const auto& lines : {secret, secret + "\n" + next, next + "\n" + secret, next}) {
      BOOST_TEST(reason(lines) == "");
    }
    BOOST_TEST(reason(std::string(48, 'o')) == refused);
  }
  BOOST_TEST(changing->replace(next));
  BOOST_TEST(reason(next) == "");
  BOOST_TEST(reason(secret) == refused);
  BOOST_CHECK_THROW(changing->replace("\n"), std::invalid_argument);
  BOOST_TEST(reason(next) == "");
}

BOOST_AUTO_TEST_CASE(a_recorded_proof_is_worth_nothing) {
  credentials = credentials_of(secrets_of(secret), {});
  BOOST_REQUIRE(open().empty());
  const auto reply_to = [&](const std::string& challenge) {
    const std::string mine(32, 'm');
    return "STOA/1\r\n" + mine +
           text::keyed_hash(credentials.secrets->keys()->front(),
                            "stoa cluster calling" + challenge + mine);
  };
  const test_peer first(port);
  const auto reply = reply_to(first.read(40).substr(8));
  first.send(reply);
  BOOST_TEST(first.read(32).size() == 32U);
  const test_peer second(port);
  second.read(40);
  second.send(reply);
  BOOST_TEST(second.read(1).empty());
}

BOOST_AUTO_TEST_CASE(without_credentials_it_listens_on_loopback_addresses_only) {
  for (const auto* const reachable : {"0.0.0.0:0", "[::]:0"}) {
    all.options.cluster.listen = reachable;
    credentials = {};
    BOOST_TEST(open().find("is reachable from other machines") != std::string::npos, reachable);
    credentials = credentials_of(secrets_of(secret), {});
    BOOST_TEST(open() == "");
    listener.reset();
  }
  credentials = {};
  for (const auto* const loopback : {"127.0.0.1:0", "127.8.9.10:0", "[::1]:0", "localhost:0"}) {
    all.options.cluster.listen = loopback;
    BOOST_TEST(open() == "", loopback);
    listener.reset();
  }
}

BOOST_AUTO_TEST_CASE(memory_follows_what_has_arrived) {
  BOOST_REQUIRE(open().empty());
  const auto before = memory_kb();
  std::vector<std::unique_ptr<test_peer>> open_ones;
  for (int i = 0; i < 10; ++i) {
    open_ones.push_back(std::make_unique<test_peer>(port));
    open_ones.back()->send(basp_session::handshake(other_id(*system)) +
                           basp_session::header(2, 128U << 20, 0, 5, 7) + "a few bytes");
    BOOST_TEST(!open_ones.back()->read(1).empty());
  }
  std::this_thread::sleep_for(milliseconds{100});
  BOOST_TEST(memory_kb() - before < 64'000);
}

BOOST_AUTO_TEST_SUITE_END()
