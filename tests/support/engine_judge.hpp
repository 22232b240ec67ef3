#pragma once
// Compares what a search engine and the built-in search respond to random searches of a random
// catalogue: facets, filters, collections and highlights.

#include "storage/base/json_write.hpp"
#include "tests/support/engine_shop.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace stoa::test {

class engine_judge {
 public:
  engine_judge(real_shop& shop, unsigned seed) : s_(shop), random_(seed) {}

  void fill(int products) {
    put("/admin/v1/product-types/lamp",
        R"({"name":"Lamp","attributes":[)"
        R"({"key":"watts","name":"Power","type":"number","unit":"W","filterable":true},)"
        R"({"key":"socket","name":"Socket","type":"choice","choices":["E14","E27"],)"
        R"("filterable":true}]})");
    add_categories();
    for (int i = 0; i < products; ++i) add_product(i);
    add_collections();
  }

  /// Responses of the built-in search, to compare with.
  void ask_builtin(int count) {
    for (int i = 0; i < count; ++i) {
      auto query = random_query();
      auto answer = shown(query);
      found_ += answer.first.size();
      asked_.emplace_back(std::move(query), std::move(answer));
    }
    // The searches are not all empty.
    BOOST_TEST(found_ > asked_.size());
  }

  void compare() {
    const auto before = value_of(s_.v, engine_answers);
    for (const auto& [query, expected] : asked_) {
      const auto answer = shown(query);
      BOOST_TEST((answer.first == expected.first), query);
      BOOST_TEST(answer.second == expected.second, query);
    }
    BOOST_TEST(value_of(s_.v, engine_answers) == before + static_cast<double>(asked_.size()));
  }

 private:
  using shown_list = std::pair<std::vector<std::string>, std::string>;

  std::size_t upto(std::size_t n) { return random_() % n; }
  bool chance(std::size_t percent) { return upto(100) < percent; }
  template <class List>
  std::string one_of(const List& list) {
    return list[upto(std::size(list))];
  }

  void put(const std::string& path, const std::string& body) {
    const auto a = s_.v.client.put(path, body, s_.root);
    BOOST_TEST_REQUIRE(a.status == 200, a.body);
  }
  std::string post(const std::string& path, const std::string& body, const std::string& id) {
    const auto a = s_.v.client.post(path, body, s_.root);
    BOOST_TEST_REQUIRE(a.status == 201, a.body);
    return text_at(a.json(), "/" + id);
  }

