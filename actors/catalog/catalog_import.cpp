// Products as a file has them. The same import again finds nothing to change, and then writes
// nothing.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/import_changes.hpp"
#include "actors/catalog/import_checks.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

/// What an import has found and done so far.
struct import_run {
  decision& d;
  const import_product& m;
  const std::string& currency;
  bool is_new;  ///< the product is created, or was deleted
  change_list changes{m.dry_run};
  import_answer answer{};

  void touch() {
    if (answer.outcome == import_outcome::unchanged) answer.outcome = import_outcome::updated;
  }
  void note(std::string text) { answer.notes.push_back(std::move(text)); }
};

bool is_deleted(const product_row* p) {
  return !p || p->status == product_status::Deleted;
}

/// True when the product's variants are those of the store: the file says nothing of them.
bool keeps_variants(import_run& run) {
  return !run.m.variants && !variants_of(run.d, run.m.product_id).empty();
}

bool has_variants(import_run& run) {
  return run.m.variants ? !run.m.variants->empty() : keeps_variants(run);
}

std::string category_name(import_run& run, const std::optional<stoa::category_id>& id) {
  const auto* c = id ? run.d.of<category_row>().find(*id) : nullptr;
  return c ? c->name : "";
}

/// The category at the end of the path; what is missing of the path is made.
std::optional<stoa::category_id> find_category(import_run& run) {
  std::optional<stoa::category_id> at;
  auto& categories = run.d.of<category_row>();
  for (const auto& level : *run.m.category_path) {
    const category_row* found = nullptr;
    for (const auto* c : categories.where<&category_row::name>(level.name)) {
      if (c->parent_category_id == at) found = c;
    }
    // The same id under another name: staff have renamed or moved it.
    if (!found) found = categories.find(level.category_id);
    if (!found) {
      found = &categories.insert(
          {level.category_id, 0, level.name, std::nullopt, at, run.d.now, run.d.now, 0});
      run.touch();
    }
    at = found->category_id;
  }
  return at;
}

/// Sets the row's SKU when the file gives one. While another product has it, the attributes keep it
/// for the export, and import_sku tries again when the rest of the file is imported.
void set_sku(import_run& run, product_row& p, const std::optional<std::string>& sku) {
  if (!sku) return;
  std::optional<std::string> wanted = sku->empty() ? std::nullopt : sku;
  bool taken = false;
  if (wanted) {
    const auto* other = run.d.of<product_row>().find_by<&product_row::sku>(wanted);
    taken = other && other->product_id != p.product_id;
  }
  p.sku = taken ? std::nullopt : wanted;
  if (taken) run.answer.skus_left_out.push_back({p.product_id, *wanted});
  p.attributes =
      with_kept_sku(p.attributes, p.parent_product_id.has_value(), taken ? wanted : std::nullopt);
}

/// The row's attributes with the merge patch applied.
void set_attributes(import_run& run, product_row& p, const json::raw& patch) {
  const std::string stored = p.attributes.empty() ? "{}" : p.attributes;
  p.attributes = merged_attributes(stored, patch.text);
  if (p.attributes.size() <= attributes_bytes_max) return;
  p.attributes = merged_attributes(stored, without_columns(patch.text));
  run.note(p.name + ": columns that are not used were left out, they are too long.");
}

/// The number of units that the stock is to have; nothing when it stays.
std::optional<std::int64_t> stock_target(const import_run& run, const stock_row& stock,
                                         bool sellable, bool starts,
                                         const std::optional<std::int64_t>& on_hand) {
  // Not below what orders hold, unless it may be: the count in a file may be older than they are.
  // Without orders a negative number is what is owed from elsewhere.
  const bool any = stock.unlimited() || stock.reserved == 0;
  const auto at_least = any ? -stock_max : std::min(stock.reserved, stock.on_hand);
  if (!sellable) return stock.reserved;
  if (starts) return std::max(on_hand.value_or(0), at_least);
  if (run.m.set_stock && on_hand) return std::max(*on_hand, at_least);
  return std::nullopt;
}

std::string yes_or_no(bool b) {
  return b ? "yes" : "no";
}

