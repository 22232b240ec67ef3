// Password guessing, and unlimited carts.

#include "tests/support/attack.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;

namespace {

attack_ground& ground() {
  static attack_ground one;
  return one;
}

std::string login(const std::string& who, const std::string& password) {
  return request_text("POST", "/store/v1/auth/login",
                      R"({"login":")" + who + R"(","password":")" + password + "\"}", {});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(accounts)

BOOST_AUTO_TEST_CASE(guessed_passwords) {
  auto& g = ground();
  visitor v(g.port());
  v.sign_up("victim");
  flood_answers answers;
  g.withstand("guessed passwords", [&](const std::atomic<bool>& over) {
    answers = flood(g.port(), over,
                    {.connections = 16,
                     .pause = milliseconds{20},
                     .source = [](int i) { return loopback(9, 1 + i % 2); },
                     .request =
                         [](std::uint64_t n) {
                           // Half on one account, half on different ones.
                           const auto who =
                               n % 2 == 0 ? std::string("victim") : "user" + std::to_string(n);
                           return login(who, "guess number " + std::to_string(n));
                         }});
  });
  BOOST_TEST(answers[200] + answers[500] == 0);
  BOOST_TEST(answers[401] > 0);
  // Guesses beyond the limit cost no password check.
  BOOST_TEST(answers[429] > answers[401]);
  // The account is not locked: its owner logs in from another address.
  v.log_in("victim");
}

BOOST_AUTO_TEST_CASE(carts_without_end) {
  auto& g = ground();
  flood_answers answers;
  g.withstand("carts without end", [&](const std::atomic<bool>& over) {
    answers = flood(g.port(), over,
                    {.connections = 16,
                     .pause = milliseconds{50},
                     .source = [](int) { return loopback(9, 1); },
                     .request =
                         [](std::uint64_t n) {
                           return request_text("POST", "/store/v1/carts", "",
                                               {{"Idempotency-Key", "cart-" + std::to_string(n)}});
                         }});
  });
  BOOST_TEST(answers[500] == 0);
  BOOST_TEST(answers[201] > 0);
  BOOST_TEST(answers[429] > answers[201]);
}

BOOST_AUTO_TEST_SUITE_END()
