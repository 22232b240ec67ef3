// A store's files belong together: they are complete when the program has stopped, a file that is
// lost or from another store is not replaced silently, and other users cannot read them.

#include "net/mail/mbox.hpp"
#include "tests/support/store_files.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

namespace {

constexpr int orders = 5;

/// A stopped store that was served, with five orders.
class served_store {
 public:
  served_store() : shop_({.products = 5, .stock = 1000}) {
    visitor v(shop_.port());
    const auto product = v.goods().front().id;
    for (int i = 0; i < orders; ++i) v.bought(product);
    BOOST_TEST(shop_.process().stop().value_or(-1) == 0, shop_.process().log_end());
  }
  const fs::path& data() const { return shop_.data(); }
  storefront& shop() { return shop_; }
  /// A copy of it, for damaging.
  fs::path copy() {
    auto to = copies_ / std::to_string(++count_);
    fs::copy(data(), to, fs::copy_options::recursive);
    return to;
  }

 private:
  storefront shop_;
  temp_dir copies_;
  int count_ = 0;
};

served_store& store() {
  static served_store one;
  return one;
}

finished_program serve(const fs::path& data) {
  return run_program(stoa_binary(), {"serve", "--data", data.string(), "--listen", "127.0.0.1:0"},
                     {}, milliseconds{5000});
}

server_options options_of(const fs::path& data) {
  server_options o;
  o.data = data;
  return o;
}

bool starts(const fs::path& data) {
  server stoa(options_of(data));
  stoa.start();
  return stoa.stop().value_or(-1) == 0;
}

void run_sql(const fs::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
             sqlite3_errmsg(db));
  sqlite3_close(db);
}

/// Every file with its size and its time of change.
std::string state_of(const fs::path& data) {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    const auto name = entry.path().lexically_relative(data).string();
    if (name == "lock" || entry.is_directory()) continue;
    all.push_back(name + " " + std::to_string(entry.file_size()) + " " +
                  std::to_string(entry.last_write_time().time_since_epoch().count()));
  }
  std::sort(all.begin(), all.end());
  std::string text;
  for (const auto& one : all) text += one + "\n";
  return text;
}

/// The program does not start on the damaged store, names the file, and changes nothing.
void check_refused(const fs::path& data, const std::string& file, const std::string& why) {
  BOOST_TEST_CONTEXT(file << ": " << why) {
    const auto before = state_of(data);
    const auto done = serve(data);
    BOOST_TEST(done.exit_code == 1, done.exit_code << ": " << done.output);
    BOOST_TEST(done.output.find((data / file).string() + ": it ") != std::string::npos,
               done.output);
    BOOST_TEST(done.output.find(why) != std::string::npos, done.output);
    BOOST_TEST(done.output.find("stoa store adopt --accept-loss") != std::string::npos);
    BOOST_TEST(state_of(data) == before);
    const auto check = run_program(stoa_binary(), {"store", "check", "--data", data.string()});
    BOOST_TEST(check.exit_code == 1, check.output);
    BOOST_TEST(check.output.find(why) != std::string::npos, check.output);
  }
}

const char* const parts[] = {"cart.db",    "catalog.db", "notification.db", "order.db",
                             "payment.db", "pricing.db", "user.db",         "sandbox/ledger.db"};

mode_t mode_of(const fs::path& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
}

