// Reading into structs: rejections, their codes, and the error pointers.
#include "net/front/failure.hpp"
#include "storage/base/blank.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_schema.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/metadata.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace stoa;
using namespace std::string_literals;

namespace shop {

enum class color { Red, Green, Blue };
BOOST_DESCRIBE_ENUM(color, Red, Green, Blue)

struct line {
  product_id product;
  std::int32_t quantity = 1;
  std::optional<std::string> note;
  static constexpr json::rule rules[] = {{.field = "quantity", .value_min = 1, .value_max = 99},
                                         {.field = "note", .length_max = 5}};
  static constexpr std::string_view defaults[] = {"quantity"};
  bool operator==(const line&) const = default;
};
BOOST_DESCRIBE_STRUCT(line, (), (product, quantity, note))

struct basket {
  std::string name;
  std::vector<line> lines;
  money total;
  color shade = color::Red;
  std::optional<timestamp> placed;
  std::map<std::string, std::uint8_t> counts;
  static constexpr json::rule rules[] = {{.field = "name", .length_min = 2, .length_max = 4},
                                         {.field = "lines", .length_min = 1, .length_max = 3},
                                         {.field = "total", .value_min = 0}};
  static constexpr std::string_view defaults[] = {"total", "shade", "counts"};
  void check(std::vector<field_error>& errors) const {
    if (name == "evil") errors.push_back({"/name", "reserved", "Not this one."});
  }
};
BOOST_DESCRIBE_STRUCT(basket, (), (name, lines, total, shade, placed, counts))

struct change {
  patch<std::string> phone;
  patch<std::string> title;
  patch<std::int64_t> rank;
  std::optional<std::string> order;
  static constexpr json::rule rules[] = {{.field = "phone", .form = json::format::phone},
                                         {.field = "order", .one_of = "newest price -price"}};
};
BOOST_DESCRIBE_STRUCT(change, (), (phone, title, rank, order))

struct labelled {
  patch<metadata_change> metadata;
  static constexpr json::rule rules[] = {metadata_rule};
};
BOOST_DESCRIBE_STRUCT(labelled, (), (metadata))

struct coloured_line : line {
  color shade = color::Red;
};
BOOST_DESCRIBE_STRUCT(coloured_line, (line), (shade))

struct palette {
  std::optional<color> main;
  std::vector<color> others;
  nullable<color> last;
  static constexpr json::rule rules[] = {{.field = "main", .one_of = "Red Blue"},
                                         {.field = "others", .length_max = 2, .one_of = "Red Blue"},
                                         {.field = "last", .one_of = "Red Blue"}};
  static constexpr std::string_view defaults[] = {"others", "last"};
};
BOOST_DESCRIBE_STRUCT(palette, (), (main, others, last))

struct tag {
  std::string label;
  std::vector<std::string> more;
  static constexpr json::rule rules[] = {
      {.field = "label", .length_min = 1, .form = json::format::line},
      {.field = "more", .form = json::format::line}};
  static constexpr std::string_view defaults[] = {"more"};
};
BOOST_DESCRIBE_STRUCT(tag, (), (label, more))

struct door {
  std::string password;
  static constexpr json::rule rules[] = {
      {.field = "password", .length_min = 3, .length_max = 4, .form = json::format::password}};
};
BOOST_DESCRIBE_STRUCT(door, (), (password))

struct odd {
  bool flag = false;
  double ratio = 0;
  std::uint64_t big = 0;
  std::int64_t small = 0;
  json::raw rest;
  nullable<std::string> gone;
  static constexpr std::string_view defaults[] = {"flag", "ratio", "big", "small", "rest", "gone"};
};
BOOST_DESCRIBE_STRUCT(odd, (), (flag, ratio, big, small, rest, gone))

}  // namespace shop

