// The cluster port of the running program under invalid input: recorded sessions, headers and
// handshakes, mutated by seed, over plain TCP, with a secret and over TLS, and under silent
// connections. Afterwards the node works as before: another one can join, and nothing has leaked.

#include "actors/kernel/peer_handshake.hpp"
#include "tests/support/basp_session.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// Memory that is allocated once and kept.
constexpr std::int64_t memory_growth_max_kb = 64'000;
constexpr std::size_t descriptors_growth_max = 8;
constexpr milliseconds handshake_timeout{3000};
/// Per hundred connections, on a busy machine.
constexpr std::size_t refusals_max_percent = 1;
constexpr std::size_t clients = 4;
constexpr seconds patience{10};

enum class protection { none, secret, tls };

std::size_t descriptors_of(const server& node) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(node.pid()) + "/fd")) {
    ++n;
  }
  return n;
}

void openssl(std::vector<std::string> arguments) {
  const auto done = run_program("/usr/bin/openssl", arguments);
  if (done.exit_code != 0) throw std::runtime_error("openssl: " + done.output);
}

/// Two nodes of one store: one runs the services, the other serves customers through it.
class pair_of_nodes {
 public:
  explicit pair_of_nodes(protection how) : how_(how), port_(free_port()), other_port_(free_port()) {
    if (how_ == protection::secret) {
      std::ofstream(dir_ / "secret") << std::string(48, 's') << "\n";
      std::filesystem::permissions(dir_ / "secret", std::filesystem::perms::owner_read);
    }
    if (how_ == protection::tls) make_certificates();
    load_demo(stoa_binary(), dir_ / "main", 20, 100'000);
    main_ = std::make_unique<server>(options("main", "all", port_, {}));
  }

  server& main() { return *main_; }
  std::uint16_t port() const { return port_; }

  /// The front joins and a customer buys; returns the bytes sent by the node that opened the
  /// connection: the front with `calls_main`, else the main node.
  std::string recorded_purchase(bool calls_main) {
    std::mutex mutex;
    std::string sent;
    tcp_proxy gate(calls_main ? port_ : other_port_);
    gate.hold_answers_after([&](std::string_view piece) {
      const std::scoped_lock lock(mutex);
      sent += piece;
      return false;
    });
    const auto by_gate = "127.0.0.1:" + std::to_string(gate.port());
    if (!calls_main) {
      main_->kill();
      main_ = std::make_unique<server>(options("main", "all", port_, by_gate));
      main_->launch();
    }
    server front(options("front", "front", other_port_, calls_main ? by_gate : ""));
    front.start();
    main_->await_ready();
    buy_at(front);
    front.kill();
    const std::scoped_lock lock(mutex);
    return sent;
  }
  /// True when a new front can join the main node and a customer can buy there.
  bool others_can_join() {
    server front(options("late", "front", free_port(), "127.0.0.1:" + std::to_string(port_)));
    front.start();
    buy_at(front);
    return front.running();
  }
  kernel::peer_credentials credentials() const {
    if (how_ == protection::secret)
      return kernel::credentials_of(std::make_shared<kernel::cluster_secrets>(std::string(48, 's')),
                                    {});
    if (how_ == protection::none) return {};
    return kernel::credentials_of({}, {dir_ / "node.crt", dir_ / "node.key", dir_ / "ca.crt"});
  }

 private:
  server_options options(const std::string& name, const std::string& services, std::uint16_t port,
                         const std::string& peers) {
    server_options o;
    o.data = dir_ / name;
    o.alone = true;
    o.settings = {{"STOA_NODE_NAME", name},
                  {"STOA_NODE_SERVICES", services},
                  {"STOA_CLUSTER_LISTEN", "127.0.0.1:" + std::to_string(port)},
                  {"STOA_CLUSTER_PEERS", peers},
                  {"STOA_CLUSTER_RESOLVE_MS", "200"},
                  {"STOA_CLUSTER_HANDSHAKE_TIMEOUT_MS", std::to_string(handshake_timeout.count())},
                  {"STOA_AUTH_KEYS_DIR", (dir_ / "main" / "keys").string()},
                  {"STOA_LOG_LEVEL", "info"}};
    if (how_ == protection::secret) {
      o.settings.emplace_back("STOA_CLUSTER_SECRET_FILE", (dir_ / "secret").string());
    }
    if (how_ == protection::tls) {
      o.settings.emplace_back("STOA_CLUSTER_TLS_CERTIFICATE", (dir_ / "node.crt").string());
      o.settings.emplace_back("STOA_CLUSTER_TLS_KEY", (dir_ / "node.key").string());
      o.settings.emplace_back("STOA_CLUSTER_TLS_CA", (dir_ / "ca.crt").string());
    }
    return o;
  }
  static void buy_at(const server& front) {
    visitor v(front.port());
    const auto product = v.goods().at(0).id;
    for (int i = 0; i < 3; ++i) {
      const auto cart = v.new_cart();
      v.add(cart, product, 1);
      v.client.get(cart);
      v.bought(product);
    }
  }
  void make_certificates() const {
    const auto file = [&](const char* name) { return (dir_ / name).string(); };
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=ca", "-keyout", file("ca.key"), "-out", file("ca.crt")});
    openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
             "/CN=node", "-keyout", file("node.key"), "-out", file("node.csr")});
    openssl({"x509", "-req", "-in", file("node.csr"), "-CA", file("ca.crt"), "-CAkey",
             file("ca.key"), "-set_serial", "2", "-days", "2", "-out", file("node.crt")});
  }

  protection how_;
  temp_dir dir_;
  std::uint16_t port_;
  std::uint16_t other_port_;
  std::unique_ptr<server> main_;
};

