// Which nodes may join a cluster and which not, nodes that only serve customers, and requests that
// any partition could accept.

#include "actors/kernel/cluster.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/joined_nodes.hpp"
#include "tests/support/store_files.hpp"
#include "tests/support/tls_client.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/io/all.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// A whole log.
constexpr std::size_t whole = 1 << 22;
/// Several times what a node needs here, and much less than untrusted peers request from it.
constexpr std::int64_t memory_max_kb = 300'000;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The lines of the node's log that contain the text.
std::vector<std::string> lines_of(const server& node, std::string_view part) {
  std::vector<std::string> found;
  std::istringstream log(node.log_end(whole));
  for (std::string line; std::getline(log, line);) {
    if (holds(line, part)) found.push_back(line);
  }
  return found;
}
bool says(const server& node, std::string_view part) {
  return !lines_of(node, part).empty();
}

/// A connection that sends the given bytes, or nothing, and stays open.
class caller {
 public:
  explicit caller(std::uint16_t port, std::string_view says = {})
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("connection refused");
    }
    if (!says.empty()) ::send(socket_, says.data(), says.size(), MSG_NOSIGNAL);
  }
  ~caller() { ::close(socket_); }
  caller(const caller&) = delete;
  caller& operator=(const caller&) = delete;

 private:
  int socket_;
};

/// What scanners and misconfigured clients send.
std::vector<std::string> garbage() {
  std::string noise;
  for (int i = 0; i < 100'000; ++i) noise += static_cast<char>((i * 7919) >> 3);
  return {"GET / HTTP/1.1\r\nHost: shop\r\n\r\n",
          std::string(1, '\x16') + "\x03\x01\x02\x05\x01 and no hello",  // as TLS begins
          // A first message like CAF's, with a stated size of 4 GB or 200 MB.
          std::string("\x01\0\0\0\xff\xff\xff\xf0", 8) + std::string(24, '\0'),
          std::string("\x01\0\0\0\x0c\0\0\0", 8) + std::string(24, '\0'), std::string(4096, '\0'),
          std::string(200, '\xff'), std::move(noise), "\n"};
}

/// Sends all of that to each node's cluster port; the returned connections are open.
std::vector<std::unique_ptr<caller>> pester(const joined_nodes& nodes, std::size_t count) {
  std::vector<std::unique_ptr<caller>> open;
  for (std::size_t i = 0; i < count; ++i) {
    const auto port = nodes.cluster_port(i);
    for (const auto& words : garbage()) {
      caller hangs_up(port, words);
      open.push_back(std::make_unique<caller>(port, words));
    }
    for (int n = 0; n < 5; ++n) open.push_back(std::make_unique<caller>(port));
  }
  return open;
}

/// True when a customer had to retry because of an unavailable node.
bool needed_retries(const shopping_result& shopping) {
  bool any = false;
  for (const auto& [what, many] : shopping.counts) {
    BOOST_TEST_MESSAGE(what << ": " << many);
    any = any || what.starts_with("retried: ");
  }
  return any;
}

/// A simulated node whose protocol version can be chosen.
class pretender {
 public:
  /// For the cluster `store`, with the given version in CAF's handshake.
  explicit pretender(std::int64_t handshake) {
    kernel::configure_cluster(config_, all_);
    config_.set("middleman.app-identifiers",
                std::vector<std::string>{"stoa/" + std::to_string(handshake)});
    config_.set("scheduler.max-threads", 1U);
    system_.emplace(config_);
    link_ = system_->spawn([](caf::event_based_actor*) -> caf::behavior {
      return {[](const kernel::wire_state&) {}};
    });
  }
  ~pretender() { caf::anon_send_exit(link_, caf::exit_reason::user_shutdown); }
  pretender(const pretender&) = delete;
  pretender& operator=(const pretender&) = delete;

  void listen(std::uint16_t port) {
    if (!system_->middleman().publish(link_, port, "127.0.0.1", true)) {
      throw std::runtime_error("cannot listen");
    }
  }
  /// Connects to the node with that port; returns the reason of the rejection.
  std::string call(std::uint16_t port, const kernel::node_state& state) {
    auto there = system_->middleman().remote_actor("127.0.0.1", port);
    if (!there) return system_->render(there.error());
    std::string reported = "welcome";
    const kernel::wire_hello hello{{json::write(state), link_, link_}};
    caf::scoped_actor waiting{*system_};
    waiting->request(*there, seconds{5}, hello)
        .receive(
            [&](const kernel::wire_welcome& w) {
              if (!w.refused.empty()) reported = w.refused;
            },
            [&](const caf::error& e) { reported = system_->render(e); });
    return reported;
  }

 private:
  kernel::service_registry all_;
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  caf::actor link_;
};

kernel::node_state state_of(const std::string& cluster, const std::string& name,
                            std::int64_t protocol) {
  kernel::node_state s;
  s.cluster = cluster;
  s.node = name;
  s.version = "99";
  s.protocol = protocol;
  return s;
}

/// Creates carts and accounts, which any partition may accept, without a key; returns the answers
/// other than 201.
std::vector<std::string> not_created(std::uint16_t port, int times) {
  std::vector<std::string> wrong;
  http_client client(port, seconds{20});
  const auto check = [&](const char* what, const http_answer& a) {
    if (a.status != 201) {
      wrong.push_back(std::string(what) + ": " + std::to_string(a.status) + " " + a.body);
    }
  };
  for (int i = 0; i < times; ++i) {
    const auto name = unique("customer");
    check("a cart", client.post("/store/v1/carts", ""));
    check("an account",
          client.post("/store/v1/users", R"({"username":")" + name + R"(","email":")" + name +
                                             R"(@example.com","password":")" +
                                             std::string(shared_password) +
                                             R"(","first_name":"Ada","last_name":"Lovelace"})"));
  }
  return wrong;
}

