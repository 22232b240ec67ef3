#include "storage/db/migrate.hpp"

#include "storage/base/time.hpp"
#include "storage/db/columns.hpp"

#include <map>

namespace stoa::db {

namespace {

const sql read_applied{
    "read migrations",
    "SELECT number, text FROM schema_migrations WHERE module=$1 ORDER BY number"};
const sql insert_applied{"insert migration",
                         "INSERT INTO schema_migrations(module,number,name,text,applied_at) "
                         "VALUES($1,$2,$3,$4,$5)"};

[[noreturn]] void refuse(std::string_view module, std::int64_t number, const std::string& why) {
  throw error(error_kind::programming, "",
              "migration " + std::string(module) + "/" + std::to_string(number) + " " + why);
}

int migrate_module(connection& c, std::string_view dialect, std::string_view module) {
  std::map<std::int64_t, std::string> applied;
  c.query({&read_applied, params(std::string(module))}, [&](row r) {
    applied.emplace(std::get<std::int64_t>(r[0]), std::get<std::string>(r[1]));
  });
  int count = 0;
  for (const auto& m : all_migrations()) {
    if (m.module != module || m.dialect != dialect) continue;
    if (auto it = applied.find(m.number); it != applied.end()) {
      if (it->second != m.text) refuse(module, m.number, "was changed after it had been applied");
      applied.erase(it);
      continue;
    }
    c.begin();
    try {
      c.run_script(std::string(m.text));
      c.execute(
          {&insert_applied, params(std::string(module), std::int64_t{m.number}, std::string(m.name),
                                   std::string(m.text), system_time().now())});
      c.commit();
    } catch (...) {
      c.rollback();
      throw;
    }
    ++count;
  }
  if (!applied.empty()) {
    refuse(module, applied.begin()->first,
           "is unknown to this program: the data belong to a newer version");
  }
  return count;
}

}  // namespace

int migrate(connection& c, std::string_view dialect, std::span<const std::string_view> modules) {
  c.run_script(
      "CREATE TABLE IF NOT EXISTS schema_migrations(module TEXT NOT NULL, number BIGINT NOT NULL,"
      " name TEXT NOT NULL, text TEXT NOT NULL, applied_at BIGINT NOT NULL,"
      " PRIMARY KEY(module, number))");
  int count = 0;
  for (auto module : modules) count += migrate_module(c, dialect, module);
  return count;
}

}  // namespace stoa::db
