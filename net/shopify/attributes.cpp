#include "net/shopify/attributes.hpp"

#include "net/shopify/values.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace stoa::shopify {

namespace {

constexpr std::size_t category_depth_max = 16;

/// A merge patch under construction. Removes empty texts and lists, if there is something to
/// remove.
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
  /// Values of unused columns. Removes stored values of the file's columns that are empty now.
  void columns(const extra_columns& extra, const file_columns& of_file,
               const json::value* present) {
    static const json::object none;
    const json::object& stored = present && present->if_object() ? *present->if_object() : none;
    json::object values;
    std::set<std::string> given;
    for (const auto& [name, v] : extra) {
      values.push_back({stored_name(stored, name), json::value(v)});
      given.insert(values.back().name);
    }
    for (const json::member& m : stored) {
      if (!given.contains(m.name) && of_file.has_extra(m.name)) {
        values.push_back({m.name, json::value()});
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
  /// Column names are case-insensitive; the stored spelling is kept.
  static std::string stored_name(const json::object& stored, const std::string& name) {
    const json::member* found = nullptr;
    for (const json::member& m : stored) {
      if (m.name == name) return name;
      if (lower(m.name) == lower(name)) found = &m;
    }
    return found ? found->name : name;
  }

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
  // Written by earlier versions when another product had the SKU; the policy is part of the stock.
  if (columns.has(column::sku)) into.remove("sku");
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

void read_line(const json::value& from, std::string_view name, std::string& into,
               std::size_t length_max = name_length_max) {
  const json::value* v = from.find(name);
  if (v && v->if_string() && is_cell_line(*v->if_string(), length_max)) into = *v->if_string();
}

void read_flag(const json::value& from, std::string_view name, bool& into) {
  const json::value* v = from.find(name);
  if (v && v->if_bool()) into = *v->if_bool();
}

void read_grams(const json::value& from, std::int64_t& into) {
  const json::value* v = from.find("weight_grams");
  const std::int64_t* grams = v ? v->if_int64() : nullptr;
  if (grams && *grams >= 0 && *grams <= grams_max) into = *grams;
}

void read_weight_unit(const json::value& from, std::string& into) {
  std::string unit;
  read_line(from, "weight_unit", unit);
  if (is_weight_unit(unit)) into = unit;
}

void read_url(const json::value& from, std::string_view name, std::string& into) {
  const json::value* v = from.find(name);
  const std::string* url = v ? v->if_string() : nullptr;
  if (url && check_url(*url).empty() && web_url(*url) == *url) into = *url;
}

/// Reads all tags, or none if one does not fit into a cell.
void read_tags(const json::value& from, std::vector<std::string>& into) {
  const json::value* v = from.find("tags");
  if (!v || !v->if_array()) return;
  std::vector<std::string> tags;
  std::string cell;
  for (const json::value& tag : *v->if_array()) {
    if (!tag.if_string()) return;
    tags.push_back(*tag.if_string());
    cell += (cell.empty() ? "" : ", ") + tags.back();
  }
  std::vector<std::string> as_read;
  if (parse_tags(cell, as_read).empty() && as_read == tags) into = std::move(tags);
}

/// Reads extra columns that a header can contain besides the standard ones.
void read_columns(const json::value& from, bool of_variant, extra_columns& into) {
  const json::value* v = from.find("columns");
  if (!v || !v->if_object()) return;
  std::set<std::string> names;
  for (const json::member& m : *v->if_object()) {
    const std::string* text = m.value.if_string();
    bool visible = true;
    // A file cannot contain any other status.
    if (text && m.name == status_column && !parse_status(*text, visible).empty()) continue;
    const bool held = text && !text->empty() && is_cell_line(m.name) && !find_column(m.name) &&
                      canonical_extra(m.name) == m.name && is_variant_extra(m.name) == of_variant;
    if (held && names.insert(lower(m.name)).second) into[m.name] = *text;
  }
}

void read_variant(const json::value& from, import_variant& v) {
  read_grams(from, v.grams);
  read_weight_unit(from, v.weight_unit);
  read_flag(from, "requires_shipping", v.requires_shipping);
  read_flag(from, "taxable", v.taxable);
  read_line(from, "barcode", v.barcode);
  read_url(from, "image_url", v.image_src);
  read_line(from, "tax_code", v.tax_code);
  read_line(from, "fulfillment_service", v.fulfillment_service);
  read_line(from, "inventory_tracker", v.inventory_tracker);
  read_columns(from, true, v.extra);
}

/// Whether the column "Status", if the file has it, makes the product visible.
bool status_allows(const import_product& product) {
  auto status = product.extra.find(std::string(status_column));
  if (status == product.extra.end()) return true;
  bool visible = true;
  parse_status(status->second, visible);
  return visible;
}

std::string product_text(const import_product& product, const file_columns& columns,
                         const json::value* present, const product_patch_options& options,
                         bool with_columns) {
  patch_builder o(present != nullptr);
  if (columns.has(column::vendor)) o.text("vendor", product.vendor);
  if (options.with_type) {
    const bool follows =
        product.type.empty() || product.type == type_of(category_of(product, false));
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

/// The members of `stored` that an import of the other columns does not produce. A SKU retained for
/// its product is in the SKU column.
json::object not_written(const json::value& stored, const json::value& written, bool of_variant) {
  json::object made;
  if (!stored.if_object()) return made;
  for (const json::member& m : *stored.if_object()) {
    if (of_variant && m.name == catalog::sku_member) continue;
    const json::value* other = written.find(m.name);
    const bool own_variant = !of_variant && m.name == catalog::own_variant_member;
    const bool nested = own_variant || m.name == catalog::columns_member;
    if (nested && m.value.if_object()) {
      auto inner = not_written(m.value, other ? *other : json::value(), own_variant);
      if (!inner.empty()) made.push_back({m.name, json::value(std::move(inner))});
    } else if (!other || json::write(m.value) != json::write(*other)) {
      made.push_back(m);
    }
  }
  return made;
}

/// Sorts members by name, because the store keeps the order of insertion.
json::value in_order(const json::value& v) {
  if (const auto* items = v.if_array()) {
    json::array made;
    for (const json::value& item : *items) made.push_back(in_order(item));
    return json::value(std::move(made));
  }
  if (!v.if_object()) return v;
  json::object made;
  for (const json::member& m : *v.if_object()) made.push_back({m.name, in_order(m.value)});
  std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return json::value(std::move(made));
}

std::string text_of(json::object members) {
  return members.empty() ? std::string() : json::write(in_order(json::value(std::move(members))));
}

/// A merge patch that removes what is missing from `after`.
json::value removal(const json::value& before, const json::value& after) {
  json::object made;
  for (const json::member& m : *before.if_object()) {
    static const json::value none{json::object{}};
    const json::value* kept = after.find(m.name);
    const json::object* members = m.value.if_object();
    // This column may contain only some members of such an object.
    if (members && !members->empty() && (!kept || kept->if_object())) {
      auto inner = removal(m.value, kept ? *kept : none);
      if (!inner.if_object()->empty()) made.push_back({m.name, std::move(inner)});
    } else if (!kept) {
      made.push_back({m.name, json::value()});
    }
  }
  return json::value(std::move(made));
}

/// The merge patch equivalent to `first` followed by `second`.
json::value composed(const json::value& first, const json::value& second) {
  if (!first.if_object() || !second.if_object()) return second;
  json::object made = *first.if_object();
  for (const json::member& m : *second.if_object()) {
    auto at =
        std::find_if(made.begin(), made.end(), [&](const auto& o) { return o.name == m.name; });
    if (at == made.end()) {
      made.push_back(m);
    } else {
      at->value = composed(at->value, m.value);
    }
  }
  return json::value(std::move(made));
}

}  // namespace

std::vector<std::string> category_of(const import_product& product, bool else_first_tag) {
  std::vector<std::string> path = category_path(product.type);
  if (else_first_tag && path.empty() && !product.tags.empty()) path = {product.tags.front()};
  if (path.size() > category_depth_max) path.resize(category_depth_max);
  return path;
}

bool is_visible(const import_product& product) {
  return product.published && status_allows(product);
}

bool is_archived(const import_product& product) {
  const auto status = product.extra.find(std::string(status_column));
  return status != product.extra.end() && is_archived(status->second);
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
  read_line(all, "vendor", product.vendor);
  read_tags(all, product.tags);
  read_columns(all, false, product.extra);
  product.type = type_of(category);
  // The stored type is valid only while the product is in the category derived from it.
  import_product as_read;
  read_line(all, "type", as_read.type, type_length_max);
  if (!as_read.type.empty() && category_of(as_read, false) == category) product.type = as_read.type;
  product.published = visible;
  if (!visible && !status_allows(product)) read_flag(all, "published", product.published);
  // Staff have published it since the import.
  if (visible && !status_allows(product)) product.extra[std::string(status_column)] = "active";
}

void read_variant_attributes(std::string_view text, import_variant& v) {
  read_variant(parsed(text), v);
}

void read_own_variant_attributes(std::string_view text, import_variant& v) {
  json::value all = parsed(text);
  if (const json::value* own = all.find("variant")) read_variant(*own, v);
}

std::string other_attributes(std::string_view text, const import_product& product,
                             const product_patch_options& options) {
  auto written = parsed(product_text(product, file_columns::all(), nullptr, options, true));
  auto left = not_written(parsed(text), written, false);
  if (!options.with_type) {
    std::erase_if(left, [](const json::member& m) { return m.name == "type"; });
  }
  return text_of(std::move(left));
}

std::string other_attributes(std::string_view text, const import_variant& v) {
  auto written = parsed(variant_text(v, file_columns::all(), nullptr, true));
  return text_of(not_written(parsed(text), written, true));
}

std::string with_other_attributes(const std::string& patch, const std::string& of_store,
                                  const std::string& of_file) {
  if (of_store.empty() && of_file.empty()) return patch;
  const auto object_of = [](const std::string& text) { return parsed(text.empty() ? "{}" : text); };
  const json::value wanted = object_of(of_file);
  const json::value removed = removal(object_of(of_store), wanted);
  return json::write(composed(composed(removed, parsed(patch)), wanted));
}

}  // namespace stoa::shopify
