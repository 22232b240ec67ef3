// Addresses, networks, and the client's address behind proxies.
#include "net/http/client_address.hpp"

#include "tests/support/raw_http.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;
using http::forwarded_field;

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

ip_address ip(std::string_view text) {
  const auto parsed = ip_address::parse(text);
  BOOST_REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

ip_network net(std::string_view text) {
  const auto parsed = ip_network::parse(text);
  BOOST_REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

http::address_rules rules(forwarded_field field) {
  return {.trusted_proxies = {net("10.0.0.0/8"), net("fd00::/8")}, .field = field};
}

/// The client's address, or the problem's code.
std::string client_of(const fields& given, forwarded_field field, std::string_view hop) {
  http::header_list headers;
  for (const auto& [name, value] : given) headers.add(name, value);
  const auto found = http::find_client(headers, ip(hop), rules(field));
  return found ? found->str() : found.error().code;
}
std::string by_list(const fields& given, std::string_view hop = "10.0.0.1") {
  return client_of(given, forwarded_field::x_forwarded_for, hop);
}
std::string by_forwarded(const fields& given, std::string_view hop = "10.0.0.1") {
  return client_of(given, forwarded_field::forwarded, hop);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(client_address)

BOOST_AUTO_TEST_CASE(addresses_as_text) {
  for (const auto* text : {"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "2001:db8::1"}) {
    BOOST_TEST(ip(text).str() == text);
  }
  BOOST_TEST(ip("2001:DB8:0:0::1").str() == "2001:db8::1");
  BOOST_TEST(ip("::ffff:192.0.2.1").str() == "192.0.2.1");
  BOOST_TEST((ip("::ffff:192.0.2.1") == ip("192.0.2.1")));
  BOOST_TEST(ip("::ffff:192.0.2.1").is_v4());
  BOOST_TEST(!ip("::192.0.2.1").is_v4());
  for (const std::string bad :
       {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.0.0.1", " 1.2.3.4", "1.2.3.4 ", "[::1]",
        "::1%lo", ":::", "1:2:3:4:5:6:7:8:9", "localhost", "0x7f.0.0.1"}) {
    BOOST_TEST(!ip_address::parse(bad), bad);
  }
  BOOST_TEST(!ip_address::parse(std::string_view("1.2.3.4\0x", 9)));
}

BOOST_AUTO_TEST_CASE(networks_contain_their_addresses_and_no_others) {
  BOOST_TEST(net("10.0.0.0/8").contains(ip("10.255.0.1")));
  BOOST_TEST(!net("10.0.0.0/8").contains(ip("11.0.0.0")));
  BOOST_TEST(net("192.0.2.7").contains(ip("192.0.2.7")));
  BOOST_TEST(!net("192.0.2.7").contains(ip("192.0.2.6")));
  BOOST_TEST(net("0.0.0.0/0").contains(ip("8.8.8.8")));
  BOOST_TEST(!net("0.0.0.0/0").contains(ip("2001:db8::1")));
  BOOST_TEST(net("::/0").contains(ip("2001:db8::1")));
  BOOST_TEST(!net("::/0").contains(ip("8.8.8.8")));
  BOOST_TEST(net("2001:db8::/33").contains(ip("2001:db8:7fff::1")));
  BOOST_TEST(!net("2001:db8::/33").contains(ip("2001:db8:8000::1")));
  BOOST_TEST(net("2001:db8::/126").contains(ip("2001:db8::3")));
  BOOST_TEST(!net("2001:db8::/126").contains(ip("2001:db8::4")));
  // IPv4-mapped IPv6 is IPv4.
  BOOST_TEST(net("::ffff:10.0.0.0/104").contains(ip("10.1.2.3")));
  BOOST_TEST(net("10.0.0.0/8").contains(ip("::ffff:10.1.2.3")));
  for (const std::string bad :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8",
        "10.0.0.1/8", "10.0.0.0/ 8", "::/129", "2001:db8::1/64", "10/8", "example.com/8"}) {
    BOOST_TEST(!ip_network::parse(bad), bad);
  }
}

BOOST_AUTO_TEST_CASE(limits_count_ipv4_in_full_and_ipv6_by_64_bits) {
  BOOST_TEST((http::key_of(ip("192.0.2.1")) != http::key_of(ip("192.0.2.2"))));
  BOOST_TEST((http::key_of(ip("192.0.2.1")) == http::key_of(ip("::ffff:192.0.2.1"))));
  BOOST_TEST((http::key_of(ip("2001:db8::1")) == http::key_of(ip("2001:db8::ffff:1"))));
  BOOST_TEST((http::key_of(ip("2001:db8::1")) != http::key_of(ip("2001:db8:0:1::1"))));
}

BOOST_AUTO_TEST_CASE(what_an_untrusted_client_sends_has_no_effect) {
  const fields spoofed{{"X-Forwarded-For", "9.9.9.9"}, {"Forwarded", "for=9.9.9.9"}};
  BOOST_TEST(by_list(spoofed, "192.0.2.1") == "192.0.2.1");
  BOOST_TEST(by_forwarded(spoofed, "192.0.2.1") == "192.0.2.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", "garbage"}}, "192.0.2.1") == "192.0.2.1");
  // The proxy appends the client's address to the field sent by the client.
  BOOST_TEST(by_list({{"X-Forwarded-For", "9.9.9.9, 192.0.2.1"}}) == "192.0.2.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", "garbage, 192.0.2.1"}}) == "192.0.2.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", "9.9.9.9"}, {"X-Forwarded-For", "192.0.2.1"}}) ==
             "192.0.2.1");
  BOOST_TEST(by_forwarded({{"Forwarded", "for=9.9.9.9, for=192.0.2.1"}}) == "192.0.2.1");
  BOOST_TEST(by_forwarded({{"Forwarded", "for=9.9.9.9"}, {"Forwarded", "for=192.0.2.1"}}) ==
             "192.0.2.1");
  // A proxy that sets one field forwards the other unchanged: it is untrusted.
  const fields other{{"X-Forwarded-For", "192.0.2.1"}, {"Forwarded", "for=9.9.9.9"}};
  BOOST_TEST(by_list(other) == "192.0.2.1");
  BOOST_TEST(client_of(other, forwarded_field::none, "10.0.0.1") == "10.0.0.1");
  // An unclosed quotation mark from the client must not hide the proxy's part.
  BOOST_TEST(by_forwarded({{"Forwarded", "for=9.9.9.9;by=\", for=\"[2001:db8::1]\""}}) ==
             "invalid_forwarded_field");
  BOOST_TEST(by_forwarded({{"Forwarded", "for=9.9.9.9;by=\", for=192.0.2.1"}}) ==
             "invalid_forwarded_field");
}

