// The PROXY protocol: the parser, and the server behind a proxy that uses it.
#include "net/http/proxy_header.hpp"

#include "tests/support/raw_http.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string v4_addresses = "\xc0\x00\x02\x01\xc0\x00\x02\x02\xdc\x04\x01\xbb"s;
const std::string v6_addresses = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" +
                                 "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x08" +
                                 "\xdc\x04\x01\xbb"s;

/// A header of version 2 with this content.
std::string binary(char version_and_command, char family, const std::string& content) {
  return signature + version_and_command + family + static_cast<char>(content.size() >> 8) +
         static_cast<char>(content.size() & 0xff) + content;
}

struct outcome {
  std::string client;  ///< "none" when the header names no client, "invalid", "unfinished"
  std::size_t taken = 0;
};

/// Reads the bytes in pieces of that size.
outcome read(const std::string& bytes, std::size_t piece) {
  http::proxy_header_reader reader;
  std::size_t at = 0;
  while (at < bytes.size() && !reader.done()) {
    const auto taken = reader.take(std::string_view(bytes).substr(at, piece));
    if (!taken) return {"invalid", at};
    at += *taken;
    if (!reader.done()) BOOST_REQUIRE(*taken == std::min(piece, bytes.size() - (at - *taken)));
  }
  if (!reader.done()) return {"unfinished", at};
  return {reader.client() ? reader.client()->str() : "none", at};
}

void check(const std::string& header, const std::string& client) {
  const std::string behind = "GET / HTTP/1.1\r\n";
  for (const std::size_t piece : {1U, 2U, 7U, 64U, 4096U}) {
    BOOST_TEST_CONTEXT("in pieces of " << piece) {
      const auto got = read(header + behind, piece);
      BOOST_TEST(got.client == client, header);
      if (client != "invalid") BOOST_TEST(got.taken == header.size());
    }
  }
}

http::address_rules behind_proxy() {
  return {.trusted_proxies = {*ip_network::parse("127.0.0.1")}, .proxy_protocol = true};
}

/// A server that returns the client's address.
struct mirror {
  explicit mirror(http::server_config config) : server(std::move(config)) {
    const auto started =
        server.start([](const std::shared_ptr<http::request>& r, http::responder respond,
                        std::size_t) { respond({.body = r->remote_address}); });
    BOOST_REQUIRE(started.has_value());
    port = *started;
  }
  http::server server;
  std::uint16_t port = 0;
};

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(proxy_header)

