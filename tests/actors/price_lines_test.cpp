// Lines of price lists: the import and export of lists and prices in the Pricing service, and what
// the Catalog service knows of their products.

#include "actors/pricing/pricing_service.hpp"
#include "storage/base/json_read.hpp"
#include "tests/support/lines_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::pricing;
using catalog::import_outcome;

struct price_lines_fixture : service_fixture<pricing_service> {
  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);
  price_lines_fixture() : service_fixture(pricing_service{{}}) {}

  result<catalog::import_answer> list(std::optional<std::string> key, const std::string& terms,
                                      bool dry_run = false,
                                      std::optional<stoa::price_list_id> id = std::nullopt) {
    return run(import_price_list{id, std::move(key), {terms}, dry_run}, staff);
  }
  import_outcome outcome(const std::string& key, const std::string& terms) {
    const auto answer = list(key, terms);
    if (!answer) BOOST_FAIL(json::write(answer.error()));
    return answer->outcome;
  }
  static imported_price price_of(std::string to, stoa::product_id product, std::int64_t amount,
                                 const std::string& currency = "EUR") {
    imported_price p{std::move(to), product, {}, {}, {}};
    p.price = {true, money{amount, currency}};
    return p;
  }
  std::vector<price_import> prices(std::vector<imported_price> all, bool dry_run = false) {
    return run(import_prices{std::move(all), dry_run}, staff).value().data;
  }
  import_outcome outcome(imported_price one) {
    const auto done = prices({std::move(one)});
    if (done.at(0).error) BOOST_FAIL(json::write(*done[0].error));
    return done.at(0).answer.outcome;
  }
  std::string refused(imported_price one) {
    const auto done = prices({std::move(one)});
    BOOST_REQUIRE(done.at(0).error.has_value());
    const auto& p = *done[0].error;
    return p.errors.empty() ? p.code : p.errors[0].code + ' ' + p.errors[0].pointer;
  }
  std::vector<price_export> exported(std::int64_t limit) {
    std::vector<price_export> pages;
    std::optional<std::string> after;
    do {
      pages.push_back(read(export_prices{after, limit}).value());
      after = pages.back().next;
    } while (after);
    return pages;
  }
  std::int64_t entries() { return number("SELECT count(*) FROM price_entries"); }
  std::int64_t actions() { return number("SELECT count(*) FROM operator_action"); }
  const stoa::product_id a{system_ids().next_v7()};
  const stoa::product_id b{system_ids().next_v7()};
};

template <class T>
std::string first_error(const result<T>& r) {
  if (r) return "none";
  const auto p = r.error();
  return p.errors.empty() ? p.code : p.code + ' ' + p.errors[0].code + ' ' + p.errors[0].pointer;
}

const std::string vip = R"({"key":"vip","name":"VIP","currency":"EUR","customer_groups":["vip"]})";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(price_lines, price_lines_fixture)

BOOST_AUTO_TEST_CASE(a_list_is_created_changed_and_found_by_its_key) {
  BOOST_TEST((outcome("vip", vip) == import_outcome::created));
  BOOST_TEST((outcome("vip", vip) == import_outcome::unchanged));
  BOOST_TEST((outcome("vip", R"({"key":"vip"})") == import_outcome::unchanged));
  BOOST_TEST((outcome("vip", R"({"key":"vip","priority":3,"customer_groups":null})") ==
              import_outcome::updated));
  const auto lists = read(export_price_lists{}).value().data;
  BOOST_TEST_REQUIRE(lists.size() == 1U);
  BOOST_TEST(lists[0].terms.priority == 3);
  BOOST_TEST(lists[0].terms.customer_groups.empty());
  BOOST_TEST(lists[0].terms.name == "VIP");
  // By its id, the key can be changed.
  const auto id = lists[0].price_list_id;
  const auto renamed = list("gold", R"({"key":"gold"})", false, id);
  BOOST_TEST((renamed.value().outcome == import_outcome::updated));
  BOOST_TEST((outcome("gold", R"({"key":"gold"})") == import_outcome::unchanged));
  BOOST_TEST((read(get_price_list{id}).value().key == "gold"));
}

