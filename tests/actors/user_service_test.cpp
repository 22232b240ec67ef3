#include "actors/user/user_service.hpp"

#include "tests/support/service_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::user;
using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

const address home{std::nullopt, std::nullopt, "1 Main St", std::nullopt,
                   "Berlin",     std::nullopt, "10115",     "DE"};

struct users : test::service_fixture<user_service> {
  users() : service_fixture(user_service({seconds{1000}, seconds{60}, seconds{2000}})) {}

  result<user_view> sign_up(const std::string& username, const std::string& email,
                            kernel::caller who = {}, user_role role = user_role::customer) {
    return run(register_user{username, email, "hash", "Ann", "Lee", std::nullopt, role}, who);
  }
  stoa::user_id new_user(const std::string& username = "ann") {
    return sign_up(username, username + "@example.com").value().user_id;
  }
  /// The user name for a login; empty when there is none.
  std::string who_logs_in(const std::string& login) {
    auto found = read(find_credentials{login, std::nullopt}, as_system()).value();
    return found.found ? found.username : "";
  }
  /// The user's row after the migration, before the program has computed the key.
  void made_by_an_earlier_version(stoa::user_id id, const std::string& key) {
    static const db::sql old_key{"test", "UPDATE users SET email_folded=$2 WHERE user_id=$1"};
    static const db::sql due{"test", "INSERT INTO outdated_mail_keys VALUES($1,NULL,0)"};
    database->execute({&old_key, db::params(id, key)});
    database->execute({&due, db::params(id)});
  }
  session_view log_in(stoa::user_id id) {
    return run(start_session{id, "hash", std::nullopt, "test"}).value();
  }
  rotation refresh(stoa::session_id family, std::int64_t generation) {
    return run(rotate_session{family, generation}).value();
  }
  rotation_outcome outcome(stoa::session_id family, std::int64_t generation) {
    return refresh(family, generation).outcome;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(user_decisions, users)

BOOST_AUTO_TEST_CASE(names_and_mails_are_compared_folded) {
  BOOST_REQUIRE(sign_up("STRASSE", "ann@example.com"));
  auto name = sign_up("straße", "bob@example.com");
  BOOST_TEST(code_of(name) == "username_taken");
  BOOST_TEST(status_of(name) == 409);
  BOOST_REQUIRE(name.error().errors.size() == 1u);
  BOOST_TEST(name.error().errors[0].pointer == "/username");
  BOOST_TEST(code_of(sign_up("bob", "ANN@Example.COM")) == "email_taken");
  auto both = sign_up("strasse", "Ann@example.com");
  BOOST_REQUIRE(both.error().errors.size() == 2u);
  BOOST_TEST(both.error().errors[1].pointer == "/email");
  auto found = read(find_credentials{" Straße ", std::nullopt}, as_system());
  BOOST_REQUIRE(found);
  BOOST_TEST(found->found);
  BOOST_TEST(found->username == "STRASSE");
  BOOST_TEST(read(find_credentials{"ann@EXAMPLE.com", std::nullopt})->found);
  BOOST_TEST(!read(find_credentials{"nobody", std::nullopt})->found);
  BOOST_TEST(!read(find_credentials{"", std::nullopt})->found);
}

BOOST_AUTO_TEST_CASE(staff_keep_metadata_and_find_users_by_mail_address) {
  const auto ann = new_user("ann");
  new_user("bob");
  const auto staff = as_user({system_ids().next_v7()}, kernel::role::staff);
  const annotate_user change{ann, {{true, metadata_change{{"crm", {"4711"}}}}}};
  BOOST_TEST(status_of(run(change, as_user(ann))) == 404);
  BOOST_TEST((run(change, staff).value().metadata == metadata{{"crm", "4711"}}));
  // The user sees neither it nor the time of the change.
  const auto before = read(get_user{ann}, as_user(ann)).value().updated_at;
  time.advance(seconds{1});
  BOOST_REQUIRE(run(annotate_user{ann, {{true, metadata_change{{"erp", {"1"}}}}}}, staff));
  BOOST_REQUIRE(run(annotate_user{ann, {{true, metadata_change{{"erp", {""}}}}}}, staff));
  BOOST_TEST((read(get_user{ann}, as_user(ann)).value().updated_at == before));
  BOOST_TEST(!read(get_user{ann}, as_user(ann)).value().metadata);
  BOOST_TEST((read(get_user{ann}, staff).value().metadata == metadata{{"crm", "4711"}}));
  list_users_query q;
  q.count = true;
  BOOST_TEST(read(q, staff).value().total.value_or(0) == 2);
  q.email = " ANN@EXAMPLE.COM";
  const auto page = read(q, staff).value();
  BOOST_REQUIRE(page.data.size() == 1U);
  BOOST_TEST(page.data[0].metadata->at("crm") == "4711");
  BOOST_TEST(page.total.value_or(0) == 1);
  q.role = user_role::staff;
  BOOST_TEST(read(q, staff).value().data.empty());
  q = {};
  q.email = "nobody@example.com";
  BOOST_TEST(read(q, staff).value().data.empty());
  BOOST_TEST(status_of(read(q, as_user(ann))) == 404);
  BOOST_TEST(read(get_users{{ann, {system_ids().next_v7()}}}, staff).value().data.size() == 1U);
  BOOST_TEST(status_of(read(get_users{{ann}}, as_user(ann))) == 404);
}

BOOST_AUTO_TEST_CASE(one_mail_address_in_two_spellings_is_one_account) {
  BOOST_REQUIRE(sign_up("ann", "info@ex\u00e4mple.de"));
  BOOST_TEST(code_of(sign_up("bob", "INFO@xn--exmple-cua.de")) == "email_taken");
  BOOST_TEST(who_logs_in("info@xn--exmple-cua.de") == "ann");
  BOOST_TEST(who_logs_in("Info@EXA\u0308MPLE.de") == "ann");
  // Two users whose names are equal under full case folding.
  BOOST_REQUIRE(sign_up("strau", "strau\u00df@example.com"));
  BOOST_REQUIRE(sign_up("straus", "strauss@example.com"));
  BOOST_TEST(who_logs_in("STRAUSS@example.com") == "straus");
  BOOST_TEST(who_logs_in("strau\u00df@example.com") == "strau");
  BOOST_TEST(who_logs_in("strau\u1e9e@example.com") == "strau");
  auto bob = sign_up("bob", "bob@example.com").value().user_id;
  update_user change;
  change.user_id = bob;
  change.email = "info@xn--exmple-cua.de";
  change.known_hash = "hash";
  BOOST_TEST(code_of(run(change, as_user(bob))) == "email_taken");
}

BOOST_AUTO_TEST_CASE(accounts_of_an_earlier_version_are_found_and_get_their_keys) {
  const auto sharp = sign_up("sharp", "strau\u00df@example.com").value().user_id;
  const auto name = sign_up("name", "info@ex\u00e4mple.de").value().user_id;
  const auto gone = sign_up("gone", "g\u00fcl@example.com").value().user_id;
  made_by_an_earlier_version(sharp, "strauss@example.com");
  made_by_an_earlier_version(name, "info@ex\u00e4mple.de");
  made_by_an_earlier_version(gone, "g\u00fcl@example.com");
  BOOST_TEST(who_logs_in("Strau\u00df@example.com") == "sharp");
  BOOST_TEST(who_logs_in("strauss@example.com") == "");
  BOOST_TEST(who_logs_in("info@ex\u00e4mple.de") == "name");
  BOOST_REQUIRE(run(delete_account{gone, std::nullopt}, as_system()));
  BOOST_TEST(sweep(true) == 3u);
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(sweep(true) == 0u);
  BOOST_TEST(who_logs_in("Strau\u00df@example.com") == "sharp");
  BOOST_TEST(who_logs_in("info@xn--exmple-cua.de") == "name");
  BOOST_REQUIRE(sign_up("straus", "strauss@example.com"));
  BOOST_TEST(who_logs_in("strauss@example.com") == "straus");
}

/// During a rolling upgrade a node of an earlier version stores accounts after the migration has
/// listed the existing ones.
BOOST_AUTO_TEST_CASE(accounts_that_an_earlier_version_adds_after_the_migration_get_their_keys) {
  const auto old_key = [&](stoa::user_id id, const std::string& key) {
    static const db::sql set{"test", "UPDATE users SET email_folded=$2 WHERE user_id=$1"};
    database->execute({&set, db::params(id, key)});
  };
  old_key(sign_up("sharp", "strau\u00df@example.com").value().user_id, "strauss@example.com");
  old_key(sign_up("name", "info@ex\u00e4mple.de").value().user_id, "info@ex\u00e4mple.de");
  old_key(sign_up("twice", "me@ex\u00e4mple.de").value().user_id, "me@ex\u00e4mple.de");
  BOOST_REQUIRE(sign_up("other", "me@xn--exmple-cua.de"));
  BOOST_REQUIRE(sign_up("plain", "g\u00fcl@example.com"));
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(sweep(true) == 3u);
  BOOST_TEST(sweep() == 1u, "the duplicate is reported");
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(number("SELECT count(*) FROM outdated_mail_keys WHERE reported=1") == 1);
  BOOST_TEST(who_logs_in("info@xn--exmple-cua.de") == "name");
  BOOST_TEST(code_of(sign_up("third", "INFO@xn--exmple-cua.de")) == "email_taken");
  BOOST_REQUIRE(sign_up("straus", "strauss@example.com"));
  BOOST_TEST(who_logs_in("strauss@example.com") == "straus");
  BOOST_TEST(who_logs_in("strau\u00df@example.com") == "sharp");
  BOOST_TEST(who_logs_in("ME@ex\u00e4mple.de") == "twice");
  BOOST_TEST(who_logs_in("me@xn--exmple-cua.de") == "other");
}

BOOST_AUTO_TEST_CASE(two_accounts_of_an_earlier_version_with_one_address_both_stay) {
  const auto first = sign_up("first", "info@ex\u00e4mple.de").value().user_id;
  made_by_an_earlier_version(first, "info@ex\u00e4mple.de");
  const auto second = sign_up("second", "info@xn--exmple-cua.de").value().user_id;
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(number("SELECT count(*) FROM outdated_mail_keys WHERE taken_by IS NOT NULL") == 1);
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(sweep() == 0u, "reported once");
  BOOST_TEST(who_logs_in("INFO@ex\u00e4mple.de") == "first");
  BOOST_TEST(who_logs_in("info@XN--exmple-cua.de") == "second");
  BOOST_TEST(code_of(sign_up("third", "info@ex\u00e4mple.de")) == "email_taken");
  // After the other one is deleted, the next start assigns the key to the first.
  BOOST_REQUIRE(run(delete_account{second, std::nullopt}, as_system()));
  BOOST_TEST(sweep(true) == 1u);
  BOOST_TEST(who_logs_in("info@xn--exmple-cua.de") == "first");
  BOOST_TEST(number("SELECT count(*) FROM outdated_mail_keys") == 0);
}

BOOST_AUTO_TEST_CASE(two_of_one_name_in_one_batch) {
  register_user first{"ann", "a@example.com", "hash", "A", "A", std::nullopt, user_role::customer};
  register_user second{"ANN", "b@example.com", "hash", "B", "B", std::nullopt, user_role::customer};
  auto answers = run_batch(std::vector{first, second});
  BOOST_TEST(code_of(answers[0]) == "");
  BOOST_TEST(code_of(answers[1]) == "username_taken");
  BOOST_TEST(number("SELECT count(*) FROM users") == 1);
}

BOOST_AUTO_TEST_CASE(only_admins_and_the_system_give_roles) {
  BOOST_TEST(status_of(sign_up("eve", "eve@example.com", {}, user_role::admin)) == 403);
  auto root = sign_up("root", "root@example.com", as_system(), user_role::admin);
  BOOST_REQUIRE(root);
  BOOST_TEST((root->role == user_role::admin));
  auto admin = as_user(root->user_id, kernel::role::admin);
  auto ann = new_user();
  BOOST_TEST(status_of(run(set_role{ann, user_role::staff}, as_user(ann))) == 404);
  BOOST_TEST(status_of(run(set_role{ann, user_role::staff}, as_user(ann, kernel::role::staff))) ==
             404);
  BOOST_TEST((run(set_role{ann, user_role::staff}, admin)->role == user_role::staff));
  BOOST_TEST(code_of(run(set_role{root->user_id, user_role::customer}, admin)) == "own_role");
  BOOST_TEST(status_of(run(set_role{{system_ids().next_v7()}, user_role::staff}, admin)) == 404);
  BOOST_TEST((log_in(ann).role == user_role::staff));
}

BOOST_AUTO_TEST_CASE(a_login_needs_the_hash_that_was_checked) {
  auto ann = new_user();
  BOOST_TEST(status_of(run(start_session{ann, "other", std::nullopt, {}})) == 401);
  BOOST_TEST(status_of(run(start_session{{system_ids().next_v7()}, "hash", {}, {}})) == 401);
  BOOST_REQUIRE(run(start_session{ann, "hash", "better hash", {}}));
  BOOST_TEST(read(find_credentials{"ann", std::nullopt})->hashed_password == "better hash");
}

BOOST_AUTO_TEST_CASE(refresh_rotates) {
  auto s = log_in(new_user());
  BOOST_TEST((s.family.value.bytes[6] >> 4) == 4);
  BOOST_TEST(s.generation == 1);
  time.advance(seconds{900});
  auto next = refresh(s.family, 1);
  BOOST_REQUIRE(next.session.has_value());
  BOOST_TEST(next.session->generation == 2);
  BOOST_TEST((next.session->expires_at == time.now() + seconds{1000}));
  time.advance(seconds{900});
  BOOST_TEST((outcome(s.family, 2) == rotation_outcome::rotated));
}

BOOST_AUTO_TEST_CASE(a_retry_is_no_reuse) {
  auto s = log_in(new_user());
  refresh(s.family, 1);
  time.advance(seconds{60});
  auto again = refresh(s.family, 1);
  BOOST_TEST((again.outcome == rotation_outcome::rotated));
  BOOST_TEST(again.session->generation == 2);
  BOOST_TEST(refresh(s.family, 2).session->generation == 3);
  BOOST_TEST((refresh(s.family, 2).outcome == rotation_outcome::rotated));
}

BOOST_AUTO_TEST_CASE(reuse_revokes_the_session_and_only_it) {
  auto ann = new_user();
  auto s = log_in(ann);
  auto other = log_in(ann);
  refresh(s.family, 1);
  time.advance(seconds{60} + microseconds{1});
  BOOST_TEST((outcome(s.family, 1) == rotation_outcome::reused));
  BOOST_TEST((outcome(s.family, 2) == rotation_outcome::invalid));
  BOOST_TEST((outcome(s.family, 1) == rotation_outcome::invalid));
  BOOST_TEST(number("SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL") == 1);
  // Two generations back is no retry, however soon.
  refresh(other.family, 1);
  refresh(other.family, 2);
  BOOST_TEST((outcome(other.family, 1) == rotation_outcome::reused));
  BOOST_TEST((outcome(other.family, 3) == rotation_outcome::invalid));
}

BOOST_AUTO_TEST_CASE(sessions_end) {
  auto ann = new_user();
  auto s = log_in(ann);
  BOOST_TEST((outcome(s.family, 2) == rotation_outcome::invalid));  // From the future.
  BOOST_TEST((outcome({system_ids().next_v4()}, 1) == rotation_outcome::invalid));
  BOOST_TEST((outcome(s.family, 1) == rotation_outcome::rotated));
  BOOST_REQUIRE(run(end_session{s.family}));
  BOOST_REQUIRE(run(end_session{s.family}));
  BOOST_TEST((outcome(s.family, 2) == rotation_outcome::invalid));
  auto late = log_in(ann);
  auto kept = log_in(ann);
  time.advance(seconds{999});
  refresh(kept.family, 1);
  BOOST_TEST(clean_up() == 0u);
  time.advance(seconds{1});
  BOOST_TEST((outcome(late.family, 1) == rotation_outcome::invalid));
  BOOST_TEST(clean_up() == 1u);
  BOOST_TEST(clean_up() == 0u);
  BOOST_TEST(number("SELECT count(*) FROM sessions") == 1);
  BOOST_TEST((outcome(kept.family, 2) == rotation_outcome::rotated));
}

BOOST_AUTO_TEST_CASE(a_user_has_a_bounded_number_of_sessions) {
  auto ann = new_user();
  auto first = log_in(ann);
  auto second = log_in(ann);
  time.advance(seconds{1});
  refresh(first.family, 1);
  for (std::size_t i = 0; i < sessions_max - 1; ++i) log_in(ann);
  BOOST_TEST(number("SELECT count(*) FROM sessions") == static_cast<std::int64_t>(sessions_max));
  BOOST_TEST((outcome(second.family, 1) == rotation_outcome::invalid));
  BOOST_TEST((outcome(first.family, 2) == rotation_outcome::rotated));
}

BOOST_AUTO_TEST_CASE(a_new_password_ends_all_other_sessions) {
  auto ann = new_user();
  auto here = log_in(ann);
  auto there = log_in(ann);
  BOOST_TEST(code_of(run(change_password{ann, "not it", "new", here.family}, as_user(ann))) ==
             "password_changed");
  BOOST_TEST(status_of(run(change_password{ann, "hash", {}, {}, false}, as_user(ann))) == 422);
  auto bob = new_user("bob");
  BOOST_TEST(status_of(run(change_password{ann, "hash", "new", {}}, as_user(bob))) == 404);
  BOOST_REQUIRE(run(change_password{ann, "hash", "new", here.family}, as_user(ann)));
  BOOST_TEST((outcome(there.family, 1) == rotation_outcome::invalid));
  BOOST_TEST((outcome(here.family, 1) == rotation_outcome::rotated));
  BOOST_TEST(status_of(run(start_session{ann, "hash", {}, {}})) == 401);
}

BOOST_AUTO_TEST_CASE(a_user_changes_what_is_the_users) {
  auto ann = new_user();
  new_user("bob");
  update_user change;
  change.user_id = ann;
  change.username = "Anna";
  change.phone_number = {true, "+49 30 123456"};
  time.advance(seconds{1});
  auto changed = run(change, as_user(ann));
  BOOST_REQUIRE(changed);
  BOOST_TEST(changed->username == "Anna");
  BOOST_TEST(changed->email == "ann@example.com");
  BOOST_TEST(changed->phone_number.value_or("") == "+49 30 123456");
  BOOST_TEST((changed->updated_at == time.now()));
  BOOST_TEST(!read(find_credentials{"ann", std::nullopt})->found);
  BOOST_TEST(read(find_credentials{"ANNA", std::nullopt})->found);
  change.username = "ANNA";  // Another spelling of the user's name.
  change.phone_number = {true, ""};
  BOOST_TEST(!run(change, as_user(ann))->phone_number.has_value());
  change.phone_number = {true, std::nullopt};
  BOOST_TEST(!run(change, as_user(ann))->phone_number.has_value());
  change.username = "Bob";
  BOOST_TEST(code_of(run(change, as_user(ann))) == "username_taken");
  change.username.reset();
  change.email = "BOB@example.com";
  BOOST_TEST(status_of(run(change, as_user(ann))) == 422);  // The password is needed.
  change.known_hash = "old hash";
  BOOST_TEST(code_of(run(change, as_user(ann))) == "password_changed");
  change.known_hash = "hash";
  BOOST_TEST(code_of(run(change, as_user(ann))) == "email_taken");
  BOOST_TEST(status_of(run(change, as_user({system_ids().next_v7()}))) == 404);
  BOOST_REQUIRE(sign_up("ann", "new@example.com"));  // The released name.
}

BOOST_AUTO_TEST_CASE(addresses) {
  auto ann = new_user();
  auto bob = new_user("bob");
  auto made = run(add_address{ann, home}, as_user(ann));
  BOOST_REQUIRE(made);
  BOOST_TEST(made->city == "Berlin");
  BOOST_TEST(status_of(run(add_address{ann, home}, as_user(bob))) == 404);
  BOOST_TEST(status_of(read(list_addresses{ann}, as_user(bob))) == 404);
  BOOST_TEST(status_of(read(get_address{bob, made->profile_id}, as_user(bob))) == 404);
  address other = home;
  other.city = "Bonn";
  other.state = "NRW";
  BOOST_TEST(status_of(run(replace_address{bob, made->profile_id, other}, as_user(bob))) == 404);
  BOOST_TEST(status_of(run(replace_address{ann, made->profile_id, other}, as_user(bob))) == 404);
  BOOST_TEST(run(replace_address{ann, made->profile_id, other}, as_user(ann))->city == "Bonn");
  BOOST_TEST(read(get_address{ann, made->profile_id}, as_user(ann))->state.value_or("") == "NRW");
  for (std::size_t i = 1; i < addresses_max; ++i) {
    BOOST_REQUIRE(run(add_address{ann, home}, as_user(ann)));
  }
  BOOST_TEST(code_of(run(add_address{ann, home}, as_user(ann))) == "too_many_addresses");
  BOOST_TEST(read(list_addresses{ann}, as_user(ann))->data.size() == addresses_max);
  BOOST_TEST(status_of(run(remove_address{bob, made->profile_id}, as_user(bob))) == 404);
  BOOST_REQUIRE(run(remove_address{ann, made->profile_id}, as_user(ann)));
  BOOST_TEST(status_of(run(remove_address{ann, made->profile_id}, as_user(ann))) == 404);
}

BOOST_AUTO_TEST_CASE(a_deleted_account_leaves_nothing) {
  auto ann = new_user();
  auto bob = new_user("bob");
  auto s = log_in(ann);
  run(add_address{ann, home}, as_user(ann));
  BOOST_TEST(status_of(run(delete_account{ann, "hash"}, as_user(bob))) == 404);
  const auto unconfirmed = run(delete_account{ann, std::nullopt}, as_user(ann));
  BOOST_REQUIRE(status_of(unconfirmed) == 422);
  BOOST_TEST(unconfirmed.error().errors.at(0).pointer == "/current_password");
  BOOST_TEST(code_of(run(delete_account{ann, "old hash"}, as_user(ann))) == "password_changed");
  BOOST_REQUIRE(run(delete_account{ann, "hash"}, as_user(ann)));
  BOOST_TEST(number("SELECT count(*) FROM users") == 1);
  BOOST_TEST(number("SELECT count(*) FROM user_profiles") == 0);
  BOOST_TEST(number("SELECT count(*) FROM sessions") == 0);
  BOOST_REQUIRE(events.size() == 1u);
  BOOST_TEST(events[0]->type == "user.deleted");
  BOOST_TEST(events[0]->payload == "{\"user_id\":\"" + ann.str() + "\"}");
  BOOST_TEST((outcome(s.family, 1) == rotation_outcome::invalid));
  BOOST_TEST(status_of(run(delete_account{ann, "hash"}, as_user(ann))) == 404);
  BOOST_TEST(status_of(run(add_address{ann, home}, as_user(ann))) == 404);
  BOOST_TEST(status_of(read(get_user{ann}, as_user(ann))) == 404);
  BOOST_REQUIRE(sign_up("ann", "ann@example.com"));
}

BOOST_AUTO_TEST_CASE(who_may_read_whom) {
  auto ann = new_user();
  auto bob = new_user("bob");
  BOOST_TEST(read(get_user{ann}, as_user(ann))->username == "ann");
  BOOST_TEST(status_of(read(get_user{ann}, as_user(bob))) == 404);
  BOOST_TEST(status_of(read(get_user{ann})) == 404);
  BOOST_TEST(status_of(read(get_user{ann}, as_user(bob, kernel::role::staff))) == 200);
  BOOST_TEST(status_of(read(list_users_query{}, as_user(bob))) == 404);
  auto contact = read(get_contact{ann}, as_user(ann));
  BOOST_REQUIRE(contact);
  BOOST_TEST(contact->email == "ann@example.com");
  BOOST_TEST(contact->customer_name == "Ann Lee");
  BOOST_TEST(!contact->phone.has_value());
  BOOST_TEST(status_of(read(get_contact{ann}, as_user(bob))) == 404);
}

BOOST_AUTO_TEST_CASE(users_are_listed_by_pages) {
  std::vector<stoa::user_id> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(new_user("user" + std::to_string(i)));
  run(set_role{ids[2], user_role::staff}, as_system());
  list_users_query q;
  q.limit = 2;
  std::vector<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    auto found = read(q, as_system());
    BOOST_REQUIRE(found);
    for (const auto& u : found->data) seen.push_back(u.username);
    BOOST_TEST(found->next_cursor.value.has_value() == (page < 2));
    if (found->next_cursor.value) q.before = stoa::user_id::parse(*found->next_cursor.value);
  }
  BOOST_TEST((seen == std::vector<std::string>{"user4", "user3", "user2", "user1", "user0"}));
  auto staff = read(list_users_query{user_role::staff, {}, 20}, as_system());
  BOOST_REQUIRE(staff->data.size() == 1u);
  BOOST_TEST(staff->data[0].username == "user2");
}

BOOST_AUTO_TEST_CASE(another_instance_was_faster) {
  auto ann = new_user();
  update_user change;
  change.user_id = ann;
  change.first_name = "Anne";
  bool moved = false;
  kernel::writer_environment environment;
  environment.time = &time;
  environment.probe = [&](kernel::step s) {
    if (s != kernel::step::before_save || moved) return;
    moved = true;
    database->run_script("UPDATE users SET version=version+1, first_name='Moved'");
  };
  write_with(environment);
  // A concurrent change makes it decide again.
  auto answer = run(change, as_user(ann));
  BOOST_TEST(moved);
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->first_name == "Anne");
  BOOST_TEST(read(get_user{ann}, as_user(ann))->first_name == "Anne");
}

BOOST_AUTO_TEST_CASE(a_repeated_registration_acts_once) {
  kernel::call_context context;
  context.idempotency_scope = "guest|POST /store/v1/users|key";
  context.fingerprint = "f";
  register_user m{"ann", "a@example.com", "hash", "A", "A", std::nullopt, user_role::customer};
  auto first = run(m, context);
  BOOST_REQUIRE(first);
  auto second = run(m, context);
  BOOST_REQUIRE(second);
  BOOST_TEST(last_replayed);
  BOOST_TEST((first->user_id == second->user_id));
  BOOST_TEST(number("SELECT count(*) FROM users") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
