// Reads one row of the file: the product's fields, its variant, its image.
#include "actors/catalog/product_rules.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/base/blank.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <utility>

namespace stoa::shopify {

namespace {

constexpr std::int64_t quantity_max = 1'000'000'000;
constexpr std::int64_t position_max = 1'000'000;
/// Limit for all unused columns of a product and its variants; it alone bounds the memory of a
/// product with thousands of variants.
constexpr std::size_t extra_bytes_max = std::size_t{1} << 20;

constexpr std::string_view first_row_counts = "ignored: differs from the product's first row";

}  // namespace

void reader::take_row(bool first) {
  product_rows& g = *group_;
  if (first) {
    read_product_fields();
    if (!row_bad_) read_option_names();
    read_product_extras();
    if (row_bad_) {
      g.rejection =
          "the first row of the product, line " + std::to_string(g.product.line) + ", is invalid";
      return;
    }
  } else {
    compare_product_fields();
    read_option_names();
    read_product_extras();
  }
  bool has_variant = is_variant_row();
  bool has_image = !cell(column::image_src).empty();
  if (!has_variant && !has_image && !first) {
    reject_row("the row contains neither a variant nor an image");
  }
  import_variant v;
  import_image image;
  if (has_variant) {
    read_variant(v);
  } else if (!first) {
    warn_of_unused_variant_cells();
  }
  read_image(image);
  if (row_bad_) return;
  if (has_variant) {
    g.lines_by_options.emplace(v.option_values, v.line);
    g.product.variants.push_back(std::move(v));
  }
  if (has_image) g.product.images.push_back(std::move(image));
}

void reader::read_product_fields() {
  import_product& product = group_->product;
  if (cell(column::title).empty()) {
    reject(column::title, "the first row of a product must have a title");
  }
  read_line(column::title, product.title);
  read_text(column::body, raw(column::body), product.body_html);
  read_line(column::vendor, product.vendor);
  read_line(column::type, product.type);
  if (refusal why = parse_tags(cell(column::tags), product.tags); !why.empty()) {
    reject(column::tags, std::string(why));
  }
  read_flag(column::published, product.published);
  read_attributes(column::attributes, product.attributes);
  read_metadata(column::metadata, product.metadata);
}

/// Later rows must agree with the first row, or fill in empty fields.
void reader::compare_product_fields() {
  import_product& product = group_->product;
  fill_or_compare(column::title, product.title, cell(column::title));
  fill_or_compare(column::body, product.body_html, raw(column::body));
  fill_or_compare(column::vendor, product.vendor, cell(column::vendor));
  fill_or_compare(column::type, product.type, cell(column::type));
  if (!cell(column::tags).empty()) {
    std::vector<std::string> tags;
    if (!parse_tags(cell(column::tags), tags).empty() || tags != product.tags) {
      warn(column::tags, std::string(first_row_counts));
    }
  }
  if (!cell(column::published).empty()) {
    bool published = true;
    if (!parse_bool(cell(column::published), published).empty() || published != product.published) {
      warn(column::published, std::string(first_row_counts));
    }
  }
  const std::string_view attributes = cell(column::attributes);
  if (!attributes.empty() && attributes != product.attributes) {
    warn(column::attributes, std::string(first_row_counts));
  }
}

void reader::fill_or_compare(column which, std::string& value, std::string_view text) {
  if (trim(text).empty() || text == value) return;
  if (!value.empty()) {
    warn(which, std::string(first_row_counts));
  } else if (which == column::body) {
    read_text(which, text, value);
  } else {
    read_line(which, value);
  }
}

void reader::read_product_extras() {
  for (const extra_field& e : extras_) {
    std::string_view value = csv_.current()[e.field];
    if (e.of_variant || value.empty()) continue;
    auto kept = group_->product.extra.find(e.name);
    if (kept == group_->product.extra.end()) {
      bool visible = true;
      if (e.name == status_column && !trim(value).empty()) {
        if (refusal why = parse_status(value, visible); !why.empty()) {
          reject_extra(e.name, value, std::string(why));
          continue;
        }
      }
      keep_extra(group_->product.extra, e.name, value);
    } else if (kept->second != value) {
      warn_extra(e.name, value, std::string(first_row_counts));
    }
  }
}

/// Option names are in the first row, or in the first row with a variant.
void reader::read_option_names() {
  product_rows& g = *group_;
  std::array<std::string_view, options_max> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = cell(option_name_column(i));
  bool open = g.product.option_names.empty() && g.product.variants.empty();
  std::vector<std::string> found;
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;
    if (!open) {
      auto at = std::find(g.slots.begin(), g.slots.end(), i);
      bool same =
          at != g.slots.end() &&
          g.product.option_names[static_cast<std::size_t>(at - g.slots.begin())] == names[i];
      if (!same) warn(option_name_column(i), std::string(first_row_counts));
      continue;
    }
    if (refusal why = check_line(names[i], name_length_max); !why.empty()) {
      reject(option_name_column(i), std::string(why));
    }
    if (std::find(found.begin(), found.end(), names[i]) != found.end()) {
      reject(option_name_column(i), "two options have the same name");
    }
    found.emplace_back(names[i]);
    slots.push_back(i);
  }
  if (!open || row_bad_) return;
  g.product.option_names = std::move(found);
  g.slots = std::move(slots);
}

