// The log of a SQLite database: after each commit the files contain it, whatever the transaction
// did, and others read it.

#include "storage/db/database.hpp"
#include "storage/db/sqlite.hpp"
#include "storage/db/sqlite_log_vfs.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

using namespace stoa;
namespace fs = std::filesystem;

namespace {

/// Through SQLite's own VFS, as another program.
class other_program {
 public:
  explicit other_program(const fs::path& file) {
    const int code = sqlite3_open_v2(file.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr);
    BOOST_REQUIRE(code == SQLITE_OK);
    sqlite3_busy_timeout(db_, 5000);
  }
  ~other_program() { sqlite3_close(db_); }
  other_program(const other_program&) = delete;
  other_program& operator=(const other_program&) = delete;
  std::string text(const char* query) {
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v2(db_, query, -1, &s, nullptr) != SQLITE_OK) return sqlite3_errmsg(db_);
    std::string found;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
      found += reinterpret_cast<const char*>(sqlite3_column_text(s, 0));
    }
    if (code != SQLITE_DONE) found = sqlite3_errmsg(db_);
    sqlite3_finalize(s);
    return found;
  }

 private:
  sqlite3* db_ = nullptr;
};

/// A checkpoint begins at 2000 pages.
constexpr std::uintmax_t log_bytes_max = std::uintmax_t{2000} * 2072;
constexpr const char* digest =
    "SELECT count(*)||' '||coalesce(sum(n),0)||' '||coalesce(sum(length(body)),0) FROM t";

std::string digest_of(db::connection& c) {
  static const db::sql query{"digest", digest};
  std::string found;
  c.query({&query, {}}, [&](db::row r) { found = std::get<std::string>(r[0]); });
  return found;
}

struct fixture {
  fixture() : file(dir / "a.db"), writer(db::open_sqlite(file, db::sqlite_mode::write)) {
    writer->run_script(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, body BLOB);"
        "CREATE INDEX t_n ON t(n)");
  }
  /// What a process that ends now leaves. Not during a checkpoint, which changes both files.
  std::string after_a_crash() const {
    const test::temp_dir elsewhere;
    fs::copy_file(file, elsewhere / "a.db");
    if (fs::exists(file.string() + "-wal")) {
      fs::copy_file(file.string() + "-wal", elsewhere / "a.db-wal");
    }
    other_program other(elsewhere / "a.db");
    const auto whole = other.text("PRAGMA integrity_check");
    return whole == "ok" ? other.text(digest) : whole;
  }
  /// A transaction of few or many rows, with pages that are written to the log twice because the
  /// cache is too small. Far fewer than 2000 pages, at which a checkpoint begins. Without ROLLBACK
  /// TO, after which SQLite 3.40 itself writes such a log with wrong checksums.
  void change_something() {
    const auto pick = [&](int most) { return std::uniform_int_distribution<>(0, most)(random); };
    writer->begin();
    for (int part = pick(3); part >= 0; --part) {
      const auto rows = std::to_string(pick(5) == 0 ? 1000 : pick(20) + 1);
      const auto bytes = std::to_string(pick(5) == 0 ? 40'000 : pick(200));
      writer->run_script(
          "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM numbers WHERE n<" +
          (bytes == "40000" ? "10" : rows) + ") INSERT INTO t(n,body) SELECT abs(random())%1000," +
          "randomblob(" + bytes + ") FROM numbers");
      writer->run_script("UPDATE t SET n=n+1 WHERE id%" + std::to_string(pick(40) + 1) + "=0");
      writer->run_script("DELETE FROM t WHERE id%" + std::to_string(pick(3) + 2) + "=0");
      writer->run_script("DELETE FROM t WHERE id<(SELECT max(id) FROM t)-2000");
    }
    if (pick(5) == 0) {
      writer->rollback();
    } else {
      writer->commit();
    }
  }

  test::temp_dir dir;
  fs::path file;
  std::unique_ptr<db::connection> writer;
  std::mt19937 random{20261129};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_log, fixture)

BOOST_AUTO_TEST_CASE(a_commit_is_in_the_files_when_it_returns) {
  const auto reader = db::open_sqlite(file, db::sqlite_mode::read);
  other_program other(file);
  writer->run_script("PRAGMA cache_size=50");
  std::string before = digest_of(*writer);
  int changed = 0;
  for (int i = 0; i < 120; ++i) {
    change_something();
    const auto now = digest_of(*writer);
    changed += now == before ? 0 : 1;
    before = now;
    BOOST_TEST(digest_of(*reader) == now);
    BOOST_TEST(other.text(digest) == now);
    BOOST_TEST(after_a_crash() == now);
    BOOST_REQUIRE(fs::file_size(file.string() + "-wal") < log_bytes_max);
    other.text(i % 2 == 0 ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(RESTART)");
  }
  BOOST_TEST(changed > 60);
}

/// As of demo stores and tools.
BOOST_AUTO_TEST_CASE(a_commit_without_a_sync_is_in_the_files_too) {
  writer->run_script("PRAGMA synchronous=OFF; PRAGMA cache_size=50");
  for (int i = 0; i < 60; ++i) {
    change_something();
    BOOST_TEST(after_a_crash() == digest_of(*writer));
    BOOST_REQUIRE(fs::file_size(file.string() + "-wal") < log_bytes_max);
    if (i % 2 == 0) writer->run_script("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}

BOOST_AUTO_TEST_CASE(others_read_while_it_is_written) {
  std::atomic<bool> over = false;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  for (const bool is_own : {true, false}) {
    readers.emplace_back([&, is_own] {
      const auto own = db::open_sqlite(file, db::sqlite_mode::read);
      other_program other(file);
      while (!over) {
        // Each transaction adds rows whose sum is 0.
        const auto found = is_own ? digest_of(*own) : other.text(digest);
        if (found.find(" 0 ") == std::string::npos) throw std::runtime_error(found);
        ++reads;
      }
    });
  }
  for (int i = 1; i < 1500 || reads < 200; ++i) {
    writer->begin();
    writer->run_script("INSERT INTO t(n,body) VALUES(" + std::to_string(i) +
                       ",randomblob(3000)),(-" + std::to_string(i) + ",'')");
    writer->commit();
    if (i % 500 == 0) writer->run_script("PRAGMA wal_checkpoint(RESTART)");
  }
  over = true;
  for (auto& r : readers) r.join();
}

BOOST_AUTO_TEST_SUITE_END()
