// Products found through a search engine that fails in every way, with a store that must answer
// nevertheless, and the maintenance of its index. functional/opensearch_test uses a real engine.

#include "tests/support/api_document.hpp"
#include "tests/support/fake_search_engine.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using mode = fake_search_engine::mode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

const std::string alias = "shop";

environment settings_for(const std::string& url) {
  return {{"STOA_SEARCH_ENGINE", "opensearch"}, {"STOA_SEARCH_URL", url},
          {"STOA_SEARCH_INDEX", alias},         {"STOA_SEARCH_TIMEOUT_MS", "500"},
          {"STOA_LOG_REPEAT_INTERVAL_MS", "0"}, {"STOA_SWEEP_INTERVAL_MS", "100"}};
}

struct engine_shop {
  fake_search_engine engine;
  storefront shop{{.products = 12, .settings = settings_for(engine.url())}};
  visitor v{shop.port()};
  header_list root{v.log_in("root")};

  json::value index() { return v.client.get("/admin/v1/search", root).json(); }
  http_answer begin(const std::string& body = "{}") {
    return v.client.post("/admin/v1/search/reindex", body, root);
  }
  /// The state of the last build once it has ended.
  std::string ended() {
    std::string state;
    eventually([&] {
      const auto view = index();
      state = has(view, "/build/state") ? text_at(view, "/build/state") : "";
      return state == "completed" || state == "failed";
    });
    return state;
  }
  void build() {
    const auto a = begin();
    BOOST_TEST_REQUIRE(a.status == 202, a.body);
    BOOST_TEST_REQUIRE(ended() == "completed", shop.log());
  }
  bool queue_ends() {
    return eventually([&] { return number_at(index(), "/queued") == 0; }, seconds{20});
  }
  std::set<std::string> all_products() {
    std::set<std::string> ids;
    const auto a = v.client.get("/store/v1/products?limit=100");
    for (std::size_t i = 0; i < size_at(a.json(), "/data"); ++i) {
      ids.insert(text_at(a.json(), "/data/" + std::to_string(i) + "/product_id"));
    }
    return ids;
  }
  std::string new_product(const std::string& name, const std::string& status = "Active") {
    const auto a = v.client.post("/admin/v1/products",
                                 R"({"name":")" + name +
                                     R"(","price":{"amount":100,"currency":"EUR"},"status":")" +
                                     status + "\"}",
                                 root);
    BOOST_TEST_REQUIRE(a.status == 201, a.body);
    return text_at(a.json(), "/product_id");
  }
};

/// The value of the metric's line that begins with this text; -1 if there is none.
double metric(visitor& v, const std::string& line) {
  const auto text = "\n" + v.client.get("/metrics").body;
  const auto found = text.find("\n" + line + " ");
  return found == std::string::npos ? -1 : std::stod(text.substr(found + line.size() + 2));
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::set<std::string> names_of(const json::value& v) {
  std::set<std::string> names;
  for (const auto& m : *v.if_object()) names.insert(m.name);
  return names;
}

const std::string by_engine = R"(stoa_searches_total{source="engine"})";
const std::string by_builtin = R"(stoa_searches_total{source="builtin"})";
const std::string anything = "/store/v1/products?q=a";

}  // namespace

BOOST_AUTO_TEST_CASE(without_an_index_the_builtin_search_answers) {
  engine_shop s;
  const auto a = s.v.client.get(anything);
  BOOST_TEST(a.status == 200, a.body);
  BOOST_TEST(metric(s.v, by_builtin) == 1);
  BOOST_TEST(metric(s.v, by_engine) == 0);
  BOOST_TEST(metric(s.v, "stoa_search_engine_available") == 0);
  const auto view = s.index();
  BOOST_TEST(text_at(view, "/engine") == "opensearch");
  BOOST_TEST(text_at(view, "/alias") == alias);
  BOOST_TEST(s.engine.indexes().empty());  // an index is not made by chance
  BOOST_TEST(eventually(
      [&] { return s.shop.log().find("run stoa search reindex") != std::string::npos; }));
}

