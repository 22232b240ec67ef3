#pragma once
// The subcommands besides `serve`. import, export, demo and user work on a store that is not being
// served; all but demo also work through a running server's API (--url). keys, healthcheck, status
// and top help to operate it.

#include "config/load.hpp"
#include "net/cli/server_options.hpp"
#include "storage/catalog/catalog.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace stoa::cli {

struct import_options {
  catalog::file_format format = catalog::file_format::shopify;
  std::string file;  ///< "-": standard input
  bool set_stock = false;
  bool dry_run = false;
  server_options server;
};
/// `stoa import FORMAT`. exit_partly when rows were skipped, exit_failed when none was imported.
int run_import(const settings& s, const import_options& o);

/// The products of an export; by default all.
struct export_selection {
  std::optional<timestamp> updated_since;
  std::optional<catalog::product_status> status;
};
struct export_options {
  catalog::file_format format = catalog::file_format::shopify;
  std::string file = "-";  ///< "-": standard output
  export_selection selected;
  server_options server;
};
/// `stoa export FORMAT`. exit_partly when a product cannot be exported.
int run_export(const settings& s, const export_options& o);

struct demo_options {
  std::size_t products = 200;
  std::int64_t stock = 100;
  std::uint64_t seed = 1;
};
/// `stoa demo`. exit_failed when the store has products of other origin.
int run_demo(const settings& s, const demo_options& o);

struct new_user_options {
  std::string role = "customer";
  std::string username;
  std::string email;
  std::string first_name;     ///< empty: the user name
  std::string last_name;      ///< empty: the role
  std::string password_file;  ///< empty: prompt
  server_options server;
};
/// `stoa user create`. exit_failed when the name is taken or a value is invalid.
int run_user_create(const settings& s, const new_user_options& o);

/// `stoa keys create`: creates the server's secret and the token key in auth.keys_dir, if missing.
/// exit_failed when they cannot be created or are invalid.
int run_keys_create(const settings& s);
struct rotate_options {
  std::string kind = "tokens";  ///< or "cluster", "events"
  bool now = false;  ///< do not wait until tokens signed by the previous key have expired
};
/// `stoa keys rotate`: performs the next step of rotating a key of that kind.
int run_keys_rotate(const settings& s, const rotate_options& o);
/// `stoa keys list`: lists the ids of all keys in the files, and which of each kind is in use.
int run_keys_list(const settings& s);

/// `stoa store check`: lists the store's parts and their problems. exit_failed when the store could
/// not be served.
int run_store_check(const settings& s);
struct adopt_options {
  bool accept_loss = false;
  std::string service;  ///< only its shared database, nodes may be running; empty: all parts
};
/// `stoa store adopt`: makes all existing parts one store, that of the server's secret, and
/// discards missing ones. exit_usage without `accept_loss`, exit_failed when a part is damaged,
/// exit_partly when a shared database could not be changed.
int run_store_adopt(const settings& s, const adopt_options& o);
/// `stoa store accept-settings`: records these common settings in the store's shared databases.
/// exit_failed when a node is running, exit_partly when a database could not be changed.
int run_store_accept_settings(const settings& s);

struct backup_options {
  std::string dir;  ///< created; if it exists, it must be empty
  bool without_keys = false;
  std::int64_t mb_per_second = 64;  ///< for copies of SQLite files
};
/// `stoa backup`: copies the databases as of one point in time, whether or not they are served.
int run_backup(const settings& s, const backup_options& o);

struct restore_options {
  std::string dir;
  bool check_only = false;
  bool force = false;  ///< moves an existing store in the data directory aside
};
/// `stoa restore`: restores a backup into the store of the settings. exit_failed when the backup is
/// damaged or the target is in use; nothing has been changed then.
int run_restore(const settings& s, const restore_options& o);

struct healthcheck_options {
  bool live = false;  ///< check liveness (/livez) instead of readiness (/readyz)
  std::int64_t timeout_ms = 2000;
};
/// `stoa healthcheck`: exit_done when the server at http.listen confirms in time, else exit_failed.
int run_healthcheck(const settings& s, const healthcheck_options& o);

struct top_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node with token keys
  std::int64_t interval_ms = 1000;
  bool once = false;
  bool json = false;  ///< print the server's responses, one per line, instead of the table
};
/// `stoa top`: shows the nodes of a cluster and their partitions until interrupted. exit_failed
/// when the login is rejected, or on a failed request with `once`; exit_usage for an invalid URL.
int run_top(const top_options& o);

struct status_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node with token keys
  bool json = false;
};
/// `stoa status`: exit_done when the store is healthy, exit_degraded, exit_unhealthy; exit_failed
/// when the login is rejected or there is no response.
int run_status(const status_options& o);

struct node_command_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node with token keys
  std::string action;                                     ///< cordon, drain, uncordon
  std::string node;
  std::int64_t wait_s = 0;  ///< until it has no partitions or requests; 0: do not wait
};
/// `stoa node ...`: exit_done on success; exit_failed when it is rejected, there is no response, or
/// the wait times out.
int run_node_command(const node_command_options& o);

struct log_level_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node with token keys
  std::string level;
  std::string node;
  std::int64_t duration_s = 0;  ///< 0: until the node's next start
};
/// `stoa log-level`: exit codes like run_node_command.
int run_log_level(const log_level_options& o);

/// Defines the command lines of the subcommands.
class subcommands {
 public:
  /// Adds the subcommands to the program's parser, which must outlive this.
  explicit subcommands(CLI::App& app);
  ~subcommands();
  subcommands(const subcommands&) = delete;
  subcommands& operator=(const subcommands&) = delete;

  /// Runs the parsed subcommand and returns its exit code; nothing when it is another one.
  std::optional<int> run(const settings& s) const;
  /// Settings of which the parsed subcommand has other values than the store, unless a flag gives
  /// them.
  std::vector<config::given_flag> own_values() const;

 private:
  void add_import(CLI::App& app);
  void add_export(CLI::App& app);
  void add_demo(CLI::App& app);
  void add_user(CLI::App& app);
  void add_keys(CLI::App& app);
  void add_store(CLI::App& app);
  void add_backup(CLI::App& app);
  void add_healthcheck(CLI::App& app);
  void add_top(CLI::App& app);
  void add_status(CLI::App& app);
  void add_node_commands(CLI::App& app);
  void add_log_level(CLI::App& app);

  import_options import_;
  export_options export_;
  std::string export_since_;
  std::string export_status_;
  demo_options demo_;
  new_user_options user_;
  adopt_options adopt_;
  backup_options backup_;
  restore_options restore_;
  rotate_options rotate_;
  healthcheck_options healthcheck_;
  top_options top_;
  status_options status_;
  node_command_options node_;
  log_level_options log_level_;
  struct entry {
    CLI::App* parsed;
    std::function<int(const settings&)> run;
    std::vector<config::given_flag> own_values{};
  };
  std::vector<entry> entries_;
};

}  // namespace stoa::cli
