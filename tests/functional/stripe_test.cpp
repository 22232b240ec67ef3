// A store whose gateway is Stripe, played by `stoa gateway-simulator` over HTTP: purchases,
// declines, 3-D Secure, captures, voids, refunds, lost responses, and kills of both processes. The
// simulator's ledger agrees with the payments.

#include "tests/support/stripe_merchant.hpp"
#include "tests/support/stripe_simulator.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

stripe_simulator& stripe() {
  static stripe_simulator one;
  return one;
}

storefront& shop() {
  static storefront one(
      {.products = 5, .stock = 1000, .settings = stripe().store_settings(quick_payments())});
  static const bool started = [] {
    stripe().start(one.port());
    return true;
  }();
  BOOST_REQUIRE(started);
  return one;
}

struct customer : merchant {
  customer() : merchant(shop()) {}
};

/// Every payment is that of one intent, with equal amounts, charged at most once.
void check_agreement(merchant& m) {
  const auto intents = stripe().ledger();
  std::map<std::string, const simulator::intent_record*> by_payment;
  for (const auto& i : intents) {
    BOOST_TEST(by_payment.emplace(i.shown.metadata.at("payment_id"), &i).second);
    BOOST_TEST(i.charges <= 1);
  }
  const auto page = m.client.get("/admin/v1/payments?limit=100", m.me).json();
  for (const auto& p : *at(page, "/data").if_array()) {
    const auto id = text_at(p, "/payment_id");
    const auto status = text_at(p, "/status");
    const auto found = by_payment.find(id);
    const bool is_paid = found != by_payment.end() && found->second->shown.status == "succeeded";
    const bool claims = status != "Failed" && status != "Voided";
    BOOST_TEST(is_paid == claims, id + " is " + status);
    if (!is_paid) continue;
    BOOST_TEST(found->second->shown.amount_received == number_at(p, "/amount/amount"));
    const auto refunded = has(p, "/refunded_amount") ? number_at(p, "/refunded_amount/amount") : 0;
    BOOST_TEST(found->second->refunded == refunded);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stripe_over_http)

BOOST_AUTO_TEST_CASE(a_purchase_and_partial_refunds) {
  customer m;
  const auto id = m.payment_id(m.bought(m.mine.id, {}, {.token = "pm_card_visa"}));
  BOOST_TEST(text_at(m.payment(id), "/gateway") == "stripe");
  const auto paid = stripe().intent(id);
  BOOST_TEST(paid.shown.status == "succeeded");
  BOOST_TEST(paid.shown.id == text_at(m.payment(id), "/transaction_id"));
  BOOST_TEST(m.refund(id, 1).status == 201);
  BOOST_TEST(m.refund(id, 2).status == 201);
  BOOST_TEST(eventually([&] { return stripe().intent(id).refunded == 3; }));
  BOOST_TEST(eventually([&] { return number_at(m.payment(id), "/refunded_amount/amount") == 3; }));
  BOOST_TEST(m.has_status(id, "PartiallyRefunded"));
  check_agreement(m);
}

BOOST_AUTO_TEST_CASE(a_decline_has_a_stable_code_and_leaves_no_open_intent) {
  customer m;
  for (const auto& [token, code] :
       {std::pair{"pm_card_visa_chargeDeclined", "card_declined"},
        std::pair{"pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"},
        std::pair{"pm_card_visa_chargeDeclinedLostCard", "card_declined"},
        std::pair{"pm_card_chargeDeclinedExpiredCard", "expired_card"},
        std::pair{"pm_card_unknown", "invalid_token"}}) {
    const auto id = m.payment_id(m.ordered(token));
    BOOST_TEST(m.has_status(id, "Failed"));
    BOOST_TEST(text_at(m.payment(id), "/failure_code") == code);
    BOOST_TEST(stripe().intent(id).shown.status == "canceled");
  }
}

BOOST_AUTO_TEST_CASE(a_response_that_is_lost_after_charging_charges_once) {
  customer m;
  for (const auto* token : {"pm_card_simulator_resetAfterCharging",
                            "pm_card_simulator_500AfterCharging", "pm_card_simulator_slow"}) {
    const auto id = m.payment_id(m.ordered(token));
    BOOST_TEST(m.has_status(id, "Completed"), token);
    BOOST_TEST(stripe().intent(id).charges == 1);
  }
}

BOOST_AUTO_TEST_CASE(three_d_secure_is_settled_by_a_webhook) {
  customer m;
  const auto [id, url] = m.waiting(m.ordered("pm_card_threeDSecure2Required"));
  BOOST_TEST(stripe().act(url, "complete") == 303);
  BOOST_TEST(m.has_status(id, "Completed"));
  BOOST_TEST(eventually([&, of = id] {
    return m.client.get("/admin/v1/payments/" + of, m.me).body.find("webhook_received") !=
           std::string::npos;
  }));
  const auto [other, page] = m.waiting(m.ordered("pm_card_threeDSecure2Required"));
  BOOST_TEST(stripe().act(page, "fail") == 303);
  BOOST_TEST(m.has_status(other, "Failed"));
  BOOST_TEST(text_at(m.payment(other), "/failure_code") == "authentication_failed");
}

BOOST_AUTO_TEST_CASE(three_d_secure_is_settled_by_polling_when_no_webhook_comes) {
  customer m;
  stripe().kill();
  stripe().start();
  const auto [id, url] = m.waiting(m.ordered("pm_card_threeDSecure2Required"));
  BOOST_TEST(stripe().act(url, "complete") == 303);
  BOOST_TEST(m.has_status(id, "Completed"));
  stripe().kill();
  stripe().start(shop().port());
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_cancels_its_intent) {
  customer m;
  const auto order = m.ordered("pm_card_threeDSecure2Required");
  const auto [id, url] = m.waiting(order);
  const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id");
  const auto who = bearer(text_at(order.json(), "/access_token"));
  BOOST_TEST(m.client.post(path + "/cancel", R"({"reason":"changed my mind"})", who).status < 300);
  BOOST_TEST(m.has_status(id, "Failed"));
  BOOST_TEST(stripe().intent(id).shown.status == "canceled");
}

BOOST_AUTO_TEST_CASE(staff_capture_what_was_authorized) {
  shop();
  storefront later(
      {.products = 1,
       .settings = stripe().store_settings(quick_payments({{"STOA_PAYMENT_CAPTURE", "manual"}}))});
  merchant m(later);
  const auto id = m.payment_id(m.bought(m.mine.id, {}, {.token = "pm_card_mastercard"}));
  BOOST_TEST(m.has_status(id, "Authorized"));
  BOOST_TEST(stripe().intent(id).shown.status == "requires_capture");
  BOOST_TEST(m.client.post("/admin/v1/payments/" + id + "/capture", "", m.me).status == 200);
  BOOST_TEST(m.has_status(id, "Completed"));
  BOOST_TEST(stripe().intent(id).shown.status == "succeeded");
  const auto order = m.bought(m.mine.id, {}, {.token = "pm_card_visa"});
  const auto voided = m.payment_id(order);
  const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id");
  const auto who = bearer(text_at(order.json(), "/access_token"));
  BOOST_TEST(m.client.post(path + "/cancel", R"({"reason":"changed my mind"})", who).status < 300);
  BOOST_TEST(m.has_status(voided, "Voided"));
  BOOST_TEST(stripe().intent(voided).shown.status == "canceled");
}

BOOST_AUTO_TEST_CASE(kills_of_both_processes_lose_and_double_nothing) {
  customer m;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 4; ++i) {
      m.ordered(i == 3 ? "pm_card_visa_chargeDeclined" : "pm_card_visa");
    }
    if (round % 2 == 0) {
      stripe().kill();
      stripe().start(shop().port());
    } else {
      shop().process().kill();
      shop().process().start();
      m.client.disconnect();
    }
  }
  BOOST_TEST(eventually([&] {
    const auto pending = m.client.get("/admin/v1/payments?status=Pending", m.me).json();
    const auto orders = m.client.get("/admin/v1/orders?status=Pending", m.me).json();
    return size_at(pending, "/data") == 0 && size_at(orders, "/data") == 0;
  }));
  check_agreement(m);
}