namespace {

constexpr std::string_view an_id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

std::string line_text(std::string_view more = "") {
  return R"({"product":")" + std::string(an_id) + "\"" + std::string(more) + "}";
}
std::string basket_text(std::string_view more = "", std::string_view name = "abc") {
  return R"({"name":")" + std::string(name) + R"(","lines":[)" + line_text() + "]" +
         std::string(more) + "}";
}

/// "status code" and then "pointer code" of each error, in pointer order.
template <class T>
std::string outcome(std::string_view text) {
  auto read = json::read<T>(text);
  if (read) return "ok";
  std::string out = std::to_string(front::status_of(read.error().kind)) + " " + read.error().code;
  std::multiset<std::string> errors;
  for (const auto& e : read.error().errors) {
    BOOST_TEST(!e.detail.empty());
    errors.insert(e.pointer + " " + e.code);
  }
  for (const auto& e : errors) out += "; " + e;
  return out;
}

/// The detail of the first error.
template <class T>
std::string detail_of(std::string_view text) {
  const auto read = json::read<T>(text);
  return read || read.error().errors.empty() ? "" : read.error().errors.front().detail;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_read)

BOOST_AUTO_TEST_CASE(reads_every_kind_of_member) {
  auto read = json::read<shop::basket>(basket_text(
      R"(,"total":{"amount":1299,"currency":"EUR"},"shade":"Green","placed":"2026-11-22T19:57:59Z","counts":{"a/b":255})"));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->name == "abc");
  BOOST_TEST(read->lines.size() == 1);
  BOOST_TEST(read->lines[0].product.str() == an_id);
  BOOST_TEST(read->lines[0].quantity == 1);
  BOOST_TEST((read->total == money{1299, "EUR"}));
  BOOST_TEST((read->shade == shop::color::Green));
  BOOST_TEST(read->placed->str() == "2026-11-22T19:57:59.000000Z");
  BOOST_TEST(read->counts.at("a/b") == 255);

  auto o = json::read<shop::odd>(
      R"({"flag":true,"ratio":2,"big":18446744073709551615,"small":-5,"rest":{"a": [1, 2.50]},"gone":null})");
  BOOST_REQUIRE(o.has_value());
  BOOST_TEST(o->flag);
  BOOST_TEST(o->ratio == 2.0);
  BOOST_TEST(o->big == UINT64_MAX);
  BOOST_TEST(o->small == -5);
  BOOST_TEST(o->rest.text == R"({"a":[1,2.5]})");
  BOOST_TEST(!o->gone.value.has_value());
}

BOOST_AUTO_TEST_CASE(a_wrong_form_is_400) {
  BOOST_TEST(outcome<shop::basket>("[]") == "400 invalid_request;  type");
  BOOST_TEST(outcome<shop::basket>("{}") == "400 invalid_request; /lines required; /name required");
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"a/b~c":1)")) ==
             "400 invalid_request; /a~1b~0c unknown");
  BOOST_TEST(outcome<shop::basket>(R"({"name":7,"lines":{}})") ==
             "400 invalid_request; /lines type; /name type");
  BOOST_TEST(outcome<shop::basket>(R"({"name":null,"lines":[[],5]})") ==
             "400 invalid_request; /lines/0 type; /lines/1 type; /name type");
  for (const char* quantity : {"1.5", "1e-1", "\"1\"", "true", "null", "[1]"}) {
    BOOST_TEST(outcome<shop::line>(line_text(",\"quantity\":"s + quantity)) ==
                   "400 invalid_request; /quantity type",
               quantity);
  }
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"total":{"amount":12.5,"currency":"EUR"})")) ==
             "400 invalid_request; /total/amount type");
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"total":{"amount":5})")) ==
             "400 invalid_request; /total/currency required");
  BOOST_TEST(outcome<shop::odd>(R"({"flag":0,"ratio":"1"})") ==
             "400 invalid_request; /flag type; /ratio type");
  // One structural error makes it 400 although the other is a rule's; both are reported.
  BOOST_TEST(outcome<shop::basket>(R"({"name":"a","lines":[]})") ==
             "422 validation_failed; /lines too_few; /name too_short");
  BOOST_TEST(outcome<shop::basket>(R"({"name":"a","lines":7})") ==
             "400 invalid_request; /lines type; /name too_short");
}

