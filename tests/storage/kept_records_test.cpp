// Records kept from one batch to the next, against the same batches without them.

#include "storage/db/records.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/counting_connection.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>

namespace {

using namespace stoa;

struct shelf_row {
  static constexpr const char* table = "shelves";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  std::int64_t shelf_id = 0;
  std::optional<std::string> room;
  std::int64_t version = 0;
  bool operator==(const shelf_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(shelf_row, (), (shelf_id, room, version))

struct book_row {
  static constexpr const char* table = "books";
  static constexpr std::size_t key_columns = 2;
  static constexpr bool kept = true;
  std::int64_t shelf_id = 0;
  std::string title;
  std::string author;
  bool operator==(const book_row&) const = default;
  static constexpr std::string_view parent = "shelves";
  static constexpr auto parent_key = &book_row::shelf_id;
};
BOOST_DESCRIBE_STRUCT(book_row, (), (shelf_id, title, author))

using unit = db::unit_of_work<shelf_row, book_row>;

constexpr int shelves = 6;
const std::array<std::string, 3> words{"a", "b", "c"};

/// What a batch asks for.
struct question {
  int what = 0;
  std::int64_t shelf = 0;
  std::string word;
};

void ask(db::need_list<unit>& list, const question& q) {
  if (q.what == 0) list.add<&shelf_row::shelf_id>(q.shelf);
  if (q.what == 1) list.add<&shelf_row::room>(q.word);
  if (q.what == 2) list.add<&book_row::shelf_id>(q.shelf);
  if (q.what == 3) list.add<&book_row::author>(q.word);
}

template <class R>
std::vector<R> copies(const std::vector<const R*>& records) {
  std::vector<R> all;
  for (const auto* r : records) all.push_back(*r);
  return all;
}

/// The answers as seen by a batch.
std::pair<std::vector<shelf_row>, std::vector<book_row>> answers(const unit& u, const question& q) {
  const auto& s = u.of<shelf_row>();
  const auto& b = u.of<book_row>();
  if (q.what == 0) return {copies(s.where<&shelf_row::shelf_id>(q.shelf)), {}};
  if (q.what == 1) return {copies(s.where<&shelf_row::room>(std::optional(q.word))), {}};
  if (q.what == 2) return {{}, copies(b.where<&book_row::shelf_id>(q.shelf))};
  return {{}, copies(b.where<&book_row::author>(q.word))};
}

struct library {
  library() {
    database->run_script(
        "CREATE TABLE shelves(shelf_id INTEGER PRIMARY KEY, room TEXT, version INTEGER NOT NULL);"
        "CREATE TABLE books(shelf_id INTEGER NOT NULL REFERENCES shelves(shelf_id),"
        " title TEXT NOT NULL, author TEXT NOT NULL, PRIMARY KEY(shelf_id, title))");
  }

  std::unique_ptr<db::connection> database = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  test::counting_connection counted{*database};
  db::kept_records kept{20};
};

/// A batch with kept records, as a writer runs it.
struct batch {
  explicit batch(library& l) : at(l) {
    at.kept.begin();
    u.keep_in(at.kept);
    list.keep_in(at.kept);
  }
  void load() {
    list.load(at.counted);
    u.mark();
  }
  void save() {
    std::vector<db::statement> changes;
    u.collect(changes);
    at.database->begin();
    at.database->execute(changes);
    at.database->commit();
    at.kept.saved(u.kept_sets());
  }

  library& at;
  unit u;
  db::need_list<unit> list{u};
};

struct random_work {
  explicit random_work(unsigned seed) : dice(seed) {}
  int upto(int n) { return std::uniform_int_distribution(0, n - 1)(dice); }
  std::string word() { return words[static_cast<std::size_t>(upto(3))]; }
  question any() { return {upto(4), upto(shelves), word()}; }

  void change_shelf(unit& u, std::int64_t id) {
    auto& all = u.of<shelf_row>();
    if (all.find(id) == nullptr) {
      if (upto(2) == 0) all.insert({id, word(), 1});
    } else if (upto(6) == 0 && u.of<book_row>().where<&book_row::shelf_id>(id).empty()) {
      all.erase(id);
    } else {
      all.edit(id).room = upto(4) == 0 ? std::nullopt : std::optional(word());
    }
  }
  void change_book(unit& u, std::int64_t id) {
    if (u.of<shelf_row>().find(id) == nullptr) return;
    auto& all = u.of<book_row>();
    const auto title = word();
    if (all.find(id, title) == nullptr) {
      all.insert({id, title, word()});
    } else if (upto(3) == 0) {
      all.erase(id, title);
    } else {
      all.edit(id, title).author = word();
    }
  }
  /// Loads what a change of the shelf needs, and some more; changes it, or tries to.
  void run(library& l) {
    const std::int64_t id = upto(shelves);
    {
      batch b(l);
      b.list.add<&shelf_row::shelf_id>(id);
      b.list.add<&book_row::shelf_id>(id);
      for (int i = upto(3); i > 0; --i) ask(b.list, any());
      b.load();
      for (int i = upto(4); i > 0; --i) {
        b.u.mark();
        change_shelf(b.u, id);
        change_book(b.u, id);
        if (upto(4) == 0) b.u.undo();
      }
      if (upto(8) != 0) b.save();  // Otherwise it fails.
    }
  }

  std::mt19937 dice;
};

/// Whether a batch with kept records sees the same as one without.
bool agrees(library& l, const question& q) {
  unit fresh;
  db::need_list<unit> list(fresh);
  ask(list, q);
  list.load(*l.database);
  batch b(l);
  ask(b.list, q);
  b.load();
  const bool same = answers(fresh, q) == answers(b.u, q);
  b.save();
  return same;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kept_records)

BOOST_AUTO_TEST_CASE(batches_see_what_the_database_has) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    library l;
    random_work work(seed);
    for (int i = 0; i < 60; ++i) {
      work.run(l);
      const auto q = work.any();
      BOOST_TEST_REQUIRE(agrees(l, q), "seed " << seed << ", batch " << i << ", " << q.what);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_was_saved_is_not_read_again) {
  library l;
  for (std::int64_t id = 0; id < 3; ++id) {
    batch b(l);
    b.list.add<&shelf_row::shelf_id>(id);
    b.list.add<&book_row::shelf_id>(id);
    b.load();
    b.u.of<shelf_row>().insert({id, "a", 1});
    b.save();
  }
  l.counted.reads.clear();
  batch b(l);
  b.list.add<&shelf_row::shelf_id>(std::int64_t{1});
  b.list.add<&book_row::shelf_id>(std::int64_t{1});
  BOOST_TEST(b.list.was_answered());
  BOOST_TEST(!b.list.open());
  BOOST_TEST(l.kept.has_answered());
  BOOST_TEST_REQUIRE(b.u.of<shelf_row>().find(std::int64_t{1}));
  BOOST_TEST(l.counted.reads_total() == 0U);
}

BOOST_AUTO_TEST_CASE(a_new_record_and_what_refers_to_it_are_known_without_being_read) {
  library l;
  {
    batch b(l);
    b.list.add<&book_row::shelf_id>(std::int64_t{5});  // The need is known from now on.
    b.load();
    b.u.of<shelf_row>().insert({1, "a", 1});
    b.u.of<book_row>().insert({1, "t", "x"});
    b.save();
  }
  l.counted.reads.clear();
  batch b(l);
  b.list.add<&shelf_row::shelf_id>(std::int64_t{1});
  b.list.add<&book_row::shelf_id>(std::int64_t{1});
  BOOST_TEST(!b.list.open());
  BOOST_TEST(b.u.of<book_row>().where<&book_row::shelf_id>(std::int64_t{1}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(after_any_other_change_and_a_failed_batch_everything_is_read_again) {
  library l;
  const auto is_kept = [&] {
    batch b(l);
    b.list.add<&shelf_row::shelf_id>(std::int64_t{1});
    const bool known = !b.list.open();
    b.load();
    b.save();
    return known;
  };
  BOOST_TEST(!is_kept());
  BOOST_TEST(is_kept());
  l.kept.clear();
  BOOST_TEST(!is_kept());
  {
    batch fails(l);
    fails.list.add<&shelf_row::shelf_id>(std::int64_t{1});
    fails.load();
  }
  BOOST_TEST(!is_kept());
}

BOOST_AUTO_TEST_CASE(the_number_of_kept_records_is_bounded) {
  library l;
  for (std::int64_t id = 0; id < 25; ++id) {
    batch b(l);
    b.u.of<shelf_row>().insert({id, "a", 1});
    b.save();
  }
  batch b(l);
  b.list.add<&shelf_row::shelf_id>(std::int64_t{0});
  BOOST_TEST(b.list.open());
}

BOOST_AUTO_TEST_SUITE_END()
