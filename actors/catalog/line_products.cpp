// Lines of products: their import. line_product_export.cpp has the export.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/line_parts.hpp"
#include "actors/catalog/line_product_parts.hpp"
#include "actors/catalog/product_rules.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_rules.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

std::optional<problem> check_earlier_handles(const product_line& line) {
  if (!line.earlier_handles.value) return std::nullopt;
  for (std::size_t i = 0; i < line.earlier_handles.value->size(); ++i) {
    if (!stoa::product_id::parse((*line.earlier_handles.value)[i])) continue;
    return invalid_field("/earlier_handles/" + std::to_string(i), "reserved",
                         "A handle must not have the form of an id.");
  }
  return std::nullopt;
}

std::optional<problem> bind_product(const json::value& line, import_line& to) {
  auto bound = json::read_value<product_line>(line);
  if (!bound) return bound.error();
  if (!bound->product_id && !bound->handle.value) {
    return invalid_field("/handle", "required", "A product has a handle or a product_id.");
  }
  if (bound->product_id == stoa::product_id{}) {
    return invalid_field("/product_id", "format", "This is the id of no product.");
  }
  if (auto bad = check_earlier_handles(*bound)) return bad;
  if (bound->handle.value) bound->handle.value = stored_name(*bound->handle.value);
  if (bound->category.value) {
    for (auto& name : *bound->category.value) name = stored_name(name);
  }
  if (auto bad = check_locales(bound->translations)) return bad;
  to.product = std::move(*bound);
  return std::nullopt;
}

/// The stored product of the line; a deleted one has no handle.
const product_row* stored_product(const auto& rows, const product_line& line) {
  if (line.product_id) return rows.find(*line.product_id);
  return rows.template find_by<&product_row::handle>(line.handle.value);
}

void need_product_line(const catalog_service& service, const import_line& m,
                       catalog_service::need_list& list, const catalog_service::records& all) {
  const auto& line = *m.product;
  if (line.handle.value) {
    list.add<&product_row::handle>(*line.handle.value);
    need_redirect(line.handle.value, list);
  }
  if (!line.handle.value && line.name) {
    need_free_handle(product_kind, stored_name(*line.name), list);
  }
  if (line.category.value) need_categories(list);
  if (line.category_id.value) list.add<&category_row::category_id>(*line.category_id.value);
  need_type(line.product_type.value, list);
  if (line.sku.value) list.add<&product_row::sku>(stored_sku(*line.sku.value));
  if (line.variants.value) {
    for (const auto& v : *line.variants.value) {
      if (v.sku.value) list.add<&product_row::sku>(stored_sku(*v.sku.value));
      if (v.levels) need_locations(list);
    }
  }
  if (line.levels) need_locations(list);
  if (line.earlier_handles.value) {
    for (const auto& handle : *line.earlier_handles.value) {
      list.add<&product_row::handle>(stored_name(handle));
      need_redirect(stored_name(handle), list);
    }
  }
  if (line.product_id) list.add<&product_row::product_id>(*line.product_id);
  const auto* found = stored_product(all.of<product_row>(), line);
  if (!found) return;
  const product_change& change = line;
  service.needs(change_product{found->product_id, change}, list, all);
  list.add<&redirect_row::product_id>(found->product_id);
}

/// The change of the line, with the category of its path, which is created if necessary.
result<product_change> change_of(line_run& run, const product_line& line) {
  const product_change& members = line;
  product_change change = members;
  if (!line.category.present) return change;
  if (line.category_id.present) {
    return invalid_field("/category_id", "exclusive", "The line has a category by its path, too.");
  }
  change.category_id = {true, std::nullopt};
  category_names path;
  for (const auto& name : line.category.value.value_or(category_names{})) {
    path.push_back(name);
    if (const auto* known = find_path(run.d, path)) {
      change.category_id.value = known->category_id;
      continue;
    }
    if (auto bad = check_category_count(run.d)) return std::move(*bad);
    const auto id = run.d.new_id<stoa::category_id>();
    run.d.of<category_row>().insert(
        {id, 0, name, std::nullopt, change.category_id.value, run.d.now, run.d.now, 0});
    change.category_id.value = id;
    run.changes.add({}, "new_category", "", name);
  }
  return change;
}

