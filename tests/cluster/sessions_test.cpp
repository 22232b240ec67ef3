// Access ends on every node, including one that cannot reach the user service; and accounts stored
// by a node of an earlier version.

#include "tests/support/joined_nodes.hpp"
#include "tests/support/store_files.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

const std::string me = "/store/v1/users/me";

struct login {
  explicit login(visitor& v, const std::string& name) {
    const auto a = v.client.post("/store/v1/auth/login",
                                 R"({"login":")" + name + R"(","password":"correct horse"})");
    BOOST_REQUIRE_MESSAGE(a.status == 200, a.body);
    headers = bearer(std::string(text_member(a.body, "access_token")));
    refresh = R"({"refresh_token":")" + std::string(text_member(a.body, "refresh_token")) + "\"}";
  }
  header_list headers;
  std::string refresh;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sessions)

BOOST_AUTO_TEST_CASE(a_token_ends_on_every_node_within_a_second) {
  if (!can_run()) return;
  joined_nodes nodes("sessions", 3);
  nodes.load(5, 10);
  nodes.start(3);
  visitor v(nodes.node(0).port());
  const auto root = v.log_in("root");
  std::vector<login> honest;
  for (const char* name : {"logout", "password", "deleted", "demoted", "reused"}) {
    v.sign_up(name);
    honest.emplace_back(v, name);
  }
  const auto demoted_id = text_at(v.client.get(me, v.log_in("demoted")).json(), "/user_id");
  const auto role = [&](const std::string& r) {
    return v.client.put("/admin/v1/users/" + demoted_id + "/role", R"({"role":")" + r + "\"}", root)
        .status;
  };
  BOOST_TEST(role("admin") == 200);

  std::vector<login> ended;
  for (const char* name : {"logout", "password", "deleted", "demoted", "reused"}) {
    ended.emplace_back(v, name);
  }
  const login keeps(v, "password");
  for (std::size_t i = 0; i < 3; ++i) {
    visitor there(nodes.node(i).port());
    for (const auto& t : ended) BOOST_TEST(there.client.get(me, t.headers).status == 200);
  }
  const auto next = v.client.post("/store/v1/auth/refresh", ended[4].refresh);
  v.client.post(
      "/store/v1/auth/refresh",
      R"({"refresh_token":")" + std::string(text_member(next.body, "refresh_token")) + "\"}");

  BOOST_TEST(v.client.post("/store/v1/auth/logout", ended[0].refresh).status == 204);
  BOOST_TEST(v.client
                 .post(me + "/password",
                       R"({"current_password":"correct horse","new_password":"battery staple"})",
                       keeps.headers)
                 .status == 204);
  BOOST_TEST(
      v.client.request("DELETE", me, R"({"current_password":"correct horse"})", ended[2].headers)
          .status == 204);
  BOOST_TEST(role("customer") == 200);
  BOOST_TEST(v.client.post("/store/v1/auth/refresh", ended[4].refresh).code() ==
             "refresh_token_reused");
  // At once on the node that processed it; the other nodes store nothing.
  for (const auto& t : ended) {
    BOOST_TEST(v.client.get(me, t.headers).code() == "token_revoked");
    visitor there(nodes.node(2).port());
    BOOST_TEST(there.client.post("/store/v1/carts", "", t.headers).code() == "token_revoked");
  }
  std::this_thread::sleep_for(seconds{1});
  for (std::size_t i = 0; i < 3; ++i) {
    visitor there(nodes.node(i).port());
    for (const auto& t : ended) {
      BOOST_TEST(there.client.get(me, t.headers).code() == "token_revoked", "node " << i + 1);
    }
    BOOST_TEST(there.client.get(me, keeps.headers).status == 200);
    BOOST_TEST(there.client.get(me, honest[0].headers).status == 200);
    BOOST_TEST(there.client.get(me, honest[4].headers).status == 200);
  }
  // A starting node loads the revocations before it accepts a token.
  BOOST_TEST(nodes.node(2).stop().value_or(-1) == 0);
  nodes.node(2).start();
  visitor there(nodes.node(2).port());
  for (const auto& t : ended) BOOST_TEST(there.client.get(me, t.headers).status == 401);
  BOOST_TEST(there.client.get(me, keeps.headers).status == 200);
}