BOOST_AUTO_TEST_CASE(a_list_with_an_error_changes_nothing) {
  outcome("vip", vip);
  const stoa::price_list_id id{system_ids().next_v7()};
  BOOST_TEST(first_error(list("new", R"({"key":"new"})")) == "invalid_request required /name");
  BOOST_TEST(first_error(list("new", R"({"key":"new","name":"N","currency":"EUR","odd":1})")) ==
             "invalid_request unknown /odd");
  BOOST_TEST(first_error(list("vip", R"({"key":"vip","name":7})")) == "invalid_request type /name");
  BOOST_TEST(first_error(list("vip", vip, false, id)) == "price_list_key_taken taken /key");
  BOOST_TEST(first_error(list(std::nullopt, R"({"name":"N","currency":"EUR"})")) ==
             "validation_failed required /key");
  BOOST_TEST(
      first_error(list(id.str(), R"({"key":")" + id.str() + R"(","name":"N","currency":"EUR"})")) ==
      "validation_failed reserved /key");
  outcome(price_of("vip", a, 100));
  BOOST_TEST(first_error(list("vip", R"({"key":"vip","currency":"USD"})")) ==
             "price_list_not_empty");
  BOOST_TEST(read(list_price_lists{}).value().data.size() == 1U);
  // What is being deleted is not changed, and its key is free.
  const auto of_key = read(list_price_lists{}).value().data.at(0).price_list_id;
  BOOST_REQUIRE(run(delete_price_list{of_key, {}}, staff));
  BOOST_TEST(first_error(list("vip", vip, false, of_key)) ==
             "validation_failed unknown /price_list_id");
  BOOST_TEST((outcome("vip", vip) == import_outcome::created));
}

BOOST_AUTO_TEST_CASE(keys_of_lists_are_unique_in_the_api) {
  price_list_terms t;
  t.name = "N";
  t.currency = "EUR";
  t.key = "one";
  const stoa::price_list_id first{system_ids().next_v7()};
  const stoa::price_list_id second{system_ids().next_v7()};
  BOOST_REQUIRE(run(create_price_list{first, t}, staff));
  BOOST_TEST(first_error(run(create_price_list{second, t}, staff)) ==
             "price_list_key_taken taken /key");
  t.key = " one\t";
  BOOST_TEST(first_error(run(create_price_list{second, t}, staff)) ==
             "price_list_key_taken taken /key");
  t.key = ' ' + first.str();
  BOOST_TEST(first_error(run(create_price_list{second, t}, staff)) ==
             "validation_failed reserved /key");
  t.name = " Two ";
  t.key = "two ";
  const auto made = run(create_price_list{second, t}, staff).value();
  BOOST_TEST(made.name == "Two");
  BOOST_TEST((made.key == "two"));
  BOOST_TEST((outcome(" two", R"({"key":" two","name":"Two\t"})") == import_outcome::unchanged));
  t.key = "one";
  BOOST_TEST(first_error(run(replace_price_list{second, t, {}}, staff)) ==
             "price_list_key_taken taken /key");
  t.key.reset();
  BOOST_TEST(!run(replace_price_list{first, t, {}}, staff).value().key);
  t.key = "one";
  BOOST_TEST((run(replace_price_list{second, t, {}}, staff).value().key == "one"));
}

BOOST_AUTO_TEST_CASE(prices_are_set_kept_and_deleted) {
  outcome("vip", vip);
  auto one = price_of("vip", a, 100);
  one.compare_at_price = {true, money{150, "EUR"}};
  one.tiers = {true, std::vector<price_tier_view>{{10, {90, "EUR"}}}};
  BOOST_TEST((outcome(one) == import_outcome::created));
  BOOST_TEST((outcome(one) == import_outcome::unchanged));
  // Absent members keep the stored value.
  BOOST_TEST((outcome(price_of("vip", a, 110)) == import_outcome::updated));
  auto stored = read(get_product_prices{a}).value().data.at(0);
  BOOST_TEST(stored.price.amount == 110);
  BOOST_TEST(stored.compare_at_price->amount == 150);
  BOOST_TEST(stored.tiers.size() == 1U);
  imported_price more{"vip", a, {}, {true, std::nullopt}, {true, std::nullopt}};
  BOOST_TEST((outcome(more) == import_outcome::updated));
  stored = read(get_product_prices{a}).value().data.at(0);
  BOOST_TEST(stored.price.amount == 110);
  BOOST_TEST(!stored.compare_at_price);
  BOOST_TEST(stored.tiers.empty());
  imported_price gone{"vip", a, {true, std::nullopt}, {}, {}};
  BOOST_TEST((outcome(gone) == import_outcome::updated));
  BOOST_TEST((outcome(gone) == import_outcome::unchanged));
  BOOST_TEST(refused(more) == "required /price");
  BOOST_TEST(entries() == 0);
}

