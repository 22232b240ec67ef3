// Locations, stock by location, labels and earlier handles in JSON Lines.

#include "tests/support/lines_fixture.hpp"

#include <random>

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::lines_fixture;
using stoa::test::sorted;

namespace {

const std::vector<std::string> spread_catalogue{
    R"({"type":"location","location_id":"01900000-0000-7000-8000-000000000001","name":"Warehouse","code":"W-1","priority":3,"active":true,"pickup":false})",
    R"({"type":"location","name":"Shop Berlin","code":"BER-1","address":{"country":"DE","city":"Berlin"},"priority":10,"countries":["AT","DE"],"active":true,"pickup":true})",
    R"({"type":"location","location_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e91","name":"No code","priority":0,"active":true,"pickup":false})",
    R"({"type":"location","name":"Closed","code":"OLD","priority":0,"active":false,"pickup":false})",
    R"({"type":"category","path":["Clothes"],"handle":"clothes","earlier_handles":["clothing","wear"]})",
    R"({"type":"labels","locale":"de","labels":[{"facet":"option.size","label":"Größe"},{"facet":"option.size","value":"m","label":"mittel"},{"facet":"tag","value":"new","label":"Neu"}]})",
    R"({"type":"labels","locale":"fr","labels":[{"facet":"tag","value":"new","label":"Neuf"}]})",
    R"({"type":"product","name":"Radio","price":{"amount":4990,"currency":"EUR"},"handle":"radio","status":"Active","tags":["new"],"track_inventory":true,"allow_backorder":true,"on_hand":3,"levels":[{"location":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e91","on_hand":1},{"location":"BER-1","on_hand":5}]})",
    R"({"type":"product","name":"Shirt","price":{"amount":1000,"currency":"EUR"},"handle":"shirt","status":"Active","category":["Clothes"],"variants":[{"price":{"amount":1900,"currency":"EUR"},"options":[{"name":"Size","value":"M"}],"track_inventory":true,"allow_backorder":false,"on_hand":9,"levels":[{"location":"BER-1","on_hand":4}]},{"price":{"amount":1900,"currency":"EUR"},"options":[{"name":"Size","value":"L"}],"track_inventory":true,"allow_backorder":false,"on_hand":2}]})",
    R"({"type":"collection","name":"Sale","handle":"sale","published":true,"products":["radio"],"earlier_handles":["bargains"]})"};

