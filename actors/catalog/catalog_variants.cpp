// The variants of a product, and what they inherit from it.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/product_rules.hpp"

namespace stoa::catalog {

using decision = catalog_service::decision;

std::vector<const product_row*> variants_of(decision& d, stoa::product_id parent) {
  auto found = d.of<product_row>().where<&product_row::parent_product_id>(
      std::optional<stoa::product_id>(parent));
  std::erase_if(found, [](const auto* v) { return v->status == product_status::Deleted; });
  const auto before = [](const auto* a, const auto* b) { return a->created_at < b->created_at; };
  if (!std::is_sorted(found.begin(), found.end(), before)) {
    std::stable_sort(found.begin(), found.end(), before);
  }
  return found;
}

std::vector<const product_row*> sold_variants_of(decision& d, stoa::product_id parent) {
  auto found = variants_of(d, parent);
  std::erase_if(found, [&](const auto* v) {
    const auto* stock = d.of<stock_row>().find(v->product_id);
    return stock && is_being_removed(*v, *stock);
  });
  return found;
}

std::optional<problem> make_parent(decision& d, const product_row& parent) {
  const auto* stock = d.of<stock_row>().find(parent.product_id);
  if (!stock || !stock->sellable) return std::nullopt;
  release_holds_of(d, parent.product_id);
  if (stock->reserved > 0) {
    return conflict("product_reserved",
                    "Orders hold units of the product. It cannot get variants now.");
  }
  const std::string note = "The product now has variants with their own stock.";
  empty_levels(d, parent.product_id, stock_cause::adjustment, note);
  if (stock->on_hand != 0) {
    change_stock(d, parent.product_id, -stock->on_hand, 0, stock_cause::adjustment, std::nullopt,
                 note);
  }
  d.of<stock_row>().edit(parent.product_id).sellable = false;
  return std::nullopt;
}

bool drop_variant(decision& d, stoa::product_id id) {
  release_holds_of(d, id);
  const bool at_once = d.of<stock_row>().find(id)->reserved == 0;
  if (at_once) {
    hide_product(d, id);
  } else {
    retire_variant(d, id);
  }
  return at_once;
}

void propagate_to_variants(decision& d, const product_row& before, const product_row& after) {
  if (before.status == after.status && before.name == after.name) return;
  for (const auto* found : sold_variants_of(d, after.product_id)) {
    product_row v = *found;
    v.status = after.status;
    if (v.name == variant_name(before.name, v.options)) {
      set_texts(v, variant_name(after.name, v.options), v.description, v.keywords);
    }
    if (v == *found) continue;
    v.updated_at = d.now;
    d.of<product_row>().edit(v.product_id) = v;
  }
}

bool is_being_removed(const product_row& p, const stock_row& s) {
  return p.parent_product_id && p.status != product_status::Deleted && !s.sellable;
}

void retire_variant(decision& d, stoa::product_id id) {
  auto& p = d.of<product_row>().edit(id);
  p.status = product_status::Draft;
  p.sku.reset();
  p.updated_at = d.now;
  d.of<stock_row>().edit(id).sellable = false;
}

void need_retired(stoa::product_id id, catalog_service::need_list& list,
                  const catalog_service::records& all) {
  const auto* stock = all.of<stock_row>().find(id);
  if (!stock || stock->sellable) return;
  list.add<&product_row::product_id>(id);
  const auto* p = all.of<product_row>().find(id);
  if (p && p->parent_product_id) list.add<&product_row::product_id>(*p->parent_product_id);
}

void end_removal(decision& d, stoa::product_id id) {
  const auto* p = d.of<product_row>().find(id);
  const auto* stock = d.of<stock_row>().find(id);
  if (!p || !stock || stock->reserved > 0 || !is_being_removed(*p, *stock)) return;
  const auto parent = *p->parent_product_id;
  hide_product(d, id);
  if (d.of<product_row>().find(parent)) d.of<product_row>().edit(parent).updated_at = d.now;
}

}  // namespace stoa::catalog
