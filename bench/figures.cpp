#include "bench/figures.hpp"

#include "storage/base/json_write.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sys/utsname.h>
#include <thread>

namespace stoa::bench {
namespace {

std::string proc_value(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find_first_not_of(" \t", line.find(':') + 1);
    return at == std::string::npos ? std::string() : line.substr(at);
  }
  return {};
}

}  // namespace

std::string figures::text() {
  std::string out =
      fmt::format("{:.0f} {}/s ({} in {:.1f} s)\n", per_second(), name, done, seconds);
  out += fmt::format("  {:<18}{:>10}{:>10}{:>10}{:>10}  ms\n", "", "p50", "p90", "p99", "max");
  for (auto& [step, times] : steps) {
    out += fmt::format("  {:<18}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}\n", step,
                       times.percentile_ms(0.5), times.percentile_ms(0.9),
                       times.percentile_ms(0.99), times.percentile_ms(1));
  }
  for (const auto& [outcome, many] : outcomes) out += fmt::format("  {}: {}\n", outcome, many);
  for (const auto& e : errors) out += "  error: " + e + "\n";
  return out;
}

std::string figures::json() {
  std::string out = fmt::format(R"({{"name":{},"per_second":{:.1f},"done":{},"seconds":{:.2f})",
                                json::write(name), per_second(), done, seconds);
  out += R"(,"latency_ms":{)";
  bool first = true;
  for (auto& [step, times] : steps) {
    out += fmt::format(R"({}{}:{{"p50":{:.3f},"p90":{:.3f},"p99":{:.3f},"max":{:.3f}}})",
                       first ? "" : ",", json::write(step), times.percentile_ms(0.5),
                       times.percentile_ms(0.9), times.percentile_ms(0.99), times.percentile_ms(1));
    first = false;
  }
  out += R"(},"outcomes":{)";
  first = true;
  for (const auto& [outcome, many] : outcomes) {
    out += fmt::format("{}{}:{}", first ? "" : ",", json::write(outcome), many);
    first = false;
  }
  out += R"(},"errors":[)";
  for (std::size_t i = 0; i < errors.size(); ++i) out += (i ? "," : "") + json::write(errors[i]);
  return out + R"(],"machine":)" + json::write(machine()) + "}";
}

std::string machine() {
  utsname system{};
  ::uname(&system);
  const auto memory_kb = std::atof(proc_value("/proc/meminfo", "MemTotal").c_str());
  return fmt::format("{} cores of {}, {:.1f} GiB memory, {} {}",
                     std::thread::hardware_concurrency(), proc_value("/proc/cpuinfo", "model name"),
                     memory_kb / 1048576, system.sysname, system.release);
}

void show_progress(std::string_view line) {
  fmt::print(stderr, "\r\033[K{}", line);
  std::fflush(stderr);
}

void end_progress() {
  fmt::print(stderr, "\r\033[K");
}

}  // namespace stoa::bench
