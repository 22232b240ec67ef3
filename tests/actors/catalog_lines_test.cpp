// JSON Lines: an export of a full catalogue, imported into an empty store, gives the same export;
// imported into its own store, it changes nothing. A rejected line changes nothing.

#include "tests/support/lines_fixture.hpp"

#include <random>

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::lines_fixture;
using stoa::test::sorted;

namespace {

const std::vector<std::string> full_catalogue{
    R"({"type":"product_type","key":"shirt","name":"Shirt","attributes":[{"key":"fabric","name":"Fabric","type":"text","required":false,"filterable":true,"choices":[]}]})",
    R"({"type":"category","path":["Clothes"],"description":"All clothes","translations":{"de":{"name":"Kleidung"}}})",
    R"({"type":"category","path":["Clothes","Shirts"]})",
    R"({"type":"product","name":"Radio","description":"Wooden","price":{"amount":4990,"currency":"EUR"},"compare_at_price":{"amount":5990,"currency":"EUR"},"sku":"RADIO-1","handle":"radio","status":"Active","attributes":{"width_cm":20},"track_inventory":true,"allow_backorder":true,"metadata":{"erp":"7"},"vendor":"Acme","tags":["new","wood"],"archive_at":"2099-01-01T00:00:00Z","quantity_min":2,"quantity_max":10,"quantity_step":2,"low_stock_threshold":3,"category":["Home","Audio"],"on_hand":-4,"images":[{"image_url":"https://example.com/a.jpg","alt_text":"front","position":1},{"image_url":"https://example.com/b.jpg","position":3}],"translations":{"de":{"name":"Radio aus Holz","description":"Holz"},"fr":{"name":"Radio en bois"}},"earlier_handles":["old-radio","wooden-radio"]})",
    R"({"type":"product","name":"Linen shirt","price":{"amount":1000,"currency":"EUR"},"handle":"shirt","status":"Draft","attributes":{"fabric":"linen"},"publish_at":"2098-01-01T00:00:00Z","product_type":"shirt","category":["Clothes","Shirts"],"variants":[{"price":{"amount":1900,"currency":"EUR"},"sku":"S-M","options":[{"name":"Size","value":"M"}],"track_inventory":true,"allow_backorder":false,"on_hand":5},{"name":"Large","price":{"amount":2100,"currency":"EUR"},"options":[{"name":"Size","value":"L"}],"track_inventory":false,"allow_backorder":false,"metadata":{"a":"b"},"on_hand":0}]})",
    R"({"type":"product","product_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90","name":"No handle","price":{"amount":1,"currency":"EUR"},"status":"Archived"})",
    R"({"type":"collection","name":"By hand","handle":"by-hand","description":"Best","published":false,"products":["shirt","radio","0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90"],"translations":{"de":{"name":"Auswahl"}}})",
    R"({"type":"collection","name":"By rule","handle":"by-rule","description":"","published":true,"sort":"price","rule":{"max_price":5000,"category":["Clothes"]}})",
    R"({"type":"related","product":"radio","related":[{"product":"shirt","kind":"accessory"},{"product":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90","kind":"similar"}]})",
    R"({"type":"synonyms","groups":[["tee","t-shirt"],["wireless","radio"]]})"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_lines, lines_fixture)

BOOST_AUTO_TEST_CASE(a_full_catalogue_moves_to_another_store) {
  for (const auto& line : full_catalogue) {
    BOOST_TEST((outcome(line) == import_outcome::created), line);
  }
  const auto first = exported();
  BOOST_TEST(first.size() == full_catalogue.size() + 2);  // the categories of the radio
  for (const auto& line : first) {
    BOOST_TEST((outcome(line, true) == import_outcome::unchanged), line);
  }
  BOOST_TEST(exported() == first, boost::test_tools::per_element());

  lines_fixture other;
  for (const auto& line : first) {
    BOOST_TEST((other.outcome(line) == import_outcome::created), line);
  }
  BOOST_TEST(sorted(other.exported()) == sorted(first), boost::test_tools::per_element());
  // The other store finds, shows and sells what this one does.
  BOOST_TEST((other.names(search("holz")) == std::vector<std::string>{"Radio"}));
  list_products by_old_handle;
  by_old_handle.handle = "old-radio";
  BOOST_TEST((other.names(by_old_handle) == std::vector<std::string>{"Radio"}));
  BOOST_TEST(other.number("SELECT count(*) FROM product_redirects") == 2);
}

