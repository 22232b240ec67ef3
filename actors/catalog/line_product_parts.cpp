// The variants, images and earlier handles of a product's line.

#include "actors/catalog/line_product_parts.hpp"

#include "actors/catalog/stored_texts.hpp"
#include "storage/base/json_rules.hpp"

#include <algorithm>
#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

std::vector<option_value> options_of(const variant_line& v) {
  product_change options;
  options.options = v.options;
  return as_stored(std::move(options)).options.value.value_or(std::vector<option_value>{});
}

/// The variants by their options, as JSON.
using variant_map = std::map<std::string, stoa::product_id>;

variant_map variants_by_options(decision& d, stoa::product_id parent) {
  variant_map found;
  for (const auto* v : variants_of(d, parent))
    found.emplace(json::write(v->options), v->product_id);
  return found;
}

const std::vector<variant_line>& variants_in(const product_line& line) {
  static const std::vector<variant_line> none;
  return line.variants.value ? *line.variants.value : none;
}

/// A variant that was being removed is sold again.
void restore_variant(decision& d, const product_row& v, const product_row& parent) {
  const auto* stock = d.of<stock_row>().find(v.product_id);
  if (!is_being_removed(v, *stock)) return;
  d.of<stock_row>().edit(v.product_id).sellable = true;
  d.of<product_row>().edit(v.product_id).status = parent.status;
}

result<stoa::product_id> insert_variant(line_run& run, stoa::product_id parent,
                                        const variant_line& line,
                                        const std::vector<option_value>& options) {
  new_product base;
  base.parent_product_id = parent;
  base.options = options;
  base.name = line.name;
  base.price = line.price;
  base.track_inventory = line.track_inventory.value_or(true);
  base.allow_backorder = line.allow_backorder.value_or(false);
  return run.service.insert_product(base, run.d.new_id<stoa::product_id>(), run.d);
}

/// `known`: the variant with the line's options.
std::optional<problem> apply_variant(line_run& run, stoa::product_id parent,
                                     const variant_line& line,
                                     const std::optional<stoa::product_id>& known) {
  auto& d = run.d;
  std::optional<product_row> before;
  if (known) before = *d.of<product_row>().find(*known);
  auto id = known ? result<stoa::product_id>(*known)
                  : insert_variant(run, parent, line, options_of(line));
  if (!id) return id.error();
  if (before) restore_variant(d, *d.of<product_row>().find(*id), *d.of<product_row>().find(parent));
  const product_change& members = line;
  product_change change = members;
  change.options = {};
  if (const auto done = run.service.apply_change(*id, change, d); !done) return done.error();
  if (auto bad = set_line_stock(run, *id, {line.on_hand, line.levels}, !before)) return bad;
  run.changes.add_row(before ? &*before : nullptr, *d.of<product_row>().find(*id));
  return std::nullopt;
}

/// In the order in which they are shown.
std::vector<const image_row*> sorted_images(decision& d, stoa::product_id id) {
  auto images = d.of<image_row>().where<&image_row::product_id>(id);
  std::ranges::sort(images, {}, [](const auto* i) { return std::pair(i->position, i->image_id); });
  return images;
}

void change_line_image(line_run& run, const image_row& old, const image_line& line,
                       std::int64_t position) {
  const auto alt_text = line.alt_text.value_or(old.alt_text);
  if (alt_text == old.alt_text && position == old.position) return;
  run.changes.add({}, "image.alt_text", old.alt_text, alt_text);
  run.changes.add({}, "image.position", std::to_string(old.position), std::to_string(position));
  auto& image = run.d.of<image_row>().edit(old.image_id);
  image.alt_text = alt_text;
  image.position = position;
}

}  // namespace

