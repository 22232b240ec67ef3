// What clients may use of the process: connections, memory for bodies, and the listener that stays
// reachable for operators. The clients' addresses are those of the loopback network, which is not
// exempt here.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// Connections that send something and stay open.
class crowd {
 public:
  explicit crowd(std::uint16_t port) : port_(port) {}
  ~crowd() {
    for (const auto& m : members_) ::close(m.socket);
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  /// Adds connections from the address. `bytes` must outlive them.
  void join(int count, const std::string& from, std::string_view bytes) {
    for (int i = 0; i < count; ++i) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      auto address = address_of(from, 0);
      const auto to = address_of("127.0.0.1", port_);
      if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
          ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        ::close(fd);
        throw std::runtime_error("cannot connect from " + from);
      }
      members_.push_back({fd, bytes});
      send(members_.back());
    }
  }

  /// Sends what the sockets accept until all is sent or the limit passes.
  void push(milliseconds limit) {
    const auto until = steady_clock::now() + limit;
    bool all_sent = false;
    while (!all_sent && steady_clock::now() < until) {
      all_sent = true;
      for (auto& m : members_) {
        send(m);
        all_sent = all_sent && m.rest.empty();
      }
      std::this_thread::sleep_for(milliseconds{5});
    }
  }

  /// The number that the server has not closed.
  std::size_t open() const {
    std::size_t count = 0;
    for (const auto& m : members_) {
      pollfd p{m.socket, POLLRDHUP, 0};
      if (::poll(&p, 1, 0) == 0) ++count;
    }
    return count;
  }

 private:
  struct member {
    int socket = -1;
    std::string_view rest;
  };

  static sockaddr_in address_of(const std::string& text, std::uint16_t port) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    ::inet_pton(AF_INET, text.c_str(), &a.sin_addr);
    return a;
  }

  static void send(member& m) {
    while (!m.rest.empty()) {
      const auto sent = ::send(m.socket, m.rest.data(), m.rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return;
      m.rest.remove_prefix(sent < 0 ? m.rest.size() : static_cast<std::size_t>(sent));
    }
  }

  std::uint16_t port_;
  std::vector<member> members_;
};

double sample(const std::string& metrics, const std::string& name) {
  const auto found = metrics.find("\n" + name + " ");
  if (found == std::string::npos) return -1;
  return std::atof(metrics.c_str() + found + name.size() + 2);
}

std::int64_t status_kb(pid_t pid, std::string_view name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::atoll(line.c_str() + name.size());
  }
  return 0;
}

/// Limits the process's address space to its present size and this much more.
void limit_memory(pid_t pid, std::int64_t more_bytes) {
  const auto bytes = static_cast<rlim_t>(status_kb(pid, "VmSize:") * 1024 + more_bytes);
  const rlimit limit{bytes, bytes};
  BOOST_REQUIRE(::prlimit(pid, RLIMIT_AS, &limit, nullptr) == 0);
}

environment without_exemption(environment more) {
  more.emplace_back("STOA_LIMITS_EXEMPT_ADDRESSES", "");
  return more;
}

constexpr std::string_view get_live = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(flood)

BOOST_AUTO_TEST_CASE(one_address_cannot_take_every_connection) {
  BOOST_REQUIRE(raise_open_files(4000));
  storefront shop(
      {.products = 5,
       .settings = without_exemption({{"STOA_HTTP_CONNECTIONS_MAX", "1500"},
                                      {"STOA_LIMITS_CONNECTIONS_PER_ADDRESS_MAX", "100"}})});
  crowd flood(shop.port());
  flood.join(2500, "127.0.0.2", get_live);
  visitor honest(shop.port());
  BOOST_TEST(honest.client.get("/livez").status == 200);
  BOOST_TEST(honest.client.get("/readyz").status == 200);
  BOOST_TEST(honest.client.get("/store/v1/products").status == 200);
  BOOST_TEST(eventually([&] { return flood.open() == 100; }));
  const auto metrics = honest.client.get("/metrics").body;
  const std::string refused = "stoa_http_connections_rejected_total{listener=\"store\",reason=";
  BOOST_TEST(sample(metrics, refused + "\"address\"}") == 2400);
  BOOST_TEST(sample(metrics, refused + "\"connections_max\"}") == 0);
  BOOST_TEST(sample(metrics, "stoa_http_connections{listener=\"store\"}") < 250);
  BOOST_TEST(
      eventually([&] { return shop.log().find("HTTP limits reached") != std::string::npos; }));
}

