#include "net/front/answer_cache.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using front::answer_cache;
using std::chrono::milliseconds;

namespace {

const auto start = answer_cache::clock::now();

http::response made(const std::string& body) {
  http::response r;
  r.content_type = "application/json";
  r.headers = {{"ETag", "\"tag-" + body.substr(0, 8) + "\""}, {"Link", "</next>; rel=\"next\""}};
  r.body = body;
  return r;
}

bool keep(answer_cache& all, std::string_view target, std::uint64_t version,
          const std::string& body, answer_cache::clock::time_point now = start) {
  auto r = made(body);
  const bool kept = all.keep(target, version, r, now) != nullptr;
  BOOST_TEST(r.content() == body);
  return kept;
}

std::string found(answer_cache& all, std::string_view target, std::uint64_t version,
                  answer_cache::clock::time_point now = start) {
  const auto answer = all.find(target, version, now);
  return answer ? std::string(answer->made().content()) : "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answer_cache_tests)

BOOST_AUTO_TEST_CASE(only_the_same_target_and_version_have_it) {
  answer_cache all(1 << 20, nullptr);
  BOOST_TEST(found(all, "/a", 1) == "");
  BOOST_TEST(keep(all, "/a", 1, "one"));
  BOOST_TEST(found(all, "/a", 1) == "one");
  BOOST_TEST(found(all, "/b", 1) == "");
  BOOST_TEST(found(all, "/a", 2) == "");
  BOOST_TEST(keep(all, "/a", 2, "two"));
  BOOST_TEST(found(all, "/a", 2) == "two");
  BOOST_TEST(found(all, "/a", 1) == "");
  // A slow request that read before the change.
  BOOST_TEST(!keep(all, "/a", 1, "one"));
  BOOST_TEST(found(all, "/a", 2) == "two");
}

BOOST_AUTO_TEST_CASE(it_ends_after_a_second) {
  answer_cache all(1 << 20, nullptr);
  keep(all, "/a", 1, "one");
  BOOST_TEST(found(all, "/a", 1, start + answer_cache::age_max) == "one");
  BOOST_TEST(found(all, "/a", 1, start + answer_cache::age_max + milliseconds{1}) == "");
  keep(all, "/a", 1, "one", start + milliseconds{1500});
  BOOST_TEST(found(all, "/a", 1, start + milliseconds{2400}) == "one");
}

BOOST_AUTO_TEST_CASE(the_tag_is_kept_apart) {
  answer_cache all(1 << 20, nullptr);
  keep(all, "/a", 1, "one");
  const auto answer = all.find("/a", 1, start);
  BOOST_TEST_REQUIRE(answer != nullptr);
  BOOST_TEST(answer->opaque_tag() == "tag-one");
  BOOST_TEST(answer->made().headers.size() == 1U);
  BOOST_TEST(answer->made().headers.front().first == "Link");
  BOOST_TEST(answer->coded(http::content_coding::gzip) == nullptr);
  answer->keep_coded(http::content_coding::zstd, std::make_shared<const std::string>("z"));
  BOOST_TEST(answer->coded(http::content_coding::gzip) == nullptr);
  BOOST_TEST(*answer->coded(http::content_coding::zstd) == "z");
}

BOOST_AUTO_TEST_CASE(what_has_no_tag_or_is_too_large_is_not_kept) {
  answer_cache all(1 << 20, nullptr);
  http::response untagged;
  untagged.body = "one";
  BOOST_TEST(all.keep("/a", 1, untagged, start) == nullptr);
  untagged.headers = {{"ETag", "W/\"weak\""}};
  BOOST_TEST(all.keep("/a", 1, untagged, start) == nullptr);
  BOOST_TEST(untagged.body == "one");
  BOOST_TEST(!keep(all, "/a", 1, std::string(1 << 16, 'x')));
  BOOST_TEST(all.bytes() == 0U);
  answer_cache none(0, nullptr);
  BOOST_TEST(!keep(none, "/a", 1, "one"));
  BOOST_TEST(none.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(the_least_recently_used_one_leaves) {
  constexpr std::size_t bytes_max = 1 << 18;
  answer_cache all(bytes_max, nullptr);
  const std::string body(2000, 'x');
  keep(all, "/first", 1, body);
  for (int i = 0; i < 500; ++i) {
    BOOST_TEST(keep(all, "/" + std::to_string(i), 1, body));
    BOOST_TEST(found(all, "/first", 1) == body);
    BOOST_TEST_REQUIRE(all.bytes() <= bytes_max);
  }
  BOOST_TEST(found(all, "/0", 1) == "");
  BOOST_TEST(found(all, "/499", 1) == body);
  BOOST_TEST(all.bytes() > bytes_max / 2);
}

BOOST_AUTO_TEST_SUITE_END()
