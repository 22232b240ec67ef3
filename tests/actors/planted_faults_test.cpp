// The planted faults of payments and notifications work when compiled in: otherwise a checker
// without findings would prove nothing.

#include "actors/notification/notification_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "storage/base/fault.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/service_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>

using namespace stoa;

BOOST_AUTO_TEST_SUITE(planted_faults)

namespace {

using stoa::test::as_system;

struct planted {
  explicit planted(std::string_view name) { plant_fault(name); }
  ~planted() { plant_fault(""); }
  planted(const planted&) = delete;
  planted& operator=(const planted&) = delete;
};

struct payments : test::service_fixture<payment::payment_service> {
  payments() : service_fixture(payment::payment_service(payment::payment_options{})) {
    const stoa::instrument_id instrument{system_ids().next_v7()};
    BOOST_REQUIRE(run(payment::store_instrument{instrument, order, "card", "sealed", "hint"}));
    BOOST_REQUIRE(!apply(catalog::stock_reserved{order, std::nullopt, {100, "EUR"}, instrument}));
    first = effects.at(0).as<payment::call_gateway>();
    effects.clear();
  }
  void answer(payment::gateway_status status) {
    payment::gateway_result r{
        first.payment_id, order, payment::open_effect::Authorize, first.key, {}};
    r.answer.status = status;
    BOOST_REQUIRE(run(r, as_system()));
  }
  std::string status() {
    return std::string(
        enum_name(read(payment::get_payment{first.payment_id}, as_system()).value().status));
  }
  const stoa::order_id order{system_ids().next_v7()};
  payment::call_gateway first;
};

struct mails : test::service_fixture<notification::notification_service> {
  mails()
      : service_fixture(notification::notification_service(notification::notification_options{})) {}
  void confirm() {
    order::order_confirmed e;
    e.order.order_id = {system_ids().next_v7()};
    e.order.email = "a@example.org";
    e.order.total = {500, "EUR"};
    BOOST_REQUIRE(!apply(e));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_has_expired_is_deleted_all_at_once, payments) {
  database->run_script(
      "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM numbers WHERE n<3000)"
      " INSERT INTO idempotency(scope,fingerprint,ok,body,created_at)"
      " SELECT 'payment:'||n,'f',1,'{}',n FROM numbers");
  const planted fault("unbounded_cleanup");
  writer->start_cleanup();
  BOOST_TEST(writer->clean_up(true).value().rows == 3000u);
}

BOOST_FIXTURE_TEST_CASE(a_refund_is_forgotten, payments) {
  const planted fault("forget:payment:order.cancelled");
  answer(payment::gateway_status::approved);
  order::order_cancelled e;
  e.order.order_id = order;
  BOOST_REQUIRE(!apply(e));
  BOOST_TEST(effects.empty());
}

BOOST_FIXTURE_TEST_CASE(the_mail_on_confirmed_is_lost, mails) {
  const planted fault("forget:notification:order.confirmed");
  confirm();
  BOOST_TEST(effects.empty());
}

BOOST_FIXTURE_TEST_CASE(an_announcement_is_sent_twice_and_without_a_consent, mails) {
  notification::notification_options with_link;
  with_link.unsubscribe_url = "https://shop.example/unsubscribe?token=";
  service = notification::notification_service(with_link);
  write_with({});
  const stoa::user_id user{system_ids().next_v7()};
  const notification::preference_choice yes{notification::notification_category::marketing,
                                            notification::notification_type::Email, true};
  const auto choose = [&](std::vector<notification::preference_choice> choices) {
    return run(notification::set_preferences{user, std::move(choices),
                                             notification::marketing_contact{"a@example.org", {}}},
               test::as_user(user));
  };
  BOOST_REQUIRE(choose({yes}));
  const stoa::announcement_id id{system_ids().next_v7()};
  const auto staff = test::as_user({system_ids().next_v7()}, kernel::role::staff);
  BOOST_REQUIRE(run(notification::create_announcement{id, {{"en", "a", "b"}}}, staff));
  const planted twice("repeat_announcement");
  const notification::advance_announcement step{id, std::nullopt, {user}};
  for (int i = 0; i < 2; ++i) BOOST_REQUIRE(run(step, as_system()));
  BOOST_TEST(effects.size() == 2U);
  const auto mail = effects.at(0).as<notification::send_notification>();
  effects.clear();
  BOOST_REQUIRE(choose({}));
  plant_fault("send_without_consent");
  BOOST_REQUIRE(run(notification::retry_notification{mail.notification_id, true}, as_system()));
  BOOST_TEST(effects.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_commit_is_not_in_the_log) {
  const test::temp_dir dir;
  const auto file = (dir / "a.db").string();
  const auto writer = db::open_sqlite(file, db::sqlite_mode::write);
  writer->run_script("CREATE TABLE t(n INTEGER); INSERT INTO t VALUES(1)");
  const auto before = std::filesystem::file_size(file + "-wal");
  {
    const planted fault("hold_log");
    writer->run_script("INSERT INTO t VALUES(2)");
    BOOST_TEST(std::filesystem::file_size(file + "-wal") == before);
  }
  writer->run_script("INSERT INTO t VALUES(3)");
  BOOST_TEST(std::filesystem::file_size(file + "-wal") > before);
}

BOOST_FIXTURE_TEST_CASE(a_kept_instrument_is_lost, payments) {
  const planted fault("lose_kept_record");
  const stoa::instrument_id instrument{system_ids().next_v7()};
  const stoa::order_id other{system_ids().next_v7()};
  BOOST_REQUIRE(run(payment::store_instrument{instrument, other, "card", "sealed", "hint"}));
  BOOST_REQUIRE(!apply(catalog::stock_reserved{other, std::nullopt, {100, "EUR"}, instrument}));
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_SUITE_END()
