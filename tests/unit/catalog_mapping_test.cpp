// An import into a store that staff work on as well: what they made keeps its ids, and an export
// that is read back changes nothing.

#include "net/shopify/catalog_mapping.hpp"

#include "net/cli/catalog_loader.hpp"
#include "net/shopify/attributes.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/shopify_files.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

using namespace stoa;
using shopify::import_product;

namespace {

struct store {
  store() : catalog(settings_of(dir), catalog::catalog_service({"EUR", seconds{900}})) {}
  static settings settings_of(const test::temp_dir& dir) {
    settings s;
    s.data.dir = dir.path().string();
    return s;
  }

  cli::load_counts load(const std::vector<import_product>& products, bool set_stock = true) {
    cli::catalog_loader loader(catalog, "EUR", set_stock,
                               [&](std::size_t, const std::string& handle, const std::string& what,
                                   bool) { notes.push_back(handle + ": " + what); });
    for (const auto& p : products) loader.add(p);
    loader.flush();
    return loader.counts();
  }

  template <class Command>
  typename Command::reply run(Command command) {
    std::optional<result<typename Command::reply>> got;
    catalog.add(std::move(command), [&](kernel::answer a) {
      got = kernel::typed<typename Command::reply>(std::move(a)).value;
    });
    catalog.flush();
    if (!*got) BOOST_FAIL((*got).error().detail);
    return **got;
  }

  std::vector<catalog::exported_product> all() {
    return catalog.read(catalog::export_products{std::nullopt, 1000})->data;
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
  /// Through the text of a file, as export and import do it.
  std::vector<import_product> through_a_file() {
    auto read = shopify::test::read_text(shopify::test::write_text(exported(), {"Status", "Fit"}));
    BOOST_TEST(read.fatal == "");
    BOOST_TEST(read.errors.size() == 0U);
    return read.products;
  }

  test::temp_dir dir;
  cli::offline_catalog catalog;
  std::vector<std::string> notes;
};

import_product shirt() {
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

catalog::new_product by_staff(const std::string& name) {
  catalog::new_product p;
  p.name = name;
  p.price = money{500, "EUR"};
  p.on_hand = 3;
  return p;
}

void check_unchanged(const cli::load_counts& c, std::size_t products) {
  BOOST_TEST(c.created == 0U);
  BOOST_TEST(c.updated == 0U);
  BOOST_TEST(c.refused == 0U);
  BOOST_TEST(c.unchanged == products);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(catalog_mapping)

BOOST_AUTO_TEST_CASE(a_product_goes_in_and_comes_out_the_same) {
  store s;
  BOOST_TEST(s.load({shirt()}).created == 1U);
  BOOST_TEST((s.exported() == std::vector{shirt()}));
  check_unchanged(s.load({shirt()}), 1);
  const auto view = s.all().front();
  BOOST_TEST(view.category_path == (std::vector<std::string>{"Clothes", "Tops"}),
             boost::test_tools::per_element());
  BOOST_TEST(view.product.product_id.str() == shopify::id_for("shirt").str());
  BOOST_TEST(view.product.variants.size() == 2U);
  BOOST_TEST(s.notes.size() == 0U);
}

BOOST_AUTO_TEST_CASE(published_and_status_together_say_what_is_seen) {
  for (bool published : {false, true}) {
    for (const char* status : {"", "active", "draft", "archived"}) {
      auto p = shirt();
      p.published = published;
      if (*status != '\0') p.extra["Status"] = status;
      store s;
      s.load({p});
      bool seen = published && status != std::string("draft") && status != std::string("archived");
      BOOST_TEST((s.all().front().product.status == catalog::product_status::Active) == seen);
      BOOST_TEST((s.exported() == std::vector{p}));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_staff_made_keeps_its_ids) {
  store s;
  s.load({shirt()});
  const auto shirt_id = shopify::id_for("shirt");
  auto plain = by_staff("Plain");
  plain.attributes = json::raw{R"({"colour":"red","tags":7})"};
  s.run(catalog::create_product{plain});
  auto named = by_staff("Named");
  named.handle = "named";
  const auto named_id = s.run(catalog::create_product{named}).product_id;
  catalog::new_product large;
  large.parent_product_id = shirt_id;
  large.options = {{"Size", "L"}};
  large.price = money{1999, "EUR"};
  large.on_hand = 9;
  const auto large_id = s.run(catalog::create_product{large}).product_id;
  const auto image_id =
      s.run(catalog::add_image{named_id, {"https://x.example/n.jpg", "N", std::nullopt}}).image_id;

  const auto file = s.through_a_file();
  BOOST_TEST(file.size() == 3U);
  const auto counts = s.load(file);
  BOOST_TEST(counts.created == 0U);
  BOOST_TEST(counts.refused == 0U);
  check_unchanged(s.load(s.through_a_file()), 3);
  std::map<std::string, catalog::product_view> views;
  for (const auto& e : s.all()) views.emplace(e.product.name, e.product);
  BOOST_TEST(views.at("Named").product_id.str() == named_id.str());
  BOOST_TEST(views.at("Named").images.at(0).image_id.str() == image_id.str());
  BOOST_TEST(!views.at("Plain").handle.has_value());
  BOOST_TEST(views.at("Plain").attributes->text.find(R"("colour":"red")") != std::string::npos);
  BOOST_TEST(views.at("Shirt").variants.size() == 3U);
  BOOST_TEST(views.at("Shirt").variants.at(2).product_id.str() == large_id.str());
  BOOST_TEST(views.at("Shirt").variants.at(2).inventory_count == 9);
}

BOOST_AUTO_TEST_CASE(a_category_that_staff_renamed_stays_so) {
  store s;
  s.load({shirt()});
  const auto tops = *s.all().front().product.category_id.value;
  catalog::category_change change;
  change.name = "Shirts";
  s.run(catalog::change_category{tops, change});
  BOOST_TEST(s.exported().front().type == "Clothes > Shirts");
  check_unchanged(s.load(s.through_a_file()), 1);
}

BOOST_AUTO_TEST_CASE(an_image_whose_url_the_catalogue_refuses_is_left_out) {
  auto p = shirt();
  p.images.push_back({"https://x.example/\"quoted\".jpg", 3, ""});
  store s;
  BOOST_TEST(s.load({p}).created == 1U);
  BOOST_TEST(s.all().front().product.images.size() == 2U);
  BOOST_TEST(s.notes.size() == 1U);
}

BOOST_AUTO_TEST_CASE(columns_too_long_to_keep_are_left_out) {
  auto p = shirt();
  p.extra["Fit"] = std::string(70'000, 'x');
  store s;
  BOOST_TEST(s.load({p}).created == 1U);
  BOOST_TEST(s.notes.size() == 1U);
  BOOST_TEST(s.exported().front().extra.empty());
  BOOST_TEST(s.exported().front().vendor == "Ova");
}

BOOST_AUTO_TEST_CASE(what_no_file_can_hold_is_refused_with_a_reason) {
  store s;
  auto p = by_staff("Odd");
  p.handle = "a b";
  s.run(catalog::create_product{p});
  const auto odd = shopify::from_catalog(s.all().front(), "EUR");
  BOOST_REQUIRE(!odd);
  BOOST_TEST(odd.error().code == "not_exportable");
  store other;
  other.load({shirt()});
  BOOST_TEST(!shopify::from_catalog(other.all().front(), "USD"));
}

BOOST_AUTO_TEST_SUITE_END()