/// How the stock limits sales, as far as the file says so.
void save_policy(import_run& run, stoa::product_id id, const std::optional<std::string>& label,
                 std::optional<bool> tracked, std::optional<bool> backorder) {
  const stock_row old = *run.d.of<stock_row>().find(id);
  const bool now_tracked = tracked.value_or(old.tracked);
  const bool now_backorder = backorder.value_or(old.backorder);
  if (old.tracked == now_tracked && old.backorder == now_backorder) return;
  run.changes.add(label, "track_inventory", yes_or_no(old.tracked), yes_or_no(now_tracked));
  run.changes.add(label, "allow_backorder", yes_or_no(old.backorder), yes_or_no(now_backorder));
  set_policy(run.d.of<stock_row>().edit(id), now_tracked, now_backorder);
  run.touch();
}

/// Saves the row when it is new or has changed, and its stock: from the file when the row is
/// created or restored or begins to be sold, later when that is wanted.
void save(import_run& run, product_row p, bool sellable, const std::optional<std::int64_t>& on_hand,
          std::optional<bool> tracked, std::optional<bool> backorder) {
  auto& d = run.d;
  const auto id = p.product_id;
  const auto* old = d.of<product_row>().find(id);
  const bool fresh = is_deleted(old);
  bool starts = fresh;
  run.changes.add_row(fresh ? nullptr : old, p, sellable);
  std::optional<std::string> label;
  if (p.parent_product_id) label = p.name;
  if (!old) {
    p.created_at = p.updated_at = d.now;
    d.of<product_row>().insert(std::move(p));
    d.of<stock_row>().insert({id, 0, 0, sellable, 0});
    run.touch();
  } else if (p != *old) {
    p.updated_at = d.now;
    d.of<product_row>().edit(id) = std::move(p);
    run.touch();
  }
  const auto* stock = d.of<stock_row>().find(id);
  if (stock->sellable != sellable) {
    starts = true;
    d.of<stock_row>().edit(id).sellable = sellable;
    run.touch();
  }
  if (!is_sold(d, id)) release_holds_of(d, id);
  if (sellable && fresh) {
    save_policy(run, id, label, tracked.value_or(true), backorder.value_or(false));
  } else if (sellable) {
    save_policy(run, id, label, tracked, backorder);
  }
  const auto target = stock_target(run, *stock, sellable, starts, on_hand);
  if (!target || stock->on_hand == *target) return;
  run.changes.add(label, "on_hand", std::to_string(stock->on_hand), std::to_string(*target));
  set_on_hand(d, id, *target, stock_cause::import);
  run.touch();
}

/// The stored row. Of one that was deleted only what identifies it is left.
product_row start_row(import_run& run, stoa::product_id id) {
  const auto* old = run.d.of<product_row>().find(id);
  if (!is_deleted(old)) return *old;
  product_row p;
  p.product_id = id;
  p.price = {0, run.currency};
  p.attributes = "{}";
  if (old) {
    p.created_at = old->created_at;
    p.version = old->version;
    p.metadata = old->metadata;
  }
  return p;
}

/// Variants that the file does not have go, unless orders hold units of them.
void drop_variants(import_run& run) {
  std::set<stoa::product_id> kept;
  for (const auto& v : *run.m.variants) kept.insert(v.product_id);
  for (const auto* v : variants_of(run.d, run.m.product_id)) {
    const auto* stock = run.d.of<stock_row>().find(v->product_id);
    if (kept.contains(v->product_id)) continue;
    if (stock && stock->reserved > held_of(run.d, v->product_id)) {
      run.note(v->name + " was kept: orders hold units of it.");
      continue;
    }
    release_holds_of(run.d, v->product_id);
    run.changes.add(v->name, "variant", "present", "removed");
    hide_product(run.d, v->product_id);
    run.touch();
  }
}

bool gives_price(const import_product& m) {
  return m.price || (m.variants && std::any_of(m.variants->begin(), m.variants->end(),
                                               [](const auto& v) { return v.price.has_value(); }));
}

/// A product that has never had a price is not sold for nothing.
product_status status_of(import_run& run, const product_row& p) {
  const auto wanted = run.m.status.value_or(run.is_new ? product_status::Active : p.status);
  if (wanted != product_status::Active || gives_price(run.m)) return wanted;
  if (!run.is_new && p.status == product_status::Active) return wanted;
  const auto variants = variants_of(run.d, p.product_id);
  bool priced = !run.is_new &&
                (variants.empty() ? p.price.amount > 0
                                  : std::all_of(variants.begin(), variants.end(),
                                                [](const auto* v) { return v->price.amount > 0; }));
  if (priced) return wanted;
  run.note("It is a draft: neither the file nor the store has a price of it.");
  return product_status::Draft;
}

