// Unknown peers at the cluster port, and forged events at the broker.

#include "tests/support/attack.hpp"
#include "tests/support/bus_node.hpp"
#include "tests/support/nats_server.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t growth_kb_max = 64'000;

std::string bytes_of(std::mt19937_64& random, std::size_t size) {
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>(random());
  return out;
}

/// A header of CAF's protocol for a message of that length (actors/kernel/basp_inspector.hpp).
std::string header(std::uint8_t operation, std::uint32_t length) {
  std::string out(36, '\0');
  out[0] = static_cast<char>(operation);
  for (std::size_t i = 0; i < 4; ++i) {
    out[4 + i] = static_cast<char>((length >> (24 - 8 * i)) & 0xFFU);
  }
  return out;
}

/// One event with its headers, as read from the broker.
struct seen_event {
  std::string subject;
  std::string payload;
  third_party::headers headers;
};

seen_event read(natsMsg* m) {
  seen_event e{natsMsg_GetSubject(m),
               {natsMsg_GetData(m), static_cast<std::size_t>(natsMsg_GetDataLength(m))},
               {}};
  const char** names = nullptr;
  int count = 0;
  third_party::check(natsMsgHeader_Keys(m, &names, &count));
  for (int i = 0; i < count; ++i) {
    const char* value = nullptr;
    third_party::check(natsMsgHeader_Get(m, names[i], &value));
    e.headers.emplace_back(names[i], value);
  }
  free(names);
  return e;
}

void set(seen_event& e, std::string_view name, const std::string& value) {
  for (auto& h : e.headers) {
    if (h.first == name) h.second = value;
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nodes)

BOOST_AUTO_TEST_CASE(untrusted_peers_at_the_cluster_port) {
  const auto port = free_port();
  attack_ground g({{"STOA_NODE_NAME", "main"},
                   {"STOA_CLUSTER_LISTEN", "127.0.0.1:" + std::to_string(port)},
                   {"STOA_CLUSTER_HANDSHAKE_TIMEOUT_MS", "1000"}});
  const auto before_kb = g.shop().process().memory_kb();
  int made = 0;
  g.withstand("unknown peers at the cluster port", [&](const std::atomic<bool>& over) {
    std::mt19937_64 random(attack_seed());
    std::vector<int> silent;
    while (!over) {
      const int s = attacker_socket(port, loopback(9, 1 + made % 200));
      if (s >= 0) {
        ++made;
        std::string bytes;
        if (made % 4 == 1) bytes = bytes_of(random, 1 + random() % 2000);
        if (made % 4 == 2) bytes = header(static_cast<std::uint8_t>(random() % 9), 0xFFFFFFF0U);
        if (made % 4 == 3) bytes = header(1, 20) + bytes_of(random, 20) + header(2, 1U << 30U);
        static_cast<void>(::send(s, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        // Every fourth stays connected without sending.
        if (made % 4 == 0 && silent.size() < 200) {
          silent.push_back(s);
        } else {
          ::close(s);
        }
      }
      std::this_thread::sleep_for(milliseconds{5});
    }
    for (const int s : silent) ::close(s);
  });
  BOOST_TEST(made > 50);
  BOOST_TEST(g.shop().process().memory_kb() - before_kb < growth_kb_max);
}

BOOST_AUTO_TEST_CASE(forged_events) {
  if (!nats_server::available()) return skip("nats-server is not installed");
  nats_server broker;
  attack_ground g({{"STOA_EVENTS_BUS", "nats"}, {"STOA_NATS_URLS", broker.url()}});
  third_party eve(broker.url());
  const auto listening = eve.subscribe("stoa.order.placed");
  visitor v(g.port());
  v.bought(g.product());
  const auto genuine = read(third_party::next(listening.get()).get());
  int sent = 0;
  g.withstand("forged events", [&](const std::atomic<bool>& over) {
    while (!over) {
      auto e = genuine;
      const auto id = system_ids().next_v7().str();
      set(e, "Nats-Msg-Id", id);
      set(e, "ce-id", id);
      set(e, "stoa-seq", std::to_string(std::int64_t{1} << 62));
      set(e, "stoa-low-water", std::to_string(std::int64_t{1} << 62));
      if (sent % 2 == 0)
        std::erase_if(e.headers, [](auto& h) { return h.first == "stoa-signature"; });
      eve.publish(e.subject, e.payload, e.headers);
      ++sent;
      std::this_thread::sleep_for(milliseconds{10});
    }
  });
  BOOST_TEST(sent > 20);
  BOOST_TEST(g.metric(R"(stoa_bus_events_rejected_total{reason="unsigned"})") > 0);
  BOOST_TEST(g.metric(R"(stoa_bus_events_rejected_total{reason="wrong_signature"})") > 0);
  v.bought(g.product());
}

BOOST_AUTO_TEST_SUITE_END()
