// Facets of product lists: each count equals one made by looking at all products.

#include "actors/catalog/facet_filter.hpp"
#include "storage/base/text.hpp"
#include "tests/support/catalog_fixture.hpp"

#include <algorithm>
#include <map>
#include <random>

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;
using counts = std::map<std::string, std::int64_t>;

struct made_product {
  std::string vendor;
  strings tags;
  std::int64_t price = 0;
  bool is_in_stock = false;
  std::optional<std::size_t> category;
  strings sizes;
};

struct shop : test::catalog_fixture {
  std::vector<made_product> all;
  std::vector<stoa::category_id> categories;  ///< the second is below the first

  explicit shop(std::size_t count = 80) {
    categories.push_back(category("Home"));
    categories.push_back(category("Kitchen", categories[0]));
    categories.push_back(category("Garden"));
    std::mt19937 random(7);
    const auto pick = [&](const strings& from) { return from[random() % from.size()]; };
    for (std::size_t i = 0; i < count; ++i) {
      made_product made;
      if (random() % 4 != 0) made.vendor = pick({"Acme", "ACME", "Foo, Inc.", "a;b|c:d"});
      for (auto n = random() % 4; n > 0; --n) made.tags.push_back(pick({"new", "sale", "Wool"}));
      made.price = static_cast<std::int64_t>(100 + random() % 900);
      made.is_in_stock = random() % 3 != 0;
      if (random() % 4 != 0) made.category = random() % categories.size();
      auto p = product_of("P" + std::to_string(i), made.price);
      if (!made.vendor.empty()) p.vendor = made.vendor;
      if (!made.tags.empty()) p.tags = made.tags;
      if (made.category) p.category_id = categories[*made.category];
      if (random() % 5 == 0) {
        made.sizes = {"S", pick({"M", "L"})};
      } else if (made.is_in_stock) {
        p.on_hand = 3;
      }
      const auto id = create(p).value().product_id;
      for (const auto& size : made.sizes) variant(id, size, {}, made.is_in_stock ? 2 : 0);
      all.push_back(std::move(made));
    }
  }

  bool has_facet(const made_product& p, const facet_filter& f) const {
    strings values;
    if (f.facet == "vendor") values = {p.vendor};
    if (f.facet == "tag") values = p.tags;
    if (f.facet == "option.size") values = p.sizes;
    return std::ranges::any_of(values, [&](const auto& v) {
      return std::ranges::find(f.values, text::fold(v)) != f.values.end();
    });
  }
  bool is_in(const made_product& p, std::size_t category) const {
    return p.category == category || (category == 0 && p.category == 1U);
  }
  /// Whether the product passes the filters of the query, without those of one facet.
  bool passes(const made_product& p, const list_products& q, const std::string& without) const {
    if (without != "price" && q.min_price && p.price < *q.min_price) return false;
    if (without != "price" && q.max_price && p.price > *q.max_price) return false;
    if (without != "availability" && q.in_stock && p.is_in_stock != *q.in_stock) return false;
    if (without != "category" && q.category_id) {
      const auto at = std::ranges::find(categories, *q.category_id) - categories.begin();
      if (!is_in(p, static_cast<std::size_t>(at))) return false;
    }
    for (const auto& f : parse_filter(q.filter.value_or("")).value()) {
      if (f.facet != without && !has_facet(p, f)) return false;
    }
    return true;
  }
  /// The number of products for each value of the facet.
  counts counted(const list_products& q, const std::string& facet) const {
    counts found;
    for (const auto& p : all) {
      if (!passes(p, q, facet)) continue;
      std::set<std::string> values;
      if (facet == "vendor" && !p.vendor.empty()) values.insert(text::fold(p.vendor));
      if (facet == "tag") {
        for (const auto& tag : p.tags) values.insert(text::fold(tag));
      }
      if (facet == "option.size") {
        for (const auto& size : p.sizes) values.insert(text::fold(size));
      }
      if (facet == "availability") values.insert(p.is_in_stock ? "true" : "false");
      for (std::size_t i = 0; facet == "category" && i < categories.size(); ++i) {
        if (is_in(p, i)) values.insert(categories[i].str());
      }
      for (const auto& v : values) ++found[v];
    }
    return found;
  }
};

counts shown(const product_page& page, const std::string& facet) {
  counts found;
  for (const auto& f : page.facets.value()) {
    if (f.facet != facet) continue;
    for (const auto& v : f.values) found[v.value] = v.count;
  }
  return found;
}

/// Price bands contain each product once, within their limits.
void check_bands(const shop& s, const list_products& q, const product_page& page) {
  std::int64_t total = 0;
  for (const auto& f : page.facets.value()) {
    if (f.facet != "price") continue;
    BOOST_TEST(f.values.size() <= 7U);
    for (const auto& v : f.values) {
      const auto inside = std::ranges::count_if(s.all, [&](const auto& p) {
        return s.passes(p, q, "price") && p.price >= *v.min_price && p.price <= *v.max_price;
      });
      BOOST_TEST(v.count == inside);
      total += v.count;
    }
  }
  BOOST_TEST(total ==
             std::ranges::count_if(s.all, [&](const auto& p) { return s.passes(p, q, "price"); }));
}

