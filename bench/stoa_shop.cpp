// The steps of the scenarios at a Stoa server.

#include "bench/direct_client.hpp"
#include "bench/load.hpp"
#include "bench/shop.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace stoa::bench {
namespace {

using test::request_text;

constexpr std::array is_ok{200};
constexpr std::array is_created{201};
constexpr std::array is_changed{200, 204};
/// 202: the payment takes longer than the request may.
constexpr std::array is_ordered{201, 202};
/// 409 or 422: the product is sold out.
constexpr std::array is_created_or_sold_out{201, 409, 422};
constexpr std::array is_ordered_or_sold_out{201, 202, 409, 422};
constexpr int polls_max = 200;
constexpr std::chrono::milliseconds poll_pause{20};
constexpr std::array pages{"/store/v1/products?limit=20", "/store/v1/products?limit=20&sort=price",
                           "/store/v1/products?limit=20&in_stock=true"};
/// Words of a demo store's names.
constexpr std::array words{"tea", "lamp", "oak", "linen", "mug", "blue", "desk", "wool"};
constexpr const char* account_password = "a long pass phrase of the benchmark";

class stoa_shop final : public shop {
 public:
  void prepare(const shop_options& options) override {
    products_ = buyable_products(options.server, options.products_max);
    popular_.emplace(products_.size(), options.uniform);
    sells_out_ = options.sells_out;
    run_ = "bench-" + std::to_string(std::random_device{}()) + "-";
    direct_client client(options.server);
    for (int i = 0; i < options.accounts; ++i) {
      const auto name = run_ + std::to_string(i);
      const auto made = client.request(
          "POST", "/store/v1/users",
          R"({"username":")" + name + R"(","email":")" + name +
              R"(@bench.example","first_name":"Ada","last_name":"Lovelace","password":")" +
              account_password + "\"}");
      if (made.status != 201) {
        throw std::runtime_error("cannot register an account: " + std::to_string(made.status) +
                                 " " + made.body.substr(0, 200));
      }
      accounts_.push_back(name);
    }
  }

  // Each request has a name: GCC 12 compiles temporaries in an expression with co_await wrongly.
  lazy list(user& u) override {
    auto request = get(pages[u.random() % pages.size()]);
    if (!co_await u.ask("list", std::move(request), is_ok)) co_return false;
    co_return u.has("list", {"data", "next_cursor"});
  }

  lazy search(user& u) override {
    const std::string word = words[u.random() % words.size()];
    auto request = get("/store/v1/products?limit=20&q=" + word);
    if (!co_await u.ask("search", std::move(request), is_ok)) co_return false;
    co_return u.has("search", {"data"});
  }

  lazy detail(user& u) override {
    auto request = get("/store/v1/products/" + popular(u));
    if (!co_await u.ask("detail", std::move(request), is_ok)) co_return false;
    co_return u.has("detail", {"product_id", "price"});
  }

  lazy new_cart(user& u) override {
    u.cart.clear();
    auto request = request_text("POST", "/store/v1/carts", {}, {});
    if (!co_await u.ask("new cart", std::move(request), is_created)) co_return false;
    if (!u.has("new cart", {"cart_id"})) co_return false;
    u.cart = "/store/v1/carts/" + std::string(u.member("cart_id"));
    co_return true;
  }

  lazy add_item(user& u) override {
    auto body = R"({"product_id":")" + popular(u) + R"(","quantity":1})";
    auto request = request_text("POST", u.cart + "/items", body, {});
    if (!co_await u.ask("add item", std::move(request), expected(is_created))) co_return false;
    if (is_sold_out("add item", u)) co_return false;
    co_return u.has("add item", {"cart_id", "items"});
  }

  lazy change_cart(user& u) override {
    auto request = get(u.cart);
    if (!co_await u.ask("read cart", std::move(request), is_ok)) co_return false;
    const auto item = u.cart + "/items/" + std::string(u.member("cart_item_id"));
    if (u.random() % 2 == 0) {
      auto removal = request_text("DELETE", item, {}, {});
      co_return co_await u.ask("remove item", std::move(removal), is_changed);
    }
    const auto quantity = std::to_string(1 + u.random() % 3);
    auto change = request_text("PATCH", item, R"({"quantity":)" + quantity + "}", {});
    co_return co_await u.ask("change quantity", std::move(change), is_changed);
  }

