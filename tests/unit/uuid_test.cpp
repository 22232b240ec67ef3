// Identifiers: text form, version 7 layout and order (RFC 9562).
#include "storage/base/uuid.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <unordered_set>
#include <vector>

using namespace stoa;

static_assert(!std::is_convertible_v<order_id, user_id>);
static_assert(!std::is_constructible_v<order_id, user_id>);
static_assert(!std::equality_comparable_with<order_id, user_id>);

BOOST_AUTO_TEST_SUITE(uuids)

BOOST_AUTO_TEST_CASE(version_7_test_vector) {
  // RFC 9562, appendix A.6: 2022-02-22T14:22:22-05:00, rand_a 0xCC3, rand_b 0b01 then
  // 0x8C4DC0C0C07398F.
  constexpr std::uint64_t rand_b = 0x18C4DC0C0C07398FULL;
  auto u = make_uuid_v7(0x017F22E279B0ULL, 0xCC3, rand_b << 2);
  BOOST_TEST(u.str() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  using namespace std::chrono;
  auto time = sys_days{year{2022} / 2 / 22} + hours{19} + minutes{22} + seconds{22};
  BOOST_TEST(duration_cast<milliseconds>(time.time_since_epoch()).count() == 0x017F22E279B0LL);
}

BOOST_AUTO_TEST_CASE(excess_random_bits_do_not_touch_version_and_variant) {
  auto u = make_uuid_v7(~0ULL, ~0ULL, ~0ULL);
  BOOST_TEST(u.str() == "ffffffff-ffff-7fff-bfff-ffffffffffff");
  BOOST_TEST(make_uuid_v7(0, 0, 0).str() == "00000000-0000-7000-8000-000000000000");
}

BOOST_AUTO_TEST_CASE(text_form) {
  auto u = uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  BOOST_REQUIRE(u.has_value());
  BOOST_TEST(u->str() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  BOOST_TEST(uuid{}.str() == "00000000-0000-0000-0000-000000000000");
  BOOST_TEST(uuid{}.is_nil());
  BOOST_TEST(!u->is_nil());
  for (const char* text :
       {"", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2-79b0-7cc3-98c4 dc0c0c07398f", "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
        "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    BOOST_TEST(!uuid::parse(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(system_ids_grow_and_tell_the_time) {
  auto before = std::chrono::system_clock::now();
  std::vector<uuid> ids;
  for (int i = 0; i < 20'000; ++i) ids.push_back(system_ids().next_v7());
  BOOST_TEST(std::is_sorted(ids.begin(), ids.end()));
  BOOST_TEST((std::adjacent_find(ids.begin(), ids.end()) == ids.end()));
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | ids.front().bytes[i];
  auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(before.time_since_epoch()).count();
  BOOST_TEST(static_cast<std::int64_t>(ms) >= now);
  BOOST_TEST(static_cast<std::int64_t>(ms) <= now + 10'000);
  for (const auto& u : ids) {
    BOOST_REQUIRE((u.bytes[6] >> 4) == 7);
    BOOST_REQUIRE((u.bytes[8] >> 6) == 2);
  }
}

BOOST_AUTO_TEST_CASE(ids_of_many_threads_are_distinct) {
  std::vector<std::vector<uuid>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 5'000; ++i) mine.push_back(system_ids().next_v7());
    });
  }
  for (auto& t : threads) t.join();
  std::unordered_set<uuid> all;
  for (auto& mine : made) {
    BOOST_TEST(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  BOOST_TEST(all.size() == 20'000);
}

BOOST_AUTO_TEST_CASE(version_4_is_random) {
  std::set<uuid> all;
  std::array<std::uint8_t, 16> ones{};
  std::array<std::uint8_t, 16> zeros{};
  for (int i = 0; i < 1000; ++i) {
    uuid u = system_ids().next_v4();
    BOOST_REQUIRE((u.bytes[6] >> 4) == 4);
    BOOST_REQUIRE((u.bytes[8] >> 6) == 2);
    all.insert(u);
    for (std::size_t b = 0; b < 16; ++b) {
      ones[b] |= u.bytes[b];
      zeros[b] |= static_cast<std::uint8_t>(~u.bytes[b]);
    }
  }
  BOOST_TEST(all.size() == 1000);
  for (std::size_t b = 0; b < 16; ++b) {
    BOOST_TEST(ones[b] == (b == 6 ? 0x4F : b == 8 ? 0xBF : 0xFF));
    BOOST_TEST(zeros[b] == (b == 6 ? 0xBF : b == 8 ? 0x7F : 0xFF));
  }
}

BOOST_AUTO_TEST_CASE(typed_ids_parse_and_hash) {
  auto a = order_id::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST(!order_id::parse("nonsense").has_value());
  std::unordered_set<order_id> set{*a, order_id{}};
  BOOST_TEST(set.contains(*a));
  BOOST_TEST(set.size() == 2);
  BOOST_TEST(order_id{}.is_nil());
}

BOOST_AUTO_TEST_SUITE_END()