BOOST_AUTO_TEST_CASE(a_rejected_price_does_not_affect_the_others) {
  outcome("vip", vip);
  const auto before = actions();
  auto tiered = price_of("vip", a, 1);
  tiered.tiers = {true, std::vector<price_tier_view>{{2, {1, "EUR"}}, {3, {1, "USD"}}}};
  const auto done =
      prices({price_of("vip", a, 100), price_of("none", a, 100), price_of("vip", b, 100, "USD"),
              tiered, price_of("vip", b, 200), price_of("vip", a, 120)});
  std::string outcomes;
  for (const auto& one : done) {
    outcomes += one.error ? one.error->errors.at(0).pointer : enum_name(one.answer.outcome);
    outcomes += ' ';
  }
  BOOST_TEST(outcomes ==
             "created /price_list /price/currency /tiers/1/price/currency created updated ");
  const auto list_view = read(list_price_lists{}).value().data.at(0);
  BOOST_TEST(list_view.entries == 2);
  // One record of the action, and one change for the nodes.
  BOOST_TEST(actions() == before + 1);
  BOOST_TEST(!run(import_prices{std::vector<imported_price>(501, price_of("vip", a, 1))}, staff));
}

BOOST_AUTO_TEST_CASE(a_dry_run_shows_what_it_would_change) {
  outcome("vip", vip);
  outcome(price_of("vip", a, 100));
  const auto revision = read(get_rules{}).value().revision;
  const auto before = actions();
  const auto listed = list("vip", R"({"key":"vip","priority":3})", true).value();
  BOOST_TEST((listed.outcome == import_outcome::updated));
  BOOST_TEST(listed.changes.size() == 1U);
  BOOST_TEST((list("new", R"({"key":"new","name":"N","currency":"EUR"})", true).value().outcome ==
              import_outcome::created));
  const auto done = prices({price_of("vip", a, 90), price_of("vip", b, 80)}, true);
  BOOST_TEST((done.at(0).answer.outcome == import_outcome::updated));
  BOOST_TEST(done.at(0).answer.changes.at(0).before.find("100") != std::string::npos);
  BOOST_TEST((done.at(1).answer.outcome == import_outcome::created));
  BOOST_TEST(entries() == 1);
  BOOST_TEST(actions() == before);
  BOOST_TEST((read(get_rules{}).value().revision == revision));
  BOOST_TEST(read(get_product_prices{a}).value().data.at(0).price.amount == 100);
}

