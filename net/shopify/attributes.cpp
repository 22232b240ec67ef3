#include "net/shopify/attributes.hpp"

#include "net/shopify/values.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace stoa::shopify {

namespace {

constexpr std::size_t category_depth_max = 16;
constexpr std::string_view status_column = "Status";

constexpr std::array<std::string_view, 6> product_members{"vendor",    "type",    "tags",
                                                          "published", "columns", "variant"};
constexpr std::array<std::string_view, 12> variant_members{"sku",
                                                           "weight_grams",
                                                           "weight_unit",
                                                           "inventory_policy",
                                                           "requires_shipping",
                                                           "taxable",
                                                           "barcode",
                                                           "image_url",
                                                           "tax_code",
                                                           "fulfillment_service",
                                                           "inventory_tracker",
                                                           "columns"};

/// An object under construction; empty texts and lists are left out.
class object_builder {
 public:
  void text(std::string_view name, const std::string& v) {
    if (!v.empty()) add(name, json::value(v));
  }
  void flag(std::string_view name, bool v) { add(name, json::value(v)); }
  void number(std::string_view name, std::int64_t v) {
    if (v != 0) add(name, json::value(v));
  }
  void list(std::string_view name, const std::vector<std::string>& items) {
    json::array values;
    for (const std::string& item : items) values.emplace_back(item);
    if (!values.empty()) add(name, json::value(std::move(values)));
  }
  void columns(const extra_columns& extra) {
    json::object values;
    for (const auto& [name, v] : extra) values.push_back({name, json::value(v)});
    if (!values.empty()) add("columns", json::value(std::move(values)));
  }
  void add(std::string_view name, json::value v) {
    made_.push_back({std::string(name), std::move(v)});
  }
  bool empty() const { return made_.empty(); }
  json::value take() { return json::value(std::move(made_)); }

 private:
  json::object made_;
};

json::value parsed(std::string_view text) {
  auto value = json::parse(text);
  return value ? std::move(*value) : json::value();
}

void keep_foreign(object_builder& into, std::string_view present,
                  std::span<const std::string_view> own) {
  if (present.empty() || present == "{}") return;
  json::value all = parsed(present);
  const json::object* members = all.if_object();
  if (!members) return;
  for (const json::member& m : *members) {
    if (std::find(own.begin(), own.end(), m.name) == own.end()) into.add(m.name, m.value);
  }
}

void add_variant(object_builder& into, const import_variant& v, bool with_columns) {
  // The SKU too: the catalogue takes each only once, files often have one several times.
  into.text("sku", v.sku);
  into.number("weight_grams", v.grams);
  into.text("weight_unit", v.weight_unit);
  if (v.inventory_policy == inventory_policy::keep_selling)
    into.text("inventory_policy", "continue");
  if (!v.requires_shipping) into.flag("requires_shipping", false);
  if (!v.taxable) into.flag("taxable", false);
  into.text("barcode", v.barcode);
  into.text("image_url", v.image_src);
  into.text("tax_code", v.tax_code);
  into.text("fulfillment_service", v.fulfillment_service);
  into.text("inventory_tracker", v.inventory_tracker);
  if (with_columns) into.columns(v.extra);
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
  std::string policy;
  read_text(from, "inventory_policy", policy);
  if (policy == "continue") v.inventory_policy = inventory_policy::keep_selling;
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

std::string product_text(const import_product& product, std::string_view present,
                         bool with_columns) {
  object_builder o;
  o.text("vendor", product.vendor);
  std::vector<std::string> category = category_of(product);
  if (product.type != type_of(category)) o.add("type", json::value(product.type));
  o.list("tags", product.tags);
  if (product.published != is_visible(product)) o.flag("published", product.published);
  if (with_columns) o.columns(product.extra);
  if (product.option_names.empty() && product.variants.size() == 1) {
    object_builder own;
    add_variant(own, product.variants.front(), with_columns);
    if (!own.empty()) o.add("variant", own.take());
  }
  keep_foreign(o, present, product_members);
  return json::write(o.take());
}

std::string variant_text(const import_variant& v, std::string_view present, bool with_columns) {
  object_builder o;
  add_variant(o, v, with_columns);
  keep_foreign(o, present, variant_members);
  return json::write(o.take());
}

}  // namespace

std::vector<std::string> category_of(const import_product& product) {
  std::vector<std::string> path = category_path(product.type);
  if (path.empty() && !product.tags.empty()) path = {product.tags.front()};
  if (path.size() > category_depth_max) path.resize(category_depth_max);
  return path;
}

std::string type_of(const std::vector<std::string>& category) {
  std::string type;
  for (const std::string& name : category) type += (type.empty() ? "" : " > ") + name;
  return type;
}

bool is_visible(const import_product& product) {
  return product.published && status_allows(product);
}

std::string product_attributes(const import_product& product, std::string_view present,
                               std::size_t bytes_max, bool& too_long) {
  std::string text = product_text(product, present, true);
  too_long = text.size() > bytes_max;
  return too_long ? product_text(product, present, false) : text;
}

std::string variant_attributes(const import_variant& v, std::string_view present,
                               std::size_t bytes_max, bool& too_long) {
  std::string text = variant_text(v, present, true);
  too_long = text.size() > bytes_max;
  return too_long ? variant_text(v, present, false) : text;
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
