// The steps of the scenarios at a Vendure server, by its Shop API (GraphQL).
// https://docs.vendure.io/reference/graphql-api/shop/

#include "bench/direct_client.hpp"
#include "bench/shop.hpp"
#include "storage/base/json_write.hpp"

#include <array>
#include <optional>
#include <stdexcept>

namespace stoa::bench {
namespace {

using test::request_text;

constexpr const char* path = "/shop-api";
constexpr std::array is_ok{200};
constexpr std::array terms{"tea", "lamp", "oak", "linen", "mug", "blue", "desk", "wool"};
constexpr const char* customer_password = "a long pass phrase of the benchmark";
/// Selected of each result that may be an error.
constexpr const char* or_error = " ... on ErrorResult { errorCode message } }";

std::string body_of(const std::string& query) {
  return R"({"query":)" + json::write(query) + "}";
}

/// The ids of a list in the order of the response: the texts of all members of that name.
std::vector<std::string> texts_of(std::string_view json, const std::string& name) {
  std::vector<std::string> all;
  const auto key = "\"" + name + "\":\"";
  for (auto at = json.find(key); at != json.npos; at = json.find(key, at)) {
    at += key.size();
    all.emplace_back(json.substr(at, json.find('"', at) - at));
  }
  return all;
}

class vendure_shop final : public shop {
 public:
  void prepare(const shop_options& options) override {
    direct_client client(options.server);
    read_products(client, options.products_max);
    if (variants_.empty()) throw std::runtime_error("no product is in the search index");
    popular_.emplace(variants_.size(), options.uniform);
    run_ = "bench-" + std::to_string(std::random_device{}()) + "-";
    for (int i = 0; i < options.accounts; ++i) {
      const auto email = run_ + std::to_string(i) + "@bench.example";
      const auto made = client.request(
          "POST", path,
          body_of(R"(mutation { registerCustomerAccount(input: { emailAddress: ")" + email +
                  R"(", firstName: "Ada", lastName: "Lovelace", password: ")" + customer_password +
                  R"(" }) { __typename } })"));
      if (made.body.find("\"Success\"") == std::string::npos) {
        throw std::runtime_error("cannot register an account: " + made.body.substr(0, 200));
      }
      accounts_.push_back(email);
    }
    const auto methods =
        client.request("POST", path, body_of("{ eligibleShippingMethods { id } }"));
    if (methods.status != 200) throw std::runtime_error("eligibleShippingMethods: " + methods.body);
  }

  lazy list(user& u) override {
    const auto skip = std::to_string(20 * (u.random() % 3));
    auto request = query(u, "{ search(input: { take: 20, skip: " + skip +
                                ", groupByProduct: true }) { totalItems items { productId "
                                "productName priceWithTax { ... on SinglePrice { value } ... on "
                                "PriceRange { min max } } } } }");
    co_return co_await run(u, "list", std::move(request), "productName");
  }

  lazy search(user& u) override {
    const std::string term = terms[u.random() % terms.size()];
    auto request = query(u, "{ search(input: { take: 20, term: \"" + term +
                                "\", groupByProduct: true }) { totalItems items { productId "
                                "productName } } }");
    co_return co_await run(u, "search", std::move(request), "items");
  }

  lazy detail(user& u) override {
    const auto product = products_[popular_->pick(u.random)];
    auto request = query(u, "{ product(id: \"" + product +
                                "\") { id name slug description variants { id name priceWithTax "
                                "stockLevel } } }");
    co_return co_await run(u, "detail", std::move(request), "priceWithTax");
  }

  /// The first item creates the order, which is Vendure's cart.
  lazy new_cart(user& u) override {
    u.token.clear();
    u.cart = "active order";
    co_return true;
  }

  lazy add_item(user& u) override {
    const auto variant = variants_[popular_->pick(u.random)];
    auto request =
        query(u, "mutation { addItemToOrder(productVariantId: \"" + variant +
                     "\", quantity: 1) { __typename ... on Order { id totalWithTax lines "
                     "{ id quantity } }" +
                     or_error + " }");
    if (!co_await run(u, "add item", std::move(request), "lines")) co_return false;
    if (const auto token = u.field("vendure-auth-token"); !token.empty()) u.token = token;
    co_return true;
  }

  lazy change_cart(user& u) override {
    auto request = query(u, "{ activeOrder { id lines { id quantity } } }");
    if (!co_await run(u, "read cart", std::move(request), "lines")) co_return false;
    const auto ids = texts_of(u.body(), "id");
    // The first id is the order's.
    if (ids.size() < 2) co_return true;
    const auto quantity = std::to_string(u.random() % 4);
    auto change = query(u, "mutation { adjustOrderLine(orderLineId: \"" + ids[1] +
                               "\", quantity: " + quantity + ") { __typename ... on Order { id }" +
                               or_error + " }");
    co_return co_await run(u, "change quantity", std::move(change), "__typename");
  }

  lazy checkout(user& u) override {
    const auto email = run_ + std::to_string(u.number) + "-" + std::to_string(u.operations);
    const std::array<std::pair<const char*, std::string>, 6> steps{{
        {"set customer", R"(mutation { setCustomerForOrder(input: { firstName: "Ada", lastName: )"
                         R"("Lovelace", emailAddress: ")" +
                             email + R"(@bench.example" }) { __typename)" + or_error + " }"},
        {"set address", R"(mutation { setOrderShippingAddress(input: { fullName: "Ada Lovelace", )"
                        R"(streetLine1: "1 Main Street", city: "Berlin", postalCode: "10115", )"
                        R"(countryCode: "DE" }) { __typename)" +
                            std::string(or_error) + " }"},
        {"shipping methods", "{ eligibleShippingMethods { id price } }"},
        {"set shipping method", ""},
        {"arrange payment", R"(mutation { transitionOrderToState(state: "ArrangingPayment") { )"
                            R"(__typename ... on OrderStateTransitionError { errorCode )"
                            R"(transitionError } } })"},
        {"pay",
         R"(mutation { addPaymentToOrder(input: { method: "standard-payment", metadata: {} })"
         R"() { __typename ... on Order { state code })" +
             std::string(or_error) + " }"},
    }};
    std::string method;
    for (const auto& [step, text] : steps) {
      auto request =
          query(u, text.empty() ? "mutation { setOrderShippingMethod(shippingMethodId: [\"" +
                                      method + "\"]) { __typename" + or_error + " }"
                                : text);
      if (!co_await run(u, step, std::move(request), "data")) co_return false;
      if (method.empty()) method = u.member("id");
    }
    if (u.member("state") != "PaymentSettled") {
      u.results.error("pay: order " + std::string(u.member("state")), std::string(u.body()));
      co_return false;
    }
    u.results.fact(confirmed_orders_fact);
    co_return true;
  }

  lazy login(user& u) override {
    u.token.clear();
    const auto& email = accounts_[u.random() % accounts_.size()];
    auto request = query(u, R"(mutation { login(username: ")" + email + R"(", password: ")" +
                                customer_password + R"(") { __typename)" + or_error + " }");
    co_return co_await run(u, "login", std::move(request), "CurrentUser");
  }

 private:
  void read_products(direct_client& client, std::size_t max) {
    constexpr std::size_t page = 100;
    while (variants_.size() < max) {
      const auto found = client.request(
          "POST", path,
          body_of("{ search(input: { take: 100, skip: " + std::to_string(variants_.size()) +
                  " }) { items { productVariantId productId } } }"));
      const auto variants = texts_of(found.body, "productVariantId");
      const auto products = texts_of(found.body, "productId");
      if (found.status != 200 || variants.size() != products.size()) {
        throw std::runtime_error("the search returned " + found.body.substr(0, 200));
      }
      variants_.insert(variants_.end(), variants.begin(), variants.end());
      products_.insert(products_.end(), products.begin(), products.end());
      if (variants.size() < page) return;
    }
  }

  static std::string query(const user& u, const std::string& text) {
    test::header_list headers;
    if (!u.token.empty()) headers.emplace_back("Authorization", "Bearer " + u.token);
    return request_text("POST", path, body_of(text), headers);
  }

  /// GraphQL reports errors with the status 200: the text must be in the response, and no error.
  static lazy run(user& u, std::string_view step, std::string request, std::string_view expected) {
    if (!co_await u.ask(step, std::move(request), is_ok)) co_return false;
    const bool ok = u.body().find(expected) != std::string_view::npos &&
                    u.body().find("\"errorCode\":") == std::string_view::npos &&
                    u.body().find("\"errors\":[") == std::string_view::npos;
    if (!ok) {
      const auto code = std::string(u.member("errorCode"));
      u.results.error(std::string(step) + ": " + (code.empty() ? "unexpected response" : code),
                      std::string(u.body().substr(0, 300)));
    }
    co_return ok;
  }

  std::vector<std::string> products_;
  std::vector<std::string> variants_;
  std::optional<zipf> popular_;
  std::vector<std::string> accounts_;
  std::string run_;
};

}  // namespace

std::unique_ptr<shop> make_vendure_shop() {
  return std::make_unique<vendure_shop>();
}

}  // namespace stoa::bench
