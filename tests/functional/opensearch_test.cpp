// Searches and the maintenance of the index with a real OpenSearch (tests/search_engines).

#include "tests/support/engine_judge.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::seconds;

namespace {

/// Null: this machine has no OpenSearch, and the test is skipped. One node serves all cases.
engine_server* the_engine() {
  static const auto reason = engine_server::missing(engine_kind::opensearch);
  if (reason) {
    skip("no OpenSearch: " + *reason);
    return nullptr;
  }
  static engine_server node(engine_kind::opensearch);
  if (!node.running()) node.start();
  return &node;
}

/// Words of the demo's products.
std::set<std::string> words_of(visitor& v) {
  std::set<std::string> words;
  const auto document = v.client.get("/store/v1/products?limit=100").json();
  for (std::size_t i = 0; i < size_at(document, "/data"); ++i) {
    auto name = text_at(document, "/data/" + std::to_string(i) + "/name") + " ";
    for (std::size_t at = 0, end = name.find(' '); end != std::string::npos;
         at = end + 1, end = name.find(' ', at)) {
      const auto word = name.substr(at, end - at);
      const bool plain =
          std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c); });
      if (plain && word.size() > 3) words.insert(word);
    }
  }
  return words;
}

std::set<std::string> as_set(const std::vector<std::string>& list) {
  return {list.begin(), list.end()};
}

bool contains(const std::vector<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_engine_finds_what_the_builtin_search_finds) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node);
  auto words = words_of(s.v);
  BOOST_TEST_REQUIRE(words.size() > 5U);
  std::vector<std::string> queries;
  for (const auto& w : words) {
    if (queries.size() >= 24) break;
    queries.push_back("q=" + w + "&limit=100");
    queries.push_back("q=" + w.substr(0, 3) + "&limit=100");
    queries.push_back("q=" + w + "&limit=100&in_stock=true&min_price=500&max_price=5000");
  }
  const auto category = s.v.client.get("/store/v1/categories").json();
  queries.push_back("q=" + words.begin()->substr(0, 2) +
                    "&limit=100&category_id=" + text_at(category, "/data/0/category_id"));
  // Before there is an index the built-in search answers.
  std::vector<std::vector<std::string>> builtin;
  const std::vector<std::string> orders{"newest", "price", "-price", "name"};
  for (const auto& q : queries) {
    builtin.push_back(s.ids(q));
    for (const auto& order : orders) builtin.push_back(s.ids(q + "&sort=" + order));
  }
  BOOST_TEST(value_of(s.v, engine_answers) == 0);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  s.settle();
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  const auto before = value_of(s.v, engine_answers);
  std::size_t at = 0;
  for (const auto& q : queries) {
    // The same products; their order may differ by relevance only.
    BOOST_TEST((as_set(s.ids(q)) == as_set(builtin[at++])), q);
    for (const auto& order : orders) {
      const auto found = s.ids(q + "&sort=" + order);
      BOOST_TEST((found == builtin[at++]), q + " by " + order);
    }
  }
  BOOST_TEST(value_of(s.v, engine_answers) == before + static_cast<double>(at));
}

BOOST_AUTO_TEST_CASE(facets_and_filters_are_those_of_the_builtin_search) {
  auto* node = the_engine();
  if (node == nullptr) return;
  for (const unsigned seed : {1U, 2U}) judge_engine(*node, seed, 90, 60);
}

BOOST_AUTO_TEST_CASE(pages_follow_one_another_in_every_order) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 60);
  for (int i = 0; i < 23; ++i)
    s.create("Quillwork " + std::to_string(i % 5) + " lamp", 100 + i % 3);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  s.settle();
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  for (const std::string sort : {"relevance", "newest", "price", "-price", "name"}) {
    const auto whole = s.ids("q=quillwork&limit=100&sort=" + sort);
    BOOST_TEST(whole.size() == 23U);
    BOOST_TEST((s.pages("q=quillwork&limit=4&sort=" + sort) == whole), sort);
  }
  const auto counted = s.v.client.get("/store/v1/products?q=quillwork&limit=4&count=true").json();
  BOOST_TEST(number_at(counted, "/total") == 23);
}

BOOST_AUTO_TEST_CASE(relevance_and_similar_words) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 30);
  const auto plain = s.create("Zephyrine", 100);
  const auto longer = s.create("Zephyrine of the northern sea", 100);
  const auto begins = s.create("Zephyrinesque", 100);
  const auto text = s.create(
      R"({"name":"Other thing","description":"<p>made of <b>zephy</b>rine</p>","price":{"amount":1,"currency":"EUR"}})");
  const auto shirt = s.create("Gr\u00f6\u00dfe T-Shirt", 100);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  s.settle();
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  const auto found = s.ids("q=zephyrine");
  BOOST_TEST((found == std::vector<std::string>{plain, longer, begins, text}));
  // One letter is wrong, one is missing, two are exchanged.
  for (const char* typo : {"zephyrone", "zephrine", "zehpyrine"}) {
    BOOST_TEST(contains(s.ids("q=" + std::string(typo)), plain), typo);
  }
  BOOST_TEST(s.ids("q=xephyrine").empty());  // the first letter is
  for (const char* q : {"grosse", "gr%C3%B6%C3%9Fe%20tshirt", "t-shirt", "shirt", "tshir"}) {
    BOOST_TEST(contains(s.ids("q=" + std::string(q)), shirt), q);
  }
  BOOST_TEST(contains(s.pages("q=zephyrone&limit=1"), longer));
}

