// Payments beyond the plain purchase, over HTTP: partial and declined refunds, customer actions,
// webhooks; and that no record outside the gateway contains a token.

#include "net/gateway/sandbox_webhook.hpp"
#include "net/token/secret.hpp"
#include "tests/support/api_document.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one({.products = 5,
                         .stock = 1000,
                         .settings = {{"STOA_PAYMENT_RETRY_MS_MAX", "500"},
                                      {"STOA_LOG_LEVEL", "debug"},
                                      {"STOA_LOG_FORMAT", "json"}}});
  return one;
}

struct merchant : visitor {
  merchant() : visitor(shop().port()), mine(goods().front()) {
    static const header_list one = staff("merchant");
    me = one;
  }
  good mine;
  header_list me;

  json::value payment(const http_answer& order) {
    const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id") + "/payments";
    const auto page = client.get(path, me).json();
    const auto id = text_at(page, "/data/0/payment_id");
    return client.get("/admin/v1/payments/" + id, me).json();
  }
  std::string path_of(const json::value& payment) {
    return "/admin/v1/payments/" + text_at(payment, "/payment_id");
  }
  http_answer refund(const std::string& payment, std::int64_t amount, std::string key = {}) {
    if (key.empty()) key = unique("refund");
    return client.post(payment + "/refunds",
                       R"({"reason":"damaged","amount":{"amount":)" + std::to_string(amount) +
                           R"(,"currency":"EUR"}})",
                       with(me, "Idempotency-Key", key));
  }
  bool has_status(const std::string& payment, std::string_view status) {
    return eventually([&] { return text_at(client.get(payment, me).json(), "/status") == status; },
                      std::chrono::seconds{20});
  }
  /// The sandbox sends an event about the payment.
  http_answer deliver(const std::string& event, const json::value& payment,
                      const std::string& key = webhook_key(), std::int64_t age_s = 0) {
    const auto body = R"({"id":")" + event +
                      R"(","type":"payment.changed","data":{"payment_id":")" +
                      text_at(payment, "/payment_id") + R"(","order_id":")" +
                      text_at(payment, "/order_id") + R"("}})";
    const auto signature =
        gateways::sign_sandbox_webhook(key, body, {system_time().now().us - age_s * 1'000'000});
    return client.post("/hooks/sandbox", body, {{"Stoa-Sandbox-Signature", signature}});
  }
  static std::string webhook_key() {
    static const auto secret = token::load_or_create_secret(shop().data() / "keys").value();
    return gateways::sandbox_webhook_key(secret.bytes);
  }
};

const header_list no_wait{{"Prefer", "respond-async"}};

std::string read_file(const std::filesystem::path& file) {
  std::ostringstream all;
  all << std::ifstream(file, std::ios::binary).rdbuf();
  return all.str();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payments_over_http, merchant)

BOOST_AUTO_TEST_CASE(concurrent_partial_refunds_never_exceed_the_captured_amount) {
  const auto order = bought(mine.id);
  const auto paid = payment(order);
  const auto path = path_of(paid);
  BOOST_TEST(text_at(paid, "/gateway") == "sandbox");
  BOOST_TEST(text_at(paid, "/attempts/0/operation") == "Authorize");
  BOOST_TEST(text_at(paid, "/attempts/0/state") == "succeeded");
  const auto part = mine.price * 3 / 10;
  std::atomic<int> created = 0;
  std::atomic<int> rejected = 0;
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&] {
      merchant other;
      const auto a = other.refund(path, part);
      created += a.status == 201;
      rejected += a.status == 409 && a.code() == "refund_exceeds_captured";
    });
  }
  for (auto& p : people) p.join();
  BOOST_TEST(created == 3);
  BOOST_TEST(rejected == 5);
  BOOST_TEST(eventually([&] {
    const auto now = client.get(path, me).json();
    return has(now, "/refunded_amount") && number_at(now, "/refunded_amount/amount") == 3 * part;
  }));
  BOOST_TEST(has_status(path, "PartiallyRefunded"));
  // A repeat under the same key is the same refund.
  const auto rest = mine.price - 3 * part;
  const auto key = unique("again");
  const auto first = refund(path, rest, key);
  const auto second = refund(path, rest, key);
  BOOST_TEST(first.status == 201);
  BOOST_TEST(second.body == first.body);
  BOOST_TEST(has_status(path, "Refunded"));
  BOOST_TEST(client.post(path + "/refunds", R"({"reason":"x"})", me).code() ==
             "idempotency_key_required");
  BOOST_TEST(client.post(path + "/refunds", R"({"reason":"x"})").status == 401);
}

