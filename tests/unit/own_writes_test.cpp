// A client sees its own changes, even if a replica does not have them yet.

#include "net/front/own_writes.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using front::consistency_token;
using front::own_writes;
using front::service_set;

namespace {

const std::string secret = "a secret of at least thirty-two characters";
const timestamp now{1'767'225'600'000'000};
const own_writes::time_point start = own_writes::time_point{} + std::chrono::hours{1};

stoa::user_id user(std::uint8_t n) {
  uuid u;
  u.bytes.back() = n;
  return stoa::user_id{u};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(own_writes_of_clients)

BOOST_AUTO_TEST_CASE(a_user_who_has_written_reads_the_primary_for_as_long_as_a_replica_may_lag) {
  own_writes writes(milliseconds{1000}, 10);
  writes.note(user(1), {"catalog", "order"}, start);
  BOOST_TEST(writes.has_written(user(1), "catalog", start + milliseconds{999}));
  BOOST_TEST(writes.has_written(user(1), "order", start));
  BOOST_TEST(!writes.has_written(user(1), "payment", start));
  BOOST_TEST(!writes.has_written(user(2), "catalog", start));
  BOOST_TEST(!writes.has_written(user(1), "catalog", start + milliseconds{1000}));
  writes.note(user(1), {"catalog"}, start + milliseconds{500});
  BOOST_TEST(writes.has_written(user(1), "catalog", start + milliseconds{1400}));
  BOOST_TEST(!writes.has_written(user(1), "order", start + milliseconds{1400}));
}

BOOST_AUTO_TEST_CASE(more_users_than_are_remembered_all_count_as_having_written) {
  own_writes writes(milliseconds{1000}, 2);
  writes.note(user(1), {"catalog"}, start);
  writes.note(user(2), {"catalog"}, start);
  BOOST_TEST(!writes.has_written(user(4), "catalog", start));
  writes.note(user(3), {"catalog"}, start);
  BOOST_TEST(writes.has_written(user(3), "catalog", start));
  BOOST_TEST(writes.has_written(user(4), "order", start));
  // The first two have expired by then.
  writes.note(user(3), {"catalog"}, start + seconds{2});
  BOOST_TEST(writes.has_written(user(3), "catalog", start + seconds{2}));
  BOOST_TEST(!writes.has_written(user(4), "catalog", start + seconds{2}));
}

/// Whatever others write meanwhile, each user is remembered for the whole time.
BOOST_AUTO_TEST_CASE(a_write_is_remembered_from_any_moment_on) {
  for (int first = 0; first < 1000; first += 50) {
    own_writes writes(milliseconds{1000}, 1000);
    const auto wrote = start + milliseconds{first};
    for (int ms = 0; ms < 4000; ms += 50) {
      const auto moment = start + milliseconds{ms};
      writes.note(user(static_cast<std::uint8_t>(2 + ms / 50)), {"catalog"}, moment);
      if (ms == first) writes.note(user(1), {"order"}, moment);
      if (moment < wrote) continue;
      BOOST_TEST(
          writes.has_written(user(1), "order", moment) == (moment < wrote + milliseconds{1000}),
          first << " " << ms);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_token_names_what_was_written_until_it_is_old) {
  const auto token = consistency_token::sign(secret, {"order", "catalog"}, now + seconds{3});
  const service_set both{"catalog", "order"};
  BOOST_TEST((consistency_token::verify(secret, token, now) == both));
  BOOST_TEST((consistency_token::verify(secret, token, now + seconds{3}) == both));
  BOOST_TEST((consistency_token::verify(secret, token, now + seconds{4}) == service_set{}));
}

BOOST_AUTO_TEST_CASE(a_token_that_no_front_has_signed_is_refused) {
  const auto token = consistency_token::sign(secret, {"catalog"}, now);
  BOOST_TEST(!consistency_token::verify(secret + "x", token, now));
  for (const std::string wrong :
       {"", ".", "..", "x", "1767225600000.catalog", "1767225600000.catalog.", ".catalog.abc"}) {
    BOOST_TEST(!consistency_token::verify(secret, wrong, now), wrong);
  }
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    BOOST_TEST(!consistency_token::verify(secret, changed, now), changed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
