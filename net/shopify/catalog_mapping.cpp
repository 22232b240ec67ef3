#include "net/shopify/catalog_mapping.hpp"

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/product_rules.hpp"
#include "net/shopify/attributes.hpp"
#include "net/shopify/values.hpp"
#include "storage/base/json_rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace stoa::shopify {

namespace {

constexpr std::string_view columns_left_out =
    "unused columns were omitted because they are too long";

using image_key = std::pair<std::string, std::size_t>;  ///< URL and occurrence

/// Option values as they appear in a file.
std::vector<std::string> values_of(const std::vector<catalog::option_value>& options) {
  std::vector<std::string> values;
  values.reserve(options.size());
  for (const auto& o : options) values.emplace_back(trim(o.value));
  return values;
}

std::vector<catalog::category_ref> category_refs(const std::vector<std::string>& names) {
  std::vector<catalog::category_ref> refs;
  std::vector<std::string> path;
  for (const std::string& name : names) {
    path.push_back(name);
    refs.push_back({category_id_for(path), name});
  }
  return refs;
}

/// Assigns ids to the product's variants: existing ones, or ids derived from the options.
class variant_ids {
 public:
  variant_ids(const import_product& product, const catalog::product_view* existing)
      : handle_(product.handle) {
    if (!existing) return;
    for (const auto& v : existing->variants) by_values_.emplace(values_of(v.options), &v);
    for (const auto& v : product.variants) {
      if (const auto* known = find(v.option_values)) used_.insert(known->product_id);
    }
  }

  const catalog::variant_view* find(const std::vector<std::string>& values) const {
    auto found = by_values_.find(values);
    return found == by_values_.end() ? nullptr : found->second;
  }

  product_id new_id(const std::vector<std::string>& values) {
    product_id made = id_for(handle_, values);
    // Staff may have moved this variant's options to another variant, and the file contains both.
    for (auto salted = values; !used_.insert(made).second; made = id_for(handle_, salted)) {
      salted.emplace_back();
    }
    return made;
  }