BOOST_AUTO_TEST_CASE(absent_members_keep_values_and_null_removes_them) {
  for (const auto& line : full_catalogue) outcome(line);
  const auto before = exported();
  BOOST_TEST((outcome(R"({"type":"product","handle":"radio"})") == import_outcome::unchanged));
  BOOST_TEST((outcome(R"({"type":"collection","handle":"by-hand"})") == import_outcome::unchanged));
  BOOST_TEST((outcome(R"({"type":"product_type","key":"shirt"})") == import_outcome::unchanged));
  BOOST_TEST((outcome(R"({"type":"category","path":["Clothes"]})") == import_outcome::unchanged));
  BOOST_TEST(exported() == before, boost::test_tools::per_element());
  BOOST_TEST((outcome(R"({"type":"product","handle":"radio","sku":null,"vendor":null,)"
                      R"("images":null,"earlier_handles":[],"translations":{"fr":null},)"
                      R"("category":null,"quantity_max":null})") == import_outcome::updated));
  const auto view = detail(*product_id_of_handle(*database, "radio"));
  BOOST_TEST(!view.sku);
  BOOST_TEST(!view.vendor);
  BOOST_TEST(view.images.empty());
  BOOST_TEST(!view.category);
  BOOST_TEST(!view.quantity_max);
  BOOST_TEST(*view.quantity_min == 2);
  BOOST_TEST(number("SELECT count(*) FROM product_redirects") == 0);
  BOOST_TEST(number("SELECT count(*) FROM translations WHERE locale='fr'") == 0);
  BOOST_TEST(number("SELECT count(*) FROM translations WHERE locale='de'") == 3);
  // A list of variants is all of them.
  BOOST_TEST(
      (outcome(R"({"type":"product","handle":"shirt","variants":)"
               R"([{"options":[{"name":"Size","value":"L"}],"sku":"S-M"},)"
               R"({"options":[{"name":"Size","value":"XL"}]}]})") == import_outcome::updated));
  const auto shirt = detail(*product_id_of_handle(*database, "shirt"));
  BOOST_REQUIRE(shirt.variants.size() == 2u);
  BOOST_TEST(shirt.variants[0].name == "Large");
  BOOST_TEST(*shirt.variants[0].sku == "S-M");
  BOOST_TEST(shirt.variants[1].price.amount == 1000);
  BOOST_TEST((outcome(R"({"type":"product","handle":"shirt","variants":null,"on_hand":3})", true) ==
              import_outcome::updated));
  BOOST_TEST(*detail(*product_id_of_handle(*database, "shirt")).on_hand == 3);
  BOOST_TEST((outcome(R"({"type":"collection","handle":"by-hand","rule":{"in_stock":true}})") ==
              import_outcome::updated));
  BOOST_TEST(number("SELECT count(*) FROM collection_products") == 0);
}

BOOST_AUTO_TEST_CASE(the_stock_of_existing_products_is_set_on_request) {
  outcome(full_catalogue[3]);
  const auto line = R"({"type":"product","handle":"radio","on_hand":50})";
  BOOST_TEST((outcome(line) == import_outcome::unchanged));
  BOOST_TEST((outcome(line, true) == import_outcome::updated));
  BOOST_TEST(*detail(*product_id_of_handle(*database, "radio")).on_hand == 50);
  BOOST_TEST(number("SELECT count(*) FROM stock_ledger WHERE cause='import'") == 2);
}

BOOST_AUTO_TEST_CASE(a_dry_run_changes_nothing_and_lists_the_changes) {
  for (const auto& line : full_catalogue) {
    const auto answer = import(line, false, true);
    // What a line refers to does not exist.
    if (!answer) continue;
    BOOST_TEST((answer->outcome == import_outcome::created));
    BOOST_TEST(!answer->changes.empty(), line);
  }
  BOOST_TEST(exported().empty());
  for (const auto& line : full_catalogue) outcome(line);
  const auto answer = import(
      R"({"type":"product","handle":"radio","price":{"amount":1,"currency":"EUR"}})", false, true);
  BOOST_REQUIRE(answer->changes.size() == 1u);
  BOOST_TEST(answer->changes[0].field == "price");
}

