// Statements generated from records are combined into a few with arrays: the effect must be that of
// the single statements.

#include "storage/db/postgres.hpp"
#include "storage/db/records.hpp"
#include "tests/support/postgres_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace {

using namespace stoa;
using db::error_kind;
using test::kind_of;

struct thing_row {
  static constexpr const char* table = "things";
  static constexpr std::size_t key_columns = 1;
  uuid id;
  std::int64_t small = 0;
  std::int64_t middle = 0;
  std::int64_t big = 0;
  double ratio = 0;
  std::string name;
  std::optional<std::string> note;
  std::optional<uuid> owner;
  std::int64_t version = 0;
  bool operator==(const thing_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(thing_row, (), (id, small, middle, big, ratio, name, note, owner, version))

struct line_row {
  static constexpr const char* table = "lines";
  static constexpr std::size_t key_columns = 2;
  uuid thing;
  std::int64_t n = 0;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(line_row, (), (thing, n, text))

using records = db::unit_of_work<thing_row, line_row>;

const db::sql all_things{
    "all things", "SELECT " + db::column_list<thing_row>() + " FROM things ORDER BY name, big"};
const db::sql count_lines{"count lines", "SELECT count(*) FROM lines"};
const db::sql group_plans{"group plans",
                          "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
                          " WHERE statement LIKE 'SELECT id%=ANY($1%'"};

struct fixture : test::postgres_fixture {
  // `written` has a row for each statement that changed something.
  fixture()
      : postgres_fixture(
            "CREATE TABLE things(id UUID PRIMARY KEY, small INT2 NOT NULL, middle INT4 NOT NULL,"
            " big BIGINT NOT NULL CHECK(big <> 13), ratio FLOAT8 NOT NULL, name TEXT NOT NULL"
            " UNIQUE, note TEXT, owner UUID REFERENCES things(id), version BIGINT NOT NULL);"
            "CREATE TABLE lines(thing UUID REFERENCES things(id), n INT4, text TEXT NOT NULL,"
            " PRIMARY KEY(thing, n));"
            "CREATE TABLE written(what TEXT NOT NULL);"
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO written VALUES(TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL; END $$;"
            "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON things"
            " EXECUTE FUNCTION note();"
            "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON lines"
            " EXECUTE FUNCTION note()") {}

  std::unique_ptr<db::connection> open_as(bool prepared) const {
    auto options = options_at(server().port());
    options.prepared_statements = prepared;
    return db::postgres_database(options)->open(db::access::write);
  }
  /// How often the statement was sent to the server since the last call.
  std::string statements(const std::string& what) const {
    auto n = server().run(database(), "SELECT count(*) FROM written WHERE what='" + what + "'");
    server().run(database(), "DELETE FROM written WHERE what='" + what + "'");
    return n;
  }
};

thing_row thing(const std::string& name, std::int64_t big = 1) {
  return {system_ids().next_v7(), 2, 3, big, 0.5, name, std::nullopt, std::nullopt, 1};
}

std::vector<thing_row> read_all(db::connection& c) {
  return db::select<thing_row>(c, all_things, {});
}

void save(db::connection& c, records& r) {
  std::vector<db::statement> changes;
  r.collect(changes);
  c.begin();
  try {
    c.execute_and_commit(changes, [] {});
  } catch (...) {
    c.rollback();
    throw;
  }
}

void add(db::connection& c, const std::vector<thing_row>& things) {
  records r;
  for (const auto& one : things) r.of<thing_row>().insert(one);
  save(c, r);
}

/// Loads the records by key.
void load(records& r, db::connection& c, const std::vector<thing_row>& things) {
  db::need_list<records> needs(r);
  for (const auto& one : things) needs.add<&thing_row::id>(one.id);
  needs.load(c);
}

/// Afterwards the connection knows the statements' types and groups them.
void warm_up(db::connection& c) {
  const auto one = thing("warm");
  add(c, {one});
  records r;
  load(r, c, {one});
  r.of<thing_row>().edit(one.id).note = "w";
  r.of<line_row>().insert({one.id, 1, "w"});
  save(c, r);
  records again;
  load(again, c, {one});
  db::need_list<records> needs(again);
  needs.add<&line_row::thing>(one.id);
  needs.load(c);
  again.of<line_row>().erase(one.id, 1);
  again.of<thing_row>().erase(one.id);
  save(c, again);
}

std::vector<thing_row> odd_things() {
  const auto largest = std::numeric_limits<std::int64_t>::max();
  auto a = thing("");
  auto b = thing("NULL", largest);
  b.note = "";
  auto d = thing("a \"b\" \\ 'c' {d,e} \n\t $1", -largest - 1);
  d.note = "null";
  d.owner = a.id;
  auto e = thing("Zürich 漢字 🐘", 0);
  e.small = -32768;
  e.middle = -2147483647;
  e.ratio = -0.1;
  e.note = "{}";
  auto f = thing(std::string(200'000, '"'));
  f.ratio = std::numeric_limits<double>::max();
  return {a, b, d, e, f};
}

BOOST_FIXTURE_TEST_SUITE(postgres_groups, fixture)

BOOST_AUTO_TEST_CASE(records_go_and_come_as_one_statement_and_are_what_they_were) {
  for (const bool prepared : {true, false}) {
    if (!ready()) return;
    const auto c = open_as(prepared);
    warm_up(*c);
    for (const auto* what : {"INSERT things", "UPDATE things", "DELETE lines"}) statements(what);
    const auto things = odd_things();
    add(*c, things);
    BOOST_TEST(statements("INSERT things") == "1");
    records r;
    load(r, *c, things);
    for (const auto& one : things) {
      BOOST_REQUIRE(r.of<thing_row>().find(one.id) != nullptr);
      BOOST_TEST((*r.of<thing_row>().find(one.id) == one), one.name);
      auto& changed = r.of<thing_row>().edit(one.id);
      changed.note = changed.note ? std::nullopt : std::optional<std::string>("set");
      changed.big += changed.big < 0 ? 1 : -1;
      for (int n = 0; n < 3; ++n) r.of<line_row>().insert({one.id, n, one.name});
    }
    save(*c, r);
    BOOST_TEST(statements("UPDATE things") == "1");
    const auto found = read_all(*c);
    BOOST_REQUIRE(found.size() == things.size());
    for (const auto& one : found) {
      BOOST_TEST((*r.of<thing_row>().find(one.id) == one), one.name);
      BOOST_TEST(one.version == 2);
    }
    records lines;
    db::need_list<records> needs(lines);
    for (const auto& one : things) needs.add<&line_row::thing>(one.id);
    needs.load(*c);
    for (const auto& one : things) {
      for (const int n : {0, 2}) lines.of<line_row>().erase(one.id, n);
    }
    save(*c, lines);
    BOOST_TEST(statements("DELETE lines") == "1");
    c->query({&count_lines, {}},
             [](db::row row) { BOOST_TEST(std::get<std::int64_t>(row[0]) == 5); });
    server().run(database(), "TRUNCATE things CASCADE");
  }
}

BOOST_AUTO_TEST_CASE(each_statement_gets_its_rows_in_order) {
  if (!ready()) return;
  const auto c = open();
  warm_up(*c);
  std::vector<thing_row> things;
  for (int i = 0; i < 20; ++i) things.push_back(thing(std::to_string(i), i % 4));
  add(*c, things);
  const auto by_id = [](const uuid& id) {
    return db::statement{&db::select_by<&thing_row::id>(), db::params(id)};
  };
  const auto by_big = [](std::int64_t big) {
    return db::statement{&db::select_by<&thing_row::big>(), db::params(big)};
  };
  const std::vector<db::statement> asked{
      by_big(1),           by_id(things[7].id), {&count_lines, {}},
      by_id(uuid{}),       by_big(2),           by_id(things[7].id),
      by_id(things[0].id), by_big(77),          {by_big(0).what, {db::value{}}}};
  // The first time individually, then grouped: the same result.
  for (int time = 0; time < 3; ++time) {
    std::vector<std::vector<std::string>> names(asked.size());
    std::size_t last = 0;
    c->query(asked, [&](std::size_t i, db::row r) {
      BOOST_TEST(i >= last);
      last = i;
      names[i].push_back(i == 2 ? "count" : std::get<std::string>(r[5]));
    });
    for (auto& list : names) std::sort(list.begin(), list.end());
    const std::vector<std::vector<std::string>> expected{{"1", "13", "17", "5", "9"},
                                                         {"7"},
                                                         {"count"},
                                                         {},
                                                         {"10", "14", "18", "2", "6"},
                                                         {"7"},
                                                         {"0"},
                                                         {},
                                                         {}};
    BOOST_TEST((names == expected));
  }
  std::int64_t plans = 0;
  c->query({&group_plans, {}}, [&](db::row r) { plans += std::get<std::int64_t>(r[0]); });
  BOOST_TEST(plans == 5);  // by_id three times, by_big from the second time on
}

BOOST_AUTO_TEST_CASE(one_stale_record_stops_the_whole_group) {
  if (!ready()) return;
  const auto c = open();
  warm_up(*c);
  const std::vector<thing_row> things{thing("a"), thing("b"), thing("c")};
  add(*c, things);
  records mine;
  load(mine, *c, things);
  records other;
  load(other, *c, {things[1]});
  other.of<thing_row>().edit(things[1].id).note = "other";
  save(*c, other);
  for (const auto& one : things) mine.of<thing_row>().edit(one.id).note = "mine";
  BOOST_TEST((kind_of([&] { save(*c, mine); }) == error_kind::stale));
  const auto found = read_all(*c);
  BOOST_REQUIRE(found.size() == 3U);
  BOOST_TEST((found[0] == things[0]));
  BOOST_TEST(found[1].note.value_or("") == "other");
  BOOST_TEST((found[2] == things[2]));
}

BOOST_AUTO_TEST_CASE(a_unique_value_that_moves_is_saved_when_run_again) {
  if (!ready()) return;
  const auto c = open();
  warm_up(*c);
  const std::vector<thing_row> things{thing("x"), thing("y"), thing("z")};
  add(*c, things);
  // In sequence each name is free when needed. A new record takes the last one's.
  const auto pass_on = [&] {
    records r;
    load(r, *c, things);
    r.of<thing_row>().edit(things[0].id).name = "w";
    r.of<thing_row>().edit(things[1].id).name = "x";
    r.of<thing_row>().edit(things[2].id).name = "y";
    r.of<thing_row>().insert(thing("z", 9));
    save(*c, r);
  };
  const auto first = kind_of(pass_on);
  BOOST_TEST((!first || first == error_kind::unique));
  if (first) pass_on();
  std::string names;
  for (const auto& one : read_all(*c)) names += one.name;
  BOOST_TEST(names == "wxyz");
}

BOOST_AUTO_TEST_CASE(what_is_inserted_can_be_referred_to_by_what_is_updated_when_run_again) {
  if (!ready()) return;
  const auto c = open();
  warm_up(*c);
  const std::vector<thing_row> things{thing("a"), thing("b")};
  add(*c, things);
  const auto parent = thing("parent");
  const auto adopt = [&] {
    records r;
    load(r, *c, things);
    r.of<thing_row>().insert(parent);
    for (const auto& one : things) r.of<thing_row>().edit(one.id).owner = parent.id;
    save(*c, r);
  };
  // Updates precede inserts, so the row that they refer to is missing.
  const auto first = kind_of(adopt);
  BOOST_TEST((!first || first == error_kind::constraint));
  if (first) adopt();
  for (const auto& one : read_all(*c))
    BOOST_TEST((one.owner == parent.id) == (one.name != "parent"));
}

BOOST_AUTO_TEST_CASE(new_rows_may_refer_to_each_other) {
  if (!ready()) return;
  const auto c = open();
  warm_up(*c);
  add(*c, {thing("a"), thing("b")});
  statements("INSERT things");
  records r;
  const auto parent = thing("parent");
  auto child = thing("child");
  child.owner = parent.id;
  r.of<thing_row>().insert(child);  // Before its parent: one statement is checked at its end.
  r.of<thing_row>().insert(parent);
  save(*c, r);
  BOOST_TEST(statements("INSERT things") == "1");
}

BOOST_AUTO_TEST_CASE(errors_of_a_group_are_those_of_its_statements) {
  for (const bool prepared : {true, false}) {
    if (!ready()) return;
    const auto c = open_as(prepared);
    warm_up(*c);
    add(*c, {thing("a"), thing("b")});
    BOOST_TEST((kind_of([&] { add(*c, {thing("c"), thing("b")}); }) == error_kind::unique));
    BOOST_TEST((kind_of([&] { add(*c, {thing("c"), thing("d", 13)}); }) == error_kind::constraint));
    auto wide = thing("c");
    wide.small = 40'000;
    for (int i = 0; i < 2; ++i) {
      BOOST_TEST((kind_of([&] { add(*c, {thing("d"), wide}); }) == error_kind::constraint));
    }
    BOOST_TEST((kind_of([&] {
                  add(*c, {thing("c"), thing("\xC3\x28")});
                }) == error_kind::constraint));
    BOOST_TEST((kind_of([&] {
                  add(*c, {thing("c"), thing(std::string("a\0b", 3))});
                }) == error_kind::constraint));
    BOOST_TEST(read_all(*c).size() == 2U);
    // It continues to work.
    add(*c, {thing("c"), thing("d")});
    BOOST_TEST(read_all(*c).size() == 4U);
    server().run(database(), "TRUNCATE things CASCADE");
  }
}

BOOST_AUTO_TEST_CASE(a_column_that_was_widened_is_still_written) {
  for (const bool prepared : {true, false}) {
    if (!ready()) return;
    const auto c = open_as(prepared);
    warm_up(*c);
    add(*c, {thing("a"), thing("b")});
    server().run(database(), "ALTER TABLE things ALTER middle TYPE BIGINT");
    add(*c, {thing("c"), thing("d")});
    BOOST_TEST(read_all(*c).size() == 4U);
    server().run(database(), "TRUNCATE things CASCADE");
    server().run(database(), "ALTER TABLE things ALTER middle TYPE INT4");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
