// Shopify's product CSV: accepted values, rejections, and their messages.
#include "net/shopify/shopify_csv.hpp"
#include "tests/support/shopify_files.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

using namespace stoa::shopify;
using namespace stoa::shopify::test;

namespace {

const std::string head =
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image "
    "Src\n";

void check_error(const std::string& rows, std::size_t line, const std::string& column,
                 const std::string& value, const std::string& reason) {
  read_result got = read_text(head + rows + "good,Good,,,,1,2.00,\n");
  auto found = std::find_if(got.errors.begin(), got.errors.end(), [&](const row_error& e) {
    return e.line == line && e.column == column && e.value == value &&
           e.reason.find(reason) != std::string::npos;
  });
  BOOST_TEST((found != got.errors.end()),
             "no such error: " << column << " " << value << " " << reason);
  for (const row_error& e : got.errors) {
    BOOST_TEST_MESSAGE("  " << e.line << " '" << e.column << "' '" << e.value << "' " << e.reason);
  }
  BOOST_TEST_REQUIRE(!got.products.empty());
  BOOST_TEST(got.products.back().handle == "good");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shopify_reader)

BOOST_AUTO_TEST_CASE(variants_and_images_in_following_rows) {
  read_result got = read_text(
      "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 "
      "Name,Option2 "
      "Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Inventory Policy,Variant "
      "Price,Variant "
      "Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image "
      "Position,"
      "Image Alt Text,Variant Image,Variant Weight Unit,Variant Tax Code,SEO Title,Cost per "
      "item\r\n"
      "shirt,Shirt,\"<p>Two\r\nlines</p>\",Maker,Clothing > Tops,\"men, new , "
      "men\",TRUE,Size,S,Colour,Red,"
      "S-R,180,5,deny,1299.5,1400,true,false,123,https://x.example/1.jpg,,Front,https://x.example/"
      "r.jpg,kg,"
      "P1,Buy a shirt,4.20\r\n"
      "shirt,,,,,,,,M,,Red,M-R,190.6,7,continue,13,,false,true,,https://x.example/"
      "2.jpg,,,,,,,4.50\r\n"
      "shirt,,,,,,,,,,,,,,,,,,,,https://x.example/3.jpg,9,Back,,,,,\r\n"
      "mug,Mug,,,,,false,Title,Default Title,,,,,,,8,,,,,,,,,,,,\r\n");
  BOOST_TEST(got.errors.empty());
  BOOST_TEST_REQUIRE(got.products.size() == 2U);
  const import_product& shirt = got.products[0];
  BOOST_TEST(shirt.body_html == "<p>Two\r\nlines</p>");
  BOOST_TEST((shirt.tags == std::vector<std::string>{"men", "new"}));
  BOOST_TEST((shirt.option_names == std::vector<std::string>{"Size", "Colour"}));
  BOOST_TEST((shirt.extra == extra_columns{{"SEO Title", "Buy a shirt"}}));
  BOOST_TEST(shirt.line == 2U);
  BOOST_TEST_REQUIRE(shirt.variants.size() == 2U);
  const import_variant& small = shirt.variants[0];
  BOOST_TEST(small.price == 129950);
  BOOST_TEST(small.compare_at_price.value() == 140000);
  BOOST_TEST(small.grams == 180);
  BOOST_TEST(!small.taxable);
  BOOST_TEST(small.image_src == "https://x.example/r.jpg");
  BOOST_TEST((small.extra == extra_columns{{"Cost per item", "4.20"}}));
  const import_variant& medium = shirt.variants[1];
  BOOST_TEST((medium.option_values == std::vector<std::string>{"M", "Red"}));
  BOOST_TEST(medium.grams == 191);
  BOOST_TEST((medium.inventory_policy == inventory_policy::keep_selling));
  BOOST_TEST(!medium.compare_at_price);
  BOOST_TEST(medium.line == 4U);
  BOOST_TEST((shirt.images == std::vector<import_image>{{"https://x.example/1.jpg", 1, "Front"},
                                                        {"https://x.example/2.jpg", 2, ""},
                                                        {"https://x.example/3.jpg", 9, "Back"}}));
  const import_product& mug = got.products[1];
  BOOST_TEST(!mug.published);
  BOOST_TEST(mug.option_names.empty());
  BOOST_TEST_REQUIRE(mug.variants.size() == 1U);
  BOOST_TEST(mug.variants[0].option_values.empty());
  BOOST_TEST(got.statistics.rows == 4U);
  BOOST_TEST(got.statistics.variants == 3U);
  BOOST_TEST(got.statistics.images == 3U);
  check_round_trip(got);
}

BOOST_AUTO_TEST_CASE(new_names_any_case_any_order) {
  std::string old_names = read_text("").fatal;
  BOOST_TEST(old_names.find("empty") != std::string::npos);
  read_result by_old = read_text(
      "Handle,Title,Body (HTML),Published,Variant SKU,Variant Grams,Variant Price,Variant Compare "
      "At Price,Variant "
      "Inventory Qty,Variant Inventory Policy,Variant Taxable,Image Src,Variant Image,Variant "
      "Weight Unit,SEO Title\n"
      "a,A,x,false,s,10,1.00,2.00,3,continue,false,http://x.example,http://y.example,oz,t\n");
  read_result by_new = read_text(
      "\xEF\xBB\xBFSEO title,TITLE,url handle,Description,Published on online store,SKU,Weight "
      "value (grams),Price,Compare-at "
      "price,Inventory quantity,Continue selling when out of stock,Charge tax,Product image "
      "URL,Variant image "
      "URL,Weight unit for display\n"
      "t,A,a,x,FALSE,s,10,1,2,3,CONTINUE,no,http://x.example,http://y.example,oz\n");
  BOOST_TEST(by_new.errors.empty());
  BOOST_TEST_REQUIRE(by_new.products.size() == 1U);
  BOOST_TEST((by_new.products == by_old.products));
}

BOOST_AUTO_TEST_CASE(missing_columns) {
  read_result got = read_text("Title,Handle\nMug,mug\nCup,cup\n");
  BOOST_TEST(got.errors.empty());
  BOOST_TEST_REQUIRE(got.products.size() == 2U);
  BOOST_TEST(got.products[0].published);
  BOOST_TEST(got.products[0].variants.size() == 1U);
  BOOST_TEST(
      read_text("Title,Variant Price\nMug,1\n").fatal.find("\"Handle\" (or \"URL handle\")") !=
      std::string::npos);
  BOOST_TEST(read_text("Handle,Variant Price\nmug,1\n").fatal.find("\"Title\"") !=
             std::string::npos);
  // An option has both columns and follows the previous option.
  for (const auto& [columns, missing] :
       {std::pair{"Option2 Name,Option2 Value", "Option1 Name"},
        std::pair{"Option1 Name,Option1 Value,Option3 Name,Option3 Value", "Option2 Name"},
        std::pair{"Option1 Value", "Option1 Name"}, std::pair{"Option1 Name", "Option1 Value"},
        std::pair{"Option1 Name,Option1 Value,Option2 Value", "Option2 Name"},
        std::pair{"Option1 Name,Option1 Value,Option2 Name", "Option2 Value"}}) {
    const auto fatal = read_text(std::string("Handle,Title,") + columns + "\na,A,x,y,z,z\n").fatal;
    BOOST_TEST(fatal.find(std::string("but no column \"") + missing) != std::string::npos, fatal);
  }
  for (const char* text : {"Handle;Title\nmug;Mug\n", "Handle\tTitle\nmug\tMug\n"}) {
    BOOST_TEST(read_text(text).fatal.find("separated by commas") != std::string::npos, text);
  }
  BOOST_TEST(read_text("Handle,Title,URL handle\n").fatal.find("twice") != std::string::npos);
  BOOST_TEST(read_text("Handle,Title,SEO Title,SEO title\n").fatal.find("twice") !=
             std::string::npos);
  BOOST_TEST(read_text("Handle,\"Title\nmug,Mug\n").fatal.find("line 1") != std::string::npos);
  BOOST_TEST(read_text("Handle,Title\nmug,Mug\n", "EURO").fatal.find("EURO") != std::string::npos);
  BOOST_TEST(read_text("Handle,Title\nmug,Mug\n", "EURO").products.empty());
}

BOOST_AUTO_TEST_CASE(bad_values_name_line_column_value_and_reason) {
  check_error("a,A,,,,1,abc,\n", 2, "Variant Price", "abc", "not a price");
  check_error("a,A,,,,1,-1.00,\n", 2, "Variant Price", "-1.00", "negative");
  check_error("a,A,,,,1,1.005,\n", 2, "Variant Price", "1.005", "decimals");
  check_error("a,A,,,,1,\"1,299.00\",\n", 2, "Variant Price", "1,299.00", "not a price");
  check_error("a,A,,,,1,99999999999999999999999,\n", 2, "Variant Price", "99999999999999999999999",
              "too large");
  check_error("a,A,,,,1,1e5,\n", 2, "Variant Price", "1e5", "not a price");
  check_error("a,A,,,,1.5,1,\n", 2, "Variant Inventory Qty", "1.5", "whole number");
  check_error("a,A,,,,99999999999,1,\n", 2, "Variant Inventory Qty", "99999999999", "too large");
  check_error("a,A,,,,1,1,ftp://x/y.jpg\n", 2, "Image Src", "ftp://x/y.jpg", "http");
  check_error("a,A,,,,1,1,http://\n", 2, "Image Src", "http://", "host");
  check_error("a,A,,,,1,1,https://x y.example/a.jpg\n", 2, "Image Src", "https://x y.example/a.jpg",
              "invalid");
  check_error("a,,,,,1,1,\n", 2, "Title", "", "title");
  check_error(",A,,,,1,1,\n", 2, "Handle", "", "missing");
  check_error("a\tb,A,,,,1,1,\n", 2, "Handle", "a\tb", "control");
  check_error("a,A,,Red,,1,1,\n", 2, "Option1 Value", "Red", "without an option name");
  check_error("a,A,Size,,X,1,1,\n", 2, "Option1 Value", "", "no value");
  check_error("a,A,,,,1,1,\na,,,,,,,\n", 3, "", "a", "neither");
  check_error("a,A,Size,S,,1,1,\na,,,S,,1,1,\n", 3, "", "a", "variant in line 2");
  check_error("a,A,,,,1,1,\na,,,,SKU,1,1,\n", 3, "", "a", "variant in line 2");
  check_error("a,A,,,,1,,\n", 2, "Variant Price", "", "has no price");
  check_error("a,A,Size,S,,1,abc,\n", 2, "Variant Price", "abc", "not a price");
  check_error("a,A,Size,S,,1,,\n", 2, "Variant Price", "", "no price");
  check_error("a,A,,,,1,1,,,x,\n", 2, "", "", "fields");
  check_error("a,A \"x\",,,,1,1,\n", 2, "Title", "", "quote");
  check_error("a,\xFF,,,,1,1,\n", 2, "Title", "", "UTF-8");
  check_error("a,A\x01,,,,1,1,\n", 2, "Title", "A\x01", "control");
  std::string longest(255, 'x');
  BOOST_TEST(read_text(head + "a," + longest + ",,,,1,1,\n").errors.empty());
  check_error("a," + longest + "y,,,,1,1,\n", 2, "Title", longest.substr(0, 80) + "...",
              "too long");
}

BOOST_AUTO_TEST_CASE(a_bad_row_is_skipped_and_the_rest_imported) {
  read_result got = read_text(head +
                              "a,A,Size,S,,1,abc,https://x.example/1.jpg\n"
                              "a,,,M,,1,2.00,https://x.example/2.jpg\n"
                              "a,,,L,,1,3.00,nowhere\n"
                              "b,,,,,1,1,\n"
                              "b,,,,,2,2,\n"
                              "c,C,,,,-1,1,\n");
  BOOST_TEST_REQUIRE(got.products.size() == 2U);
  BOOST_TEST(got.products[0].title == "A");
  BOOST_TEST_REQUIRE(got.products[0].variants.size() == 1U);
  BOOST_TEST(got.products[0].variants[0].price == 200);
  BOOST_TEST(got.products[0].images.size() == 1U);
  BOOST_TEST(got.products[1].variants[0].inventory_qty == -1);
  BOOST_TEST(got.statistics.rows_skipped == 4U);
  BOOST_TEST(got.statistics.warnings == 0U);
  BOOST_TEST_REQUIRE(got.errors.size() == 4U);
  BOOST_TEST(got.errors[2].line == 5U);
  BOOST_TEST(got.errors[3].reason.find("line 5") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_spreadsheets_leave_behind_costs_nothing) {
  read_result got = read_text(head +
                              ",,,,,,,\n"
                              "a,A,Size,S,,5.0,1.00,https://x.example/a b.jpg\n"
                              " , ,,,,,,\n"
                              "a,,,M,,3.00,2.00,//x.example/\xC3\xA9 100%.jpg?a=[1]#x#y,\n"
                              "b,B,,,,-2.0,1,,,,\n"
                              ",,,\n");
  BOOST_TEST(got.statistics.rows == 3U);
  BOOST_TEST(got.statistics.rows_skipped == 0U);
  BOOST_TEST(got.statistics.warnings == 0U);
  BOOST_TEST_REQUIRE(got.products.size() == 2U);
  const import_product& a = got.products[0];
  BOOST_TEST_REQUIRE(a.variants.size() == 2U);
  BOOST_TEST(a.variants[0].inventory_qty == 5);
  BOOST_TEST(a.variants[1].inventory_qty == 3);
  BOOST_TEST_REQUIRE(a.images.size() == 2U);
  BOOST_TEST(a.images[0].src == "https://x.example/a%20b.jpg");
  BOOST_TEST(a.images[1].src == "https://x.example/%C3%A9%20100%25.jpg?a=%5B1%5D#x%23y");
  check_round_trip(got);
  for (const char* text : {"5.5", "5.", ".0", "5.0.0", "5,0", "5.0x"}) {
    std::int64_t number = 0;
    BOOST_TEST(!parse_integer(text, number).empty(), text);
  }
  // The result is always a URL that the catalogue accepts.
  BOOST_TEST(web_url("https://x.example/a%20b") == "https://x.example/a%20b");
  BOOST_TEST(!check_url(web_url("//")).empty());
  BOOST_TEST(!check_url(web_url("/a b.jpg")).empty());
  BOOST_TEST(check_url(web_url("http://x.example?q=a b\"<>|\\^`{}")).empty());
}

BOOST_AUTO_TEST_CASE(rows_of_a_product_without_a_price_count) {
  read_result got =
      read_text(head + "a,A,,,,1,,https://x.example/1.jpg\na,,,,,,,https://x.example/2.jpg\n");
  BOOST_TEST(got.products.empty());
  BOOST_TEST(got.statistics.rows_skipped == 2U);
  BOOST_TEST_REQUIRE(got.errors.size() == 1U);
  BOOST_TEST(got.errors[0].column == "Variant Price");
}

BOOST_AUTO_TEST_CASE(texts_keep_their_line_breaks_and_lose_control_characters) {
  read_result got = read_text(
      "Handle,Title,Body (HTML),Image Src,Image Alt Text\n"
      "a/b c,A,\"x\r\ny\tz\",https://x.example/1.jpg,\"one\ntwo\"\n"
      "b,B,\"x\x0By\xC2\x85z\",,\n");
  BOOST_TEST_REQUIRE(got.products.size() == 2U);
  BOOST_TEST(got.products[0].handle == "a/b c");
  BOOST_TEST(got.products[0].body_html == "x\r\ny\tz");
  BOOST_TEST(got.products[0].images[0].alt == "one\ntwo");
  BOOST_TEST(got.products[1].body_html == "xyz");
  BOOST_TEST(got.statistics.warnings == 1U);
  BOOST_TEST(got.statistics.rows_skipped == 0U);
}

BOOST_AUTO_TEST_CASE(the_columns_of_the_file_are_known) {
  auto joined = [](const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += name + ";";
    return text;
  };
  const file_columns few = read_text("Title,URL handle,SEO title,price,Status\n").columns;
  BOOST_TEST(joined(few.updated()) == "Title;Variant Price;SEO Title;Status;");
  BOOST_TEST(few.has(column::handle));
  BOOST_TEST(!few.has(column::sku));
  BOOST_TEST(few.has_extra("seo title"));
  BOOST_TEST(few.options() == 0U);
  BOOST_TEST(few.kept().size() == 27);
  BOOST_TEST(joined(file_columns::all().kept()) == "Status;");
  BOOST_TEST(file_columns::all().options() == 10U);
}

BOOST_AUTO_TEST_CASE(the_document_says_what_an_empty_cell_means) {
  std::ifstream in(STOA_SOURCE_DIR "/docs/import.md", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  std::vector<std::pair<std::string_view, std::string_view>> rows{
      {status_column, empty_status_means}};
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto which = static_cast<column>(i);
    rows.emplace_back(name_of(which), empty_cell_means(which));
  }
  for (const auto& [column_name, meaning] : rows) {
    std::string name = "| `" + std::string(column_name) + "` | ";
    std::string empty = " | " + std::string(meaning) + " |\n";
    auto at = text.str().find(name);
    BOOST_TEST_REQUIRE((at != std::string::npos), name);
    auto end = text.str().find('\n', at) + 1;
    BOOST_TEST(text.str().substr(0, end).ends_with(empty), name << " should end with" << empty);
  }
}

BOOST_AUTO_TEST_CASE(a_handle_that_reappears_names_its_first_line) {
  read_result got = read_text(head + "a,A,,,,1,1,\nb,B,,,,1,1,\na,A again,,,,1,1,\na,,,,S,1,1,\n");
  BOOST_TEST(got.products.size() == 2U);
  BOOST_TEST_REQUIRE(got.errors.size() == 2U);
  for (const row_error& e : got.errors) {
    BOOST_TEST(e.column == "Handle");
    BOOST_TEST(e.value == "a");
    BOOST_TEST(e.reason.find("line 2") != std::string::npos);
  }
  BOOST_TEST(got.errors[1].line == 5U);
}

BOOST_AUTO_TEST_CASE(contradicting_rows_of_a_product_are_reported) {
  read_result same = read_text(head + "a,A,Size,S,,1,1,\na,A,Size,M,,1,1,\n");
  BOOST_TEST(same.errors.empty());
  read_result other = read_text(head + "a,A,Size,S,,1,1,\na,B,Fit,M,,1,1,\n");
  BOOST_TEST(other.statistics.warnings == 2U);
  BOOST_TEST(other.statistics.rows_skipped == 0U);
  BOOST_TEST(other.products[0].variants.size() == 2U);
  BOOST_TEST(other.products[0].title == "A");
  read_result nameless = read_text("Handle,Title,,\na,A,x,\n");
  BOOST_TEST_REQUIRE(nameless.errors.size() == 1U);
  BOOST_TEST(nameless.products.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_first_row_without_a_variant) {
  read_result got =
      read_text(head + "a,A,,,,,,https://x.example/1.jpg\na,,Size,S,,1,1,\na,,,M,,1,2,\n");
  BOOST_TEST(got.errors.empty());
  BOOST_TEST_REQUIRE(got.products.size() == 1U);
  BOOST_TEST(got.products[0].variants.size() == 2U);
  BOOST_TEST(got.products[0].images.size() == 1U);
  check_round_trip(got);
}

BOOST_AUTO_TEST_CASE(currencies_have_their_own_decimals) {
  auto price = [](const char* text, const char* currency) {
    read_result got = read_text(std::string("Handle,Title,Price\na,A,") + text + "\n", currency);
    return got.products.empty() ? -1 : got.products[0].variants[0].price;
  };
  BOOST_TEST(price("12.5", "EUR") == 1250);
  BOOST_TEST(price("12", "EUR") == 1200);
  BOOST_TEST(price(".5", "EUR") == 50);
  BOOST_TEST(price("0.00", "EUR") == 0);
  BOOST_TEST(price("12.5000", "EUR") == 1250);
  BOOST_TEST(price("500", "JPY") == 500);
  BOOST_TEST(price("500.00", "JPY") == 500);
  BOOST_TEST(price("500.50", "JPY") == -1);
  BOOST_TEST(price("1.234", "KWD") == 1234);
  BOOST_TEST(price(".", "EUR") == -1);
  BOOST_TEST(price("1.2.3", "EUR") == -1);
  read_result yen = read_text("Handle,Title,Price\na,A,500\n", "JPY");
  check_round_trip(yen, "JPY");
}

BOOST_AUTO_TEST_CASE(the_list_of_errors_is_bounded) {
  std::string text = head;
  for (std::size_t i = 0; i < reader::errors_max + 50; ++i) text += ",x,,,,,,\n";
  read_result got = read_text(text);
  BOOST_TEST(got.errors.size() == reader::errors_max);
  BOOST_TEST(got.statistics.errors_lost == 50U);
  BOOST_TEST(got.statistics.rows_skipped == reader::errors_max + 50);
}

BOOST_AUTO_TEST_CASE(variants_and_images_are_bounded) {
  std::string text = head;
  for (std::size_t i = 0; i < reader::variants_max + 1; ++i) {
    text += "a," + std::string(i == 0 ? "A,Size," : ",,") + std::to_string(i) + ",,1,1,\n";
  }
  for (std::size_t i = 0; i < reader::images_max + 1; ++i)
    text += "a,,,,,,,https://x.example/i.jpg\n";
  read_result got = read_text(text);
  BOOST_TEST(got.products[0].variants.size() == reader::variants_max);
  BOOST_TEST(got.products[0].images.size() == reader::images_max);
  BOOST_TEST(got.errors.size() == 2U);
}

BOOST_AUTO_TEST_CASE(columns_that_are_not_used_are_bounded) {
  std::string long_value(700'000, 'x');
  read_result got = read_text("Handle,Title,Fabric,Unit price total measure\na,A," + long_value +
                              "," + long_value + "\nb,B,x,y\n");
  BOOST_TEST_REQUIRE(got.products.size() == 2U);
  BOOST_TEST(got.products[0].extra.at("Fabric").size() == long_value.size());
  BOOST_TEST(got.products[0].variants[0].extra.empty());
  BOOST_TEST(got.products[1].variants[0].extra.size() == 1U);
  BOOST_TEST_REQUIRE(got.errors.size() == 1U);
  BOOST_TEST(got.errors[0].value.size() == 83U);
  BOOST_TEST(!got.errors[0].row_skipped);
  BOOST_TEST(read_text("Handle,Title," + long_value + "\n").fatal.find("too long") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(shopify_ids)

BOOST_AUTO_TEST_CASE(ids_follow_from_the_content_alone) {
  BOOST_TEST((id_for("shirt") == id_for("shirt")));
  BOOST_TEST((id_for("shirt") != id_for("shirts")));
  BOOST_TEST((id_for("shirt", {}) != id_for("shirt")));
  BOOST_TEST((id_for("shirt", {"ab", "c"}) != id_for("shirt", {"a", "bc"})));
  BOOST_TEST((id_for("shirt", {"S"}) != id_for("shirt", {"S", ""})));
  BOOST_TEST((image_id_for("a", "u", 0) != image_id_for("a", "u", 1)));
  // Stores contain these ids: if they change, an import creates every product a second time.
  BOOST_TEST(id_for("shirt").str() == "4b791864-2005-83a9-beb9-1286f02068dd");
  BOOST_TEST(id_for("shirt", {"S", "Red"}).str() == "94ae333c-f615-8a34-917b-a9a8033fa675");
  BOOST_TEST(category_id_for({"Home", "Kitchen"}).str() == "41ccd08a-1ef5-8ff1-a592-709cda9898bc");
  std::string text = id_for("shirt").str();
  BOOST_TEST(text[14] == '8');
  BOOST_TEST(std::string("89ab").find(text[19]) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(category_paths) {
  BOOST_TEST((category_path("Home > Kitchen") == std::vector<std::string>{"Home", "Kitchen"}));
  BOOST_TEST((category_path(" Home>> Kitchen >") == std::vector<std::string>{"Home", "Kitchen"}));
  BOOST_TEST(category_path(" > ").empty());
  BOOST_TEST((category_path("Men's") == std::vector<std::string>{"Men's"}));
  BOOST_TEST((category_path("A \\> B > C\\\\") == std::vector<std::string>{"A > B", "C\\"}));
  BOOST_TEST((category_path("a\\b\\") == std::vector<std::string>{"a\\b\\"}));
  const std::vector<std::string> odd{"A > B", ">", "\\", "a\\b", "\\>", "plain"};
  BOOST_TEST((category_path(type_of(odd)) == odd));
}

BOOST_AUTO_TEST_SUITE_END()
