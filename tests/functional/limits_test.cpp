// Client limits over HTTP, with the defaults. Clients of all addresses come through a proxy that
// the program trusts; requests without the field have the proxy's own address, which is exempt.

#include "storage/base/time.hpp"
#include "tests/support/load_loop.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

header_list from(const std::string& address) {
  return {{"X-Forwarded-For", address}};
}
std::string address(int n) {
  return "198.51." + std::to_string(n / 250) + "." + std::to_string(1 + n % 250);
}

struct session : visitor {
  session() : visitor(one().port()) {}

  static storefront& one() {
    static storefront shop({.settings = {{"STOA_HTTP_TRUSTED_PROXIES", "127.0.0.1"},
                                         // Longer than a test runs on a slow machine.
                                         {"STOA_LIMITS_LOGIN_DELAY_S_MIN", "30"},
                                         {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "6000"}}});
    return shop;
  }

  http_answer log_in_as(const std::string& login, const std::string& password,
                        const header_list& headers) {
    return client.post("/store/v1/auth/login",
                       R"({"login":")" + login + R"(","password":")" + password + "\"}", headers);
  }
  /// How many of the requests got each status.
  std::map<int, int> many(int count, const std::function<http_answer()>& request) {
    std::map<int, int> seen;
    const auto begin = steady_clock::now();
    for (int i = 0; i < count; ++i) ++seen[request().status];
    took_s_ = std::chrono::duration_cast<seconds>(steady_clock::now() - begin).count() + 1;
    return seen;
  }
  /// The most carts that one client could create during the last many(): the burst, and one each
  /// second.
  std::int64_t carts_max() const { return 30 + took_s_; }
  /// The first rejected one of the requests: a limit permits one more after each second.
  http_answer rejected(const std::function<http_answer()>& request) {
    http_answer a;
    eventually([&] { return (a = request()).status == 429; });
    return a;
  }

 private:
  std::int64_t took_s_ = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(limits, session)

BOOST_AUTO_TEST_CASE(one_address_makes_a_bounded_number_of_carts) {
  const auto create = [&] { return client.post("/store/v1/carts", "", from("198.51.100.1")); };
  auto seen = many(200, create);
  BOOST_TEST(seen[201] >= 30);
  BOOST_TEST(seen[201] <= carts_max());
  BOOST_TEST(seen[201] + seen[429] == 200);
  const auto refused = rejected(create);
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.code() == "rate_limited");
  BOOST_TEST(refused.header("Retry-After") == "1");
  BOOST_TEST(refused.header("RateLimit-Policy").starts_with(R"("cart_create-address";q=30;w=30)"));
  BOOST_TEST(refused.header("RateLimit").starts_with(R"("cart_create-address";r=0;t=)"));
  // Neighbouring addresses, other kinds of requests and exempt addresses are not affected.
  BOOST_TEST(client.post("/store/v1/carts", "", from("198.51.100.2")).status == 201);
  BOOST_TEST(client.get("/store/v1/products", from("198.51.100.1")).status == 200);
  BOOST_TEST(many(200, [&] { return client.post("/store/v1/carts", ""); })[201] == 200);
  BOOST_TEST(client.post("/store/v1/carts", "").header("RateLimit") == "");
}

BOOST_AUTO_TEST_CASE(addresses_of_one_ipv6_network_are_one_client) {
  int n = 0;
  auto seen = many(100, [&] {
    return client.post("/store/v1/carts", "", from("2001:db8:1:1::" + std::to_string(++n)));
  });
  BOOST_TEST(seen[201] <= carts_max());
  BOOST_TEST(seen[201] + seen[429] == 100);
  BOOST_TEST(client.post("/store/v1/carts", "", from("2001:db8:1:2::1")).status == 201);
}

BOOST_AUTO_TEST_CASE(what_is_refused_costs_no_more_than_that) {
  many(60, [&] { return client.post("/store/v1/carts", "", from("198.51.100.3")); });
  // The body is not parsed. Unknown paths count as reads.
  const auto refused =
      rejected([&] { return client.post("/store/v1/carts", "{{{", from("198.51.100.3")); });
  BOOST_TEST(refused.status == 429);
  const auto missing = client.get("/store/v1/nothing", from("198.51.100.4"));
  BOOST_TEST(missing.status == 404);
  BOOST_TEST(missing.header("RateLimit").starts_with(R"("read-address";r=999)"));
  BOOST_TEST(client.get("/livez", from("198.51.100.4")).header("RateLimit") == "");
}