 private:
  const std::string& handle_;
  std::map<std::vector<std::string>, const catalog::variant_view*> by_values_;
  std::set<product_id> used_;
};

std::string_view text_of(const std::optional<json::raw>& attributes) {
  return attributes ? std::string_view(attributes->text) : "{}";
}

/// Variants being removed are sorted last.
bool is_sold_by_variants(const catalog::product_view& p) {
  return !p.variants.empty() && !p.variants.front().being_removed;
}

/// Maps the stock policy to the file's columns; the attributes hold the tracker's name.
void add_policy(bool tracked, bool backorder, import_variant& v) {
  v.inventory_policy = backorder ? inventory_policy::keep_selling : inventory_policy::deny;
  if (!tracked) {
    v.inventory_tracker.clear();
  } else if (v.inventory_tracker.empty()) {
    v.inventory_tracker = usual_tracker;
  }
}

/// The part of the stored attributes that only the columns for other attributes contain.
std::string stored_other_attributes(const catalog::variant_view& known) {
  import_variant stored;
  read_variant_attributes(text_of(known.attributes), stored);
  add_policy(known.track_inventory, known.allow_backorder, stored);
  return other_attributes(text_of(known.attributes), stored);
}

std::string stored_other_attributes(const catalog::product_view& existing) {
  const std::string_view text = text_of(existing.attributes);
  import_product stored;
  read_product_attributes(text, {}, existing.status == catalog::product_status::Active, stored);
  product_patch_options options;
  options.with_type = false;
  options.own_variant = !is_sold_by_variants(existing);
  if (options.own_variant) {
    import_variant own;
    read_own_variant_attributes(text, own);
    add_policy(existing.track_inventory.value_or(true), existing.allow_backorder.value_or(false),
               own);
    stored.variants.push_back(std::move(own));
  }
  return other_attributes(text, stored, options);
}

/// Maps price, SKU and stock of a variant, or of a product without variants.
template <class Sold>
void map_sold(const import_variant& v, const mapping_options& options, Sold& to,
              std::vector<std::string>& notes) {
  const file_columns& columns = options.columns;
  if (columns.has(column::sku) && options.doubled && options.doubled->contains(v.sku)) {
    notes.push_back("the SKU " + v.sku + " is not set: it occurs in more than one row of the file");
  } else if (columns.has(column::sku)) {
    to.sku = v.sku;
  }
  if (columns.has(column::price)) to.price = money{v.price, options.currency};
  if (columns.has(column::compare_at_price)) {
    to.compare_at_price.present = true;
    if (v.compare_at_price)
      to.compare_at_price.value = money{*v.compare_at_price, options.currency};
  }
  if (columns.has(column::inventory_qty)) to.on_hand = v.inventory_qty;
  if (columns.has(column::inventory_tracker)) to.track_inventory = !v.inventory_tracker.empty();
  if (columns.has(column::inventory_policy)) {
    to.allow_backorder = v.inventory_policy == inventory_policy::keep_selling;
  }
}

void map_variants(const import_product& product, const mapping_options& options,
                  const catalog::product_view* existing, mapped_product& to) {
  variant_ids ids(product, existing);
  for (const import_variant& v : product.variants) {
    const auto* known = ids.find(v.option_values);
    catalog::imported_variant mapped;
    mapped.product_id = known ? known->product_id : ids.new_id(v.option_values);
    for (std::size_t i = 0; i < v.option_values.size(); ++i) {
      mapped.options.push_back({product.option_names[i], v.option_values[i]});
    }
    map_sold(v, options, mapped, to.notes);
    bool too_long = false;
    std::optional<std::string_view> present;
    if (known) present = text_of(known->attributes);
    mapped.attributes.text =
        variant_patch(v, options.columns, present, catalog::attributes_bytes_max, too_long);
    if (too_long) to.notes.emplace_back(columns_left_out);
    if (options.columns.has(column::variant_metadata)) mapped.metadata = v.metadata;
    if (options.columns.has(column::variant_name)) mapped.title = v.name;
    if (options.columns.has(column::variant_attributes)) {
      mapped.attributes.text = with_other_attributes(
          mapped.attributes.text, known ? stored_other_attributes(*known) : "", v.attributes);
    }
    to.command.variants->push_back(std::move(mapped));
  }
}

/// Keeps stored variants that may be in unreadable rows, if they have the same options as the
/// file's variants.
void keep_variants(const import_product& product, const catalog::product_view& existing,
                   mapped_product& to) {
  std::set<product_id> of_file;
  for (const auto& v : *to.command.variants) of_file.insert(v.product_id);
  bool kept = false;
  for (const auto& v : existing.variants) {
    std::vector<std::string> names;
    for (const auto& o : v.options) names.emplace_back(trim(o.name));
    if (v.being_removed || of_file.contains(v.product_id) || names != product.option_names) {
      continue;
    }
    catalog::imported_variant same;
    same.product_id = v.product_id;
    same.options = v.options;
    to.command.variants->push_back(std::move(same));
    kept = true;
  }
  if (kept) {
    to.notes.emplace_back(
        "some of its rows are invalid: variants missing from the other rows are kept");
  }
}

/// The product's final values, without variants and images: stored values where the file has no
/// column.
import_product completed(const import_product& product, const file_columns& columns,
                         const catalog::product_view* existing) {
  import_product made;
  made.vendor = product.vendor;
  made.type = product.type;
  made.tags = product.tags;
  made.published = product.published;
  made.extra = product.extra;
  if (!existing) return made;
  import_product stored;
  const auto attributes = text_of(existing->attributes);
  const bool visible = existing->status == catalog::product_status::Active ||
                       catalog::awaits_price(std::string(attributes));
  read_product_attributes(attributes, {}, visible, stored);
  if (!columns.has(column::vendor)) made.vendor = stored.vendor;
  if (!columns.has(column::tags)) made.tags = stored.tags;
  if (!columns.has(column::published)) made.published = stored.published;
  auto status = stored.extra.find(std::string(status_column));
  if (!columns.has_extra(status_column) && status != stored.extra.end()) made.extra.insert(*status);
  return made;
}

/// The reason why the file's options do not match the stored ones; empty if they do.
std::string check_option_columns(const import_product& product, const file_columns& columns,
                                 const catalog::product_view* existing) {
  if (!existing || !is_sold_by_variants(*existing) || columns.options() == 0) return {};
  const auto& stored = existing->variants.front().options;
  if (product.option_names.empty() || stored.size() <= columns.options()) return {};
  return "it has the option \"" + shortened(stored[columns.options()].name, 80) +
         "\", for which the file has no columns";
}

/// Sorts the images so that the occurrences of a URL are numbered alike in a file and in the store,
/// which sorts by position.
template <class Image, class PositionOf, class AltOf>
std::vector<const Image*> in_order(const std::vector<Image>& images, PositionOf position,
                                   AltOf alt) {
  std::vector<const Image*> sorted;
  sorted.reserve(images.size());
  for (const Image& i : images) sorted.push_back(&i);
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Image* a, const Image* b) {
    return std::tie(a->*position, a->*alt) < std::tie(b->*position, b->*alt);
  });
  return sorted;
}

