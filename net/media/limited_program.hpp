#pragma once
// Runs another program on untrusted input: in a separate process with limits of time, memory and
// file size, an empty environment and no open files.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace stoa::media {

struct program_limits {
  std::chrono::milliseconds time{30'000};   ///< also of CPU time
  std::uint64_t memory_bytes = 1ULL << 30;  ///< of address space
  std::uint64_t file_bytes = 64ULL << 20;   ///< of each file that it writes
};

enum class program_end {
  done,         ///< exit code 0
  failed,       ///< another exit code, or a signal: it may have reached a limit
  late,         ///< it was ended after the time limit
  stopped,      ///< it was ended because `is_stopping` returned true
  not_started,  ///< there is no such program, or no process could be created
};

/// `words`: the program, which is searched in PATH, and its arguments. It runs in the folder, which
/// is its TMPDIR too. Its output is discarded.
program_end run_limited(const std::vector<std::string>& words, const std::filesystem::path& folder,
                        const program_limits& limits, const std::function<bool()>& is_stopping);

/// The path of a program in PATH; empty if there is none.
std::filesystem::path find_program(const std::string& name);

}  // namespace stoa::media
