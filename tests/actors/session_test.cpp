// What revokes access tokens before they expire, and how a node receives revocations.

#include "actors/user/user_service.hpp"
#include "tests/support/service_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace stoa;
using namespace stoa::user;
using stoa::test::as_system;
using stoa::test::as_user;

namespace {

user_options short_lived() {
  user_options o;
  o.refresh_ttl = seconds{1000};
  o.access_ttl = seconds{100};
  return o;
}

struct sessions : test::service_fixture<user_service> {
  sessions() : service_fixture(user_service(short_lived())) {}

  stoa::user_id new_user(const std::string& name = "ann") {
    return run(register_user{name, name + "@example.com", "hash", "Ann", "Lee", std::nullopt,
                             user_role::customer})
        .value()
        .user_id;
  }
  session_view log_in(stoa::user_id id) {
    return run(start_session{id, "hash", std::nullopt, "test"}).value();
  }
  /// The news for a node that continues from the last answer.
  revocations_query::answer news() {
    auto a = read(revocations_query{seen}, as_system()).value();
    seen = a.seen;
    return a;
  }
  /// The first valid epochs of sessions, as known to a node.
  std::map<stoa::session_id, std::int64_t> revoked() {
    std::map<stoa::session_id, std::int64_t> all;
    for (const auto& r : news().revoked) all[r.family] = std::max(all[r.family], r.epoch);
    return all;
  }
  bool good(const session_view& s) {
    return read(check_session{s.family, s.epoch.value_or(0)}).value().good;
  }

  std::vector<std::int64_t> seen;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(session_ends, sessions)

BOOST_AUTO_TEST_CASE(a_logout_revokes_that_session_once) {
  const auto ann = new_user();
  const auto s = log_in(ann);
  const auto other = log_in(ann);
  BOOST_TEST(news().revoked.empty());
  BOOST_TEST(good(s));
  BOOST_REQUIRE(run(end_session{s.family}));
  const auto all = revoked();
  BOOST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all.at(s.family) == ended_epoch);
  BOOST_TEST(!good(s));
  BOOST_TEST(good(other));
  BOOST_REQUIRE(run(end_session{s.family}));
  BOOST_REQUIRE(run(end_session{{system_ids().next_v4()}}));
  BOOST_TEST(news().revoked.empty());
}

BOOST_AUTO_TEST_CASE(a_new_password_revokes_all_other_sessions) {
  const auto ann = new_user();
  const auto here = log_in(ann);
  const auto there = log_in(ann);
  const auto bob = log_in(new_user("bob"));
  BOOST_REQUIRE(run(change_password{ann, "hash", "new", here.family}, as_user(ann)));
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{there.family, ended_epoch}}));
  BOOST_TEST(good(here));
  BOOST_TEST(!good(there));
  BOOST_TEST(good(bob));
  BOOST_REQUIRE(run(change_password{ann, "new", "newer", std::nullopt}, as_user(ann)));
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{here.family, ended_epoch}}));
}

BOOST_AUTO_TEST_CASE(a_refused_change_revokes_nothing) {
  const auto ann = new_user();
  const auto s = log_in(ann);
  BOOST_TEST(!run(change_password{ann, "not it", "new", std::nullopt}, as_user(ann)));
  BOOST_TEST(!run(set_role{ann, user_role::admin}, as_user(ann)));
  BOOST_TEST(!run(delete_account{ann, "hash"}, as_user(new_user("bob"))));
  BOOST_TEST(news().revoked.empty());
  BOOST_TEST(good(s));
}

BOOST_AUTO_TEST_CASE(the_end_of_an_account_revokes_all_its_sessions) {
  const auto ann = new_user();
  const auto first = log_in(ann);
  const auto second = log_in(ann);
  BOOST_REQUIRE(run(delete_account{ann, "hash"}, as_user(ann)));
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{first.family, ended_epoch},
                                                                    {second.family, ended_epoch}}));
  BOOST_TEST(!good(first));
}

