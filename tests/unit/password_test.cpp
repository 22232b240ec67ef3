// Passwords: Argon2id with the given parameters, and valid passwords.

#include "actors/user/password.hpp"

#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
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
const common_passwords& built_in() {
  static const auto list = common_passwords::built_in();
  return list;
}
std::string refusal(std::string_view password, std::initializer_list<std::string_view> names = {}) {
  const auto error = check_password_strength(password, built_in(), names);
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

BOOST_AUTO_TEST_CASE(a_new_password_has_no_hidden_characters_but_one_that_is_set_works) {
  for (const std::string old : {"correct\u200bhorse", "correct horse\ufeff", "correct\ufdd0horse",
                                "correct\u0378horse", "correct\u2028horse"}) {
    BOOST_TEST(refusal(old) == "format", old);
    BOOST_TEST(verify_password(hashed(old), password_form(old)), old);
    BOOST_TEST(!verify_password(hashed(old), "correct horse"), old);
  }
  for (const std::string good :
       {"correct\u00a0horse", "correct \U0001F469\u200d\U0001F467", "correct \u2764\ufe0f"}) {
    BOOST_TEST(refusal(good) == "", good);
  }
}

BOOST_AUTO_TEST_CASE(a_password_is_hashed_in_its_normal_form) {
  const auto composed = "p\u00e4ssw\u00f6rd";
  const auto decomposed = "pa\u0308sswo\u0308rd";
  BOOST_TEST(password_form(decomposed) == composed);
  BOOST_TEST(password_form("a\u00a0b") == "a b");
  BOOST_TEST(password_form("a\nb") == "a\nb");
  BOOST_TEST(verify_password(hashed(decomposed), composed));
  BOOST_TEST(verify_password(hashed(composed), password_form(decomposed)));
  BOOST_TEST(!verify_password(hashed(decomposed), decomposed));
  // The length is that of the normalized form.
  std::string long_enough;
  for (int i = 0; i < 100; ++i) long_enough += "a\u0308";
  BOOST_TEST(refusal(long_enough) == "");
  for (int i = 0; i < 29; ++i) long_enough += "a\u0308";
  BOOST_TEST(refusal(long_enough) == "too_long");
  BOOST_TEST(refusal("a\u0308a\u0308a\u0308a\u0308") == "too_short");
  BOOST_TEST(refusal("correct\nhorse") == "format");
}

// A vector of the argon2 reference program: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p
// 1.
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
  BOOST_TEST(!needs_rehash(dummy_hash()));
  const auto hash = hashed("some password");
  // CPU time, which does not depend on the machine's load.
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
  BOOST_TEST(refusal("12875634") == "");
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
  BOOST_TEST(refusal("tab\tand\0nul"s) == "format", "no OpaqueString");
}

BOOST_AUTO_TEST_CASE(one_s_own_name_is_no_password) {
  BOOST_TEST(refusal("Marie.Curie", {"marie.curie", "marie@example.org"}) == "value");
  BOOST_TEST(refusal("MARIE@example.ORG", {"marie.curie", "marie@example.org"}) == "value");
  BOOST_TEST(refusal("STRASSENBAHN", {"straßenbahn"}) == "value");
  BOOST_TEST(refusal("Marie.Curie1", {"marie.curie", "marie@example.org"}) == "");
  BOOST_TEST(check_password_strength("short", built_in(), {}, "/new_password")->pointer ==
             "/new_password");
}

