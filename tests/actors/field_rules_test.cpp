// One table of edge values for each field that both the API and product files have: both accept the
// same values and store the same. Where files are more lenient with empty cells or control
// characters (docs/import.md), the difference is asserted.

#include "net/shopify/catalog_mapping.hpp"
#include "storage/base/blank.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"
#include "tests/support/catalog_fixture.hpp"
#include "tests/support/shopify_files.hpp"

#include <functional>
#include <map>

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::catalog_fixture;

namespace {

/// The stored value, or nothing when it is rejected.
using stored = std::optional<std::string>;
using cells = std::map<std::string, std::string>;

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<std::string> texts(std::size_t length_max) {
  using namespace std::string_literals;
  std::vector<std::string> values{"",
                                  " ",
                                  "\u00a0",
                                  "\u3000\t",
                                  "\u200b",
                                  "\u200b \u00ad",
                                  "\n",
                                  "A",
                                  " A",
                                  "A ",
                                  "\tA\r\n",
                                  "\u00a0A\u00a0",
                                  "\u3000A\u2003",
                                  "\u2028A\u2029",
                                  "\u1680A\u202f",
                                  "\u205fA",
                                  "\u200bA\u200b",
                                  "\ufeffA",
                                  "A\u200e",
                                  "A\u00a0B",
                                  "A\u2028B",
                                  "A\nB",
                                  "A\r\nB",
                                  "A\tB",
                                  "A\0B"s,
                                  "\0"s,
                                  "A\vB",
                                  "\vA",
                                  "A\f",
                                  "A\u0085",
                                  "A\u009fB",
                                  "A\x7f",
                                  "\x1b[0mA",
                                  "\u202eA\u202c",
                                  "\u200fA\u200f",
                                  "e\u0301",
                                  "\u0301",
                                  "\u00e9",
                                  "\U0001F469\u200d\U0001F467",
                                  "\u2764\ufe0f",
                                  "\ufe0f",
                                  "\U000E0041A",
                                  "\ufdd0A",
                                  "\U0010FFFF",
                                  "\u0378",
                                  "A,\"B\"",
                                  "'A",
                                  "=A+1",
                                  "<b>A</b>",
                                  "A > B",
                                  "A\\B",
                                  "\\>"};
  for (const std::string_view one : {"x", "\u00e9", "e\u0301", "\u6771", "\U0001F600"}) {
    const auto each = text::code_points(one);
    values.push_back(repeated(one, length_max / each));
    values.push_back(repeated(one, length_max / each + 1));
  }
  const auto full = std::string(length_max, 'x');
  for (const auto* space : {" ", "\u00a0", "\u3000", "\u200b"}) {
    values.push_back(full + space);
    values.push_back(space + full);
  }
  return values;
}

/// One store filled by the API and one filled by files.
struct stores {
  catalog_fixture api;
  catalog_fixture file;
  int last = 0;

  std::string new_handle() { return "p" + std::to_string(++last); }

