#include "net/product_csv/row_values.hpp"

#include "net/product_csv/csv_cells.hpp"
#include "net/shopify/import_product.hpp"
#include "net/shopify/values.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/money.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <map>

namespace stoa::product_csv {

namespace {

using json::value;

constexpr std::size_t shown_max = 100;  ///< characters of a cell in an error

/// The currency of the row's prices.
struct row_currency {
  std::string code;
  int exponent = 0;
};

/// Reads the cells of one row into members.
class row_builder {
 public:
  explicit row_builder(const row_reading& r) : r_(r) {}

  json::object members();

 private:
  std::string_view cell(std::size_t at) const { return plain_cell(r_.row[at]); }
  void refuse(std::size_t at, std::string code, std::string reason) {
    r_.errors.push_back({r_.row.line(), r_.columns.columns()[at].name,
                         shopify::shortened(cell(at), shown_max), std::move(code),
                         std::move(reason)});
  }
  void find_currency();
  void add(std::string name, value v) { out_.push_back({std::move(name), std::move(v)}); }
  void add_member(const member_column& m, std::size_t at);
  std::optional<value> read(cell_form form, std::size_t at);
  std::optional<value> read_price(std::size_t at);
  void add_options();
  void add_others();
  void add_keyed(column_kind kind, const char* name);
  void add_translations();
  json::object others(const char* name);
  static void put(json::object& to, std::size_t others, const std::string& key, value v);

  const row_reading& r_;
  std::optional<row_currency> currency_;
  json::object out_;
};

bool is_blank(std::string_view text) {
  return shopify::trim(text).empty();
}

/// "active" is Active; any other text is left to the rules of the API.
std::string status_of(std::string_view text) {
  std::string word = shopify::lower(text);
  if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') {
    word.front() = static_cast<char>(word.front() - 'a' + 'A');
  }
  return word;
}

value list_of(const std::vector<std::string>& texts) {
  json::array items;
  for (const auto& text : texts) items.emplace_back(text);
  return value(std::move(items));
}

void row_builder::find_currency() {
  std::string code = r_.currency;
  std::size_t found = 0;
  for (std::size_t at = 0; at < r_.columns.columns().size(); ++at) {
    if (r_.columns.columns()[at].kind != column_kind::currency) continue;
    found = at;
    if (!is_blank(cell(at))) code = shopify::trim(cell(at));
  }
  if (const auto exponent = currency_exponent(code)) {
    currency_ = row_currency{std::move(code), *exponent};
  } else {
    refuse(found, "currency", "This must be a currency code such as EUR.");
  }
}

std::optional<value> row_builder::read_price(std::size_t at) {
  if (!currency_) return std::nullopt;  // reported
  std::int64_t amount = 0;
  const auto bad = shopify::parse_price(shopify::trim(cell(at)), currency_->exponent, amount);
  if (!bad.empty()) {
    refuse(at, "format", std::string(bad));
    return std::nullopt;
  }
  return value(json::object{{"amount", value(amount)}, {"currency", value(currency_->code)}});
}

std::optional<value> row_builder::read(cell_form form, std::size_t at) {
  const auto text = cell(at);
  const auto word = shopify::trim(text);
  switch (form) {
    case cell_form::text:
      return value(std::string(text));
    case cell_form::word:
      return value(std::string(word));
    case cell_form::status:
      return value(status_of(word));
    case cell_form::path:
      return list_of(shopify::category_path(text));
    case cell_form::list:
      return list_of(split_list(text));
    case cell_form::price:
      return read_price(at);
    case cell_form::integer: {
      std::int64_t number = 0;
      if (const auto bad = shopify::parse_integer(word, number); !bad.empty()) {
        refuse(at, "type", std::string(bad));
        return std::nullopt;
      }
      return value(number);
    }
    case cell_form::boolean: {
      bool flag = false;
      if (const auto bad = shopify::parse_bool(word, flag); !bad.empty()) {
        refuse(at, "type", std::string(bad));
        return std::nullopt;
      }
      return value(flag);
    }
  }
  return std::nullopt;
}

void row_builder::add_member(const member_column& m, std::size_t at) {
  // The handle and id of a variant's row are those of its product.
  const bool is_key = m.name == "handle" || m.name == "product_id";
  if (r_.type == row_type::variant && is_key) return;
  const bool is_empty = is_blank(cell(at));
  if (r_.type == row_type::variant && m.use == row_use::product) {
    if (!is_empty) refuse(at, "exclusive", "A variant has this from its product.");
    return;
  }
  if (!is_empty) {
    if (auto v = read(m.form, at)) add(std::string(m.name), std::move(*v));
  } else if (m.removable) {
    add(std::string(m.name), value());
  }
}

void row_builder::add_options() {
  json::array options;
  std::vector<std::string> names;
  for (std::size_t at = 0; at < r_.columns.columns().size(); ++at) {
    const auto& c = r_.columns.columns()[at];
    if (c.kind != column_kind::option_name) continue;
    const auto& all = r_.columns.columns();
    const auto partner = std::ranges::find_if(all, [&](const column& o) {
      return o.kind == column_kind::option_value && o.number == c.number;
    });
    const auto value_at = static_cast<std::size_t>(partner - all.begin());
    std::string name(cell(at));
    if (r_.type == row_type::product) {
      if (!is_blank(cell(value_at))) {
        refuse(value_at, "exclusive", "Options belong to the rows of variants.");
      }
      continue;
    }
    if (is_blank(cell(value_at))) continue;
    if (is_blank(name) && c.number < r_.option_names.size()) name = r_.option_names[c.number];
    if (is_blank(name)) {
      refuse(at, "required", "The first variant of a product names its options.");
      continue;
    }
    if (names.size() <= c.number) names.resize(c.number + 1);
    names[c.number] = name;
    options.emplace_back(json::object{{"name", value(std::move(name))},
                                      {"value", value(std::string(cell(value_at)))}});
  }
  if (r_.type == row_type::product) return;
  r_.option_names = std::move(names);
  add("options", value(std::move(options)));
}

/// The first `others` members may have the same key; that of a column replaces it, unless it is
/// empty.
void row_builder::put(json::object& to, std::size_t others, const std::string& key, value v) {
  const auto end = to.begin() + static_cast<std::ptrdiff_t>(others);
  const auto known = std::find_if(to.begin(), end, [&](const auto& m) { return m.name == key; });
  if (known == end) {
    to.push_back({key, std::move(v)});
  } else if (!v.is_null()) {
    known->value = std::move(v);
  }
}

/// The object in the column for what has no separate column.
json::object row_builder::others(const char* name) {
  const auto& all = r_.columns.columns();
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at].kind != column_kind::others || all[at].key != name || is_blank(cell(at))) continue;
    auto parsed = json::parse(cell(at), {.bytes_max = std::size_t{4} << 20});
    if (parsed && parsed->if_object()) return *parsed->if_object();
    refuse(at, "type", "This must be a JSON object.");
  }
  return {};
}