BOOST_AUTO_TEST_CASE(lines_of_version_1) {
  check("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", "192.0.2.1");
  check("PROXY TCP6 2001:db8::7 2001:db8::8 0 65535\r\n", "2001:db8::7");
  check("PROXY UNKNOWN\r\n", "none");
  check("PROXY UNKNOWN ffff::1 anything at all\r\n", "none");
  const std::string longest =
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
  BOOST_TEST(longest.size() == 104U);
  check(longest, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  check("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", "none");
  for (const std::string& bad :
       {"PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", "GET / HTTP/1.1\r\n"s, "PROXY\r\n"s,
        "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n"s, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"s,
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r \r\n"s, "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"s,
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"s, "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n"s,
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n"s, "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n"s,
        "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n"s, "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n"s,
        "PROXY TCP4 192.0.2.1 host 1 2\r\n"s, "PROXY TCP4 2001:db8::7 2001:db8::8 1 2\r\n"s,
        "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n"s, "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"s,
        "PROXY UNKNOWNX\r\n"s, "PROXY " + std::string(1000, 'x')}) {
    check(bad, "invalid");
  }
}

BOOST_AUTO_TEST_CASE(headers_of_version_2) {
  check(binary('\x21', '\x11', v4_addresses), "192.0.2.1");
  check(binary('\x21', '\x21', v6_addresses), "2001:db8::7");
  check(binary('\x20', '\0', ""), "none");
  check(binary('\x20', '\x11', v4_addresses), "none");
  check(binary('\x21', '\0', "whatever"), "none");
  const std::string extension = "\x01\x00\x02h2"s;
  check(binary('\x21', '\x11', v4_addresses + extension + "\x04\x00\x00"s), "192.0.2.1");
  check(binary('\x20', '\0', std::string(2032, 'x')), "none");
  for (const auto& bad :
       {binary('\x20', '\0', std::string(2033, 'x')),   // longer than 2,048 bytes
        binary('\x11', '\x11', v4_addresses),           // version 1 in binary form
        binary('\x22', '\x11', v4_addresses),           // an unknown command
        binary('\x21', '\x12', v4_addresses),           // UDP
        binary('\x21', '\x31', std::string(216, 'x')),  // a Unix socket
        binary('\x21', '\x11', v4_addresses.substr(1)), binary('\x21', '\x21', v4_addresses),
        binary('\x21', '\x11', v4_addresses + "\x01\x00"s),
        binary('\x21', '\x11', v4_addresses + "\x01\x00\x03h2"s),
        "\r\n\r\n\0\r\nQUIT\r"s + std::string(20, 'x')}) {
    check(bad, "invalid");
  }
  BOOST_TEST(read(binary('\x21', '\x11', v4_addresses).substr(0, 27), 5).client == "unfinished");
}

BOOST_AUTO_TEST_CASE(the_client_is_whom_a_trusted_proxy_names) {
  mirror m({.addresses = behind_proxy()});
  const auto ask = [&](const std::string& header) {
    raw_client client(m.port);
    client.send(header);
    client.send(get);
    client.send(get);
    const auto first = client.read();
    BOOST_TEST(client.read().body == first.body);
    return first.body;
  };
  BOOST_TEST(ask("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n") == "192.0.2.1");
  BOOST_TEST(ask(binary('\x21', '\x21', v6_addresses)) == "2001:db8::7");
  BOOST_TEST(ask("PROXY UNKNOWN\r\n") == "127.0.0.1");
  raw_client slow(m.port);
  slow.send_byte_by_byte("PROXY TCP4 192.0.2.9 192.0.2.2 56324 443\r\n" + std::string(get));
  BOOST_TEST(slow.read().body == "192.0.2.9");
  // The client's own fields are ignored: it is not a trusted proxy.
  raw_client spoofing(m.port);
  spoofing.send(
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n");
  BOOST_TEST(spoofing.read().body == "192.0.2.1");
}

BOOST_AUTO_TEST_CASE(without_the_header_a_trusted_proxy_is_cut_off) {
  mirror m({.timeouts = {.header = 150ms}, .addresses = behind_proxy()});
  raw_client plain(m.port);
  plain.send(get);
  BOOST_TEST(plain.closed());
  raw_client silent(m.port);
  BOOST_TEST(silent.closed());
  raw_client half(m.port);
  half.send("PROXY TCP4 192.0");
  BOOST_TEST(half.closed());
  BOOST_TEST(m.server.counters().requests_total == 0U);
}

BOOST_AUTO_TEST_CASE(from_others_the_header_is_refused) {
  mirror m({.addresses = behind_proxy()});
  raw_client other(m.port, "127.0.0.2");
  other.send(get);
  BOOST_TEST(other.read().body == "127.0.0.2");
  for (const auto& header :
       {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"s, binary('\x21', '\x11', v4_addresses)}) {
    raw_client spoofing(m.port, "127.0.0.2");
    spoofing.send(header + std::string(get));
    BOOST_TEST(spoofing.read().status == 400);
  }
  // It is rejected where it is disabled.
  mirror off({.addresses = {.trusted_proxies = {*ip_network::parse("127.0.0.1")}}});
  raw_client proxy(off.port);
  proxy.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + std::string(get));
  BOOST_TEST(proxy.read().status == 400);
}

BOOST_AUTO_TEST_CASE(the_header_comes_before_tls) {
  const temp_dir dir;
  const http::tls_files files{(dir / "c.pem").string(), (dir / "k.pem").string()};
  make_certificate(files.certificate, files.key);
  mirror m({.tls = files, .addresses = behind_proxy()});
  for (const auto& header :
       {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"s, binary('\x21', '\x11', v4_addresses)}) {
    tls_client client(m.port);
    client.send_plain(header);
    BOOST_REQUIRE(client.shake_hands());
    BOOST_TEST(client.ask(std::string(get)).ends_with("192.0.2.1"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
