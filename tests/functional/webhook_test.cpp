// Outgoing webhooks of the running program: receivers that fail, hang, redirect and reject, kill
// -9, rotation, replay, and addresses that are not allowed. A planted fault for each check.

#include "tests/support/skip.hpp"
#include "tests/support/webhook_receiver.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> steps{"order.confirmed", "order.shipped", "order.delivered"};

environment webhook_settings_of(environment more = {}) {
  auto all = loopback_webhooks(500ms);
  all.emplace_back("STOA_SWEEP_INTERVAL_MS", "50");
  for (auto& [name, value] : more) {
    std::erase_if(all, [&](const auto& s) { return s.first == name; });
    all.emplace_back(name, std::move(value));
  }
  return all;
}

/// A store with an administrator, in a folder, of either program.
class hooked_store {
 public:
  explicit hooked_store(environment more = {}, const std::filesystem::path& program = stoa_binary())
      : server_([&] {
          load_demo(program, dir_ / "data", 10, 1000);
          create_root(program, dir_ / "data");
          server_options o;
          o.program = program;
          o.data = dir_ / "data";
          o.settings = webhook_settings_of(std::move(more));
          return o;
        }()) {
    server_.start();
    visitor_.emplace(server_.port());
    root_ = visitor_->log_in("root");
    product_ = visitor_->goods().at(0).id;
  }

  server& process() { return server_; }
  visitor& guest() { return *visitor_; }
  const header_list& root() const { return root_; }

  http_answer post(const std::string& path, const std::string& body = "{}") {
    return visitor_->client.post("/admin/v1/webhooks" + path, body, root_);
  }
  http_answer get(const std::string& path = "") {
    return visitor_->client.get("/admin/v1/webhooks" + path, root_);
  }
  http_answer create(const std::string& url, const std::string& types = R"(["*"])") {
    return post("", R"({"url":")" + url + R"(","event_types":)" + types + "}");
  }
  /// The endpoint's id and secret.
  std::pair<std::string, std::string> created(const std::string& url) {
    const auto a = create(url);
    BOOST_TEST_REQUIRE(a.status == 201, a.body);
    return {text_at(a.json(), "/webhook/webhook_id"), text_at(a.json(), "/secret")};
  }
  std::string buy() {
    return std::string(text_member(visitor_->bought(product_).body, "order_id"));
  }
  void step(const std::string& order, const std::string& action) {
    const auto a = visitor_->client.post("/admin/v1/orders/" + order + "/" + action, "{}", root_);
    BOOST_TEST_REQUIRE(a.status == 200, a.body);
  }
  std::string only_delivery(const std::string& webhook) {
    const auto all = get("/" + webhook + "/deliveries").json();
    BOOST_TEST_REQUIRE(size_at(all, "/data") == 1U);
    return text_at(all, "/data/0/delivery_id");
  }
  std::size_t deliveries(const std::string& webhook, const std::string& status) {
    return size_at(get("/" + webhook + "/deliveries?limit=100&status=" + status).json(), "/data");
  }
  void restart() {
    server_.start();
    visitor_.emplace(server_.port());
    root_ = visitor_->log_in("root");
  }

 private:
  temp_dir dir_;
  server server_;
  std::optional<visitor> visitor_;
  header_list root_;
  std::string product_;
};

/// Orders that are confirmed, shipped and delivered while the receiver fails now and then, and the
/// process is killed if asked. Returns what was violated.
std::vector<std::string> run_with(environment more, const std::filesystem::path& program,
                                  bool kill) {
  std::atomic<int> requests{0};
  webhook_receiver receiver([&](const received_webhook& r) {
    const int n = ++requests;
    if (r.type == "order.confirmed" && n % 2 == 1) {
      std::this_thread::sleep_for(60ms);
      return n % 4 == 1 ? 500 : 0;
    }
    return n % 7 == 3 ? 503 : 200;
  });
  hooked_store store(std::move(more), program);
  const auto [id, secret] = store.created(receiver.url());
  std::set<std::string> orders;
  for (int i = 0; i < 6; ++i) {
    const auto order = store.buy();
    orders.insert(order);
    store.step(order, "ship");
    store.step(order, "deliver");
    if (kill && i % 2 == 1) {
      store.process().kill();
      store.restart();
    }
  }
  std::vector<std::string> found;
  eventually(
      [&] {
        found = webhook_violations(receiver.received(), orders, steps, secret);
        const bool is_lost =
            std::ranges::any_of(found, [](const std::string& v) { return v.starts_with("lost"); });
        return !is_lost && store.deliveries(id, "Delivered") == orders.size() * steps.size();
      },
      program == stoa_binary() ? 60s : 5s);
  return webhook_violations(receiver.received(), orders, steps, secret);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhooks)

