// Records in a batch, and migrations, against SQLite.

#include "storage/db/budget.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/records.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

namespace {

using namespace stoa;

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct shelf_row {
  static constexpr const char* table = "shelves";
  static constexpr std::size_t key_columns = 1;
  std::int64_t shelf_id = 0;
  std::string name;
  std::optional<money> price;
  color paint = color::red;
  std::vector<std::string> tags;
  bool full = false;
  timestamp made_at;
  std::int64_t version = 0;
  bool operator==(const shelf_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(shelf_row, (), (shelf_id, name, price, paint, tags, full, made_at, version))

struct book_row {
  static constexpr const char* table = "books";
  static constexpr std::size_t key_columns = 2;
  std::int64_t shelf_id = 0;
  stoa::product_id book_id;
  std::string title;
};
BOOST_DESCRIBE_STRUCT(book_row, (), (shelf_id, book_id, title))

using unit = db::unit_of_work<shelf_row, book_row>;

const db::sql all_shelves{"all shelves",
                          "SELECT " + db::column_list<shelf_row>() + " FROM shelves ORDER BY 1"};
const db::sql all_books{"all books",
                        "SELECT " + db::column_list<book_row>() + " FROM books ORDER BY 1,2"};

struct fixture {
  std::unique_ptr<db::connection> c = db::open_sqlite(":memory:", db::sqlite_mode::memory);

  fixture() {
    c->run_script(
        "CREATE TABLE shelves(shelf_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
        " price INTEGER, price_currency TEXT, paint TEXT NOT NULL, tags TEXT NOT NULL,"
        " full INTEGER NOT NULL, made_at INTEGER NOT NULL, version INTEGER NOT NULL);"
        "CREATE TABLE books(shelf_id INTEGER NOT NULL REFERENCES shelves(shelf_id),"
        " book_id BLOB NOT NULL, title TEXT NOT NULL, PRIMARY KEY(shelf_id, book_id))");
  }
  static shelf_row shelf(std::int64_t id, std::string name) {
    shelf_row s;
    s.shelf_id = id;
    s.name = std::move(name);
    return s;
  }
  void save(unit& u) {
    std::vector<db::statement> out;
    u.collect(out);
    c->begin();
    try {
      c->execute(out);
      c->commit();
    } catch (...) {
      c->rollback();
      throw;
    }
  }
  void add(shelf_row s) {
    unit u;
    u.of<shelf_row>().insert(std::move(s));
    save(u);
  }
  void load(unit& u, std::int64_t id) {
    db::need_list<unit> needs(u);
    needs.add<&shelf_row::shelf_id>(id);
    needs.add<&book_row::shelf_id>(id);
    needs.load(*c);
  }
  std::vector<shelf_row> shelves() { return db::select<shelf_row>(*c, all_shelves, {}); }
  std::vector<book_row> books() { return db::select<book_row>(*c, all_books, {}); }
};

template <class F>
db::error_kind kind_of(F act) {
  try {
    act();
  } catch (const db::error& e) {
    return e.kind();
  }
  BOOST_ERROR("no error");
  return db::error_kind::busy;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(records, fixture)

BOOST_AUTO_TEST_CASE(every_type_of_column_comes_back_as_it_was) {
  auto s = shelf(-7, "tab\t\"quote' and \xE2\x82\xAC");
  s.price = money{1299, "EUR"};
  s.paint = color::green;
  s.tags = {"a", "", "b,c"};
  s.full = true;
  s.made_at = {1'700'000'000'123'456};
  add(s);
  add(shelf(2, "plain"));
  auto back = shelves();
  BOOST_REQUIRE(back.size() == 2U);
  BOOST_TEST((back[0] == s));
  BOOST_TEST((back[1] == shelf(2, "plain")));
}

BOOST_AUTO_TEST_CASE(a_change_is_saved_once_with_the_next_version) {
  add(shelf(1, "one"));
  unit u;
  load(u, 1);
  u.of<shelf_row>().edit(std::int64_t{1}).name = "two";
  u.of<shelf_row>().edit(std::int64_t{1}).full = true;
  std::vector<db::statement> out;
  u.collect(out);
  BOOST_TEST(out.size() == 1U);
  c->execute(out);
  BOOST_TEST(shelves()[0].name == "two");
  BOOST_TEST(shelves()[0].full);
  BOOST_TEST(shelves()[0].version == 1);
  unit untouched;
  load(untouched, 1);
  std::vector<db::statement> nothing;
  untouched.collect(nothing);
  BOOST_TEST(nothing.empty());
}

BOOST_AUTO_TEST_CASE(a_concurrently_modified_record_is_not_overwritten) {
  add(shelf(1, "one"));
  unit mine;
  load(mine, 1);
  unit theirs;
  load(theirs, 1);
  theirs.of<shelf_row>().edit(std::int64_t{1}).name = "theirs";
  save(theirs);
  mine.of<shelf_row>().edit(std::int64_t{1}).name = "mine";
  BOOST_TEST((kind_of([&] { save(mine); }) == db::error_kind::stale));
  BOOST_TEST(shelves()[0].name == "theirs");
}

BOOST_AUTO_TEST_CASE(undo_takes_back_what_came_after_the_mark) {
  add(shelf(1, "one"));
  add(shelf(2, "two"));
  unit u;
  load(u, 1);
  db::need_list<unit> needs(u);
  needs.add<&shelf_row::shelf_id>(std::int64_t{2});
  needs.load(*c);
  auto& all = u.of<shelf_row>();
  u.mark();
  all.edit(std::int64_t{1}).name = "kept";
  all.insert(shelf(3, "three"));
  u.mark();
  all.edit(std::int64_t{1}).name = "undone";
  all.edit(std::int64_t{3}).name = "undone";
  all.erase(std::int64_t{2});
  all.erase(std::int64_t{3});
  all.insert(shelf(3, "again"));
  all.insert(shelf(4, "four"));
  BOOST_TEST(!all.find(std::int64_t{2}));
  u.undo();
  BOOST_TEST(all.find(std::int64_t{1})->name == "kept");
  BOOST_TEST(all.find(std::int64_t{2})->name == "two");
  BOOST_TEST(all.find(std::int64_t{3})->name == "three");
  BOOST_TEST(!all.find(std::int64_t{4}));
  save(u);
  auto back = shelves();
  BOOST_REQUIRE(back.size() == 3U);
  BOOST_TEST(back[0].name == "kept");
  BOOST_TEST(back[1].version == 0);
  BOOST_TEST(back[2].name == "three");
}

BOOST_AUTO_TEST_CASE(what_is_made_and_erased_in_one_batch_never_reaches_the_database) {
  unit u;
  u.of<shelf_row>().insert(shelf(1, "one"));
  u.of<shelf_row>().erase(std::int64_t{1});
  std::vector<db::statement> out;
  u.collect(out);
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(an_erased_record_may_be_recreated) {
  add(shelf(1, "one"));
  unit u;
  load(u, 1);
  u.of<shelf_row>().erase(std::int64_t{1});
  u.of<shelf_row>().insert(shelf(1, "anew"));
  save(u);
  BOOST_TEST(shelves()[0].name == "anew");
  BOOST_TEST(shelves()[0].version == 1);
}

BOOST_AUTO_TEST_CASE(children_are_saved_last_and_erased_first) {
  unit u;
  stoa::product_id book{system_ids().next_v7()};
  u.of<book_row>().insert({1, book, "Odyssey"});
  u.of<shelf_row>().insert(shelf(1, "one"));
  save(u);  // The foreign key would reject the other order.
  BOOST_TEST(books().size() == 1U);
  unit again;
  load(again, 1);
  BOOST_REQUIRE((again.of<book_row>().find(std::int64_t{1}, book)));
  again.of<shelf_row>().erase(std::int64_t{1});
  again.of<book_row>().erase(std::int64_t{1}, book);
  save(again);
  BOOST_TEST(books().empty());
  BOOST_TEST(shelves().empty());
}

BOOST_AUTO_TEST_CASE(a_unique_value_can_move_to_a_new_record) {
  add(shelf(1, "one"));
  unit u;
  load(u, 1);
  u.of<shelf_row>().erase(std::int64_t{1});
  u.of<shelf_row>().insert(shelf(2, "one"));
  save(u);
  BOOST_TEST(shelves()[0].shelf_id == 2);
}

BOOST_AUTO_TEST_CASE(mistakes_are_distinguished) {
  add(shelf(1, "one"));
  unit u;
  u.of<shelf_row>().insert(shelf(2, "one"));
  try {
    save(u);
    BOOST_ERROR("saved a second name");
  } catch (const db::error& e) {
    BOOST_TEST((e.kind() == db::error_kind::unique));
    BOOST_TEST(e.constraint() == "shelves.name");
  }
  unit orphan;
  orphan.of<book_row>().insert({9, {}, "Iliad"});
  BOOST_TEST((kind_of([&] { save(orphan); }) == db::error_kind::constraint));
  unit none;
  BOOST_TEST((kind_of([&] { none.of<shelf_row>().edit(std::int64_t{1}); }) ==
              db::error_kind::programming));
  unit twice;
  twice.of<shelf_row>().insert(shelf(3, "three"));
  BOOST_TEST(
      (kind_of([&] { twice.of<shelf_row>().insert(shelf(3, "x")); }) == db::error_kind::unique));
  BOOST_TEST((kind_of([&] { c->run_script("SELECT nonsense"); }) == db::error_kind::programming));
  BOOST_TEST(shelves().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_column_of_the_wrong_type_is_an_error) {
  c->run_script("INSERT INTO shelves VALUES(1,'a',NULL,NULL,'purple','[]',0,0,0)");
  BOOST_TEST((kind_of([&] { shelves(); }) == db::error_kind::programming));
  c->run_script("UPDATE shelves SET paint='red', tags='{'");
  BOOST_TEST((kind_of([&] { shelves(); }) == db::error_kind::programming));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sqlite)

BOOST_AUTO_TEST_CASE(readers_see_what_is_committed_and_cannot_write) {
  test::temp_dir folder;
  auto path = (folder / "a.db").string();
  BOOST_TEST((kind_of([&] { db::open_sqlite(path, db::sqlite_mode::read); }) ==
              db::error_kind::unavailable));
  auto writer = db::open_sqlite(path, db::sqlite_mode::write);
  writer->run_script("CREATE TABLE t(n INTEGER)");
  auto reader = db::open_sqlite(path, db::sqlite_mode::read);
  static const db::sql insert{"insert", "INSERT INTO t VALUES($1)"};
  static const db::sql count{"count", "SELECT count(*) FROM t"};
  auto seen = [&] {
    std::int64_t n = -1;
    reader->query({&count, {}}, [&](db::row r) { n = std::get<std::int64_t>(r[0]); });
    return n;
  };
  writer->begin();
  writer->execute({&insert, db::params(1)});
  BOOST_TEST(seen() == 0);  // Neither waits nor sees it.
  writer->commit();
  BOOST_TEST(seen() == 1);
  writer->begin();
  writer->execute({&insert, db::params(2)});
  writer->rollback();
  writer->rollback();  // Harmless without a transaction.
  BOOST_TEST(seen() == 1);
  BOOST_TEST((kind_of([&] {
                reader->execute({&insert, db::params(3)});
              }) == db::error_kind::unavailable));
  static const db::sql swapped{"swapped", "SELECT $2, $1"};
  writer->query({&swapped, db::params(1, 2)}, [](db::row r) {
    BOOST_TEST(std::get<std::int64_t>(r[0]) == 2);
    BOOST_TEST(std::get<std::int64_t>(r[1]) == 1);
  });
}

BOOST_AUTO_TEST_CASE(a_query_that_takes_too_long_is_ended) {
  test::temp_dir folder;
  const auto path = (folder / "a.db").string();
  db::open_sqlite(path, db::sqlite_mode::write)->run_script("CREATE TABLE t(n INTEGER)");
  const auto reader = db::open_sqlite(path, db::sqlite_mode::read, milliseconds{50});
  static const db::sql counting{"count up",
                                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n"
                                " WHERE i<$1) SELECT count(*) FROM n"};
  const auto count_to = [&](std::int64_t to) {
    std::int64_t n = -1;
    reader->query({&counting, db::params(to)},
                  [&](db::row r) { n = std::get<std::int64_t>(r[0]); });
    return n;
  };
  constexpr auto too_far = std::int64_t{1} << 40;
  BOOST_CHECK_THROW(count_to(too_far), db::budget_exceeded);
  BOOST_TEST(count_to(1000) == 1000, "the connection still works");
  // Many fast ones each have the whole time,
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - began < milliseconds{200}) count_to(10'000);
  // except in one transaction.
  BOOST_CHECK_THROW(([&] {
                      const db::read_scope one_state(*reader);
                      for (;;) count_to(10'000);
                    }()),
                    db::budget_exceeded);
  {
    const db::read_scope one_state(*reader);
    BOOST_CHECK_THROW(count_to(too_far), db::budget_exceeded);
  }
  BOOST_TEST(count_to(10) == 10);
}

BOOST_AUTO_TEST_CASE(a_path_that_cannot_be_opened_is_named) {
  try {
    db::open_sqlite("/nowhere/at/all.db", db::sqlite_mode::write);
    BOOST_ERROR("opened");
  } catch (const db::error& e) {
    BOOST_TEST(std::string(e.what()).find("/nowhere/at/all.db") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(migrations)

constexpr std::array<std::string_view, 2> modules{"kernel", "order"};

BOOST_AUTO_TEST_CASE(they_are_applied_once) {
  auto c = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  auto count = db::migrate(*c, "sqlite", modules);
  BOOST_TEST(count >= 2);
  BOOST_TEST(db::migrate(*c, "sqlite", modules) == 0);
}

BOOST_AUTO_TEST_CASE(a_migration_changed_after_it_was_applied_is_refused) {
  auto c = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  db::migrate(*c, "sqlite", modules);
  c->run_script("UPDATE schema_migrations SET text='-- other' WHERE module='order' AND number=1");
  BOOST_TEST((kind_of([&] { db::migrate(*c, "sqlite", modules); }) == db::error_kind::programming));
}

BOOST_AUTO_TEST_CASE(data_of_a_newer_program_are_refused) {
  auto c = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  db::migrate(*c, "sqlite", modules);
  c->run_script("INSERT INTO schema_migrations VALUES('order',9999,'future','',0)");
  BOOST_TEST((kind_of([&] { db::migrate(*c, "sqlite", modules); }) == db::error_kind::programming));
}

BOOST_AUTO_TEST_CASE(who_only_reads_is_refused_data_of_other_versions) {
  auto c = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  db::migrate(*c, "sqlite", modules);
  db::check_migrated(*c, "order");
  c->run_script("INSERT INTO schema_migrations VALUES('order',9999,'future','',0)");
  BOOST_CHECK_EXCEPTION(db::check_migrated(*c, "order"), db::error, [](const db::error& e) {
    return std::string_view(e.what()).find("belong to a newer version") != std::string_view::npos;
  });
  c->run_script("DELETE FROM schema_migrations WHERE number=9999");
  c->run_script(
      "DELETE FROM schema_migrations WHERE module='order' AND number="
      "(SELECT max(number) FROM schema_migrations WHERE module='order')");
  BOOST_CHECK_EXCEPTION(db::check_migrated(*c, "order"), db::error, [](const db::error& e) {
    return std::string_view(e.what()).find("run `stoa migrate`") != std::string_view::npos;
  });
  // Nothing was applied.
  BOOST_CHECK_THROW(db::check_migrated(*c, "order"), db::error);
}

BOOST_AUTO_TEST_CASE(a_migration_that_fails_leaves_nothing) {
  auto c = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  c->run_script("CREATE TABLE orders(something TEXT)");  // Conflicts with the migration.
  BOOST_CHECK_THROW(db::migrate(*c, "sqlite", modules), db::error);
  c->run_script("DROP TABLE orders");
  BOOST_TEST(db::migrate(*c, "sqlite", modules) >= 1);
}

BOOST_AUTO_TEST_SUITE_END()
