// SKUs that products of a file exchange with each other.

#include "actors/catalog/import_run.hpp"

namespace stoa::catalog {

void catalog_service::needs(const import_sku& m, need_list& list, const records& all) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&product_row::sku>(m.sku);
  const auto* p = all.of<product_row>().find(m.product_id);
  if (p == nullptr) return;
  const auto listed = p->parent_product_id.value_or(p->product_id);
  list.add<&product_row::product_id>(listed);
  list.add<&product_row::parent_product_id>(listed);
}

result<nothing> catalog_service::decide(const import_sku& m, decision& d) const {
  const auto* found = d.of<product_row>().find(m.product_id);
  if (is_deleted(found)) return not_found("product");
  const auto wanted = m.release ? std::nullopt : std::optional(m.sku);
  if (found->sku == wanted) return nothing{};
  const auto* other = wanted ? d.of<product_row>().find_by<&product_row::sku>(wanted) : nullptr;
  if (other) {
    return conflict("sku_taken", "The SKU " + m.sku + " belongs to the product " + other->name +
                                     " (" + other->product_id.str() + ").");
  }
  auto& p = d.of<product_row>().edit(m.product_id);
  p.sku = wanted;
  p.updated_at = d.now;
  const auto listed = p.parent_product_id.value_or(p.product_id);
  d.of<product_row>().edit(listed).updated_at = d.now;
  index_product(d, listed);
  return nothing{};
}

}  // namespace stoa::catalog