BOOST_AUTO_TEST_CASE(events_are_signed_and_in_order_for_each_order_when_the_receiver_fails) {
  for (const auto& v : run_with({}, stoa_binary(), false)) BOOST_ERROR(v);
}

BOOST_AUTO_TEST_CASE(no_event_is_lost_when_the_process_is_killed) {
  for (const auto& v : run_with({}, stoa_binary(), true)) BOOST_ERROR(v);
}

struct planted_fault {
  const char* fault;
  const char* finding;
};
std::ostream& operator<<(std::ostream& out, const planted_fault& f) {
  return out << f.fault;
}
const std::vector<planted_fault> all_faults{{"webhook_new_id", "two ids"},
                                            {"webhook_any_status", "lost"},
                                            {"webhook_early_result", "out of order"},
                                            {"lose:webhook_deliveries", "lost"}};

BOOST_DATA_TEST_CASE(a_planted_fault_is_found, boost::unit_test::data::make(all_faults), planted) {
  const auto found = run_with({{"STOA_FAULT", planted.fault}}, stoa_with_faults(), false);
  const bool is_found = std::ranges::any_of(
      found, [&](const std::string& v) { return v.starts_with(planted.finding); });
  BOOST_TEST(is_found, "not detected: " << planted.fault);
}

BOOST_AUTO_TEST_CASE(a_failing_order_does_not_delay_others) {
  std::string failing;
  std::mutex mutex;
  std::atomic<bool> fails{true};
  webhook_receiver receiver([&](const received_webhook& r) {
    const std::scoped_lock lock(mutex);
    if (failing.empty()) failing = r.order;
    return fails && r.order == failing ? 500 : 200;
  });
  hooked_store store;
  const auto [id, secret] = store.created(receiver.url());
  std::set<std::string> orders;
  for (int i = 0; i < 3; ++i) {
    const auto order = store.buy();
    store.step(order, "ship");
    orders.insert(order);
  }
  BOOST_TEST(eventually([&] { return store.deliveries(id, "Delivered") == 4; }));
  BOOST_TEST(store.deliveries(id, "Waiting") == 1U);
  BOOST_TEST(store.deliveries(id, "Pending") == 1U);
  fails = false;
  BOOST_TEST(eventually([&] { return store.deliveries(id, "Delivered") == 6; }));
  for (const auto& v : webhook_violations(receiver.received(), orders,
                                          {"order.confirmed", "order.shipped"}, secret)) {
    BOOST_ERROR(v);
  }
}

