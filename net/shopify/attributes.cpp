#include "net/shopify/attributes.hpp"

#include "net/shopify/values.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <utility>

namespace stoa::shopify {

namespace {

constexpr std::size_t category_depth_max = 16;

/// A merge patch under construction. Empty texts and lists are removed, unless there is nothing
/// that they could be removed from.
class patch_builder {
 public:
  explicit patch_builder(bool removes) : removes_(removes) {}

  void text(std::string_view name, const std::string& v) {
    v.empty() ? remove(name) : add(name, json::value(v));
  }
  void flag(std::string_view name, bool v, bool usual) {
    v == usual ? remove(name) : add(name, json::value(v));
  }
  void number(std::string_view name, std::int64_t v) {
    v == 0 ? remove(name) : add(name, json::value(v));
  }
  void list(std::string_view name, const std::vector<std::string>& items) {
    json::array values;
    for (const std::string& item : items) values.emplace_back(item);
    values.empty() ? remove(name) : add(name, json::value(std::move(values)));
  }
  /// Values of columns that Stoa does not use. Those of the file that have none are removed.
  void columns(const extra_columns& extra, const file_columns& of_file,
               const json::value* present) {
    json::object values;
    for (const auto& [name, v] : extra) values.push_back({name, json::value(v)});
    if (present && present->if_object()) {
      for (const json::member& m : *present->if_object()) {
        if (!extra.contains(m.name) && of_file.has_extra(m.name)) {
          values.push_back({m.name, json::value()});
        }
      }
    }
    if (!values.empty()) add("columns", json::value(std::move(values)));
  }
  void remove(std::string_view name) {
    if (removes_) add(name, json::value());
  }
  void add(std::string_view name, json::value v) {
    made_.push_back({std::string(name), std::move(v)});
  }
  bool empty() const { return made_.empty(); }
  json::value take() { return json::value(std::move(made_)); }

