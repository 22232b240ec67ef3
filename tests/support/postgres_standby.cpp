#include "tests/support/postgres_standby.hpp"

#include "tests/support/server.hpp"

#include <stdexcept>
#include <thread>

namespace stoa::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr const char* name = "standby";
constexpr seconds limit{30};

/// Polls every few milliseconds until `so` returns true.
void await(const char* what, const std::function<bool()>& so) {
  const auto until = steady_clock::now() + limit;
  while (!so()) {
    if (steady_clock::now() > until) {
      throw std::runtime_error(std::string("the standby is not ready: ") + what);
    }
    std::this_thread::sleep_for(milliseconds{5});
  }
}

}  // namespace

postgres_standby::postgres_standby(postgres_server& primary,
                                   const postgres_standby_options& options)
    : postgres_server({.fsync = options.fsync, .max_connections = options.max_connections},
                      [&](const std::filesystem::path& programs) {
                        run_to_end({programs / "pg_basebackup",
                                    {"--no-sync", "--checkpoint=fast", "--write-recovery-conf",
                                     "-D", data().string(), "-d", primary.url("postgres")},
                                    dir_ / "log",
                                    server_user()});
                      }),
      primary_(primary),
      way_(primary.port()) {
  add_setting("primary_conninfo", "host=127.0.0.1 user=stoa application_name=" + std::string(name) +
                                      " port=" + std::to_string(way_.port()));
  // Retries missing WAL at once, not after the default of five seconds.
  add_setting("wal_retrieve_retry_interval", "100ms");
  // Otherwise a query on rows about to be removed would be cancelled after thirty seconds.
  add_setting("hot_standby_feedback", "on");
  start();
  set_apply_delay(options.apply_delay);
  if (!options.synchronous) return;
  primary_.run("postgres",
               "ALTER SYSTEM SET synchronous_standby_names = '" + std::string(name) + "'");
  primary_.run("postgres", "SELECT pg_reload_conf()");
  await("synchronous replication", [&] {
    return primary_.run("postgres",
                        "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") ==
           "1";
  });
}

void postgres_standby::set_apply_delay(milliseconds delay) {
  run("postgres", "ALTER SYSTEM SET recovery_min_apply_delay = " + std::to_string(delay.count()));
  run("postgres", "SELECT pg_reload_conf()");
}

void postgres_standby::pause_replay() {
  run("postgres", "SELECT pg_wal_replay_pause()");
  await("pause",
        [&] { return run("postgres", "SELECT pg_get_wal_replay_pause_state()") == "paused"; });
}

void postgres_standby::resume_replay() {
  run("postgres", "SELECT pg_wal_replay_resume()");
}

void postgres_standby::cut_off() {
  way_.refuse(true);
  way_.cut();
}

void postgres_standby::connect_again() {
  way_.resume();
}

void postgres_standby::await_replay() const {
  const auto there = primary_.run("postgres", "SELECT pg_current_wal_lsn()");
  await("replay", [&] {
    return run("postgres", "SELECT pg_last_wal_replay_lsn() >= '" + there + "'::pg_lsn") == "t";
  });
}

void postgres_standby::promote() {
  if (run("postgres", "SELECT pg_promote(true, 30)") != "t") {
    throw std::runtime_error("the standby cannot be promoted:\n" + log_end());
  }
}

}  // namespace stoa::test
