// The steps of the scenarios at a Medusa server, by its Store API.
// https://docs.medusajs.com/api/store

#include "bench/direct_client.hpp"
#include "bench/shop.hpp"

#include <array>
#include <optional>
#include <stdexcept>

namespace stoa::bench {
namespace {

using test::request_text;

constexpr std::array is_ok{200};
constexpr std::array words{"tea", "lamp", "oak", "linen", "mug", "blue", "desk", "wool"};
constexpr const char* customer_password = "a long pass phrase of the benchmark";

/// Medusa's ids begin with their type: the first one of the type in the text; "" without any.
std::string id_in(std::string_view text, const std::string& type) {
  const auto at = text.find("\"" + type + "_");
  if (at == std::string_view::npos) return {};
  return std::string(text.substr(at + 1, text.find('"', at + 1) - at - 1));
}

class medusa_shop final : public shop {
 public:
  void prepare(const shop_options& options) override {
    if (options.key.empty())
      throw std::runtime_error("Medusa needs its publishable key: --shop-key");
    headers_ = {{"x-publishable-api-key", options.key}};
    direct_client client(options.server);
    const auto regions = client.request("GET", "/store/regions", {}, headers_);
    region_ = id_in(regions.body, "reg");
    if (region_.empty()) throw std::runtime_error("no region: " + regions.body.substr(0, 200));
    read_products(client, options.products_max);
    if (products_.empty()) throw std::runtime_error("no product is in stock");
    popular_.emplace(products_.size(), options.uniform);
    run_ = "bench-" + std::to_string(std::random_device{}()) + "-";
    for (int i = 0; i < options.accounts; ++i) register_account(client, i);
  }

  lazy list(user& u) override {
    const auto offset = std::to_string(20 * (u.random() % 3));
    auto request = get("/store/products?limit=20&offset=" + offset + "&region_id=" + region_ +
                       "&fields=id,title,thumbnail,*variants.calculated_price");
    if (!co_await u.ask("list", std::move(request), is_ok)) co_return false;
    co_return u.has("list", {"products", "count"});
  }

  lazy search(user& u) override {
    const std::string word = words[u.random() % words.size()];
    auto request = get("/store/products?limit=20&q=" + word + "&fields=id,title,thumbnail");
    if (!co_await u.ask("search", std::move(request), is_ok)) co_return false;
    co_return u.has("search", {"products", "count"});
  }

  lazy detail(user& u) override {
    auto request = get("/store/products/" + products_[popular_->pick(u.random)].first +
                       "?region_id=" + region_ +
                       "&fields=*variants.calculated_price,+variants.inventory_quantity");
    if (!co_await u.ask("detail", std::move(request), is_ok)) co_return false;
    co_return u.has("detail", {"calculated_price", "inventory_quantity"});
  }

  lazy new_cart(user& u) override {
    u.cart.clear();
    auto request = post("/store/carts", R"({"region_id":")" + region_ + "\"}");
    if (!co_await u.ask("new cart", std::move(request), is_ok)) co_return false;
    u.cart = "/store/carts/" + id_in(u.body(), "cart");
    co_return u.has("new cart", {"cart"});
  }

  lazy add_item(user& u) override {
    auto request = post(
        u.cart + "/line-items",
        R"({"variant_id":")" + products_[popular_->pick(u.random)].second + R"(","quantity":1})");
    if (!co_await u.ask("add item", std::move(request), is_ok)) co_return false;
    co_return u.has("add item", {"items", "total"});
  }

  lazy change_cart(user& u) override {
    auto request = get(u.cart);
    if (!co_await u.ask("read cart", std::move(request), is_ok)) co_return false;
    const auto item = u.cart + "/line-items/" + id_in(u.body(), "cali");
    if (u.random() % 2 == 0) {
      auto removal = request_text("DELETE", item, {}, headers_);
      co_return co_await u.ask("remove item", std::move(removal), is_ok);
    }
    auto change = post(item, R"({"quantity":)" + std::to_string(1 + u.random() % 3) + "}");
    co_return co_await u.ask("change quantity", std::move(change), is_ok);
  }

