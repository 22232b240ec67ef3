// Security events in the running program's log and metrics.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one(
      {.products = 5,
       .stock = 100,
       .settings = {{"STOA_LOG_FORMAT", "json"}, {"STOA_HTTP_TRUSTED_PROXIES", "127.0.0.1"}}});
  return one;
}

struct watcher : visitor {
  watcher() : visitor(shop().port()) {}

  /// The lines with the message and the request id; waits for one.
  static std::vector<json::value> lines(const std::string& message, const std::string& request_id) {
    std::vector<json::value> found;
    static_cast<void>(eventually(
        [&] {
          found.clear();
          std::istringstream log(shop().log());
          for (std::string line; std::getline(log, line);) {
            if (line.find(request_id) == std::string::npos) continue;
            auto parsed = json::parse(line);
            if (parsed && text_at(*parsed, "/msg") == message) found.push_back(std::move(*parsed));
          }
          return !found.empty();
        },
        std::chrono::seconds{5}));
    return found;
  }
  /// The only line with that message for the answered request; checks the common fields.
  static json::value line(const std::string& message, const http_answer& a,
                          const std::string& address = "127.0.0.1") {
    const auto found = lines(message, a.header("X-Request-Id"));
    BOOST_REQUIRE_EQUAL(found.size(), 1U);
    BOOST_TEST(text_at(found[0], "/client.address") == address);
    return found[0];
  }
  double counted(const std::string& event) {
    const auto all = client.get("/metrics").body;
    const auto name = "stoa_security_events_total{event=\"" + event + "\"} ";
    const auto at = all.find(name);
    return at == std::string::npos ? -1 : std::strtod(all.c_str() + at + name.size(), nullptr);
  }
  http_answer log_in_as(const std::string& login, const std::string& password,
                        const header_list& headers = {}) {
    return client.post("/store/v1/auth/login",
                       R"({"login":")" + login + R"(","password":")" + password + "\"}", headers);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(security_events, watcher)

BOOST_AUTO_TEST_CASE(logins) {
  sign_up("mallory");
  const auto before = counted("login_failed");
  const auto wrong = log_in_as("mallory", "wrong horse");
  BOOST_TEST(wrong.status == 401);
  const auto failed = line("login failed", wrong);
  BOOST_TEST(text_at(failed, "/level") == "warn");
  BOOST_TEST(text_at(failed, "/http.route") == "/store/v1/auth/login");
  BOOST_TEST(text_at(failed, "/code") == "invalid_credentials");
  const auto hash = text_at(failed, "/login_hash");
  BOOST_TEST(hash.size() == 16U);
  BOOST_TEST(counted("login_failed") == before + 1);

  // A login has one hash in any spelling; other logins have others.
  const auto right = log_in_as(" MALLORY ", std::string(shared_password));
  BOOST_TEST(right.status == 200);
  const auto succeeded = line("login succeeded", right);
  BOOST_TEST(text_at(succeeded, "/login_hash") == hash);
  BOOST_TEST(text_at(succeeded, "/user_id") == text_at(right.json(), "/user_id"));
  const auto unknown = log_in_as("nobody-known@example.com", "wrong horse");
  BOOST_TEST(text_at(line("login failed", unknown), "/login_hash") != hash);

  const auto all = shop().log();
  for (const auto* secret : {"nobody-known", "mallory", "MALLORY", "wrong horse"}) {
    BOOST_TEST(all.find(secret) == std::string::npos, secret);
  }
}

BOOST_AUTO_TEST_CASE(throttled_logins) {
  const std::string address = "198.51.100.7";
  http_answer a;
  for (int i = 0; i < 20 && a.status != 429; ++i) {
    a = log_in_as("judy", "guess " + std::to_string(i), {{"X-Forwarded-For", address}});
  }
  BOOST_TEST(a.code() == "too_many_login_attempts");
  const auto throttled = line("login throttled", a, address);
  BOOST_TEST(text_at(throttled, "/http.route") == "/store/v1/auth/login");
  BOOST_TEST(text_at(throttled, "/scope") != "");
  BOOST_TEST(text_at(throttled, "/login_hash").size() == 16U);
  BOOST_TEST(counted("login_throttled") >= 1);
}

BOOST_AUTO_TEST_CASE(refused_requests) {
  const auto me = sign_up("carol");
  const auto anonymous = client.get("/store/v1/users/me");
  BOOST_TEST(anonymous.status == 401);
  const auto unknown = line("request unauthenticated", anonymous);
  BOOST_TEST(text_at(unknown, "/level") == "info");
  BOOST_TEST(text_at(unknown, "/code") == "authentication_required");
  BOOST_TEST(text_at(unknown, "/caller") == "guest");
  const auto forged = client.get("/store/v1/orders", bearer("eyJhbGciOiJub25lIn0.e30."));
  BOOST_TEST(text_at(line("request unauthenticated", forged), "/code") == "invalid_token");

  const auto before = counted("forbidden");
  const auto denied = client.get("/admin/v1/users", me);
  BOOST_TEST(denied.status == 403);
  const auto forbidden = line("request forbidden", denied);
  BOOST_TEST(text_at(forbidden, "/level") == "warn");
  BOOST_TEST(text_at(forbidden, "/http.route") == "/admin/v1/users");
  BOOST_TEST(text_at(forbidden, "/caller") ==
             text_at(client.get("/store/v1/users/me", me).json(), "/user_id"));
  BOOST_TEST(counted("forbidden") == before + 1);

  const auto card = client.patch("/store/v1/users/me", R"({"first_name":"4012888888881881"})", me);
  BOOST_TEST(text_at(line("card number rejected", card), "/code") == "card_number_rejected");
}

BOOST_AUTO_TEST_CASE(changes_of_rights) {
  const auto root = log_in("root");
  const auto me = sign_up("dave");
  const auto id = text_at(client.get("/store/v1/users/me", me).json(), "/user_id");
  const auto given = client.put("/admin/v1/users/" + id + "/role", R"({"role":"staff"})", root);
  BOOST_TEST(given.status == 200);
  const auto changed = line("role changed", given);
  BOOST_TEST(text_at(changed, "/user_id") == id);
  BOOST_TEST(text_at(changed, "/role") == "staff");
  BOOST_TEST(text_at(changed, "/caller") ==
             text_at(client.get("/store/v1/users/me", root).json(), "/user_id"));

  const auto again = log_in("dave");
  const auto wrong =
      client.post("/store/v1/users/me/password",
                  R"({"current_password":"wrong horse","new_password":"staple battery 7"})", again);
  BOOST_TEST(wrong.status == 422);
  BOOST_TEST(text_at(line("login failed", wrong), "/caller") == id);
  const auto password = client.post(
      "/store/v1/users/me/password",
      R"({"current_password":"correct horse","new_password":"staple battery 7"})", again);
  BOOST_TEST(password.status == 204);
  BOOST_TEST(text_at(line("password changed", password), "/caller") == id);

  const auto deleted = client.request("DELETE", "/store/v1/users/me",
                                      R"({"current_password":"staple battery 7"})", again);
  BOOST_TEST(deleted.status == 204);
  BOOST_TEST(text_at(line("account deleted", deleted), "/caller") == id);
}

BOOST_AUTO_TEST_CASE(a_stolen_refresh_token) {
  sign_up("erin");
  const auto in = log_in_as("erin", std::string(shared_password));
  const auto refresh = [&](const std::string& token) {
    return client.post("/store/v1/auth/refresh", R"({"refresh_token":")" + token + "\"}");
  };
  const auto first = text_at(in.json(), "/refresh_token");
  const auto second = text_at(refresh(first).json(), "/refresh_token");
  BOOST_TEST(refresh(second).status == 200);
  const auto reused = refresh(first);
  BOOST_TEST(reused.status == 401);
  BOOST_TEST(text_at(line("session reuse detected", reused), "/code") == "refresh_token_reused");
  BOOST_TEST(counted("session_reused") >= 1);
}

BOOST_AUTO_TEST_CASE(repeated_events_are_collapsed) {
  const auto before = counted("unauthenticated");
  for (int i = 0; i < 200; ++i) client.get("/store/v1/users/me/addresses");
  BOOST_TEST(counted("unauthenticated") == before + 200);
  std::size_t many = 0;
  std::istringstream log(shop().log());
  for (std::string line; std::getline(log, line);) {
    many += line.find("request unauthenticated") != std::string::npos &&
                    line.find("/store/v1/users/me/addresses") != std::string::npos
                ? 1
                : 0;
  }
  BOOST_TEST(many <= 10U);
}

BOOST_AUTO_TEST_SUITE_END()