  lazy checkout(user& u) override {
    auto request = checkout_of(u);
    if (!co_await u.ask("checkout", std::move(request), expected(is_ordered))) co_return false;
    if (is_sold_out("checkout", u)) co_return false;
    if (!u.has("checkout", {"order_id", "access_token", "status"})) co_return false;
    const auto order = "/store/v1/orders/" + std::string(u.member("order_id"));
    const auto access = "Bearer " + std::string(u.member("access_token"));
    std::string status(u.member("status"));
    for (int i = 0; status == "Pending" && i < polls_max; ++i) {
      co_await u.pause(poll_pause);
      auto poll = request_text("GET", order, {}, {{"Authorization", access}});
      if (!co_await u.ask("poll order", std::move(poll), is_ok)) co_return false;
      status = u.member("status");
    }
    if (status == "Confirmed") {
      u.results.fact(confirmed_orders_fact);
      co_return true;
    }
    u.results.error("checkout: order " + status, std::string(u.body()));
    co_return false;
  }

  lazy login(user& u) override {
    const auto& name = accounts_[u.random() % accounts_.size()];
    auto request =
        request_text("POST", "/store/v1/auth/login",
                     R"({"login":")" + name + R"(","password":")" + account_password + "\"}", {});
    if (!co_await u.ask("login", std::move(request), is_ok)) co_return false;
    co_return u.has("login", {"access_token", "refresh_token"});
  }

 private:
  std::span<const int> expected(std::span<const int> usual) const {
    if (!sells_out_) return usual;
    return usual.front() == is_created.front() && usual.size() == 1
               ? std::span<const int>(is_created_or_sold_out)
               : std::span<const int>(is_ordered_or_sold_out);
  }
  /// Whether the product is sold out. Another conflict is an error.
  static bool is_sold_out(std::string_view step, user& u) {
    if (u.status() < 400) return false;
    if (u.member("code") == "sold_out") {
      u.sold_out = true;
      u.results.fact("sold out");
    } else {
      u.results.error(std::string(step) + ": " + std::to_string(u.status()), std::string(u.body()));
    }
    return true;
  }
  static std::string get(std::string_view path) { return request_text("GET", path, {}, {}); }
  const std::string& popular(user& u) const { return products_[popular_->pick(u.random)]; }

  std::string checkout_of(const user& u) const {
    const auto key = run_ + std::to_string(u.number) + "-" + std::to_string(u.operations);
    return request_text("POST", u.cart + "/checkout",
                        R"({"email":"buyer@bench.example","shipping_address":{"first_name":"Ada",)"
                        R"("last_name":"Lovelace","address_line1":"1 Main Street","city":"Berlin",)"
                        R"("postal_code":"10115","country":"DE"},)"
                        R"("payment_method":{"type":"card","token":"tok_visa"}})",
                        {{"Idempotency-Key", key}});
  }

  std::vector<std::string> products_;
  std::optional<zipf> popular_;
  std::vector<std::string> accounts_;
  bool sells_out_ = false;
  std::string run_;  ///< makes the keys unique to this run
};

}  // namespace

zipf::zipf(std::size_t items, bool uniform) {
  double sum = 0;
  for (std::size_t i = 1; i <= items; ++i) {
    sums_.push_back(sum += uniform ? 1 : 1 / static_cast<double>(i));
  }
}

std::size_t zipf::pick(std::mt19937_64& random) const {
  std::uniform_real_distribution<double> any(0, sums_.back());
  const auto found = std::ranges::lower_bound(sums_, any(random));
  return std::min(static_cast<std::size_t>(found - sums_.begin()), sums_.size() - 1);
}

std::unique_ptr<shop> make_stoa_shop() {
  return std::make_unique<stoa_shop>();
}

}  // namespace stoa::bench
