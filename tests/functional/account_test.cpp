// Accounts and logins over HTTP, against the running program.

#include "storage/base/text.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <sodium.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;

namespace {

std::string member(const http_answer& a, std::string_view name) {
  return std::string(text_member(a.body, name));
}

header_list bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

/// One program for all cases: they use different accounts.
struct running {
  running()
      : shop({.program = {},
              .data = dir / "data",
              .settings = {{"STOA_AUTH_PASSWORD_QUEUE_MAX", "8"}},
              .arguments = {}}) {
    shop.start();
  }
  static running& one() {
    static running r;
    return r;
  }
  temp_dir dir;
  server shop;
};

struct shopper {
  http_client client{running::one().shop.port()};

  http_answer sign_up(const std::string& name, const header_list& headers = {}) {
    return client.post("/store/v1/users",
                       "{\"username\":\"" + name + "\",\"email\":\"" + name +
                           "@example.com\",\"password\":\"correct horse\",\"first_name\":\"Ann\","
                           "\"last_name\":\"Lee\"}",
                       headers);
  }
  http_answer log_in(const std::string& login, const std::string& password = "correct horse") {
    return client.post("/store/v1/auth/login",
                       R"({"login":")" + login + R"(","password":")" + password + "\"}");
  }
  http_answer refresh(const std::string& token) {
    return client.post("/store/v1/auth/refresh", R"({"refresh_token":")" + token + "\"}");
  }
  http_answer delete_me(const std::string& body, const header_list& who) {
    return client.request("DELETE", "/store/v1/users/me", body, who);
  }
  /// Registers an account and returns its access token.
  std::string token_of(const std::string& name) {
    BOOST_REQUIRE_EQUAL(sign_up(name).status, 201);
    auto in = log_in(name);
    BOOST_REQUIRE_EQUAL(in.status, 200);
    return member(in, "access_token");
  }
};

/// A password hash of an earlier version.
void set_hash_of_sent_password(const std::filesystem::path& file, const std::string& username,
                               const std::string& password) {
  char hash[crypto_pwhash_STRBYTES];
  BOOST_REQUIRE(sodium_init() >= 0);
  BOOST_REQUIRE(crypto_pwhash_str_alg(hash, password.data(), password.size(), 2, 19456 * 1024,
                                      crypto_pwhash_ALG_ARGON2ID13) == 0);
  const auto sql = "UPDATE users SET hashed_password='" + std::string(hash) +
                   "' WHERE username_folded='" + username + "'";
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
             sqlite3_errmsg(db));
  sqlite3_close(db);
}

const std::string main_street =
    R"({"address_line1":"1 Main St","city":"Berlin","postal_code":"10115","country":"DE"})";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(accounts, shopper)

BOOST_AUTO_TEST_CASE(register_and_log_in) {
  const header_list key{{"Idempotency-Key", "first"}, {"Client-Secret", "Rd8kq0Zr3tYw6uBn1vXc2A"}};
  auto made = sign_up("STRASSE", key);
  BOOST_TEST(made.status == 201);
  BOOST_TEST(made.header("Location") == "/store/v1/users/me");
  BOOST_TEST(made.body.find("assword") == std::string::npos);
  auto again = sign_up("STRASSE", key);
  BOOST_TEST(again.status == 201);
  BOOST_TEST(again.header("Idempotent-Replayed") == "true");
  BOOST_TEST(again.body == made.body);
  BOOST_TEST(sign_up("other", key).code() == "idempotency_key_reused");
  BOOST_TEST(sign_up("STRASSE", {{"Idempotency-Key", "first"}}).code() == "username_taken");
  auto taken = sign_up("straße");
  BOOST_TEST(taken.status == 409);
  BOOST_TEST(taken.code() == "username_taken");

  auto in = log_in("Straße");
  BOOST_REQUIRE(in.status == 200);
  BOOST_TEST(in.header("Cache-Control") == "private, no-store");
  BOOST_TEST(member(in, "user_id") == member(made, "user_id"));
  auto me = client.get("/store/v1/users/me", bearer(member(in, "access_token")));
  BOOST_TEST(me.status == 200);
  BOOST_TEST(me.body == made.body);
  auto tag = me.header("ETag");
  BOOST_TEST(tag != "");
  auto headers = bearer(member(in, "access_token"));
  headers.emplace_back("If-None-Match", tag);
  BOOST_TEST(client.get("/store/v1/users/me", headers).status == 304);

  auto wrong = log_in("straße", "wrong horse");
  auto unknown = log_in("unknown-user", "wrong horse");
  BOOST_TEST(wrong.status == 401);
  BOOST_TEST(wrong.header("WWW-Authenticate") == "Bearer");
  BOOST_TEST(unknown.status == 401);
  BOOST_TEST(wrong.code() == unknown.code());
  BOOST_TEST(member(wrong, "detail") == member(unknown, "detail"));
}

