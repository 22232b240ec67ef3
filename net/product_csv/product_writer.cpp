#include "net/product_csv/product_writer.hpp"

#include "actors/catalog/line_messages.hpp"
#include "net/product_csv/csv_cells.hpp"
#include "net/shopify/import_product.hpp"
#include "net/shopify/values.hpp"
#include "storage/base/blank.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/money.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::product_csv {

namespace {

using json::value;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t key_length_max = 100;

value parsed(std::string_view line) {
  auto v = json::parse(line, catalog::line_limits);
  if (!v) throw std::runtime_error("unreadable line: " + v.error().detail);
  return std::move(*v);
}

const json::array& items_of(const value& of, std::string_view member) {
  static const json::array none;
  const auto* list = of.find(member);
  const auto* items = list ? list->if_array() : nullptr;
  return items ? *items : none;
}

const json::object& members_of_object(const value& of, std::string_view member) {
  static const json::object none;
  const auto* found = of.find(member);
  const auto* object = found ? found->if_object() : nullptr;
  return object ? *object : none;
}

std::string text_of(const value* v) {
  const auto* text = v ? v->if_string() : nullptr;
  return text ? *text : std::string();
}

std::vector<std::string> texts_of(const value& list) {
  std::vector<std::string> texts;
  if (const auto* items = list.if_array()) {
    for (const auto& item : *items) texts.push_back(text_of(&item));
  }
  return texts;
}

/// Whether the key can be part of the name of a column.
bool is_column_key(const std::string& key) {
  return shopify::is_cell_line(key, key_length_max);
}

bool attribute_fits(const std::string& key, const value&) {
  return is_column_key(key);
}

/// An empty cell removes the value.
bool metadata_fits(const std::string& key, const value& v) {
  return is_column_key(key) && !text::is_blank(text_of(&v));
}

bool translation_fits(const std::string& key, const value& v) {
  const auto shown = [&](std::string_view name) {
    const auto* found = v.find(name);
    return !found || !shopify::trim(text_of(found)).empty();
  };
  return is_column_key(key) && shown("name") && shown("description");
}

std::string member_cell(const member_column& m, const value& v) {
  if (v.is_null()) return {};
  switch (m.form) {
    case cell_form::text:
    case cell_form::word:
    case cell_form::status:
      return safe_cell(text_of(&v));
    case cell_form::integer:
    case cell_form::boolean:
      return json::write(v);
    case cell_form::path:
      return safe_cell(shopify::type_of(texts_of(v)));
    case cell_form::list:
      return safe_cell(join_list(texts_of(v)));
    case cell_form::price: {
      const auto* amount = v.find("amount");
      const auto exponent = currency_exponent(text_of(v.find("currency")));
      if (!amount || !amount->if_int64() || !exponent) return {};
      return shopify::format_price(*amount->if_int64(), *exponent);
    }
  }
  return {};
}

std::string currency_cell(const value& item) {
  for (const auto* name : {"price", "compare_at_price"}) {
    const auto* price = item.find(name);
    if (price && price->find("currency")) return text_of(price->find("currency"));
  }
  return {};
}

}  // namespace

void column_collector::add(std::string_view text) {
  const auto line = parsed(text);
  with_ids_ = with_ids_ || line.find("product_id");
  add_own(line);
  add_keys(languages_, other_languages_, line, "translations", translation_fits);
  for (const auto& variant : items_of(line, "variants")) {
    add_own(variant);
    options_ = std::max(options_, items_of(variant, "options").size());
  }
}

void column_collector::add_own(const value& item) {
  add_keys(attributes_, other_attributes_, item, "attributes", attribute_fits);
  add_keys(metadata_, other_metadata_, item, "metadata", metadata_fits);
}

std::size_t column_collector::own_columns() const {
  return attributes_.size() + metadata_.size() + 2 * languages_.size();
}

void column_collector::add_keys(std::set<std::string>& keys, bool& others, const value& item,
                                const char* member,
                                bool (*fits)(const std::string& key, const value& v)) {
  for (const auto& [key, v] : members_of_object(item, member)) {
    if (!fits(key, v) || (own_columns() >= own_columns_max && !keys.contains(key))) {
      others = true;
    } else {
      keys.insert(key);
    }
  }
}