/// Adds a product with what it must have; the rest is a change of it.
result<stoa::product_id> insert_base(line_run& run, const product_line& line,
                                     const product_change& change) {
  new_product base;
  base.name = change.name;
  base.price = change.price;
  base.handle = change.handle.value;
  base.status = product_status::Draft;
  base.track_inventory = change.track_inventory.value_or(true);
  base.allow_backorder = change.allow_backorder.value_or(false);
  const auto id = line.product_id.value_or(run.d.new_id<stoa::product_id>());
  return run.service.insert_product(base, id, run.d);
}

/// As in the API, a product that is to be published later is a draft until then.
product_status first_status(const product_change& change) {
  if (change.status) return *change.status;
  return change.publish_at.value ? product_status::Draft : product_status::Active;
}

/// A draft that only lacks a price stays one, and an import that sets its price publishes it.
void keep_awaited_price(decision& d, stoa::product_id id, const product_line& line,
                        const std::optional<product_row>& before) {
  const auto& p = *d.of<product_row>().find(id);
  const bool awaits = line.attributes.value ? awaits_price(line.attributes.value->text)
                                            : before && awaits_price(before->attributes);
  if (!awaits || p.status != product_status::Draft || awaits_price(p.attributes)) return;
  d.of<product_row>().edit(id).attributes = with_awaited_price(p.attributes, true);
}

std::optional<problem> check_stored(const product_row& p) {
  if (p.status == product_status::Deleted) {
    return invalid_field("/product_id", "unknown", "This product has been deleted.");
  }
  if (p.parent_product_id) {
    return invalid_field("/product_id", "is_variant", "This is the id of a variant.");
  }
  return std::nullopt;
}

std::optional<problem> apply_parts(line_run& run, stoa::product_id id, const product_line& line) {
  if (auto bad = set_line_stock(run, id, {line.on_hand, line.levels})) return bad;
  if (line.variants.present) {
    if (auto bad = apply_variants(run, id, line)) return bad;
  }
  if (line.images.present) apply_images(run, id, line);
  if (line.earlier_handles.present) apply_earlier_handles(run, id, line);
  return apply_translations(run, line.translations, translated_kind::product, id.value);
}

std::optional<problem> apply_product(line_run& run) {
  const auto& line = *run.m.product;
  auto& d = run.d;
  auto change = change_of(run, line);
  if (!change) return change.error();
  const auto* found = stored_product(d.of<product_row>(), line);
  if (found) {
    if (auto bad = check_stored(*found)) return bad;
  }
  std::optional<product_row> before;
  if (found) before = *found;
  run.is_new = !before;
  const auto source = before ? search_source_of(d, before->product_id) : std::nullopt;
  auto id = before ? result<stoa::product_id>(before->product_id) : insert_base(run, line, *change);
  if (!id) return id.error();
  if (run.is_new) change->status = first_status(*change);
  if (line.variants.present) drop_variants(run, *id, line);
  // Staff's status ends the wait for a price; the same status in a file does not.
  if (before && change->status == before->status) change->status.reset();
  if (const auto done = run.service.apply_change(*id, *change, d); !done) return done.error();
  keep_awaited_price(d, *id, line, before);
  if (auto bad = apply_parts(run, *id, line)) return bad;
  run.changes.add_row(before ? &*before : nullptr, *d.of<product_row>().find(*id));
  if (!has_product_changes(d)) return std::nullopt;
  d.execute(refresh_list_price, db::params(*id));
  d.of<product_row>().edit(*id).updated_at = d.now;
  run.service.index_changes(d, *id, source);
  return std::nullopt;
}

}  // namespace

bool has_product_changes(decision& d) {
  return d.of<product_row>().has_changes() || d.of<stock_row>().has_changes() ||
         d.of<image_row>().has_changes() || d.of<redirect_row>().has_changes() ||
         d.of<translation_row>().has_changes();
}

const line_handler product_lines{"product", bind_product, need_product_line, apply_product,
                                 read_product_lines};

}  // namespace stoa::catalog
