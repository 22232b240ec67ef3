// Responses that the node keeps: the same bytes again, and never older than an acknowledged change.

#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <optional>
#include <thread>

using namespace stoa::test;
using std::chrono::seconds;

namespace {

constexpr int stock = 1000;

class shop {
 public:
  explicit shop(std::filesystem::path binary = {}, environment settings = {}) {
    settings.emplace_back("STOA_LOG_LEVEL", "warn");
    load_demo(stoa_binary(), folder_ / "data", 30, stock);
    create_root(stoa_binary(), folder_ / "data");
    server_.emplace(
        server_options{std::move(binary), folder_ / "data", std::move(settings), {}, 0});
    server_->start();
    product_ = uuid_text(read_stock(server_->data()).begin()->first);
  }

  server& program() { return *server_; }
  std::uint16_t port() const { return server_->port(); }
  std::string path() const { return "/store/v1/products/" + product_; }
  std::string list_path() const { return "/store/v1/products?ids=" + product_; }
  void buy(http_client& c) {
    const auto name = "buyer-" + std::to_string(++bought_);
    const auto post = [&](const std::string& to, const std::string& body, header_list headers) {
      auto answer = c.post(to, body, headers);
      BOOST_TEST_REQUIRE(answer.status == 201, to << ": " << answer.body);
      return answer;
    };
    const auto made = post(
        "/store/v1/carts", "",
        {{"Idempotency-Key", name + "-cart"}, {"Client-Secret", name + "-0123456789abcdefghij"}});
    const auto cart = "/store/v1/carts/" + std::string(text_member(made.body, "cart_id"));
    post(cart + "/items", R"({"product_id":")" + product_ + R"(","quantity":1})",
         {{"Idempotency-Key", name + "-item"}});
    post(cart + "/checkout",
         R"({"email":")" + name +
             R"(@shoppers.example","shipping_address":{"address_line1":"1 Main Street",)"
             R"("city":"Berlin","postal_code":"10115","country":"DE"},)"
             R"("payment_method":{"type":"card","token":"tok_visa"}})",
         {{"Idempotency-Key", name}});
  }
  int bought() const { return bought_; }

 private:
  temp_dir folder_;
  std::optional<server> server_;
  std::string product_;
  int bought_ = 0;
};

/// A value of /metrics; 0 when it is absent.
double metric(http_client& c, const std::string& name) {
  const auto text = "\n" + c.get("/metrics").body;
  const auto at = text.find("\n" + name + " ");
  return at == text.npos ? 0 : std::atof(text.c_str() + at + name.size() + 2);
}

/// The number of responses with a stock from before an acknowledged purchase, beside clients that
/// read the same.
int outdated_answers(shop& s, int purchases) {
  std::atomic<bool> over = false;
  std::vector<std::jthread> readers;
  for (const auto& path : {s.path(), s.list_path()}) {
    readers.emplace_back([&over, path, port = s.port()] {
      http_client c(port);
      while (!over) c.get(path);
    });
  }
  http_client c(s.port());
  int outdated = 0;
  for (int i = 0; i < purchases; ++i) {
    s.buy(c);
    const auto left = std::int64_t{stock} - s.bought();
    if (number_at(c.get(s.path()).json(), "/inventory_count") != left) ++outdated;
    if (number_at(c.get(s.list_path()).json(), "/data/0/inventory_count") != left) ++outdated;
  }
  over = true;
  return outdated;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answer_cache)

BOOST_AUTO_TEST_CASE(no_answer_is_older_than_an_acknowledged_purchase) {
  shop s;
  BOOST_TEST(outdated_answers(s, 60) == 0);
  http_client c(s.port());
  BOOST_TEST(metric(c, "stoa_http_answer_cache_hits_total") > 100);
  BOOST_TEST(metric(c, "stoa_http_answer_cache_bytes") > 0);
}

BOOST_AUTO_TEST_CASE(an_answer_that_outlives_a_change_is_found) {
  shop s(stoa_with_faults(), {{"STOA_FAULT", "keep_old_answers"}});
  BOOST_TEST(outdated_answers(s, 20) > 0);
}

/// The number of product pages with another price than that of their moment, while a sale begins
/// and ends. No commit discards the kept pages: they are found by their key, which has the state of
/// the price lists.
int outdated_prices(shop& s) {
  visitor v(s.port());
  const auto who = v.log_in("root");
  const auto price = [&] { return number_at(v.client.get(s.path()).json(), "/price/amount"); };
  const auto own = price();
  const auto now = [] { return std::chrono::system_clock::now(); };
  const auto begin = now() + std::chrono::milliseconds{1500};
  const auto end = begin + std::chrono::milliseconds{1500};
  const auto text = [](std::chrono::system_clock::time_point t) {
    return stoa::timestamp{
        std::chrono::duration_cast<stoa::microseconds>(t.time_since_epoch()).count()}
        .str();
  };
  const auto made =
      v.client.post("/admin/v1/price-lists",
                    R"({"name":"Sale","currency":"EUR","kind":"sale","valid_from":")" +
                        text(begin) + R"(","valid_until":")" + text(end) + "\"}",
                    who);
  BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
  const auto set =
      v.client.post(made.header("Location") + "/prices",
                    R"({"set":[{"product_id":")" + s.path().substr(s.path().rfind('/') + 1) +
                        R"(","price":{"amount":1,"currency":"EUR"}}]})",
                    who);
  BOOST_REQUIRE_MESSAGE(set.status == 200, set.body);
  int outdated = 0;
  while (now() < end + std::chrono::milliseconds{500}) {
    const auto before = now();
    const bool is_sale = price() != own;
    const auto after = now();
    outdated += is_sale ? (after < begin || before >= end) : (before >= begin && after < end);
  }
  return outdated;
}

