// From one store to another by a product file: products accepted by the API are the same there, and
// the file changes nothing in its own store.

#include "tests/support/import_store.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <utility>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::vector<std::string> texts{
    "a",    "B c",         "\"q\"",        "x, y",       "\xC3\xA9",      "\xF0\x9F\x8E\x81",
    "=1+1", "'x'",         "<b>&amp;</b>", "a > b \\ c", "\xEF\xBB\xBFz", "0",
    "true", "\xE6\x9C\xAC"};

/// Attribute members of a product: those created by an import, and arbitrary ones.
const std::vector<std::vector<std::string>> product_members{
    {R"("vendor":"Ova")", R"("vendor":" padded ")", R"("vendor":"a\nb")", R"("vendor":7)",
     R"("vendor":"")", R"("vendor":"\u00a0")"},
    {R"("tags":["a","b"])", R"("tags":["summer"])", R"("tags":["a,b"])", R"("tags":[" a "])",
     R"("tags":"x")", R"("tags":[])", R"("tags":["a","a"])", R"("tags":["a",1])"},
    {R"("type":"x")", R"("type":" > ")", R"("type":"")", R"("type":{"a":1})"},
    {R"("published":true)", R"("published":false)", R"("published":"yes")"},
    {R"("columns":{"Fit":"slim","SEO Title":"s"})", R"("columns":{"Title":"x","Fit":"y"})",
     R"("columns":{"Handle":"h","SKU":"s","L\nF":"x"})", R"("columns":{"Status":"draft"})",
     R"("columns":{"Status":"active"})", R"("columns":{"Status":"sold out"})",
     R"("columns":{"SEO title":"s"})", R"("columns":{"Cost per item":"3"})",
     R"("columns":{"Fit":"","Made in":3})", R"("columns":{"Made in":"a\r\n b ","":"e"," p ":"x"})",
     R"("columns":"x")", R"("columns":{"Stoa Attributes":"{}","Option4 Name":"o","Cut":{"b":1}})",
     R"("columns":{"Fit":"1","fit":"2"})"},
    {R"("variant":{"weight_grams":5,"weight_unit":"kg","taxable":false})",
     R"("variant":{"weight_grams":-1,"weight_unit":"stone"})",
     R"("variant":{"barcode":" 1 ","tax_code":"T","more":{"x":[]}})",
     R"("variant":{"columns":{"Cost per item":"1","Fit":"x"}})", R"("variant":"no")",
     R"("variant":{"image_url":"https://x.example/a b","inventory_tracker":"acme"})"},
    {R"("colour":"red")", R"("colour":{"a":{"b":[1,null,{}]},"c":{}})", R"("colour":1.5)"},
};
const std::vector<std::vector<std::string>> variant_members{
    {R"("weight_grams":120)", R"("weight_grams":0)", R"("weight_grams":1.5)",
     R"("weight_grams":-3)"},
    {R"("weight_unit":"lb")", R"("weight_unit":"KG")", R"("weight_unit":1)"},
    {R"("requires_shipping":false)", R"("requires_shipping":true)", R"("taxable":"no")"},
    {R"("barcode":"4012345")", R"("barcode":" 1")", R"("barcode":"1\u0001")"},
    {R"("image_url":"https://x.example/v.jpg")", R"("image_url":"//x")"},
    {R"("inventory_tracker":"acme")", R"("inventory_tracker":"shopify")"},
    {R"("columns":{"Cost per item":"3","Variant Note":"n"})", R"("columns":{"Fit":"x"})",
     R"("columns":{"Variant Price":"9","variant sku":"s"})"},
    {R"("vendor":"v")", R"("inventory_policy":"x")", R"("own":{"a":[{}]})"},
};

/// Fills a store as staff do, by a seed.
class random_store {
 public:
  random_store(import_store& s, unsigned seed) : s_(s), random_(seed) {
    auto root = s_.run(catalog::create_category{{"A > B", std::nullopt, std::nullopt}});
    auto below = s_.run(catalog::create_category{{"c\\d", std::nullopt, root.category_id}});
    categories_ = {root.category_id, below.category_id};
  }

  void add_products(int count) {
    for (int number = 0; number < count; ++number) add_product(number);
    // Many commands share a transaction; the commands that depend on their answers use the next
    // one.
    while (!next_.empty()) {
      for (const auto& send : std::exchange(next_, {})) send();
      s_.catalog.flush();
    }
  }

 private:
  using follow_up = std::function<void(stoa::product_id)>;

  template <class Command>
  void send(Command command, follow_up then = {}) {
    next_.push_back([this, command, then] {
      s_.catalog.service().add(command, [then](kernel::answer a) {
        auto got = kernel::typed<typename Command::reply>(std::move(a)).value;
        BOOST_REQUIRE(got);
        if constexpr (requires { got->product_id; }) {
          if (then) then(got->product_id);
        }
      });
    });
  }

  void add_product(int number) {
    auto p = by_staff(text());
    if (below(4) != 0) p.handle = "h" + std::to_string(number) + " " + text();
    if (below(2) != 0) p.description = text() + (below(2) != 0 ? "\r\n" : "\n") + text();
    if (below(2) != 0) p.category_id = categories_[below(categories_.size())];
    if (below(2) != 0) p.sku = "P" + std::to_string(number) + text();
    if (below(3) == 0) p.status = catalog::product_status::Draft;
    p.attributes = json::raw{attributes(product_members)};
    sold(p);
    const auto options = below(12);
    const bool backorder = p.allow_backorder;
    send(catalog::create_product{p}, [this, options, backorder](stoa::product_id id) {
      if (options > 0 && options <= 10) {
        for (std::size_t v = 1 + below(3); v > 0; --v) add_variant(id, options, v);
      } else {
        change_stock(id, backorder);
      }
      for (auto images = below(4); images > 0; --images) add_image(id);
    });
  }

  std::size_t below(std::size_t n) { return random_() % n; }
  std::string text() {
    std::string made = texts[below(texts.size())];
    for (auto more = below(3); more > 0; --more) made += " " + texts[below(texts.size())];
    return made;
  }
  std::string attributes(const std::vector<std::vector<std::string>>& members) {
    std::string made;
    for (const auto& choices : members) {
      if (below(2) == 0) continue;
      made += (made.empty() ? "" : ",") + choices[below(choices.size())];
    }
    return "{" + made + "}";
  }
  void sold(catalog::new_product& p) {
    p.price = money{static_cast<std::int64_t>(below(100'000)), "EUR"};
    if (below(2) != 0) p.compare_at_price = money{static_cast<std::int64_t>(below(9999)), "EUR"};
    p.on_hand = static_cast<std::int64_t>(below(5));
    p.track_inventory = below(3) != 0;
    p.allow_backorder = below(3) == 0;
    if (below(3) == 0) p.metadata = metadata_change{{"erp", {text()}}, {"b", {" x\ny"}}};
  }
  void add_variant(stoa::product_id product, std::size_t options, std::size_t number) {
    catalog::new_product v;
    v.parent_product_id = product;
    for (std::size_t i = 0; i < options; ++i) {
      v.options.push_back({"o" + std::to_string(i), text() + " " + std::to_string(number)});
    }
    if (below(4) == 0) v.name = text();
    if (below(2) != 0) v.sku = "V" + product.str() + std::to_string(number);
    v.attributes = json::raw{attributes(variant_members)};
    sold(v);
    const bool backorder = v.allow_backorder;
    send(catalog::create_product{v},
         [this, backorder](stoa::product_id id) { change_stock(id, backorder); });
  }
  void add_image(stoa::product_id id) {
    std::optional<std::int64_t> position;
    if (below(2) != 0) position = 1 + below(3);
    send(catalog::add_image{
        id, {"https://x.example/" + std::to_string(below(2)) + ".jpg", text(), position}});
  }
  /// Some units are owed, and some of these products are not for sale until restocked.
  void change_stock(stoa::product_id id, bool backorder) {
    if (!backorder || below(2) != 0) return;
    const bool stops = below(2) == 0;
    send(catalog::adjust_stock{id, {-9, std::nullopt, std::nullopt}},
         [this, stops](stoa::product_id of) {
           if (!stops) return;
           catalog::product_change c;
           c.allow_backorder = false;
           c.track_inventory = true;
           send(catalog::change_product{of, c});
         });
  }

  import_store& s_;
  std::mt19937 random_;
  std::vector<stoa::category_id> categories_;
  std::vector<std::function<void()>> next_;
};

/// The first differing line of both; empty when the texts are equal.
std::string difference(const std::string& one, const std::string& two) {
  if (one == two) return {};
  const auto at = std::mismatch(one.begin(), one.end(), two.begin(), two.end()).first;
  const auto begin = one.rfind('\n', static_cast<std::size_t>(at - one.begin())) + 1;
  return one.substr(begin, one.find('\n', begin) - begin) + "\n" +
         two.substr(begin, two.find('\n', begin) - begin);
}

problem refusal_of(import_store& s, catalog::new_product p) {
  auto made = s.try_run(catalog::create_product{std::move(p)});
  BOOST_TEST_REQUIRE(!made);
  BOOST_TEST_REQUIRE(!made.error().errors.empty());
  return made.error();
}

catalog::new_product with_attributes(const std::string& name, const std::string& attributes) {
  auto p = by_staff(name);
  p.handle = name;
  p.attributes = json::raw{attributes};
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_round_trip)

BOOST_AUTO_TEST_CASE(random_products_are_the_same_in_another_store) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    import_store one;
    random_store made(one, seed);
    constexpr int products = 60;
    made.add_products(products);
    const std::string file = one.export_text();
    import_store two;
    BOOST_TEST(two.load_text(file).created == products);
    for (const auto& note : two.notes) BOOST_ERROR("seed " << seed << " " << note);
    BOOST_TEST(difference(file, two.export_text()) == "");
    for (auto* s : {&one, &two}) {
      s->load_text(file, true, true);
      for (const auto& c : s->changed) BOOST_ERROR("seed " << seed << " " << c);
      check_unchanged(s->load_text(file, true), products);
      for (const auto& note : s->notes) BOOST_ERROR("seed " << seed << " " << note);
    }
    BOOST_TEST(difference(file, one.export_text()) == "");
  }
}

BOOST_AUTO_TEST_CASE(attributes_that_name_columns_stay_attributes) {
  const std::string columns =
      R"({"columns":{"Title":"x","Handle":"y","SKU":"z","L\nF":"w","Fit":"slim"},)"
      R"("tags":["a,b"],"vendor":["v"],"colour":"red"})";
  import_store one;
  one.run(catalog::create_product{with_attributes("odd", columns)});
  const auto file = one.export_text();
  import_store two;
  two.load_text(file);
  const auto view = two.by_handle("odd");
  BOOST_TEST(view.name == "odd");
  BOOST_TEST(!view.sku.has_value());
  const auto stored = json::parse(view.attributes->text);
  BOOST_TEST(*stored->find("columns")->find("Title")->if_string() == "x");
  BOOST_TEST(*stored->find("columns")->find("L\nF")->if_string() == "w");
  BOOST_TEST(*stored->find("columns")->find("Fit")->if_string() == "slim");
  BOOST_TEST(*stored->find("tags")->if_array()->at(0).if_string() == "a,b");
  BOOST_TEST(*stored->find("colour")->if_string() == "red");
  // An empty cell removes them, except those with a separate column; a file without the column
  // leaves them.
  two.load_text("Handle,Title\nodd,odd\n");
  BOOST_TEST(two.by_handle("odd").attributes->text == view.attributes->text);
  two.load_text("Handle,Title,Stoa Attributes\nodd,odd,\n");
  BOOST_TEST(two.by_handle("odd").attributes->text == R"({"columns":{"Fit":"slim"}})");
}

BOOST_AUTO_TEST_CASE(tags_make_no_category_of_a_product_that_has_none) {
  import_store s;
  const auto id =
      s.run(catalog::create_product{with_attributes("tagged", R"({"tags":["a","b"]})")}).product_id;
  s.load_text("Handle,Title,Tags,Variant Price\nforeign,Foreign,\"x,y\",1\n");
  BOOST_TEST(s.by_handle("foreign").category->name == "x");
  const auto foreign = s.by_handle("foreign").product_id;
  check_unchanged(s.load_text(s.export_text()), 2);
  BOOST_TEST(!s.by_handle("tagged").category.has_value());
  catalog::product_change none;
  none.category_id = {true, std::nullopt};
  s.run(catalog::change_product{foreign, none});
  check_unchanged(s.load_text(s.export_text()), 2);
  BOOST_TEST(!s.by_handle("foreign").category.has_value());
  import_store two;
  two.load_text(s.export_text());
  BOOST_TEST(!two.by_handle("foreign").category.has_value());
  BOOST_TEST(two.export_text() == s.export_text());
  catalog::list_products by_tag;
  by_tag.q = "b";
  for (auto* store : {&s, &two}) {
    BOOST_TEST(store->catalog.service().read(by_tag)->data.size() == 1U);
  }
  BOOST_TEST(s.by_handle("tagged").product_id.str() == id.str());
}

BOOST_AUTO_TEST_CASE(what_no_file_can_hold_is_refused) {
  import_store s;
  auto plain = by_staff("Plain");
  const auto parent = s.run(catalog::create_product{plain}).product_id;
  catalog::new_product v;
  v.parent_product_id = parent;
  v.options = {{"Title", " Default Title "}};
  BOOST_TEST(refusal_of(s, v).errors[0].pointer == "/options");
  v.options = {{"Title", "Other"}};
  const auto variant = s.run(catalog::create_product{v}).product_id;
  catalog::product_change c;
  c.options = {true, std::vector<catalog::option_value>{{"Title", "Default Title"}}};
  BOOST_TEST(!s.try_run(catalog::change_product{variant, c}));
  v.options = {{"Title", "Default Title"}, {"Size", "S"}};
  BOOST_TEST(refusal_of(s, v).errors[0].code == "other_options");

  plain.handle = parent.str();
  BOOST_TEST(refusal_of(s, plain).errors[0].pointer == "/handle");
  c = {};
  c.handle = {true, parent.str()};
  BOOST_TEST(!s.try_run(catalog::change_product{parent, c}));

  BOOST_TEST(refusal_of(s, with_attributes("a", R"({"variant":{"sku":"X"}})")).errors[0].pointer ==
             "/attributes/variant/sku");
  v.options = {{"Title", "Third"}};
  v.attributes = json::raw{R"({"sku":"X"})"};
  BOOST_TEST(refusal_of(s, v).errors[0].pointer == "/attributes/sku");
  // One stored there by an earlier version may remain, and no other may be added.
  s.load_text(
      "Handle,Title,Stoa Attributes,Variant Price\n"
      "b,B,\"{\"\"variant\"\":{\"\"sku\"\":\"\"X\"\"}}\",1\n");
  const auto b = s.by_handle("b");
  c = {};
  c.attributes = {true, json::raw{R"({"variant":{"sku":"X"},"more":1})"}};
  s.run(catalog::change_product{b.product_id, c});
  c.attributes = {true, json::raw{R"({"variant":{"sku":"Y"}})"}};
  BOOST_TEST(!s.try_run(catalog::change_product{b.product_id, c}));
  c.attributes = {true, json::raw{R"({"more":null})"}};
  BOOST_TEST(s.run(catalog::change_product{b.product_id, c}).attributes->text ==
             R"({"variant":{"sku":"X"}})");
  c.attributes = {true, json::raw{R"({"variant":null})"}};
  BOOST_TEST(s.run(catalog::change_product{b.product_id, c}).attributes->text == "{}");
}

BOOST_AUTO_TEST_CASE(a_negative_quantity_is_what_is_owed) {
  const std::string head =
      "Handle,Title,Variant Price,Variant Inventory Qty,Variant Inventory Policy,"
      "Variant Inventory Tracker\n";
  import_store s;
  s.load_text(head + "a,A,1,-3,deny,shopify\n");
  BOOST_TEST(*s.by_handle("a").on_hand == -3);
  BOOST_TEST(s.by_handle("a").inventory_count == 0);
  BOOST_TEST(!s.by_handle("a").available);
  check_unchanged(s.load_text(s.export_text(), true), 1);
  s.load_text(head + "a,A,1,-7,deny,shopify\n", true);
  BOOST_TEST(*s.by_handle("a").on_hand == -7);
  s.load_text(head + "a,A,1,4,deny,shopify\n", true);
  BOOST_TEST(*s.by_handle("a").on_hand == 4);
  BOOST_TEST(s.by_handle("a").available);
}

BOOST_AUTO_TEST_CASE(a_product_with_variants_keeps_its_own_price_and_sku) {
  import_store s;
  auto p = by_staff("Parent");
  p.handle = "parent";
  p.sku = "PARENT";
  const auto id = s.run(catalog::create_product{p}).product_id;
  catalog::new_product v;
  v.parent_product_id = id;
  v.options = {{"Size", "S"}};
  v.price = money{900, "EUR"};
  s.run(catalog::create_product{v});
  check_unchanged(s.load_text(s.export_text(), true), 1);
  BOOST_TEST(*s.by_handle("parent").sku == "PARENT");
}

BOOST_AUTO_TEST_CASE(metadata_and_names_of_variants_are_in_the_file) {
  import_store one;
  auto p = by_staff("Shirt");
  p.handle = "shirt";
  p.metadata = metadata_change{{"erp", {"7"}}};
  const auto id = one.run(catalog::create_product{p}).product_id;
  catalog::new_product v;
  v.parent_product_id = id;
  v.options = {{"Size", "S"}};
  v.name = "The small one";
  v.metadata = metadata_change{{"erp", {"7-S"}}};
  one.run(catalog::create_product{v});
  v = {};
  v.parent_product_id = id;
  v.options = {{"Size", "M"}};
  one.run(catalog::create_product{v});
  import_store two;
  two.load_text(one.export_text());
  auto view = two.by_handle("shirt");
  BOOST_TEST(view.metadata->at("erp") == "7");
  BOOST_TEST(view.variants.at(0).name == "The small one");
  BOOST_TEST(view.variants.at(0).metadata->at("erp") == "7-S");
  BOOST_TEST(view.variants.at(1).name == "Shirt - M");
  BOOST_TEST(view.variants.at(1).metadata->empty());
  // A file without the columns keeps them; empty cells remove them.
  const std::string head = "Handle,Title,Option1 Name,Option1 Value,Variant Price";
  two.load_text(head + "\nshirt,Blouse,Size,S,1\nshirt,,,M,1\n");
  view = two.by_handle("shirt");
  BOOST_TEST(view.metadata->at("erp") == "7");
  BOOST_TEST(view.variants.at(0).name == "The small one");
  BOOST_TEST(view.variants.at(1).name == "Blouse - M");
  two.load_text(head + ",Stoa Metadata,Stoa Variant Metadata,Stoa Variant Name\n" +
                "shirt,Shirt,Size,S,1,\"{\"\"a\"\":\"\"b\"\"}\",,\nshirt,,,M,1,,,Medium\n");
  view = two.by_handle("shirt");
  BOOST_TEST((*view.metadata == metadata{{"a", "b"}}));
  BOOST_TEST(view.variants.at(0).name == "Shirt - S");
  BOOST_TEST(view.variants.at(0).metadata->empty());
  BOOST_TEST(view.variants.at(1).name == "Medium");
  // Values rejected by the API are rejected here, too.
  auto bad =
      shopify::test::read_text("Handle,Title,Stoa Metadata\nx,X,\"{\"\"a b\"\":\"\"c\"\"}\"\n");
  two.notes.clear();
  BOOST_TEST(two.load(bad.products, {"EUR", false, false, bad.columns}).refused == 1U);
  for (const char* cell : {"[]", "x", "\"{\"\"a\"\":1}\""}) {
    BOOST_TEST(
        shopify::test::read_text(std::string("Handle,Title,Stoa Metadata\nx,X,") + cell + "\n")
            .errors.size() >= 1U);
  }
}

BOOST_AUTO_TEST_CASE(the_name_of_a_column_counts_in_any_case) {
  import_store s;
  s.run(catalog::create_product{with_attributes("a", R"({"columns":{"Fit":"1"}})")});
  s.run(catalog::create_product{with_attributes("b", R"({"columns":{"fit":"2"}})")});
  check_unchanged(s.load_text(s.export_text()), 2);
  BOOST_TEST(s.by_handle("b").attributes->text == R"({"columns":{"fit":"2"}})");
  import_store two;
  two.load_text(s.export_text());
  BOOST_TEST(two.export_text() == s.export_text());
}

BOOST_AUTO_TEST_SUITE_END()
