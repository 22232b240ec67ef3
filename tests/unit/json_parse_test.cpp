// Parsing: rejected texts, and that accepted ones are written unchanged.
#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <random>

using namespace stoa;
using namespace std::string_literals;

namespace {

bool refused(std::string_view text, const json::limits& bounds = {}) {
  auto parsed = json::parse(text, bounds);
  return !parsed && parsed.error().kind == problem_kind::malformed &&
         parsed.error().code == "malformed_json" &&
         parsed.error().detail.find("at byte ") != std::string::npos;
}

std::string rewritten(std::string_view text) {
  auto parsed = json::parse(text);
  return parsed ? json::write(*parsed) : "refused: " + parsed.error().detail;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_parse)

BOOST_AUTO_TEST_CASE(keeps_values_and_order) {
  BOOST_TEST(rewritten(R"( {"b":[1,-2,2.5,true,false,null],"a":"x\ny\u00e9\ud83d\ude00"} )") ==
             "{\"b\":[1,-2,2.5,true,false,null],\"a\":\"x\\ny\u00e9\U0001F600\"}");
  BOOST_TEST(rewritten("9223372036854775807") == "9223372036854775807");
  BOOST_TEST(rewritten("-9223372036854775808") == "-9223372036854775808");
  BOOST_TEST(rewritten("18446744073709551615") == "18446744073709551615");
  BOOST_TEST(rewritten("0.1") == "0.1");
  BOOST_TEST(rewritten("1e-400") == "0");
  BOOST_TEST(rewritten("1.7976931348623157e308") == "1.7976931348623157e+308");
  BOOST_TEST((json::parse("-0")->type() == json::kind::integer));
  BOOST_TEST((json::parse("1.5")->type() == json::kind::number));
  BOOST_TEST(*json::parse(R"({"a":{"b":7}})")->find("a")->find("b")->if_int64() == 7);
  BOOST_TEST(json::parse(R"({"a":1})")->find("b") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_number_with_the_value_of_an_integer_is_one) {
  const std::pair<const char*, const char*> same[] = {
      {"2.0", "2"},
      {"2e0", "2"},
      {"-0.0", "0"},
      {"0e300", "0"},
      {"0.000e-5", "0"},
      {"1E2", "100"},
      {"1e+2", "100"},
      {"-1.50e1", "-15"},
      {"100e-2", "1"},
      {"0.001e3", "1"},
      {"9007199254740993.0", "9007199254740993"},  // not a double
      {"9223372036854775807.000", "9223372036854775807"},
      {"-9223372036854775808e0", "-9223372036854775808"},
      {"1844674407370955161.5e1", "18446744073709551615"},
      {"1e19", "10000000000000000000"}};
  for (const auto& [text, integer] : same) BOOST_TEST(rewritten(text) == integer, text);
  for (const char* text :
       {"1.5", "1e-1", "1.00000000000000000000000001", "1e-400", "18446744073709551616.0",
        "-9223372036854775809.0", "1e20", "1e300", "0.1e-99999999999999999999"}) {
    auto parsed = json::parse(text);
    BOOST_TEST((parsed && parsed->type() == json::kind::number), text);
  }
}

BOOST_AUTO_TEST_CASE(a_number_outside_every_range_is_the_error_of_its_field) {
  const auto answer = [](std::string_view text) {
    const auto parsed = json::parse(text);
    if (parsed) return "accepted"s;
    const auto& p = parsed.error();
    BOOST_TEST((p.kind == problem_kind::validation));
    BOOST_TEST(p.detail.find("at byte ") != std::string::npos);
    return p.code + " " + p.errors.at(0).pointer + " " + p.errors.at(0).code;
  };
  const auto nines = std::string(400, '9');
  for (const std::string& number :
       {"18446744073709551616"s, "-9223372036854775809"s, "99999999999999999999"s, "1e400"s,
        "-1e309"s, "1.7976931348623159e308"s, "1e99999999999999999999"s, nines, "-" + nines}) {
    BOOST_TEST(answer(number) == "validation_failed  range", number);
    BOOST_TEST(answer("{\"a\":1,\"b/c\":" + number + "}") == "validation_failed /b~1c range");
    BOOST_TEST(answer("{\"a\":[{},[5,{\"d\":[0," + number + "]}]]}") ==
               "validation_failed /a/1/1/d/1 range");
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_strict_json) {
  for (const std::string& text : {"{"s,
                                  "}"s,
                                  "[1,]"s,
                                  "{\"a\":1,}"s,
                                  "{a:1}"s,
                                  "{'a':1}"s,
                                  "[1 2]"s,
                                  "01"s,
                                  "1."s,
                                  ".5"s,
                                  "+1"s,
                                  "-"s,
                                  "1e"s,
                                  "NaN"s,
                                  "Infinity"s,
                                  "-Infinity"s,
                                  "nul"s,
                                  "True"s,
                                  "\"a"s,
                                  "\"\\x\""s,
                                  "\"\\u12g4\""s,
                                  "\"tab\there\""s,
                                  "// c\n1"s,
                                  "1 2"s,
                                  "{}x"s,
                                  "[1],"s,
                                  "\"a\"b"s,
                                  "{\"a\":1,\"a\":2}"s,
                                  "{\"a\":1,\"\\u0061\":2}"s,
                                  "{}\0{}"s,
                                  "\0"s,
                                  "\"a\0b\""s,
                                  "\"\\u0000\""s,
                                  "{\"\\u0000\":1}"s,
                                  "\xEF\xBB\xBF{}"s,
                                  "\"\xFF\""s,
                                  "\"\xC0\x80\""s,
                                  "\"\xED\xA0\x80\""s,
                                  "\"\xE2\x82\""s,
                                  "\"\\ud800\""s,
                                  "\"\\udc00\""s,
                                  "\"\\ud800\\u0041\""s,
                                  "\"\\udc00\\ud800\""s,
                                  "{\"\\udc00\":1}"s,
                                  "\xC3\xA9"s}) {
    BOOST_TEST(refused(text), text);
  }
  BOOST_TEST(json::parse("[1, x]").error().detail.find("at byte 4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_empty_body_has_a_different_error) {
  for (const char* text : {"", "  ", "\r\n\t"}) {
    BOOST_TEST((json::parse(text).error().kind == problem_kind::malformed));
    BOOST_TEST(json::parse(text).error().code == "body_required");
  }
}

BOOST_AUTO_TEST_CASE(keeps_to_the_limits) {
  auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  BOOST_TEST(!refused(nested(32)));
  BOOST_TEST(refused(nested(33)));
  BOOST_TEST(refused(nested(400'000)));
  BOOST_TEST(refused(std::string(1'000'000, '[')));
  BOOST_TEST(refused(nested(300), {.depth_max = 1'000'000}),
             "the recursion limit cannot be raised");
  std::string objects;
  for (int i = 0; i < 33; ++i) objects += "{\"a\":";
  BOOST_TEST(refused(objects + "1" + std::string(33, '}')));
  BOOST_TEST(!refused("\"12345678\"", {.bytes_max = 10}));
  BOOST_TEST(refused("\"123456789\"", {.bytes_max = 10}));
}

BOOST_AUTO_TEST_CASE(too_many_values_have_a_separate_code) {
  const auto code = [](std::string_view text, std::size_t most) {
    auto parsed = json::parse(text, {.values_max = most});
    if (parsed) return std::string("accepted");
    BOOST_TEST((parsed.error().kind == problem_kind::too_large));
    return parsed.error().code;
  };
  // The array and its elements; the object and its members' values.
  BOOST_TEST(code("[1,2,3]", 4) == "accepted");
  BOOST_TEST(code("[1,2,3]", 3) == "json_too_many_values");
  BOOST_TEST(code(R"({"a":1,"b":{"c":[]}})", 4) == "accepted");
  BOOST_TEST(code(R"({"a":1,"b":{"c":[]}})", 3) == "json_too_many_values");
  BOOST_TEST(code("1", 0) == "json_too_many_values");
}

BOOST_AUTO_TEST_CASE(what_follows_too_many_values_is_not_read) {
  // The rest is not JSON, which only reading it would show.
  BOOST_TEST(json::parse("[1,2,3,\"\x01", {.values_max = 3}).error().code ==
             "json_too_many_values");
  std::string members = "{";
  for (int i = 0; i < 99'000; ++i) members += "\"k" + std::to_string(i) + "\":0,";
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST(!json::parse(members + "\"last\":1}", {.values_max = 200}));
  }
  // Reading all of it takes 30 ms each time.
  BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds{1}));
}

BOOST_AUTO_TEST_CASE(finds_duplicates_in_large_objects_in_good_time) {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  BOOST_TEST(!refused(text + "\"last\":1}"));
  BOOST_TEST(refused(text + "\"k7\":1}"));
}

BOOST_AUTO_TEST_CASE(random_damage_never_gets_through_unnoticed) {
  const std::string good =
      R"({"a":[1,2.5e3,-7,"x\u00e9\ud83d\ude00",{"b":null,"c":[true,false]}],"é":"\\\"\/\b","z":1e-5})";
  std::mt19937 random(20'221'122);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (int n = 1 + static_cast<int>(random() % 3); n > 0; --n) {
      std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 4);
          break;
        default:
          text.insert(at, 1, "{}[]\",:0\\e-"[random() % 11]);
      }
      if (text.empty()) text = " ";
    }
    auto parsed = json::parse(text);
    if (!parsed) continue;
    std::string once = json::write(*parsed);
    BOOST_REQUIRE_MESSAGE(rewritten(once) == once, "round " << round << ": " << text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