BOOST_AUTO_TEST_CASE(kept_pages_show_the_prices_of_now) {
  shop s;
  BOOST_TEST(outdated_prices(s) == 0);
  http_client c(s.port());
  BOOST_TEST(metric(c, "stoa_http_answer_cache_hits_total") > 100);
}

BOOST_AUTO_TEST_CASE(a_page_that_is_kept_without_the_state_of_prices_is_found) {
  shop s(stoa_with_faults(), {{"STOA_FAULT", "forget_price_state"}});
  BOOST_TEST(outdated_prices(s) > 0);
}

BOOST_AUTO_TEST_CASE(a_kept_answer_is_the_same_as_the_first) {
  shop s;
  http_client c(s.port());
  for (const auto& path :
       {s.path(), s.path() + "?fields=name,price", s.path() + "?expand=category", s.list_path(),
        std::string("/store/v1/products?limit=3&count=true"),
        std::string("/store/v1/products?q=bench"), std::string("/store/v1/categories")}) {
    const auto hits = metric(c, "stoa_http_answer_cache_hits_total");
    const auto first = c.get(path);
    auto second = c.get(path);
    // On a busy machine the first may be too old already.
    for (int i = 0; i < 20 && metric(c, "stoa_http_answer_cache_hits_total") == hits; ++i) {
      second = c.get(path);
    }
    BOOST_TEST(metric(c, "stoa_http_answer_cache_hits_total") > hits, path);
    BOOST_TEST(first.status == 200, path << first.body);
    BOOST_TEST(second.status == 200);
    BOOST_TEST(first.body == second.body);
    for (const auto* name : {"ETag", "Link", "Content-Type", "Cache-Control", "Vary"}) {
      BOOST_TEST(first.header(name) == second.header(name), path << ' ' << name);
    }
    BOOST_TEST(first.header("X-Request-Id") != second.header("X-Request-Id"));
    const auto same = c.request("GET", path, "", {{"If-None-Match", first.header("ETag")}});
    BOOST_TEST(same.status == 304);
    BOOST_TEST(same.body == "");
    BOOST_TEST(c.request("GET", path, "", {{"If-None-Match", "\"other\""}}).status == 200);
    BOOST_TEST(c.request("GET", path, "", {{"If-Match", "\"other\""}}).status == 412);
  }
}

BOOST_AUTO_TEST_CASE(each_coding_has_its_own_bytes) {
  shop s;
  http_client c(s.port());
  const std::string path = "/store/v1/products?limit=20";
  const auto plain = c.get(path);
  for (const auto* coding : {"gzip", "zstd"}) {
    const auto first = c.request("GET", path, "", {{"Accept-Encoding", coding}});
    const auto second = c.request("GET", path, "", {{"Accept-Encoding", coding}});
    BOOST_TEST(first.header("Content-Encoding") == coding);
    BOOST_TEST(second.header("Content-Encoding") == coding);
    BOOST_TEST(first.body == second.body);
    BOOST_TEST(first.body.size() < plain.body.size());
    BOOST_TEST(first.header("ETag") == second.header("ETag"));
    BOOST_TEST(first.header("ETag") != plain.header("ETag"));
    BOOST_TEST(c.request("GET", path, "",
                         {{"Accept-Encoding", coding}, {"If-None-Match", first.header("ETag")}})
                   .status == 304);
  }
  BOOST_TEST(c.get(path).body == plain.body);
}

BOOST_AUTO_TEST_CASE(errors_are_not_kept) {
  shop s;
  http_client c(s.port());
  for (const auto* path :
       {"/store/v1/products/00000000-0000-7000-8000-000000000000",
        "/store/v1/products?limit=nothing", "/store/v1/products?fields=nothing"}) {
    const auto first = c.get(path);
    BOOST_TEST(first.status >= 400, path);
    BOOST_TEST(c.get(path).code() == first.code());
  }
  BOOST_TEST(metric(c, "stoa_http_answer_cache_hits_total") == 0);
}

BOOST_AUTO_TEST_CASE(the_cache_is_bounded_and_can_be_switched_off) {
  shop small({}, {{"STOA_HTTP_ANSWER_CACHE_BYTES", "65536"}});
  http_client c(small.port());
  for (int i = 1; i <= 100; ++i) {
    c.get("/store/v1/products?fields=name&limit=" + std::to_string(i));
  }
  const auto bytes = metric(c, "stoa_http_answer_cache_bytes");
  BOOST_TEST(bytes > 32768);
  BOOST_TEST(bytes <= 65536);

  shop none({}, {{"STOA_HTTP_ANSWER_CACHE_BYTES", "0"}});
  http_client d(none.port());
  BOOST_TEST(d.get(none.path()).body == d.get(none.path()).body);
  BOOST_TEST(metric(d, "stoa_http_answer_cache_hits_total") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
