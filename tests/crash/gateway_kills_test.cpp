// Purchases through Stripe's API while the store and the gateway (`stoa gateway-simulator`) are
// killed, then refunds in parts, under kills too. Afterwards each paid order has exactly one
// charge, no refund exceeds a capture, the books of both sides agree, and each webhook was applied
// once.
//
// STOA_TEST_PURCHASES: how many purchases (200). STOA_TEST_SEED: repeats the same customers, as far
// as that is possible with several processes.

#include "tests/support/shoppers.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/stripe_simulator.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>

using namespace stoa;
using namespace stoa::test;
using std::chrono::seconds;

namespace {

std::int64_t number_from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoll(text) : otherwise;
}

environment settings_of(const stripe_simulator& bank, const std::string& fault) {
  auto all = bank.store_settings(short_timeouts());
  if (!fault.empty()) all.emplace_back("STOA_FAULT", fault);
  return all;
}

/// A store whose gateway is the simulator, with customers.
constexpr int kills_min = 3;  ///< of each process, for the test to cover its subject

class town {
 public:
  explicit town(std::uint64_t seed, const std::string& fault = {})
      : seed_(seed),
        random_(seed),
        check_(prepare(folder_, fault)),
        store_({.program = program(fault),
                .data = check_.data,
                .settings = settings_of(bank_, fault),
                .arguments = {}}) {
    store_.start();
    bank_.start(store_.port());
    check_.gateway_ledger = bank_.ledger_file();
    check_.initial = read_stock(check_.data);
  }

  /// Customers buy until there are so many purchases, while both processes are killed.
  void shop(std::size_t purchases, std::chrono::milliseconds patience = seconds{60}) {
    shopper_options o;
    o.port = store_.port();
    o.seed = seed_;
    o.shoppers = 8;
    o.patience = patience;
    o.silent_declined_percent = 0;
    o.cards.paid = {"pm_card_visa", "pm_card_mastercard"};
    o.cards.declined = {"pm_card_visa_chargeDeclined",
                        "pm_card_visa_chargeDeclinedInsufficientFunds"};
    o.cards.silent_paid = {"pm_card_simulator_resetAfterCharging",
                           "pm_card_simulator_500AfterCharging"};
    for (const auto& [hex, units] : check_.initial) o.products.push_back(uuid_text(hex));
    shoppers customers(o);
    customers.start();
    const auto until = std::chrono::steady_clock::now() + shopping_limit;
    const auto is_enough = [&] {
      return customers.ended() >= purchases && store_kills > kills_min && bank_kills > kills_min;
    };
    while (!is_enough() && std::chrono::steady_clock::now() < until) kill_one();
    customers.finish();
    auto shopping = customers.take();
    complaints = std::move(shopping.complaints);
    for (auto& r : shopping.reported) check_.reported.push_back(std::move(r));
  }

  void kill_one() {
    std::this_thread::sleep_for(
        std::chrono::milliseconds{std::uniform_int_distribution(100, 700)(random_)});
    const auto which = std::uniform_int_distribution(0, 2)(random_);
    if (which != 0) {
      bank_.kill();
      ++bank_kills;
    }
    if (which != 1) {
      store_.kill();
      ++store_kills;
      store_.start();
    }
    if (which != 0) bank_.start(store_.port());
  }

  bool quiet(std::chrono::milliseconds limit = seconds{60}) {
    return await_quiet(check_.data, limit);
  }
  check_report audit() const { return check_store(check_); }
  server& store() { return store_; }
  std::vector<simulator::intent_record> ledger() const { return bank_.ledger(); }

  std::vector<std::string> complaints;
  int bank_kills = 0;
  int store_kills = 0;

 private:
  static constexpr seconds shopping_limit{240};

  static std::filesystem::path program(const std::string& fault) {
    return fault.empty() ? stoa_binary() : stoa_with_faults();
  }
  static check_options prepare(const temp_dir& folder, const std::string& fault) {
    load_demo(program(fault), folder / "data", 10, 1000);
    create_root(program(fault), folder / "data");
    check_options check;
    check.data = folder / "data";
    return check;
  }

  std::uint64_t seed_;
  std::mt19937_64 random_;
  temp_dir folder_;
  stripe_simulator bank_;
  check_options check_;
  server store_;
};

struct merchant : visitor {
  explicit merchant(std::uint16_t port) : visitor(port), me(log_in("root")) {}
  header_list me;

  std::vector<json::value> payments() {
    std::vector<json::value> all;
    std::string next;
    do {
      auto page =
          client.get("/admin/v1/payments?limit=100" + (next.empty() ? "" : "&cursor=" + next), me)
              .json();
      for (const auto& p : *at(page, "/data").if_array()) all.push_back(p);
      const auto& cursor = at(page, "/next_cursor");
      next = cursor.if_string() ? std::string(*cursor.if_string()) : std::string();
    } while (!next.empty());
    return all;
  }
};