/// A connection to the node's cluster port with timeouts.
class client {
 public:
  explicit client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const address = reinterpret_cast<const sockaddr*>(&to);
    if (::connect(socket_.fd(), address, sizeof to) != 0) {
      throw std::runtime_error("the cluster port does not accept connections");
    }
  }

  void authenticate(const kernel::peer_credentials& with) {
    ::fcntl(socket_.fd(), F_SETFL, O_NONBLOCK);
    kernel::peer_handshake h(std::move(socket_), with, kernel::peer_handshake::side::calls);
    for (auto step = h.advance(); step != kernel::peer_io::done; step = h.advance()) {
      if (step == kernel::peer_io::closed) throw std::runtime_error(h.failure());
      if (!ready(h.fd(), step)) throw std::runtime_error("handshake timed out");
    }
    socket_ = h.take();
  }
  /// False when the node has closed the connection before all was sent.
  bool send(std::string_view bytes) {
    ::fcntl(socket_.fd(), F_SETFL, O_NONBLOCK);
    while (!bytes.empty()) {
      std::size_t put = 0;
      const auto step = socket_.write(bytes.data(), bytes.size(), put);
      if (step == kernel::peer_io::closed) return false;
      if (step != kernel::peer_io::done && !ready(socket_.fd(), step)) return false;
      bytes.remove_prefix(put);
    }
    return true;
  }
  /// At least that many bytes; fewer when the node closes the connection.
  std::string read(std::size_t size) {
    std::string all;
    while (all.size() < size) {
      std::array<char, 4096> buffer{};
      std::size_t got = 0;
      const auto step = socket_.read(buffer.data(), buffer.size(), got);
      if (step == kernel::peer_io::closed) break;
      if (step != kernel::peer_io::done && !ready(socket_.fd(), step)) break;
      all.append(buffer.data(), got);
    }
    return all;
  }
  /// Shuts down sending and waits until the node has closed its side too.
  bool is_closed_after_end() {
    ::shutdown(socket_.fd(), SHUT_WR);
    return is_closed();
  }
  bool is_closed() {
    std::array<char, 4096> buffer{};
    for (;;) {
      std::size_t got = 0;
      const auto step = socket_.read(buffer.data(), buffer.size(), got);
      if (step == kernel::peer_io::closed) return true;
      if (step != kernel::peer_io::done && !ready(socket_.fd(), step)) return false;
    }
  }

 private:
  static bool ready(int fd, kernel::peer_io step) {
    pollfd p{fd, static_cast<short>(step == kernel::peer_io::wants_write ? POLLOUT : POLLIN), 0};
    return ::poll(&p, 1, static_cast<int>(milliseconds(patience).count())) == 1;
  }

  kernel::peer_socket socket_;
};

