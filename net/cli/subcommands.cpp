#include "net/cli/subcommands.hpp"

#include "net/cli/file_commands.hpp"
#include "net/cli/gateway_simulator.hpp"
#include "net/cli/subcommand_parts.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>

namespace stoa::cli {

namespace {

constexpr const char* data_footer =
    "The store is that of --data DIR (STOA_DATA_DIR, default ./stoa-data). It must not be served\n"
    "at the same time. Prices are in --store-currency. `stoa --help` lists all settings.";
constexpr const char* server_footer =
    "The store is that of --data DIR (STOA_DATA_DIR, default ./stoa-data), which must not be\n"
    "served at the same time, or with --url that of a running server. `stoa --help` lists all\n"
    "settings.";
constexpr const char* export_footer =
    "The store is that of --data DIR (STOA_DATA_DIR, default ./stoa-data), which may be served\n"
    "at the same time, or with --url that of a running server. `stoa --help` lists all\n"
    "settings.";
constexpr const char* certificate_footer =
    "A certificate of https:// must be valid for the host; SSL_CERT_FILE adds certificate\n"
    "authorities.";
constexpr const char* token_help = "File whose first line is an access token, instead of --user";
constexpr const char* login_password_help =
    "File whose first line is the password of --user; default: STOA_PASSWORD, or a prompt";

constexpr std::uint64_t demo_products_max = 1'000'000;
constexpr std::int64_t demo_stock_max = 1'000'000'000;
constexpr std::int64_t healthcheck_timeout_ms_max = 60'000;
constexpr std::int64_t top_interval_ms_min = 100;
constexpr std::int64_t top_interval_ms_max = 3'600'000;
constexpr std::int64_t seconds_max = 86'400;

std::string times_only(const std::string& text) {
  return timestamp::parse(text) ? "" : "\"" + text + "\" is not a time of RFC 3339";
}

/// The parser would wrap "-1" to the largest number.
std::string digits_only(const std::string& text) {
  bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? "" : "\"" + text + "\" is not a non-negative integer";
}

}  // namespace

void add_server(CLI::App& command, server_options& o, const std::string& password_flag) {
  auto* url = command.add_option("--url", o.url, "Use the server at http:// or https:// host:port");
  auto* user = command.add_option("--user", o.user, "User name or email address to log in with");
  auto* password = command.add_option(password_flag, o.password_file, login_password_help);
  auto* token = command.add_option("--token-file", o.token_file, token_help);
  user->needs(url);
  token->needs(url);
  password->needs(user);
  token->excludes(user);
}

void add_node(CLI::App& command, server_options& server) {
  command.add_option("--url", server.url, "http:// or https:// and host:port of a node")
      ->capture_default_str();
  auto* user =
      command.add_option("--user", server.user, "User name or email address to log in with");
  auto* password = command.add_option("--password-file", server.password_file, login_password_help);
  auto* token = command.add_option("--token-file", server.token_file, token_help);
  password->needs(user);
  token->excludes(user);
}

subcommands::subcommands(CLI::App& app) {
  add_import(app);
  add_export(app);
  add_demo(app);
  add_user(app);
  add_keys(app);
  add_store(app);
  for (auto& [parsed, run] : add_repair_commands(app)) entries_.push_back({parsed, run});
  for (auto& [parsed, run] : add_notification_commands(app)) entries_.push_back({parsed, run});
  for (auto& [parsed, run] : add_search_commands(app)) entries_.push_back({parsed, run});
  for (auto& [parsed, run] : add_gateway_simulator(app)) {
    entries_.push_back({parsed, run, gateway_simulator_values()});
  }
  add_backup(app);
  add_healthcheck(app);
  add_top(app);
  add_status(app);
  add_node_commands(app);
  add_log_level(app);
}

subcommands::~subcommands() = default;

std::optional<int> subcommands::run(const settings& s) const {
  for (const auto& e : entries_) {
    if (e.parsed->parsed()) return e.run(s);
  }
  return std::nullopt;
}

std::vector<config::given_flag> subcommands::own_values() const {
  for (const auto& e : entries_) {
    if (e.parsed->parsed()) return e.own_values;
  }
  return {};
}

void subcommands::add_import(CLI::App& app) {
  auto* group = app.add_subcommand("import", "Import a file into the catalogue");
  group->require_subcommand(1);
  for (const auto& c : file_commands()) {
    auto* one = group->add_subcommand(std::string(enum_name(c.format)), c.import_help);
    one->add_option("FILE", import_.file, c.file_help)->required();
    one->add_flag("--set-stock", import_.set_stock,
                  "Also set the stock of existing products.\n"
                  "By default the file's quantities apply only to products created or restored by "
                  "the import");
    one->add_flag("--dry-run", import_.dry_run,
                  "Change nothing; list what the import would change");
    add_server(*one, import_.server, "--password-file");
    one->footer(c.import_footer + std::string(server_footer));
    entries_.push_back({one, [this, format = c.format](const settings& s) {
                          auto o = import_;
                          o.format = format;
                          return run_import(s, o);
                        }});
  }
}

void subcommands::add_export(CLI::App& app) {
  auto* group = app.add_subcommand("export", "Export the catalogue to a file");
  group->require_subcommand(1);
  for (const auto& c : file_commands()) {
    auto* one = group->add_subcommand(std::string(enum_name(c.format)), c.export_help);
    one->add_option("FILE", export_.file,
                    "Output file, replaced if it exists; - is standard output")
        ->capture_default_str();
    one->add_option("--updated-since", export_since_,
                    "Only products that have changed since then, such as 2026-01-31T00:00:00Z")
        ->check(times_only);
    one->add_option("--status", export_status_, "Only products with this status")
        ->check(CLI::IsMember({"Draft", "Active", "Archived"}));
    add_server(*one, export_.server, "--password-file");
    one->footer(c.export_footer + std::string(export_footer));
    entries_.push_back({one, [this, format = c.format](const settings& s) {
                          auto o = export_;
                          o.format = format;
                          o.selected = {timestamp::parse(export_since_),
                                        enum_value<catalog::product_status>(export_status_)};
                          return run_export(s, o);
                        }});
  }
}

void subcommands::add_demo(CLI::App& app) {
  auto* demo = app.add_subcommand(
      "demo",
      "Load a generated demo store. The same seed always produces the same store, and a larger\n"
      "store of a seed contains the smaller ones. A store with other products is rejected.");
  demo->add_option("--products", demo_.products, "Number of products")
      ->check(CLI::Range(std::uint64_t{1}, demo_products_max))
      ->capture_default_str();
  demo->add_option("--stock", demo_.stock, "Units of each product or variant")
      ->check(CLI::Range(std::int64_t{0}, demo_stock_max))
      ->capture_default_str();
  demo->add_option("--seed", demo_.seed, "Seed of the generator")
      ->check(digits_only)
      ->capture_default_str();
  demo->footer(data_footer);
  entries_.push_back({demo, [this](const settings& s) { return run_demo(s, demo_); }});
}

void subcommands::add_user(CLI::App& app) {
  auto* group = app.add_subcommand("user", "Manage user accounts");
  group->require_subcommand(1);
  auto* create = group->add_subcommand(
      "create",
      "Create a user, such as the first admin. The password is prompted for twice, or read\n"
      "from the first line of a file.");
  create->add_option("--role", user_.role, "Role of the user")
      ->check(CLI::IsMember({"admin", "staff", "customer"}))
      ->required();
  create->add_option("--username", user_.username, "User name for the login")->required();
  create->add_option("--email", user_.email, "Email address")->required();
  create->add_option("--first-name", user_.first_name, "Default: the user name");
  create->add_option("--last-name", user_.last_name, "Default: the role");
  create->add_option("--password-file", user_.password_file,
                     "File whose first line is the new user's password");
  add_server(*create, user_.server, "--user-password-file");
  create->footer(server_footer);
  entries_.push_back({create, [this](const settings& s) { return run_user_create(s, user_); }});
}

void subcommands::add_keys(CLI::App& app) {
  auto* group =
      app.add_subcommand("keys", "Create, rotate and list the keys of the store and its nodes");
  group->require_subcommand(1);
  auto* create = group->add_subcommand(
      "create",
      "Create the server's secret and the token key in --auth-keys-dir, if they are missing.\n"
      "All nodes of a cluster need the same keys. A node without keys creates its own.");
  entries_.push_back({create, [](const settings& s) { return run_keys_create(s); }});
  auto* rotate = group->add_subcommand(
      "rotate",
      "Rotate a key in steps. Nodes detect each step within seconds. Run the command again for\n"
      "the next step when all nodes have read the files (docs/deployment.md).");
  rotate
      ->add_option("--kind", rotate_.kind,
                   "tokens: the key that signs access tokens;\n"
                   "cluster: the secret shared by the nodes;\n"
                   "events: the key that signs events on the broker")
      ->check(CLI::IsMember({"tokens", "cluster", "events"}))
      ->capture_default_str();
  rotate->add_flag(
      "--now", rotate_.now,
      "With tokens, when the previous key has leaked: remove it although tokens signed by it\n"
      "have not expired; they become invalid");
  entries_.push_back({rotate, [this](const settings& s) { return run_keys_rotate(s, rotate_); }});
  auto* list = group->add_subcommand("list", "List the ids of the keys and which ones are in use.");
  entries_.push_back({list, [](const settings& s) { return run_keys_list(s); }});
}

void subcommands::add_store(CLI::App& app) {
  auto* group =
      app.add_subcommand("store", "Check the parts of the store, and recover from a loss");
  group->require_subcommand(1);
  auto* check = group->add_subcommand(
      "check", "List the files of the store with the id in each, and any problems.");
  auto* adopt = group->add_subcommand(
      "adopt",
      "After parts of a store were lost, make the remaining parts one store, that of the server's\n"
      "secret. The next start creates the lost parts empty. Only when there is no backup.");
  adopt->add_flag("--accept-loss", adopt_.accept_loss, "Discard the data of the missing parts");
  adopt
      ->add_option("--service", adopt_.service,
                   "Only the shared database of this service; nodes may be running")
      ->type_name("NAME");
  check->footer("Exit code: 0 the store can be served, 1 it cannot.\n\n" +
                std::string(data_footer));
  adopt->footer(data_footer);
  auto* accept = group->add_subcommand(
      "accept-settings",
      "Accept these settings for all nodes of the store from now on: cart.store, events.bus and\n"
      "the others that must be equal on all nodes. Stop all nodes first.");
  accept->footer("Exit code: 0 done, 1 a node is running, 3 a database could not be changed.");
  entries_.push_back({accept, [](const settings& s) { return run_store_accept_settings(s); }});
  entries_.push_back({check, [](const settings& s) { return run_store_check(s); }});
  entries_.push_back({adopt, [this](const settings& s) { return run_store_adopt(s, adopt_); }});
}

void subcommands::add_healthcheck(CLI::App& app) {
  auto* check = app.add_subcommand(
      "healthcheck", "Check whether the server on this machine, at --listen, is ready.");
  check->footer("Exit code: 0 yes, 1 no or no response.");
  check->add_flag("--live", healthcheck_.live, "Only check whether it is alive (/livez)");
  check->add_option("--timeout-ms", healthcheck_.timeout_ms, "Timeout of the request")
      ->check(CLI::Range(std::int64_t{1}, healthcheck_timeout_ms_max))
      ->capture_default_str();
  entries_.push_back(
      {check, [this](const settings& s) { return run_healthcheck(s, healthcheck_); }});
}

void subcommands::add_top(CLI::App& app) {
  auto* top = app.add_subcommand(
      "top",
      "Monitor the nodes of a cluster: partitions, load and backlogs. Queries one node, which\n"
      "knows the others, with a staff login. Quit with q or Ctrl-C.");
  add_node(*top, top_.server);
  top->add_option("--interval-ms", top_.interval_ms, "Refresh interval")
      ->check(CLI::Range(top_interval_ms_min, top_interval_ms_max))
      ->capture_default_str();
  top->add_flag("--once", top_.once, "Print once (the table after one interval, to show rates)");
  top->add_flag("--json", top_.json, "Print the node's responses, one per line");
  top->footer("Exit code: 0, or 1 when the login is rejected or --once gets no response.\n\n" +
              std::string(certificate_footer));
  entries_.push_back({top, [this](const settings&) { return run_top(top_); }});
}

void subcommands::add_status(CLI::App& app) {
  auto* status = app.add_subcommand(
      "status",
      "Report once whether a running store is healthy: services without an owner or a database,\n"
      "orders and emails that are pending for too long, events that could not be applied, nodes\n"
      "that differ. Queries one node, which knows the others, with a staff login.\n"
      "docs/operations.md says what to do about each finding.");
  add_node(*status, status_.server);
  status->add_flag("--json", status_.json, "Print one JSON document instead of the tables");
  status->footer(
      "Exit code: 0 healthy, 3 degraded (the store works but needs attention), 4 unhealthy (some\n"
      "requests fail), 1 the login is rejected or there is no response.\n\n" +
      std::string(certificate_footer));
  entries_.push_back({status, [this](const settings&) { return run_status(status_); }});
}

void subcommands::add_node_commands(CLI::App& app) {
  auto* group = app.add_subcommand("node", "Cordon, drain or uncordon a node of a running cluster");
  group->require_subcommand(1);
  const auto add = [&](const char* action, const char* help) {
    auto* command = group->add_subcommand(action, help);
    command->add_option("NODE", node_.node, "The node's name, as `stoa top` shows it")->required();
    add_node(*command, node_.server);
    if (std::string_view(action) != "uncordon") {
      command
          ->add_option("--wait-s", node_.wait_s,
                       "Seconds to wait until it has no partitions and no requests in flight")
          ->check(CLI::Range(std::int64_t{0}, seconds_max))
          ->capture_default_str();
    }
    command->footer("Exit code: 0, or 1 when it is rejected or the wait times out.\n\n" +
                    std::string(certificate_footer));
    entries_.push_back({command, [this, action](const settings&) {
                          node_.action = action;
                          return run_node_command(node_);
                        }});
  };
  add("cordon",
      "Have the node hand its partitions over to other nodes that run the services, and take no\n"
      "new ones. It keeps serving requests. Ends with uncordon or the node's next start.");
  add("drain",
      "Cordon the node and have it report not ready, so that load balancers stop using it.");
  add("uncordon", "End a cordon or drain.");
}

void subcommands::add_log_level(CLI::App& app) {
  auto* command = app.add_subcommand("log-level", "Change the log level of a node while it runs.");
  command->add_option("LEVEL", log_level_.level, "Minimum level of logged events")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
      ->required();
  command->add_option("NODE", log_level_.node, "The node's name, as `stoa top` shows it")
      ->required();
  add_node(*command, log_level_.server);
  command
      ->add_option("--for-s", log_level_.duration_s,
                   "Seconds until the level of the settings applies again; 0: at the next start")
      ->check(CLI::Range(std::int64_t{0}, seconds_max))
      ->capture_default_str();
  command->footer("Exit code: 0, or 1 when it is rejected.\n\n" + std::string(certificate_footer));
  entries_.push_back({command, [this](const settings&) { return run_log_level(log_level_); }});
}

}  // namespace stoa::cli
