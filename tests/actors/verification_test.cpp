// Email addresses are confirmed by their owners, and no answer reveals which ones have an account.

#include "actors/user/user_service.hpp"
#include "storage/base/json_read.hpp"
#include "tests/support/service_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::user;
using stoa::test::as_user;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

struct addresses : test::service_fixture<user_service> {
  addresses()
      : service_fixture(user_service({seconds{1000}, seconds{60}, seconds{600}, seconds{3600}})) {}

  static request_registration wish(const std::string& username, const std::string& email) {
    return {username, email, "hash", "Ann", "Lee", "+49 30 123456"};
  }
  stoa::user_id new_user(const std::string& name) {
    return run(register_user{name, name + "@example.com", "hash", "Ann", "Lee", std::nullopt,
                             user_role::customer})
        .value()
        .user_id;
  }
  /// The mails requested since the last call.
  std::vector<account_mail> mails() {
    std::vector<account_mail> all;
    for (const auto& e : std::exchange(events, {})) {
      if (e->type != account_mail::name) continue;
      all.push_back(json::read<account_mail>(e->payload).value());
    }
    return all;
  }
  account_mail only_mail() {
    auto all = mails();
    BOOST_REQUIRE(all.size() == 1u);
    return all.front();
  }
  std::int64_t rows(const std::string& table) { return number("SELECT count(*) FROM " + table); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verification, addresses)

BOOST_AUTO_TEST_CASE(an_account_is_created_once_its_address_is_confirmed) {
  BOOST_REQUIRE(run(wish("ann", "Ann@example.com")));
  BOOST_TEST(rows("users") == 0);
  BOOST_TEST(!read(find_credentials{"ann", std::nullopt})->found);
  const auto mail = only_mail();
  BOOST_TEST((mail.purpose == mail_purpose::registration));
  BOOST_TEST(mail.email == "Ann@example.com");
  const auto made = run(verify_address{mail.verification_id.value()});
  BOOST_REQUIRE(made);
  BOOST_TEST(made->username == "ann");
  BOOST_TEST(made->email == "Ann@example.com");
  BOOST_TEST(made->phone_number.value_or("") == "+49 30 123456");
  BOOST_TEST((made->role == user_role::customer));
  BOOST_REQUIRE(run(start_session{made->user_id, "hash", {}, {}}));
  const auto again = run(verify_address{mail.verification_id.value()});
  BOOST_TEST(status_of(again) == 422);
  BOOST_TEST(again.error().errors.at(0).code == "invalid_token");
  BOOST_TEST(rows("verifications") == 0);
}

BOOST_AUTO_TEST_CASE(a_registration_does_not_tell_whether_the_address_exists) {
  new_user("ann");
  events.clear();
  const auto known = run(wish("other", "ANN@example.com"));
  const auto notice = only_mail();
  const auto unknown = run(wish("other", "new@example.com"));
  BOOST_TEST(known.has_value());
  BOOST_TEST(unknown.has_value());
  BOOST_TEST((notice.purpose == mail_purpose::registration_known));
  BOOST_TEST(notice.email == "ANN@example.com");
  BOOST_TEST(!notice.verification_id.has_value());
  BOOST_TEST((only_mail().purpose == mail_purpose::registration));
  // Both leave one row, and nothing of the rejected requests.
  BOOST_TEST(rows("verifications") == 2);
  BOOST_TEST(number("SELECT count(*) FROM verifications WHERE hashed_password IS NOT NULL") == 1);
  // Names are public and reserved only by accounts.
  BOOST_TEST(code_of(run(wish("ANN", "ann@example.com"))) == "username_taken");
  BOOST_TEST(code_of(run(wish("ANN", "free@example.com"))) == "username_taken");
  BOOST_TEST(mails().empty());
}

BOOST_AUTO_TEST_CASE(a_notice_cannot_be_confirmed) {
  new_user("ann");
  run(wish("other", "ann@example.com"));
  std::optional<verification_id> id;
  static const db::sql all{"test", "SELECT verification_id FROM verifications"};
  database->query({&all, {}}, [&](db::row r) { id = {std::get<uuid>(r[0])}; });
  BOOST_TEST(status_of(run(verify_address{id.value()})) == 422);
  BOOST_TEST(rows("users") == 1);
}

BOOST_AUTO_TEST_CASE(of_two_who_want_one_name_or_address_the_first_to_confirm_gets_it) {
  run(wish("ann", "a@example.com"));
  const auto first = only_mail();
  run(wish("ann", "b@example.com"));
  const auto same_name = only_mail();
  run(wish("bob", "a@example.com"));
  const auto same_mail = only_mail();
  BOOST_REQUIRE(run(verify_address{first.verification_id.value()}));
  BOOST_TEST(code_of(run(verify_address{same_name.verification_id.value()})) == "username_taken");
  BOOST_TEST(code_of(run(verify_address{same_mail.verification_id.value()})) == "email_taken");
  BOOST_TEST(rows("users") == 1);
}

BOOST_AUTO_TEST_CASE(mails_to_one_address_are_bounded) {
  new_user("ann");
  events.clear();
  for (const char* address : {"ann@example.com", "free@example.com"}) {
    for (std::size_t i = 0; i < verifications_max + 3; ++i) {
      BOOST_TEST(run(wish("user" + std::to_string(i), address)).has_value());
    }
    BOOST_TEST(mails().size() == verifications_max);
  }
  time.advance(seconds{3600});
  BOOST_TEST(run(wish("later", "free@example.com")).has_value());
  BOOST_TEST(mails().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_token_expires) {
  run(wish("ann", "a@example.com"));
  const auto mail = only_mail();
  time.advance(seconds{3600});
  BOOST_TEST(status_of(run(verify_address{mail.verification_id.value()})) == 422);
  BOOST_TEST(rows("verifications") == 1);
  BOOST_TEST(clean_up() == 1u);
  BOOST_TEST(rows("verifications") == 0);
  BOOST_TEST(status_of(run(verify_address{{system_ids().next_v4()}})) == 422);
}

BOOST_AUTO_TEST_CASE(a_new_address_counts_when_it_is_confirmed) {
  const auto ann = new_user("ann");
  new_user("bob");
  events.clear();
  update_user change;
  change.user_id = ann;
  change.first_name = "Anna";
  change.verify_email = true;
  change.email = "new@example.com";
  BOOST_TEST(status_of(run(change, as_user(ann))) == 422);  // The password is still required.
  BOOST_TEST(mails().empty());
  change.known_hash = "hash";
  const auto free = run(change, as_user(ann));
  BOOST_REQUIRE(free);
  const auto asked = only_mail();
  BOOST_TEST((asked.purpose == mail_purpose::email_change));
  BOOST_TEST(free->email == "ann@example.com");
  BOOST_TEST(free->first_name == "Anna");

  change.email = "bob@example.com";
  const auto taken = run(change, as_user(ann));
  BOOST_REQUIRE(taken);
  BOOST_TEST(json::write(*taken) == json::write(*free));
  const auto notice = only_mail();
  BOOST_TEST((notice.purpose == mail_purpose::email_change_known));
  BOOST_TEST(notice.email == "bob@example.com");

  const auto changed = run(verify_address{asked.verification_id.value()});
  BOOST_REQUIRE(changed);
  BOOST_TEST(changed->email == "new@example.com");
  const auto reported = only_mail();
  BOOST_TEST((reported.purpose == mail_purpose::email_changed));
  BOOST_TEST(reported.email == "ann@example.com");
  BOOST_TEST(read(find_credentials{"new@example.com", std::nullopt})->found);
  BOOST_TEST(!read(find_credentials{"ann@example.com", std::nullopt})->found);
}

BOOST_AUTO_TEST_CASE(a_change_of_address_ends_with_the_account) {
  const auto ann = new_user("ann");
  events.clear();
  update_user change;
  change.user_id = ann;
  change.verify_email = true;
  change.email = "new@example.com";
  change.known_hash = "hash";
  BOOST_REQUIRE(run(change, as_user(ann)));
  const auto asked = only_mail();
  BOOST_REQUIRE(run(delete_account{ann, "hash"}, as_user(ann)));
  BOOST_TEST(rows("verifications") == 0);
  BOOST_TEST(status_of(run(verify_address{asked.verification_id.value()})) == 422);
}

BOOST_AUTO_TEST_SUITE_END()