std::vector<std::string> column_collector::names() const {
  std::vector<std::string> all{"type"};
  for (const auto& m : member_columns()) {
    if (m.name == "product_id" && !with_ids_) continue;
    all.emplace_back(m.name);
    if (m.name == "compare_at_price") all.emplace_back("currency");
  }
  for (std::size_t i = 1; i <= options_; ++i) {
    all.push_back("option" + std::to_string(i) + "_name");
    all.push_back("option" + std::to_string(i) + "_value");
  }
  for (const auto* name : {"image_url", "image_alt_text", "image_position"}) {
    all.emplace_back(name);
  }
  for (const auto& language : languages_) {
    all.push_back("name." + language);
    all.push_back("description." + language);
  }
  for (const auto& key : attributes_) all.push_back("attributes." + key);
  for (const auto& key : metadata_) all.push_back("metadata." + key);
  if (other_attributes_) all.emplace_back("attributes");
  if (other_metadata_) all.emplace_back("metadata");
  if (other_languages_) all.emplace_back("translations");
  return all;
}

/// What a row is written from.
struct product_writer::row_source {
  const char* type;
  const value& product;
  const value* item = nullptr;   ///< the product or variant; null: only an image
  const value* image = nullptr;  ///< null: none
};

product_writer::product_writer(std::ostream& out, const std::vector<std::string>& names)
    : out_(out), csv_(out) {
  if (const auto bad = header::read(names, columns_)) throw std::invalid_argument(*bad);
  for (const auto& c : columns_.columns()) own_.insert(c.name);
}

void product_writer::write_header() {
  out_ << byte_order_mark;
  for (const auto& c : columns_.columns()) csv_.field(c.name);
  csv_.end_row();
}

void product_writer::write(std::string_view text) {
  const auto line = parsed(text);
  const auto& images = items_of(line, "images");
  write_row({"product", line, &line, images.empty() ? nullptr : images.data()});
  for (const auto& variant : items_of(line, "variants")) write_row({"variant", line, &variant});
  for (std::size_t i = 1; i < images.size(); ++i) {
    write_row({"image", line, nullptr, &images[i]});
  }
}

void product_writer::write_row(const row_source& from) {
  for (const auto& c : columns_.columns()) csv_.field(cell_of(c, from));
  csv_.end_row();
}

std::string product_writer::cell_of(const column& c, const row_source& from) const {
  if (c.kind == column_kind::type) return from.type;
  if (c.name == "handle" || c.name == "product_id") {
    return safe_cell(text_of(from.product.find(c.name)));
  }
  if (c.kind == column_kind::image) {
    const auto* v = from.image ? from.image->find(c.key) : nullptr;
    if (!v) return {};
    return v->if_string() ? safe_cell(*v->if_string()) : json::write(*v);
  }
  if (!from.item) return {};
  const value& item = *from.item;
  const auto keyed = [&](const char* member) -> const value* {
    const auto* object = item.find(member);
    return object ? object->find(c.key) : nullptr;
  };
  switch (c.kind) {
    case column_kind::currency:
      return currency_cell(item);
    case column_kind::member: {
      const auto* v = item.find(c.name);
      return v ? member_cell(*c.member, *v) : std::string();
    }
    case column_kind::option_name:
    case column_kind::option_value: {
      const auto& options = items_of(item, "options");
      if (c.number >= options.size()) return {};
      const auto* part = c.kind == column_kind::option_name ? "name" : "value";
      return safe_cell(text_of(options[c.number].find(part)));
    }
    case column_kind::translated_name:
    case column_kind::translated_description: {
      const auto* terms = keyed("translations");
      if (!terms || !translation_fits(c.key, *terms)) return {};
      const auto* part = c.kind == column_kind::translated_name ? "name" : "description";
      return safe_cell(text_of(terms->find(part)));
    }
    case column_kind::attribute: {
      const auto* v = keyed("attributes");
      return v ? attribute_cell(*v) : std::string();
    }
    case column_kind::metadata: {
      const auto* v = keyed("metadata");
      return v && metadata_fits(c.key, *v) ? safe_cell(text_of(v)) : std::string();
    }
    case column_kind::others:
      return others_of(c, item);
    default:
      return {};
  }
}

std::string product_writer::others_of(const column& c, const value& item) const {
  json::object left;
  for (const auto& [key, v] : members_of_object(item, c.key)) {
    const auto name = (c.key == "translations" ? "name" : c.key) + '.' + key;
    const bool fits = c.key == "attributes" ? attribute_fits(key, v)
                      : c.key == "metadata" ? metadata_fits(key, v)
                                            : translation_fits(key, v);
    if (!fits || !own_.contains(name)) left.push_back({key, v});
  }
  return left.empty() ? std::string() : json::write(value(std::move(left)));
}

}  // namespace stoa::product_csv
