// The runner of webhooks: bounded for each endpoint, with a result for each attempt.

#include "actors/notification/webhook_effects.hpp"

#include "actors/notification/webhook_messages.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::notification;

namespace {

struct sender final : webhook_sender {
  void post(webhook_request request, callback done) override {
    requests.push_back(std::move(request));
    callbacks.push_back(std::move(done));
  }
  std::vector<webhook_request> requests;
  std::vector<callback> callbacks;
};

struct fixture {
  post_webhook request(stoa::webhook_id webhook) {
    return {{system_ids().next_v7()},
            webhook,
            {system_ids().next_v7()},
            "id",
            "https://x/",
            {"s"},
            "{}"};
  }
  void start(const post_webhook& e) { runner->start(kernel::any_message::of(e), now); }

  timestamp now{1'000'000};
  sender http;
  std::vector<webhook_result> results;
  std::vector<std::string> outcomes;
  std::unique_ptr<kernel::effect_runner> runner =
      webhook_effects(http, {2, 3, seconds{10}}, [this](std::string_view outcome, microseconds) {
        outcomes.emplace_back(outcome);
      })([this](const kernel::any_message& m) { results.push_back(m.as<webhook_result>()); });
  const stoa::webhook_id one{system_ids().next_v7()};
  const stoa::webhook_id two{system_ids().next_v7()};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_effect_runner, fixture)

BOOST_AUTO_TEST_CASE(a_slow_endpoint_does_not_delay_others) {
  for (int i = 0; i < 10; ++i) start(request(one));
  BOOST_TEST(http.requests.size() == 2U);
  start(request(two));
  BOOST_TEST(http.requests.size() == 3U);
  BOOST_TEST(runner->under_way() == 3U);
  for (std::size_t i = 0; i < http.callbacks.size(); ++i) {
    http.callbacks[i]({"completed", 200, "", "", {}});
  }
  BOOST_TEST(results.size() == 6U);  // Two in progress, three waiting, one of the other endpoint.
}

BOOST_AUTO_TEST_CASE(results_have_what_the_receiver_answered) {
  const auto e = request(one);
  start(e);
  http.callbacks[0]({"completed", 503, "busy", "", 30});
  BOOST_TEST_REQUIRE(results.size() == 1U);
  BOOST_TEST((results[0].delivery_id == e.delivery_id));
  BOOST_TEST((results[0].subject_id == e.subject_id));
  BOOST_TEST((results[0].webhook_id == one));
  BOOST_TEST(results[0].status.value() == 503);
  BOOST_TEST(results[0].response == "busy");
  BOOST_TEST(results[0].retry_after_s.value() == 30);
  BOOST_TEST(!results[0].is_delivered());
  start(request(one));
  http.callbacks[1]({"unreachable", {}, "", "refused", {}});
  start(request(one));
  http.callbacks[2]({"completed", 299, "", "", {}});
  BOOST_TEST((outcomes == std::vector<std::string>{"rejected", "unreachable", "delivered"}));
}

BOOST_AUTO_TEST_CASE(an_attempt_without_an_answer_times_out_and_a_late_success_counts) {
  start(request(one));
  runner->tick(now);
  runner->tick(now + seconds{12});
  BOOST_TEST(results.empty());
  runner->tick(now + seconds{13});
  BOOST_TEST_REQUIRE(results.size() == 1U);
  BOOST_TEST(results[0].outcome == "timed_out");
  http.callbacks[0]({"completed", 200, "", "", {}});
  BOOST_TEST_REQUIRE(results.size() == 2U);
  BOOST_TEST(results[1].is_delivered());
}

BOOST_AUTO_TEST_CASE(a_late_failure_is_not_reported_twice) {
  start(request(one));
  runner->tick(now + seconds{13});
  http.callbacks[0]({"timed_out", {}, "", "", {}});
  BOOST_TEST(results.size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_request_of_a_delivery_is_under_way_once) {
  const auto e = request(one);
  start(e);
  start(e);
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