void row_builder::add_keyed(column_kind kind, const char* name) {
  auto object = others(name);
  const auto count = object.size();
  bool is_there = count > 0;
  const auto& all = r_.columns.columns();
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at].kind != kind) continue;
    is_there = true;
    const auto text = cell(at);
    value v;
    if (!is_blank(text)) {
      v = kind == column_kind::attribute ? read_attribute(text) : value(std::string(text));
    }
    put(object, count, all[at].key, std::move(v));
  }
  if (is_there) add(name, value(std::move(object)));
}

void row_builder::add_translations() {
  auto object = others("translations");
  const auto count = object.size();
  bool is_there = count > 0;
  const auto& all = r_.columns.columns();
  std::map<std::string_view, std::size_t> descriptions;
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at].kind == column_kind::translated_description) descriptions[all[at].key] = at;
  }
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at].kind != column_kind::translated_name) continue;
    const auto other = descriptions.at(all[at].key);
    if (r_.type == row_type::variant) {
      for (const auto one : {at, other}) {
        if (!is_blank(cell(one))) refuse(one, "exclusive", "A variant has this from its product.");
      }
      continue;
    }
    is_there = true;
    json::object terms;
    if (!is_blank(cell(at))) terms.push_back({"name", value(std::string(cell(at)))});
    if (!is_blank(cell(other))) terms.push_back({"description", value(std::string(cell(other)))});
    put(object, count, all[at].key, terms.empty() ? value() : value(std::move(terms)));
  }
  if (is_there) add("translations", value(std::move(object)));
}

/// What attributes have is not removed by an empty cell of the column for it: an earlier version
/// stored vendors and tags there that the API would not accept.
void keep_labels(json::object& members) {
  const auto found = std::ranges::find(members, "attributes", &json::member::name);
  if (found == members.end()) return;
  const auto attributes = found->value;
  std::erase_if(members, [&](const json::member& m) {
    const auto* stored = attributes.find(m.name);
    return m.value.is_null() && (m.name == "vendor" || m.name == "tags") && stored &&
           !stored->is_null();
  });
}

json::object row_builder::members() {
  find_currency();
  const auto& all = r_.columns.columns();
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (all[at].kind == column_kind::member) add_member(*all[at].member, at);
    if (all[at].kind == column_kind::image && r_.type == row_type::variant && !is_blank(cell(at))) {
      refuse(at, "exclusive", "Images belong to the rows of the product and of type image.");
    }
  }
  add_options();
  add_keyed(column_kind::attribute, "attributes");
  add_keyed(column_kind::metadata, "metadata");
  add_translations();
  keep_labels(out_);
  return std::move(out_);
}

}  // namespace

json::object row_members(const row_reading& r) {
  return row_builder(r).members();
}

std::optional<json::object> row_image(const row_reading& r) {
  json::object image;
  const auto& all = r.columns.columns();
  const auto refuse = [&](std::size_t at, const char* code, std::string why) {
    r.errors.push_back({r.row.line(), all[at].name,
                        shopify::shortened(plain_cell(r.row[at]), shown_max), code,
                        std::move(why)});
  };
  bool has_values = false;
  std::optional<std::size_t> url_at;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const auto text = plain_cell(r.row[at]);
    const auto& c = all[at];
    if (c.kind != column_kind::image) {
      const bool is_own = c.kind != column_kind::type && c.name != "handle" &&
                          c.name != "product_id" && !is_blank(text);
      if (r.type == row_type::image && is_own) {
        refuse(at, "exclusive", "The row of an image has only the values of the image.");
      }
      continue;
    }
    if (c.key == "image_url") url_at = at;
    if (is_blank(text)) {
      if (c.key == "alt_text") image.push_back({c.key, value(std::string())});
      continue;
    }
    has_values = true;
    std::int64_t number = 0;
    if (c.key != "position") {
      const auto kept = c.key == "image_url" ? shopify::trim(text) : text;
      image.push_back({c.key, value(std::string(kept))});
    } else if (const auto bad = shopify::parse_integer(shopify::trim(text), number); bad.empty()) {
      image.push_back({c.key, value(number)});
    } else {
      refuse(at, "type", std::string(bad));
    }
  }
  const bool needs_url = has_values || r.type == row_type::image;
  if (needs_url && url_at && is_blank(plain_cell(r.row[*url_at]))) {
    refuse(*url_at, "required", "An image has a URL.");
  }
  if (!has_values) return std::nullopt;
  return image;
}

}  // namespace stoa::product_csv