void map_images(const import_product& product, const file_columns& columns,
                const catalog::product_view* existing, mapped_product& to) {
  std::map<image_key, image_id> known;
  std::set<image_id> used;
  std::map<std::string, std::size_t> seen;
  if (existing) {
    using view = catalog::image_view;
    for (const auto* i : in_order(existing->images, &view::position, &view::alt_text)) {
      known.emplace(image_key{i->image_url, seen[i->image_url]++}, i->image_id);
      used.insert(i->image_id);
    }
    seen.clear();
  }
  for (const auto* i : in_order(product.images, &import_image::position, &import_image::alt)) {
    if (!json::has_form(i->src, json::format::uri)) {
      to.notes.push_back("an image was omitted because its URL is invalid: " +
                         shortened(i->src, 80));
      continue;
    }
    std::size_t occurrence = seen[i->src]++;
    auto found = known.find({i->src, occurrence});
    image_id id;
    if (found != known.end()) {
      id = found->second;
    } else {
      std::size_t number = occurrence;
      do {
        id = image_id_for(product.handle, i->src, number++);
      } while (!used.insert(id).second);
    }
    catalog::imported_image mapped{id, i->src, std::nullopt, i->position,
                                   columns.has(column::image_position)};
    if (columns.has(column::image_alt)) mapped.alt_text = i->alt;
    to.command.images->push_back(std::move(mapped));
  }
}

void keep_images(const catalog::product_view& existing, catalog::import_product& to) {
  std::set<image_id> of_file;
  for (const auto& i : *to.images) of_file.insert(i.image_id);
  for (const auto& i : existing.images) {
    // Imports do not remove uploaded images.
    if (of_file.contains(i.image_id) || i.content_type) continue;
    to.images->push_back({i.image_id, i.image_url, std::nullopt, i.position, false});
  }
}

problem not_exportable(std::string why) {
  return {problem_kind::validation, "not_exportable", std::move(why), {}};
}

/// The reason why one file cannot represent the variants; empty if it can.
std::string check_options(const catalog::product_view& p) {
  std::vector<std::string> names;
  for (const auto& v : p.variants) {
    if (v.being_removed) continue;
    std::vector<std::string> own;
    for (const auto& o : v.options) {
      own.push_back(o.name);
      for (const std::string* text : {&o.name, &o.value}) {
        if (trim(*text).empty() || !check_line(trim(*text), name_length_max).empty()) {
          return "the option \"" + shortened(o.name, 80) + "\" cannot be represented in a cell";
        }
      }
    }
    if (own.empty() || own.size() > options_max) return "a variant does not have 1 to 10 options";
    if (names.empty()) names = own;
    if (own != names) return "its variants have different options";
  }
  if (p.variants.size() == 1 && catalog::is_no_option(p.variants.front().options)) {
    return "its only option is Title with the value Default Title, which represents no options";
  }
  return {};
}

result<import_variant> variant_from(const std::optional<std::string>& sku, const money& price,
                                    const std::optional<money>& compare_at, std::int64_t on_hand,
                                    std::string_view currency) {
  import_variant v;
  v.sku = sku.value_or("");
  for (const money* m : {&price, compare_at ? &*compare_at : &price}) {
    if (m->currency != currency) return not_exportable("a price is in " + m->currency);
  }
  v.price = price.amount;
  if (compare_at) v.compare_at_price = compare_at->amount;
  v.inventory_qty = on_hand;
  return v;
}

}  // namespace

product_id catalog_id_of(std::string_view handle) {
  if (auto id = product_id::parse(handle)) return *id;
  return id_for(handle);
}

