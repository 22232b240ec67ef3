// Backups of a store in PostgreSQL while customers buy: by `stoa backup`, and by a base backup with
// the archived log, recovered to a named restore point. Each is served and audited.
//
// STOA_TEST_BACKUPS: how many by `stoa backup` (1), and as many with Redis and NATS (0).

#include "tests/support/backups.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/store_files.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

constexpr seconds archive_limit{20};

/// Two nodes, and customers who buy from them.
struct busy_cluster {
  explicit busy_cluster(ground_options on, std::function<void(postgres_server&)> prepare = {})
      : ground(on), nodes(ground, options()) {
    if (prepare) prepare(ground.postgres());
    nodes.load(20, 100'000);
    nodes.start();
    initial = read_stock(nodes.data());
    for (const auto& [hex, units] : initial) shop.products.push_back(uuid_text(hex));
    shop.port = nodes.ports()[0];
    shop.other_ports = {nodes.ports()[1]};
    shop.shoppers = 8;
    shop.pause = milliseconds{20};
  }
  cluster_options options() const {
    cluster_options o;
    o.data = dir / "data";
    o.nodes = 2;
    o.settings = short_cluster_timeouts();
    return o;
  }
  /// Ends the shopping: what customers received matches the store.
  void close(shoppers& customers) {
    customers.finish();
    auto shopping = customers.take();
    for (const auto& c : shopping.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
    BOOST_TEST(await_quiet(nodes.data(), seconds{30}), "work is still open");
    const auto report = check_store({nodes.data(), true, true, initial, shopping.reported});
    for (const auto& v : report.violations) BOOST_ERROR(v);
  }

  temp_dir dir;
  cluster_ground ground;
  cluster nodes;
  stock_map initial;
  shopper_options shop;
};

bool can_run(const ground_options& on) {
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

/// The violations in a restored store, except the charges of the lost time span, of which there
/// must be some.
void check_set_back(const fs::path& data, const stock_map& initial) {
  const auto report = check_store({data, false, true, initial, {}});
  bool has_lost_charges = false;
  for (const auto& v : report.violations) {
    const bool is_lost = v.starts_with("the bank has a charge for an order that does not exist");
    has_lost_charges = has_lost_charges || is_lost;
    if (!is_lost) BOOST_ERROR(v);
  }
  BOOST_TEST(has_lost_charges);
  BOOST_TEST(report.facts.at("orders bought") > 0);
}

void run_stoa(const std::vector<std::string>& words, const environment& settings) {
  const auto done = run_program(stoa_binary(), words, settings, seconds{180});
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
}

void back_up_under_load(ground_options on) {
  busy_cluster store(on);
  shoppers customers(store.shop);
  customers.start();
  std::this_thread::sleep_for(milliseconds{700});
  backup_plan plan;
  plan.data = store.nodes.data();
  plan.settings = store.nodes.node_settings(0);
  plan.initial = store.initial;
  plan.work = store.dir.path();
  plan.restored = [&store](int i, const fs::path& data) {
    const auto name = "restored" + std::to_string(i);
    store.ground.note_place(data, name);
    auto all = store.ground.settings(name);
    const auto hasty = short_cluster_timeouts();
    all.insert(all.end(), hasty.begin(), hasty.end());
    return all;
  };
  std::int64_t open = 0;
  for (int i = 0; i < backups_wanted(1); ++i) {
    const auto outcome = back_up_and_audit(plan, i);
    for (const auto& v : outcome.violations) BOOST_ERROR("backup " << i << ": " << v);
    BOOST_TEST(outcome.orders > 0);
    open += outcome.open;
    BOOST_TEST_MESSAGE("backup " << i << ": " << outcome.orders << " orders, " << outcome.open
                                 << " effects in progress, writers held for " << outcome.held_ms
                                 << " ms");
  }
  BOOST_TEST(open > 0);
  store.close(customers);
}

/// A server from a base backup and the archived log, recovered up to the restore point.
class recovered_server : public postgres_server {
 public:
  recovered_server(const fs::path& base, const fs::path& archive, const std::string& point)
      : postgres_server({.fsync = false, .max_connections = 900}, [&](const fs::path&) {
          run_to_end({"/usr/bin/cp", {"-a", base.string(), data().string()}, dir_ / "log", ""});
          std::ofstream(data() / "recovery.signal");
        }) {
    add_setting("archive_mode", "off");
    add_setting("restore_command", "cp " + archive.string() + "/%f %p");
    add_setting("recovery_target_name", point);
    add_setting("recovery_target_action", "promote");
    start();
    const auto until = std::chrono::steady_clock::now() + archive_limit;
    while (run("postgres", "SELECT pg_is_in_recovery()") == "t") {
      if (std::chrono::steady_clock::now() > until) throw std::runtime_error(log_end());
      std::this_thread::sleep_for(milliseconds{10});
    }
  }
};

/// Waits until the current segment has been archived.
void await_archive(const postgres_server& server) {
  const auto segment = server.run("postgres", "SELECT pg_walfile_name(pg_current_wal_lsn())");
  server.run("postgres", "SELECT pg_switch_wal()");
  const auto until = std::chrono::steady_clock::now() + archive_limit;
  while (server.run("postgres", "SELECT coalesce(last_archived_wal, '') >= '" + segment +
                                    "' FROM pg_stat_archiver") != "t") {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("not archived");
    std::this_thread::sleep_for(milliseconds{20});
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backup)

BOOST_AUTO_TEST_CASE(backups_of_postgres_are_consistent) {
  if (can_run({})) back_up_under_load({});
}

// Carts and their pending events are lost with Redis: the restored store starts with an empty one.
BOOST_AUTO_TEST_CASE(backups_beside_redis_and_nats_are_consistent) {
  const ground_options on{.redis = true, .nats = true};
  if (std::getenv("STOA_TEST_BACKUPS") == nullptr) return;
  if (can_run(on)) back_up_under_load(on);
}

BOOST_AUTO_TEST_CASE(a_base_backup_with_the_archived_log_is_one_moment_of_all_databases) {
  if (!can_run({})) return;
  temp_dir folder;
  const auto archive = folder / "archive";
  fs::create_directory(archive);
  give_to_server_user(folder.path());
  give_to_server_user(archive);
  busy_cluster store({}, [&](postgres_server& server) {
    server.run("postgres", "ALTER SYSTEM SET archive_mode = on");
    server.run("postgres",
               "ALTER SYSTEM SET archive_command = 'cp %p " + archive.string() + "/%f'");
    server.stop();
    server.start();
  });
  auto& primary = store.ground.postgres();
  // Cancelled orders would have been refunded at the gateway after the restore point.
  store.shop.cancel_percent = 0;
  shoppers customers(store.shop);
  customers.start();
  std::this_thread::sleep_for(milliseconds{300});
  run_to_end({"/usr/bin/pg_basebackup",
              {"--no-sync", "--checkpoint=fast", "-D", (folder / "base").string(), "-d",
               primary.url("postgres")},
              folder / "log",
              server_user()});
  std::this_thread::sleep_for(milliseconds{700});
  primary.run("postgres", "SELECT pg_create_restore_point('before_the_mistake')");
  std::this_thread::sleep_for(milliseconds{300});
  await_archive(primary);
  store.close(customers);
  for (std::size_t i = 0; i < store.nodes.size(); ++i) store.nodes.node(i).stop();

  const recovered_server recovered(folder / "base", archive, "before_the_mistake");
  server_options o;
  o.data = store.dir / "recovered";
  o.alone = true;
  o.settings = short_cluster_timeouts();
  o.settings.emplace_back("STOA_DATA_STORE", "postgres");
  o.settings.emplace_back("STOA_POSTGRES_URL", recovered.socket_url("shop_{service}"));
  o.settings.emplace_back("STOA_AUTH_KEYS_DIR", (store.nodes.data() / "keys").string());
  std::ofstream(o.data.string() + ".place") << recovered.url("shop_{service}") << "\n";
  // The gateway's own books remain: they contain purchases after the restore point.
  fs::create_directories(o.data / "sandbox");
  fs::copy_file(store.nodes.data() / "sandbox/ledger.db", o.data / "sandbox/ledger.db");
  BOOST_TEST(!open_work(o.data).empty());
  server restored(o);
  restored.start();
  BOOST_TEST(await_quiet(o.data, seconds{30}), "work is still open");
  BOOST_TEST(restored.stop().value_or(-1) == 0, restored.log_end());
  check_set_back(o.data, store.initial);
}

// The stream contains events that were not yet delivered when the nodes were killed; the restored
// databases must not apply them.
BOOST_AUTO_TEST_CASE(events_of_the_time_that_is_lost_are_not_taken) {
  const ground_options on{.redis = true, .nats = true};
  if (!can_run(on)) return;
  busy_cluster store(on);
  // Cancelled orders would have been refunded at the gateway.
  store.shop.cancel_percent = 0;
  shoppers customers(store.shop);
  customers.start();
  std::this_thread::sleep_for(milliseconds{500});
  const auto& data = store.nodes.data();
  const auto backup = (store.dir / "backup").string();
  run_stoa({"backup", backup, "--data", data.string()}, store.nodes.node_settings(0));
  std::this_thread::sleep_for(milliseconds{700});
  for (std::size_t i = 0; i < store.nodes.size(); ++i) store.nodes.node(i).kill();
  for (const auto service : service_databases) {
    store.ground.postgres().drop_database("shop_" + std::string(service));
  }
  run_to_end({"/usr/bin/redis-cli",
              {"-p", std::to_string(store.ground.redis().port()), "FLUSHALL"},
              store.dir / "log",
              ""});
  run_stoa({"restore", backup, "--data", data.string()}, store.nodes.node_settings(0));
  for (std::size_t i = 0; i < store.nodes.size(); ++i) store.nodes.node(i).launch();
  store.nodes.await_ready();
  // Requests for lost data are expected to fail. Everything new works.
  customers.finish();
  store.shop.seed += 1;
  shoppers others(store.shop);
  others.start();
  std::this_thread::sleep_for(milliseconds{500});
  others.finish();
  const auto shopping = others.take();
  for (const auto& c : shopping.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
  BOOST_TEST(!shopping.reported.empty());
  BOOST_TEST(await_quiet(data, seconds{30}), "work is still open");
  check_set_back(data, store.initial);
}

BOOST_AUTO_TEST_SUITE_END()
