// What happens at Stripe without a request of the store: refunds and disputes, made in the
// simulator as in the dashboard, and refunds that are decided later. The ledger records all of it,
// and the reconciliation finds what it does not.

#include "net/gateway/webhook_signature.hpp"
#include "tests/support/stripe_merchant.hpp"
#include "tests/support/stripe_simulator.hpp"

#include <sqlite3.h>

#include <csignal>
#include <fstream>

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

  std::string paid(const std::string& token = "pm_card_visa") {
    return payment_id(bought(mine.id, {}, {.token = token}));
  }
  std::string intent_of(const std::string& id) { return text_at(payment(id), "/transaction_id"); }
  std::int64_t refunded(const std::string& id) {
    const auto p = payment(id);
    return has(p, "/refunded_amount") ? number_at(p, "/refunded_amount/amount") : 0;
  }
  /// "kind debit account amount, credit account amount" of the last entry.
  std::string last_entry(const std::string& id) {
    const auto p = payment(id);
    const auto last = size_at(p, "/ledger");
    if (last == 0) return "";
    const auto entry = "/ledger/" + std::to_string(last - 1);
    auto text = text_at(p, entry + "/kind");
    for (std::size_t i = 0; i < size_at(p, entry + "/postings"); ++i) {
      const auto posting = entry + "/postings/" + std::to_string(i);
      text += " " + text_at(p, posting + "/side") + " " + text_at(p, posting + "/account") + " " +
              std::to_string(number_at(p, posting + "/amount/amount"));
    }
    return text;
  }
  json::value reconciled(const std::string& more = {}) {
    const auto now = system_time().now();
    const auto answer =
        client.get("/admin/v1/payments/reconciliation?from=" + (now - std::chrono::hours{1}).str() +
                       "&to=" + (now + std::chrono::hours{1}).str() + more,
                   me);
    BOOST_TEST(answer.status == 200, answer.body);
    return answer.json();
  }
  /// "kind object" of each difference.
  std::string differences() {
    const auto report = reconciled();
    std::string all;
    for (const auto& d : *at(report, "/differences").if_array()) {
      all += text_at(d, "/kind") + " " + text_at(d, "/object") + "; ";
    }
    return all;
  }
};

void run_sql(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 5000);
  char* error = nullptr;
  const int status = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error);
  BOOST_TEST(status == SQLITE_OK, sql << ": " << (error ? error : ""));
  BOOST_TEST(sqlite3_total_changes(db) > 0, sql << " changes nothing");
  sqlite3_free(error);
  sqlite3_close(db);
}

/// The simulator's stored responses to keys that begin so.
std::int64_t stored_answers(const std::filesystem::path& file, const std::string& key) {
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 5000);
  std::int64_t count = 0;
  const auto sql = "SELECT count(*) FROM answers WHERE key LIKE '" + key + "%'";
  const auto take = [](void* to, int, char** values, char**) {
    *static_cast<std::int64_t*>(to) = std::atoll(values[0]);
    return 0;
  };
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), take, &count, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return count;
}

/// Refunds 100 at a gateway that executes each request and answers with an error. Returns what the
/// gateway has refunded.
std::int64_t refunded_despite_an_error(const std::filesystem::path& program, environment settings) {
  stripe_simulator bank;
  const temp_dir folder;
  load_demo(stoa_binary(), folder / "data", 5, 10);
  create_root(stoa_binary(), folder / "data");
  server_options o;
  o.program = program;
  o.data = folder / "data";
  o.settings = bank.store_settings(quick_payments(std::move(settings)));
  server store(std::move(o));
  store.start();
  bank.start();
  merchant m(store.port());
  const auto id = m.payment_id(m.ordered("pm_card_visa"));
  BOOST_TEST(m.has_status(id, "Completed"));
  bank.kill();
  bank.start(0, {"--fault", "500_after_charging"});
  BOOST_TEST(m.refund(id, 100).status == 201);
  BOOST_TEST(eventually([&] {
    return bank.intent(id).refunded > 100 || text_at(m.payment(id), "/status") != "Completed";
  }));
  return bank.intent(id).refunded;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stripe_activity)

