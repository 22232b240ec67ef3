#pragma once
// The Catalog service with a few products, for its tests.

#include "actors/catalog/catalog_service.hpp"
#include "tests/support/service_fixture.hpp"

namespace stoa::test {

struct catalog_fixture : service_fixture<catalog::catalog_service> {
  explicit catalog_fixture(catalog::catalog_options options = {})
      : service_fixture(catalog::catalog_service(std::move(options))) {
    sweep();  // A new database has no search index.
  }

  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);

  static catalog::new_product product_of(std::string name, std::int64_t price,
                                         std::int64_t on_hand = 0) {
    catalog::new_product p;
    p.name = std::move(name);
    p.price = money{price, "EUR"};
    p.on_hand = on_hand;
    return p;
  }
  result<catalog::product_view> create(catalog::new_product p) {
    return run(catalog::create_product{std::move(p)}, staff);
  }
  stoa::product_id product(std::string name, std::int64_t price, std::int64_t on_hand = 0) {
    time.advance(seconds{1});
    return create(product_of(std::move(name), price, on_hand)).value().product_id;
  }
  result<catalog::product_view> create_variant(stoa::product_id parent, const std::string& size,
                                               std::optional<std::int64_t> price = std::nullopt,
                                               std::int64_t on_hand = 0) {
    catalog::new_product p;
    p.parent_product_id = parent;
    p.options = {{"Size", size}};
    if (price) p.price = money{*price, "EUR"};
    p.on_hand = on_hand;
    return create(std::move(p));
  }
  stoa::product_id variant(stoa::product_id parent, const std::string& size,
                           std::optional<std::int64_t> price = std::nullopt,
                           std::int64_t on_hand = 0) {
    return create_variant(parent, size, price, on_hand).value().product_id;
  }
  result<catalog::product_view> change(stoa::product_id id, const catalog::product_change& c) {
    return run(catalog::change_product{id, c}, staff);
  }
  stoa::category_id category(std::string name,
                             std::optional<stoa::category_id> parent = std::nullopt) {
    return run(catalog::create_category{{std::move(name), std::nullopt, parent}}, staff)
        .value()
        .category_id;
  }
  catalog::product_view detail(stoa::product_id id) {
    return read(catalog::get_product{id, true}, staff).value();
  }
  static catalog::list_products search(std::string q) {
    catalog::list_products list;
    list.q = std::move(q);
    return list;
  }
  /// The names of the products in the list.
  std::vector<std::string> names(const catalog::list_products& q) {
    std::vector<std::string> found;
    for (const auto& p : read(q).value().data) found.push_back(p.name);
    return found;
  }

  static order::order_summary order_of(std::vector<std::pair<stoa::product_id, std::int64_t>> lines,
                                       stoa::order_id id = {system_ids().next_v7()}) {
    order::order_summary o;
    o.order_id = id;
    o.total = {1000, "EUR"};
    for (const auto& [product, quantity] : lines) {
      o.lines.push_back({product, "a product", quantity, {1000, "EUR"}});
    }
    return o;
  }
  /// The types of the events since the last call.
  std::string emitted() {
    std::string types;
    for (const auto& e : events) types += (types.empty() ? "" : " ") + e->type;
    events.clear();
    return types;
  }
};

template <class T>
patch<T> to(T value) {
  return {true, std::move(value)};
}

}  // namespace stoa::test
