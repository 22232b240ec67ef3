// Stoa's product CSV in a store: an export imported into an empty store gives the same export, and
// changes nothing in its own; Python's csv module reads the same cells.

#include "actors/catalog/line_types.hpp"
#include "net/product_csv/product_reader.hpp"
#include "net/product_csv/product_writer.hpp"
#include "tests/support/catalog_fixture.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <fstream>
#include <random>
#include <sstream>

using namespace stoa;
using namespace stoa::catalog;
using namespace stoa::product_csv;

namespace {

struct csv_fixture : test::catalog_fixture {
  result<import_answer> import(result<import_line> line, bool set_stock = false) {
    if (!line) return line.error();
    line->set_stock = set_stock;
    return run(*line, staff);
  }
  void import_json(const std::string& text) {
    const auto answer = import(read_line(text));
    const std::string why = answer.has_value() ? "" : json::write(answer.error());
    BOOST_REQUIRE_MESSAGE(why.empty(), text << ": " << why);
  }
  /// The outcomes by product; of an error "line column code".
  std::vector<std::string> import_file(const std::string& file, bool set_stock = false) {
    std::istringstream in(file);
    product_reader reader(in, "EUR");
    std::vector<std::string> all;
    while (const auto product = reader.next()) {
      for (const auto& e : product->errors) {
        all.push_back(std::to_string(e.line) + ' ' + e.column + ' ' + e.code);
      }
      if (!product->errors.empty()) continue;
      const auto answer = import(read_line(product->line), set_stock);
      if (answer) {
        all.emplace_back(enum_name(answer->outcome));
        continue;
      }
      const auto problem = answer.error();
      for (const auto& e : problem.errors) {
        const auto place = product->places.of(e.pointer);
        all.push_back(std::to_string(place.line) + ' ' + place.column + ' ' + e.code);
      }
      if (problem.errors.empty()) all.push_back(problem.code);
    }
    BOOST_TEST(reader.fatal() == "");
    return all;
  }
  /// The lines of all products, in small pages.
  std::vector<std::string> lines() {
    sweep();
    std::vector<std::string> all;
    export_lines query;
    query.type = "product";
    query.limit = 3;
    do {
      const auto page = read(query, staff).value();
      all.insert(all.end(), page.lines.begin(), page.lines.end());
      query.after = page.next;
    } while (query.after);
    return all;
  }
  std::string exported() {
    const auto all = lines();
    column_collector columns;
    for (const auto& line : all) columns.add(line);
    std::ostringstream out;
    product_writer file(out, columns.names());
    file.write_header();
    for (const auto& line : all) file.write(line);
    return out.str();
  }
  product_view radio() { return detail(*product_id_of_handle(*database, "radio")); }
};

const std::string radio_line =
    R"({"type":"product","handle":"radio","name":"Radio","description":"=Wooden,\r\n\"old\"\n",)"
    R"("price":{"amount":4990,"currency":"EUR"},"compare_at_price":{"amount":5990,"currency":"EUR"},)"
    R"("sku":"-R1","status":"Active","attributes":{"width":20,"code":"007","ean":"4006381333931",)"
    R"("note":"+1","sizes":[1,{"a":"b"}],"on":"true","":1,"empty":""},"track_inventory":true,)"
    R"("allow_backorder":true,"metadata":{"erp":"-7","blank":" "},"vendor":"Müller, \"Söhne\"",)"
    R"("tags":["new, used","wo\\od"," x"],"archive_at":"2099-01-01T00:00:00Z","quantity_min":2,)"
    R"("quantity_max":10,"quantity_step":2,"low_stock_threshold":3,)"
    R"("category":["Home > Garden","A\\B"],"on_hand":-4,"images":[{"image_url":"https://h/a.jpg",)"
    R"("alt_text":"'=front","position":1},{"image_url":"https://h/b.jpg","position":3}],)"
    R"("translations":{"de":{"name":"Radio aus Holz","description":"Holz"},"fr":{"name":"@bois"},)"
    R"("it":{"name":"Legno","description":""}},"earlier_handles":["old-radio","wooden, radio"]})";