BOOST_AUTO_TEST_CASE(both_searches_answer_alike) {
  engine_shop s;
  const auto before = s.v.client.get(anything + "&limit=3&count=true");
  BOOST_TEST_REQUIRE(before.status == 200, before.body);
  s.build();
  const auto ids = s.engine.ids(alias);
  BOOST_TEST((std::set<std::string>(ids.begin(), ids.end()) == s.all_products()));
  BOOST_TEST(s.engine.indexes().size() == 1U);
  http_answer after;
  BOOST_TEST(eventually([&] {
    after = s.v.client.get(anything + "&limit=3&count=true");
    return metric(s.v, by_engine) > 0;
  }));
  const auto view = after.json();
  BOOST_TEST((names_of(view) == names_of(before.json())));
  BOOST_TEST((names_of(at(view, "/data/0")) == names_of(at(before.json(), "/data/0"))));
  BOOST_TEST(number_at(view, "/total") == 12);
  // The products are those of the catalogue, in the order of the engine.
  const auto direct =
      s.v.client.get("/store/v1/products?ids=" + ids[0] + "," + ids[1] + "," + ids[2]);
  BOOST_TEST(json::write(at(view, "/data")) == json::write(at(direct.json(), "/data")));
  // All pages.
  std::set<std::string> seen;
  std::string next = anything + "&limit=5";
  for (int pages = 0; !next.empty() && pages < 9; ++pages) {
    const auto page = s.v.client.get(next);
    BOOST_TEST_REQUIRE(page.status == 200, page.body);
    const auto document = page.json();
    for (std::size_t i = 0; i < size_at(document, "/data"); ++i) {
      const auto id = text_at(document, "/data/" + std::to_string(i) + "/product_id");
      BOOST_TEST(seen.insert(id).second, id);
    }
    const auto* cursor = document.find("next_cursor")->if_string();
    next = cursor != nullptr ? anything + "&limit=5&cursor=" + *cursor : "";
  }
  BOOST_TEST((seen == s.all_products()));
  // Answers with a build are as described.
  api_document document(s.v.client.get("/openapi.json").body);
  const std::string path = "/admin/v1/search";
  BOOST_TEST(document.complaint("POST", path + "/reindex", s.begin()) == "");
  BOOST_TEST(document.complaint("GET", path, s.v.client.get(path, s.root)) == "");
  BOOST_TEST(s.ended() == "completed");
  BOOST_TEST(document.complaint("GET", path, s.v.client.get(path, s.root)) == "");
}

BOOST_AUTO_TEST_CASE(changes_reach_the_index) {
  engine_shop s;
  s.build();
  const auto id = s.new_product("First name");
  BOOST_TEST(eventually([&] { return s.engine.name_of(alias, id) == "first name"; }));
  const auto path = "/admin/v1/products/" + id;
  BOOST_TEST(s.v.client.patch(path, R"({"name":"Other name"})", s.root).status == 200);
  BOOST_TEST(eventually([&] { return s.engine.name_of(alias, id) == "other name"; }));
  BOOST_TEST(s.v.client.patch(path, R"({"status":"Draft"})", s.root).status == 200);
  BOOST_TEST(eventually([&] { return s.engine.name_of(alias, id).empty(); }));
  BOOST_TEST(s.v.client.patch(path, R"({"status":"Active"})", s.root).status == 200);
  BOOST_TEST(eventually([&] { return !s.engine.name_of(alias, id).empty(); }));
  BOOST_TEST(s.v.client.del(path, s.root).status == 204);
  BOOST_TEST(eventually([&] { return s.engine.name_of(alias, id).empty(); }));
  const auto draft = s.new_product("A draft", "Draft");
  BOOST_TEST(s.queue_ends());
  BOOST_TEST(s.engine.name_of(alias, draft).empty());
}

