#pragma once
// Helpful errors for invalid command lines.

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace stoa::cli {

/// The result of checking the arguments.
struct usage {
  const CLI::App* command;  ///< the last subcommand in the arguments
  /// The first unknown subcommand, flag or argument, with the closest match: `unknown subcommand
  /// "improt"; did you mean import?`. Or a flag without its value.
  std::string error{};
};
usage check_arguments(const CLI::App& root, const std::vector<std::string>& args);

/// "stoa user create".
std::string path_of(const CLI::App& app);

/// Quoted and shortened; masked, because a mistyped word may be a URL with a password.
std::string shown(const std::string& word);

}  // namespace stoa::cli
