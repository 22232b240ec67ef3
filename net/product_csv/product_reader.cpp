#include "net/product_csv/product_reader.hpp"

#include "actors/catalog/line_messages.hpp"
#include "net/product_csv/csv_cells.hpp"
#include "net/product_csv/row_values.hpp"
#include "net/shopify/problem_text.hpp"
#include "net/shopify/values.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <unordered_set>

namespace stoa::product_csv {

namespace {

constexpr std::size_t rows_max = 1 + catalog::variants_max + catalog::images_max;

std::string_view word_at(const csv::row& row, std::size_t at) {
  return shopify::trim(plain_cell(row[at]));
}

/// A row without a type is that of a product.
std::optional<row_type> type_of(std::string_view cell) {
  const auto word = shopify::lower(cell);
  if (word.empty() || word == "product") return row_type::product;
  if (word == "variant") return row_type::variant;
  if (word == "image") return row_type::image;
  return std::nullopt;
}

std::string in_line(std::size_t line, const std::string& what) {
  return "line " + std::to_string(line) + ": " + what;
}

std::size_t field_of(const header& h, std::string_view name) {
  const auto& all = h.columns();
  return static_cast<std::size_t>(std::ranges::find(all, name, &column::name) - all.begin());
}

std::size_t bytes_of(const csv::row& row) {
  std::size_t bytes = row.size();
  for (std::size_t i = 0; i < row.size(); ++i) bytes += row[i].size();
  return bytes;
}

/// The parts of a JSON pointer.
std::vector<std::string> parts_of(std::string_view pointer) {
  std::vector<std::string> parts;
  while (pointer.starts_with('/')) {
    const auto end = pointer.find('/', 1);
    std::string part;
    const auto raw = pointer.substr(1, end == std::string_view::npos ? end : end - 1);
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const bool escapes = raw[i] == '~' && i + 1 < raw.size();
      part += !escapes ? raw[i] : raw[++i] == '1' ? '/' : '~';
    }
    parts.push_back(std::move(part));
    pointer = end == std::string_view::npos ? std::string_view{} : pointer.substr(end);
  }
  return parts;
}

/// The element of the list that the text is an index of.
std::size_t line_at(const std::vector<std::size_t>& lines, const std::string& index,
                    std::size_t otherwise) {
  std::int64_t number = 0;
  if (!shopify::parse_integer(index, number).empty()) return otherwise;
  const bool is_there = number >= 0 && static_cast<std::size_t>(number) < lines.size();
  return is_there ? lines[static_cast<std::size_t>(number)] : otherwise;
}

std::string column_of(const header& h, const std::vector<std::string>& parts, std::size_t from) {
  if (from >= parts.size()) return {};
  const auto& member = parts[from];
  const auto part = [&](std::size_t i) {
    return from + i < parts.size() ? parts[from + i] : std::string();
  };
  const auto known = [&](const std::string& name, const std::string& otherwise) {
    return h.has(name) ? name : h.has(otherwise) ? otherwise : std::string();
  };
  if (member == "options") {
    std::int64_t number = 0;
    shopify::parse_integer(part(1), number);
    return "option" + std::to_string(number + 1) + (part(2) == "name" ? "_name" : "_value");
  }
  if (member == "translations") {
    return known((part(2) == "description" ? "description." : "name.") + part(1), member);
  }
  if (member == "attributes" || member == "metadata") {
    return known(member + '.' + part(1), member);
  }
  if (part(1) == "currency") return known("currency", member);
  return known(member, "");
}

}  // namespace

row_places::place row_places::of(std::string_view pointer) const {
  const auto parts = parts_of(pointer);
  if (parts.size() > 1 && parts[0] == "variants") {
    return {line_at(variants, parts[1], product), column_of(*columns, parts, 2)};
  }
  if (parts.size() > 1 && parts[0] == "images") {
    std::string name = parts.size() < 3 ? "" : parts[2];
    if (!name.empty() && name != "image_url") name = "image_" + name;
    return {line_at(images, parts[1], product), std::move(name)};
  }
  return {product, column_of(*columns, parts, 0)};
}

/// A product while its rows are read.
struct product_reader::group {
  std::string handle;
  std::string id;
  product_rows made;
  json::object members;
  json::array variants;
  json::array images;
  std::vector<std::string> option_names;

  void take(const csv::row& row, row_type type, const std::string& currency);
  product_rows finish();
};

