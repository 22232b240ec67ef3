#include "storage/user/user_store.hpp"

#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::user;

namespace {

struct database {
  void insert(const user_row& u) {
    std::vector<db::value> values;
    db::write_record(u, values);
    c->execute({&db::statements_of<user_row>().insert, values});
  }
  static user_row new_user(const std::string& name) {
    user_row u;
    u.user_id = {system_ids().next_v7()};
    u.username = u.username_folded = name;
    u.email = u.email_folded = name + "@example.com";
    u.hashed_password = "hash";
    u.first_name = "Ann";
    u.last_name = "Lee";
    return u;
  }
  std::unique_ptr<db::connection> c = test::fresh_database("user");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(user_store, database)

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  auto u = new_user("ann");
  u.phone_number = "+49 30 123456";
  u.role = user_role::staff;
  u.created_at = {1};
  u.updated_at = {2};
  u.version = 3;
  insert(u);
  auto found = read_user(*c, u.user_id);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(json::write(*found) == json::write(u));
  BOOST_TEST(!read_user(*c, {system_ids().next_v7()}).has_value());
  BOOST_TEST(read_user_by_name(*c, "ann").has_value());
  BOOST_TEST(!read_user_by_name(*c, "' OR 1=1 --").has_value());
  BOOST_TEST(read_users_by_mail(*c, "ann@example.com", "bob@example.com").size() == 1u);
  BOOST_TEST(read_users_by_mail(*c, "bob@example.com", "ann@example.com").size() == 1u);
  BOOST_TEST(read_users_by_mail(*c, "ann@example.com", "ann@example.com").size() == 1u);
  BOOST_TEST(read_users_by_mail(*c, "", "").empty());
}

BOOST_AUTO_TEST_CASE(a_taken_name_is_refused_by_the_database_too) {
  insert(new_user("ann"));
  auto other = new_user("ann");
  other.email_folded = "other@example.com";
  try {
    insert(other);
    BOOST_ERROR("two users of one name");
  } catch (const db::error& e) {
    BOOST_TEST((e.kind() == db::error_kind::unique));
    BOOST_TEST(e.constraint() == "users.username_folded");
  }
}

BOOST_AUTO_TEST_CASE(sessions_belong_to_a_user) {
  session_row s;
  s.family = {system_ids().next_v4()};
  s.user_id = {system_ids().next_v7()};
  std::vector<db::value> values;
  db::write_record(s, values);
  BOOST_CHECK_THROW(c->execute({&db::statements_of<session_row>().insert, values}), db::error);
}

BOOST_AUTO_TEST_CASE(lists_of_users) {
  auto u = new_user("ann");
  insert(u);
  insert(new_user("bob"));
  BOOST_TEST(list_users(*c, {std::nullopt, std::nullopt, 10}).size() == 2u);
  BOOST_TEST(list_users(*c, {std::nullopt, std::nullopt, 1})[0].username == "bob");
  BOOST_TEST(list_users(*c, {user_role::customer, u.user_id, 10}).empty());
  BOOST_TEST(list_users(*c, {user_role::admin, std::nullopt, 10}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