/// No node can process these; they fail without waiting.
void all_is_refused_at_once(http_client& front, const std::string& cart) {
  static constexpr milliseconds at_once{1500};
  for (const auto& [method, path] : {std::pair<std::string, std::string>{"POST", "/store/v1/carts"},
                                     {"GET", "/store/v1/products"},
                                     {"GET", cart},
                                     {"DELETE", cart}}) {
    BOOST_TEST_CONTEXT(method << " " << path) {
      const auto begin = steady_clock::now();
      const auto a = front.request(method, path);
      BOOST_TEST((steady_clock::now() - begin < at_once));
      BOOST_TEST(a.status == 503, a.body);
      BOOST_TEST(!a.header("Retry-After").empty());
    }
  }
}

/// Waits until the front lists no missing service.
void await_all(http_client& front, const std::string& when) {
  const auto begin = steady_clock::now();
  BOOST_TEST(eventually([&] { return front.get("/readyz?require=all").status == 200; }),
             front.get("/readyz").body);
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  BOOST_TEST_MESSAGE(when << " after " << took.count() << " ms");
}

/// The partitions that the front misses, by service.
std::map<std::string, std::string> missing_at(http_client& front) {
  std::map<std::string, std::string> all;
  const auto reported = front.get("/readyz").json();
  for (const auto& s : *at(reported, "/services").if_array()) {
    if (has(s, "/missing")) all[text_at(s, "/service")] = text_at(s, "/missing");
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(joining)

/// The fourth has the address, the cluster's name and the node's name of an expected node, but a
/// certificate of another authority.
BOOST_AUTO_TEST_CASE(untrusted_peers_at_the_cluster_port_do_no_harm_over_tls) {
  if (!can_run()) return;
  joined_nodes nodes("tls", 4, {"all", "all", "all", "front"});
  const authority ours(nodes, "ours");
  const authority theirs(nodes, "theirs");
  for (std::size_t i = 0; i < 4; ++i) {
    (i < 3 ? ours : theirs)
        .admit(nodes.options(i), nodes.file("."), "node-" + std::to_string(i + 1));
  }
  nodes.load(20, 1000);
  nodes.start(3);
  const std::set<std::string> all{"node-1", "node-2", "node-3"};
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(eventually([&] { return nodes.known_to(i) == all; }));
    nodes.buy_at(i);
  }

  shoppers customers(nodes.customers(3));
  customers.start();
  auto& untrusted = nodes.add();
  untrusted.launch();
  // Both sides connect: the untrusted node to all three, and each of them to it.
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(eventually([&] { return says(untrusted, nodes.cluster_address(i)); }),
               untrusted.log_end());
  }
  const auto silent = pester(nodes, 3);
  // They present no certificate.
  for (std::size_t i = 0; i < 3; ++i) {
    tls_client anonymous(nodes.cluster_port(i));
    anonymous.shake_hands();
    anonymous.send(garbage().back());
    BOOST_TEST((anonymous.closed() || !anonymous.error().empty()));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    nodes.buy_at(i);
    BOOST_TEST((nodes.known_to(i) == all));
  }
  BOOST_TEST(http_client(untrusted.port()).get("/readyz").status == 503);
  untrusted.kill();
  customers.finish();
  auto shopping = customers.take();
  BOOST_TEST(!needed_retries(shopping));
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(nodes.node(i).running(), nodes.node(i).log_end());
    BOOST_TEST(!says(nodes.node(i), "node lost"), nodes.node(i).log_end());
  }

  // Silent connections are still open: they do not keep a node from rejoining.
  nodes.node(2).kill();
  nodes.node(2).start();
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(eventually([&] { return nodes.known_to(i) == all; }));
  }
  BOOST_TEST(nodes.can_buy_at(2));
  nodes.judge(std::move(shopping));
}