  void add_categories() {
    for (int i = 0; i < 5; ++i) {
      auto body = R"({"name":"Shelf )" + std::to_string(i) + "\"";
      if (i > 1)
        body += R"(,"parent_category_id":")" + categories_[upto(categories_.size())] + "\"";
      categories_.push_back(post("/admin/v1/categories", body + "}", "category_id"));
    }
  }

  void add_product(int number) {
    std::string body = R"({"name":"Quill )" + one_of(words) + " " + std::to_string(number) +
                       R"(","description":"<p>Made of )" + one_of(words) +
                       R"( and paper</p>","price":{"amount":)" + std::to_string(100 + upto(5000)) +
                       R"(,"currency":"EUR"},"on_hand":)" + (chance(70) ? "5" : "0");
    if (chance(80)) body += R"(,"vendor":")" + one_of(vendors) + "\"";
    if (chance(70)) {
      body += R"(,"tags":[")" + one_of(tags) + "\"";
      body += chance(50) ? R"(,"common"])" : "]";
    }
    if (chance(80)) body += R"(,"category_id":")" + one_of(categories_) + "\"";
    if (chance(60)) {
      body += R"(,"product_type":"lamp","attributes":{"watts":)" + std::to_string(5 + upto(3)) +
              R"(,"socket":")" + (chance(50) ? "E14" : "E27") + "\"}";
    }
    const auto id = s_.create(body + "}");
    if (chance(50)) members_.push_back(id);
    if (!chance(40)) return;
    for (const char* size : {"S", "M", "L"}) {
      if (!chance(60)) continue;
      s_.create(R"({"parent_product_id":")" + id + R"(","price":{"amount":)" +
                std::to_string(100 + upto(5000)) + R"(,"currency":"EUR"},"on_hand":)" +
                (chance(60) ? "3" : "0") + R"(,"options":[{"name":"Size","value":")" + size +
                R"("},{"name":"Colour. *","value":")" + (chance(50) ? "Red" : "Deep blue") +
                "\"}]}");
    }
  }

  void add_collections() {
    std::string ids;
    for (const auto& id : members_) ids += (ids.empty() ? "\"" : ",\"") + id + "\"";
    const std::string path = "/admin/v1/collections";
    collections_.push_back(
        post(path, R"({"name":"By hand","product_ids":[)" + ids + "]}", "collection_id"));
    collections_.push_back(
        post(path, R"({"name":"Rule","rule":{"min_price":700,"filter":"vendor:acme|nord"}})",
             "collection_id"));
    collections_.push_back(
        post(path,
             R"({"name":"Shelf","rule":{"in_stock":true,"category_id":")" + categories_[0] + "\"}}",
             "collection_id"));
  }

  std::string random_query() {
    constexpr const char* searches[] = {"quill", "amber", "quill%20birch", "cob", "paper"};
    constexpr const char* orders[] = {"newest", "price", "-price", "name"};
    constexpr const char* filters[] = {"vendor:acme",
                                       "vendor:Nord%7Cacme",
                                       "tag:new",
                                       "tag:new%7Csale%7Ccommon",
                                       "option.size:m",
                                       "option.size:S%7CL",
                                       "option.colour.%20*:deep%20blue",
                                       "attribute.socket:e27",
                                       "attribute.watts:5%20W%7C7%20w"};
    std::string query = std::string("q=") + one_of(searches) + "&limit=100&count=true" +
                        "&highlight=true&sort=" + one_of(orders);
    if (chance(30)) query += "&category_id=" + one_of(categories_);
    const std::size_t least = chance(25) ? upto(3000) : 0;
    if (least > 0) query += "&min_price=" + std::to_string(least);
    // A range without prices is an error.
    if (chance(25))
      query += "&max_price=" + std::to_string(std::max<std::size_t>(least, 1000 + upto(4000)));
    if (chance(30)) query += std::string("&in_stock=") + (chance(70) ? "true" : "false");
    if (chance(35)) query += "&collection_id=" + one_of(collections_);
    std::string filter;
    std::string last;
    for (const char* one : filters) {
      const std::string text = one;
      const auto facet = text.substr(0, text.find(':'));
      if (!chance(20) || facet == last) continue;
      last = facet;
      filter += (filter.empty() ? "&filter=" : "%3B") + text;
    }
    query += filter;
    if (!chance(85)) return query;
    return query + (chance(70) ? "&facets=category,price,availability,vendor,tag,option,attribute"
                               : "&facets=option,vendor,price");
  }

  /// The ids; the facets, the total and the highlights.
  shown_list shown(const std::string& query) {
    const auto a = s_.v.client.get("/store/v1/products?" + query);
    BOOST_TEST_REQUIRE(a.status == 200, query + ": " + a.body);
    const auto document = a.json();
    shown_list found;
    for (const auto& p : *document.find("data")->if_array()) {
      found.first.push_back(text_at(p, "/product_id"));
      if (const auto* parts = p.find("highlights")) found.second += json::write(*parts) + "\n";
    }
    for (const char* member : {"total", "facets"}) {
      if (const auto* v = document.find(member)) found.second += json::write(*v) + "\n";
    }
    return found;
  }

  static constexpr const char* words[] = {"amber", "birch", "cobalt", "dune"};
  static constexpr const char* vendors[] = {"Acme", "Nord", "Foo: Bar"};
  static constexpr const char* tags[] = {"New", "Sale", "Old|odd"};

  real_shop& s_;
  std::mt19937 random_;
  std::vector<std::string> categories_;
  std::vector<std::string> collections_;
  std::vector<std::string> members_;
  std::size_t found_ = 0;
  std::vector<std::pair<std::string, shown_list>> asked_;
};

/// The engine's responses must equal those of the built-in search.
inline void judge_engine(engine_server& node, unsigned seed, int products, int searches) {
  real_shop s(node, 10);
  engine_judge judge(s, seed);
  judge.fill(products);
  judge.ask_builtin(searches);
  s.build();
  BOOST_TEST_REQUIRE(s.built(), s.shop.log());
  s.settle();
  BOOST_TEST_REQUIRE(s.engine_answers_again());
  judge.compare();
}

}  // namespace stoa::test