BOOST_AUTO_TEST_CASE(accounts_have_limits_wherever_they_come_from) {
  const auto ann = sign_up("limited-ann");
  const auto create = [&] { return client.post("/store/v1/carts", "", ann); };
  auto seen = many(60, create);
  BOOST_TEST(seen[201] >= 30);
  BOOST_TEST(seen[201] <= carts_max());
  BOOST_TEST(seen[201] + seen[429] == 60);
  const auto refused = rejected(create);
  BOOST_TEST(refused.header("RateLimit-Policy") == R"("cart_create-account";q=30;w=30)");
  const auto bob = sign_up("limited-bob");
  BOOST_TEST(client.post("/store/v1/carts", "", bob).status == 201);
}

BOOST_AUTO_TEST_CASE(a_password_cannot_be_guessed_from_one_address) {
  sign_up("guessed");
  std::map<std::string, std::vector<int>> seen;
  for (const std::string login : {"guessed", "nobody-has-this-name"}) {
    for (int i = 0; i < 12; ++i) {
      const auto a = log_in_as(login, "wrong horse " + std::to_string(i),
                               from(login == "guessed" ? "198.51.100.10" : "198.51.100.11"));
      seen[login].push_back(a.status);
      if (a.status != 429) continue;
      BOOST_TEST(a.code() == "too_many_login_attempts");
      BOOST_TEST(std::stoi(a.header("Retry-After")) >= 1);
    }
  }
  // The answers do not reveal which accounts exist.
  BOOST_TEST(seen["guessed"] == seen["nobody-has-this-name"], boost::test_tools::per_element());
  BOOST_TEST(std::count(seen["guessed"].begin(), seen["guessed"].end(), 401) <= 8);
  // The correct password is not checked either, and the limit also applies to the exempt address.
  BOOST_TEST(log_in_as("guessed", std::string(shared_password), from("198.51.100.10")).status ==
             429);
  auto local = many(20, [&] { return log_in_as("guessed", "wrong", {}); });
  BOOST_TEST(local[429] >= 12);
}

BOOST_AUTO_TEST_CASE(codes_of_gift_cards_and_promotions_cannot_be_guessed) {
  const std::string five = R"({"codes":["B1","B2","B3","B4","B5"]})";
  const auto other_address = from("198.51.100.20");
  // A new cart for each ten guesses.
  for (int i = 0; i < 8; ++i) {
    BOOST_TEST(client.post(new_cart() + "/quote", five, other_address).status == 200);
  }
  const auto refused =
      rejected([&] { return client.post(new_cart() + "/quote", five, other_address); });
  BOOST_TEST(refused.code() == "too_many_code_attempts");
  BOOST_TEST(std::stoi(refused.header("Retry-After")) >= 1);
  // A valid code is not looked up either; other addresses are not affected.
  const auto card = create_gift_cards(one().port(), 1, 5000).at(0);
  const auto balance = R"({"code":")" + card + "\"}";
  BOOST_TEST(client.post("/store/v1/gift-cards/balance", balance, other_address).status == 429);
  BOOST_TEST(client.post("/store/v1/gift-cards/balance", balance, from("198.51.100.21")).status ==
             200);
  // A cart and an account have separate limits, from an exempt address too. What is found
  // does not count.
  const auto cart = new_cart();
  for (int i = 0; i < 15; ++i) {
    BOOST_TEST(client.post(cart + "/quote", R"({"gift_cards":[")" + card + "\"]}").status == 200);
  }
  int tried = 0;
  auto seen = many(12, [&] {
    return client.post(cart + "/codes", R"({"code":"GUESS)" + std::to_string(++tried) + "\"}");
  });
  BOOST_TEST(seen[422] == 11);
  BOOST_TEST(client.post(cart + "/quote", R"({"codes":["A"]})").code() == "too_many_code_attempts");
  BOOST_TEST(client.post(cart + "/quote", R"({"gift_cards":[")" + card + "\"]}").status == 429);
  BOOST_TEST(client.get(cart).status == 200);
  // A quote with an unknown gift card fails, and counts.
  const auto paid = cart_with(goods().at(0).id, 1);
  seen = many(14, [&] {
    return client.post(paid + "/quote",
                       R"({"gift_cards":["GGGG-GGGG-GG)" + std::to_string(10 + ++tried) + "\"]}");
  });
  BOOST_TEST(seen[422] == 11);
  BOOST_TEST(seen[429] == 3);
  // Each code of a request counts.
  const auto mine = new_cart();
  const std::string ten = R"({"codes":["A1","A2","A3","A4","A5","A6","A7","A8","A9","A10"]})";
  BOOST_TEST(client.post(mine + "/quote", ten).status == 200);
  BOOST_TEST(client.post(mine + "/quote", ten).status == 200);
  BOOST_TEST(client.post(mine + "/quote", ten).status == 429);
  BOOST_TEST(one().log().find("lookup of codes throttled") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_attack_from_many_addresses_does_not_lock_the_owner_out) {
  const std::string password(shared_password);
  sign_up("attacked");  // from the proxy's address
  const auto at_home = log_in_as("attacked", password, from("198.51.101.1"));
  BOOST_REQUIRE(at_home.status == 200);
  const auto token = at_home.header("Device-Token");
  BOOST_TEST(token.starts_with("dt_"));
  int n = 0;
  auto seen = many(80, [&] { return log_in_as("attacked", "wrong", from(address(2000 + n++))); });
  BOOST_TEST(seen[401] <= 25);
  BOOST_TEST(seen[429] >= 50);
  BOOST_TEST(log_in_as("attacked", password, from("198.51.101.1")).status == 200);
  const auto abroad =
      log_in_as("attacked", password, with(from("203.0.113.1"), "Device-Token", token));
  BOOST_TEST(abroad.status == 200);
  BOOST_TEST(abroad.header("Device-Token").starts_with("dt_"));
  // From a new address without the token: queued, for up to a minute.
  const auto waiting = log_in_as("attacked", password, from("203.0.113.2"));
  BOOST_TEST(waiting.status == 429);
  BOOST_TEST(std::stoi(waiting.header("Retry-After")) <= 60);
  // Another account's token does not count.
  sign_up("other-owner");
  const auto foreign = log_in_as("other-owner", password, from("198.51.101.2"));
  BOOST_TEST(log_in_as("attacked", password,
                       with(from("203.0.113.3"), "Device-Token", foreign.header("Device-Token")))
                 .status == 429);
}

