#pragma once
// The subcommands beside `serve`: import, export, demo and user work on a store which is not being
// served, and all but demo through the API of one that is (--url); keys, healthcheck, status and
// top help to run it.

#include "config/settings.hpp"
#include "net/cli/server_options.hpp"

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
  std::string file;  ///< "-": standard input
  bool set_stock = false;
  bool dry_run = false;
  server_options server;
};
/// `stoa import shopify`. exit_partly when rows were skipped, exit_failed when none could be read.
int run_import_shopify(const settings& s, const import_options& o);

struct export_options {
  std::string file = "-";  ///< "-": standard output
  server_options server;
};
/// `stoa export shopify`. exit_partly when a product cannot stand in a file.
int run_export_shopify(const settings& s, const export_options& o);

struct demo_options {
  std::size_t products = 200;
  std::int64_t stock = 100;
  std::uint64_t seed = 1;
};
/// `stoa demo`. exit_failed when the store has other products than this demo's.
int run_demo(const settings& s, const demo_options& o);

struct new_user_options {
  std::string role = "customer";
  std::string username;
  std::string email;
  std::string first_name;     ///< empty: the user name
  std::string last_name;      ///< empty: the role
  std::string password_file;  ///< empty: asked for
  server_options server;
};
/// `stoa user create`. exit_failed when the name is taken or a value is not acceptable.
int run_user_create(const settings& s, const new_user_options& o);

/// `stoa keys create`: the server's secret and the token key, where they are missing, in
/// auth.keys_dir. exit_failed when they cannot be made, or are there and not good.
int run_keys_create(const settings& s);
struct rotate_options {
  std::string kind = "tokens";  ///< or "cluster", "events"
  bool now = false;             ///< do not wait until the last token of the key before has expired
};
/// `stoa keys rotate`: the next step of changing the keys of that kind.
int run_keys_rotate(const settings& s, const rotate_options& o);
/// `stoa keys list`: the ids of all keys in the files, and which of each kind is used.
int run_keys_list(const settings& s);

/// `stoa store check`: the store's parts and what is wrong with them. exit_failed when the store
/// would not be opened.
int run_store_check(const settings& s);
struct adopt_options {
  bool accept_loss = false;
  std::string service;  ///< only its shared database, while nodes run; empty: all parts
};
/// `stoa store adopt`: makes all parts that are there one store, that of the server's secret, and
/// forgets those that are missing. exit_usage without `accept_loss`, exit_failed when a part is
/// damaged, exit_partly when a shared database could not be changed.
int run_store_adopt(const settings& s, const adopt_options& o);
/// `stoa store accept-settings`: the store's shared databases learn the settings that all nodes
/// have in common. exit_failed when a node runs, exit_partly when a database could not be changed.
int run_store_accept_settings(const settings& s);

struct backup_options {
  std::string dir;  ///< created; must not exist, or be empty
  bool without_keys = false;
  std::int64_t mb_per_second = 64;  ///< of copies of SQLite files
};
/// `stoa backup`: copies the databases as of one moment, while they are served or not.
int run_backup(const settings& s, const backup_options& o);

struct restore_options {
  std::string dir;
  bool check_only = false;
  bool force = false;  ///< moves a store that is in the data directory aside
};
/// `stoa restore`: makes a backup the store of the settings. exit_failed when the backup is damaged
/// or something is in the way; nothing has been changed then.
int run_restore(const settings& s, const restore_options& o);

struct healthcheck_options {
  bool live = false;  ///< ask whether it lives (/livez) and not whether it is ready (/readyz)
  std::int64_t timeout_ms = 2000;
};
/// `stoa healthcheck`: exit_done when the server at http.listen says yes in time, else exit_failed.
int run_healthcheck(const settings& s, const healthcheck_options& o);

struct top_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node that has keys for tokens
  std::int64_t interval_ms = 1000;
  bool once = false;
  bool json = false;  ///< the server's answers, one a line, in place of the table
};
/// `stoa top`: the nodes of a cluster and their partitions, again and again until it is
/// interrupted. exit_failed when the login is refused, or nothing is to be had with `once`;
/// exit_usage for a bad URL.
int run_top(const top_options& o);

struct status_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node that has keys for tokens
  bool json = false;
};
/// `stoa status`: exit_done when the store is healthy, exit_degraded, exit_unhealthy; exit_failed
/// when the login is refused or there is no answer.
int run_status(const status_options& o);

struct node_command_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node that has keys for tokens
  std::string action;                                     ///< cordon, drain, uncordon
  std::string node;
  std::int64_t wait_s = 0;  ///< for its partitions to be gone and its requests answered; 0: not
};
/// `stoa node ...`: exit_done when the node does it; exit_failed when it is refused, there is no
/// answer, or the wait is over.
int run_node_command(const node_command_options& o);

struct log_level_options {
  server_options server{.url = "http://127.0.0.1:8080"};  ///< any node that has keys for tokens
  std::string level;
  std::string node;
  std::int64_t duration_s = 0;  ///< 0: until the node's next start
};
/// `stoa log-level`: exit codes as of run_node_command.
int run_log_level(const log_level_options& o);

/// Their command lines.
class subcommands {
 public:
  /// Adds the subcommands to the program's parser, which must outlive this.
  explicit subcommands(CLI::App& app);
  ~subcommands();
  subcommands(const subcommands&) = delete;
  subcommands& operator=(const subcommands&) = delete;

  /// Runs the one that was parsed and returns the exit code; nothing when it was none of them.
  std::optional<int> run(const settings& s) const;

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
  };
  std::vector<entry> entries_;
};

}  // namespace stoa::cli