mapped_product to_catalog(const import_product& product, const mapping_options& options,
                          const catalog::product_view* existing) {
  mapped_product made;
  const file_columns& columns = options.columns;
  made.refused = check_option_columns(product, columns, existing);
  if (!made.refused.empty()) return made;
  catalog::import_product& to = made.command;
  import_product values = completed(product, columns, existing);
  to.product_id = existing ? existing->product_id : catalog_id_of(product.handle);
  if (!product_id::parse(product.handle)) {
    to.handle = product.handle;
  } else if (existing) {
    to.handle = existing->handle;
  }
  to.title = product.title;
  to.set_stock = options.set_stock;
  to.dry_run = options.dry_run;
  to.step = options.step;
  if (columns.has(column::body)) to.description = product.body_html;
  if (columns.has(column::published) || columns.has_extra(status_column)) {
    to.status = is_visible(values)    ? catalog::product_status::Active
                : is_archived(values) ? catalog::product_status::Archived
                                      : catalog::product_status::Draft;
  }
  const bool has_attributes = columns.has(column::attributes);
  product_patch_options patch;
  patch.with_type = columns.has(column::type) || !existing;
  if (patch.with_type) to.category_path = category_refs(category_of(values, !has_attributes));
  const bool has_variants = existing && is_sold_by_variants(*existing);
  if (columns.options() > 0 || !product.option_names.empty()) to.variants.emplace();
  if (!product.option_names.empty()) {
    map_variants(product, options, existing, made);
    if (product.partial && existing) keep_variants(product, *existing, made);
    patch.removes_own_variant = true;
  } else {
    map_sold(product.variants.front(), options, to, made.notes);
    patch.own_variant = to.variants || !has_variants;
    if (patch.own_variant) values.variants.push_back(product.variants.front());
  }
  bool too_long = false;
  std::optional<std::string_view> present;
  if (existing) present = text_of(existing->attributes);
  to.attributes.text =
      product_patch(values, columns, present, patch, catalog::attributes_bytes_max, too_long);
  if (too_long) made.notes.emplace_back(columns_left_out);
  if (columns.has(column::metadata)) to.metadata = product.metadata;
  if (has_attributes) {
    to.attributes.text = with_other_attributes(
        to.attributes.text, existing ? stored_other_attributes(*existing) : "", product.attributes);
  }
  if (columns.has(column::vendor) || columns.has(column::tags) || has_attributes) {
    const std::string before(present.value_or("{}"));
    to.keywords = catalog::keywords_of(catalog::merged_attributes(before, to.attributes.text));
  }
  if (columns.has(column::image_src)) {
    to.images.emplace();
    map_images(product, columns, existing, made);
    if (product.partial && existing) keep_images(*existing, to);
  }
  return made;
}

result<import_product> from_catalog(const catalog::exported_product& exported,
                                    std::string_view currency) {
  const catalog::product_view& p = exported.product;
  import_product made;
  made.handle = p.handle.value_or(p.product_id.str());
  made.handle = trim(made.handle);
  made.title = trim(p.name);
  for (const auto* text : {&made.handle, &made.title}) {
    if (text->empty() || !check_line(*text, name_length_max).empty()) {
      return not_exportable("its handle or name cannot be represented in a cell");
    }
  }
  if (p.handle && product_id::parse(made.handle)) {
    return not_exportable("its handle has the form of a product id");
  }
  made.body_html = p.description;
  made.metadata = p.metadata.value_or(metadata{});
  std::string_view attributes = text_of(p.attributes);
  read_product_attributes(attributes, exported.category_path,
                          p.status == catalog::product_status::Active, made);
  // Staff may have changed the status since the import.
  const bool archived = p.status == catalog::product_status::Archived;
  if (archived != is_archived(made)) {
    made.extra[std::string(status_column)] = archived ? "archived" : "draft";
  }
  if (auto why = check_options(p); !why.empty()) return not_exportable(std::move(why));
  product_patch_options options;
  if (!is_sold_by_variants(p)) {
    auto v = variant_from(p.sku, p.price, p.compare_at_price, p.on_hand.value_or(0), currency);
    if (!v) return v.error();
    read_own_variant_attributes(attributes, *v);
    add_policy(p.track_inventory.value_or(true), p.allow_backorder.value_or(false), *v);
    made.variants.push_back(std::move(*v));
    options.own_variant = true;
  } else {
    for (const auto& o : p.variants.front().options) made.option_names.emplace_back(trim(o.name));
  }
  made.attributes = other_attributes(attributes, made, options);
  for (const auto& one : p.variants) {
    if (one.being_removed) continue;
    auto v =
        variant_from(one.sku, one.price, one.compare_at_price, one.on_hand.value_or(0), currency);
    if (!v) return v.error();
    v->option_values = values_of(one.options);
    read_variant_attributes(text_of(one.attributes), *v);
    add_policy(one.track_inventory, one.allow_backorder, *v);
    v->attributes = other_attributes(text_of(one.attributes), *v);
    v->metadata = one.metadata.value_or(metadata{});
    if (one.name != catalog::variant_name(p.name, one.options)) v->name = one.name;
    made.variants.push_back(std::move(*v));
  }
  for (const auto& i : p.images) {
    // Without media.public_url the URL of an uploaded image has no host.
    if (i.image_url.starts_with('/')) continue;
    made.images.push_back({i.image_url, i.position, i.alt_text});
  }
  // Sort independently of ids, which differ between stores.
  std::sort(made.images.begin(), made.images.end(), [](const auto& a, const auto& b) {
    return std::tie(a.position, a.src, a.alt) < std::tie(b.position, b.src, b.alt);
  });
  return made;
}

}  // namespace stoa::shopify
