#include "bench/contest.hpp"

#include "storage/base/json_write.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace stoa::bench {
namespace {

double median(std::vector<double> all) {
  if (all.empty()) return 0;
  std::sort(all.begin(), all.end());
  const auto half = all.size() / 2;
  return all.size() % 2 == 1 ? all[half] : (all[half - 1] + all[half]) / 2;
}

std::string measured(double figure) {
  return figure > 0 ? fmt::format("{:.{}f}", figure, figure < 100 ? 2 : 0) : "-";
}

struct process_times {
  pid_t parent = 0;
  double own_s = 0;
  double ended_children_s = 0;
};

/// The fields after the name in /proc/PID/stat (proc(5)); the name may contain any character.
process_times times_of(const std::filesystem::path& folder) {
  std::ifstream in(folder / "stat");
  std::string line;
  std::getline(in, line);
  const auto name_end = line.rfind(") ");
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 2));
  process_times found;
  std::string state;
  fields >> state >> found.parent;
  std::string skipped;
  for (int field = 5; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0, children_user = 0, children_system = 0;
  fields >> user >> system >> children_user >> children_system;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  found.own_s = (user + system) / ticks;
  found.ended_children_s = (children_user + children_system) / ticks;
  return found;
}

}  // namespace

double contender::rate() const {
  return median(rates);
}

double rate_ratio(const contender& a, const contender& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.rates.size(), b.rates.size()); ++i) {
    if (b.rates[i] > 0) ratios.push_back(a.rates[i] / b.rates[i]);
  }
  return median(std::move(ratios));
}

std::string contest_text(std::span<contender> all, std::span<const goal> goals,
                         const std::string& unit) {
  std::string out = fmt::format("  {:<44}{:>9}{:>9}{:>9}{:>11}{:>11}\n", "", unit + "/s", "p50 ms",
                                "p99 ms", "CPU us", "servers us");
  for (auto& c : all) {
    out += fmt::format("  {:<44}{:>9.0f}{:>9}{:>9}{:>11.0f}{:>11}{}\n", c.name, c.rate(),
                       measured(c.times.percentile_ms(0.5)), measured(c.times.percentile_ms(0.99)),
                       c.program_cpu_us(), measured(c.servers_cpu_us()),
                       c.note.empty() ? "" : "  " + c.note);
  }
  for (const auto& g : goals) {
    out += fmt::format("  {}: {:.2f} (goal: {} {:g}, {})\n", g.what, g.ratio,
                       g.kind == goal::at_least ? "at least" : "at most", g.limit,
                       g.reached() ? "reached" : "MISSED");
  }
  return out;
}

std::string contest_json(std::span<contender> all, std::span<const goal> goals,
                         const std::string& unit) {
  std::string out = fmt::format(R"({{"unit":{},"contenders":[)", json::write(unit));
  for (auto& c : all) {
    out += fmt::format(
        R"({}{{"name":{},"per_second":{:.1f},"p50_ms":{:.3f},"p99_ms":{:.3f},)"
        R"("program_cpu_us":{:.1f},"servers_cpu_us":{:.1f},"note":{},"rounds":[{:.1f}]}})",
        &c == all.data() ? "" : ",", json::write(c.name), c.rate(), c.times.percentile_ms(0.5),
        c.times.percentile_ms(0.99), c.program_cpu_us(), c.servers_cpu_us(), json::write(c.note),
        fmt::join(c.rates, ","));
  }
  out += R"(],"goals":[)";
  for (const auto& g : goals) {
    out += fmt::format(R"({}{{"what":{},"ratio":{:.3f},"{}":{:g},"reached":{}}})",
                       &g == goals.data() ? "" : ",", json::write(g.what), g.ratio,
                       g.kind == goal::at_least ? "at_least" : "at_most", g.limit, g.reached());
  }
  return out + "]}";
}

double cpu_seconds(pid_t pid) {
  const auto found = times_of(std::filesystem::path("/proc") / std::to_string(pid));
  return found.own_s + found.ended_children_s;
}

double postgres_cpu_seconds(const std::filesystem::path& data) {
  pid_t pid = 0;
  std::ifstream(data / "postmaster.pid") >> pid;
  if (pid == 0) return 0;
  double sum = cpu_seconds(pid);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto found = times_of(entry.path());
    if (found.parent == pid) sum += found.own_s + found.ended_children_s;
  }
  return sum;
}

}  // namespace stoa::bench