BOOST_AUTO_TEST_CASE(a_declined_refund_is_shown_and_retried) {
  const auto order = bought(mine.id, {}, {.token = "tok_refundDeclined"});
  const auto path = path_of(payment(order));
  const auto id = text_at(refund(path, mine.price).json(), "/refund_id");
  const auto declined = [&] {
    return text_at(client.get(path, me).json(), "/refunds/0/status") == "Declined";
  };
  BOOST_TEST(eventually(declined));
  const auto shown = client.get(path, me).json();
  BOOST_TEST(text_at(shown, "/refunds/0/failure_code") == "refund_declined");
  BOOST_TEST(text_at(shown, "/status") == "Completed");
  BOOST_TEST(client.post(path + "/refunds/" + id + "/retry", "{}", me).status == 200);
  BOOST_TEST(has_status(path, "Refunded"));
  BOOST_TEST(client.post(path + "/refunds/" + id + "/retry", "{}", me).code() ==
             "refund_not_declined");
}

BOOST_AUTO_TEST_CASE(an_action_of_the_customer_is_shown_and_a_webhook_settles_the_payment) {
  const auto order = checkout(cart_with(mine.id, 1), {.token = "tok_requiresAction"}, no_wait);
  BOOST_TEST(order.status == 202);
  const auto mine_path = "/store/v1/orders/" + text_at(order.json(), "/order_id");
  const auto who = bearer(text_at(order.json(), "/access_token"));
  json::value shown;
  BOOST_TEST(eventually([&] {
    shown = client.get(mine_path + "/payments", who).json();
    return size_at(shown, "/data") == 1 && text_at(shown, "/data/0/status") == "RequiresAction";
  }));
  BOOST_TEST(text_at(shown, "/data/0/next_action/type") == "redirect");
  BOOST_TEST(!text_at(shown, "/data/0/next_action/url").empty());
  BOOST_TEST(text_at(client.get(mine_path, who).json(), "/status") == "Pending");
  const auto p = payment(order);
  const auto event = unique("evt");
  const auto outcome = [&](const http_answer& a) { return text_at(a.json(), "/outcome"); };
  const auto applied = deliver(event, p);
  BOOST_TEST(outcome(applied) == "applied");
  api_document document(client.get("/openapi.json").body);
  BOOST_TEST(document.complaint("POST", "/hooks/sandbox", applied) == "");
  BOOST_TEST(outcome(deliver(event, p)) == "repeated");
  BOOST_TEST(deliver(unique("evt"), p, std::string(32, 'x')).code() == "webhook_signature_invalid");
  BOOST_TEST(deliver(unique("evt"), p, webhook_key(), 400).code() == "webhook_expired");
  BOOST_TEST(client.post("/hooks/sandbox", "{}").code() == "webhook_signature_invalid");
  BOOST_TEST(client.post("/hooks/unknown", "{}").status == 404);
  BOOST_TEST(becomes(mine_path, "Confirmed", who));
  BOOST_TEST(outcome(deliver(unique("evt"), p)) == "ignored");
  const auto metrics = client.get("/metrics").body;
  BOOST_TEST(
      metrics.find("stoa_webhooks_received_total{gateway=\"sandbox\",outcome=\"repeated\"}") !=
      std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_checkout_is_answered_when_the_customer_must_act) {
  const auto cart = cart_with(mine.id, 1);
  const auto key = unique("checkout");
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 2; ++i) {
    const auto answer =
        checkout(cart, {.token = "tok_requiresActionAbandoned"}, {{"Prefer", "wait=20"}}, key);
    BOOST_TEST(answer.status == 202);
    BOOST_TEST(text_at(answer.json(), "/status") == "Pending");
    BOOST_TEST(text_at(answer.json(), "/next_action/type") == "redirect");
    BOOST_TEST(text_at(answer.json(), "/next_action/url").starts_with("http"));
  }
  BOOST_CHECK(std::chrono::steady_clock::now() - began < seconds{15});
}

