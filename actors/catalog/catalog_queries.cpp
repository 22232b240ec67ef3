// The queries of the catalogue, run on the read actors' connections.

#include "actors/catalog/catalog_parts.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/location_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::catalog {

namespace {

/// The tree of categories, from a list in any order.
std::vector<category_view> tree_of(const std::vector<category_row>& rows,
                                   const std::optional<stoa::category_id>& root) {
  std::multimap<std::optional<stoa::category_id>, const category_row*> by_parent;
  for (const auto& r : rows) by_parent.emplace(r.parent_category_id, &r);
  auto below = [&](auto& self, const std::optional<stoa::category_id>& parent,
                   std::size_t bound) -> std::vector<category_view> {
    std::vector<category_view> list;
    if (bound == 0) return list;
    auto [first, last] = by_parent.equal_range(parent);
    for (auto it = first; it != last; ++it) {
      const auto& r = *it->second;
      list.push_back({r.category_id,
                      r.name,
                      r.description,
                      {r.parent_category_id},
                      self(self, r.category_id, bound - 1),
                      r.handle});
    }
    return list;
  };
  return below(below, root, category_depth_max);
}

/// The first category with those below it.
category_view view_of_tree(const std::vector<category_row>& rows) {
  const auto& r = rows.front();
  return {
      r.category_id, r.name, r.description, {r.parent_category_id}, tree_of(rows, r.category_id),
      r.handle};
}

}  // namespace

bool may_see_all(const kernel::call_context& context) {
  return context.who.is_staff() || context.who.kind == kernel::caller_kind::system;
}

product_view view_of(const product_parts& parts, bool staff, const std::string& media_url) {
  std::optional<category_ref> category;
  if (parts.product.category_id && parts.category_name) {
    category =
        category_ref{*parts.product.category_id, *parts.category_name, parts.category_handle};
  }
  auto view = product_view_of(parts.product, parts.stock, std::move(category), staff);
  view.images.reserve(parts.images.size());
  for (const auto& i : parts.images) view.images.push_back(view_of(i, media_url));
  std::vector<std::pair<const product_row*, const stock_row*>> variants;
  variants.reserve(parts.variants.size());
  for (const auto& v : parts.variants) variants.emplace_back(&v.product, &v.stock);
  add_variants(view, variants, staff);
  return view;
}

stock_view view_of(const stock_row& s, const std::vector<level_row>& levels) {
  stock_view v{s.product_id, s.on_hand, s.reserved, s.available(), s.tracked, s.backorder, {}};
  level_view rest{default_location, s.on_hand, s.reserved, 0};
  for (const auto& l : levels) {
    v.levels.push_back({l.location_id, l.on_hand, l.reserved, l.on_hand - l.reserved});
    rest.on_hand -= l.on_hand;
    rest.reserved -= l.reserved;
  }
  rest.inventory_count = rest.on_hand - rest.reserved;
  v.levels.insert(v.levels.begin(), rest);
  return v;
}

namespace {

void set_limits(auto& view, const quantity_limits& limits) {
  view.quantity_min = limits.min;
  view.quantity_max = limits.max;
  view.quantity_step = limits.step;
}

bool has_limits(const variant_view& v) {
  return v.quantity_min || v.quantity_max || v.quantity_step;
}

}  // namespace

variant_view variant_view_of(const product_row& p, const stock_row& s, bool staff) {
  variant_view v;
  v.product_id = p.product_id;
  v.sku = p.sku;
  v.name = p.name;
  v.options = p.options;
  v.price = p.price;
  v.compare_at_price = p.compare_at_price;
  v.inventory_count = s.count();
  v.available = s.sellable && (s.unlimited() || s.available() > 0);
  v.track_inventory = s.tracked;
  v.allow_backorder = s.backorder;
  set_limits(v, p.limits());
  if (staff) {
    v.on_hand = s.on_hand;
    v.reserved = s.reserved;
    v.status = p.status;
    v.attributes = json::raw{p.attributes};
    v.metadata = p.metadata;
    v.low_stock_threshold = s.low_stock_threshold;
    if (is_being_removed(p, s)) v.being_removed = true;
  }
  return v;
}