void drop_variants(line_run& run, stoa::product_id id, const product_line& line) {
  std::set<stoa::product_id> kept;
  const auto known = variants_by_options(run.d, id);
  for (const auto& v : variants_in(line)) {
    const auto found = known.find(json::write(options_of(v)));
    if (found != known.end()) kept.insert(found->second);
  }
  bool dropped = false;
  for (const auto* v : sold_variants_of(run.d, id)) {
    if (kept.contains(v->product_id)) continue;
    const auto name = v->name;
    if (!drop_variant(run.d, v->product_id)) {
      run.note(name + " is no longer sold, and will be deleted when no order holds units of it.");
    }
    run.changes.add(name, "variant", "present", "removed");
    dropped = true;
  }
  // Without variants the product is sold itself, with an empty stock.
  if (dropped && variants_in(line).empty()) run.d.of<stock_row>().edit(id).sellable = true;
}

std::optional<problem> apply_variants(line_run& run, stoa::product_id id,
                                      const product_line& line) {
  const auto& variants = variants_in(line);
  if (variants.empty()) return std::nullopt;
  if (auto bad = make_parent(run.d, *run.d.of<product_row>().find(id))) return bad;
  const auto known = variants_by_options(run.d, id);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const auto at = "/variants/" + std::to_string(i);
    auto options = json::write(options_of(variants[i]));
    const auto found = known.find(options);
    if (!seen.insert(std::move(options)).second) {
      return invalid_field(at + "/options", "duplicate", "Two variants have the same options.");
    }
    const auto variant = found == known.end() ? std::nullopt : std::optional(found->second);
    if (auto bad = apply_variant(run, id, variants[i], variant)) return below(std::move(*bad), at);
  }
  return std::nullopt;
}

void apply_images(line_run& run, stoa::product_id id, const product_line& line) {
  auto& images = run.d.of<image_row>();
  auto unused = sorted_images(run.d, id);
  std::int64_t last = 0;
  static const std::vector<image_line> none;
  std::vector<image_row> added;
  for (const auto& one : line.images.value ? *line.images.value : none) {
    const auto position = one.position.value_or(last + 1);
    const auto known = std::ranges::find_if(unused, [&](const auto* i) {
      return view_of(*i, run.options.media_url).image_url == one.image_url;
    });
    if (known != unused.end()) {
      change_line_image(run, **known, one, position);
      unused.erase(known);
    } else if (json::has_form(one.image_url, json::format::uri)) {
      added.push_back({run.d.new_id<stoa::image_id>(), id, one.image_url, one.alt_text.value_or(""),
                       position, run.d.now});
    } else {
      run.note("The image " + one.image_url +
               " is not an http or https URL, and not in the store.");
      continue;
    }
    last = position;
  }
  for (const auto* i : unused) {
    run.changes.add({}, "image", view_of(*i, run.options.media_url).image_url, "");
    images.erase(i->image_id);
  }
  for (auto& i : added) {
    run.changes.add({}, "image", "", i.image_url);
    images.insert(std::move(i));
  }
}

void apply_earlier_handles(line_run& run, stoa::product_id id, const product_line& line) {
  auto& redirects = run.d.of<redirect_row>();
  std::set<std::string> wanted;
  if (line.earlier_handles.value) {
    for (const auto& handle : *line.earlier_handles.value) wanted.insert(stored_name(handle));
  }
  std::vector<std::string> gone;
  for (const auto* r : redirects.where<&redirect_row::product_id>(id)) {
    if (wanted.erase(r->handle) == 0) gone.push_back(r->handle);
  }
  for (const auto& handle : gone) {
    run.changes.add({}, "earlier_handles", handle, "");
    redirects.erase(handle);
  }
  for (const auto& handle : wanted) {
    if (run.d.of<product_row>().find_by<&product_row::handle>(std::optional(handle))) {
      run.note("The earlier handle " + handle + " is that of a product now.");
      continue;
    }
    if (redirects.find(handle)) {
      run.note("The earlier handle " + handle + " is that of another product.");
      continue;
    }
    run.changes.add({}, "earlier_handles", "", handle);
    redirects.insert({handle, id, run.d.now});
  }
}

}  // namespace stoa::catalog