bool reader::is_variant_row() const {
  for (std::size_t i = 0; i < options_max; ++i) {
    if (!cell(option_value_column(i)).empty()) return true;
  }
  for (column which : {column::sku, column::price, column::barcode}) {
    if (!cell(which).empty()) return true;
  }
  // A file with only handles and titles lists products without variants.
  return group_->rows == 1 && group_->product.option_names.empty() && !has_column(column::price);
}

void reader::read_option_values(import_variant& v) {
  product_rows& g = *group_;
  for (std::size_t i = 0; i < options_max; ++i) {
    std::string_view value = cell(option_value_column(i));
    bool named = std::find(g.slots.begin(), g.slots.end(), i) != g.slots.end();
    if (named && value.empty()) {
      reject(option_value_column(i), "the option has no value");
    } else if (named) {
      std::string kept;
      read_line(option_value_column(i), kept);
      v.option_values.push_back(std::move(kept));
    } else if (!value.empty() && !(g.slots.empty() && value == catalog::no_option_value)) {
      reject(option_value_column(i), "an option value without an option name");
    }
  }
  if (row_bad_) return;
  auto same = g.lines_by_options.find(v.option_values);
  if (same != g.lines_by_options.end()) {
    reject_row("the same option values as the variant in line " + std::to_string(same->second));
  }
}

void reader::read_variant(import_variant& v) {
  v.line = csv_.current().line();
  if (group_->product.variants.size() >= variants_max) {
    reject_row("more than " + std::to_string(variants_max) + " variants");
    return;
  }
  read_option_values(v);
  read_sku(v.sku);
  read_line(column::barcode, v.barcode);
  read_line(column::tax_code, v.tax_code);
  read_line(column::fulfillment_service, v.fulfillment_service);
  read_prices(v);
  read_inventory(v);
  read_flag(column::requires_shipping, v.requires_shipping);
  read_flag(column::taxable, v.taxable);
  read_url(column::variant_image, v.image_src);
  if (!cell(column::grams).empty()) {
    refusal why = parse_grams(cell(column::grams), v.grams);
    if (!why.empty()) reject(column::grams, std::string(why));
  }
  v.weight_unit = lower(cell(column::weight_unit));
  if (!is_weight_unit(v.weight_unit)) {
    reject(column::weight_unit, "must be g, kg, lb or oz");
  }
  read_variant_extras(v);
  read_attributes(column::variant_attributes, v.attributes);
  read_metadata(column::variant_metadata, v.metadata);
  read_line(column::variant_name, v.name);
}

void reader::read_prices(import_variant& v) {
  if (!cell(column::price).empty()) {
    refusal why = parse_price(cell(column::price), exponent_, v.price);
    if (!why.empty()) reject(column::price, std::string(why));
  } else if (has_column(column::price)) {
    reject(column::price, "the variant has no price");
  }
  if (cell(column::compare_at_price).empty()) return;
  std::int64_t before = 0;
  refusal why = parse_price(cell(column::compare_at_price), exponent_, before);
  if (!why.empty()) reject(column::compare_at_price, std::string(why));
  v.compare_at_price = before;
}

void reader::read_inventory(import_variant& v) {
  read_line(column::inventory_tracker, v.inventory_tracker);
  std::string policy = lower(cell(column::inventory_policy));
  bool keep_selling = policy == "continue";
  if (!policy.empty() && policy != "deny" && !keep_selling &&
      !parse_bool(policy, keep_selling).empty()) {
    reject(column::inventory_policy, "must be deny or continue");
  }
  v.inventory_policy = keep_selling ? inventory_policy::keep_selling : inventory_policy::deny;
  if (cell(column::inventory_qty).empty()) return;
  refusal why = parse_integer(cell(column::inventory_qty), v.inventory_qty);
  if (!why.empty()) {
    reject(column::inventory_qty, std::string(why));
  } else if (v.inventory_qty > quantity_max || v.inventory_qty < -quantity_max) {
    reject(column::inventory_qty, "the number is too large");
  }
}

