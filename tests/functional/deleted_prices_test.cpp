// Prices of deleted products: those that are set while the product is being deleted, and those that
// earlier versions have left.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

using namespace stoa;
using namespace stoa::test;

namespace {

struct priced_store {
  storefront shop{{.products = 5}};
  visitor v{shop.port()};
  header_list root = v.log_in("root");
  std::string list = made(R"({"name":"L","currency":"EUR"})", "/admin/v1/price-lists");

  std::string made(const std::string& body, const std::string& path) {
    const auto a = v.client.post(path, body, root);
    BOOST_TEST_REQUIRE(a.status == 201, a.body);
    return a.header("Location");
  }
  static std::string change_of(const std::string& id) {
    return R"({"set":[{"product_id":")" + id + R"(","price":{"amount":5,"currency":"EUR"}}]})";
  }
  void set(const std::string& id) {
    const auto a = v.client.post(list + "/prices", change_of(id), root);
    BOOST_TEST_REQUIRE(a.status == 200, a.body);
  }
  std::int64_t entries() { return number_at(v.client.get(list, root).json(), "/entries"); }
  void start() {
    shop.process().start();
    v.client.disconnect();
    root = v.log_in("root");
  }
  bool is_found() {
    const auto done = run_program(stoa_binary(), {"check", "--data", shop.data().string()}, {});
    return done.output.find("price_of_deleted_product") != std::string::npos;
  }
  void change(const std::string& file, const std::string& sql) {
    sqlite3* db = nullptr;
    BOOST_TEST_REQUIRE(sqlite3_open((shop.data() / file).c_str(), &db) == SQLITE_OK);
    BOOST_TEST(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sql);
    sqlite3_close(db);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deleted_prices, priced_store)

BOOST_AUTO_TEST_CASE(no_price_of_a_deleted_product_is_left) {
  std::vector<std::string> ids;
  std::atomic<int> accepted{0};
  for (int i = 0; i < 12; ++i) {
    const auto product = v.client.post(
        "/admin/v1/products", R"({"name":"Gone","price":{"amount":9,"currency":"EUR"}})", root);
    BOOST_TEST_REQUIRE(product.status == 201, product.body);
    const auto id = ids.emplace_back(text_at(product.json(), "/product_id"));
    std::thread other([&, id] {
      visitor w(shop.port());
      const auto a = w.client.post(list + "/prices", change_of(id), root);
      accepted += a.status == 200 ? 1 : 0;
    });
    const auto deleted = v.client.del("/admin/v1/products/" + id, root);
    other.join();
    BOOST_TEST(deleted.status == 204, deleted.body);
  }
  BOOST_TEST_MESSAGE(accepted << " prices were accepted");
  BOOST_TEST(eventually([&] { return entries() == 0; }));
  for (const auto& id : ids) {
    const auto prices = v.client.get("/admin/v1/products/" + id + "/prices", root).json();
    BOOST_TEST(size_at(prices, "/data") == 0U);
  }
}

BOOST_AUTO_TEST_CASE(what_earlier_versions_have_left_is_removed) {
  const auto gone = v.goods().at(0).id;
  const auto sold = v.goods().at(1).id;
  set(gone);
  set(sold);
  shop.process().stop();
  BOOST_TEST(!is_found());
  auto hex = gone;
  std::erase(hex, '-');
  // Without its event.
  change("catalog.db",
         "UPDATE products SET status='Deleted', updated_at=1 WHERE product_id=x'" + hex + "'");
  BOOST_TEST(is_found());
  // The migration opens a check for each product with a price.
  change("pricing.db",
         "DROP TABLE price_checks;"
         "DELETE FROM schema_migrations WHERE module='pricing' AND number=6");
  start();
  BOOST_TEST(eventually([&] { return entries() == 1; }));
  BOOST_TEST(
      size_at(v.client.get("/admin/v1/products/" + sold + "/prices", root).json(), "/data") == 1U);
  BOOST_TEST(shop.log().find("prices of deleted products removed") != std::string::npos);
  shop.process().stop();
  BOOST_TEST(!is_found());
}

BOOST_AUTO_TEST_SUITE_END()
