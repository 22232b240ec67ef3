// Reads the file: the header, the grouping of rows into products, the list of errors.
#include "actors/catalog/product_rules.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/base/blank.hpp"
#include "storage/base/money.hpp"

#include <algorithm>
#include <utility>

namespace stoa::shopify {

namespace {

constexpr std::size_t value_shown_max = 80;
constexpr std::string_view separator_hint = "; its columns must be separated by commas";

/// A row that contains only commas, as spreadsheets write at the end or between products.
bool is_blank(const csv::row& row) {
  for (std::size_t field = 0; field < row.size(); ++field) {
    if (!trim(row[field]).empty()) return false;
  }
  return true;
}

}  // namespace

reader::reader(std::istream& in, std::string_view currency) : csv_(in) {
  field_of_.fill(no_field);
  if (auto exponent = currency_exponent(currency)) {
    exponent_ = *exponent;
    read_header();
  } else {
    fatal_ = "\"" + shortened(currency, value_shown_max) + "\" is not an ISO 4217 currency";
  }
}

void reader::read_header() {
  switch (csv_.next()) {
    case csv::outcome::end:
      fatal_ = "the file is empty";
      return;
    case csv::outcome::bad_row:
      fatal_ = "line " + std::to_string(csv_.last_error().line) + ", column " +
               std::to_string(csv_.last_error().column) + ": " + csv_.last_error().reason;
      return;
    case csv::outcome::row:
      break;
  }
  const csv::row& row = csv_.current();
  for (std::size_t field = 0; field < row.size() && fatal_.empty(); ++field) {
    map_column(field, trim(row[field]));
  }
  for (column needed : {column::handle, column::title}) {
    if (!fatal_.empty() || has_column(needed)) continue;
    fatal_ = "the file has no column " + names_of(needed);
    if (row.size() == 1 && row[0].find_first_of(";\t") != std::string_view::npos) {
      fatal_ += separator_hint;
    }
  }
  if (fatal_.empty()) check_option_columns();
  csv_.expect_fields(row.size());
}

/// Each option needs a name, a value and the previous option. An incomplete file would remove the
/// options, and with them the variants, of all its products.
void reader::check_option_columns() {
  const auto needs = [this](column given, column needed) {
    if (!fatal_.empty() || !has_column(given) || has_column(needed)) return;
    fatal_ =
        "the file has the column \"" + header_of(given) + "\" but no column " + names_of(needed);
  };
  for (std::size_t i = 0; i < options_max; ++i) {
    needs(option_value_column(i), option_name_column(i));
    needs(option_name_column(i), option_value_column(i));
    if (i > 0) needs(option_name_column(i), option_name_column(i - 1));
  }
}

void reader::map_column(std::size_t field, std::string_view name) {
  header_.emplace_back(name);
  if (name.empty()) {
    unnamed_.push_back(field);
    return;
  }
  if (refusal why = check_line(name, name_length_max); !why.empty()) {
    header_.back() = shortened(name, value_shown_max);
    fatal_ = "the column name \"" + header_.back() + "\": " + std::string(why);
    if (name.find('\t') != std::string_view::npos) fatal_ += separator_hint;
    return;
  }
  bool twice = false;
  if (auto which = find_column(name)) {
    std::size_t& known = field_of_[static_cast<std::size_t>(*which)];
    twice = known != no_field;
    known = field;
    columns_.add(*which);
  } else {
    std::string extra = canonical_extra(name);
    twice = std::any_of(extras_.begin(), extras_.end(),
                        [&](const extra_field& e) { return lower(e.name) == lower(extra); });
    extras_.push_back({field, extra, is_variant_extra(extra)});
    columns_.add_extra(std::move(extra));
  }
  if (twice) {
    fatal_ = "the column \"" + shortened(name, value_shown_max) + "\" occurs twice in the header";
  }
}

const read_statistics& reader::statistics() {
  statistics_.bytes = csv_.bytes_read();
  return statistics_;
}

std::optional<import_product> reader::next() {
  if (!fatal_.empty()) return std::nullopt;
  while (pull_row()) {
    std::string_view handle = cell(column::handle);
    if (handle.empty()) {
      reject(column::handle, "the handle is missing");
      ++statistics_.rows_skipped;
      note_unread_row();
      continue;
    }
    if (group_ && group_->product.handle == handle) {
      add_row();
      continue;
    }
    std::optional<import_product> finished = finish_group();
    start_group(handle);
    add_row();
    if (finished) return finished;
  }
  return finish_group();
}

/// Reads the next valid CSV row.
bool reader::pull_row() {
  for (;;) {
    csv::outcome what = csv_.next();
    if (what == csv::outcome::end) return false;
    if (what == csv::outcome::row && is_blank(csv_.current())) continue;
    ++statistics_.rows;
    if (what == csv::outcome::row) break;
    ++statistics_.rows_skipped;
    note_unread_row();
    const csv::error& e = csv_.last_error();
    std::string where = e.field >= 1 && e.field <= header_.size() ? header_[e.field - 1] : "";
    report({e.line, std::move(where), "",
            e.reason + " (byte " + std::to_string(e.column) + " of the line)", true});
  }
  for (std::size_t field : unnamed_) {
    if (!trim(csv_.current()[field]).empty()) {
      warn_extra("", csv_.current()[field], "a value in a column without a name is ignored");
    }
  }
  return true;
}

/// A row without a handle may belong to the previous or the next product.
void reader::note_unread_row() {
  unread_row_ = true;
  if (group_) group_->product.partial = true;
}

void reader::start_group(std::string_view handle) {
  product_rows& g = group_.emplace();
  g.product.handle = handle;
  g.product.line = csv_.current().line();
  g.product.partial = std::exchange(unread_row_, false);
  if (refusal why = check_line(handle, name_length_max); !why.empty()) {
    g.rejection = why;
    return;
  }
  auto [first, is_new] = lines_by_handle_.try_emplace(id_for(handle).value, g.product.line);
  if (!is_new) {
    g.rejection = "the rows of a product must be consecutive; this handle first occurs in line " +
                  std::to_string(first->second);
  }
}

/// Adds the row to the current product, unless any of its values is invalid.
void reader::add_row() {
  product_rows& g = *group_;
  row_bad_ = false;
  unread_row_ = false;
  bool first = g.rows++ == 0;
  if (!g.rejection.empty()) {
    reject(column::handle, g.rejection);
  } else {
    take_row(first);
  }
  if (row_bad_) {
    g.product.partial = true;
    ++g.rows_skipped;
    ++statistics_.rows_skipped;
  }
}

std::optional<import_product> reader::finish_group() {
  if (!group_) return std::nullopt;
  product_rows g = std::move(*group_);
  group_.reset();
  if (!g.rejection.empty()) return std::nullopt;
  import_product& product = g.product;
  if (product.variants.empty()) {
    bool priced = g.rows_skipped > 0 || !has_column(column::price);
    report({product.line, header_of(priced ? column::handle : column::price),
            priced ? product.handle : "",
            priced ? "the product is not imported: none of its rows has a valid variant"
                   : "the product is not imported: it has no price",
            true});
    statistics_.rows_skipped += g.rows - g.rows_skipped;
    return std::nullopt;
  }
  // Shopify's representation of a product without options.
  if (product.variants.size() == 1 && product.option_names.size() == 1 &&
      catalog::is_no_option({{product.option_names[0], product.variants[0].option_values[0]}})) {
    product.option_names.clear();
    product.variants[0].option_values.clear();
  }
  ++statistics_.products;
  statistics_.variants += product.variants.size();
  statistics_.images += product.images.size();
  return std::move(product);
}

std::string_view reader::raw(column which) const {
  return has_column(which) ? csv_.current()[field_of_[static_cast<std::size_t>(which)]]
                           : std::string_view{};
}

std::string_view reader::cell(column which) const {
  std::string_view text = trim(raw(which));
  return text::is_blank(text) ? std::string_view{} : text;
}

std::string reader::header_of(column which) const {
  return has_column(which) ? header_[field_of_[static_cast<std::size_t>(which)]]
                           : std::string(name_of(which));
}

void reader::report(row_error error) {
  if (!error.row_skipped) ++statistics_.warnings;
  if (errors_.size() >= errors_max) {
    ++statistics_.errors_lost;
    return;
  }
  error.value = shortened(error.value, value_shown_max);
  errors_.push_back(std::move(error));
}

void reader::reject(column which, std::string reason) {
  row_bad_ = true;
  report(
      {csv_.current().line(), header_of(which), std::string(cell(which)), std::move(reason), true});
}

void reader::reject_extra(const std::string& name, std::string_view value, std::string reason) {
  row_bad_ = true;
  report({csv_.current().line(), name, std::string(value), std::move(reason), true});
}

void reader::reject_row(std::string reason) {
  row_bad_ = true;
  report({csv_.current().line(), "", std::string(cell(column::handle)), std::move(reason), true});
}

void reader::warn(column which, std::string reason) {
  warn_extra(header_of(which), cell(which), std::move(reason));
}

void reader::warn_extra(const std::string& name, std::string_view value, std::string reason) {
  report(
      {csv_.current().line(), name, shortened(value, value_shown_max), std::move(reason), false});
}

}  // namespace stoa::shopify
