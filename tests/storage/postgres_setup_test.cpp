// Connections to a PostgreSQL database behind PgBouncer, over TLS and with a password; and several
// nodes that migrate it concurrently.

#include "config/log.hpp"
#include "storage/db/columns.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/postgres.hpp"
#include "tests/support/postgres_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

namespace {

using namespace stoa;
using db::access;
using db::error_kind;
using db::params;
using test::comes_back;
using test::kind_of;

const db::sql insert_entry{"insert entry", "INSERT INTO entries(n, text) VALUES($1,$2)"};
const db::sql change_entry{"change entry", "UPDATE entries SET text=$2 WHERE n=$1"};
const db::sql read_entry{"read entry", "SELECT text FROM entries WHERE n=$1"};

struct fixture : test::postgres_fixture {
  fixture() : postgres_fixture("CREATE TABLE entries(n BIGINT PRIMARY KEY, text TEXT NOT NULL)") {}

  static db::statement entry(std::int64_t n) {
    return {&insert_entry, params(n, std::string("x"))};
  }
};

BOOST_FIXTURE_TEST_SUITE(ways_to_connect, fixture)

BOOST_AUTO_TEST_CASE(through_pgbouncer_in_transaction_mode) {
  if (!ready()) return;
  if (!test::pgbouncer::available()) return test::skip("PgBouncer is not installed");
  // Fewer server connections than clients, so that they are shared.
  test::pgbouncer bouncer(server(), 2);
  auto options = options_at(bouncer.port());
  options.prepared_statements = false;
  const auto database = db::postgres_database(options);
  constexpr int writers = 6;
  constexpr int batches = 40;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  threads.reserve(writers);
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      try {
        auto writer = database->open(access::write);
        auto reader = database->open(access::read);
        for (int b = 0; b < batches; ++b) {
          const std::int64_t n = w * 1000 + b;
          const std::vector all{entry(n),
                                db::statement{&change_entry, params(n, std::string("y")), true}};
          writer->begin();
          writer->query({&read_entry, params(n)}, [](db::row) {});
          if (b % 4 == 3) {
            writer->execute(all);
            writer->rollback();
          } else {
            writer->execute_and_commit(all, [] {});
          }
          const db::read_scope scope(*reader);
          std::size_t rows = 0;
          reader->query({&read_entry, params(n)}, [&](db::row) { ++rows; });
          if (rows != (b % 4 == 3 ? 0U : 1U)) ++failures;
        }
        const db::statement gone{&change_entry, params(std::int64_t{-1}, std::string("y")), true};
        writer->begin();
        if (kind_of([&] {
              writer->execute_and_commit(std::vector{entry(-2), gone}, [] {});
            }) != error_kind::stale) {
          ++failures;
        }
        writer->rollback();
      } catch (const std::exception& e) {
        std::puts(e.what());
        ++failures;
      }
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(failures == 0);
  BOOST_TEST(server().run(this->database(), "SELECT count(*) FROM entries") ==
             std::to_string(writers * batches * 3 / 4));
  // The limits of one client's transactions must not remain on a shared connection.
  auto c = database->open(access::write);
  const db::sql show{"show", "SELECT current_setting('statement_timeout')"};
  std::string outside;
  c->query({&show, {}}, [&](db::row r) { outside = std::get<std::string>(r[0]); });
  BOOST_TEST(outside == "0");
  std::string inside;
  c->begin();
  c->query({&show, {}}, [&](db::row r) { inside = std::get<std::string>(r[0]); });
  c->rollback();
  BOOST_TEST(inside == "9s");

  bouncer.kill();
  BOOST_TEST((kind_of([&] { c->begin(); }) == error_kind::unavailable));
  bouncer.start();
  BOOST_TEST(comes_back([&] { c->begin(); }));
  c->execute_and_commit(std::vector{entry(1'000'000)}, [] {});
}

BOOST_AUTO_TEST_CASE(only_who_asks_for_the_replica_gets_it) {
  if (!ready()) return;
  server().create_database("copy", database());
  open()->execute(entry(1));
  auto options = options_at(server().port());
  options.replica_url = server().url("copy");
  const auto both = db::postgres_database(options);
  auto rows = [&](access a) {
    std::size_t found = 0;
    both->open(a)->query({&read_entry, params(std::int64_t{1})}, [&](db::row) { ++found; });
    return found;
  };
  BOOST_TEST(rows(access::replica) == 0U);
  for (const auto a : {access::read, access::bounded, access::write}) BOOST_TEST(rows(a) == 1U);
  server().drop_database("copy");
}

BOOST_AUTO_TEST_CASE(over_tls) {
  if (!ready()) return;
  const test::postgres_server with_tls({.fsync = false, .tls = true});
  with_tls.run("postgres", "CREATE TABLE entries(n BIGINT PRIMARY KEY, text TEXT NOT NULL)");
  db::postgres_options options;
  const auto plain = with_tls.url("postgres");
  const db::sql tls{"tls", "SELECT ssl FROM pg_stat_ssl WHERE pid=pg_backend_pid()"};
  auto uses_tls = [&](const std::string& more) {
    options.url = plain + more;
    std::int64_t used = -1;
    auto c = db::postgres_database(options)->open(access::write);
    c->query({&tls, {}}, [&](db::row r) { used = std::get<std::int64_t>(r[0]); });
    // A batch larger than a TLS record.
    std::vector<db::statement> many;
    many.reserve(200);
    for (int i = 0; i < 200; ++i) {
      many.push_back({&insert_entry, params(std::int64_t{i}, std::string(10'000, 'x'))});
    }
    c->begin();
    c->execute(many);
    c->rollback();
    return used == 1;
  };
  const auto trusted = "&sslrootcert=" + with_tls.certificate().string();
  BOOST_TEST(!uses_tls("?sslmode=disable"));
  BOOST_TEST(uses_tls("?sslmode=require"));
  BOOST_TEST(uses_tls("?sslmode=verify-ca" + trusted));
  BOOST_TEST(uses_tls("?sslmode=verify-full" + trusted));
  BOOST_TEST((kind_of([&] {
                uses_tls("?sslmode=verify-ca&sslrootcert=/etc/ssl/certs/ca-certificates.crt");
              }) == error_kind::unavailable));
}

BOOST_AUTO_TEST_CASE(with_a_password_that_is_never_shown) {
  if (!ready()) return;
  server().run("postgres",
               "DROP ROLE IF EXISTS shop; CREATE ROLE shop LOGIN PASSWORD 'open sesame'");
  const auto rules = server().data() / "pg_hba.conf";
  std::ifstream in(rules);
  const std::string before(std::istreambuf_iterator<char>(in), {});
  std::ofstream(rules) << "host all shop 127.0.0.1/32 scram-sha-256\n" << before;
  server().run("postgres", "SELECT pg_reload_conf()");
  db::postgres_options options;
  options.url = "postgresql://shop@127.0.0.1:" + std::to_string(server().port()) + "/" + database();
  std::string password = "open sesame";
  options.password = [&password] { return password; };
  // The rules are reloaded a moment later.
  BOOST_TEST(comes_back([&] {
    auto wrong = options;
    wrong.password = [] { return std::string("wrong"); };
    if (!kind_of([&] { db::postgres_database(wrong)->open(access::read); })) {
      throw db::error(error_kind::busy, "", "not read yet");
    }
  }));
  const auto database_with_password = db::postgres_database(options);
  BOOST_TEST(database_with_password->open(access::read)->dialect() == "postgres");
  BOOST_TEST(database_with_password->describe() == options.url);
  // A changed password is used for the next connection.
  static const db::sql one{"one", "SELECT 1"};
  const auto kept = database_with_password->open(access::read);
  server().run("postgres",
               "ALTER ROLE shop PASSWORD 'close sesame'; SELECT pg_terminate_backend(pid) FROM "
               "pg_stat_activity WHERE usename='shop'");
  const auto ask = [&] { kept->query({&one, {}}, [](db::row) {}); };
  for (int i = 0; i < 3; ++i) BOOST_TEST(kind_of(ask).has_value());
  password = "close sesame";
  BOOST_TEST(comes_back(ask));
  options.url.insert(options.url.find('@'), ":secret");
  BOOST_TEST(db::postgres_database(options)->describe().find("secret") == std::string::npos);
  std::ofstream(rules) << before;
  server().run("postgres", "SELECT pg_reload_conf()");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(migrations_of_a_cluster, fixture)

constexpr std::array<std::string_view, 3> modules{"kernel", "order", "payment"};

int migrations_of_modules() {
  int count = 0;
  for (const auto& m : db::all_migrations()) {
    for (const auto module : modules) count += m.dialect == "postgres" && m.module == module;
  }
  return count;
}

/// Migrates from several nodes concurrently; returns the total number of migrations applied.
int migrate_at_once(const db::postgres_options& options) {
  std::atomic<int> applied = 0;
  std::atomic<int> failures = 0;
  std::vector<std::thread> nodes;
  nodes.reserve(4);
  for (int i = 0; i < 4; ++i) {
    nodes.emplace_back([&] {
      try {
        applied += db::postgres_database(options)->migrate(modules);
      } catch (const std::exception& e) {
        std::puts(e.what());
        ++failures;
      }
    });
  }
  for (auto& node : nodes) node.join();
  BOOST_TEST(failures == 0);
  return applied;
}

BOOST_AUTO_TEST_CASE(nodes_that_start_at_once_migrate_once) {
  if (!ready()) return;
  BOOST_REQUIRE(migrations_of_modules() >= 3);
  for (int i = 0; i < 3; ++i) {
    auto options = options_at(server().port());
    const auto name = "missing_" + std::to_string(i);
    options.url.replace(options.url.rfind('/') + 1, std::string::npos, name);
    BOOST_TEST(migrate_at_once(options) == migrations_of_modules());
    BOOST_TEST(db::postgres_database(options)->migrate(modules) == 0);
    server().drop_database(name);
  }
}

BOOST_AUTO_TEST_CASE(also_through_pgbouncer) {
  if (!ready()) return;
  if (!test::pgbouncer::available()) return test::skip("PgBouncer is not installed");
  test::pgbouncer bouncer(server(), 3);
  auto options = options_at(bouncer.port());
  options.prepared_statements = false;
  BOOST_TEST(migrate_at_once(options) == migrations_of_modules());
}

BOOST_AUTO_TEST_CASE(no_table_is_rewritten_under_the_version_before) {
  if (!ready()) return;
  // A rewritten table appears empty to a transaction that began before.
  const std::string refuse_rewrite =
      "CREATE FUNCTION no_rewrite() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN "
      "RAISE EXCEPTION '% is rewritten', pg_event_trigger_table_rewrite_oid()::regclass; "
      "END $$; CREATE EVENT TRIGGER no_rewrite ON table_rewrite EXECUTE FUNCTION no_rewrite()";
  std::set<std::string_view> services;
  for (const auto& m : db::all_migrations()) services.insert(m.module);
  services.erase("kernel");
  BOOST_TEST(services.size() == 7U);
  for (const auto service : services) {
    auto options = options_at(server().port());
    const auto name = "rewritten_" + std::string(service);
    options.url.replace(options.url.rfind('/') + 1, std::string::npos, name);
    server().create_database(name);
    server().run(name, refuse_rewrite);
    const std::array<std::string_view, 2> both{"kernel", service};
    try {
      BOOST_TEST(db::postgres_database(options)->migrate(both) > 0);
    } catch (const db::error& e) {
      BOOST_ERROR(service << ": " << e.what());
    }
    server().drop_database(name);
  }
}

BOOST_AUTO_TEST_CASE(a_migration_sees_what_was_stored_while_it_waited_for_its_lock) {
  if (!ready()) return;
  auto options = options_at(server().port());
  options.url.replace(options.url.rfind('/') + 1, std::string::npos, "waited");
  server().create_database("waited");
  constexpr std::array<std::string_view, 1> kernel{"kernel"};
  constexpr std::array<std::string_view, 2> both{"kernel", "catalog"};
  db::postgres_database(options)->migrate(kernel);
  for (const auto& m : db::all_migrations()) {
    if (m.module != "catalog" || m.dialect != "postgres" || m.number > 8) continue;
    server().run("waited", std::string(m.text));
    server().run("waited", "INSERT INTO schema_migrations VALUES('catalog'," +
                               std::to_string(m.number) + ",'',$m$" + std::string(m.text) +
                               "$m$,0)");
  }
  auto writer = db::postgres_database(options)->open(access::write);
  writer->begin();
  writer->run_script(
      "INSERT INTO imports(import_id, state, is_open, created_by, set_stock, dry_run, file_bytes, "
      "file_parts, attempts, run, rows_read, rows_rejected, created, updated, unchanged, rejected, "
      "warnings, report, created_at, version) VALUES('01a21fe3-a57c-7169-a852-ae1f9377feb3', "
      "'running', 1, '01a21fe3-a57c-7169-a852-ae1f9377feb4', 0, 0, 1, 1, 1, '', 10, 0, 1, 2, 3, 4, "
      "0, '', 1, 0)");
  std::thread migrating([&] { db::postgres_database(options)->migrate(both); });
  while (server().run("waited", "SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
    std::this_thread::sleep_for(milliseconds{10});
  }
  writer->commit();
  migrating.join();
  BOOST_TEST(server().run("waited", "SELECT counted_from FROM imports") == "10");
}

BOOST_AUTO_TEST_CASE(an_older_program_accepts_what_a_newer_has_added_and_nothing_else) {
  if (!ready()) return;
  const auto options = options_at(server().port());
  auto migrate = [&] { db::postgres_database(options)->migrate(modules); };
  migrate();
  server().run(database(), "INSERT INTO schema_migrations VALUES('order',9999,'future','',0)");
  migrate();
  server().run(database(), "INSERT INTO schema_migrations VALUES('order',0,'past','',0)");
  BOOST_TEST((kind_of(migrate) == error_kind::programming));
  server().run(database(), "DELETE FROM schema_migrations WHERE number=0");
  server().run(database(),
               "UPDATE schema_migrations SET text='-- other' WHERE module='order' AND number=1");
  BOOST_TEST((kind_of(migrate) == error_kind::programming));
}

BOOST_AUTO_TEST_CASE(a_server_that_may_lose_commits_is_warned_of) {
  if (!ready()) return;
  std::string lines;
  log::options to_text;
  to_text.output = [&](std::string_view line) { lines += line; };
  log::start(to_text);
  db::postgres_database(options_at(server().port()))->migrate(modules);
  log::stop();
  BOOST_TEST(lines.find("power cut") != std::string::npos, lines);
  BOOST_TEST(lines.find("fsync") != std::string::npos, lines);
}

BOOST_AUTO_TEST_CASE(a_role_that_may_not_create_can_still_start) {
  if (!ready()) return;
  auto options = options_at(server().port());
  db::postgres_database(options)->migrate(modules);
  server().run(database(),
               "DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN;"
               "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain");
  options.url.replace(options.url.find("stoa@"), 4, "plain");
  BOOST_TEST(db::postgres_database(options)->migrate(modules) == 0);
  options.url.replace(options.url.rfind('/') + 1, std::string::npos, "missing");
  // It may not create a database either.
  BOOST_TEST((kind_of([&] { db::postgres_database(options)->migrate(modules); }) ==
              error_kind::programming));
  server().run(database(), "DROP OWNED BY plain; DROP ROLE plain");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
