// An import into a store that staff also edit: their objects keep their ids, and re-importing an
// export changes nothing.

#include "net/shopify/catalog_mapping.hpp"

#include "net/shopify/attributes.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/import_store.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

using namespace stoa;
using namespace stoa::test;

BOOST_AUTO_TEST_SUITE(catalog_mapping)

BOOST_AUTO_TEST_CASE(a_product_goes_in_and_comes_out_the_same) {
  import_store s;
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
      import_store s;
      s.load({p});
      bool seen = published && status != std::string("draft") && status != std::string("archived");
      BOOST_TEST((s.all().front().product.status == catalog::product_status::Active) == seen);
      BOOST_TEST((s.exported() == std::vector{p}));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_staff_made_keeps_its_ids) {
  import_store s;
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
  BOOST_TEST(views.at("Plain").handle.value_or("") == "plain");
  BOOST_TEST(views.at("Plain").attributes->text.find(R"("colour":"red")") != std::string::npos);
  BOOST_TEST(views.at("Shirt").variants.size() == 3U);
  BOOST_TEST(views.at("Shirt").variants.at(2).product_id.str() == large_id.str());
  BOOST_TEST(views.at("Shirt").variants.at(2).inventory_count == 9);
}

BOOST_AUTO_TEST_CASE(a_category_that_staff_renamed_stays_so) {
  import_store s;
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
  import_store s;
  BOOST_TEST(s.load({p}).created == 1U);
  BOOST_TEST(s.all().front().product.images.size() == 2U);
  BOOST_TEST(s.notes.size() == 1U);
}

BOOST_AUTO_TEST_CASE(columns_too_long_to_keep_are_left_out) {
  auto p = shirt();
  p.extra["Fit"] = std::string(70'000, 'x');
  import_store s;
  BOOST_TEST(s.load({p}).created == 1U);
  BOOST_TEST(s.notes.size() == 1U);
  BOOST_TEST(s.exported().front().extra.empty());
  BOOST_TEST(s.exported().front().vendor == "Ova");
}

BOOST_AUTO_TEST_CASE(what_the_api_accepts_is_exported_and_imported) {
  import_store s;
  auto category = s.run(catalog::create_category{{" A > B ", std::nullopt, std::nullopt}});
  BOOST_TEST(category.name == "A > B");
  auto below = s.run(catalog::create_category{{"c\\d", std::nullopt, category.category_id}});
  auto odd = by_staff("  Odd name\t");
  odd.handle = " a/b c?d ";
  odd.description = "\r\n" + std::string(200'000, 'x') + "\r\n\ty ";
  odd.category_id = below.category_id;
  auto made = s.run(catalog::create_product{odd});
  BOOST_TEST(made.name == "Odd name");
  BOOST_TEST(*made.handle == "a/b c?d");
  s.run(catalog::add_image{made.product_id, {"https://x.example/n.jpg", " one\ntwo ", 200'000}});
  catalog::new_product large;
  large.parent_product_id = made.product_id;
  large.options = {{" " + std::string(200, 'o'), " L "}};
  s.run(catalog::create_product{large});
  const auto file = s.through_a_file();
  BOOST_TEST_REQUIRE(file.size() == 1U);
  check_unchanged(s.load(file), 1);
  import_store other;
  BOOST_TEST(other.load(file).created == 1U);
  const auto view = other.by_handle("a/b c?d");
  BOOST_TEST(view.name == "Odd name");
  BOOST_TEST(view.description == odd.description);
  BOOST_TEST(view.images.at(0).alt_text == " one\ntwo ");
  BOOST_TEST(view.images.at(0).position == 200'000);
  BOOST_TEST(view.variants.at(0).options.at(0).value == "L");
  BOOST_TEST(other.all().front().category_path == (std::vector<std::string>{"A > B", "c\\d"}),
             boost::test_tools::per_element());
  BOOST_TEST((other.exported() == s.exported()));
}

BOOST_AUTO_TEST_CASE(how_the_stock_limits_sales_is_in_the_file) {
  const std::string columns =
      "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,"
      "Variant Inventory Policy\n";
  import_store s;
  s.load_text(columns + "file,File,1.00,,0,deny\n" + "chair,Chair,1.00,shopify,-3,continue\n" +
              "cup,Cup,1.00,acme,2,deny\n");
  const auto check = [&] {
    const auto file = s.by_handle("file");
    BOOST_TEST((file.track_inventory == std::optional(false)));
    BOOST_TEST(file.available);
    const auto chair = s.by_handle("chair");
    BOOST_TEST((chair.track_inventory == std::optional(true)));
    BOOST_TEST((chair.allow_backorder == std::optional(true)));
    BOOST_TEST(*chair.on_hand == -3);
    BOOST_TEST(chair.inventory_count == 0);
    BOOST_TEST(chair.available);
    const auto cup = s.by_handle("cup");
    BOOST_TEST((cup.track_inventory == std::optional(true)));
    BOOST_TEST((cup.allow_backorder == std::optional(false)));
    BOOST_TEST(*cup.on_hand == 2);
  };
  check();
  // A file without the columns leaves it unchanged, and so does an exported one.
  s.load_text("Handle,Title\nfile,File\nchair,Chair\ncup,Cup\n", true);
  check();
  check_unchanged(s.load(s.through_a_file()), 3);
  check();
  for (const auto& p : s.exported()) {
    const auto& v = p.variants.at(0);
    const bool chair = p.handle == "chair";
    BOOST_TEST(v.inventory_tracker == (p.handle == "file" ? "" : chair ? "shopify" : "acme"));
    BOOST_TEST((v.inventory_policy == shopify::inventory_policy::keep_selling) == chair);
    BOOST_TEST(v.inventory_qty == (chair ? -3 : p.handle == "cup" ? 2 : 0));
  }
  // Back-orders are disabled: owed units stay owed. A new product without the columns is tracked.
  s.load_text(columns + "chair,Chair,1.00,shopify,0,deny\n");
  BOOST_TEST(!s.by_handle("chair").available);
  BOOST_TEST(*s.by_handle("chair").on_hand == -3);
  s.load_text("Handle,Title,Variant Price\npot,Pot,1.00\n");
  BOOST_TEST((s.by_handle("pot").track_inventory == std::optional(true)));
  BOOST_TEST(!s.by_handle("pot").available);
}

BOOST_AUTO_TEST_CASE(what_no_file_can_hold_is_refused_with_a_reason) {
  import_store other;
  other.load({shirt()});
  const auto refused = shopify::from_catalog(other.all().front(), "USD");
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().code == "not_exportable");
}

BOOST_AUTO_TEST_SUITE_END()
