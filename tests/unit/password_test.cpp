// Passwords: Argon2id with the parameters that were asked for, and what may be a password.

#include "actors/user/password.hpp"

#include <boost/test/unit_test.hpp>
#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string>

using namespace stoa;
using namespace stoa::user;
using namespace std::string_literals;

namespace {

std::string hashed(std::string_view password) {
  const auto hash = hash_password(password);
  BOOST_REQUIRE(hash.has_value());
  return *hash;
}
std::string refusal(std::string_view password, std::initializer_list<std::string_view> names = {}) {
  const auto error = refuse_password(password, names);
  return error ? error->code : "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(passwords)

BOOST_AUTO_TEST_CASE(a_hash_names_its_parameters_and_is_salted) {
  const auto hash = hashed("correct horse");
  BOOST_TEST(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  BOOST_TEST(hash != hashed("correct horse"));
  BOOST_TEST(verify_password(hash, "correct horse"));
  BOOST_TEST(!verify_password(hash, "correct horsf"));
  BOOST_TEST(!verify_password(hash, "correct hors"));
  BOOST_TEST(!verify_password(hash, ""));
  BOOST_TEST(!needs_rehash(hash));
}

// The vector of the argon2 reference program: echo -n password | argon2 somesalt -id -t 2 -k 65536
// -p 1.
BOOST_AUTO_TEST_CASE(a_hash_made_by_the_reference_program_is_verified) {
  const std::string hash =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  BOOST_TEST(verify_password(hash, "password"));
  BOOST_TEST(!verify_password(hash, "Password"));
  BOOST_TEST(needs_rehash(hash));
}

BOOST_AUTO_TEST_CASE(every_byte_counts) {
  const auto hash = hashed("start\0end"s);
  BOOST_TEST(verify_password(hash, "start\0end"s));
  BOOST_TEST(!verify_password(hash, "start\0other"s));
  BOOST_TEST(!verify_password(hash, "start"));
  const auto longest = hashed(std::string(512, 'a'));
  BOOST_TEST(verify_password(longest, std::string(512, 'a')));
  BOOST_TEST(!verify_password(longest, std::string(511, 'a')));
  BOOST_TEST(hash_password(std::string(513, 'a')).has_error());
  BOOST_TEST(!verify_password(longest, std::string(1 << 20, 'a')));
}

BOOST_AUTO_TEST_CASE(what_is_no_hash_verifies_nothing) {
  for (const auto& hash : {""s, "x"s, "$argon2id$"s, "$argon2id$v=19$m=19456,t=2,p=1$$"s,
                           "$2b$12$abcdefghijklmnopqrstuv"s, std::string(4096, '$')}) {
    BOOST_TEST(!verify_password(hash, "password"));
    BOOST_TEST(needs_rehash(hash));
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_user_takes_the_same_time) {
  BOOST_TEST(dummy_hash().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  const auto hash = hashed("some password");
  // CPU time, so that a busy machine does not matter.
  const auto cpu_ms = [](const std::string& h) {
    const auto read = [] {
      timespec t{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
      return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
    };
    const double start = read();
    BOOST_TEST(!verify_password(h, "a wrong password"));
    return read() - start;
  };
  double known = 1e9;
  double unknown = 1e9;
  for (int i = 0; i < 7; ++i) {
    known = std::min(known, cpu_ms(hash));
    unknown = std::min(unknown, cpu_ms(dummy_hash()));
  }
  BOOST_TEST_MESSAGE("password: " << known << " ms for a known user, " << unknown << " for none");
  BOOST_TEST(std::abs(known - unknown) < 0.5 * known);
}

BOOST_AUTO_TEST_CASE(length_is_counted_in_code_points) {
  BOOST_TEST(refusal("1234567") == "too_short");
  BOOST_TEST(refusal("12345678") == "");
  BOOST_TEST(refusal("пароль1") == "too_short");
  BOOST_TEST(refusal("пароль12") == "");
  BOOST_TEST(refusal("🐎🔋📎✅🐎🔋📎") == "too_short");
  BOOST_TEST(refusal("🐎🔋📎✅🐎🔋📎✅") == "");
  BOOST_TEST(refusal(std::string(128, 'x')) == "");
  BOOST_TEST(refusal(std::string(129, 'x')) == "too_long");
  std::string horses;
  for (int i = 0; i < 128; ++i) horses += "🐎";
  BOOST_TEST(refusal(horses) == "");  // exactly 512 bytes
  BOOST_TEST(refusal("12345678\xff") == "format");
  BOOST_TEST(refusal("tab\tand\0nul"s) == "");
}

BOOST_AUTO_TEST_CASE(one_s_own_name_is_no_password) {
  BOOST_TEST(refusal("Marie.Curie", {"marie.curie", "marie@example.org"}) == "value");
  BOOST_TEST(refusal("MARIE@example.ORG", {"marie.curie", "marie@example.org"}) == "value");
  BOOST_TEST(refusal("STRASSENBAHN", {"straßenbahn"}) == "value");
  BOOST_TEST(refusal("Marie.Curie1", {"marie.curie", "marie@example.org"}) == "");
  BOOST_TEST(refuse_password("short", {}, "/new_password")->pointer == "/new_password");
}

BOOST_AUTO_TEST_SUITE_END()
