// PayPal accounts that the store's users save with a payment, played by `stoa gateway-simulator`:
// used again without an approval, saved later than the payment, deleted on both sides, with errors
// of the server, lost answers, and kills of both processes. What the store has and what PayPal
// keeps agree.

#include "storage/base/json_write.hpp"
#include "tests/support/paypal_saver.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

using namespace stoa;
using namespace stoa::test;

namespace {

paypal_simulator& simulated() {
  static paypal_simulator one;
  return one;
}

storefront& shop() {
  static storefront one(
      {.products = 5, .stock = 1000, .settings = simulated().store_settings(vault_settings())});
  static const bool started = [] {
    simulated().start(one.port());
    return true;
  }();
  BOOST_REQUIRE(started);
  return one;
}

struct customer : paypal_saver {
  explicit customer(storefront& where = shop(), paypal_simulator& at = simulated())
      : paypal_saver(where.port(), at) {}
};

/// A store with a separate simulator, whose webhooks it receives or not.
struct own_shop {
  explicit own_shop(bool webhooks, const environment& more = {},
                    const std::vector<std::string>& arguments = {})
      : store({.products = 1, .settings = bank.store_settings(vault_settings(more))}) {
    bank.start(webhooks ? store.port() : 0, arguments);
  }
  paypal_simulator bank;
  storefront store;
};

bool is_on_disk(const std::string& text) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(shop().data())) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

void restart(customer& c) {
  shop().process().kill();
  shop().process().start();
  c.client.disconnect();
}

/// The tokens that a store leaves at PayPal after the deletion of the saved account.
std::size_t left_by(const environment& settings) {
  paypal_simulator bank;
  const temp_dir folder;
  load_demo(stoa_binary(), folder / "data", 5, 10);
  create_root(stoa_binary(), folder / "data");
  server_options o;
  o.program = stoa_with_faults();
  o.data = folder / "data";
  o.settings = bank.store_settings(vault_settings(settings));
  server store(std::move(o));
  store.start();
  bank.start(store.port());
  paypal_saver c(store.port(), bank);
  BOOST_TEST(c.client.del(saved_methods_path + "/" + c.one_saved(), c.who).status == 204);
  eventually([&] { return c.kept_count() == 0; }, seconds{3});
  return c.kept_count();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paypal_saved_methods, customer)