/// Every payment is that of one intent, with equal amounts; charged at most once, and never
/// refunded above its capture.
void check_books(merchant& m, const std::vector<simulator::intent_record>& ledger) {
  std::map<std::string, const simulator::intent_record*> by_payment;
  for (const auto& i : ledger) {
    BOOST_TEST(by_payment.emplace(i.shown.metadata.at("payment_id"), &i).second);
    BOOST_TEST(i.charges <= 1);
    BOOST_TEST(i.refunded <= i.shown.amount_received);
  }
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  for (const auto& p : m.payments()) {
    const auto id = text_at(p, "/payment_id");
    const auto found = by_payment.find(id);
    const bool paid = found != by_payment.end() && found->second->shown.status == "succeeded";
    BOOST_TEST(paid == (text_at(p, "/status") != "Failed"), id);
    if (!paid) continue;
    BOOST_TEST(found->second->shown.amount_received == number_at(p, "/amount/amount"));
    const auto back = has(p, "/refunded_amount") ? number_at(p, "/refunded_amount/amount") : 0;
    BOOST_TEST(found->second->refunded == back, id);
    captured += number_at(p, "/amount/amount");
    refunded += back;
  }
  BOOST_TEST_MESSAGE("captured " << captured << ", refunded " << refunded
                                 << " on both sides, minor units");
}

/// Staff refund a third of a payment, twice, and then more than is left.
void refund_in_parts(town& t, merchant& m) {
  int asked = 0;
  for (const auto& p : m.payments()) {
    if (text_at(p, "/status") != "Completed") continue;
    const auto path = "/admin/v1/payments/" + text_at(p, "/payment_id") + "/refunds";
    const auto total = number_at(p, "/amount/amount");
    const auto refund = [&](std::int64_t amount, const std::string& key) {
      const auto body = R"({"reason":"damaged","amount":{"currency":"EUR","amount":)" +
                        std::to_string(amount) + "}}";
      return m.client.post(path, body, with(m.me, "Idempotency-Key", unique(key))).status;
    };
    BOOST_TEST(refund(total / 3, "first") == 201);
    if (++asked % 10 == 0) {
      t.kill_one();
      m.client.disconnect();
    }
    BOOST_TEST(refund(total / 3, "second") == 201);
    BOOST_TEST(refund(total / 3 + 3, "more-than-is-left") == 409);
    if (asked == 40) break;
  }
  BOOST_TEST(asked > 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gateway_kills)

BOOST_AUTO_TEST_CASE(each_paid_order_has_one_charge_and_the_books_agree) {
  const auto purchases =
      static_cast<std::size_t>(number_from_environment("STOA_TEST_PURCHASES", 200));
  const auto seed = static_cast<std::uint64_t>(
      number_from_environment("STOA_TEST_SEED", static_cast<std::int64_t>(std::random_device{}())));
  BOOST_TEST_MESSAGE("STOA_TEST_SEED=" << seed);
  town t(seed);
  t.shop(purchases);
  for (const auto& c : t.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
  BOOST_TEST(t.quiet(), "work is still open after a minute");
  const auto report = t.audit();
  for (const auto& v : report.violations) BOOST_ERROR(v);
  BOOST_TEST_MESSAGE(report.text());

  merchant m(t.store().port());
  check_books(m, t.ledger());
  refund_in_parts(t, m);
  BOOST_TEST(t.quiet(), "work is still open after a minute");
  m.client.disconnect();
  check_books(m, t.ledger());
  BOOST_TEST_MESSAGE(t.store_kills << " kills of the store, " << t.bank_kills << " of the gateway");
  // Without these the test would not have covered its subject.
  BOOST_TEST(report.facts.at("orders bought") > static_cast<std::int64_t>(purchases) / 3);
  BOOST_TEST(report.facts.at("orders cancelled") > 0);
  BOOST_TEST(report.facts.at("webhooks applied") > 0);
  BOOST_TEST(t.store_kills > kills_min);
  BOOST_TEST(t.bank_kills > kills_min);
}

BOOST_AUTO_TEST_CASE(planted_faults_are_found) {
  const std::pair<const char*, const char*> faults[] = {
      {"charge_new_key", "charged more than once"},
      {"lose:gateway_events", "a webhook was applied more than once"},
      {"forget:payment:order.cancelled", "money is not refunded"},
  };
  for (const auto& [fault, finding] : faults) {
    std::string found;
    for (std::uint64_t seed = 1; seed <= 5 && found.empty(); ++seed) {
      town t(seed, fault);
      t.shop(40, seconds{4});
      t.quiet(seconds{3});
      for (const auto& v : t.audit().violations) {
        if (v.find(finding) != v.npos) found = v;
      }
    }
    BOOST_TEST(!found.empty(), "the checker did not detect " << fault);
    BOOST_TEST_MESSAGE(fault << ": " << found);
  }
}

BOOST_AUTO_TEST_SUITE_END()
