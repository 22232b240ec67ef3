#include "net/product_csv/csv_columns.hpp"

#include "net/shopify/values.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace stoa::product_csv {

namespace {

std::string in_quotes(std::string_view name) {
  return '"' + std::string(name) + '"';
}

/// "option3_value" is option 2, counted from 0.
std::optional<column> option_column(std::string_view name) {
  constexpr std::string_view start = "option";
  if (!name.starts_with(start)) return std::nullopt;
  std::size_t number = 0;
  const auto* begin = name.data() + start.size();
  const auto [end, error] = std::from_chars(begin, name.data() + name.size(), number);
  if (error != std::errc{} || *begin == '0' || number > options_max) return std::nullopt;
  const std::string_view rest = name.substr(static_cast<std::size_t>(end - name.data()));
  if (rest != "_name" && rest != "_value") return std::nullopt;
  return column{rest == "_name" ? column_kind::option_name : column_kind::option_value,
                std::string(name),
                {},
                number - 1};
}

/// A column with a key behind its first dot, which is kept as it is.
std::optional<column> keyed_column(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return std::nullopt;
  const auto start = shopify::lower(name.substr(0, dot));
  const std::string key(name.substr(dot + 1));
  const auto made = [&](column_kind kind) { return column{kind, start + '.' + key, key}; };
  if (start == "name") return made(column_kind::translated_name);
  if (start == "description") return made(column_kind::translated_description);
  if (start == "attributes") return made(column_kind::attribute);
  if (start == "metadata") return made(column_kind::metadata);
  return std::nullopt;
}

std::optional<column> column_of(std::string_view written) {
  if (auto keyed = keyed_column(written)) return keyed;
  const auto name = shopify::lower(written);
  if (name == "type") return column{column_kind::type, name};
  if (name == "currency") return column{column_kind::currency, name};
  for (const auto& m : member_columns()) {
    if (m.name == name) return column{column_kind::member, name, {}, 0, &m};
  }
  if (auto option = option_column(name)) return option;
  if (name == "image_url") return column{column_kind::image, name, "image_url"};
  if (name == "image_alt_text") return column{column_kind::image, name, "alt_text"};
  if (name == "image_position") return column{column_kind::image, name, "position"};
  if (name == "attributes" || name == "metadata" || name == "translations") {
    return column{column_kind::others, name, name};
  }
  return std::nullopt;
}

/// Rules over several columns.
std::optional<std::string> check_together(const header& h) {
  if (!h.has("handle") && !h.has("product_id")) {
    return "the header has neither a column \"handle\" nor \"product_id\"";
  }
  std::size_t options = 0;
  for (const auto& c : h.columns()) {
    const auto partner = c.kind == column_kind::translated_name          ? "description." + c.key
                         : c.kind == column_kind::translated_description ? "name." + c.key
                         : c.kind == column_kind::option_name || c.kind == column_kind::option_value
                             ? "option" + std::to_string(c.number + 1) +
                                   (c.kind == column_kind::option_name ? "_value" : "_name")
                         : c.kind == column_kind::image ? std::string("image_url")
                                                        : c.name;
    if (!h.has(partner)) {
      return "the columns " + in_quotes(c.name) + " and " + in_quotes(partner) + " belong together";
    }
    if (c.kind == column_kind::option_value) options = std::max(options, c.number + 1);
  }
  for (std::size_t i = 1; i <= options; ++i) {
    const auto name = "option" + std::to_string(i) + "_name";
    if (!h.has(name)) return "the header has no column " + in_quotes(name);
  }
  if (options > 0 && !h.has("type")) {
    return "a file with options needs the column \"type\", with product or variant";
  }
  return std::nullopt;
}

}  // namespace

const std::vector<member_column>& member_columns() {
  using enum cell_form;
  constexpr auto product = row_use::product;
  constexpr auto both = row_use::both;
  static const std::vector<member_column> all{
      {"handle", word, product, false},
      {"product_id", word, product, false},
      {"name", text, both, false},
      {"description", text, both},
      {"status", status, product, false},
      {"price", price, both, false},
      {"compare_at_price", price, both},
      {"sku", text, both},
      {"on_hand", integer, both, false},
      {"track_inventory", boolean, both, false},
      {"allow_backorder", boolean, both, false},
      {"category", path, product},
      {"vendor", text, product},
      {"tags", list, product},
      {"product_type", word, product},
      {"quantity_min", integer, both},
      {"quantity_max", integer, both},
      {"quantity_step", integer, both},
      {"low_stock_threshold", integer, both},
      {"publish_at", word, product},
      {"archive_at", word, product},
      {"earlier_handles", list, product},
  };
  return all;
}

std::optional<std::string> header::read(const std::vector<std::string>& names, header& into) {
  header h;
  std::set<std::string> seen;
  auto count = names.size();
  while (count > 0 && shopify::trim(names[count - 1]).empty()) --count;
  if (count == 1 && names.front().find(';') != std::string::npos) {
    return "its columns are separated by semicolons; save it with commas";
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = shopify::trim(names[i]);
    auto c = column_of(name);
    if (!c) {
      return "the column " + in_quotes(shopify::shortened(name, 100)) +
             " is unknown; values of your own have columns such as attributes.colour";
    }
    if (!seen.insert(c->name).second) return "the column " + in_quotes(c->name) + " is there twice";
    h.columns_.push_back(std::move(*c));
  }
  if (auto bad = check_together(h)) return bad;
  into = std::move(h);
  return std::nullopt;
}

std::vector<std::string> header::names() const {
  std::vector<std::string> all;
  for (const auto& c : columns_) all.push_back(c.name);
  return all;
}

bool header::has(std::string_view name) const {
  return std::ranges::find(columns_, name, &column::name) != columns_.end();
}

}  // namespace stoa::product_csv