BOOST_AUTO_TEST_CASE(nodes_of_another_cluster_or_protocol_are_refused_in_both_logs) {
  if (!can_run()) return;
  joined_nodes nodes("plain", 4, {"all", "all", "front", "front"});
  change(nodes.options(2).settings, "STOA_CLUSTER_NAME", "museum");
  nodes.load(20, 1000);
  pretender newer(kernel::wire_protocol + 1);
  newer.listen(nodes.cluster_port(3));
  nodes.start(2);
  auto& first = nodes.node(0);
  shoppers customers(nodes.customers(2));
  customers.start();

  auto& museum = nodes.add();
  museum.launch();
  const std::string_view theirs = "node-3 belongs to cluster museum, node-1 to plain";
  const std::string_view ours = "node-1 belongs to cluster plain, node-3 to museum";
  BOOST_TEST(eventually([&] { return says(first, theirs) && says(museum, theirs); }));
  BOOST_TEST(eventually([&] { return says(first, ours) && says(museum, ours); }));

  // One uses another protocol in the handshake already, one names it afterwards.
  BOOST_TEST(eventually([&] {
               const auto reported = lines_of(first, nodes.cluster_address(3));
               return !reported.empty() && holds(reported.back(), "an incompatible version");
             }),
             first.log_end());
  BOOST_TEST(holds(newer.call(nodes.cluster_port(0), state_of("plain", "node-4", 2)),
                   "incompatible_application_ids"));
  pretender later(kernel::wire_protocol);
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(later.call(nodes.cluster_port(0), state_of("plain", "node-9", 2)) ==
               "node-9 uses protocol 2, node-1 uses 1");
  }
  const auto open = pester(nodes, 2);
  const std::set<std::string> all{"node-1", "node-2"};
  for (std::size_t i = 0; i < 2; ++i) {
    nodes.buy_at(i);
    BOOST_TEST((nodes.known_to(i) == all));
    BOOST_TEST(nodes.node(i).memory_kb() < memory_max_kb);
  }
  museum.kill();
  customers.finish();
  auto shopping = customers.take();
  BOOST_TEST(!needed_retries(shopping));
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST(nodes.node(i).running(), nodes.node(i).log_end());
    BOOST_TEST(!says(nodes.node(i), "node lost"), nodes.node(i).log_end());
    // All of them have retried repeatedly.
    for (const auto& who : {R"("node":"node-3")", R"("node":"node-9")"}) {
      std::size_t reported = 0;
      for (const auto& line : lines_of(nodes.node(i), "node refused")) reported += holds(line, who);
      BOOST_TEST(reported == (i == 1 && holds(who, "node-9") ? 0U : 1U), nodes.node(i).log_end());
    }
  }
  nodes.judge(std::move(shopping));
}