/// Sends cases to one node; a case is a mutation that the node has parsed: messages after the one
/// that closed the connection do not count.
class fuzzer {
 public:
  fuzzer(pair_of_nodes& nodes, std::vector<basp_session> recorded, std::string handshakes)
      : nodes_(nodes),
        with_(nodes.credentials()),
        recorded_(std::move(recorded)),
        handshakes_(std::move(handshakes)) {
    client c(nodes_.port());
    c.authenticate(with_);
    const auto greeting = c.read(basp_session::header_size + basp_session::id_size);
    here_ = greeting.substr(basp_session::header_size, basp_session::id_size);
  }

  void run(std::size_t cases) {
    std::vector<std::jthread> threads;
    std::atomic<std::uint64_t> seed{1};
    for (std::size_t i = 0; i < clients; ++i) {
      threads.emplace_back([&] {
        try {
          while (cases_ < cases && !failed_) cases_ += one_connection(seed++);
        } catch (const std::runtime_error& e) {
          failed_ = true;
          const std::scoped_lock lock(mutex_);
          failure_ = e.what();
        }
      });
    }
    threads.clear();
    BOOST_TEST(failure_.empty(), failure_);
  }
  std::size_t cases() const { return cases_; }
  std::size_t connections() const { return connections_; }

 private:
  std::size_t one_connection(std::uint64_t seed) {
    mutator m(seed);
    ++connections_;
    client c(nodes_.port());
    if (m.one_in(8)) {
      // Before authentication.
      const auto bytes = m.one_in(3) ? m.noise() : m.bytes(handshakes_);
      c.send(bytes);
      close(c, seed);
      return 1;
    }
    try {
      c.authenticate(with_);
    } catch (const std::runtime_error&) {
      // The handshake timed out; allowed rarely, otherwise the node rejects valid peers.
      if (++refusals_ * 100 > 1000 + connections_ * refusals_max_percent) throw;
      return 0;
    }
    std::string stream;
    const auto cases = session(m, stream);
    c.send(stream);
    close(c, seed);
    return cases;
  }
  void close(client& c, std::uint64_t seed) const {
    if (!c.is_closed_after_end()) {
      throw std::runtime_error("seed " + std::to_string(seed) +
                               ": the node did not close the connection");
    }
  }

  /// A handshake and mutated messages, up to the one that makes the node close the connection.
  std::size_t session(mutator& m, std::string& stream) const {
    auto sender = recorded_.front().sender;
    if (m.one_in(4)) sender = m.bytes(std::move(sender), 8);
    auto handshake = basp_session::handshake(sender);
    const bool changes_handshake = m.one_in(20);
    if (changes_handshake) handshake = m.structure(m.bytes(std::move(handshake)));
    stream = handshake;
    kernel::basp_inspector node(here_, kernel::basp_inspector::opened_by::peer);
    std::size_t cases = changes_handshake ? 1 : 0;
    if (!reads(node, handshake)) return 1;
    const auto& recorded = recorded_[m.below(recorded_.size())];
    const auto sent = recorded.between(sender, here_);
    for (std::size_t n = 1 + m.below(40); n > 0; --n) {
      const auto& message = m.any(sent.messages);
      const auto changed =
          m.one_in(30) ? m.structure(message) : m.bytes(message, basp_session::header_size);
      stream += changed;
      ++cases;
      if (!reads(node, changed)) break;
    }
    return cases;
  }
  static bool reads(kernel::basp_inspector& node, std::string_view message) {
    constexpr auto head = basp_session::header_size;
    if (message.size() < head) return false;
    if (node.header(message.substr(0, head)) != kernel::basp_fault::none) return false;
    if (node.payload_size() != message.size() - head)
      return false;  // The following bytes are out of step.
    return node.payload_size() == 0 ||
           node.payload(message.substr(head)) == kernel::basp_fault::none;
  }

  pair_of_nodes& nodes_;
  kernel::peer_credentials with_;
  std::vector<basp_session> recorded_;
  std::string handshakes_;
  std::string here_;
  std::atomic<std::size_t> cases_{0};
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> refusals_{0};  ///< of connections that authenticate themselves
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::string failure_;
};

