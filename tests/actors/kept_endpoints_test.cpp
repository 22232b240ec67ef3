// The endpoints of webhooks are read once by the writer of the only partition, not by each event:
// a purchase of a store without webhooks does not pay for them. No event may be lost by it.

#include "actors/notification/notification_service.hpp"
#include "tests/support/counting_connection.hpp"
#include "tests/support/service_fixture.hpp"

#include <algorithm>

using namespace stoa;
using namespace stoa::notification;
using stoa::test::as_system;
using stoa::test::as_user;

namespace {

const std::string endpoints_read = "load webhook_endpoints by list";

struct counted_hooks : test::service_fixture<notification_service> {
  counted_hooks() : service_fixture(notification_service(notification_options{})) { restart(); }

  /// A writer of another owner of the partition.
  void restart() {
    counted = std::make_unique<test::counting_connection>(*database);
    kernel::writer_environment environment;
    environment.time = &time;
    writer = definition_of(service).make_writer(*counted, std::move(environment));
  }
  stoa::webhook_id create() {
    const stoa::webhook_id id{system_ids().next_v7()};
    created = run(create_webhook{id, "https://example.com/", std::nullopt, {"*"}, "s1"}, staff)
                  .has_value();
    return id;
  }
  static order::order_confirmed an_event() {
    order::order_confirmed e;
    e.order.order_id = {system_ids().next_v7()};
    e.order.email = "ada@example.com";
    e.order.total = {100, "EUR"};
    return e;
  }
  /// The webhooks that a confirmed order causes.
  std::size_t confirm() {
    effects.clear();
    BOOST_TEST_REQUIRE(!apply(an_event()).has_value());
    return static_cast<std::size_t>(std::ranges::count_if(
        effects, [](const auto& one) { return one.kind() == &kernel::kind_of<post_webhook>(); }));
  }

  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);
  std::unique_ptr<test::counting_connection> counted;
  bool created = false;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kept_endpoints, counted_hooks)

BOOST_AUTO_TEST_CASE(events_read_the_endpoints_once) {
  for (int i = 0; i < 5; ++i) BOOST_TEST(confirm() == 0U);
  BOOST_TEST(counted->reads[endpoints_read] == 1U);
  // A new event is not looked up in the inbox.
  counted->reads.clear();
  counted->writes.clear();
  confirm();
  BOOST_TEST(counted->reads_total() == counted->reads["load notification_opt_outs by owner"]);
  BOOST_TEST(counted->writes.size() == 4U, "partition, notification, its log, inbox");
}

BOOST_AUTO_TEST_CASE(with_endpoints_events_read_them_once_and_what_they_need_of_them_each_time) {
  create();
  for (int i = 0; i < 3; ++i) BOOST_TEST(confirm() == 1U);
  BOOST_TEST(counted->reads[endpoints_read] == 2U, "by the creation and by the first event");
  BOOST_TEST(counted->reads["load webhook_deliveries by subject_id"] == 3U);
}

BOOST_AUTO_TEST_CASE(each_change_of_an_endpoint_counts_for_the_next_event) {
  BOOST_TEST(confirm() == 0U);
  const auto id = create();
  BOOST_TEST(confirm() == 1U);
  create();
  BOOST_TEST(confirm() == 2U);
  webhook_change none_of_it;
  none_of_it.event_types = {"order.shipped"};
  BOOST_TEST_REQUIRE(run(change_webhook{id, none_of_it, {}}, staff).has_value());
  BOOST_TEST(confirm() == 1U);
  BOOST_TEST_REQUIRE(run(delete_webhook{id, {}}, staff).has_value());
  BOOST_TEST(confirm() == 1U);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_answered_gone_gets_nothing) {
  const auto id = create();
  BOOST_TEST(confirm() == 1U);
  const auto sent = effects.back().as<post_webhook>();
  webhook_result gone{sent.subject_id, id, sent.delivery_id, "completed", 410, 7, "", "Gone.", {}};
  BOOST_TEST_REQUIRE(run(gone, as_system()).has_value());
  BOOST_TEST(confirm() == 0U);
  BOOST_TEST_REQUIRE(run(set_webhook_status{id, webhook_status::Enabled}, staff).has_value());
  BOOST_TEST(confirm() == 1U);
}

BOOST_AUTO_TEST_CASE(a_change_that_was_not_saved_does_not_count) {
  BOOST_TEST(confirm() == 0U);
  counted->fail_next_commit = true;
  create();
  BOOST_TEST(!created);
  BOOST_TEST(confirm() == 0U);
  const auto id = create();
  counted->fail_next_commit = true;
  BOOST_TEST(!run(delete_webhook{id, {}}, staff).has_value());
  BOOST_TEST(confirm() == 1U);
}

BOOST_AUTO_TEST_CASE(a_read_that_failed_leaves_nothing) {
  confirm();
  const auto mail = std::ranges::find_if(
      effects, [](const auto& one) { return one.kind() == &kernel::kind_of<send_notification>(); });
  BOOST_TEST_REQUIRE((mail != effects.end()));
  const delivery_result sent{mail->as<send_notification>().notification_id, std::nullopt};
  create();
  counted->fail_next_read = true;
  BOOST_TEST(apply(an_event()).has_value());
  // The next batch reads rows of another table at the same place.
  BOOST_TEST_REQUIRE(run(sent, as_system()).has_value());
  BOOST_TEST(confirm() == 1U);
}

BOOST_AUTO_TEST_CASE(a_new_owner_reads_the_endpoints_again_and_the_previous_one_cannot_save) {
  BOOST_TEST(confirm() == 0U);
  auto previous = std::move(writer);
  const auto connection = std::move(counted);
  restart();
  create();
  BOOST_TEST(confirm() == 1U);
  std::swap(writer, previous);
  BOOST_TEST(apply(an_event()).has_value());
  std::swap(writer, previous);
}

BOOST_AUTO_TEST_CASE(with_several_partitions_each_batch_reads_the_endpoints) {
  database->run_script(
      "INSERT INTO partition(partition,owner,epoch,last_seq,batches,beat) VALUES(1,'',0,0,0,0)");
  restart();
  for (int i = 0; i < 3; ++i) BOOST_TEST(confirm() == 0U);
  BOOST_TEST(counted->reads[endpoints_read] == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
