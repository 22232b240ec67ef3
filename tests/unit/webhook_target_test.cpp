// The check of an endpoint's URL: its form, and the addresses of its host.

#include "config/settings.hpp"
#include "net/webhooks/target_check.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>

using namespace stoa;
using namespace std::chrono_literals;

namespace {

/// The code of the rejection; "" if the URL may be stored. Resolves like the routes.
std::string rejection(const std::string& url, const webhook_settings& s = {}) {
  const auto checked = webhook::check_url(url, s);
  if (checked.error) return checked.error->errors.at(0).code;
  static outbound::name_resolver resolver;
  std::promise<std::vector<ip_address>> found;
  BOOST_TEST_REQUIRE(
      resolver.resolve(checked.host, [&](auto all) { found.set_value(std::move(all)); }));
  const auto bad = webhook::check_addresses(found.get_future().get(), s);
  if (!bad) return "";
  BOOST_TEST(bad->errors.at(0).pointer == "/url");
  return bad->errors.at(0).code;
}

webhook_settings with(std::vector<std::string> networks) {
  webhook_settings s;
  s.allow_http = true;
  s.allowed_networks = std::move(networks);
  return s;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_target)

BOOST_AUTO_TEST_CASE(addresses_that_are_not_public_are_rejected) {
  for (const char* host : {"127.0.0.1",
                           "localhost",
                           "127.1",
                           "2130706433",
                           "0x7f000001",
                           "0x7f.1",
                           "0177.0.0.1",
                           "0",
                           "0.0.0.0",
                           "10.0.0.1",
                           "172.16.5.4",
                           "192.168.1.1",
                           "100.64.0.1",
                           "169.254.169.254",
                           "168.63.129.16",
                           "2822734096",
                           "2852039166",
                           "0xa9fea9fe",
                           "224.0.0.1",
                           "255.255.255.255",
                           "192.0.0.192",
                           "198.18.0.1",
                           "[::1]",
                           "[::]",
                           "[fe80::1]",
                           "[fc00::1]",
                           "[fd00:ec2::254]",
                           "[ff02::1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:a9fe:a9fe]",
                           "[::127.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "[64:ff9b::a9fe:a9fe]",
                           "[2002:7f00:1::]",
                           "[2001:db8::1]"}) {
    BOOST_TEST(
        rejection("https://" + std::string(host) + "/hooks") == "webhook_address_not_allowed",
        host);
  }
}

BOOST_AUTO_TEST_CASE(public_addresses_are_accepted) {
  for (const char* host :
       {"8.8.8.8", "134744072", "[2606:4700::1111]", "[64:ff9b::808:808]", "[::ffff:8.8.8.8]"}) {
    BOOST_TEST(rejection("https://" + std::string(host) + ":8443/hooks?a=b") == "", host);
  }
}

BOOST_AUTO_TEST_CASE(allowed_networks_are_accepted) {
  const auto s = with({"127.0.0.0/8"});
  BOOST_TEST(rejection("http://127.0.0.1:81/", s) == "");
  BOOST_TEST(rejection("http://10.0.0.1/", s) == "webhook_address_not_allowed");
  BOOST_TEST(rejection("http://[::1]/", with({"::1"})) == "");
}

BOOST_AUTO_TEST_CASE(a_name_with_one_address_that_is_not_public_is_rejected) {
  const auto at = [](const char* text) { return *ip_address::parse(text); };
  BOOST_TEST(!webhook::check_addresses({at("8.8.8.8"), at("2606:4700::1111")}, {}).has_value());
  BOOST_TEST(webhook::check_addresses({at("8.8.8.8"), at("10.0.0.1")}, {}).has_value());
  BOOST_TEST(webhook::check_addresses({}, {})->errors.at(0).code == "webhook_host_unresolved");
}

BOOST_AUTO_TEST_CASE(urls_of_other_forms_are_rejected) {
  for (const char* url :
       {"", "example.com", "//example.com", "ftp://example.com/", "file:///etc/passwd",
        "gopher://example.com/", "https://", "https:///x", "https://user@example.com/",
        "https://user:secret@example.com/", "https://example.com/#part", "https://example.com/\x01",
        "https://exam ple.com/", "https://ex\xC3\xA4mple.de/", "https://example.com:99999/",
        "https://example.com:0/", "https://example.com:00/hooks", "https://example.com\r\nx: y/",
        "javascript:alert(1)"}) {
    BOOST_TEST(rejection(url) == "format", url);
  }
  BOOST_TEST(rejection("http://8.8.8.8/") == "webhook_url_not_https");
  BOOST_TEST(rejection("HTTPS://8.8.8.8/") == "");
  BOOST_TEST(rejection("https://8.8.8.8/" + std::string(3000, 'x')) == "too_long");
}

BOOST_AUTO_TEST_CASE(the_resolver_answers_in_time_and_when_it_ends) {
  std::promise<std::vector<ip_address>> none;
  outbound::name_resolver quick(0ms);
  BOOST_TEST_REQUIRE(quick.resolve("localhost", [&](auto all) { none.set_value(all); }));
  none.get_future().get();
  std::promise<std::vector<ip_address>> unknown;
  outbound::name_resolver usual(20s);
  BOOST_TEST_REQUIRE(
      usual.resolve("no-such-name.invalid", [&](auto all) { unknown.set_value(all); }));
  BOOST_TEST(unknown.get_future().get().empty());
  std::atomic<int> ended{0};
  int accepted = 0;
  {
    outbound::name_resolver ending(20s);
    for (int i = 0; i < 100; ++i) {
      if (ending.resolve("localhost", [&](const auto&) { ++ended; })) ++accepted;
    }
  }
  BOOST_TEST(accepted > 0);
  BOOST_TEST(ended == accepted);
}

BOOST_AUTO_TEST_SUITE_END()