/// Recorded traffic between nodes over plain TCP, in both directions.
const std::vector<basp_session>& recorded_sessions() {
  static const auto all = [] {
    pair_of_nodes nodes(protection::none);
    nodes.main().start();
    auto one = basp_session::read(nodes.recorded_purchase(true));
    auto other = basp_session::read(nodes.recorded_purchase(false));
    return std::vector<basp_session>{std::move(one), std::move(other)};
  }();
  return all;
}

std::size_t cases_to_run(std::size_t usual) {
  const char* const factor = std::getenv("STOA_TEST_FUZZ_FACTOR");
  return factor != nullptr ? usual * std::strtoul(factor, nullptr, 10) : usual;
}

void fuzz(protection how, std::size_t cases) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto begin = steady_clock::now();
  const auto& recorded = recorded_sessions();
  for (const auto& r : recorded) {
    BOOST_TEST(r.messages.size() > 20U);
    BOOST_TEST(!r.sender.empty());
  }
  pair_of_nodes nodes(how);
  auto& node = nodes.main();
  node.start();
  // At most what the node reads before authentication.
  const std::size_t unproven = how == protection::none ? 200 : how == protection::secret ? 72 : 250;
  const auto handshakes = nodes.recorded_purchase(true).substr(0, unproven);
  const auto started = steady_clock::now();

  fuzzer f(nodes, recorded, handshakes);
  f.run(cases / 10);
  // One-time allocations have been made.
  const auto memory = node.memory_kb();
  const auto descriptors = descriptors_of(node);
  f.run(cases);
  const auto ended = steady_clock::now();
  BOOST_TEST_REQUIRE(node.running(), node.log_end());
  BOOST_TEST(
      eventually([&] { return descriptors_of(node) <= descriptors + descriptors_growth_max; }));
  BOOST_TEST(node.memory_kb() - memory < memory_growth_max_kb);
  BOOST_TEST(http_client(node.port()).get("/livez").status == 200);
  BOOST_TEST(f.cases() >= cases);
  BOOST_TEST(nodes.others_can_join());
  BOOST_TEST_MESSAGE(
      f.cases() << " cases on " << f.connections() << " connections in "
                << std::chrono::duration_cast<milliseconds>(ended - started).count()
                << " ms, memory " << memory << " to " << node.memory_kb() << " kB, all in "
                << std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin).count()
                << " ms");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(port_fuzz)

BOOST_AUTO_TEST_CASE(plain) {
  fuzz(protection::none, cases_to_run(55'000));
}

BOOST_AUTO_TEST_CASE(with_a_secret) {
  fuzz(protection::secret, cases_to_run(35'000));
}

BOOST_AUTO_TEST_CASE(over_tls) {
  fuzz(protection::tls, cases_to_run(10'000));
}

/// More connections than the node has descriptors for, silent or with half a handshake.
BOOST_AUTO_TEST_CASE(half_open_connections_are_closed_and_keep_no_node_out) {
  constexpr std::size_t flood = 4200;
  BOOST_REQUIRE(raise_open_files(flood + 500));
  for (const auto how : {protection::none, protection::secret, protection::tls}) {
    BOOST_TEST_CONTEXT(static_cast<int>(how)) {
      pair_of_nodes nodes(how);
      auto& node = nodes.main();
      node.start();
      const auto memory = node.memory_kb();
      const auto descriptors = descriptors_of(node);
      std::vector<std::unique_ptr<client>> open;
      for (std::size_t i = 0; i < flood; ++i) {
        open.push_back(std::make_unique<client>(nodes.port()));
        if (i % 2 == 0) open.back()->send("STOA");
      }
      BOOST_TEST(http_client(node.port()).get("/livez").status == 200);
      BOOST_TEST(nodes.others_can_join());
      BOOST_TEST(node.memory_kb() - memory < memory_growth_max_kb / 4);
      BOOST_TEST(eventually([&] { return descriptors_of(node) <= descriptors + 2; },
                            handshake_timeout + seconds{5}));
      BOOST_TEST(open.back()->is_closed());
      const auto metrics = http_client(node.port()).get("/metrics").body;
      BOOST_TEST(metrics.find("stoa_cluster_connections_total{result=\"evicted\"}") !=
                 std::string::npos);
      BOOST_TEST(metrics.find("stoa_cluster_connections_open{state=\"half_open\"} 0") !=
                 std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
