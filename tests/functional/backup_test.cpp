// `stoa backup` and `stoa restore` on files: what is copied, what is rejected, and that a restored
// store is served as before.

#include "tests/support/store_files.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <fstream>
#include <sstream>
#include <sys/stat.h>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;

namespace {

constexpr int orders = 3;

finished_program stoa_run(const std::vector<std::string>& words, const environment& settings = {}) {
  return run_program(stoa_binary(), words, settings);
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Backs the store up; the program must succeed.
std::string backed_up(const fs::path& data, const fs::path& to,
                      std::vector<std::string> more = {}) {
  std::vector<std::string> words{"backup", to.string(), "--data", data.string()};
  words.insert(words.end(), more.begin(), more.end());
  const auto done = stoa_run(words);
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  return done.output;
}

/// The first value that it finds.
std::string run_sql(const fs::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  std::string found;
  const auto sink = [](void* to, int, char** values, char**) {
    *static_cast<std::string*>(to) = values[0];
    return 0;
  };
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), sink, &found, nullptr) == SQLITE_OK, sql);
  sqlite3_close(db);
  return found;
}

/// A served store with three orders.
class served_store {
 public:
  served_store() : shop_({.products = 5, .stock = 1000}) {
    visitor v(shop_.port());
    product_ = v.goods().front().id;
    for (int i = 0; i < orders; ++i) v.bought(product_);
    backed_up(shop_.data(), backup());
  }
  const fs::path& data() const { return shop_.data(); }
  const std::string& product() const { return product_; }
  std::uint16_t port() const { return shop_.port(); }
  /// Taken while the store was served.
  fs::path backup() const { return work_ / "backup"; }
  /// An unused path.
  fs::path fresh() { return work_ / std::to_string(++count_); }
  /// A copy of the backup, for damaging.
  fs::path copy() {
    auto to = fresh();
    fs::copy(backup(), to, fs::copy_options::recursive);
    return to;
  }

 private:
  temp_dir work_;
  storefront shop_;
  std::string product_;
  int count_ = 0;
};

served_store& store() {
  static served_store one;
  return one;
}

/// Restoring fails with this text and leaves nothing behind.
void check_refused(const fs::path& backup, const std::string& why, bool is_whole = false) {
  const auto data = store().fresh();
  const auto done = stoa_run({"restore", backup.string(), "--data", data.string()});
  BOOST_TEST(done.exit_code == 1, done.output);
  BOOST_TEST(holds(done.output, why), done.output);
  BOOST_TEST(!fs::exists(data / "order.db"));
  const auto check =
      stoa_run({"restore", backup.string(), "--check-only", "--data", data.string()});
  BOOST_TEST(check.exit_code == (is_whole ? 0 : 1), check.output);
}

std::int64_t orders_of(const fs::path& data) {
  return store_files(data).number("SELECT count(*) FROM order_db.orders WHERE status='Confirmed'");
}

/// Serves the store, buys, and stops it.
void check_served(const fs::path& data, std::int64_t orders_before) {
  server_options o;
  o.data = data;
  server stoa(o);
  stoa.start();
  visitor v(stoa.port());
  BOOST_TEST(orders_of(data) == orders_before);
  v.bought(store().product());
  BOOST_TEST(orders_of(data) == orders_before + 1);
  BOOST_TEST(stoa.stop().value_or(-1) == 0, stoa.log_end());
}

mode_t mode_of(const fs::path& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
}

void flip_a_byte(const fs::path& file) {
  std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = static_cast<std::streamoff>(fs::file_size(file) / 2);
  io.seekg(at);
  const auto byte = static_cast<char>(io.get());
  io.seekp(at);
  io.put(static_cast<char>(byte ^ 1));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backup)

