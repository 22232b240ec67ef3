#pragma once
// Runs external programs.

#include <string>
#include <utility>
#include <vector>

namespace stoa::cli {

struct program_call {
  std::vector<std::string> words;  ///< program (a path, or a name looked up in PATH) and arguments
  /// Replaces variables of the same name; all others are inherited.
  std::vector<std::pair<std::string, std::string>> environment{};
};

/// Runs the program at a lower priority, with its output on standard error, and waits for it. It is
/// killed when this process ends (PR_SET_PDEATHSIG). Throws std::runtime_error when it cannot be
/// started or its exit code is not 0.
void run_program(const program_call& call);

}  // namespace stoa::cli
