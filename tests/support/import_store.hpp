#pragma once
// A store for importing and exporting product files without a separate process.

#include "net/cli/offline_catalog.hpp"
#include "net/shopify/catalog_export.hpp"
#include "net/shopify/catalog_loader.hpp"
#include "net/shopify/catalog_mapping.hpp"
#include "tests/support/shopify_files.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace stoa::test {

using shopify::import_product;

/// A temporary store that files are loaded into.
struct import_store final : shopify::load_report {
  import_store() : catalog(settings_of(dir)) {}
  static settings settings_of(const temp_dir& dir) {
    settings s;
    s.data.dir = dir.path().string();
    return s;
  }

  shopify::load_counts load(const std::vector<import_product>& products,
                            shopify::mapping_options options = {"EUR", true}) {
    shopify::catalog_loader loader(catalog, std::move(options), *this);
    for (const auto& p : products) loader.add(p);
    loader.finish();
    return loader.counts();
  }
  /// Loads a file's text with all its columns.
  shopify::load_counts load_text(const std::string& text, bool set_stock = false,
                                 bool dry_run = false) {
    auto read = shopify::test::read_text(text);
    BOOST_TEST(read.fatal == "");
    for (const auto& e : read.errors) BOOST_ERROR(e.line << " " << e.column << " " << e.reason);
    return load_read(read, set_stock, dry_run);
  }
  /// The same for a file with so many unreadable rows.
  shopify::load_counts load_bad_text(const std::string& text, std::size_t bad_rows) {
    auto read = shopify::test::read_text(text);
    BOOST_TEST(read.statistics.rows_skipped == bad_rows);
    return load_read(read, false, false);
  }
  shopify::load_counts load_read(const shopify::test::read_result& read, bool set_stock,
                                 bool dry_run) {
    shopify::duplicate_skus doubled;
    for (const auto& p : read.products) doubled.add(p);
    doubled.finish();
    shopify::mapping_options options{"EUR", set_stock, dry_run, read.columns};
    options.doubled = std::make_shared<const shopify::duplicate_skus>(std::move(doubled));
    return load(read.products, std::move(options));
  }
  void refused(const shopify::loaded_product& p, const std::string& why) override {
    notes.push_back(p.handle + ": " + why);
  }
  void note(const shopify::loaded_product& p, const std::string& what) override {
    notes.push_back(p.handle + ": " + what);
  }
  void changes(const shopify::loaded_product& p, const catalog::import_answer& a) override {
    for (const auto& c : a.changes) {
      changed.push_back(p.handle + (c.variant ? " [" + *c.variant + "]" : "") + " " + c.field +
                        ": " + c.before + " -> " + c.after);
    }
  }

  template <class Command>
  result<typename Command::reply> try_run(Command command) {
    std::optional<result<typename Command::reply>> got;
    catalog.service().add(std::move(command), [&](kernel::answer a) {
      got = kernel::typed<typename Command::reply>(std::move(a)).value;
    });
    catalog.flush();
    return std::move(*got);
  }
  template <class Command>
  typename Command::reply run(Command command) {
    auto got = try_run(std::move(command));
    if (!got)
      BOOST_FAIL(got.error().detail
                 << (got.error().errors.empty() ? "" : got.error().errors.front().detail));
    return *got;
  }

  catalog::product_view by_handle(const std::string& handle) {
    auto found = catalog.find(handle);
    if (!found) BOOST_FAIL("no product " << handle);
    return *found;
  }
  std::vector<catalog::exported_product> all() {
    return catalog.service().read(catalog::export_products{std::nullopt, 1000})->data;
  }
  std::vector<import_product> exported() {
    std::vector<import_product> made;
    for (const auto& e : all()) {
      auto one = shopify::from_catalog(e, "EUR");
      if (!one) BOOST_FAIL(one.error().detail);
      made.push_back(std::move(*one));
    }
    return made;
  }
  /// The file that an export writes, ordered by handle, which is the same in every store.
  std::string export_text() {
    auto products = exported();
    std::sort(products.begin(), products.end(),
              [](const auto& a, const auto& b) { return a.handle < b.handle; });
    shopify::export_columns columns;
    for (const auto& p : products) columns.add(p);
    return shopify::test::write_text(products, columns.names());
  }
  /// The products after an export and a re-import.
  std::vector<import_product> through_a_file() {
    auto read = shopify::test::read_text(shopify::test::write_text(exported(), {"Status", "Fit"}));
    BOOST_TEST(read.fatal == "");
    BOOST_TEST(read.errors.size() == 0U);
    return read.products;
  }

  temp_dir dir;
  cli::offline_catalog catalog;
  std::vector<std::string> notes;
  std::vector<std::string> changed;
};

inline import_product shirt() {
  import_product p;
  p.handle = "shirt";
  p.title = "Shirt";
  p.body_html = "<p>Cotton</p>";
  p.vendor = "Ova";
  p.type = "Clothes > Tops";
  p.tags = {"summer", "sale"};
  p.option_names = {"Size"};
  p.extra = {{"Fit", "slim"}};
  for (const char* size : {"S", "M"}) {
    shopify::import_variant v;
    v.option_values = {size};
    v.sku = std::string("SHIRT-") + size;
    v.price = 1999;
    v.compare_at_price = 2499;
    v.grams = 150;
    v.weight_unit = "g";
    v.inventory_qty = 5;
    v.barcode = "4012345";
    v.taxable = false;
    p.variants.push_back(v);
  }
  p.images = {{"https://x.example/1.jpg", 1, "Front"}, {"https://x.example/2.jpg", 2, ""}};
  return p;
}

inline catalog::new_product by_staff(const std::string& name) {
  catalog::new_product p;
  p.name = name;
  p.price = money{500, "EUR"};
  p.on_hand = 3;
  return p;
}

inline void check_unchanged(const shopify::load_counts& c, std::size_t products) {
  BOOST_TEST(c.created == 0U);
  BOOST_TEST(c.updated == 0U);
  BOOST_TEST(c.refused == 0U);
  BOOST_TEST(c.unchanged == products);
}

}  // namespace stoa::test
