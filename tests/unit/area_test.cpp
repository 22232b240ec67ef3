// Areas of tax rates and shipping zones: ranges of postal codes.

#include "actors/pricing/area_match.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

using namespace stoa::pricing;

BOOST_AUTO_TEST_SUITE(areas)

BOOST_AUTO_TEST_CASE(the_ends_of_a_postal_range_are_in_order) {
  const auto complaint = [](std::optional<std::string> from, std::optional<std::string> to) {
    const area a{"DE", {}, std::move(from), std::move(to)};
    std::vector<stoa::field_error> errors;
    a.check(errors);
    return errors.empty() ? "" : errors[0].pointer + " " + errors[0].code;
  };
  BOOST_TEST(complaint({}, {}) == "");
  BOOST_TEST(complaint("10000", "19999") == "");
  BOOST_TEST(complaint("1", "1") == "");
  BOOST_TEST(complaint("19", "1") == "");
  BOOST_TEST(complaint("sw1-a", "SW1 B") == "");
  BOOST_TEST(complaint("9", "1") == "/postal_to range");
  BOOST_TEST(complaint("20", "1") == "/postal_to range");
  BOOST_TEST(complaint("1", {}) == "/postal_to required");
  BOOST_TEST(complaint({}, "1") == "/postal_from required");
  BOOST_TEST(complaint(" -", "1") == "/postal_from format");
  BOOST_TEST((fit_of({"DE", {}, "19", "1"}, {"DE", {}, "19100"}) > 1));
  BOOST_TEST(fit_of({"DE", {}, "19", "1"}, {"DE", {}, "18100"}) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
