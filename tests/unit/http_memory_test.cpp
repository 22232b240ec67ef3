// Out of memory ends a request, not the server. Large allocations of this program fail while a test
// requests it.
#include "tests/support/raw_http.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

/// Allocations of at least this many bytes fail.
std::atomic<std::size_t> failing_from{~std::size_t{0}};
/// True in the test's own thread.
thread_local bool is_spared = false;

}  // namespace

void* operator new(std::size_t bytes) {
  if (bytes >= failing_from.load() && !is_spared) throw std::bad_alloc();
  void* block = std::malloc(bytes == 0 ? 1 : bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_echo = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

struct want_of_memory {
  explicit want_of_memory(std::size_t from) {
    is_spared = true;
    failing_from = from;
  }
  ~want_of_memory() { failing_from = ~std::size_t{0}; }
  want_of_memory(const want_of_memory&) = delete;
  want_of_memory& operator=(const want_of_memory&) = delete;
};

std::string post(std::size_t length, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) +
         "\r\n\r\n" + body;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_memory)

BOOST_AUTO_TEST_CASE(a_body_without_memory_is_answered_503) {
  steered_server server({.io_threads = 2});
  raw_client bystander(server.port());
  bystander.send(get_echo);
  BOOST_TEST(bystander.read().status == 200);
  const std::string body(900'000, 'b');
  for (int i = 0; i < 5; ++i) {
    raw_client client(server.port());
    const auto request = post(body.size() + 1, body);
    const want_of_memory now(100'000);
    client.send(request);
    const auto answer = client.read();
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.has("\"code\":\"out_of_memory\""));
    BOOST_TEST(answer.field("Connection") == "close");
  }
  BOOST_TEST(server->counters().allocation_failures == 5U);
  bystander.send(get_echo);
  BOOST_TEST(bystander.read().status == 200);
  BOOST_TEST(server.ask(post(body.size(), body)).status == 200);
  BOOST_TEST(server->counters().body_bytes_held == 0U);
}

BOOST_AUTO_TEST_CASE(an_answer_without_memory_ends_its_connection_only) {
  steered_server server;
  const std::string body(150'000, 'b');
  raw_client client(server.port());
  const auto request = post(body.size(), body);
  {
    // The handler's copy of the body is larger than that; the server's own allocations are smaller.
    const want_of_memory now(200'000);
    raw_client first(server.port());
    first.send(request);
    BOOST_TEST(first.read().status == 200);
  }
  {
    const want_of_memory now(150'002);
    client.send(request);
    BOOST_TEST(client.read().status == 500);
  }
  BOOST_TEST(server.ask(get_echo).status == 200);
}

BOOST_AUTO_TEST_CASE(without_any_memory_connections_end_and_the_server_lives) {
  steered_server server({.io_threads = 2});
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(std::make_unique<raw_client>(server.port()));
      clients.back()->send(get_echo.substr(0, static_cast<std::size_t>(i) * 2));
    }
    const auto failures = server->counters().allocation_failures;
    {
      const want_of_memory now(1);
      for (int i = 0; i < 10; ++i) {
        const auto rest = get_echo.substr(static_cast<std::size_t>(i) * 2);
        clients[static_cast<std::size_t>(i)]->send(rest);
      }
      for (int i = 0; i < 200 && server->counters().allocation_failures == failures; ++i) {
        timespec pause{0, 5'000'000};
        ::nanosleep(&pause, nullptr);
      }
    }
    BOOST_TEST(server->counters().allocation_failures > failures);
  }
  BOOST_TEST(server.ask(get_echo).status == 200);
  BOOST_TEST(server.ask(post(2, "hi")).body == "POST /echo||hi");
}

BOOST_AUTO_TEST_SUITE_END()
