// Import of products from a file. Importing the same file again changes and writes nothing.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/import_checks.hpp"
#include "actors/catalog/import_run.hpp"
#include "actors/catalog/product_rules.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <algorithm>
#include <utility>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

/// True when the product keeps its stored variants: the file has no variants.
bool keeps_variants(import_run& run) {
  return !run.m.variants && !sold_variants_of(run.d, run.m.product_id).empty();
}

bool has_variants(import_run& run) {
  return run.m.variants ? !run.m.variants->empty() : keeps_variants(run);
}

/// The lowest price in the file, regardless of the order of its rows.
std::optional<money> least_price(const std::vector<imported_variant>& variants) {
  std::optional<money> least;
  for (const auto& v : variants) {
    if (v.price && (!least || v.price->amount < least->amount)) least = v.price;
  }
  return least;
}

money inherited_price(decision& d, const import_product& m, const std::string& currency) {
  const auto* old = d.of<product_row>().find(m.product_id);
  if (is_deleted(old)) return {0, currency};
  if (old->price.amount > 0) return old->price;
  const auto variants = sold_variants_of(d, m.product_id);
  const auto least = std::min_element(
      variants.begin(), variants.end(),
      [](const auto* a, const auto* b) { return a->price.amount < b->price.amount; });
  return least == variants.end() ? old->price : (*least)->price;
}

/// True when everything that will be sold has a price, from the file or stored. `above_zero`: a 0
/// in the file does not count.
bool has_price(import_run& run, bool above_zero) {
  const auto is_price = [&](const std::optional<money>& given, const money& stored) {
    return given ? !above_zero || given->amount > 0 : stored.amount > 0;
  };
  if (!has_variants(run)) return is_price(run.m.price, run.inherited_price);
  if (!run.m.variants) {
    const auto kept = sold_variants_of(run.d, run.m.product_id);
    return std::all_of(kept.begin(), kept.end(), [](const auto* v) { return v->price.amount > 0; });
  }
  return std::all_of(run.m.variants->begin(), run.m.variants->end(), [&](const auto& v) {
    const auto* old = run.d.of<product_row>().find(v.product_id);
    return is_price(v.price, is_deleted(old) ? run.inherited_price : old->price);
  });
}

/// A product without a price must not be sold for free: it is a draft until it has one.
void set_status_and_attributes(import_run& run, product_row& p) {
  const bool waits = awaits_price(p.attributes);
  // A file from an export has the reason, the status of a draft and a price of 0.
  const bool file_waits = awaits_price(run.m.attributes.text);
  const auto stored = run.is_new || waits ? product_status::Active : p.status;
  const auto wanted = file_waits ? product_status::Active : run.m.status.value_or(stored);
  const bool was_sold = !run.is_new && p.status == product_status::Active;
  const bool lacks_price =
      wanted == product_status::Active && !was_sold && !has_price(run, file_waits);
  if (lacks_price) run.note("Imported as a draft: neither the file nor the store has a price.");
  if (waits && wanted == product_status::Active && !lacks_price) {
    run.note("Published: it now has a price.");
  }
  p.status = lacks_price ? product_status::Draft : wanted;
  set_attributes(run, p, run.m.attributes);
  p.attributes = with_awaited_price(p.attributes, lacks_price);
}

/// True when the product had no variants before.
bool sold_itself(import_run& run) {
  const auto* stock = run.d.of<stock_row>().find(run.m.product_id);
  return run.is_new || !stock || stock->sellable;
}

/// The row with the file's values; `with_variants`: its variants are sold instead.
result<product_row> product_of(import_run& run, bool with_variants) {
  const auto& m = run.m;
  product_row p = start_row(run, m.product_id);
  // A file identifies a product without a handle by its id: it may have one in the store.
  if (m.handle) p.handle = m.handle;
  if (m.category_path) {
    const auto before = p.category_id;
    auto category = find_category(run);
    if (!category) return category.error();
    p.category_id = *category;
    if (run.changes.wanted()) {
      run.changes.add({}, "category", category_text(run, before),
                      category_text(run, p.category_id));
    }
  }
  set_texts(p, m.title, m.description.value_or(p.description), m.keywords.value_or(p.keywords));
  set_status_and_attributes(run, p);
  if (m.metadata) p.metadata = *m.metadata;
  if (!with_variants) {
    if (!m.price && p.price != run.inherited_price) {
      run.note("No price in the file: the lowest price of its variants is used.");
    }
    p.price = m.price.value_or(run.inherited_price);
    if (m.compare_at_price.present) p.compare_at_price = m.compare_at_price.value;
    set_sku(run, p, m.sku);
  } else if (m.variants && sold_itself(run)) {
    if (auto least = least_price(*m.variants)) p.price = *least;
    run.inherited_compare_at = std::exchange(p.compare_at_price, std::nullopt);
    run.inherited_sku = std::exchange(p.sku, std::nullopt);
  }
  return p;
}

