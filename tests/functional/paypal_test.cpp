// A store that offers cards, PayPal, bank transfers and cash on delivery. PayPal is played by `stoa
// gateway-simulator` over HTTP: approvals, abandoned approvals, declines, refunds, lost responses,
// webhooks, and kills of both processes; its ledger agrees with the payments. Offline payments are
// confirmed by staff.

#include "tests/support/paypal_simulator.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

paypal_simulator& simulated() {
  static paypal_simulator one;
  return one;
}

storefront& shop() {
  static storefront one({.products = 5, .stock = 1000, .settings = simulated().store_settings()});
  static const bool started = [] {
    simulated().start(one.port());
    return true;
  }();
  BOOST_REQUIRE(started);
  return one;
}

struct merchant : visitor {
  explicit merchant(storefront& where = shop())
      : visitor(where.port()), me(log_in("root")), mine(goods().front()) {}
  header_list me;
  good mine;

  http_answer ordered(const std::string& method) {
    return checkout(cart_with(mine.id, 1), {.method = method});
  }
  std::string payment_id(const http_answer& order) {
    const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id") + "/payments";
    std::string id;
    BOOST_REQUIRE(eventually([&] {
      const auto page = client.get(path, me).json();
      if (size_at(page, "/data") == 0) return false;
      id = text_at(page, "/data/0/payment_id");
      return true;
    }));
    return id;
  }
  json::value payment(const std::string& id) {
    return client.get("/admin/v1/payments/" + id, me).json();
  }
  bool has_status(const std::string& id, std::string_view status) {
    return eventually([&] { return text_at(payment(id), "/status") == status; });
  }
  http_answer staff_post(const std::string& id, const std::string& action,
                         const std::string& body) {
    return client.post("/admin/v1/payments/" + id + action, body,
                       with(me, "Idempotency-Key", unique("staff")));
  }
  std::string amount_of(std::int64_t amount) const {
    return R"({"amount":{"amount":)" + std::to_string(amount) +
           R"(,"currency":"EUR"},"reference":"statement 7"})";
  }
  http_answer refund(const std::string& id, std::int64_t amount) {
    return staff_post(id, "/refunds",
                      R"({"reason":"damaged","amount":{"amount":)" + std::to_string(amount) +
                          R"(,"currency":"EUR"}})");
  }
  std::int64_t stock() { return product(mine.id).stock; }
  /// An order at PayPal that the customer has not approved: its payment's id and the page.
  std::pair<std::string, std::string> waiting(const http_answer& order) {
    BOOST_REQUIRE_MESSAGE(order.status == 202, order.body);
    BOOST_TEST(text_at(order.json(), "/next_action/type") == "redirect");
    return {payment_id(order), text_at(order.json(), "/next_action/url")};
  }
  std::string approved(const std::string& buyer = "personal") {
    const auto [id, url] = waiting(ordered("paypal"));
    BOOST_TEST(simulated().act(url, "approve", buyer).starts_with("https://shop.example/paid?"));
    return id;
  }
  std::string order_status(const http_answer& order) {
    return text_at(client.get("/store/v1/orders/" + text_at(order.json(), "/order_id"), me).json(),
                   "/status");
  }
};

/// Every payment by PayPal is that of one order, with equal amounts, captured at most once.
void check_agreement(merchant& m) {
  std::map<std::string, simulator::paypal_record> by_payment;
  for (auto& o : simulated().ledger()) {
    const auto id = o.shown.purchase_units.front().custom_id.value();
    BOOST_TEST(o.captures <= 1);
    BOOST_TEST(by_payment.emplace(id, std::move(o)).second);
  }
  const auto page = m.client.get("/admin/v1/payments?limit=100", m.me).json();
  for (const auto& p : *at(page, "/data").if_array()) {
    if (text_at(p, "/payment_method") != "paypal") continue;
    const auto id = text_at(p, "/payment_id");
    const auto status = text_at(p, "/status");
    const auto found = by_payment.find(id);
    const bool is_paid = found != by_payment.end() && found->second.captured > 0;
    const bool claims =
        status == "Completed" || status == "PartiallyRefunded" || status == "Refunded";
    BOOST_TEST(is_paid == claims, id + " is " + status);
    if (!is_paid) continue;
    BOOST_TEST(found->second.captured == number_at(p, "/amount/amount"));
    const auto refunded = has(p, "/refunded_amount") ? number_at(p, "/refunded_amount/amount") : 0;
    BOOST_TEST(found->second.refunded == refunded);
  }
}