BOOST_AUTO_TEST_CASE(the_walk_passes_trusted_proxies_only) {
  BOOST_TEST(by_list({}) == "10.0.0.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", "9.9.9.9, 192.0.2.1, 10.0.0.3 ,10.0.0.2"}}) ==
             "192.0.2.1");
  BOOST_TEST(by_list({{"x-forwarded-for", "2001:db8::7, fd00::2"}}, "fd00::1") == "2001:db8::7");
  BOOST_TEST(by_list({{"X-Forwarded-For", "10.0.0.9"}}) == "10.0.0.9");
  BOOST_TEST(by_list({{"X-Forwarded-For", ",, 192.0.2.1 , ,"}}) == "192.0.2.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", ""}}) == "10.0.0.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", "unknown"}}) == "10.0.0.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", "192.0.2.1:8080"}}) == "192.0.2.1");
  BOOST_TEST(by_list({{"X-Forwarded-For", "[2001:db8::7]:8080"}}) == "2001:db8::7");
  BOOST_TEST(by_list({{"X-Forwarded-For", "[2001:db8::7]"}}) == "2001:db8::7");
  BOOST_TEST(by_forwarded({{"Forwarded",
                            "For=\"[2001:db8:cafe::17]:4711\";proto=https , by=x;for=10.0.0.2"}}) ==
             "2001:db8:cafe::17");
  BOOST_TEST(by_forwarded({{"Forwarded", "for=\"192.0.2.1:80\";host=\"a\\\"b\""}}) == "192.0.2.1");
  BOOST_TEST(by_forwarded({{"Forwarded", "for=9.9.9.9, for=_hidden"}}) == "10.0.0.1");
  BOOST_TEST(by_forwarded({{"Forwarded", "for=9.9.9.9, for=\"unknown\""}}) == "10.0.0.1");
  BOOST_TEST(by_forwarded({{"Forwarded", "for=9.9.9.9, proto=http"}}) == "10.0.0.1");
  BOOST_TEST(by_forwarded({{"Forwarded", ", for=192.0.2.1;,"}}) == "192.0.2.1");
}

BOOST_AUTO_TEST_CASE(malformed_reports_of_a_proxy_are_refused) {
  for (const std::string bad :
       {"a.example", "1.2.3", "192.0.2.1:", "192.0.2.1:x", "[192.0.2.1]", "[2001:db8::1",
        "for=1.2.3.4", "192.0.2.1, x, 10.0.0.2", "192.0.2.1 192.0.2.2", "\"192.0.2.1\""}) {
    BOOST_TEST(by_list({{"X-Forwarded-For", bad}}) == "invalid_forwarded_field", bad);
  }
  for (const std::string bad :
       {"192.0.2.1", "for", "for=", "for =192.0.2.1", "for=2001:db8::1", "for=192.0.2.1 x",
        "for=192.0.2.1;for=192.0.2.2", "for=\"192.0.2.1", "for=\"\"", "for=1.2.3", "=x",
        "for=\"[2001:db8::1]x\"", "for=192.0.2.1:80"}) {
    BOOST_TEST(by_forwarded({{"Forwarded", bad}}) == "invalid_forwarded_field", bad);
  }
}

BOOST_AUTO_TEST_CASE(the_server_tells_the_handler_who_asks) {
  std::mutex mutex;
  std::vector<std::string> seen;
  http::server server(
      {.addresses = {.trusted_proxies = {net("127.0.0.1")}, .exempt = {net("192.0.2.0/24")}}});
  const auto port = server.start(
      [&](const std::shared_ptr<http::request>& r, http::responder respond, std::size_t) {
        const std::lock_guard lock(mutex);
        BOOST_TEST(r->client.str() == r->remote_address);
        seen.push_back(r->remote_address + (r->client_exempt ? " exempt" : ""));
        respond({});
      });
  BOOST_REQUIRE(port.has_value());
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
  const auto ask = [&](const std::string& extra, const char* from) {
    raw_client client(*port, from);
    client.send(get + extra + "\r\n");
    return client.read();
  };
  BOOST_TEST(ask("", "127.0.0.1").status == 200);
  BOOST_TEST(ask("X-Forwarded-For: 9.9.9.9, 192.0.2.1\r\n", "127.0.0.1").status == 200);
  BOOST_TEST(ask("X-Forwarded-For: 192.0.2.1\r\n", "127.0.0.2").status == 200);
  const auto refused = ask("X-Forwarded-For: not-an-address\r\n", "127.0.0.1");
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.has("invalid_forwarded_field"));
  BOOST_TEST(refused.has("#X-Forwarded-For"));
  server.stop();
  BOOST_TEST(seen == (std::vector<std::string>{"127.0.0.1", "192.0.2.1 exempt", "127.0.0.2"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