 private:
  bool removes_;
  json::object made_;
};

json::value parsed(std::string_view text) {
  auto value = json::parse(text);
  return value ? std::move(*value) : json::value();
}

void add_variant(patch_builder& into, const import_variant& v, const file_columns& columns,
                 const json::value* present, bool with_columns) {
  if (columns.has(column::grams)) into.number("weight_grams", v.grams);
  if (columns.has(column::weight_unit)) into.text("weight_unit", v.weight_unit);
  // Earlier versions kept it here; the stock has it now.
  if (columns.has(column::inventory_policy)) into.remove("inventory_policy");
  if (columns.has(column::requires_shipping)) {
    into.flag("requires_shipping", v.requires_shipping, true);
  }
  if (columns.has(column::taxable)) into.flag("taxable", v.taxable, true);
  if (columns.has(column::barcode)) into.text("barcode", v.barcode);
  if (columns.has(column::variant_image)) into.text("image_url", v.image_src);
  if (columns.has(column::tax_code)) into.text("tax_code", v.tax_code);
  if (columns.has(column::fulfillment_service)) {
    into.text("fulfillment_service", v.fulfillment_service);
  }
  if (columns.has(column::inventory_tracker)) {
    const bool usual = v.inventory_tracker == usual_tracker;
    into.text("inventory_tracker", usual ? std::string() : v.inventory_tracker);
  }
  if (with_columns) into.columns(v.extra, columns, present ? present->find("columns") : nullptr);
}

void read_text(const json::value& from, std::string_view name, std::string& into) {
  const json::value* v = from.find(name);
  if (v && v->if_string()) into = *v->if_string();
}

void read_flag(const json::value& from, std::string_view name, bool& into) {
  const json::value* v = from.find(name);
  if (v && v->if_bool()) into = *v->if_bool();
}

void read_columns(const json::value& from, extra_columns& into) {
  const json::value* v = from.find("columns");
  if (!v || !v->if_object()) return;
  for (const json::member& m : *v->if_object()) {
    if (m.value.if_string()) into[m.name] = *m.value.if_string();
  }
}

void read_variant(const json::value& from, import_variant& v) {
  if (v.sku.empty()) read_text(from, "sku", v.sku);
  if (const auto* grams = from.find("weight_grams"); grams && grams->if_int64()) {
    v.grams = *grams->if_int64();
  }
  read_text(from, "weight_unit", v.weight_unit);
  read_flag(from, "requires_shipping", v.requires_shipping);
  read_flag(from, "taxable", v.taxable);
  read_text(from, "barcode", v.barcode);
  read_text(from, "image_url", v.image_src);
  read_text(from, "tax_code", v.tax_code);
  read_text(from, "fulfillment_service", v.fulfillment_service);
  read_text(from, "inventory_tracker", v.inventory_tracker);
  read_columns(from, v.extra);
}

/// Whether the column "Status", where the file has it, allows the product to be seen.
bool status_allows(const import_product& product) {
  auto status = product.extra.find(std::string(status_column));
  if (status == product.extra.end()) return true;
  std::string value = lower(trim(status->second));
  return value != "draft" && value != "archived";
}

std::string product_text(const import_product& product, const file_columns& columns,
                         const json::value* present, const product_patch_options& options,
                         bool with_columns) {
  patch_builder o(present != nullptr);
  if (columns.has(column::vendor)) o.text("vendor", product.vendor);
  if (options.with_type) {
    bool follows = product.type == type_of(category_of(product));
    follows ? o.remove("type") : o.add("type", json::value(product.type));
  }
  if (columns.has(column::tags)) o.list("tags", product.tags);
  if (columns.has(column::published) || columns.has_extra(status_column)) {
    bool follows = product.published == is_visible(product);
    follows ? o.remove("published") : o.add("published", json::value(product.published));
  }
  if (with_columns) {
    o.columns(product.extra, columns, present ? present->find("columns") : nullptr);
  }
  if (options.own_variant && !product.variants.empty()) {
    patch_builder own(present != nullptr);
    add_variant(own, product.variants.front(), columns,
                present ? present->find("variant") : nullptr, with_columns);
    if (!own.empty()) o.add("variant", own.take());
  } else if (options.removes_own_variant) {
    o.remove("variant");
  }
  return json::write(o.take());
}

std::string variant_text(const import_variant& v, const file_columns& columns,
                         const json::value* present, bool with_columns) {
  patch_builder o(present != nullptr);
  add_variant(o, v, columns, present, with_columns);
  return json::write(o.take());
}

}  // namespace

std::vector<std::string> category_of(const import_product& product) {
  std::vector<std::string> path = category_path(product.type);
  if (path.empty() && !product.tags.empty()) path = {product.tags.front()};
  if (path.size() > category_depth_max) path.resize(category_depth_max);
  return path;
}

bool is_visible(const import_product& product) {
  return product.published && status_allows(product);
}

std::string product_patch(const import_product& product, const file_columns& columns,
                          std::optional<std::string_view> present,
                          const product_patch_options& options, std::size_t bytes_max,
                          bool& too_long) {
  const json::value stored = parsed(present.value_or("{}"));
  const json::value* at = present ? &stored : nullptr;
  std::string text = product_text(product, columns, at, options, true);
  too_long = text.size() > bytes_max;
  return too_long ? product_text(product, columns, at, options, false) : text;
}

std::string variant_patch(const import_variant& v, const file_columns& columns,
                          std::optional<std::string_view> present, std::size_t bytes_max,
                          bool& too_long) {
  const json::value stored = parsed(present.value_or("{}"));
  const json::value* at = present ? &stored : nullptr;
  std::string text = variant_text(v, columns, at, true);
  too_long = text.size() > bytes_max;
  return too_long ? variant_text(v, columns, at, false) : text;
}

void read_product_attributes(std::string_view text, const std::vector<std::string>& category,
                             bool visible, import_product& product) {
  json::value all = parsed(text);
  read_text(all, "vendor", product.vendor);
  if (const json::value* tags = all.find("tags"); tags && tags->if_array()) {
    for (const json::value& tag : *tags->if_array()) {
      if (tag.if_string()) product.tags.push_back(*tag.if_string());
    }
  }
  read_columns(all, product.extra);
  product.type = type_of(category);
  if (const json::value* type = all.find("type"); type && type->if_string()) {
    // It counts only as long as the product is still in the category that was made of it.
    import_product as_read;
    as_read.type = *type->if_string();
    as_read.tags = product.tags;
    if (category_of(as_read) == category) product.type = as_read.type;
  }
  product.published = visible;
  if (!visible && !status_allows(product)) read_flag(all, "published", product.published);
  // Published by staff since.
  if (visible && !status_allows(product)) product.extra[std::string(status_column)] = "active";
}

void read_variant_attributes(std::string_view text, import_variant& v) {
  read_variant(parsed(text), v);
}

void read_own_variant_attributes(std::string_view text, import_variant& v) {
  json::value all = parsed(text);
  if (const json::value* own = all.find("variant")) read_variant(*own, v);
}

}  // namespace stoa::shopify
