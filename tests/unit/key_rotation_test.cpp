// The rotation steps of a file with several keys, and of the token key's files.

#include "net/cli/key_rotation.hpp"

#include "net/token/access_token.hpp"
#include "net/token/private_file.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace stoa;
using namespace stoa::cli;

BOOST_AUTO_TEST_SUITE(key_rotation)

BOOST_AUTO_TEST_CASE(a_key_is_added_then_used_and_the_one_before_removed) {
  using list = std::vector<std::string>;
  list keys;
  BOOST_TEST((rotate_keys(keys, "first secret").value() == key_step::created));
  BOOST_TEST(keys == (list{"first secret"}));
  for (const std::string& next : {key_prefix(100) + "a", key_prefix(200) + "b id"}) {
    const auto before = keys.front();
    BOOST_TEST((rotate_keys(keys, next).value() == key_step::added));
    BOOST_TEST(keys == (list{before, next}));
    BOOST_TEST((rotate_keys(keys, key_prefix(900)).value() == key_step::used));
    BOOST_TEST(keys == (list{next, before}));
    BOOST_TEST((rotate_keys(keys, key_prefix(900)).value() == key_step::removed));
    BOOST_TEST(keys == (list{next}));
  }
}

BOOST_AUTO_TEST_CASE(a_new_key_is_the_later_one_by_any_clock) {
  for (const std::int64_t now : {std::int64_t{1}, std::int64_t{99}, std::int64_t{100}}) {
    std::vector<std::string> keys{key_prefix(100) + "a"};
    BOOST_TEST((rotate_keys(keys, key_prefix(now) + "b id").value() == key_step::added));
    BOOST_TEST(keys.back() == key_prefix(101) + "b id");
    BOOST_TEST((rotate_keys(keys, key_prefix(now) + "c").value() == key_step::used));
    BOOST_TEST((rotate_keys(keys, key_prefix(now) + "c").value() == key_step::removed));
    BOOST_TEST(keys == (std::vector<std::string>{key_prefix(101) + "b id"}));
  }
}

BOOST_AUTO_TEST_CASE(keys_whose_order_is_not_known_stay) {
  for (std::vector<std::string> keys : {std::vector<std::string>{"a", "b"},
                                        {"r-a", "rx1-b"},
                                        {"r5-a", "r5-b"},
                                        {"r5-a", "r6-b", "r7-c"},
                                        {"r5", "r6"}}) {
    const auto before = keys;
    BOOST_TEST(rotate_keys(keys, "r9-n").error().code == "usage");
    BOOST_TEST(keys == before);
  }
}

BOOST_AUTO_TEST_CASE(no_key_is_missed_by_a_reading_during_a_rotation) {
  const test::temp_dir dir;
  const auto keys = token::token_keys::load_or_create(dir.path()).value();
  const auto signing = token::read_private_file(dir / "token-key.json", 4096).value();
  BOOST_REQUIRE((token::change_token_key(dir.path()).value() == token::key_change::prepared));
  const auto next = token::read_private_file(dir / "token-key-next.json", 4096).value();
  const auto put = [&](const char* name, const std::string& bytes) {
    BOOST_REQUIRE(token::replace_private_file(dir / name, bytes).has_value());
  };
  int readings = 0;
  int missed = 0;
  for (int round = 0; round < 200; ++round) {
    // Both keys are in the files at any time.
    put("token-key-next.json", next);
    put("token-key.json", signing);
    std::filesystem::remove(dir / "token-key-old.json");
    std::atomic<bool> over{false};
    std::thread rotation([&] {
      BOOST_REQUIRE((token::change_token_key(dir.path()).value() == token::key_change::changed));
      over = true;
    });
    do {
      const auto read = keys.reload();
      if (!read || keys.key_ids().size() != 2) ++missed;
      ++readings;
    } while (!over);
    rotation.join();
  }
  BOOST_TEST(missed == 0, missed << " of " << readings << " readings missed a key");
}

BOOST_AUTO_TEST_SUITE_END()
