// What has expired is deleted while customers buy, and they do not notice.

#include "storage/base/time.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <cstdlib>
#include <sstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// The least that the setting allows.
constexpr seconds answer_ttl{60};
constexpr seconds pause_of_the_store{3600};
constexpr int measured_s = 3;
/// A checkpoint of SQLite's log, which a few deleted rows may set off, is met by some purchases.
constexpr double room_ms = 40;
constexpr double stall_ms_max = 400;

/// STOA_TEST_CLEANUP_ROWS=1000000 for a day's pause of a large store, and for a program that
/// deletes all at once.
std::int64_t rows() {
  const char* wanted = std::getenv("STOA_TEST_CLEANUP_ROWS");
  return wanted ? std::atoll(wanted) : 30'000;
}

struct times {
  std::int64_t done = 0;
  double p99_ms = 0;
  double max_ms = 0;
};
times buy(const server& shop) {
  const auto done = run_program(stoa_binary().parent_path() / "stoa-bench",
                                {"purchase", "--url", shop.url(), "--concurrency", "4", "--warmup",
                                 "0", "--seconds", std::to_string(measured_s), "--json"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, done.output);
  const auto figures = http_answer{200, {}, done.output}.json();
  const auto number = [&](const char* which) {
    return *at(figures, std::string("/latency_ms/purchases/") + which).if_double();
  };
  return {number_at(figures, "/done"), number("p99"), number("max")};
}

std::int64_t deleted(const server& shop) {
  http_client client(shop.port());
  std::istringstream lines(client.get("/metrics").body);
  std::int64_t sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("stoa_cleanup_rows_total{") &&
        line.find("\"idempotency\"") != std::string::npos) {
      sum += static_cast<std::int64_t>(std::stod(line.substr(line.rfind(' '))));
    }
  }
  return sum;
}

/// As many answers in a database, their keys in no order.
std::string insert_answers(const std::string& numbers, const std::string& key) {
  const auto created = system_time().now() - answer_ttl - pause_of_the_store;
  return "INSERT INTO idempotency(scope,fingerprint,ok,body,created_at) SELECT " + key +
         ",'print',1,'" + std::string(400, 'x') + "'," + std::to_string(created.us) + "+n FROM " +
         numbers;
}

void fill_sqlite(const std::filesystem::path& file) {
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  const auto text =
      "PRAGMA synchronous=OFF; WITH RECURSIVE all_numbers(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM"
      " all_numbers WHERE n<" +
      std::to_string(rows()) + ") " +
      insert_answers("all_numbers", "lower(hex(randomblob(20)))||n");
  char* error = nullptr;
  const auto done = sqlite3_exec(db, text.c_str(), nullptr, nullptr, &error);
  BOOST_REQUIRE_MESSAGE(done == SQLITE_OK, (error ? error : ""));
  sqlite3_close(db);
}

void make_databases(server& shop) {
  shop.start();
  BOOST_REQUIRE(shop.stop().value_or(-1) == 0);
}

struct figures {
  times normal;
  times meanwhile;  ///< while rows are deleted
  std::int64_t deleted = 0;
};

figures measure(server& shop) {
  figures f;
  shop.start();
  const auto before = deleted(shop);
  f.meanwhile = buy(shop);
  f.deleted = deleted(shop) - before;
  // Two services have that many rows.
  BOOST_TEST(eventually([&] { return deleted(shop) >= 2 * rows(); }, seconds{600}),
             "deleted: " << deleted(shop));
  f.normal = buy(shop);
  BOOST_TEST_MESSAGE("p99 " << f.normal.p99_ms << " ms, while rows are deleted "
                            << f.meanwhile.p99_ms << " ms; longest " << f.normal.max_ms << " and "
                            << f.meanwhile.max_ms << " ms; purchases " << f.normal.done << " and "
                            << f.meanwhile.done << "; deleted meanwhile: " << f.deleted);
  return f;
}

/// Purchases that wait until the end of the measurement are in no percentile.
bool is_noticed(const figures& f) {
  return 3 * f.meanwhile.done <= f.normal.done ||
         f.meanwhile.p99_ms >= 2 * f.normal.p99_ms + room_ms ||
         f.meanwhile.max_ms >= 2 * f.normal.max_ms + stall_ms_max;
}

void judge(server& shop) {
  const auto f = measure(shop);
  BOOST_TEST(!is_noticed(f));
  BOOST_TEST(f.deleted > rows() / 50);
}

server_options options(const std::filesystem::path& data, environment settings = {}) {
  server_options o;
  o.data = data;
  o.settings = std::move(settings);
  o.settings.emplace_back("STOA_IDEMPOTENCY_TTL_S", std::to_string(answer_ttl.count()));
  o.alone = true;
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cleanup)

BOOST_AUTO_TEST_CASE(customers_do_not_notice_it_on_sqlite) {
  const temp_dir dir;
  load_demo(stoa_binary(), dir / "data", 20, 1'000'000);
  server shop(options(dir / "data"));
  make_databases(shop);
  for (const char* service : {"order", "cart"}) {
    fill_sqlite(dir / "data" / (std::string(service) + ".db"));
  }
  judge(shop);
}

BOOST_AUTO_TEST_CASE(customers_notice_rows_that_are_deleted_all_at_once) {
  if (std::getenv("STOA_TEST_CLEANUP_ROWS") == nullptr) return;
  const temp_dir dir;
  load_demo(stoa_binary(), dir / "data", 20, 1'000'000);
  auto faulty = options(dir / "data", {{"STOA_FAULT", "unbounded_cleanup"}});
  faulty.program = stoa_with_faults();
  server shop(faulty);
  make_databases(shop);
  for (const char* service : {"order", "cart"}) {
    fill_sqlite(dir / "data" / (std::string(service) + ".db"));
  }
  BOOST_TEST(is_noticed(measure(shop)));
}

BOOST_AUTO_TEST_CASE(customers_do_not_notice_it_on_postgresql) {
  if (!postgres_server::available()) return skip("PostgreSQL's server is not installed");
  postgres_server databases;
  const temp_dir dir;
  const environment store{{"STOA_DATA_STORE", "postgres"},
                          {"STOA_POSTGRES_URL", databases.socket_url("stoa_{service}")}};
  const auto demo = run_program(
      stoa_binary(),
      {"demo", "--data", (dir / "data").string(), "--products", "20", "--stock", "1000000"}, store);
  BOOST_REQUIRE_MESSAGE(demo.exit_code == 0, demo.output);
  server shop(options(dir / "data", store));
  make_databases(shop);
  for (const char* service : {"order", "cart"}) {
    databases.run(std::string("stoa_") + service,
                  insert_answers("generate_series(1," + std::to_string(rows()) + ") n",
                                 "md5(random()::text)||n"));
  }
  judge(shop);
}

BOOST_AUTO_TEST_SUITE_END()