BOOST_AUTO_TEST_CASE(a_refund_made_in_the_dashboard_is_recorded) {
  customer m;
  const auto id = m.paid();
  const auto price = m.mine.price;
  BOOST_TEST(m.last_entry(id) == "capture debit gateway_receivable:stripe " +
                                     std::to_string(price) + " credit sales " +
                                     std::to_string(price));
  const auto made = stripe().manual("refunds", "payment_intent=" + m.intent_of(id) + "&amount=100");
  BOOST_TEST(made.status == 200, made.body);
  BOOST_TEST(eventually([&] { return m.refunded(id) == 100; }));
  const auto p = m.payment(id);
  BOOST_TEST(text_at(p, "/status") == "PartiallyRefunded");
  BOOST_TEST(text_at(p, "/refunds/0/requested_by") == "gateway");
  BOOST_TEST(m.last_entry(id) == "refund debit refunds 100 credit gateway_receivable:stripe 100");
  BOOST_TEST(m.refund(id, price - 99).status == 409);
  BOOST_TEST(m.refund(id, price - 100).status == 201);
  BOOST_TEST(m.has_status(id, "Refunded"));
  BOOST_TEST(stripe().intent(id).refunded == price);
  BOOST_TEST(size_at(m.payment(id), "/refunds") == 2u);
}

BOOST_AUTO_TEST_CASE(a_dispute_is_recorded_until_it_is_decided) {
  customer m;
  const auto id = m.paid();
  const auto price = std::to_string(m.mine.price);
  const auto made = stripe().manual(
      "disputes", "payment_intent=" + m.intent_of(id) + "&reason=product_not_received");
  BOOST_TEST(made.status == 200, made.body);
  BOOST_TEST(eventually([&] { return m.last_entry(id).starts_with("dispute"); }));
  BOOST_TEST(m.last_entry(id) ==
             "dispute credit gateway_receivable:stripe " + price + " debit disputed " + price);
  auto p = m.payment(id);
  BOOST_TEST(text_at(p, "/disputes/0/status") == "Open");
  BOOST_TEST(text_at(p, "/disputes/0/reason") == "product_not_received");
  BOOST_TEST(has(p, "/disputes/0/respond_by"));
  const auto dispute = text_at(made.json(), "/id");
  BOOST_TEST(stripe().manual("disputes/" + dispute + "/close", "outcome=lost").status == 200);
  BOOST_TEST(eventually([&] { return text_at(m.payment(id), "/disputes/0/status") == "Lost"; }));
  BOOST_TEST(m.last_entry(id) ==
             "dispute credit disputed " + price + " debit chargebacks " + price);
}

BOOST_AUTO_TEST_CASE(cards_with_an_aftermath) {
  customer m;
  const auto disputed = m.paid("pm_card_createDispute");
  const auto failing = m.paid("pm_card_refundFail");
  const auto pending = m.paid("pm_card_pendingRefund");
  BOOST_TEST(m.refund(failing, m.mine.price).status == 201);
  BOOST_TEST(m.refund(pending, m.mine.price).status == 201);
  BOOST_TEST(m.has_status(pending, "Refunded"));
  BOOST_TEST(eventually([&] { return m.last_entry(failing).starts_with("refund_reversal"); }));
  const auto reversed = m.payment(failing);
  BOOST_TEST(text_at(reversed, "/status") == "Completed");
  BOOST_TEST(text_at(reversed, "/refunds/0/status") == "Declined");
  BOOST_TEST(text_at(reversed, "/failure_code") == "refund_expired_or_canceled_card");
  BOOST_TEST(eventually([&] { return size_at(m.payment(disputed), "/disputes") == 1; }));
}