BOOST_AUTO_TEST_CASE(a_rule_allows_some_values_of_an_enum) {
  BOOST_TEST(outcome<shop::palette>(R"({"main":"Red","others":["Blue"],"last":"Red"})") == "ok");
  BOOST_TEST(
      outcome<shop::palette>(R"({"main":"Green","others":["Red","Green"],"last":"Green"})") ==
      "422 validation_failed; /last value; /main value; /others/1 value");
  BOOST_TEST(json::read<shop::palette>(R"({"main":"Green"})").error().errors[0].detail ==
             "This must be one of: Red, Blue.");
  // Data that were stored under another rule.
  BOOST_TEST(
      (json::read_lenient<shop::palette>(R"({"main":"Green"})")->main == shop::color::Green));
}

BOOST_AUTO_TEST_CASE(a_broken_rule_is_422) {
  BOOST_TEST(outcome<shop::basket>(basket_text("", "abcde")) ==
             "422 validation_failed; /name too_long");
  BOOST_TEST(outcome<shop::basket>(basket_text("", "ääää")) == "ok", "code points are counted");
  std::string l = line_text();
  BOOST_TEST(outcome<shop::basket>(R"({"name":"abc","lines":[)" + l + "," + l + "," + l + "," + l +
                                   "]}") == "422 validation_failed; /lines too_many");
  for (const char* quantity : {"0", "-0.0", "-1.0", "100", "1e2", "2147483648", "-2147483649",
                               "18446744073709551615", "1e30", "-1e300"}) {
    BOOST_TEST(outcome<shop::line>(line_text(",\"quantity\":"s + quantity)) ==
                   "422 validation_failed; /quantity range",
               quantity);
  }
  BOOST_TEST(outcome<shop::line>(line_text(R"(,"note":"123456")")) ==
             "422 validation_failed; /note too_long");
  BOOST_TEST(outcome<shop::line>(R"({"product":"017f22e2"})") ==
             "422 validation_failed; /product format");
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"shade":"red")")) ==
             "422 validation_failed; /shade value");
  BOOST_TEST(json::read<shop::basket>(basket_text(R"(,"shade":"red")")).error().errors[0].detail ==
             "This must be one of: Red, Green, Blue.");
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"placed":"2026-02-30T00:00:00Z")")) ==
             "422 validation_failed; /placed format");
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"counts":{"x":256,"y":-1})")) ==
             "422 validation_failed; /counts/x range; /counts/y range");
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"total":{"amount":-1,"currency":"EUR"})")) ==
             "422 validation_failed; /total/amount range");
  BOOST_TEST(outcome<shop::basket>(
                 basket_text(R"(,"total":{"amount":100000000000001,"currency":"eur"})")) ==
             "422 validation_failed; /total/amount range; /total/currency format");
  BOOST_TEST(outcome<shop::odd>(R"({"big":-1,"small":9223372036854775808})") ==
             "422 validation_failed; /big range; /small range");
  BOOST_TEST(outcome<std::vector<shop::basket>>("[" + basket_text("", "evil") + "]") ==
             "422 validation_failed; /0/name reserved");
}

BOOST_AUTO_TEST_CASE(errors_state_the_limits_of_the_rule) {
  for (const char* quantity : {"0", "100", "-2147483649", "18446744073709551615", "1e30"}) {
    BOOST_TEST(detail_of<shop::line>(line_text(",\"quantity\":"s + quantity)) ==
                   "This must be between 1 and 99.",
               quantity);
  }
  BOOST_TEST(detail_of<shop::basket>(basket_text(R"(,"counts":{"x":256})")) ==
             "This must be between 0 and 255.");
  BOOST_TEST(detail_of<shop::tag>(R"({"label":""})") == "This must have at least 1 character.");
  BOOST_TEST(detail_of<shop::basket>(basket_text("", "a")) ==
             "This must have at least 2 characters.");
  BOOST_TEST(detail_of<shop::basket>(R"({"name":"abc","lines":[]})") ==
             "This must have at least 1 element.");
  BOOST_TEST(detail_of<shop::line>(line_text(R"(,"note":"123456")")) ==
             "This must have at most 5 characters.");
}

