#include "net/shopify/catalog_mapping.hpp"

#include "net/shopify/attributes.hpp"
#include "net/shopify/values.hpp"
#include "storage/base/json_rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace stoa::shopify {

namespace {

constexpr std::size_t keywords_bytes_max = 8 * 1024;
constexpr std::string_view columns_left_out =
    "the columns that are not used were left out: they are too long";

using image_key = std::pair<std::string, std::size_t>;  ///< the URL, and which of its occurrences

std::string keywords_of(const import_product& product) {
  std::string words = product.vendor;
  for (const std::string& tag : product.tags) {
    if (words.size() + tag.size() >= keywords_bytes_max) break;
    words += (words.empty() ? "" : " ") + tag;
  }
  return words;
}

std::vector<std::string> values_of(const std::vector<catalog::option_value>& options) {
  std::vector<std::string> values;
  values.reserve(options.size());
  for (const auto& o : options) values.push_back(o.value);
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

/// Gives the product's variants their ids: those they have, else ones that follow from the options.
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
    // Staff may have given this variant's options to another and now the file has both.
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

void map_variants(const import_product& product, const std::string& currency,
                  const catalog::product_view* existing, mapped_product& to) {
  variant_ids ids(product, existing);
  for (const import_variant& v : product.variants) {
    const auto* known = ids.find(v.option_values);
    catalog::imported_variant mapped;
    mapped.product_id = known ? known->product_id : ids.new_id(v.option_values);
    if (!v.sku.empty()) mapped.sku = v.sku;
    for (std::size_t i = 0; i < v.option_values.size(); ++i) {
      mapped.options.push_back({product.option_names[i], v.option_values[i]});
    }
    mapped.price = {v.price, currency};
    if (v.compare_at_price) mapped.compare_at_price = money{*v.compare_at_price, currency};
    mapped.on_hand = v.inventory_qty;
    bool too_long = false;
    std::string_view present =
        known && known->attributes ? std::string_view(known->attributes->text) : "{}";
    mapped.attributes.text =
        variant_attributes(v, present, catalog::attributes_bytes_max, too_long);
    if (too_long) to.notes.emplace_back(columns_left_out);
    to.command.variants.push_back(std::move(mapped));
  }
}

void map_own_variant(const import_variant& v, const std::string& currency,
                     catalog::import_product& to) {
  if (!v.sku.empty()) to.sku = v.sku;
  to.price = {v.price, currency};
  if (v.compare_at_price) to.compare_at_price = money{*v.compare_at_price, currency};
  to.on_hand = v.inventory_qty;
}

/// The images in an order in which those of one URL are counted the same way in a file and in the
/// store, where they are sorted by position.
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

void map_images(const import_product& product, const catalog::product_view* existing,
                mapped_product& to) {
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
      to.notes.push_back("an image was left out, its URL is not valid: " + shortened(i->src, 80));
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
    to.command.images.push_back({id, i->src, i->alt, i->position});
  }
}

problem not_exportable(std::string why) {
  return {422, "not_exportable", std::move(why), {}};
}

/// Why the variants cannot stand in one file; empty when they can.
std::string check_options(const catalog::product_view& p) {
  std::vector<std::string> names;
  for (const auto& v : p.variants) {
    std::vector<std::string> own;
    for (const auto& o : v.options) {
      own.push_back(o.name);
      for (const std::string* text : {&o.name, &o.value}) {
        if (text->empty() || trim(*text) != *text || !check_line(*text, name_length_max).empty()) {
          return "the option \"" + shortened(o.name, 80) + "\" cannot stand in a cell";
        }
      }
    }
    if (own.empty() || own.size() > 3) return "a variant does not have one to three options";
    if (names.empty()) names = own;
    if (own != names) return "its variants have different options";
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

std::string_view text_of(const std::optional<json::raw>& attributes) {
  return attributes ? std::string_view(attributes->text) : "{}";
}

}  // namespace

product_id catalog_id_of(std::string_view handle) {
  if (auto id = product_id::parse(handle)) return *id;
  return id_for(handle);
}

mapped_product to_catalog(const import_product& product, const std::string& currency,
                          bool set_stock, const catalog::product_view* existing) {
  mapped_product made;
  catalog::import_product& to = made.command;
  to.product_id = existing ? existing->product_id : catalog_id_of(product.handle);
  if (!product_id::parse(product.handle)) {
    to.handle = product.handle;
  } else if (existing) {
    to.handle = existing->handle;
  }
  to.title = product.title;
  to.description = product.body_html;
  to.keywords = keywords_of(product);
  to.status =
      is_visible(product) ? catalog::product_status::Active : catalog::product_status::Draft;
  to.category_path = category_refs(category_of(product));
  to.set_stock = set_stock;
  to.price.currency = currency;
  bool too_long = false;
  std::string_view present = existing ? text_of(existing->attributes) : "{}";
  to.attributes.text =
      product_attributes(product, present, catalog::attributes_bytes_max, too_long);
  if (too_long) made.notes.emplace_back(columns_left_out);
  if (product.option_names.empty() && product.variants.size() == 1) {
    map_own_variant(product.variants.front(), currency, to);
  } else {
    map_variants(product, currency, existing, made);
  }
  map_images(product, existing, made);
  return made;
}

result<import_product> from_catalog(const catalog::exported_product& exported,
                                    std::string_view currency) {
  const catalog::product_view& p = exported.product;
  import_product made;
  made.handle = p.handle.value_or(p.product_id.str());
  if (!check_handle(made.handle).empty())
    return not_exportable("its handle cannot stand in a file");
  made.title = p.name;
  if (!check_line(p.name, name_length_max).empty() || trim(p.name) != p.name) {
    return not_exportable("its name cannot stand in a cell");
  }
  made.body_html = p.description;
  std::string_view attributes = text_of(p.attributes);
  read_product_attributes(attributes, exported.category_path,
                          p.status == catalog::product_status::Active, made);
  if (auto why = check_options(p); !why.empty()) return not_exportable(std::move(why));
  if (p.variants.empty()) {
    auto v = variant_from(p.sku, p.price, p.compare_at_price, p.on_hand.value_or(0), currency);
    if (!v) return v.error();
    read_own_variant_attributes(attributes, *v);
    made.variants.push_back(std::move(*v));
  } else {
    for (const auto& o : p.variants.front().options) made.option_names.push_back(o.name);
  }
  for (const auto& one : p.variants) {
    auto v =
        variant_from(one.sku, one.price, one.compare_at_price, one.on_hand.value_or(0), currency);
    if (!v) return v.error();
    v->option_values = values_of(one.options);
    read_variant_attributes(text_of(one.attributes), *v);
    made.variants.push_back(std::move(*v));
  }
  for (const auto& i : p.images) made.images.push_back({i.image_url, i.position, i.alt_text});
  return made;
}

}  // namespace stoa::shopify