void reader::read_variant_extras(import_variant& v) {
  for (const extra_field& e : extras_) {
    std::string_view value = csv_.current()[e.field];
    if (!e.of_variant || value.empty()) continue;
    keep_extra(v.extra, e.name, value);
  }
}

void reader::keep_extra(extra_columns& into, const std::string& name, std::string_view value) {
  std::size_t bytes = name.size() + value.size();
  if (group_->extra_bytes + bytes > extra_bytes_max) {
    warn_extra(name, value,
               "not kept: the product has more than 1 MiB in columns that are not used");
    return;
  }
  group_->extra_bytes += bytes;
  into.emplace(name, value);
}

void reader::warn_of_unused_variant_cells() {
  constexpr std::string_view why = "ignored: the row has no option value, SKU or price";
  for (column which : {column::inventory_qty, column::compare_at_price, column::variant_image}) {
    if (!cell(which).empty()) warn(which, std::string(why));
  }
  for (const extra_field& e : extras_) {
    std::string_view value = csv_.current()[e.field];
    if (e.of_variant && !value.empty()) warn_extra(e.name, value, std::string(why));
  }
}

void reader::read_image(import_image& image) {
  if (cell(column::image_src).empty()) {
    for (column which : {column::image_position, column::image_alt}) {
      if (!cell(which).empty()) warn(which, "ignored: the row has no image");
    }
    return;
  }
  std::vector<import_image>& images = group_->product.images;
  if (images.size() >= images_max) {
    reject_row("more than " + std::to_string(images_max) + " images");
    return;
  }
  read_url(column::image_src, image.src);
  read_text(column::image_alt, raw(column::image_alt), image.alt);
  if (text::code_points(image.alt) > alt_length_max)
    reject(column::image_alt, "the text is too long");
  if (cell(column::image_position).empty()) {
    for (const import_image& other : images)
      image.position = std::max(image.position, other.position);
    image.position = std::min(image.position + 1, position_max);
    return;
  }
  refusal why = parse_integer(cell(column::image_position), image.position);
  if (!why.empty()) {
    reject(column::image_position, std::string(why));
  } else if (image.position < 1 || image.position > position_max) {
    reject(column::image_position, "must be between 1 and 1000000");
  }
}

void reader::read_line(column which, std::string& into) {
  std::string_view text = cell(which);
  const auto length_max = which == column::type ? type_length_max : name_length_max;
  if (refusal why = check_line(text, length_max); !why.empty()) {
    reject(which, std::string(why));
  } else {
    into = text;
  }
}

void reader::read_sku(std::string& into) {
  std::string_view text = text::without_blank_ends(raw(column::sku));
  if (text.empty()) return;
  if (refusal why = check_line(text, name_length_max); !why.empty()) {
    reject(column::sku, std::string(why));
  } else {
    into = text;
  }
}

/// Text with several lines, such as a description.
void reader::read_text(column which, std::string_view text, std::string& into) {
  into = without_control(text);
  if (into.size() != text.size()) warn(which, "control characters were removed");
  if (text::is_blank(into)) into.clear();
}

void reader::read_url(column which, std::string& into) {
  if (cell(which).empty()) return;
  std::string url = web_url(cell(which));
  if (refusal why = check_url(url); !why.empty()) {
    reject(which, std::string(why));
  } else {
    into = std::move(url);
  }
}

void reader::read_attributes(column which, std::string& into) {
  if (cell(which).empty()) return;
  auto value = json::parse(cell(which));
  if (value && value->if_object()) {
    into = json::write(*value);
  } else {
    reject(which, "not a JSON object");
  }
}

void reader::read_metadata(column which, metadata& into) {
  if (cell(which).empty()) return;
  auto value = json::parse(cell(which));
  const json::object* entries = value ? value->if_object() : nullptr;
  if (!entries) {
    reject(which, "not a JSON object");
    return;
  }
  for (const json::member& m : *entries) {
    if (m.value.if_string()) {
      into[m.name] = *m.value.if_string();
    } else {
      reject(which, "a value is not a string");
    }
  }
}

void reader::read_flag(column which, bool& into) {
  if (cell(which).empty()) return;
  if (refusal why = parse_bool(cell(which), into); !why.empty()) reject(which, std::string(why));
}

}  // namespace stoa::shopify