BOOST_AUTO_TEST_CASE(bad_requests_have_error_pointers) {
  auto bad = client.post("/store/v1/users",
                         R"({"username":"a b","email":"x","password":"short","first_name":"",)"
                         R"("last_name":"L","phone_number":"1"})");
  BOOST_TEST(bad.status == 422);
  for (const auto* pointer : {"/username", "/email", "/password", "/first_name", "/phone_number"}) {
    BOOST_TEST(bad.body.find("\"" + std::string(pointer) + "\"") != std::string::npos);
  }
  auto admin = client.post("/store/v1/users",
                           R"({"username":"eve","email":"e@example.com","password":"12345678",)"
                           R"("first_name":"E","last_name":"L","role":"admin"})");
  BOOST_TEST(admin.status == 400);
  BOOST_TEST(admin.body.find("\"/role\"") != std::string::npos);
  auto same = client.post("/store/v1/users",
                          R"({"username":"evelyn99","email":"e@example.com","password":"EVELYN99",)"
                          R"("first_name":"E","last_name":"L"})");
  BOOST_TEST(same.status == 422);
  for (const std::string common : {"12345678", "Password1", "P@ssw0rd", "IloveYou", "qwerty123",
                                   "admin123", "welcome1", "Football", "123456", "letmein"}) {
    const auto weak = client.post("/store/v1/users",
                                  R"({"username":"evelyn99","email":"e@example.com","password":")" +
                                      common + R"(","first_name":"E","last_name":"L"})");
    BOOST_TEST(weak.status == 422);
    const auto* code = common.size() < 8 ? "too_short" : "password_too_common";
    BOOST_TEST(weak.body.find(R"("pointer":"/password","code":")" + std::string(code)) !=
                   std::string::npos,
               common << ": " << weak.body);
  }
  BOOST_TEST(client.post("/store/v1/auth/login", "{}").status == 400);
  BOOST_TEST(client.post("/store/v1/auth/login", "").status == 400);
  BOOST_TEST(client.get("/store/v1/users/me").status == 401);
  BOOST_TEST(client.get("/store/v1/users/me", bearer("a.b.c")).code() == "invalid_token");
}

BOOST_AUTO_TEST_CASE(refresh_tokens_rotate_and_reuse_is_found) {
  BOOST_REQUIRE(sign_up("rita").status == 201);
  auto first = member(log_in("rita"), "refresh_token");
  auto second = refresh(first);
  BOOST_REQUIRE(second.status == 200);
  auto retry = refresh(first);  // The answer may have been lost.
  BOOST_TEST(retry.status == 200);
  BOOST_TEST(member(retry, "refresh_token") == member(second, "refresh_token"));
  auto third = refresh(member(second, "refresh_token"));
  BOOST_TEST(third.status == 200);
  auto reused = refresh(first);
  BOOST_TEST(reused.status == 401);
  BOOST_TEST(reused.code() == "refresh_token_reused");
  BOOST_TEST(refresh(member(third, "refresh_token")).code() == "invalid_refresh_token");
  BOOST_TEST(refresh("made.up.token").status == 401);

  auto token = member(log_in("rita"), "refresh_token");
  BOOST_TEST(client.post("/store/v1/auth/logout", R"({"refresh_token":")" + token + "\"}").status ==
             204);
  BOOST_TEST(refresh(token).status == 401);
  BOOST_TEST(client.post("/store/v1/auth/logout", R"({"refresh_token":"x"})").status == 204);
}