const std::string shirt_line =
    R"({"type":"product","handle":"shirt","name":"Shirt","price":{"amount":1000,"currency":"EUR"},)"
    R"("status":"Draft","publish_at":"2098-01-01T00:00:00Z","variants":[)"
    R"({"price":{"amount":1900,"currency":"EUR"},"sku":"S-M","options":[{"name":"Size","value":"M"},)"
    R"({"name":"=Colour","value":"'-red"}],"track_inventory":true,"allow_backorder":false,"on_hand":5},)"
    R"({"name":"Large","description":"L","price":{"amount":2100,"currency":"EUR"},)"
    R"("options":[{"name":"Size","value":"L"},{"name":"=Colour","value":"blue"}],)"
    R"("track_inventory":false,"attributes":{"width":1.5},"metadata":{"a":"b"},"on_hand":0}]})";
const std::string nameless_line =
    R"({"type":"product","product_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90","name":"No handle",)"
    R"("price":{"amount":1,"currency":"EUR"},"status":"Archived"})";

/// Members by name: the attributes of an imported product have the order of the columns.
json::value ordered(const json::value& v) {
  if (const auto* list = v.if_array()) {
    json::array items;
    for (const auto& item : *list) items.push_back(ordered(item));
    return json::value(std::move(items));
  }
  if (!v.if_object()) return v;
  json::object members;
  for (const auto& m : *v.if_object()) members.push_back({m.name, ordered(m.value)});
  std::ranges::sort(members, {}, &json::member::name);
  return json::value(std::move(members));
}

std::vector<std::string> sorted(std::vector<std::string> all) {
  for (auto& line : all) line = json::write(ordered(json::parse(line).value()));
  std::ranges::sort(all);
  return all;
}

/// All cells, row by row, as JSON.
std::string cells_of(const std::string& file) {
  std::istringstream in(file);
  csv::reader reader(in);
  std::vector<std::vector<std::string>> rows;
  while (reader.next() == csv::outcome::row) {
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < reader.current().size(); ++i) row.emplace_back(reader.current()[i]);
  }
  return json::write(rows);
}

/// The same by Python; nothing if it is not installed.
std::optional<std::string> cells_by_python(const std::string& file) {
  if (test::run_program("/usr/bin/env", {"python3", "-c", "import csv, json"}).exit_code != 0) {
    BOOST_TEST_MESSAGE("python3 is not installed: not read by another implementation");
    return std::nullopt;
  }
  const test::temp_dir dir;
  const auto path = (dir / "products.csv").string();
  std::ofstream(path, std::ios::binary) << file;
  const auto read = test::run_program(
      "/usr/bin/env",
      {"python3", "-c",
       "import csv, json, sys\n"
       "csv.field_size_limit(10 ** 8)\n"
       "rows = list(csv.reader(open(sys.argv[1], encoding='utf-8-sig', newline=''), strict=True))\n"
       "print(json.dumps(rows, ensure_ascii=False, separators=(',', ':')), end='')",
       path});
  BOOST_TEST(read.exit_code == 0, read.output.substr(0, 500));
  return read.output;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_csv, csv_fixture)

