#include "tests/support/store_files.hpp"

#include "tests/support/store_copy.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace stoa::test {
namespace {

constexpr int busy_ms = 10'000;

[[noreturn]] void fail(sqlite3* db, const std::string& what) {
  throw std::runtime_error("store files: " + what + ": " + sqlite3_errmsg(db));
}

}  // namespace

void store_files::closer::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

store_files::store_files(const std::filesystem::path& data,
                         const std::filesystem::path& gateway_ledger) {
  sqlite3* opened = nullptr;
  const int status = sqlite3_open_v2(
      ":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, nullptr);
  db_.reset(opened);
  if (status != SQLITE_OK) fail(opened, "cannot open");
  sqlite3_busy_timeout(opened, busy_ms);
  const auto attach = [&](const std::filesystem::path& file, const std::string& name) {
    if (!std::filesystem::is_regular_file(file)) {
      throw std::runtime_error("store files: there is no " + file.string());
    }
    rows("ATTACH ? AS \"" + name + "\"", {"file:" + file.string() + "?mode=ro"});
  };
  const auto place = place_of(data);
  for (const auto name : service_databases) {
    if (place) {
      copy_service(*place, std::string(name), opened);
    } else {
      attach(data / (std::string(name) + ".db"), std::string(name) + "_db");
    }
  }
  attach(gateway_ledger.empty() ? data / "sandbox" / "ledger.db" : gateway_ledger, "bank");
}

std::vector<store_files::row> store_files::rows(const std::string& sql, const row& parameters) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
    fail(db_.get(), sql);
  }
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    sqlite3_bind_text(prepared, static_cast<int>(i + 1), parameters[i].data(),
                      static_cast<int>(parameters[i].size()), SQLITE_STATIC);
  }
  std::vector<row> found;
  for (;;) {
    const int status = sqlite3_step(prepared);
    if (status == SQLITE_DONE) return found;
    if (status != SQLITE_ROW) fail(db_.get(), sql);
    auto& r = found.emplace_back();
    for (int i = 0; i < sqlite3_column_count(prepared); ++i) {
      const auto* text = sqlite3_column_text(prepared, i);
      r.emplace_back(text ? reinterpret_cast<const char*>(text) : "");
    }
  }
}

std::optional<store_place> place_of(const std::filesystem::path& data) {
  std::ifstream note(data.string() + ".place");
  store_place place;
  if (!std::getline(note, place.postgres)) return std::nullopt;
  std::getline(note, place.carts);
  return place;
}

std::int64_t store_files::number(const std::string& sql) {
  const auto found = rows(sql);
  return found.empty() || found[0].empty() ? 0 : std::atoll(found[0][0].c_str());
}

}  // namespace stoa::test
