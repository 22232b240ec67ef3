// Access ends with its session: over HTTP, against the running program or a cluster.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string me = "/store/v1/users/me";

/// One program for all cases: they use different accounts.
storefront& shop() {
  static storefront one({.products = 5, .stock = 10});
  return one;
}

/// The tokens of one login.
struct tokens {
  explicit tokens(const http_answer& a)
      : access(text_member(a.body, "access_token")), refresh(text_member(a.body, "refresh_token")) {
    BOOST_REQUIRE_MESSAGE(a.status == 200, a.status << " " << a.body);
  }
  header_list headers() const { return bearer(access); }
  std::string body() const { return R"({"refresh_token":")" + refresh + "\"}"; }
  std::string access;
  std::string refresh;
};

struct people : visitor {
  people() : visitor(shop().port()) {}

  tokens log_in_again(const std::string& name, std::string_view password = shared_password,
                      const header_list& headers = {}) {
    return tokens(client.post(
        "/store/v1/auth/login",
        R"({"login":")" + name + R"(","password":")" + std::string(password) + "\"}", headers));
  }
  http_answer refresh(const tokens& t, const header_list& headers = {}) {
    return client.post("/store/v1/auth/refresh", t.body(), headers);
  }
  /// Creates an account and logs in.
  tokens join(const std::string& name) {
    sign_up(name);
    return log_in_again(name);
  }
  /// Asserts that the token is rejected within a second and remains rejected.
  void is_refused(const tokens& t, const std::string& path = me) {
    const auto end = std::chrono::steady_clock::now() + seconds{1};
    http_answer a;
    do {
      a = client.get(path, t.headers());
      if (a.status == 401) break;
      std::this_thread::sleep_for(milliseconds{20});
    } while (std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_until(end);
    a = client.get(path, t.headers());
    BOOST_TEST(a.status == 401, a.status << " " << a.body);
    BOOST_TEST(a.code() == "token_revoked");
    BOOST_TEST(a.header("WWW-Authenticate") == R"(Bearer error="invalid_token")");
    // An invalid token is ignored where authentication is optional.
    BOOST_TEST(client.get("/store/v1/products", t.headers()).status == 200);
    BOOST_TEST(client.post("/store/v1/carts", "", t.headers()).status == 401);
  }
  void is_good(const tokens& t) {
    const auto a = client.get(me, t.headers());
    BOOST_TEST(a.status == 200, a.status << " " << a.body);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(session_access, people)

BOOST_AUTO_TEST_CASE(a_logout_ends_the_access_token) {
  const auto name = unique("lea");
  const auto here = join(name);
  const auto there = log_in_again(name);
  is_good(here);
  BOOST_TEST(client.post("/store/v1/auth/logout", here.body()).status == 204);
  is_refused(here);
  is_good(there);
}

BOOST_AUTO_TEST_CASE(a_new_password_ends_all_other_access_tokens) {
  const auto name = unique("pia");
  const auto thief = join(name);
  const auto owner = log_in_again(name);
  const auto changed = client.post(
      me + "/password", R"({"current_password":"correct horse","new_password":"battery staple"})",
      owner.headers());
  BOOST_TEST(changed.status == 204, changed.body);
  is_refused(thief);
  is_good(owner);
}

BOOST_AUTO_TEST_CASE(a_demoted_admin_has_no_power_left) {
  const auto root = log_in("root");
  const auto name = unique("boss");
  const auto friend_id = text_at(client.get(me, sign_up(unique("pal"))).json(), "/user_id");
  const auto boss_id = text_at(client.get(me, staff(name, "admin")).json(), "/user_id");
  const auto boss = log_in_again(name);
  const auto promote = [&](const header_list& by) {
    return client.put("/admin/v1/users/" + friend_id + "/role", R"({"role":"staff"})", by);
  };
  BOOST_TEST(promote(boss.headers()).status == 200);
  BOOST_TEST(
      client.put("/admin/v1/users/" + boss_id + "/role", R"({"role":"customer"})", root).status ==
      200);
  is_refused(boss, "/admin/v1/users");
  BOOST_TEST(promote(boss.headers()).status == 401);
  // The session continues with the remaining role.
  const auto after = tokens(refresh(boss));
  is_good(after);
  BOOST_TEST(promote(after.headers()).status == 403);
}

BOOST_AUTO_TEST_CASE(the_end_of_the_account_ends_all_access_tokens) {
  const auto name = unique("dan");
  const auto here = join(name);
  const auto there = log_in_again(name);
  const auto cart = client.post("/store/v1/carts", "", there.headers()).header("Location");
  BOOST_TEST(client.request("DELETE", me, R"({"current_password":"correct horse"})", here.headers())
                 .status == 204);
  // At once, without waiting for the notification of the nodes: nothing is stored for the account.
  for (const auto& t : {here, there}) {
    BOOST_TEST(client.post("/store/v1/carts", "", t.headers()).code() == "token_revoked");
    auto headers = t.headers();
    headers.emplace_back("Idempotency-Key", unique("key"));
    const auto order = client.post(cart + "/checkout", checkout_body(), headers);
    BOOST_TEST(order.status == 401, order.status << " " << order.body);
    BOOST_TEST(order.code() == "token_revoked");
  }
  is_refused(here, "/store/v1/orders");
  is_refused(there, "/store/v1/orders");
}

BOOST_AUTO_TEST_CASE(reuse_of_a_refresh_token_ends_the_access_token) {
  const auto first = join(unique("rex"));
  const auto second = tokens(refresh(first));
  const auto third = tokens(refresh(second));
  is_good(third);
  BOOST_TEST(refresh(first).code() == "refresh_token_reused");
  is_refused(third);
}

// With an Idempotency-Key the answer to a refresh used to be stored for a day and issued new tokens
// on a repeat, even after the end of the session.
BOOST_AUTO_TEST_CASE(a_repeated_refresh_does_not_outlive_the_session) {
  const header_list key{{"Idempotency-Key", unique("again")}};
  const auto name = unique("ida");
  const auto first = join(name);
  BOOST_TEST(refresh(first, key).status == 200);
  const auto repeat = refresh(first, key);  // As any retry after a lost answer.
  BOOST_TEST(repeat.status == 200);
  BOOST_TEST(repeat.header("Idempotent-Replayed") == "");
  BOOST_TEST(client.post("/store/v1/auth/logout", first.body()).status == 204);
  const auto after = refresh(first, key);
  BOOST_TEST(after.status == 401);
  BOOST_TEST(after.code() == "invalid_refresh_token");
}

BOOST_AUTO_TEST_CASE(a_repeated_login_does_not_outlive_the_password) {
  const header_list key{{"Idempotency-Key", unique("again")}};
  const auto name = unique("kim");
  sign_up(name);
  const auto first = log_in_again(name, shared_password, key);
  const auto again = log_in_again(name, shared_password, key);
  BOOST_TEST(first.refresh != again.refresh);  // Two sessions, as without a key.
  BOOST_TEST(client
                 .post(me + "/password",
                       R"({"current_password":"correct horse","new_password":"battery staple"})",
                       first.headers())
                 .status == 204);
  const auto repeat = client.post("/store/v1/auth/login",
                                  R"({"login":")" + name + R"(","password":"correct horse"})", key);
  BOOST_TEST(repeat.status == 401);
  is_refused(again);
}

BOOST_AUTO_TEST_CASE(the_document_offers_no_key_where_access_is_granted) {
  const auto document = client.get("/openapi.json").json();
  const auto offers = [&](const std::string& path) {
    for (const auto& [name, methods] : *at(document, "/paths").if_object()) {
      if (name != path) continue;
      const auto* list = at(methods, "/post/parameters").if_array();
      return std::any_of(list->begin(), list->end(), [](const json::value& p) {
        const auto* reference = p.find("$ref");
        return reference && reference->if_string()->find("/Idempotency-Key") != std::string::npos;
      });
    }
    throw std::runtime_error("no path " + path);
  };
  BOOST_TEST(!offers("/store/v1/auth/login"));
  BOOST_TEST(!offers("/store/v1/auth/refresh"));
  BOOST_TEST(offers("/store/v1/auth/logout"));
}

// A node whose table of revocations is full checks each token with the user service.
BOOST_AUTO_TEST_CASE(with_more_revocations_than_it_may_remember_a_node_asks) {
  storefront small({.products = 1, .stock = 1, .settings = {{"STOA_AUTH_REVOCATIONS_MAX", "1"}}});
  visitor v(small.port());
  const auto honest = v.sign_up("honest");
  std::vector<header_list> gone;
  for (int i = 0; i < 3; ++i) {
    const auto in = tokens(
        v.client.post("/store/v1/auth/login", R"({"login":"honest","password":"correct horse"})"));
    BOOST_TEST(v.client.post("/store/v1/auth/logout", in.body()).status == 204);
    gone.push_back(in.headers());
  }
  BOOST_TEST(eventually(
      [&] { return small.log().find("table of revoked sessions is full") != std::string::npos; }));
  for (int round = 0; round < 5; ++round) {
    for (const auto& g : gone) BOOST_TEST(v.client.get(me, g).code() == "token_revoked");
    BOOST_TEST(v.client.get(me, honest).status == 200);
    BOOST_TEST(v.new_cart(honest) != "");
  }
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(metrics.find("stoa_session_checks_total{outcome=\"good\"}") != std::string::npos);
  BOOST_TEST(metrics.find("stoa_session_checks_total{outcome=\"revoked\"}") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
