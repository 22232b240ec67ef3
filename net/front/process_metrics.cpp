#include "net/front/process_metrics.hpp"

#include <prometheus/metric_family.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace stoa::front {

namespace {

using prometheus::MetricType;

void add(std::vector<prometheus::MetricFamily>& families, const char* name, const char* help,
         MetricType type, double value) {
  prometheus::ClientMetric m;
  if (type == MetricType::Counter) {
    m.counter.value = value;
  } else {
    m.gauge.value = value;
  }
  families.push_back({name, help, type, {m}});
}

/// CPU time, memory and start time from /proc/self/stat (proc(5)); in clock ticks, bytes and pages.
struct process_stat {
  double user_ticks = 0;
  double system_ticks = 0;
  double start_ticks = 0;
  double virtual_bytes = 0;
  double resident_pages = 0;
};

std::optional<process_stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The second field is the program name in parentheses, which may contain anything.
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  const auto skip = [&](int count) {
    for (int i = 0; i < count; ++i) fields >> skipped;
  };
  process_stat s;
  skip(11);  // fields 3 to 13
  fields >> s.user_ticks >> s.system_ticks;
  skip(6);  // fields 16 to 21
  fields >> s.start_ticks >> s.virtual_bytes >> s.resident_pages;
  if (!fields) return std::nullopt;
  return s;
}

/// Boot time of the machine, in Unix time.
std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("btime ")) continue;
    double seconds = 0;
    std::istringstream(line.substr(6)) >> seconds;
    return seconds;
  }
  return std::nullopt;
}

std::optional<double> open_files() {
  std::error_code error;
  auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
  double count = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  if (error || count < 1) return std::nullopt;
  return count - 1;  // excluding the descriptor of the directory itself
}

}  // namespace

void collect_process(std::vector<prometheus::MetricFamily>& families) {
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (const auto s = read_stat()) {
    add(families, "process_cpu_seconds_total", "CPU time of the process", MetricType::Counter,
        (s->user_ticks + s->system_ticks) / ticks);
    add(families, "process_resident_memory_bytes", "Resident memory size", MetricType::Gauge,
        s->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
    add(families, "process_virtual_memory_bytes", "Virtual memory size", MetricType::Gauge,
        s->virtual_bytes);
    if (const auto boot = boot_time()) {
      add(families, "process_start_time_seconds", "Start time of the process, in Unix time",
          MetricType::Gauge, *boot + s->start_ticks / ticks);
    }
  }
  if (const auto files = open_files()) {
    add(families, "process_open_fds", "Open file descriptors", MetricType::Gauge, *files);
  }
  if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add(families, "process_max_fds", "Maximum number of open file descriptors", MetricType::Gauge,
        static_cast<double>(limit.rlim_cur));
  }
  prometheus::ClientMetric build;
  build.label = {{"version", STOA_VERSION}, {"compiler", "gcc " __VERSION__}};
  build.gauge.value = 1;
  families.push_back(
      {"stoa_build_info", "The program's version; always 1", MetricType::Gauge, {build}});
}

}  // namespace stoa::front
