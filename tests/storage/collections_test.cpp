// Collections, related products, suggestions, synonyms and highlights on each database.

#include "actors/catalog/collection_messages.hpp"
#include "actors/catalog/highlight.hpp"
#include "actors/catalog/synonyms.hpp"
#include "tests/support/catalog_fixture.hpp"

#include <algorithm>

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

struct collected : test::catalog_fixture {
  stoa::product_id labelled(const std::string& name, std::int64_t price, const std::string& vendor,
                            strings tags = {}, std::int64_t on_hand = 1) {
    time.advance(seconds{1});
    auto p = product_of(name, price, on_hand);
    p.vendor = vendor;
    p.tags = std::move(tags);
    return create(p).value().product_id;
  }
  static collection_terms by_hand(const std::string& name, std::vector<stoa::product_id> ids) {
    collection_terms terms;
    terms.name = name;
    terms.product_ids = std::move(ids);
    return terms;
  }
  static collection_terms by_rule(const std::string& name, collection_rule rule) {
    collection_terms terms;
    terms.name = name;
    terms.rule = std::move(rule);
    return terms;
  }
  result<collection_view> make(const collection_terms& terms) {
    return run(create_collection{terms}, staff);
  }
  result<collection_view> replace(stoa::collection_id id, const collection_terms& terms) {
    return run(replace_collection{id, terms}, staff);
  }
  /// The names of its products, over pages of two.
  strings products_of(stoa::collection_id id, std::optional<std::string> sort = {}) {
    list_products q;
    q.collection_id = id;
    q.sort = std::move(sort);
    q.limit = 2;
    strings found;
    for (int pages = 0; pages < 20; ++pages) {
      const auto page = read(q).value();
      for (const auto& p : page.data) found.push_back(p.name);
      if (!page.next_cursor.value) break;
      q.cursor = page.next_cursor.value;
    }
    return found;
  }
  std::string error_at(const result<collection_view>& made) {
    return made ? "none" : made.error().errors.at(0).pointer;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(collections)

BOOST_FIXTURE_TEST_CASE(a_collection_by_hand_has_an_order, collected) {
  std::vector<stoa::product_id> ids;
  for (const auto* name : {"A", "B", "C", "D", "E"}) ids.push_back(labelled(name, 100, "Acme"));
  const auto made = make(by_hand("Picks", {ids[3], ids[0], ids[4], ids[1]})).value();
  BOOST_TEST((products_of(made.collection_id) == strings{"D", "A", "E", "B"}));
  BOOST_TEST((products_of(made.collection_id, "name") == strings{"A", "B", "D", "E"}));
  // Drafts and deleted products are not shown.
  product_change draft;
  draft.status = product_status::Draft;
  BOOST_REQUIRE(change(ids[0], draft));
  BOOST_REQUIRE(run(delete_product{ids[4]}, staff));
  BOOST_TEST((products_of(made.collection_id) == strings{"D", "B"}));
  const auto changed = replace(made.collection_id, by_hand("Picks", {ids[1], ids[2], ids[3]}));
  BOOST_TEST((changed.value().product_ids.value() ==
              std::vector<stoa::product_id>{ids[1], ids[2], ids[3]}));
  BOOST_TEST((products_of(made.collection_id) == strings{"B", "C", "D"}));
  BOOST_TEST((read(get_collection{made.collection_id, true}, staff).value().product_ids ==
              changed.value().product_ids));
  BOOST_REQUIRE(run(delete_collection{made.collection_id}, staff));
  list_products q;
  q.collection_id = made.collection_id;
  q.facets = strings{"vendor"};
  const auto none = read(q).value();
  BOOST_TEST(none.data.empty());
  BOOST_TEST(none.facets.value().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_staff_read_can_be_written_back, collected) {
  const auto a = labelled("A", 100, "Acme");
  const auto b = labelled("B", 100, "Acme");
  const auto made = make(by_hand("Picks", {a, b})).value();
  related_refs refs{{{b, relation_kind::similar}}};
  BOOST_REQUIRE(run(set_related{a, refs}, staff));
  BOOST_REQUIRE(run(delete_product{b}, staff));
  auto view = read(get_collection{made.collection_id, true}, staff).value();
  BOOST_TEST((view.product_ids.value() == std::vector<stoa::product_id>{a}));
  BOOST_REQUIRE(replace(made.collection_id, by_hand("Picks", view.product_ids.value())));
  BOOST_TEST(read(get_related{a}, staff).value().data.empty());
  BOOST_REQUIRE(run(set_related{a, {}}, staff));
}

BOOST_FIXTURE_TEST_CASE(a_rule_collects_products, collected) {
  const auto home = category("Home");
  const auto kitchen = category("Kitchen", home);
  labelled("Cheap", 100, "Acme", {"new"});
  labelled("Dear", 900, "Acme", {"new"});
  labelled("Old", 500, "Acme");
  labelled("Other", 500, "Nord", {"new"}, 0);
  auto p = product_of("Pan", 500, 1);
  p.category_id = kitchen;
  p.vendor = "Acme";
  p.tags = strings{"NEW"};
  BOOST_REQUIRE(create(p));
  collection_rule rule;
  rule.filter = "vendor:acme;tag:new";
  const auto fresh = make(by_rule("New", rule)).value().collection_id;
  BOOST_TEST((products_of(fresh) == strings{"Pan", "Dear", "Cheap"}));
  BOOST_TEST((products_of(fresh, "price") == strings{"Cheap", "Pan", "Dear"}));
  rule.min_price = 200;
  rule.max_price = 800;
  rule.category_id = home;
  rule.in_stock = true;
  const auto pans = make(by_rule("Pans", rule)).value().collection_id;
  BOOST_TEST((products_of(pans) == strings{"Pan"}));
  // The customer's filters come in addition, and facets are counted within the collection.
  list_products q;
  q.collection_id = fresh;
  q.min_price = 600;
  q.facets = strings{"vendor", "price", "category"};
  const auto page = read(q).value();
  BOOST_REQUIRE(page.data.size() == 1U);
  BOOST_TEST(page.data[0].name == "Dear");
  for (const auto& f : page.facets.value()) {
    std::int64_t total = 0;
    for (const auto& v : f.values) total += v.count;
    if (f.facet == "price") BOOST_TEST(total == 3);
    if (f.facet == "vendor") BOOST_TEST(total == 1);
  }
}

BOOST_FIXTURE_TEST_CASE(its_own_order_is_the_default, collected) {
  labelled("A", 300, "Acme");
  labelled("B", 100, "Acme");
  labelled("C", 200, "Acme");
  collection_rule rule;
  rule.filter = "vendor:acme";
  auto terms = by_rule("Acme", rule);
  terms.sort = "price";
  const auto id = make(terms).value().collection_id;
  BOOST_TEST((products_of(id) == strings{"B", "C", "A"}));
}

BOOST_FIXTURE_TEST_CASE(bad_terms_are_rejected, collected) {
  const auto p = labelled("A", 100, "Acme");
  const auto size = variant(p, "M");
  BOOST_TEST(error_at(make(by_rule("x", {}))) == "/rule");
  collection_rule rule;
  rule.filter = "colour:red";
  BOOST_TEST(error_at(make(by_rule("x", rule))) == "/rule/filter");
  rule = {};
  rule.category_id = stoa::category_id{system_ids().next_v7()};
  BOOST_TEST(error_at(make(by_rule("x", rule))) == "/rule/category_id");
  rule = {};
  rule.min_price = 5;
  rule.max_price = 4;
  BOOST_TEST(error_at(make(by_rule("x", rule))) == "/rule/max_price");
  rule.max_price = 6;
  auto both = by_rule("x", rule);
  both.product_ids.emplace();
  BOOST_TEST(error_at(make(both)) == "/product_ids");
  BOOST_TEST(error_at(make(by_hand("x", {p, p}))) == "/product_ids/1");
  BOOST_TEST(error_at(make(by_hand("x", {size}))) == "/product_ids/0");
  BOOST_TEST(error_at(make(by_hand("x", {{system_ids().next_v7()}}))) == "/product_ids/0");
  auto named = by_hand("x", {p});
  named.handle = "x";
  BOOST_REQUIRE(make(named));
  BOOST_TEST(test::code_of(make(named)) == "handle_taken");
  named.published = false;
  named.handle = "y";
  const auto hidden = make(named).value().collection_id;
  BOOST_TEST(test::code_of(read(get_collection{hidden, false})) == "not_found");
  BOOST_TEST(read(list_collections{}).value().data.size() == 1U);
  BOOST_TEST(read(list_collections{true, {}}, staff).value().data.size() == 2U);
  BOOST_TEST(products_of(hidden).empty());
}

BOOST_FIXTURE_TEST_CASE(related_products_are_chosen_or_similar, collected) {
  const auto home = category("Home");
  std::vector<stoa::product_id> ids;
  for (const auto* name : {"A", "B", "C"}) {
    time.advance(seconds{1});
    auto p = product_of(name, 100);
    p.category_id = home;
    ids.push_back(create(p).value().product_id);
  }
  const auto lone = product("Lone", 100);
  const auto names = [&](stoa::product_id id) {
    strings found;
    for (const auto& one : read(show_related{id, 10}).value().data) {
      found.push_back(one.product.name);
    }
    return found;
  };
  BOOST_TEST((names(ids[0]) == strings{"C", "B"}));
  BOOST_TEST(names(lone).empty());
  related_refs refs{{{lone, relation_kind::accessory}, {ids[1], relation_kind::up_sell}}};
  BOOST_REQUIRE(run(set_related{ids[0], refs}, staff));
  BOOST_TEST((names(ids[0]) == strings{"Lone", "B"}));
  BOOST_TEST(read(get_related{ids[0]}, staff).value().data.size() == 2U);
  std::swap(refs.data[0], refs.data[1]);
  BOOST_REQUIRE(run(set_related{ids[0], refs}, staff));
  BOOST_TEST((names(ids[0]) == strings{"B", "Lone"}));
  BOOST_REQUIRE(run(delete_product{ids[1]}, staff));
  BOOST_TEST((names(ids[0]) == strings{"Lone"}));
  for (const auto& bad : {related_ref{ids[0]}, related_ref{ids[1]}}) {
    const auto set = run(set_related{ids[0], {{bad}}}, staff);
    BOOST_REQUIRE(!set);
    BOOST_TEST(set.error().errors.at(0).pointer == "/data/0/product_id");
  }
}

BOOST_FIXTURE_TEST_CASE(synonyms_find_more, collected) {
  product("Blue tee", 100);
  product("Red t-shirt", 100);
  product("Smartphone case", 100);
  product("Mobile phone", 100);
  const auto found = [&](const std::string& q) {
    auto list = names(search(q));
    std::ranges::sort(list);
    return list;
  };
  BOOST_TEST((found("t-shirt") == strings{"Red t-shirt"}));
  BOOST_REQUIRE(run(set_synonyms{{{{"tee", "T-Shirt"}, {"smartphone", "mobile phone"}}}}, staff));
  BOOST_TEST((found("t-shirt") == strings{"Blue tee", "Red t-shirt"}));
  BOOST_TEST((found("red tee") == strings{"Red t-shirt"}));
  BOOST_TEST((found("mobile phone") == strings{"Mobile phone", "Smartphone case"}));
  BOOST_TEST((found("SMARTPHONE") == strings{"Mobile phone", "Smartphone case"}));
  BOOST_TEST((found("mobile phone case") == strings{"Smartphone case"}));
  BOOST_TEST(read(get_synonyms{}).value().groups.size() == 2U);
  BOOST_TEST(test::code_of(run(set_synonyms{{{{"alone"}}}}, staff)) == "validation_failed");
  BOOST_TEST(test::code_of(run(set_synonyms{{{{"a", "!"}}}}, staff)) == "validation_failed");
  BOOST_REQUIRE(run(set_synonyms{{}}, staff));
  BOOST_TEST((found("t-shirt") == strings{"Red t-shirt"}));
}

BOOST_FIXTURE_TEST_CASE(suggestions_complete_what_is_typed, collected) {
  category("Garden chairs");
  product("Garden chair", 100);
  product("Garden gnome, red", 100);
  product("Garage door", 100);
  auto hidden = product_of("Garlic press", 100);
  hidden.status = product_status::Draft;
  BOOST_REQUIRE(create(hidden));
  const auto one = read(suggest{"Ga", 5}).value();
  BOOST_TEST((one.queries == strings{"garden", "garage"}));
  BOOST_TEST(one.products.size() == 3U);
  BOOST_TEST(one.categories.size() == 1U);
  const auto two = read(suggest{"garden g", 5}).value();
  BOOST_TEST((two.queries == strings{"garden gnome"}), boost::test_tools::per_element());
  product("T-shirt, blue", 100);
  BOOST_TEST((read(suggest{"t-sh", 5}).value().queries == strings{"t-shirt"}));
  BOOST_REQUIRE(run(set_synonyms{{{{"tee", "t-shirt"}}}}, staff));
  BOOST_TEST(read(suggest{"tee", 5}).value().products.size() == 1U);
  BOOST_TEST(test::code_of(run(set_synonyms{{{{"a b c d e", "f"}}}}, staff)) ==
             "validation_failed");
  BOOST_TEST(read(suggest{"  ", 5}).value().products.empty());
  BOOST_TEST(test::code_of(read(suggest{std::string(300, 'a'), 5})) == "invalid_request");
}

BOOST_FIXTURE_TEST_CASE(matches_are_highlighted, collected) {
  auto p = product_of("Blue <cup>", 100);
  p.description = "<p>A cup for tea &amp; coffee</p>";
  BOOST_REQUIRE(create(p));
  auto q = search("cup");
  BOOST_TEST(!read(q).value().data[0].highlights.has_value());
  q.highlight = true;
  const auto shown = read(q).value().data[0].highlights.value();
  BOOST_TEST(shown.name.value() == "Blue &lt;<em>cup</em>&gt;");
  BOOST_TEST(shown.description.value() == "A <em>cup</em> for tea &amp; coffee");
  q = search("cpu");  // corrected
  q.highlight = true;
  const auto page = read(q).value();
  if (!page.data.empty()) BOOST_TEST(page.data[0].highlights.has_value());
}

BOOST_AUTO_TEST_CASE(long_texts_are_cut_around_the_first_match) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "word" + std::to_string(i) + " ";
  const auto words = query_words("word100 ");
  const auto html = highlighted(text, words, 60).value();
  BOOST_TEST(html.find("<em>word100</em>") != std::string::npos);
  BOOST_TEST(html.starts_with("… word95 "));
  BOOST_TEST(html.ends_with(" …"));
  BOOST_TEST(html.size() < 140U);
  BOOST_TEST(
      highlighted(std::string("a") + soft_joint + "b word100, " + soft_joint, words, 60).value() ==
      "ab <em>word100</em>, ");
  // Scripts without spaces.
  const auto pair = query_words("電話");
  BOOST_TEST(highlighted("携帯電話ケース", pair, 60).value() == "携帯<em>電話</em>ケース");
  std::string run;
  for (int i = 0; i < 500; ++i) run += "検索";
  const auto cut = highlighted(run + "電話" + run, pair, 60).value();
  BOOST_TEST(cut.size() < 200U);
  BOOST_TEST(cut.find("<em>電話</em>") != std::string::npos);
  BOOST_TEST(highlighted("word100" + std::string(5000, 'x'), words, 60).value().size() < 100U);
  BOOST_TEST(!highlighted("nothing here", words, 60).has_value());
  BOOST_TEST(!highlighted("", words, 60).has_value());
  // Broken UTF-8 does not break anything.
  BOOST_TEST(!highlighted("\xff\xfe \x80", words, 60).has_value());
}

BOOST_AUTO_TEST_CASE(synonyms_are_phrases) {
  const auto expansions = expansions_of({{"Tee", "t-shirt"}, {"tee", "top"}});
  BOOST_TEST((expansions.at("tee") == strings{"t shirt", "top"}));
  BOOST_TEST((expansions.at("t shirt") == strings{"tee"}));
  auto words = query_words("blue tee");
  add_synonyms(words, expansions);
  BOOST_TEST(words.size() == 2U);
  BOOST_TEST(words[1].any_of.size() == 3U);
  words = query_words("one two");
  add_synonyms(words, expansions);
  BOOST_TEST((words == query_words("one two")));
}

BOOST_AUTO_TEST_SUITE_END()