BOOST_AUTO_TEST_CASE(a_front_alone_answers_503_at_once) {
  if (!can_run()) return;
  const std::string services = "user,catalog,cart,order,payment,pricing,notification";
  joined_nodes nodes("roles", 3, {"front", services, services});
  nodes.load(20, 1000);
  nodes.start(3);
  http_client front(nodes.node(0).port());
  BOOST_TEST(missing_at(front).empty());
  nodes.buy_at(0);
  for (std::size_t i = 1; i < 3; ++i) {
    BOOST_TEST(http_client(nodes.node(i).port()).get("/store/v1/products").status == 404);
  }
  const auto cart = visitor(nodes.node(0).port()).new_cart();

  // One of two is enough once it has the partitions of the other.
  nodes.node(1).kill();
  await_all(front, "the other node has all partitions");
  BOOST_TEST(nodes.can_buy_at(0));

  nodes.node(2).kill();
  const auto until = steady_clock::now() + seconds{2};
  while (steady_clock::now() < until) {
    all_is_refused_at_once(front, cart);
    std::this_thread::sleep_for(milliseconds{20});  // Leaves CPU time to the nodes.
  }
  BOOST_TEST(front.get("/readyz").status == 503);
  const auto missing = missing_at(front);
  for (const auto& service : service_databases) {
    BOOST_TEST_CONTEXT(service) {
      const auto found = missing.find(std::string(service));
      BOOST_TEST_REQUIRE((found != missing.end()));
      BOOST_TEST(!found->second.empty());
      BOOST_TEST_MESSAGE(service << ": " << found->second);
    }
  }

  nodes.node(1).launch();
  await_all(front, "one node is back");
  BOOST_TEST(front.get(cart).status == 200);
  BOOST_TEST(nodes.can_buy_at(0));
  nodes.judge();
}

/// A node without the first partition forwards to its owner, or has another one itself.
BOOST_AUTO_TEST_CASE(what_any_partition_may_take_is_taken_at_every_node) {
  if (!can_run()) return;
  joined_nodes nodes("anylane", 3);
  nodes.load(2, 10);
  nodes.start(3);
  std::vector<std::vector<std::string>> wrong(3);
  std::vector<std::jthread> clients;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    clients.emplace_back([&, i] { wrong[i] = not_created(nodes.node(i).port(), 20); });
  }
  clients.clear();
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    BOOST_TEST(wrong[i].empty());
    for (const auto& w : wrong[i]) BOOST_ERROR("node " << i + 1 << ": " << w);
  }
}

/// Events of a replaced database are dropped: each node must know the present one.
BOOST_AUTO_TEST_CASE(another_database_in_the_place_of_one_is_noticed_by_a_running_node) {
  if (!can_run()) return;
  joined_nodes nodes("replaced", 1);
  nodes.load(1, 1);
  nodes.start(1);
  const std::string id = "00000000-0000-4000-8000-000000000001";
  ground().postgres().run("replaced_cart", "UPDATE database_identity SET id='" + id + "'");
  visitor root(nodes.node(0).port());
  const auto token = root.log_in("root");
  BOOST_TEST(eventually([&] {
    const auto all = root.client.get("/admin/v1/nodes", token);
    return all.body.find("\"database\":\"" + id + "\"") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_SUITE_END()