/// True when the product has had no variants before.
bool sold_itself(import_run& run) {
  const auto* stock = run.d.of<stock_row>().find(run.m.product_id);
  return run.is_new || !stock || stock->sellable;
}

/// The row as the file has it; `with_variants` are sold in its place.
product_row product_of(import_run& run, bool with_variants) {
  const auto& m = run.m;
  product_row p = start_row(run, m.product_id);
  p.status = status_of(run, p);
  p.handle = m.handle;
  if (m.category_path) {
    const auto before = p.category_id;
    p.category_id = find_category(run);
    if (p.category_id != before) {
      run.changes.add({}, "category", category_name(run, before),
                      category_name(run, p.category_id));
    }
  }
  set_texts(p, m.title, m.description.value_or(p.description), m.keywords.value_or(p.keywords));
  set_attributes(run, p, m.attributes);
  if (!with_variants) {
    if (m.price) p.price = *m.price;
    if (m.compare_at_price.present) p.compare_at_price = m.compare_at_price.value;
    set_sku(run, p, m.sku);
  } else if (m.variants && sold_itself(run)) {
    if (m.variants->front().price) p.price = *m.variants->front().price;
    p.compare_at_price = std::nullopt;
    p.sku = std::nullopt;
  }
  return p;
}

/// Its product's; a product that got its prices with its variants has the least of them.
money price_of_new_variant(import_run& run, const product_row& product) {
  if (product.price.amount > 0) return product.price;
  const auto variants = variants_of(run.d, product.product_id);
  const auto least = std::min_element(
      variants.begin(), variants.end(),
      [](const auto* a, const auto* b) { return a->price.amount < b->price.amount; });
  return least == variants.end() ? product.price : (*least)->price;
}

void save_variants(import_run& run, const std::string& title_before) {
  const auto& product = *run.d.of<product_row>().find(run.m.product_id);
  for (const auto& v : *run.m.variants) {
    product_row p = start_row(run, v.product_id);
    bool is_new = is_deleted(run.d.of<product_row>().find(v.product_id));
    // A name of its own, which staff have given, stays.
    bool follows = is_new || p.name == variant_name(title_before, p.options);
    p.parent_product_id = run.m.product_id;
    p.status = product.status;
    if (v.price) {
      p.price = *v.price;
    } else if (is_new) {
      p.price = price_of_new_variant(run, product);
      if (!run.is_new) {
        run.note(variant_name(product.name, v.options) +
                 " has the price of its product: the file has none.");
      }
    }
    if (v.compare_at_price.present) p.compare_at_price = v.compare_at_price.value;
    p.options = v.options;
    set_texts(p, follows ? variant_name(product.name, v.options) : p.name, p.description,
              p.keywords);
    set_attributes(run, p, v.attributes);
    set_sku(run, p, v.sku);
    save(run, std::move(p), true, v.on_hand, v.track_inventory, v.allow_backorder);
  }
}

/// Variants that the file says nothing of, or that orders hold, follow their product.
void carry_to_kept(import_run& run, const std::string& title_before) {
  const auto& product = *run.d.of<product_row>().find(run.m.product_id);
  std::set<stoa::product_id> of_file;
  if (run.m.variants) {
    for (const auto& v : *run.m.variants) of_file.insert(v.product_id);
  }
  for (const auto* found : variants_of(run.d, run.m.product_id)) {
    if (of_file.contains(found->product_id)) continue;
    product_row p = *found;
    p.status = product.status;
    if (p.name == variant_name(title_before, p.options)) {
      set_texts(p, variant_name(product.name, p.options), p.description, p.keywords);
    }
    save(run, std::move(p), true, std::nullopt, std::nullopt, std::nullopt);
  }
}

/// What the file says of the product itself while its variants, which are sold, stay as they are.
void note_not_applied(import_run& run) {
  const auto& m = run.m;
  if (m.sku || m.price || m.compare_at_price.present || m.on_hand) {
    run.note("It has variants, but the file has no option columns: SKU, price and stock stay.");
  }
}

