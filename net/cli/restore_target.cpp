#include "net/cli/restore_target.hpp"

#include "actors/kernel/node.hpp"
#include "config/services.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/program_run.hpp"
#include "net/cli/store.hpp"
#include "net/cli/store_parts.hpp"
#include "storage/db/postgres_programs.hpp"
#include "storage/db/sqlite.hpp"

#include <cstdio>
#include <stdexcept>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

const db::sql count_tables{"count tables",
                           "SELECT count(*) FROM pg_tables WHERE schemaname='public'"
                           " AND tablename<>'schema_migrations'"};
const db::sql count_migrations{"count migrations", "SELECT count(*) FROM schema_migrations"};

const db::sql has_table_in_file{"has table", "SELECT count(*) FROM sqlite_schema WHERE name=$1"};
const db::sql has_table{"has table",
                        "SELECT count(*) FROM pg_tables WHERE schemaname='public'"
                        " AND tablename=$1"};
const db::sql forget_identity{"forget identity", "DELETE FROM database_identity"};
const db::sql forget_settings{"forget settings", "DELETE FROM store_setting"};
const db::sql forget_carts{"forget carts", "DELETE FROM store_member WHERE service='cart'"};

/// Backups of earlier versions lack some tables.
bool has(db::connection& c, const std::string& table) {
  std::int64_t found = 0;
  const auto& look = c.dialect() == "sqlite" ? has_table_in_file : has_table;
  c.query({&look, db::params(table)}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  return found > 0;
}

/// Gives the database a new identity at its next start, so that it does not apply events from the
/// lost period as its own.
void make_another(db::connection& c, bool without_carts) {
  const bool has_identity = has(c, "database_identity");
  // The first node records the settings.
  const bool has_settings = has(c, "store_setting");
  c.begin();
  if (has_identity) c.execute({&forget_identity, {}});
  if (has_settings) c.execute({&forget_settings, {}});
  // The service may start with an empty Redis.
  if (without_carts) c.execute({&forget_carts, {}});
  c.commit();
}

/// The store's files in the data directory; files that an administrator added are not included.
std::vector<fs::path> store_files_in(const settings& s, bool with_keys) {
  const fs::path data = s.data.dir;
  std::vector<fs::path> names{"store.json", "sandbox"};
  for (const auto& service : config::service_names()) {
    for (const char* suffix : {"", "-wal", "-shm"}) names.push_back(part_of(service) + suffix);
  }
  if (with_keys) names.insert(names.end(), {"keys", "mail"});
  std::vector<fs::path> found;
  for (const auto& name : names) {
    if (fs::exists(fs::symlink_status(data / name))) found.push_back(name);
  }
  return found;
}

void move_aside(const settings& s, const std::vector<fs::path>& names) {
  const auto aside = fs::path(s.data.dir) / ("replaced-" + system_time().now().str());
  fs::create_directory(aside);
  for (const auto& name : names) fs::rename(fs::path(s.data.dir) / name, aside / name);
  sync_folder(s.data.dir);
  std::printf("the previous store was moved to %s\n", aside.c_str());
}

/// Creates the database when it is missing.
std::unique_ptr<db::connection> open_empty(const settings& s, const std::string& service) {
  const auto database = database_of(s, service);
  database->migrate({});
  auto c = database->open(db::access::write);
  std::int64_t found = 0;
  for (const auto* count : {&count_tables, &count_migrations}) {
    c->query({count, {}}, [&](db::row r) { found += std::get<std::int64_t>(r[0]); });
  }
  if (found > 0) {
    throw std::runtime_error(
        "the database of the service " + service + " (" + database->describe() +
        ") is not empty. PostgreSQL databases are not replaced: rename or drop it first");
  }
  return c;
}

}  // namespace

void restore_files(const settings& s, const fs::path& dir, const backup_manifest& m, bool force) {
  const auto secret = inspect_keys(s).secret;
  const bool is_from_fast_clock = secret.is_there && secret.id != m.store_id;
  const auto in_the_way = store_files_in(s, is_from_fast_clock);
  if (!in_the_way.empty() && !force) {
    throw std::runtime_error("a store exists in " + s.data.dir + " (" +
                             in_the_way.front().string() +
                             "). Choose another --data, or move it aside with --force");
  }
  if (!in_the_way.empty()) move_aside(s, in_the_way);
  for (const auto& p : m.services) {
    const auto path = kernel::database_path(s.data.dir, p.name);
    copy_file_synced(dir / p.file, path);
    make_another(*db::open_sqlite(path, db::sqlite_mode::write), m.cart_store == "redis");
    std::printf("restored   %s\n", part_of(p.name).c_str());
  }
}

void restore_postgres(const settings& s, const fs::path& dir, const backup_manifest& m) {
  std::vector<std::unique_ptr<db::connection>> empty;
  for (const auto& p : m.services) empty.push_back(open_empty(s, p.name));
  for (const auto& c : empty) c->run_script("DROP TABLE schema_migrations");
  empty.clear();
  for (const auto& p : m.services) {
    run_program({{"pg_restore", "--no-password", "--exit-on-error", "--single-transaction",
                  "--no-owner", "--no-privileges", "--no-comments",
                  "--dbname=" + std::string(db::postgres_keepalives), (dir / p.file).string()},
                 postgres_environment_of(s, p.name)});
    make_another(*database_of(s, p.name)->open(db::access::write), m.cart_store == "redis");
    std::printf("restored   the database of the service %s\n", p.name.c_str());
    std::fflush(stdout);
  }
}

}  // namespace stoa::cli