void product_reader::group::take(const csv::row& row, row_type type, const std::string& currency) {
  ++made.rows;
  made.bytes += bytes_of(row);
  const bool is_whole = made.rows <= rows_max && made.bytes <= catalog::line_bytes_max;
  if (!is_whole) {
    // Reported once; nothing more of the product is kept.
    if (made.errors.empty() || made.errors.back().code != "too_many") {
      made.errors.push_back({row.line(), "", "", "too_many",
                             "A product has at most " + std::to_string(rows_max) + " rows and " +
                                 std::to_string(catalog::line_bytes_max) + " bytes."});
    }
    return;
  }
  const header& columns = *made.places.columns;
  const row_reading reading{columns, row, type, currency, made.errors, option_names};
  if (type == row_type::variant) {
    made.places.variants.push_back(row.line());
    variants.emplace_back(row_members(reading));
    return;
  }
  if (type == row_type::product) members = row_members(reading);
  if (auto image = row_image(reading)) {
    made.places.images.push_back(row.line());
    images.emplace_back(std::move(*image));
  }
}

product_rows product_reader::group::finish() {
  const header& columns = *made.places.columns;
  json::object line{{"type", json::value(std::string("product"))}};
  for (auto& m : members) line.push_back(std::move(m));
  if (columns.has("option1_value")) {
    line.push_back({"variants", json::value(std::move(variants))});
  } else if (!variants.empty()) {
    made.errors.push_back({made.places.variants.front(), "option1_value", "", "required",
                           "The rows of variants need columns for their options."});
  }
  if (columns.has("image_url")) line.push_back({"images", json::value(std::move(images))});
  made.line = json::value(std::move(line));
  return std::move(made);
}

product_reader::product_reader(std::istream& in, std::string currency)
    : csv_(in), currency_(std::move(currency)) {
  const auto first = csv_.next();
  if (first == csv::outcome::end) {
    fatal_ = "it is empty";
  } else if (first == csv::outcome::bad_row) {
    fatal_ = in_line(csv_.last_error().line, csv_.last_error().reason);
  }
  if (!fatal_.empty()) return;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < csv_.current().size(); ++i) names.emplace_back(csv_.current()[i]);
  fatal_ = header::read(names, *columns_).value_or("");
  if (!fatal_.empty()) return;
  csv_.expect_fields(columns_->columns().size());
  type_at_ = field_of(*columns_, "type");
  handle_at_ = field_of(*columns_, "handle");
  id_at_ = field_of(*columns_, "product_id");
}

/// Moves to the next row that has a value.
bool product_reader::advance() {
  for (;;) {
    const auto found = csv_.next();
    if (found == csv::outcome::end) return false;
    if (found == csv::outcome::bad_row) {
      fatal_ = in_line(csv_.last_error().line, csv_.last_error().reason);
      return false;
    }
    const auto& row = csv_.current();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!shopify::trim(row[i]).empty()) return true;
    }
  }
}

bool product_reader::belongs(const csv::row& row, const group& to) const {
  const auto handle = word_at(row, handle_at_);
  const auto id = word_at(row, id_at_);
  return (handle.empty() || handle == to.handle) && (id.empty() || id == to.id);
}

std::optional<product_rows> product_reader::next() {
  if (!fatal_.empty()) return std::nullopt;
  if (!started_) has_row_ = advance();
  started_ = true;
  std::optional<group> found;
  for (; has_row_; has_row_ = advance()) {
    const auto& row = csv_.current();
    const auto type = type_of(word_at(row, type_at_));
    if (!type) {
      fatal_ = in_line(row.line(), "the type must be product, variant or image");
      break;
    }
    if (*type == row_type::product) {
      if (found) return found->finish();
      found.emplace();
      found->handle = word_at(row, handle_at_);
      found->id = word_at(row, id_at_);
      found->made.object = found->handle.empty() ? found->id : found->handle;
      found->made.places = {columns_, row.line(), {}, {}};
    } else if (!found || !belongs(row, *found)) {
      fatal_ = in_line(row.line(), "the row of a " + shopify::lower(word_at(row, type_at_)) +
                                       " does not follow the row of its product; sort the file "
                                       "as it was exported");
      break;
    }
    found->take(row, *type, currency_);
  }
  if (!fatal_.empty() || !found) return std::nullopt;
  return found->finish();
}

std::vector<cell_error> errors_of(const product_rows& p, const problem& why) {
  if (!p.errors.empty()) return p.errors;
  std::vector<cell_error> all;
  for (auto& e : shopify::errors_of(why)) {
    auto place =
        e.pointer.empty() ? row_places::place{p.places.product, ""} : p.places.of(e.pointer);
    all.push_back(
        {place.line, std::move(place.column), p.object, std::move(e.code), std::move(e.detail)});
  }
  return all;
}

std::optional<std::string> structure_error(std::istream& in) {
  product_reader reader(in, "EUR");
  std::unordered_set<std::string> seen;
  while (const auto product = reader.next()) {
    if (!product->object.empty() && !seen.insert(product->object).second) {
      return in_line(
          product->places.product,
          "the product " + shopify::shortened(product->object, 100) + " is in the file twice");
    }
  }
  if (reader.fatal().empty()) return std::nullopt;
  return reader.fatal();
}

}  // namespace stoa::product_csv