void save_images(import_run& run) {
  auto& images = run.d.of<image_row>();
  std::set<stoa::image_id> kept;
  static const std::vector<imported_image> none;
  for (const auto& i : run.m.images ? *run.m.images : none) {
    if (!kept.insert(i.image_id).second) continue;
    const auto* old = images.find(i.image_id);
    image_row row{i.image_id,
                  run.m.product_id,
                  i.image_url,
                  i.alt_text.value_or(old ? old->alt_text : ""),
                  old && !i.set_position ? old->position : i.position,
                  old ? old->created_at : run.d.now};
    if (old && *old == row) continue;
    run.changes.add({}, "image", old ? old->image_url : "", row.image_url);
    run.changes.add({}, "image.alt_text", old ? old->alt_text : "", row.alt_text);
    run.changes.add({}, "image.position", old ? std::to_string(old->position) : "",
                    std::to_string(row.position));
    if (old) {
      images.edit(i.image_id) = row;
    } else {
      images.insert(row);
    }
    run.touch();
  }
  for (const auto* old : images.where<&image_row::product_id>(run.m.product_id)) {
    if (kept.contains(old->image_id)) continue;
    run.changes.add({}, "image", old->image_url, "");
    images.erase(old->image_id);
    run.touch();
  }
}

/// Takes back what the message has changed, as for one that is refused.
void undo(decision& d) {
  d.of<category_row>().undo();
  d.of<product_row>().undo();
  d.of<stock_row>().undo();
  d.of<image_row>().undo();
  d.of<hold_row>().undo();
  d.of<ledger_row>().undo();
  d.statements.clear();
  d.events.clear();
  d.effects.clear();
}

}  // namespace

void catalog_service::needs(const import_product& m, need_list& list, const records& all) const {
  need_product(m.product_id, list, all);
  if (m.handle) list.add<&product_row::handle>(*m.handle);
  if (m.sku) list.add<&product_row::sku>(*m.sku);
  if (m.variants) {
    for (const auto& v : *m.variants) {
      list.add<&product_row::product_id>(v.product_id);
      list.add<&stock_row::product_id>(v.product_id);
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
  }
}

result<import_answer> catalog_service::decide(const import_product& m, decision& d) const {
  if (auto p = check_import(m, options_.currency)) return std::move(*p);
  if (auto p = check_ids(d, m)) return std::move(*p);
  const auto* old = d.of<product_row>().find(m.product_id);
  const auto source = search_source_of(d, m.product_id);
  import_run run{d, m, options_.currency, is_deleted(old)};
  const std::string title_before = old ? old->name : "";
  const bool kept = keeps_variants(run);
  const bool with_variants = has_variants(run);
  if (m.variants) drop_variants(run);
  save(run, product_of(run, with_variants), !with_variants, m.on_hand, m.track_inventory,
       m.allow_backorder);
  if (with_variants && !kept) save_variants(run, title_before);
  carry_to_kept(run, title_before);
  if (kept) note_not_applied(run);
  // A deleted product has its images still.
  if (m.images || run.is_new) save_images(run);
  run.changes.move_to(run.answer);
  if (run.answer.outcome != import_outcome::unchanged) {
    d.execute(refresh_list_price, db::params(m.product_id));
    d.of<product_row>().edit(m.product_id).updated_at = d.now;
    index_changes(d, m.product_id, source);
    if (run.is_new) run.answer.outcome = import_outcome::created;
  }
  if (m.dry_run) undo(d);
  return std::move(run.answer);
}

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
  if (found->sku) return nothing{};
  const auto* other = d.of<product_row>().find_by<&product_row::sku>(std::optional(m.sku));
  if (other && other->product_id != m.product_id) {
    return conflict("sku_taken", "The SKU " + m.sku + " belongs to the product " + other->name +
                                     " (" + other->product_id.str() + ").");
  }
  auto& p = d.of<product_row>().edit(m.product_id);
  p.sku = m.sku;
  p.attributes = with_kept_sku(p.attributes, p.parent_product_id.has_value(), std::nullopt);
  p.updated_at = d.now;
  const auto listed = p.parent_product_id.value_or(p.product_id);
  d.of<product_row>().edit(listed).updated_at = d.now;
  index_product(d, listed);
  return nothing{};
}

}  // namespace stoa::catalog
