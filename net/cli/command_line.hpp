#pragma once
// The program's command line: settings flags, subcommands and their options.

#include "net/cli/commands.hpp"
#include "net/cli/subcommands.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoa::cli {

class command_line {
 public:
  /// `commit`: as from build_commit().
  explicit command_line(std::string commit);
  ~command_line();
  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  /// Parses the arguments and runs the command. Returns the exit code.
  int run(std::vector<std::string> args);

 private:
  void add_service_commands();
  void add_config();
  void add_about();
  /// Handles errors and help; returns the exit code when there is nothing to run.
  std::optional<int> parse(std::vector<std::string> args);
  /// Runs commands that need no settings.
  std::optional<int> run_about() const;
  int run_with(const config::loaded& loaded) const;
  int print_man_page() const;
  int write_man_pages() const;

  std::string commit_;
  std::unique_ptr<CLI::App> app_;
  CLI::App* serve_ = nullptr;
  CLI::App* migrate_ = nullptr;
  std::unique_ptr<subcommands> others_;
  CLI::App* print_ = nullptr;
  CLI::App* check_ = nullptr;
  CLI::App* version_ = nullptr;
  CLI::App* completion_ = nullptr;
  CLI::App* man_ = nullptr;
  bool json_ = false;
  bool verbose_ = false;
  std::string shell_;
  std::vector<std::string> page_;
  std::string man_dir_;
  std::vector<std::string> help_of_;
};

}  // namespace stoa::cli
