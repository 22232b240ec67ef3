#include "net/routes/product_expansion.hpp"

namespace stoa::front {

namespace {

static_assert(shows_all_of<product_resource, catalog::product_view>());

/// Calls f with each category of the tree. Its depth is limited by the catalogue.
template <class F>
void for_each_category(const std::vector<catalog::category_view>& categories, const F& f) {
  for (const auto& c : categories) {
    f(c);
    for_each_category(c.children, f);
  }
}

}  // namespace

std::vector<std::string> staff_product_fields(const std::string& at) {
  std::vector<std::string> paths;
  const std::string begin = at.empty() ? "" : at + ".";
  for (const auto& place : {begin, begin + "variants."}) {
    for (const auto* name :
         {"on_hand", "reserved", "status", "attributes", "metadata", "low_stock_threshold"}) {
      paths.push_back(place + name);
    }
  }
  for (const auto* name : {"variants.being_removed", "publish_at", "archive_at"}) {
    paths.push_back(begin + name);
  }
  return paths;
}

expansion category_expansion() {
  return {"category", {"category.description", "category.parent_category_id"}};
}

task<std::vector<product_resource>> expanded(exchange& x,
                                             std::vector<catalog::product_view> products) {
  std::vector<product_resource> list;
  list.reserve(products.size());
  bool any_category = false;
  for (auto& p : products) {
    auto& to = list.emplace_back();
    if (p.category) to.category = category_resource{std::move(*p.category), {}, {}};
    any_category = any_category || p.category;
    static_cast<catalog::product_view&>(to) = std::move(p);
  }
  if (!any_category || !x.shape.expands("category")) co_return list;
  catalog::category_tree query;
  auto tree = co_await x.ask(std::move(query));
  std::map<stoa::category_id, const catalog::category_view*> by_id;
  for_each_category(tree.data, [&](const auto& c) { by_id[c.category_id] = &c; });
  for (auto& p : list) {
    const auto found = p.category ? by_id.find(p.category->category_id) : by_id.end();
    if (found == by_id.end()) continue;
    p.category->description = found->second->description;
    p.category->parent_category_id = found->second->parent_category_id.value;
  }
  co_return list;
}

task<std::map<stoa::product_id, catalog::product_view>> products_by_id(
    exchange& x, std::set<stoa::product_id> ids, bool for_staff) {
  if (ids.size() > expanded_products_max) {
    fail(
        {400,
         "invalid_request",
         "Invalid query parameter.",
         {{"?expand", "too_many",
           "The page has " + std::to_string(ids.size()) + " products, and at most " +
               std::to_string(expanded_products_max) + " can be expanded. Use a smaller limit."}}});
  }
  std::map<stoa::product_id, catalog::product_view> products;
  for (auto next = ids.begin(); next != ids.end();) {
    catalog::list_products query;
    query.for_staff = for_staff;
    auto& some = query.ids.emplace();
    while (next != ids.end() && some.size() < catalog::lookup_ids_max) some.push_back(*next++);
    auto found = co_await x.ask(std::move(query));
    for (auto& p : found.data) products.insert_or_assign(p.product_id, std::move(p));
  }
  co_return products;
}

}  // namespace stoa::front