BOOST_AUTO_TEST_CASE(staff_capture_what_was_authorized) {
  storefront later({.products = 1, .settings = {{"STOA_PAYMENT_CAPTURE", "manual"}}});
  visitor staff(later.port());
  const auto root = staff.log_in("root");
  const auto order = staff.bought(staff.goods().front().id);
  const auto page = staff.client.get(order.header("Location") + "/payments", root).json();
  BOOST_TEST(text_at(page, "/data/0/status") == "Authorized");
  const auto path = "/admin/v1/payments/" + text_at(page, "/data/0/payment_id");
  api_document document(staff.client.get("/openapi.json").body);
  const auto captured = staff.client.post(path + "/capture", "", root);
  BOOST_TEST(captured.status == 200);
  BOOST_TEST(document.complaint("POST", path + "/capture", captured) == "");
  BOOST_TEST(eventually(
      [&] { return text_at(staff.client.get(path, root).json(), "/status") == "Completed"; }));
  // A repeat changes nothing.
  BOOST_TEST(staff.client.post(path + "/capture", "", root).status == 200);
}

BOOST_AUTO_TEST_CASE(an_order_is_captured_when_it_is_shipped) {
  storefront later({.products = 1, .settings = {{"STOA_PAYMENT_CAPTURE", "shipment"}}});
  visitor staff(later.port());
  const auto root = staff.log_in("root");
  const auto good = staff.goods().front().id;
  api_document document(staff.client.get("/openapi.json").body);
  const auto path_of = [&](const http_answer& order) {
    return "/admin/v1/orders/" + text_at(order.json(), "/order_id");
  };
  const auto payment_status = [&](const std::string& order) {
    const auto page = staff.client.get(order + "?expand=payments", root).json();
    return text_at(page, "/payments/0/status");
  };
  const header_list wait = with(root, "Prefer", "wait=20");
  const auto path = path_of(staff.bought(good));
  BOOST_TEST(payment_status(path) == "Authorized");
  const auto shipped = staff.client.post(path + "/ship", R"({"reason":"by van"})", wait);
  BOOST_TEST(shipped.status == 200);
  BOOST_TEST(document.complaint("POST", path + "/ship", shipped) == "");
  BOOST_TEST(text_at(shipped.json(), "/status") == "Shipped");
  BOOST_TEST(payment_status(path) == "Completed");
  // Without waiting.
  const auto other = path_of(staff.bought(good));
  const auto accepted =
      staff.client.post(other + "/ship", "{}", with(root, "Prefer", "respond-async"));
  BOOST_TEST(accepted.status == 202);
  BOOST_TEST(document.complaint("POST", other + "/ship", accepted) == "");
  BOOST_TEST(staff.becomes(other, "Shipped", root));
  // A declined capture.
  for (const auto* token : {"tok_captureDeclined", "tok_authorizationExpires"}) {
    const auto declined = path_of(staff.bought(good, {}, {.token = token}));
    const auto refused = staff.client.post(declined + "/ship", "{}", wait);
    BOOST_TEST(refused.status == 409);
    BOOST_TEST(refused.code() == "capture_declined");
    BOOST_TEST(document.complaint("POST", declined + "/ship", refused) == "");
    const auto now = staff.client.get(declined, root).json();
    BOOST_TEST(text_at(now, "/status") == "Confirmed");
    BOOST_TEST(!has(now, "/shipment_requested_at"));
    BOOST_TEST(staff.client.post(declined + "/cancel", "{}", root).status == 200);
    BOOST_TEST(eventually([&] { return payment_status(declined) == "Voided"; }));
  }
}

