// Payment methods that Stripe keeps for the store's users, played by `stoa gateway-simulator`:
// saved by a checkout or without one, used again, deleted, with 3-D Secure, errors of the server,
// lost answers, and kills of both processes. What the store has and what the gateway keeps agree.

#include "tests/support/stripe_merchant.hpp"
#include "tests/support/stripe_simulator.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace stoa;
using namespace stoa::test;

namespace {

stripe_simulator& stripe() {
  static stripe_simulator one;
  return one;
}

storefront& shop() {
  static storefront one(
      {.products = 5,
       .stock = 1000,
       .settings = stripe().store_settings(quick_payments(
           {{"STOA_LIMITS_CHECKOUT_BURST", "200"}, {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "2000"}}))});
  static const bool started = [] {
    stripe().start(one.port());
    return true;
  }();
  BOOST_REQUIRE(started);
  return one;
}

const std::string methods = "/store/v1/users/me/payment-methods";
const std::string home = R"("shipping_address":{"address_line1":"1 Main St","city":"Berlin",)"
                         R"("postal_code":"10115","country":"DE"})";

struct customer : merchant {
  customer() : merchant(shop()), name(unique("saver")), who(sign_up(name)) {}

  const std::string name;
  header_list who;

  http_answer pay(const std::string& method, const std::string& more = {},
                  const std::string& prefer = "wait=20", header_list by = {}) {
    if (by.empty()) by = who;
    const auto headers = with(with(by, "Idempotency-Key", unique("pay")), "Prefer", prefer);
    return client.post(cart_with(mine.id, 1, by) + "/checkout",
                       R"({"email":"ada@example.com",)" + home +
                           R"(,"payment_method":{"type":"card",)" + method + "}" + more + "}",
                       headers);
  }
  http_answer save(const std::string& token, const std::string& prefer = "wait=20") {
    return pay(R"("token":")" + token + "\"", R"(,"save_payment_method":true)", prefer);
  }
  http_answer pay_with(const std::string& id, const std::string& prefer = "wait=20",
                       const header_list& by = {}) {
    return pay(R"("saved_payment_method_id":")" + id + "\"", "", prefer, by);
  }
  /// Saves it without a payment: the resource's path.
  std::string add(const std::string& token, int status = 202) {
    const auto added = client.post(methods, R"({"token":")" + token + "\"}",
                                   with(who, "Idempotency-Key", unique("add")));
    BOOST_TEST(added.status == status, added.body);
    return added.header("Location");
  }
  bool is(const std::string& path, std::string_view status) {
    return eventually([&] { return text_at(client.get(path, who).json(), "/status") == status; });
  }
  json::value saved() { return client.get(methods, who).json(); }
  std::size_t count() { return size_at(saved(), "/data"); }
  std::string first_id() { return text_at(saved(), "/data/0/payment_method_id"); }
  /// The only card of the user, saved by a checkout.
  std::string one_saved(const std::string& token = "pm_card_visa") {
    const auto order = save(token);
    BOOST_REQUIRE_MESSAGE(order.status == 201, order.body);
    BOOST_REQUIRE(count() == 1U);
    return first_id();
  }
  std::string user_id() {
    return text_at(client.get("/store/v1/users/me", who).json(), "/user_id");
  }

  // --- at the gateway ---
  /// Those of the user that are not deleted.
  std::vector<std::string> customers() { return customers_of(user_id()); }
  static std::vector<std::string> customers_of(const std::string& user) {
    std::vector<std::string> ids;
    for (const auto& c : stripe().customers()) {
      if (!c.deleted && c.shown.metadata.at("user_id") == user) ids.push_back(c.shown.id);
    }
    return ids;
  }
  std::vector<std::string> attached() {
    const auto mine_there = customers();
    std::vector<std::string> ids;
    for (const auto& m : stripe().methods()) {
      const auto owner = m.shown.customer.value.value_or("");
      if (std::ranges::count(mine_there, owner) > 0) ids.push_back(m.shown.id);
    }
    return ids;
  }
  std::size_t attached_count() { return attached().size(); }
};