/// The third node serves carts, which the front could use without the user service.
BOOST_AUTO_TEST_CASE(a_front_out_of_touch_with_the_user_service_guesses_nothing) {
  if (!can_run()) return;
  joined_nodes nodes("outoftouch", 3,
                     {"front", "user", "cart,catalog,order,payment,pricing,notification"});
  nodes.load(5, 10);
  nodes.start(3);
  visitor v(nodes.node(0).port());
  v.sign_up("ann");
  const login gone(v, "ann");
  const login honest(v, "ann");
  const auto make_cart = [&](const header_list& who) {
    return v.client.post("/store/v1/carts", "", who);
  };
  const auto cart = make_cart(gone.headers).header("Location");
  const auto guests = make_cart({}).header("Location");
  BOOST_TEST(v.client.get(cart, honest.headers).status == 200);
  BOOST_TEST(v.client.post("/store/v1/auth/logout", gone.refresh).status == 204);
  nodes.node(1).freeze();
  std::this_thread::sleep_for(seconds{1});
  const auto begin = steady_clock::now();
  while (steady_clock::now() - begin < seconds{4}) {
    const auto revoked = v.client.get(cart, gone.headers);
    BOOST_TEST((revoked.status == 401 || revoked.status == 503), revoked.body);
    const auto unknown = v.client.get(cart, honest.headers);
    BOOST_TEST(unknown.status == 503, unknown.body);
    BOOST_TEST(unknown.header("Retry-After") != "");
    BOOST_TEST(v.client.get(guests).status == 200);  // A guest needs no user service.
    std::this_thread::sleep_for(milliseconds{200});
  }
  nodes.node(1).thaw();
  nodes.node(1).await_ready();
  BOOST_TEST(eventually([&] { return v.client.get(cart, honest.headers).status == 200; }));
  BOOST_TEST(v.client.get(cart, gone.headers).code() == "token_revoked");
  BOOST_TEST(nodes.node(0).log_end(100'000).find("revoked sessions are out of date") !=
             std::string::npos);
}

/// During a rolling upgrade the last node of the earlier version may still write.
BOOST_AUTO_TEST_CASE(a_node_that_takes_over_from_an_earlier_version_renews_the_keys_of_accounts) {
  if (!can_run()) return;
  joined_nodes nodes("oldkeys", 1);
  nodes.load(1, 1);
  nodes.start(1);
  const auto account = [&](const std::string& name, const std::string& email) {
    visitor v(nodes.node(0).port());
    return v.client.post("/store/v1/users",
                         R"({"username":")" + name + R"(","email":")" + email +
                             R"(","password":"correct horse","first_name":"A","last_name":"B"})");
  };
  BOOST_TEST(account("ann", "ann@ex\u00e4mple.de").status == 201);
  BOOST_TEST(account("jon", "strau\u00df@example.com").status == 201);
  auto& database = ground().postgres();
  database.run("oldkeys_user", "UPDATE users SET email_folded=email WHERE username='ann'");
  database.run("oldkeys_user",
               "UPDATE users SET email_folded='strauss@example.com' WHERE username='jon'");
  BOOST_TEST(nodes.node(0).stop().value_or(-1) == 0);
  nodes.node(0).start();
  nodes.node(0).await_ready();
  BOOST_TEST(eventually([&] {
    return database.run("oldkeys_user", "SELECT email_folded FROM users WHERE username='ann'") ==
           "ann@xn--exmple-cua.de";
  }));
  BOOST_TEST(account("eve", "ANN@xn--exmple-cua.de").code() == "email_taken");
  BOOST_TEST(account("max", "strauss@example.com").status == 201);
  visitor v(nodes.node(0).port());
  login(v, "ann@xn--exmple-cua.de");
  login(v, "strau\u00df@example.com");
}

BOOST_AUTO_TEST_SUITE_END()
