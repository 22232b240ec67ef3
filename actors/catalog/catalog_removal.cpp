// Deletion of products: their rows stay, as other rows refer to them.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/kernel/entity_tag.hpp"

namespace stoa::catalog {

using decision = catalog_service::decision;

void hide_product(decision& d, stoa::product_id id) {
  auto& p = d.of<product_row>().edit(id);
  p.status = product_status::Deleted;
  p.sku.reset();
  p.handle.reset();
  p.category_id.reset();
  p.publish_at.reset();
  p.archive_at.reset();
  p.updated_at = d.now;
  d.emit(id, product_deleted{id});
  if (!d.of<stock_row>().find(id)) return;
  d.of<stock_row>().edit(id).sellable = false;
  move_to_default(d, id, "The product was deleted.");
}

void catalog_service::needs(const delete_product& m, need_list& list, const records& all) const {
  need_product(m.product_id, list, all);
  list.add<&redirect_row::product_id>(m.product_id);
  const auto* p = all.of<product_row>().find(m.product_id);
  if (p && p->parent_product_id) {
    list.add<&product_row::parent_product_id>(*p->parent_product_id);
    list.add<&stock_row::product_id>(*p->parent_product_id);
    list.add<&product_row::product_id>(*p->parent_product_id);
    // The stock rows show which of the others are being removed.
    for (const auto* v :
         all.of<product_row>().where<&product_row::parent_product_id>(p->parent_product_id)) {
      list.add<&stock_row::product_id>(v->product_id);
    }
  }
}

result<nothing> catalog_service::decide(const delete_product& m, decision& d) const {
  const auto* found = find_existing(d, m.product_id);
  if (!found) return not_found("product");
  if (auto bad = kernel::check_precondition(
          m.precondition, [&] { return staff_view(d, m.product_id, options_.media_url); })) {
    return std::move(*bad);
  }
  const product_row p = *found;
  release_all_holds(d, m.product_id);
  std::vector<stoa::product_id> all{m.product_id};
  for (const auto* v : variants_of(d, m.product_id)) all.push_back(v->product_id);
  for (auto id : all) {
    const auto* stock = d.of<stock_row>().find(id);
    if (stock && stock->reserved > 0) {
      return conflict("product_reserved", "Unpaid orders hold units of this product.");
    }
  }
  const auto listed = p.parent_product_id.value_or(p.product_id);
  const auto source = search_source_of(d, listed);
  for (auto id : all) hide_product(d, id);
  remove_redirects(d, m.product_id);
  index_changes(d, listed, source);
  if (p.parent_product_id) {
    // Without variants the product becomes sellable again, with an empty stock.
    if (sold_variants_of(d, *p.parent_product_id).empty() &&
        find_existing(d, *p.parent_product_id)) {
      d.of<stock_row>().edit(*p.parent_product_id).sellable = true;
    }
    refresh_price(d, p);
    touch_product(d, p);
  }
  return nothing{};
}

}  // namespace stoa::catalog
