#include "bench/scenario.hpp"

#include <stdexcept>

namespace stoa::bench {
namespace {

constexpr unsigned percent = 100;
constexpr unsigned list_percent = 20;
constexpr unsigned search_percent = 10;
constexpr unsigned changes_per_cart = 10;

lazy browse(shop& target, user& u, std::string_view& name) {
  const auto choice = u.random() % percent;
  if (choice < list_percent) {
    name = "list";
    co_return co_await target.list(u);
  }
  if (choice < list_percent + search_percent) {
    name = "search";
    co_return co_await target.search(u);
  }
  name = "detail";
  co_return co_await target.detail(u);
}

lazy change_cart(shop& target, user& u, std::string_view& name) {
  name = "cart change";
  if (u.cart.empty() || u.random() % changes_per_cart == 0) {
    if (!co_await target.new_cart(u)) co_return false;
    co_await u.think();
    co_return co_await target.add_item(u);
  }
  if (u.random() % 2 == 0) co_return co_await target.add_item(u);
  const bool ok = co_await target.change_cart(u);
  // The cart may be empty now.
  u.cart.clear();
  co_return ok;
}

lazy purchase(shop& target, user& u, std::string_view& name, int items) {
  name = "purchase";
  if (!co_await target.new_cart(u)) co_return false;
  for (int i = 0; i < items; ++i) {
    co_await u.think();
    if (!co_await target.add_item(u)) co_return false;
  }
  co_await u.think();
  const bool ok = co_await target.checkout(u);
  u.cart.clear();
  co_return ok;
}

lazy buy_in_sale(shop& target, user& u, std::string_view& name) {
  const bool bought = co_await purchase(target, u, name, 1);
  co_return bought || u.sold_out;
}

lazy mixed(shop& target, const scenario_weights& weights, user& u, std::string_view& name) {
  const auto sum = static_cast<unsigned>(weights.reads + weights.cart_changes + weights.purchases);
  const auto choice = static_cast<int>(u.random() % sum);
  if (choice < weights.reads) co_return co_await browse(target, u, name);
  if (choice < weights.reads + weights.cart_changes) {
    co_return co_await change_cart(target, u, name);
  }
  co_return co_await purchase(target, u, name, 2);
}

lazy login(shop& target, user& u, std::string_view& name) {
  name = "login";
  co_return co_await target.login(u);
}

lazy get(const std::string& requests, std::uint64_t pipeline, user& u, std::string_view& name) {
  name = "get";
  u.weight = pipeline;
  co_return co_await u.get_many("get", requests, pipeline);
}

}  // namespace

std::unique_ptr<shop> make_shop(std::string_view name) {
  if (name == "stoa") return make_stoa_shop();
  if (name == "vendure") return make_vendure_shop();
  if (name == "medusa") return make_medusa_shop();
  throw std::invalid_argument("unknown shop " + std::string(name));
}

operation scenario_of(std::string_view name, shop& target, const scenario_weights& weights) {
  if (name == "browse") {
    return [&](user& u, std::string_view& of) { return browse(target, u, of); };
  }
  if (name == "cart") {
    return [&](user& u, std::string_view& of) { return change_cart(target, u, of); };
  }
  if (name == "checkout") {
    return [&](user& u, std::string_view& of) { return purchase(target, u, of, 2); };
  }
  if (name == "flash-sale") {
    return [&](user& u, std::string_view& of) { return buy_in_sale(target, u, of); };
  }
  if (name == "login") return [&](user& u, std::string_view& of) { return login(target, u, of); };
  if (name == "mixed") {
    return
        [&target, weights](user& u, std::string_view& of) { return mixed(target, weights, u, of); };
  }
  throw std::invalid_argument("unknown scenario " + std::string(name));
}

operation get_of(const std::string& path, int pipeline) {
  std::string requests;
  for (int i = 0; i < pipeline; ++i) requests += test::request_text("GET", path, {}, {});
  return [requests, pipeline](user& u, std::string_view& of) {
    return get(requests, static_cast<std::uint64_t>(pipeline), u, of);
  };
}

}  // namespace stoa::bench
