// A SQLite database as files: their state after closing, and reading without side effects.

#include "storage/db/database.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace stoa;
namespace fs = std::filesystem;

namespace {

const db::sql count_rows{"count rows", "SELECT count(*) FROM t"};

std::int64_t rows_of(db::connection& c) {
  std::int64_t rows = -1;
  c.query({&count_rows, {}}, [&](db::row r) { rows = std::get<std::int64_t>(r[0]); });
  return rows;
}

struct fixture {
  fixture() : file((dir / "a #1%?.db").string()), database(db::sqlite_database(file)) {
    database->open(db::access::write)->run_script("CREATE TABLE t(n INTEGER)");
  }
  /// Commits a row while a reader is open that closes last, as the node's actors do.
  void write_and_leave_the_log() const {
    const auto reader = database->open(db::access::read);
    auto writer = database->open(db::access::write);
    rows_of(*reader);
    writer->run_script("INSERT INTO t VALUES(1)");
    writer.reset();
  }
  static void write_a_megabyte(db::connection& writer) {
    static const db::sql insert{"insert a megabyte", "INSERT INTO t VALUES(zeroblob(1000000))"};
    const std::vector<db::statement> one{{&insert, {}}};
    writer.begin();
    writer.execute(one);
    writer.commit();
  }
  std::uintmax_t log_bytes() const { return fs::file_size(file + "-wal"); }
  bool has_log() const { return fs::exists(file + "-wal"); }

  test::temp_dir dir;
  std::string file;
  std::unique_ptr<db::database> database;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_file, fixture)

BOOST_AUTO_TEST_CASE(finish_brings_everything_into_the_file) {
  write_and_leave_the_log();
  BOOST_TEST(has_log());  // A reading connection leaves the log.
  database->finish();
  BOOST_TEST(!has_log());
  const auto copy = (dir / "copy.db").string();
  fs::copy_file(file, copy);
  BOOST_TEST(rows_of(*db::open_sqlite(copy, db::sqlite_mode::read)) == 1);
}

BOOST_AUTO_TEST_CASE(finish_says_so_when_another_process_reads) {
  write_and_leave_the_log();
  {
    const auto other = db::open_sqlite(file, db::sqlite_mode::read);
    const db::read_scope one_state(*other);
    rows_of(*other);
    database->open(db::access::write)->run_script("INSERT INTO t VALUES(2)");
    try {
      database->finish();
      BOOST_ERROR("it could not have been finished");
    } catch (const db::error& e) {
      BOOST_TEST((e.kind() == db::error_kind::unavailable));
    }
  }
  database->finish();
  BOOST_TEST(!has_log());
}

BOOST_AUTO_TEST_CASE(finish_creates_no_file) {
  const auto missing = (dir / "missing.db").string();
  db::sqlite_database(missing)->finish();
  BOOST_TEST(!fs::exists(missing));
}

BOOST_AUTO_TEST_CASE(inspecting_leaves_no_trace_and_sees_what_is_in_the_log) {
  database->finish();
  BOOST_TEST(rows_of(*db::open_sqlite(file, db::sqlite_mode::inspect)) == 0);
  BOOST_TEST(!has_log());
  BOOST_TEST(!fs::exists(file + "-shm"));
  write_and_leave_the_log();
  BOOST_TEST(rows_of(*db::open_sqlite(file, db::sqlite_mode::inspect)) == 1);
  BOOST_CHECK_THROW(db::open_sqlite(file, db::sqlite_mode::inspect)->run_script("DELETE FROM t"),
                    db::error);
  BOOST_CHECK_THROW(db::open_sqlite((dir / "none.db").string(), db::sqlite_mode::inspect),
                    db::error);
  BOOST_TEST(!fs::exists(dir / "none.db"));
}

BOOST_AUTO_TEST_CASE(the_log_stays_short_while_a_writer_is_busy) {
  const auto writer = database->open(db::access::write);
  for (int i = 0; i < 40; ++i) write_a_megabyte(*writer);
  // A checkpoint starts at 4 MiB.
  BOOST_TEST(log_bytes() < 20'000'000U);
  BOOST_TEST(fs::file_size(file) > 20'000'000U);
}

BOOST_AUTO_TEST_CASE(the_log_grows_while_a_state_is_read_and_is_copied_after_that) {
  const auto writer = database->open(db::access::write);
  auto reader = db::open_sqlite(file, db::sqlite_mode::read);
  {
    const db::read_scope one_state(*reader);
    BOOST_TEST(rows_of(*reader) == 0);
    for (int i = 0; i < 80; ++i) write_a_megabyte(*writer);
    BOOST_TEST(rows_of(*reader) == 0);
    BOOST_TEST(log_bytes() > 80'000'000U);
  }
  BOOST_TEST(rows_of(*reader) == 80);
  for (int i = 0; i < 40; ++i) write_a_megabyte(*writer);
  // PRAGMA journal_size_limit: a restarted log keeps 64 MiB.
  BOOST_TEST(log_bytes() <= 67'108'864U);
}

BOOST_AUTO_TEST_CASE(what_is_committed_during_checkpoints_is_there_after_a_crash) {
  auto writer = database->open(db::access::write);
  const auto copy = (dir / "copy.db").string();
  for (int i = 0; i < 30; ++i) write_a_megabyte(*writer);
  // As after a crash: a checkpoint may be incomplete, and no transaction begins meanwhile.
  writer->begin();
  fs::copy_file(file, copy);
  fs::copy_file(file + "-wal", copy + "-wal");
  writer->rollback();
  BOOST_TEST(rows_of(*db::open_sqlite(copy, db::sqlite_mode::write)) == 30);
}

BOOST_AUTO_TEST_SUITE_END()
