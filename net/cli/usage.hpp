#pragma once
// What is wrong with a command line, in words that help.

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace stoa::cli {

/// What the arguments come to.
struct usage {
  const CLI::App* command;  ///< the last subcommand that they name
  /// The first subcommand, flag or argument that does not exist, with the nearest one that does:
  /// `there is no subcommand "improt"; did you mean import?`. Or a flag that lacks its value.
  std::string error{};
};
usage look_at(const CLI::App& root, const std::vector<std::string>& args);

/// "stoa user create".
std::string path_of(const CLI::App& app);

/// In quotes. A mistyped word may be a URL with a password, or a text of any length.
std::string shown(const std::string& word);

}  // namespace stoa::cli
