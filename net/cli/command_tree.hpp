#pragma once
// The commands, options and settings as plain data, read from the parser and the settings table;
// the source of completion scripts and manual pages.

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace stoa::cli {

struct option_text {
  std::vector<std::string> names;  ///< "--role"; for a positional its name: "FILE"
  std::string help;
  std::string value;                 ///< placeholder of the value: "TEXT"; empty: a flag
  std::vector<std::string> choices;  ///< allowed values, if they are few; for a flag, its
                                     ///< optional values
  std::string standard;              ///< default value, if any
  bool required = false;
};

struct command_text {
  std::string name;  ///< "create"
  std::string path;  ///< "stoa user create"
  std::string help;
  std::string footer;
  std::vector<option_text> options;  ///< without the settings, which apply to all commands
  std::vector<option_text> positionals;
  std::vector<command_text> commands;
};

command_text describe(const CLI::App& app, const std::string& parent = {});

/// The settings' flags, and --config.
std::vector<option_text> setting_flags();

/// The command and all its subcommands, parents first.
std::vector<const command_text*> all_commands(const command_text& root);

/// A completion script for commands, flags and values. `shell`: bash, zsh or fish.
std::string completion_script(const command_text& root, const std::string& shell);

struct man_page {
  std::string name;  ///< "stoa-user-create.1"
  std::string text;  ///< roff with the macros of man(7)
};
/// stoa(1), one page for each subcommand, and stoa.conf(5) with the settings.
std::vector<man_page> man_pages(const command_text& root);

}  // namespace stoa::cli