// The token contains the role; the session continues with the new one.
BOOST_AUTO_TEST_CASE(a_change_of_role_revokes_tokens_but_not_the_session) {
  const auto ann = new_user();
  const auto before = log_in(ann);
  BOOST_REQUIRE(run(set_role{ann, user_role::admin}, as_system()));
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{before.family, 1}}));
  BOOST_TEST(!good(before));
  const auto after = run(rotate_session{before.family, 1}).value().session.value();
  BOOST_TEST(after.epoch.value_or(0) == 1);
  BOOST_TEST((after.role == user_role::admin));
  BOOST_TEST(good(after));
  // Setting the same role again changes nothing.
  BOOST_REQUIRE(run(set_role{ann, user_role::admin}, as_system()));
  BOOST_TEST(news().revoked.empty());
  BOOST_REQUIRE(run(set_role{ann, user_role::customer}, as_system()));
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{before.family, 2}}));
  BOOST_TEST(!good(after));
}

BOOST_AUTO_TEST_CASE(reuse_of_a_refresh_token_revokes_the_session) {
  const auto s = log_in(new_user());
  run(rotate_session{s.family, 1});
  run(rotate_session{s.family, 2});
  BOOST_TEST(news().revoked.empty());
  BOOST_TEST((run(rotate_session{s.family, 1}).value().outcome == rotation_outcome::reused));
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{s.family, ended_epoch}}));
  BOOST_TEST(!good(s));
}

BOOST_AUTO_TEST_CASE(a_session_that_makes_room_for_another_is_revoked) {
  const auto ann = new_user();
  const auto first = log_in(ann);
  for (std::size_t i = 1; i < sessions_max; ++i) {
    time.advance(seconds{1});
    log_in(ann);
  }
  BOOST_TEST(news().revoked.empty());
  log_in(ann);
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{first.family, ended_epoch}}));
}

BOOST_AUTO_TEST_CASE(revocations_are_forgotten_when_no_such_token_can_live) {
  run(end_session{log_in(new_user()).family});
  BOOST_TEST((news().revoked.front().forget_at > time.now() + seconds{100 + 60}));
  time.advance(seconds{100 + 60});
  BOOST_TEST(clean_up() == 0u);
  BOOST_TEST(number("SELECT count(*) FROM revocations") == 1);
  time.advance(seconds{60});
  BOOST_TEST(clean_up() == 1u);
  BOOST_TEST(number("SELECT count(*) FROM revocations") == 0);
  // Numbers continue, so no reader misses the next one.
  const auto next = log_in(new_user("bob"));
  run(end_session{next.family});
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{next.family, ended_epoch}}));
}

BOOST_AUTO_TEST_CASE(many_revocations_are_sent_in_several_answers) {
  const auto ann = new_user();
  std::size_t ended = 0;
  while (ended <= revocations_at_once_max) {
    std::vector<start_session> logins(sessions_max, start_session{ann, "hash", {}, {}});
    std::vector<end_session> ends;
    for (const auto& s : run_batch(logins)) ends.push_back({s.value().family});
    ended += run_batch(ends).size();
  }
  std::map<stoa::session_id, std::int64_t> all;
  auto a = news();
  BOOST_TEST(a.more);
  BOOST_TEST(a.revoked.size() == revocations_at_once_max);
  for (const auto& r : a.revoked) all[r.family] = r.epoch;
  a = news();
  BOOST_TEST(!a.more);
  for (const auto& r : a.revoked) all[r.family] = r.epoch;
  BOOST_TEST(all.size() == ended);
  BOOST_TEST(news().revoked.empty());
}

// A restored database continues from an earlier number.
BOOST_AUTO_TEST_CASE(a_node_ahead_of_the_database_starts_from_the_beginning) {
  const auto s = log_in(new_user());
  run(end_session{s.family});
  seen.assign(revocation_shards, 1000);
  BOOST_TEST((revoked() == std::map<stoa::session_id, std::int64_t>{{s.family, ended_epoch}}));
  BOOST_TEST(news().revoked.empty());
  BOOST_TEST(!read(revocations_query{}, as_user(new_user("bob"))));
}

BOOST_AUTO_TEST_SUITE_END()