BOOST_AUTO_TEST_CASE(an_account_is_saved_and_pays_without_an_approval) {
  const auto offered = client.get("/store/v1/payment-methods").json();
  BOOST_TEST(text_at(offered, "/data/1/type") == "paypal");
  BOOST_TEST(json::write(at(offered, "/data/1/can_be_saved")) == "true");
  BOOST_TEST(json::write(at(offered, "/data/2/can_be_saved")) == "false");
  const auto id = one_saved();
  const auto shown = saved();
  BOOST_TEST(text_at(shown, "/data/0/type") == "paypal");
  BOOST_TEST(text_at(shown, "/data/0/gateway") == "paypal");
  BOOST_TEST(text_at(shown, "/data/0/hint") == "p***@example.com");
  BOOST_TEST(text_at(shown, "/data/0/status") == "active");
  BOOST_TEST(json::write(at(shown, "/data/0/is_default")) == "true");
  BOOST_REQUIRE(kept_count() == 1U);
  const auto token = kept()[0];
  for (int i = 0; i < 2; ++i) {
    const auto order = pay_with(id);
    BOOST_REQUIRE_MESSAGE(order.status == 201, order.body);
    const auto paid = bank.order(payment_id(order));
    BOOST_TEST(paid.vault_id.value_or("") == token);
    BOOST_TEST(paid.captures == 1);
    BOOST_TEST(paid.captured == number_at(order.json(), "/total_amount/amount"));
  }
  // Nothing more is saved, and a payment that saves nothing has no token.
  BOOST_TEST(count() == 1U);
  BOOST_TEST(kept_count() == 1U);
  const auto [plain, page] = waiting(pay(R"("type":"paypal")", "", "respond-async"));
  bank.act(page, "approve");
  BOOST_TEST(has_status(plain, "Completed"));
  BOOST_TEST(!bank.order(plain).saves_for.has_value());
  BOOST_TEST(kept_count() == 1U);
  // A second account belongs to the same customer. Only the ciphertext of tokens is stored.
  BOOST_TEST(has_status(approved("other"), "Completed"));
  BOOST_TEST(eventually([&] { return count() == 2U; }));
  std::vector<std::string> customers;
  for (const auto& t : bank.tokens()) {
    if (t.shown.customer.merchant_customer_id == user_id()) {
      customers.push_back(t.shown.customer.id.value());
    }
  }
  BOOST_REQUIRE(customers.size() == 2U);
  BOOST_TEST(customers[0] == customers[1]);
  for (const auto& one : kept()) {
    BOOST_TEST(json::write(saved()).find(one) == std::string::npos);
    BOOST_TEST(!is_on_disk(one));
    BOOST_TEST(shop().log().find(one) == std::string::npos);
  }
  BOOST_TEST(shop().log().find("\"payment method saved if it is approved\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_approved_payments_save) {
  const auto declined = approved("declined");
  BOOST_TEST(has_status(declined, "Failed"));
  const auto [abandoned, page] = waiting(wish());
  bank.act(page, "cancel");
  const auto order = wish();
  const auto [cancelled, late_page] = waiting(order);
  const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id");
  BOOST_TEST(client.post(path + "/cancel", R"({"reason":"changed my mind"})", who).status < 300);
  BOOST_TEST(has_status(cancelled, "Failed"));
  bank.act(late_page, "approve");
  std::this_thread::sleep_for(std::chrono::seconds{2});  // For the webhook to arrive.
  BOOST_TEST(bank.order(cancelled).captures == 0);
  BOOST_TEST(count() == 0U);
  BOOST_TEST(kept_count() == 0U);
  // PayPal does not save the account, and the payment is made.
  const auto refused = approved("vault_refused");
  BOOST_TEST(has_status(refused, "Completed"));
  BOOST_TEST(count() == 0U);
  const auto log = json::write(at(payment(refused), "/logs"));
  BOOST_TEST(log.find("method_not_saved") != std::string::npos, log);
}

BOOST_AUTO_TEST_CASE(an_account_that_paypal_saves_later_becomes_active) {
  const auto id = approved("vault_later");
  BOOST_TEST(has_status(id, "Completed"));
  BOOST_TEST(count() == 0U);
  BOOST_TEST(eventually([&] { return count() == 1U; }));
  BOOST_TEST(text_at(saved(), "/data/0/hint") == "v***@example.com");
  BOOST_TEST(kept_count() == 1U);
  BOOST_TEST(pay_with(first_id()).status == 201);
  // Two at once, and a kill before PayPal has saved them.
  customer two;
  const auto first = two.approved("vault_later");
  const auto second = two.approved("vault_later");
  BOOST_TEST(two.has_status(first, "Completed"));
  BOOST_TEST(two.has_status(second, "Completed"));
  restart(two);
  BOOST_TEST(eventually([&] { return two.count() == 2U; }));
  BOOST_TEST(two.kept_count() == 2U);
  for (int i = 0; i < 2; ++i) {
    const auto own = text_at(two.saved(), "/data/" + std::to_string(i) + "/payment_method_id");
    BOOST_TEST(two.pay_with(own).status == 201);
  }
  client.disconnect();
}

BOOST_AUTO_TEST_CASE(without_webhooks_an_order_is_asked_for_its_account) {
  own_shop own(false);
  customer c(own.store, own.bank);
  BOOST_TEST(c.has_status(c.approved("vault_later"), "Completed"));
  BOOST_TEST(eventually([&] { return c.count() == 1U; }));
  // A token that is deleted at PayPal is declined.
  c.delete_at_paypal(c.kept().at(0));
  BOOST_TEST(c.failure(c.pay_with(c.first_id())) == "invalid_token");
  BOOST_TEST(c.count() == 1U);
  BOOST_TEST(c.client.del(saved_methods_path + "/" + c.first_id(), c.who).status == 204);
  BOOST_TEST(c.count() == 0U);
}

BOOST_AUTO_TEST_CASE(declines_of_a_saved_account_have_stable_codes) {
  for (const auto& [buyer, code] : {std::pair{"declined_later", "instrument_declined"},
                                    std::pair{"asks_again", "approval_required"}}) {
    customer c;
    const auto id = c.one_saved(buyer);
    BOOST_TEST(c.failure(c.pay_with(id)) == code);
    BOOST_TEST(c.count() == 1U);
    BOOST_TEST(c.kept_count() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_lost_response_pays_once) {
  for (const auto* buyer : {"reset", "error_500", "slow"}) {
    customer c;
    const auto id = c.one_saved(buyer);
    const auto order = c.pay_with(id);
    BOOST_TEST((order.status == 201 || order.status == 202), order.body);
    const auto payment = c.payment_id(order);
    BOOST_TEST(c.has_status(payment, "Completed"), buyer);
    BOOST_TEST(c.bank.order(payment).captures == 1);
    BOOST_TEST(c.kept_count() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_crash_between_paypal_and_the_commit_saves_and_pays_once) {
  // PayPal has captured the payment and saved the account, and its answer arrives after the kill.
  for (const auto* buyer : {"slow", "reset", "error_500"}) {
    customer c;
    const auto saving = c.approved(buyer);
    BOOST_REQUIRE(eventually([&] { return c.kept_count() == 1U; }));
    restart(c);
    BOOST_TEST(c.has_status(saving, "Completed"), buyer);
    BOOST_TEST(c.bank.order(saving).captures == 1);
    BOOST_TEST(eventually([&] { return c.count() == 1U; }), buyer);
    BOOST_TEST(c.kept_count() == 1U);
    const auto order = c.pay(R"("type":"paypal","saved_payment_method_id":")" + c.first_id() + "\"",
                             "", "respond-async");
    const auto again = c.payment_id(order);
    eventually([&] {
      const auto all = c.bank.ledger();
      return std::ranges::any_of(all, [&](const auto& o) {
        return o.shown.purchase_units.front().custom_id == again && o.captures > 0;
      });
    });
    restart(c);
    BOOST_TEST(c.has_status(again, "Completed"), buyer);
    BOOST_TEST(c.bank.order(again).captures == 1);
  }
  client.disconnect();
}

BOOST_AUTO_TEST_CASE(nobody_else_sees_uses_or_deletes_it) {
  const auto id = one_saved();
  customer other;
  const auto path = saved_methods_path + "/" + id;
  for (const auto& by : {other.who, me}) {
    BOOST_TEST(client.get(path, by).status == 404);
    BOOST_TEST(client.del(path, by).status == 404);
    const auto refused = pay_with(id, by);
    BOOST_TEST(refused.status == 422);
    BOOST_TEST(text_at(refused.json(), "/code") == "payment_method_unknown");
  }
  // It is no card, and a card is no account.
  const auto as_card = pay(R"("type":"card","saved_payment_method_id":")" + id + "\"");
  BOOST_TEST(text_at(as_card.json(), "/code") == "payment_method_unknown");
  BOOST_TEST(pay(R"("type":"card","token":"tok_visa")", R"(,"save_payment_method":true)").status ==
             201);
  const auto card = text_at(saved(), "/data/0/payment_method_id");
  BOOST_TEST(text_at(pay_with(card).json(), "/code") == "payment_method_unknown");
  BOOST_TEST(pay_with(id).status == 201);
}

BOOST_AUTO_TEST_CASE(invalid_wishes_are_rejected) {
  const auto wrong = [&](const std::string& method, const std::string& more) {
    const auto a = pay(method, more);
    BOOST_TEST(a.status == 422, a.body);
    return pointers_of(a);
  };
  const std::string saves = R"(,"save_payment_method":true)";
  BOOST_TEST(wrong(R"("type":"bank_transfer")", saves) == "/save_payment_method");
  BOOST_TEST(wrong(R"("type":"paypal","saved_payment_method_id":")" + mine.id + "\"", saves) ==
             "/save_payment_method");
  BOOST_TEST(wrong(R"("type":"paypal","token":"x")", "") == "/payment_method/token");
  BOOST_TEST(wrong(R"("type":"bank_transfer","saved_payment_method_id":")" + mine.id + "\"", "") ==
             "/payment_method/saved_payment_method_id");
  const auto guest = checkout(cart_with(mine.id, 1), {.more = saves, .method = "paypal"});
  BOOST_TEST(pointers_of(guest) == "/save_payment_method");
  const auto alone = client.post(saved_methods_path, R"({"type":"paypal","token":"x"})",
                                 with(who, "Idempotency-Key", unique("add")));
  BOOST_TEST(pointers_of(alone) == "/type");
  BOOST_TEST(count() == 0U);
  // A store that has not enabled it.
  own_shop plain(false, {{"STOA_PAYMENT_PAYPAL_VAULT", "false"}});
  customer c(plain.store, plain.bank);
  const auto refused = c.wish();
  BOOST_TEST(refused.status == 422);
  BOOST_TEST(text_at(refused.json(), "/code") == "payment_method_not_savable");
  BOOST_TEST(json::write(at(c.client.get("/store/v1/payment-methods").json(),
                            "/data/1/can_be_saved")) == "false");
}

BOOST_AUTO_TEST_CASE(a_deletion_removes_it_at_paypal_also_after_crashes) {
  const auto first = one_saved();
  BOOST_TEST(client.del(saved_methods_path + "/" + first, who).status == 204);
  BOOST_TEST(count() == 0U);
  BOOST_TEST(pay_with(first).status == 422);
  BOOST_TEST(eventually([&] { return kept_count() == 0U; }));
  const auto second = one_saved();
  bank.kill();
  BOOST_TEST(client.del(saved_methods_path + "/" + second, who).status == 204);
  BOOST_TEST(client.del(saved_methods_path + "/" + second, who).status == 404);
  restart(*this);
  bank.start(shop().port());
  BOOST_TEST(eventually([&] { return kept_count() == 0U; }));
}

BOOST_AUTO_TEST_CASE(a_deletion_at_paypal_removes_it_here) {
  const auto first = one_saved();
  BOOST_TEST(has_status(approved("other"), "Completed"));
  BOOST_REQUIRE(eventually([&] { return count() == 2U; }));
  delete_at_paypal(kept().at(0));
  BOOST_TEST(eventually([&] { return count() == 1U; }));
  BOOST_TEST(client.get(saved_methods_path + "/" + first, who).status == 404);
  // The other one is the default now.
  BOOST_TEST(json::write(at(saved(), "/data/0/is_default")) == "true");
  BOOST_TEST(text_at(saved(), "/data/0/hint") == "o***@example.com");
  BOOST_TEST(pay_with(first_id()).status == 201);
}

BOOST_AUTO_TEST_CASE(the_deletion_of_the_account_removes_all_at_paypal) {
  // Both payments begin before PayPal has a customer, and get different ones.
  const auto first = waiting(wish());
  const auto second = waiting(wish());
  bank.act(first.second, "approve");
  bank.act(second.second, "approve");
  BOOST_REQUIRE(eventually([&] { return count() == 2U; }));
  BOOST_TEST(has_status(approved("vault_later"), "Completed"));
  const auto user = user_id();
  bank.kill();
  BOOST_REQUIRE_EQUAL(delete_account(), 204);
  restart(*this);
  bank.start(shop().port());
  BOOST_TEST(eventually([&] { return kept_of(user).empty(); }));
  std::this_thread::sleep_for(std::chrono::seconds{3});  // The late one is saved by now.
  BOOST_TEST(eventually([&, all = bank.tokens().size()] {
    return kept_of(user).empty() && all == bank.tokens().size();
  }));
}

BOOST_AUTO_TEST_CASE(an_account_that_is_deleted_while_it_pays_leaves_nothing) {
  const auto [id, page] = waiting(wish());
  const auto user = user_id();
  BOOST_REQUIRE_EQUAL(delete_account(), 204);
  bank.act(page, "approve");
  BOOST_TEST(
      eventually([&, of = id] { return text_at(payment(of), "/status") != "RequiresAction"; }));
  BOOST_TEST(eventually([&] { return kept_of(user).empty(); }));
}

BOOST_AUTO_TEST_CASE(an_authorised_payment_saves_and_a_saved_account_is_authorised) {
  own_shop later(true, {{"STOA_PAYMENT_CAPTURE", "manual"}});
  customer c(later.store, later.bank);
  const auto saving = c.approved();
  BOOST_TEST(c.has_status(saving, "Authorized"));
  BOOST_REQUIRE(eventually([&] { return c.count() == 1U; }));
  const auto order = c.pay_with(c.first_id());
  BOOST_REQUIRE_MESSAGE(order.status == 201, order.body);
  const auto id = c.payment_id(order);
  BOOST_TEST(c.has_status(id, "Authorized"));
  BOOST_TEST(c.client.post("/admin/v1/payments/" + id + "/capture", "", c.me).status == 200);
  BOOST_TEST(c.has_status(id, "Completed"));
  BOOST_TEST(c.bank.order(id).captures == 1);
  // A void releases the authorisation.
  const auto next = c.pay_with(c.first_id());
  const auto held = c.payment_id(next);
  BOOST_TEST(c.has_status(held, "Authorized"));
  const auto path = "/store/v1/orders/" + text_at(next.json(), "/order_id");
  BOOST_TEST(c.client.post(path + "/cancel", R"({"reason":"no"})", c.who).status < 300);
  BOOST_TEST(c.has_status(held, "Voided"));
  BOOST_TEST(c.bank.order(held).captures == 0);
}

BOOST_AUTO_TEST_CASE(errors_of_the_server_lose_and_double_nothing) {
  own_shop own(true, {},
               {"--fault", "reset:0.15", "--fault", "500:0.15", "--fault", "500_after_charging:0.1",
                "--fault", "truncated:0.1", "--seed", "7"});
  std::vector<std::unique_ptr<customer>> all;
  for (int i = 0; i < 4; ++i) {
    auto& c = *all.emplace_back(std::make_unique<customer>(own.store, own.bank));
    const auto id = c.one_saved(i % 2 == 0 ? "personal" : "vault_later");
    const auto payment = c.payment_id(c.pay_with(id));
    BOOST_TEST(c.has_status(payment, "Completed"));
    if (i > 1) BOOST_TEST(c.client.del(saved_methods_path + "/" + id, c.who).status == 204);
  }
  for (const auto& c : all) {
    BOOST_TEST(eventually([&] { return c->kept_count() == c->count(); }));
  }
  for (const auto& o : own.bank.ledger()) BOOST_TEST(o.captures <= 1);
}

BOOST_AUTO_TEST_CASE(a_store_that_does_not_remove_is_found) {
  BOOST_TEST(left_by({}) == 0U);
  BOOST_TEST(left_by({{"STOA_FAULT", "detach_unsent"}}) == 1U);
}

BOOST_AUTO_TEST_CASE(the_store_is_consistent) {
  const auto checked = run_program(stoa_binary(), {"check", "--data", shop().data().string()},
                                   simulated().store_settings(vault_settings()));
  BOOST_TEST(checked.exit_code == 0, checked.output);
}

BOOST_AUTO_TEST_SUITE_END()