product_view product_view_of(const product_row& p, const stock_row& s,
                             std::optional<category_ref> category, bool staff) {
  product_view v;
  v.product_id = p.product_id;
  v.parent_product_id = p.parent_product_id;
  v.sku = p.sku;
  v.handle = p.handle;
  v.name = p.name;
  v.description = p.description;
  v.price = p.price;
  v.compare_at_price = p.compare_at_price;
  v.category_id.value = p.category_id;
  v.category = std::move(category);
  v.options = p.options;
  v.inventory_count = s.count();
  v.available = s.sellable && (s.unlimited() || s.available() > 0);
  if (s.sellable) {
    v.track_inventory = s.tracked;
    v.allow_backorder = s.backorder;
  }
  v.created_at = p.created_at;
  v.updated_at = p.updated_at;
  set_limits(v, p.limits());
  if (staff) {
    v.on_hand = s.on_hand;
    v.reserved = s.reserved;
    v.status = p.status;
    v.attributes = json::raw{p.attributes};
    v.metadata = p.metadata;
    v.publish_at = p.publish_at;
    v.archive_at = p.archive_at;
    v.low_stock_threshold = s.low_stock_threshold;
  }
  if (!p.vendor.empty()) v.vendor = p.vendor;
  if (!p.tags.empty()) v.tags = p.tags;
  v.product_type = p.product_type;
  if (!p.specifications.empty()) v.specifications = p.specifications;
  return v;
}

namespace {

void add_sold_variant(product_view& to, variant_view v) {
  if (!has_limits(v)) set_limits(v, {to.quantity_min, to.quantity_max, to.quantity_step});
  bool first = to.variants.empty();
  if (first || v.price.amount < to.price.amount) to.price = v.price;
  to.available = first ? v.available : to.available || v.available;
  to.inventory_count = first ? v.inventory_count : to.inventory_count + v.inventory_count;
  if (to.on_hand && v.on_hand) {
    to.on_hand = first ? *v.on_hand : *to.on_hand + *v.on_hand;
    to.reserved = first ? *v.reserved : *to.reserved + *v.reserved;
  }
  to.variants.push_back(std::move(v));
}

}  // namespace

void add_variants(product_view& to,
                  const std::vector<std::pair<const product_row*, const stock_row*>>& variants,
                  bool staff) {
  to.variants.reserve(variants.size());
  for (const auto& [p, s] : variants) {
    if (!is_being_removed(*p, *s)) add_sold_variant(to, variant_view_of(*p, *s, staff));
  }
  if (!staff) return;
  for (const auto& [p, s] : variants) {
    if (is_being_removed(*p, *s)) to.variants.push_back(variant_view_of(*p, *s, staff));
  }
}

result<product_view> catalog_service::read(const get_product& q, const call_context& context,
                                           db::connection& c) const {
  bool staff = q.for_staff && may_see_all(context);
  auto found = read_product(c, q.product_id, staff);
  if (!found || found->product.status == product_status::Deleted) return not_found("product");
  if (!staff && found->product.status != product_status::Active) return not_found("product");
  std::vector<product_view> one{view_of(*found, staff, options_.media_url)};
  translate(c, q.locale, one);
  return std::move(one.front());
}

kernel::gathered<price_list> catalog_service::gather(const price_items& q, const call_context&,
                                                     db::gathering& all) const {
  if (q.product_ids.size() > price_items_max) {
    return [](db::connection&) -> result<price_list> {
      return invalid_field("/product_ids", "too_many",
                           "At most " + std::to_string(price_items_max) + " products at once.");
    };
  }
  db::gathering::found<hold_row> held;
  if (q.held_for) {
    held = all.ask<hold_row>(db::select_by<&hold_row::cart_id>(), db::params(*q.held_for));
  }
  return [prices = ask_prices(all, q.product_ids), held](db::connection&) -> result<price_list> {
    price_list list;
    for (auto& p : prices()) {
      const bool published = p.status == product_status::Active;
      auto count = p.inventory_count;
      if (held) {
        for (const auto& h : *held) count += h.product_id == p.product_id ? h.quantity : 0;
      }
      list.data.push_back({p.product_id, std::move(p.name), std::move(p.price),
                           std::max<std::int64_t>(count, 0), p.sellable && published,
                           std::move(p.sku), std::move(p.options), !p.available_min, published,
                           !p.sellable});
      if (const auto limits = p.limits(); limits.any()) list.data.back().limits = limits;
    }
    return list;
  };
}