BOOST_AUTO_TEST_CASE(neither_the_key_nor_tokens_are_logged) {
  const auto log = shop().log();
  for (const auto* secret : {"sk_test_store", "whsec_of_the_store", "pm_card_visa", "_secret_"}) {
    BOOST_TEST(log.find(secret) == std::string::npos, secret);
  }
}

BOOST_AUTO_TEST_CASE(config_check_reads_the_files) {
  const temp_dir dir;
  const auto key = secret_file(dir / "key", "sk_test_store");
  const auto check = [&](environment settings) {
    settings.emplace_back("STOA_PAYMENT_GATEWAY", "stripe");
    return run_program(stoa_binary(), {"config", "check"}, settings);
  };
  const auto none = check({});
  BOOST_TEST(none.exit_code == 2);
  BOOST_TEST(none.output.find("needs payment.stripe_key_file") != std::string::npos, none.output);
  const environment good{{"STOA_PAYMENT_STRIPE_KEY_FILE", key.string()},
                         {"STOA_PAYMENT_STRIPE_RETURN_URL", "https://shop.example/"}};
  BOOST_TEST(check(good).exit_code == 0);
  auto missing = good;
  missing.emplace_back("STOA_PAYMENT_STRIPE_WEBHOOK_SECRETS_FILE", (dir / "none").string());
  BOOST_TEST(check(missing).exit_code == 2);
  std::filesystem::permissions(key, std::filesystem::perms{0644});
  BOOST_TEST(check(good).exit_code == 2);
}

BOOST_AUTO_TEST_SUITE_END()
