// The program with notification.push = webpush, a push service and browsers, over HTTP.

#include "storage/base/json_read.hpp"
#include "tests/support/push_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string mine = "/store/v1/users/me/push-subscriptions";

struct pushed {
  std::string id;
  std::string title;
  std::string body;
  std::string url;
};
BOOST_DESCRIBE_STRUCT(pushed, (), (id, title, body, url))

}  // namespace

BOOST_AUTO_TEST_SUITE(push)

BOOST_AUTO_TEST_CASE(a_browser_is_notified_until_its_subscription_has_gone) {
  const temp_dir dir;
  push_server service(dir);
  storefront shop({.products = 1, .stock = 50, .settings = service.settings()});
  visitor ada(shop.port());
  const auto who = ada.sign_up("ada");
  const push_browser browser;
  const auto key = ada.client.get("/store/v1/push/vapid-key");
  BOOST_TEST(key.status == 200);
  const auto made = ada.client.put(mine, service.subscription(browser, "/send/1"), who);
  BOOST_TEST_REQUIRE(made.status == 200, made.body);
  BOOST_TEST(ada.client.put(mine, service.subscription(browser, "/send/1"), who).body == made.body);
  BOOST_TEST(size_at(ada.client.get(mine, who).json(), "/data") == 1U);

  service.status = 503;
  const auto goods = ada.goods();
  const auto order = ada.bought(goods.at(0).id, who);
  BOOST_TEST(service.server().wait_for(1).size() >= 1U);
  service.status = 201;
  const auto root = ada.log_in("root");
  const auto number_of = [&](const std::string& status) {
    const auto all = ada.client.get("/admin/v1/notifications?status=" + status, root).json();
    std::size_t count = 0;
    for (std::size_t i = 0; i < size_at(all, "/data"); ++i) {
      if (text_at(all, "/data/" + std::to_string(i) + "/type") == "Push") ++count;
    }
    return count;
  };
  BOOST_TEST(eventually([&] { return number_of("Sent") == 1; }));
  const auto requests = service.server().requests();
  BOOST_TEST_REQUIRE(requests.size() >= 2U);
  const auto first = json::read<pushed>(browser.decrypt(body_in(requests.front()))).value();
  const auto last = json::read<pushed>(browser.decrypt(body_in(requests.back()))).value();
  BOOST_TEST(first.id == last.id);
  BOOST_TEST(field_in(requests.front(), "Topic") == field_in(requests.back(), "Topic"));
  BOOST_TEST(last.body.find("is confirmed") != std::string::npos);
  BOOST_TEST(last.url == "https://shop.example/orders/" + text_at(order.json(), "/order_id"));
  BOOST_TEST(field_in(requests.back(), "Authorization")
                 .ends_with("k=" + text_at(key.json(), "/public_key")));

  service.status = 410;
  ada.bought(goods.at(0).id, who);
  BOOST_TEST(eventually([&] { return size_at(ada.client.get(mine, who).json(), "/data") == 0; }));
  BOOST_TEST(number_of("Failed") == 1U);
  const auto metrics = ada.client.get("/metrics").body;
  BOOST_TEST(metrics.find("stoa_push_send_duration_seconds_count{outcome=\"rejected\"} 1") !=
             std::string::npos);
  BOOST_TEST(shop.log().find("/send/1") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_rejected_key_fails_the_message_and_keeps_the_subscription) {
  const temp_dir dir;
  push_server service(dir);
  storefront shop({.products = 1, .stock = 50, .settings = service.settings()});
  visitor ada(shop.port());
  const auto who = ada.sign_up("ada");
  const push_browser browser;
  BOOST_TEST_REQUIRE(ada.client.put(mine, service.subscription(browser, "/send/1"), who).status ==
                     200);
  service.status = 403;
  ada.bought(ada.goods().at(0).id, who);
  const auto root = ada.log_in("root");
  const auto all_with = [&](const std::string& status) {
    return ada.client.get("/admin/v1/notifications?status=" + status, root).json();
  };
  BOOST_TEST(eventually([&] { return size_at(all_with("Failed"), "/data") == 1; }));
  const auto failed = all_with("Failed");
  BOOST_TEST(text_at(failed, "/data/0/type") == "Push");
  const auto one =
      ada.client.get("/admin/v1/notifications/" + text_at(failed, "/data/0/notification_id"), root);
  BOOST_TEST(one.body.find("403: it does not accept the store's key (VAPID).") !=
             std::string::npos);
  BOOST_TEST(size_at(ada.client.get(mine, who).json(), "/data") == 1U);
  BOOST_TEST(eventually([&] {
    return ada.client.get("/admin/v1/notifications?status=Sent", root).body.find("confirmed") !=
           std::string::npos;
  }));
  BOOST_TEST(ada.client.get("/metrics")
                 .body.find("stoa_push_send_duration_seconds_count{outcome=\"unauthorized\"} 1") !=
             std::string::npos);
  BOOST_TEST(shop.log().find("push service rejects the store's key") != std::string::npos);
  service.status = 201;
  ada.bought(ada.goods().at(0).id, who);
  BOOST_TEST(eventually([&] {
    return ada.client.get("/admin/v1/notifications?status=Sent", root).body.find("\"Push\"") !=
           std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(subscriptions_are_checked_and_can_be_removed) {
  const temp_dir dir;
  push_server service(dir);
  storefront shop({.products = 1, .stock = 1, .settings = service.settings()});
  visitor ada(shop.port());
  const auto who = ada.sign_up("ada");
  const push_browser browser;
  const auto with_endpoint = [&](const std::string& endpoint) {
    auto body = service.subscription(browser, "");
    body.replace(body.find("https://"), body.find("\",") - body.find("https://"), endpoint);
    return ada.client.put(mine, body, who);
  };
  for (const auto* bad :
       {"http://push.example.org/1", "https://10.0.0.1/1", "https://[::1]/1", "https://127.0.0.2/",
        "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/", "https://user@example.org/",
        "https://2886729729/", "https://10.1/", "https://no-such-name.invalid/1", "https://",
        "ftp://example.org", "https://example.org/\\u0001", ""}) {
    const auto answer = with_endpoint(bad);
    BOOST_TEST(answer.status == 422, bad);
    BOOST_TEST(pointers_of(answer) == "/endpoint", bad);
  }
  BOOST_TEST(ada.client
                 .put(mine,
                      R"({"endpoint":"https://push.example.org/1","keys":{)"
                      R"("p256dh":"AAAA","auth":"AAAA"}})",
                      who)
                 .status == 422);
  const auto made = with_endpoint("https://8.8.8.8/1");
  BOOST_TEST_REQUIRE(made.status == 200, made.body);
  const auto path = mine + "/" + text_at(made.json(), "/subscription_id");
  visitor bob(shop.port());
  BOOST_TEST(bob.client.del(path, bob.sign_up("bob")).status == 404);
  BOOST_TEST(bob.client.get(mine).status == 401);
  BOOST_TEST(ada.client.del(path, who).status == 204);
  BOOST_TEST(ada.client.del(path, who).status == 404);
}

BOOST_AUTO_TEST_CASE(a_store_without_push_messages_has_no_key) {
  storefront shop({.products = 1, .stock = 1});
  visitor ada(shop.port());
  const auto who = ada.sign_up("ada");
  const push_browser browser;
  const auto body = R"({"endpoint":"https://push.example.org/1","keys":{"p256dh":")" +
                    browser.p256dh_text() + R"(","auth":")" + browser.auth_text() + "\"}}";
  for (const auto& answer : {ada.client.get("/store/v1/push/vapid-key"), ada.client.get(mine, who),
                             ada.client.put(mine, body, who),
                             ada.client.del(mine + "/018bcfe5-6801-7c15-b0ac-ab8f49f53ad3", who)}) {
    BOOST_TEST(answer.status == 404);
    BOOST_TEST(text_at(answer.json(), "/code") == "push_not_configured");
  }
}

BOOST_AUTO_TEST_SUITE_END()
