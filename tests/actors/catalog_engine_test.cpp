// The queue of changes for a search engine, and the rebuild of its index as a job.

#include "tests/support/stock_fixture.hpp"

#include <map>

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::to;

namespace {

catalog_options with_engine() {
  catalog_options o;
  o.engine_alias = "shop";
  return o;
}

struct indexed : test::catalog_fixture {
  explicit indexed(catalog_options o = with_engine()) : catalog_fixture(std::move(o)) { sweep(); }

  engine_batch batch(bool with_changes = true) {
    return read(get_engine_batch{with_changes}, test::as_system()).value();
  }
  /// The queued products, with their documents.
  std::map<stoa::product_id, engine_change> queue() {
    std::map<stoa::product_id, engine_change> all;
    for (auto& c : batch().changes) all.emplace(c.product_id, c);
    return all;
  }
  void accept(const std::vector<engine_change>& changes) {
    report_engine r;
    for (const auto& c : changes) r.changes.push_back({c.product_id, c.change});
    BOOST_TEST(run(std::move(r)).has_value());
  }
  void empty_queue() {
    while (!batch().changes.empty()) accept(batch().changes);
  }
  std::size_t due_updates() {
    std::size_t count = 0;
    for (const auto& e : service.due(*database, time.now(), false).effects) {
      count += e.name() == "catalog.update_engine" ? 1U : 0U;
    }
    return count;
  }
  search_index_view index() { return read(get_search_index{}, staff).value(); }
  void advance(const build_progress& p) {
    report_engine r;
    r.build = p;
    BOOST_TEST(run(std::move(r)).has_value());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(catalog_engine)

BOOST_FIXTURE_TEST_CASE(changes_of_products_are_queued, indexed) {
  empty_queue();
  const auto lamp = product("Red Lamp", 500, 3);
  auto queued = queue();
  BOOST_TEST_REQUIRE(queued.size() == 1U);
  const auto& document = queued.at(lamp).document;
  BOOST_TEST_REQUIRE(document.has_value());
  BOOST_TEST(document->name == "red lamp");
  BOOST_TEST(document->name_words == 2);
  BOOST_TEST(document->price == 500);
  BOOST_TEST(document->in_stock);
  BOOST_TEST(due_updates() == 1U);
  empty_queue();
  BOOST_TEST(due_updates() == 0U);

  product_change renamed;
  renamed.name = "Blue Lamp";
  BOOST_TEST(change(lamp, renamed).has_value());
  BOOST_TEST(queue().at(lamp).document->name == "blue lamp");
  // A rejected change leaves nothing.
  empty_queue();
  product_change bad;
  bad.price = money{1, "USD"};
  BOOST_TEST(!change(lamp, bad));
  BOOST_TEST(queue().empty());
}

BOOST_FIXTURE_TEST_CASE(variants_are_words_and_prices_of_their_product, indexed) {
  const auto shirt = product("Shirt", 900);
  empty_queue();
  auto variant = product_of("Shirt XL", 700, 2);
  variant.parent_product_id = shirt;
  variant.sku = "SH-77";
  variant.options = {{"Size", "Extralarge"}};
  const auto id = create(std::move(variant)).value().product_id;
  auto queued = queue();
  BOOST_TEST_REQUIRE(queued.size() == 1U);
  const auto d = *queued.at(shirt).document;
  BOOST_TEST(d.keywords.find("extralarge") != std::string::npos);
  BOOST_TEST(d.keywords.find("77") != std::string::npos);
  BOOST_TEST(d.price == 700);
  BOOST_TEST(d.in_stock);
  empty_queue();
  product_change cheaper;
  cheaper.price = money{600, "EUR"};
  BOOST_TEST(change(id, cheaper).has_value());
  BOOST_TEST(queue().at(shirt).document->price == 600);
  empty_queue();
  BOOST_TEST(run(delete_product{id}, staff).has_value());
  BOOST_TEST(queue().at(shirt).document->keywords.find("extralarge") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(hidden_products_leave_the_index, indexed) {
  const auto lamp = product("Lamp", 500);
  empty_queue();
  product_change draft;
  draft.status = product_status::Draft;
  BOOST_TEST(change(lamp, draft).has_value());
  BOOST_TEST(!queue().at(lamp).document);
  product_change active;
  active.status = product_status::Active;
  BOOST_TEST(change(lamp, active).has_value());
  BOOST_TEST(queue().at(lamp).document.has_value());
  BOOST_TEST(run(delete_product{lamp}, staff).has_value());
  BOOST_TEST(!queue().at(lamp).document);
}

BOOST_AUTO_TEST_CASE(only_purchases_that_end_the_stock_are_queued) {
  test::stock_fixture s;
  BOOST_TEST(s.run(set_engine{true}).has_value());
  const auto lamp = s.product("Lamp", 500, 3);
  const auto queued = [&] { return s.number("SELECT count(*) FROM engine_queue"); };
  const auto clock = [&] { return s.number("SELECT last_change FROM engine_clock"); };
  report_engine all;
  for (const auto& c : s.read(get_engine_batch{}).value().changes) {
    all.changes.push_back({c.product_id, c.change});
  }
  BOOST_TEST(s.run(std::move(all)).has_value());
  BOOST_TEST(queued() == 0);
  const auto before = clock();
  const auto one = s.order_of({{lamp, 1}});
  BOOST_TEST(!s.place(one));
  BOOST_TEST(!s.apply(order::order_confirmed{one}));
  BOOST_TEST(queued() == 0);
  BOOST_TEST(clock() == before);
  const auto rest = s.order_of({{lamp, 2}});
  BOOST_TEST(!s.place(rest));
  BOOST_TEST(queued() == 1);
  BOOST_TEST(!s.read(get_engine_batch{}).value().changes.at(0).document->in_stock);
  BOOST_TEST(!s.apply(order::order_cancelled{rest, "cancelled", "no"}));
  BOOST_TEST(s.read(get_engine_batch{}).value().changes.at(0).document->in_stock);
}

BOOST_FIXTURE_TEST_CASE(a_change_after_the_batch_stays_queued, indexed) {
  const auto lamp = product("Lamp", 500);
  const auto first = batch();
  product_change renamed;
  renamed.name = "Candle";
  BOOST_TEST(change(lamp, renamed).has_value());
  accept(first.changes);
  const auto second = batch();
  BOOST_TEST_REQUIRE(second.changes.size() == 1U);
  BOOST_TEST(second.changes[0].document->name == "candle");
  BOOST_TEST(second.version > first.version);
  BOOST_TEST(second.version >= second.changes[0].change);
}

BOOST_FIXTURE_TEST_CASE(versions_follow_the_time, indexed) {
  product("Lamp", 500);
  // Microseconds of this century: a restored database continues after what it has lost.
  BOOST_TEST(batch().version > 1'600'000'000'000'000);
}

BOOST_AUTO_TEST_CASE(nothing_is_queued_without_an_engine) {
  indexed s{catalog_options{}};
  s.product("Lamp", 500);
  BOOST_TEST(s.number("SELECT count(*) FROM engine_queue") == 0);
  BOOST_TEST(s.due_updates() == 0U);
  BOOST_TEST(code_of(s.run(start_reindex{}, s.staff)) == "search_engine_off");
  BOOST_TEST(s.index().engine == "builtin");
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_is_set_again_gets_all_products, indexed) {
  product("Lamp", 500);
  const auto gone = product("Candle", 500);
  empty_queue();
  BOOST_TEST(run(set_engine{false}).has_value());
  BOOST_TEST(run(delete_product{gone}, staff).has_value());
  BOOST_TEST(queue().empty());
  BOOST_TEST(sweep() >= 1U);
  const auto all = queue();
  BOOST_TEST(all.size() == 2U);
  BOOST_TEST(!all.at(gone).document);
}

BOOST_FIXTURE_TEST_CASE(a_build_sends_all_products_once, indexed) {
  for (int i = 0; i < 130; ++i) product("Lamp " + std::to_string(i), 500);
  empty_queue();
  const auto started = run(start_reindex{}, staff);
  BOOST_TEST_REQUIRE(started.has_value());
  BOOST_TEST(started.value().index.starts_with("shop-2023"));
  BOOST_TEST(code_of(run(start_reindex{}, staff)) == "reindex_running");
  BOOST_TEST(due_updates() == 1U);
  std::size_t sent = 0;
  for (int i = 0; i < 10; ++i) {
    const auto b = batch();
    BOOST_TEST_REQUIRE(b.fill.has_value());
    if (b.fill->filled) break;
    BOOST_TEST(b.fill->begun == (i > 0));
    BOOST_TEST(b.fill->products == static_cast<std::int64_t>(sent));
    sent += b.fill->documents.size();
    advance({b.fill->index_name, b.fill->after, static_cast<std::int64_t>(sent), {}, {}});
  }
  BOOST_TEST(sent == 130U);
  BOOST_TEST(index().build.value->products == 130);
  BOOST_TEST(*index().build.value->products_total == 130);
  // Changes since the beginning stay queued, earlier ones are in the new index.
  const auto later = product("Later", 1);
  advance({started.value().index, {}, 0, build_state::completed, {}});
  BOOST_TEST((index().build.value->state == build_state::completed));
  BOOST_TEST(queue().size() == 1U);
  BOOST_TEST(queue().count(later) == 1U);
  BOOST_TEST(!batch().fill);
  BOOST_TEST(run(start_reindex{}, staff).has_value());
}

BOOST_FIXTURE_TEST_CASE(an_abandoned_build_reports_in_vain, indexed) {
  product("Lamp", 500);
  const auto first = run(start_reindex{}, staff).value().index;
  time.advance(seconds{1});
  const auto second = run(start_reindex{true}, staff).value().index;
  BOOST_TEST(first != second);
  advance({first, {}, 7, build_state::completed, {}});
  BOOST_TEST((index().build.value->state == build_state::running));
  BOOST_TEST(index().build.value->products == 0);
  advance({second, {}, 0, build_state::failed, std::string(5000, 'x')});
  BOOST_TEST((index().build.value->state == build_state::failed));
  BOOST_TEST(index().build.value->error->size() == 500U);
  // Setting the built-in search ends a build.
  BOOST_TEST(run(start_reindex{}, staff).has_value());
  BOOST_TEST(run(set_engine{false}).has_value());
  BOOST_TEST((index().build.value->state == build_state::failed));
}

BOOST_AUTO_TEST_SUITE_END()