BOOST_AUTO_TEST_CASE(the_present_password_cannot_be_guessed_with_a_stolen_token) {
  const auto who = sign_up("stolen");
  auto seen = many(20, [&] {
    return client.post("/store/v1/users/me/password",
                       R"({"current_password":"wrong horse","new_password":"battery staple"})",
                       who);
  });
  BOOST_TEST(seen[422] <= 8);
  BOOST_TEST(seen[429] >= 12);
}

BOOST_AUTO_TEST_CASE(a_guest_reserves_a_bounded_part_of_the_stock) {
  const auto product = goods().front().id;
  const auto guest = from("198.51.102.1");
  const auto order = [&](int quantity, const header_list& who, const std::string& key) {
    return checkout(cart_with(product, quantity, who), {.token = "tok_timeoutPaid"},
                    with(who, "Prefer", "respond-async"), key);
  };
  BOOST_TEST(order(101, guest, "large").code() == "order_too_large");
  for (int i = 0; i < 5; ++i) BOOST_TEST(order(10, guest, unique("held")).status == 202);
  const auto cart = cart_with(product, 1, guest);
  const auto again = [&] {
    return checkout(cart, {}, with(guest, "Prefer", "wait=10"), "the-sixth");
  };
  const auto refused = again();
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.code() == "too_many_pending_orders");
  BOOST_TEST(order(1, from("198.51.102.2"), "neighbour").status == 202);
  // Once they are decided the same request under the same key succeeds.
  BOOST_TEST(eventually([&] { return again().status == 201; }));
  // Neither limit applies to an exempt address.
  for (int i = 0; i < 7; ++i) BOOST_TEST(order(10, {}, unique("exempt")).status == 202);
}