  /// As the edge processes it: the body's rules, then the decision.
  template <class Body>
  static result<Body> read_body(const Body& b) {
    return json::read<Body>(json::write(b), json::stored_limits);
  }
  std::optional<product_view> create(new_product p) {
    auto body = read_body(p);
    if (!body) return std::nullopt;
    auto made = api.create(std::move(*body));
    if (!made) return std::nullopt;
    return std::move(*made);
  }
  /// The product of a file with these cells, next to a handle, a title and a price.
  std::optional<product_view> import(cells row) {
    row.try_emplace("Handle", new_handle());
    row.try_emplace("Title", "Cup");
    row.try_emplace("Variant Price", "1");
    std::ostringstream out;
    csv::writer csv(out);
    for (const auto& [name, value] : row) csv.field(name);
    csv.end_row();
    for (const auto& [name, value] : row) csv.field(value);
    csv.end_row();
    auto read = shopify::test::read_text(out.str());
    BOOST_REQUIRE_MESSAGE(read.fatal.empty(), read.fatal);
    if (read.products.empty()) {
      BOOST_TEST(!read.errors.empty(), "each rejection has an error");
      return std::nullopt;
    }
    auto mapped = shopify::to_catalog(read.products.front(), {"EUR", true, false, read.columns});
    if (!mapped.refused.empty()) return std::nullopt;
    const auto id = mapped.command.product_id;
    auto answer = file.run(std::move(mapped.command), test::as_system());
    if (!answer) return std::nullopt;
    return file.detail(id);
  }
  /// Releases handles and SKUs.
  static void remove(catalog_fixture& from, stoa::product_id id) {
    BOOST_TEST(from.run(delete_product{id}, from.staff).has_value());
  }
  void remove_all(const std::optional<product_view>& a, const std::optional<product_view>& b) {
    if (a) remove(api, a->product_id);
    if (b) remove(file, b->product_id);
  }
};

new_product cup() {
  return catalog_fixture::product_of("Cup", 100);
}

stored text_of(const std::optional<product_view>& p,
               const std::function<stored(const product_view&)>& of) {
  return p ? of(*p).value_or("") : stored();
}

std::string shown(const stored& s) {
  return s ? "\"" + *s + "\"" : "refused";
}

/// Both are equal, except that a blank cell in a file is an absent value.
void check_same(const std::string& field, const std::string& value, const stored& api,
                const stored& file, bool required) {
  if (text::is_blank(value)) {
    BOOST_TEST((!api || api->empty()), field << ": blank by the API: " << shown(api));
    BOOST_TEST((required ? !file : file == ""), field << ": blank in a file: " << shown(file));
    return;
  }
  BOOST_TEST((api == file), field << " " << json::write(value.substr(0, 80)) << " ("
                                  << text::code_points(value) << "): API " << shown(api)
                                  << ", file " << shown(file));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(field_rules)

BOOST_AUTO_TEST_CASE(titles_handles_and_skus) {
  stores s;
  for (const auto& value : texts(255)) {
    auto p = cup();
    p.name = value;
    auto a = s.create(p);
    auto f = s.import({{"Title", value}});
    const auto name = [](const product_view& v) { return stored(v.name); };
    check_same("title", value, text_of(a, name), text_of(f, name), true);

    p = cup();
    p.handle = value;
    a = s.create(p);
    f = s.import({{"Handle", value}});
    const auto handle = [](const product_view& v) { return v.handle; };
    check_same("handle", value, text_of(a, handle), text_of(f, handle), true);
    s.remove_all(a, f);

    p = cup();
    p.sku = value;
    a = s.create(p);
    f = s.import({{"Variant SKU", value}});
    const auto sku = [](const product_view& v) { return v.sku; };
    check_same("sku", value, text_of(a, sku), text_of(f, sku), false);
    s.remove_all(a, f);
  }
}

BOOST_AUTO_TEST_CASE(a_change_stores_what_a_new_product_stores) {
  stores s;
  catalog_fixture changes;  // separate: handles and SKUs are unique in a store
  const auto id = changes.create(cup())->product_id;
  for (const auto& value : texts(255)) {
    auto p = cup();
    p.name = p.handle = p.sku = value;
    product_change c;
    c.name = value;
    c.handle = {true, value};
    c.sku = {true, value};
    const auto made = s.create(p);
    if (made) s.remove(s.api, made->product_id);
    const auto body = stores::read_body(c);
    BOOST_TEST(body.has_value() == made.has_value(), json::write(value.substr(0, 80)));
    if (!body || !made) continue;
    const auto changed = changes.change(id, *body);
    BOOST_TEST_REQUIRE(changed.has_value());
    BOOST_TEST((changed->name == made->name && changed->handle == made->handle &&
                changed->sku == made->sku),
               json::write(value.substr(0, 80)));
  }
}

BOOST_AUTO_TEST_CASE(options_and_categories) {
  stores s;
  const auto option = [](bool of_name) {
    return [of_name](const product_view& v) {
      const auto& o = v.variants.front().options.front();
      return stored(of_name ? o.name : o.value);
    };
  };
  for (const auto& value : texts(255)) {
    for (const bool of_name : {true, false}) {
      const auto parent = s.create(cup());
      auto p = cup();
      p.parent_product_id = parent->product_id;
      p.options = {of_name ? option_value{value, "S"} : option_value{"Size", value}};
      stored api;
      if (s.create(p)) api = option(of_name)(s.api.detail(parent->product_id));
      auto f = s.import(
          {{"Option1 Name", of_name ? value : "Size"}, {"Option1 Value", of_name ? "S" : value}});
      check_same(of_name ? "option name" : "option value", value, api, text_of(f, option(of_name)),
                 true);
      s.remove_all(parent, f);
    }
    stored api;
    if (auto body = stores::read_body(new_category{value, std::nullopt, std::nullopt})) {
      if (auto made = s.api.run(create_category{*body}, s.api.staff)) {
        api = made->name;
        BOOST_TEST(s.api.run(delete_category{made->category_id}, s.api.staff).has_value());
      }
    }
    auto f = s.import({{"Type", shopify::type_of({value})}});
    const auto category = [](const product_view& v) {
      return v.category ? stored(v.category->name) : stored();
    };
    check_same("category", value, api, text_of(f, category), false);
    s.remove_all(std::nullopt, f);
  }
}

/// Multi-line texts are stored unchanged; control characters are removed from files.
BOOST_AUTO_TEST_CASE(descriptions_and_texts_of_images) {
  stores s;
  const auto same_text = [](const std::string& field, const std::string& value, const stored& api,
                            const stored& file) {
    const bool has_control = !json::has_form(value, json::format::text) && !text::is_blank(value);
    if (!has_control) return check_same(field, value, api, file, false);
    BOOST_TEST(!api, field << " " << json::write(value));
    // Files contain no NUL.
    if (value.find('\0') != std::string::npos) {
      BOOST_TEST(!file);
    } else {
      BOOST_TEST((file == shopify::without_control(value)), field << " " << shown(file));
    }
  };
  for (const auto& value : texts(2048)) {
    auto p = cup();
    p.description = value;
    auto a = s.create(p);
    auto f = s.import({{"Body (HTML)", value}});
    const auto description = [](const product_view& v) { return stored(v.description); };
    same_text("description", value, text_of(a, description), text_of(f, description));

    a = s.create(cup());
    const std::string url = "https://x.example/1.jpg";
    stored api;
    if (auto body = stores::read_body(new_image{url, value, std::nullopt})) {
      if (auto made = s.api.run(add_image{a->product_id, *body}, s.api.staff)) api = made->alt_text;
    }
    f = s.import({{"Image Src", url}, {"Image Alt Text", value}});
    same_text("alt text", value, api,
              text_of(f, [](const product_view& v) { return stored(v.images.front().alt_text); }));
  }
  for (const std::string_view one : {"x", "\"", "\U0001F600"}) {
    for (const std::size_t more : {0, 1}) {
      const auto value = repeated(one, description_length_max + more);
      auto p = cup();
      p.description = value;
      const auto a = s.create(p);
      const auto f = s.import({{"Body (HTML)", value}});
      BOOST_TEST(a.has_value() == (more == 0));
      BOOST_TEST(f.has_value() == (more == 0));
      BOOST_TEST((!a || !f || a->description == f->description));
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers) {
  stores s;
  for (const std::int64_t v : {std::int64_t{0}, std::int64_t{1}, money_amount_max - 1,
                               money_amount_max, money_amount_max + 1, std::int64_t{-1}}) {
    const auto cell = v < 0 ? "-0.01" : shopify::format_price(v, 2);
    auto p = cup();
    p.price = p.compare_at_price = money{v, "EUR"};
    const auto a = s.create(p);
    const auto f = s.import({{"Variant Price", cell}, {"Variant Compare At Price", cell}});
    BOOST_TEST_REQUIRE(a.has_value() == f.has_value(), v);
    BOOST_TEST((!a || (a->price == f->price && a->compare_at_price == f->compare_at_price)), v);
  }
  for (const std::int64_t v : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
                               image_position_max, image_position_max + 1}) {
    const auto product = s.create(cup());
    const std::string url = "https://x.example/1.jpg";
    const auto body = stores::read_body(new_image{url, "", v});
    const auto f = s.import({{"Image Src", url}, {"Image Position", std::to_string(v)}});
    BOOST_TEST_REQUIRE(body.has_value() == f.has_value(), v);
    if (f) BOOST_TEST(f->images.front().position == v);
  }
}

BOOST_AUTO_TEST_CASE(stock_may_begin_below_zero) {
  stores s;
  for (const bool tracked : {true, false}) {
    for (const bool backorder : {true, false}) {
      for (const std::int64_t v : {std::int64_t{0}, std::int64_t{5}, stock_max, stock_max + 1,
                                   std::int64_t{-1}, -stock_max, -stock_max - 1}) {
        auto p = cup();
        p.on_hand = v;
        p.track_inventory = tracked;
        p.allow_backorder = backorder;
        const auto a = s.create(p);
        const auto f = s.import({{"Variant Inventory Tracker", tracked ? "shopify" : ""},
                                 {"Variant Inventory Policy", backorder ? "continue" : "deny"},
                                 {"Variant Inventory Qty", std::to_string(v)}});
        BOOST_TEST(a.has_value() == (v <= stock_max && v >= -stock_max), v);
        BOOST_TEST_REQUIRE(a.has_value() == f.has_value(), v);
        if (!a) continue;
        BOOST_TEST((a->on_hand == v && f->on_hand == v), v);
        BOOST_TEST(a->available == f->available, v);
        BOOST_TEST(a->available == (v > 0 || !tracked || backorder), v);
        // A counted stock; not negative without back-orders.
        p.on_hand = 0;
        const auto empty = s.create(p);
        const auto body = stores::read_body(stock_change{std::nullopt, v, std::nullopt});
        BOOST_TEST_REQUIRE(body.has_value());
        const auto counted = s.api.run(adjust_stock{empty->product_id, *body}, s.api.staff);
        if (v >= 0 || !tracked || backorder) {
          BOOST_TEST((counted && counted->on_hand == v), v);
        } else {
          BOOST_TEST((!counted && counted.error().code == "insufficient_stock"), v);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_status_is_one_of_four_words) {
  stores s;
  const auto status = [&](const std::string& word) {
    const auto p = s.import({{"Status", word}});
    return p ? std::string(enum_name(*p->status)) : "refused";
  };
  for (const auto* word : {"active", "Active", " ACTIVE\u00a0", ""}) {
    BOOST_TEST(status(word) == "Active", word);
  }
  for (const auto* word : {"draft", "unlisted "}) BOOST_TEST(status(word) == "Draft");
  for (const auto* word : {"archived", "Archived "}) BOOST_TEST(status(word) == "Archived");
  for (const auto* word : {"published", "0", "drafts", "active draft", "\u200bactive"}) {
    BOOST_TEST(status(word) == "refused", word);
  }
}

BOOST_AUTO_TEST_SUITE_END()