/// What a store leaves at its gateway of a user who has deleted a card and then the account.
struct left_there {
  std::size_t methods = 0;
  std::size_t customers = 0;
};
left_there left_by(const std::filesystem::path& program, environment settings) {
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
  visitor v(store.port());
  const auto who = v.sign_up(unique("leaver"));
  const auto added = v.client.post(methods, R"({"token":"pm_card_visa"})",
                                   with(who, "Idempotency-Key", unique("add")));
  const auto path = added.header("Location");
  BOOST_TEST(
      eventually([&] { return text_at(v.client.get(path, who).json(), "/status") == "active"; }));
  BOOST_TEST(v.client.del(path, who).status == 204);
  const auto count = [&] {
    left_there left;
    for (const auto& m : bank.methods()) left.methods += m.shown.customer.value ? 1 : 0;
    for (const auto& c : bank.customers()) left.customers += c.deleted ? 0 : 1;
    return left;
  };
  eventually([&] { return count().methods == 0; }, seconds{3});
  const auto before = count();
  v.client.request("DELETE", "/store/v1/users/me",
                   R"({"current_password":")" + std::string(shared_password) + "\"}", who);
  eventually([&] { return count().customers == 0; }, seconds{3});
  return {before.methods, count().customers};
}

/// Whether the text is in a file of the store.
bool is_on_disk(const std::string& text) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(shop().data())) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stripe_saved_methods, customer)

