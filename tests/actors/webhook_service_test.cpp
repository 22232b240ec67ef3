// Decisions on webhooks: a delivery for each event and endpoint, in order for each order, retried
// until it is delivered or given up.

#include "actors/notification/notification_service.hpp"
#include "tests/support/service_fixture.hpp"

using namespace stoa;
using namespace stoa::notification;
using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::code_of;
using stoa::test::status_of;
using namespace std::chrono_literals;

namespace {

notification_options options_for_test() {
  notification_options o;
  o.webhooks.notice_email = "ops@example.com";
  return o;
}

struct hooks : test::service_fixture<notification_service> {
  hooks() : service_fixture(notification_service(options_for_test())) {}

  const webhook_options options;
  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);

  stoa::webhook_id create(std::vector<std::string> types = {"*"}) {
    const stoa::webhook_id id{system_ids().next_v7()};
    const auto made =
        run(create_webhook{id, "https://example.com/hooks", std::nullopt, std::move(types), "s1"},
            staff);
    BOOST_TEST_REQUIRE(made.has_value());
    return id;
  }
  static order::order_summary an_order() {
    order::order_summary s;
    s.order_id = {system_ids().next_v7()};
    s.email = "ada@example.com";
    s.total = {100, "EUR"};
    return s;
  }
  /// The requests since the last call; mails are dropped.
  std::vector<post_webhook> requests() {
    std::vector<post_webhook> found;
    for (const auto& e : effects) {
      if (e.kind() == &kernel::kind_of<post_webhook>()) found.push_back(e.as<post_webhook>());
    }
    effects.clear();
    return found;
  }
  post_webhook only_request() {
    auto all = requests();
    BOOST_TEST_REQUIRE(all.size() == 1U);
    return all.front();
  }
  void answer(const post_webhook& r, std::optional<std::int64_t> status,
              std::optional<std::int64_t> retry_after = std::nullopt) {
    webhook_result result{r.subject_id,  r.webhook_id,
                          r.delivery_id, status ? "completed" : "timed_out",
                          status,        7,
                          "body",        status ? "" : "No response.",
                          retry_after};
    BOOST_TEST_REQUIRE(run(result, as_system()).has_value());
  }
  std::vector<webhook_delivery_view> deliveries(
      stoa::webhook_id id, std::optional<webhook_delivery_status> status = std::nullopt) {
    return read(list_webhook_deliveries_query{id, status, std::nullopt, 100}, staff).value().data;
  }
  std::string statuses(stoa::webhook_id id) {
    std::string all;
    for (const auto& d : deliveries(id)) {
      all.insert(0, std::string(enum_name(d.status)) + (all.empty() ? "" : " "));
    }
    return all;
  }
  webhook_view endpoint(stoa::webhook_id id) { return read(get_webhook{id}, staff).value(); }
  void confirm(const order::order_summary& o) {
    BOOST_TEST_REQUIRE(!apply(order::order_confirmed{o}).has_value());
  }
  void ship(const order::order_summary& o) {
    BOOST_TEST_REQUIRE(!apply(order::order_shipped{o}).has_value());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_decisions, hooks)

BOOST_AUTO_TEST_CASE(without_an_endpoint_an_event_stores_nothing) {
  confirm(an_order());
  BOOST_TEST(requests().empty());
  BOOST_TEST(number("SELECT count(*) FROM webhook_messages") == 0);
  BOOST_TEST(number("SELECT count(*) FROM webhook_deliveries") == 0);
  BOOST_TEST(sweep() == 0U);
}

BOOST_AUTO_TEST_CASE(an_event_is_delivered_once_to_each_endpoint_that_chose_it) {
  const auto all = create();
  const auto confirmed = create({"order.confirmed", "order.refunded"});
  const auto shipped = create({"order.shipped"});
  const auto o = an_order();
  const stoa::event_id event{system_ids().next_v7()};
  BOOST_TEST(!apply(order::order_confirmed{o}, event).has_value());
  auto sent = requests();
  BOOST_TEST_REQUIRE(sent.size() == 2U);
  BOOST_TEST(sent[0].message_id == event.str());
  BOOST_TEST(sent[1].message_id == event.str());
  BOOST_TEST(sent[0].body == sent[1].body);
  BOOST_TEST(sent[0].body.starts_with(R"({"type":"order.confirmed","timestamp":")"));
  BOOST_TEST(sent[0].url == "https://example.com/hooks");
  BOOST_TEST((sent[0].sealed_secrets == std::vector<std::string>{"s1"}));
  BOOST_TEST(!apply(order::order_confirmed{o}, event).has_value());  // The same event again.
  BOOST_TEST(requests().empty());
  BOOST_TEST(statuses(all) == "Pending");
  BOOST_TEST(statuses(confirmed) == "Pending");
  BOOST_TEST(statuses(shipped).empty());
  BOOST_TEST(number("SELECT count(*) FROM webhook_messages") == 1);
  answer(sent[0], 204);
  BOOST_TEST(statuses(sent[0].webhook_id) == "Delivered");
  const auto detail =
      read(get_webhook_delivery{sent[0].webhook_id, sent[0].delivery_id}, staff).value();
  BOOST_TEST(detail.body == sent[0].body);
  BOOST_TEST_REQUIRE(detail.attempts.size() == 1U);
  BOOST_TEST(detail.attempts[0].status.value() == 204);
  BOOST_TEST(detail.attempts[0].response.value() == "body");
  BOOST_TEST(detail.attempts[0].duration_ms == 7);
}

BOOST_AUTO_TEST_CASE(deliveries_of_an_order_wait_for_earlier_ones_those_of_others_do_not) {
  const auto id = create();
  const auto one = an_order();
  confirm(one);
  const auto first = only_request();
  ship(one);
  BOOST_TEST(requests().empty());
  BOOST_TEST(statuses(id) == "Pending Waiting");
  confirm(an_order());
  const auto other = only_request();
  BOOST_TEST((other.subject_id != first.subject_id));
  answer(first, 500);
  BOOST_TEST(requests().empty());
  BOOST_TEST(statuses(id) == "Pending Waiting Pending");
  answer(other, 200);
  BOOST_TEST(requests().empty());
  time.advance(5s);
  BOOST_TEST(sweep() == 1U);
  const auto again = only_request();
  BOOST_TEST((again.delivery_id == first.delivery_id));
  BOOST_TEST(again.message_id == first.message_id);
  BOOST_TEST(again.body == first.body);
  answer(again, 200);
  const auto second = only_request();
  BOOST_TEST((second.subject_id == first.subject_id));
  BOOST_TEST(second.body.find("order.shipped") != std::string::npos);
  answer(second, 200);
  BOOST_TEST(statuses(id) == "Delivered Delivered Delivered");
}

BOOST_AUTO_TEST_CASE(a_delivery_without_an_answer_is_sent_again) {
  create();
  confirm(an_order());
  const auto first = only_request();
  time.advance(options.timeout);
  BOOST_TEST(sweep() == 0U);
  time.advance(options.margin);
  sweep();
  BOOST_TEST((only_request().delivery_id == first.delivery_id));
}

BOOST_AUTO_TEST_CASE(after_three_days_a_delivery_has_failed_and_the_next_is_sent) {
  const auto id = create();
  const auto o = an_order();
  confirm(o);
  auto request = only_request();
  ship(o);
  int attempts = 0;
  const auto begun = time.now();
  while (statuses(id).starts_with("Pending")) {
    BOOST_TEST_REQUIRE(++attempts < 40);
    answer(request, std::nullopt);
    if (!statuses(id).starts_with("Pending")) break;
    time.set(*deliveries(id).back().next_attempt_at);
    sweep();
    request = only_request();
  }
  BOOST_TEST((time.now() - begun == options.retry_for));
  BOOST_TEST(attempts >= 17);
  BOOST_TEST(statuses(id) == "Failed Pending");
  const auto next = only_request();
  BOOST_TEST(next.body.find("order.shipped") != std::string::npos);
  answer(next, 503);  // Its own three days are over as well.
  BOOST_TEST(statuses(id) == "Failed Failed");
  answer(request, 200);  // A late answer of the first one.
  BOOST_TEST(statuses(id) == "Delivered Failed");
}

BOOST_AUTO_TEST_CASE(retry_after_is_respected) {
  const auto id = create();
  confirm(an_order());
  answer(only_request(), 429, 3600);
  BOOST_TEST((*deliveries(id)[0].next_attempt_at - time.now() == seconds{3600}));
}

BOOST_AUTO_TEST_CASE(gone_disables_the_endpoint_at_once) {
  const auto id = create();
  const auto o = an_order();
  confirm(o);
  const auto request = only_request();
  ship(o);
  effects.clear();
  answer(request, 410);
  BOOST_TEST(statuses(id) == "Failed Pending");
  const auto e = endpoint(id);
  BOOST_TEST(enum_name(e.status) == "Disabled");
  BOOST_TEST(enum_name(*e.disabled_reason) == "gone");
  BOOST_TEST(requests().empty());
  list_notifications_query all_notifications;
  all_notifications.all = true;
  const auto mails = read(all_notifications, as_system()).value().data;
  BOOST_TEST(mails.front().recipient == "ops@example.com");
  BOOST_TEST(mails.front().message.find(id.str()) != std::string::npos);
  confirm(an_order());
  BOOST_TEST(requests().empty());
  BOOST_TEST(statuses(id) == "Failed Pending Pending");
}

BOOST_AUTO_TEST_CASE(
    an_endpoint_is_disabled_after_days_of_failures_and_kept_events_are_sent_later) {
  const auto id = create();
  confirm(an_order());
  answer(only_request(), 500);
  time.advance(std::chrono::hours{100});
  confirm(an_order());
  answer(only_request(), 500);
  BOOST_TEST(enum_name(endpoint(id).status) == "Enabled");
  time.advance(std::chrono::hours{20});
  confirm(an_order());
  answer(only_request(), 500);
  const auto e = endpoint(id);
  BOOST_TEST(enum_name(e.status) == "Disabled");
  BOOST_TEST(enum_name(*e.disabled_reason) == "failing");
  time.advance(std::chrono::hours{1});
  sweep();
  BOOST_TEST(requests().empty());
  BOOST_TEST(sweep() == 0U);  // Nothing is due before the last possible time.
  BOOST_TEST(run(set_webhook_status{id, webhook_status::Enabled}, staff).has_value());
  sweep();
  const auto sent = requests();
  BOOST_TEST(sent.size() == 2U);  // The first one was given up.
  for (const auto& r : sent) answer(r, 200);
  BOOST_TEST(!endpoint(id).failing_since.has_value());
  BOOST_TEST(statuses(id) == "Failed Delivered Delivered");
}

BOOST_AUTO_TEST_CASE(a_success_restarts_the_count_of_failing_days) {
  const auto id = create();
  for (int day = 0; day < 20; ++day) {
    confirm(an_order());
    answer(only_request(), day % 3 == 2 ? 200 : 500);
    time.advance(std::chrono::hours{24});
  }
  BOOST_TEST(enum_name(endpoint(id).status) == "Enabled");
}

BOOST_AUTO_TEST_CASE(deliveries_of_a_disabled_endpoint_fail_after_three_days) {
  const auto id = create();
  BOOST_TEST(run(set_webhook_status{id, webhook_status::Disabled}, staff).has_value());
  const auto o = an_order();
  confirm(o);
  ship(o);
  BOOST_TEST(statuses(id) == "Pending Waiting");
  time.advance(options.retry_for);
  sweep();
  sweep();
  BOOST_TEST(statuses(id) == "Failed Failed");
  BOOST_TEST(requests().empty());
}

BOOST_AUTO_TEST_CASE(the_old_secret_signs_for_a_day_after_a_rotation) {
  const auto id = create();
  const auto rotated = run(rotate_webhook_secret{id, "s2"}, staff).value();
  BOOST_TEST(rotated.sealed_secret == "s2");
  BOOST_TEST((*rotated.webhook.previous_secret_until == time.now() + webhook_secret_overlap));
  confirm(an_order());
  BOOST_TEST((only_request().sealed_secrets == std::vector<std::string>{"s2", "s1"}));
  time.advance(webhook_secret_overlap);
  confirm(an_order());
  BOOST_TEST((only_request().sealed_secrets == std::vector<std::string>{"s2"}));
}

BOOST_AUTO_TEST_CASE(a_replay_is_a_new_delivery_of_the_same_message) {
  const auto id = create();
  const auto o = an_order();
  confirm(o);
  const auto first = only_request();
  const replay_webhook_delivery replay{first.subject_id, id, first.delivery_id,
                                       *stoa::event_id::parse(first.message_id)};
  BOOST_TEST(code_of(run(replay, staff)) == "webhook_delivery_open");
  answer(first, 200);
  ship(o);
  const auto second = only_request();
  const auto made = run(replay, staff).value();
  BOOST_TEST((*made.replay_of == first.delivery_id));
  BOOST_TEST(requests().empty());  // The order's later event is sent first.
  BOOST_TEST(code_of(run(replay, staff)) == "webhook_delivery_open");
  answer(second, 200);
  const auto again = only_request();
  BOOST_TEST(again.message_id == first.message_id);
  BOOST_TEST(again.body == first.body);
  BOOST_TEST((again.delivery_id != first.delivery_id));
  answer(again, 200);
  auto of_replay = replay;
  of_replay.delivery_id = again.delivery_id;
  BOOST_TEST((*run(of_replay, staff).value().replay_of == first.delivery_id));
  auto foreign = replay;
  foreign.webhook_id = create();
  BOOST_TEST(status_of(run(foreign, staff)) == 404);
}

BOOST_AUTO_TEST_CASE(a_replay_keeps_its_message_and_needs_it) {
  const auto id = create();
  confirm(an_order());
  const auto first = only_request();
  answer(first, 200);
  const replay_webhook_delivery replay{first.subject_id, id, first.delivery_id,
                                       *stoa::event_id::parse(first.message_id)};
  time.advance(options.retention - 1h);
  BOOST_TEST(run(replay, staff).has_value());
  const auto again = only_request();
  time.advance(2h);
  BOOST_TEST(clean_up() >= 2U);  // The first delivery and its attempt, not the message.
  answer(again, 500);
  BOOST_TEST(number("SELECT count(*) FROM webhook_messages") == 1);
  BOOST_TEST(number("SELECT count(*) FROM webhook_deliveries") == 1);
}

BOOST_AUTO_TEST_CASE(a_test_is_sent_once) {
  const auto id = create({"order.shipped"});
  const auto made = run(test_webhook{id}, staff).value();
  BOOST_TEST(made.event_type == "webhook.test");
  const auto request = only_request();
  BOOST_TEST(request.body.find(R"("type":"webhook.test")") != std::string::npos);
  answer(request, 500);
  BOOST_TEST(statuses(id) == "Failed");
  BOOST_TEST(run(set_webhook_status{id, webhook_status::Disabled}, staff).has_value());
  BOOST_TEST(code_of(run(test_webhook{id}, staff)) == "webhook_disabled");
}

BOOST_AUTO_TEST_CASE(an_event_that_an_operator_applies_again_is_not_sent_again) {
  const auto id = create();
  const auto o = an_order();
  confirm(o);
  answer(only_request(), 200);
  event_seq = -1;  // As kernel.apply_event does: the number is 0.
  confirm(o);
  BOOST_TEST(requests().empty());
  event_seq = -1;
  ship(o);  // Lost, and applied by the operator.
  BOOST_TEST(requests().size() == 1U);
  BOOST_TEST(statuses(id) == "Delivered Pending");
}

BOOST_AUTO_TEST_CASE(events_of_a_payment_are_in_order_with_those_of_its_order) {
  const auto id = create({"order.confirmed", "payment.dispute_opened"});
  const auto o = an_order();
  confirm(o);
  const auto first = only_request();
  const payment::payment_dispute_opened opened{
      {system_ids().next_v7()}, o.order_id, "dp_1", {100, "EUR"}, "fraudulent", std::nullopt};
  BOOST_REQUIRE(!apply(opened).has_value());
  BOOST_TEST(requests().empty());
  BOOST_TEST(statuses(id) == "Pending Waiting");
  answer(first, 200);
  BOOST_TEST(only_request().body.find(R"("reference":"dp_1")") != std::string::npos);
  BOOST_REQUIRE(!apply(payment::payment_failed{{}, o.order_id, "card_declined", ""}).has_value());
  BOOST_TEST(statuses(id) == "Delivered Pending");
}

BOOST_AUTO_TEST_CASE(events_of_a_product_are_delivered_in_their_order) {
  const auto id = create({"stock.low"});
  const stoa::product_id cup{system_ids().next_v7()};
  BOOST_REQUIRE(!apply(catalog::stock_low{cup, 3, 5}).has_value());
  BOOST_REQUIRE(!apply(catalog::stock_low{cup, 1, 5}).has_value());
  confirm(an_order());
  const auto first = only_request();
  BOOST_TEST(first.body.find(R"("available":3,"threshold":5)") != std::string::npos);
  BOOST_TEST(statuses(id) == "Pending Waiting");
  answer(first, 200);
  BOOST_TEST(only_request().body.find(R"("available":1)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_deleted_endpoint_receives_nothing) {
  const auto id = create();
  const auto o = an_order();
  confirm(o);
  const auto request = only_request();
  ship(o);
  effects.clear();
  BOOST_TEST(run(delete_webhook{id}, staff).has_value());
  BOOST_TEST(status_of(run(delete_webhook{id}, staff)) == 404);
  BOOST_TEST(status_of(read(get_webhook{id}, staff)) == 404);
  BOOST_TEST(number("SELECT count(*) FROM webhook_deliveries WHERE status='Failed'") == 2);
  answer(request, 500);
  confirm(an_order());
  BOOST_TEST(requests().empty());
  BOOST_TEST(sweep() == 0U);
}

BOOST_AUTO_TEST_CASE(endpoints_are_limited_and_their_changes_recorded) {
  const auto id = create({"order.shipped", "order.confirmed", "order.shipped"});
  BOOST_TEST(
      (endpoint(id).event_types == std::vector<std::string>{"order.confirmed", "order.shipped"}));
  webhook_change change;
  change.url = "https://example.org/";
  change.event_types = std::vector<std::string>{"order.shipped", "*"};
  const auto changed = run(change_webhook{id, change}, staff).value();
  BOOST_TEST(changed.url == "https://example.org/");
  BOOST_TEST((changed.event_types == std::vector<std::string>{"*"}));
  kernel::precondition outdated;
  outdated.match = std::vector<std::string>{"x"};
  BOOST_TEST(status_of(run(change_webhook{id, change, outdated}, staff)) == 412);
  while (read(list_webhooks{}, staff).value().data.size() < webhook_endpoints_max) create();
  BOOST_TEST(code_of(run(create_webhook{{system_ids().next_v7()}, "https://x/", {}, {"*"}, "s"},
                         staff)) == "too_many_webhooks");
  BOOST_TEST(number("SELECT count(*) FROM operator_action WHERE action='webhook_changed'") == 1);
  BOOST_TEST(number("SELECT count(*) FROM operator_action WHERE action='webhook_created'") == 20);
  BOOST_TEST(number("SELECT count(*) FROM operator_action WHERE payload LIKE '%s1%'") == 0);
}

BOOST_AUTO_TEST_CASE(only_staff_can_read) {
  const auto id = create();
  const auto customer = as_user({system_ids().next_v7()});
  find_replayable_webhooks range;
  range.webhook_id = id;
  BOOST_TEST(status_of(read(list_webhooks{}, customer)) == 404);
  BOOST_TEST(status_of(read(get_webhook{id}, customer)) == 404);
  BOOST_TEST(status_of(read(list_webhook_deliveries_query{id, {}, {}, 10}, customer)) == 404);
  BOOST_TEST(status_of(read(get_webhook_delivery{id, {}}, customer)) == 404);
  BOOST_TEST(status_of(read(range, customer)) == 404);
}

BOOST_AUTO_TEST_CASE(events_and_results_of_one_batch_keep_the_order) {
  const auto id = create();
  const auto o = an_order();
  confirm(o);
  const auto first = only_request();
  ship(o);
  effects.clear();
  const auto subject = first.subject_id;
  const webhook_result ok{subject, id, first.delivery_id, "completed", 200, 1, "", "", {}};
  for (const auto& r : run_batch(std::vector<webhook_result>{ok, ok})) BOOST_TEST(r.has_value());
  BOOST_TEST(requests().size() == 1U);
  BOOST_TEST(statuses(id) == "Delivered Pending");
}

BOOST_AUTO_TEST_SUITE_END()
