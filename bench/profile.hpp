#pragma once
// Flame graphs of the server, from stacks that perf samples.

#include <filesystem>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>

namespace stoa::bench {

struct profile_options {
  std::filesystem::path program;  ///< stoa
  std::filesystem::path folder = "flame-graphs";
  int seconds = 5;
  int concurrency = 32;
};

/// A function with the samples of it and of what it called.
struct frame {
  std::uint64_t samples = 0;
  std::map<std::string, std::unique_ptr<frame>> callees;
};

/// Adds the stacks in the output of `perf script -F comm,ip,sym`, by thread name.
void read_stacks(std::istream& in, frame& root);
/// Writes them as SVG: a frame is as wide as its samples, callers are below. Opens without other
/// files.
void write_flame_graph(std::ostream& out, const frame& root, const std::string& title);

/// Writes purchase.svg and read.svg. Returns the exit code; prints what is missing.
int run_profile(const profile_options& options);

}  // namespace stoa::bench
