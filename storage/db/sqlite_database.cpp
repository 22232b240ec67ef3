#include "storage/db/database.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <filesystem>

namespace stoa::db {

namespace {

/// Time that shutdown waits for another process that reads the file.
constexpr int finish_wait_ms = 1000;
const sql truncate_wal{"checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)"};

class sqlite_file final : public database {
 public:
  sqlite_file(std::string path, milliseconds query_time_max)
      : path_(std::move(path)), query_time_max_(query_time_max) {}

  std::unique_ptr<connection> open(access a) override {
    if (a == access::write) return open_sqlite(path_, sqlite_mode::write);
    return open_sqlite(path_, sqlite_mode::read,
                       a == access::bounded ? query_time_max_ : milliseconds{0});
  }
  int migrate(std::span<const std::string_view> modules) override {
    return db::migrate(*open(access::write), "sqlite", modules);
  }
  void finish() override {
    if (!std::filesystem::exists(path_)) return;
    const auto c = open(access::write);
    c->run_script("PRAGMA busy_timeout=" + std::to_string(finish_wait_ms));
    bool is_busy = false;
    c->query({&truncate_wal, {}}, [&](row r) { is_busy = r[0] != value(std::int64_t{0}); });
    if (is_busy) {
      throw error(error_kind::unavailable, "", path_ + ": in use by another process");
    }
    // Closing the last connection removes the WAL files.
  }
  bool shared() const override { return false; }
  std::string describe() const override { return path_; }

 private:
  std::string path_;
  milliseconds query_time_max_;
};

}  // namespace

std::unique_ptr<database> sqlite_database(std::string path, milliseconds query_time_max) {
  return std::make_unique<sqlite_file>(std::move(path), query_time_max);
}

}  // namespace stoa::db
