// A node that stops while a keeper is busy: the keeper must not start actors that the node has
// already released.

#include "actors/kernel/node.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_service.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <future>
#include <iostream>
#include <thread>

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::kernel;

/// Makes one query of the clock wait. Only keepers read the database's clock.
class clock_latch {
 public:
  void arm() { armed_ = true; }
  bool reached() const { return reached_; }
  void open() { open_ = true; }
  void pass() {
    if (!armed_.exchange(false)) return;
    reached_ = true;
    while (!open_) std::this_thread::sleep_for(milliseconds{1});
  }

 private:
  std::atomic<bool> armed_{false};
  std::atomic<bool> reached_{false};
  std::atomic<bool> open_{false};
};

/// A SQLite connection that answers the query of the clock.
class timed_connection final : public db::connection {
 public:
  timed_connection(std::unique_ptr<db::connection> c, clock_latch& latch)
      : below_(std::move(c)), latch_(latch) {}
  std::string_view dialect() const override { return below_->dialect(); }
  void begin() override { below_->begin(); }
  void begin_read() override { below_->begin_read(); }
  void commit() override { below_->commit(); }
  void rollback() noexcept override { below_->rollback(); }
  void query(std::span<const db::statement> all, const db::row_sink& sink) override {
    if (all.size() != 1 || all[0].what->name != "read clock") return below_->query(all, sink);
    latch_.pass();
    const auto now = system_time().now().us;
    std::array<db::value, 2> answer{now / 1'000'000, now % 1'000'000};
    sink(0, answer);
  }
  void execute(std::span<const db::statement> all) override { below_->execute(all); }
  void run_script(const std::string& text) override { below_->run_script(text); }

 private:
  std::unique_ptr<db::connection> below_;
  clock_latch& latch_;
};

/// A file that is used like a database of several nodes.
class shared_file final : public db::database {
 public:
  shared_file(std::string path, clock_latch& latch)
      : file_(db::sqlite_database(std::move(path))), latch_(latch) {}
  std::unique_ptr<db::connection> open(db::access a) override {
    return std::make_unique<timed_connection>(file_->open(a), latch_);
  }
  int migrate(std::span<const std::string_view> modules) override {
    return file_->migrate(modules);
  }
  void finish() override { file_->finish(); }
  bool shared() const override { return true; }
  std::string describe() const override { return file_->describe(); }

 private:
  std::unique_ptr<db::database> file_;
  clock_latch& latch_;
};

/// Whether the call returns in time. If not, the program must end: the call uses the test's
/// objects.
bool ends(std::function<void()> call) {
  auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  std::thread([done, call = std::move(call)] {
    call();
    done->set_value();
  }).detach();
  return ended.wait_for(seconds{20}) == std::future_status::ready;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(node_stop)

BOOST_AUTO_TEST_CASE(a_keeper_that_is_busy_does_not_start_actors_after_the_stop) {
  temp_dir folder;
  toy_service toy;
  clock_latch latch;
  node_options options;
  options.data_dir = folder.path().string();
  options.actor_threads = 2;
  options.lease = milliseconds{600};
  options.readers = 2;
  options.database = [&](const std::string& name) {
    return std::make_unique<shared_file>(database_path(options.data_dir, name), latch);
  };
  db::open_sqlite(database_path(options.data_dir, "toy"), db::sqlite_mode::write)
      ->run_script(toy_tables);
  // CAF's logger belongs to the thread that has started the node: the same one must stop it.
  const bool ended = ends([&] {
    auto running = make_node(options, {define_service(toy)});
    running->start();
    latch.arm();
    while (!latch.reached()) std::this_thread::sleep_for(milliseconds{1});
    std::thread later([&latch] {
      std::this_thread::sleep_for(milliseconds{600});
      latch.open();
    });
    // The keeper does not respond within the limit, and continues while the node ends.
    running->stop(milliseconds{300});
    later.join();
  });
  if (!ended) {
    std::cerr << "the node does not stop\n";
    std::_Exit(EXIT_FAILURE);
  }
}

BOOST_AUTO_TEST_SUITE_END()
