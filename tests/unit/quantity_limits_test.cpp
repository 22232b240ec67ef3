// The quantities in which products are sold, and what customers may write on lines.

#include "storage/base/quantity_limits.hpp"

#include "storage/base/line_properties.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;

namespace {

std::string broken(const quantity_limits& limits, std::int64_t quantity, std::int64_t units) {
  const auto found = broken_by(limits, quantity, units);
  return found ? found->code + " " + std::to_string(found->limit) : "";
}

std::string pointers(const line_properties& all) {
  std::vector<field_error> errors;
  check_properties(all, "/properties", errors);
  std::string text;
  for (const auto& e : errors) text += (text.empty() ? "" : " ") + e.pointer;
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(quantities)

BOOST_AUTO_TEST_CASE(each_limit_is_compared) {
  const quantity_limits all{4, 12, 2};
  BOOST_TEST(broken(all, 4, 4) == "");
  BOOST_TEST(broken(all, 12, 12) == "");
  BOOST_TEST(broken(all, 3, 3) == "quantity_below_min 4");
  BOOST_TEST(broken(all, 5, 5) == "quantity_not_step 2");
  BOOST_TEST(broken(all, 14, 14) == "quantity_above_max 12");
  BOOST_TEST(broken(all, 8, 14) == "quantity_above_max 12");
  BOOST_TEST(broken({}, 9999, 99999) == "");
}

BOOST_AUTO_TEST_CASE(limits_of_a_product_fit_together) {
  BOOST_TEST(!check_limits({}));
  BOOST_TEST(!check_limits({6, 24, 6}));
  BOOST_TEST(!check_limits({5, 5, std::nullopt}));
  BOOST_TEST(check_limits({6, 5, std::nullopt}).value().errors.at(0).pointer == "/quantity_min");
  BOOST_TEST(check_limits({5, std::nullopt, 6}).value().errors.at(0).pointer == "/quantity_min");
  BOOST_TEST(check_limits({std::nullopt, 20, 6}).value().errors.at(0).pointer == "/quantity_max");
}

BOOST_AUTO_TEST_CASE(properties_are_lines_of_text) {
  BOOST_TEST(pointers({{"Engraving", "For Ada"}}) == "");
  BOOST_TEST(pointers({{"", "x"}}) == "/properties/");
  BOOST_TEST(pointers({{"a/~", " "}}) == "/properties/a~1~0");
  BOOST_TEST(pointers({{"a", "one\ntwo"}}) == "/properties/a");
  BOOST_TEST(pointers({{std::string(101, 'n'), "x"}}) == "/properties/" + std::string(101, 'n'));
  line_properties large;
  for (int i = 0; i < 17; ++i) large["p" + std::to_string(i)] = std::string(490, 'x');
  BOOST_TEST(pointers(large) == "/properties");
}

BOOST_AUTO_TEST_CASE(notes_are_joined_while_they_fit) {
  using note = std::optional<std::string>;
  BOOST_TEST((joined_notes({}, {}) == note{}));
  BOOST_TEST((joined_notes("a", {}) == note{"a"}));
  BOOST_TEST((joined_notes({}, "b") == note{"b"}));
  BOOST_TEST((joined_notes("a", "a") == note{"a"}));
  BOOST_TEST((joined_notes("a", "b") == note{"a\nb"}));
  BOOST_TEST((joined_notes("a", std::string(999, 'b')) == note{"a"}));
}

BOOST_AUTO_TEST_SUITE_END()
