#pragma once
// Options shared by the command lines of several subcommands.

#include "config/settings.hpp"
#include "net/cli/server_options.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <utility>
#include <vector>

namespace stoa::cli {

/// Adds --url, --user and related options to a command that also works offline.
void add_server(CLI::App& command, server_options& o, const std::string& password_flag);
/// The same for a command that always needs a server, any node of a cluster.
void add_node(CLI::App& command, server_options& server);

/// Subcommands and their actions.
using command_list = std::vector<std::pair<CLI::App*, std::function<int(const settings&)>>>;
/// Adds `check`, `order`, `payments` and `dead-letters`.
command_list add_repair_commands(CLI::App& app);
/// Adds `notifications`.
command_list add_notification_commands(CLI::App& app);
/// Adds `search`.
command_list add_search_commands(CLI::App& app);
/// Adds `gateway-simulator`.
command_list add_gateway_simulator(CLI::App& app);

}  // namespace stoa::cli