  lazy checkout(user& u) override {
    auto address = post(u.cart, cart_details());
    if (!co_await u.ask("set address", std::move(address), is_ok)) co_return false;
    const auto cart = u.cart.substr(u.cart.rfind('/') + 1);
    auto options = get("/store/shipping-options?cart_id=" + cart);
    if (!co_await u.ask("shipping options", std::move(options), is_ok)) co_return false;
    const auto option = id_in(u.body(), "so");
    auto method = post(u.cart + "/shipping-methods", R"({"option_id":")" + option + "\"}");
    if (!co_await u.ask("set shipping", std::move(method), is_ok)) co_return false;
    auto collection = post("/store/payment-collections", R"({"cart_id":")" + cart + "\"}");
    if (!co_await u.ask("payment collection", std::move(collection), is_ok)) co_return false;
    auto session =
        post("/store/payment-collections/" + id_in(u.body(), "pay_col") + "/payment-sessions",
             R"({"provider_id":"pp_system_default"})");
    if (!co_await u.ask("payment session", std::move(session), is_ok)) co_return false;
    auto complete = post(u.cart + "/complete", "{}");
    if (!co_await u.ask("complete", std::move(complete), is_ok)) co_return false;
    if (id_in(u.body(), "order").empty()) {
      u.results.error("complete: no order", std::string(u.body().substr(0, 300)));
      co_return false;
    }
    u.results.fact(confirmed_orders_fact);
    co_return true;
  }

  lazy login(user& u) override {
    auto request = request_text("POST", "/auth/customer/emailpass",
                                credentials(accounts_[u.random() % accounts_.size()]), {});
    if (!co_await u.ask("login", std::move(request), is_ok)) co_return false;
    co_return u.has("login", {"token"});
  }

 private:
  std::string get(const std::string& path) const { return request_text("GET", path, {}, headers_); }
  std::string post(const std::string& path, const std::string& body) const {
    return request_text("POST", path, body, headers_);
  }
  static std::string credentials(const std::string& email) {
    return R"({"email":")" + email + R"(","password":")" + customer_password + "\"}";
  }
  static std::string cart_details() {
    const std::string address =
        R"({"first_name":"Ada","last_name":"Lovelace","address_1":"1 Main Street",)"
        R"("city":"Berlin","postal_code":"10115","country_code":"de"})";
    return R"({"email":"buyer@bench.example","shipping_address":)" + address +
           R"(,"billing_address":)" + address + "}";
  }

  void register_account(direct_client& client, int number) {
    const auto email = run_ + std::to_string(number) + "@bench.example";
    const auto made =
        client.request("POST", "/auth/customer/emailpass/register", credentials(email));
    auto headers = headers_;
    headers.emplace_back("Authorization",
                         "Bearer " + std::string(test::text_member(made.body, "token")));
    const auto customer =
        client.request("POST", "/store/customers", R"({"email":")" + email + "\"}", headers);
    if (customer.status != 200) {
      throw std::runtime_error("cannot register an account: " + customer.body.substr(0, 200));
    }
    accounts_.push_back(email);
  }

  /// The products with their only variants.
  void read_products(direct_client& client, std::size_t max) {
    constexpr std::size_t page = 100;
    while (products_.size() < max) {
      const auto found = client.request("GET",
                                        "/store/products?limit=100&fields=id,variants.id&offset=" +
                                            std::to_string(products_.size()),
                                        {}, headers_);
      std::size_t many = 0;
      for (auto at = found.body.find("\"prod_"); at != std::string::npos;
           at = found.body.find("\"prod_", at + 1)) {
        const auto rest = std::string_view(found.body).substr(at);
        const auto product = id_in(rest, "prod");
        if (!products_.empty() && products_.back().first == product) continue;
        products_.emplace_back(product, id_in(rest, "variant"));
        ++many;
      }
      if (found.status != 200) {
        throw std::runtime_error("the product list returned " + found.body.substr(0, 200));
      }
      if (many < page) return;
    }
  }

  test::header_list headers_;
  std::string region_;
  std::vector<std::pair<std::string, std::string>> products_;
  std::optional<zipf> popular_;
  std::vector<std::string> accounts_;
  std::string run_;
};

}  // namespace

std::unique_ptr<shop> make_medusa_shop() {
  return std::make_unique<medusa_shop>();
}

}  // namespace stoa::bench