BOOST_AUTO_TEST_CASE(a_rejected_line_changes_nothing) {
  for (const auto& line : full_catalogue) outcome(line);
  const auto before = exported();
  const std::vector<std::pair<std::string, std::string>> bad{
      {R"({)", "malformed_json"},
      {std::string(5000, '['), "malformed_json"},
      {std::string("{\"type\":\"product\",\"handle\":\"a\0b\"}", 33), "malformed_json"},
      {"{\"type\":\"product\",\"handle\":\"\xff\"}", "malformed_json"},
      {R"({"type":"product","handle":"a","handle":"b"})", "malformed_json"},
      {R"([1])", "type "},
      {R"({"type":"order"})", "unknown /type"},
      {R"({"handle":"a"})", "unknown /type"},
      {R"({"type":"product"})", "required /handle"},
      {R"({"type":"product","handle":"new"})", "required /name"},
      {R"({"type":"product","handle":"radio","nmae":"x"})", "unknown /nmae"},
      {R"({"type":"product","handle":"radio","price":"1"})", "type /price"},
      {R"({"type":"product","handle":"radio","price":{"amount":1,"currency":"USD"}})",
       "currency /price/currency"},
      {R"({"type":"product","handle":"radio","product_type":"none"})", "unknown /product_type"},
      {R"({"type":"product","handle":"radio","category":["New"],"sku":"S-M"})", "taken /sku"},
      {R"({"type":"product","handle":"radio","translations":{"??":null}})", "format /translations"},
      {R"({"type":"product","handle":"radio","translations":{"de":{}}})",
       "required /translations/de/name"},
      {R"({"type":"product","handle":"shirt","variants":[{"options":[{"name":"Size","value":"L"}]},)"
       R"({"options":[{"name":"Size","value":" L "}]}]})",
       "duplicate /variants/1/options"},
      {R"({"type":"product","handle":"shirt","name":"x","variants":)"
       R"([{"options":[{"name":"Size","value":"S"}],"sku":"RADIO-1"}]})",
       "taken /variants/0/sku"},
      {R"({"type":"product","handle":"radio","vendor":"A","attributes":{"vendor":"B"}})",
       "exclusive /vendor"},
      {R"({"type":"product","handle":"new","name":"x","price":{"amount":1,"currency":"EUR"},)"
       R"("vendor":"A","attributes":{"vendor":"B"}})",
       "exclusive /vendor"},
      {R"({"type":"category","path":[]})", "too_few /path"},
      {R"({"type":"category","path":["Clothes","Shirts"],"parent_category_id":null})",
       "exclusive /parent_category_id"},
      {R"({"type":"collection","handle":"by-rule","rule":{"category":["None"]}})",
       "unknown /rule/category"},
      {R"({"type":"collection","handle":"by-rule","rule":{"filter":"?"}})", "format /rule/filter"},
      {R"({"type":"collection","handle":"by-hand","products":["none"]})", "unknown /products/0"},
      {R"({"type":"collection","handle":"by-hand","products":["radio","radio"]})",
       "duplicate /products/1"},
      {R"({"type":"related","product":"radio","related":[{"product":"radio","kind":"similar"}]})",
       "itself /related/0/product"},
      {R"({"type":"related","product":"none","related":[]})", "unknown /product"},
      {R"({"type":"synonyms","groups":[["one"]]})", "range /groups/0"}};
  for (const auto& [line, why] : bad) {
    BOOST_TEST(refused(line) == why, line.substr(0, 200) << ": " << refused(line));
  }
  BOOST_TEST(exported() == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(random_catalogues_move_to_another_store) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    std::mt19937 random(seed);
    const auto below_n = [&](unsigned n) {
      return std::uniform_int_distribution<unsigned>(0, n - 1)(random);
    };
    const auto maybe = [&](const std::string& member) { return below_n(2) ? "," + member : ""; };
    lines_fixture from;
    for (unsigned i = 0; i < 30; ++i) {
      const auto n = std::to_string(i);
      std::string line = R"({"type":"product","handle":"p)" + n + R"(","name":"Name )" + n +
                         R"(","price":{"amount":)" + std::to_string(below_n(5000)) +
                         R"(,"currency":"EUR"})";
      line += maybe(R"("sku":"SKU-)" + n + '"') + maybe(R"("vendor":"Vendör & \"Co\"")") +
              maybe(R"("tags":["a","b c"])") + maybe(R"("description":"<p>\n</p>")") +
              maybe(R"("status":"Draft")") + maybe(R"("metadata":{"k":"v"})") +
              maybe(R"("attributes":{"x":[1,2.5,{"y":false}],"z":{"q":"r"}})") +
              maybe(R"("category":["C)" + std::to_string(below_n(3)) + R"(","D"])") +
              maybe(R"("translations":{"de":{"name":"Ü)" + n + R"("}})") +
              maybe(R"("images":[{"image_url":"https://h/)" + n + R"("}])");
      if (below_n(2)) {
        line += R"(,"on_hand":)" + std::to_string(below_n(20));
      } else {
        line += R"(,"variants":[)";
        const auto count = 1 + below_n(3);
        for (unsigned v = 0; v < count; ++v) {
          line += (v ? "," : "") + std::string(R"({"options":[{"name":"O","value":"V)") +
                  std::to_string(v) + R"("}])" + maybe(R"("on_hand":7)") +
                  maybe(R"("sku":"V-)" + n + "-" + std::to_string(v) + '"') + "}";
        }
        line += "]";
      }
      BOOST_TEST((from.outcome(line + "}") == import_outcome::created), "seed " << seed);
    }
    const auto lines = from.exported();
    lines_fixture to;
    for (const auto& line : lines) to.outcome(line);
    BOOST_TEST(sorted(to.exported()) == sorted(lines), boost::test_tools::per_element());
    for (const auto& line : lines) {
      BOOST_TEST((from.outcome(line, true) == import_outcome::unchanged), line);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