BOOST_AUTO_TEST_CASE(change_account_and_password) {
  auto mine = bearer(token_of("carla"));
  auto changed = client.patch("/store/v1/users/me",
                              R"({"first_name":"Carl","phone_number":"+4930123456"})", mine);
  BOOST_TEST(changed.status == 200);
  BOOST_TEST(member(changed, "first_name") == "Carl");
  BOOST_TEST(member(changed, "phone_number") == "+4930123456");
  auto removed = client.patch("/store/v1/users/me", R"({"phone_number":null})", mine);
  BOOST_TEST(removed.body.find("phone_number") == std::string::npos);
  for (std::string name : {"username", "email", "first_name", "last_name", "current_password"}) {
    auto refused = client.patch("/store/v1/users/me", "{\"" + name + "\":null}", mine);
    BOOST_TEST(refused.status == 400, name);
    BOOST_TEST(refused.body.find("\"/" + name + "\"") != std::string::npos, refused.body);
  }
  const auto patch_mail = [&](const std::string& more) {
    return client.patch("/store/v1/users/me", R"({"email":"new@example.com")" + more + "}", mine);
  };
  for (const std::string without : {"", R"(,"current_password":"not it")"}) {
    const auto refused = patch_mail(without);
    BOOST_TEST(refused.status == 422, refused.body);
    BOOST_TEST(refused.body.find("/current_password") != std::string::npos);
  }
  BOOST_TEST(member(client.get("/store/v1/users/me", mine), "email") == "carla@example.com");
  BOOST_TEST(member(patch_mail(R"(,"current_password":"correct horse")"), "email") ==
             "new@example.com");
  BOOST_TEST(client.patch("/store/v1/users/me", R"({"role":"admin"})", mine).status == 400);

  auto here = log_in("carla");
  auto there = member(log_in("carla"), "refresh_token");
  auto headers = bearer(member(here, "access_token"));
  headers.emplace_back("Idempotency-Key", "new-password");
  const std::string change =
      R"({"current_password":"correct horse","new_password":"battery staple"})";
  auto wrong = client.post("/store/v1/users/me/password",
                           R"({"current_password":"not it","new_password":"battery staple"})",
                           bearer(member(here, "access_token")));
  BOOST_TEST(wrong.status == 422);
  BOOST_TEST(wrong.body.find("/current_password") != std::string::npos);
  BOOST_TEST(client.post("/store/v1/users/me/password", change, headers).status == 204);
  auto repeat = client.post("/store/v1/users/me/password", change, headers);
  BOOST_TEST(repeat.status == 204);
  BOOST_TEST(repeat.header("Idempotent-Replayed") == "true");
  BOOST_TEST(log_in("carla").status == 401);
  BOOST_TEST(log_in("carla", "battery staple").status == 200);
  BOOST_TEST(refresh(there).status == 401);
  BOOST_TEST(refresh(member(here, "refresh_token")).status == 200);
}