/// Notes values of the file that are ignored because the product keeps its variants.
void note_not_applied(import_run& run) {
  const auto& m = run.m;
  if (m.sku || m.price || m.compare_at_price.present || m.on_hand) {
    run.note(
        "The product has variants, but the file has no option columns: SKU, price and stock are "
        "unchanged.");
  }
}

/// Reverts all changes of the message, for a dry run.
void undo(decision& d) {
  d.of<category_row>().undo();
  d.of<product_row>().undo();
  d.of<stock_row>().undo();
  d.of<level_row>().undo();
  d.of<image_row>().undo();
  d.of<hold_row>().undo();
  d.of<ledger_row>().undo();
  d.of<redirect_row>().undo();
  d.statements.clear();
  d.events.clear();
  d.effects.clear();
}

}  // namespace

void catalog_service::needs(const import_product& m, need_list& list, const records& all) const {
  need_product(m.product_id, list, all);
  if (m.step) list.add<&import_row::import_id>(m.step->import_id);
  if (m.handle) list.add<&product_row::handle>(*m.handle);
  need_redirect(m.handle, list);
  if (m.sku) list.add<&product_row::sku>(*m.sku);
  if (m.variants) {
    for (const auto& v : *m.variants) {
      list.add<&product_row::product_id>(v.product_id);
      list.add<&stock_row::product_id>(v.product_id);
      need_levels(v.product_id, list, all);
      if (v.sku) list.add<&product_row::sku>(*v.sku);
    }
  }
  if (m.images) {
    for (const auto& i : *m.images) list.add<&image_row::image_id>(i.image_id);
  }
  if (m.category_path) {
    for (const auto& c : *m.category_path) {
      list.add<&category_row::category_id>(c.category_id);
      list.add<&category_row::name>(c.name);
    }
    // For their number; the report of a dry run shows full paths.
    need_categories(list);
  }
}

result<import_answer> catalog_service::decide(const import_product& m, decision& d) const {
  if (m.step) {
    if (auto p = check_step(d, *m.step)) return std::move(*p);
  }
  const bool counted = m.step && is_counted(d, *m.step);
  if (auto p = check_import(m, options_.currency)) return std::move(*p);
  if (auto p = check_ids(d, m)) return std::move(*p);
  const auto* old = d.of<product_row>().find(m.product_id);
  const auto source = search_source_of(d, m.product_id);
  import_run run{d,
                 m,
                 options_.currency,
                 is_deleted(old),
                 m.set_stock && !counted,
                 inherited_price(d, m, options_.currency)};
  run.low_stock_default = options_.low_stock_threshold;
  const std::string title_before = old ? old->name : "";
  const bool kept = keeps_variants(run);
  const bool with_variants = has_variants(run);
  if (m.variants) drop_variants(run);
  auto product = product_of(run, with_variants);
  if (!product) return product.error();
  save(run, std::move(*product), !with_variants, m.on_hand, m.track_inventory, m.allow_backorder);
  if (with_variants && !kept) save_variants(run, title_before);
  carry_to_kept(run, title_before);
  if (kept) note_not_applied(run);
  // A deleted product still has its images.
  if (m.images || run.is_new) save_images(run);
  run.changes.move_to(run.answer);
  if (run.answer.outcome != import_outcome::unchanged) {
    d.execute(refresh_list_price, db::params(m.product_id));
    d.of<product_row>().edit(m.product_id).updated_at = d.now;
    index_changes(d, m.product_id, source);
    take_handle(d, m.handle);
    if (run.is_new) run.answer.outcome = import_outcome::created;
  }
  if (counted) {
    // Applied by an earlier run: what was changed since then stays. Its notes are shown again, and
    // the SKUs that it could not set are still to be set.
    run.answer.outcome = import_outcome::unchanged;
    undo(d);
  } else if (m.step) {
    count_product(d, *m.step, run.answer.outcome);
  }
  if (m.dry_run) undo(d);
  return std::move(run.answer);
}

}  // namespace stoa::catalog
