// Header fields that are lists: entity tags, preferences, codings; and trace contexts.

#include "net/front/etags.hpp"
#include "net/front/trace.hpp"
#include "net/http/content_coding.hpp"
#include "net/http/cors.hpp"
#include "net/http/field_list.hpp"
#include "net/http/refused_head.hpp"
#include "net/routes/prefer.hpp"

#include <boost/test/unit_test.hpp>

#include <zlib.h>
#include <zstd.h>

using namespace stoa;
using namespace stoa::front;
using http::content_coding;

namespace {

std::string join(const std::vector<std::string_view>& parts) {
  std::string all;
  for (const auto p : parts) all += "[" + std::string(p) + "]";
  return all;
}

content_coding preferred(const std::string& field) {
  return http::preferred_coding(field);
}

std::string inflated(const std::string& coded, std::size_t size) {
  std::string out(size, '\0');
  z_stream s{};
  BOOST_REQUIRE(inflateInit2(&s, 15 + 16) == Z_OK);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  s.avail_in = static_cast<uInt>(coded.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(size);
  BOOST_TEST(inflate(&s, Z_FINISH) == Z_STREAM_END);
  inflateEnd(&s);
  return out;
}

std::string traced(const std::string& given) {
  http::request r;
  r.headers.add("traceparent", given);
  return traceparent_of(r);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_fields)

BOOST_AUTO_TEST_CASE(lists_are_split_outside_of_quotes) {
  BOOST_TEST(join(http::split_list(" a ,, b\t, \"c,d\" ,e=\"\\\",\";f")) ==
             "[a][b][\"c,d\"][e=\"\\\",\";f]");
  BOOST_TEST(join(http::split_list("")) == "");
  BOOST_TEST(join(http::split_list("\"never closed, x")) == "[\"never closed, x]");
  http::header_list fields;
  fields.add("Prefer", "a");
  fields.add("Other", "b");
  fields.add("prefer", "c, d");
  BOOST_TEST(http::joined_fields(fields, "PREFER").value() == "a, c, d");
  BOOST_TEST(!http::joined_fields(fields, "None"));
}

BOOST_AUTO_TEST_CASE(entity_tags_are_compared_strongly_and_weakly) {
  const auto list = parse_tags("\"a\" , W/\"b\",, \"c+gzip\", \"\"").value();
  BOOST_TEST(list.matches_strongly("a"));
  BOOST_TEST(!list.matches_strongly("b"));
  BOOST_TEST(list.matches_strongly("c"));
  BOOST_TEST(list.matches_strongly(""));
  BOOST_TEST(!list.matches_strongly("d"));
  BOOST_TEST(list.named("b", "\"b\"").value() == "\"b\"");
  BOOST_TEST(list.named("c", "\"c\"").value() == "\"c+gzip\"");
  // Only suffixes of the codings used by the server are removed.
  for (const auto* other : {"\"c+foo\"", "\"c+gzip+gzip\"", "\"c+\"", "\"c+GZIP\""}) {
    BOOST_TEST(!parse_tags(other).value().matches_strongly("c"), other);
  }
  BOOST_TEST(parse_tags("\"c+zstd\"").value().matches_strongly("c"));
  BOOST_TEST(!list.named("d", "\"d\""));
  BOOST_TEST(parse_tags(" * ").value().named("x", "\"x\"").value() == "\"x\"");
  BOOST_TEST(coded_tag(quoted_tag("abc"), "zstd") == "\"abc+zstd\"");
  // A comma or a backslash within a tag is part of it.
  BOOST_TEST(parse_tags("\"a,b\\\"").value().matches_strongly("a,b\\"));
  for (const auto* bad : {"", " ", "a", "\"a", "a\"", "*, \"a\"", "\"a\" \"b\"", "w/\"a\"", "W/a",
                          "\"a b\"", "\"a\"x", "W /\"a\"", ",", "\"\x7F\""}) {
    BOOST_TEST(!parse_tags(bad), bad);
  }
}

BOOST_AUTO_TEST_CASE(preferences_have_values_and_parameters) {
  auto all = parse_prefer(
      "Wait = \"1\\\"0\" ; x=1, respond-async;foo, wait=9, a=\"\", b=, c d, =e,"
      "f=\"g,h\", i=j k, l = m");
  BOOST_TEST(all.at("wait") == "1\"0");
  BOOST_TEST(all.at("respond-async") == "");
  BOOST_TEST(all.at("a") == "");
  BOOST_TEST(all.at("b") == "");
  BOOST_TEST(all.at("f") == "g,h");
  BOOST_TEST(all.at("l") == "m");
  BOOST_TEST(all.size() == 6U);
  // An escaped backslash does not escape the following quote.
  BOOST_TEST(parse_prefer(R"(a="x\\"y")").empty());
  BOOST_TEST(parse_prefer(R"(b="x\\\"y")").at("b") == R"(x\"y)");
  BOOST_TEST(parse_prefer(R"(c="z\\")").at("c") == R"(z\)");
}

BOOST_AUTO_TEST_CASE(a_coding_is_chosen_by_weight) {
  BOOST_TEST((http::preferred_coding(std::nullopt) == content_coding::identity));
  const std::pair<const char*, content_coding> cases[] = {
      {"", content_coding::identity},
      {"gzip", content_coding::gzip},
      {"GZip, deflate, br", content_coding::gzip},
      {"x-gzip", content_coding::gzip},
      {"gzip, zstd", content_coding::zstd},
      {"gzip;q=1.0, zstd;q=0.9", content_coding::gzip},
      {"gzip; q=0.001", content_coding::gzip},
      {"gzip;q=0", content_coding::identity},
      {"gzip;q=0.000, *", content_coding::zstd},
      {"*", content_coding::zstd},
      {"*;q=0", content_coding::identity},
      {"*;q=0, gzip", content_coding::gzip},
      {"identity;q=0, gzip;q=0.1", content_coding::gzip},
      {"identity, gzip;q=0.5", content_coding::identity},
      {"identity;q=0.5, gzip;q=0.5", content_coding::gzip},
      {"identity;q=0", content_coding::identity},  // no other supported coding is named
      {"br, deflate", content_coding::identity},
      {"gzip;q=2", content_coding::identity},
      {"gzip;q=0.1234", content_coding::identity},
      {"gzip;q=x, zstd;q=", content_coding::identity},
      {"gzip;level=9", content_coding::identity},
      {"gzip;q=0.5;x=1", content_coding::identity},
      {",,gzip ;q=1 ,", content_coding::gzip},
  };
  for (const auto& [field, wanted] : cases) {
    BOOST_TEST(http::to_string(preferred(field)) == http::to_string(wanted), field);
  }
}

BOOST_AUTO_TEST_CASE(bodies_are_coded_so_that_others_can_read_them) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "{\"product_id\":" + std::to_string(i * 7919) + "},";
  for (int round = 0; round < 3; ++round) {  // the streams are reused
    const auto gzip = http::encode(text, content_coding::gzip, {1 + round, 1}).value();
    BOOST_TEST(gzip.size() < text.size() / 2);
    BOOST_TEST(inflated(gzip, text.size()) == text);
    const auto zstd = http::encode(text, content_coding::zstd, {1, 1 + round}).value();
    BOOST_TEST(zstd.size() < text.size() / 2);
    std::string back(text.size(), '\0');
    BOOST_TEST(ZSTD_decompress(back.data(), back.size(), zstd.data(), zstd.size()) == text.size());
    BOOST_TEST(back == text);
  }
  // A body that does not get smaller is sent as it is.
  for (const auto c : {content_coding::gzip, content_coding::zstd}) {
    BOOST_TEST(!http::encode("", c, {}));
    BOOST_TEST(!http::encode("x", c, {}));
    BOOST_TEST(!http::encode("no two letters", c, {}));
  }
}

BOOST_AUTO_TEST_CASE(a_field_is_found_in_what_has_arrived) {
  const std::string line = "GET /Origin: HTTP/1.1\r\n";
  BOOST_TEST(
      http::find_field(line + "Host: a\r\norigin: \thttps://a.example \r\nX", "Origin").value() ==
      "https://a.example");
  BOOST_TEST(!http::find_field(line + "Origin: https://a.exam", "Origin"));
  BOOST_TEST(!http::find_field(line + "X-Origin: https://a.example\r\n", "Origin"));
  BOOST_TEST(!http::find_field("Origin: https://a.example", "Origin"));
  BOOST_TEST(!http::find_field("", "Origin"));
}

BOOST_AUTO_TEST_CASE(later_versions_of_a_trace_context_are_read) {
  const std::string ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-";
  const std::pair<std::string, const char*> good[] = {
      {"00-" + ids + "01", "01"},       {"00-" + ids + "00", "00"}, {"00-" + ids + "03", "03"},
      {"01-" + ids + "01", "01"},       {"cc-" + ids + "00", "00"}, {"01-" + ids + "0f-what", "01"},
      {"fe-" + ids + "f2-x-y-z", "00"}, {"02-" + ids + "05-", "01"}};
  for (const auto& [given, flags] : good) {
    const auto ours = traced(given);
    BOOST_TEST(ours.starts_with(trace), given);
    BOOST_TEST(ours.ends_with(std::string("-") + flags), given << " " << ours);
    BOOST_TEST(ours.size() == 55U);
    BOOST_TEST(ours.substr(36, 16) != "00f067aa0ba902b7");
  }
  for (const auto& bad :
       {"ff-" + ids + "01", "00-" + ids + "01-", "00-" + ids + "01-x", "01-" + ids + "01x",
        "0G-" + ids + "01", "01-" + ids + "0", "01-" + ids + "0g", "1-" + ids + "01"}) {
    BOOST_TEST(!traced(bad).starts_with(trace), bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()
