#pragma once
// What is wrong with a command line, in words that help.

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace stoa::cli {

/// The first subcommand or flag of the arguments that does not exist, with the nearest one that
/// does: `there is no subcommand "improt"; did you mean import?`. Empty when all exist.
std::string find_unknown(const CLI::App& root, const std::vector<std::string>& args);

}  // namespace stoa::cli