BOOST_AUTO_TEST_CASE(a_hanging_receiver_times_out_and_redirects_are_not_followed) {
  std::atomic<int> requests{0};
  webhook_receiver receiver([&](const received_webhook&) {
    switch (++requests) {
      case 1:
        std::this_thread::sleep_for(1500ms);
        return 200;
      case 2:
        return 302;
      default:
        return 200;
    }
  });
  hooked_store store;
  const auto [id, secret] = store.created(receiver.url());
  store.buy();
  BOOST_TEST_REQUIRE(eventually([&] { return store.deliveries(id, "Delivered") == 1; }));
  const auto detail = store.get("/" + id + "/deliveries/" + store.only_delivery(id)).json();
  BOOST_TEST_REQUIRE(size_at(detail, "/attempts") == 3U);
  BOOST_TEST(text_at(detail, "/attempts/0/outcome") == "timed_out");
  BOOST_TEST(number_at(detail, "/attempts/1/status") == 302);
  BOOST_TEST(text_at(detail, "/attempts/1/response") == "body");
  BOOST_TEST(number_at(detail, "/attempts/2/status") == 200);
  for (const auto& r : receiver.received()) {
    BOOST_TEST(r.head.starts_with("POST /hooks "), r.head);
    BOOST_TEST(r.field("Content-Type") == "application/json");
  }
  const auto metrics = store.guest().client.get("/metrics").body;
  BOOST_TEST(metrics.find("stoa_webhook_request_duration_seconds_count{outcome=\"delivered\"} 1") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(gone_disables_the_endpoint_until_staff_enables_it) {
  std::atomic<int> status{410};
  webhook_receiver receiver([&](const received_webhook&) { return status.load(); });
  hooked_store store(environment{{"STOA_WEBHOOKS_NOTICE_EMAIL", "ops@example.com"}});
  const auto [id, secret] = store.created(receiver.url());
  const auto order = store.buy();
  BOOST_TEST_REQUIRE(
      eventually([&] { return text_at(store.get("/" + id).json(), "/status") == "Disabled"; }));
  BOOST_TEST(text_at(store.get("/" + id).json(), "/disabled_reason") == "gone");
  BOOST_TEST(store.post("/" + id + "/test").code() == "webhook_disabled");
  store.step(order, "ship");
  const auto notices = store.guest().client.get("/admin/v1/notifications", store.root()).body;
  BOOST_TEST(notices.find("ops@example.com") != std::string::npos);
  status = 200;
  const auto enabled = store.post("/" + id + "/enable");
  BOOST_TEST(enabled.status == 200, enabled.body);
  BOOST_TEST(eventually([&] { return receiver.accepted() == 1; }));
  BOOST_TEST(receiver.received().back().type == "order.shipped");
  // The event that the receiver has rejected can be replayed, with the same id.
  const auto failed = store.get("/" + id + "/deliveries?status=Failed").json();
  const auto delivery = text_at(failed, "/data/0/delivery_id");
  const auto replay = store.post("/" + id + "/deliveries/" + delivery + "/replay");
  BOOST_TEST(replay.status == 202, replay.body);
  BOOST_TEST(text_at(replay.json(), "/replay_of") == delivery);
  BOOST_TEST(eventually([&] { return receiver.accepted() == 2; }));
  const auto all = receiver.received();
  BOOST_TEST(all.back().id == all.front().id);
  BOOST_TEST(all.back().body == all.front().body);
}

BOOST_AUTO_TEST_CASE(a_rotated_secret_signs_beside_the_old_one) {
  webhook_receiver receiver;
  hooked_store store;
  const auto [id, secret] = store.created(receiver.url());
  BOOST_TEST(secret.starts_with("whsec_"));
  BOOST_TEST(store.get("/" + id).body.find("whsec_") == std::string::npos);
  const auto sent = store.post("/" + id + "/test");
  BOOST_TEST(sent.status == 202, sent.body);
  BOOST_TEST_REQUIRE(eventually([&] { return receiver.accepted() == 1; }));
  const auto rotated = store.post("/" + id + "/rotate-secret");
  BOOST_TEST_REQUIRE(rotated.status == 200, rotated.body);
  const auto next = text_at(rotated.json(), "/secret");
  BOOST_TEST(next != secret);
  store.post("/" + id + "/test");
  BOOST_TEST_REQUIRE(eventually([&] { return receiver.accepted() == 2; }));
  const auto all = receiver.received();
  BOOST_TEST(all[0].is_signed_with(secret));
  BOOST_TEST(!all[0].is_signed_with(next));
  BOOST_TEST(all[1].is_signed_with(secret));
  BOOST_TEST(all[1].is_signed_with(next));
  BOOST_TEST(all[0].type == "webhook.test");
  std::ifstream log(store.process().log_file());
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  BOOST_TEST(text.find("whsec_") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_repeated_creation_shows_the_same_secret) {
  webhook_receiver receiver;
  hooked_store store;
  const auto key = with(store.root(), "Idempotency-Key", unique("webhook"));
  const auto body = R"({"url":")" + receiver.url() + R"(","event_types":["*"]})";
  const auto first = store.guest().client.post("/admin/v1/webhooks", body, key);
  const auto again = store.guest().client.post("/admin/v1/webhooks", body, key);
  BOOST_TEST(first.status == 201, first.body);
  BOOST_TEST(again.status == 201, again.body);
  BOOST_TEST(again.body == first.body);
  BOOST_TEST(size_at(store.get().json(), "/data") == 1U);
}

BOOST_AUTO_TEST_CASE(a_period_is_replayed) {
  std::atomic<int> status{200};
  webhook_receiver receiver([&](const received_webhook&) { return status.load(); });
  hooked_store store(environment{{"STOA_WEBHOOKS_RETRY_FOR_S", "1"}});
  const auto [id, secret] = store.created(receiver.url());
  status = 500;
  for (int i = 0; i < 3; ++i) store.buy();
  BOOST_TEST_REQUIRE(eventually([&] { return store.deliveries(id, "Failed") == 3; }));
  status = 200;
  const auto range = [](const char* more) {
    return R"({"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z")" + std::string(more) +
           "}";
  };
  const auto none = store.post("/" + id + "/replay", range(R"(,"status":"Delivered")"));
  BOOST_TEST(none.status == 202, none.body);
  BOOST_TEST(number_at(none.json(), "/replayed") == 0);
  const auto done = store.post("/" + id + "/replay", range(""));
  BOOST_TEST(done.status == 202, done.body);
  BOOST_TEST(number_at(done.json(), "/replayed") == 3);
  BOOST_TEST(eventually([&] { return store.deliveries(id, "Delivered") == 3; }));
  const auto bad = store.post("/" + id + "/replay",
                              R"({"from":"2021-01-01T00:00:00Z","to":"2020-01-01T00:00:00Z"})");
  BOOST_TEST(bad.status == 422);
  BOOST_TEST(pointers_of(bad) == "/to");
}

BOOST_AUTO_TEST_CASE(invalid_endpoints_are_rejected_with_a_pointer) {
  hooked_store store(
      environment{{"STOA_WEBHOOKS_ALLOWED_NETWORKS", ""}, {"STOA_WEBHOOKS_ALLOW_HTTP", "false"}});
  for (const char* url :
       {"https://127.0.0.1/", "https://localhost:8080/", "https://2130706433/", "https://0x7f.1/",
        "https://[::ffff:169.254.169.254]/", "https://[64:ff9b::a9fe:a9fe]/", "https://10.1.2.3/",
        "https://no-such-name.invalid/", "http://8.8.8.8/", "ftp://8.8.8.8/",
        "https://u:p@8.8.8.8/"}) {
    const auto a = store.create(url);
    BOOST_TEST(a.status == 422, url);
    BOOST_TEST(pointers_of(a) == "/url", url);
  }
  const auto unknown = store.create("https://8.8.8.8/", R"(["order.confirmed","order.placed"])");
  BOOST_TEST(unknown.status == 422);
  BOOST_TEST(pointers_of(unknown) == "/event_types/1");
  BOOST_TEST(store.create("https://8.8.8.8/", "[]").status == 422);
  BOOST_TEST(size_at(store.get().json(), "/data") == 0U);
  const auto [id, secret] = store.created("https://8.8.8.8/");
  const auto changed = store.guest().client.patch("/admin/v1/webhooks/" + id,
                                                  R"({"url":"https://[::1]/"})", store.root());
  BOOST_TEST(changed.status == 422);
  BOOST_TEST(pointers_of(changed) == "/url");
}

BOOST_AUTO_TEST_CASE(an_address_is_checked_again_when_connecting) {
  webhook_receiver receiver;
  const temp_dir dir;
  load_demo(stoa_binary(), dir / "data", 5, 10);
  create_root(stoa_binary(), dir / "data");
  server_options o;
  o.data = dir / "data";
  o.settings = webhook_settings_of();
  std::string id;
  {
    server first(o);
    first.start();
    visitor v(first.port());
    const auto root = v.log_in("root");
    const auto made = v.client.post(
        "/admin/v1/webhooks", R"({"url":")" + receiver.url() + R"(","event_types":["*"]})", root);
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    id = text_at(made.json(), "/webhook/webhook_id");
    first.stop();
  }
  // As if the name led elsewhere now.
  o.settings.emplace_back("STOA_WEBHOOKS_ALLOWED_NETWORKS", "192.0.2.0/24");
  std::erase_if(o.settings, [](const auto& s) {
    return s.first == "STOA_WEBHOOKS_ALLOWED_NETWORKS" && s.second.starts_with("127");
  });
  server second(o);
  second.start();
  visitor v(second.port());
  const auto root = v.log_in("root");
  BOOST_TEST(v.client.post("/admin/v1/webhooks/" + id + "/test", "{}", root).status == 202);
  BOOST_TEST(eventually([&] {
    const auto all = v.client.get("/admin/v1/webhooks/" + id + "/deliveries?status=Failed", root);
    return size_at(all.json(), "/data") == 1 && all.body.find("127.0.0.1") != std::string::npos;
  }));
  BOOST_TEST(receiver.received().empty());
}

BOOST_AUTO_TEST_CASE(only_staff_may_manage_webhooks) {
  hooked_store store;
  const auto ada = store.guest().sign_up("ada");
  auto& client = store.guest().client;
  BOOST_TEST(client.get("/admin/v1/webhooks", ada).status == 403);
  BOOST_TEST(client.get("/admin/v1/webhooks").status == 401);
  const auto bob = store.guest().staff("bob");
  BOOST_TEST(client.get("/admin/v1/webhooks", bob).status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