BOOST_AUTO_TEST_CASE(one_password_and_one_mail_address_in_two_forms) {
  const auto made = client.post(
      "/store/v1/users",
      R"({"username":"uwe","email":"uwe@ex\u00e4mple.de","password":"gr\u00fcne\u00a0H\u00fcgel",)"
      R"("first_name":"Uwe","last_name":"L"})");
  BOOST_REQUIRE(made.status == 201);
  BOOST_TEST(log_in("uwe", R"(gru\u0308ne Hu\u0308gel)").status == 200);
  BOOST_TEST(log_in("UWE@xn--exmple-cua.de", R"(gr\u00fcne H\u00fcgel)").status == 200);
  BOOST_TEST(log_in("uwe", R"(gru\u0308ne Hugel)").status == 401);
  const auto twin = client.post("/store/v1/users",
                                R"({"username":"uwe2","email":"uwe@XN--EXMPLE-CUA.de","password":)"
                                R"("correct horse","first_name":"Uwe","last_name":"L"})");
  BOOST_TEST(twin.code() == "email_taken");
}

BOOST_AUTO_TEST_CASE(a_bearer_token_in_any_case_and_spacing) {
  const auto token = token_of("berta");
  const auto me = [&](const std::string& field) {
    return client.get("/store/v1/users/me", {{"Authorization", field}});
  };
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR   ", "Bearer\t"}) {
    BOOST_TEST(me(scheme + token).status == 200, scheme);
  }
  const std::string bad_token = R"(Bearer error="invalid_token")";
  for (const std::string field : {"Bearer", "Bearer x", "Bearer x y", "bearer x.y.z"}) {
    const auto refused = me(field);
    BOOST_TEST(refused.status == 401, field);
    BOOST_TEST(refused.header("WWW-Authenticate") == bad_token, field);
    BOOST_TEST(client.post("/store/v1/carts", "", {{"Authorization", field}}).status == 401, field);
    // Where authentication is optional.
    for (const char* path : {"/store/v1/products", "/store/v1/categories", "/livez"}) {
      BOOST_TEST(client.get(path, {{"Authorization", field}}).status == 200, path << " " << field);
    }
    const auto login =
        client.post("/store/v1/auth/login", R"({"login":"berta","password":"correct horse"})",
                    {{"Authorization", field}});
    BOOST_TEST(login.status == 200, field);
  }
  // Another scheme, or none: not an invalid token.
  for (const auto& field : std::vector<std::string>{"Basic YTpi", "Bearerx " + token, token}) {
    const auto refused = me(field);
    BOOST_TEST(refused.code() == "authentication_required", field);
    BOOST_TEST(refused.header("WWW-Authenticate") == "Bearer", field);
  }
  const auto set = client.get("/.well-known/jwks.json");
  BOOST_TEST(set.status == 200);
  BOOST_TEST(set.header("Content-Type") == "application/jwk-set+json");
  const auto head = text::from_base64url(token.substr(0, token.find('.'))).value();
  BOOST_TEST(text_member(set.body, "kid") == text_member(head, "kid"));
  BOOST_TEST(set.body.find("\"d\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_needs_what_its_country_has) {
  auto mine = bearer(token_of("hedwig"));
  const auto add = [&](const std::string& rest) {
    return client.post("/store/v1/users/me/addresses", "{\"address_line1\":\"1\"," + rest + "}",
                       mine);
  };
  for (const char* country : {"HK", "AE", "PA", "QA", "AO"}) {
    auto made = add("\"city\":\"C\",\"country\":\"" + std::string(country) + "\"");
    BOOST_TEST(made.status == 201, country << " " << made.body);
  }
  auto full = add(R"("city":"C","country":"QA","company":"Pearl Ltd","phone":"+974 4444 1234")");
  BOOST_TEST(member(full, "company") == "Pearl Ltd");
  BOOST_TEST(member(full, "phone") == "+974 4444 1234");
  BOOST_TEST(client.get(full.header("Location"), mine).body == full.body);
  auto padded = add(R"("city":"\u00a0Doha ","country":"QA","postal_code":"  ",)"
                    R"("phone":"(555)\u00a0123\u20114567;ext=8 ")");
  BOOST_TEST(member(padded, "city") == "Doha");
  BOOST_TEST(member(padded, "postal_code") == "");
  BOOST_TEST(member(padded, "phone") == "(555) 123-4567 ext. 8");
  auto without = add(R"("city":"C","country":"QA","phone":"")");
  BOOST_TEST(without.status == 201, without.body);
  BOOST_TEST(without.body.find("phone") == std::string::npos);
  for (const auto& [rest, pointer] : std::vector<std::pair<std::string, std::string>>{
           {R"("city":"C","country":"DE")", "/postal_code"},
           {R"("city":"C","country":"DE","postal_code":"1")", "/postal_code"},
           {R"("city":"C","country":"US","postal_code":"94043")", "/state"},
           {R"("city":"  ","country":"QA")", "/city"},
           {R"("city":"\u200b","country":"QA")", "/city"},
           {R"("city":"A\nB","country":"QA")", "/city"},
           {R"("city":"C","country":"QA","phone":"0800 FLOWERS")", "/phone"}}) {
    auto refused = add(rest);
    BOOST_TEST(refused.status == 422, rest);
    BOOST_TEST(refused.body.find("\"" + pointer + "\"") != std::string::npos, refused.body);
  }
}

BOOST_AUTO_TEST_CASE(addresses_are_private) {
  auto mine = bearer(token_of("adam"));
  auto other = bearer(token_of("anton"));
  auto made = client.post("/store/v1/users/me/addresses", main_street, mine);
  BOOST_REQUIRE(made.status == 201);
  auto place = made.header("Location");
  BOOST_TEST(client.get(place, mine).body == made.body);
  BOOST_TEST(client.get(place, other).status == 404);
  BOOST_TEST(client.put(place, main_street, other).status == 404);
  BOOST_TEST(client.del(place, other).status == 404);
  auto moved = client.put(
      place, R"({"address_line1":"2","city":"Bonn","postal_code":"53111","country":"DE"})", mine);
  BOOST_TEST(member(moved, "city") == "Bonn");
  BOOST_TEST(client.put(place, R"({"city":"Bonn"})", mine).status == 400);
  BOOST_TEST(client.get("/store/v1/users/me/addresses", other).body ==
             R"({"data":[],"next_cursor":null})");
  BOOST_TEST(client.del(place, mine).status == 204);
  BOOST_TEST(client.get(place, mine).status == 404);
  BOOST_TEST(client.get("/store/v1/users/me/addresses/none", mine).status == 404);
}

BOOST_AUTO_TEST_CASE(a_deleted_account_is_gone_with_its_rights) {
  auto mine = bearer(token_of("dora"));
  auto cart = client.post("/store/v1/carts", "", mine).header("Location");
  BOOST_TEST(client.get(cart, mine).status == 200);
  BOOST_TEST(client.get(cart).status == 404);
  BOOST_TEST(delete_me("{}", mine).status == 400);
  const auto wrong = delete_me(R"({"current_password":"wrong horse"})", mine);
  BOOST_TEST(wrong.status == 422);
  BOOST_TEST(wrong.body.find("/current_password") != std::string::npos);
  BOOST_TEST(client.get("/store/v1/users/me", mine).status == 200);
  BOOST_TEST(delete_me(R"({"current_password":"correct horse"})", mine).status == 204);
  BOOST_TEST(client.get("/store/v1/users/me", mine).status == 401);
  BOOST_TEST(client.post("/store/v1/users/me/addresses", main_street, mine).status == 401);
  BOOST_TEST(log_in("dora").status == 401);
  // Also for services that do not know the user. cart_service_test checks that the carts are
  // deleted.
  BOOST_TEST(client.get(cart, mine).status == 401);
  BOOST_TEST(client.post("/store/v1/carts", "", mine).status == 401);
  BOOST_TEST(sign_up("dora").status == 201);
}

BOOST_AUTO_TEST_CASE(logins_beyond_the_queue_are_refused_at_once) {
  std::atomic<int> good{0};
  std::atomic<int> refused{0};
  std::atomic<int> other{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < 40; ++i) {
    crowd.emplace_back([&, i] {
      shopper s;
      // For unknown accounts, which takes as long, and no per-account limit applies.
      auto in = s.log_in("queen-" + std::to_string(i));
      bool full =
          in.status == 503 && in.code() == "overloaded" && !in.header("Retry-After").empty();
      ++(in.status == 401 ? good : full ? refused : other);
    });
  }
  for (auto& t : crowd) t.join();
  BOOST_TEST(other == 0);
  BOOST_TEST(good >= 8);
  BOOST_TEST(refused > 0);
}

// The last case, because it stops the program.
BOOST_AUTO_TEST_CASE(roles_and_a_restart) {
  auto& shop = running::one().shop;
  BOOST_REQUIRE(sign_up("olga").status == 201);
  auto stopped = shop.stop();
  BOOST_TEST(stopped.value_or(-1) == 0);
  const bool on_sqlite = std::getenv("STOA_TEST_CLUSTER") == nullptr;
  if (on_sqlite) set_hash_of_sent_password(shop.data() / "user.db", "olga", "gru\u0308ne Wiese");
  auto password = running::one().dir / "password";
  std::ofstream(password) << "correct horse\n";
  auto made =
      run_program(stoa_binary(), {"user", "create", "--data", shop.data().string(), "--role",
                                  "admin", "--username", "root", "--email", "root@example.com",
                                  "--password-file", password.string()});
  BOOST_TEST(made.exit_code == 0, made.output);
  shop.start();
  if (on_sqlite) {
    // Only as it was sent at first; then in every form.
    BOOST_TEST(log_in("olga", R"(gr\u00fcne Wiese)").status == 401);
    BOOST_TEST(log_in("olga", R"(gru\u0308ne Wiese)").status == 200);
    BOOST_TEST(log_in("olga", R"(gr\u00fcne Wiese)").status == 200);
  }
  auto bob_id = member(sign_up("bob"), "user_id");
  BOOST_TEST(shop.stop().value_or(-1) == 0);
  shop.start();
  auto root = bearer(member(log_in("root"), "access_token"));
  auto root_id = member(client.get("/store/v1/users/me", root), "user_id");
  auto before = bearer(member(log_in("bob"), "access_token"));
  auto role = "/admin/v1/users/" + bob_id + "/role";
  BOOST_TEST(client.get("/admin/v1/users", before).status == 403);
  BOOST_TEST(client.get("/admin/v1/users").status == 401);
  BOOST_TEST(client.put(role, R"({"role":"staff"})", before).status == 403);
  BOOST_TEST(client.put(role, R"({"role":"boss"})", root).status == 422);
  BOOST_TEST(client.put(role, R"({"role":"staff"})", root).status == 200);
  BOOST_TEST(
      client.put("/admin/v1/users/" + root_id + "/role", R"({"role":"staff"})", root).code() ==
      "own_role");
  auto staff = bearer(member(log_in("bob"), "access_token"));
  BOOST_TEST(client.put(role, R"({"role":"admin"})", staff).status == 403);
  auto page = client.get("/admin/v1/users?limit=1", staff);
  BOOST_TEST(page.status == 200);
  BOOST_TEST(page.header("Link").find("rel=\"next\"") != std::string::npos);
  auto next = client.get("/admin/v1/users?limit=1&cursor=" + member(page, "next_cursor"), staff);
  BOOST_TEST(member(next, "user_id") == root_id);
  BOOST_TEST(client.get("/admin/v1/users?cursor=x", staff).code() == "invalid_cursor");
  BOOST_TEST(client.get("/admin/v1/users?limit=101", staff).status == 400);
  BOOST_TEST(member(client.get("/admin/v1/users?role=staff", staff), "user_id") == bob_id);
  BOOST_TEST(client.get("/admin/v1/users/" + root_id, staff).status == 200);
  BOOST_TEST(client.get("/admin/v1/users/nobody", staff).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
