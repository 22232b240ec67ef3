// The query string and the request target, decoded strictly.
#include "net/http/query.hpp"

#include "net/front/shape.hpp"
#include "net/http/percent.hpp"
#include "net/http/target.hpp"
#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::http;

namespace shelf {

struct part {
  std::string name;
  std::optional<money> price;
};
BOOST_DESCRIBE_STRUCT(part, (), (name, price))

struct box {
  std::string title;
  money price;
  std::vector<part> parts;
  nullable<std::string> note;
  std::map<std::string, std::string> metadata;
  json::raw attributes;
  std::vector<box> boxes;
};
BOOST_DESCRIBE_STRUCT(box, (), (title, price, parts, note, metadata, attributes, boxes))

struct boxes {
  std::vector<box> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(boxes, (), (data, next_cursor, total))

box sample() {
  return {R"(a "b" \, {c})",
          {1200, "EUR"},
          {{"lid", money{5, "EUR"}}, {"leg", {}}},
          {},
          {{"erp", "7]"}},
          {R"({"a":[1,{"b":true}],"c":"}"})"},
          {}};
}

}  // namespace shelf

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

BOOST_AUTO_TEST_SUITE(shape)

BOOST_AUTO_TEST_CASE(shows_the_fields_that_are_asked_for) {
  const auto whole = json::write(shelf::sample());
  const auto only = [&](std::string_view fields) {
    auto selection = front::field_selection::parse(fields, front::shape_of<shelf::box>());
    BOOST_REQUIRE_MESSAGE(selection, fields);
    return selection->apply(whole);
  };
  BOOST_TEST(only("title") == R"({"title":"a \"b\" \\, {c}"})");
  BOOST_TEST(only("note,price.amount") == R"({"price":{"amount":1200},"note":null})");
  // In the resource's order, each once; a whole field includes its parts.
  BOOST_TEST(only("price.amount,price,price") == R"({"price":{"amount":1200,"currency":"EUR"}})");
  BOOST_TEST(only("parts.price.amount") == R"({"parts":[{"price":{"amount":5}},{}]})");
  BOOST_TEST(only("metadata.erp") == R"({"metadata":{"erp":"7]"}})");
  BOOST_TEST(only("metadata.gone") == R"({"metadata":{}})");
  BOOST_TEST(only("attributes.a.b,boxes.boxes.title") ==
             R"({"attributes":{"a":[1,{"b":true}]},"boxes":[]})");
  BOOST_TEST(only("title,price,parts,note,metadata,attributes,boxes") == whole);
}

BOOST_AUTO_TEST_CASE(of_a_list_those_of_its_rows) {
  shelf::boxes page{{shelf::sample(), shelf::sample()}, {"next"}, 7};
  auto selection = front::field_selection::parse("price.currency", front::shape_of<shelf::boxes>());
  BOOST_REQUIRE(selection);
  BOOST_TEST(selection->apply(json::write(page)) ==
             R"({"data":[{"price":{"currency":"EUR"}},{"price":{"currency":"EUR"}}],)"
             R"("next_cursor":"next","total":7})");
  page = {};
  BOOST_TEST(selection->apply(json::write(page)) == R"({"data":[],"next_cursor":null})");
}

BOOST_AUTO_TEST_CASE(refuses_what_the_resource_does_not_have) {
  const auto reads = [](const std::string& query, bool list) {
    auto shape = list ? front::shape_of<shelf::boxes>() : front::shape_of<shelf::box>();
    shape.expand = {{"parts"}, {"owner", {"price.currency"}}};
    shape.hidden = {"note", "boxes.note"};
    auto read = front::read_shape(*parse_query(query), shape);
    return read ? std::string("good") : read.error().errors[0].pointer;
  };
  BOOST_TEST(reads("fields=title&count=true&expand=parts,owner,parts", true) == "good");
  for (const auto* bad : {"", "x", "title,", ",", "title.x", "price.amount.x", "price.", ".price",
                          "Title", "parts.lid", "data.title", "title title"}) {
    BOOST_TEST(reads("fields=" + percent_encode(bad), true) == "?fields", bad);
  }
  std::string many = "title";
  for (int i = 0; i < 100; ++i) many += ",title";
  BOOST_TEST(reads("fields=" + many, true) == "?fields");
  BOOST_TEST(reads("expand=parts,title", false) == "?expand");
  BOOST_TEST(reads("expand=", false) == "?expand");
  BOOST_TEST(reads("count=1", true) == "?count");
  // A single resource has no total: the parameter is unknown there.
  BOOST_TEST(!front::is_shape_parameter("count", front::shape_of<shelf::box>()));
  BOOST_TEST(!front::is_shape_parameter("expand", front::shape_of<shelf::box>()));
  BOOST_TEST(front::is_shape_parameter("fields", front::shape_of<shelf::box>()));
}

BOOST_AUTO_TEST_CASE(fields_are_those_that_the_answer_can_have) {
  auto shape = front::shape_of<shelf::boxes>();
  shape.expand = {{"parts"}, {"currency", {"price.currency"}}};
  shape.hidden = {"note", "boxes.note"};
  const auto reported = [&](const std::string& query) {
    auto read = front::read_shape(*parse_query(query), shape);
    return read ? std::string("good") : read.error().errors[0].detail;
  };
  BOOST_TEST(reported("fields=title,price,price.amount") == "good");
  BOOST_TEST(reported("fields=note") ==
             "Unknown field \"note\". Fields: title, price, metadata, attributes, boxes.");
  BOOST_TEST(reported("fields=boxes.note") ==
             "Unknown field \"boxes.note\". Fields: title, price, parts, metadata, "
             "attributes, boxes.");
  BOOST_TEST(reported("fields=title.x") == "Unknown field \"title.x\". \"title\" has no fields.");
  // Expanded fields exist only with the expansion.
  BOOST_TEST(reported("fields=parts.name") == "\"parts\" requires expand=parts.");
  BOOST_TEST(reported("fields=price.currency&expand=parts") ==
             "\"price.currency\" requires expand=currency.");
  BOOST_TEST(reported("fields=parts.name,price.currency&expand=parts,currency") == "good");
  BOOST_TEST(reported("fields=x&expand=parts") ==
             "Unknown field \"x\". Fields: title, price, parts, metadata, attributes, boxes.");
  BOOST_TEST(reported("fields=price.x") == "Unknown field \"price.x\". Fields: amount.");
  BOOST_TEST(reported("expand=owner") ==
             "\"owner\" cannot be expanded. Allowed values: parts, currency.");
  const auto parameters = front::shape_parameters(shape);
  BOOST_TEST(parameters.front().first == "fields");
  const auto& schema = parameters.front().second;
  BOOST_TEST(schema.find(R"("^(title|(price|parts|metadata|attributes|boxes)([.][^.,]+)*)$")") !=
             std::string::npos);
  BOOST_TEST(schema.find(R"("examples":["title"])") != std::string::npos);
  BOOST_TEST(schema.find("note") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(costs_as_much_as_it_reads) {
  const auto cost = [](std::string_view raw) {
    return front::shape_cost(http::parse_query(raw).value(), 4);
  };
  BOOST_TEST(cost("") == 0);
  BOOST_TEST(cost("fields=title") == 0);
  BOOST_TEST(cost("count=false") == 0);
  BOOST_TEST(cost("%63ount=%74rue") == 4);
  BOOST_TEST(cost("expand=parts,owner&count=true") == 12);
}

BOOST_AUTO_TEST_SUITE_END()