struct spread : lines_fixture {
  void load() {
    for (const auto& line : spread_catalogue) outcome(line);
  }
  /// "location:on hand/reserved" of all levels, the default location's as "-".
  std::string levels(stoa::product_id id) {
    std::map<std::string, std::string> sorted_levels;
    const auto stock = read(list_ledger{id, std::nullopt, 1}, staff).value().stock;
    for (const auto& l : stock.levels) {
      const auto where = read(get_location{l.location_id}, staff).value();
      const auto name = where.is_default ? "-" : where.code.value_or("none");
      sorted_levels[name] = std::to_string(l.on_hand) + "/" + std::to_string(l.reserved);
    }
    std::string text;
    for (const auto& [name, units] : sorted_levels) {
      text += (text.empty() ? "" : " ") + name + ":" + units;
    }
    return text;
  }
  void check_levels() {
    check_books();
    BOOST_TEST(number("SELECT count(*) FROM stock_levels s WHERE on_hand<>(SELECT "
                      "coalesce(sum(on_hand_change),0) FROM stock_ledger l WHERE "
                      "l.product_id=s.product_id AND l.location_id=s.location_id)") == 0);
    BOOST_TEST(number("SELECT count(*) FROM inventory i WHERE located<>(CASE WHEN EXISTS(SELECT 1 "
                      "FROM stock_levels s WHERE s.product_id=i.product_id) THEN 1 ELSE 0 END)") ==
               0);
    BOOST_TEST(number("SELECT count(*) FROM stock_levels WHERE on_hand<reserved") == 0);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_line_parts, spread)

BOOST_AUTO_TEST_CASE(locations_labels_and_earlier_handles_move_to_another_store) {
  BOOST_TEST(exported().empty());
  load();
  const auto first = exported();
  BOOST_TEST(first.size() == spread_catalogue.size());
  for (const auto& line : first) {
    BOOST_TEST((outcome(line, true) == import_outcome::unchanged), line);
  }
  check_levels();
  spread other;
  for (const auto& line : first) BOOST_TEST((other.outcome(line) != import_outcome::unchanged));
  BOOST_TEST(sorted(other.exported()) == sorted(first), boost::test_tools::per_element());
  other.check_levels();
  BOOST_TEST(other.levels(other.id_of("radio")) == "-:-3/0 BER-1:5/0 none:1/0");
  BOOST_TEST(other.number("SELECT count(*) FROM stock_ledger WHERE cause<>'import'") == 0);
  BOOST_TEST((other.read(get_labels{"de"}, staff).value().labels.size() == 3u));
}

BOOST_AUTO_TEST_CASE(levels_of_existing_products_are_set_on_request) {
  load();
  const auto radio = id_of("radio");
  const auto set = [&](const std::string& members, bool set_stock = true) {
    return outcome(R"({"type":"product","handle":"radio",)" + members + "}", set_stock);
  };
  BOOST_TEST((set(R"("on_hand":90,"levels":[])", false) == import_outcome::unchanged));
  BOOST_TEST(levels(radio) == "-:-3/0 BER-1:5/0 none:1/0");
  // Without on_hand the default location keeps its units; places that are not listed have none.
  BOOST_TEST((set(R"("levels":[{"location":"BER-1","on_hand":7}])") == import_outcome::updated));
  BOOST_TEST(levels(radio) == "-:-3/0 BER-1:7/0");
  // With on_hand alone the other locations keep theirs.
  set(R"("on_hand":10)");
  BOOST_TEST(levels(radio) == "-:3/0 BER-1:7/0");
  set(R"("on_hand":10,"levels":[{"location":"BER-1","on_hand":4}])");
  BOOST_TEST(levels(radio) == "-:6/0 BER-1:4/0");
  BOOST_TEST((set(R"("on_hand":10,"levels":[{"location":"BER-1","on_hand":4}])") ==
              import_outcome::unchanged));
  check_levels();
  const auto dry = import(R"({"type":"product","handle":"radio","levels":[]})", true, true);
  BOOST_REQUIRE(dry.value().changes.size() == 1u);
  BOOST_TEST(dry->changes[0].field == "levels.BER-1");
  BOOST_TEST(levels(radio) == "-:6/0 BER-1:4/0");
  set(R"("on_hand":6,"levels":[])");
  BOOST_TEST(levels(radio) == "-:6/0");
  check_levels();
}

BOOST_AUTO_TEST_CASE(units_of_orders_stay_where_they_are) {
  load();
  const auto shirt = detail(id_of("shirt"));
  const auto medium = shirt.variants[0].product_id;
  const auto line = [](const std::string& members) {
    return R"({"type":"product","handle":"shirt","variants":[{"options":[{"name":"Size",)"
           R"("value":"M"}],)" +
           members + R"(},{"options":[{"name":"Size","value":"L"}]}]})";
  };
  BOOST_TEST(levels(medium) == "-:5/0 BER-1:4/0");
  const auto o = order_of({{medium, 7}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(stock_of(medium) == "9/7/2");
  const auto before = levels(medium);
  // A file without any units: each place keeps what its orders hold.
  outcome(line(R"("on_hand":0,"levels":[])"), true);
  BOOST_TEST(stock_of(medium) == "7/7/0");
  check_levels();
  BOOST_TEST((outcome(line(R"("on_hand":0)"), true) == import_outcome::unchanged));
  outcome(line(R"("levels":[{"location":"BER-1","on_hand":0}])"), true);
  check_levels();
  outcome(line(R"("on_hand":9,"levels":[{"location":"BER-1","on_hand":4}])"), true);
  BOOST_TEST(levels(medium) == before);
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  check_levels();
  // Units that are owed stay owed when other places lose theirs.
  outcome(R"({"type":"product","handle":"radio","allow_backorder":false})");
  outcome(R"({"type":"product","handle":"radio","levels":[]})", true);
  BOOST_TEST(levels(id_of("radio")) == "-:-3/0");
  check_levels();
}

BOOST_AUTO_TEST_CASE(locations_and_labels_are_changed_by_their_lines) {
  load();
  BOOST_TEST((outcome(R"({"type":"location","code":" BER-1 ","name":"Berlin"})") ==
              import_outcome::updated));
  BOOST_TEST((outcome(R"({"type":"location","code":"BER-1","address":null,"countries":[]})") ==
              import_outcome::updated));
  BOOST_TEST(number("SELECT count(*) FROM locations") == 4);
  BOOST_TEST(
      (outcome(R"({"type":"labels","locale":"DE","labels":[)"
               R"({"facet":"Option.Size","value":"M","label":null},)"
               R"({"facet":"tag","value":"old","label":"Alt"}]})") == import_outcome::updated));
  const auto labels = read(get_labels{"de"}, staff).value().labels;
  BOOST_REQUIRE(labels.size() == 3u);
  BOOST_TEST(labels[0].label == "Größe");
  BOOST_TEST(labels[1].label == "Neu");
  BOOST_TEST(labels[2].label == "Alt");
  BOOST_TEST((outcome(R"({"type":"category","path":["Clothes"],"earlier_handles":["wear"]})") ==
              import_outcome::updated));
  BOOST_TEST((outcome(R"({"type":"collection","handle":"sale","earlier_handles":null})") ==
              import_outcome::updated));
  BOOST_TEST(number("SELECT count(*) FROM resource_redirects") == 1);
  // A handle that another one has now does not lead elsewhere.
  const auto note = import(
      R"({"type":"category","path":["New"],"handle":"new","earlier_handles":["clothes","wear"]})");
  BOOST_REQUIRE(note.value().notes.size() == 2u);
  BOOST_TEST(number("SELECT count(*) FROM resource_redirects") == 1);
  BOOST_TEST(note->notes[0] == "The earlier handle clothes is that of a category now.");
  BOOST_TEST(note->notes[1] == "The earlier handle wear is that of another category.");
  // Case of codes does not count.
  BOOST_TEST(
      (outcome(R"({"type":"location","code":"ber-1","priority":4})") == import_outcome::updated));
  BOOST_TEST(number("SELECT count(*) FROM locations WHERE code='ber-1'") == 1);
  BOOST_TEST((outcome(R"({"type":"product","handle":"radio","levels":[)"
                      R"({"location":"Ber-1","on_hand":6}]})",
                      true) == import_outcome::updated));
  BOOST_TEST(number("SELECT on_hand FROM stock_levels s JOIN locations l USING(location_id) "
                    "WHERE code='ber-1' AND on_hand=6") == 6);
  const auto dry = import(R"({"type":"location","code":"NEW","name":"New"})", false, true);
  BOOST_TEST((dry.value().outcome == import_outcome::created));
  BOOST_TEST(number("SELECT count(*) FROM locations") == 4);
}

BOOST_AUTO_TEST_CASE(codes_that_differ_by_case_are_found_as_written) {
  load();
  // Of an earlier version; no location has been read yet by the new writer.
  database->run_script("UPDATE locations SET code='ber-1' WHERE code='OLD'");
  kernel::writer_environment restarted;
  restarted.time = &time;
  write_with(restarted);
  BOOST_TEST(
      (outcome(R"({"type":"location","code":"ber-1","priority":4})") == import_outcome::updated));
  BOOST_TEST(
      (outcome(R"({"type":"location","code":"BER-1","priority":5})") == import_outcome::updated));
  BOOST_TEST(refused(R"({"type":"location","code":"Ber-1","name":"x"})") == "taken /code");
  BOOST_TEST(refused(R"({"type":"product","handle":"radio","levels":[)"
                     R"({"location":"Ber-1","on_hand":1}]})") == "unknown /levels/0/location");
  BOOST_TEST(number("SELECT count(*) FROM locations") == 4);
}

BOOST_AUTO_TEST_CASE(a_rejected_line_of_a_location_or_label_changes_nothing) {
  load();
  const auto before = exported();
  const std::string radio = R"({"type":"product","handle":"radio","levels":[)";
  const std::vector<std::pair<std::string, std::string>> bad{
      {R"({"type":"location","name":"x"})", "required /code"},
      {R"({"type":"location","code":"X"})", "required /name"},
      {R"({"type":"location","code":"BER-1","active":false})", "location_has_stock"},
      {R"({"type":"location","code":"W-1","active":false})", "default_location"},
      {R"({"type":"location","location_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e91","code":"BER-1"})",
       "taken /code"},
      {R"({"type":"location","code":"BER-1","countries":["Germany"]})", "format /countries/0"},
      {radio + R"({"location":"none","on_hand":1}]})", "unknown /levels/0/location"},
      {radio + R"({"location":"OLD","on_hand":1}]})", "unknown /levels/0/location"},
      {radio + R"({"location":"W-1","on_hand":1}]})", "default_location /levels/0/location"},
      {radio + R"({"location":"BER-1","on_hand":1},{"location":"BER-1","on_hand":1}]})",
       "duplicate /levels/1/location"},
      {radio + R"({"location":"BER-1","on_hand":-1}]})", "range /levels/0/on_hand"},
      {R"({"type":"product","handle":"shirt","variants":[{"options":[{"name":"Size","value":"M"}],)"
       R"("levels":[{"location":"none","on_hand":1}]}]})",
       "unknown /variants/0/levels/0/location"},
      {R"({"type":"labels","locale":"?","labels":[]})", "format /locale"},
      {R"({"type":"labels","locale":"de","labels":[{"facet":"price","label":"x"}]})",
       "value /labels/0/facet"},
      {R"({"type":"labels","locale":"de","labels":[{"facet":"tag","value":"a","label":null},)"
       R"({"facet":"tag","value":"A","label":"x"}]})",
       "duplicate /labels/1"}};
  for (const auto& [line, why] : bad) {
    BOOST_TEST(refused(line) == why, line << ": " << refused(line));
  }
  BOOST_TEST(exported() == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_path_of_a_product_creates_no_category_beyond_the_maximum) {
  std::string insert =
      "INSERT INTO categories(category_id,name,created_at,updated_at,version) VALUES";
  const bool postgres = database->dialect() == "postgres";
  for (std::size_t i = 0; i + 1 < categories_max; ++i) {
    auto id = system_ids().next_v7().str();
    if (!postgres) std::erase(id, '-');
    insert += (i ? "," : "") + std::string(postgres ? "('" : "(x'") + id + "','C" +
              std::to_string(i) + "',0,0,1)";
  }
  database->run_script(insert);
  const auto line = [](const std::string& handle, const std::string& path) {
    return R"({"type":"product","handle":")" + handle +
           R"(","name":"x","price":{"amount":1,"currency":"EUR"},"category":)" + path + "}";
  };
  BOOST_TEST(refused(line("a", R"(["One","Two"])")) == "too_many_categories");
  BOOST_TEST((outcome(line("a", R"(["One"])")) == import_outcome::created));
  BOOST_TEST(refused(line("b", R"(["Two"])")) == "too_many_categories");
  BOOST_TEST(refused(R"({"type":"category","path":["Two"]})") == "too_many_categories");
  BOOST_TEST((outcome(line("b", R"(["One"])")) == import_outcome::created));
  import_product shopify;
  shopify.product_id = {system_ids().next_v7()};
  shopify.title = "x";
  shopify.price = money{1, "EUR"};
  shopify.category_path = {{{system_ids().next_v7()}, "Two"}};
  BOOST_TEST(stoa::test::code_of(run(shopify, staff)) == "too_many_categories");
  BOOST_TEST(number("SELECT count(*) FROM categories") ==
             static_cast<std::int64_t>(categories_max));
}

BOOST_AUTO_TEST_CASE(random_stock_by_location_moves_to_another_store) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::mt19937 random(seed);
    const auto below_n = [&](unsigned n) {
      return std::uniform_int_distribution<unsigned>(0, n - 1)(random);
    };
    spread from;
    from.load();
    const auto stock = [&] {
      std::string text = R"("on_hand":)" + std::to_string(below_n(30));
      if (below_n(2)) {
        text += R"(,"levels":[)";
        if (below_n(2))
          text += R"({"location":"BER-1","on_hand":)" + std::to_string(below_n(9)) + "},";
        text += R"({"location":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e91","on_hand":)" +
                std::to_string(below_n(9)) + "}]";
      }
      return text;
    };
    // Imports of random stock, with orders in between.
    for (unsigned i = 0; i < 60; ++i) {
      const auto handle = "p" + std::to_string(below_n(12));
      std::string line = R"({"type":"product","handle":")" + handle +
                         R"(","name":"x","price":{"amount":1,"currency":"EUR"},)";
      if (handle < "p5") {
        line += R"("variants":[{"options":[{"name":"O","value":"V"}],)" + stock() + "}]";
      } else {
        line += stock();
      }
      from.outcome(line + "}", true);
      if (below_n(3) == 0) {
        const auto view = from.detail(from.id_of(handle));
        const auto id = view.variants.empty() ? view.product_id : view.variants[0].product_id;
        const auto o = order_of({{id, 1 + below_n(6)}});
        from.place(o);
        if (below_n(2)) from.apply(order::order_confirmed{o});
      }
      from.check_levels();
    }
    const auto lines = from.exported();
    spread to;
    for (const auto& line : lines) to.outcome(line);
    BOOST_TEST(sorted(to.exported()) == sorted(lines), boost::test_tools::per_element());
    to.check_levels();
    for (const auto& line : lines) {
      BOOST_TEST((from.outcome(line, true) == import_outcome::unchanged), line);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