BOOST_AUTO_TEST_CASE(an_integer_may_be_written_with_fraction_or_exponent) {
  for (const char* quantity : {"20.0", "2e1", "2.0E+1", "200e-1"}) {
    auto read = json::read<shop::line>(line_text(",\"quantity\":"s + quantity));
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(read->quantity == 20, quantity);
  }
  auto read =
      json::read<shop::odd>(R"({"big":1.8446744073709551615e19,"small":-0.0,"ratio":-0.0})");
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->big == UINT64_MAX);
  BOOST_TEST(read->small == 0);
  BOOST_TEST(outcome<shop::odd>(R"({"big":1.8446744073709551616e19,"small":-9.3e18})") ==
             "422 validation_failed; /big range; /small range");
}

BOOST_AUTO_TEST_CASE(null_is_refused_where_the_schema_forbids_it) {
  BOOST_TEST(outcome<shop::line>(line_text(R"(,"note":null)")) ==
             "400 invalid_request; /note type");
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"placed":null,"total":null,"shade":null)")) ==
             "400 invalid_request; /placed type; /shade type; /total type");
  BOOST_TEST(outcome<shop::basket>(
                 R"({"name":"abc","lines":[{"product":null,"note":null}],"counts":{"a":null}})") ==
             "400 invalid_request; /counts/a type; /lines/0/note type; /lines/0/product type");
  BOOST_TEST(outcome<shop::odd>(R"({"gone":null,"rest":null})") == "ok");
  BOOST_TEST(json::read_lenient<shop::line>(line_text(R"(,"note":null)")).has_value());
}

BOOST_AUTO_TEST_CASE(control_characters_are_refused) {
  BOOST_TEST(outcome<std::string>(R"("a\r\nb\tc")") == "ok");
  for (const char* text :
       {R"("a\u000b")", R"("a\u0001")", R"("\u007f")", R"("\u0085")", R"("\u001b[0m")"}) {
    BOOST_TEST(outcome<std::string>(text) == "422 validation_failed;  format", text);
  }
  BOOST_TEST(outcome<shop::basket>(basket_text(R"(,"counts":{"a\nb":1})")) ==
             "422 validation_failed; /counts/a\nb format");
}

BOOST_AUTO_TEST_CASE(what_is_not_listed_is_refused) {
  for (const auto* good : {"newest", "price", "-price"}) {
    BOOST_TEST(json::read<shop::change>(R"({"order":")" + std::string(good) + "\"}").has_value());
  }
  for (const auto* bad : {"", "pric", "-pric", "rice", "newest price", " ", "Newest"}) {
    const auto wrong = json::read<shop::change>(R"({"order":")" + std::string(bad) + "\"}");
    BOOST_REQUIRE(!wrong.has_value());
    BOOST_TEST((wrong.error().kind == problem_kind::validation));
    BOOST_TEST(wrong.error().errors.at(0).code == "value");
    BOOST_TEST(wrong.error().errors.at(0).detail == "This must be one of: newest, price, -price.");
  }
}

BOOST_AUTO_TEST_CASE(a_patch_tells_absent_null_and_value_apart) {
  auto read = json::read<shop::change>(R"({"phone":null,"rank":3})");
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->phone.present);
  BOOST_TEST(!read->phone.value.has_value());
  BOOST_TEST(!read->title.present);
  BOOST_TEST(read->rank.value.value() == 3);
  BOOST_TEST(outcome<shop::change>(R"({"phone":"x","rank":"3"})") ==
             "400 invalid_request; /phone format; /rank type");
}