BOOST_AUTO_TEST_CASE(idle_connections_of_many_addresses_are_evicted) {
  BOOST_REQUIRE(raise_open_files(2000));
  storefront shop(
      {.products = 5,
       .settings = without_exemption({{"STOA_HTTP_CONNECTIONS_MAX", "500"},
                                      {"STOA_LIMITS_CONNECTIONS_PER_ADDRESS_MAX", "50"}})});
  crowd idle(shop.port());
  for (int host = 2; host < 22; ++host) {
    idle.join(50, "127.0.0." + std::to_string(host), host % 2 == 0 ? get_live : "");
    visitor honest(shop.port());
    BOOST_TEST(honest.client.get("/store/v1/products").status == 200, "after address " << host);
    BOOST_TEST(honest.client.get("/livez").status == 200);
  }
  visitor honest(shop.port());
  const auto metrics = honest.client.get("/metrics").body;
  BOOST_TEST(sample(metrics, "stoa_http_connections_closed_idle_total{listener=\"store\"}") > 400);
  BOOST_TEST(sample(metrics, "stoa_http_connections{listener=\"store\"}") <= 500);
}

BOOST_AUTO_TEST_CASE(unfinished_bodies_do_not_end_the_process) {
  BOOST_REQUIRE(raise_open_files(4000));
  storefront shop({.products = 5});
  visitor staff(shop.port());
  const auto token = staff.log_in("root").at(0).second;
  const std::string body(1'048'575, 'b');
  const std::string anonymous_body =
      "POST /store/v1/carts HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body;
  const std::string known =
      "POST /admin/v1/products HTTP/1.1\r\nHost: a\r\nAuthorization: " + token +
      "\r\nContent-Length: 393216\r\n\r\n" + body.substr(0, 393'215);
  limit_memory(shop.process().pid(), 400 << 20);

  std::atomic<int> served = 0;
  std::atomic<int> failed = 0;
  std::jthread honest([&](const std::stop_token& over) {
    visitor v(shop.port());
    while (!over.stop_requested()) {
      try {
        const bool good = v.client.get("/store/v1/products").status == 200 &&
                          v.client.post("/store/v1/carts", "{}").status == 201;
        ++(good ? served : failed);
      } catch (const http_failure&) {
        ++failed;
      }
    }
  });
  {
    crowd anonymous(shop.port());
    anonymous.join(1063, "127.0.0.2", anonymous_body);
    anonymous.push(seconds{3});
    crowd members(shop.port());
    members.join(1063, "127.0.0.3", known);
    members.push(seconds{8});
    const auto metrics = visitor(shop.port()).client.get("/metrics").body;
    const auto held = sample(metrics, "stoa_http_body_bytes{listener=\"store\"}");
    BOOST_TEST(held > 0);
    BOOST_TEST(held <= 128 << 20);
    BOOST_TEST(sample(metrics, "stoa_http_bodies_rejected_total{listener=\"store\"}") > 0);
  }
  honest.request_stop();
  honest.join();
  BOOST_TEST_MESSAGE(served << " honest rounds; memory " << shop.process().memory_kb() / 1024
                            << " MB");
  BOOST_TEST(shop.process().running());
  BOOST_TEST(served > 0);
  BOOST_TEST(failed == 0);
  visitor after(shop.port());
  after.bought(after.goods().front().id);
  BOOST_TEST(eventually([&] {
    const auto metrics = after.client.get("/metrics").body;
    return sample(metrics, "stoa_http_body_bytes{listener=\"store\"}") == 0;
  }));
}

BOOST_AUTO_TEST_CASE(bodies_have_the_limit_of_their_route) {
  storefront shop({.products = 5});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto too_large = [&](std::string_view method, const std::string& path, std::size_t bytes,
                             const header_list& who = {}) {
    const auto a = v.client.request(method, path, std::string(bytes, ' '), who);
    BOOST_TEST(a.header("Connection") == (a.status == 413 || a.status == 401 ? "close" : ""), path);
    return a.code();
  };
  const auto cart = v.new_cart();
  const auto refused = "body_too_large";
  BOOST_TEST(too_large("POST", cart + "/checkout", 16 * 1024 + 1) == refused);
  BOOST_TEST(too_large("POST", cart + "/checkout", 16 * 1024) != refused);
  BOOST_TEST(too_large("POST", cart + "/items", 32 * 1024 + 1) == refused);
  BOOST_TEST(too_large("POST", "/store/v1/auth/login", 4097) == refused);
  BOOST_TEST(too_large("POST", "/store/v1/carts", 16 * 1024 + 1) == refused);
  BOOST_TEST(too_large("GET", "/store/v1/products", 1) == refused);
  BOOST_TEST(too_large("POST", "/no/such/path", 1025) == refused);
  BOOST_TEST(too_large("POST", "/no/such/path", 1024) == "not_found");
  const std::size_t product = 6'815'744;
  BOOST_TEST(too_large("POST", "/admin/v1/products", product + 1, root) == refused);
  BOOST_TEST(too_large("POST", "/admin/v1/products", product, root) != refused);
  // The longest description fits, in its longest JSON encoding.
  for (const std::size_t more : {0, 1}) {
    std::string body = R"({"name":"Long","price":{"amount":1,"currency":"EUR"},"description":")";
    for (std::size_t i = 0; i < 524'288 + more; ++i) body += R"(\ud83d\ude00)";
    const auto a = v.client.post("/admin/v1/products", body + "\"}", root);
    BOOST_TEST(a.status == (more == 0 ? 201 : 422), a.code());
    if (more != 0) BOOST_TEST(pointers_of(a) == "/description");
  }
  // An unknown client is asked for a token before a large body is read.
  const auto unauthenticated = v.client.post("/admin/v1/products", std::string(20'000, ' '));
  BOOST_TEST(unauthenticated.status == 401);
  BOOST_TEST(unauthenticated.code() == "authentication_required");
  BOOST_TEST(unauthenticated.header("WWW-Authenticate") == "Bearer");
  BOOST_TEST(
      v.client.post("/admin/v1/products", std::string(20'000, ' '), bearer("x.y.z")).status == 401);
  const auto document = v.client.get("/openapi.json").body;
  BOOST_TEST(document.find("\"x-body-bytes-max\":4096") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(repeated_fields_and_other_charsets_are_refused) {
  storefront shop({.products = 5});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto twice = v.client.get("/admin/v1/orders", {root.at(0), root.at(0)});
  BOOST_TEST(twice.status == 400);
  BOOST_TEST(pointers_of(twice) == "#Authorization");
  for (const auto* name : {"Client-Secret", "Device-Token", "Idempotency-Key"}) {
    const auto a = v.client.post("/store/v1/carts", "", {{name, "a"}, {name, "a"}});
    BOOST_TEST(a.status == 400, name);
    BOOST_TEST(pointers_of(a) == "#" + std::string(name));
  }
  // Also where authentication is optional.
  BOOST_TEST(v.client.get("/store/v1/products", {root.at(0), root.at(0)}).status == 400);
  const auto product = v.goods().front().id;
  const auto items = v.new_cart() + "/items";
  const auto body = R"({"product_id":")" + product + R"(","quantity":1})";
  const auto add = [&](const std::string& type) {
    return exchange_raw(shop.port(), "POST " + items +
                                         " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                         "Content-Type: " +
                                         type + "\r\nContent-Length: " +
                                         std::to_string(body.size()) + "\r\n\r\n" + body)
        .substr(9, 3);
  };
  for (const auto* good : {"application/json", "application/json; charset=utf-8",
                           "application/json;charset=\"UTF-8\"", "application/json; v=1"}) {
    BOOST_TEST(add(good) == "201", good);
  }
  for (const auto* bad : {"application/json; charset=utf-16", "application/json;charset=",
                          "application/json; charset", "application/json; v=1; Charset=latin1",
                          "application/json; charset=utf-8; charset=utf-7", "text/plain"}) {
    BOOST_TEST(add(bad) == "415", bad);
  }
  BOOST_TEST(add("application/json\r\nContent-Type: application/json") == "400");
}

BOOST_AUTO_TEST_CASE(operators_have_a_separate_listener) {
  const auto port = free_port();
  const std::string address = "127.0.0.1:" + std::to_string(port);
  storefront shop({.products = 5,
                   .settings = {{"STOA_HTTP_ADMIN_LISTEN", address},
                                {"STOA_HTTP_ADMIN_ROUTES", "admin_listen"},
                                {"STOA_HTTP_CONNECTIONS_MAX", "20"}}});
  visitor store(shop.port());
  visitor admin(port);
  for (const auto* path : {"/livez", "/readyz", "/metrics"}) {
    BOOST_TEST(admin.client.get(path).status == 200, path);
    BOOST_TEST(store.client.get(path).status == 200, path);
  }
  BOOST_TEST(admin.client.get("/store/v1/products").status == 404);
  BOOST_TEST(admin.client.post("/store/v1/carts", "").status == 404);
  const auto root = admin.log_in("root");
  BOOST_TEST(admin.client.get("/admin/v1/orders", root).status == 200);
  const auto moved = store.client.get("/admin/v1/orders", root);
  BOOST_TEST(moved.status == 404);
  BOOST_TEST(moved.code() == "not_found");
  BOOST_TEST(store.client.del("/admin/v1/orders", root).status == 404);
  // It accepts the largest file of an import.
  const std::string rows = "Handle,Title\n";
  const auto file = rows + std::string((std::size_t{32} << 20) - rows.size(), '\n');
  const auto made =
      admin.client.post("/admin/v1/imports", file, with(root, "Content-Type", "text/csv"));
  BOOST_TEST(made.status == 202, made.body);
  const environment settings{{"STOA_HTTP_ADMIN_LISTEN", address}};
  const auto healthcheck = [&] {
    const auto done = run_program(stoa_binary(), {"healthcheck"}, settings);
    BOOST_TEST_MESSAGE(done.output);
    return done.exit_code;
  };
  BOOST_TEST(healthcheck() == 0);

  // All store connections are taken by unfinished requests.
  admin.client.disconnect();
  store.client.disconnect();
  crowd full(shop.port());
  bool was_refused = false;
  for (int i = 0; i < 200 && !was_refused; ++i) {
    full.join(20, "127.0.0.1", "GET /livez HTTP/1.1\r\n");
    try {
      was_refused = visitor(shop.port()).client.get("/livez").status == 503;
    } catch (const http_failure&) {
      was_refused = true;
    }
    BOOST_TEST(admin.client.get("/livez").status == 200);
    BOOST_TEST(admin.client.get("/readyz").status == 200);
  }
  BOOST_TEST(was_refused);
  BOOST_TEST(healthcheck() == 0);
  const auto metrics = admin.client.get("/metrics").body;
  BOOST_TEST(sample(metrics, "stoa_http_connections_limit{listener=\"store\"}") == 20);
  BOOST_TEST(sample(metrics, "stoa_http_connections_limit{listener=\"admin\"}") == 256);
}

BOOST_AUTO_TEST_SUITE_END()
