// `stoa check`: finds nothing in a store that sells, and reports each damage by its code.
// tests/cluster/check_test.cpp does the same on PostgreSQL.

#include "tests/support/planted_damage.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_files.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

finished_program check_of(const fs::path& data, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"check", "--data", data.string(), "--json"});
  return run_program(stoa_binary(), more, short_timeouts());
}

void run_sql(const fs::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  char* error = nullptr;
  const int status = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error);
  BOOST_TEST(status == SQLITE_OK, sql << ": " << (error ? error : ""));
  BOOST_TEST(sqlite3_total_changes(db) > 0, sql << " changes nothing");
  sqlite3_free(error);
  sqlite3_close(db);
}

/// A store at rest after sales, and what was found while it sold.
struct sold_store {
  sold_store() {
    load_demo(stoa_binary(), data, 10, 100'000);
    server_options o;
    o.data = data;
    o.settings = short_timeouts();
    server stoa(o);
    stoa.start();
    shopper_options who;
    who.port = stoa.port();
    who.shoppers = 8;
    who.declined_percent = who.cancel_percent = 25;
    for (const auto& [hex, units] : read_stock(data)) who.products.push_back(uuid_text(hex));
    shoppers customers(who);
    customers.start();
    for (int i = 0; i < 3; ++i) while_busy.push_back(check_of(data));
    const auto until = std::chrono::steady_clock::now() + seconds{60};
    while (confirmed() < planted_orders_min && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(milliseconds{100});
    }
    customers.finish();
    BOOST_TEST(await_quiet(data, seconds{30}));
    served = check_of(data);
    stoa.stop();
    BOOST_TEST_REQUIRE(confirmed() >= planted_orders_min);
  }

  std::int64_t confirmed() const {
    return store_files(data).number(
        "SELECT count(*) FROM order_db.orders WHERE status='Confirmed'");
  }

  /// The findings in a copy after the changes.
  finished_program spoilt(const planted_damage& damage) const {
    const temp_dir copy;
    const auto there = copy / "data";
    fs::copy(data, there, fs::copy_options::recursive);
    for (const auto& c : damage.changes) {
      const auto file = c.service == "bank" ? "sandbox/ledger.db" : c.service + ".db";
      run_sql(there / file, with_ids(c.sql, "randomblob(16)", "x'"));
    }
    return check_of(there);
  }

  temp_dir folder;
  fs::path data = folder / "data";
  std::vector<finished_program> while_busy;
  finished_program served;
};

const sold_store& the_store() {
  static const sold_store store;
  return store;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check)

BOOST_AUTO_TEST_CASE(a_store_that_sells_is_clean) {
  for (const auto& found : the_store().while_busy) BOOST_TEST(found.exit_code == 0, found.output);
  BOOST_TEST(the_store().served.exit_code == 0, the_store().served.output);
  const auto at_rest = check_of(the_store().data);
  BOOST_TEST(at_rest.exit_code == 0, at_rest.output);
  BOOST_TEST(at_rest.output.find("\"in_use\":false") != std::string::npos, at_rest.output);
}

BOOST_AUTO_TEST_CASE(each_damage_is_found) {
  for (const auto& damage : all_damages()) {
    BOOST_TEST_CONTEXT(damage.changes.front().sql) {
      const auto found = the_store().spoilt(damage);
      BOOST_TEST(found.exit_code == 3);
      BOOST_TEST(joined(codes_of(found.output)) == joined(damage.codes), found.output);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_part_and_another_store_are_found) {
  const temp_dir copy;
  fs::copy(the_store().data, copy / "data", fs::copy_options::recursive);
  run_sql(copy / "data/payment.db", "UPDATE store_member SET store_id='other'");
  fs::remove(copy / "data/notification.db");
  const auto found = check_of(copy / "data");
  BOOST_TEST(found.exit_code == 3);
  BOOST_TEST(joined(codes_of(found.output)) == "store_part ");
  BOOST_TEST(found.output.find("notification.db") != std::string::npos);
  BOOST_TEST(found.output.find("payment.db") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(findings_are_explained_and_can_be_left_out) {
  const temp_dir copy;
  fs::copy(the_store().data, copy / "data", fs::copy_options::recursive);
  run_sql(copy / "data/notification.db", "UPDATE notifications SET status='Failed'");
  const auto reported =
      run_program(stoa_binary(), {"check", "--data", (copy / "data").string(), "--limit", "2"}, {});
  BOOST_TEST(reported.exit_code == 3);
  BOOST_TEST(
      reported.output.find("warning mail_failed: A notification could not be delivered.\n") == 0U,
      reported.output);
  BOOST_TEST(reported.output.find("more\n  -> See its log") != std::string::npos, reported.output);
  BOOST_TEST(check_of(copy / "data", {"--ignore", "mail_failed"}).exit_code == 0);
  BOOST_TEST(check_of(copy / "data", {"--ignore", "mail_faild"}).exit_code == 2);
  BOOST_TEST(check_of(copy / "none").exit_code == 1);
}

BOOST_AUTO_TEST_SUITE_END()
