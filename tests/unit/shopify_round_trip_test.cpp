// An export is imported as the same products.
#include "net/shopify/catalog_export.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "tests/support/shopify_files.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

using namespace stoa::shopify;
using namespace stoa::shopify::test;

namespace {

std::filesystem::path shared_folder() {
  if (const char* set = std::getenv("STOA_SHARED")) return set;
  return std::filesystem::path(__FILE__).parent_path() / "../../../shared";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shopify_round_trip)

BOOST_AUTO_TEST_CASE(shopifys_own_sample_stores) {
  std::filesystem::path folder = shared_folder() / "data/shopify";
  if (!std::filesystem::exists(folder)) {
    stoa::test::skip("no sample files in " + folder.string());
    return;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    ++files;
    std::ifstream in(entry.path(), std::ios::binary);
    read_result got = read_stream(in);
    BOOST_TEST(got.fatal == "");
    for (const row_error& e : got.errors)
      BOOST_ERROR(entry.path() << ":" << e.line << " " << e.reason);
    BOOST_TEST(got.products.size() > 10U);
    BOOST_TEST(got.statistics.rows_skipped == 0U);
    check_round_trip(got);
    if (entry.path().filename() != "apparel.csv") continue;
    auto top = std::find_if(got.products.begin(), got.products.end(), [](const import_product& p) {
      return p.handle == "classic-varsity-top";
    });
    BOOST_TEST_REQUIRE((top != got.products.end()));
    BOOST_TEST(top->variants.size() == 3U);
    BOOST_TEST(top->variants[0].price == 6000);
  }
  BOOST_TEST(files >= 2U);
}

BOOST_AUTO_TEST_CASE(a_column_that_the_header_lacks_is_reported) {
  import_product product;
  product.handle = product.title = "a";
  product.variants.emplace_back();
  product.extra = {{"Status", "active"}, {"SEO title", "x"}};
  std::ostringstream out;
  writer sink(out, "EUR");
  sink.write_product(product);
  BOOST_TEST((sink.columns_left_out() == std::set<std::string>{"Status"}));
  BOOST_CHECK_THROW(writer(out, "???"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(random_products) {
  auto seed = static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count());
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  auto below = [&](std::size_t n) { return random() % n; };
  const std::vector<std::string> pieces{
      "a", "B",   "\"",           ",", ";", "\xC3\xA9", "\xF0\x9F\x8E\x81", "=1+1", "x y",
      "'", "<b>", "\xEF\xBB\xBFz"};
  const std::vector<std::string> breaks{"\n", "\r\n", "\r", "\t", " "};
  auto line = [&](std::size_t least) {
    std::string text;
    for (std::size_t n = least + below(4); n > 0; --n) text += pieces[below(pieces.size())];
    return text;
  };
  auto lines = [&] { return line(0) + breaks[below(breaks.size())] + line(1); };
  for (int round = 0; round < 300; ++round) {
    std::vector<import_product> all(1 + below(4));
    for (std::size_t i = 0; i < all.size(); ++i) {
      import_product& p = all[i];
      p.handle = "h-" + std::to_string(i) + (below(2) ? "\xC3\xA9" : "");
      p.title = line(1);
      p.body_html = below(3) ? lines() : "";
      p.vendor = line(0);
      p.type = line(0);
      for (std::size_t n = below(3); n > 0; --n) p.tags.push_back("tag" + std::to_string(n));
      p.published = below(2);
      if (below(2)) p.extra["SEO Title"] = lines();
      if (below(2)) p.extra["Status"] = "draft";
      if (below(2)) p.attributes = R"({"a":[1,"x, \"y\""]})";
      std::size_t options = below(3) ? below(4) : below(options_max + 1);
      for (std::size_t n = 0; n < options; ++n)
        p.option_names.push_back("o" + std::to_string(n) + line(0));
      for (std::size_t n = options == 0 ? 1 : 1 + below(4); n > 0; --n) {
        import_variant& v = p.variants.emplace_back();
        for (std::size_t o = 0; o < options; ++o)
          v.option_values.push_back(line(1) + std::to_string(n));
        v.sku = below(2) ? "s" + line(0) : "";
        v.grams = static_cast<std::int64_t>(below(10'000));
        v.weight_unit = below(2) ? "kg" : "";
        v.inventory_qty = static_cast<std::int64_t>(below(100)) - 20;
        v.inventory_policy = below(2) ? inventory_policy::deny : inventory_policy::keep_selling;
        v.price = static_cast<std::int64_t>(below(1'000'000));
        if (below(2)) v.compare_at_price = static_cast<std::int64_t>(below(100'000));
        v.requires_shipping = below(2);
        v.taxable = below(2);
        v.barcode = line(0);
        v.image_src = below(2) ? "https://x.example/v,%C3%A9.jpg" : "";
        v.tax_code = line(0);
        v.fulfillment_service = line(0);
        v.inventory_tracker = line(0);
        if (below(2)) v.extra["Cost per item"] = line(1);
        if (below(2)) v.attributes = R"({"b":{}})";
      }
      for (std::size_t n = below(6); n > 0; --n) {
        p.images.push_back({"http://x.example/" + std::to_string(n),
                            static_cast<std::int64_t>(1 + below(9)), below(2) ? lines() : ""});
      }
      for (import_image& image : p.images) image.alt = std::string(trim(image.alt));
    }
    export_columns columns;
    for (const import_product& p : all) columns.add(p);
    read_result got = read_text(write_text(all, columns.names()));
    for (const row_error& e : got.errors)
      BOOST_ERROR("seed " << seed << " " << e.column << " " << e.value << " " << e.reason);
    BOOST_TEST_REQUIRE((without_lines(got.products) == all), "seed " << seed << " round " << round);
  }
}

BOOST_AUTO_TEST_CASE(any_cells_end_without_a_crash_and_what_is_read_reads_back) {
  auto seed = static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count());
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const std::vector<std::string> cells{"",     "",         "a",
                                       "b",    "1",        "-1",
                                       "1.5",  "Title",    "Default Title",
                                       "true", "\"x\ny\"", "\"",
                                       "kg",   "deny",     "http://x.example",
                                       "a b",  "\xFF",     "99999999999999999999"};
  const std::vector<std::string>& header = standard_header();
  std::size_t imported = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = 0; i < header.size(); ++i) text += (i ? "," : "") + header[i];
    for (std::size_t rows = random() % 8; rows > 0; --rows) {
      text += "\n" + std::string(random() % 2 ? "a" : "b") + ",";
      text += random() % 2 ? "T" : "";
      for (std::size_t i = 2; i < header.size(); ++i) {
        text += "," + (random() % 12 == 0 ? cells[random() % cells.size()]
                       : header[i] == "Variant Price" && random() % 2 ? "5"
                                                                      : "");
      }
    }
    read_result got = read_text(text);
    BOOST_TEST_REQUIRE(got.fatal == "");
    imported += got.products.size();
    check_round_trip(got);
  }
  BOOST_TEST(imported > 300U);
}

BOOST_AUTO_TEST_SUITE_END()