BOOST_AUTO_TEST_CASE(an_empty_cart_lives_for_an_hour_and_a_filled_one_for_a_week) {
  const auto cart = new_cart(from("198.51.103.1"));
  const auto lives_s = [&] {
    const auto a = client.get(cart, from("198.51.103.1")).json();
    const auto end = stoa::timestamp::parse(text_at(a, "/expires_at")).value();
    return (end - stoa::timestamp::parse(text_at(a, "/updated_at")).value()).count() / 1'000'000;
  };
  BOOST_TEST(lives_s() == 3600);
  const auto added = add(cart, goods().front().id, 1);
  BOOST_TEST(lives_s() == 604'800);
  client.del(cart + "/items");
  BOOST_TEST(lives_s() == 3600);
}

BOOST_AUTO_TEST_CASE(refusals_are_counted_and_logged_together) {
  many(200, [&] { return client.post("/store/v1/carts", "", from("198.51.104.1")); });
  const auto metrics = client.get("/metrics").body;
  const auto has_line = [&](const std::string& start) {
    return metrics.find("\n" + start) != std::string::npos;
  };
  BOOST_TEST(has_line(R"(stoa_http_rate_limited_total{class="cart_create",scope="address"})"));
  BOOST_TEST(has_line(R"(stoa_limit_clients{table="rates"})"));
  BOOST_TEST(has_line(R"(stoa_limit_evictions_total{table="rates"} 0)"));
  const auto log = one().log();
  const auto lines_with = [&](const std::string& text) {
    std::size_t lines = 0;
    for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++lines;
    return lines;
  };
  BOOST_TEST(lines_with("request rejected by a rate limit") >= 1U);
  BOOST_TEST(lines_with("request rejected by a rate limit") <= 60U);
  BOOST_TEST(lines_with(R"("status":429,"code":"rate_limited")") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(floods)

namespace {

load_task flooder(load_loop& loop, std::uint16_t port, std::atomic<int>& refused) {
  load_connection c(loop, port, seconds{30});
  const auto text = request_text("POST", "/store/v1/carts", "", from("198.51.100.99"));
  for (;;) {
    const auto a = co_await c.request(text);
    if (a.status == 429) ++refused;
  }
}

}  // namespace

// Requests rejected by a rate limit do not count as in flight.
BOOST_AUTO_TEST_CASE(a_flood_beyond_the_rates_takes_no_place_from_others) {
  storefront shop({.products = 1,
                   .settings = {{"STOA_HTTP_TRUSTED_PROXIES", "127.0.0.1"},
                                {"STOA_LOG_LEVEL", "error"},
                                // A permitted request of the flood does take a place, for as long
                                // as its commit lasts.
                                {"STOA_LIMITS_CART_CREATE_PER_MINUTE", "1"},
                                {"STOA_HTTP_REQUESTS_IN_FLIGHT_MAX", "1"}}});
  load_loop loop;
  std::atomic<bool> is_over = false;
  std::atomic<int> refused = 0;
  const std::function<void()> look = [&] {
    if (is_over) return loop.stop();
    loop.after(milliseconds{20}, look);
  };
  std::thread attack([&] {
    for (int i = 0; i < 50; ++i) flooder(loop, shop.port(), refused);
    look();
    loop.run();
  });
  BOOST_TEST(eventually([&] { return refused >= 50; }));  // The burst is used up.
  http_client honest(shop.port());
  const auto read = [&](int n) {
    return honest.get("/store/v1/categories", from(address(n))).status;
  };
  BOOST_TEST(eventually([&] { return read(0) == 200; }));  // The last permitted one has ended.
  std::map<int, int> seen;
  for (int i = 0; i < 300; ++i) ++seen[read(i)];
  is_over = true;
  attack.join();
  BOOST_TEST(seen[200] >= 295);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(password_queue)

namespace {

load_task attacker(load_loop& loop, std::uint16_t port, int number) {
  load_connection c(loop, port, seconds{30});
  for (int i = 0;; ++i) {
    const auto body = R"({"login":"victim-)" + std::to_string(number) + "-" + std::to_string(i) +
                      R"(","password":"wrong horse"})";
    const auto text = request_text("POST", "/store/v1/auth/login", body, from("198.51.100.66"));
    const auto a = co_await c.request(text);
    if (a.status != 401) co_await loop.sleep(milliseconds{1});
  }
}

}  // namespace

// With a single queue, 1 of 75 honest logins succeeded beside 120 connections of one address.
BOOST_AUTO_TEST_CASE(many_logins_of_one_address_do_not_lock_others_out) {
  storefront shop({.products = 1,
                   .settings = {{"STOA_HTTP_TRUSTED_PROXIES", "127.0.0.1"},
                                {"STOA_LOG_LEVEL", "error"},
                                // The rate limits would end the attack before it reaches the queue.
                                {"STOA_LIMITS_LOGIN_PER_MINUTE", "1000000"},
                                {"STOA_LIMITS_LOGIN_BURST", "1000000"},
                                {"STOA_LIMITS_LOGIN_ADDRESS_FAILURES_FREE", "100000"}}});
  visitor honest(shop.port());
  honest.sign_up("honest");
  load_loop loop;
  std::atomic<bool> is_over = false;
  const std::function<void()> look = [&] {
    if (is_over) return loop.stop();
    loop.after(milliseconds{20}, look);
  };
  std::thread attack([&] {
    for (int i = 0; i < 120; ++i) attacker(loop, shop.port(), i);
    look();
    loop.run();
  });
  std::this_thread::sleep_for(milliseconds{500});
  int succeeded = 0;
  milliseconds slowest{0};
  for (int i = 0; i < 75; ++i) {
    const auto begin = steady_clock::now();
    const auto a =
        honest.client.post("/store/v1/auth/login",
                           R"({"login":"honest","password":"correct horse"})", from(address(i)));
    succeeded += a.status == 200 ? 1 : 0;
    slowest =
        std::max(slowest, std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin));
  }
  is_over = true;
  attack.join();
  BOOST_TEST_MESSAGE(succeeded << " of 75 honest logins, the slowest took " << slowest.count()
                               << " ms");
  BOOST_TEST(succeeded == 75);
}

BOOST_AUTO_TEST_SUITE_END()
