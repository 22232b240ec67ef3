#include "storage/db/database.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

namespace stoa::db {

namespace {

class sqlite_file final : public database {
 public:
  explicit sqlite_file(std::string path) : path_(std::move(path)) {}

  std::unique_ptr<connection> open(access a) override {
    return open_sqlite(path_, a == access::write ? sqlite_mode::write : sqlite_mode::read);
  }
  int migrate(std::span<const std::string_view> modules) override {
    return db::migrate(*open(access::write), "sqlite", modules);
  }
  bool shared() const override { return false; }
  std::string describe() const override { return path_; }

 private:
  std::string path_;
};

}  // namespace

std::unique_ptr<database> sqlite_database(std::string path) {
  return std::make_unique<sqlite_file>(std::move(path));
}

}  // namespace stoa::db