BOOST_AUTO_TEST_CASE(the_reconciliation_finds_planted_differences) {
  customer m;
  const auto id = m.paid();
  BOOST_TEST(m.refund(id, 100).status == 201);
  BOOST_TEST(m.has_status(id, "PartiallyRefunded"));
  BOOST_TEST(eventually([&] { return m.differences().empty(); }), m.differences());
  const auto clean = m.reconciled();
  BOOST_TEST(text_at(clean, "/gateway") == "stripe");
  BOOST_TEST(number_at(clean, "/here/payments") == number_at(clean, "/at_gateway/payments"));
  BOOST_TEST(number_at(clean, "/here/payments") > 0);
  const auto now = system_time().now();
  const auto command = [&] {
    return run_program(stoa_binary(),
                       {"payments", "reconcile", "--from", (now - std::chrono::hours{1}).str(),
                        "--to", (now + std::chrono::hours{1}).str(), "--url",
                        "http://127.0.0.1:" + std::to_string(shop().port()), "--user", "root"},
                       {{"STOA_PASSWORD", std::string(shared_password)}});
  };
  const auto agreed = command();
  BOOST_TEST(agreed.exit_code == 0, agreed.output);
  BOOST_TEST(agreed.output.find("\n0 differences, ") != std::string::npos, agreed.output);
  const auto intent = m.intent_of(id);
  const auto file = stripe().ledger_file();
  const auto set = [&](const std::string& path, const std::string& value) {
    run_sql(file, "UPDATE intents SET record=json_set(record,'$.shown." + path + "'," + value +
                      ") WHERE id='" + intent + "'");
  };
  set("amount_received", "1");
  BOOST_TEST(m.differences() == "amount_differs payment; ");
  const auto differs = command();
  BOOST_TEST(differs.exit_code == 3, differs.output);
  BOOST_TEST(differs.output.starts_with("amount_differs payment " + id), differs.output);
  set("amount_received", std::to_string(m.mine.price));
  set("status", "'canceled'");
  BOOST_TEST(m.differences() == "status_differs payment; ");
  set("status", "'succeeded'");
  run_sql(file,
          "UPDATE intents SET id='pi_hidden',record=json_set(record,'$.shown.id','pi_hidden')"
          " WHERE id='" +
              intent + "'");
  BOOST_TEST(m.differences() == "missing_here payment; missing_at_gateway payment; ");
  run_sql(file, "UPDATE intents SET id='" + intent + "',record=json_set(record,'$.shown.id','" +
                    intent + "') WHERE id='pi_hidden'");
  run_sql(file, "DELETE FROM refunds WHERE intent='" + intent + "'");
  BOOST_TEST(m.differences() == "missing_at_gateway refund; ");
}

BOOST_AUTO_TEST_CASE(a_period_is_checked_and_a_failing_gateway_is_reported) {
  customer m;
  const auto get = [&](const std::string& query) {
    return m.client.get("/admin/v1/payments/reconciliation?" + query, m.me);
  };
  const std::string day = "2026-11-01T00:00:00Z";
  for (const auto& query : {std::string("from=" + day), "from=" + day + "&to=" + day,
                            "from=" + day + "&to=2026-12-03T00:00:00Z", "from=x&to=" + day}) {
    const auto bad = get(query);
    BOOST_TEST(bad.status == 400, query << bad.body);
    BOOST_TEST(bad.body.find("\"pointer\":\"?") != std::string::npos, bad.body);
  }
  const auto period = "from=" + day + "&to=2026-11-02T00:00:00Z";
  BOOST_TEST(get(period + "&gateway=none").status == 503);
  BOOST_TEST(get(period + "&gateway=sandbox").status == 200);
  stripe().kill();
  const auto failed = get(period);
  BOOST_TEST((failed.status == 502 || failed.status == 504), failed.body);
  stripe().start(shop().port());
  BOOST_TEST(get(period).status == 200);
  BOOST_TEST(m.client.get("/admin/v1/ledger/balances", m.me).status == 200);
  BOOST_TEST(m.client.get("/admin/v1/ledger/balances").status == 401);
}