BOOST_AUTO_TEST_CASE(an_export_has_each_price_once_however_small_its_pages) {
  BOOST_TEST(exported(10).size() == 1U);
  outcome("vip", vip);
  outcome("none", R"({"key":"none","name":"N","currency":"EUR"})");
  outcome("usd", R"({"key":"usd","name":"U","currency":"USD"})");
  for (int i = 0; i < 6; ++i) outcome(price_of("vip", {system_ids().next_v7()}, i));
  for (int i = 0; i < 3; ++i) outcome(price_of("usd", {system_ids().next_v7()}, i, "USD"));
  for (const std::int64_t limit : {1, 2, 3, 4, 6, 100}) {
    std::vector<std::string> seen;
    for (const auto& page : exported(limit)) {
      for (const auto& p : page.data) seen.push_back(page.price_list + p.product_id.str());
    }
    BOOST_TEST(seen.size() == 9U);
    BOOST_TEST((std::ranges::adjacent_find(seen) == seen.end()));
  }
  BOOST_TEST(first_error(read(export_prices{"odd", 10})) == "validation_failed format /after");
  // A list that is deleted between two pages.
  const auto first = read(export_prices{std::nullopt, 2}).value();
  BOOST_REQUIRE(run(delete_price_list{first.data[0].price_list_id, {}}, staff));
  BOOST_TEST(read(export_prices{first.next, 10}).value().price_list == "usd");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct references_fixture : lines_fixture {
  references_fixture() {
    outcome(R"({"type":"product","handle":"radio","name":"Radio","sku":"R-1",)"
            R"("price":{"amount":100,"currency":"EUR"}})");
    outcome(
        R"({"type":"product","handle":"shirt","name":"Shirt",)"
        R"("price":{"amount":100,"currency":"EUR"},"variants":[)"
        R"({"options":[{"name":"Size","value":"M"},{"name":"Fit","value":"slim"}],"sku":"S-M"},)"
        R"({"options":[{"name":"Size","value":"L"},{"name":"Fit","value":"slim"}]}]})");
  }
  catalog::found_references find(std::vector<catalog::product_reference> all) {
    catalog::find_references query;
    query.references = std::move(all);
    return read(query).value();
  }
  /// "code pointer", or "found".
  std::string found(catalog::product_reference one) {
    const auto r = find({std::move(one)}).data.at(0);
    BOOST_TEST(r.error.has_value() != r.product_id.has_value());
    return r.error ? r.error->code + ' ' + r.error->pointer : "found";
  }
  static catalog::product_reference product(std::string handle) {
    return {std::move(handle), std::nullopt, std::nullopt};
  }
  static catalog::product_reference variant(std::string handle, std::string size) {
    return {std::move(handle),
            std::vector<catalog::option_value>{{"Fit", "slim"}, {"Size", std::move(size)}},
            std::nullopt};
  }
  static catalog::product_reference sku(std::string text) {
    return {std::nullopt, std::nullopt, std::move(text)};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(price_references, references_fixture)

BOOST_AUTO_TEST_CASE(products_are_found_by_what_names_them) {
  BOOST_TEST(found(product("radio")) == "found");
  BOOST_TEST(found(product(id_of("radio").str())) == "found");
  BOOST_TEST(found(sku("R-1")) == "found");
  BOOST_TEST(found(variant("shirt", "M")) == "found");
  BOOST_TEST(
      (find({sku("S-M")}).data[0].product_id == find({variant("shirt", "M")}).data[0].product_id));
  BOOST_TEST(found(product("none")) == "unknown /product");
  BOOST_TEST(found(sku("none")) == "unknown /sku");
  BOOST_TEST(found(variant("shirt", "XL")) == "unknown /options");
  BOOST_TEST(found(variant("none", "M")) == "unknown /product");
  BOOST_TEST(found(product("shirt")) == "value /product");
  BOOST_REQUIRE(run(catalog::delete_product{id_of("radio")}, staff));
  BOOST_TEST(found(product("radio")) == "unknown /product");
  BOOST_TEST(find({}).data.empty());
  BOOST_TEST(!read(catalog::find_references{
      std::vector<catalog::product_reference>(1001, product("radio")), {}, {}}));
}

BOOST_AUTO_TEST_CASE(an_export_names_what_can_be_sold) {
  const auto m = *find({variant("shirt", "M")}).data[0].product_id;
  const auto names =
      read(catalog::name_products{{id_of("radio"), m, id_of("shirt"), {system_ids().next_v7()}}})
          .value()
          .data;
  BOOST_TEST_REQUIRE(names.size() == 2U);
  BOOST_TEST(names[0].product == "radio");
  BOOST_TEST(names[0].options.empty());
  BOOST_TEST(names[1].product == "shirt");
  BOOST_TEST(names[1].options.size() == 2U);
  BOOST_TEST(found({names[1].product, names[1].options, std::nullopt}) == "found");
}

BOOST_AUTO_TEST_CASE(each_line_of_an_import_is_counted_once) {
  const stoa::import_id id{system_ids().next_v7()};
  catalog::create_import made;
  made.import_id = id;
  made.bytes = 1;
  made.parts = 1;
  made.format = catalog::file_format::jsonl;
  BOOST_REQUIRE(run(made, staff));
  BOOST_REQUIRE(run(catalog::put_import_part{id, 0, "YWJj"}, staff));
  BOOST_REQUIRE(run(catalog::queue_import{id}, staff));
  BOOST_REQUIRE(run(catalog::begin_import{id, "one"}));
  const catalog::import_step step{id, "one", 0};
  const std::vector<catalog::counted_line> lines{
      {0, import_outcome::created}, {2, import_outcome::updated}, {3, import_outcome::unchanged}};
  for (int i = 0; i < 2; ++i) BOOST_REQUIRE(run(catalog::count_lines{step, lines}));
  const auto counts = read(catalog::get_import{id}, staff).value().products;
  BOOST_TEST(counts.created == 1);
  BOOST_TEST(counts.updated == 1);
  BOOST_TEST(counts.unchanged == 1);
  catalog::find_references query;
  query.step = step;
  query.numbers = {0, 1, 2, 3, 4};
  BOOST_TEST((read(query).value().counted == std::vector<std::int64_t>{0, 2, 3}));
  // Another run takes over, and the import ends.
  BOOST_REQUIRE(run(catalog::begin_import{id, "two"}));
  BOOST_TEST(first_error(read(query)) == "import_finished");
  BOOST_TEST(first_error(run(catalog::count_lines{step, {{7, import_outcome::created}}})) ==
             "import_finished");
  query.step->import_id = {system_ids().next_v7()};
  BOOST_TEST(first_error(read(query)) == "import_finished");
}

BOOST_AUTO_TEST_SUITE_END()