BOOST_AUTO_TEST_CASE(lines_are_refunded_and_restocked) {
  const auto order = checkout(cart_with(mine.id, 2), {}, {{"Prefer", "wait=20"}});
  BOOST_REQUIRE(order.status == 201);
  const auto path = path_of(payment(order));
  const auto own = "/admin/v1/orders/" + text_at(order.json(), "/order_id");
  const auto item = text_at(order.json(), "/items/0/order_item_id");
  const auto stock = product(mine.id).stock;
  const auto post = [&](const std::string& body) {
    return client.post(path + "/refunds", body, with(me, "Idempotency-Key", unique("lines")));
  };
  const auto line = [&](const std::string& more) {
    return R"({"reason":"too small","restock":true,"line_items":[{"order_item_id":")" + item +
           R"(")" + more + "}]}";
  };
  api_document document(client.get("/openapi.json").body);
  const auto made = post(line(R"(,"quantity":1)"));
  BOOST_TEST(made.status == 201);
  BOOST_TEST(document.complaint("POST", path + "/refunds", made) == "");
  BOOST_TEST(number_at(made.json(), "/amount/amount") == mine.price);
  BOOST_TEST(eventually(
      [&] { return number_at(client.get(own, me).json(), "/items/0/refunded_quantity") == 1; }));
  BOOST_TEST(eventually([&] { return product(mine.id).stock == stock + 1; }));
  const auto more = post(line(R"(,"quantity":2)"));
  BOOST_TEST(more.code() == "refund_exceeds_line");
  BOOST_TEST(pointers_of(more) == "/line_items/0/quantity");
  BOOST_TEST(pointers_of(post(line(R"(,"quantity":0)"))) == "/line_items/0/quantity");
  BOOST_TEST(pointers_of(post(line(R"(,"quantity":1,"amount":{"amount":1,"currency":"USD"})"))) ==
             "/line_items/0/amount/currency");
  BOOST_TEST(pointers_of(post(R"({"reason":"x","restock":true})")) == "/line_items");
  BOOST_TEST(pointers_of(post(R"({"reason":"x","line_items":[{"order_item_id":")" +
                              text_at(order.json(), "/order_id") + R"(","quantity":1}]})")) ==
             "/line_items/0/order_item_id");
  BOOST_TEST(post(R"({"reason":"x","shipping_amount":{"amount":1,"currency":"EUR"}})").code() ==
             "refund_exceeds_line");
}

BOOST_AUTO_TEST_CASE(customers_get_a_coarse_code) {
  const auto order = checkout(cart_with(mine.id, 1), {.token = "tok_chargeDeclinedFraudulent"},
                              {{"Prefer", "wait=20"}});
  BOOST_TEST(order.status == 402);
  BOOST_TEST(order.body.find("fraudulent") == std::string::npos);
  BOOST_TEST(text_at(order.json(), "/errors/0/code") == "card_declined");
  const auto id = order.header("Location").substr(std::string_view("/store/v1/orders/").size());
  const auto shown = client.get("/admin/v1/orders/" + id + "?expand=payments", me).json();
  BOOST_TEST(text_at(shown, "/payments/0/failure_code") == "fraudulent");
}

BOOST_AUTO_TEST_CASE(no_record_outside_of_the_gateway_holds_a_token) {
  // The sandbox stores known tokens in plain text and hashes all others.
  const std::string marked = "tok_" + unique("markedtoken");
  const std::string known = "tok_visa_debit";
  checkout(cart_with(mine.id, 1), {.token = marked}, {{"Prefer", "wait=20"}});
  const auto order = bought(mine.id, {}, {.token = known});
  const auto path = path_of(payment(order));
  BOOST_TEST(refund(path, 1).status == 201);
  BOOST_TEST(has_status(path, "PartiallyRefunded"));
  std::string seen = client.get(path, me).body + client.get("/metrics").body + shop().log();
  seen += client.get("/admin/v1/dead-letters", me).body;
  for (const auto& token : {marked, known}) {
    BOOST_TEST(seen.find(token) == std::string::npos);
    for (const auto& file : std::filesystem::recursive_directory_iterator(shop().data())) {
      if (!file.is_regular_file()) continue;
      const bool is_gateway = file.path().parent_path().filename() == "sandbox";
      if (is_gateway && token == known) continue;
      BOOST_TEST(read_file(file.path()).find(token) == std::string::npos, file.path());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