BOOST_AUTO_TEST_CASE(errors_are_bounded) {
  std::string text = "{\"lines\":[";
  for (int i = 0; i < 1000; ++i) text += "7,";
  auto read = json::read<shop::basket>(text + "7],\"name\":\"abc\"}");
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST(read.error().errors.size() == json::errors_max);
}

BOOST_AUTO_TEST_CASE(lenient_reading_takes_what_another_version_wrote) {
  auto read = json::read_lenient<shop::basket>(
      R"({"name":"much too long now","new_field":[1],"lines":[]})");
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->name == "much too long now");
  auto missing = json::read_lenient<shop::basket>(R"({"name":"abc"})");
  BOOST_REQUIRE(!missing.has_value());
  BOOST_TEST((missing.error().kind == problem_kind::internal));
  BOOST_TEST(missing.error().code == "unreadable_data");
  BOOST_TEST(missing.error().errors.at(0).pointer == "/lines");
  BOOST_TEST((json::read_lenient<shop::basket>("{").error().kind == problem_kind::internal));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(json_lengths)

BOOST_AUTO_TEST_CASE(a_password_has_the_length_of_its_normal_form) {
  BOOST_TEST(outcome<shop::door>(R"({"password":"a\u0308a\u0308a\u0308a\u0308"})") == "ok");
  BOOST_TEST(outcome<shop::door>(R"({"password":"aa\u0308a\u0308a\u0308a\u0308"})") ==
             "422 validation_failed; /password too_long");
  BOOST_TEST(outcome<shop::door>(R"({"password":"a\u0308a\u0308"})") ==
             "422 validation_failed; /password too_short");
  BOOST_TEST(outcome<shop::door>(R"({"password":"a\nbc"})") ==
             "422 validation_failed; /password format");
}

BOOST_AUTO_TEST_CASE(a_line_has_the_length_of_what_is_stored) {
  const auto label = [](const std::string& text) {
    return outcome<shop::tag>("{\"label\":" + json::write(text) + "}");
  };
  BOOST_TEST(label("\u00a0 a\u3000") == "ok");
  BOOST_TEST(label("\u3000") == "422 validation_failed; /label blank");
  BOOST_TEST(label(std::string(300, ' ')) == "422 validation_failed; /label blank");
  BOOST_TEST(text::without_white_ends("\u00a0 a \u3000\r\n\t") == "a");
  BOOST_TEST(text::without_white_ends("\u200ba\v") == "\u200ba\v");
  BOOST_TEST(text::without_white_ends("\u2003\u2028") == "");
  BOOST_TEST(text::without_blank_ends("\ufeff\u200b \u00e9\u00ad\u2800") == "\u00e9");
  BOOST_TEST(text::without_blank_ends("\va\x7f") == "\va\x7f");
  BOOST_TEST(text::without_white_ends("\xa0 \xff") == "\xa0 \xff");
}

