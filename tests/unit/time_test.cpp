// Points in time: reading and writing RFC 3339, and the simulated clock.
#include "storage/base/time.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace stoa;

BOOST_AUTO_TEST_SUITE(times)

BOOST_AUTO_TEST_CASE(writes_utc_with_six_decimals) {
  BOOST_TEST(timestamp{0}.str() == "1970-01-01T00:00:00.000000Z");
  BOOST_TEST(timestamp{1'000'000'000'000'000}.str() == "2001-09-09T01:46:40.000000Z");
  BOOST_TEST(timestamp{-1}.str() == "1969-12-31T23:59:59.999999Z");
  BOOST_TEST(timestamp{1'645'557'742'000'001}.str() == "2022-02-22T19:22:22.000001Z");
}

BOOST_AUTO_TEST_CASE(reads_the_examples_of_the_rfc) {
  // RFC 3339, section 5.8; the seconds since 1970 from date(1).
  BOOST_TEST(timestamp::parse("1985-04-12T23:20:50.52Z").value().us == 482'196'050'520'000);
  BOOST_TEST(timestamp::parse("1996-12-19T16:39:57-08:00").value().us == 851'042'397'000'000);
  BOOST_TEST(timestamp::parse("1937-01-01T12:00:27.87+00:20").value().us == -1'041'337'172'130'000);
  BOOST_TEST(timestamp::parse("2000-02-29t00:00:00z").value().us == 951'782'400'000'000);
  BOOST_TEST(timestamp::parse("2022-02-22T19:22:22.000001+00:00").value().us ==
             1'645'557'742'000'001);
  BOOST_TEST(timestamp::parse("2022-02-22T19:22:22.0000019Z").value().us == 1'645'557'742'000'001);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_time) {
  for (const char* text : {"",
                           "2022",
                           "2022-02-22",
                           "2022-02-22T19:22",
                           "2022-02-22T19:22:22",
                           "2022-02-22 19:22:22Z",
                           "2022-02-30T00:00:00Z",
                           "2023-02-29T00:00:00Z",
                           "2022-13-01T00:00:00Z",
                           "2022-00-01T00:00:00Z",
                           "2022-01-00T00:00:00Z",
                           "2022-01-32T00:00:00Z",
                           "2022-01-01T24:00:00Z",
                           "2022-01-01T00:60:00Z",
                           "2022-01-01T00:00:61Z",
                           "1990-12-31T23:59:60Z",
                           "2022-01-01T00:00:00.Z",
                           "2022-01-01T00:00:00+24:00",
                           "2022-01-01T00:00:00+01:60",
                           "2022-01-01T00:00:00+0100",
                           "2022-01-01T00:00:00Zx",
                           "2022-1-01T00:00:00Z",
                           "+2022-01-01T00:00:00Z",
                           "2022-01-01T00:00:00,5Z",
                           "22-01-01T00:00:00Z",
                           "2022-01-01T-1:00:00Z"}) {
    BOOST_TEST(!timestamp::parse(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(text_and_back_is_the_same_time) {
  std::mt19937_64 random(7);
  // From the year 0000 to the year 9999, the range of RFC 3339.
  std::uniform_int_distribution<std::int64_t> any(-62'167'219'200'000'000, 253'402'300'799'999'999);
  for (int i = 0; i < 20'000; ++i) {
    timestamp t{any(random)};
    BOOST_REQUIRE_MESSAGE(timestamp::parse(t.str()) == t, t.us);
  }
  BOOST_TEST(timestamp::parse("9999-12-31T23:59:59.999999Z")->str() ==
             "9999-12-31T23:59:59.999999Z");
  BOOST_TEST(timestamp::parse("0000-01-01T00:00:00Z")->str() == "0000-01-01T00:00:00.000000Z");
}

BOOST_AUTO_TEST_CASE(arithmetic_and_order) {
  timestamp t{1'000'000};
  BOOST_TEST((t + seconds{2}).us == 3'000'000);
  BOOST_TEST((t - milliseconds{1}).us == 999'000);
  BOOST_TEST((t + seconds{2} - t).count() == 2'000'000);
  BOOST_TEST((t < t + microseconds{1}));
}

BOOST_AUTO_TEST_CASE(clocks) {
  manual_clock hand(timestamp{5});
  const stoa::clock& seen = hand;
  hand.advance(seconds{1});
  BOOST_TEST(seen.now().us == 1'000'005);
  hand.set(timestamp{7});
  BOOST_TEST(seen.now().us == 7);
  timestamp now = system_time().now();
  BOOST_TEST((now > *timestamp::parse("2024-01-01T00:00:00Z")));
  BOOST_TEST((system_time().now() >= now));
}

BOOST_AUTO_TEST_SUITE_END()