BOOST_AUTO_TEST_CASE(a_card_is_kept_by_the_gateway_and_used_again) {
  const auto offered = client.get("/store/v1/payment-methods").json();
  BOOST_TEST(json::write(at(offered, "/data/0/can_be_saved")) == "true");
  const auto id = one_saved("pm_card_mastercard");
  const auto shown = saved();
  BOOST_TEST(text_at(shown, "/data/0/brand") == "mastercard");
  BOOST_TEST(text_at(shown, "/data/0/last4") == "4444");
  BOOST_TEST(number_at(shown, "/data/0/exp_month") == 12);
  BOOST_TEST(number_at(shown, "/data/0/exp_year") == 2040);
  BOOST_TEST(text_at(shown, "/data/0/status") == "active");
  BOOST_TEST(text_at(shown, "/data/0/gateway") == "stripe");
  BOOST_TEST(json::write(at(shown, "/data/0/is_default")) == "true");
  BOOST_TEST(customers().size() == 1U);
  BOOST_REQUIRE(attached().size() == 1U);
  const auto token = attached()[0];
  BOOST_TEST(json::write(shown).find(token) == std::string::npos);
  for (int i = 0; i < 2; ++i) {
    const auto order = pay_with(id);
    BOOST_REQUIRE_MESSAGE(order.status == 201, order.body);
    const auto intent = stripe().intent(payment_id(order));
    BOOST_TEST(intent.shown.payment_method.value.value_or("") == token);
    BOOST_TEST(intent.shown.customer.value.value_or("") == customers()[0]);
  }
  // A second card belongs to the same customer.
  BOOST_TEST(save("pm_card_amex").status == 201);
  BOOST_TEST(count() == 2U);
  BOOST_TEST(customers().size() == 1U);
  BOOST_TEST(attached_count() == 2U);
  // Only its ciphertext is stored, and nothing of it is logged.
  for (const auto& one : attached()) {
    BOOST_TEST(!is_on_disk(one));
    BOOST_TEST(shop().log().find(one) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_card_that_is_not_saved_has_no_customer) {
  BOOST_TEST(pay(R"("token":"pm_card_visa")").status == 201);
  BOOST_TEST(customers().empty());
  BOOST_TEST(count() == 0U);
}

BOOST_AUTO_TEST_CASE(a_declined_card_is_not_kept) {
  BOOST_TEST(save("pm_card_visa_chargeDeclined").status == 402);
  BOOST_TEST(count() == 0U);
  BOOST_TEST(attached_count() == 0U);
  // The same customer saves another card.
  one_saved();
  BOOST_TEST(customers().size() == 1U);
}

BOOST_AUTO_TEST_CASE(three_d_secure_before_a_card_is_saved_and_when_it_is_used) {
  const auto first = save("pm_card_threeDSecure2Required", "respond-async");
  const auto [saving, page] = waiting(first);
  BOOST_TEST(count() == 0U);
  BOOST_TEST(attached_count() == 0U);
  BOOST_TEST(stripe().act(page, "complete") == 303);
  BOOST_TEST(has_status(saving, "Completed"));
  BOOST_REQUIRE(eventually([&] { return count() == 1U; }));
  BOOST_TEST(text_at(saved(), "/data/0/last4") == "3220");
  const auto id = first_id();
  const auto [again, next_page] = waiting(pay_with(id, "respond-async"));
  BOOST_TEST(stripe().act(next_page, "complete") == 303);
  BOOST_TEST(has_status(again, "Completed"));
  // A failed authentication declines the payment and keeps the card.
  const auto [failed, last_page] = waiting(pay_with(id, "respond-async"));
  BOOST_TEST(stripe().act(last_page, "fail") == 303);
  BOOST_TEST(has_status(failed, "Failed"));
  BOOST_TEST(count() == 1U);
  BOOST_TEST(attached_count() == 1U);
}

BOOST_AUTO_TEST_CASE(an_order_that_is_cancelled_before_its_payment_keeps_nothing) {
  const auto order = save("pm_card_threeDSecure2Required", "respond-async");
  const auto [id, page] = waiting(order);
  const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id");
  BOOST_TEST(client.post(path + "/cancel", R"({"reason":"changed my mind"})", who).status < 300);
  BOOST_TEST(has_status(id, "Failed"));
  BOOST_TEST(count() == 0U);
  BOOST_TEST(attached_count() == 0U);
}

BOOST_AUTO_TEST_CASE(a_card_is_saved_without_a_payment) {
  const auto path = add("pm_card_visa");
  BOOST_REQUIRE(is(path, "active"));
  BOOST_TEST(text_at(client.get(path, who).json(), "/last4") == "4242");
  BOOST_TEST(count() == 1U);
  BOOST_TEST(attached_count() == 1U);
  BOOST_TEST(pay_with(first_id()).status == 201);
  const auto refused = add("pm_card_visa_chargeDeclinedInsufficientFunds");
  BOOST_REQUIRE(is(refused, "declined"));
  BOOST_TEST(text_at(client.get(refused, who).json(), "/failure_code") == "insufficient_funds");
  const auto unknown = add("pm_unknown");
  BOOST_REQUIRE(is(unknown, "declined"));
  BOOST_TEST(text_at(client.get(unknown, who).json(), "/failure_code") == "invalid_token");
  BOOST_TEST(count() == 1U);
  BOOST_TEST(attached_count() == 1U);
  // A repeat under the key saves nothing more, and other requests are rejected.
  const auto key = with(who, "Idempotency-Key", unique("add"));
  const auto body = R"({"token":"pm_card_amex"})";
  BOOST_TEST(client.post(methods, body, key).header("Location") ==
             client.post(methods, body, key).header("Location"));
  BOOST_TEST(eventually([&] { return count() == 2U; }));
  BOOST_TEST(attached_count() == 2U);
  BOOST_TEST(client.post(methods, body, who).status == 400);
  BOOST_TEST(client.post(methods, body, with({}, "Idempotency-Key", "k")).status == 401);
  BOOST_TEST(client
                 .post(methods, R"({"token":"4242424242424242"})",
                       with(who, "Idempotency-Key", unique("add")))
                 .status == 422);
  const auto transfer = client.post(methods, R"({"type":"bank_transfer","token":"pm_card_visa"})",
                                    with(who, "Idempotency-Key", unique("add")));
  BOOST_TEST(pointers_of(transfer) == "/type");
}

BOOST_AUTO_TEST_CASE(a_used_card_cannot_be_saved) {
  const auto made = stripe().api("POST", "/v1/payment_methods", "type=card&card[token]=tok_visa");
  const auto token = text_at(made.json(), "/id");
  BOOST_TEST(pay(R"("token":")" + token + "\"").status == 201);
  BOOST_TEST(pay(R"("token":")" + token + "\"").status == 402);
  BOOST_TEST(is(add(token), "declined"));
  BOOST_TEST(attached_count() == 0U);
}