// From published lists of the most common passwords.
BOOST_AUTO_TEST_CASE(the_most_common_passwords_are_refused) {
  for (const auto* common :
       {"password",    "Password1",  "PASSWORD123", "12345678",   "123456789",        "1234567890",
        "11111111",    "00000000",   "iloveyou",    "Iloveyou1",  "qwerty123",        "qwertyuiop",
        "1q2w3e4r",    "1qaz2wsx",   "admin123",    "welcome1",   "Welcome123",       "P@ssw0rd",
        "p@$$w0rd",    "Passw0rd!",  "football",    "baseball",   "princess",         "sunshine",
        "superman",    "trustno1",   "starwars",    "computer",   "michelle",         "jennifer",
        "monkey123",   "dragon123",  "letmein1",    "abcd1234",   "a1b2c3d4",         "asdfghjkl",
        "zaq12wsx",    "87654321",   "98765432",    "12341234",   "11223344",         "88888888",
        "qazwsxedc",   "charlie1",   "michael1",    "liverpool",  "chocolate",        "butterfly",
        "Summer2025!", "winter2024", "changeme",    "letmein123", "qwer1234",         "whatever",
        "19901990",    "alexander",  "password!",   "Admin@123",  "ｐａｓｓｗｏｒｄ", "Ⅰloveyou"}) {
    BOOST_TEST(refusal(common) == "password_too_common", common);
  }
  // Too short for passwords, and nevertheless known as common.
  for (const auto* common : {"123456", "qwerty", "111111", "letmein", "dragon", "monkey", "12345",
                             "1234567", "000000", "abc123", "654321", "123123", "shadow"}) {
    BOOST_TEST(built_in().contains(common), common);
    BOOST_TEST(refusal(common) == "too_short", common);
  }
  for (const auto* good : {"correct horse", "battery staple", "choirs sing at noon", "Tr0ub4dor&3",
                           "j3Kx-90pLqe", "пароль для входа", "a long enough secret"}) {
    BOOST_TEST(refusal(good) == "", good);
  }
  BOOST_TEST(built_in().size() >= common_passwords::built_in_count);
  BOOST_TEST(built_in().size() < 2 * common_passwords::built_in_count);
}

BOOST_AUTO_TEST_CASE(the_list_is_made_quickly) {
  timespec begin{};
  timespec end{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  const auto list = common_passwords::built_in();
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  const auto ms = static_cast<double>(end.tv_sec - begin.tv_sec) * 1e3 +
                  static_cast<double>(end.tv_nsec - begin.tv_nsec) / 1e6;
  BOOST_TEST_MESSAGE("common passwords: " << list.size() << " made in " << ms << " ms");
  BOOST_TEST(ms < 500);
}

BOOST_AUTO_TEST_CASE(blank_passwords_are_refused) {
  BOOST_TEST(refusal("        ") == "blank");
  BOOST_TEST(refusal("\t\t\t\t\n\n\n\n") == "format");
  // No-break and ideographic spaces become plain spaces; zero-width ones are ignored.
  BOOST_TEST(refusal("\u00A0\u00A0\u3000\u3000\u2003\u2003\u00A0 ") == "blank");
  BOOST_TEST(refusal("\u200B\u200B\u200B\u200B\u200D\u200D\uFEFF\u2060") == "blank");
  BOOST_TEST(refusal("       x") == "");
}

BOOST_AUTO_TEST_CASE(a_file_takes_the_place_of_the_list) {
  const test::temp_dir dir;
  const auto file = dir / "common";
  const auto write = [&](std::string_view text) { std::ofstream(file, std::ios::binary) << text; };
  const auto error = [&] {
    const auto read = common_passwords::load(file);
    return read ? std::string() : read.error().code + ": " + read.error().detail;
  };
  write("Correct Horse\r\n\n#1 shopper\nlast line");
  const auto list = common_passwords::load(file).value();
  BOOST_TEST(list.size() == 3u);
  for (const auto* in : {"correct horse", "CORRECT HORSE", "#1 shopper", "last line"}) {
    BOOST_TEST(list.contains(in), in);
  }
  BOOST_TEST(!list.contains("password"));
  BOOST_TEST(check_password_strength("correct horse", list, {})->code == "password_too_common");
  BOOST_TEST(common_passwords::load("").value().contains("password"));

  for (const auto& bad : {""s, "\n\r\n"s, "good\nb\xFF d\n"s, std::string(513, 'x')}) {
    write(bad);
    BOOST_TEST(
        error().starts_with("common_passwords: The file of common passwords " + file.string()));
  }
  std::filesystem::remove(file);
  BOOST_TEST(error().find("cannot be read") != std::string::npos);
  std::filesystem::create_directory(file);
  BOOST_TEST(error() != "");
}

BOOST_AUTO_TEST_SUITE_END()
