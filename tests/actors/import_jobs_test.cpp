// Import jobs in the catalogue: states, runs, limits and sweeps.

#include "actors/catalog/line_messages.hpp"
#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;

namespace {

struct jobs : test::catalog_fixture {
  stoa::import_id create(std::int64_t parts = 2) {
    time.advance(seconds{1});
    const stoa::import_id id{system_ids().next_v7()};
    create_import c;
    c.import_id = id;
    c.set_stock = true;
    c.bytes = 10;
    c.parts = parts;
    BOOST_TEST(run(c, staff).has_value());
    return id;
  }
  stoa::import_id queued() {
    const auto id = create(1);
    BOOST_TEST(run(put_import_part{id, 0, "YWJj"}, staff).has_value());
    BOOST_TEST((run(queue_import{id}, staff).value().state == import_state::queued));
    return id;
  }
  import_state state(stoa::import_id id) { return read(get_import{id}, staff).value().state; }
  /// The imports started by the sweep.
  std::vector<stoa::import_id> due() {
    std::vector<stoa::import_id> ids;
    for (const auto& e : service.due(*database, time.now(), false).effects) {
      ids.push_back(e.as<run_import>().import_id);
    }
    return ids;
  }
  import_product product(stoa::import_id id, const std::string& by, std::int64_t number) {
    import_product p;
    p.product_id = product_ids.at(static_cast<std::size_t>(number));
    p.title = "Product " + std::to_string(number);
    p.price = money{100, "EUR"};
    p.on_hand = 5;
    p.set_stock = true;
    p.step = import_step{id, by, number};
    return p;
  }
  import_line line(stoa::import_id id, const std::string& by, std::int64_t number) {
    import_line l;
    l.type = "product";
    l.set_stock = true;
    auto& p = l.product.emplace();
    p.handle = {true, "line-" + std::to_string(number)};
    p.name = "Line " + std::to_string(number);
    p.price = money{100, "EUR"};
    p.on_hand = 5;
    l.step = import_step{id, by, number};
    return l;
  }
  std::vector<stoa::product_id> product_ids = [] {
    std::vector<stoa::product_id> ids(200);
    for (auto& one : ids) one = {system_ids().next_v7()};
    return ids;
  }();
  static product_change renamed() {
    product_change change;
    change.name = "Renamed";
    return change;
  }
  import_products counts(stoa::import_id id) {
    return read(get_import{id}, staff).value().products;
  }
  report_import report(stoa::import_id id, const std::string& by, std::int64_t created) {
    report_import r;
    r.import_id = id;
    r.run = by;
    r.products.created = created;
    r.report.problems = {{7, "Variant Price", "x", "no price", true}};
    return r;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(import_jobs, jobs)

BOOST_AUTO_TEST_CASE(from_its_file_to_its_end) {
  const auto id = create();
  BOOST_TEST(due().empty());
  BOOST_TEST(run(put_import_part{id, 0, "YWJj"}, staff).has_value());
  BOOST_TEST(run(put_import_part{id, 1, "ZGVm"}, staff).has_value());
  // A repeat is harmless; an invalid part is rejected.
  BOOST_TEST(run(put_import_part{id, 1, "eHl6"}, staff).has_value());
  BOOST_TEST(*read(get_import_part{id, 1}, staff).value().content == "ZGVm");
  BOOST_TEST(!run(put_import_part{id, 2, "eHl6"}, staff).has_value());
  BOOST_TEST(run(queue_import{id}, staff).has_value());
  BOOST_TEST(code_of(run(put_import_part{id, 0, "YWJj"}, staff)) == "import_finished");
  BOOST_TEST((due() == std::vector{id}));

  const auto start = run(begin_import{id, "one"}).value();
  BOOST_TEST(start.proceed);
  BOOST_TEST(start.set_stock);
  BOOST_TEST((start.created_by == staff.user));
  BOOST_TEST(start.parts == 2);
  BOOST_TEST(run(report(id, "one", 64)).value().proceed);
  BOOST_TEST(read(get_import{id}, staff).value().products.created == 64);
  auto last = report(id, "one", 70);
  last.outcome = import_state::completed;
  BOOST_TEST(!run(last).value().proceed);
  const auto view = read(get_import{id}, staff).value();
  BOOST_TEST((view.state == import_state::completed));
  BOOST_TEST(view.products.created == 70);
  BOOST_TEST(view.problems.at(0).line == 7);
  BOOST_TEST(view.finished_at.has_value());
  BOOST_TEST(number("SELECT count(*) FROM import_parts") == 0);
  BOOST_TEST(due().empty());
  BOOST_TEST(code_of(run(cancel_import{id}, staff)) == "import_finished");
}

BOOST_AUTO_TEST_CASE(one_run_at_a_time_has_it) {
  const auto id = queued();
  BOOST_TEST(run(begin_import{id, "one"}).value().proceed);
  BOOST_TEST(run(report(id, "one", 64)).value().proceed);
  // Another node takes over the partition with the stored progress; the first run is rejected.
  const auto second = run(begin_import{id, "two"}).value();
  BOOST_TEST(second.proceed);
  BOOST_TEST(second.done.created == 64);
  BOOST_TEST(!run(report(id, "one", 128)).value().proceed);
  BOOST_TEST(read(get_import{id}, staff).value().products.created == 64);
  BOOST_TEST(run(report(id, "two", 128)).value().proceed);
}

BOOST_AUTO_TEST_CASE(lines_are_counted_with_their_change_and_once) {
  const auto id = queued();
  BOOST_TEST(run(begin_import{id, "one"}).value().proceed);
  for (const auto number : {0, 1, 2, 5}) BOOST_REQUIRE(run(line(id, "one", number), staff));
  BOOST_TEST(counts(id).created == 4);
  BOOST_TEST(run(begin_import{id, "two"}).value().proceed);
  BOOST_TEST(code_of(run(line(id, "one", 3), staff)) == "import_finished");
  BOOST_TEST(!product_id_of_handle(*database, "line-3"));
  const auto first = *product_id_of_handle(*database, "line-0");
  BOOST_REQUIRE(run(adjust_stock{first, {std::nullopt, 2, std::nullopt}}, staff));
  const auto second = *product_id_of_handle(*database, "line-1");
  BOOST_REQUIRE(run(change_product{first, renamed()}, staff));
  BOOST_REQUIRE(run(delete_product{second}, staff));
  // A rejected line leaves a gap; the next run of the file tries it again.
  auto bad = line(id, "two", 70);
  bad.product->price.reset();
  for (auto number = 0; number < 150; ++number) {
    if (number == 70) {
      BOOST_TEST(!run(bad, staff).has_value());
    } else {
      BOOST_TEST(run(line(id, "two", number), staff).has_value());
    }
  }
  BOOST_TEST(counts(id).created == 149);
  BOOST_TEST(counts(id).unchanged == 0);
  // What was changed between the runs stays.
  BOOST_TEST(*detail(first).on_hand == 2);
  BOOST_TEST(detail(first).name == "Renamed");
  BOOST_TEST(!product_id_of_handle(*database, "line-1"));
  BOOST_TEST(number("SELECT count(*) FROM stock_ledger WHERE cause='import'") == 149);
  for (const auto number : {149, 100}) BOOST_REQUIRE(run(line(id, "two", number), staff));
  BOOST_TEST(counts(id).created == 149);
  BOOST_TEST(counts(id).unchanged == 0);
}

BOOST_AUTO_TEST_CASE(products_are_counted_with_their_change_and_once) {
  const auto id = queued();
  BOOST_TEST(run(begin_import{id, "one"}).value().proceed);
  for (const auto number : {0, 1, 2, 5}) BOOST_REQUIRE(run(product(id, "one", number), staff));
  BOOST_TEST(counts(id).created == 4);
  // The process ends before its report; the next run starts at the beginning of the file.
  BOOST_TEST(run(begin_import{id, "two"}).value().proceed);
  BOOST_TEST(code_of(run(product(id, "one", 3), staff)) == "import_finished");
  BOOST_TEST(!read(get_product{product_ids[3], true}, staff).has_value());
  BOOST_REQUIRE(run(adjust_stock{product_ids[0], {std::nullopt, 2, std::nullopt}}, staff));
  BOOST_REQUIRE(run(change_product{product_ids[0], renamed()}, staff));
  BOOST_REQUIRE(run(delete_product{product_ids[1]}, staff));
  for (auto number = 0; number < 150; ++number) {
    BOOST_TEST(run(product(id, "two", number), staff).has_value());
  }
  BOOST_TEST(counts(id).created == 150);
  BOOST_TEST(counts(id).unchanged == 0);
  // What was changed between the runs stays.
  BOOST_TEST(*detail(product_ids[0]).on_hand == 2);
  BOOST_TEST(detail(product_ids[0]).name == "Renamed");
  BOOST_TEST(!read(get_product{product_ids[1]}).has_value());
  // A repeated command, the newest and an earlier one.
  for (const auto number : {149, 100}) BOOST_REQUIRE(run(product(id, "two", number), staff));
  BOOST_TEST(counts(id).unchanged == 0);
  auto done = report(id, "two", 7);
  done.counted = true;
  done.products.rejected = 3;
  BOOST_TEST(run(done).value().proceed);
  BOOST_TEST(counts(id).created == 150);
  BOOST_TEST(counts(id).rejected == 3);
  // Commands after the cancellation change nothing.
  BOOST_REQUIRE(run(cancel_import{id}, staff));
  BOOST_TEST(code_of(run(product(id, "two", 150), staff)) == "import_finished");
  BOOST_TEST(!read(get_product{product_ids[150], true}, staff).has_value());
  BOOST_TEST(counts(id).created == 150);
}

BOOST_AUTO_TEST_CASE(a_file_that_ends_the_process_again_and_again_is_given_up) {
  const auto id = queued();
  for (int i = 0; i < 5; ++i) BOOST_TEST(run(begin_import{id, "run"}).value().proceed);
  BOOST_TEST(!run(begin_import{id, "run"}).value().proceed);
  BOOST_TEST((state(id) == import_state::interrupted));
  BOOST_TEST(read(get_import{id}, staff).value().error.has_value());
  // Progress resets the count: a long import may survive many restarts.
  const auto other = queued();
  for (int i = 1; i <= 12; ++i) {
    BOOST_TEST(run(begin_import{other, "run"}).value().proceed);
    BOOST_TEST(run(report(other, "run", i)).value().proceed);
  }
}

BOOST_AUTO_TEST_CASE(cancelled_in_every_open_state) {
  const auto receiving = create();
  const auto waiting = queued();
  const auto running = queued();
  BOOST_TEST(run(begin_import{running, "run"}).value().proceed);
  for (const auto id : {receiving, waiting, running}) {
    BOOST_TEST((run(cancel_import{id}, staff).value().state == import_state::cancelled));
    BOOST_TEST((run(cancel_import{id}, staff).value().state == import_state::cancelled));
  }
  BOOST_TEST(!run(report(running, "run", 1)).value().proceed);
  BOOST_TEST(!run(begin_import{waiting, "run"}).value().proceed);
  BOOST_TEST(number("SELECT count(*) FROM import_parts") == 0);
}

BOOST_AUTO_TEST_CASE(an_upload_that_does_not_end_is_given_up) {
  const auto id = create();
  time.advance(seconds{300});
  BOOST_TEST(sweep() == 0U);
  time.advance(seconds{301});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST((state(id) == import_state::interrupted));
}

BOOST_AUTO_TEST_CASE(few_are_open_and_the_oldest_goes_first) {
  std::vector<stoa::import_id> ids;
  for (std::size_t i = 0; i < imports_open_max; ++i) ids.push_back(queued());
  create_import more;
  more.import_id = {system_ids().next_v7()};
  more.parts = 1;
  BOOST_TEST(code_of(run(more, staff)) == "import_queue_full");
  BOOST_TEST((due() == std::vector{ids.front()}));
  // The same id is the same import, also when the queue is full.
  more.import_id = ids.back();
  BOOST_TEST((run(more, staff).value().import_id == ids.back()));
  BOOST_TEST(run(begin_import{ids[3], "run"}).value().proceed);
  BOOST_TEST((due() == std::vector{ids[3]}));
  const auto page = read(list_imports{std::nullopt, 4}, staff).value();
  BOOST_TEST(page.data.size() == 4U);
  BOOST_TEST((page.data.front().import_id == ids.back()));
  BOOST_TEST(page.next_cursor.value.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