BOOST_AUTO_TEST_CASE(nobody_else_sees_uses_or_deletes_it) {
  const auto id = one_saved();
  const auto token = attached()[0];
  customer other;
  const auto path = methods + "/" + id;
  for (const auto& by : {other.who, me}) {
    BOOST_TEST(client.get(path, by).status == 404);
    BOOST_TEST(client.del(path, by).status == 404);
    BOOST_TEST(client.post(path + "/default", "", by).status == 404);
    BOOST_TEST(pay_with(id, "wait=20", by).status == 422);
  }
  // The gateway rejects the token of another user, with and without saving.
  const auto stolen = R"("token":")" + token + "\"";
  BOOST_TEST(other.pay(stolen).status == 402);
  BOOST_TEST(other.save(token).status == 402);
  BOOST_TEST(other.is(other.add(token), "declined"));
  BOOST_TEST(other.count() == 0U);
  BOOST_TEST(other.attached_count() == 0U);
  BOOST_TEST(attached_count() == 1U);
  BOOST_TEST(pay_with(id).status == 201);
}

BOOST_AUTO_TEST_CASE(a_deletion_detaches_it_also_after_crashes) {
  const auto first = one_saved();
  BOOST_TEST(client.del(methods + "/" + first, who).status == 204);
  BOOST_TEST(count() == 0U);
  BOOST_TEST(pay_with(first).status == 422);
  BOOST_TEST(eventually([&] { return attached_count() == 0U; }));
  const auto second = one_saved("pm_card_amex");
  stripe().kill();
  BOOST_TEST(client.del(methods + "/" + second, who).status == 204);
  BOOST_TEST(client.del(methods + "/" + second, who).status == 404);
  shop().process().kill();
  shop().process().start();
  client.disconnect();
  stripe().start(shop().port());
  BOOST_TEST(eventually([&] { return attached_count() == 0U; }));
  // Already detached at the gateway.
  const auto third = one_saved("pm_card_mastercard");
  BOOST_TEST(stripe().api("POST", "/v1/payment_methods/" + attached()[0] + "/detach").status ==
             200);
  BOOST_TEST(pay_with(third).status == 402);
  BOOST_TEST(client.del(methods + "/" + third, who).status == 204);
  BOOST_TEST(eventually(
      [&] { return shop().log().find("asked again") == std::string::npos || count() == 0U; }));
}

BOOST_AUTO_TEST_CASE(a_crash_between_the_gateway_and_the_commit_keeps_it_once) {
  // The gateway has charged and attached the card, and its answer arrives after the kill.
  for (const auto* token : {"pm_card_simulator_slow", "pm_card_simulator_resetAfterCharging",
                            "pm_card_simulator_500AfterCharging"}) {
    customer c;
    const auto order = c.save(token, "respond-async");
    BOOST_REQUIRE(eventually([&] { return c.attached_count() == 1U; }));
    shop().process().kill();
    shop().process().start();
    c.client.disconnect();
    const auto id = c.payment_id(order);
    BOOST_TEST(c.has_status(id, "Completed"), token);
    BOOST_TEST(stripe().intent(id).charges == 1);
    BOOST_TEST(eventually([&] { return c.count() == 1U; }), token);
    BOOST_TEST(c.customers().size() == 1U);
    BOOST_TEST(c.attached_count() == 1U);
    // The same without a payment, with a method that a browser has made.
    const auto made = stripe().api("POST", "/v1/payment_methods",
                                   "type=card&card[token]=tok_" + std::string(token).substr(8));
    const auto path = c.add(text_at(made.json(), "/id"));
    BOOST_REQUIRE(eventually([&] { return c.attached_count() == 2U; }));
    shop().process().kill();
    shop().process().start();
    c.client.disconnect();
    BOOST_TEST(c.is(path, "active"), token);
    BOOST_TEST(c.count() == 2U);
    BOOST_TEST(c.customers().size() == 1U);
    BOOST_TEST(c.attached_count() == 2U);
  }
  client.disconnect();
}

BOOST_AUTO_TEST_CASE(the_deletion_of_the_account_deletes_the_customer) {
  one_saved();
  const auto user = user_id();
  const auto token = attached()[0];
  stripe().kill();
  const auto gone =
      client.request("DELETE", "/store/v1/users/me",
                     R"({"current_password":")" + std::string(shared_password) + "\"}", who);
  BOOST_REQUIRE_EQUAL(gone.status, 204);
  shop().process().kill();
  shop().process().start();
  client.disconnect();
  stripe().start(shop().port());
  BOOST_TEST(eventually([&] { return customers_of(user).empty(); }));
  const auto left = stripe().methods();
  const auto found = std::ranges::find(left, token, [](const auto& m) { return m.shown.id; });
  BOOST_REQUIRE(found != left.end());
  BOOST_TEST(!found->shown.customer.value.has_value());
}

