#include "net/routes/order_expansion.hpp"

#include "net/front/route.hpp"
#include "net/routes/customer_payment.hpp"
#include "net/routes/product_expansion.hpp"
#include "net/routes/product_prices.hpp"

namespace stoa::front {

namespace {

task<user::user_page> users_of(exchange& x, const std::vector<order_resource>& orders) {
  std::set<stoa::user_id> ids;
  for (const auto& o : orders) {
    if (o.user_id) ids.insert(*o.user_id);
  }
  user::get_users query{{ids.begin(), ids.end()}};
  auto users = co_await x.ask(std::move(query));
  co_return users;
}

task<payment::payment_page> payments_of(exchange& x, const std::vector<order_resource>& orders) {
  payment::get_orders_payments query;
  for (const auto& o : orders) query.order_ids.push_back(o.order_id);
  auto payments = co_await x.ask(std::move(query));
  co_return payments;
}

static_assert(shows_all_of<order_resource, order::order_view>());

order_resource resource_of(order::order_view&& o) {
  std::vector<order_item_resource> items;
  items.reserve(o.items.size());
  for (auto& item : o.items) items.push_back({std::move(item), {}});
  return {std::move(o), std::move(items), {}, {}};
}

using product_map = std::map<stoa::product_id, catalog::product_view>;

task<product_map> products_of(exchange& x, const std::vector<order_resource>& orders) {
  std::set<stoa::product_id> ids;
  for (const auto& o : orders) {
    for (const auto& item : o.items) ids.insert(item.product_id);
  }
  const bool for_staff = x.matched->info.who == access::staff;
  auto products = co_await products_by_id(x, std::move(ids), for_staff);
  co_return products;
}

/// The products by the currency of the orders. A customer sees the prices that apply now to them,
/// as on product pages; staff see the products' own.
task<std::map<std::string, product_map>> products_by_currency(
    exchange& x, const std::vector<order_resource>& orders) {
  const auto products = co_await products_of(x, orders);
  std::map<std::string, product_map> all;
  for (const auto& o : orders) all.try_emplace(o.currency, products);
  if (x.matched->info.who == access::staff) co_return all;
  for (auto& [currency, priced] : all) {
    std::vector<catalog::product_view*> shown;
    for (auto& [id, product] : priced) shown.push_back(&product);
    co_await show_prices(x, std::move(shown), currency);
  }
  co_return all;
}

}  // namespace

task<std::vector<order_resource>> expanded(exchange& x, std::vector<order::order_view> orders) {
  std::vector<order_resource> list;
  list.reserve(orders.size());
  for (auto& o : orders) list.push_back(resource_of(std::move(o)));
  if (x.shape.expands("payments") && !list.empty()) {
    auto payments = co_await payments_of(x, list);
    std::map<stoa::order_id, std::vector<payment::payment_view>> of_order;
    const bool for_staff = x.matched->info.who == access::staff;
    for (auto& p : payments.data) {
      if (!for_staff) hide_gateway_code(p);
      of_order[p.order_id].push_back(std::move(p));
    }
    for (auto& o : list) o.payments = std::move(of_order[o.order_id]);
  }
  if (x.shape.expands("user") && !list.empty()) {
    auto users = co_await users_of(x, list);
    std::map<stoa::user_id, const user::user_view*> by_id;
    for (const auto& u : users.data) by_id[u.user_id] = &u;
    for (auto& o : list) {
      if (o.user_id && by_id.contains(*o.user_id)) o.user = *by_id[*o.user_id];
    }
  }
  if (x.shape.expands("items.product")) {
    const auto by_currency = co_await products_by_currency(x, list);
    for (auto& o : list) {
      const auto& products = by_currency.at(o.currency);
      for (auto& item : o.items) {
        const auto found = products.find(item.product_id);
        if (found != products.end()) item.product = found->second;
      }
    }
  }
  co_return list;
}

}  // namespace stoa::front
