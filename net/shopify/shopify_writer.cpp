#include "actors/catalog/product_rules.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "net/shopify/values.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/money.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace stoa::shopify {

namespace {

std::string flag(bool value) {
  return value ? "true" : "false";
}

}  // namespace

writer::writer(std::ostream& out, std::string_view currency,
               const std::vector<std::string>& extra_names)
    : csv_(out), header_(standard_header()) {
  std::optional<int> exponent = currency_exponent(currency);
  if (!exponent) throw std::invalid_argument("unknown currency: " + std::string(currency));
  exponent_ = *exponent;
  field_of_.fill(no_field);
  for (column own : {column::attributes, column::variant_attributes}) {
    header_.emplace_back(name_of(own));
  }
  for (const std::string& name : extra_names) header_.push_back(canonical_extra(name));
  for (std::size_t field = 0; field < header_.size();) {
    bool added = false;
    if (auto which = find_column(header_[field])) {
      std::size_t& known = field_of_[static_cast<std::size_t>(*which)];
      added = known == no_field;
      if (added) known = field;
    } else {
      added = extra_fields_.emplace(lower(header_[field]), field).second;
    }
    if (added) {
      ++field;
    } else {
      header_.erase(header_.begin() + static_cast<std::ptrdiff_t>(field));
    }
  }
  row_.resize(header_.size());
}

void writer::write_header() {
  for (const std::string& name : header_) csv_.field(name);
  csv_.end_row();
}

void writer::write_product(const import_product& product) {
  std::size_t rows = std::max({product.variants.size(), product.images.size(), std::size_t{1}});
  for (std::size_t i = 0; i < rows; ++i) {
    put(column::handle, product.handle);
    if (i == 0) put_product(product);
    if (i < product.variants.size()) put_variant(product, product.variants[i]);
    if (i < product.images.size()) put_image(product.images[i]);
    end_row();
  }
}

void writer::put_product(const import_product& product) {
  std::string tags;
  for (const std::string& tag : product.tags) tags += (tags.empty() ? "" : ", ") + tag;
  put(column::title, product.title);
  put(column::body, product.body_html);
  put(column::vendor, product.vendor);
  put(column::type, product.type);
  put(column::tags, tags);
  put(column::published, flag(product.published));
  for (std::size_t i = 0; i < product.option_names.size(); ++i) {
    put(option_name_column(i), product.option_names[i]);
  }
  if (product.option_names.empty()) put(column::option1_name, std::string(catalog::no_option_name));
  put_extras(product.extra);
  put(column::attributes, product.attributes);
  put_metadata(column::metadata, product.metadata);
}

void writer::put_variant(const import_product& product, const import_variant& v) {
  for (std::size_t i = 0; i < v.option_values.size(); ++i) {
    put(option_value_column(i), v.option_values[i]);
  }
  if (product.option_names.empty())
    put(column::option1_value, std::string(catalog::no_option_value));
  put(column::sku, v.sku);
  put(column::grams, std::to_string(v.grams));
  put(column::inventory_tracker, v.inventory_tracker);
  put(column::inventory_qty, std::to_string(v.inventory_qty));
  put(column::inventory_policy, v.inventory_policy == inventory_policy::deny ? "deny" : "continue");
  put(column::fulfillment_service, v.fulfillment_service);
  put(column::price, format_price(v.price, exponent_));
  if (v.compare_at_price)
    put(column::compare_at_price, format_price(*v.compare_at_price, exponent_));
  put(column::requires_shipping, flag(v.requires_shipping));
  put(column::taxable, flag(v.taxable));
  put(column::barcode, v.barcode);
  put(column::variant_image, v.image_src);
  put(column::weight_unit, v.weight_unit);
  put(column::tax_code, v.tax_code);
  put_extras(v.extra);
  put(column::variant_attributes, v.attributes);
  put_metadata(column::variant_metadata, v.metadata);
  if (!v.name.empty()) put(column::variant_name, v.name);
}

void writer::put_image(const import_image& image) {
  put(column::image_src, image.src);
  put(column::image_position, std::to_string(image.position));
  put(column::image_alt, image.alt);
}

void writer::put(column which, std::string value) {
  const std::size_t field = field_of_[static_cast<std::size_t>(which)];
  if (field == no_field) {
    left_out_.emplace(name_of(which));
  } else {
    row_[field] = std::move(value);
  }
}

void writer::put_metadata(column which, const metadata& all) {
  if (!all.empty()) put(which, json::write(all));
}

void writer::put_extras(const extra_columns& extras) {
  for (const auto& [name, value] : extras) {
    auto found = extra_fields_.find(lower(canonical_extra(name)));
    if (found == extra_fields_.end()) {
      left_out_.insert(name);
    } else {
      row_[found->second] = value;
    }
  }
}

void writer::end_row() {
  for (std::string& value : row_) {
    csv_.field(value);
    value.clear();
  }
  csv_.end_row();
}

}  // namespace stoa::shopify
