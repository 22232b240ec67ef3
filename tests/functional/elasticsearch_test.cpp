// Searches and the maintenance of the index with a real Elasticsearch (tests/search_engines). The
// cases that do not differ from those with OpenSearch are in functional/opensearch_test.

#include "tests/support/engine_judge.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace stoa;
using namespace stoa::test;

namespace {

/// Null: this machine has no Elasticsearch, and the test is skipped.
engine_server* the_engine() {
  static const auto reason = engine_server::missing(engine_kind::elasticsearch);
  if (reason) {
    skip("no Elasticsearch: " + *reason);
    return nullptr;
  }
  static engine_server node(engine_kind::elasticsearch);
  if (!node.running()) node.start();
  return &node;
}

bool contains(const std::vector<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

}  // namespace

BOOST_AUTO_TEST_CASE(facets_and_filters_are_those_of_the_builtin_search) {
  auto* node = the_engine();
  if (node == nullptr) return;
  judge_engine(*node, 3, 80, 50);
}

BOOST_AUTO_TEST_CASE(pages_relevance_and_similar_words) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 30);
  for (int i = 0; i < 13; ++i)
    s.create("Quillwork " + std::to_string(i % 5) + " lamp", 100 + i % 3);
  const auto plain = s.create("Zephyrine", 100);
  const auto longer = s.create("Zephyrine of the northern sea", 100);
  const auto begins = s.create("Zephyrinesque", 100);
  const auto signs = s.create("\u6771\u4eac\u90fd", 100);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  s.settle();
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  for (const std::string sort : {"relevance", "newest", "price", "-price", "name"}) {
    const auto whole = s.ids("q=quillwork&limit=100&sort=" + sort);
    BOOST_TEST(whole.size() == 13U);
    BOOST_TEST((s.pages("q=quillwork&limit=4&sort=" + sort) == whole), sort);
  }
  BOOST_TEST((s.ids("q=zephyrine") == std::vector<std::string>{plain, longer, begins}));
  BOOST_TEST(contains(s.ids("q=zephyrone"), plain));
  BOOST_TEST(contains(s.ids("q=%E6%9D%B1%E4%BA%AC"), signs));
}

BOOST_AUTO_TEST_CASE(the_index_follows_and_is_rebuilt) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 20);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  const auto first = text_at(s.index(), "/build/index");
  const auto id = s.create("Vermicelli machine", 700);
  s.settle();
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  BOOST_TEST(contains(s.ids("q=vermicelli"), id));
  s.change(id, R"({"vendor":"Nord"})");
  s.settle();
  BOOST_TEST(contains(s.ids("q=vermicelli&filter=vendor:nord"), id));
  s.change(id, R"({"status":"Draft"})");
  s.settle();
  BOOST_TEST(s.ids("q=vermicelli").empty());
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  http_client engine(node->port());
  BOOST_TEST(engine.get("/" + first).status == 404);
  const auto count = engine.get("/" + real_alias + "/_count").json();
  BOOST_TEST(number_at(count, "/count") == 20);
}