BOOST_AUTO_TEST_CASE(all_databases_and_keys_are_in_it_and_closed_to_others) {
  const auto dir = store().backup();
  BOOST_TEST(mode_of(dir) == 0700U);
  for (const auto* file :
       {"manifest.json", "SHA256SUMS", "cart.db", "catalog.db", "notification.db", "order.db",
        "payment.db", "user.db", "ledger.db", "keys/server.secret", "keys/token-key.json"}) {
    BOOST_TEST(mode_of(dir / file) == 0600U, file);
  }
  BOOST_TEST(!fs::exists(dir.string() + ".unfinished"));
  if (fs::exists("/usr/bin/sha256sum")) {
    const auto sums =
        run_program("/usr/bin/env", {"-C", dir.string(), "sha256sum", "-c", "SHA256SUMS"});
    BOOST_TEST(sums.exit_code == 0, sums.output);
  }
}

BOOST_AUTO_TEST_CASE(a_restored_store_is_served_as_before) {
  const auto data = store().fresh();
  const auto done = stoa_run({"restore", store().backup().string(), "--data", data.string()});
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  BOOST_TEST(mode_of(data / "order.db") == 0600U);
  BOOST_TEST(stoa_run({"store", "check", "--data", data.string()}).exit_code == 0);
  check_served(data, orders);
  // Then backed up and restored again, at rest, in a copy without keys.
  const auto second = store().fresh();
  const auto said = backed_up(data, second, {"--without-keys"});
  BOOST_TEST(holds(said, "without keys"), said);
  BOOST_TEST(!fs::exists(second / "keys"));
  BOOST_TEST(!fs::exists(data / "order.db-wal"));
  check_refused(second, "the backup has no keys", true);
  const auto next = store().fresh();
  fs::create_directories(next);
  fs::copy(data / "keys", next / "keys");
  const auto again = stoa_run({"restore", second.string(), "--data", next.string()});
  BOOST_TEST_REQUIRE(again.exit_code == 0, again.output);
  check_served(next, orders + 1);
}

BOOST_AUTO_TEST_CASE(a_damaged_backup_is_not_restored) {
  for (const auto* file : {"order.db", "ledger.db", "keys/server.secret", "manifest.json"}) {
    BOOST_TEST_CONTEXT(file) {
      const auto copy = store().copy();
      flip_a_byte(copy / file);
      check_refused(copy, file);
    }
  }
  const auto incomplete = store().copy();
  fs::remove(incomplete / "payment.db");
  check_refused(incomplete, "payment.db: No such file");
  const auto unfinished = store().copy();
  fs::remove(unfinished / "manifest.json");
  check_refused(unfinished, "it is not a complete backup");
  const auto unsummed = store().copy();
  std::ofstream(unsummed / "SHA256SUMS", std::ios::trunc);
  check_refused(unsummed, "manifest.json: its checksum is missing");
}

BOOST_AUTO_TEST_CASE(a_backup_of_an_earlier_version_lacks_tables) {
  // The identity was introduced before the settings.
  const auto old = store().copy();
  BOOST_TEST(run_sql(old / "order.db", "DROP TABLE store_setting") == "");
  const auto sums = "cd " + old.string() + " && sha256sum manifest.json *.db keys/* > SHA256SUMS";
  BOOST_TEST_REQUIRE(run_program("/bin/sh", {"-c", sums}).exit_code == 0);
  const auto data = store().fresh();
  const auto restored = stoa_run({"restore", old.string(), "--data", data.string()});
  BOOST_TEST(restored.exit_code == 0, restored.output);
  for (const auto* service : {"order.db", "payment.db"}) {
    BOOST_TEST(run_sql(data / service, "SELECT count(*) FROM database_identity") == "0");
  }
}

