// The reference of purchases: only what SQLite has to write.
#include "bench/limits.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <stdexcept>
#include <thread>

namespace stoa::bench {
namespace {

/// The rows of a table that a purchase of two items writes.
struct table_work {
  const char* name;
  int inserts;
  int updates;
  std::size_t bytes;  ///< of a row
};

struct file_work {
  const char* name;
  int purchases_per_commit;
  std::vector<table_work> tables;
};

/// Counted by a trace of a store's statements, with 128 customers.
const std::vector<file_work>& all_work() {
  static const std::vector<file_work> work{
      {"order",
       8,
       {{"orders", 1, 1, 411},
        {"order_items", 2, 0, 144},
        {"order_status_history", 2, 0, 62},
        {"outbox", 2, 0, 900},
        {"idempotency", 1, 0, 1749},
        {"inbox", 1, 0, 45}}},
      {"catalog",
       10,
       {{"reservations", 2, 2, 71},
        {"stock_ledger", 4, 0, 98},
        {"inventory", 0, 4, 28},
        {"outbox", 1, 0, 300},
        {"inbox", 2, 0, 44}}},
      {"cart", 4, {{"carts", 1, 3, 70}, {"cart_items", 2, 0, 120}, {"inbox", 1, 0, 44}}},
      {"payment",
       5,
       {{"payments", 1, 1, 153},
        {"payment_attempts", 1, 1, 158},
        {"payment_logs", 2, 0, 171},
        {"ledger_postings", 2, 0, 86},
        {"instruments", 1, 0, 150},
        {"outbox", 1, 0, 300},
        {"inbox", 1, 0, 45}}},
      {"notification",
       8,
       {{"notifications", 1, 1, 1572}, {"notification_logs", 2, 0, 53}, {"inbox", 1, 0, 44}}},
      {"ledger", 10, {{"charges", 1, 0, 162}}}};
  return work;
}

class database {
 public:
  explicit database(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) throw std::runtime_error(file.string());
    run("PRAGMA page_size=2048; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA wal_autocheckpoint=2000; PRAGMA cache_size=-8192");
  }
  ~database() {
    for (auto* s : prepared_) sqlite3_finalize(s);
    sqlite3_close(db_);
  }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  void run(const std::string& text) {
    if (sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(db_));
    }
  }
  sqlite3_stmt* prepare(const std::string& text) {
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v2(db_, text.c_str(), -1, &s, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(db_));
    }
    prepared_.push_back(s);
    return s;
  }
  void step(sqlite3_stmt* s) {
    if (sqlite3_step(s) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_reset(s);
  }

 private:
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> prepared_;
};

/// How many purchases each database has. None is more than some batches ahead of the slowest.
class progress {
 public:
  progress() : done_(all_work().size()) {}
  void add(std::size_t file, int purchases) {
    done_[file] += static_cast<std::uint64_t>(purchases);
    while (!over && done_[file] > slowest() + ahead_max) {
      std::this_thread::sleep_for(std::chrono::microseconds{100});
    }
  }
  std::uint64_t slowest() const {
    auto least = done_[0].load();
    for (const auto& one : done_) least = std::min(least, one.load());
    return least;
  }
  std::atomic<bool> over = false;
  std::atomic<bool> failed = false;

 private:
  static constexpr std::uint64_t ahead_max = 100;
  std::vector<std::atomic<std::uint64_t>> done_;
};

/// Writes the rows of purchases into one database until the time is over.
void write_purchases(const std::filesystem::path& folder, std::size_t number, progress& all) {
  const auto& work = all_work()[number];
  const auto file = folder / (std::string(work.name) + ".db");
  database db(file);
  struct prepared {
    sqlite3_stmt* insert;
    sqlite3_stmt* update;
    const table_work* of;
    std::string body;
    std::int64_t last = 0;
  };
  std::vector<prepared> tables;
  for (const auto& t : work.tables) {
    db.run(
        fmt::format("CREATE TABLE {}(id INTEGER PRIMARY KEY, key BLOB UNIQUE, body TEXT)", t.name));
    tables.push_back(
        {db.prepare(fmt::format("INSERT INTO {}(id,key,body) VALUES(?1,?2,?3)", t.name)),
         db.prepare(fmt::format("UPDATE {} SET body=?2 WHERE id=?1", t.name)), &t,
         std::string(t.bytes, 'x')});
  }
  std::mt19937_64 random{1};
  const auto write_one = [&](prepared& t) {
    const auto size = static_cast<int>(t.body.size());
    for (int i = 0; i < t.of->inserts; ++i) {
      // Ascending, as ids of version 7.
      std::array<std::uint64_t, 2> key{__builtin_bswap64(static_cast<std::uint64_t>(++t.last)),
                                       random()};
      sqlite3_bind_int64(t.insert, 1, t.last);
      sqlite3_bind_blob(t.insert, 2, key.data(), sizeof key, SQLITE_STATIC);
      sqlite3_bind_text(t.insert, 3, t.body.data(), size, SQLITE_STATIC);
      db.step(t.insert);
    }
    for (int i = 0; i < t.of->updates; ++i) {
      // Rows that exist already, such as stock: any of a thousand.
      const auto id = t.of->inserts > 0 ? t.last - i % t.of->inserts
                                        : static_cast<std::int64_t>(random() % 1000);
      sqlite3_bind_int64(t.update, 1, id);
      sqlite3_bind_text(t.update, 2, t.body.data(), size, SQLITE_STATIC);
      db.step(t.update);
    }
  };
  for (auto& t : tables) {
    if (t.of->inserts > 0) continue;
    db.run(
        fmt::format("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<999)"
                    " INSERT INTO {} SELECT i,randomblob(16),'{}' FROM n",
                    t.of->name, t.body));
  }
  while (!all.over) {
    db.run("BEGIN IMMEDIATE");
    for (int i = 0; i < work.purchases_per_commit; ++i) {
      for (auto& t : tables) write_one(t);
    }
    db.run("COMMIT");
    all.add(number, work.purchases_per_commit);
  }
}

}  // namespace

double bare_loop_per_second(const std::filesystem::path& folder, int seconds) {
  std::filesystem::create_directories(folder);
  progress all;
  std::vector<std::thread> threads;
  const auto began = load_clock::now();
  for (std::size_t i = 0; i < all_work().size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        write_purchases(folder, i, all);
      } catch (const std::exception&) {
        all.failed = true;
        all.over = true;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::seconds{seconds});
  const auto done = all.slowest();
  const std::chrono::duration<double> took = load_clock::now() - began;
  all.over = true;
  for (auto& t : threads) t.join();
  if (all.failed) throw std::runtime_error("the loop without a server cannot write its databases");
  return static_cast<double>(done) / took.count();
}

}  // namespace stoa::bench
