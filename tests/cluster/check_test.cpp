// `stoa check` on PostgreSQL: on three nodes that sell, then with all damages at once.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/planted_damage.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/store_files.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

void run_on_ledger(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sql);
  sqlite3_close(db);
}

}  // namespace

BOOST_AUTO_TEST_CASE(postgres_is_clean_while_it_sells_and_all_damages_are_found) {
  if (const auto missing = cluster_ground::missing({}); !missing.empty()) return skip(missing);
  const temp_dir dir;
  cluster_ground ground({});
  cluster_options o;
  o.data = dir / "data";
  o.settings = short_cluster_timeouts();
  o.roles = {"front,user,catalog,cart,order,payment"};
  cluster nodes(ground, o);
  nodes.load(10, 100'000);
  nodes.start();
  auto place = ground.settings("shop");
  for (const auto& more : short_cluster_timeouts()) place.push_back(more);
  const auto check = [&] {
    return run_program(stoa_binary(), {"check", "--data", nodes.data().string(), "--json"}, place);
  };
  shopper_options who;
  who.port = nodes.ports()[0];
  who.other_ports = {nodes.ports()[1], nodes.ports()[2]};
  who.shoppers = 6;
  who.pause = milliseconds{20};
  who.declined_percent = who.cancel_percent = 25;
  for (const auto& [hex, units] : read_stock(nodes.data())) who.products.push_back(uuid_text(hex));
  shoppers customers(who);
  customers.start();
  const auto sold = [&] {
    return std::stoll(ground.postgres().run("shop_order",
                                            "SELECT count(*) FROM orders WHERE "
                                            "status='Confirmed'"));
  };
  for (int i = 0; i < 2; ++i) {
    const auto found = check();
    BOOST_TEST(found.exit_code == 0, found.output);
    BOOST_TEST(found.output.find("\"in_use\":true") != std::string::npos, found.output);
  }
  const auto until = std::chrono::steady_clock::now() + seconds{60};
  while (sold() < planted_orders_min && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds{200});
  }
  customers.finish();
  BOOST_TEST(await_quiet(nodes.data(), seconds{30}));
  for (std::size_t i = 1; i < nodes.size(); ++i) nodes.node(i).stop();
  // No remaining node runs it.
  const auto one_left = check();
  BOOST_TEST(joined(codes_of(one_left.output)) == "partition_not_served ", one_left.output);
  BOOST_TEST(one_left.output.find("notification/1") != std::string::npos, one_left.output);
  nodes.node(0).stop();
  const auto at_rest = check();
  BOOST_TEST(at_rest.exit_code == 0, at_rest.output);

  std::set<std::string> expected{"store_id_differs"};
  for (const auto& damage : all_damages()) {
    if (damage.sqlite_only) continue;
    for (const auto& c : damage.changes) {
      const auto sql = with_ids(c.sql, "gen_random_uuid()", "'");
      if (c.service == "bank") run_on_ledger(nodes.data() / "sandbox/ledger.db", sql);
      if (c.service != "bank") ground.postgres().run("shop_" + c.service, sql);
    }
    expected.insert(damage.codes.begin(), damage.codes.end());
  }
  ground.postgres().run("shop_payment",
                        "UPDATE store_member SET store_id='other' WHERE service='payment'");
  ground.postgres().run("shop_notification",
                        "DELETE FROM store_member WHERE service='notification'");
  const auto found = check();
  BOOST_TEST(found.exit_code == 3);
  const auto codes = codes_of(found.output);
  for (const auto& code : expected) BOOST_TEST(codes.contains(code), code << " is not found");
  BOOST_TEST(found.output.find("it has no store id") != std::string::npos, found.output);
}