BOOST_AUTO_TEST_CASE(a_target_that_is_in_use_is_refused) {
  const auto full = store().fresh();
  fs::create_directories(full);
  std::ofstream(full / "something");
  const auto taken = stoa_run({"backup", full.string(), "--data", store().data().string()});
  BOOST_TEST(taken.exit_code == 1, taken.output);
  BOOST_TEST(holds(taken.output, "is not an empty directory"), taken.output);
  BOOST_TEST(!fs::exists(full.string() + ".unfinished"));
  // An empty directory is accepted, and leftovers of a killed backup beside it are ignored.
  const auto empty = store().fresh();
  fs::create_directories(empty);
  fs::create_directories(empty.string() + ".unfinished");
  std::ofstream(empty.string() + ".unfinished/order.db");
  backed_up(store().data(), empty);
  BOOST_TEST(fs::exists(empty / "manifest.json"));

  const auto served = stoa_run(
      {"restore", store().backup().string(), "--force", "--data", store().data().string()});
  BOOST_TEST(served.exit_code == 1, served.output);
  BOOST_TEST(holds(served.output, "is in use by process"), served.output);
  BOOST_TEST(holds(
      stoa_run({"backup", store().fresh().string(), "--data", store().fresh().string()}).output,
      "server.secret: it is missing"));
}

BOOST_AUTO_TEST_CASE(a_store_that_is_there_is_moved_aside_by_force_alone) {
  const auto data = store().fresh();
  load_demo(stoa_binary(), data, 2, 5);
  const auto secret_of = [](const fs::path& keys) {
    std::ostringstream text;
    text << std::ifstream(keys / "server.secret").rdbuf();
    return text.str();
  };
  const auto old_secret = secret_of(data / "keys");
  const auto words =
      std::vector<std::string>{"restore", store().backup().string(), "--data", data.string()};
  const auto refused = stoa_run(words);
  BOOST_TEST(refused.exit_code == 1, refused.output);
  BOOST_TEST(holds(refused.output, "it belongs to the store"), refused.output);
  auto forced = words;
  forced.emplace_back("--force");
  const auto done = stoa_run(forced);
  BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  fs::path aside;
  for (const auto& entry : fs::directory_iterator(data)) {
    if (entry.path().filename().string().starts_with("replaced-")) aside = entry.path();
  }
  BOOST_TEST_REQUIRE(fs::exists(aside / "catalog.db"), done.output);
  BOOST_TEST(secret_of(aside / "keys") == old_secret);
  check_served(data, orders);
  const auto again = stoa_run(words);
  BOOST_TEST(again.exit_code == 1, again.output);
  BOOST_TEST(holds(again.output, "a store exists in"), again.output);
}

BOOST_AUTO_TEST_CASE(a_token_key_that_was_removed_does_not_come_back) {
  const auto does = [](const std::vector<std::string>& words) {
    const auto done = stoa_run(words);
    BOOST_TEST_REQUIRE(done.exit_code == 0, done.output);
  };
  const auto data = store().fresh();
  const auto with_old = store().fresh();
  const auto other = store().fresh();
  does({"restore", store().backup(), "--data", data});
  for (int step = 0; step < 2; ++step) does({"keys", "rotate", "--data", data});
  backed_up(data, with_old);
  does({"keys", "rotate", "--now", "--data", data});
  does({"restore", with_old, "--data", data, "--force"});
  BOOST_TEST(!fs::exists(data / "keys/token-key-old.json"));
  // Without existing keys all of them are restored.
  does({"restore", with_old, "--data", other});
  BOOST_TEST(fs::exists(other / "keys/token-key-old.json"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_leaves_no_backup) {
  const temp_dir dir;
  std::ofstream(dir / "disk") << "full";
  const auto to = store().fresh();
  const auto done =
      stoa_run({"backup", to.string(), "--data", store().data().string()},
               {{"LD_PRELOAD", STOA_BAD_DISK}, {"STOA_TEST_BAD_DISK", (dir / "disk").string()}});
  BOOST_TEST(done.exit_code == 1, done.output);
  BOOST_TEST(holds(done.output, "full"), done.output);
  BOOST_TEST(!fs::exists(to));
  BOOST_TEST(!fs::exists(to.string() + ".unfinished"));
  visitor(store().port()).bought(store().product());  // the store itself is not disturbed
}

BOOST_AUTO_TEST_SUITE_END()