BOOST_AUTO_TEST_CASE(an_account_that_is_deleted_while_it_pays_leaves_no_customer) {
  const auto order = save("pm_card_threeDSecure2Required", "respond-async");
  const auto [id, page] = waiting(order);
  const auto user = user_id();
  BOOST_TEST(customers().size() == 1U);
  const auto gone =
      client.request("DELETE", "/store/v1/users/me",
                     R"({"current_password":")" + std::string(shared_password) + "\"}", who);
  BOOST_REQUIRE_EQUAL(gone.status, 204);
  BOOST_TEST(eventually([&] { return customers_of(user).empty(); }));
  stripe().act(page, "complete");
  BOOST_TEST(
      eventually([&, of = id] { return text_at(payment(of), "/status") != "RequiresAction"; }));
  BOOST_TEST(customers_of(user).empty());
}

BOOST_AUTO_TEST_CASE(a_customer_that_was_deleted_at_the_gateway_is_replaced) {
  const auto id = one_saved();
  const auto old = customers()[0];
  BOOST_TEST(stripe().api("DELETE", "/v1/customers/" + old).status == 200);
  BOOST_TEST(pay_with(id).status == 402);
  BOOST_TEST(save("pm_card_amex").status == 201);
  BOOST_TEST(count() == 2U);
  BOOST_REQUIRE(customers().size() == 1U);
  BOOST_TEST(customers()[0] != old);
  BOOST_TEST(stripe().api("DELETE", "/v1/customers/" + customers()[0]).status == 200);
  BOOST_TEST(is(add("pm_card_mastercard"), "active"));
  BOOST_TEST(customers().size() == 1U);
  BOOST_TEST(attached_count() == 1U);
}

BOOST_AUTO_TEST_CASE(errors_of_the_gateway_neither_lose_nor_double_anything) {
  stripe().kill();
  stripe().start(shop().port(),
                 {"--fault", "500:0.15", "--fault", "500_after_charging:0.15", "--fault",
                  "reset:0.1", "--fault", "truncated:0.1", "--seed", "7"});
  for (int i = 0; i < 3; ++i) BOOST_TEST(save("pm_card_visa").status / 100 == 2);
  const std::vector<std::string> added{add("pm_card_amex"), add("pm_card_mastercard")};
  for (const auto& path : added) BOOST_TEST(is(path, "active"));
  BOOST_REQUIRE(eventually([&] { return count() == 5U; }));
  BOOST_TEST(customers().size() == 1U);
  BOOST_TEST(attached_count() == 5U);
  for (int i = 0; i < 3; ++i) BOOST_TEST(client.del(methods + "/" + first_id(), who).status == 204);
  BOOST_TEST(eventually([&] { return attached_count() == 2U; }));
  BOOST_TEST(count() == 2U);
  BOOST_TEST(pay_with(first_id()).status / 100 == 2);
  stripe().kill();
  stripe().start(shop().port());
}

BOOST_AUTO_TEST_CASE(the_number_is_bounded_whether_they_are_active_or_not) {
  stripe().kill();
  for (int i = 0; i < 20; ++i) add("pm_card_visa");
  add("pm_card_visa", 409);
  stripe().start(shop().port());
  BOOST_TEST(eventually([&] { return count() == 20U; }));
  BOOST_TEST(eventually([&] { return attached_count() == 20U; }));
  const auto refused = client.post(methods, R"({"token":"pm_card_visa"})",
                                   with(who, "Idempotency-Key", unique("add")));
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(text_at(refused.json(), "/code") == "too_many_payment_methods");
  BOOST_TEST(save("pm_card_visa").status == 409);
}

// Otherwise a test without findings would prove nothing.
BOOST_AUTO_TEST_CASE(planted_faults_leave_something_at_the_gateway) {
  const auto correct = left_by(stoa_with_faults(), {});
  BOOST_TEST(correct.methods == 0U);
  BOOST_TEST(correct.customers == 0U);
  BOOST_TEST(left_by(stoa_with_faults(), {{"STOA_FAULT", "detach_unsent"}}).methods == 1U);
  BOOST_TEST(left_by(stoa_with_faults(), {{"STOA_FAULT", "customer_undeleted"}}).customers == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
