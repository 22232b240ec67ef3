#include "actors/catalog/import_run.hpp"
#include "actors/catalog/product_rules.hpp"

#include <set>
#include <utility>

namespace stoa::catalog {

void drop_variants(import_run& run) {
  std::set<stoa::product_id> kept;
  for (const auto& v : *run.m.variants) kept.insert(v.product_id);
  for (const auto* v : sold_variants_of(run.d, run.m.product_id)) {
    if (kept.contains(v->product_id)) continue;
    if (!drop_variant(run.d, v->product_id)) {
      run.note(v->name +
               " is no longer sold, and will be deleted when no order holds units of it.");
    }
    run.changes.add(v->name, "variant", "present", "removed");
    run.touch();
  }
}

void save_variants(import_run& run, const std::string& title_before) {
  const auto& product = *run.d.of<product_row>().find(run.m.product_id);
  for (const auto& v : *run.m.variants) {
    product_row p = start_row(run, v.product_id);
    bool is_new = is_deleted(run.d.of<product_row>().find(v.product_id));
    // A name set by staff stays unless the file has another one.
    const bool follows =
        v.title ? v.title->empty() : is_new || p.name == variant_name(title_before, p.options);
    const std::string own_name = v.title.value_or(p.name);
    p.parent_product_id = run.m.product_id;
    p.status = product.status;
    if (v.price) {
      p.price = *v.price;
    } else if (is_new) {
      p.price = run.inherited_price;
      if (!run.is_new) {
        run.note(variant_name(product.name, v.options) +
                 ": no price in the file; the product's price is used.");
      }
    }
    if (v.compare_at_price.present) {
      p.compare_at_price = v.compare_at_price.value;
    } else if (is_new) {
      p.compare_at_price = run.inherited_compare_at;
    }
    p.options = v.options;
    set_texts(p, follows ? variant_name(product.name, v.options) : own_name, p.description,
              p.keywords);
    set_attributes(run, p, v.attributes);
    if (v.metadata) p.metadata = *v.metadata;
    if (!v.sku && is_new && run.inherited_sku) {
      p.sku = std::exchange(run.inherited_sku, std::nullopt);
    }
    set_sku(run, p, v.sku);
    save(run, std::move(p), true, v.on_hand, v.track_inventory, v.allow_backorder);
  }
}

void carry_to_kept(import_run& run, const std::string& title_before) {
  const auto& product = *run.d.of<product_row>().find(run.m.product_id);
  std::set<stoa::product_id> of_file;
  if (run.m.variants) {
    for (const auto& v : *run.m.variants) of_file.insert(v.product_id);
  }
  for (const auto* found : sold_variants_of(run.d, run.m.product_id)) {
    if (of_file.contains(found->product_id)) continue;
    product_row p = *found;
    p.status = product.status;
    if (p.name == variant_name(title_before, p.options)) {
      set_texts(p, variant_name(product.name, p.options), p.description, p.keywords);
    }
    save(run, std::move(p), true, std::nullopt, std::nullopt, std::nullopt);
  }
}

}  // namespace stoa::catalog
