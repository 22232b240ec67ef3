// Options, tags and attributes in other languages, on each database.

#include "actors/catalog/product_type_messages.hpp"
#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

template <class T>
std::string label_pointer(const result<T>& r) {
  return r || r.error().errors.empty() ? "" : r.error().errors.front().pointer;
}

struct labelled_catalog : test::catalog_fixture {
  stoa::product_id shirt;

  labelled_catalog() {
    attribute_definition material;
    material.key = "material";
    material.name = "Material";
    material.filterable = true;
    attribute_definition weight;
    weight.key = "weight";
    weight.name = "Weight";
    weight.type = attribute_type::number;
    weight.unit = "g";
    BOOST_REQUIRE(run(put_product_type{"shirt", {"Shirt", {material, weight}}}, staff));
    auto p = product_of("Shirt", 100);
    p.tags = strings{"New", "Summer"};
    p.product_type = "shirt";
    p.attributes = json::raw{R"({"material":"Wool","weight":200})"};
    shirt = create(p).value().product_id;
    variant(shirt, "M", {}, 3);
  }
  static std::vector<label_entry> german() {
    return {{"option.Size", std::nullopt, "Größe"},
            {"option.size", "m", "mittel"},
            {"tag", "NEW", "Neuheit"},
            {"attribute.material", std::nullopt, "Stoff"},
            {"attribute.material", "wool", "Wolle"},
            {"attribute.weight", std::nullopt, "Gewicht"},
            {"attribute.weight", "200 g", "leicht"}};
  }
  result<label_list> put(const std::string& locale, std::vector<label_entry> labels) {
    return run(put_labels{locale, {std::move(labels)}}, staff);
  }
  product_view in(const std::string& locale) {
    get_product q{shirt};
    q.locale = locale;
    return read(q).value();
  }
  /// "value=label" of the facet in the language; first its own label.
  strings facet(const std::string& name, const std::string& locale) {
    list_products q;
    q.facets = strings{"option", "tag", "attribute"};
    q.locale = locale;
    strings shown;
    const auto page = read(q).value();
    for (const auto& f : page.facets.value()) {
      if (f.facet != name) continue;
      shown.push_back(f.label);
      for (const auto& v : f.values) shown.push_back(v.value + "=" + v.label);
    }
    return shown;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(labels)

BOOST_FIXTURE_TEST_CASE(products_and_facets_show_them, labelled_catalog) {
  BOOST_REQUIRE(put("de", german()));
  BOOST_REQUIRE(put("de-AT", {{"tag", "new", "Neu in Wien"}}));
  for (const char* locale : {"de", "de-CH"}) {
    const auto p = in(locale);
    BOOST_TEST((p.tags.value() == strings{"Neuheit", "Summer"}));
    BOOST_TEST_REQUIRE(p.variants.size() == 1U);
    BOOST_TEST((p.variants[0].options == std::vector<option_value>{{"Größe", "mittel"}}));
    BOOST_TEST(p.variants[0].name == "Shirt - mittel");
    const auto& s = p.specifications.value();
    BOOST_TEST_REQUIRE(s.size() == 2U);
    BOOST_TEST(s[0].name == "Stoff");
    BOOST_TEST(s[0].key == "material");
    BOOST_TEST(s[0].value.text == "\"Wolle\"");
    // A number stays one.
    BOOST_TEST(s[1].name == "Gewicht");
    BOOST_TEST(s[1].value.text == "200");
  }
  BOOST_TEST((in("de-AT").tags.value() == strings{"Neu in Wien", "Summer"}));
  BOOST_TEST(in("de-AT").variants[0].name == "Shirt - mittel");
  BOOST_TEST((in("fr").tags.value() == strings{"New", "Summer"}));
  // Staff, who send these values back, see the originals.
  BOOST_TEST((detail(shirt).tags.value() == strings{"New", "Summer"}));
  BOOST_TEST((facet("option.size", "de") == strings{"Größe", "m=mittel"}));
  BOOST_TEST((facet("attribute.material", "de") == strings{"Stoff", "wool=Wolle"}));
  BOOST_TEST((facet("tag", "de") == strings{"tag", "new=Neuheit", "summer=Summer"}));
  BOOST_TEST((facet("tag", "en") == strings{"tag", "new=New", "summer=Summer"}));
  // The values to filter by are the same in all languages.
  list_products q;
  q.filter = "option.size:m;tag:new;attribute.material:wool";
  q.locale = "de";
  BOOST_TEST((names(q) == strings{"Shirt"}));
}

BOOST_FIXTURE_TEST_CASE(variants_follow_the_name_of_their_product, labelled_catalog) {
  BOOST_REQUIRE(put("de", german()));
  BOOST_REQUIRE(run(
      put_translation{translated_kind::product, shirt.value, "de", {"Hemd", std::nullopt}}, staff));
  BOOST_TEST(in("de").name == "Hemd");
  BOOST_TEST(in("de").variants[0].name == "Hemd - mittel");
}

BOOST_FIXTURE_TEST_CASE(searches_find_their_words, labelled_catalog) {
  BOOST_TEST(names(search("mittel")).empty());
  BOOST_REQUIRE(put("de", german()));
  while (sweep() > 0) {
  }
  BOOST_TEST((names(search("mittel")) == strings{"Shirt"}));
  BOOST_TEST((names(search("neuheit")) == strings{"Shirt"}));
  BOOST_TEST((names(search("summer")) == strings{"Shirt"}));
  // A product that is changed or added later has them, too.
  auto other = product_of("Cap", 100);
  other.tags = strings{"new"};
  const auto cap = create(other).value().product_id;
  BOOST_TEST(names(search("neuheit")).size() == 2U);
  product_change c;
  c.tags = {true, strings{"old"}};
  BOOST_REQUIRE(change(cap, c));
  BOOST_TEST((names(search("neuheit")) == strings{"Shirt"}));
  BOOST_REQUIRE(put("de", {{"tag", "new", "Frisch"}}));
  while (sweep() > 0) {
  }
  BOOST_TEST(names(search("neuheit")).empty());
  BOOST_TEST(names(search("mittel")).empty());
  BOOST_TEST((names(search("frisch")) == strings{"Shirt"}));
}

BOOST_FIXTURE_TEST_CASE(staff_replace_all_labels_of_a_language, labelled_catalog) {
  BOOST_TEST(put("de", german()).value().labels.size() == 7U);
  const auto stored = read(get_labels{"de"}).value();
  BOOST_TEST((stored.labels.front().facet == "attribute.material"));
  BOOST_TEST(!stored.labels.front().value.has_value());
  // What was read can be written back, and changes nothing.
  BOOST_TEST(put("de", stored.labels).value().labels.size() == 7U);
  while (sweep() > 0) {
  }
  BOOST_REQUIRE(put("de", stored.labels));
  BOOST_TEST(number("SELECT count(*) FROM search_queue") == 0);
  BOOST_REQUIRE(put("fr", {{"tag", "new", "nouveau"}}));
  const auto locales = read(list_label_locales{}).value().data;
  BOOST_TEST_REQUIRE(locales.size() == 2U);
  BOOST_TEST(locales[0].locale == "de");
  BOOST_TEST(locales[0].labels == 7);
  BOOST_REQUIRE(put("de", {}));
  BOOST_TEST(read(list_label_locales{}).value().data.size() == 1U);
  BOOST_TEST(read(get_labels{"de"}).value().labels.empty());
  BOOST_TEST((in("de").tags.value() == strings{"New", "Summer"}));
}

BOOST_FIXTURE_TEST_CASE(bad_labels_are_rejected, labelled_catalog) {
  const auto pointer = [&](std::vector<label_entry> labels) {
    return label_pointer(put("de", std::move(labels)));
  };
  BOOST_TEST(pointer({{"size", "m", "x"}}) == "/labels/0/facet");
  BOOST_TEST(pointer({{"option.", "m", "x"}}) == "/labels/0/facet");
  BOOST_TEST(pointer({{"tag", " ", "x"}}) == "/labels/0/value");
  BOOST_TEST(pointer({{"tag", "a", " "}}) == "/labels/0/label");
  BOOST_TEST(pointer({{"tag", "a", "x"}, {"TAG", "A", "y"}}) == "/labels/1");
  BOOST_TEST(read(get_labels{"de"}).value().labels.empty());
  for (std::size_t i = 0; i < label_locales_max; ++i) {
    const auto locale =
        std::string("q") + static_cast<char>('a' + i / 26) + static_cast<char>('a' + i % 26);
    BOOST_REQUIRE(put(locale, {{"tag", "new", "x"}}));
  }
  BOOST_TEST(test::code_of(put("de", german())) == "too_many_translations");
  BOOST_REQUIRE(put("qaa", german()));
}

BOOST_AUTO_TEST_SUITE_END()
