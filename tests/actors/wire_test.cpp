// The byte format of messages between nodes, as serialized by CAF. A change here breaks
// communication with nodes of the previous version: add a new message type instead.

#include "actors/kernel/wire.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

namespace {

using namespace stoa::kernel;

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};

  template <class M>
  std::string bytes(M m) {
    std::vector<char> buffer;
    caf::binary_serializer out{system, buffer};
    BOOST_TEST(!out(m));
    std::string hex;
    for (char c : buffer) {
      static constexpr const char* digits = "0123456789abcdef";
      auto b = static_cast<unsigned char>(c);
      // Texts stay readable; other bytes are hexadecimal.
      if (b >= 'A' && b <= 'z') {
        hex += c;
      } else {
        hex += '.';
        hex += digits[b >> 4];
        hex += digits[b & 15];
      }
    }
    M again;
    caf::binary_deserializer in{system, buffer};
    BOOST_TEST(!in(again));
    std::vector<char> second;
    caf::binary_serializer out_again{system, second};
    BOOST_TEST(!out_again(again));
    BOOST_TEST((second == buffer));
    return hex;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wire, fixture)

BOOST_AUTO_TEST_CASE(golden_bytes) {
  BOOST_TEST(wire_protocol == 1);
  BOOST_TEST(
      bytes(wire_requests{{{9, "service", "name", "context", "body", 0x0102, {"id", {"a"}, 3}}}}) ==
      ".01.00.00.00.00.00.00.00.09.07service.04name.07context.04body.00.00.00.00.00.00.01.02.02id."
      "01."
      "01a.00.00.00.00.00.00.00.03");
  BOOST_TEST(bytes(wire_replay{9, "service", "id"}) == ".00.00.00.00.00.00.00.09.07service.02id");
  BOOST_TEST(bytes(wire_answers{{{9, "content", "event"}}}) ==
             ".01.00.00.00.00.00.00.00.09.07content.05event");
  BOOST_TEST(bytes(wire_deliveries{"to", {{"event", 5, 6, true, "error"}}}) ==
             ".02to.01.05event.00.00.00.00.00.00.00.05.00.00.00.00.00.00.00.06.01.05error");
  BOOST_TEST(bytes(wire_verdicts{"who", "source", 3, {{7, "why"}}}) ==
             ".03who.06source.00.00.00.00.00.00.00.03.01.00.00.00.00.00.00.00.07.03why");
  BOOST_TEST(bytes(wire_event_verdicts{"who", "source", 3, {{7, "why", "id"}}}) ==
             ".03who.06source.00.00.00.00.00.00.00.03.01.00.00.00.00.00.00.00.07.03why.02id");
  BOOST_TEST(bytes(wire_hello{{"state", nullptr, nullptr}}) ==
             ".05state.00.00.00.00.00.00.00.00.00.00.00.00.00.00.00.0f.00.00.00.00.00.00.00.00.00."
             "00.00.00.00.00.00.0f");
  BOOST_TEST(bytes(wire_welcome{"why", {"state", nullptr, nullptr}}) ==
             ".03why.05state.00.00.00.00.00.00.00.00.00.00.00.00.00.00.00.0f.00.00.00.00.00.00.00."
             "00.00.00.00.00.00.00.00.0f");
}

BOOST_AUTO_TEST_CASE(what_is_cut_short_is_refused) {
  std::vector<char> buffer;
  wire_request whole{1, "service", "name", "context", "body", 2, {"id", {"type"}, 3}};
  caf::binary_serializer out{system, buffer};
  BOOST_TEST(!out(whole));
  for (std::size_t n = 0; n < buffer.size(); ++n) {
    std::vector<char> part(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
    wire_request read;
    caf::binary_deserializer in{system, part};
    BOOST_TEST(static_cast<bool>(in(read)));
  }
}

BOOST_AUTO_TEST_SUITE_END()
