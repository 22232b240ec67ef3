#pragma once
// A shop with a real search engine (tests/support/engine_server.hpp).

#include "tests/support/engine_server.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace stoa::test {

inline const std::string real_alias = "stoa-test";
inline const std::string engine_answers = R"(stoa_searches_total{source="engine"})";

inline double value_of(visitor& v, const std::string& line) {
  const auto text = "\n" + v.client.get("/metrics").body;
  const auto found = text.find("\n" + line + " ");
  return found == std::string::npos ? -1 : std::stod(text.substr(found + line.size() + 2));
}

/// A demo store whose searches the engine answers, once its index is built.
struct real_shop {
  explicit real_shop(engine_server& node, int products = 150)
      : engine(node),
        shop({.products = products,
              .settings = {{"STOA_SEARCH_ENGINE", "opensearch"},
                           {"STOA_SEARCH_URL", node.url()},
                           {"STOA_SEARCH_INDEX", real_alias},
                           // A loaded machine is no reason to leave the engine.
                           {"STOA_SEARCH_TIMEOUT_MS", "10000"},
                           {"STOA_SWEEP_INTERVAL_MS", "100"}}}) {
    http_client(node.port()).del("/" + real_alias + "-*");
  }

  json::value index() { return v.client.get("/admin/v1/search", root).json(); }
  std::string build() {
    const auto a = v.client.post("/admin/v1/search/reindex", "{}", root);
    BOOST_TEST_REQUIRE(a.status == 202, a.body);
    return text_at(a.json(), "/index");
  }
  bool built() {
    return eventually([&] { return text_at(index(), "/build/state") != "running"; }) &&
           text_at(index(), "/build/state") == "completed";
  }
  /// Waits until all changes are sent and visible.
  void settle() {
    BOOST_TEST_REQUIRE(eventually([&] { return number_at(index(), "/queued") == 0; }));
    BOOST_TEST(http_client(engine.port()).post("/" + real_alias + "/_refresh", "").status == 200);
  }
  std::vector<std::string> ids(const std::string& query) {
    const auto a = v.client.get("/store/v1/products?" + query);
    BOOST_TEST_REQUIRE(a.status == 200, a.body);
    const auto document = a.json();
    std::vector<std::string> all;
    for (std::size_t i = 0; i < size_at(document, "/data"); ++i) {
      all.push_back(text_at(document, "/data/" + std::to_string(i) + "/product_id"));
    }
    return all;
  }
  /// The ids on all pages; each page must come from the engine.
  std::vector<std::string> pages(const std::string& query) {
    std::vector<std::string> all;
    std::string cursor;
    for (int page = 0; page < 100; ++page) {
      const auto a = v.client.get("/store/v1/products?" + query + cursor);
      BOOST_TEST_REQUIRE(a.status == 200, a.body);
      const auto document = a.json();
      for (std::size_t i = 0; i < size_at(document, "/data"); ++i) {
        all.push_back(text_at(document, "/data/" + std::to_string(i) + "/product_id"));
      }
      const auto* next = document.find("next_cursor")->if_string();
      if (next == nullptr) break;
      cursor = "&cursor=" + *next;
    }
    return all;
  }
  bool engine_has_answered(const std::function<void()>& searches) {
    const auto before = value_of(v, engine_answers);
    searches();
    return value_of(v, engine_answers) > before;
  }
  /// Waits until searches are sent to the engine.
  bool engine_answers_again() {
    return eventually([&] { return engine_has_answered([&] { ids("q=zzzz&limit=1"); }); });
  }
  std::string create(const std::string& body) {
    const auto a = v.client.post("/admin/v1/products", body, root);
    BOOST_TEST_REQUIRE(a.status == 201, a.body);
    return text_at(a.json(), "/product_id");
  }
  std::string create(const std::string& name, int price) {
    return create(R"({"name":")" + name + R"(","price":{"amount":)" + std::to_string(price) +
                  R"(,"currency":"EUR"},"on_hand":5})");
  }
  void change(const std::string& id, const std::string& body) {
    const auto a = v.client.patch("/admin/v1/products/" + id, body, root);
    BOOST_TEST(a.status == 200, a.body);
  }

  engine_server& engine;
  storefront shop;
  visitor v{shop.port()};
  header_list root{v.log_in("root")};
};

}  // namespace stoa::test