/// As left by a version before store ids.
void make_old(const fs::path& data) {
  fs::remove(data / "store.json");
  fs::remove(data / "mail/store.id");
  for (const auto* part : parts) {
    run_sql(data / part, "DROP TABLE store_member");
    if (std::string_view(part).starts_with("sandbox")) continue;
    run_sql(data / part, "DELETE FROM schema_migrations WHERE module='kernel' AND number=3");
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_whole)

BOOST_AUTO_TEST_CASE(the_databases_alone_hold_everything_after_a_stop) {
  const temp_dir to;
  fs::create_directories(to / "sandbox");
  for (const auto* part : parts) {
    fs::copy_file(store().data() / part, to / part);
    BOOST_TEST(!fs::exists(store().data() / (std::string(part) + "-wal")), part);
    BOOST_TEST(!fs::exists(store().data() / (std::string(part) + "-shm")), part);
  }
  store_files copy(to.path());
  BOOST_TEST(copy.number("SELECT count(*) FROM order_db.orders WHERE status='Confirmed'") ==
             orders);
  BOOST_TEST(copy.number("SELECT count(*) FROM payment_db.payments") == orders);
  BOOST_TEST(copy.number("SELECT count(*) FROM bank.charges") == orders);
}

BOOST_AUTO_TEST_CASE(commands_leave_no_log_either) {
  const temp_dir dir;
  const auto data = dir / "data";
  load_demo(stoa_binary(), data, 3, 10);
  BOOST_TEST(fs::exists(data / "catalog.db"));
  BOOST_TEST(!fs::exists(data / "catalog.db-wal"));
  BOOST_TEST(starts(data));
}

BOOST_AUTO_TEST_CASE(a_killed_process_leaves_a_store_that_starts) {
  storefront shop({.products = 5});
  visitor v(shop.port());
  v.bought(v.goods().front().id);
  shop.process().kill();
  shop.process().start();
  visitor again(shop.port());
  BOOST_TEST(size_at(again.client.get("/admin/v1/orders", again.log_in("root")).json(), "/data") ==
             1);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_not_created_again) {
  for (const auto* part : parts) {
    const auto data = store().copy();
    fs::remove(data / part);
    check_refused(data, part, "it is missing, but it contained data of the store");
  }
  const auto data = store().copy();
  fs::remove_all(data / "mail");
  check_refused(data, "mail", "it is missing");
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_not_filled) {
  for (const auto* part : {"order.db", "sandbox/ledger.db"}) {
    const auto data = store().copy();
    fs::resize_file(data / part, 0);
    check_refused(data, part, "it is empty (0 bytes)");
  }
  const auto data = store().copy();
  fs::remove(data / "user.db");
  run_sql(data / "user.db", "CREATE TABLE partition(epoch INTEGER); DROP TABLE partition");
  check_refused(data, "user.db", "it is new and empty");
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_named) {
  auto data = store().copy();
  fs::resize_file(data / "order.db", fs::file_size(data / "order.db") / 2);
  check_refused(data, "order.db", "it is damaged: truncated: ");
  data = store().copy();
  std::fstream(data / "payment.db", std::ios::binary | std::ios::in | std::ios::out)
      << std::string(4096, 'x');
  check_refused(data, "payment.db", "it is damaged: it is not an SQLite database");
  data = store().copy();
  fs::remove(data / "order.db");
  fs::create_directory(data / "order.db");
  check_refused(data, "order.db", "it cannot be read: ");
}

BOOST_AUTO_TEST_CASE(a_lost_secret_is_not_created_again) {
  auto data = store().copy();
  fs::remove(data / "keys/server.secret");
  check_refused(data, "keys/server.secret", "it is missing");
  data = store().copy();
  fs::remove(data / "keys/token-key.json");
  check_refused(data, "keys/token-key.json", "it is missing");
  data = store().copy();
  fs::remove_all(data / "keys");
  check_refused(data, "keys/server.secret", "it is missing");
  check_refused(data, "keys/token-key.json", "it is missing");
}

BOOST_AUTO_TEST_CASE(parts_of_two_stores_are_not_mixed) {
  storefront other({.products = 5});
  BOOST_TEST(other.process().stop().value_or(-1) == 0);
  for (const auto* part : {"order.db", "sandbox/ledger.db"}) {
    const auto data = store().copy();
    fs::copy_file(other.data() / part, data / part, fs::copy_options::overwrite_existing);
    check_refused(data, part, "it belongs to another store");
  }
  auto data = store().copy();
  fs::copy_file(other.data() / "keys/server.secret", data / "keys/server.secret",
                fs::copy_options::overwrite_existing);
  check_refused(data, "keys/server.secret", "it is not the store's secret");
  data = store().copy();
  fs::copy_file(other.data() / "mail/store.id", data / "mail/store.id",
                fs::copy_options::overwrite_existing);
  check_refused(data, "mail", "it belongs to another store");
  // Commands reject it as well.
  data = store().copy();
  fs::copy_file(other.data() / "catalog.db", data / "catalog.db",
                fs::copy_options::overwrite_existing);
  const auto demo = run_program(
      stoa_binary(), {"demo", "--data", data.string(), "--products", "5", "--stock", "1000"});
  BOOST_TEST(demo.exit_code == 1, demo.output);
  BOOST_TEST(demo.output.find("it belongs to another store") != std::string::npos, demo.output);
}

BOOST_AUTO_TEST_CASE(a_store_starts_after_its_token_key_was_rotated) {
  const auto data = store().copy();
  const auto rotate = [&] {
    const auto done = run_program(stoa_binary(), {"keys", "rotate", "--now", "--data", data});
    BOOST_TEST(done.exit_code == 0, done.output);
  };
  for (int rotation = 0; rotation < 2; ++rotation) {
    for (int step = 0; step < 3; ++step) rotate();
    BOOST_TEST(!fs::exists(data / "keys/token-key-old.json"));
    BOOST_TEST(run_program(stoa_binary(), {"store", "check", "--data", data}).exit_code == 0);
  }
  BOOST_TEST(starts(data));
}

BOOST_AUTO_TEST_CASE(a_store_without_its_record_is_checked_as_well) {
  auto data = store().copy();
  fs::remove(data / "store.json");
  BOOST_TEST(starts(data));  // All parts are present with the same id.
  fs::remove(data / "store.json");
  fs::remove(data / "cart.db");
  check_refused(data, "cart.db", "it is missing");
  data = store().copy();
  std::ofstream(data / "store.json") << "{}";  // keeps its mode
  check_refused(data, "store.json", "it is not a valid store record");
}

BOOST_AUTO_TEST_CASE(an_operator_can_accept_a_loss) {
  const auto data = store().copy();
  fs::remove(data / "cart.db");
  fs::remove(data / "keys/server.secret");
  const std::vector<std::string> adopt{"store", "adopt", "--data", data.string()};
  BOOST_TEST(run_program(stoa_binary(), adopt).exit_code == 2);
  BOOST_TEST(serve(data).exit_code == 1);
  auto accepted = adopt;
  accepted.emplace_back("--accept-loss");
  const auto done = run_program(stoa_binary(), accepted);
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(done.output.find("discarded  " + (data / "cart.db").string()) != std::string::npos,
             done.output);
  BOOST_TEST(starts(data));
  BOOST_TEST(store_files(data).number("SELECT count(*) FROM order_db.orders") == orders);
  // From now on the new file belongs to the store.
  fs::remove(data / "cart.db");
  check_refused(data, "cart.db", "it is missing");
}

BOOST_AUTO_TEST_CASE(a_store_of_an_earlier_version_gets_an_id_when_it_is_whole) {
  auto data = store().copy();
  make_old(data);
  BOOST_TEST(starts(data));
  BOOST_TEST(fs::exists(data / "store.json"));
  BOOST_TEST(store_files(data).number("SELECT count(*) FROM order_db.store_member") == 1);
  for (const auto* lost : {"cart.db", "user.db", "sandbox/ledger.db", "keys/server.secret"}) {
    data = store().copy();
    make_old(data);
    fs::remove(data / lost);
    check_refused(data, lost, "it is missing");
  }
  // One that was loaded and never served.
  data = store().copy();
  make_old(data);
  for (const auto* part :
       {"cart.db", "notification.db", "order.db", "payment.db", "pricing.db", "user.db"}) {
    fs::remove(data / part);
  }
  for (const auto* folder : {"keys", "sandbox", "mail"}) fs::remove_all(data / folder);
  BOOST_TEST(starts(data));
}

/// The record of its parts does not have the service.
BOOST_AUTO_TEST_CASE(a_store_of_a_version_without_a_service_gets_its_database) {
  const auto data = store().copy();
  fs::remove(data / "pricing.db");
  std::stringstream text;
  text << std::ifstream(data / "store.json").rdbuf();
  auto record = text.str();
  const std::string entry = R"("pricing.db",)";
  BOOST_REQUIRE(record.find(entry) != std::string::npos);
  check_refused(data, "pricing.db", "it is missing");
  record.erase(record.find(entry), entry.size());
  std::ofstream(data / "store.json") << record;
  BOOST_TEST(starts(data));
  BOOST_TEST(fs::exists(data / "pricing.db"));
  fs::remove(data / "pricing.db");
  check_refused(data, "pricing.db", "it is missing");
}

BOOST_AUTO_TEST_CASE(an_export_of_another_versions_data_is_refused) {
  const auto data = store().copy();
  const auto exported = [&](int exit_code, const std::string& text) {
    const auto done =
        run_program(stoa_binary(), {"export", "shopify", "-", "--data", data.string()});
    BOOST_TEST(done.exit_code == exit_code, done.output);
    BOOST_TEST(done.output.find(text) != std::string::npos, done.output);
  };
  exported(0, "5 products exported");
  run_sql(data / "catalog.db",
          "INSERT INTO schema_migrations VALUES('catalog',9999,'future','',0)");
  exported(1, "migration catalog/9999 is unknown to this program: the data belong to a newer");
  run_sql(data / "catalog.db", "DELETE FROM schema_migrations WHERE number=9999");
  exported(0, "5 products exported");
  run_sql(data / "catalog.db", "DELETE FROM schema_migrations WHERE module='catalog' AND number>1");
  exported(1, "migration catalog/2 is not applied: the data belong to an earlier version; run");
}

BOOST_AUTO_TEST_CASE(a_first_start_that_is_killed_is_finished_by_the_next) {
  for (int ms = 0; ms < 120; ms += 6) {
    const temp_dir dir;
    server stoa(options_of(dir / "data"));
    stoa.launch();
    std::this_thread::sleep_for(milliseconds{ms});
    stoa.kill();
    stoa.start();
    BOOST_TEST(stoa.stop().value_or(-1) == 0, ms << " ms: " << stoa.log_end());
  }
  for (int ms = 5; ms < 120; ms += 15) {
    const auto data = store().copy();
    make_old(data);
    server stoa(options_of(data));
    stoa.launch();
    std::this_thread::sleep_for(milliseconds{ms});
    stoa.kill();
    stoa.start();
    BOOST_TEST(stoa.stop().value_or(-1) == 0, ms << " ms: " << stoa.log_end());
  }
}

BOOST_AUTO_TEST_CASE(files_are_closed_to_others) {
  const ::mode_t before = ::umask(0022);
  storefront shop({.products = 5});
  ::umask(before);
  visitor v(shop.port());
  v.bought(v.goods().front().id);
  const auto& data = shop.data();
  const auto check = [&] {
    for (const auto& entry : fs::recursive_directory_iterator(data)) {
      BOOST_TEST(mode_of(entry.path()) == (entry.is_directory() ? 0700U : 0600U),
                 entry.path().string());
    }
  };
  BOOST_TEST(fs::exists(data / "order.db-wal"));
  BOOST_TEST(eventually([&] { return !mail::read_mbox(data / "mail").empty(); }));
  check();
  BOOST_TEST(shop.process().stop().value_or(-1) == 0);
  // As left by earlier versions.
  for (const auto* part : parts) ::chmod((data / part).c_str(), 0644);
  for (const auto* folder : {"mail", "sandbox"}) {
    ::chmod((data / folder).c_str(), 0755);
  }
  shop.process().start();
  check();
}

BOOST_AUTO_TEST_SUITE_END()