/// `stoa payments reconcile` with PayPal for the last hour: its exit code and report.
std::pair<int, json::value> reconciled(std::uint16_t port) {
  const auto now = system_time().now();
  const auto done =
      run_program(stoa_binary(),
                  {"payments", "reconcile", "--json", "--gateway", "paypal", "--from",
                   (now - std::chrono::hours{1}).str(), "--to", (now + std::chrono::hours{1}).str(),
                   "--url", "http://127.0.0.1:" + std::to_string(port), "--user", "root"},
                  {{"STOA_PASSWORD", std::string(shared_password)}});
  auto report = json::parse(done.output);
  BOOST_TEST_REQUIRE(report.has_value(), done.output);
  return {done.exit_code, std::move(*report)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(paypal_over_http)

BOOST_AUTO_TEST_CASE(the_store_lists_what_it_offers) {
  merchant m;
  const auto all = m.client.get("/store/v1/payment-methods").json();
  BOOST_TEST(size_at(all, "/data") == 4u);
  BOOST_TEST(text_at(all, "/data/0/type") == "card");
  BOOST_TEST(text_at(all, "/data/0/gateway") == "sandbox");
  BOOST_TEST(text_at(all, "/data/1/course") == "redirect");
  BOOST_TEST(text_at(all, "/data/2/course") == "bank_transfer");
  storefront plain({.products = 1, .stock = 10});
  merchant other(plain);
  BOOST_TEST(size_at(other.client.get("/store/v1/payment-methods").json(), "/data") == 1u);
  const auto refused = other.ordered("paypal");
  BOOST_TEST(refused.status == 422);
  BOOST_TEST(text_at(refused.json(), "/code") == "payment_method_not_offered");
  BOOST_TEST(pointers_of(refused) == "/payment_method/type");
  const auto unknown = other.ordered("cheque");
  BOOST_TEST(unknown.status == 422);
  BOOST_TEST(pointers_of(unknown) == "/payment_method/type");
}

BOOST_AUTO_TEST_CASE(a_card_needs_a_token_and_the_others_have_none) {
  merchant m;
  const auto post = [&](const std::string& method) {
    auto body = checkout_body({.method = "paypal"});
    const std::string plain = R"("payment_method":{"type":"paypal"})";
    body.replace(body.find(plain), plain.size(), "\"payment_method\":" + method);
    return m.client.post(m.cart_with(m.mine.id, 1) + "/checkout", body,
                         {{"Idempotency-Key", unique("key")}});
  };
  BOOST_TEST(pointers_of(post(R"({"type":"card"})")) == "/payment_method/token");
  BOOST_TEST(pointers_of(post(R"({"type":"paypal","token":"x"})")) == "/payment_method/token");
  BOOST_TEST(post(R"({"type":"card","token":"tok_visa"})").status == 201);
}

BOOST_AUTO_TEST_CASE(a_purchase_by_approval_and_partial_refunds) {
  merchant m;
  const auto order = m.ordered("paypal");
  const auto [id, url] = m.waiting(order);
  BOOST_TEST(m.order_status(order) == "Pending");
  simulated().act(url, "approve");
  BOOST_TEST(m.has_status(id, "Completed"));
  BOOST_TEST(eventually([&] { return m.order_status(order) == "Confirmed"; }));
  const auto paid = simulated().order(id);
  BOOST_TEST(paid.shown.purchase_units.front().invoice_id.value() ==
             text_at(order.json(), "/order_id"));
  BOOST_TEST(paid.shown.purchase_units.front().payments->captures->front().id ==
             text_at(m.payment(id), "/transaction_id"));
  BOOST_TEST(m.refund(id, 1).status == 201);
  BOOST_TEST(m.refund(id, 2).status == 201);
  BOOST_TEST(eventually([&, of = id] { return simulated().order(of).refunded == 3; }));
  BOOST_TEST(eventually([&, of = id] {
    const auto now = m.payment(of);
    return has(now, "/refunded_amount") && number_at(now, "/refunded_amount/amount") == 3;
  }));
  BOOST_TEST(m.has_status(id, "PartiallyRefunded"));
  check_agreement(m);
}

BOOST_AUTO_TEST_CASE(webhooks_settle_a_payment_and_forged_ones_do_not) {
  merchant m;
  const auto id = m.approved();
  BOOST_TEST(m.has_status(id, "Completed"));
  BOOST_TEST(eventually([&] {
    return m.client.get("/admin/v1/payments/" + id, m.me).body.find("webhook_received") !=
           std::string::npos;
  }));
  const std::string body =
      R"({"id":"WH-9","event_type":"X","resource":{"custom_id":")" + id + R"(","invoice_id":"x"}})";
  header_list forged{{"Content-Type", "application/json"}};
  BOOST_TEST(m.client.post("/hooks/paypal", body, forged).status == 400);
  for (const auto* name : {"PAYPAL-AUTH-ALGO", "PAYPAL-CERT-URL", "PAYPAL-TRANSMISSION-ID",
                           "PAYPAL-TRANSMISSION-SIG", "PAYPAL-TRANSMISSION-TIME"}) {
    forged.emplace_back(name, "forged");
  }
  const auto refused = m.client.post("/hooks/paypal", body, forged);
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(text_at(refused.json(), "/code") == "webhook_signature_invalid");
  // A certificate that does not exist costs one request; those that follow cause none for a while.
  for (auto& [name, value] : forged) {
    if (name == "PAYPAL-AUTH-ALGO") value = "SHA256withRSA";
    if (name == "PAYPAL-CERT-URL") value = simulated().url() + "/v1/notifications/certs/CERT-0";
    if (name == "PAYPAL-TRANSMISSION-TIME") value = system_time().now().str();
  }
  BOOST_TEST(m.client.post("/hooks/paypal", body, forged).status == 400);
  const auto later = m.client.post("/hooks/paypal", body, forged);
  BOOST_TEST(later.status == 503);
  BOOST_TEST(text_at(later.json(), "/code") == "webhook_unverified");
}

BOOST_AUTO_TEST_CASE(a_decline_at_the_capture_has_a_stable_code) {
  merchant m;
  const auto id = m.approved("declined");
  BOOST_TEST(m.has_status(id, "Failed"));
  BOOST_TEST(text_at(m.payment(id), "/failure_code") == "instrument_declined");
  BOOST_TEST(simulated().order(id).captures == 0);
}

BOOST_AUTO_TEST_CASE(a_response_that_is_lost_after_the_capture_captures_once) {
  merchant m;
  for (const auto* buyer : {"reset", "error_500", "slow"}) {
    const auto id = m.approved(buyer);
    BOOST_TEST(m.has_status(id, "Completed"), buyer);
    BOOST_TEST(simulated().order(id).captures == 1);
  }
  check_agreement(m);
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_is_not_captured_when_it_is_approved_later) {
  merchant m;
  const auto before = m.stock();
  const auto order = m.ordered("paypal");
  const auto [id, url] = m.waiting(order);
  BOOST_TEST(simulated().act(url, "cancel").starts_with("https://shop.example/cart?"));
  const auto who = bearer(text_at(order.json(), "/access_token"));
  const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id");
  BOOST_TEST(m.client.post(path + "/cancel", R"({"reason":"changed my mind"})", who).status < 300);
  BOOST_TEST(m.has_status(id, "Failed"));
  simulated().act(url, "approve");
  std::this_thread::sleep_for(std::chrono::seconds{2});  // For the webhook to arrive.
  BOOST_TEST(simulated().order(id).captures == 0);
  BOOST_TEST(eventually([&] { return m.stock() == before; }));
}

BOOST_AUTO_TEST_CASE(an_abandoned_approval_ends_with_the_order) {
  shop();
  storefront hasty({.products = 1,
                    .stock = 5,
                    .settings = simulated().store_settings({{"STOA_PAYMENT_GIVE_UP_S", "2"}})});
  merchant m(hasty);
  const auto order = m.ordered("paypal");
  const auto [id, url] = m.waiting(order);
  BOOST_TEST(m.has_status(id, "Failed"));
  BOOST_TEST(text_at(m.payment(id), "/failure_code") == "canceled");
  BOOST_TEST(eventually([&] { return m.order_status(order) == "Cancelled"; }));
}

BOOST_AUTO_TEST_CASE(staff_capture_what_the_customer_has_approved) {
  shop();
  storefront later({.products = 1,
                    .settings = simulated().store_settings({{"STOA_PAYMENT_CAPTURE", "manual"}})});
  merchant m(later);
  const auto id = m.approved();
  BOOST_TEST(m.has_status(id, "Authorized"));
  BOOST_TEST(m.client.post("/admin/v1/payments/" + id + "/capture", "", m.me).status == 200);
  BOOST_TEST(m.has_status(id, "Completed"));
  BOOST_TEST(m.refund(id, 5).status == 201);
  BOOST_TEST(m.has_status(id, "PartiallyRefunded"));
  BOOST_TEST(simulated().order(id).refunded == 5);
}

BOOST_AUTO_TEST_CASE(the_reconciliation_reads_the_reports) {
  for (const auto* capture : {"automatic", "manual"}) {
    BOOST_TEST_CONTEXT(capture) {
      paypal_simulator own;
      storefront store(
          {.products = 1, .settings = own.store_settings({{"STOA_PAYMENT_CAPTURE", capture}})});
      own.start(store.port());
      merchant m(store);
      const bool is_held = std::string_view(capture) == "manual";
      const auto buy = [&] {
        const auto [id, url] = m.waiting(m.ordered("paypal"));
        own.act(url, "approve");
        BOOST_TEST(m.has_status(id, is_held ? "Authorized" : "Completed"));
        return id;
      };
      buy();
      const auto id = buy();
      m.ordered("bank_transfer");
      if (is_held) {
        BOOST_TEST(m.client.post("/admin/v1/payments/" + id + "/capture", "", m.me).status == 200);
        BOOST_TEST(m.has_status(id, "Completed"));
      }
      BOOST_TEST(m.refund(id, 5).status == 201);
      BOOST_TEST(m.has_status(id, "PartiallyRefunded"));
      const auto [agreed, report] = reconciled(store.port());
      BOOST_TEST(agreed == 0);
      BOOST_TEST(number_at(report, "/difference_count") == 0);
      BOOST_TEST(number_at(report, "/at_gateway/payments") == (is_held ? 1 : 2));
      BOOST_TEST(number_at(report, "/at_gateway/refunds") == 1);
      BOOST_TEST(number_at(report, "/here/payments") == (is_held ? 1 : 2));
      own.kill();
      {
        gateways::sqlite_file file(own.ledger_file().string(), SQLITE_OPEN_READWRITE);
        const auto captured = "$.shown.purchase_units[0].payments.captures[0].amount.value";
        file.run(("UPDATE paypal_orders SET record=json_set(record,'" + std::string(captured) +
                  "','0.01') WHERE id=(SELECT order_id FROM paypal_payments WHERE id='" +
                  own.order(id).shown.purchase_units.front().payments->captures->front().id + "')")
                     .c_str());
      }
      own.start(store.port());
      const auto [code, differs] = reconciled(store.port());
      BOOST_TEST(code == 3);
      BOOST_TEST(number_at(differs, "/difference_count") == 1);
      BOOST_TEST(text_at(differs, "/differences/0/kind") == "amount_differs");
      BOOST_TEST(text_at(differs, "/differences/0/payment_id") == id);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_bank_transfer_is_confirmed_by_staff) {
  merchant m;
  const auto before = m.stock();
  const auto cart = m.cart_with(m.mine.id, 1);
  const auto began = std::chrono::steady_clock::now();
  const auto order = m.checkout(cart, {.method = "bank_transfer"});
  BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::milliseconds{1500}));
  BOOST_REQUIRE_MESSAGE(order.status == 202, order.body);
  BOOST_TEST(text_at(order.json(), "/next_action/type") == "bank_transfer");
  BOOST_TEST(text_at(order.json(), "/next_action/instructions") ==
             "Example Ltd, DE02 1203 0000 0000 2020 51");
  BOOST_TEST(text_at(order.json(), "/next_action/reference") ==
             text_at(order.json(), "/order_number"));
  BOOST_TEST(!has(order.json(), "/next_action/url"));
  BOOST_TEST(m.stock() == before - 1);
  // The cart is free for another order.
  BOOST_TEST(size_at(m.client.get(cart).json(), "/items") == 0u);
  BOOST_TEST(m.add(cart, m.mine.id, 1).status == 201);
  BOOST_TEST(m.checkout(cart).status == 201);
  const auto id = m.payment_id(order);
  const auto price = number_at(order.json(), "/total_amount/amount");
  const auto wrong = m.staff_post(id, "/confirm", m.amount_of(price - 1));
  BOOST_TEST(wrong.status == 422);
  BOOST_TEST(pointers_of(wrong) == "/amount/amount");
  BOOST_TEST(m.staff_post(id, "/confirm", m.amount_of(price)).status == 200);
  BOOST_TEST(text_at(m.payment(id), "/status") == "Completed");
  BOOST_TEST(text_at(m.payment(id), "/transaction_id") == "statement 7");
  BOOST_TEST(eventually([&] { return m.order_status(order) == "Confirmed"; }));
  BOOST_TEST(m.staff_post(id, "/confirm", m.amount_of(price)).status == 409);
  const auto refund = m.refund(id, 3);
  BOOST_TEST(text_at(refund.json(), "/status") == "Pending");
  const auto path = "/refunds/" + text_at(refund.json(), "/refund_id");
  BOOST_TEST(m.staff_post(id, path + "/confirm", R"({"reference":"payout 3"})").status == 200);
  BOOST_TEST(text_at(m.payment(id), "/status") == "PartiallyRefunded");
}

BOOST_AUTO_TEST_CASE(a_transfer_that_does_not_come_is_rejected) {
  merchant m;
  const auto before = m.stock();
  const auto order = m.ordered("bank_transfer");
  const auto id = m.payment_id(order);
  BOOST_TEST(m.staff_post(id, "/reject", R"({"reason":"bank account closed"})").status == 200);
  BOOST_TEST(eventually([&] { return m.order_status(order) == "Cancelled"; }));
  BOOST_TEST(eventually([&] { return m.stock() == before; }));
}

BOOST_AUTO_TEST_CASE(cash_on_delivery_ships_before_it_is_paid) {
  merchant m;
  const auto order = m.ordered("cash_on_delivery");
  BOOST_REQUIRE_MESSAGE(order.status == 201, order.body);
  const auto id = m.payment_id(order);
  BOOST_TEST(text_at(m.payment(id), "/status") == "Pending");
  const auto path = "/admin/v1/orders/" + text_at(order.json(), "/order_id");
  BOOST_TEST(m.client.post(path + "/ship", "{}", m.me).status == 200);
  const auto price = number_at(order.json(), "/total_amount/amount");
  BOOST_TEST(m.staff_post(id, "/confirm", m.amount_of(price)).status == 200);
  BOOST_TEST(text_at(m.payment(id), "/status") == "Completed");
}

BOOST_AUTO_TEST_CASE(kills_of_both_processes_lose_and_double_nothing) {
  merchant m;
  for (int round = 0; round < 4; ++round) {
    std::vector<http_answer> transfers;
    for (int i = 0; i < 3; ++i) m.approved(i == 2 ? "declined" : "personal");
    transfers.push_back(m.ordered("bank_transfer"));
    if (round % 2 == 0) {
      simulated().kill();
      simulated().start(shop().port());
    } else {
      shop().process().kill();
      shop().process().start();
      m.client.disconnect();
    }
    for (const auto& t : transfers) {
      const auto id = m.payment_id(t);
      const auto price = number_at(t.json(), "/total_amount/amount");
      BOOST_TEST(m.staff_post(id, "/confirm", m.amount_of(price)).status == 200);
    }
  }
  BOOST_TEST(eventually([&] {
    const auto waiting = m.client.get("/admin/v1/payments?status=RequiresAction", m.me).json();
    const auto orders = m.client.get("/admin/v1/orders?status=Pending", m.me).json();
    return size_at(waiting, "/data") == 0 && size_at(orders, "/data") == 0;
  }));
  check_agreement(m);
}

BOOST_AUTO_TEST_CASE(the_store_is_consistent_and_logs_no_secrets) {
  const auto checked = run_program(stoa_binary(), {"check", "--data", shop().data().string()},
                                   simulated().store_settings());
  BOOST_TEST(checked.exit_code == 0, checked.output);
  const auto log = shop().log();
  for (const auto* secret : {"secret-of-the-client", "A21AA"}) {
    BOOST_TEST(log.find(secret) == std::string::npos, secret);
  }
}

BOOST_AUTO_TEST_SUITE_END()
