// Purchases over HTTP, from the first cart line to the delivery, against the running program with
// the sandbox gateway.

#include "net/mail/mbox.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

using namespace stoa;
using namespace stoa::test;

namespace {

/// The gateway times out after 1.2 s, and a checkout waits 0.6 s unless it is notified, which
/// leaves time to look at a Pending order.
storefront& shop() {
  static storefront one({.products = 40,
                         .stock = 1000,
                         .settings = {{"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "1200"},
                                      {"STOA_ORDER_CHECKOUT_WAIT_MS", "600"},
                                      {"STOA_LOG_LEVEL", "debug"},
                                      {"STOA_LOG_FORMAT", "json"}}});
  return one;
}

struct customer : visitor {
  customer() : visitor(shop().port()) {
    static const auto all = goods();
    // Each case has separate goods, so that it can count them.
    static std::size_t next = 0;
    mine = all.at(next++ % all.size());
    other = all.at(next++ % all.size());
  }
  good mine, other;

  std::int64_t stock_of(const good& g) { return product(g.id).stock; }

  /// The subjects of the mails to an address, in alphabetical order.
  static std::vector<std::string> mails_to(const std::string& address) {
    std::vector<std::string> subjects;
    for (const auto& m : mail::read_mbox(shop().data() / "mail")) {
      if (m.content.to.find(address) != std::string::npos) subjects.push_back(m.content.subject);
    }
    std::sort(subjects.begin(), subjects.end());
    return subjects;
  }
  /// True when there are eventually exactly `count` mails to the address, and one has the word in
  /// its subject.
  static bool got_mail(const std::string& address, std::size_t count, std::string_view word) {
    std::vector<std::string> all;
    const auto is_there = [&] {
      all = mails_to(address);
      return all.size() == count && std::any_of(all.begin(), all.end(), [&](const auto& subject) {
               return subject.find(word) != std::string::npos;
             });
    };
    if (eventually(is_there, std::chrono::seconds{10})) return true;
    for (const auto& subject : all) BOOST_TEST_MESSAGE(address << " got: " << subject);
    return false;
  }
};

std::string order_path(const http_answer& a) {
  return "/store/v1/orders/" + text_at(a.json(), "/order_id");
}

header_list token_of(const http_answer& a) {
  return bearer(text_at(a.json(), "/access_token"));
}

const header_list wait_long{{"Prefer", "wait=20"}};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(purchases, customer)

BOOST_AUTO_TEST_CASE(a_guest_buys) {
  const auto before = stock_of(mine);
  const auto cart = cart_with(mine.id, 2);
  BOOST_TEST(add(cart, other.id, 1).status == 201);
  const auto total = 2 * mine.price + other.price;
  const auto bought =
      checkout(cart,
               {.email = "guest@example.com",
                .more = R"(,"phone":"+49 30 123456","locale":"de-AT","expected_total":{"amount":)" +
                        std::to_string(total) + R"(,"currency":"EUR"})"},
               wait_long);
  BOOST_REQUIRE_EQUAL(bought.status, 201);
  const auto order = bought.json();
  BOOST_TEST(text_at(order, "/status") == "Confirmed");
  BOOST_TEST(number_at(order, "/total_amount/amount") == total);
  BOOST_TEST(text_at(order, "/total_amount/currency") == "EUR");
  BOOST_TEST(text_at(order, "/currency") == "EUR");
  BOOST_TEST(number_at(order, "/subtotal/amount") == total);
  for (const auto* part : {"/adjustment_total", "/shipping_total", "/tax_total"}) {
    BOOST_TEST(number_at(order, std::string(part) + "/amount") == 0);
  }
  BOOST_TEST(size_at(order, "/price_parts") == 0);
  BOOST_TEST(text_at(order, "/phone") == "+49 30 123456");
  BOOST_TEST(text_at(order, "/locale") == "de-AT");
  BOOST_TEST(text_at(order, "/order_number").size() == 11U);
  BOOST_TEST(size_at(order, "/items") == 2);
  BOOST_TEST(number_at(order, "/items/0/line_total/amount") == 2 * mine.price);
  BOOST_TEST(text_at(order, "/billing_address/city") == "London");
  BOOST_TEST(size_at(order, "/status_history") == 2);
  BOOST_TEST(text_at(order, "/status_history/1/status") == "Confirmed");
  BOOST_TEST(!has(order, "/user_id"));
  BOOST_TEST(bought.header("Location") == order_path(bought));
  BOOST_TEST(bought.header("Preference-Applied") == "wait=20");
  BOOST_TEST(bought.header("Idempotent-Replayed") == "");

  const auto read = client.get(order_path(bought), token_of(bought));
  BOOST_TEST(read.status == 200);
  BOOST_TEST(!has(read.json(), "/access_token"));
  const auto paid = client.get(order_path(bought) + "/payments", token_of(bought)).json();
  BOOST_REQUIRE_EQUAL(size_at(paid, "/data"), 1U);
  BOOST_TEST(text_at(paid, "/data/0/status") == "Completed");
  BOOST_TEST(number_at(paid, "/data/0/amount/amount") == total);
  BOOST_TEST(!text_at(paid, "/data/0/transaction_id").empty());
  BOOST_TEST(stock_of(mine) == before - 2);
  BOOST_TEST(got_mail("guest@example.com", 1, "bestätigt"));
  // Bought items leave the cart.
  BOOST_TEST(eventually([&] { return size_at(client.get(cart).json(), "/items") == 0; }));
}

BOOST_AUTO_TEST_CASE(a_guests_order_opens_to_its_token_alone) {
  const auto bought = this->bought(mine.id);
  const auto another = this->bought(mine.id);
  const auto path = order_path(bought);
  const auto token = text_at(bought.json(), "/access_token");
  const auto missing = client.get("/store/v1/orders/01a20519-ac67-76ac-b55c-bb28ae4211e7");
  BOOST_TEST(missing.status == 404);
  for (const auto& place : {path, path + "/payments"}) {
    BOOST_TEST(client.get(place, bearer(token)).status == 200);
    BOOST_TEST(client.get(place).status == 404);
    BOOST_TEST(client.get(place, token_of(another)).status == 404);
    const auto in_url = client.get(place + "?access_token=" + token);
    BOOST_TEST(in_url.status == 400);
    BOOST_TEST(pointers_of(in_url) == "?access_token");
    BOOST_TEST(in_url.body.find("Authorization: Bearer") != std::string::npos);
    BOOST_TEST(in_url.body.find(token) == std::string::npos);
    BOOST_TEST(same_for_all(client.get(place)) == same_for_all(missing));
  }
  BOOST_TEST(client.get(path, sign_up("nosy")).status == 404);
  BOOST_TEST(client.post(path + "/cancel", "{}").status == 404);
  BOOST_TEST(client.post(path + "/cancel", "{}", token_of(another)).status == 404);
  BOOST_TEST(client.get("/store/v1/orders", bearer(token)).status == 401);
  BOOST_TEST(shop().log().find(token) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_customer_buys) {
  const auto me = sign_up("carol");
  const auto bought = this->bought(mine.id, me, {.email = ""});
  BOOST_TEST(!has(bought.json(), "/access_token"));
  BOOST_TEST(text_at(bought.json(), "/email") == "carol@example.com");
  BOOST_TEST(text_at(bought.json(), "/user_id") ==
             text_at(client.get("/store/v1/users/me", me).json(), "/user_id"));
  const auto path = order_path(bought);
  BOOST_TEST(client.get(path, me).status == 200);
  BOOST_TEST(client.get(path).status == 404);
  const auto other_user = sign_up("mallory");
  BOOST_TEST(client.get(path, other_user).status == 404);
  BOOST_TEST(client.get(path + "/payments", other_user).status == 404);
  BOOST_TEST(client.post(path + "/cancel", "{}", other_user).status == 404);
  BOOST_TEST(size_at(client.get("/store/v1/orders", other_user).json(), "/data") == 0);
  const auto orders = client.get("/store/v1/orders?status=Confirmed", me).json();
  BOOST_REQUIRE_EQUAL(size_at(orders, "/data"), 1U);
  BOOST_TEST("/store/v1/orders/" + text_at(orders, "/data/0/order_id") == path);
  BOOST_TEST(size_at(client.get("/store/v1/orders?status=Shipped", me).json(), "/data") == 0);
  BOOST_TEST(got_mail("carol@example.com", 1, "onfirmed"));
  BOOST_TEST(eventually([&] {
    const auto reported = client.get("/store/v1/users/me/notifications?status=Sent", me).json();
    return size_at(reported, "/data") == 1 && text_at(reported, "/data/0/type") == "Email";
  }));
  BOOST_TEST(size_at(client.get("/store/v1/users/me/notifications", other_user).json(), "/data") ==
             0);
}

BOOST_AUTO_TEST_CASE(a_declined_card_costs_nothing) {
  const auto before = stock_of(mine);
  const auto cart = cart_with(mine.id, 3);
  const auto refused =
      checkout(cart, {.token = "tok_chargeDeclinedInsufficientFunds"}, wait_long, "declined-1");
  BOOST_TEST(refused.status == 402);
  BOOST_TEST(refused.code() == "payment_declined");
  BOOST_TEST(refused.header("Content-Type") == "application/problem+json");
  const auto again =
      checkout(cart, {.token = "tok_chargeDeclinedInsufficientFunds"}, wait_long, "declined-1");
  BOOST_TEST(again.status == 402);
  BOOST_TEST(again.header("Idempotent-Replayed") == "true");
  const auto root = log_in("root");
  const auto path = "/admin/v1" + refused.header("Location").substr(9);
  BOOST_TEST(text_at(client.get(path, root).json(), "/status") == "Cancelled");
  const auto payments = client.get(refused.header("Location") + "/payments", root).json();
  BOOST_TEST(text_at(payments, "/data/0/status") == "Failed");
  BOOST_TEST(text_at(payments, "/data/0/failure_code") == "insufficient_funds");
  // The cart keeps its line, the goods are held for it, and another card can pay.
  BOOST_TEST(stock_of(mine) == before - 3);
  BOOST_TEST(size_at(client.get(cart).json(), "/items") == 1);
  BOOST_TEST(checkout(cart, {}, wait_long).status == 201);
  BOOST_TEST(stock_of(mine) == before - 3);
  BOOST_TEST(checkout(cart_with(mine.id, 1), {.token = "tok_chargeDeclined"}, wait_long).status ==
             402);
  const auto unknown = checkout(cart_with(mine.id, 1), {.token = "tok_nobody"}, wait_long);
  BOOST_TEST(unknown.status == 402);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_sold) {
  const auto cart = cart_with(mine.id, static_cast<int>(mine.stock) + 1);
  BOOST_TEST(add(cart, other.id, 1).status == 201);
  const auto refused = checkout(cart);
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(refused.code() == "sold_out");
  const auto line = text_at(client.get(cart).json(), "/items/0/cart_item_id");
  BOOST_TEST(pointers_of(refused) == "/items/" + line);
  BOOST_TEST(stock_of(other) == other.stock);
}

BOOST_AUTO_TEST_CASE(another_total_than_was_shown_is_refused) {
  const auto cart = cart_with(mine.id, 1);
  const auto expecting = [&](std::int64_t amount, const std::string& currency) {
    return checkout(cart, {.more = R"(,"expected_total":{"amount":)" + std::to_string(amount) +
                                   R"(,"currency":")" + currency + "\"}"});
  };
  const auto changed = expecting(mine.price + 1, "EUR");
  BOOST_TEST(changed.status == 409);
  BOOST_TEST(changed.code() == "total_changed");
  BOOST_TEST(pointers_of(changed) == "/expected_total");
  BOOST_TEST(expecting(mine.price, "USD").code() == "total_changed");
  BOOST_TEST(expecting(mine.price, "euro").status == 422);
  BOOST_TEST(expecting(mine.price, "EUR").status == 201);
}

BOOST_AUTO_TEST_CASE(requests_that_cannot_be_orders) {
  const auto empty = checkout(new_cart());
  BOOST_TEST(empty.status == 422);
  BOOST_TEST(empty.code() == "cart_empty");
  BOOST_TEST(checkout("/store/v1/carts/01a20519-ac67-46ac-b55c-bb28ae4211e7").status == 404);
  const auto cart = cart_with(mine.id, 1);
  const auto nameless = checkout(cart, {.email = ""});
  BOOST_TEST(nameless.status == 422);
  BOOST_TEST(pointers_of(nameless) == "/email");
  BOOST_TEST(pointers_of(checkout(cart, {.email = "nobody"})) == "/email");
  const auto post = [&](const std::string& body) {
    return client.post(cart + "/checkout", body, {{"Idempotency-Key", unique("bad")}});
  };
  const auto bare = post("{}");
  BOOST_TEST(bare.status == 422);
  BOOST_TEST(pointers_of(bare) == "/shipping_address");
  const auto abroad = post(
      R"({"email":"a@example.com","shipping_address":{"address_line1":"1","city":"X",)"
      R"("postal_code":"1","country":"Atlantis"},"payment_method":{"type":"card","token":""}})");
  BOOST_TEST(abroad.status == 422);
  BOOST_TEST(pointers_of(abroad) == "/shipping_address/country /payment_method/token");
  const auto cash = checkout_body({.more = R"(,"tip":1)"});
  BOOST_TEST(post(cash).status == 400);
  BOOST_TEST(pointers_of(post(cash)) == "/tip");
  for (const char* odd : {"", "d", "de_AT", "-de", "de--AT", "de-AT ", "d\\r\\nX: y", "123"}) {
    const auto answer = checkout(cart, {.more = R"(,"locale":")" + std::string(odd) + '"'});
    BOOST_TEST(answer.status == 422, odd);
    BOOST_TEST(pointers_of(answer) == "/locale", odd);
  }
  BOOST_TEST(stock_of(mine) == mine.stock);
}

BOOST_AUTO_TEST_CASE(a_phone_number_is_stored_in_its_normal_form) {
  const auto phone_of = [&](const std::string& phone) {
    const auto order = bought(mine.id, {}, {.more = R"(,"phone":")" + phone + '"'}).json();
    return has(order, "/phone") ? text_at(order, "/phone") : "";
  };
  BOOST_TEST(phone_of("030\\u00a01234567") == "030 1234567");
  BOOST_TEST(phone_of(" ") == "");
}

BOOST_AUTO_TEST_CASE(the_phone_number_of_the_account_is_the_last_default) {
  const auto who = sign_up("caller");
  const auto phone_of = [&](const std::string& more) {
    const auto order = bought(mine.id, who, {.more = more}).json();
    return has(order, "/phone") ? text_at(order, "/phone") : "";
  };
  BOOST_TEST(phone_of("") == "");
  BOOST_TEST_REQUIRE(
      client.patch("/store/v1/users/me", R"({"phone_number":"+49 170 1234567"})", who).status ==
      200);
  BOOST_TEST(phone_of("") == "+49 170 1234567");
  BOOST_TEST(phone_of(R"(,"phone":"+49 30 7654321")") == "+49 30 7654321");
  BOOST_TEST(phone_of(R"(,"phone":" ")") == "");
}

BOOST_AUTO_TEST_CASE(a_checkout_happens_once) {
  const auto cart = cart_with(mine.id, 1);
  const auto keyless = client.post(cart + "/checkout", checkout_body());
  BOOST_TEST(keyless.status == 400);
  BOOST_TEST(keyless.code() == "idempotency_key_required");
  BOOST_TEST(pointers_of(keyless) == "#Idempotency-Key");
  const auto first = checkout(cart, {}, wait_long, "once");
  BOOST_REQUIRE_EQUAL(first.status, 201);
  const auto again = checkout(cart, {}, wait_long, "once");
  BOOST_TEST(again.status == 201);
  BOOST_TEST(again.body == first.body);
  BOOST_TEST(again.header("Location") == first.header("Location"));
  BOOST_TEST(again.header("Idempotent-Replayed") == "true");
  const auto reused = checkout(cart, {.email = "other@example.com"}, wait_long, "once");
  BOOST_TEST(reused.status == 422);
  BOOST_TEST(reused.code() == "idempotency_key_reused");
  BOOST_TEST(reused.header("Idempotent-Replayed") == "");
  BOOST_TEST(stock_of(mine) == mine.stock - 1);
  // A guest's key does not return another guest's order.
  const auto theirs = checkout(cart_with(other.id, 1), {}, wait_long, "once");
  BOOST_TEST(theirs.status == 201);
  BOOST_TEST(order_path(theirs) != order_path(first));
  BOOST_TEST(checkout(cart, {}, {}, std::string(256, 'k')).status == 400);
  BOOST_TEST(checkout(cart, {}, {}, "two words").status == 400);
}

BOOST_AUTO_TEST_CASE(a_repeat_while_the_first_is_running_gets_a_conflict) {
  const auto cart = cart_with(mine.id, 1);
  const checkout_wish slow{.token = "tok_timeoutPaid", .email = "slow@example.com"};
  const auto root = log_in("root");
  http_answer first;
  std::thread waits([&] {
    visitor same(shop().port());
    first = same.checkout(cart, slow, wait_long, "running");
  });
  // The gateway times out after 1.2 s, during which the first one waits.
  const bool is_running = eventually([&] {
    const auto pending = client.get("/admin/v1/orders?status=Pending", root).body;
    return pending.find(slow.email) != std::string::npos;
  });
  BOOST_TEST(is_running);
  const auto second = checkout(cart, slow, wait_long, "running");
  const auto changed = checkout(cart, {}, wait_long, "running");
  waits.join();
  BOOST_TEST(first.status == 201);
  BOOST_TEST(second.status == 409);
  BOOST_TEST(second.code() == "idempotency_in_progress");
  BOOST_TEST(changed.status == 422);
  BOOST_TEST(changed.code() == "idempotency_key_reused");
  const auto repeat = checkout(cart, slow, wait_long, "running");
  BOOST_TEST(repeat.status == 201);
  BOOST_TEST(repeat.body == first.body);
}

BOOST_AUTO_TEST_CASE(an_asynchronous_checkout_returns_its_location) {
  const auto placed = checkout(cart_with(mine.id, 1), {}, {{"Prefer", "respond-async"}});
  BOOST_TEST(placed.status == 202);
  BOOST_TEST(placed.header("Preference-Applied") == "respond-async");
  BOOST_TEST(text_at(placed.json(), "/status") == "Pending");
  BOOST_TEST(placed.header("Location") == order_path(placed));
  BOOST_TEST(becomes(placed.header("Location"), "Confirmed", token_of(placed)));
  const auto at_once = checkout(cart_with(mine.id, 1), {.token = "tok_timeoutPaid"},
                                {{"Prefer", "handling=lenient, wait=0"}});
  BOOST_TEST(at_once.status == 202);
  BOOST_TEST(at_once.header("Preference-Applied") == "wait=0");
  const auto nonsense = checkout(cart_with(mine.id, 1), {}, {{"Prefer", "wait=soon"}});
  BOOST_TEST((nonsense.status == 201 || nonsense.status == 202));
  BOOST_TEST(nonsense.header("Preference-Applied") == "");
}

BOOST_AUTO_TEST_CASE(a_silent_gateway_is_asked_again) {
  const auto before = stock_of(other);
  const auto begin = std::chrono::steady_clock::now();
  const auto cart = cart_with(mine.id, 1);
  const auto paid = checkout(cart, {.token = "tok_timeoutPaid"}, {}, "silent");
  BOOST_TEST(paid.status == 202);
  BOOST_TEST((std::chrono::steady_clock::now() - begin > std::chrono::milliseconds{500}));
  BOOST_TEST(paid.header("Preference-Applied") == "");
  BOOST_TEST(becomes(order_path(paid), "Confirmed", token_of(paid)));
  const auto payments = client.get(order_path(paid) + "/payments", token_of(paid)).json();
  BOOST_TEST(size_at(payments, "/data") == 1);
  BOOST_TEST(text_at(payments, "/data/0/status") == "Completed");
  // The repeat of a 202 returns the outcome.
  const auto repeat = checkout(cart, {.token = "tok_timeoutPaid"}, {}, "silent");
  BOOST_TEST(repeat.status == 201);
  BOOST_TEST(repeat.header("Idempotent-Replayed") == "true");

  const auto declined = checkout(cart_with(other.id, 2), {.token = "tok_timeoutDeclined"}, {});
  BOOST_TEST(declined.status == 202);
  BOOST_TEST(becomes(order_path(declined), "Cancelled", token_of(declined)));
  const auto history = client.get(order_path(declined), token_of(declined)).json();
  BOOST_TEST(text_at(history, "/cancel_code") == "payment_failed");
  BOOST_TEST(stock_of(other) == before - 2);  // held for the cart
  const auto waited = checkout(cart_with(other.id, 1), {.token = "tok_timeoutDeclined"}, wait_long);
  BOOST_TEST(waited.status == 402);
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_is_refunded) {
  const auto me = sign_up("rick");
  const auto before = stock_of(mine);
  const auto bought = this->bought(mine.id, me, {.email = ""});
  const auto path = order_path(bought);
  const auto cancelled = client.post(path + "/cancel", R"({"reason":"the wrong size"})",
                                     with(me, "Idempotency-Key", "cancel"));
  BOOST_TEST(cancelled.status == 200);
  BOOST_TEST(text_at(cancelled.json(), "/status") == "Cancelled");
  BOOST_TEST(text_at(cancelled.json(), "/status_history/2/reason") == "the wrong size");
  const auto repeat = client.post(path + "/cancel", R"({"reason":"the wrong size"})",
                                  with(me, "Idempotency-Key", "cancel"));
  BOOST_TEST(repeat.body == cancelled.body);
  BOOST_TEST(repeat.header("Idempotent-Replayed") == "true");
  const auto again = client.post(path + "/cancel", "", me);
  BOOST_TEST(again.status == 409);
  BOOST_TEST(again.code() == "illegal_transition");
  BOOST_TEST(again.body.find("Cancelled") != std::string::npos);
  std::string payment;
  BOOST_TEST(eventually([&] {
    const auto list = client.get(path + "/payments", me).json();
    payment = text_at(list, "/data/0/payment_id");
    return has(list, "/data/0/refunded_amount") &&
           number_at(list, "/data/0/refunded_amount/amount") == mine.price;
  }));
  BOOST_TEST(eventually([&] { return stock_of(mine) == before; }));
  BOOST_TEST(got_mail("rick@example.com", 3, "efund"));
  BOOST_TEST(got_mail("rick@example.com", 3, "ancel"));

  // Staff see the exchange with the gateway and the mails.
  const auto root = log_in("root");
  const auto detail = client.get("/admin/v1/payments/" + payment, root).json();
  BOOST_TEST(size_at(detail, "/logs") >= 4);
  const auto reported = client.get("/store/v1/users/me/notifications", me).json();
  BOOST_REQUIRE_EQUAL(size_at(reported, "/data"), 3U);
  const auto one =
      client.get("/admin/v1/notifications/" + text_at(reported, "/data/0/notification_id"), root);
  BOOST_TEST(one.status == 200);
  BOOST_TEST(size_at(one.json(), "/logs") >= 1);
}

BOOST_AUTO_TEST_CASE(staff_ship_and_deliver) {
  const auto staff = this->staff("stan");
  const auto bought = this->bought(mine.id, {}, {.email = "parcel@example.com"});
  const auto path = "/admin/v1" + order_path(bought).substr(9);
  const auto illegal = [&](const std::string& step, std::string_view state) {
    const auto a = client.post(path + step, "{}", staff);
    BOOST_TEST(a.status == 409);
    BOOST_TEST(a.code() == "illegal_transition");
    BOOST_TEST(a.body.find(state) != std::string::npos);
  };
  BOOST_TEST(client.post(path + "/ship", "{}", token_of(bought)).status == 401);
  illegal("/deliver", "Confirmed");
  const auto shipped = client.post(path + "/ship", R"({"reason":"DHL 0815"})", staff);
  BOOST_TEST(shipped.status == 200);
  BOOST_TEST(text_at(shipped.json(), "/status") == "Shipped");
  illegal("/ship", "Shipped");
  illegal("/cancel", "Shipped");
  const auto late = client.post(order_path(bought) + "/cancel", "{}", token_of(bought));
  BOOST_TEST(late.status == 409);
  BOOST_TEST(client.post(path + "/deliver", "{}", staff).status == 200);
  illegal("/deliver", "Delivered");
  illegal("/cancel", "Delivered");
  BOOST_TEST(got_mail("parcel@example.com", 3, "has shipped"));
  BOOST_TEST(got_mail("parcel@example.com", 3, "arrived"));
  const auto seen = client.get(order_path(bought), token_of(bought)).json();
  BOOST_TEST(size_at(seen, "/status_history") == 4);
  BOOST_TEST(text_at(seen, "/status_history/2/reason") == "DHL 0815");
  BOOST_TEST(client.post("/admin/v1/orders/x/ship", "{}", staff).status == 404);
}

BOOST_AUTO_TEST_CASE(one_cart_makes_one_order) {
  const auto cart = cart_with(mine.id, 1);
  std::vector<http_answer> answers(6);
  std::vector<std::thread> clicks;
  clicks.reserve(answers.size());
  for (auto& a : answers) {
    clicks.emplace_back([&a, &cart] {
      visitor hasty(shop().port());
      a = hasty.checkout(cart, {}, wait_long);
    });
  }
  for (auto& c : clicks) c.join();
  int bought = 0;
  for (const auto& a : answers) {
    bought += a.status == 201 ? 1 : 0;
    // The cart may already be empty for a late request.
    const bool reported = a.code() == "cart_already_ordered" || a.code() == "cart_empty";
    BOOST_TEST((a.status == 201 || reported), a.status << " " << a.body);
  }
  BOOST_TEST(bought == 1);
  BOOST_TEST(stock_of(mine) == mine.stock - 1);
}

BOOST_AUTO_TEST_SUITE_END()