BOOST_AUTO_TEST_CASE(a_blank_text_is_distinguished_from_other_formats) {
  BOOST_TEST(outcome<shop::tag>(R"({"label":" \u200b"})") == "422 validation_failed; /label blank");
  BOOST_TEST(outcome<shop::tag>(R"({"label":""})") == "422 validation_failed; /label too_short");
  BOOST_TEST(outcome<shop::tag>(R"({"label":"a\nb"})") == "422 validation_failed; /label format");
  BOOST_TEST(outcome<shop::tag>(R"({"label":"a","more":["b","\u3000"]})") ==
             "422 validation_failed; /more/1 blank");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(bases_and_maps)

BOOST_AUTO_TEST_CASE(members_of_a_base_are_members) {
  auto read = json::read<shop::coloured_line>(line_text(R"(,"shade":"Green")"));
  BOOST_REQUIRE(read);
  BOOST_TEST(read->quantity == 1);
  BOOST_TEST(json::write(*read) ==
             R"({"product":")" + std::string(an_id) + R"(","quantity":1,"shade":"Green"})");
  // The base's rules apply.
  BOOST_TEST(!json::read<shop::coloured_line>(line_text(R"(,"shade":"Green","quantity":100)")));
}

BOOST_AUTO_TEST_CASE(metadata_is_bounded) {
  const auto of = [](const std::string& entries) {
    return json::read<shop::labelled>(R"({"metadata":{)" + entries + "}}");
  };
  BOOST_TEST(of(R"("erp-no_1":"A 7","b":null,"c":"")").has_value());
  BOOST_TEST(json::read<shop::labelled>(R"({"metadata":null})").has_value());
  for (const auto* bad : {R"("":"x")", R"("a.b":"x")", R"("a b":"x")", R"("ä":"x")", R"("a/b":"x")",
                          R"("x234567890123456789012345678901234567890y":"x")"}) {
    auto read = of(bad);
    BOOST_REQUIRE_MESSAGE(!read, bad);
    BOOST_TEST((read.error().kind == problem_kind::validation));
    BOOST_TEST(read.error().errors[0].code == "format");
  }
  BOOST_TEST(of(R"("a/b":"x")").error().errors[0].pointer == "/metadata/a~1b");
  BOOST_TEST((of(R"("a":1)").error().kind == problem_kind::malformed));
  BOOST_TEST(of(R"("a":")" + std::string(500, 'x') + '"').has_value());
  BOOST_TEST(of(R"("a":")" + std::string(501, 'x') + '"').error().errors[0].code == "too_long");
  for (const auto* good : {R"("a":" ")", R"("a":"x\n\ty\r")", R"("a":"\u00a0\u2028")"}) {
    BOOST_TEST(of(good).has_value(), good);
  }
  for (const auto* bad : {R"("a":"x\u0085")", R"("a":"\u0080")", R"("a":"\u009fx")",
                          R"("a":"\u007f")", R"("a":"\u000b")", R"("a":"\u001b[0m")"}) {
    BOOST_TEST(of(bad).error().errors[0].code == "format", bad);
  }
  std::string many;
  for (int i = 0; i < 51; ++i)
    many += (i > 0 ? "," : "") + ("\"k" + std::to_string(i) + "\":\"x\"");
  BOOST_TEST(of(many).error().errors[0].code == "too_many");
}

BOOST_AUTO_TEST_CASE(metadata_is_merged) {
  const metadata old{{"a", "1"}, {"b", "2"}};
  const auto change =
      json::read<shop::labelled>(R"({"metadata":{"a":"9","b":"","c":"3","d":null}})");
  BOOST_TEST((*changed_metadata(old, change->metadata) == metadata{{"a", "9"}, {"c", "3"}}));
  BOOST_TEST((*changed_metadata(old, json::read<shop::labelled>("{}")->metadata) == old));
  const auto none = json::read<shop::labelled>(R"({"metadata":null})");
  BOOST_TEST(changed_metadata(old, none->metadata)->empty());
  // The limits apply to the sum of several changes.
  metadata full;
  for (int i = 0; i < 50; ++i) full["k" + std::to_string(i)] = "x";
  BOOST_TEST(changed_metadata(full, metadata_change{{"k1", {"y"}}}).has_value());
  BOOST_TEST(changed_metadata(full, metadata_change{{"one_more", {"y"}}}).error().errors[0].code ==
             "too_many");
  for (auto& [key, text] : full) text = std::string(400, 'x');
  BOOST_TEST(changed_metadata(full, metadata_change{{"k1", {"y"}}}).error().errors[0].code ==
             "too_long");
}

BOOST_AUTO_TEST_CASE(the_schema_says_so) {
  json::schema_set set;
  set.ref<shop::labelled>();
  const auto text = set.components();
  for (const auto* part :
       {R"("maxProperties":50)", R"("pattern":"^[A-Za-z0-9_-]{1,40}$")",
        R"("additionalProperties":{"type":["string","null"],"maxLength":500,"pattern":)"
        R"("^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"})"}) {
    BOOST_TEST(text.find(part) != std::string::npos, part << " in " << text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
