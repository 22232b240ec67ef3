// Typed attributes and translations on each database.

#include "actors/catalog/product_type_messages.hpp"
#include "actors/catalog/specifications.hpp"
#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

attribute_definition attribute(const std::string& key, attribute_type type) {
  attribute_definition a;
  a.key = key;
  a.name = key + " name";
  a.type = type;
  return a;
}

struct typed_catalog : test::catalog_fixture {
  product_type_terms lamp{"Lamp", {}};

  typed_catalog() {
    auto watts = attribute("watts", attribute_type::number);
    watts.unit = "W";
    watts.filterable = true;
    watts.required = true;
    auto socket = attribute("socket", attribute_type::choice);
    socket.choices = {"E14", "E27"};
    socket.filterable = true;
    lamp.attributes = {watts, socket, attribute("dimmable", attribute_type::boolean)};
    put(lamp);
  }
  void put(const product_type_terms& terms) {
    BOOST_REQUIRE(run(put_product_type{"lamp", terms}, staff));
  }
  result<product_view> lamp_of(const std::string& name, const std::string& attributes) {
    auto p = product_of(name, 100);
    p.product_type = "lamp";
    p.attributes = json::raw{attributes};
    return create(p);
  }
  std::string error_at(const result<product_view>& made) {
    return made ? "none" : made.error().errors.at(0).pointer;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(product_types)

BOOST_FIXTURE_TEST_CASE(attributes_are_checked_and_shown, typed_catalog) {
  BOOST_TEST(error_at(lamp_of("A", R"({})")) == "/attributes/watts");
  BOOST_TEST(error_at(lamp_of("A", R"({"watts":"10"})")) == "/attributes/watts");
  BOOST_TEST(error_at(lamp_of("A", R"({"watts":10,"socket":"E40"})")) == "/attributes/socket");
  BOOST_TEST(error_at(lamp_of("A", R"({"watts":10,"dimmable":1})")) == "/attributes/dimmable");
  const auto made = lamp_of("A", R"({"watts":7.5,"socket":"E27","dimmable":true,"note":"x"})");
  const auto shown = read(get_product{made.value().product_id}).value();
  BOOST_TEST(shown.product_type.value() == "lamp");
  const auto& specs = shown.specifications.value();
  BOOST_REQUIRE(specs.size() == 3U);
  BOOST_TEST(specs[0].value.text == "7.5");
  BOOST_TEST(specs[0].unit.value() == "W");
  BOOST_TEST(specs[1].value.text == "\"E27\"");
  auto p = product_of("B", 100);
  p.product_type = "chair";
  BOOST_TEST(error_at(create(p)) == "/product_type");
  p.product_type = "lamp";
  p.publish_at = time.now() + seconds{9};
  BOOST_TEST(error_at(create(p)) == "/attributes/watts");
  p.publish_at.reset();
  // A draft may lack required attributes until it is published.
  p.product_type = "lamp";
  p.status = product_status::Draft;
  const auto draft = create(p).value().product_id;
  product_change c;
  c.status = product_status::Active;
  BOOST_TEST(error_at(change(draft, c)) == "/attributes/watts");
  c.attributes = {true, json::raw{R"({"watts":3})"}};
  BOOST_REQUIRE(change(draft, c));
  // A change is merged.
  c = {};
  c.vendor = {true, "Acme"};
  BOOST_REQUIRE(change(draft, c));
  c = {};
  c.attributes = {true, json::raw{R"({"socket":"E14"})"}};
  BOOST_REQUIRE(change(draft, c));
  BOOST_TEST(detail(draft).vendor.value() == "Acme");
  BOOST_TEST(detail(draft).specifications.value().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(filterable_attributes_are_facets, typed_catalog) {
  BOOST_REQUIRE(lamp_of("A", R"({"watts":10,"socket":"E27"})"));
  BOOST_REQUIRE(lamp_of("B", R"({"watts":10,"socket":"E14"})"));
  list_products q;
  q.filter = "attribute.socket:e14";
  q.facets = strings{"attribute"};
  const auto page = read(q).value();
  BOOST_REQUIRE(page.data.size() == 1U);
  BOOST_TEST(page.data[0].name == "B");
  BOOST_REQUIRE(page.facets.value().size() == 2U);
  for (const auto& f : page.facets.value()) {
    if (f.facet == "attribute.watts") BOOST_TEST(f.values.at(0).label == "10 W");
    if (f.facet == "attribute.socket") BOOST_TEST(f.values.size() == 2U);
  }
}

BOOST_FIXTURE_TEST_CASE(a_changed_type_reaches_its_products, typed_catalog) {
  const auto id = lamp_of("A", R"({"watts":10,"socket":"E27"})").value().product_id;
  lamp.attributes[0].name = "Power";
  lamp.attributes.erase(lamp.attributes.begin() + 1);
  put(lamp);
  BOOST_TEST(sweep() == 1U);
  const auto specs = read(get_product{id}).value().specifications.value();
  BOOST_REQUIRE(specs.size() == 1U);
  BOOST_TEST(specs[0].name == "Power");
  BOOST_TEST(sweep() == 0U);
  BOOST_TEST(test::code_of(run(delete_product_type{"lamp"}, staff)) == "product_type_in_use");
  BOOST_REQUIRE(run(delete_product{id}, staff));
  BOOST_REQUIRE(run(delete_product_type{"lamp"}, staff));
  BOOST_TEST(test::code_of(read(get_product_type{"lamp"}, staff)) == "not_found");
}

BOOST_AUTO_TEST_CASE(definitions_are_checked) {
  const auto error_at = [](const attribute_definition& a) {
    const auto bad = check_definitions({a});
    return bad ? bad->errors.at(0).pointer : std::string("none");
  };
  BOOST_TEST(error_at(attribute("good_1", attribute_type::text)) == "none");
  for (const auto* key : {"Upper", "1st", "", "a-b", "vendor"}) {
    BOOST_TEST(error_at(attribute(key, attribute_type::text)) == "/attributes/0/key", key);
  }
  BOOST_TEST(error_at(attribute("c", attribute_type::choice)) == "/attributes/0/choices");
  auto unit = attribute("c", attribute_type::text);
  unit.unit = "kg";
  BOOST_TEST(error_at(unit) == "/attributes/0/unit");
  const auto twice = attribute("c", attribute_type::text);
  BOOST_TEST(check_definitions({twice, twice}).value().errors.at(0).code == "duplicate");
  const std::vector<attribute_definition> dates{attribute("d", attribute_type::date)};
  for (const auto* bad : {"2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "", "2026-01-0x"}) {
    const std::string attributes = R"({"d":")" + std::string(bad) + R"("})";
    BOOST_TEST(check_attributes(dates, attributes, false).has_value(), bad);
  }
  BOOST_TEST(!check_attributes(dates, R"({"d":"2024-02-29"})", false).has_value());
  const std::vector<attribute_definition> urls{attribute("u", attribute_type::url)};
  BOOST_TEST(check_attributes(urls, R"({"u":"javascript:void"})", false).has_value());
  BOOST_TEST(!check_attributes(urls, R"({"u":"https://example.org/a"})", false).has_value());
}

BOOST_FIXTURE_TEST_CASE(names_are_translated, test::catalog_fixture) {
  const auto home = category("Home");
  auto p = product_of("Cup", 100);
  p.category_id = home;
  p.description = "Blue";
  const auto cup = create(p).value().product_id;
  const auto size = variant(cup, "M");
  const auto translate = [&](translated_kind kind, uuid id, const std::string& locale,
                             std::optional<std::string> name,
                             std::optional<std::string> description = {}) {
    return run(put_translation{kind, id, locale, {std::move(name), std::move(description)}}, staff);
  };
  BOOST_REQUIRE(translate(translated_kind::product, cup.value, "de", "Tasse", "Blau"));
  BOOST_REQUIRE(translate(translated_kind::product, cup.value, "de-AT", "Häferl"));
  BOOST_REQUIRE(translate(translated_kind::category, home.value, "de", "Zuhause"));
  BOOST_TEST(test::code_of(translate(translated_kind::category, cup.value, "de", "x")) ==
             "not_found");
  BOOST_TEST(test::code_of(translate(translated_kind::product, size.value, "de", "x")) ==
             "not_found");
  const auto in = [&](const std::string& locale) {
    get_product q{cup};
    q.locale = locale;
    return read(q).value();
  };
  BOOST_TEST(in("de").name == "Tasse");
  BOOST_TEST(in("de").description == "Blau");
  BOOST_TEST(in("de").category.value().name == "Zuhause");
  BOOST_TEST(in("de").variants[0].name == "Tasse - M");
  BOOST_TEST(in("de-CH").name == "Tasse");
  BOOST_TEST(in("de-AT").name == "Häferl");
  BOOST_TEST(in("de-AT").description == "Blue");
  BOOST_TEST(in("fr").name == "Cup");
  category_tree tree;
  tree.locale = "de";
  BOOST_TEST(read(tree).value().data[0].name == "Zuhause");
  const auto before = detail(cup).updated_at;
  time.advance(seconds{1});
  BOOST_REQUIRE(translate(translated_kind::product, cup.value, "de", "Tasse", "Blau"));
  BOOST_TEST((detail(cup).updated_at == before));
  // Searches find each language.
  BOOST_TEST((names(search("Tasse")) == strings{"Cup"}));
  BOOST_TEST((names(search("haferl")) == strings{"Cup"}));
  BOOST_REQUIRE(run(delete_translation{translated_kind::product, cup.value, "de"}, staff));
  BOOST_TEST(names(search("Tasse")).empty());
  BOOST_TEST(in("de").name == "Cup");
  BOOST_TEST(read(list_translations{translated_kind::product, cup.value}).value().data.size() ==
             1U);
}

BOOST_AUTO_TEST_SUITE_END()
