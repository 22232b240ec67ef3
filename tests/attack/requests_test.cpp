// Requests that cost the server more than the client: unfinished bodies, JSON at its limits,
// searches, and disguised card numbers.

#include "tests/support/attack.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace stoa::test;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t growth_kb_max = 200'000;

attack_ground& ground() {
  static attack_ground one;
  return one;
}

std::uint32_t attacker(int connection) {
  return loopback(9, 1 + connection);
}

std::string post(const std::string& target, const std::string& body,
                 const header_list& headers = {}) {
  return request_text("POST", target, body, headers);
}

int sum(const flood_answers& answers) {
  int all = 0;
  for (const auto& [status, many] : answers) all += many;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(requests)

BOOST_AUTO_TEST_CASE(bodies_that_do_not_end) {
  auto& g = ground();
  const auto before_kb = g.shop().process().memory_kb();
  g.withstand("200 bodies that do not end", [&](const std::atomic<bool>& over) {
    // Every second one announces more than the route accepts.
    const auto head = [](std::size_t i) {
      return "POST /store/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
             "Content-Length: " +
             std::string(i % 2 == 0 ? "1000000" : "16000") + "\r\n\r\n";
    };
    const std::string piece(64, ' ');
    std::vector<int> sockets(200, -1);
    while (!over) {
      for (std::size_t i = 0; i < sockets.size() && !over; ++i) {
        auto& s = sockets[i];
        std::string bytes = piece;
        if (s < 0 || is_closed(s)) {
          if (s >= 0) ::close(s);
          s = attacker_socket(g.port(), attacker(static_cast<int>(i)));
          bytes = head(i);
        }
        if (s >= 0) {
          static_cast<void>(::send(s, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        }
        std::this_thread::sleep_for(milliseconds{1});
      }
    }
    for (const int s : sockets) {
      if (s >= 0) ::close(s);
    }
  });
  BOOST_TEST(g.shop().process().memory_kb() - before_kb < growth_kb_max);
}

BOOST_AUTO_TEST_CASE(json_at_its_limits) {
  auto& g = ground();
  // As large as the route accepts, as deep as JSON may be, and larger than both.
  std::string wide = R"({"product_id":[)";
  while (wide.size() < 4000) wide += "1,";
  wide += "1]}";
  const std::string deep = R"({"product_id":)" + std::string(30, '[') + std::string(30, ']') + "}";
  const std::string large =
      R"({"product_id":)" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  flood_answers answers;
  g.withstand("JSON at its limits", [&](const std::atomic<bool>& over) {
    answers = flood(g.port(), over,
                    {.connections = 20,
                     .pause = milliseconds{50},
                     .source = attacker,
                     .request = [&](std::uint64_t n) {
                       return post("/store/v1/carts/4f1e6a7c-6d0b-4c55-9c6d-2b1f0a8f3e11/items",
                                   n % 3 == 0   ? wide
                                   : n % 3 == 1 ? deep
                                                : large);
                     }});
  });
  BOOST_TEST(answers[400] + answers[422] > 20);
  BOOST_TEST(answers[201] + answers[500] == 0);
}

BOOST_AUTO_TEST_CASE(expensive_searches) {
  auto& g = ground();
  std::mt19937_64 random(attack_seed());
  flood_answers answers;
  g.withstand("expensive searches", [&](const std::atomic<bool>& over) {
    answers = flood(
        g.port(), over,
        {.connections = 20,
         .pause = milliseconds{20},
         .source = attacker,
         .request = [&](std::uint64_t) {
           std::string words;
           for (int i = 0; i < 8; ++i)
             words += (i > 0 ? "+" : "") + std::string(1, static_cast<char>('a' + random() % 26));
           return request_text("GET", "/store/v1/products?limit=100&sort=name&q=" + words, {}, {});
         }});
  });
  BOOST_TEST(sum(answers) > 20);
  BOOST_TEST(answers[500] == 0);
}

BOOST_AUTO_TEST_CASE(card_numbers_in_disguise) {
  auto& g = ground();
  const std::vector<std::string> disguises = {
      "4012.8888.8888.1881",       "4012_8888_8888_1881",
      "4012  8888  8888  1881",    R"(4012\u00a08888\u00a08888\u00a01881)",
      R"(4012\u200b888888881881)", R"(\uff14\uff10\uff11\uff12888888881881)",
      "14012888888881881",         "40128888888818819"};
  std::string cart;
  {
    visitor v(g.port());
    cart = v.cart_with(g.product(), 1);
  }
  flood_answers answers;
  g.withstand("card numbers in disguise", [&](const std::atomic<bool>& over) {
    answers = flood(
        g.port(), over,
        {.connections = 10,
         .pause = milliseconds{500},
         .source = [](int i) { return loopback(10, 1 + i); },
         .request =
             [&](std::uint64_t n) {
               return post(
                   cart + "/checkout",
                   checkout_body({.email = "a@example.com",
                                  .more = R"(,"note":")" + disguises[n % disguises.size()] + "\""}),
                   {{"Idempotency-Key", "disguised-" + std::to_string(n)}});
             }});
  });
  BOOST_TEST(answers[422] > 10);
  BOOST_TEST(sum(answers) - answers[422] - answers[429] == 0);
  BOOST_TEST(g.metric(R"(stoa_security_events_total{event="card_number_rejected"})") >=
             answers[422]);
  std::stringstream written;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(g.shop().data())) {
    if (entry.is_regular_file()) written << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  const auto all = written.str() + g.shop().log();
  for (const auto* form :
       {"4012.8888", "4012_8888", "4012  8888", "14012888888881881", "40128888888818819"}) {
    BOOST_TEST(all.find(form) == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
