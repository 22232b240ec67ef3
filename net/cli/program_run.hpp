#pragma once
// Another program, run to its end.

#include <string>
#include <utility>
#include <vector>

namespace stoa::cli {

struct program_call {
  std::vector<std::string> words;  ///< its name, looked up in PATH, or path, and its arguments
  /// Replaces variables of the same name; all others are inherited.
  std::vector<std::pair<std::string, std::string>> environment{};
};

/// Its output goes to standard error. It ends with this process (PR_SET_PDEATHSIG), and has a lower
/// priority. Throws std::runtime_error when it cannot be started or ends with another code than 0.
void run_program(const program_call& call);

}  // namespace stoa::cli
