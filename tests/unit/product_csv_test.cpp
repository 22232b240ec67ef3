// Stoa's product CSV without a store: cells, columns, the structure of files, the places of errors.

#include "net/product_csv/csv_cells.hpp"
#include "net/product_csv/product_reader.hpp"
#include "net/product_csv/product_writer.hpp"
#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <sstream>

using namespace stoa;
using namespace stoa::product_csv;

namespace {

/// The products of a file, as JSON; errors as "line column code".
std::vector<std::string> read_all(const std::string& file) {
  std::istringstream in(file);
  product_reader reader(in, "EUR");
  std::vector<std::string> all;
  while (const auto product = reader.next()) {
    for (const auto& e : product->errors) {
      all.push_back(std::to_string(e.line) + ' ' + e.column + ' ' + e.code);
    }
    if (product->errors.empty()) all.push_back(json::write(product->line));
  }
  if (!reader.fatal().empty()) all.push_back(reader.fatal());
  return all;
}

std::string one(const std::string& file) {
  const auto all = read_all(file);
  BOOST_TEST_REQUIRE(!all.empty());
  return all.front();
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string written(const std::vector<std::string>& lines) {
  column_collector columns;
  for (const auto& line : lines) columns.add(line);
  std::ostringstream out;
  product_writer writer(out, columns.names());
  writer.write_header();
  for (const auto& line : lines) writer.write(line);
  return out.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(product_csv_files)

BOOST_AUTO_TEST_CASE(no_cell_is_a_formula_and_each_is_read_as_it_was) {
  for (const std::string start : {"=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D"}) {
    for (const std::string before : {"", "'", "''", "'''"}) {
      const auto text = before + start + "1+1";
      const auto cell = safe_cell(text);
      BOOST_TEST(cell == "'" + text);
      BOOST_TEST(plain_cell(cell) == text);
    }
  }
  for (const std::string text : {"", "'", "''", "'a", "a=1", " =1", "1-1", "'''x", "\"=1\""}) {
    BOOST_TEST(safe_cell(text) == text);
    BOOST_TEST(plain_cell(text) == text);
  }
  // What a merchant types without an apostrophe is taken as it is.
  BOOST_TEST(plain_cell("=1") == "=1");
}

BOOST_AUTO_TEST_CASE(random_cells_and_lists_are_exact) {
  std::mt19937 random(7);
  const std::string letters = "'=+-@,\\ \ta\"";
  const auto text = [&] {
    std::string made;
    for (auto n = random() % 8; n > 0; --n) made += letters[random() % letters.size()];
    return made;
  };
  for (int i = 0; i < 20'000; ++i) {
    const auto cell = text();
    BOOST_TEST_REQUIRE(plain_cell(safe_cell(cell)) == cell);
    std::vector<std::string> items;
    for (auto n = random() % 4; n > 0; --n) {
      if (auto item = text(); !item.empty()) items.push_back(std::move(item));
    }
    BOOST_TEST_REQUIRE(split_list(join_list(items)) == items, join_list(items));
    const json::value v(text());
    const auto back = read_attribute(plain_cell(attribute_cell(v)));
    BOOST_TEST_REQUIRE(json::write(back) == json::write(v));
  }
  BOOST_TEST((split_list(" a , ,b,") == std::vector<std::string>{"a", "b"}));
}

BOOST_AUTO_TEST_CASE(attributes_keep_their_types) {
  for (const std::string text :
       {"true", "null", "5", "-5", "2.5", "[1,\"a\"]", "{\"a\":{}}", "\"5\"", "\"\"", "\" \"",
        "\"true\"", "\"TRUE\"", "\"{\"", "\"red\"", "\"=1\"", "\"'=1\"", "\"-5\""}) {
    const auto v = json::parse(text).value();
    const auto cell = attribute_cell(v);
    BOOST_TEST(json::write(read_attribute(plain_cell(cell))) == text, cell);
    BOOST_TEST((cell.front() != '=' && cell.front() != '@'));
  }
  BOOST_TEST(attribute_cell(json::value(std::string("red"))) == "red");
  BOOST_TEST(attribute_cell(json::value(std::int64_t{-5})) == "-5");
  BOOST_TEST(json::write(read_attribute("FALSE")) == "false");
  BOOST_TEST(json::write(read_attribute("0012")) == "\"0012\"");
}

BOOST_AUTO_TEST_CASE(absent_columns_keep_and_empty_cells_remove) {
  BOOST_TEST(one("handle\nradio\n") == R"({"type":"product","handle":"radio"})");
  BOOST_TEST(
      one("handle,name,sku,price,on_hand,tags,category,attributes.a,metadata.b\nr,,,,,,,,\n") ==
      R"({"type":"product","handle":"r","sku":null,"tags":null,"category":null,)"
      R"("attributes":{"a":null},"metadata":{"b":null}})");
  BOOST_TEST(one("Handle,NAME.de,description.de\nr,,\n") ==
             R"({"type":"product","handle":"r","translations":{"de":null}})");
  BOOST_TEST(one("handle,image_url\nr,\n") == R"({"type":"product","handle":"r","images":[]})");
  BOOST_TEST(one("type,handle,option1_name,option1_value\nproduct,r,,\n") ==
             R"({"type":"product","handle":"r","variants":[]})");
}

BOOST_AUTO_TEST_CASE(prices_have_the_digits_of_their_currency) {
  const auto price = [](const std::string& amount, const std::string& currency) {
    return one("handle,price,currency\nr," + amount + ',' + currency + "\n");
  };
  const auto in = [](const std::string& amount, const std::string& currency) {
    return R"({"type":"product","handle":"r","price":{"amount":)" + amount + R"(,"currency":")" +
           currency + "\"}}";
  };
  BOOST_TEST(price("49.90", "") == in("4990", "EUR"));
  BOOST_TEST(price("49.9", "USD") == in("4990", "USD"));
  BOOST_TEST(price("5", "JPY") == in("5", "JPY"));
  BOOST_TEST(price("0.001", "KWD") == in("1", "KWD"));
  BOOST_TEST(price("1000000000000.00", "EUR") == in("100000000000000", "EUR"));
  BOOST_TEST(price("1000000000000.01", "EUR") == "2 price format");
  BOOST_TEST(price("4.999", "EUR") == "2 price format");
  BOOST_TEST(price("-1", "EUR") == "2 price format");
  BOOST_TEST(price("1e2", "EUR") == "2 price format");
  BOOST_TEST(price("1", "XXQ") == "2 currency currency");
}

BOOST_AUTO_TEST_CASE(variants_and_images_follow_their_product) {
  BOOST_TEST(
      one("type,handle,name,option1_name,option1_value,option2_name,option2_value,price,image_url,"
          "image_position\n"
          "product,shirt,Shirt,,,,,10,https://h/1,2\n"
          "variant,shirt,,Size,M,Colour,red,11,,\n"
          "Variant,,Large,,L,,red,,,\n"
          "image,shirt,,,,,,,https://h/2,\n") ==
      R"({"type":"product","handle":"shirt","name":"Shirt","price":{"amount":1000,"currency":"EUR"},)"
      R"("variants":[{"price":{"amount":1100,"currency":"EUR"},)"
      R"("options":[{"name":"Size","value":"M"},{"name":"Colour","value":"red"}]},)"
      R"({"name":"Large","options":[{"name":"Size","value":"L"},{"name":"Colour","value":"red"}]}],)"
      R"("images":[{"image_url":"https://h/1","position":2},{"image_url":"https://h/2"}]})");
}

BOOST_AUTO_TEST_CASE(invalid_cells_are_named) {
  const std::string head =
      "type,handle,status,on_hand,track_inventory,vendor,option1_name,option1_value,image_url,"
      "attributes\n";
  const auto rows = [&](const std::string& text) { return read_all(head + text); };
  using list = std::vector<std::string>;
  BOOST_TEST((rows("product,a,,many,perhaps,,,,,[1]\n") ==
              list{"2 on_hand type", "2 track_inventory type", "2 attributes type"}));
  BOOST_TEST((rows("product,a,,,,,,,,\nvariant,a,Active,,,Acme,,M,https://h/1,\n") ==
              list{"3 status exclusive", "3 vendor exclusive", "3 image_url exclusive",
                   "3 option1_name required"}));
  BOOST_TEST((rows("product,a,,,,,Size,M,,\n") == list{"2 option1_value exclusive"}));
  BOOST_TEST((rows("product,a,,,,,,,,\nimage,a,,1,,,,,,\n") ==
              list{"3 on_hand exclusive", "3 image_url required"}));
  BOOST_TEST((read_all("type,handle\nproduct,a\nvariant,a\n") == list{"3 option1_value required"}));
  // A cell error rejects its product only.
  BOOST_TEST(rows("product,a,,x,,,,,,\nproduct,b,,,,,,,,\n").size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_damaged_structure_is_found_before_anything_is_imported) {
  const auto why = [](const std::string& file) {
    std::istringstream in(file);
    return structure_error(in).value_or("");
  };
  BOOST_TEST(why("handle\na\nb\n") == "");
  BOOST_TEST(holds(why(""), "empty"));
  BOOST_TEST(holds(why("name\nx\n"), "neither a column"));
  BOOST_TEST(holds(why("handle;name\na;b\n"), "semicolons"));
  BOOST_TEST(holds(why("handle,colour\na,b\n"), "\"colour\" is unknown"));
  BOOST_TEST(holds(why("handle,,name\na,b,c\n"), "\"\" is unknown"));
  BOOST_TEST(holds(why("handle,Handle\na,b\n"), "twice"));
  BOOST_TEST(holds(why("handle,name.de\na,b\n"), "\"description.de\" belong together"));
  BOOST_TEST(holds(why("type,handle,option1_name\n,a,b\n"), "\"option1_value\" belong together"));
  BOOST_TEST(holds(why("type,handle,option2_name,option2_value\n"), "\"option1_name\""));
  BOOST_TEST(holds(why("handle,option1_name,option1_value\n"), "\"type\""));
  BOOST_TEST(holds(why("handle,option11_name\na,b\n"), "unknown"));
  BOOST_TEST(holds(why("handle,image_position\na,1\n"), "belong together"));
  BOOST_TEST(holds(why("type,handle\nbundle,a\n"), "line 2: the type"));
  BOOST_TEST(holds(why("type,handle\nvariant,a\n"), "line 2: the row of a variant"));
  BOOST_TEST(holds(why("type,handle\nproduct,a\nproduct,b\nimage,a\n"), "line 4"));
  BOOST_TEST(holds(why("handle\na\nb\na\n"), "line 4: the product a is in the file twice"));
  BOOST_TEST(holds(why("handle,name\na,\"b\n"), "line 2: "));
  BOOST_TEST(holds(why("handle\na,b\n"), "fields"));
}

BOOST_AUTO_TEST_CASE(the_size_of_a_product_is_bounded) {
  std::string file = "type,handle,option1_name,option1_value\nproduct,a,,\n";
  for (int i = 0; i < 2400; ++i) file += "variant,a,Size," + std::to_string(i) + "\n";
  const auto all = read_all(file + "product,b,,\n");
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(holds(all[0], "too_many"));
  BOOST_TEST(holds(all[1], "\"b\""));
  const std::string large(1'900'000, 'x');
  std::string wide = "type,handle,description,option1_name,option1_value\nproduct,a,,,\n";
  for (int i = 0; i < 6; ++i) wide += "variant,a," + large + ",Size," + std::to_string(i) + "\n";
  BOOST_TEST(holds(one(wide), "too_many"));
}

BOOST_AUTO_TEST_CASE(pointers_lead_to_cells) {
  std::istringstream in(
      "type,handle,price,currency,option1_name,option1_value,image_url,name.de,description.de,"
      "attributes.a/b,metadata\n"
      "product,a,,,,,https://h/1,,,,\nvariant,a,,,S,M,,,,,\nvariant,a,,,S,L,,,,,\n"
      "image,a,,,,,https://h/2,,,,\n");
  product_reader reader(in, "EUR");
  const auto product = reader.next();
  BOOST_TEST_REQUIRE(product.has_value());
  const auto at = [&](const char* pointer) {
    const auto place = product->places.of(pointer);
    return std::to_string(place.line) + ' ' + place.column;
  };
  BOOST_TEST(at("/price") == "2 price");
  BOOST_TEST(at("/price/currency") == "2 currency");
  BOOST_TEST(at("/variants/1/price") == "4 price");
  BOOST_TEST(at("/variants/1/options/0/value") == "4 option1_value");
  BOOST_TEST(at("/variants/0/options") == "3 option1_value");
  BOOST_TEST(at("/variants/9/sku") == "2 ");
  BOOST_TEST(at("/images/1/image_url") == "5 image_url");
  BOOST_TEST(at("/translations/de/name") == "2 name.de");
  BOOST_TEST(at("/attributes/a~1b") == "2 attributes.a/b");
  BOOST_TEST(at("/metadata/k") == "2 metadata");
  BOOST_TEST(at("") == "2 ");
}

BOOST_AUTO_TEST_CASE(what_has_no_column_is_in_a_cell_of_json) {
  std::string many;
  for (int i = 0; i < 600; ++i) {
    many += (i ? "," : "") + std::string("\"k") + std::to_string(i) + "\":" + std::to_string(i);
  }
  const std::vector<std::string> lines{
      R"({"type":"product","handle":"a","attributes":{" x":1,"y":"z","line\nbreak":2},)"
      R"("metadata":{"k":" "},"translations":{"de":{"name":"N","description":""}}})",
      R"({"type":"product","handle":"b","attributes":{)" + many + "}}"};
  const auto file = written(lines);
  BOOST_TEST(file.starts_with("\xEF\xBB\xBFtype,handle,name,"));
  const auto all = read_all(file);
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(holds(all[0], R"("translations":{"de":{"name":"N","description":""}})"), all[0]);
  BOOST_TEST(holds(all[0], R"("metadata":{"k":" "})"), all[0]);
  BOOST_TEST(holds(all[0], R"(" x":1)"), all[0]);
  BOOST_TEST(holds(all[0], R"("line\nbreak":2)"), all[0]);
  for (int i = 0; i < 600; i += 37) {
    BOOST_TEST(holds(all[1], "\"k" + std::to_string(i) + "\":" + std::to_string(i)), i);
  }
}

BOOST_AUTO_TEST_SUITE_END()