BOOST_AUTO_TEST_CASE(a_catalogue_moves_to_another_store) {
  for (const auto& line : {radio_line, shirt_line, nameless_line}) import_json(line);
  const auto file = exported();
  for (const auto& outcome : import_file(file, true))
    BOOST_TEST(outcome == "unchanged", outcome << file);
  BOOST_TEST(exported() == file);
  csv_fixture other;
  for (const auto& outcome : other.import_file(file))
    BOOST_TEST(outcome == "created", outcome << file);
  BOOST_TEST(sorted(other.lines()) == sorted(lines()), boost::test_tools::per_element());
  // No cell of a spreadsheet is a formula.
  std::istringstream in(file);
  csv::reader rows(in);
  while (rows.next() == csv::outcome::row) {
    for (std::size_t i = 0; i < rows.current().size(); ++i) {
      const auto cell = rows.current()[i];
      const bool is_number = cell.find_first_not_of("-0123456789.") == std::string_view::npos;
      const bool starts = !cell.empty() && std::string_view("=+-@\t\r\n").find(cell.front()) !=
                                               std::string_view::npos;
      BOOST_TEST((!starts || is_number), cell);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_merchant_edits) {
  for (const auto& line : {radio_line, shirt_line}) import_json(line);
  using list = std::vector<std::string>;
  BOOST_TEST((import_file("handle,price,sku,tags,on_hand,status,attributes.width,metadata.erp\n"
                          "radio,45.5,,\"a, b\",9,draft,,8\n",
                          true) == list{"updated"}));
  auto view = radio();
  BOOST_TEST(view.price.amount == 4550);
  BOOST_TEST(!view.sku);
  BOOST_TEST((*view.tags == list{"a", "b"}));
  BOOST_TEST(*view.on_hand == 9);
  BOOST_TEST((view.status == product_status::Draft));
  BOOST_TEST(view.attributes->text.find("width") == std::string::npos);
  BOOST_TEST(view.attributes->text.find("007") != std::string::npos);
  BOOST_TEST(view.metadata->at("erp") == "8");
  BOOST_TEST(view.images.size() == 2u);
  BOOST_TEST(view.description == "=Wooden,\r\n\"old\"\n");
  BOOST_TEST(number("SELECT count(*) FROM translations") == 3);
  // A variant without a row is removed, a new one has the price of its product.
  BOOST_TEST((import_file("type,handle,sku,option1_name,option1_value,option2_name,option2_value\n"
                          "product,shirt,,,,,\n"
                          "variant,shirt,S-L,Size,L,'=Colour,blue\n"
                          "variant,shirt,S-XL,,XL,,green\n") == list{"updated"}));
  const auto shirt = detail(*product_id_of_handle(*database, "shirt"));
  BOOST_REQUIRE(shirt.variants.size() == 2u);
  BOOST_TEST(*shirt.variants[0].sku == "S-L");
  BOOST_TEST(shirt.variants[0].name == "Large");
  BOOST_TEST(shirt.variants[1].price.amount == 1000);
  // Without columns for options the variants are kept.
  BOOST_TEST((import_file("handle,name\nshirt,Linen shirt\n") == list{"updated"}));
  BOOST_TEST(detail(shirt.product_id).variants.size() == 2u);
}

BOOST_AUTO_TEST_CASE(errors_name_row_and_column_and_change_nothing) {
  for (const auto& line : {radio_line, shirt_line}) import_json(line);
  const auto before = lines();
  const auto head = std::string("type,handle,name,price,currency,sku,product_type,name.de,") +
                    "description.de,option1_name,option1_value,option2_name,option2_value\n";
  const std::vector<std::pair<std::string, std::string>> bad{
      {"product,new,,1,,,,,,,,,\n", "2 name required"},
      {"product,,x,1,,,,,,,,,\n", "2 handle required"},
      {"product,radio,,1,USD,,,,,,,,\n", "2 currency currency"},
      {"product,radio,,,,S-M,,,,,,,\n", "2 sku taken"},
      {"product,radio,,,,,none,,,,,,\n", "2 product_type unknown"},
      {"product,radio,,,,-R1,,Ho\tlz,,,,,\n", "2 name.de format"},
      {"product,shirt,,,,,,,,,,,\nvariant,,,x,,,,,,Size,M,C,r\n", "3 price format"},
      {"product,shirt,x,,,,,,,,,,\nvariant,,,,,-R1,,,,Size,M,'=Colour,r\n", "3 sku taken"},
      {"product,shirt,,,,,,,,,,,\nvariant,,,,,,,,,Size,M,C,r\nvariant,,,,,,,,,,M,,r\n",
       "4 option1_value duplicate"}};
  for (const auto& [rows, why] : bad) {
    const auto said = import_file(head + rows);
    BOOST_REQUIRE(!said.empty());
    BOOST_TEST(said.front() == why, rows);
  }
  BOOST_TEST(lines() == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(random_catalogues_are_exact_and_python_reads_the_same_cells) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return random() % n; };
    const std::vector<std::string> pieces{"a",
                                          "'",
                                          "''",
                                          "=",
                                          "-",
                                          "@",
                                          "+",
                                          "\"",
                                          ",",
                                          "\\",
                                          ">",
                                          "ü",
                                          "\xF0\x9F\x8E\x81",
                                          " ",
                                          "日本",
                                          "\xEF\xBC\x9D",
                                          "1",
                                          ";",
                                          "true",
                                          "{}"};
    const auto text = [&](bool lines_too, std::size_t most) {
      std::string made;
      for (auto n = below(most); n > 0; --n) {
        made += lines_too && below(5) == 0
                    ? std::vector<std::string>{"\n", "\r\n", "\t", "\r"}[below(4)]
                    : pieces[below(pieces.size())];
      }
      return made;
    };
    const auto quoted = [](const std::string& s) { return json::write(s); };
    const auto maybe = [&](const std::string& m) { return below(2) ? ',' + m : std::string(); };
    csv_fixture from;
    for (std::size_t i = 0; i < 25; ++i) {
      const auto n = std::to_string(i);
      std::string line = R"({"type":"product","handle":)" + quoted("'=p" + n + text(false, 4)) +
                         R"(,"name":)" + quoted(text(false, 6) + "n" + n) +
                         R"(,"price":{"amount":)" + std::to_string(below(100'000)) +
                         R"(,"currency":"EUR"})";
      line +=
          maybe(R"("description":)" + quoted(text(true, 12) + "x" + text(true, 4))) +
          maybe(R"("vendor":)" + quoted(text(false, 4) + "v")) +
          maybe(R"("tags":[)" + quoted(text(false, 4) + "t") + "," + quoted("u" + text(false, 4)) +
                "]") +
          maybe(R"("metadata":{"k":)" + quoted(text(true, 5) + "m") + "}") +
          maybe(R"("attributes":{"x":)" + quoted(text(true, 5)) + R"(,"y)" +
                std::to_string(below(3)) + R"(":[1,"=2"],"z":)" + std::to_string(below(9)) + "}") +
          maybe(R"("category":[)" + quoted(text(false, 4) + "c") + R"(,"D > \\"])") +
          maybe(R"("translations":{"de":{"name":)" + quoted(text(false, 4) + "d") + "}}") +
          maybe(R"("images":[{"image_url":"https://h/)" + n + R"(","alt_text":)" +
                quoted(text(true, 4) + "a") + "}]");
      if (below(2)) {
        line += R"(,"on_hand":)" + std::to_string(below(20));
      } else {
        line += R"(,"variants":[)";
        const auto count = 1 + below(3);
        for (std::size_t v = 0; v < count; ++v) {
          line += (v ? "," : "") + std::string(R"({"options":[{"name":"=O","value":)") +
                  quoted("-" + std::to_string(v) + text(false, 3)) + "}]" +
                  maybe(R"("on_hand":7)") +
                  maybe(R"("attributes":{"x":)" + quoted(text(true, 4)) + "}") + "}";
        }
        line += "]";
      }
      from.import_json(line + "}");
    }
    const auto file = from.exported();
    for (const auto& outcome : from.import_file(file, true)) {
      BOOST_TEST(outcome == "unchanged", "seed " << seed << ": " << outcome);
    }
    csv_fixture to;
    for (const auto& outcome : to.import_file(file)) {
      BOOST_TEST(outcome == "created", "seed " << seed << ": " << outcome);
    }
    BOOST_TEST(sorted(to.lines()) == sorted(from.lines()), boost::test_tools::per_element());
    if (const auto cells = cells_by_python(file)) {
      BOOST_TEST((*cells == cells_of(file)), "seed " << seed);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