BOOST_AUTO_TEST_CASE(webhook_secrets_are_replaced_without_a_restart) {
  customer m;
  const std::string body = R"({"id":"evt_reload","type":"charge.updated","data":{"object":{}}})";
  const auto send = [&](const std::string& secret) {
    return m.client
        .post("/hooks/stripe", body,
              {{"Stripe-Signature", gateways::sign_webhook(secret, body, system_time().now())}})
        .status;
  };
  BOOST_TEST(send("whsec_of_the_store") == 200);
  BOOST_TEST(send("whsec_next") == 400);
  std::ofstream(stripe().secrets_file()) << "whsec_next\nwhsec_of_the_store\n";
  BOOST_TEST(::kill(shop().process().pid(), SIGHUP) == 0);
  BOOST_TEST(eventually([&] { return send("whsec_next") == 200; }));
  BOOST_TEST(send("whsec_of_the_store") == 200);
  std::ofstream(stripe().secrets_file()) << "whsec_of_the_store\n";
  BOOST_TEST(eventually([&] { return send("whsec_next") == 400; }));
}

BOOST_AUTO_TEST_CASE(faults_of_the_gateway_lose_and_double_nothing) {
  customer m;
  stripe().kill();
  stripe().start(shop().port(), {"--fault", "500:0.2", "--fault", "500_after_charging:0.2",
                                 "--fault", "reset:0.2", "--seed", "7"});
  std::vector<std::string> all;
  for (int i = 0; i < 8; ++i) all.push_back(m.payment_id(m.ordered("pm_card_visa")));
  for (const auto& id : all) {
    BOOST_TEST(m.has_status(id, "Completed"));
    std::int64_t charges = 0;
    for (const auto& i : stripe().ledger()) {
      if (i.shown.metadata.at("payment_id") == id) charges += i.charges;
    }
    BOOST_TEST(charges == 1);
  }
  stripe().kill();
  stripe().start(shop().port());
  for (const auto* bad : {"slow:2", "none", "500:", "truncated:0"}) {
    const auto refused = run_program(stoa_binary(), {"gateway-simulator", "--fault", bad}, {});
    BOOST_TEST(refused.exit_code == 2, refused.output);
  }
}

BOOST_AUTO_TEST_CASE(a_refund_whose_key_replays_an_error_is_made_once) {
  customer m;
  const auto id = m.paid();
  stripe().kill();
  stripe().start(shop().port(), {"--fault", "500"});
  BOOST_TEST(m.refund(id, 100).status == 201);
  // Stripe would replay the error for the first key for a day.
  BOOST_TEST(eventually([&] { return stored_answers(stripe().ledger_file(), "refund:") >= 2; }));
  stripe().kill();
  stripe().start(shop().port());
  BOOST_TEST(m.has_status(id, "PartiallyRefunded"));
  BOOST_TEST(stripe().intent(id).refunded == 100);
  BOOST_TEST(m.refund(id, 200).status == 201);
  BOOST_TEST(eventually([&] { return m.refunded(id) == 300; }));
  BOOST_TEST(stripe().intent(id).refunded == 300);
}

BOOST_AUTO_TEST_CASE(a_refund_that_was_made_despite_an_error_is_found) {
  BOOST_TEST(refunded_despite_an_error(stoa_binary(), {}) == 100);
  // The planted fault does not look for it: the next key refunds once more.
  BOOST_TEST(refunded_despite_an_error(stoa_with_faults(),
                                       {{"STOA_FAULT", "refund_without_search"}}) > 100);
}

BOOST_AUTO_TEST_CASE(the_ledger_is_that_of_the_payments) {
  customer m;
  BOOST_TEST(shop().process().stop().value_or(-1) == 0);
  const auto found =
      run_program(stoa_binary(), {"check", "--data", shop().data().string(), "--json"},
                  stripe().store_settings());
  BOOST_TEST(found.output.find("\"ledger_") == std::string::npos, found.output);
  BOOST_TEST(found.output.find("\"charge_missing\"") == std::string::npos, found.output);
}

BOOST_AUTO_TEST_SUITE_END()