BOOST_AUTO_TEST_CASE(the_index_follows_the_catalogue) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 20);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  const auto id = s.create("Vermicelli machine", 700);
  // The engine shows documents after its refresh interval, a second.
  BOOST_TEST(eventually([&] { return contains(s.ids("q=vermicelli"), id); }, seconds{20}));
  s.change(id, R"({"name":"Ravioli machine"})");
  s.settle();
  BOOST_TEST(s.ids("q=vermicelli").empty());
  BOOST_TEST(contains(s.ids("q=ravioli"), id));
  s.change(id, R"({"price":{"amount":900,"currency":"EUR"}})");
  s.settle();
  BOOST_TEST(s.ids("q=ravioli&max_price=800").empty());
  BOOST_TEST(contains(s.ids("q=ravioli&min_price=900&in_stock=true"), id));
  // The last units are sold.
  for (int i = 0; i < 5; ++i) s.v.bought(id);
  s.settle();
  BOOST_TEST(s.ids("q=ravioli&in_stock=true").empty());
  BOOST_TEST(contains(s.ids("q=ravioli&in_stock=false"), id));
  // The SKUs and options of variants find their product.
  s.create(R"({"parent_product_id":")" + id +
           R"(","sku":"RAV-9X","options":[{"name":"Colour","value":"Turquoise"}],"on_hand":3})");
  s.settle();
  BOOST_TEST(contains(s.ids("q=turquoise"), id));
  BOOST_TEST(contains(s.ids("q=rav-9x&in_stock=true"), id));
  s.change(id, R"({"status":"Draft"})");
  s.settle();
  BOOST_TEST(s.ids("q=ravioli").empty());
  s.change(id, R"({"status":"Active"})");
  s.settle();
  BOOST_TEST(contains(s.ids("q=ravioli"), id));
  BOOST_TEST(s.v.client.del("/admin/v1/products/" + id, s.root).status == 204);
  s.settle();
  const auto hits = http_client(node->port()).get("/" + real_alias + "/_doc/" + id);
  BOOST_TEST(hits.status == 404);
}

BOOST_AUTO_TEST_CASE(products_change_while_the_index_is_built) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 700);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  const auto first = text_at(s.index(), "/build/index");
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(s.create("Marmoset 0", 100));
  std::atomic<bool> ended{false};
  std::atomic<int> rounds{0};
  std::thread writer([&] {
    visitor v(s.shop.port());
    for (int round = 1; !ended; ++round) {
      for (const auto& id : ids) {
        v.client.patch("/admin/v1/products/" + id,
                       R"({"name":"Marmoset )" + std::to_string(round) + "\"}", s.root);
      }
      rounds = round;
    }
  });
  s.build();
  const bool built = s.built();
  BOOST_TEST(eventually([&] { return rounds >= 3; }));
  ended = true;
  writer.join();
  BOOST_TEST_REQUIRE(built, s.shop.log());
  s.settle();
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  const auto last = "q=marmoset%20" + std::to_string(rounds);
  BOOST_TEST((as_set(s.ids(last)) == as_set(ids)));
  BOOST_TEST(s.ids("q=marmoset&limit=100").size() == ids.size());
  // Only the new index is left, with all products.
  http_client engine(node->port());
  BOOST_TEST(engine.get("/" + first).status == 404);
  const auto count = engine.get("/" + real_alias + "/_count").json();
  BOOST_TEST(number_at(count, "/count") == 710);
}

BOOST_AUTO_TEST_CASE(the_command_builds_the_index) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 30);
  std::ofstream(s.shop.data().parent_path() / "password") << shared_password << "\n";
  const std::vector<std::string> login{
      "--url", s.shop.process().url(), "--user",
      "root",  "--password-file",      (s.shop.data().parent_path() / "password").string()};
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), login.begin(), login.end());
    return run_program(stoa_binary(), words);
  };
  const auto made = run({"search", "reindex"});
  BOOST_TEST(made.exit_code == 0, made.output);
  BOOST_TEST(made.output.find(": 30 products") != std::string::npos, made.output);
  const auto status = run({"search", "status"});
  BOOST_TEST(status.exit_code == 0, status.output);
  BOOST_TEST(status.output.find("completed, 30 products") != std::string::npos, status.output);
  // A store that is not being served.
  s.shop.process().stop();
  const auto offline =
      run_program(stoa_binary(), {"search", "reindex", "--data", s.shop.data().string()},
                  {{"STOA_SEARCH_ENGINE", "opensearch"},
                   {"STOA_SEARCH_URL", node->url()},
                   {"STOA_SEARCH_INDEX", real_alias}});
  BOOST_TEST(offline.exit_code == 0, offline.output);
  BOOST_TEST(offline.output.find(": 30 products") != std::string::npos, offline.output);
  const auto without =
      run_program(stoa_binary(), {"search", "reindex", "--data", s.shop.data().string()});
  BOOST_TEST(without.exit_code == 2, without.output);
}

BOOST_AUTO_TEST_CASE(the_engine_is_lost_and_comes_back) {
  auto* node = the_engine();
  if (node == nullptr) return;
  real_shop s(*node, 20);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  node->kill();
  const auto id = s.create("Theorbo", 100);
  BOOST_TEST(contains(s.ids("q=theorbo"), id));  // the built-in search
  BOOST_TEST(number_at(s.index(), "/queued") >= 1);
  node->start();
  BOOST_TEST(s.engine_answers_again());
  s.settle();
  BOOST_TEST(s.engine_has_answered([&] { BOOST_TEST(contains(s.ids("q=theorbo"), id)); }));
}