list_products query_of(std::optional<std::string> filter) {
  list_products q;
  q.filter = std::move(filter);
  q.limit = 100;
  return q;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(facets)

BOOST_FIXTURE_TEST_CASE(counts_are_those_of_the_products, shop) {
  const std::vector<std::optional<std::string>> filters{{},
                                                        "vendor:acme",
                                                        "tag:new|sale",
                                                        "vendor:Foo, Inc.|a\\;b\\|c\\:d;tag:WOOL",
                                                        "option.Size:m",
                                                        "vendor:other",
                                                        "option.size:s|L;vendor:acme;tag:new"};
  for (const auto& filter : filters) {
    for (const bool more : {false, true}) {
      auto q = query_of(filter);
      if (more) {
        q.category_id = categories[0];
        q.min_price = 200;
        q.max_price = 800;
        q.in_stock = true;
      }
      q.facets = {"category", "price", "availability", "vendor", "tag", "option"};
      const auto page = read(q).value();
      BOOST_TEST_CONTEXT(filter.value_or("none") << (more ? " and more" : "")) {
        const auto passing =
            std::ranges::count_if(all, [&](const auto& p) { return passes(p, q, ""); });
        BOOST_TEST(page.data.size() == static_cast<std::size_t>(passing));
        for (const auto* facet : {"category", "availability", "vendor", "tag", "option.size"}) {
          BOOST_TEST(shown(page, facet) == counted(q, facet), facet);
        }
        check_bands(*this, q, page);
      }
    }
  }
}

BOOST_FIXTURE_TEST_CASE(changes_and_deletions_are_counted, test::catalog_fixture) {
  auto p = product_of("Cup", 100);
  p.vendor = "Acme";
  p.tags = strings{"New", "new"};
  const auto id = create(p).value().product_id;
  BOOST_TEST((detail(id).tags == strings{"New", "new"}));
  auto q = query_of({});
  q.facets = {"vendor", "tag"};
  BOOST_TEST((shown(read(q).value(), "tag") == counts{{"new", 1}}));
  product_change c;
  c.vendor = {true, "Nord"};
  c.tags = {true, std::nullopt};
  BOOST_REQUIRE(change(id, c));
  BOOST_TEST((shown(read(q).value(), "vendor") == counts{{"nord", 1}}));
  BOOST_TEST(shown(read(q).value(), "tag").empty());
  BOOST_TEST(!detail(id).tags.has_value());
  BOOST_TEST((names(query_of("vendor:NORD")) == strings{"Cup"}));
  BOOST_REQUIRE(run(delete_product{id}, staff));
  BOOST_TEST(shown(read(q).value(), "vendor").empty());
  q.for_staff = true;
  q.status = product_status::Deleted;
  BOOST_TEST(shown(read(q, staff).value(), "vendor").empty());
}

BOOST_FIXTURE_TEST_CASE(a_search_has_facets, test::catalog_fixture) {
  for (const auto* vendor : {"Acme", "Acme", "Nord"}) {
    auto p = product_of(std::string("Lamp of ") + vendor, 100);
    p.vendor = vendor;
    BOOST_REQUIRE(create(p));
  }
  product("Chair", 100);
  auto q = search("lamp");
  q.facets = {"vendor"};
  BOOST_TEST((shown(read(q).value(), "vendor") == counts{{"acme", 2}, {"nord", 1}}));
  q.filter = "vendor:nord";
  const auto page = read(q).value();
  BOOST_TEST(page.data.size() == 1U);
  BOOST_TEST((shown(page, "vendor") == counts{{"acme", 2}, {"nord", 1}}));
}

BOOST_FIXTURE_TEST_CASE(only_the_most_frequent_values_are_listed, test::catalog_fixture) {
  for (std::size_t i = 0; i < facet_values_max + 5; ++i) {
    auto p = product_of("P", 100);
    p.tags = strings{"tag " + std::to_string(i), "common"};
    BOOST_REQUIRE(create(p));
  }
  auto q = query_of({});
  q.facets = {"tag"};
  const auto facet = read(q).value().facets.value()[0];
  BOOST_TEST(facet.values.size() == facet_values_max);
  BOOST_TEST(facet.has_more);
  BOOST_TEST(facet.values[0].value == "common");
}

BOOST_AUTO_TEST_CASE(filters_are_parsed) {
  const auto one = parse_filter(" Vendor : Foo, Inc.| a\\;b ;option.Size:M").value();
  BOOST_REQUIRE(one.size() == 2U);
  BOOST_TEST(one[0].facet == "vendor");
  BOOST_TEST((one[0].values == strings{"foo, inc.", "a;b"}));
  BOOST_TEST(one[1].facet == "option.size");
  BOOST_TEST(parse_filter("").value().empty());
  for (const auto* bad : {"vendor", "vendor:", "vendor:a|", "colour:red", ":x", "option.:x",
                          "vendor:a;vendor:b", "\xff:a", "tag:a;;tag:b"}) {
    BOOST_TEST_CONTEXT(bad) {
      const auto parsed = parse_filter(bad);
      BOOST_REQUIRE(!parsed);
      BOOST_TEST(parsed.error().errors[0].pointer == "?filter");
    }
  }
  std::string many = "tag:x";
  for (std::size_t i = 0; i < filter_values_max; ++i) many += "|" + std::to_string(i);
  BOOST_TEST(parse_filter(many).error().errors[0].code == "too_many");
  BOOST_TEST(parse_filter(std::string(filter_bytes_max + 1, 'a')).error().errors[0].code ==
             "too_long");
}

BOOST_AUTO_TEST_CASE(price_bands_have_round_widths) {
  BOOST_TEST(band_width(100, 999, 6) == 200);
  BOOST_TEST(band_width(0, 6, 6) == 2);
  BOOST_TEST(band_width(5, 5, 6) == 1);
  BOOST_TEST(band_width(0, 1'000'000, 6) == 200'000);
  for (std::int64_t range = 0; range < 3000; range += 7) {
    BOOST_TEST(range / band_width(0, range, 6) < 6);
  }
}

BOOST_AUTO_TEST_SUITE_END()