BOOST_AUTO_TEST_CASE(a_stale_hit_shows_no_hidden_product) {
  engine_shop s;
  s.build();
  const auto draft = s.new_product("A draft", "Draft");
  BOOST_TEST(s.queue_ends());
  s.engine.plant(alias, draft);
  s.engine.plant(alias, "019a0000-0000-7000-8000-00000000ffff");
  for (const std::string path :
       {"/store/v1/products?q=a&limit=100", "/admin/v1/products?q=a&limit=100&status=Active"}) {
    const auto searched = s.engine.searched.load();
    const auto a = s.v.client.get(path, s.root);
    BOOST_TEST(a.status == 200, a.body);
    BOOST_TEST(s.engine.searched == searched + 1);
    BOOST_TEST(size_at(a.json(), "/data") == 12U);
    BOOST_TEST(a.body.find(draft) == std::string::npos);
  }
  // Staff search all products in the catalogue.
  const auto all = s.v.client.get("/admin/v1/products?q=draft", s.root);
  BOOST_TEST(all.body.find(draft) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_failing_engine_is_replaced_by_the_builtin_search) {
  engine_shop s;
  s.build();
  // Each search is another one: answers of the built-in search may be kept for a second.
  int price = 1'000'000;
  const auto found = [&] {
    return s.v.client.get("/store/v1/products?q=a&limit=3&sort=newest&max_price=" +
                          std::to_string(++price));
  };
  for (const auto how : {mode::fails, mode::malformed, mode::endless, mode::resets, mode::slow,
                         mode::unauthorized}) {
    s.engine.searches = mode::works;
    BOOST_TEST_REQUIRE(eventually([&] {
      found();
      return metric(s.v, "stoa_search_engine_available") == 1;
    }));
    const auto builtin = metric(s.v, by_builtin);
    s.engine.searches = how;
    const auto began = steady_clock::now();
    const auto a = found();
    const auto took = steady_clock::now() - began;
    BOOST_TEST(a.status == 200, a.body);
    BOOST_TEST(size_at(a.json(), "/data") == 3U);
    BOOST_TEST((took < seconds{4}));
    BOOST_TEST(metric(s.v, by_builtin) == builtin + 1);
    // After some failures the engine is not asked any more.
    for (int i = 0; i < 4; ++i) found();
    const auto searched = s.engine.searched.load();
    BOOST_TEST(metric(s.v, "stoa_search_engine_available") == 0);
    for (int i = 0; i < 5; ++i) BOOST_TEST(found().status == 200);
    BOOST_TEST(s.engine.searched <= searched + 1);
  }
  const auto log = s.shop.log();
  BOOST_TEST(count_of(log, "the search engine is not available") == 6U);
  BOOST_TEST(count_of(log, "the search engine is available again") <= 6U);
}

BOOST_AUTO_TEST_CASE(cursors_continue_where_they_can) {
  engine_shop s;
  s.build();
  const auto first = [&](const std::string& sort) {
    return s.v.client.get("/store/v1/products?q=a&limit=2&sort=" + sort);
  };
  const auto next = [&](const std::string& sort, const http_answer& page) {
    return s.v.client.get("/store/v1/products?q=a&limit=2&sort=" + sort +
                          "&cursor=" + text_at(page.json(), "/next_cursor"));
  };
  BOOST_TEST_REQUIRE(eventually([&] {
    first("relevance");
    return metric(s.v, by_engine) > 0;
  }));
  const auto ranked = first("relevance");
  const auto newest = first("newest");
  BOOST_TEST(next("relevance", ranked).status == 200);
  s.engine.searches = mode::fails;
  // The order of the engine cannot be continued by another search; that of a time can.
  const auto a = next("relevance", ranked);
  BOOST_TEST(a.status == 503, a.body);
  BOOST_TEST(text_at(a.json(), "/code") == "search_engine_unavailable");
  BOOST_TEST(!a.header("Retry-After").empty());
  api_document document(s.v.client.get("/openapi.json").body);
  BOOST_TEST(document.complaint("GET", "/store/v1/products?q=a", a) == "");
  BOOST_TEST(next("newest", newest).status == 200);
  const auto own = first("relevance");
  BOOST_TEST_REQUIRE(own.status == 200);
  s.engine.searches = mode::works;
  // A list of the built-in search is continued by it.
  BOOST_TEST_REQUIRE(eventually([&] {
    first("newest");
    return metric(s.v, "stoa_search_engine_available") == 1;
  }));
  const auto searched = s.engine.searched.load();
  BOOST_TEST(next("relevance", own).status == 200);
  BOOST_TEST(s.engine.searched == searched);
  BOOST_TEST(next("relevance", ranked).status == 200);
  BOOST_TEST(s.engine.searched == searched + 1);
}

BOOST_AUTO_TEST_CASE(documents_that_are_refused_are_sent_again) {
  engine_shop s;
  s.build();
  for (const auto how : {mode::partly, mode::fails, mode::malformed, mode::resets}) {
    s.engine.bulks = how;
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(s.new_product(unique("product")));
    if (how == mode::partly) {
      // Each attempt stores a part, and only the rest is sent again.
      BOOST_TEST(s.queue_ends());
    } else {
      std::this_thread::sleep_for(milliseconds{500});
      BOOST_TEST(number_at(s.index(), "/queued") == 5);
      BOOST_TEST(metric(s.v, "stoa_search_queue_length") == 5);
      s.engine.bulks = mode::works;
      BOOST_TEST(s.queue_ends());
    }
    for (const auto& id : ids) BOOST_TEST(!s.engine.name_of(alias, id).empty());
  }
  BOOST_TEST(eventually([&] { return metric(s.v, "stoa_search_queue_length") == 0; }));
  const auto log = s.shop.log();
  BOOST_TEST(count_of(log, "the search index is not updated") >= 1U);
  BOOST_TEST(count_of(log, "the search index is not updated") <= 6U);
  BOOST_TEST(count_of(log, "the search index is updated again") >= 1U);
}

BOOST_AUTO_TEST_CASE(a_build_survives_the_process) {
  engine_shop s;
  s.build();
  const auto old = s.engine.index_of(alias);
  s.engine.bulks = mode::slow;
  BOOST_TEST_REQUIRE(s.begin().status == 202);
  BOOST_TEST(eventually([&] { return s.engine.indexes().size() == 2U; }));
  BOOST_TEST(s.begin().status == 409);
  s.shop.process().kill();
  // The old index is used, and changes while the process is down are none.
  BOOST_TEST(s.engine.index_of(alias) == old);
  s.engine.bulks = mode::works;
  s.shop.process().start();
  s.v.client.disconnect();
  BOOST_TEST(s.ended() == "completed");
  BOOST_TEST(s.engine.index_of(alias) != old);
  BOOST_TEST(s.engine.indexes().size() == 1U);
  BOOST_TEST(s.engine.index_of(alias + "-building").empty());
  const auto ids = s.engine.ids(alias);
  BOOST_TEST((std::set<std::string>(ids.begin(), ids.end()) == s.all_products()));
}

BOOST_AUTO_TEST_CASE(a_restarted_build_cleans_up_and_others_are_left_alone) {
  engine_shop s;
  s.engine.add_index(alias + "-de-20260101120000-0123af");
  s.engine.bulks = mode::fails;
  BOOST_TEST_REQUIRE(s.begin().status == 202);
  BOOST_TEST(eventually([&] { return s.engine.indexes().size() == 2U; }));
  const auto again = s.begin(R"({"restart":true})");
  BOOST_TEST_REQUIRE(again.status == 202, again.body);
  s.engine.bulks = mode::works;
  BOOST_TEST(s.ended() == "completed");
  BOOST_TEST(s.engine.index_of(alias) == text_at(again.json(), "/index"));
  BOOST_TEST(s.engine.indexes().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_build_whose_index_is_deleted_fails) {
  engine_shop s;
  s.build();
  const auto old = s.engine.index_of(alias);
  s.engine.bulks = mode::slow;
  const auto a = s.begin();
  BOOST_TEST_REQUIRE(a.status == 202);
  BOOST_TEST(eventually([&] { return s.engine.indexes().size() == 2U; }));
  s.engine.remove_index(text_at(a.json(), "/index"));
  s.engine.bulks = mode::fails;  // ends the request that waits
  s.shop.process().kill();
  s.engine.bulks = mode::works;
  s.shop.process().start();
  s.v.client.disconnect();
  // Nothing was sent before, so that the build makes the index again.
  BOOST_TEST(s.ended() == "completed");
  BOOST_TEST(s.engine.index_of(alias) != old);
}

BOOST_AUTO_TEST_CASE(no_connection_to_the_engine) {
  std::uint16_t port = 0;
  {
    const fake_search_engine gone;
    port = gone.port();
  }
  storefront shop(
      {.products = 3, .settings = settings_for("http://127.0.0.1:" + std::to_string(port))});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  for (int i = 0; i < 5; ++i) BOOST_TEST(v.client.get(anything).status == 200);
  BOOST_TEST(v.client.post("/admin/v1/search/reindex", "{}", root).status == 202);
  // It begins when the engine is there.
  fake_search_engine engine(port);
  BOOST_TEST(eventually([&] { return engine.ids(alias).size() == 3U; }));
  BOOST_TEST(eventually([&] {
    v.client.get(anything);
    return metric(v, "stoa_search_engine_available") == 1;
  }));
}

BOOST_AUTO_TEST_CASE(a_store_without_an_engine_has_no_index) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto view = v.client.get("/admin/v1/search", root);
  BOOST_TEST(view.status == 200, view.body);
  BOOST_TEST(text_at(view.json(), "/engine") == "builtin");
  const auto a = v.client.post("/admin/v1/search/reindex", "{}", root);
  BOOST_TEST(a.status == 409, a.body);
  BOOST_TEST(text_at(a.json(), "/code") == "search_engine_off");
  BOOST_TEST(v.client.patch("/admin/v1/products/" + v.goods().front().id, R"({"name":"X"})", root)
                 .status == 200);
  BOOST_TEST(number_at(v.client.get("/admin/v1/search", root).json(), "/queued") == 0);
}

BOOST_AUTO_TEST_CASE(secrets_are_sent_and_never_logged) {
  const temp_dir dir;
  const auto file = dir / "secret";
  std::ofstream(file) << "pass word:#1\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  fake_search_engine engine;
  engine.searches = mode::unauthorized;
  auto settings = settings_for(engine.url());
  settings.emplace_back("STOA_SEARCH_USER", "stoa");
  settings.emplace_back("STOA_SEARCH_PASSWORD_FILE", file.string());
  storefront shop({.products = 3, .settings = settings});
  visitor v(shop.port());
  BOOST_TEST(v.client.get(anything).status == 200);
  BOOST_TEST(engine.authorization() == "Basic c3RvYTpwYXNzIHdvcmQ6IzE=");
  const auto root = v.log_in("root");
  BOOST_TEST(v.client.post("/admin/v1/search/reindex", "{}", root).status == 202);
  BOOST_TEST(eventually([&] { return engine.ids(alias).size() == 3U; }));
  const auto log = shop.log();
  BOOST_TEST(log.find("pass word") == std::string::npos);
  BOOST_TEST(log.find("c3RvYTpwYXNz") == std::string::npos);
  // Without its file the program does not start, and names the setting.
  std::filesystem::remove(file);
  const auto check = run_program(stoa_binary(), {"config", "check"}, settings);
  BOOST_TEST(check.exit_code != 0, check.output);
  BOOST_TEST(check.output.find("search.password_file") != std::string::npos, check.output);
}
