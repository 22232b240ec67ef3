// How `stoa top` displays the nodes' reports: rates, partitions without an owner, the age of the
// data; and which URLs it accepts.

#include "net/cli/top_view.hpp"

#include "net/cli/http_call.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using std::chrono::seconds;

namespace {

kernel::node_state node(const std::string& name, std::vector<kernel::partition_state> owned) {
  kernel::node_state n;
  n.cluster = "shop";
  n.node = name;
  n.version = "1.2.3";
  n.up_s = 7500;
  n.bus = "nodes";
  kernel::service_state s;
  s.service = "order";
  s.partitions = 3;
  s.readable = true;
  s.in_flight = 4;
  s.owned = std::move(owned);
  n.services.push_back(std::move(s));
  return n;
}

std::string text_of(const cli::top_view& v, const std::string& trouble = {},
                    cli::top_view::time_point now = {}) {
  std::string all;
  for (const auto& line : v.lines("http://here", trouble, now)) all += line.text + "\n";
  return all;
}

/// The line that contains the word, with single spaces between columns.
std::string line_with(const std::string& text, const std::string& word) {
  const auto at = text.find(word);
  if (at == text.npos) return {};
  const auto begin = word.starts_with('\n') ? at + 1 : text.rfind('\n', at) + 1;
  std::string line;
  for (const char c : text.substr(begin, text.find('\n', begin) - begin)) {
    if (c != ' ' || !line.ends_with(' ')) line += c;
  }
  return line;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(top_view)

BOOST_AUTO_TEST_CASE(rates_are_of_two_looks) {
  cli::top_view view;
  const cli::top_view::time_point start{};
  view.add({node("b", {{0, 7, 5, 100, 1000, 3, 2500}, {2, 1, 1, 10, 20, 1, 1'500'000}})}, start);
  BOOST_TEST(line_with(text_of(view), "\norder") == "order b yes - - - 6 4 4 1.5s 0:7 2:1");
  BOOST_TEST(line_with(text_of(view), "1.2.3") == "b 1.2.3 serving 2h5m 2 0 nodes");

  view.add({node("b", {{0, 7, 0, 108, 1600, 0, 0}, {2, 1, 0, 12, 40, 0, 0}})}, start + seconds{2});
  BOOST_TEST(line_with(text_of(view), "\norder") == "order b yes 310 5.0 62 0 4 0 0 0:7 2:1");

  // After a restart its counters start at 0; a partition from another node has done nothing here
  // yet.
  view.add({node("b", {{0, 8, 0, 4, 8, 0, 0}, {1, 9, 0, 500, 500, 0, 0}})}, start + seconds{4});
  BOOST_TEST(line_with(text_of(view), "\norder") == "order b yes 4.0 2.0 2.0 0 4 0 0 0:8 1:9");
}

BOOST_AUTO_TEST_CASE(partitions_without_an_owner_are_named) {
  cli::top_view view;
  view.add({node("b", {{1, 1}}), node("a", {})}, {});
  const auto text = text_of(view);
  BOOST_TEST(line_with(text, "(none)") == "order (none) 0 2");
  BOOST_TEST(text.find("2 nodes") != text.npos);
  BOOST_TEST(text.find("\na ") < text.find("\nb "));
  BOOST_TEST(line_with(text, "partitions_without_owner") ==
             "unhealthy order - partitions_without_owner no owner for partition 0, 2");
  view.add({node("b", {{1, 1}}), node("a", {{0, 1}, {2, 1}})}, {});
  BOOST_TEST(text_of(view).find("(none)") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_node_that_takes_no_partitions_is_marked) {
  cli::top_view view;
  auto n = node("b", {{0, 1}, {1, 1}, {2, 1}});
  n.cordoned = true;
  view.add({n}, {});
  BOOST_TEST(line_with(text_of(view), "1.2.3") == "b 1.2.3 cordoned 2h5m 3 0 nodes");
  n.drained = true;
  n.clock_ahead_us = -1'500'000;
  view.add({n}, {});
  BOOST_TEST(line_with(text_of(view), "1.2.3") == "b 1.2.3 drained 2h5m 3 -1.5s nodes");
}

BOOST_AUTO_TEST_CASE(failures_are_shown_with_the_age_of_the_data) {
  cli::top_view view;
  BOOST_TEST(text_of(view, "no\x1b answer").find("no? answer; retrying\n") != std::string::npos);
  view.add({node("evil\x1b[2J", {})}, {});
  const auto text = text_of(view, "no answer", cli::top_view::time_point{} + seconds{90});
  BOOST_TEST(text.find("no answer; retrying, showing data that is 1m old\n") != text.npos);
  BOOST_TEST(text.find('\x1b') == text.npos);
}

BOOST_AUTO_TEST_CASE(urls_name_a_place_and_nothing_else) {
  const auto shown = [](const std::string& url) {
    const auto p = cli::parse_server_address(url);
    return std::string(p.tls ? "tls " : "") + p.host + " " + p.port;
  };
  BOOST_TEST(shown("http://127.0.0.1:8080") == "127.0.0.1 8080");
  BOOST_TEST(shown("http://shop.example/") == "shop.example 80");
  BOOST_TEST(shown("https://shop.example") == "tls shop.example 443");
  BOOST_TEST(shown("https://[::1]:65535") == "tls ::1 65535");
  for (const auto* bad : {"", "shop.example", "ftp://shop.example", "http://", "http://:80",
                          "http://a:", "http://a:0", "http://a:65536", "http://a:8x", "http://a:-1",
                          "http://a:99999999999", "http://[::1", "http://[::1]80", "http://a/b",
                          "http://me@a", "http://a b", "http://a\r\nX: y"}) {
    BOOST_CHECK_THROW(cli::parse_server_address(bad), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
