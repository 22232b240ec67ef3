#include "storage/db/migrate.hpp"

#include "config/log.hpp"
#include "storage/base/time.hpp"
#include "storage/db/columns.hpp"

#include <map>
#include <set>
#include <thread>

namespace stoa::db {

namespace {

constexpr int make_table_attempts_max = 10;

const sql read_applied{
    "read migrations",
    "SELECT number, text FROM schema_migrations WHERE module=$1 ORDER BY number"};
const sql insert_applied{"insert migration",
                         "INSERT INTO schema_migrations(module,number,name,text,applied_at) "
                         "VALUES($1,$2,$3,$4,$5)"};

[[noreturn]] void reject(std::string_view module, std::int64_t number, const std::string& why) {
  throw error(error_kind::programming, "",
              "migration " + std::string(module) + "/" + std::to_string(number) + " " + why);
}

using applied_migrations = std::map<std::int64_t, std::string>;

applied_migrations applied_of(connection& c, std::string_view module) {
  applied_migrations applied;
  c.query({&read_applied, params(std::string(module))}, [&](row r) {
    applied.emplace(std::get<std::int64_t>(r[0]), std::get<std::string>(r[1]));
  });
  return applied;
}

/// The number is inserted before the migration runs: the primary key serialises nodes that apply
/// the same migration. A session lock would be lost behind a connection pooler. False if another
/// node has applied it.
bool apply(connection& c, const migration& m) {
  c.begin();
  try {
    c.execute(
        {&insert_applied, params(std::string(m.module), std::int64_t{m.number}, std::string(m.name),
                                 std::string(m.text), system_time().now())});
    c.run_script(std::string(m.text));
    c.commit();
  } catch (const error& e) {
    c.rollback();
    const bool taken = e.kind() == error_kind::unique || e.kind() == error_kind::conflict;
    if (taken && applied_of(c, m.module).contains(m.number)) return false;
    throw;
  } catch (...) {
    c.rollback();
    throw;
  }
  return true;
}

/// During a rolling upgrade an older program may start on a shared database that a newer one has
/// migrated. Migrations must keep the previous version working (see migrate.hpp), so newer ones are
/// accepted there; gaps are not.
void judge_unknown(std::string_view dialect, std::string_view module,
                   const applied_migrations& applied, const std::set<std::int64_t>& known) {
  const auto newest_known = known.empty() ? 0 : *known.rbegin();
  for (const auto& [number, text] : applied) {
    if (known.contains(number)) continue;
    if (dialect != "postgres" || number < newest_known) {
      reject(module, number, "is unknown to this program: the data belong to a newer version");
    }
    log::warn("a newer version has migrated the database",
              {{"module", module}, {"migration", number}});
  }
}

int migrate_module(connection& c, std::string_view dialect, std::string_view module) {
  auto applied = applied_of(c, module);
  std::set<std::int64_t> known;
  int count = 0;
  for (const auto& m : all_migrations()) {
    if (m.module != module || m.dialect != dialect) continue;
    known.insert(m.number);
    if (!applied.contains(m.number) && apply(c, m)) {
      ++count;
      continue;
    }
    // Another node may have applied it concurrently.
    if (!applied.contains(m.number)) applied = applied_of(c, module);
    if (applied.at(m.number) != m.text) {
      reject(module, m.number, "was changed after it was applied");
    }
  }
  judge_unknown(dialect, module, applied, known);
  return count;
}

/// Concurrent CREATE TABLE IF NOT EXISTS can fail.
void make_table(connection& c) {
  for (int attempt = 1;; ++attempt) {
    try {
      applied_of(c, "kernel");
      return;
    } catch (const error& e) {
      if (e.kind() != error_kind::programming) throw;  // The table is not missing.
    }
    try {
      c.run_script(
          "CREATE TABLE IF NOT EXISTS schema_migrations(module TEXT NOT NULL, number BIGINT NOT "
          "NULL, name TEXT NOT NULL, text TEXT NOT NULL, applied_at BIGINT NOT NULL,"
          " PRIMARY KEY(module, number))");
    } catch (const error&) {
      if (attempt == make_table_attempts_max) throw;
      std::this_thread::sleep_for(milliseconds{20});
    }
  }
}

}  // namespace

int migrate(connection& c, std::string_view dialect, std::span<const std::string_view> modules) {
  make_table(c);
  int count = 0;
  for (auto module : modules) count += migrate_module(c, dialect, module);
  return count;
}

void check_migrated(connection& c, std::string_view module) {
  const auto applied = applied_of(c, module);
  std::set<std::int64_t> known;
  for (const auto& m : all_migrations()) {
    if (m.module != module || m.dialect != c.dialect()) continue;
    known.insert(m.number);
    if (!applied.contains(m.number)) {
      reject(module, m.number,
             "is not applied: the data belong to an earlier version; run `stoa migrate`");
    }
  }
  judge_unknown(c.dialect(), module, applied, known);
}

}  // namespace stoa::db