namespace {

/// Sets what the attributes say: weight_grams, and tax_class; "taxable": false is the class
/// "exempt". Attributes of another type say nothing.
void add_attributes(const std::string& attributes, product_fact& fact) {
  const auto parsed = json::parse(attributes);
  if (!parsed) return;
  const auto* weight = parsed->find("weight_grams");
  const auto* grams = weight ? weight->if_int64() : nullptr;
  if (grams && *grams >= 0 && *grams <= weight_grams_max) fact.weight = *grams;
  const auto* taxable = parsed->find("taxable");
  const auto* is_taxable = taxable ? taxable->if_bool() : nullptr;
  if (is_taxable && !*is_taxable) fact.tax_class = "exempt";
  const auto* given = parsed->find("tax_class");
  const auto* tax_class = given ? given->if_string() : nullptr;
  if (tax_class && !tax_class->empty()) fact.tax_class = *tax_class;
}

/// Those of a variant override those of its product.
void add_attributes(const product_attributes_row& r, product_fact& fact) {
  if (r.parent_attributes) add_attributes(*r.parent_attributes, fact);
  add_attributes(r.attributes, fact);
}

}  // namespace

kernel::gathered<product_fact_list> catalog_service::gather(const product_facts& q,
                                                            const call_context&,
                                                            db::gathering& all) const {
  if (q.product_ids.size() > price_items_max) {
    return [](db::connection&) -> result<product_fact_list> {
      return invalid_field("/product_ids", "too_many",
                           "At most " + std::to_string(price_items_max) + " products at once.");
    };
  }
  return [rows = ask_product_categories(all, q.product_ids),
          attributes = ask_product_attributes(all, q.product_ids)](
             db::connection&) -> result<product_fact_list> {
    product_fact_list list;
    for (const auto& r : rows()) {
      if (list.data.empty() || list.data.back().product_id != r.product_id) {
        list.data.push_back({r.product_id, r.parent_product_id, {}});
      }
      if (r.category_id) list.data.back().categories.push_back(*r.category_id);
    }
    for (const auto& r : attributes()) {
      const auto found = std::ranges::find(list.data, r.product_id, &product_fact::product_id);
      if (found != list.data.end()) add_attributes(r, *found);
    }
    return list;
  };
}

result<category_list> catalog_service::read(const category_tree& q, const call_context&,
                                            db::connection& c) const {
  category_list list;
  if (q.handle) {
    if (const auto id = resource_id_of_handle(c, std::string(category_kind), *q.handle)) {
      list.data.push_back(view_of_tree(read_category_tree(c, {*id})));
    }
  } else {
    list.data = tree_of(read_categories(c), std::nullopt);
  }
  translate(c, q.locale, list.data);
  sort_by_name(list.data);
  return list;
}

result<category_view> catalog_service::read(const get_category& q, const call_context&,
                                            db::connection& c) const {
  auto rows = read_category_tree(c, q.category_id);
  if (rows.empty()) return not_found("category");
  std::vector<category_view> one{view_of_tree(rows)};
  translate(c, q.locale, one);
  sort_by_name(one.front().children);
  return std::move(one.front());
}

result<ledger_page> catalog_service::read(const list_ledger& q, const call_context&,
                                          db::connection& c) const {
  auto product = read_product(c, q.product_id, false);
  if (!product) return not_found("product");
  ledger_page page;
  const auto levels =
      product->stock.located ? read_levels(c, q.product_id) : std::vector<level_row>();
  page.stock = view_of(product->stock, levels);
  auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 100));
  auto rows = read_ledger(c, q.product_id, q.before, limit + 1);
  if (q.count) page.total = count_ledger(c, q.product_id);
  if (rows.size() > limit) {
    rows.pop_back();
    page.next_cursor.value = rows.back().ledger_id.str();
  }
  for (auto& r : rows) {
    page.data.push_back({r.ledger_id, r.on_hand_change, r.reserved_change, r.cause,
                         std::move(r.reference), std::move(r.note), std::move(r.actor),
                         r.created_at, r.location_id});
  }
  return page;
}

result<found_product> catalog_service::read(const find_imported& q, const call_context& context,
                                            db::connection& c) const {
  if (!may_see_all(context)) return not_found("product");
  const auto id = product_id_of_handle(c, q.handle).value_or(q.product_id);
  auto found = read_product(c, id, true);
  if (!found || found->product.status == product_status::Deleted) return found_product{};
  return found_product{view_of(*found, true, options_.media_url)};
}

result<export_page> catalog_service::read(const export_products& q, const call_context& context,
                                          db::connection& c) const {
  if (!may_see_all(context)) return not_found("product");
  auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 1000));
  auto ids = product_ids_after(c, q.after, limit);
  export_page page;
  if (ids.size() == limit) page.next = ids.back();
  const auto products = read_products(c, ids, false);
  const auto paths = read_category_paths(c, products);
  for (const auto& parts : products) {
    exported_product one{view_of(parts, true, options_.media_url), {}};
    if (parts.product.category_id) one.category_path = paths.at(*parts.product.category_id);
    page.data.push_back(std::move(one));
  }
  return page;
}

}  // namespace stoa::catalog
