#include "tests/support/test_database.hpp"

#include "storage/cart/cart_redis.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/postgres.hpp"
#include "storage/db/redis_handlers.hpp"
#include "storage/db/sqlite.hpp"
#include "storage/kernel/partition_store.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/redis_tables.hpp"
#include "tests/support/skip.hpp"

#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <vector>

namespace stoa::test {

namespace {

backend needing(bool available, backend kind, std::string_view name) {
  if (available) return kind;
  std::cout << "skipped: the programs of " << name << " are not installed" << std::endl;
  std::_Exit(exit_skipped);
}

backend asked_backend() {
  const char* set = std::getenv("STOA_TEST_DATABASE");
  const std::string_view asked = set == nullptr ? "sqlite" : set;
  if (asked == "sqlite") return backend::sqlite;
  if (asked == "postgres") {
    return needing(postgres_server::available(), backend::postgres, "PostgreSQL");
  }
  if (asked == "redis") return needing(redis_server::available(), backend::redis, "Redis");
  throw std::runtime_error("STOA_TEST_DATABASE is sqlite, postgres or redis, not " +
                           std::string(asked));
}

/// Empties a database unless it has other connections; returns "empty" or "busy".
constexpr const char* empty_database = R"(
SET session_replication_role = replica;
DO $$
DECLARE one RECORD;
BEGIN
  IF (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) > 1 THEN
    RETURN;
  END IF;
  FOR one IN SELECT tablename FROM pg_tables
             WHERE schemaname = 'public' AND tablename <> 'schema_migrations' LOOP
    EXECUTE format('DELETE FROM %I', one.tablename);
  END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    PERFORM setval(format('%I', one.sequencename)::regclass, 1, false);
  END LOOP;
  -- The row that the migration inserts.
  IF to_regclass('public.locations') IS NOT NULL THEN
    INSERT INTO locations(location_id, name, priority, countries, active, pickup, created_at,
                          updated_at, version)
      VALUES('01900000-0000-7000-8000-000000000001', 'Default location', 0, '[]', 1, 0,
             1717986918400000, 1717986918400000, 1);
  END IF;
  PERFORM set_config('test.emptied', 'empty', false);
END $$;
SELECT coalesce(current_setting('test.emptied', true), 'busy'))";

/// The program's server. Creating a database takes a tenth of a second, emptying one a tenth of
/// that: databases of finished test cases are reused. Their connections are not, because they keep
/// statements of the finished test case.
class postgres_databases {
 public:
  std::unique_ptr<db::connection> open_fresh(const std::string& service) {
    for (const auto& name : made_[service]) {
      if (server_.run(name, empty_database) == "empty") return open(name);
    }
    const std::string name = service + "_" + std::to_string(made_[service].size());
    const std::array<std::string_view, 2> modules{"kernel", service};
    db::postgres_database(options_of(name))->migrate(modules);
    made_[service].push_back(name);
    return open(name);
  }
  std::unique_ptr<db::connection> open(const std::string& name) {
    auto made = db::postgres_database(options_of(name))->open(db::access::write);
    kernel::make_partitions(*made, 1);
    return made;
  }

 private:
  static postgres_server_options fast() {
    postgres_server_options options;
    options.fsync = false;
    return options;
  }
  db::postgres_options options_of(const std::string& name) const {
    db::postgres_options options;
    options.url = server_.url(name);
    return options;
  }
  postgres_server server_{fast()};
  std::map<std::string, std::vector<std::string>> made_;  ///< by service
};

postgres_databases& postgres() {
  static postgres_databases all;
  return all;
}

/// Carts in the program's Redis server, in its numbered databases in turn.
class redis_databases {
 public:
  std::unique_ptr<db::connection> open_fresh(const std::string& service) {
    if (service != "cart") throw std::runtime_error("only carts can be in Redis, not " + service);
    db::redis_options options;
    options.url = server_.url(count_++ % databases);
    db::redis_client administrator(options);
    administrator.ensure();
    administrator.run({"FLUSHDB"});
    auto layout = cart::redis_store_layout(std::chrono::hours{24});
    layout.add_handlers = [carts = layout.add_handlers](db::redis_handlers& on) {
      carts(on);
      add_test_queries(on);
    };
    const auto made = db::redis_database(options, layout);
    const std::array<std::string_view, 2> modules{"kernel", service};
    made->migrate(modules);
    auto c = made->open(db::access::write);
    kernel::make_partitions(*c, 1);
    return c;
  }

 private:
  static constexpr int databases = 16;  ///< Redis' default

  redis_server server_;
  int count_ = 0;
};

redis_databases& redis() {
  static redis_databases all;
  return all;
}

}  // namespace

backend chosen_backend() {
  static const backend chosen = asked_backend();
  return chosen;
}

std::unique_ptr<db::connection> fresh_database(std::string_view service, backend kind) {
  if (kind == backend::postgres) return postgres().open_fresh(std::string(service));
  if (kind == backend::redis) return redis().open_fresh(std::string(service));
  auto made = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  const std::array<std::string_view, 2> modules{"kernel", service};
  db::migrate(*made, "sqlite", modules);
  return made;
}

std::unique_ptr<db::connection> second_connection(db::connection& first) {
  static const db::sql name_of{"database name", "SELECT current_database()::text"};
  std::string name;
  first.query({&name_of, {}}, [&](db::row r) { name = std::get<std::string>(r[0]); });
  return postgres().open(name);
}

}  // namespace stoa::test
