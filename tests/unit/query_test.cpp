// The query string and the request target, decoded strictly.
#include "net/http/query.hpp"

#include "net/http/percent.hpp"
#include "net/http/target.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::http;

BOOST_AUTO_TEST_SUITE(query)

BOOST_AUTO_TEST_CASE(decodes_names_and_values) {
  const auto q = parse_query("q=red+shoe%73&min_price=100&in_stock&caf%C3%A9=%26%3D%2B&");
  BOOST_REQUIRE(q.has_value());
  BOOST_TEST(q->pairs().size() == 4U);
  BOOST_TEST(q->find("q").value() == "red shoes");
  BOOST_TEST(q->find("min_price").value() == "100");
  BOOST_TEST(q->find("in_stock").value() == "");
  BOOST_TEST(q->find("café").value() == "&=+");
  BOOST_TEST(!q->find("Q").has_value());
  BOOST_TEST(parse_query("")->empty());
  BOOST_TEST(parse_query("a=b=c")->find("a").value() == "b=c");
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_read_and_names_the_parameter) {
  const auto refused = [](std::string_view raw, std::string_view pointer, std::string_view code) {
    const auto q = parse_query(raw);
    BOOST_REQUIRE_MESSAGE(q.has_error(), raw);
    BOOST_TEST(q.error().status == 400);
    BOOST_TEST(q.error().code == "malformed_query");
    BOOST_REQUIRE(q.error().errors.size() == 1U);
    BOOST_TEST(q.error().errors[0].pointer == pointer, raw);
    BOOST_TEST(q.error().errors[0].code == code, raw);
  };
  refused("q=%", "?q", "escape");
  refused("q=%4", "?q", "escape");
  refused("q=%zz", "?q", "escape");
  refused("a=1&q=%+1", "?q", "escape");
  refused("%q=1", "?", "escape");
  refused("q=%00", "?q", "control_character");
  refused("q=%0d%0a", "?q", "control_character");
  refused("q=%ff", "?q", "encoding");
  refused("q=%C0%AF", "?q", "encoding");     // overlong '/'
  refused("q=%ED%A0%80", "?q", "encoding");  // a surrogate
  refused("q=1&p=2&q=1", "?q", "repeated");
  refused("q=1&%71=2", "?q", "repeated");
  refused("=1", "?", "required");
  std::string many;
  for (std::size_t i = 0; i <= query_parameters_max; ++i) many += "p" + std::to_string(i) + "&";
  refused(many, "?p64", "too_many");
}

BOOST_AUTO_TEST_CASE(splits_and_decodes_targets) {
  const auto split = [](std::string_view target) { return split_target(target).value(); };
  BOOST_TEST(split("/").path == "/");
  BOOST_TEST(split("/a/b%20c/?x=%2F").path == "/a/b c/");
  BOOST_TEST(split("/a?x=%2F?y").query == "x=%2F?y");
  BOOST_TEST(split("/a//b").path == "/a//b");
  BOOST_TEST(split("/%E2%82%AC").path == "/€");
  BOOST_TEST(split("/..a/.b/c..").path == "/..a/.b/c..");
  BOOST_TEST(split("/%2525").path == "/%25");  // decoded once, never twice
}

BOOST_AUTO_TEST_CASE(refuses_targets_with_two_meanings) {
  for (const std::string_view target :
       {"",       "a",      "/a/../b", "/..",     "/.",    "/./a",    "/%2e%2E/a",
        "/.%2e",  "/a%2Fb", "/a%2fb",  "/a%5Cb",  "/a\\b", "/%00",    "/a%0Ab",
        "/a%7F",  "/%",     "/%a",     "/%zz",    "/%ff",  "/%C0%AE", "/a#b",
        "/a?b#c", "/a b",   "/a\x80",  "/a?\x80", "/<a>",  "//\"",    "/a?<"}) {
    const auto parts = split_target(target);
    BOOST_TEST(parts.has_error(), target);
    if (parts.has_error()) BOOST_TEST(parts.error().code == "malformed_target");
  }
}

BOOST_AUTO_TEST_CASE(absolute_form_must_agree_with_the_host) {
  BOOST_TEST(to_origin_form("http://shop.example/a?b", "Shop.example").value() == "/a?b");
  BOOST_TEST(to_origin_form("HTTP://shop.example", "shop.example").value() == "/");
  BOOST_TEST(to_origin_form("/a", "x").value() == "/a");
  for (const std::string_view target :
       {"http://other.example/a", "https://shop.example/", "http://", "http:///a",
        "http://u@shop.example/", "shop.example:80", "http://shop.example?x",
        "http://shop.example:80/"}) {
    BOOST_TEST(to_origin_form(target, "shop.example").has_error(), target);
  }
}

BOOST_AUTO_TEST_CASE(encodes_what_it_decodes) {
  std::string all;
  for (int c = 0x20; c < 0x7F; ++c) all.push_back(static_cast<char>(c));
  all += "é€";
  std::string back;
  BOOST_TEST((percent_decode(percent_encode(all), true, back) == decode_error::none));
  BOOST_TEST(back == all);
  BOOST_TEST(percent_encode("a b/c+d~") == "a%20b%2Fc%2Bd~");
}

BOOST_AUTO_TEST_SUITE_END()
